using System.Text;
using Streaming.Ingest.Mqtt.Client;
using Streaming.Ingest.Mqtt.Packets;

namespace Streaming.Tests.EndToEnd;

/// <summary>A station that keeps what was not acknowledged and sends it again, in order, whenever the server comes back: what QoS 1 asks of a publisher.</summary>
internal sealed class StationClient(int port, string station, IReadOnlyList<byte[]> payloads)
{
    private readonly byte[] topic = Encoding.UTF8.GetBytes($"v1/wim/{station}/1");
    private int acknowledged;

    /// <summary>Payloads acknowledged so far.</summary>
    public int Acknowledged => Volatile.Read(ref acknowledged);

    /// <summary>Payloads that were sent more than once.</summary>
    public int Resent { get; private set; }

    public async Task RunAsync(CancellationToken cancellation)
    {
        int sentBefore = 0;
        while (Acknowledged < payloads.Count)
        {
            cancellation.ThrowIfCancellationRequested();
            int first = Acknowledged;
            MqttPublisher? connection = null;
            try
            {
                connection = await MqttPublisher.ConnectAsync("127.0.0.1", port, station, station, "p", MqttVersion.V311, new MqttPublisherOptions { Window = 500 }, cancellation);
                for (int next = first; next < payloads.Count; next++)
                {
                    Resent += next < sentBefore ? 1 : 0;
                    await connection.PublishAsync(topic, payloads[next], cancellation: cancellation);
                    sentBefore = Math.Max(sentBefore, next + 1);
                    Volatile.Write(ref acknowledged, first + (int)connection.Acknowledged);
                }

                await connection.FlushAsync(cancellation);
            }
            catch (MqttDisconnectedException)
            {
                // Killed, or not up again yet.
                await Task.Delay(20, cancellation);
            }
            finally
            {
                if (connection is not null)
                {
                    Volatile.Write(ref acknowledged, first + (int)connection.Acknowledged);
                    await connection.DisposeAsync();
                }
            }
        }
    }
}
