using Streaming.Grains.Inputs;
using Streaming.Grains.Turns;
using Streaming.Models.Encoding;
using Streaming.Models.Readings;

namespace Streaming.Ingest.Formats;

/// <summary>Lines of an enterprise's ledger: <c>v1/ledger/{enterprise}</c>.</summary>
internal static class LedgerDecoder
{
    private const ulong Needed = (1UL << (int)Field.Action) | (1UL << (int)Field.Substance) | (1UL << (int)Field.MassKg);

    private const ulong Known = ElementReader.IdentityFields | Needed | (1UL << (int)Field.Counterparty) | (1UL << (int)Field.Plate) | (1UL << (int)Field.PlateColor) | (1UL << (int)Field.Waybill) | (1UL << (int)Field.Waste);

    public static bool TryDecode(scoped ref ElementReader element, scoped in TopicRoute route, ByteWriter output)
    {
        LedgerReading reading = default;
        ReadOnlySpan<byte> plate = default;
        ReadOnlySpan<byte> color = default;
        ulong seen = 0;
        while (element.NextField(ref seen, Known, out Field field))
        {
            bool read = field switch
            {
                Field.Action => ReadAction(ref element, out reading.Action),
                Field.Substance => element.ReadSubstance(field, out reading.Substance),
                Field.MassKg => element.ReadScaled(field, 3, 0, IngestLimits.ContentKg * 1000L, " kg", out reading.MassGrams),
                Field.Counterparty => element.ReadText(field, IngestLimits.NameBytes, out reading.Counterparty),
                Field.Plate => element.ReadPlate(field, out plate),
                Field.PlateColor => element.ReadPlateColor(field, out color),
                Field.Waybill => element.ReadText(field, IngestLimits.NameBytes, out reading.Waybill),
                Field.Waste => element.ReadBool(field, out reading.IsWaste),
                _ => element.ReadIdentity(field),
            };
            if (!read)
            {
                return false;
            }
        }

        if (element.Failed || !element.HasIdentity(seen) || !HasNeeded(ref element, seen, reading.Substance) || !element.JoinPlate(plate, color, out reading.Plate))
        {
            return false;
        }

        int start = element.Begin(output, ReadingKind.Ledger, ActorKind.Enterprise, route.Subject);
        reading.Write(output);
        ReadingElement.End(output, start);
        return true;
    }

    private static bool HasNeeded(scoped ref ElementReader element, ulong seen, scoped ReadOnlySpan<byte> substance)
    {
        const string Reason = "a ledger line needs action, substance and massKg";
        if ((seen & (1UL << (int)Field.Action)) == 0)
        {
            return element.Missing(Field.Action, Reason);
        }

        if (substance.IsEmpty)
        {
            return element.Missing(Field.Substance, Reason);
        }

        return (seen & (1UL << (int)Field.MassKg)) != 0 || element.Missing(Field.MassKg, Reason);
    }

    private static bool ReadAction(scoped ref ElementReader element, out LedgerAction action)
    {
        int start = element.Position;
        action = 0;
        if (!element.ReadText(Field.Action, IngestLimits.WordBytes, out ReadOnlySpan<byte> word))
        {
            return false;
        }

        action = word.SequenceEqual("produce"u8) ? LedgerAction.Produce
            : word.SequenceEqual("purchase"u8) ? LedgerAction.Purchase
            : word.SequenceEqual("use"u8) ? LedgerAction.Use
            : word.SequenceEqual("ship"u8) ? LedgerAction.Ship
            : word.SequenceEqual("receive"u8) ? LedgerAction.Receive
            : word.SequenceEqual("store"u8) ? LedgerAction.Store
            : word.SequenceEqual("dispose"u8) ? LedgerAction.Dispose
            : 0;
        return action != 0 || element.OutOfRange(Field.Action, start, "produce, purchase, use, ship, receive, store or dispose expected");
    }
}
