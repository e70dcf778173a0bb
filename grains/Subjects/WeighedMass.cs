using Streaming.Grains.Messages;
using Streaming.Grains.Rules;
using Streaming.Models.Learned;
using Streaming.Models.Learned.Features;
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

/// <summary>One weighing, with all that it is judged by. It is judged once, when it is made: every weighing is.</summary>
internal readonly ref struct WeighedMass
{
    /// <param name="rules">By what it is judged.</param>
    /// <param name="weighing">The weighing.</param>
    /// <param name="station">The station, UTF-8.</param>
    /// <param name="accuracy">How well the station weighed.</param>
    /// <param name="atMs">Time of the weighing, ms since 1970.</param>
    /// <param name="registration">What the registers say of the vehicle; null for nothing.</param>
    public WeighedMass(Rulebook rules, WeighReading weighing, ReadOnlySpan<byte> station, StationAccuracy accuracy, long atMs, VehicleRegistration? registration)
    {
        (Rules, Accuracy, AtMs, Registration) = (rules, accuracy, atMs, registration);
        Weighing = weighing;
        Station = station;
        Road = rules.RoadLimits.JudgeWithAxles(weighing, registration?.BuildAt(atMs) ?? default, registration?.PermitAt(atMs)?.GrossKg ?? 0);
        RatedLoad = RatedLoads.Judge(weighing.GrossKg, weighing.AxleCount, registration?.LoadAt(atMs) ?? default);
    }

    /// <summary>Name of the figure that is 1 where a warning is advisory, and absent otherwise.</summary>
    public const string Advisory = "advisory";

    /// <summary>Every limit there is.</summary>
    public static ReadOnlySpan<MassLimit> Limits => [MassLimit.Road, MassLimit.RatedLoad];

    public Rulebook Rules { get; }

    public WeighReading Weighing { get; }

    /// <summary>The station, UTF-8.</summary>
    public ReadOnlySpan<byte> Station { get; }

    /// <summary>The accuracy that the station is registered with, hundredths of ± percent; 0 where it is with none.</summary>
    public int AccuracyHundredthPct => Accuracy.HundredthPct;

    /// <summary>How well the station weighed.</summary>
    public StationAccuracy Accuracy { get; }

    /// <summary>Time of the weighing, ms since 1970.</summary>
    public long AtMs { get; }

    /// <summary>What the registers say of the vehicle; null for nothing.</summary>
    public VehicleRegistration? Registration { get; }

    /// <summary>What it comes to by the limits of the road, of the gross mass and of axles.</summary>
    public RoadJudgement Road { get; }

    /// <summary>The axle or group that is over its limit, by the largest share; not judged where none is. Advice is left out: nobody is accused by it.</summary>
    public LimitBreach Axles => Road.OnAxles is { IsOver: true, IsAdvisory: false } ? Road.OnAxles : default;

    /// <summary>What it comes to by the vehicle's rating.</summary>
    public RatedLoadJudgement RatedLoad { get; }

    /// <summary>The vehicle's weighing before this one, as far as whoever asks for a finding has said; the default value for none.</summary>
    public EarlierWeighing Before { get; init; }

    public double AccuracyPct => AccuracyHundredthPct > 0 ? AccuracyHundredthPct / 100.0 : Rules.RoadLimits.DefaultAccuracyPct;

    public static string KindOf(MassLimit limit) => limit == MassLimit.Road ? RoadLimitWarning.Kind : RatedLoadWarning.Kind;

    public bool IsOver(MassLimit limit) => limit == MassLimit.Road ? Road.IsOver || Axles.IsOver : RatedLoad.IsOver;

    /// <summary>The gross mass that is allowed, kg; 0 where none is known.</summary>
    public int AllowedKg(MassLimit limit) => limit == MassLimit.Road ? Road.LimitKg : RatedLoad.AllowedGrossKg;

    /// <summary>The limit of the axles that are over theirs, kg; 0 where none are.</summary>
    public int AllowedAxlesKg(MassLimit limit) => limit == MassLimit.Road ? Axles.LimitKg : 0;

    /// <summary>Of what was broken worst: the greater share over a limit is never the lesser severity.</summary>
    public int Severity(MassLimit limit)
    {
        int severity = limit == MassLimit.Road ? Rules.RoadLimits.Severity(Road.Worst) : Rules.RatedLoads.Severity(RatedLoad);
        return Accuracy.IsExpired ? Math.Min(severity, Rules.Sources.Calibration.AdvisorySeverity) : severity;
    }

    /// <summary>The axles beside their limits; see <see cref="RoadLimits.JudgeAxles"/>.</summary>
    public int JudgeAxles(Span<LimitBreach> judged) =>
        Rules.RoadLimits.JudgeAxles(Weighing, Registration?.BuildAt(AtMs) ?? default, Registration?.PermitAt(AtMs)?.GrossKg ?? 0, judged);

    /// <summary>What is found by a limit, and how sure it is. Of axles that are over theirs by more than the gross mass nothing was learned: those are as sure as they were weighed.</summary>
    public Finding Find(MassLimit limit)
    {
        Finding found = limit == MassLimit.RatedLoad
            ? LearnedConfidence.Judge(this, LearnedKind.OverRatedLoad, AllowedKg(limit), RatedLoadWarning.Find(this))
            : Road.Worst.Criterion == LimitCriterion.Gross ? LearnedConfidence.Judge(this, LearnedKind.OverRoadLimit, AllowedKg(limit), RoadLimitWarning.Find(this))
            : RoadLimitWarning.Find(this);
        if (!Accuracy.IsExpired)
        {
            return found;
        }

        found.Figures[Advisory] = 1;
        return found with
        {
            Severity = Severity(limit),
            Explanation = new Explanation(
                found.Explanation.En.TrimEnd() + " Advisory: the station's calibration had run out by then, so its accuracy is not vouched for; weigh again before acting.",
                found.Explanation.Zh + "仅供参考：称重时该站检定有效期已届满，准确度无保证，处理前须复称。"),
        };
    }

    /// <summary>Why a warning is not what it was, once a register has changed.</summary>
    public Explanation Anew(MassLimit limit, EntryChanged changed)
    {
        string entry = $"{Streaming.Models.Registers.RegisterSchema.Of(changed.Register).Name}/{changed.Key}";
        Explanation now = limit == MassLimit.Road ? RoadLimitWarning.Now(this) : RatedLoadWarning.Now(this);
        return new Explanation($" Judged anew, since {changed.By} changed the entry {entry}: {now.En}", $"因{changed.By}变更登记{entry}而重新判定：{now.Zh}");
    }
}
