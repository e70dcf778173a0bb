using Streaming.Grains;
using Streaming.Grains.Messages;
using Streaming.Grains.Turns;
using Streaming.Tests.Dispatch;
using Streaming.Tests.Rules;
using Xunit;

namespace Streaming.Tests.Access;

public class SessionTests
{
    private const string Key = "t1/console-7";
    private const string Filter = "v1/departments/transport/harbour/alerts";
    private readonly Scene scene = new(CityRules.Shipped, new(2026, 3, 3, 2, 0, 0, TimeSpan.Zero));

    [Fact]
    public void A_subscription_begins_where_it_says_and_goes_on_from_what_was_acknowledged()
    {
        Assert.Equal(ReplyStatus.Done, Subscribe(from: 41));
        Assert.Equal(41, Acknowledged());
        Assert.Equal(ReplyStatus.Done, Acknowledge(45));
        Assert.Equal(ReplyStatus.Done, Subscribe(from: 60, qos: 0));
        Assert.Equal(45, Acknowledged());
        Assert.Equal(0, scene.Row<SessionRow>(View.Sessions, Key)!.Subscriptions[0].Qos);
    }

    [Fact]
    public void The_acknowledged_number_never_goes_back()
    {
        Subscribe(from: 0);
        foreach (long number in new long[] { 7, 3, 7, 0 })
        {
            Assert.Equal(ReplyStatus.Done, Acknowledge(number));
            Assert.Equal(7, Acknowledged());
        }
    }

    [Fact]
    public void Another_feed_under_the_same_filter_begins_anew()
    {
        Subscribe(from: 0);
        Acknowledge(9);
        Subscribe(from: 2, feed: "transport/*");
        Assert.Equal(2, Acknowledged());
    }

    [Fact]
    public void Minus_one_ends_a_subscription_and_with_the_last_the_session()
    {
        Subscribe(from: 0);
        Subscribe(from: 5, filter: "v1/departments/transport/+/alerts", feed: "transport/*");
        Acknowledge(-1);
        Assert.Equal("transport/*", Assert.Single(scene.Row<SessionRow>(View.Sessions, Key)!.Subscriptions).Feed);
        Assert.Equal(ReplyStatus.NotFound, Acknowledge(3));
        Acknowledge(-1, "v1/departments/transport/+/alerts");
        Assert.Null(scene.Row<SessionRow>(View.Sessions, Key));
        Assert.False(scene.Exists(ActorKind.Session, Key));
    }

    [Fact]
    public void A_clean_start_forgets_the_session_and_it_can_begin_again()
    {
        Subscribe(from: 0);
        Acknowledge(9);
        Assert.Equal(ReplyStatus.Done, scene.Send(ActorKind.Session, Key, MessageKind.EndSession, [])!.Status);
        Assert.Null(scene.Row<SessionRow>(View.Sessions, Key));
        Assert.False(scene.Exists(ActorKind.Session, Key));
        Subscribe(from: 1);
        Assert.Equal(1, Acknowledged());
    }

    [Fact]
    public void A_session_has_a_bounded_number_of_subscriptions()
    {
        for (int i = 0; i < GrainLimits.SubscriptionsPerSession; i++)
        {
            Assert.Equal(ReplyStatus.Done, Subscribe(from: 0, filter: $"f{i}"));
        }

        Assert.Equal(ReplyStatus.Conflict, Subscribe(from: 0, filter: "one-more"));
        Assert.Equal(ReplyStatus.Done, Subscribe(from: 0, filter: "f3"));
        Assert.Equal(GrainLimits.SubscriptionsPerSession, scene.Row<SessionRow>(View.Sessions, Key)!.Subscriptions.Length);
    }

    [Theory]
    [InlineData("", "transport/*", 0, 1)]
    [InlineData("f", "", 0, 1)]
    [InlineData("f", "transport/*", -1, 1)]
    [InlineData("f", "transport/*", 0, 2)]
    public void A_subscription_that_makes_no_sense_is_refused(string filter, string feed, long from, int qos)
    {
        Assert.Equal(ReplyStatus.Invalid, Subscribe(from, qos, filter, feed));
        Assert.False(scene.Exists(ActorKind.Session, Key));
    }

    private ReplyStatus Subscribe(long from, int qos = 1, string filter = Filter, string feed = "transport/harbour") =>
        scene.Send(ActorKind.Session, Key, MessageKind.SubscribeSession, new SessionSubscribed(filter, feed, from, qos))!.Status;

    private ReplyStatus Acknowledge(long number, string filter = Filter) =>
        scene.Send(ActorKind.Session, Key, MessageKind.AcknowledgeSession, new SessionAcknowledged(filter, number))!.Status;

    private long Acknowledged() => scene.Row<SessionRow>(View.Sessions, Key)!.Subscriptions.Single(subscription => subscription.Filter == Filter).Acknowledged;
}
