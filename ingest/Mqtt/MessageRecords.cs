using Streaming.Grains.Inputs;
using Streaming.Grains.Messages;
using Streaming.Grains.Messaging;
using Streaming.Grains.Turns;
using Streaming.Models.Encoding;

namespace Streaming.Ingest.Mqtt;

/// <summary>Writes the journal record of a message between clients: one input of the city's topics, which nobody waits to be answered.</summary>
internal static class MessageRecords
{
    private static readonly byte[] City = System.Text.Encoding.UTF8.GetBytes(Topics.City);
    private static readonly byte Partition = Grains.Inputs.Partition.Of(ActorKind.Topics, City);

    /// <param name="records">Gets the record.</param>
    /// <param name="publisher">Session key of the client, UTF-8.</param>
    /// <param name="topic">Topic name, UTF-8.</param>
    /// <param name="qos">0, 1 or 2.</param>
    /// <param name="retain">Whether it is retained.</param>
    /// <param name="expiresMs">When it is no longer to be sent, ms since 1970; null for never.</param>
    /// <param name="properties">What is handed on as it came.</param>
    /// <param name="payload">The payload.</param>
    public static void Write(
        ByteWriter records, ReadOnlySpan<byte> publisher, ReadOnlySpan<byte> topic, byte qos, bool retain, long? expiresMs, ReadOnlySpan<byte> properties, ReadOnlySpan<byte> payload)
    {
        int start = Record.Begin(records, InputKind.Command, Partition);
        AddressedRecord.Write(records, ActorKind.Topics, MessageKind.PublishMessage, City, []);
        PlainMessage.Write(records, publisher, topic, qos, retain, expiresMs, properties, payload);
        Record.End(records, start);
    }
}
