namespace Streaming.Models.Limits;

/// <summary>What an accuracy class has a tolerance for.</summary>
public enum AccuracyCriterion : byte
{
    Gross = 1,
    Group = 2,
    SingleAxle = 3,

    /// <summary>One axle of a group.</summary>
    AxleOfGroup = 4,
}

/// <summary>
/// How accurate a weigh station is, as its standard names it: ± percent of the mass by what is weighed. 0 is a criterion that the class says nothing of, or of which no figure was verified.
/// </summary>
/// <param name="Name">Its name as its standard writes it, with the standard before it.</param>
/// <param name="GrossPct">Of the gross mass.</param>
/// <param name="GroupPct">Of a group of axles.</param>
/// <param name="SingleAxlePct">Of a single axle.</param>
/// <param name="AxleOfGroupPct">Of one axle of a group.</param>
public sealed record AccuracyClass(string Name, double GrossPct, double GroupPct, double SingleAxlePct, double AxleOfGroupPct)
{
    /// <summary>COST 323, best first (OpenWIM/pywim, notebooks/AccuracyCalculationCOST323.ipynb).</summary>
    public static IReadOnlyList<AccuracyClass> Cost323 { get; } =
    [
        new("COST 323 A(5)", 5, 7, 8, 10),
        new("COST 323 B+(7)", 7, 10, 11, 14),
        new("COST 323 B(10)", 10, 13, 15, 20),
        new("COST 323 C(15)", 15, 18, 20, 25),
        new("COST 323 D+(20)", 20, 23, 25, 30),
        new("COST 323 D(25)", 25, 28, 30, 35),
    ];

    /// <summary>
    /// ASTM E1318-09 (FHWA Traffic Monitoring Guide 2022, App. D), which 95 % of records keep to. It has one figure for any axle. Types III and IV are left out: their figures were not verified.
    /// </summary>
    public static IReadOnlyList<AccuracyClass> Astm { get; } =
    [
        new("ASTM E1318 Type I", 10, 15, 20, 20),
        new("ASTM E1318 Type II", 15, 20, 30, 30),
    ];

    /// <summary>
    /// The classes of gross mass of OIML R134, which JJG 907-2006 shares. That the error in service is the class's number in percent was not verified: a city that knows better registers the percentage itself. The axle
    /// classes A to F are left out, as their figures are not known.
    /// </summary>
    public static IReadOnlyList<AccuracyClass> Oiml { get; } =
    [
        new("OIML R134 0.2", 0.2, 0, 0, 0),
        new("OIML R134 0.5", 0.5, 0, 0, 0),
        new("OIML R134 1", 1, 0, 0, 0),
        new("OIML R134 2", 2, 0, 0, 0),
        new("OIML R134 5", 5, 0, 0, 0),
        new("OIML R134 10", 10, 0, 0, 0),
    ];

    /// <summary>± percent; 0 where the class says nothing of the criterion.</summary>
    public double TolerancePct(AccuracyCriterion criterion) => criterion switch
    {
        AccuracyCriterion.Gross => GrossPct,
        AccuracyCriterion.Group => GroupPct,
        AccuracyCriterion.SingleAxle => SingleAxlePct,
        AccuracyCriterion.AxleOfGroup => AxleOfGroupPct,
        _ => 0,
    };

    /// <summary>
    /// ± percent for the mass that a limit was held against; 0 where unknown. A group by the bridge formula is taken as a group of axles: no standard has a figure for it, and the errors of more axles even out.
    /// </summary>
    public double TolerancePct(in LimitBreach breach) => TolerancePct(breach.Criterion switch
    {
        LimitCriterion.Gross => AccuracyCriterion.Gross,
        LimitCriterion.Axle when breach.AxleCount == 1 => AccuracyCriterion.SingleAxle,
        LimitCriterion.None => default,
        _ => AccuracyCriterion.Group,
    });

    /// <summary>
    /// The class of a name as people write it: "COST 323 B+(7)", "B+(7)", "ASTM E1318 Type I", "Type I", "OIML R134 5", "JJG 907 5". Spaces and case do not matter. False where there is no such class;
    /// a number or letter alone is none, for several standards have it.
    /// </summary>
    public static bool TryParse(ReadOnlySpan<char> text, out AccuracyClass found)
    {
        foreach (IReadOnlyList<AccuracyClass> standard in new[] { Cost323, Astm, Oiml })
        {
            foreach (AccuracyClass each in standard)
            {
                if (Is(text, each.Name)
                    || (standard == Cost323 && Is(text, each.Name.AsSpan("COST 323 ".Length)))
                    || (standard == Astm && Is(text, each.Name.AsSpan("ASTM E1318 ".Length)))
                    || (standard == Oiml && text.TrimStart().StartsWith("JJG", StringComparison.OrdinalIgnoreCase) && Is(text, "JJG 907 ", each.Name.AsSpan("OIML R134 ".Length))))
                {
                    found = each;
                    return true;
                }
            }
        }

        found = Cost323[^1];
        return false;
    }

    private static bool Is(ReadOnlySpan<char> text, ReadOnlySpan<char> name) => Is(text, name, "");

    /// <summary>True where the text is the one and then the other, spaces and case aside.</summary>
    private static bool Is(ReadOnlySpan<char> text, ReadOnlySpan<char> start, ReadOnlySpan<char> end)
    {
        int at = 0;
        for (int i = 0; i < start.Length + end.Length; i++)
        {
            char wanted = i < start.Length ? start[i] : end[i - start.Length];
            if (wanted == ' ')
            {
                continue;
            }

            while (at < text.Length && text[at] == ' ')
            {
                at++;
            }

            if (at == text.Length || char.ToUpperInvariant(text[at++]) != char.ToUpperInvariant(wanted))
            {
                return false;
            }
        }

        return text[at..].Trim(' ').IsEmpty;
    }
}
