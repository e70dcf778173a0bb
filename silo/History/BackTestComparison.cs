using System.Text.Json;
using Streaming.Grains.Messages;
using Streaming.Grains.Turns;
using Streaming.Models.Encoding;

namespace Streaming.Silo.History;

/// <summary>One warning of a back-test that is in one run and not in the other.</summary>
/// <param name="Subject">Whose, as <c>vehicle:粤H12345-yellow</c>.</param>
/// <param name="SinceMs">Time of the reading that opened it.</param>
/// <param name="Position">Then: the record that showed it. Now: the input that raised it.</param>
internal sealed record BackTestExample(string Subject, long SinceMs, long Position);

/// <summary>What a back-test found of one kind of warning.</summary>
internal sealed class BackTestKind(string kind)
{
    public string Kind { get; } = kind;

    /// <summary>Warnings raised when it happened.</summary>
    public long RaisedThen { get; set; }

    /// <summary>Warnings raised under the rulebook that is tried.</summary>
    public long RaisedNow { get; set; }

    public long OnlyThen { get; set; }

    public long OnlyNow { get; set; }

    public long CasesThen { get; set; }

    public long CasesNow { get; set; }

    /// <summary>The first few of <see cref="OnlyThen"/>.</summary>
    public List<BackTestExample> FirstOnlyThen { get; } = [];

    /// <summary>The first few of <see cref="OnlyNow"/>.</summary>
    public List<BackTestExample> FirstOnlyNow { get; } = [];

    public bool Differs => OnlyThen + OnlyNow > 0 || CasesThen != CasesNow;
}

/// <summary>
/// Pairs the warnings of two runs. Two are the same where subject, kind and the time of the reading that opened them are. One that is not paired is kept until the end, or until there are too many, and then the oldest counts as without a counterpart: the
/// other run comes to the same input within a few records, so that decides nothing but in journals whose end was appended long after a crash.
/// </summary>
internal sealed class BackTestComparison
{
    private readonly SortedDictionary<string, BackTestKind> kinds = new(StringComparer.Ordinal);
    private readonly Dictionary<(string Subject, string Kind, long SinceMs), (bool Now, long Position)> unmatched = [];
    private readonly Queue<(string Subject, string Kind, long SinceMs)> order = new();

    /// <summary>A row of a list: one that opens a warning counts.</summary>
    public void Shown(View view, ReadOnlySpan<byte> row, long position, long timeMs, bool now)
    {
        if (view != View.Warnings || row.Length == 0)
        {
            return;
        }

        Warning warning = JsonSerializer.Deserialize(row, GrainsJson.Default.Warning)!;
        if (!warning.Open || warning.Count != 1)
        {
            return;
        }

        BackTestKind kind = Of(warning.Kind);
        kind.RaisedNow += now ? 1 : 0;
        kind.RaisedThen += now ? 0 : 1;
        (string, string, long) name = ($"{warning.SubjectKind}:{warning.Subject}", warning.Kind, warning.Since.ToUnixTimeMilliseconds());
        if (unmatched.TryGetValue(name, out (bool Now, long Position) other) && other.Now != now)
        {
            unmatched.Remove(name);
            return;
        }

        if (unmatched.TryAdd(name, (now, position)))
        {
            order.Enqueue(name);
        }

        while (unmatched.Count > SiloLimits.BackTestUnmatched && order.TryDequeue(out (string Subject, string Kind, long SinceMs) oldest))
        {
            Settle(oldest);
        }

        // What was paired meanwhile still stands in the queue; it is passed over here so that the queue stays as short as what it is for.
        while (order.TryPeek(out (string Subject, string Kind, long SinceMs) first) && !unmatched.ContainsKey(first))
        {
            order.Dequeue();
        }
    }

    public void CaseOpened(ReadOnlySpan<byte> body, long position, long timeMs, bool now)
    {
        BackTestKind kind = Of(JsonSerializer.Deserialize(body, GrainsJson.Default.CaseOpened)!.Warning.Kind);
        kind.CasesNow += now ? 1 : 0;
        kind.CasesThen += now ? 0 : 1;
    }

    public IReadOnlyList<BackTestKind> Finish()
    {
        while (order.TryDequeue(out (string Subject, string Kind, long SinceMs) name))
        {
            Settle(name);
        }

        return [.. kinds.Values];
    }

    private void Settle((string Subject, string Kind, long SinceMs) name)
    {
        if (!unmatched.Remove(name, out (bool Now, long Position) found))
        {
            return;
        }

        BackTestKind kind = Of(name.Kind);
        kind.OnlyNow += found.Now ? 1 : 0;
        kind.OnlyThen += found.Now ? 0 : 1;
        List<BackTestExample> examples = found.Now ? kind.FirstOnlyNow : kind.FirstOnlyThen;
        if (examples.Count < SiloLimits.BackTestExamples)
        {
            examples.Add(new BackTestExample(name.Subject, name.SinceMs, found.Position));
        }
    }

    private BackTestKind Of(string kind)
    {
        if (!kinds.TryGetValue(kind, out BackTestKind? found))
        {
            kinds.Add(kind, found = new BackTestKind(kind));
        }

        return found;
    }
}
