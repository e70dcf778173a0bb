namespace Streaming.Ingest.Mqtt;

/// <summary>Which feeds the client may hear: departments' by its token, ways back of resources by the registration of the resource.</summary>
internal sealed partial class FeedDeliveries
{
    private bool TryResolve(string filter, out string feed)
    {
        if (ResourceFeeds.ResourceOfFilter(filter) is not { } resource)
        {
            return SubscriptionRules.TryResolve(client.Token, filter, out feed);
        }

        feed = ResourceFeeds.FeedOf(resource);
        return MayHear(resource);
    }

    private bool MayRead(string feed) => ResourceFeeds.ResourceOf(feed) is { } resource ? MayHear(resource) : SubscriptionRules.MayReadFeed(client.Token, feed);

    private bool MayHear(string resource) => ResourceFeeds.MayHear(client, context.Access.FindDevice(resource));

    private IDeliverySource Open(string feed) => ResourceFeeds.ResourceOf(feed) is { } resource
        ? new JoinedSource(context.Feeds, resource, () => MayHear(resource), ResourceFeeds.SeesPersons(client), ResourceFeeds.DistrictOf(client))
        : new FeedSource(context.Feeds, feed);
}
