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
    private const byte Version = 1;

    private VideoWatch? video;
    private OpenWarnings? warnings;
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
                }

                break;
            case MessageKind.CaseClosed:
                warnings?.Close(turn, message.Read<CaseClosed>());
                break;
            default:
                throw new InvalidOperationException($"Place {turn.Key} got {message.Kind} {message.ReadingKind} at position {turn.Position}; it takes camera events and the end of a case.");
        }
    }

    public override bool IsExpired(long idleMs, Rulebook rules) => warnings?.AnyOpen != true && !rules.Expiry.Keeps(idleMs, onceSeen: video!.Events == 1, warned: warnings?.Ever == true);

    public override void Write(ByteWriter writer)
    {
        writer.WriteByte(Version);
        writer.WriteSigned(lastSeenMs);
        VideoWatch.Write(video, writer);
        OpenWarnings.Write(warnings, writer);
    }

    public override void Read(ref ByteReader reader)
    {
        StateVersion.Read(ref reader, Version, nameof(Place));
        lastSeenMs = reader.ReadSigned();
        video = VideoWatch.Read(ref reader);
        warnings = OpenWarnings.Read(ref reader);
    }

    public override void Describe(Utf8JsonWriter json, string key)
    {
        json.WriteStartObject();
        json.WriteString("id", key);
        ReadingJson.Time(json, "lastSeen", lastSeenMs);
        VideoWatch.Describe(video, json);
        OpenWarnings.Describe(warnings, json);
        json.WriteEndObject();
    }
}
