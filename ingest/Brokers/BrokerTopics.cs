using System.Text;
using Streaming.Grains.Inputs;
using Streaming.Grains.Messages;
using Streaming.Ingest.Formats;
using Streaming.Ingest.Mqtt;
using Streaming.Ingest.Mqtt.Packets;

namespace Streaming.Ingest.Brokers;

/// <summary>
/// What a broker's topics mean here: which registered device a message is of, and on which topic of ours it would have published it. A message that is of none is kept in quarantine under the broker's own name,
/// <c>broker:{name}</c>: a source for every name that a stranger invents would let anyone at the broker fill the silo with them. Used by one loop alone.
/// </summary>
/// <param name="broker">Whose topics.</param>
/// <param name="devices">Finds a device by its id as it is registered now; null where there is none.</param>
/// <param name="rules">What is asked of readings.</param>
internal sealed class BrokerTopics(BrokerOptions broker, Func<string, SourceRegistration?> devices, IReadingRules rules)
{
    private readonly (TopicTemplate From, string? To, string? Source)[] subscriptions = [.. broker.Subscriptions.Select(subscription => (Parse(subscription), subscription.To, subscription.Source))];
    private readonly SourceContext unknown = new(new SourceRegistration(SourceOf(broker), "broker", [], "", null, "")) { Rules = rules };
    private readonly Dictionary<string, Meaning> remembered = new(StringComparer.Ordinal);

    /// <param name="Topic">Ours, UTF-8.</param>
    /// <param name="Context">Whom its record is of.</param>
    /// <param name="SourceId">Whom the mapping names; null where there is no mapping.</param>
    /// <param name="Device">The registration that this was found by.</param>
    /// <param name="Problem">Why it is quarantined; null where it is decoded.</param>
    private sealed record Meaning(byte[] Topic, SourceContext Context, string? SourceId, SourceRegistration? Device, RejectReason Reason, string? Problem);

    /// <summary>The source under whose name is kept what is of no device.</summary>
    public static string SourceOf(BrokerOptions broker) => $"broker:{broker.Name}";

    /// <summary>The filters to subscribe with, each once.</summary>
    public static IReadOnlyList<string> FiltersOf(BrokerOptions broker)
    {
        string share = broker.ShareGroup is null ? "" : $"$share/{broker.ShareGroup}/";
        return [.. broker.Subscriptions.Select(subscription => share + Parse(subscription).Filter).Distinct(StringComparer.Ordinal)];
    }

    /// <summary>Makes one record of a message, whatever it is.</summary>
    public EncodeOutcome Take(PublishBatch batch, string topic, ReadOnlySpan<byte> payload)
    {
        Meaning meaning = MeaningOf(topic);
        return meaning.Problem is null
            ? batch.Encode(meaning.Context, meaning.Topic, payload)
            : batch.Quarantine(meaning.Context, meaning.Topic, payload, meaning.Reason, meaning.Problem);
    }

    private static TopicTemplate Parse(BrokerSubscription subscription) =>
        TopicTemplate.Parse(subscription.From, out string problem) ?? throw new InvalidDataException($"\"{subscription.From}\" is no topic of a subscription: {problem}.");

    private Meaning MeaningOf(string topic)
    {
        // A registration is one object until it changes, so what was found by it holds as long as it is the same one.
        if (remembered.TryGetValue(topic, out Meaning? known) && (known.SourceId is null || ReferenceEquals(devices(known.SourceId), known.Device)))
        {
            return known;
        }

        Meaning meaning = Find(topic);
        if (remembered.Count >= BrokerLimits.RememberedTopics)
        {
            remembered.Clear();
        }

        if (topic.Length <= MqttLimits.TopicBytes)
        {
            remembered[topic] = meaning;
        }

        return meaning;
    }

    private Meaning Find(string topic)
    {
        foreach ((TopicTemplate from, string? to, string? source) in subscriptions)
        {
            if (from.Matches(topic, out string[] values))
            {
                string ours = to is null ? topic : from.Fill(to, values);
                return Find(topic, ours, source is null ? null : from.Fill(source, values));
            }
        }

        return Unknown(Head(topic), null, RejectReason.UnknownTopic, $"no subscription of the broker {broker.Name} fits this topic. Its session may be older than the configuration: name the topic there, or unsubscribe at the broker");
    }

    private Meaning Find(string theirs, string topic, string? source)
    {
        byte[] ours = Encoding.UTF8.GetBytes(topic);
        if (!TopicNames.IsName(ours) || !TopicRoute.TryParse(ours, out TopicRoute route, out string problem))
        {
            return Unknown(Head(topic), null, RejectReason.UnknownTopic, $"{Cited(theirs)} of the broker {broker.Name} becomes no topic of ours");
        }

        source ??= Encoding.UTF8.GetString(route.Subject);
        if (devices(source) is not { } device)
        {
            return Unknown(ours, source, RejectReason.UnknownSource, $"no device is registered as \"{Cited(source)}\", whose message {Cited(theirs)} of the broker {broker.Name} is");
        }

        SourceContext context = new(device) { Rules = rules };
        bool allowed = new TopicPermissions(device.Topics).Judge(ours, out bool mayPublish) == MqttRefusal.None && mayPublish;
        return new Meaning(ours, context, source, device, RejectReason.TopicNotAllowed, allowed ? null : $"The device's registration does not allow this topic, which {Cited(theirs)} of the broker {broker.Name} becomes.");
    }

    private Meaning Unknown(byte[] topic, string? source, RejectReason reason, string problem) => new(topic, unknown, source, null, reason, problem);

    /// <summary>As much of a topic as a record takes, cut between two characters.</summary>
    private static byte[] Head(string topic)
    {
        byte[] bytes = new byte[MqttLimits.TopicBytes];
        Encoding.UTF8.GetEncoder().Convert(topic, bytes, flush: true, out _, out int used, out _);
        return bytes[..used];
    }

    private static string Cited(string text) => text.Length <= IngestLimits.CitedBytes * 3 ? text : text[..(IngestLimits.CitedBytes * 3)] + "...";
}
