using System.Text;
using Streaming.Grains.Messages;
using Streaming.Models;
using Streaming.Models.Encoding;
using Streaming.Models.Readings;
using Streaming.Models.Scenes;

namespace Streaming.Grains.Subjects;

/// <summary>What counted for one scene at one subject; where a scene asks for the same camera, by each camera for itself. The newest events are kept by time, and of those the newest few with their names, to be cited.</summary>
internal sealed class SceneTrack(string scene, string camera)
{
    /// <summary>Readings before the one in hand that are cited with it.</summary>
    private const int CitedBefore = GrainLimits.CitedReadings - 1;

    private readonly List<SceneHit> hits = [];
    private readonly List<Named> named = [];

    private readonly record struct Named(long AtMs, string Source, string Id);

    /// <summary>Id of the scene.</summary>
    public string Scene { get; } = scene;

    /// <summary>The camera; empty where the scene takes any.</summary>
    public string Camera { get; } = camera;

    /// <summary>Revision of the scene by which these count.</summary>
    public int Revision { get; set; }

    /// <summary>The newest, ms; 0 where there is none.</summary>
    public long NewestMs => hits.Count > 0 ? hits[^1].AtMs : 0;

    public int Count => hits.Count;

    /// <summary>Adds an event at its place by time; the fullest span that it is in. One older than all that are kept when there are as many as may be is in none but its own.</summary>
    public SceneWindow Add(SceneHit hit, string source, string id, int withinMinutes)
    {
        int place = hits.Count;
        while (place > 0 && hits[place - 1].AtMs > hit.AtMs)
        {
            place--;
        }

        hits.Insert(place, hit);
        int at = named.Count;
        while (at > 0 && named[at - 1].AtMs > hit.AtMs)
        {
            at--;
        }

        named.Insert(at, new Named(hit.AtMs, source, id));
        if (named.Count > CitedBefore + 1)
        {
            named.RemoveAt(0);
        }

        if (hits.Count > ModelLimits.SceneTimes)
        {
            hits.RemoveAt(0);
            place--;
        }

        return place < 0 ? new SceneWindow(1, hit.Permille, hit.AtMs, hit.AtMs) : Fullest(withinMinutes, place);
    }

    /// <summary>The fullest span of all that are kept.</summary>
    public SceneWindow Fullest(int withinMinutes, int among = -1) => SceneWindow.Fullest(System.Runtime.InteropServices.CollectionsMarshal.AsSpan(hits), withinMinutes, among);

    /// <summary>The newest events of a span other than the one in hand, oldest first, as a warning cites them.</summary>
    public List<CitedReading> Cite(SceneWindow window, string source, string id)
    {
        List<CitedReading> cited = [.. named
            .Where(each => each.AtMs >= window.FirstMs && each.AtMs <= window.LastMs && !(each.Source == source && each.Id == id))
            .Select(each => new CitedReading(each.Source, each.Id, DateTimeOffset.FromUnixTimeMilliseconds(each.AtMs), null, null))];
        return cited.Count > CitedBefore ? cited[^CitedBefore..] : cited;
    }

    /// <summary>Lets go of what no longer counts.</summary>
    public void Keep(Predicate<SceneHit> counts) => hits.RemoveAll(hit => !counts(hit));

    public void Write(ByteWriter writer)
    {
        writer.WriteText(Scene);
        writer.WriteText(Camera);
        writer.WriteVar((uint)Revision);
        writer.WriteVar((uint)hits.Count);
        foreach (SceneHit hit in hits)
        {
            writer.WriteInt64(hit.AtMs);
            writer.WriteVar((uint)hit.Permille);
            writer.WriteByte((byte)hit.Event);
        }

        writer.WriteVar((uint)named.Count);
        foreach (Named each in named)
        {
            writer.WriteInt64(each.AtMs);
            writer.WriteText(each.Source);
            writer.WriteText(each.Id);
        }
    }

    public static SceneTrack Read(scoped ref ByteReader reader)
    {
        SceneTrack track = new(reader.ReadText(), reader.ReadText()) { Revision = (int)reader.ReadVar() };
        for (int left = (int)reader.ReadVar(); left > 0; left--)
        {
            track.hits.Add(new SceneHit(reader.ReadInt64(), (int)reader.ReadVar(), (VideoEvent)reader.ReadByte()));
        }

        for (int left = (int)reader.ReadVar(); left > 0; left--)
        {
            track.named.Add(new Named(reader.ReadInt64(), reader.ReadText(), reader.ReadText()));
        }

        return track;
    }
}
