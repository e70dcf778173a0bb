namespace Streaming.Silo.Supervision;

/// <summary>The fold's book in memory: a journal folded by itself, to be compared with the tables, or to be looked at without them.</summary>
internal sealed class MemoryScoreBook : IScoreBook
{
    private readonly Dictionary<string, OrderScore> orders = new(StringComparer.Ordinal);
    private readonly Dictionary<string, CaseScore> cases = new(StringComparer.Ordinal);
    private readonly Dictionary<string, int> counts = new(StringComparer.Ordinal);
    private readonly Dictionary<(long Day, string Station), StationDay> days = [];
    private readonly Dictionary<string, HashSet<string>> unfinished = new(StringComparer.Ordinal);

    public int UtcOffsetMinutes { get; set; } = ScoreFold.DefaultUtcOffsetMinutes;

    public long SinceMs { get; set; }

    public List<ScoreEvent> Events { get; } = [];

    public IEnumerable<OrderScore> Orders => orders.Values;

    public IEnumerable<CaseScore> Cases => cases.Values;

    public IEnumerable<StationDay> Days => days.Values;

    public OrderScore? FindOrder(string id) => orders.GetValueOrDefault(id);

    public void Put(OrderScore order)
    {
        orders[order.Id] = order;
        foreach (string key in (string[])[order.Case, order.Subject])
        {
            if (order.EndedMs is not null)
            {
                if (unfinished.TryGetValue(key, out HashSet<string>? known) && known.Remove(order.Id) && known.Count == 0)
                {
                    unfinished.Remove(key);
                }
            }
            else
            {
                (unfinished.TryGetValue(key, out HashSet<string>? own) ? own : unfinished[key] = new(StringComparer.Ordinal)).Add(order.Id);
            }
        }
    }

    public IReadOnlyList<OrderScore> Unfinished(string caseOrSubject, string department) =>
        unfinished.TryGetValue(caseOrSubject, out HashSet<string>? ids) ? [.. ids.Select(id => orders[id]).Where(order => order.Department == department)] : [];

    public CaseScore? FindCase(string id) => cases.GetValueOrDefault(id);

    public void Put(CaseScore of) => cases[of.Id] = of;

    public int CountOf(string warning) => counts.GetValueOrDefault(warning);

    public void PutCount(string warning, int count)
    {
        if (count == 0)
        {
            counts.Remove(warning);
        }
        else
        {
            counts[warning] = count;
        }
    }

    public void Add(ScoreEvent happened) => Events.Add(happened);

    public void Add(StationDay weighed)
    {
        (long, string) key = (weighed.Day, weighed.Station);
        days[key] = days.TryGetValue(key, out StationDay? before) ? before with { Weighings = before.Weighings + weighed.Weighings, Over = before.Over + weighed.Over } : weighed;
    }
}
