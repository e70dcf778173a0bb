using Streaming.Models.Encoding;

namespace Streaming.Grains.Subjects;

/// <summary>A shipment as a warning names it.</summary>
internal readonly record struct NamedShipment(string Receiver, string Waybill, string Substance, string Plate, long AtMs, long SentGrams, long ReceivedGrams)
{
    public static NamedShipment Of(Shipment shipment) =>
        new(shipment.Receiver, shipment.Waybill, shipment.Substance, shipment.Plate, shipment.AtMs, shipment.SentGrams, shipment.ReceivedGrams);

    public bool IsOf(Shipment shipment) => Receiver == shipment.Receiver && Waybill == shipment.Waybill && Substance == shipment.Substance;
}

/// <summary>The shipments that one open warning is about: how many, and the newest by name.</summary>
internal sealed class ShipmentTrouble
{
    private readonly List<NamedShipment> named = [];

    /// <summary>Rises when a case is closed: what was in trouble before is settled.</summary>
    private long era = 1;

    public long Count { get; private set; }

    /// <summary>The newest last.</summary>
    public IReadOnlyList<NamedShipment> Named => named;

    /// <summary>Takes a shipment in, or its new figures; false where nothing of it changed, or it was settled.</summary>
    public bool Enter(Shipment shipment, bool joins)
    {
        NamedShipment now = NamedShipment.Of(shipment);
        if (joins)
        {
            Count++;
            shipment.Era = era;
        }
        else if (shipment.Era != era || named.Contains(now))
        {
            return false;
        }

        named.RemoveAll(other => other.IsOf(shipment));
        if (named.Count == GrainLimits.ShipmentsExplained)
        {
            named.RemoveAt(0);
        }

        named.Add(now);
        return true;
    }

    /// <summary>The shipment is in trouble no more; false where it was settled before.</summary>
    public bool Leave(Shipment shipment)
    {
        named.RemoveAll(other => other.IsOf(shipment));
        if (shipment.Era != era)
        {
            return false;
        }

        Count--;
        return true;
    }

    /// <summary>Somebody has looked into all of them.</summary>
    public void Settle()
    {
        era++;
        Count = 0;
        named.Clear();
    }

    public void Write(ByteWriter writer)
    {
        writer.WriteVar((ulong)era);
        writer.WriteVar((ulong)Count);
        writer.WriteVar((uint)named.Count);
        foreach (NamedShipment shipment in named)
        {
            writer.WriteText(shipment.Receiver);
            writer.WriteText(shipment.Waybill);
            writer.WriteText(shipment.Substance);
            writer.WriteText(shipment.Plate);
            writer.WriteSigned(shipment.AtMs);
            writer.WriteSigned(shipment.SentGrams);
            writer.WriteSigned(shipment.ReceivedGrams);
        }
    }

    public static ShipmentTrouble Read(scoped ref ByteReader reader)
    {
        ShipmentTrouble read = new() { era = (long)reader.ReadVar(), Count = (long)reader.ReadVar() };
        for (int left = (int)reader.ReadVar(); left > 0; left--)
        {
            read.named.Add(new NamedShipment(reader.ReadText(), reader.ReadText(), reader.ReadText(), reader.ReadText(), reader.ReadSigned(), reader.ReadSigned(), reader.ReadSigned()));
        }

        return read;
    }
}

/// <summary>A receiver that had no permit for what it was sent.</summary>
internal readonly record struct UnpermittedReceiver(string Receiver, string Substance, string Waybill, PermitStanding Standing, string Number, long EdgeMs)
{
    public void Write(ByteWriter writer)
    {
        writer.WriteText(Receiver);
        writer.WriteText(Substance);
        writer.WriteText(Waybill);
        writer.WriteByte((byte)Standing);
        writer.WriteText(Number);
        writer.WriteInt64(EdgeMs);
    }

    public static UnpermittedReceiver Read(scoped ref ByteReader reader) =>
        new(reader.ReadText(), reader.ReadText(), reader.ReadText(), (PermitStanding)reader.ReadByte(), reader.ReadText(), reader.ReadInt64());
}
