using System.Text;
using Streaming.Models.Encoding;

namespace Streaming.Grains.Subjects;

/// <summary>A ledger that is off, and has time for lines that are still to come.</summary>
/// <param name="SinceMs">When it was found, ms of turn time.</param>
/// <param name="DueMs">When the time is over.</param>
/// <param name="Source">Source of the line that it was found with.</param>
/// <param name="Id">Id of that line.</param>
/// <param name="AtMs">Its time, ms.</param>
/// <param name="District">District of its source.</param>
internal sealed record PendingBook(long SinceMs, long DueMs, string Source, string Id, long AtMs, string District);

/// <summary>What is stored of one substance, by tanks and by ledger, and what was found of it. Masses in grams.</summary>
internal sealed class Stock(byte[] utf8)
{
    public byte[] Utf8 { get; } = utf8;

    public string Substance { get; } = Encoding.UTF8.GetString(utf8);

    /// <summary>Sum over the tanks that report a mass.</summary>
    public long TankGrams { get; set; }

    /// <summary>How many tanks that is.</summary>
    public int TankCount { get; set; }

    /// <summary>How many tanks the register has for the substance.</summary>
    public int RegisteredTanks { get; set; }

    /// <summary>True once a stock was taken: then the ledger says what is stored.</summary>
    public bool IsLedgerKnown { get; set; }

    /// <summary>The newest stock-taking and what was moved since.</summary>
    public long LedgerGrams { get; set; }

    /// <summary>What the ledger says should be there, from the last agreed stock, and the meters' error on that.</summary>
    public long ExpectedGrams { get; set; }

    public long AllowedGrams { get; set; }

    /// <summary>The ledger is off by a stock-taking or below zero.</summary>
    public bool IsBookOff { get; set; }

    /// <summary>The ledger is off and not said to be yet; null where it is not, or is said to be.</summary>
    public PendingBook? Pending { get; set; }

    /// <summary>The tanks are off the ledger, for long enough.</summary>
    public bool IsTankOff { get; set; }

    /// <summary>Since when the tanks differ, ms; 0 while they do not.</summary>
    public long TankOffSinceMs { get; set; }

    /// <summary>What the newest of these was off by; negative where something is missing.</summary>
    public long DifferenceGrams { get; set; }

    /// <summary>What may be stored, where more is; -1 where not.</summary>
    public long OverPermitGrams { get; set; } = -1;

    /// <summary>How a permit is lacking; <see cref="PermitStanding.NotSaid"/> where none is.</summary>
    public PermitStanding Lack { get; set; }

    /// <summary>True where it was moved without a permit: it stays so whatever is stored later.</summary>
    public bool IsLackMoved { get; set; }

    /// <summary>The newest time without, ms.</summary>
    public long LackMs { get; set; }

    /// <summary>When the permit ends that it is stored or moved under, ms, where that is soon; 0 where it is not, or nobody has to know.</summary>
    public long EndsMs { get; set; }

    /// <summary>The end, ms, that the case on it was closed about; 0 for none.</summary>
    public long SettledEndMs { get; set; }

    /// <summary>Its permit has run out, or does so soon: <see cref="StorageWarning.ExpiryKind"/>.</summary>
    public bool IsExpiring => EndsMs != 0 || Lack == PermitStanding.Expired;

    /// <summary>There is no permit that could run out: <see cref="StorageWarning.LackKind"/>.</summary>
    public bool IsUnpermitted => Lacks && Lack != PermitStanding.Expired;

    public bool IsOff => IsBookOff || IsTankOff;

    public bool IsOverPermit => OverPermitGrams >= 0;

    public bool Lacks => Lack != PermitStanding.NotSaid;

    /// <summary>What is stored as far as anybody says: tanks before the ledger.</summary>
    public long Grams => TankCount > 0 ? TankGrams : IsLedgerKnown ? Math.Max(0, LedgerGrams) : 0;

    /// <summary>All tanks of the substance that are registered report a mass, and the ledger says what is there: the two can be compared.</summary>
    public bool AreTanksComparable => IsLedgerKnown && RegisteredTanks > 0 && TankCount >= RegisteredTanks;

    public void Write(ByteWriter writer)
    {
        writer.WriteBytes(Utf8);
        writer.WriteByte((byte)((IsLedgerKnown ? 1 : 0) | (IsBookOff ? 2 : 0) | (IsTankOff ? 4 : 0) | (IsLackMoved ? 8 : 0) | (Pending is not null ? 16 : 0) | (EndsMs != 0 ? 32 : 0) | (SettledEndMs != 0 ? 64 : 0)));
        writer.WriteSigned(TankGrams);
        writer.WriteVar((uint)TankCount);
        writer.WriteVar((uint)RegisteredTanks);
        writer.WriteSigned(LedgerGrams);
        writer.WriteSigned(ExpectedGrams);
        writer.WriteSigned(AllowedGrams);
        writer.WriteSigned(TankOffSinceMs);
        writer.WriteSigned(DifferenceGrams);
        writer.WriteSigned(OverPermitGrams);
        writer.WriteByte((byte)Lack);
        if (Lacks)
        {
            writer.WriteSigned(LackMs);
        }

        if (Pending is { } pending)
        {
            writer.WriteSigned(pending.SinceMs);
            writer.WriteSigned(pending.DueMs);
            writer.WriteText(pending.Source);
            writer.WriteText(pending.Id);
            writer.WriteSigned(pending.AtMs);
            writer.WriteText(pending.District);
        }

        if (EndsMs != 0)
        {
            writer.WriteInt64(EndsMs);
        }

        if (SettledEndMs != 0)
        {
            writer.WriteInt64(SettledEndMs);
        }
    }

    public static Stock Read(scoped ref ByteReader reader)
    {
        byte[] utf8 = reader.ReadBytes().ToArray();
        byte flags = reader.ReadByte();
        Stock read = new(utf8)
        {
            IsLedgerKnown = (flags & 1) != 0,
            IsBookOff = (flags & 2) != 0,
            IsTankOff = (flags & 4) != 0,
            IsLackMoved = (flags & 8) != 0,
            TankGrams = reader.ReadSigned(),
            TankCount = (int)reader.ReadVar(),
            RegisteredTanks = (int)reader.ReadVar(),
            LedgerGrams = reader.ReadSigned(),
            ExpectedGrams = reader.ReadSigned(),
            AllowedGrams = reader.ReadSigned(),
            TankOffSinceMs = reader.ReadSigned(),
            DifferenceGrams = reader.ReadSigned(),
            OverPermitGrams = reader.ReadSigned(),
            Lack = (PermitStanding)reader.ReadByte(),
        };
        if (read.Lacks)
        {
            read.LackMs = reader.ReadSigned();
        }

        if ((flags & 16) != 0)
        {
            read.Pending = new PendingBook(reader.ReadSigned(), reader.ReadSigned(), reader.ReadText(), reader.ReadText(), reader.ReadSigned(), reader.ReadText());
        }

        read.EndsMs = (flags & 32) != 0 ? reader.ReadInt64() : 0;
        read.SettledEndMs = (flags & 64) != 0 ? reader.ReadInt64() : 0;
        return read;
    }
}
