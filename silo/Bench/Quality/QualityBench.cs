using System.Globalization;
using System.Text;
using System.Text.Json;
using Streaming.Grains.Rules;
using Streaming.Ingest.City;
using Streaming.Silo.Bench.Quality.Scenarios;
using Streaming.Silo.Cli;

namespace Streaming.Silo.Bench.Quality;

/// <summary>
/// <c>bench quality</c>: what the shipped warning models are worth where it is known what is true. A city is made from the seed, with things that are so and things that only look it, and run through the real decoders and turns under the shipped
/// rulebook; what is raised is held against what is so. The same seed gives the same output, byte for byte.
/// </summary>
internal static class QualityBench
{
    /// <summary>Shares of the truths at which the worth of confidences is told.</summary>
    private static readonly double[] RankedAt = [1, 0.98, 0.95, 0.9, 0.8, 0.5];

    private static readonly Func<RaisedWarning, double> Shown = static warning => warning.Confidence;

    private static readonly Func<RaisedWarning, double> BuiltIn = static warning => warning.BuiltIn ?? warning.Confidence;

    /// <summary>Missed truths and false warnings that the table names of each kind.</summary>
    private const int ExamplesShown = 3;

    /// <summary>Every kind, in the order of the output.</summary>
    public static IReadOnlyList<Scenario> Scenarios { get; } =
    [
        new OverRoadLimit(), new OverRatedLoad(), new ClonedPlate(), new Evasion(), new AxleSignature(),
        new TankOverLimit(), new TankForecast(), new TankAnomaly(), new ValveInTransit(), new UnloadingOutsideSite(), new WaybillTruth(),
        new EnterpriseBalance(), new ShipmentTruth(), new CameraEvents(),
        new ForbiddenZone(), new Speeding(), new DrivingTime(), new HazmatStop(), new TelemetrySilence(), new RepeatOffender(), new ExpiredPermit(), new TerminalAlarm(),
        new StorageOverPermit(), new UnpermittedSubstance(), new MajorHazard(), new CounterpartyPermit(), new StoppedActivity(), new SourceControl(), new KeptWaste(), new SourceHealth(), new StayingStall(),
    ];

    public static Task<int> RunAsync(BenchOptions bench, TextWriter output, CancellationToken cancellation)
    {
        LabelledRows? rows = bench.RowsFile is null ? null : new LabelledRows();
        IReadOnlyList<KindScore> scores = Measure(bench.Seed, bench.Truths, Scenarios, cancellation, out CityRun run, rows);
        if (rows is not null)
        {
            using FileStream file = File.Create(bench.RowsFile!);
            rows.Write(file, scores);
        }

        string line = Line(bench.Seed, scores);
        output.WriteLine(bench.Json ? line : Table(scores, run));
        return Task.FromResult(run.Rejected == 0 ? 0 : 1);
    }

    /// <summary>Makes a city, runs it and scores what was raised.</summary>
    /// <param name="seed">What the city is drawn from.</param>
    /// <param name="truths">Truths of each kind.</param>
    /// <param name="scenarios">What is played.</param>
    /// <param name="run">Has run.</param>
    /// <param name="rows">Listens to what is scored; null for nobody.</param>
    public static IReadOnlyList<KindScore> Measure(int seed, int truths, IReadOnlyList<Scenario> scenarios, CancellationToken cancellation, out CityRun run, LabelledRows? rows = null)
    {
        Rulebook rules = PlayedRulebook.Load();
        CityPlay play = Make(seed, truths, scenarios, rules);
        run = new CityRun(rows?.Listening(rules) ?? rules) { Told = rows is null ? null : rows.Told };
        IReadOnlyList<RaisedWarning> raised = run.Run(play, cancellation);
        return [.. scenarios.Select(scenario => KindScore.Of(scenario, play.Truths, raised))];
    }

    /// <summary>Makes a city with its background and the scenarios.</summary>
    public static CityPlay Make(int seed, int truths, IReadOnlyList<Scenario> scenarios, Rulebook rules)
    {
        CityDefinition city = CityFiles.Load(CityFiles.ShippedDirectory, out IReadOnlyList<string> problems)
            ?? throw new InvalidDataException($"The city in {CityFiles.ShippedDirectory} is not valid: {string.Join(" ", problems)}");
        CityPlay play = new(city, rules);
        OrdinaryTraffic.Play(play, seed, truths);
        foreach (Scenario scenario in scenarios)
        {
            scenario.Play(play, seed, truths);
        }

        play.ParkAll(new Chance(seed, "parking"));
        return play;
    }

    /// <summary>The outcome as one line of JSON.</summary>
    public static string Line(int seed, IReadOnlyList<KindScore> scores)
    {
        using MemoryStream buffer = new();
        using (Utf8JsonWriter json = new(buffer))
        {
            json.WriteStartObject();
            json.WriteString("bench", "quality");
            json.WriteNumber("seed", seed);
            json.WriteStartArray("kinds");
            foreach (KindScore score in scores)
            {
                json.WriteStartObject();
                json.WriteString("kind", score.Kind);
                json.WriteNumber("precision", Math.Round(score.Precision, 4));
                json.WriteNumber("recall", Math.Round(score.Recall, 4));
                json.WriteNumber("truths", score.Truths);
                json.WriteNumber("raised", score.Raised);
                json.WriteNumber("found", score.Found);
                json.WriteNumber("missed", score.Missed);
                json.WriteNumber("false", score.False);
                json.WriteNumber("optional", score.Optional);
                if (score.IsRanked)
                {
                    WriteRanked(json, "ranked", score.Ranked(Shown, RankedAt));
                    json.WriteNumber("brier", Math.Round(score.Brier(Shown), 4));
                    if (score.IsLearned)
                    {
                        WriteRanked(json, "builtInRanked", score.Ranked(BuiltIn, RankedAt));
                        json.WriteNumber("builtInBrier", Math.Round(score.Brier(BuiltIn), 4));
                    }
                }

                json.WriteEndObject();
            }

            json.WriteEndArray();
            json.WriteEndObject();
        }

        return Encoding.UTF8.GetString(buffer.GetBuffer().AsSpan(0, (int)buffer.Length));
    }

    private static void WriteRanked(Utf8JsonWriter json, string name, IReadOnlyList<RankedPoint> points)
    {
        json.WriteStartArray(name);
        foreach (RankedPoint point in points)
        {
            json.WriteStartObject();
            json.WriteNumber("recall", point.Recall);
            if (point.Precision is { } precision)
            {
                json.WriteNumber("precision", Math.Round(precision, 4));
            }
            else
            {
                json.WriteNull("precision");
            }

            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    private static string Table(IReadOnlyList<KindScore> scores, CityRun run)
    {
        StringBuilder table = new();
        CultureInfo plain = CultureInfo.InvariantCulture;
        table.AppendLine(plain, $"{"kind",-24}{"precision",10}{"recall",8}{"truths",8}{"raised",8}{"found",7}{"missed",8}{"false",7}{"optional",10}");
        foreach (KindScore score in scores)
        {
            table.AppendLine(
                plain, $"{score.Kind,-24}{score.Precision,10:F3}{score.Recall,8:F3}{score.Truths,8}{score.Raised,8}{score.Found,7}{score.Missed,8}{score.False,7}{score.Optional,10}");
        }

        foreach (KindScore score in scores.Where(score => score.IsRanked))
        {
            table.AppendLine(plain, $"{score.Kind}{(score.IsLearned ? ", by the learned model" : "")}, taken from the surest down: {Points(score, Shown)}");
            if (score.IsLearned)
            {
                table.AppendLine(plain, $"{score.Kind}, by what is built in: {Points(score, BuiltIn)}");
            }
        }

        foreach (KindScore score in scores)
        {
            Examples(table, score.Kind, "missed", score.MissedTruths.Select(truth => $"{truth.Subjects[0]} at {CityPayloads.Time(truth.FromMs)}"));
            Examples(table, score.Kind, "false", score.FalseWarnings.Select(warning => $"{warning.Id} at {CityPayloads.Time(warning.SinceMs)}"));
        }

        table.Append(plain, $"{run.Accepted:N0} readings{(run.Rejected > 0 ? $", {run.Rejected:N0} refused that were not to be, the first: {run.FirstRejection}" : "")}");
        return table.ToString();
    }

    private static string Points(KindScore score, Func<RaisedWarning, double> confidence)
    {
        CultureInfo plain = CultureInfo.InvariantCulture;
        IEnumerable<string> points = score.Ranked(confidence, RankedAt).Select(point => string.Create(
            plain, $"{(point.Precision is { } precision ? precision.ToString("F3", plain) : "-")} at recall {point.Recall:F2}"));
        return string.Create(plain, $"precision {string.Join(", ", points)}; Brier score {score.Brier(confidence):F4}");
    }

    /// <summary>The first few, for whoever looks why.</summary>
    private static void Examples(StringBuilder table, string kind, string what, IEnumerable<string> which)
    {
        string some = string.Join(", ", which.Take(ExamplesShown));
        if (some.Length > 0)
        {
            table.AppendLine(CultureInfo.InvariantCulture, $"{kind}, {what}: {some}");
        }
    }
}
