namespace Streaming.Silo.Bench.Quality;

/// <summary>Precision when warnings are taken from the surest down, until a share of the truths is found.</summary>
/// <param name="Recall">The share, 0 to 1.</param>
/// <param name="Precision">Of the warnings taken until then; null where the share is never reached.</param>
internal sealed record RankedPoint(double Recall, double? Precision);

/// <summary>How good one kind of warning was.</summary>
internal sealed class KindScore
{
    private readonly List<(RaisedWarning Warning, Truth? Truth)> judged = [];

    private KindScore(Scenario scenario) => (Kind, IsRanked) = (scenario.Kind, scenario.IsRanked);

    public string Kind { get; }

    /// <summary>True where it is asked how much the warnings' confidence is worth.</summary>
    public bool IsRanked { get; }

    /// <summary>What there was to be found.</summary>
    public int Truths { get; private set; }

    /// <summary>Truths that a warning found; several of one count once.</summary>
    public int Found { get; private set; }

    /// <summary>Warnings raised, of whatever worth.</summary>
    public int Raised => judged.Count;

    /// <summary>Warnings without any truth behind them, each counted.</summary>
    public int False => judged.Count(pair => pair.Truth is null);

    /// <summary>Warnings of what may be warned of and need not be.</summary>
    public int Optional => judged.Count(pair => pair.Truth is { Counts: false });

    public int Missed => Truths - Found;

    /// <summary>Found among found and false, 0 to 1; 0 where nothing was raised.</summary>
    public double Precision => Share(Found, Found + False);

    /// <summary>Found among all truths, 0 to 1.</summary>
    public double Recall => Share(Found, Truths);

    /// <summary>The warnings that nothing stood behind, and the truths that nothing found: to look into.</summary>
    public IReadOnlyList<RaisedWarning> FalseWarnings => [.. judged.Where(pair => pair.Truth is null).Select(pair => pair.Warning)];

    public IReadOnlyList<Truth> MissedTruths { get; private set; } = [];

    /// <summary>Every warning with what stands behind it; null for nothing.</summary>
    public IReadOnlyList<(RaisedWarning Warning, Truth? Truth)> Judged => judged;

    /// <summary>True where a learned model says how sure the warnings are.</summary>
    public bool IsLearned => judged.Exists(pair => pair.Warning.BuiltIn is not null);

    /// <summary>Mean squared distance of probability and truth over all warnings (Brier, 1950); 0 is best. What need not be warned of is so all the same.</summary>
    public double Brier(Func<RaisedWarning, double> confidence) => judged.Count == 0 ? 0 : judged.Average(pair =>
    {
        double distance = confidence(pair.Warning) - (pair.Truth is null ? 0 : 1);
        return distance * distance;
    });

    /// <summary>Holds what was raised against what was true.</summary>
    /// <param name="scenario">Says which kinds of warning belong to it.</param>
    /// <param name="truths">Truths of all kinds.</param>
    /// <param name="raised">Warnings of all kinds.</param>
    public static KindScore Of(Scenario scenario, IEnumerable<Truth> truths, IEnumerable<RaisedWarning> raised)
    {
        KindScore score = new(scenario);
        Dictionary<string, List<Truth>> bySubject = new(StringComparer.Ordinal);
        List<Truth> wanted = [];
        foreach (Truth truth in truths.Where(truth => truth.Kind == scenario.Kind))
        {
            if (truth.Counts)
            {
                wanted.Add(truth);
            }

            foreach (string subject in truth.Subjects)
            {
                (bySubject.TryGetValue(subject, out List<Truth>? known) ? known : bySubject[subject] = []).Add(truth);
            }
        }

        long slackMs = (long)scenario.Slack.TotalMilliseconds;
        HashSet<Truth> found = [];
        foreach (RaisedWarning warning in raised.Where(warning => scenario.Matches(warning.Kind)))
        {
            List<Truth> known = bySubject.GetValueOrDefault(warning.Subject) ?? [];

            // It is right by what was so when it was opened: one that was false at first is not made right by what comes to pass later.
            Truth? behind = known.Where(truth => truth.Covers(warning.Subject, warning.SinceMs, warning.SinceMs, slackMs)).OrderByDescending(truth => truth.Counts).FirstOrDefault();
            if (behind is { IsApart: true })
            {
                continue;
            }

            score.judged.Add((warning, behind));
            if (behind is not null)
            {
                found.UnionWith(known.Where(truth => truth.Counts && truth.Covers(warning.Subject, warning.SinceMs, warning.UpdatedMs, slackMs)));
            }
        }

        score.Truths = wanted.Count;
        score.Found = found.Count;
        score.MissedTruths = [.. wanted.Where(truth => !found.Contains(truth))];
        return score;
    }

    /// <summary>Precision at shares of the truths found, when the warnings are taken in the order of their confidence. Another judge of the same warnings is compared by giving another <paramref name="confidence"/>.</summary>
    public IReadOnlyList<RankedPoint> Ranked(Func<RaisedWarning, double> confidence, params ReadOnlySpan<double> recalls)
    {
        List<RankedPoint> points = [];
        List<(RaisedWarning Warning, Truth? Truth)> ranked =
            [.. judged.Where(pair => pair.Truth is null or { Counts: true }).OrderByDescending(pair => confidence(pair.Warning)).ThenBy(pair => pair.Warning.Id, StringComparer.Ordinal)];
        foreach (double recall in recalls)
        {
            HashSet<Truth> found = [];
            int wrong = 0;
            double? precision = null;
            foreach ((RaisedWarning _, Truth? truth) in ranked)
            {
                if (truth is null)
                {
                    wrong++;
                    continue;
                }

                found.Add(truth);
                if (found.Count >= recall * Truths)
                {
                    precision = Share(found.Count, found.Count + wrong);
                    break;
                }
            }

            points.Add(new RankedPoint(recall, precision));
        }

        return points;
    }

    private static double Share(int part, int all) => all == 0 ? 0 : (double)part / all;
}
