using System.Text;
using Streaming.Grains.Messages;
using Streaming.Grains.Turns;
using Streaming.Models.Encoding;
using Streaming.Models.Readings;

namespace Streaming.Grains.Subjects;

/// <summary>
/// What an enterprise received by waybill, and what others say they sent it, each a row by waybill and substance. Whichever comes second brings them together; masses are sums, so lines may come in any order. The oldest rows go first.
/// </summary>
internal sealed class Receipts
{
    private long next;
    private long tail;

    /// <summary>True once a line of receiving had a waybill: only of whom that is so can be said that a waybill is missing.</summary>
    public bool Reports { get; private set; }

    private sealed class Receipt
    {
        public long Grams { get; set; }

        public long AtMs { get; set; }

        public List<string> Shippers { get; } = [];
    }

    /// <summary>A line of receiving with a waybill.</summary>
    public void Enter(scoped in Turn turn, scoped in Message message, scoped in LedgerReading line, SubstanceLife life)
    {
        Reports = true;
        string waybill = Encoding.UTF8.GetString(line.Waybill);
        string substance = Encoding.UTF8.GetString(line.Substance);
        Receipt receipt = FindOrAdd(turn.Rows, waybill, substance);
        receipt.Grams += line.MassGrams;
        receipt.AtMs = Math.Max(receipt.AtMs, message.Header.AtMs);

        // Who is named as the other side is told, though it may have told of the shipment when nothing was kept here yet.
        string named = Encoding.UTF8.GetString(line.Counterparty);
        if (named.Length > 0 && line.Counterparty.Length <= GrainLimits.KeyBytes && named != turn.Key && !receipt.Shippers.Contains(named) && receipt.Shippers.Count < GrainLimits.ShippersPerReceipt)
        {
            receipt.Shippers.Add(named);
        }

        Put(turn.Rows, waybill, substance, receipt);
        foreach (string shipper in receipt.Shippers)
        {
            Answer(turn, shipper, waybill, substance, receipt, life, message.Header.AtMs, due: false);
        }
    }

    /// <summary>Another enterprise says that it sent something. Who never reported anything and is in no register keeps nothing of it.</summary>
    public static void Hear(scoped in Turn turn, ShipmentSent sent, ref SubstanceLife? life, bool exists)
    {
        Receipt receipt = new();
        if (exists)
        {
            life ??= new SubstanceLife();
            life.Receipts ??= new Receipts();
            receipt = life.Receipts.FindOrAdd(turn.Rows, sent.Waybill, sent.Substance);
            if (!receipt.Shippers.Contains(sent.Shipper) && receipt.Shippers.Count < GrainLimits.ShippersPerReceipt)
            {
                receipt.Shippers.Add(sent.Shipper);
                Put(turn.Rows, sent.Waybill, sent.Substance, receipt);
            }
        }

        Answer(turn, sent.Shipper, sent.Waybill, sent.Substance, receipt, life, sent.At.ToUnixTimeMilliseconds(), sent.Due);
    }

    public static void Write(Receipts? receipts, ByteWriter writer)
    {
        writer.WriteBool(receipts is not null);
        if (receipts is not null)
        {
            writer.WriteVar((ulong)receipts.next);
            writer.WriteVar((ulong)receipts.tail);
            writer.WriteBool(receipts.Reports);
        }
    }

    public static Receipts? Read(scoped ref ByteReader reader) =>
        reader.ReadBool() ? new Receipts { next = (long)reader.ReadVar(), tail = (long)reader.ReadVar(), Reports = reader.ReadBool() } : null;

    private static void Answer(scoped in Turn turn, string shipper, string waybill, string substance, Receipt receipt, SubstanceLife? life, long sentMs, bool due)
    {
        PermitAnswer permit = SubstanceLife.PermitAt(life, turn.Rows, substance, sentMs);
        turn.Effects.Tell(ActorKind.Enterprise, shipper, MessageKind.ShipmentReceived, new ShipmentReceived(
            turn.Key,
            waybill,
            substance,
            receipt.Grams,
            receipt.Grams > 0 ? DateTimeOffset.FromUnixTimeMilliseconds(receipt.AtMs) : null,
            life?.Receipts?.Reports == true,
            due,
            (byte)permit.Standing,
            permit.Number is { Length: > 0 } number ? number : null,
            permit.EdgeMs != 0 ? DateTimeOffset.FromUnixTimeMilliseconds(permit.EdgeMs) : null));
    }

    private Receipt FindOrAdd(IActorRows rows, string waybill, string substance)
    {
        Receipt receipt = new();
        if (rows.Find(RowKey(waybill, substance)) is { } row)
        {
            ByteReader reader = new(row);
            receipt.Grams = reader.ReadSigned();
            receipt.AtMs = reader.ReadSigned();
            for (int left = (int)reader.ReadVar(); left > 0; left--)
            {
                receipt.Shippers.Add(reader.ReadText());
            }

            return receipt;
        }

        rows.Put($"receipt-order/{Number(next++)}", Encoding.UTF8.GetBytes(RowKey(waybill, substance)));
        if (next - tail > GrainLimits.ShipmentsKept)
        {
            string oldest = $"receipt-order/{Number(tail++)}";
            if (rows.Find(oldest) is { } key)
            {
                rows.Remove(Encoding.UTF8.GetString(key));
            }

            rows.Remove(oldest);
        }

        return receipt;
    }

    private static void Put(IActorRows rows, string waybill, string substance, Receipt receipt)
    {
        ByteWriter writer = new(64);
        writer.WriteSigned(receipt.Grams);
        writer.WriteSigned(receipt.AtMs);
        writer.WriteVar((uint)receipt.Shippers.Count);
        foreach (string shipper in receipt.Shippers)
        {
            writer.WriteText(shipper);
        }

        rows.Put(RowKey(waybill, substance), writer.Written.ToArray());
    }

    private static string RowKey(string waybill, string substance) => $"receipt/{waybill}/{substance}";

    private static string Number(long number) => number.ToString(System.Globalization.CultureInfo.InvariantCulture);
}
