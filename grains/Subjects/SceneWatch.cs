using System.Text;
using System.Text.Json;
using Streaming.Grains.Messages;
using Streaming.Grains.Rules;
using Streaming.Grains.Turns;
using Streaming.Models.Encoding;
using Streaming.Models.Readings;
using Streaming.Models.Scenes;

namespace Streaming.Grains.Subjects;

/// <summary>
/// What cameras see at a place or an enterprise, held against the scenes in force. Enough events that count within a scene's time open a warning of its own kind; further ones join it. It clears after the scene's quiet time, or ends with its case.
/// </summary>
/// <remarks>
/// Events take their place by time, so a backlog in any order raises what it would have raised in time, as far as the newest twelve go. A scene that was withdrawn, or that in a new revision would not have warned, ends its warning with the subject's next
/// reading, as any open warning is judged anew then; of a revision that takes other cameras together than before, what was seen before does not count.
/// At most <see cref="GrainLimits.SceneWarnings"/> are open at a subject at a time, so that its state stays bounded; a further one opens with what counts once one of those is over.
/// </remarks>
internal sealed class SceneWatch
{
    /// <summary>Name of the one reminder: at the first moment at which a warning may be over.</summary>
    public const string Reminder = "scenes";

    /// <summary>In the order in which they began.</summary>
    private readonly List<SceneTrack> tracks = [];
    private long remindMs;

    private bool IsEmpty => tracks.Count == 0 && remindMs == 0;

    /// <summary>Judges an event that the subject has taken in.</summary>
    public static void Judge(scoped in Turn turn, scoped in Message message, ActorKind subject, ref SceneWatch? watch, ref OpenWarnings? warnings)
    {
        IReadOnlyList<SceneRule> scenes = turn.Rules.Scenes;
        if (watch is null && scenes.Count == 0 && warnings?.AnyOpenFrom(SceneRule.KindPrefix) != true)
        {
            return;
        }

        watch?.Renew(turn, subject);
        JudgeAnew(turn, message.Header.AtMs, subject, watch, warnings);
        ByteReader reader = new(message.Body);
        VideoReading video = VideoReading.Read(ref reader);
        (bool worked, int hour) = turn.Rules.Calendar.LocalHour(message.Header.AtMs);
        for (int i = 0; i < scenes.Count; i++)
        {
            if (scenes[i].IsOf(subject) && scenes[i].Thresholds.Counts(video.Event, video.ConfidencePermille, hour, worked) && scenes[i].IsIn(Encoding.UTF8.GetString(message.Origin.District)))
            {
                watch ??= new SceneWatch();
                watch.Take(turn, message, subject, scenes[i], video, ref warnings);
            }
        }

        watch?.Await(turn, warnings);
        watch = watch?.IsEmpty == true ? null : watch;
    }

    /// <summary>The reminder fell due: what was quiet for long enough is over.</summary>
    public static void Due(scoped in Turn turn, ActorKind subject, ref SceneWatch? watch, OpenWarnings? warnings)
    {
        if (watch is null)
        {
            return;
        }

        watch.remindMs = 0;
        foreach (string kind in warnings?.OpenFrom(SceneRule.KindPrefix) ?? [])
        {
            if (turn.Rules.SceneOf(kind) is { Thresholds.ClearAfterMinutes: > 0 } scene && QuietFrom(scene, warnings!.Find(kind)!) is var overMs && overMs <= turn.NowMs)
            {
                string minutes = Models.Wording.FigureText.Whole(scene.Thresholds.ClearAfterMinutes);
                warnings.Clear(turn, subject, kind, overMs, new Explanation($"Nothing more was seen for {minutes} min.", $"{minutes}分钟内未再发现，自动解除。"));
                watch.Forget(scene.Id);
            }
        }

        watch.Await(turn, warnings);
        watch = watch.IsEmpty ? null : watch;
    }

    /// <summary>A case has ended the open warning: what was seen until then is settled with it.</summary>
    public static void Close(CaseClosed closed, ref SceneWatch? watch)
    {
        if (watch is not null && closed.Kind.StartsWith(SceneRule.KindPrefix, StringComparison.Ordinal))
        {
            watch.Forget(closed.Kind[SceneRule.KindPrefix.Length..]);
            watch = watch.IsEmpty ? null : watch;
        }
    }

    private void Take(scoped in Turn turn, scoped in Message message, ActorKind subject, SceneRule scene, scoped in VideoReading video, ref OpenWarnings? warnings)
    {
        string source = Encoding.UTF8.GetString(message.Origin.Source);
        string id = Encoding.UTF8.GetString(message.Header.Id);
        SceneTrack track = TrackOf(scene, scene.Thresholds.SameCamera ? source : "");
        SceneWindow window = track.Add(new SceneHit(message.Header.AtMs, video.ConfidencePermille, video.Event), source, id, scene.Thresholds.WithinMinutes);
        if (warnings?.Find(scene.Kind) is { } open)
        {
            if (!warnings.IsToTell(scene.Kind, isNew: false, turn.NowMs, turn.Rules.VideoRules.UpdateEveryS, message.Header.AtMs))
            {
                return;
            }
        }
        else if (window.Events < scene.Thresholds.Times || warnings?.OpenFrom(SceneRule.KindPrefix).Count >= (subject == ActorKind.Enterprise ? GrainLimits.SceneWarningsOfEnterprise : GrainLimits.SceneWarnings))
        {
            return;
        }

        warnings ??= new OpenWarnings();
        warnings.Raise(turn, subject, message, video.Image, SceneWarning.Found(scene, window, video.Event, source), track.Cite(window, source, id));
    }

    /// <summary>Lets go of what was kept for scenes that are no more, and of what does not count by their new revision.</summary>
    private void Renew(scoped in Turn turn, ActorKind subject)
    {
        for (int i = tracks.Count - 1; i >= 0; i--)
        {
            SceneTrack track = tracks[i];
            SceneRule? scene = turn.Rules.FindScene(track.Scene);
            if (scene is null || !scene.IsOf(subject) || scene.Thresholds.SameCamera != track.Camera.Length > 0)
            {
                tracks.RemoveAt(i);
                continue;
            }

            if (track.Revision != scene.Revision)
            {
                WorkingCalendar calendar = turn.Rules.Calendar;
                track.Revision = scene.Revision;
                track.Keep(hit => calendar.LocalHour(hit.AtMs) is var (worked, hour) && scene.Thresholds.Counts(hit.Event, hit.Permille, hour, worked));
                if (track.Count == 0)
                {
                    tracks.RemoveAt(i);
                }
            }
        }
    }

    private static void JudgeAnew(scoped in Turn turn, long atMs, ActorKind subject, SceneWatch? watch, OpenWarnings? warnings)
    {
        foreach (string kind in warnings?.OpenFrom(SceneRule.KindPrefix) ?? [])
        {
            Warning open = warnings!.Find(kind)!;
            if (turn.Rules.SceneOf(kind) is not { } scene)
            {
                warnings.Clear(turn, subject, kind, atMs, new Explanation("The scene was withdrawn.", "该场景已撤销。"));
            }
            else if (open.Model != scene.Model)
            {
                string revision = Models.Wording.FigureText.Whole(scene.Revision);
                SceneWindow window = scene.IsOf(subject) && scene.IsIn(open.District) ? watch?.FullestOf(scene) ?? default : default;
                if (window.Events >= scene.Thresholds.Times)
                {
                    warnings.Revise(turn, subject, SceneWarning.Known(scene, window), new Explanation($" Judged anew by revision {revision} of the scene.", $"按该场景第{revision}版重新判定。"));
                }
                else
                {
                    warnings.Clear(turn, subject, kind, atMs, new Explanation($"By revision {revision} of the scene it is none.", $"按该场景第{revision}版不再成立。"));
                }
            }
        }
    }

    private SceneWindow FullestOf(SceneRule scene)
    {
        SceneWindow fullest = default;
        foreach (SceneTrack track in tracks)
        {
            if (track.Scene == scene.Id && track.Fullest(scene.Thresholds.WithinMinutes) is var window && window.Events > fullest.Events)
            {
                fullest = window;
            }
        }

        return fullest;
    }

    private SceneTrack TrackOf(SceneRule scene, string camera)
    {
        int oldest = -1;
        for (int i = 0; i < tracks.Count; i++)
        {
            if (tracks[i].Scene == scene.Id && tracks[i].Camera == camera)
            {
                return tracks[i];
            }

            oldest = oldest < 0 || tracks[i].NewestMs < tracks[oldest].NewestMs ? i : oldest;
        }

        if (tracks.Count >= GrainLimits.SceneTracks)
        {
            tracks.RemoveAt(oldest);
        }

        SceneTrack begun = new(scene.Id, camera) { Revision = scene.Revision };
        tracks.Add(begun);
        return begun;
    }

    private void Forget(string scene) => tracks.RemoveAll(track => track.Scene == scene);

    /// <summary>Sets the reminder for the first warning that may be over. It is not moved by further events: one that fires early is set anew.</summary>
    private void Await(scoped in Turn turn, OpenWarnings? warnings)
    {
        long firstMs = 0;
        foreach (string kind in warnings?.OpenFrom(SceneRule.KindPrefix) ?? [])
        {
            if (turn.Rules.SceneOf(kind) is { Thresholds.ClearAfterMinutes: > 0 } scene)
            {
                long overMs = QuietFrom(scene, warnings!.Find(kind)!);
                firstMs = firstMs == 0 ? overMs : Math.Min(firstMs, overMs);
            }
        }

        if (firstMs != 0 && (remindMs == 0 || firstMs < remindMs))
        {
            remindMs = firstMs;
            turn.Effects.RemindAt(Reminder, firstMs);
        }
    }

    private static long QuietFrom(SceneRule scene, Warning open) => open.Updated.ToUnixTimeMilliseconds() + (scene.Thresholds.ClearAfterMinutes * 60_000L);

    /// <summary>How often what each scene asks for was seen of late: for who looks at the subject.</summary>
    public static void Describe(SceneWatch? watch, Utf8JsonWriter json)
    {
        if (watch is null || watch.tracks.Count == 0)
        {
            return;
        }

        json.WriteStartArray("scenes");
        foreach (SceneTrack track in watch.tracks)
        {
            json.WriteStartObject();
            json.WriteString("scene", track.Scene);
            json.WriteNumber("revision", track.Revision);
            if (track.Camera.Length > 0)
            {
                json.WriteString("camera", track.Camera);
            }

            json.WriteNumber("events", track.Count);
            ReadingJson.Time(json, "newest", track.NewestMs);
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    public static void Write(SceneWatch? watch, ByteWriter writer)
    {
        writer.WriteBool(watch is not null);
        if (watch is null)
        {
            return;
        }

        writer.WriteSigned(watch.remindMs);
        writer.WriteVar((uint)watch.tracks.Count);
        foreach (SceneTrack track in watch.tracks)
        {
            track.Write(writer);
        }
    }

    public static SceneWatch? Read(scoped ref ByteReader reader)
    {
        if (!reader.ReadBool())
        {
            return null;
        }

        SceneWatch watch = new() { remindMs = reader.ReadSigned() };
        for (int left = (int)reader.ReadVar(); left > 0; left--)
        {
            watch.tracks.Add(SceneTrack.Read(ref reader));
        }

        return watch;
    }
}
