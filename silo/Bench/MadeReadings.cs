using Streaming.Ingest;
using Streaming.Ingest.Formats;
using Streaming.Models.Encoding;

namespace Streaming.Silo.Bench;

/// <summary>The load's readings as journal records, without a socket in between: decoded by the endpoint's decoder, and handed over in batches as a connection does.</summary>
internal sealed class MadeReadings(int vehicles, DateTimeOffset start)
{
    private const int BatchBytes = 256 * 1024;
    private readonly LoadPackets packets = new(BackgroundLoad.Station(0), 0, vehicles, start);
    private readonly SourceContext source = new(BenchSilo.Registration(BackgroundLoad.Station(0)));
    private readonly ByteWriter records = new(BatchBytes * 2);

    /// <summary>Appends so many readings, one vehicle after the other, beginning where the last call ended.</summary>
    /// <param name="intake">Takes the records.</param>
    /// <param name="readings">How many.</param>
    /// <param name="appended">Called after each batch.</param>
    /// <param name="cancellation">Ends it.</param>
    public async Task AppendAsync(IIntake intake, long readings, Action appended, CancellationToken cancellation)
    {
        byte[] packet = new byte[packets.PacketBytes];
        for (long left = readings; left > 0;)
        {
            long nowMs = TimeProvider.System.GetUtcNow().ToUnixTimeMilliseconds();
            records.Clear();
            for (; left > 0 && records.Length < BatchBytes; left--)
            {
                packets.Next(packet, 1);
                EncodeOutcome outcome = PublishEncoder.Encode(records, source, packets.Topic, packets.Payload(packet), nowMs);
                if (outcome.Accepted != 1)
                {
                    throw new InvalidDataException($"A made reading does not decode: {outcome.FirstDetail}");
                }
            }

            Appended done = await intake.AppendAsync(records.WrittenMemory, cancellation).ConfigureAwait(false);
            if (done.Refusal is { } refusal)
            {
                throw new InvalidOperationException($"The made readings were refused: {refusal}");
            }

            appended();
        }
    }
}
