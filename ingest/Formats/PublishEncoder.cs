using System.Runtime.InteropServices;
using Streaming.Grains.Inputs;
using Streaming.Grains.Turns;
using Streaming.Models.Encoding;

namespace Streaming.Ingest.Formats;

/// <summary>What became of one payload.</summary>
public readonly record struct EncodeOutcome(int Accepted, int Rejected, RejectReason? FirstReason, string FirstDetail);

/// <summary>
/// Turns one PUBLISH into one journal record: <c>README.md</c> has the fields, limits and decisions. Neither method throws on account of what was sent, and each
/// appends exactly one whole record. Safe to call from any thread with a writer of its own.
/// </summary>
public static class PublishEncoder
{
    /// <summary>Decodes the payload of a topic and appends one whole <see cref="InputKind.Publish"/> record, quarantining what does not fit.</summary>
    /// <param name="records">Gets the record, behind what it holds already.</param>
    /// <param name="source">Who published.</param>
    /// <param name="topic">Topic of the PUBLISH, UTF-8. That the source may publish on it was checked before.</param>
    /// <param name="payload">Payload of the PUBLISH.</param>
    /// <param name="nowMs">Time of arrival, ms since 1970-01-01T00:00Z, by which the readings' own times are judged.</param>
    public static EncodeOutcome Encode(ByteWriter records, SourceContext source, ReadOnlySpan<byte> topic, ReadOnlySpan<byte> payload, long nowMs)
    {
        if (payload.Length > IngestLimits.PayloadBytes)
        {
            return Quarantine(records, source, topic, payload, RejectReason.TooLarge, $"the payload has {payload.Length} bytes; at most {IngestLimits.PayloadBytes} bytes expected");
        }

        if (!TopicRoute.TryParse(topic, out TopicRoute route, out string problem))
        {
            return Quarantine(records, source, topic, payload, RejectReason.UnknownTopic, problem);
        }

        if (route.Kind == TopicKind.Records && (source.Records is null || !route.Subject.SequenceEqual(source.Source.Span)))
        {
            return Quarantine(records, source, topic, payload, RejectReason.UnknownTopic, source.Records is null
                ? $"the source {source.Registration.Id} is registered with no register; register it with one, as \"register\": \"vehicles\""
                : $"v1/records/{source.Registration.Id} expected: records are the word of the source that publishes them");
        }

        Span<byte> room = stackalloc byte[TopicKeyBytes];
        int keyLength = WriteTopicKey(route, room);
        if (keyLength < 0)
        {
            return Quarantine(records, source, topic, payload, RejectReason.UnknownTopic, $"v1/hazmat/vehicle/{{plate}} with a plate of 1 to {IngestLimits.PlateBytes} bytes expected");
        }

        DecodeScratch scratch = DecodeScratch.Take();
        PayloadDecoder decoder = new(scratch, source, route, room[..keyLength], payload, nowMs);
        decoder.Decode();

        int start = BeginRecord(records, source, topic, payload[..decoder.Kept], scratch.Count, scratch.Rejections.Count);
        AppendReadings(records, scratch);
        foreach (ref readonly Rejection rejection in CollectionsMarshal.AsSpan(scratch.Rejections))
        {
            rejection.Write(records);
        }

        Record.End(records, start);
        EncodeOutcome outcome = scratch.Rejections.Count == 0
            ? new EncodeOutcome(scratch.Count, 0, null, "")
            : new EncodeOutcome(scratch.Count, scratch.Rejections.Count, scratch.Rejections[0].Reason, scratch.Rejections[0].Detail);
        scratch.Release();
        return outcome;
    }

    /// <summary>Appends a record whose whole payload is quarantined (its head, where it is longer than is kept).</summary>
    public static EncodeOutcome Quarantine(ByteWriter records, SourceContext source, ReadOnlySpan<byte> topic, ReadOnlySpan<byte> payload, RejectReason reason, string detail)
    {
        ReadOnlySpan<byte> head = payload[..Math.Min(payload.Length, IngestLimits.QuarantinedBytes)];
        int start = BeginRecord(records, source, topic, head, readings: 0, rejections: 1);
        new Rejection(reason, 0, head.Length, detail).Write(records);
        Record.End(records, start);
        return new EncodeOutcome(0, 1, reason, detail);
    }

    /// <summary>The longest key that a topic gives: the place of a camera.</summary>
    private const int TopicKeyBytes = 7 + IngestLimits.TopicLevelBytes;

    /// <summary>Writes the key of the subject that the topic names, where it is not a level of the topic as it stands. -1 where the plate is none.</summary>
    private static int WriteTopicKey(TopicRoute route, Span<byte> key)
    {
        if (route.Kind == TopicKind.HazmatVehicle)
        {
            int length = route.Subject.Length > IngestLimits.PlateBytes ? -1 : PlateKey.Write(route.Subject, key);
            return length == 0 ? -1 : length;
        }

        if (route.Kind != TopicKind.Video)
        {
            return 0;
        }

        "camera:"u8.CopyTo(key);
        route.Subject.CopyTo(key[7..]);
        return 7 + route.Subject.Length;
    }

    private static int BeginRecord(ByteWriter records, SourceContext source, ReadOnlySpan<byte> topic, ReadOnlySpan<byte> raw, int readings, int rejections)
    {
        int start = Record.Begin(records, InputKind.Publish, source.SourcePartition);
        Origin origin = new() { Source = source.Source.Span, District = source.District.Span, AccuracyHundredthPct = source.AccuracyHundredthPct, CalibrationDueMs = source.CalibrationDueMs, Position = source.Position };
        origin.Write(records);
        records.WriteBytes(topic);
        records.WriteBytes(raw);
        records.WriteInt32(readings);
        records.WriteInt32(rejections);
        return start;
    }

    private static void AppendReadings(ByteWriter records, DecodeScratch scratch)
    {
        if (scratch.Sort())
        {
            records.WriteRaw(scratch.Elements.Written);
            return;
        }

        foreach (ref readonly ElementSlot slot in scratch.Slots)
        {
            records.WriteRaw(scratch.Elements.Written.Slice(slot.Offset, slot.Length));
        }
    }
}
