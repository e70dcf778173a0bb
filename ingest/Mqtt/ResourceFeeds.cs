using System.Text;
using Streaming.Grains.Access;
using Streaming.Grains.Messages;
using Streaming.Grains.Registers;
using Streaming.Grains.Subjects;

namespace Streaming.Ingest.Mqtt;

/// <summary>Which way back a topic filter means, for the one who asks: <c>v1/resources/{id}/joined</c>, and what covers it for the one resource. The feed is its queue, as a department's is.</summary>
internal static class ResourceFeeds
{
    private const string Joined = "joined";

    /// <summary>Name of a resource's feed.</summary>
    public static string FeedOf(string resource) => $"{Source.WaysBack}/{resource}";

    /// <summary>The resource of a feed; null where it is a department's.</summary>
    public static string? ResourceOf(string feed) => feed.StartsWith(Source.WaysBack + "/", StringComparison.Ordinal) ? feed[(Source.WaysBack.Length + 1)..] : null;

    /// <summary>Topic of an item.</summary>
    public static string TopicOf(string resource) => $"v1/resources/{resource}/{Joined}";

    /// <summary>The resource that a filter names; null where it names none, or more than one.</summary>
    public static string? ResourceOfFilter(string filter)
    {
        string[] levels = filter.Split('/');
        return levels is ["v1", "resources", not ("" or "+" or "#"), Joined or "+" or "#"] ? levels[2] : null;
    }

    /// <summary>Whether this client hears the way back of a resource, as that is registered now.</summary>
    public static bool MayHear(AdmittedClient client, SourceRegistration? resource) => resource switch
    {
        null => false,
        _ when client.Device is { } device => device.Registration.Id == resource.Id && !ResourceRights.IsAboutPersons(resource),
        _ => client.Token is { } token && ResourceRights.MayHear(TokenScope.Of(token), TokenScope.Supervises(token.Role), resource),
    };

    /// <summary>Whether this client sees what concerns persons. A device is a machine of the owner's, which anybody there may look at, so it sees what a member sees.</summary>
    public static bool SeesPersons(AdmittedClient client) => client.Token is { } token && TokenScope.Supervises(token.Role);

    /// <summary>The only district whose entries this client sees; null for all, as for a device, which has itself spoken of the entries that it hears of.</summary>
    public static string? DistrictOf(AdmittedClient client) => client.Token is { } token ? TokenScope.Of(token).District : null;
}

/// <summary>
/// The way back of a resource. Whether the client may hear it is looked at with every read, since it goes by the registration of the resource, whose change ends no connection of others: once it may not, nothing more comes.
/// </summary>
internal sealed class JoinedSource(IFeeds feeds, string resource, Func<bool> mayHear, bool seesPersons, string? district) : IDeliverySource
{
    private readonly string feed = ResourceFeeds.FeedOf(resource);
    private readonly string topic = ResourceFeeds.TopicOf(resource);
    private readonly byte[] utf8 = Encoding.UTF8.GetBytes(ResourceFeeds.TopicOf(resource));

    public async Task WaitAsync(long after, CancellationToken cancellation)
    {
        await feeds.WaitAsync(feed, after, cancellation);
        if (!mayHear())
        {
            await new TaskCompletionSource().Task.WaitAsync(cancellation);
        }
    }

    public async ValueTask<IReadOnlyList<DeliveryItem>> ReadAsync(long after, int most, CancellationToken cancellation)
    {
        IReadOnlyList<FeedItem> items = await feeds.ReadAsync(feed, after, most, cancellation);
        return mayHear() ? [.. items.Select(item => new DeliveryItem(item.Number, topic, utf8, JoinedView.Read(item.Json, seesPersons, district), null))] : [];
    }
}
