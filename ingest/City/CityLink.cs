using System.Text;
using System.Threading.Channels;
using Microsoft.Extensions.Logging;
using Streaming.Ingest.Mqtt.Client;
using Streaming.Ingest.Mqtt.Packets;

namespace Streaming.Ingest.City;

/// <summary>
/// One device's connection. Like a real station it keeps what was not acknowledged, connects again after a failure and sends that first: the server knows a repeated reading by its id.
/// </summary>
/// <remarks>
/// <see cref="Offer"/> is called by the publisher's loop; everything else belongs to <see cref="RunAsync"/>. Figures are read by anyone and may be a moment old.
/// </remarks>
internal sealed partial class CityLink(CityDevice device, string password, CityPublisherOptions options, TimeProvider time, ILogger logger)
{
    private readonly Channel<CityMessage> waiting = Channel.CreateBounded<CityMessage>(new BoundedChannelOptions(CityLimits.InFlightPerDevice) { SingleReader = true });
    private readonly Queue<CityMessage> unacknowledged = new();
    private long acknowledged;
    private long refused;
    private long dropped;
    private volatile bool isConnected;

    public CityDevice Device => device;

    public string Password => password;

    public bool IsConnected => isConnected;

    /// <summary>Readings answered with success.</summary>
    public long Acknowledged => Volatile.Read(ref acknowledged);

    /// <summary>Readings answered with an error.</summary>
    public long Refused => Volatile.Read(ref refused);

    /// <summary>Readings that found no room because the server took too long.</summary>
    public long Dropped => Volatile.Read(ref dropped);

    public void Offer(CityMessage message)
    {
        if (!waiting.Writer.TryWrite(message))
        {
            Interlocked.Increment(ref dropped);
        }
    }

    /// <summary>Publishes until cancelled.</summary>
    public async Task RunAsync(CancellationToken cancellation)
    {
        int failures = 0;
        while (!cancellation.IsCancellationRequested)
        {
            try
            {
                await using MqttPublisher client = await ConnectAsync(cancellation).ConfigureAwait(false);
                failures = 0;
                isConnected = true;
                await PublishAsync(client, cancellation).ConfigureAwait(false);
            }
            catch (MqttDisconnectedException failure)
            {
                Log.Disconnected(logger, device.Id, failure.Message);
                failures++;
            }
            catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
            {
                return;
            }
            finally
            {
                isConnected = false;
            }

            // 100 ms, doubled with every failure up to about six seconds.
            TimeSpan pause = TimeSpan.FromMilliseconds(100 << Math.Min(failures, 6));
            await Task.Delay(pause, time, cancellation).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private Task<MqttPublisher> ConnectAsync(CancellationToken cancellation) => MqttPublisher.ConnectAsync(
        options.MqttHost,
        options.MqttPort,
        $"city-{device.Id}",
        device.Id,
        password,
        MqttVersion.V5,
        new MqttPublisherOptions { Window = CityLimits.InFlightPerDevice, Will = new Will(StatusTopic, "offline"u8.ToArray(), 1, false), Time = time },
        cancellation);

    private byte[] StatusTopic => Encoding.UTF8.GetBytes($"v1/status/{device.Id}");

    private async Task PublishAsync(MqttPublisher client, CancellationToken cancellation)
    {
        await client.PublishAsync(StatusTopic, "online"u8.ToArray(), cancellation: cancellation).ConfigureAwait(false);
        foreach (CityMessage message in unacknowledged.ToArray())
        {
            await client.PublishAsync(Encoding.UTF8.GetBytes(message.Topic), message.Payload, cancellation: cancellation).ConfigureAwait(false);
        }

        // The status came first on this connection, so that many more than the readings were answered.
        Answers answers = new(Extra: 1);
        while (true)
        {
            Count(client, answers);
            if (!waiting.Reader.TryRead(out CityMessage message))
            {
                await WaitAsync(client, cancellation).ConfigureAwait(false);
                continue;
            }

            unacknowledged.Enqueue(message);
            await client.PublishAsync(Encoding.UTF8.GetBytes(message.Topic), message.Payload, cancellation: cancellation).ConfigureAwait(false);
        }
    }

    /// <summary>Waits for a reading to publish, or for the end of the connection.</summary>
    private async Task WaitAsync(MqttPublisher client, CancellationToken cancellation)
    {
        Task<bool> next = waiting.Reader.WaitToReadAsync(cancellation).AsTask();
        if (await Task.WhenAny(next, client.Ended).ConfigureAwait(false) != next)
        {
            throw client.Failure ?? new MqttDisconnectedException("The connection ended.", 0);
        }

        await next.ConfigureAwait(false);
    }

    /// <summary>Forgets what was answered since the last call; answers come in order.</summary>
    private void Count(MqttPublisher client, Answers answers)
    {
        long errors = client.RefusedPublishes;
        long answered = client.Acknowledged;
        int readings = (int)(answered - answers.Extra - answers.Readings);
        if (readings <= 0)
        {
            return;
        }

        for (int i = 0; i < readings; i++)
        {
            unacknowledged.Dequeue();
        }

        answers.Readings += readings;
        Interlocked.Add(ref refused, errors - answers.Errors);
        Interlocked.Add(ref acknowledged, readings - (errors - answers.Errors));
        answers.Errors = errors;
    }

    /// <summary>What was counted of one connection's answers.</summary>
    private sealed record Answers(int Extra)
    {
        public long Readings { get; set; }

        public long Errors { get; set; }
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Warning, "Simulated device {Device}: {Reason} It connects again.")]
        public static partial void Disconnected(ILogger logger, string device, string reason);
    }
}
