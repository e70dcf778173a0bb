using Streaming.Models.Readings;

namespace Streaming.Models.Limits;

/// <summary>Limit of a group whose neighbours are less than so far apart.</summary>
public sealed record AxleGroupLimit
{
    /// <summary>The widest distance between two neighbours is below this, mm.</summary>
    public int BelowMm { get; init; }

    /// <summary>Limit on a trailer, kg.</summary>
    public int TrailerKg { get; init; }

    /// <summary>Limit on a motor vehicle, kg.</summary>
    public int MotorKg { get; init; }
}

/// <summary>
/// Limits of axles and of groups of them, in kg by spacing. A weigh record says neither which axles are driven nor which are the trailer's, so each has the higher of its two limits, in the driver's favour;
/// the last group of a known combination is certainly the trailer's. A group that the tables have no limit for is judged axle by axle.
/// </summary>
/// <remarks>That the gross mass may not exceed the sum of these limits needs no rule of its own: where it does, one of the groups is over.</remarks>
public sealed record AxleLimits
{
    /// <summary>Neighbours closer than this are one group, mm. From 1.8 m on, 96/53 allows two axles 20 t, which is two single axles.</summary>
    public int GroupBelowMm { get; init; } = 1_800;

    /// <summary>Limit of a single axle that is not driven, kg.</summary>
    public int SingleKg { get; init; } = 10_000;

    /// <summary>Limit of a single axle that is driven, kg.</summary>
    public int DriveKg { get; init; } = 11_500;

    /// <summary>Limits of two axles together, by rising spacing. 19 t takes air suspension or the like, of which a record knows nothing.</summary>
    public IReadOnlyList<AxleGroupLimit> Tandem { get; init; } =
    [
        new() { BelowMm = 1_000, TrailerKg = 11_000, MotorKg = 11_500 },
        new() { BelowMm = 1_300, TrailerKg = 16_000, MotorKg = 16_000 },
        new() { BelowMm = 1_800, TrailerKg = 18_000, MotorKg = 19_000 },
    ];

    /// <summary>Limits of three axles together, by rising spacing. The law's bounds are inclusive: up to 1.3 m and up to 1.4 m.</summary>
    public IReadOnlyList<AxleGroupLimit> TriAxle { get; init; } =
    [
        new() { BelowMm = 1_301, TrailerKg = 21_000, MotorKg = 21_000 },
        new() { BelowMm = 1_401, TrailerKg = 24_000, MotorKg = 24_000 },
    ];

    /// <summary>True where an axle over its limit is shown and nobody is accused of it.</summary>
    public bool Advisory { get; init; }

    /// <summary>Where the limits come from.</summary>
    public string LegalSource { get; init; } = "96/53/EC Annex I";

    /// <summary>The axle or group that is the largest share of its limit, over it or not; not judged where the record has no axles with rising offsets.</summary>
    /// <param name="axles">The axles, front first; at most <see cref="Axles.Capacity"/>.</param>
    /// <param name="body">Body of the vehicle, from the register or the record.</param>
    public LimitBreach Worst(ReadOnlySpan<Axle> axles, VehicleClass body)
    {
        Span<LimitBreach> judged = stackalloc LimitBreach[Axles.Capacity];
        LimitBreach worst = default;
        foreach (ref readonly LimitBreach each in judged[..Judge(axles, body, judged)])
        {
            worst = worst.OrWorse(each);
        }

        return worst;
    }

    /// <summary>Every axle and group beside its limit, front first; none where the record has no axles with rising offsets.</summary>
    /// <param name="axles">The axles, front first; at most <see cref="Axles.Capacity"/>.</param>
    /// <param name="body">Body of the vehicle, from the register or the record.</param>
    /// <param name="judged">Takes them; as long as <paramref name="axles"/>.</param>
    /// <returns>How many there are.</returns>
    public int Judge(ReadOnlySpan<Axle> axles, VehicleClass body, Span<LimitBreach> judged)
    {
        Span<AxleGroup> groups = stackalloc AxleGroup[Axles.Capacity];
        int count = AxleGroups.Find(axles, GroupBelowMm, groups);
        int found = 0;
        for (int i = 0; i < count; i++)
        {
            AxleGroup group = groups[i];
            bool trailer = body == VehicleClass.Combination && i > 0 && i == count - 1;
            if (GroupKg(group, trailer) is > 0 and int groupKg)
            {
                judged[found++] = new LimitBreach(group.Count == 1 ? LimitCriterion.Axle : LimitCriterion.Group, group.First, group.Count, group.MassKg, groupKg, Advisory);
                continue;
            }

            for (int axle = group.First; axle < group.First + group.Count; axle++)
            {
                judged[found++] = new LimitBreach(LimitCriterion.Axle, axle, 1, axles[axle].MassKg, AxleKg(trailer), Advisory);
            }
        }

        return found;
    }

    /// <summary>Limit of a group, kg; 0 where the tables have none.</summary>
    public int GroupKg(in AxleGroup group, bool trailer)
    {
        if (group.Kind == AxleGroupKind.Single)
        {
            return AxleKg(trailer);
        }

        IReadOnlyList<AxleGroupLimit> rows = group.Kind switch { AxleGroupKind.Tandem => Tandem, AxleGroupKind.TriAxle => TriAxle, _ => [] };
        for (int i = 0; i < rows.Count; i++)
        {
            if (group.WidestMm < rows[i].BelowMm)
            {
                return trailer ? rows[i].TrailerKg : Math.Max(rows[i].TrailerKg, rows[i].MotorKg);
            }
        }

        return 0;
    }

    /// <summary>What is wrong with this part of a rulebook, one sentence each; empty where nothing is.</summary>
    public IEnumerable<string> Problems()
    {
        if (GroupBelowMm is < 1 or > ModelLimits.AxleSpacingMm)
        {
            yield return $"roadLimits.axles.groupBelowMm is {GroupBelowMm}; it must be 1 to {ModelLimits.AxleSpacingMm}.";
        }

        foreach ((string name, int kg) in new[] { ("singleKg", SingleKg), ("driveKg", DriveKg) })
        {
            if (kg is < 1 or > ModelLimits.GrossKg)
            {
                yield return $"roadLimits.axles.{name} is {kg}; it must be 1 to {ModelLimits.GrossKg}.";
            }
        }

        foreach (string problem in RowProblems("tandem", Tandem).Concat(RowProblems("triAxle", TriAxle)))
        {
            yield return problem;
        }

        if (string.IsNullOrWhiteSpace(LegalSource))
        {
            yield return "roadLimits.axles.legalSource is empty: a warning has to cite where its limit comes from.";
        }
    }

    private int AxleKg(bool trailer) => trailer ? SingleKg : Math.Max(SingleKg, DriveKg);

    private static IEnumerable<string> RowProblems(string name, IReadOnlyList<AxleGroupLimit> rows)
    {
        if (rows is null || rows.Count > ModelLimits.RoadLimitRows)
        {
            yield return $"roadLimits.axles.{name} must have at most {ModelLimits.RoadLimitRows} rows.";
            yield break;
        }

        int before = 0;
        for (int i = 0; i < rows.Count; i++)
        {
            if (rows[i] is not { } row)
            {
                yield return $"roadLimits.axles.{name}[{i}] is null.";
                continue;
            }

            if (row.BelowMm <= before || row.BelowMm > ModelLimits.AxleSpacingMm)
            {
                yield return $"roadLimits.axles.{name}[{i}].belowMm is {row.BelowMm}; rows rise from 1 to {ModelLimits.AxleSpacingMm}.";
            }

            before = row.BelowMm;
            if (row.TrailerKg is < 1 or > ModelLimits.GrossKg || row.MotorKg is < 1 or > ModelLimits.GrossKg)
            {
                yield return $"roadLimits.axles.{name}[{i}] has trailerKg {row.TrailerKg} and motorKg {row.MotorKg}; both must be 1 to {ModelLimits.GrossKg}.";
            }
        }
    }
}
