using Streaming.Models.Encoding;

namespace Streaming.Models.Driving;

/// <summary>
/// Driving without a rest: over 4 h, or with a rest of under 20 minutes (道路交通安全法实施条例 Art. 62). What counts is the time at speed, added up until a rest of 20 minutes: a shorter one neither counts nor ends it. Where nothing was heard for
/// longer than the gap, the driver is taken to have rested for all of it; where the speed is not known, likewise.
/// </summary>
public sealed record DrivingTimeRules
{
    /// <summary>JT/T 808, bit 2: the terminal says that the driver is tired.</summary>
    public const uint Fatigue = 1u << 2;

    /// <summary>JT/T 808, bit 18: driven too long in the day.</summary>
    public const uint Daily = 1u << 18;

    /// <summary>Time at speed that is allowed without a rest, s: 4 h.</summary>
    public int MostS { get; init; } = 14_400;

    /// <summary>The shortest rest, s: 20 minutes.</summary>
    public int RestS { get; init; } = 1_200;

    /// <summary>Faster than this it is driven, km/h. Not verified.</summary>
    public double MovingAboveKmh { get; init; } = 5;

    /// <summary>A longer time without a reading is rest, s. Not verified.</summary>
    public int GapS { get; init; } = 600;

    /// <summary>True where the terminal's own alarms count, on their edges.</summary>
    public bool ByTerminal { get; init; } = true;

    /// <summary>Severity, 1 to 4. Not verified.</summary>
    public int Severity { get; init; } = 3;

    /// <summary>Confidence in what was added up, 0 to 1. Not verified.</summary>
    public double Confidence { get; init; } = 0.85;

    /// <summary>Confidence in the terminal's word alone, 0 to 1. Not verified.</summary>
    public double TerminalConfidence { get; init; } = 0.6;

    /// <summary>One that lasts is told anew at most this often, s of turn time.</summary>
    public int UpdateEveryS { get; init; } = 900;

    /// <summary>Where the rule comes from.</summary>
    public string LegalSource { get; init; } = "道路交通安全法实施条例 Art. 62";

    internal IEnumerable<string> Problems() => VehicleRules.Check(
        "drivingTime", LegalSource, ("mostS", MostS, 60, ModelLimits.RuleSeconds), ("restS", RestS, 1, ModelLimits.RuleSeconds), ("movingAboveKmh", MovingAboveKmh, 0, 100), ("gapS", GapS, 1, ModelLimits.RuleSeconds),
        ("severity", Severity, 1, 4), ("confidence", Confidence, 0.01, 1), ("terminalConfidence", TerminalConfidence, 0.01, 1), ("updateEveryS", UpdateEveryS, 0, ModelLimits.RuleSeconds));
}

/// <summary>Why driving begins anew.</summary>
public enum Relief : byte
{
    None = 0,

    /// <summary>A rest that is long enough.</summary>
    Rest = 1,

    /// <summary>Somebody else drives.</summary>
    Driver = 2,
}

/// <summary>Driving and rest of one vehicle, by its readings in the order of time.</summary>
public struct DrivingClock
{
    private ulong driver;
    private long lastMs;
    private bool moving;

    /// <summary>Time at speed since the last rest that was long enough, ms.</summary>
    public long DrivenMs { get; private set; }

    /// <summary>How long it has stood by now, ms.</summary>
    public long RestMs { get; private set; }

    /// <summary>When the driving that is added up began, ms since 1970; 0 where none is.</summary>
    public long SinceMs { get; private set; }

    /// <summary>Takes in a reading.</summary>
    /// <param name="rules">What counts as what.</param>
    /// <param name="atMs">When it was taken; not before the reading before it.</param>
    /// <param name="speedTenthKmh">Speed, tenths of km/h; -1 for not known.</param>
    /// <param name="driverHash">Who drives; 0 where nothing is said.</param>
    public Relief Advance(DrivingTimeRules rules, long atMs, int speedTenthKmh, ulong driverHash)
    {
        bool changed = driver != 0 && driverHash != 0 && driverHash != driver;
        driver = driverHash != 0 ? driverHash : driver;
        long passedMs = lastMs == 0 ? 0 : Math.Max(0, atMs - lastMs);
        bool drove = moving && passedMs <= rules.GapS * 1000L;
        (lastMs, moving) = (atMs, speedTenthKmh > rules.MovingAboveKmh * 10);
        Relief relief = Relief.None;
        if (drove)
        {
            SinceMs = DrivenMs == 0 ? atMs - passedMs : SinceMs;
            (DrivenMs, RestMs) = (DrivenMs + passedMs, 0);
        }
        else
        {
            RestMs += passedMs;
        }

        if (changed)
        {
            relief = Relief.Driver;
        }
        else if (RestMs >= rules.RestS * 1000L)
        {
            relief = Relief.Rest;
        }

        if (relief != Relief.None)
        {
            (DrivenMs, SinceMs) = (0, 0);
        }

        return relief;
    }

    public readonly void Write(ByteWriter writer)
    {
        writer.WriteUInt64(driver);
        writer.WriteInt64(lastMs);
        writer.WriteBool(moving);
        writer.WriteVar((ulong)DrivenMs);
        writer.WriteVar((ulong)RestMs);
        writer.WriteInt64(SinceMs);
    }

    public static DrivingClock Read(scoped ref ByteReader reader) => new()
    {
        driver = reader.ReadUInt64(),
        lastMs = reader.ReadInt64(),
        moving = reader.ReadBool(),
        DrivenMs = (long)reader.ReadVar(),
        RestMs = (long)reader.ReadVar(),
        SinceMs = reader.ReadInt64(),
    };
}
