using System.Text.Json;
using Streaming.Grains.Messages;
using Streaming.Grains.Rules;
using Streaming.Grains.Turns;
using Streaming.Models.Encoding;
using Streaming.Models.Readings;

namespace Streaming.Grains.Subjects;

/// <summary>An address, a parcel, or what one camera overlooks: the events seen there and the warnings that follow.</summary>
public sealed class Place : Actor
{
    private const byte Version = 2;

    private static ReadOnlySpan<byte> SceneReminder => "scenes"u8;

    private VideoWatch? video;
    private OpenWarnings? warnings;
    private SceneWatch? scenes;
    private long lastSeenMs;

    public override bool Exists => video?.Last.IsKept == true;

    public override void Handle(scoped in Turn turn, scoped in Message message)
    {
        switch (message.Kind)
        {
            case MessageKind.Reading when message.ReadingKind == ReadingKind.Video:
                video ??= new VideoWatch();
                if (video.Handle(turn, message, ActorKind.Place, ref warnings))
                {
                    lastSeenMs = Math.Max(lastSeenMs, message.Header.AtMs);
                    SceneWatch.Judge(turn, message, ActorKind.Place, ref scenes, ref warnings);
                }

                break;
            case MessageKind.CaseClosed:
                HandleClosed(turn, message.Read<CaseClosed>());
                break;
            case MessageKind.Reminded when message.Body.SequenceEqual(SceneReminder):
                SceneWatch.Due(turn, ActorKind.Place, ref scenes, warnings);
                break;
            default:
                throw new InvalidOperationException($"Place {turn.Key} got {message.Kind} {message.ReadingKind} at position {turn.Position}; it takes camera events, its reminder and the end of a case.");
        }
    }

    private void HandleClosed(scoped in Turn turn, CaseClosed closed)
    {
        if (warnings?.Find(closed.Kind)?.Id == closed.WarningId)
        {
            SceneWatch.Close(closed, ref scenes);
        }

        warnings?.Close(turn, closed);
    }

    public override bool IsExpired(long idleMs, Rulebook rules) => warnings?.AnyOpen != true && !rules.Expiry.Keeps(idleMs, onceSeen: video!.Events == 1, warned: warnings?.Ever == true);

    public override void Write(ByteWriter writer)
    {
        writer.WriteByte(Version);
        writer.WriteSigned(lastSeenMs);
        VideoWatch.Write(video, writer);
        OpenWarnings.Write(warnings, writer);
        SceneWatch.Write(scenes, writer);
    }

    public override void Read(ref ByteReader reader)
    {
        byte version = StateVersion.Read(ref reader, Version, nameof(Place));
        lastSeenMs = reader.ReadSigned();
        video = VideoWatch.Read(ref reader);
        warnings = OpenWarnings.Read(ref reader);
        scenes = version >= 2 ? SceneWatch.Read(ref reader) : null;
    }

    public override void Describe(Utf8JsonWriter json, string key)
    {
        json.WriteStartObject();
        json.WriteString("id", key);
        ReadingJson.Time(json, "lastSeen", lastSeenMs);
        VideoWatch.Describe(video, json);
        SceneWatch.Describe(scenes, json);
        OpenWarnings.Describe(warnings, json);
        json.WriteEndObject();
    }
}
