using Streaming.Grains.Inputs;
using Streaming.Grains.Messages;
using Streaming.Models.Encoding;

namespace Streaming.Ingest.Formats;

/// <summary>A device as the endpoint sees it while it is connected: its registration, with what every record needs as UTF-8.</summary>
public sealed class SourceContext
{
    public SourceContext(SourceRegistration registration)
    {
        Registration = registration;
        Source = System.Text.Encoding.UTF8.GetBytes(registration.Id);
        District = System.Text.Encoding.UTF8.GetBytes(registration.District);
        AccuracyHundredthPct = (int)Math.Round((registration.AccuracyPct ?? 0) * 100);
    }

    public SourceRegistration Registration { get; }

    public ReadOnlyMemory<byte> Source { get; }

    public ReadOnlyMemory<byte> District { get; }

    public int AccuracyHundredthPct { get; }
}

/// <summary>What became of one payload.</summary>
public readonly record struct EncodeOutcome(int Accepted, int Rejected, RejectReason? FirstReason, string FirstDetail);

/// <summary>Turns one PUBLISH into one journal record.</summary>
public static class PublishEncoder
{
    /// <summary>Decodes the payload of a topic and appends one whole <see cref="InputKind.Publish"/> record, quarantining what does not fit.</summary>
    public static EncodeOutcome Encode(ByteWriter records, SourceContext source, ReadOnlySpan<byte> topic, ReadOnlySpan<byte> payload, long nowMs) =>
        throw new NotImplementedException();

    /// <summary>Appends a record whose whole payload is quarantined (its head, where it is longer than is kept).</summary>
    public static EncodeOutcome Quarantine(ByteWriter records, SourceContext source, ReadOnlySpan<byte> topic, ReadOnlySpan<byte> payload, RejectReason reason, string detail) =>
        throw new NotImplementedException();
}
