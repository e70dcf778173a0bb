using System.Diagnostics;
using System.Text.Json;
using Streaming.Grains.Inputs;
using Streaming.Grains.Messages;
using Streaming.Grains.Rules;
using Streaming.Grains.Turns;
using Streaming.Models.Encoding;
using Streaming.Models.Readings;
using Streaming.Silo.History;
using Streaming.Silo.Journal;

namespace Streaming.Silo.Scenes;

/// <summary>What one back-test is of.</summary>
/// <param name="Scene">The revision that is tried.</param>
/// <param name="Rules">The newest rulebook, with the scene in it.</param>
/// <param name="By">Who asked for it.</param>
/// <param name="FromMs">Beginning of the range, ms.</param>
/// <param name="ToMs">End of the range, ms, itself not in it.</param>
/// <param name="Through">Last position that is read: what was durable when it began.</param>
internal sealed record SceneTrialOrder(SceneRule Scene, Rulebook Rules, string By, long FromMs, long ToMs, long Through);

/// <summary>
/// Runs the recorded camera events of places and enterprises under a rulebook with the scene in it, and counts the warnings that it would have raised. It begins earlier than the range by the scene's own time, so that what it needs of before the range is known.
/// </summary>
/// <remarks>
/// Nobody closes the cases of a back-test. A scene whose warnings end with their cases would have one warning a subject; here such a warning is taken to be over after a quiet day, and the result says so.
/// </remarks>
internal sealed class SceneTrial : BackTestScope
{
    private readonly SceneTrialOrder order;
    private readonly SceneRule tried;
    private readonly SortedDictionary<string, long> districts = new(StringComparer.Ordinal);
    private readonly SortedDictionary<string, long> days = new(StringComparer.Ordinal);
    private readonly SortedDictionary<string, long> subjects = new(StringComparer.Ordinal);
    private readonly List<SceneExample> examples = [];
    private long nowMs;
    private long oldestMs = -1;
    private long events;
    private long counted;
    private long warnings;

    public SceneTrial(SceneTrialOrder order)
    {
        this.order = order;
        bool assumed = order.Scene.Thresholds.ClearAfterMinutes == 0;
        tried = assumed ? order.Scene with { Thresholds = order.Scene.Thresholds with { ClearAfterMinutes = SceneLimits.AssumedQuietMinutes } } : order.Scene;
    }

    /// <summary>Time of the record that it is at, ms; for who waits.</summary>
    public long ReachedMs => Volatile.Read(ref nowMs);

    /// <summary>Runs to the end of the range, or as far as it may.</summary>
    /// <param name="journal">The recorded journal.</param>
    /// <param name="scratch">A directory of its own, empty.</param>
    /// <param name="time">For its bounds.</param>
    /// <param name="cancellation">Gives it up: then there is no result.</param>
    public SceneTest Run(RecordedJournal journal, string scratch, TimeProvider time, CancellationToken cancellation)
    {
        long began = time.GetTimestamp();
        long warmMs = order.FromMs - (order.Scene.Thresholds.WithinMinutes * 60_000L);
        Rulebook rules = order.Rules.With(order.Rules.Decisions with { Scenes = [.. order.Rules.Scenes.Where(scene => scene.Id != tried.Id), tried] });
        using BackTest test = new(rules, scratch, warmMs, mostActors: SceneLimits.Subjects, scope: this);
        journal.BeginAt(warmMs);
        string? stopped = Play(test, journal, time, began, cancellation);
        _ = test.Finish();
        return new SceneTest(
            order.Scene.Revision,
            order.By,
            time.GetUtcNow(),
            order.Rules.Version,
            Time(order.FromMs),
            Time(order.ToMs),
            oldestMs < 0 ? null : Time(oldestMs),
            events,
            counted,
            warnings,
            tried.Thresholds.ClearAfterMinutes,
            order.Scene.Thresholds.ClearAfterMinutes == 0,
            [.. Counts(districts).Take(SceneLimits.Districts)],
            [.. days.Select(day => new SceneCount(day.Key, day.Value))],
            subjects.Count,
            [.. Counts(subjects).Take(SceneLimits.Top)],
            [.. examples],
            stopped,
            (long)time.GetElapsedTime(began).TotalMilliseconds);
    }

    public override bool Runs(scoped in ActorInput input)
    {
        if (input.ActorKind is not (ActorKind.Place or ActorKind.Enterprise) || !tried.IsOf(input.ActorKind))
        {
            return false;
        }

        if (input.Kind == MessageKind.Reminded)
        {
            return true;
        }

        if (input.Kind != MessageKind.Reading || input.Reading.Kind != ReadingKind.Video)
        {
            return false;
        }

        if (input.SeenBefore is null && input.Reading.Header.AtMs >= order.FromMs)
        {
            ByteReader reader = new(input.Reading.Body);
            VideoReading video = VideoReading.Read(ref reader);
            (bool worked, int hour) = order.Rules.Calendar.LocalHour(input.Reading.Header.AtMs);
            events++;
            counted += tried.Thresholds.Counts(video.Event, video.ConfidencePermille, hour, worked) && tried.IsIn(System.Text.Encoding.UTF8.GetString(input.Origin.District)) ? 1 : 0;
        }

        return true;
    }

    public override void Shown(View view, ReadOnlySpan<byte> row)
    {
        if (view != View.Warnings || row.Length == 0)
        {
            return;
        }

        Warning warning = JsonSerializer.Deserialize(row, GrainsJson.Default.Warning)!;
        if (warning.Kind != tried.Kind || !warning.Open || warning.Count != 1 || warning.Since.ToUnixTimeMilliseconds() < order.FromMs)
        {
            return;
        }

        warnings++;
        Add(districts, warning.District);
        Add(days, warning.Since.ToOffset(TimeSpan.FromMinutes(order.Rules.Calendar.UtcOffsetMinutes)).ToString("yyyy-MM-dd", System.Globalization.CultureInfo.InvariantCulture));
        Add(subjects, $"{warning.SubjectKind}:{warning.Subject}");
        if (examples.Count < SceneLimits.Examples)
        {
            // Pictures are not cited: a back-test is about the rule, and the readings are in the history.
            examples.Add(new SceneExample(
                warning.Subject, warning.SubjectKind, warning.District, warning.Since, warning.Explanation, [.. warning.Evidence.Readings.Select(cited => cited with { Image = null, ImageSha256 = null })]));
        }
    }

    /// <summary>Gives it every record of the range; why it ended before, or null.</summary>
    private string? Play(BackTest test, RecordedJournal journal, TimeProvider time, long began, CancellationToken cancellation)
    {
        long worked = Stopwatch.GetTimestamp();
        foreach ((long first, ReadOnlyMemory<byte> run) in journal.Runs())
        {
            ReadOnlyMemory<byte> rest = run;
            for (long position = first; rest.Length > 0; position++)
            {
                ReadOnlySpan<byte> record = RecordedJournal.Next(ref rest).Span;
                ReadOnlySpan<byte> bytes = record;
                long timeMs = Record.Next(ref bytes).TimeMs;
                if (position > order.Through || timeMs >= order.ToMs)
                {
                    return null;
                }

                Volatile.Write(ref nowMs, timeMs);
                oldestMs = oldestMs < 0 ? timeMs : oldestMs;
                test.Take(position, record);
            }

            if (Stopwatch.GetElapsedTime(worked) >= SceneLimits.Work)
            {
                cancellation.WaitHandle.WaitOne(SceneLimits.Pause);
                worked = Stopwatch.GetTimestamp();
            }

            cancellation.ThrowIfCancellationRequested();
            if (time.GetElapsedTime(began) >= SceneLimits.Longest)
            {
                return $"It took longer than {SceneLimits.Longest.TotalMinutes:F0} minutes and came as far as {Models.Wording.FigureText.Time(ReachedMs)}; ask for a shorter range.";
            }
        }

        return null;
    }

    private static IEnumerable<SceneCount> Counts(SortedDictionary<string, long> counts) => counts.OrderByDescending(each => each.Value).Select(each => new SceneCount(each.Key, each.Value));

    private static void Add(SortedDictionary<string, long> counts, string of)
    {
        if (counts.TryGetValue(of, out long before) || counts.Count < SceneLimits.SubjectsCounted)
        {
            counts[of] = before + 1;
        }
    }

    private static DateTimeOffset Time(long ms) => DateTimeOffset.FromUnixTimeMilliseconds(ms);
}
