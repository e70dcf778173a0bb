using Streaming.Models.Readings;
using Streaming.Models.Statistics;

namespace Streaming.Models.Limits;

/// <summary>One line of a table of gross limits.</summary>
/// <remarks>A limit that the table does not have is null; at least one of rigid and combination is there.</remarks>
public sealed record RoadLimitRow
{
    /// <summary>Axles of the whole vehicle. The last row of a table holds for any greater number too.</summary>
    public int Axles { get; init; }

    /// <summary>Limit of a rigid truck, kg.</summary>
    public int? RigidKg { get; init; }

    /// <summary>Limit of a combination, kg.</summary>
    public int? CombinationKg { get; init; }

    /// <summary>Limit of a combination whose tractor has a single drive axle, kg, where that is another one.</summary>
    public int? SingleDriveAxleKg { get; init; }
}

/// <summary>What the register knows of a vehicle's build. The default value knows nothing.</summary>
/// <param name="Class">Body as registered; <see cref="VehicleClass.Unknown"/> where there is no entry.</param>
/// <param name="DriveAxles">Drive axles as registered; 0 where unknown.</param>
public readonly record struct RegisteredBuild(VehicleClass Class, int DriveAxles);

/// <summary>The accuracy class that a station keeps to.</summary>
public sealed record StationClass
{
    /// <summary>Id of the station.</summary>
    public string Station { get; init; } = "";

    /// <summary>Its class, as <see cref="AccuracyClass.TryParse"/> reads it.</summary>
    public string Class { get; init; } = "";
}

/// <summary>
/// The gross limits of the road (超限), which are those of the road and not of the vehicle's registration (超载). The table is data, so that another country's is another rulebook, or a profile that it names;
/// what is shipped is Art. 3 of 超限运输车辆行驶公路管理规定 with the penalty of its Art. 43.
/// </summary>
public sealed record RoadLimits
{
    /// <summary>The most that <see cref="JudgeAxles"/> fills in: every axle alone, and a group by the bridge formula.</summary>
    public const int MostJudgedAxles = Readings.Axles.Capacity + 1;

    private readonly int? penaltyFreeKg;
    private readonly int? penaltyPerTonneCny;
    private readonly int? maximumPenaltyCny;

    /// <summary>
    /// The profile whose limits hold where none are written out: one of <see cref="LimitProfiles.Names"/>; null for the default, which is China's gross limits. Naming one takes its limits of axles as well.
    /// </summary>
    public string? Profile { get; init; }

    /// <summary>The limits by number of axles, rising by one from row to row.</summary>
    public IReadOnlyList<RoadLimitRow> Rows { get => field ?? Named.Rows; init; }

    /// <summary>Where the table comes from, as evidence cites it in either language.</summary>
    public string LegalSource { get => field ?? Named.LegalSource; init; }

    /// <summary>Where the penalty comes from.</summary>
    public string PenaltySource { get => field ?? Named.PenaltySource; init; }

    /// <summary>A vehicle that a camera calls a car is believed to be one up to this mass, kg; above, the class must be wrong.</summary>
    public int LightVehicleKg { get; init; } = 3_500;

    /// <summary>Accuracy taken for a station of which none is registered, ± percent of the gross mass that 95 % of its records keep to. Not verified: the coarsest class in use.</summary>
    public double DefaultAccuracyPct { get; init; } = 10;

    /// <summary>Over the limit by at most this share is severity 1. Not verified, like the next two.</summary>
    public double Severity1UpToPct { get; init; } = 5;

    /// <summary>Over the limit by at most this share is severity 2.</summary>
    public double Severity2UpToPct { get; init; } = 30;

    /// <summary>Over the limit by at most this share is severity 3; above, 4.</summary>
    public double Severity3UpToPct { get; init; } = 100;

    /// <summary>Up to this much over the limit the penalty is a warning, kg.</summary>
    public int PenaltyFreeKg { get => penaltyFreeKg ?? Named.PenaltyFreeKg; init => penaltyFreeKg = value; }

    /// <summary>Penalty for each full 1,000 kg over the limit, CNY.</summary>
    public int PenaltyPerTonneCny { get => penaltyPerTonneCny ?? Named.PenaltyPerTonneCny; init => penaltyPerTonneCny = value; }

    /// <summary>The highest penalty, CNY.</summary>
    public int MaximumPenaltyCny { get => maximumPenaltyCny ?? Named.MaximumPenaltyCny; init => maximumPenaltyCny = value; }

    /// <summary>Limits of axles and their groups by spacing; null where there are none.</summary>
    public AxleLimits? Axles { get => field ?? Named.Axles; init; }

    /// <summary>Limits of consecutive axles by the bridge formula; null where there are none.</summary>
    public BridgeLimits? Bridge { get => field ?? Named.Bridge; init; }

    /// <summary>
    /// The accuracy classes of stations, where they are known: an axle is weighed less well than a vehicle, and a station is registered with the accuracy of its gross mass alone. Null for none.
    /// </summary>
    public IReadOnlyList<StationClass>? StationClasses { get; init; }

    private LimitProfile Named => LimitProfiles.Of(Profile);

    /// <summary>
    /// Judges one weighing by every limit in force: the gross mass as <c>Judge</c> does, and the axles into <see cref="RoadJudgement.OnAxles"/>. Axles are not judged where the vehicle is not, nor where it
    /// has an over-limit permit, which may allow axles of any mass.
    /// </summary>
    /// <param name="weighing">The weighing.</param>
    /// <param name="registered">What the register knows.</param>
    /// <param name="permitKg">Gross mass that an over-limit transport permit allows at the time, kg; 0 where there is none.</param>
    public RoadJudgement JudgeWithAxles(scoped in WeighReading weighing, RegisteredBuild registered = default, int permitKg = 0)
    {
        RoadJudgement judgement = Judge(weighing.GrossKg, weighing.AxleCount, weighing.VehicleClass, registered, permitKg);
        if (!judgement.IsJudged || permitKg > 0 || (Axles is null && Bridge is null))
        {
            return judgement;
        }

        VehicleClass body = BodyOf(registered, weighing.VehicleClass);
        ReadOnlySpan<Axle> axles = ((ReadOnlySpan<Axle>)weighing.Axles)[..weighing.AxleCount];
        LimitBreach bySpacing = Axles?.Worst(axles, body) ?? default;
        LimitBreach byFormula = Bridge?.Worst(axles) ?? default;

        // What is advice never hides what is law.
        return judgement with
        {
            OnAxles = bySpacing.IsAdvisory && byFormula is { IsOver: true, IsAdvisory: false } ? byFormula
                : byFormula.IsAdvisory && bySpacing is { IsOver: true, IsAdvisory: false } ? bySpacing
                : bySpacing.OrWorse(byFormula),
        };
    }

    /// <summary>
    /// The axles of one weighing beside the limits that <see cref="JudgeWithAxles"/> holds them to: every axle or group by spacing, front first, and of the groups by the bridge formula, of which any two axles are one, the worst.
    /// </summary>
    /// <param name="weighing">The weighing.</param>
    /// <param name="registered">What the register knows.</param>
    /// <param name="permitKg">As in <see cref="JudgeWithAxles"/>.</param>
    /// <param name="judged">Takes them; <see cref="MostJudgedAxles"/> are enough.</param>
    /// <returns>How many there are; 0 where axles are not judged.</returns>
    public int JudgeAxles(scoped in WeighReading weighing, RegisteredBuild registered, int permitKg, Span<LimitBreach> judged)
    {
        if ((Axles is null && Bridge is null) || permitKg > 0 || !Judge(weighing.GrossKg, weighing.AxleCount, weighing.VehicleClass, registered).IsJudged)
        {
            return 0;
        }

        ReadOnlySpan<Axle> axles = ((ReadOnlySpan<Axle>)weighing.Axles)[..weighing.AxleCount];
        int count = Axles?.Judge(axles, BodyOf(registered, weighing.VehicleClass), judged) ?? 0;
        if (Bridge?.Worst(axles) is { IsJudged: true } bridge)
        {
            judged[count++] = bridge;
        }

        return count;
    }

    /// <summary>Where the limit comes from that was held against a mass.</summary>
    public string LegalSourceOf(in LimitBreach breach) => breach.Criterion switch
    {
        LimitCriterion.Axle or LimitCriterion.Group when Axles is not null => Axles.LegalSource,
        LimitCriterion.Axle or LimitCriterion.Group or LimitCriterion.Bridge when Bridge is not null => Bridge.LegalSource,
        _ => LegalSource,
    };

    /// <summary>The accuracy class of a station; null where none is known.</summary>
    /// <param name="station">Its id, UTF-8.</param>
    public AccuracyClass? ClassOf(ReadOnlySpan<byte> station)
    {
        for (int i = 0; i < StationClasses?.Count; i++)
        {
            if (Encoding.Utf8Text.Is(station, StationClasses[i].Station) && AccuracyClass.TryParse(StationClasses[i].Class, out AccuracyClass found))
            {
                return found;
            }
        }

        return null;
    }

    /// <summary>
    /// Judges one weighing. The measured mass is compared as it is, with no deduction; how sure that is says <see cref="Probability"/>. Where the axle count alone does not
    /// settle the limit, the register decides, then the class in the record, then the limit that favours the driver.
    /// </summary>
    /// <param name="grossKg">Measured gross mass, kg.</param>
    /// <param name="axleCount">Axles weighed; 0 where the record has none.</param>
    /// <param name="recordClass">Body as the record has it.</param>
    /// <param name="registered">What the register knows.</param>
    /// <param name="permitKg">Gross mass that an over-limit transport permit allows at the time, kg; 0 where there is none. It counts only where it is above the table's limit.</param>
    public RoadJudgement Judge(int grossKg, int axleCount, VehicleClass recordClass, RegisteredBuild registered = default, int permitKg = 0)
    {
        RoadLimitRow? row = RowOf(axleCount);
        if (row is null)
        {
            return new RoadJudgement(0, 0, LimitRule.NoAxles, BodySource.None, false);
        }

        bool inRegister = registered.Class != VehicleClass.Unknown;
        VehicleClass body = inRegister ? registered.Class : recordClass;

        // The table is for goods vehicles. A car of the mass of a truck is a misread class and judged as of unknown body; a bus stays one, which favours its driver.
        if (body == VehicleClass.Bus || (body == VehicleClass.Car && (inRegister || grossKg <= LightVehicleKg)))
        {
            return new RoadJudgement(0, 0, LimitRule.NotGoodsVehicle, inRegister ? BodySource.Register : BodySource.Record, false);
        }

        if (inRegister && body is not (VehicleClass.Rigid or VehicleClass.Combination))
        {
            // "Tanker" in the register leaves rigid or combination open; the record may know.
            body = recordClass;
            inRegister = false;
        }

        BodySource source = body is VehicleClass.Rigid or VehicleClass.Combination ? (inRegister ? BodySource.Register : BodySource.Record) : BodySource.None;
        (int limitKg, LimitRule rule) = Limit(row, body, registered.DriveAxles == 1);
        bool driveAxlesUnknown = row.SingleDriveAxleKg is not null && registered.DriveAxles == 0 && body != VehicleClass.Rigid;
        return grossKg > limitKg && permitKg > limitKg
            ? new RoadJudgement(permitKg, Math.Max(0, grossKg - permitKg), LimitRule.Permit, BodySource.None, false)
            : new RoadJudgement(limitKg, Math.Max(0, grossKg - limitKg), rule, source, driveAxlesUnknown);
    }

    /// <summary>
    /// Probability that the true gross mass is over the limit, 0 to 0.9999, to four decimals. The station's error is taken as normal and in proportion to the mass; its accuracy as the deviation that 95 % of its
    /// records keep to. Never 1: no scale is that sure.
    /// </summary>
    /// <param name="grossKg">Measured gross mass, kg.</param>
    /// <param name="limitKg">Limit, kg.</param>
    /// <param name="accuracyPct">± percent; 0 or less where unknown, then <see cref="DefaultAccuracyPct"/>.</param>
    public double Probability(int grossKg, int limitKg, double accuracyPct)
    {
        double pct = accuracyPct > 0 ? accuracyPct : DefaultAccuracyPct;
        double deviationKg = grossKg * pct / 100 / NormalDistribution.TwoSided95;
        return deviationKg > 0 ? Math.Min(0.9999, Math.Round(NormalDistribution.Below((grossKg - limitKg) / deviationKg), 4)) : 0;
    }

    /// <summary>
    /// Probability that a true mass is over its limit, as <see cref="Probability"/> has it, with the tolerance that the station's accuracy class has for what was weighed: for a gross mass another than for one axle. A
    /// class that says nothing of it is taken as unknown.
    /// </summary>
    public double ProbabilityOf(in LimitBreach breach, AccuracyClass accuracy)
    {
        ArgumentNullException.ThrowIfNull(accuracy);
        return Probability(breach.MassKg, breach.LimitKg, accuracy.TolerancePct(breach));
    }

    /// <summary>Severity 1 to 4 of a gross mass over the limit.</summary>
    public int Severity(in RoadJudgement judgement) => Severity(judgement.OverKg, judgement.LimitKg);

    /// <summary>Severity 1 to 4 of a mass over its limit.</summary>
    public int Severity(in LimitBreach breach) => Severity(breach.OverKg, breach.LimitKg);

    /// <summary>
    /// Penalty that the law foresees, CNY; 0 is a warning. Full thousands count, which of the readings of "每超1000千克" is the one that favours the driver. An estimate: the police decide.
    /// </summary>
    public int PenaltyCny(int overKg) =>
        overKg <= PenaltyFreeKg ? 0 : (int)Math.Min(MaximumPenaltyCny, overKg / 1000 * (long)PenaltyPerTonneCny);

    /// <summary>What is wrong with this section of a rulebook, one sentence each; empty where nothing is.</summary>
    public IEnumerable<string> Problems()
    {
        if (Rows is null || Rows.Count is 0 or > ModelLimits.RoadLimitRows)
        {
            yield return $"roadLimits.rows must have 1 to {ModelLimits.RoadLimitRows} rows.";
        }

        if (Profile is not null && !LimitProfiles.Names.Contains(Profile))
        {
            yield return $"roadLimits.profile is \"{Profile}\"; it must be one of {string.Join(", ", LimitProfiles.Names)}, or be left out.";
        }

        foreach (string problem in (Axles?.Problems() ?? []).Concat(Bridge?.Problems() ?? []))
        {
            yield return problem;
        }

        foreach (string problem in ClassProblems())
        {
            yield return problem;
        }

        for (int i = 0; i < (Rows?.Count ?? 0); i++)
        {
            foreach (string problem in RowProblems(i))
            {
                yield return problem;
            }
        }

        if (string.IsNullOrWhiteSpace(LegalSource))
        {
            yield return "roadLimits.legalSource is empty: a warning has to cite where its limit comes from.";
        }

        if (string.IsNullOrWhiteSpace(PenaltySource))
        {
            yield return "roadLimits.penaltySource is empty: a penalty estimate has to cite where it comes from.";
        }

        if (DefaultAccuracyPct is not (> 0 and <= 100))
        {
            yield return $"roadLimits.defaultAccuracyPct is {DefaultAccuracyPct}; it must be above 0 and at most 100.";
        }

        if (!(Severity1UpToPct >= 0 && Severity1UpToPct < Severity2UpToPct && Severity2UpToPct < Severity3UpToPct && double.IsFinite(Severity3UpToPct)))
        {
            yield return "roadLimits.severity1UpToPct, severity2UpToPct and severity3UpToPct must rise in that order, from 0 or more.";
        }

        if (LightVehicleKg is < 0 or > ModelLimits.GrossKg)
        {
            yield return $"roadLimits.lightVehicleKg is {LightVehicleKg}; it must be 0 to {ModelLimits.GrossKg}.";
        }

        if (PenaltyFreeKg < 0 || PenaltyPerTonneCny < 0 || MaximumPenaltyCny < 0)
        {
            yield return "roadLimits.penaltyFreeKg, penaltyPerTonneCny and maximumPenaltyCny must not be negative.";
        }
    }

    private static VehicleClass BodyOf(RegisteredBuild registered, VehicleClass recordClass) =>
        registered.Class is VehicleClass.Rigid or VehicleClass.Combination ? registered.Class : recordClass;

    private IEnumerable<string> ClassProblems()
    {
        if (StationClasses?.Count > ModelLimits.StationRules)
        {
            yield return $"roadLimits.stationClasses has {StationClasses.Count} entries; at most {ModelLimits.StationRules} are taken.";
            yield break;
        }

        for (int i = 0; i < StationClasses?.Count; i++)
        {
            if (StationClasses[i] is not { Station.Length: > 0 } station)
            {
                yield return $"roadLimits.stationClasses[{i}].station is empty.";
            }
            else if (!AccuracyClass.TryParse(station.Class, out _))
            {
                yield return $"roadLimits.stationClasses[{i}].class is \"{station.Class}\"; it must be a class as \"COST 323 B+(7)\", \"ASTM E1318 Type I\" or \"OIML R134 5\".";
            }
        }
    }

    private int Severity(int overKg, int limitKg)
    {
        // Compared as a product, so that a mass exactly on the boundary is on its lower side whatever the division would round to.
        double over = overKg * 100.0;
        return over <= Severity1UpToPct * limitKg ? 1
            : over <= Severity2UpToPct * limitKg ? 2
            : over <= Severity3UpToPct * limitKg ? 3
            : 4;
    }

    private RoadLimitRow? RowOf(int axleCount)
    {
        RoadLimitRow? found = null;
        for (int i = 0; i < Rows.Count && Rows[i].Axles <= axleCount; i++)
        {
            found = Rows[i];
        }

        return found;
    }

    private static (int LimitKg, LimitRule Rule) Limit(RoadLimitRow row, VehicleClass body, bool singleDriveAxle)
    {
        bool lower = singleDriveAxle && row.SingleDriveAxleKg is not null && body != VehicleClass.Rigid;
        int? combinationKg = lower ? row.SingleDriveAxleKg : row.CombinationKg;
        return (row.RigidKg, combinationKg, body) switch
        {
            ({ } rigidKg, _, VehicleClass.Rigid) => (rigidKg, LimitRule.Rigid),
            (null, { } onlyKg, VehicleClass.Rigid) => (onlyKg, LimitRule.NoRigidRow),
            (_, { } lowerKg, _) when lower => (lowerKg, LimitRule.SingleDriveAxle),
            (_, { } bothKg, VehicleClass.Combination) => (bothKg, LimitRule.Combination),
            ({ } rigidKg, { } bothKg, _) => (Math.Max(rigidKg, bothKg), LimitRule.UnknownBody),
            _ => (row.RigidKg ?? combinationKg!.Value, LimitRule.OneLimit),
        };
    }

    private IEnumerable<string> RowProblems(int index)
    {
        RoadLimitRow row = Rows[index];
        if (row is null)
        {
            yield return $"roadLimits.rows[{index}] is null.";
            yield break;
        }

        if (index == 0 ? row.Axles < 1 : Rows[index - 1] is { } before && row.Axles != before.Axles + 1)
        {
            yield return $"roadLimits.rows[{index}].axles is {row.Axles}; rows start at 1 axle or more and rise by one.";
        }

        if (row.RigidKg is null && row.CombinationKg is null)
        {
            yield return $"roadLimits.rows[{index}] has neither rigidKg nor combinationKg.";
        }

        foreach ((string name, int? kg) in new[] { ("rigidKg", row.RigidKg), ("combinationKg", row.CombinationKg), ("singleDriveAxleKg", row.SingleDriveAxleKg) })
        {
            if (kg is <= 0 or > ModelLimits.GrossKg)
            {
                yield return $"roadLimits.rows[{index}].{name} is {kg}; it must be 1 to {ModelLimits.GrossKg}.";
            }
        }

        if (row.SingleDriveAxleKg is { } single && !(single <= row.CombinationKg))
        {
            yield return $"roadLimits.rows[{index}].singleDriveAxleKg is {single}; it must be at most combinationKg, which it lowers.";
        }
    }
}
