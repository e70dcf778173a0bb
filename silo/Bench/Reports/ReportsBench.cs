using System.Globalization;
using System.Text;
using System.Text.Json;
using Streaming.Grains.Messages;
using Streaming.Grains.Rules;
using Streaming.Grains.Turns;
using Streaming.Silo.Bench.Quality;
using Streaming.Silo.Cli;

namespace Streaming.Silo.Bench.Reports;

/// <summary>How well reports were brought together: over all pairs of reports and warnings.</summary>
/// <param name="Items">Reports and warnings.</param>
/// <param name="Events">Events that they are of.</param>
/// <param name="Cases">Cases that they came to be.</param>
/// <param name="Pairs">Pairs of one event.</param>
/// <param name="Merged">Pairs in one case.</param>
/// <param name="Right">Pairs that are both.</param>
internal sealed record MergeScore(int Items, int Events, int Cases, long Pairs, long Merged, long Right)
{
    /// <summary>Of the pairs in one case, those of one event; 1 where there is none.</summary>
    public double Precision => Merged == 0 ? 1 : (double)Right / Merged;

    /// <summary>Of the pairs of one event, those in one case; 1 where there is none.</summary>
    public double Recall => Pairs == 0 ? 1 : (double)Right / Pairs;
}

/// <summary>
/// <c>bench reports</c>: how well what people report is brought together where it is known what is one event. Made reports go through the real turns of a dispatcher under the shipped rulebook. The texts are of the judged set, on which nothing was
/// tuned; tuning was done on the building sets, with seeds below 1000. The same seed gives the same output, byte for byte.
/// </summary>
internal static class ReportsBench
{
    /// <summary>What it is held to, pairwise.</summary>
    public const double LeastPrecision = 0.98;

    /// <inheritdoc cref="LeastPrecision"/>
    public const double LeastRecall = 0.80;

    private const int ExamplesShown = 6;

    public static Task<int> RunAsync(BenchOptions bench, TextWriter output, CancellationToken cancellation)
    {
        Wording wording = bench.Building ? BuildingWording.Of(bench.Seed) : JudgedWording.Set;
        MergeScore score = Measure(bench.Seed, bench.Truths, wording, out string examples, cancellation);
        output.WriteLine(bench.Json ? Line(bench.Seed, wording, score) : Table(bench.Seed, wording, score) + examples);
        return Task.FromResult(score.Precision >= LeastPrecision && score.Recall >= LeastRecall ? 0 : 1);
    }

    /// <summary>Plays a district and scores what came of it.</summary>
    /// <param name="examples">A few pairs that were missed, and a few that are wrong.</param>
    public static MergeScore Measure(int seed, int truths, Wording wording, out string examples, CancellationToken cancellation)
    {
        IReadOnlyList<MadeItem> items = ReportPlay.Make(seed, truths, wording);
        SortedDictionary<string, string> cases = Run(items, PlayedRulebook.Load(), cancellation);
        long right = 0;
        long merged = 0;
        long pairs = 0;
        List<string> wrong = [];
        List<string> missed = [];
        for (int i = 0; i < items.Count; i++)
        {
            for (int j = i + 1; j < items.Count; j++)
            {
                bool one = items[i].Event == items[j].Event;
                bool together = cases[items[i].Id] == cases[items[j].Id];
                pairs += one ? 1 : 0;
                merged += together ? 1 : 0;
                right += one && together ? 1 : 0;
                if (one != together)
                {
                    (one ? missed : wrong).Add($"  [{items[i].Report?.Kind}] {items[i].Text} / [{items[j].Report?.Kind}] {items[j].Text}");
                }
            }
        }

        examples = Some("missed", missed) + Some("wrong", wrong);
        return new MergeScore(items.Count, items.Select(item => item.Event).Distinct().Count(), cases.Values.Distinct().Count(), pairs, merged, right);
    }

    /// <summary>Case of each report and warning, by the turns of one dispatcher.</summary>
    private static SortedDictionary<string, string> Run(IReadOnlyList<MadeItem> items, Rulebook rules, CancellationToken cancellation)
    {
        HostedActor dispatcher = new(ActorKind.Dispatcher, ReportPlay.District, ActorFactory.Create);
        MemoryRows rows = new();
        Effects effects = new();
        SortedDictionary<string, string> cases = new(StringComparer.Ordinal);
        long position = 0;
        foreach (MadeItem item in items)
        {
            cancellation.ThrowIfCancellationRequested();
            byte[] body = item.Report is { } report
                ? JsonSerializer.SerializeToUtf8Bytes(new ReportToPlace(report), GrainsJson.Default.ReportToPlace)
                : JsonSerializer.SerializeToUtf8Bytes(new WarningChanged(WarningChange.Opened, ActorKind.Place, item.Warning!), GrainsJson.Default.WarningChanged);
            dispatcher.Run(new Message { Kind = item.Report is null ? MessageKind.WarningChanged : MessageKind.PlaceReport, Body = body }, ++position, item.FiledMs, rules, effects, rows);
            cases[item.Id] = effects.Items.First(effect => effect is { Kind: EffectKind.Tell, TargetKind: ActorKind.Case }).Key;
        }

        return cases;
    }

    /// <summary>The outcome as one line of JSON.</summary>
    public static string Line(int seed, Wording wording, MergeScore score)
    {
        using MemoryStream buffer = new();
        using (Utf8JsonWriter json = new(buffer))
        {
            json.WriteStartObject();
            json.WriteString("bench", "reports");
            json.WriteNumber("seed", seed);
            json.WriteString("texts", wording.Name);
            json.WriteNumber("precision", Math.Round(score.Precision, 4));
            json.WriteNumber("recall", Math.Round(score.Recall, 4));
            json.WriteNumber("items", score.Items);
            json.WriteNumber("events", score.Events);
            json.WriteNumber("cases", score.Cases);
            json.WriteNumber("pairs", score.Pairs);
            json.WriteNumber("merged", score.Merged);
            json.WriteNumber("right", score.Right);
            json.WriteEndObject();
        }

        return Encoding.UTF8.GetString(buffer.GetBuffer().AsSpan(0, (int)buffer.Length));
    }

    private static string Table(int seed, Wording wording, MergeScore score) => string.Create(
        CultureInfo.InvariantCulture,
        $"seed {seed}, {wording.Name} texts: {score.Items:N0} reports and warnings of {score.Events:N0} events became {score.Cases:N0} cases\npairs: precision {score.Precision:F4} (at least {LeastPrecision:F2}), recall {score.Recall:F4} (at least {LeastRecall:F2}); {score.Pairs:N0} of one event, {score.Merged:N0} in one case, {score.Right:N0} both\n");

    private static string Some(string what, List<string> which)
    {
        StringBuilder text = new();
        int step = Math.Max(1, which.Count / ExamplesShown);
        for (int i = 0; i < which.Count && i / step < ExamplesShown; i += step)
        {
            text.Append(CultureInfo.InvariantCulture, $"{what}: {which[i]}\n");
        }

        return text.ToString();
    }

    private sealed class MemoryRows : IActorRows
    {
        private readonly SortedDictionary<string, byte[]> rows = new(StringComparer.Ordinal);

        public byte[]? Find(string key) => rows.GetValueOrDefault(key);

        public void Put(string key, byte[] value) => rows[key] = value;

        public void Remove(string key) => rows.Remove(key);
    }
}
