namespace Streaming.Models.Reports;

/// <summary>When two reports, or a report and a warning, are taken to be about the same event. All of it is configuration; the defaults were tuned on made reports (<c>bench reports</c>).</summary>
public sealed record MergingRules
{
    /// <summary>Farther apart, two reports are about two events, m: at most <see cref="ModelLimits.MergingRadiusM"/>.</summary>
    public int RadiusM { get; init; } = 125;

    /// <summary>A camera stands beside what it sees: so far apart a report and a camera's warning may be, m.</summary>
    public int CameraRadiusM { get; init; } = 70;

    /// <summary>Longer apart, two reports are about two events, min.</summary>
    public int WindowMinutes { get; init; } = 240;

    /// <summary>Kinds with another window, min.</summary>
    public SortedDictionary<string, int> KindWindowMinutes
    {
        get;

        // A dictionary that comes from JSON would sort by culture.
        init => field = new(value ?? [], StringComparer.Ordinal);
    } = new(StringComparer.Ordinal);

    /// <summary>Kinds that people take for one another: of two in one of these lists a report may join the other's case.</summary>
    public IReadOnlyList<IReadOnlyList<string>> Alike { get; init; } = [["fire", "smoke"], ["leak", "spill"], ["water", "road-damage"], ["street-stall", "fumes"]];

    /// <summary>What nearness counts, against <see cref="TimeWeight"/> and <see cref="TextWeight"/>.</summary>
    public double PlaceWeight { get; init; } = 0.4;

    /// <summary>What being at the same time counts.</summary>
    public double TimeWeight { get; init; } = 0.15;

    /// <summary>What saying the same counts.</summary>
    public double TextWeight { get; init; } = 0.45;

    /// <summary>With less of the text alike they are two events, whatever else: 0 to 1.</summary>
    public double LeastText { get; init; } = 0.3;

    /// <summary>As <see cref="LeastText"/>, where one of the two names no kind of event: 0 to 1. Two things at one address are often spoken of alike.</summary>
    public double LeastTextOfUnknown { get; init; } = 0.5;

    /// <summary>Two texts of few words are alike by chance: so many terms are counted to each that the other has not, 0 to 10.</summary>
    public double FewTerms { get; init; } = 0.5;

    /// <summary>How much of the text two have alike at least that name the same kind of event: 0 to 1.</summary>
    public double SameKindText { get; init; } = 0.4;

    /// <summary>What nearness is worth where the two name other landmarks: 0 to 1, as a factor.</summary>
    public double OtherLandmark { get; init; } = 0.5;

    /// <summary>How near two are that name one landmark of one road, and have no positions: 0 to 1.</summary>
    public double SameLandmark { get; init; } = 0.6;

    /// <summary>From this score on they are one: 0 to 1.</summary>
    public double LeastScore { get; init; } = 0.56;

    /// <summary>House numbers of one road that differ by no more may be of one event.</summary>
    public int HousesApart { get; init; } = 4;

    /// <summary>Severity of a case that a report opens, by kind, 1 to 4; 1 where none is given.</summary>
    public SortedDictionary<string, int> Severities
    {
        get;
        init => field = new(value ?? [], StringComparer.Ordinal);
    } = new(StringComparer.Ordinal) { ["fire"] = 3, ["leak"] = 3, ["manhole"] = 2, ["smoke"] = 2, ["spill"] = 2 };

    /// <summary>A report of what happened longer ago opens a case that rings for nobody, h.</summary>
    public int LiveHours { get; init; } = 24;

    /// <summary>Longest that a candidate has to be kept, min.</summary>
    public int LongestWindowMinutes => Math.Max(WindowMinutes, KindWindowMinutes.Values.DefaultIfEmpty(0).Max());

    /// <summary>Window of a kind, min.</summary>
    public int WindowOf(string kind) => KindWindowMinutes.TryGetValue(kind, out int minutes) ? minutes : WindowMinutes;

    /// <summary>True where a report of one kind may be about an event of the other.</summary>
    public bool Goes(string kind, string other)
    {
        if (kind == other || kind == ReportText.AnyKind || other == ReportText.AnyKind)
        {
            return true;
        }

        for (int i = 0; i < Alike.Count; i++)
        {
            if (Alike[i].Contains(kind) && Alike[i].Contains(other))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>What is wrong with it, one sentence each.</summary>
    public IEnumerable<string> Problems()
    {
        foreach ((string name, int value, int most) in ((string, int, int)[])
        [
            ("radiusM", RadiusM, ModelLimits.MergingRadiusM), ("cameraRadiusM", CameraRadiusM, ModelLimits.MergingRadiusM), ("windowMinutes", WindowMinutes, ModelLimits.MergingWindowMinutes),
            ("liveHours", LiveHours, 24 * 366),
            .. KindWindowMinutes.Select(pair => ($"kindWindowMinutes.{pair.Key}", pair.Value, ModelLimits.MergingWindowMinutes)),
            .. Severities.Select(pair => ($"severities.{pair.Key}", pair.Value, 4)),
        ])
        {
            if (value < 1 || value > most)
            {
                yield return $"merging.{name} is {value}; it must be 1 to {most}.";
            }
        }

        foreach ((string name, double value) in ((string, double)[])
            [("placeWeight", PlaceWeight), ("timeWeight", TimeWeight), ("textWeight", TextWeight), ("leastText", LeastText), ("leastTextOfUnknown", LeastTextOfUnknown), ("sameKindText", SameKindText), ("otherLandmark", OtherLandmark), ("sameLandmark", SameLandmark), ("leastScore", LeastScore)])
        {
            if (value is not (>= 0 and <= 1))
            {
                yield return $"merging.{name} is {value}; it must be 0 to 1.";
            }
        }

        if (PlaceWeight + TimeWeight + TextWeight is not > 0)
        {
            yield return "merging.textWeight is 0 as the other weights are; it must be above 0 for one of them.";
        }

        if (FewTerms is not (>= 0 and <= 10))
        {
            yield return $"merging.fewTerms is {FewTerms}; it must be 0 to 10.";
        }

        if (HousesApart is < 0 or > 1000)
        {
            yield return $"merging.housesApart is {HousesApart}; it must be 0 to 1000.";
        }

        if (Alike is null || Alike.Any(list => list is null))
        {
            yield return "merging.alike is null in part; it must be a list of lists of kinds.";
        }
    }
}
