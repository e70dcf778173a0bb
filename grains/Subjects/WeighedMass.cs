using Streaming.Grains.Messages;
using Streaming.Grains.Rules;
using Streaming.Models.Limits;
using Streaming.Models.Readings;

namespace Streaming.Grains.Subjects;

/// <summary>What a weighed mass is held against. Persisted: numbers are never reused.</summary>
internal enum MassLimit : byte
{
    /// <summary>The limit of the road (超限): <see cref="RoadLimitWarning"/>.</summary>
    Road = 0,

    /// <summary>The vehicle's rated load (超载): <see cref="RatedLoadWarning"/>.</summary>
    RatedLoad = 1,
}

/// <summary>One weighing, with all that it is judged by.</summary>
internal readonly ref struct WeighedMass
{
    /// <summary>Every limit there is.</summary>
    public static ReadOnlySpan<MassLimit> Limits => [MassLimit.Road, MassLimit.RatedLoad];

    public required Rulebook Rules { get; init; }

    public required WeighReading Weighing { get; init; }

    /// <summary>The station, UTF-8.</summary>
    public required ReadOnlySpan<byte> Station { get; init; }

    /// <summary>The accuracy that the station is registered with, hundredths of ± percent; 0 where it is with none.</summary>
    public required int AccuracyHundredthPct { get; init; }

    /// <summary>Time of the weighing, ms since 1970.</summary>
    public required long AtMs { get; init; }

    /// <summary>What the registers say of the vehicle; null for nothing.</summary>
    public required VehicleRegistration? Registration { get; init; }

    public double AccuracyPct => AccuracyHundredthPct > 0 ? AccuracyHundredthPct / 100.0 : Rules.RoadLimits.DefaultAccuracyPct;

    public RoadJudgement Road => Rules.RoadLimits.Judge(
        Weighing.GrossKg, Weighing.AxleCount, Weighing.VehicleClass, Registration?.BuildAt(AtMs) ?? default, Registration?.PermitAt(AtMs)?.GrossKg ?? 0);

    public RatedLoadJudgement RatedLoad => RatedLoads.Judge(Weighing.GrossKg, Weighing.AxleCount, Registration?.LoadAt(AtMs) ?? default);

    public static string KindOf(MassLimit limit) => limit == MassLimit.Road ? RoadLimitWarning.Kind : RatedLoadWarning.Kind;

    public bool IsOver(MassLimit limit) => limit == MassLimit.Road ? Road.IsOver : RatedLoad.IsOver;

    /// <summary>The gross mass that is allowed, kg; 0 where none is known.</summary>
    public int AllowedKg(MassLimit limit) => limit == MassLimit.Road ? Road.LimitKg : RatedLoad.AllowedGrossKg;

    public int Severity(MassLimit limit) => limit == MassLimit.Road ? Rules.RoadLimits.Severity(Road) : Rules.RatedLoads.Severity(RatedLoad);

    public Finding Find(MassLimit limit) => limit == MassLimit.Road ? RoadLimitWarning.Find(this) : RatedLoadWarning.Find(this);

    /// <summary>Why a warning is not what it was, once a register has changed.</summary>
    public Explanation Anew(MassLimit limit, EntryChanged changed)
    {
        string entry = $"{Streaming.Models.Registers.RegisterSchema.Of(changed.Register).Name}/{changed.Key}";
        Explanation now = limit == MassLimit.Road ? RoadLimitWarning.Now(this) : RatedLoadWarning.Now(this);
        return new Explanation($" Judged anew, since {changed.By} changed the entry {entry}: {now.En}", $"因{changed.By}变更登记{entry}而重新判定：{now.Zh}");
    }
}
