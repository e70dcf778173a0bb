using Streaming.Grains.Rules;

namespace Streaming.Silo.Supervision;

/// <summary>What a scoreboard is grouped by.</summary>
internal enum ScoreGroup
{
    Department,
    District,
    Person,
    Kind,
    Province,
}

/// <summary>How often a code was the outcome.</summary>
internal sealed record ScoredOutcome(string Code, long Count);

/// <summary>One line of a scoreboard. Counts are of what happened in the period, whenever it began; medians are in minutes and null where there is nothing to take one of.</summary>
/// <param name="Key">What the line is of; null of the total, and of what has none (a subject that is no vehicle, work that nobody has).</param>
/// <param name="Department">Of a person: whose.</param>
/// <param name="Received">Work orders issued.</param>
/// <param name="InTime">Completed before or at their deadline, those that have none included.</param>
/// <param name="MissedDeadlines">Deadlines that passed, whether or not the work was done later.</param>
/// <param name="OpenNow">Work orders unfinished as this is read.</param>
/// <param name="OverdueNow">Those of them that are past their deadline.</param>
/// <param name="Hasty">Completed too soon, or without a look at the evidence (<see cref="SupervisionRules"/>).</param>
/// <param name="CasesOpened">Cases that it led as they were opened.</param>
/// <param name="Reopened">Cases that it led and that were not over.</param>
internal sealed record ScoreLine(
    string? Key,
    string? Department,
    long Received,
    long Accepted,
    long Completed,
    long InTime,
    long Late,
    long Returned,
    long Withdrawn,
    long Parked,
    long Extended,
    long MissedDeadlines,
    long OpenNow,
    long OverdueNow,
    long Hasty,
    long CasesOpened,
    long CasesClosed,
    long Reopened,
    double? MedianAcceptMinutes,
    double? MedianHandleMinutes,
    ScoredOutcome[] Outcomes)
{
    /// <summary>What a department or district is called; absent where the rulebook does not know it.</summary>
    public LocalName? Name { get; init; }
}

/// <summary>How often a model was right: cases that were closed in the period, as they were closed last, with an outcome that says whether it was so.</summary>
/// <param name="Model">Name and version of the model; null where the row is of all.</param>
/// <param name="Precision">Found among those that say; null where none does.</param>
internal sealed record PrecisionLine(string Kind, string? Model, string? Station, long Closed, long Found, long NotFound, double? Precision);

/// <summary>How many of a station's weighings were over the limit, and in the same days a year before.</summary>
/// <param name="OverPct">Percent; null where nothing was weighed.</param>
internal sealed record OverloadLine(string Station, string District, DateOnly? Day, long Weighings, long Over, double? OverPct, long LastYearWeighings, long LastYearOver, double? LastYearOverPct, double? ChangePct);

/// <summary>Adds events up, line by line. Whoever gives it the same events gets the same scoreboard: the API from the lists' file, the verb from the journal, and a test from what it did.</summary>
internal sealed class Scoreboard(ScoreGroup group, SupervisionRules hasty)
{
    private readonly SortedDictionary<(string Key, string Department), Tally> tallies = new(Comparer<(string Key, string Department)>.Create((one, other) =>
        string.CompareOrdinal(one.Key, other.Key) is var order and not 0 ? order : string.CompareOrdinal(one.Department, other.Department)));

    private readonly Tally total = new();

    /// <summary>The key of what has none.</summary>
    private const string None = "";

    public ScoreLine Total => Line(null, null, total);

    /// <summary>In order of their keys, ordinal; what has none comes first.</summary>
    public IEnumerable<ScoreLine> Lines => tallies.Select(each => Line(each.Key.Key is None ? null : each.Key.Key, group == ScoreGroup.Person ? each.Key.Department : null, each.Value));

    public void Add(ScoreEvent happened)
    {
        // A case is nobody's own: a person's line has what the person did.
        bool ofCase = happened.What is ScoreEvents.CaseOpened or ScoreEvents.CaseClosed or ScoreEvents.Reopened;
        total.Add(happened, hasty);
        if (group != ScoreGroup.Person || !ofCase)
        {
            Of(happened.Department, happened.District, happened.Person, happened.Kind, happened.Province).Add(happened, hasty);
        }
    }

    /// <summary>A work order as it is now.</summary>
    public void Now(OrderScore order)
    {
        if (order.EndedMs is null)
        {
            foreach (Tally tally in (Tally[])[total, Of(order.Department, order.District, order.Person, order.Kind, order.Province)])
            {
                tally.Open++;
                tally.OverdueNow += order.Overdue ? 1 : 0;
            }
        }
    }

    private Tally Of(string department, string district, string? person, string kind, string? province)
    {
        (string, string) key = group switch
        {
            ScoreGroup.Department => (department, None),
            ScoreGroup.District => (district, None),
            ScoreGroup.Person => (person ?? None, department),
            ScoreGroup.Kind => (kind, None),
            _ => (province ?? None, None),
        };
        return tallies.TryGetValue(key, out Tally? known) ? known : tallies[key] = new Tally();
    }

    private static ScoreLine Line(string? key, string? department, Tally tally) => new(
        key,
        department,
        tally.Of(ScoreEvents.Received),
        tally.Of(ScoreEvents.Accepted),
        tally.Of(ScoreEvents.Completed),
        tally.Of(ScoreEvents.Completed) - tally.Late,
        tally.Late,
        tally.Of(ScoreEvents.Returned),
        tally.Of(ScoreEvents.Withdrawn),
        tally.Of(ScoreEvents.Parked),
        tally.Of(ScoreEvents.Extended),
        tally.Of(ScoreEvents.Overdue),
        tally.Open,
        tally.OverdueNow,
        tally.Hasty,
        tally.Of(ScoreEvents.CaseOpened),
        tally.Of(ScoreEvents.CaseClosed),
        tally.Of(ScoreEvents.Reopened),
        Median(tally.ToAccept),
        Median(tally.ToHandle),
        [.. tally.Outcomes.Select(outcome => new ScoredOutcome(outcome.Key, outcome.Value))]);

    /// <summary>The middle value, or the mean of the two in the middle; in minutes, to a tenth.</summary>
    private static double? Median(List<long> ms)
    {
        if (ms.Count == 0)
        {
            return null;
        }

        ms.Sort();
        double middle = ms.Count % 2 == 1 ? ms[ms.Count / 2] : (ms[(ms.Count / 2) - 1] + ms[ms.Count / 2]) / 2.0;
        return Math.Round(middle / 60_000, 1, MidpointRounding.AwayFromZero);
    }

    private sealed class Tally
    {
        private readonly Dictionary<string, long> counts = new(StringComparer.Ordinal);

        public long Late { get; private set; }

        public long Hasty { get; private set; }

        public long Open { get; set; }

        public long OverdueNow { get; set; }

        public List<long> ToAccept { get; } = [];

        public List<long> ToHandle { get; } = [];

        public SortedDictionary<string, long> Outcomes { get; } = new(StringComparer.Ordinal);

        public long Of(string what) => counts.GetValueOrDefault(what);

        public void Add(ScoreEvent happened, SupervisionRules hasty)
        {
            counts[happened.What] = counts.GetValueOrDefault(happened.What) + 1;
            if (happened.What == ScoreEvents.Accepted && happened.Ms is { } toAccept)
            {
                ToAccept.Add(toAccept);
            }
            else if (happened.What == ScoreEvents.Completed)
            {
                Late += happened.Late ? 1 : 0;
                Hasty += IsHasty(happened, hasty) ? 1 : 0;
                if (happened.Ms is { } toHandle)
                {
                    ToHandle.Add(toHandle);
                }

                if (happened.Code is { } code)
                {
                    Outcomes[code] = Outcomes.GetValueOrDefault(code) + 1;
                }
            }
        }

        private static bool IsHasty(ScoreEvent completed, SupervisionRules hasty) =>
            (hasty.LookNeeded && !completed.Looked) || (hasty.HastyMinutes > 0 && completed.WorkedMs < hasty.HastyMinutes * 60_000L);
    }
}

/// <summary>The two other tables of supervision.</summary>
internal static class SupervisionTables
{
    /// <summary>By kind, model and station, and by kind and model, and by kind: those that have cases, in that order.</summary>
    public static IReadOnlyList<PrecisionLine> Precision(IEnumerable<CaseScore> closed, IReadOnlyList<OutcomeCode> outcomes)
    {
        Dictionary<string, bool?> found = outcomes.ToDictionary(outcome => outcome.Code, outcome => outcome.Found, StringComparer.Ordinal);
        SortedDictionary<(string Kind, string? Model, string? Station), long[]> sums = new(Comparer<(string Kind, string? Model, string? Station)>.Create((one, other) =>
            string.CompareOrdinal(one.Kind, other.Kind) is var kind and not 0 ? kind : string.CompareOrdinal(one.Model, other.Model) is var model and not 0 ? model : string.CompareOrdinal(one.Station, other.Station)));
        foreach (CaseScore each in closed)
        {
            bool? was = each.Outcome is { } code && found.TryGetValue(code, out bool? says) ? says : null;
            foreach ((string, string?, string?) key in new HashSet<(string, string?, string?)> { (each.Kind, null, null), (each.Kind, each.Model, null), (each.Kind, each.Model, each.Station) })
            {
                long[] sum = sums.TryGetValue(key, out long[]? known) ? known : sums[key] = new long[3];
                sum[0]++;
                sum[1] += was == true ? 1 : 0;
                sum[2] += was == false ? 1 : 0;
            }
        }

        return [.. sums.Select(each => new PrecisionLine(each.Key.Kind, each.Key.Model, each.Key.Station, each.Value[0], each.Value[1], each.Value[2], Share(each.Value[1], each.Value[1] + each.Value[2], 1, 4)))];
    }

    /// <summary>Each station's sum over the period beside that of the earlier one, and where there are several days, each of them too.</summary>
    /// <param name="days">Days of the period.</param>
    /// <param name="earlier">Days of the earlier period.</param>
    /// <param name="back">Days from a day to the one that it is compared with.</param>
    /// <param name="byDay">Each day has a line of its own.</param>
    public static IReadOnlyList<OverloadLine> Overload(IReadOnlyList<StationDay> days, IReadOnlyList<StationDay> earlier, Func<DateOnly, DateOnly> back, bool byDay)
    {
        Dictionary<(string Station, DateOnly? Day), (long Weighings, long Over)> before = [];
        void Before(string station, DateOnly? day, StationDay of) =>
            before[(station, day)] = before.TryGetValue((station, day), out (long Weighings, long Over) sum) ? (sum.Weighings + of.Weighings, sum.Over + of.Over) : (of.Weighings, of.Over);
        foreach (StationDay day in earlier)
        {
            Before(day.Station, null, day);
            Before(day.Station, Date(day.Day), day);
        }

        List<OverloadLine> lines = [];
        foreach (IGrouping<string, StationDay> station in days.GroupBy(day => day.Station).OrderBy(group => group.Key, StringComparer.Ordinal))
        {
            string district = station.Select(day => day.District).Where(name => name.Length > 0).LastOrDefault() ?? "";
            lines.Add(Line(station.Key, district, null, station.Sum(day => day.Weighings), station.Sum(day => day.Over), before.GetValueOrDefault((station.Key, null))));
            if (byDay)
            {
                lines.AddRange(station.OrderBy(day => day.Day).Select(day => Line(station.Key, district, Date(day.Day), day.Weighings, day.Over, before.GetValueOrDefault((station.Key, back(Date(day.Day)))))));
            }
        }

        return lines;
    }

    public static DateOnly Date(long day) => DateOnly.FromDayNumber((int)day + DateOnly.FromDateTime(DateTime.UnixEpoch).DayNumber);

    public static long Day(DateOnly date) => date.DayNumber - DateOnly.FromDateTime(DateTime.UnixEpoch).DayNumber;

    private static OverloadLine Line(string station, string district, DateOnly? day, long weighings, long over, (long Weighings, long Over) before)
    {
        double? now = Share(over, weighings, 100, 2);
        double? then = Share(before.Over, before.Weighings, 100, 2);
        return new OverloadLine(station, district, day, weighings, over, now, before.Weighings, before.Over, then, now is { } rate && then is { } was && was > 0 ? Math.Round((rate - was) / was * 100, 1, MidpointRounding.AwayFromZero) : null);
    }

    private static double? Share(long part, long whole, double of, int decimals) => whole == 0 ? null : Math.Round(part * of / whole, decimals, MidpointRounding.AwayFromZero);
}
