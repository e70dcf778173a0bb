using Microsoft.Extensions.Logging;
using Streaming.Grains.Messages;
using Streaming.Ingest.Brokers;

namespace Streaming.Ingest.MqttNet;

/// <summary>All outside brokers of a silo.</summary>
internal sealed class BrokerSubscriptions(
    IReadOnlyList<BrokerOptions> brokers, IIntake intake, Func<string, SourceRegistration?> devices, IReadingRules rules, TimeProvider time, ILoggerFactory logs) : IAsyncDisposable
{
    private readonly BrokerSubscriber[] subscribers = [.. brokers.Select(broker => new BrokerSubscriber(broker, intake, devices, rules, time, logs))];

    /// <summary>Of each broker that is not subscribed to, why not.</summary>
    public IReadOnlyList<string> Notes => [.. subscribers.Select(subscriber => subscriber.Note).OfType<string>()];

    public void Start()
    {
        foreach (BrokerSubscriber subscriber in subscribers)
        {
            subscriber.Start();
        }
    }

    public async ValueTask DisposeAsync() => await Task.WhenAll(subscribers.Select(subscriber => subscriber.DisposeAsync().AsTask()));
}
