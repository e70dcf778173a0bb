using System.Buffers.Binary;
using System.Text.Json;
using Streaming.Grains.Messages;
using Streaming.Grains.Rules;
using Streaming.Grains.Turns;
using Streaming.Models.Encoding;
using Streaming.Models.Readings;

namespace Streaming.Grains.Subjects;

/// <summary>What a model found in one reading.</summary>
/// <param name="Kind">Kind of the warning; at most one of a kind is open.</param>
/// <param name="Severity">1 to 4.</param>
/// <param name="Confidence">Probability that it is true, 0 to 1.</param>
/// <param name="Model">Name and version of the model.</param>
/// <param name="Explanation">What was found, without a word on lateness: that is added here.</param>
/// <param name="Figures">By name, the unit last.</param>
/// <param name="Limit">The limit in words; null where there is none.</param>
/// <param name="LegalSource">Where the limit comes from.</param>
internal sealed record Finding(
    string Kind,
    int Severity,
    double Confidence,
    string Model,
    Explanation Explanation,
    SortedDictionary<string, double> Figures,
    string? Limit,
    string? LegalSource)
{
    /// <summary>What every model said; null where no learned model scores the kind.</summary>
    public ModelScore[]? Scores { get; init; }

    /// <summary>
    /// True where the confidence is that of the warning as it stands with this reading, so that a later one may lower it; otherwise the highest so far is kept.
    /// </summary>
    public bool MayLower { get; init; }
}

/// <summary>
/// The life of a subject's warnings: opened by a finding, updated by further ones of the same kind, cleared by the subject or closed with its case; never two open of one kind.
/// Every change is a row of the list, and all but the closing with a case (which knows already) is told to the dispatcher of the district whose source opened the warning, wherever later readings come from.
/// Bounded by the number of kinds that the models know.
/// </summary>
internal sealed class OpenWarnings
{
    private const long SpanMs = GrainLimits.WarnedKeepDays * 24L * 60 * 60 * 1000;

    /// <summary>2026-01-01: the first span of numbers begins at 1.</summary>
    private const long FirstSpanMs = 1_767_225_600_000;

    /// <summary>Open warnings by kind, ordinal.</summary>
    private readonly List<Entry> open = [];

    /// <summary>Number of the last warning of each kind, by kind, ordinal. Numbers are never used twice, so they outlive the warnings.</summary>
    private readonly List<Number> numbers = [];

    private sealed class Entry(Warning warning, long toldMs)
    {
        public Warning Warning { get; set; } = warning;

        public long ToldMs { get; set; } = toldMs;
    }

    private sealed class Number(string kind, int last)
    {
        public string Kind { get; } = kind;

        public int Last { get; set; } = last;
    }

    /// <summary>True where any is open.</summary>
    public bool AnyOpen => open.Count > 0;

    /// <summary>True where there ever was one.</summary>
    public bool Ever => numbers.Count > 0;

    /// <summary>True where one is open whose kind begins so.</summary>
    public bool AnyOpenFrom(string prefix)
    {
        foreach (Entry entry in open)
        {
            if (entry.Warning.Kind.StartsWith(prefix, StringComparison.Ordinal))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>The kinds of open warnings that begin so, ordinal; a list of its own, so that they may be ended meanwhile.</summary>
    public IReadOnlyList<string> OpenFrom(string prefix) => AnyOpenFrom(prefix) ? [.. open.Select(entry => entry.Warning.Kind).Where(kind => kind.StartsWith(prefix, StringComparison.Ordinal))] : [];

    /// <summary>The open warning of a kind; null where there is none.</summary>
    public Warning? Find(string kind) => Entered(kind)?.Warning;

    /// <summary>True where a finding of this kind is to be worked out and raised: none is open, or what was told last is old enough. Otherwise <see cref="Count"/> is all it takes.</summary>
    public bool IsDue(string kind, long nowMs, int everyS) => Entered(kind) is not { } entry || nowMs - entry.ToldMs >= everyS * 1000L;

    /// <summary>True where a finding is to be worked out and raised: it says something new, or <see cref="IsDue"/>. Otherwise its reading was counted here, and that is all it takes.</summary>
    /// <param name="kind">Kind of the finding.</param>
    /// <param name="isNew">True where it says what was not said before.</param>
    /// <param name="nowMs">Time of the turn.</param>
    /// <param name="everyS">How often an open warning is told at the most, s.</param>
    /// <param name="atMs">Time of the reading.</param>
    public bool IsToTell(string kind, bool isNew, long nowMs, int everyS, long atMs)
    {
        if (isNew || IsDue(kind, nowMs, everyS))
        {
            return true;
        }

        Count(kind, atMs);
        return false;
    }

    /// <summary>Counts a reading that supports the open warning and tells nobody.</summary>
    public void Count(string kind, long atMs)
    {
        if (Entered(kind) is { } entry)
        {
            DateTimeOffset at = DateTimeOffset.FromUnixTimeMilliseconds(atMs);
            entry.Warning = entry.Warning with
            {
                Count = entry.Warning.Count + 1,
                Since = at < entry.Warning.Since ? at : entry.Warning.Since,
                Updated = at > entry.Warning.Updated ? at : entry.Warning.Updated,
            };
        }
    }

    /// <summary>Opens a warning with a finding, or updates the open one.</summary>
    /// <param name="turn">The turn.</param>
    /// <param name="subject">The subject's kind.</param>
    /// <param name="reading">The reading that was judged.</param>
    /// <param name="image">The picture that it cites.</param>
    /// <param name="finding">What was found.</param>
    /// <param name="heardMs">When the reading came in, where judging it had to wait: that makes no reading late. Null for now.</param>
    public void Raise(scoped in Turn turn, ActorKind subject, scoped in Message reading, ImageReference image, Finding finding, long? heardMs = null) =>
        Raise(turn, subject, Cite(reading, image), System.Text.Encoding.UTF8.GetString(reading.Origin.District), reading.Header.AtMs, finding, heardMs);

    /// <summary>As above, of what earlier readings show together with this one; a warning that is opened cites them too.</summary>
    public void Raise(scoped in Turn turn, ActorKind subject, scoped in Message reading, ImageReference image, Finding finding, List<CitedReading> earlier)
    {
        bool opens = Entered(finding.Kind) is null;
        Raise(turn, subject, Cite(reading, image), System.Text.Encoding.UTF8.GetString(reading.Origin.District), reading.Header.AtMs, finding, earlier: opens ? earlier : null);
    }

    /// <summary>As above, of what was found in no reading of this turn: that something did not come, or what another subject said.</summary>
    /// <param name="turn">The turn.</param>
    /// <param name="subject">Kind of the subject.</param>
    /// <param name="cited">The reading that it rests on; null where it rests on none.</param>
    /// <param name="district">District of that reading's source, or of the subject.</param>
    /// <param name="atMs">When it was so, ms: for what did not come, the time at which it should have.</param>
    /// <param name="finding">What was found.</param>
    /// <param name="heardMs">When the reading came in, ms; null for now.</param>
    /// <param name="earlier">Readings that a warning which is opened cites before this one; it counts them too. Null for none.</param>
    public void Raise(scoped in Turn turn, ActorKind subject, CitedReading? cited, string district, long atMs, Finding finding, long? heardMs = null, List<CitedReading>? earlier = null)
    {
        DateTimeOffset at = DateTimeOffset.FromUnixTimeMilliseconds(atMs);
        long? lateMs = Lateness(turn, atMs, heardMs ?? turn.NowMs);
        bool live = lateMs is null;
        Explanation explanation = lateMs is { } ms ? Late(finding.Explanation, ms) : finding.Explanation;

        if (Entered(finding.Kind) is not { } entry)
        {
            Warning opened = new(
                Id: $"{turn.Key}/{finding.Kind}/{Next(finding.Kind, turn.NowMs)}",
                Subject: turn.Key,
                SubjectKind: ActorId.Prefix(subject),
                Kind: finding.Kind,
                Severity: finding.Severity,
                Confidence: finding.Confidence,
                Model: finding.Model,
                Rulebook: turn.Rules.Version,
                District: district,
                Since: at,
                Updated: at,
                Count: 1,
                Open: true,
                Live: live,
                Explanation: explanation,
                Evidence: new Evidence([.. earlier ?? [], .. cited is null ? (CitedReading[])[] : [cited]], finding.Figures, finding.Limit, finding.LegalSource))
            {
                Scores = finding.Scores,
            };
            open.Insert(~Place(finding.Kind), new Entry(opened, turn.NowMs));
            Publish(turn, subject, WarningChange.Opened, opened, live);
            Fit();
            return;
        }

        // A reading older than one that was heard already adds to the count and may raise the severity; what the warning says stays the newest.
        Warning before = entry.Warning;
        bool newest = at >= before.Updated;
        Warning updated = before with
        {
            Severity = Math.Max(before.Severity, finding.Severity),
            Confidence = finding.MayLower ? newest ? finding.Confidence : before.Confidence : Math.Max(before.Confidence, finding.Confidence),
            Scores = newest ? finding.Scores : before.Scores,
            Model = newest ? finding.Model : before.Model,
            Rulebook = newest ? turn.Rules.Version : before.Rulebook,
            Since = at < before.Since ? at : before.Since,
            Updated = newest ? at : before.Updated,
            Count = before.Count + 1,
            Live = before.Live || live,
            Explanation = newest ? explanation : before.Explanation,
            Evidence = newest
                ? new Evidence(Cite(before.Evidence.Readings, cited), finding.Figures, finding.Limit, finding.LegalSource)
                : before.Evidence with { Readings = Cite(before.Evidence.Readings, cited) },
        };
        entry.Warning = updated;
        entry.ToldMs = turn.NowMs;
        Publish(turn, subject, WarningChange.Updated, updated, live);
        Fit();
    }

    /// <summary>
    /// Puts other figures and words into an open warning: not because of a reading, but because what it is judged by has changed. Its severity may fall as well as rise, and no reading is counted. Nothing happens where none is open.
    /// </summary>
    public void Revise(scoped in Turn turn, ActorKind subject, Finding finding, Explanation why)
    {
        if (Entered(finding.Kind) is not { } entry)
        {
            return;
        }

        entry.Warning = entry.Warning with
        {
            Severity = finding.Severity,
            Confidence = finding.Confidence,
            Scores = finding.Scores,
            Model = finding.Model,
            Rulebook = turn.Rules.Version,
            Revised = (entry.Warning.Revised ?? 0) + 1,
            Explanation = new Explanation(finding.Explanation.En + why.En, finding.Explanation.Zh + why.Zh),
            Evidence = entry.Warning.Evidence with { Figures = finding.Figures, Limit = finding.Limit, LegalSource = finding.LegalSource },
        };
        entry.ToldMs = turn.NowMs;
        Publish(turn, subject, WarningChange.Updated, entry.Warning, entry.Warning.Live);
    }

    /// <summary>Ends the open warning of a kind because the subject is in order again. Nothing happens where none is open.</summary>
    public void Clear(scoped in Turn turn, ActorKind subject, string kind, long atMs, Explanation why)
    {
        int place = Place(kind);
        if (place < 0)
        {
            return;
        }

        DateTimeOffset at = DateTimeOffset.FromUnixTimeMilliseconds(atMs);
        Warning before = open[place].Warning;
        Warning cleared = before with
        {
            Open = false,
            Updated = at > before.Updated ? at : before.Updated,
            Explanation = new Explanation($"{before.Explanation.En} {why.En}", $"{before.Explanation.Zh}{why.Zh}"),
        };
        open.RemoveAt(place);
        Publish(turn, subject, WarningChange.Cleared, cleared, Lateness(turn, atMs, turn.NowMs) is null);
    }

    /// <summary>Ends the warning that a closed case was about. One that was opened since stays open.</summary>
    public void Close(scoped in Turn turn, CaseClosed closed)
    {
        int place = Place(closed.Kind);
        if (place < 0 || open[place].Warning.Id != closed.WarningId)
        {
            return;
        }

        Warning ended = open[place].Warning with { Open = false, Case = closed.Id };
        open.RemoveAt(place);
        turn.Effects.Show(View.Warnings, ended.Id, ended);
    }

    /// <summary>The open warnings as the API shows them: an array.</summary>
    public static void Describe(OpenWarnings? warnings, Utf8JsonWriter json)
    {
        json.WriteStartArray("openWarnings");
        foreach (Entry entry in warnings?.open ?? [])
        {
            JsonSerializer.Serialize(json, entry.Warning, GrainsJson.Default.Warning);
        }

        json.WriteEndArray();
    }

    public static void Write(OpenWarnings? warnings, ByteWriter writer)
    {
        writer.WriteVar((uint)(warnings?.numbers.Count ?? 0));
        foreach (Number number in warnings?.numbers ?? [])
        {
            writer.WriteText(number.Kind);
            writer.WriteVar((uint)number.Last);
        }

        writer.WriteVar((uint)(warnings?.open.Count ?? 0));
        foreach (Entry entry in warnings?.open ?? [])
        {
            writer.WriteInt64(entry.ToldMs);
            int start = writer.Length;
            writer.WriteInt32(0);
            using (Utf8JsonWriter json = new(writer, GrainsJson.WriterOptions))
            {
                JsonSerializer.Serialize(json, entry.Warning, GrainsJson.Default.Warning);
            }

            BinaryPrimitives.WriteInt32LittleEndian(writer.At(start, 4), writer.Length - start - 4);
        }
    }

    /// <summary>Null where there never was a warning, which is most subjects.</summary>
    public static OpenWarnings? Read(scoped ref ByteReader reader)
    {
        OpenWarnings warnings = new();
        for (int left = (int)reader.ReadVar(); left > 0; left--)
        {
            warnings.numbers.Add(new Number(reader.ReadText(), (int)reader.ReadVar()));
        }

        for (int left = (int)reader.ReadVar(); left > 0; left--)
        {
            long toldMs = reader.ReadInt64();
            Warning warning = JsonSerializer.Deserialize(reader.Take(reader.ReadInt32()), GrainsJson.Default.Warning)
                ?? throw new InvalidDataException("A state has an empty warning.");
            warnings.open.Add(new Entry(warning, toldMs));
        }

        return warnings.numbers.Count > 0 ? warnings : null;
    }

    /// <summary>Keeps the open warnings within <see cref="GrainLimits.OpenWarningBytes"/>: the longest lets go of what it cites first.</summary>
    private void Fit()
    {
        if (open.Count <= GrainLimits.OpenWarningsUnmeasured)
        {
            return;
        }

        int[] bytes = [.. open.Select(entry => JsonSerializer.SerializeToUtf8Bytes(entry.Warning, GrainsJson.Default.Warning).Length)];
        int total = bytes.Sum();
        while (total > GrainLimits.OpenWarningBytes)
        {
            int longest = -1;
            for (int i = 0; i < bytes.Length; i++)
            {
                CitedReading[] cites = open[i].Warning.Evidence.Readings;
                longest = cites is [_, _, ..] or [{ Image: not null }] && (longest < 0 || bytes[i] > bytes[longest]) ? i : longest;
            }

            if (longest < 0)
            {
                return;
            }

            Warning before = open[longest].Warning;
            open[longest].Warning = before with { Evidence = before.Evidence with { Readings = [before.Evidence.Readings[0] with { Image = null, ImageSha256 = null }] } };
            total -= bytes[longest];
            bytes[longest] = JsonSerializer.SerializeToUtf8Bytes(open[longest].Warning, GrainsJson.Default.Warning).Length;
            total += bytes[longest];
        }
    }

    /// <summary>By how much a reading is late, ms; null where it is in time for a live alert.</summary>
    private static long? Lateness(scoped in Turn turn, long atMs, long heardMs)
    {
        long ageMs = heardMs - atMs;
        return ageMs > turn.Rules.LateAfterS * 1000L ? ageMs : null;
    }

    private static Explanation Late(Explanation explanation, long lateMs)
    {
        string minutes = Models.Wording.FigureText.Whole(lateMs / 60_000);
        return new Explanation(
            $"{explanation.En} The reading came in {minutes} min after it was taken: no live alert.",
            $"{explanation.Zh}该读数在采集{minutes}分钟后才到达：不作实时告警。");
    }

    private static CitedReading Cite(scoped in Message reading, ImageReference image) => new(
        System.Text.Encoding.UTF8.GetString(reading.Origin.Source),
        System.Text.Encoding.UTF8.GetString(reading.Header.Id),
        DateTimeOffset.FromUnixTimeMilliseconds(reading.Header.AtMs),
        image.Url.Length is > 0 and <= GrainLimits.CitedUrlBytes ? System.Text.Encoding.UTF8.GetString(image.Url) : null,
        image.Sha256.Length > 0 ? System.Text.Encoding.UTF8.GetString(image.Sha256) : null);

    /// <summary>The reading that opened the warning stays cited; of the others the ones heard last.</summary>
    private static CitedReading[] Cite(CitedReading[] before, CitedReading? cited) =>
        cited is null ? before : before.Length < GrainLimits.CitedReadings ? [.. before, cited] : [before[0], .. before[2..], cited];

    private static void Publish(scoped in Turn turn, ActorKind subject, WarningChange change, Warning warning, bool live)
    {
        turn.Effects.Show(View.Warnings, warning.Id, warning);

        // The row says whether the warning was ever live; the dispatcher is told whether this change is.
        turn.Effects.Tell(ActorKind.Dispatcher, DistrictPath.DistrictOf(warning.District), MessageKind.WarningChanged, new WarningChanged(change, subject, warning with { Live = live }));
    }

    private Entry? Entered(string kind)
    {
        int place = Place(kind);
        return place < 0 ? null : open[place];
    }

    /// <summary>Where the kind stands among the open ones, or the complement of where it would.</summary>
    private int Place(string kind)
    {
        for (int i = 0; i < open.Count; i++)
        {
            int order = string.CompareOrdinal(open[i].Warning.Kind, kind);
            if (order >= 0)
            {
                return order == 0 ? i : ~i;
            }
        }

        return ~open.Count;
    }

    /// <summary>
    /// The next number of a kind. A subject that was forgotten and comes back does not know its numbers any more, so they begin higher with each span of <see cref="GrainLimits.WarnedKeepDays"/>: it was kept
    /// for longer than one span after the last of them, so whatever it begins with now is above.
    /// </summary>
    private int Next(string kind, long nowMs)
    {
        int place = 0;
        while (place < numbers.Count && string.CompareOrdinal(numbers[place].Kind, kind) < 0)
        {
            place++;
        }

        if (place == numbers.Count || numbers[place].Kind != kind)
        {
            numbers.Insert(place, new Number(kind, (int)(Math.Max(0, nowMs - FirstSpanMs) / SpanMs * GrainLimits.WarningNumbersPerSpan)));
        }

        return ++numbers[place].Last;
    }
}
