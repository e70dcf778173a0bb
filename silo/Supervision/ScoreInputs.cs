using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using Streaming.Grains.Inputs;
using Streaming.Grains.Rules;
using Streaming.Grains.Turns;
using Streaming.Models.Encoding;
using Streaming.Models.Readings;

namespace Streaming.Silo.Supervision;

/// <summary>Something that the journal says and the scoreboard goes by.</summary>
/// <param name="Position">The record.</param>
/// <param name="TimeMs">Its time.</param>
internal abstract record ScoreInput(long Position, long TimeMs);

/// <summary>A work order was shown.</summary>
internal sealed record OrderShown(long Position, long TimeMs, ShownOrder Row) : ScoreInput(Position, TimeMs);

/// <summary>A case was shown.</summary>
internal sealed record CaseShown(long Position, long TimeMs, ShownCase Row) : ScoreInput(Position, TimeMs);

/// <summary>A warning of a vehicle over the road limit was shown.</summary>
internal sealed record OverShown(long Position, long TimeMs, ShownWarning Row) : ScoreInput(Position, TimeMs);

/// <summary>Somebody looked at a case, or at its subject.</summary>
internal sealed record LookedAt(long Position, long TimeMs, string Subject, string Department) : ScoreInput(Position, TimeMs);

/// <summary>The city's clock was set by a rulebook.</summary>
internal sealed record ClockSet(long Position, long TimeMs, int UtcOffsetMinutes) : ScoreInput(Position, TimeMs);

/// <summary>Stations weighed: by quarter of an hour since 1970, which begins with a day wherever the city is.</summary>
internal sealed record Weighed(long Position, long TimeMs, IReadOnlyList<(long Quarter, string Station, string District, int Weighings)> Stations) : ScoreInput(Position, TimeMs);

/// <summary>Of a row of work orders, what the scoreboard goes by. A row may be of an older version, or not be one at all, so nothing is sure to be there.</summary>
internal sealed record ShownOrder(
    string? Id,
    string? Case,
    string? Department,
    string? District,
    string? Kind,
    string? Subject,
    string? Province,
    string? State,
    DateTimeOffset? Issued,
    DateTimeOffset? Deadline,
    bool? Overdue,
    string? AcceptedBy,
    string? Assignee,
    string? Outcome,
    DateTimeOffset? Accepted,
    DateTimeOffset? Finished,
    string? FinishedBy,
    DateTimeOffset? ParkedSince,
    int? Extensions,
    int? Parkings,
    int? Attached);

/// <summary>Of a row of cases, what the scoreboard goes by.</summary>
internal sealed record ShownCase(string? Id, string? Subject, string? SubjectKind, string? Kind, string? District, string? State, string? Lead, DateTimeOffset? Opened, DateTimeOffset? Closed, string? Outcome, int? Reopened, ShownWarning? Warning);

/// <summary>Of a warning, what the scoreboard goes by.</summary>
internal sealed record ShownWarning(string? Id, string? Kind, string? District, string? Model, bool? Open, int? Count, ShownEvidence? Evidence);

internal sealed record ShownEvidence(ShownReading[]? Readings);

internal sealed record ShownReading(string? Source, DateTimeOffset? At);

/// <summary>Of an entry of the audit, what the scoreboard goes by.</summary>
internal sealed record ShownAudit(string? Act, string? Department, string? Subject, int? Status);

/// <summary>
/// Takes out of the journal's records what the scoreboard goes by, record by record: rows as each turn showed them, before any of them is overtaken by the next.
/// Whoever folds them next (<see cref="ScoreFold"/>) needs nothing else, so the same records give the same scoreboard, whoever reads them and when.
/// </summary>
internal sealed class ScoreInputs
{
    private const long QuarterMs = 15 * 60 * 1000;
    private const string OverLimit = "over-road-limit";
    private readonly Dictionary<string, string> names = new(StringComparer.Ordinal);
    private Dictionary<(long Quarter, string Station), (string District, int Weighings)> weighed = [];
    private List<ScoreInput> inputs = [];
    private long position;
    private long timeMs;

    /// <summary>Inputs that are more than counts of weighings: what is worth a transaction.</summary>
    public int Count => inputs.Count;

    /// <summary>What there was since it was asked last.</summary>
    public List<ScoreInput> Take()
    {
        EndWeighings();
        List<ScoreInput> taken = inputs;
        inputs = [];
        return taken;
    }

    public void Collect(in Record record, long at)
    {
        (position, timeMs) = (at, record.TimeMs);
        switch (record.Kind)
        {
            case InputKind.Shown:
                ByteReader reader = new(record.Body);
                _ = Cause.Read(ref reader);
                View view = (View)reader.ReadByte();
                if (view is View.WorkOrders or View.Cases or View.Warnings or View.Audit)
                {
                    _ = reader.ReadText();
                    CollectRow(view, reader.Rest);
                }

                break;
            case InputKind.Publish:
                CollectWeighings(PublishRecord.Read(record.Body));
                break;
            case InputKind.Rules:
                // What was weighed until here is of days of the clock until here.
                EndWeighings();
                inputs.Add(new ClockSet(at, record.TimeMs, Rulebook.Parse(record.Body).Calendar.UtcOffsetMinutes));
                break;
        }
    }

    private void CollectRow(View view, ReadOnlySpan<byte> json)
    {
        try
        {
            ScoreInput? input = json.IsEmpty ? null : view switch
            {
                View.WorkOrders when JsonSerializer.Deserialize(json, ScoreJson.Default.ShownOrder) is { Id: not null, State: not null, Issued: not null } order => new OrderShown(position, timeMs, order),
                View.Cases when JsonSerializer.Deserialize(json, ScoreJson.Default.ShownCase) is { Id: not null, State: not null, Opened: not null } shown => new CaseShown(position, timeMs, shown),
                View.Warnings when JsonSerializer.Deserialize(json, ScoreJson.Default.ShownWarning) is { Id: not null, Kind: OverLimit } warning => new OverShown(position, timeMs, warning),
                View.Audit when JsonSerializer.Deserialize(json, ScoreJson.Default.ShownAudit) is { Act: "look", Department: { } department, Subject: { } subject, Status: null or < 400 } => new LookedAt(position, timeMs, subject, department),
                _ => null,
            };
            if (input is not null)
            {
                inputs.Add(input);
            }
        }
        catch (JsonException)
        {
            // No row of an actor. The lists show what it is; it is nothing to count.
        }
    }

    private void CollectWeighings(scoped in PublishRecord publish)
    {
        if (publish.Readings == 0)
        {
            return;
        }

        string? station = null;
        foreach (ReadingElement reading in publish.GetReadings())
        {
            if (reading.Kind == ReadingKind.Weigh)
            {
                station ??= Name(publish.Origin.Source);
                (long, string) key = (Math.DivRem(reading.Header.AtMs, QuarterMs).Quotient, station);
                weighed[key] = weighed.TryGetValue(key, out (string District, int Weighings) before) ? (before.District, before.Weighings + 1) : (Name(publish.Origin.District), 1);
            }
        }
    }

    /// <summary>Names come again and again; each is made once.</summary>
    private string Name(ReadOnlySpan<byte> utf8)
    {
        Span<char> text = stackalloc char[256];
        if (utf8.Length > text.Length)
        {
            return Encoding.UTF8.GetString(utf8);
        }

        ReadOnlySpan<char> name = text[..Encoding.UTF8.GetChars(utf8, text)];
        if (names.GetAlternateLookup<ReadOnlySpan<char>>().TryGetValue(name, out string? known))
        {
            return known;
        }

        if (names.Count >= SupervisionLimits.StationNames)
        {
            names.Clear();
        }

        string made = name.ToString();
        return names[made] = made;
    }

    private void EndWeighings()
    {
        if (weighed.Count > 0)
        {
            inputs.Add(new Weighed(position, timeMs, [.. weighed.Select(each => (each.Key.Quarter, each.Key.Station, each.Value.District, each.Value.Weighings))]));
            weighed = [];
        }
    }
}

/// <summary>JSON of what the scoreboard reads and keeps.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(ShownOrder))]
[JsonSerializable(typeof(ShownCase))]
[JsonSerializable(typeof(ShownWarning))]
[JsonSerializable(typeof(ShownAudit))]
[JsonSerializable(typeof(OrderScore))]
[JsonSerializable(typeof(CaseScore))]
internal sealed partial class ScoreJson : JsonSerializerContext;
