using Streaming.Models.Encoding;
using Streaming.Models.Readings;

namespace Streaming.Models.Ledgers;

/// <summary>One line of a ledger as the balance takes it.</summary>
/// <param name="AtMs">Its time, ms.</param>
/// <param name="Id">Hash of source and id, which gives lines of one time an order of their own.</param>
/// <param name="Action">What was done. <see cref="LedgerAction.Store"/> is a stock-taking: what was stored, not what was moved.</param>
/// <param name="Grams">0 or more.</param>
public readonly record struct BalanceLine(long AtMs, ulong Id, LedgerAction Action, long Grams)
{
    /// <summary>By time; what was moved in the same millisecond as a stock-taking is before it.</summary>
    public static IComparer<BalanceLine> Order { get; } = Comparer<BalanceLine>.Create(static (one, other) =>
    {
        int order = one.AtMs.CompareTo(other.AtMs);
        order = order != 0 ? order : (one.Action == LedgerAction.Store).CompareTo(other.Action == LedgerAction.Store);
        return order != 0 ? order : one.Id.CompareTo(other.Id);
    });
}

/// <summary>What went in and out over a span, grams by action.</summary>
public readonly record struct Movements(long Produced, long Purchased, long Used, long Shipped, long Received, long Disposed)
{
    /// <summary>What came in less what went out.</summary>
    public long Net => Produced + Purchased + Received - Used - Shipped - Disposed;

    /// <summary>What came in and what went out, together.</summary>
    public long Moved => Produced + Purchased + Received + Used + Shipped + Disposed;

    public Movements With(LedgerAction action, long grams) => action switch
    {
        LedgerAction.Produce => this with { Produced = Produced + grams },
        LedgerAction.Purchase => this with { Purchased = Purchased + grams },
        LedgerAction.Use => this with { Used = Used + grams },
        LedgerAction.Ship => this with { Shipped = Shipped + grams },
        LedgerAction.Receive => this with { Received = Received + grams },
        LedgerAction.Dispose => this with { Disposed = Disposed + grams },
        _ => this,
    };

    public void Write(ByteWriter writer)
    {
        writer.WriteSigned(Produced);
        writer.WriteSigned(Purchased);
        writer.WriteSigned(Used);
        writer.WriteSigned(Shipped);
        writer.WriteSigned(Received);
        writer.WriteSigned(Disposed);
    }

    public static Movements Read(scoped ref ByteReader reader) =>
        new(reader.ReadSigned(), reader.ReadSigned(), reader.ReadSigned(), reader.ReadSigned(), reader.ReadSigned(), reader.ReadSigned());
}

/// <summary>A stock-taking that the ledger does not agree with.</summary>
/// <param name="AtMs">Its time, ms.</param>
/// <param name="Grams">What was found.</param>
/// <param name="OpeningGrams">The agreed stock before it.</param>
/// <param name="Since">What was moved between the two.</param>
public readonly record struct Disagreement(long AtMs, long Grams, long OpeningGrams, Movements Since)
{
    /// <summary>What the ledger says should have been found.</summary>
    public long ExpectedGrams => OpeningGrams + Since.Net;

    /// <summary>What was found beyond it; negative where something is missing.</summary>
    public long DifferenceGrams => Grams - ExpectedGrams;
}

/// <summary>Where a balance stands.</summary>
/// <param name="HasOpening">False while no stock was ever taken: then nothing follows from what was moved.</param>
/// <param name="AgreedMs">Time of the last agreed stock-taking, ms.</param>
/// <param name="AgreedGrams">What it found.</param>
/// <param name="Since">What was moved since.</param>
/// <param name="AllowedGrams">The error of the meters on what was moved since.</param>
/// <param name="Off">The newest stock-taking, where the ledger does not agree with it.</param>
/// <param name="StockGrams">What is stored now: the newest stock-taking and what was moved since.</param>
public readonly record struct BalanceState(bool HasOpening, long AgreedMs, long AgreedGrams, Movements Since, long AllowedGrams, Disagreement? Off, long StockGrams)
{
    /// <summary>What the ledger says is stored.</summary>
    public long ExpectedGrams => AgreedGrams + Since.Net;

    /// <summary>More left than ever was there.</summary>
    public bool IsBelowZero => HasOpening && ExpectedGrams < -AllowedGrams;
}

/// <summary>
/// The balance of one substance at one enterprise over its whole life: opening + produced + purchased + received − used − shipped − disposed, against each stock-taking. The first stock-taking is the opening; one that the ledger agrees with, within
/// the error of the meters, is the agreed stock that the next is compared with, so errors do not add up over the years; one that it does not agree with changes no stock, and so goes on being off until a later one agrees or somebody has looked into it.
/// <para>
/// The newest lines are kept one by one and judged anew with each, so that they come to the same in any order. Older ones are summed into the agreed stock; what comes in later than those and is older than the agreed stock is counted in
/// <see cref="Skipped"/> and changes nothing, since the stock that was agreed after it has it already.
/// </para>
/// </summary>
public sealed class MassBalance
{
    /// <summary>In order.</summary>
    private readonly List<BalanceLine> lines = [];
    private bool hasOpening;
    private long agreedMs;
    private long agreedGrams;
    private Movements summed;
    private Disagreement? off;

    /// <summary>Time of the newest line that is summed.</summary>
    private long summedToMs = long.MinValue;

    /// <summary>Moved between the newest stock-taking that is summed and <see cref="summedToMs"/>, and what that found.</summary>
    private long stockGrams;

    /// <summary>Lines that came in too late to count.</summary>
    public long Skipped { get; private set; }

    /// <summary>Takes in a line that was not seen before.</summary>
    public void Add(in BalanceLine line, BalanceRules rules, string substance)
    {
        if (line.AtMs <= summedToMs)
        {
            AddLate(line);
            return;
        }

        int place = lines.BinarySearch(line, BalanceLine.Order);
        lines.Insert(place < 0 ? ~place : place, line);
        if (lines.Count > ModelLimits.BalanceLines)
        {
            Walk oldest = Begin();
            oldest.Take(lines[0], rules, substance);
            Sum(oldest, lines[0].AtMs);
            lines.RemoveAt(0);
        }
    }

    /// <summary>Where it stands.</summary>
    public BalanceState Judge(BalanceRules rules, string substance)
    {
        Walk walk = Begin();
        foreach (BalanceLine line in lines)
        {
            walk.Take(line, rules, substance);
        }

        return new BalanceState(walk.HasOpening, walk.AgreedMs, walk.AgreedGrams, walk.Since, rules.AllowedGrams(substance, walk.Since.Moved), walk.Off, walk.StockGrams);
    }

    /// <summary>Somebody has looked into it: a stock holds as agreed from a time on, whatever led to it.</summary>
    public void Agree(long atMs, long grams)
    {
        lines.RemoveAll(line => line.AtMs <= atMs);
        (hasOpening, agreedMs, agreedGrams, summed, off, stockGrams) = (true, atMs, grams, default, null, grams);
        summedToMs = Math.Max(summedToMs, atMs);
    }

    /// <summary>Time of the newest line; the earliest time there is where there is none.</summary>
    public long NewestMs => lines.Count > 0 ? lines[^1].AtMs : summedToMs;

    public void Write(ByteWriter writer)
    {
        writer.WriteByte(1);
        writer.WriteBool(hasOpening);
        writer.WriteInt64(agreedMs);
        writer.WriteSigned(agreedGrams);
        summed.Write(writer);
        writer.WriteBool(off is not null);
        if (off is { } it)
        {
            writer.WriteInt64(it.AtMs);
            writer.WriteSigned(it.Grams);
            writer.WriteSigned(it.OpeningGrams);
            it.Since.Write(writer);
        }

        writer.WriteInt64(summedToMs);
        writer.WriteSigned(stockGrams);
        writer.WriteVar((ulong)Skipped);
        writer.WriteVar((uint)lines.Count);
        foreach (BalanceLine line in lines)
        {
            writer.WriteInt64(line.AtMs);
            writer.WriteUInt64(line.Id);
            writer.WriteByte((byte)line.Action);
            writer.WriteSigned(line.Grams);
        }
    }

    public static MassBalance Read(scoped ref ByteReader reader)
    {
        byte version = reader.ReadByte();
        if (version != 1)
        {
            throw new InvalidDataException($"A balance has version {version}; this program reads 1. It was written by a newer one.");
        }

        MassBalance read = new() { hasOpening = reader.ReadBool(), agreedMs = reader.ReadInt64(), agreedGrams = reader.ReadSigned(), summed = Movements.Read(ref reader) };
        if (reader.ReadBool())
        {
            read.off = new Disagreement(reader.ReadInt64(), reader.ReadSigned(), reader.ReadSigned(), Movements.Read(ref reader));
        }

        read.summedToMs = reader.ReadInt64();
        read.stockGrams = reader.ReadSigned();
        read.Skipped = (long)reader.ReadVar();
        for (int left = (int)reader.ReadVar(); left > 0; left--)
        {
            read.lines.Add(new BalanceLine(reader.ReadInt64(), reader.ReadUInt64(), (LedgerAction)reader.ReadByte(), reader.ReadSigned()));
        }

        return read;
    }

    /// <summary>A line among those that are summed: what was moved since the agreed stock is a sum and still counts; a stock-taking would have to be compared with sums of then, which nobody has.</summary>
    private void AddLate(in BalanceLine line)
    {
        if (line.Action == LedgerAction.Store || !hasOpening || line.AtMs <= agreedMs)
        {
            Skipped++;
            return;
        }

        summed = summed.With(line.Action, line.Grams);
        stockGrams += off is { } it && line.AtMs <= it.AtMs ? 0 : default(Movements).With(line.Action, line.Grams).Net;
        if (off is { } before && line.AtMs <= before.AtMs)
        {
            off = before with { Since = before.Since.With(line.Action, line.Grams) };
        }
    }

    private Walk Begin() => new() { HasOpening = hasOpening, AgreedMs = agreedMs, AgreedGrams = agreedGrams, Since = summed, Off = off, StockGrams = stockGrams };

    private void Sum(in Walk walk, long toMs)
    {
        (hasOpening, agreedMs, agreedGrams, summed, off, stockGrams) = (walk.HasOpening, walk.AgreedMs, walk.AgreedGrams, walk.Since, walk.Off, walk.StockGrams);
        summedToMs = toMs;
    }

    private struct Walk
    {
        public bool HasOpening;
        public long AgreedMs;
        public long AgreedGrams;
        public Movements Since;
        public Disagreement? Off;
        public long StockGrams;

        public void Take(in BalanceLine line, BalanceRules rules, string substance)
        {
            if (line.Action != LedgerAction.Store)
            {
                // What was moved before the opening is in it.
                Since = HasOpening ? Since.With(line.Action, line.Grams) : default;
                StockGrams += HasOpening ? default(Movements).With(line.Action, line.Grams).Net : 0;
                return;
            }

            StockGrams = line.Grams;
            Disagreement found = new(line.AtMs, line.Grams, AgreedGrams, Since);
            if (HasOpening && Math.Abs(found.DifferenceGrams) > rules.AllowedGrams(substance, Since.Moved))
            {
                Off = found;
                return;
            }

            (HasOpening, AgreedMs, AgreedGrams, Since, Off) = (true, line.AtMs, line.Grams, default, null);
        }
    }
}
