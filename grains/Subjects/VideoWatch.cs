using System.Text.Json;
using Streaming.Grains.Messages;
using Streaming.Grains.Turns;
using Streaming.Models.Encoding;
using Streaming.Models.Readings;
using Streaming.Models.Video;
using Streaming.Models.Wording;

namespace Streaming.Grains.Subjects;

/// <summary>
/// What cameras saw at a subject. An event that a camera is sure of, or that comes again soon enough, opens a warning; further ones join it. Such a warning ends with its case: that a camera sees no fire any more does not say that it is out.
/// </summary>
internal sealed class VideoWatch
{
    private const string Model = "video-events/1";

    private RecentReadings recent;
    private KeptReading last;
    private readonly long[] counts = new long[VideoEventNames.Count];

    /// <summary>The newest events not sure enough to open a warning alone, by kind; the times rise. Empty once the warning is open.</summary>
    private readonly List<Unconfirmed>[] unconfirmed = new List<Unconfirmed>[VideoEventNames.Count];

    private readonly record struct Unconfirmed(long AtMs, int Permille);

    /// <summary>The newest event.</summary>
    public ref readonly KeptReading Last => ref last;

    /// <summary>Events of every kind.</summary>
    public long Events => counts.Sum();

    /// <summary>Takes in one event; false where it changed nothing (repeated, or history is asked).</summary>
    public bool Handle(scoped in Turn turn, scoped in Message message, ActorKind subject, ref OpenWarnings? warnings)
    {
        switch (recent.Recognise(message.Header, message.SeenBefore, turn.NowMs))
        {
            case Recognition.Repeated:
                return false;
            case Recognition.Unknown:
                turn.Effects.LookUp();
                return false;
        }

        recent.Accept(message.Header, turn.NowMs);
        if (last.Precedes(message))
        {
            last.Keep(message);
        }

        ByteReader reader = new(message.Body);
        VideoReading video = VideoReading.Read(ref reader);
        int kind = (int)video.Event < VideoEventNames.Count ? (int)video.Event : 0;
        counts[kind]++;
        if (turn.Rules.VideoRules.Of(video.Event) is { } rule && video.ConfidencePermille >= rule.MinimumPermille)
        {
            Judge(turn, message, subject, video, rule, ref warnings);
        }

        return true;
    }

    private void Judge(scoped in Turn turn, scoped in Message message, ActorKind subject, scoped in VideoReading video, VideoRule rule, ref OpenWarnings? warnings)
    {
        string kind = video.Event.Kind();
        int permille = video.ConfidencePermille;
        int events = 1;
        if (warnings?.Find(kind) is { } open)
        {
            if (!warnings.IsToTell(kind, permille / 1000.0 > open.Confidence, turn.NowMs, turn.Rules.VideoRules.UpdateEveryS, message.Header.AtMs))
            {
                return;
            }
        }
        else if (permille < rule.CertainPermille)
        {
            events = Confirm((int)video.Event, message.Header.AtMs, rule, ref permille);
            if (events < rule.Confirmations)
            {
                return;
            }
        }

        unconfirmed[(int)video.Event]?.Clear();
        warnings ??= new OpenWarnings();
        double confidence = permille / 1000.0;
        string camera = System.Text.Encoding.UTF8.GetString(message.Origin.Source);
        string sure = FigureText.Probability(confidence);
        string timesEn = events > 1 ? $", {FigureText.Whole(events)} times within {FigureText.Whole(rule.WithinS)} s" : "";
        string timesZh = events > 1 ? $"，{FigureText.Whole(rule.WithinS)}秒内{FigureText.Whole(events)}次" : "";
        SortedDictionary<string, double> figures = new(StringComparer.Ordinal) { ["confidencePct"] = permille / 10.0, ["events"] = events };
        if (message.Origin.Position is { IsKnown: true } position)
        {
            // Of the camera: what people report near by may be the same.
            figures["latitudeDeg"] = position.LatitudeE6 / 1e6;
            figures["longitudeDeg"] = position.LongitudeE6 / 1e6;
        }

        warnings.Raise(turn, subject, message, video.Image, new Finding(
            kind,
            rule.Severity,
            confidence,
            Model,
            new Explanation(
                $"Camera {camera} saw {video.Event.English()} with {sure} % confidence{timesEn}.",
                $"摄像头{camera}发现{video.Event.Chinese()}，置信度{sure} %{timesZh}。"),
            figures,
            null,
            null));
    }

    /// <summary>
    /// Adds an event to those awaiting confirmation; returns the most that lie, together with it, within the rule's time of one another, and the greatest confidence of those. Late events take their place among the newest
    /// that are kept, so a backlog in any order confirms what it would have confirmed in time; what is older than all of them is only counted.
    /// </summary>
    private int Confirm(int kind, long atMs, VideoRule rule, ref int permille)
    {
        List<Unconfirmed> events = unconfirmed[kind] ??= [];
        int place = events.Count;
        while (place > 0 && events[place - 1].AtMs > atMs)
        {
            place--;
        }

        events.Insert(place, new Unconfirmed(atMs, permille));
        if (events.Count > Models.ModelLimits.VideoConfirmations)
        {
            events.RemoveAt(0);
            place--;
        }

        int most = 1;
        for (int first = 0; first <= place; first++)
        {
            int last = first;
            int greatest = events[first].Permille;
            while (last + 1 < events.Count && events[last + 1].AtMs - events[first].AtMs <= rule.WithinS * 1000L)
            {
                greatest = Math.Max(greatest, events[++last].Permille);
            }

            if (last >= place && last - first + 1 > most)
            {
                most = last - first + 1;
                permille = greatest;
            }
        }

        return most;
    }

    /// <summary>Counts by event, and the newest one.</summary>
    public static void Describe(VideoWatch? watch, Utf8JsonWriter json)
    {
        json.WriteStartObject("events");
        for (int i = 0; i < VideoEventNames.Count; i++)
        {
            if (watch?.counts[i] > 0)
            {
                json.WriteNumber(((VideoEvent)i).Kind(), watch.counts[i]);
            }
        }

        json.WriteEndObject();
        if (watch?.last.IsKept == true)
        {
            json.WriteStartObject("lastEvent");
            ReadingJson.Video(json, watch.last);
            json.WriteEndObject();
        }
    }

    public static void Write(VideoWatch? watch, ByteWriter writer)
    {
        writer.WriteBool(watch is not null);
        if (watch is null)
        {
            return;
        }

        watch.recent.Write(writer);
        watch.last.Write(writer);
        writer.WriteByte(VideoEventNames.Count);
        for (int i = 0; i < VideoEventNames.Count; i++)
        {
            writer.WriteVar((ulong)watch.counts[i]);
            writer.WriteVar((uint)(watch.unconfirmed[i]?.Count ?? 0));
            foreach (Unconfirmed seen in watch.unconfirmed[i] ?? [])
            {
                writer.WriteInt64(seen.AtMs);
                writer.WriteVar((uint)seen.Permille);
            }
        }
    }

    public static VideoWatch? Read(scoped ref ByteReader reader)
    {
        if (!reader.ReadBool())
        {
            return null;
        }

        VideoWatch watch = new() { recent = RecentReadings.Read(ref reader), last = KeptReading.Read(ref reader) };
        int kinds = reader.ReadByte();
        if (kinds > VideoEventNames.Count)
        {
            throw new InvalidDataException($"A state counts {kinds} kinds of camera event; this version knows {VideoEventNames.Count}.");
        }

        for (int i = 0; i < kinds; i++)
        {
            watch.counts[i] = (long)reader.ReadVar();
            for (int left = (int)reader.ReadVar(); left > 0; left--)
            {
                (watch.unconfirmed[i] ??= []).Add(new Unconfirmed(reader.ReadInt64(), (int)reader.ReadVar()));
            }
        }

        return watch;
    }
}
