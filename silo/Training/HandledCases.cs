using System.Text.Json;
using Streaming.Grains.Inputs;
using Streaming.Grains.Messages;
using Streaming.Grains.Rules;
using Streaming.Grains.Turns;
using Streaming.Models.Encoding;
using Streaming.Models.Learned;
using Streaming.Models.Learned.Features;
using Streaming.Models.Learned.Training;
using Streaming.Models.Readings;
using Streaming.Silo.History;
using Streaming.Silo.Journal;

namespace Streaming.Silo.Training;

/// <summary>
/// Labelled rows from the cases that departments have closed: what the model saw is in the reading that the case cites, and whether it was true in the outcome. The journal has both, so nothing is kept for learning, and a later
/// version may make other features of the same readings.
/// </summary>
/// <remarks>
/// Two walks through the journal: cases stand behind what they cite, and only what a case cites is worth keeping. A case counts once, as it was closed last. Outcomes mean what the newest rulebook says that they mean; one that says
/// nothing of the warning makes no row. A case whose reading is not kept any more is counted in <see cref="WithoutReading"/>.
/// </remarks>
internal sealed class HandledCases
{
    private readonly Dictionary<string, CaseRow> shown = new(StringComparer.Ordinal);
    private readonly Dictionary<(string Source, string Id, long AtMs), List<Handled>> cited = [];
    private readonly List<(FeatureSet Set, TrainingRow Row)> rows = [];

    /// <summary>The newest weighing of each vehicle that a case is about, as its actor has it when the next one comes.</summary>
    private readonly Dictionary<string, EarlierWeighing> before = new(StringComparer.Ordinal);
    private Rulebook? rules;

    /// <summary>A closed case, with what its warning says of the reading that it stands on.</summary>
    private sealed record Handled(FeatureSet Set, string Case, bool Found, CitedReading[] Readings, double GrossKg, double LimitKg)
    {
        public bool IsMade { get; set; }
    }

    private HandledCases()
    {
    }

    /// <summary>Cases of the kind that are closed with one that says nothing of it.</summary>
    public int Unlabelled { get; private set; }

    /// <summary>Labelled cases whose reading is not in the journal any more.</summary>
    public int WithoutReading { get; private set; }

    /// <summary>Rows of every kind.</summary>
    public IReadOnlyList<TrainingRow> Rows => [.. rows.Select(row => row.Row)];

    /// <summary>Reads the rows of overloads, of the road and of the rating, out of a journal.</summary>
    public static HandledCases Of(IDisk journal, CancellationToken cancellation)
    {
        HandledCases cases = new();
        cases.Walk(journal, cases.TakeCase, cancellation);
        cases.Label();
        cases.Walk(journal, cases.TakeReading, cancellation);
        cases.WithoutReading = cases.cited.Values.SelectMany(list => list).Distinct().Count(handled => !handled.IsMade);
        return cases;
    }

    /// <summary>The rows as <c>train</c> reads them, a line each, in the order of their times.</summary>
    public void Write(Stream stream)
    {
        foreach (TrainingSet rowsOf in FeatureSet.All.Select(set => new TrainingSet(set, rows.Where(row => row.Set == set).Select(row => row.Row))))
        {
            Write(stream, rowsOf);
        }
    }

    /// <summary>Writes rows as <c>train</c> reads them, a line each.</summary>
    public static void Write(Stream stream, TrainingSet rows)
    {
        FeatureSet set = rows.Features;
        foreach (TrainingRow row in rows.Rows)
        {
            using (Utf8JsonWriter json = new(stream, GrainsJson.WriterOptions))
            {
                json.WriteStartObject();
                json.WriteString("kind", set.Kind);
                json.WriteString("at", DateTimeOffset.FromUnixTimeMilliseconds(row.AtMs));
                json.WriteString("source", row.Source);
                json.WriteStartObject("features");
                for (int i = 0; i < set.Count; i++)
                {
                    json.WriteNumber(set.Features[i].Name, row.Vector[i]);
                }

                json.WriteEndObject();
                json.WriteBoolean("label", row.Label);
                json.WriteEndObject();
            }

            stream.WriteByte((byte)'\n');
        }
    }

    private delegate void Taker(scoped in Record record);

    private void Walk(IDisk journal, Taker take, CancellationToken cancellation)
    {
        foreach ((_, ReadOnlyMemory<byte> run) in new RecordedJournal(journal).Runs())
        {
            cancellation.ThrowIfCancellationRequested();
            ReadOnlySpan<byte> rest = run.Span;
            while (rest.Length > 0)
            {
                take(Record.Next(ref rest));
            }
        }
    }

    private void TakeCase(scoped in Record record)
    {
        if (record.Kind == InputKind.Rules)
        {
            rules = Rulebook.Parse(record.Body);
            return;
        }

        if (record.Kind != InputKind.Shown)
        {
            return;
        }

        ByteReader reader = new(record.Body);
        _ = Cause.Read(ref reader);
        if ((View)reader.ReadByte() != View.Cases)
        {
            return;
        }

        string key = reader.ReadText();
        if (reader.AtEnd || reader.Rest.IndexOf("\"state\":\"closed\""u8) < 0)
        {
            return;
        }

        CaseRow row = JsonSerializer.Deserialize(reader.Rest, GrainsJson.Default.CaseRow)!;
        if (SetOf(row.Kind) is not null && row.State != "open" && row.Outcome is not null)
        {
            shown[key] = row;
        }
    }

    private void Label()
    {
        foreach (CaseRow row in shown.Values)
        {
            Evidence evidence = row.Warning.Evidence;
            if (rules?.Outcomes.FirstOrDefault(outcome => outcome.Code == row.Outcome)?.Found is not { } found)
            {
                Unlabelled++;
                continue;
            }

            before[row.Subject] = default;
            Handled handled = new(SetOf(row.Kind)!, row.Id, found, evidence.Readings, evidence.Figures.GetValueOrDefault("grossKg"), evidence.Figures.GetValueOrDefault("limitKg"));
            foreach (CitedReading reading in evidence.Readings)
            {
                (string, string, long) key = (reading.Source, reading.Id, reading.At.ToUnixTimeMilliseconds());
                if (!cited.TryGetValue(key, out List<Handled>? list))
                {
                    cited.Add(key, list = []);
                }

                list.Add(handled);
            }
        }

        shown.Clear();
    }

    private void TakeReading(scoped in Record record)
    {
        if (record.Kind != InputKind.Publish || cited.Count == 0)
        {
            return;
        }

        PublishRecord publish = PublishRecord.Read(record.Body);
        string? source = null;
        foreach (ReadingElement element in publish.GetReadings())
        {
            if (element is not { Kind: ReadingKind.Weigh, SubjectKind: ActorKind.Vehicle })
            {
                continue;
            }

            // Most vehicles have no case.
            string vehicle = System.Text.Encoding.UTF8.GetString(element.Key);
            if (!before.TryGetValue(vehicle, out EarlierWeighing earlier))
            {
                continue;
            }

            ByteReader body = new(element.Body);
            WeighReading weighing = WeighReading.Read(ref body);
            double accuracyPct = publish.Origin.AccuracyHundredthPct / 100.0;
            source ??= System.Text.Encoding.UTF8.GetString(publish.Origin.Source);
            if (cited.TryGetValue((source, System.Text.Encoding.UTF8.GetString(element.Header.Id), element.Header.AtMs), out List<Handled>? list))
            {
                Make(list, source, weighing, new WeighingContext(element.Header.AtMs, accuracyPct, rules?.Calendar.UtcOffsetMinutes ?? 0), earlier);
            }

            if (earlier.GrossKg == 0 || earlier.AtMs < element.Header.AtMs)
            {
                before[vehicle] = new EarlierWeighing(element.Header.AtMs, weighing.GrossKg, accuracyPct);
            }
        }
    }

    /// <summary>The row of a case is that of the reading which its figures are about; what else it cites was told earlier.</summary>
    private void Make(List<Handled> list, string source, in WeighReading weighing, in WeighingContext context, in EarlierWeighing earlier)
    {
        foreach (Handled handled in list)
        {
            float[] vector = new float[handled.Set.Count];
            if (!handled.IsMade && weighing.GrossKg == handled.GrossKg && OverloadFeatures.TryFill(weighing, (int)handled.LimitKg, context, earlier, vector))
            {
                handled.IsMade = true;
                rows.Add((handled.Set, new TrainingRow(context.AtMs, source, vector, handled.Found)));
            }
        }
    }

    /// <summary>The set of a kind of overload; null for any other.</summary>
    private static FeatureSet? SetOf(string kind) => kind == OverloadFeatures.RoadLimit.Kind ? OverloadFeatures.RoadLimit : kind == OverloadFeatures.RatedLoad.Kind ? OverloadFeatures.RatedLoad : null;
}
