using System.Text;
using System.Text.Json;
using Streaming.Grains.Messages;
using Streaming.Grains.Turns;
using Streaming.Models.Encoding;
using Streaming.Models.Ledgers;
using Streaming.Models.Readings;

namespace Streaming.Grains.Subjects;

/// <summary>Where a shipment stands. Persisted: numbers are never reused.</summary>
internal enum ShipmentStanding : byte
{
    /// <summary>Its receiver has time still, or was asked.</summary>
    Open = 0,

    /// <summary>As much was received as was sent.</summary>
    Received = 1,

    /// <summary>Nothing was received in time, by one that reports what it receives.</summary>
    Lost = 2,

    /// <summary>Less or more was received than was sent.</summary>
    Short = 3,

    /// <summary>The receiver does not report what it receives: nothing is concluded.</summary>
    Unreported = 4,
}

/// <summary>One shipment: a waybill's goods of one substance, to one receiver.</summary>
internal sealed record Shipment
{
    public required string Receiver { get; init; }

    public required string Waybill { get; init; }

    public required string Substance { get; init; }

    public string Plate { get; set; } = "";

    /// <summary>The oldest line about it, which a warning cites.</summary>
    public long AtMs { get; set; }

    public string Source { get; set; } = "";

    public string Id { get; set; } = "";

    public string District { get; set; } = "";

    public long DueMs { get; set; }

    public long SentGrams { get; set; }

    public long ReceivedGrams { get; set; }

    public long ReceivedMs { get; set; }

    public ShipmentStanding Standing { get; set; }

    /// <summary>Which warning of its standing it is part of, by number: one that a closed case was about has it no more.</summary>
    public long Era { get; set; }

    public string Key => KeyOf(Receiver, Waybill, Substance);

    public static string KeyOf(string receiver, string waybill, string substance) => $"sent/{receiver}/{waybill}/{substance}";

    public void Write(ByteWriter writer)
    {
        writer.WriteByte(1);
        writer.WriteText(Receiver);
        writer.WriteText(Waybill);
        writer.WriteText(Substance);
        writer.WriteText(Plate);
        writer.WriteSigned(AtMs);
        writer.WriteText(Source);
        writer.WriteText(Id);
        writer.WriteText(District);
        writer.WriteSigned(DueMs);
        writer.WriteSigned(SentGrams);
        writer.WriteSigned(ReceivedGrams);
        writer.WriteSigned(ReceivedMs);
        writer.WriteByte((byte)Standing);
        writer.WriteVar((ulong)Era);
    }

    public static Shipment Read(ReadOnlySpan<byte> row)
    {
        ByteReader reader = new(row);
        byte version = reader.ReadByte();
        return version != 1
            ? throw new InvalidDataException($"A shipment has version {version}; this program reads 1. It was written by a newer one.")
            : new Shipment
            {
                Receiver = reader.ReadText(),
                Waybill = reader.ReadText(),
                Substance = reader.ReadText(),
                Plate = reader.ReadText(),
                AtMs = reader.ReadSigned(),
                Source = reader.ReadText(),
                Id = reader.ReadText(),
                District = reader.ReadText(),
                DueMs = reader.ReadSigned(),
                SentGrams = reader.ReadSigned(),
                ReceivedGrams = reader.ReadSigned(),
                ReceivedMs = reader.ReadSigned(),
                Standing = (ShipmentStanding)reader.ReadByte(),
                Era = (long)reader.ReadVar(),
            };
    }
}

/// <summary>
/// What an enterprise sent to others under waybills, and what they say of it. Each shipment is a row; a second row by number has them in the order in which they fall due, and one reminder stands for the first of them. The receiver is told with
/// each line, and answers at once what it has; when the time is over it is asked again, and only its answer says that something is lost, so a line that is on its way accuses nobody. All masses are sums that only grow: repeated and reordered
/// messages come to the same.
/// </summary>
internal sealed class Shipments
{
    public const string Reminder = "shipments";

    /// <summary>Numbers of the next shipment, the first that was not looked at when it fell due, and the oldest that is kept.</summary>
    private long next;
    private long head;
    private long tail;
    private bool reminded;

    /// <summary>Of all that were ever sent, how many stand how; those that were let go count as they stood.</summary>
    private readonly long[] counts = new long[5];
    private ShipmentTrouble lost = new();
    private ShipmentTrouble unequal = new();
    private readonly List<UnpermittedReceiver> unpermitted = [];

    /// <summary>A line of shipping with receiver and waybill.</summary>
    public void Enter(scoped in Turn turn, scoped in Message message, scoped in LedgerReading line, ref OpenWarnings? warnings)
    {
        string receiver = Encoding.UTF8.GetString(line.Counterparty);
        string waybill = Encoding.UTF8.GetString(line.Waybill);
        string substance = Encoding.UTF8.GetString(line.Substance);
        string key = Shipment.KeyOf(receiver, waybill, substance);
        Shipment shipment;
        if (turn.Rows.Find(key) is { } row)
        {
            shipment = Shipment.Read(row);
        }
        else
        {
            shipment = new Shipment { Receiver = receiver, Waybill = waybill, Substance = substance, AtMs = long.MaxValue, DueMs = turn.NowMs + (long)(turn.Rules.Shipments.ReceiveWithinHours * 3_600_000) };
            Queue(turn, key, shipment.DueMs);
        }

        shipment.SentGrams += line.MassGrams;
        if (message.Header.AtMs < shipment.AtMs)
        {
            shipment.AtMs = message.Header.AtMs;
            shipment.Plate = Encoding.UTF8.GetString(line.Plate);
            shipment.Source = Encoding.UTF8.GetString(message.Origin.Source);
            shipment.Id = Encoding.UTF8.GetString(message.Header.Id);
            shipment.District = Encoding.UTF8.GetString(message.Origin.District);
        }

        Judge(turn, shipment, message.Header.AtMs, ref warnings);
        Put(turn.Rows, shipment);
        Ask(turn, shipment, due: false);
    }

    /// <summary>What a receiver knows. A shipment that is not kept any more changes nothing.</summary>
    public void Hear(scoped in Turn turn, ShipmentReceived answer, ref OpenWarnings? warnings)
    {
        string key = Shipment.KeyOf(answer.Receiver, answer.Waybill, answer.Substance);
        if (turn.Rows.Find(key) is not { } row)
        {
            return;
        }

        Shipment shipment = Shipment.Read(row);
        shipment.ReceivedGrams = Math.Max(shipment.ReceivedGrams, answer.Grams);
        shipment.ReceivedMs = Math.Max(shipment.ReceivedMs, answer.At?.ToUnixTimeMilliseconds() ?? 0);
        if (shipment.ReceivedGrams > 0)
        {
            Judge(turn, shipment, shipment.ReceivedMs, ref warnings);
        }
        else if (answer.Due && shipment.Standing is ShipmentStanding.Open)
        {
            Move(turn, shipment, answer.Reports ? ShipmentStanding.Lost : ShipmentStanding.Unreported, turn.NowMs, ref warnings);
        }

        Put(turn.Rows, shipment);
        JudgePermit(turn, shipment, answer, ref warnings);
    }

    /// <summary>The time of the first is over: its receiver is asked for the last time.</summary>
    public void Due(scoped in Turn turn)
    {
        reminded = false;
        for (int i = 0; head < next; i++)
        {
            Shipment? shipment = Queued(turn.Rows, head);
            if (shipment is { Standing: ShipmentStanding.Open } && (shipment.DueMs > turn.NowMs || i >= GrainLimits.ShipmentsPerTurn))
            {
                Remind(turn, Math.Max(shipment.DueMs, turn.NowMs));
                return;
            }

            if (i >= GrainLimits.ShipmentsPerTurn)
            {
                Remind(turn, turn.NowMs);
                return;
            }

            if (shipment is { Standing: ShipmentStanding.Open })
            {
                Ask(turn, shipment, due: true);
            }

            head++;
        }
    }

    /// <summary>A case is closed: what its warning was about is settled.</summary>
    public void Close(string kind)
    {
        switch (kind)
        {
            case ShipmentWarning.LostKind:
                lost.Settle();
                break;
            case ShipmentWarning.ShortKind:
                unequal.Settle();
                break;
            case ShipmentWarning.UnpermittedKind:
                unpermitted.Clear();
                break;
        }
    }

    private void Judge(scoped in Turn turn, Shipment shipment, long atMs, ref OpenWarnings? warnings)
    {
        ShipmentStanding standing = turn.Rules.Shipments.Match(shipment.SentGrams, shipment.ReceivedGrams) switch
        {
            ShipmentMatch.Nothing => shipment.Standing,
            ShipmentMatch.Equal => ShipmentStanding.Received,
            _ => ShipmentStanding.Short,
        };
        Move(turn, shipment, standing, atMs, ref warnings);
    }

    private void Move(scoped in Turn turn, Shipment shipment, ShipmentStanding to, long atMs, ref OpenWarnings? warnings)
    {
        ShipmentStanding from = shipment.Standing;
        bool changed = from != to;
        if (changed)
        {
            counts[(int)from]--;
            counts[(int)to]++;
        }

        if (changed && Trouble(from) is { } left && left.Leave(shipment) && left.Count == 0)
        {
            warnings?.Clear(turn, ActorKind.Enterprise, ShipmentWarning.KindOf(from), atMs, ShipmentWarning.Back(shipment));
        }

        shipment.Standing = to;
        if (Trouble(to) is { } trouble && (trouble.Enter(shipment, joins: changed)))
        {
            warnings ??= new OpenWarnings();
            CitedReading cited = new(shipment.Source, shipment.Id, DateTimeOffset.FromUnixTimeMilliseconds(shipment.AtMs));
            warnings.Raise(turn, ActorKind.Enterprise, cited, shipment.District, atMs, ShipmentWarning.Find(turn.Rules.Shipments, to, shipment, trouble));
        }
    }

    private ShipmentTrouble? Trouble(ShipmentStanding standing) => standing switch
    {
        ShipmentStanding.Lost => lost,
        ShipmentStanding.Short => unequal,
        _ => null,
    };

    /// <summary>The receiver's permits are its own to know: it told how they stood when the goods were sent.</summary>
    private void JudgePermit(scoped in Turn turn, Shipment shipment, ShipmentReceived answer, ref OpenWarnings? warnings)
    {
        PermitStanding standing = (PermitStanding)answer.Permit;
        int place = unpermitted.FindIndex(other => other.Receiver == shipment.Receiver && other.Substance == shipment.Substance);
        if (standing <= PermitStanding.Valid)
        {
            if (place >= 0)
            {
                unpermitted.RemoveAt(place);
                if (unpermitted.Count == 0)
                {
                    warnings?.Clear(turn, ActorKind.Enterprise, ShipmentWarning.UnpermittedKind, turn.NowMs, ShipmentWarning.PermitBack(shipment));
                }
            }

            return;
        }

        UnpermittedReceiver found = new(shipment.Receiver, shipment.Substance, shipment.Waybill, standing, answer.PermitNumber ?? "", answer.PermitEdge?.ToUnixTimeMilliseconds() ?? 0);
        if (place >= 0 && unpermitted[place] == found)
        {
            return;
        }

        if (place >= 0)
        {
            unpermitted.RemoveAt(place);
        }
        else if (unpermitted.Count == GrainLimits.ShipmentsExplained)
        {
            unpermitted.RemoveAt(0);
        }

        unpermitted.Add(found);
        warnings ??= new OpenWarnings();
        CitedReading cited = new(shipment.Source, shipment.Id, DateTimeOffset.FromUnixTimeMilliseconds(shipment.AtMs));
        warnings.Raise(turn, ActorKind.Enterprise, cited, shipment.District, shipment.AtMs, ShipmentWarning.Unpermitted(turn.Rules.SubstancePermits, unpermitted));
    }

    private void Queue(scoped in Turn turn, string key, long dueMs)
    {
        counts[(int)ShipmentStanding.Open]++;
        turn.Rows.Put(OrderKey(next++), Encoding.UTF8.GetBytes(key));
        if (next - tail > GrainLimits.ShipmentsKept)
        {
            if (Queued(turn.Rows, tail) is { } oldest)
            {
                turn.Rows.Remove(oldest.Key);
            }

            turn.Rows.Remove(OrderKey(tail++));
            head = Math.Max(head, tail);
        }

        if (!reminded)
        {
            Remind(turn, dueMs);
        }
    }

    private void Remind(scoped in Turn turn, long dueMs)
    {
        reminded = true;
        turn.Effects.RemindAt(Reminder, dueMs);
    }

    private static Shipment? Queued(IActorRows rows, long number) =>
        rows.Find(OrderKey(number)) is { } key && rows.Find(Encoding.UTF8.GetString(key)) is { } row ? Shipment.Read(row) : null;

    private static string OrderKey(long number) => $"sent-order/{number.ToString(System.Globalization.CultureInfo.InvariantCulture)}";

    private static void Ask(scoped in Turn turn, Shipment shipment, bool due) =>
        turn.Effects.Tell(ActorKind.Enterprise, shipment.Receiver, MessageKind.ShipmentSent, new ShipmentSent(
            turn.Key, shipment.Waybill, shipment.Substance, shipment.SentGrams, DateTimeOffset.FromUnixTimeMilliseconds(shipment.AtMs), due));

    private static void Put(IActorRows rows, Shipment shipment)
    {
        ByteWriter writer = new(192);
        shipment.Write(writer);
        rows.Put(shipment.Key, writer.Written.ToArray());
    }

    public static void Write(Shipments? shipments, ByteWriter writer)
    {
        writer.WriteBool(shipments is not null);
        if (shipments is null)
        {
            return;
        }

        writer.WriteVar((ulong)shipments.next);
        writer.WriteVar((ulong)shipments.head);
        writer.WriteVar((ulong)shipments.tail);
        writer.WriteBool(shipments.reminded);
        foreach (long count in shipments.counts)
        {
            writer.WriteSigned(count);
        }

        shipments.lost.Write(writer);
        shipments.unequal.Write(writer);
        writer.WriteVar((uint)shipments.unpermitted.Count);
        foreach (UnpermittedReceiver receiver in shipments.unpermitted)
        {
            receiver.Write(writer);
        }
    }

    public static Shipments? Read(scoped ref ByteReader reader)
    {
        if (!reader.ReadBool())
        {
            return null;
        }

        Shipments read = new() { next = (long)reader.ReadVar(), head = (long)reader.ReadVar(), tail = (long)reader.ReadVar(), reminded = reader.ReadBool() };
        for (int i = 0; i < read.counts.Length; i++)
        {
            read.counts[i] = reader.ReadSigned();
        }

        read.lost = ShipmentTrouble.Read(ref reader);
        read.unequal = ShipmentTrouble.Read(ref reader);
        for (int left = (int)reader.ReadVar(); left > 0; left--)
        {
            read.unpermitted.Add(UnpermittedReceiver.Read(ref reader));
        }

        return read;
    }

    public void Describe(Utf8JsonWriter json)
    {
        json.WriteStartObject("shipments");
        json.WriteNumber("open", counts[(int)ShipmentStanding.Open]);
        json.WriteNumber("received", counts[(int)ShipmentStanding.Received]);
        json.WriteNumber("lost", counts[(int)ShipmentStanding.Lost]);
        json.WriteNumber("short", counts[(int)ShipmentStanding.Short]);
        json.WriteNumber("receiverDoesNotReport", counts[(int)ShipmentStanding.Unreported]);
        json.WriteEndObject();
    }
}
