using Streaming.Grains.Inputs;
using Streaming.Ingest.Formats;
using Streaming.Models.Encoding;

namespace Streaming.Ingest.Mqtt;

/// <summary>As <see cref="PublishEncoder.Encode"/>.</summary>
internal delegate EncodeOutcome Encode(ByteWriter records, SourceContext source, ReadOnlySpan<byte> topic, ReadOnlySpan<byte> payload, long nowMs);

/// <summary>As <see cref="PublishEncoder.Quarantine"/>.</summary>
internal delegate EncodeOutcome Quarantine(
    ByteWriter records, SourceContext source, ReadOnlySpan<byte> topic, ReadOnlySpan<byte> payload, RejectReason reason, string detail);

/// <summary>Turns a PUBLISH into a record. The endpoint knows packets and acknowledgements, and nothing of formats.</summary>
internal sealed record MqttDecoding(Encode Encode, Quarantine Quarantine)
{
    public static MqttDecoding Native { get; } = new(PublishEncoder.Encode, PublishEncoder.Quarantine);
}
