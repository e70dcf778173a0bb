using System.Text;
using Streaming.Ingest.Mqtt.Client;
using Streaming.Ingest.Mqtt.Packets;

namespace Streaming.Tests.EndToEnd;

/// <summary>A station that keeps what was not acknowledged and sends it again, in order, whenever the server comes back: what QoS 1 asks of a publisher.</summary>
/// <param name="port">The silo's MQTT port.</param>
/// <param name="station">Its id and user name; the password is <c>p</c>.</param>
/// <param name="payload">The payload of a number from 0; asked again for one that is sent again, and gives the same.</param>
/// <param name="count">How many payloads there are, until <see cref="Finish"/> is called.</param>
internal sealed class StationClient(int port, string station, Func<int, byte[]> payload, int count = int.MaxValue)
{
    private int acknowledged;
    private int sentBefore;
    private volatile int last = count;

    public StationClient(int port, string station, IReadOnlyList<byte[]> payloads)
        : this(port, station, number => payloads[number], payloads.Count)
    {
    }

    /// <summary>Where it publishes; its first lane where nothing is said.</summary>
    public string Topic { get; init; } = $"v1/wim/{station}/1";

    /// <summary>Payloads between two pauses; all at once where there are none.</summary>
    public int Burst { get; init; } = int.MaxValue;

    public TimeSpan Pause { get; init; }

    /// <summary>Payloads acknowledged so far.</summary>
    public int Acknowledged => Volatile.Read(ref acknowledged);

    /// <summary>Payloads that were sent more than once.</summary>
    public int Resent { get; private set; }

    /// <summary>Lets it send nothing new any more; it ends once everything that it has sent is acknowledged.</summary>
    public void Finish() => last = Volatile.Read(ref sentBefore);

    public async Task RunAsync(CancellationToken cancellation)
    {
        byte[] topic = Encoding.UTF8.GetBytes(Topic);
        while (Acknowledged < last)
        {
            cancellation.ThrowIfCancellationRequested();
            int first = Acknowledged;
            MqttPublisher? connection = null;
            try
            {
                connection = await MqttPublisher.ConnectAsync("127.0.0.1", port, station, station, "p", MqttVersion.V311, new MqttPublisherOptions { Window = 500 }, cancellation);
                for (int next = first; next < last; next++)
                {
                    Resent += next < sentBefore ? 1 : 0;
                    Volatile.Write(ref sentBefore, Math.Max(sentBefore, next + 1));
                    await connection.PublishAsync(topic, payload(next), cancellation: cancellation);
                    Volatile.Write(ref acknowledged, first + (int)connection.Acknowledged);
                    if ((next + 1) % Burst == 0)
                    {
                        await Task.Delay(Pause, cancellation);
                    }
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
