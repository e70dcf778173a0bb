using System.Text;
using Streaming.Grains.Messages;
using Streaming.Grains.Messaging;
using Streaming.Grains.Turns;
using Streaming.Models.Encoding;
using Streaming.Tests.Dispatch;
using Streaming.Tests.Rules;
using Xunit;

namespace Streaming.Tests.Messaging;

/// <summary>What sessions do by themselves after their clients have gone, and what groups share.</summary>
public class DeadlineTests
{
    private readonly Scene scene = new(CityRules.Shipped, new(2026, 3, 3, 2, 0, 0, TimeSpan.Zero));

    public DeadlineTests()
    {
        Open("watcher", 0);
        Subscribe("watcher", "#");
    }

    [Theory]
    [InlineData(0, 60, 0)]
    [InlineData(30, 60, 30)]
    [InlineData(90, 60, 60)]
    [InlineData(90, 0, 0)]
    public void A_will_is_published_after_its_delay_or_at_the_sessions_end_whichever_is_first(long delay, long expiry, int due)
    {
        Open("s1", expiry, delay);
        Leave("s1", expiry);
        if (due > 0)
        {
            scene.AdvanceTo(scene.Now.AddSeconds(due - 1));
            Assert.Empty(scene.Messages("watcher"));
            scene.AdvanceTo(scene.Now.AddSeconds(1));
        }

        QueuedMessage will = Assert.Single(scene.Messages("watcher"));
        Assert.Equal(("w", "gone", scene.NowMs + 5000), (will.Topic, Encoding.UTF8.GetString(will.Payload), will.ExpiresMs));
        scene.AdvanceTo(scene.Now.AddSeconds(200));
        Assert.Single(scene.Messages("watcher"));
        Assert.False(scene.Exists(ActorKind.Session, "s1"));
    }

    [Fact]
    public void A_client_that_is_back_in_time_takes_its_will_and_the_sessions_end_back()
    {
        Open("s1", 60, 30);
        Leave("s1", 60);
        scene.AdvanceTo(scene.Now.AddSeconds(29));
        Open("s1", 60, 30);
        scene.AdvanceTo(scene.Now.AddSeconds(500));
        Assert.Empty(scene.Messages("watcher"));
        Assert.True(scene.Exists(ActorKind.Session, "s1"));
        Leave("s1", 60);
        scene.AdvanceTo(scene.Now.AddSeconds(30));
        Assert.Single(scene.Messages("watcher"));
        scene.AdvanceTo(scene.Now.AddSeconds(30));
        Assert.False(scene.Exists(ActorKind.Session, "s1"));
    }

    [Fact]
    public void A_client_that_said_good_bye_leaves_no_will_and_a_clean_start_publishes_one_that_waits()
    {
        Open("s1", 60, 30);
        Leave("s1", 60, keepsWill: false);
        scene.AdvanceTo(scene.Now.AddSeconds(100));
        Assert.Empty(scene.Messages("watcher"));
        Open("s2", 60, 30);
        Leave("s2", 60);
        scene.Send(ActorKind.Session, "s2", MessageKind.EndSession, []);
        Assert.Single(scene.Messages("watcher"));
        scene.AdvanceTo(scene.Now.AddSeconds(100));
        Assert.Single(scene.Messages("watcher"));
    }

    [Fact]
    public void A_session_that_is_not_tracked_is_not_left()
    {
        scene.Send(ActorKind.Session, "s1", MessageKind.OpenSession, new SessionOpened(60));
        Assert.Equal(ReplyStatus.NotFound, scene.Send(ActorKind.Session, "s1", MessageKind.LeaveSession, new SessionLeft(true, 60))!.Status);
        scene.AdvanceTo(scene.Now.AddSeconds(100));
        Assert.True(scene.Exists(ActorKind.Session, "s1"));
    }

    [Fact]
    public void A_group_takes_turns_and_prefers_who_is_there()
    {
        foreach (string member in new[] { "m1", "m2", "m3" })
        {
            Open(member, 600);
            Subscribe(member, "$share/g/a/+");
        }

        Publish("a/b", 6);
        Assert.Equal([2, 2, 2], Counts());
        Leave("m2", 600);
        Publish("a/b", 4);
        Assert.Equal([4, 2, 4], Counts());
        Leave("m1", 600);
        Leave("m3", 600);
        Publish("a/b", 3);
        Assert.Equal([5, 3, 5], Counts());
        Open("m2", 600);
        Publish("a/b", 2);
        Assert.Equal([5, 5, 5], Counts());
        scene.Send(ActorKind.Session, "m2", MessageKind.EndSession, []);
        Open("m1", 600);
        Publish("a/b", 2);
        Assert.Equal(7, scene.Messages("m1").Count);
    }

    [Fact]
    public void Groups_and_single_subscriptions_of_one_filter_each_get_their_own_and_nothing_retained_comes_to_a_group()
    {
        Publish("a", 1, retain: true);
        Open("m1", 60);
        Open("m2", 60);
        Subscribe("m1", "$share/g/a");
        Subscribe("m2", "$share/g/a");
        Subscribe("m2", "$share/h/a");
        Assert.Equal((0, 0), (scene.Messages("m1").Count, scene.Messages("m2").Count));
        Subscribe("m1", "a");
        Assert.True(Assert.Single(scene.Messages("m1")).Retain);
        Publish("a", 2);
        Assert.Equal((1 + 2 + 1, 1 + 2), (scene.Messages("m1").Count, scene.Messages("m2").Count));
        Assert.Equal(ReplyStatus.Done, scene.Send(ActorKind.Topics, Grains.Messaging.Topics.City, MessageKind.UnsubscribeTopic, new TopicUnsubscribed("m2", "$share/h/a"))!.Status);
        Publish("a", 2);
        Assert.Equal((4 + 2 + 1, 3 + 1), (scene.Messages("m1").Count, scene.Messages("m2").Count));
    }

    [Theory]
    [InlineData("$share/g/a", "g", "a")]
    [InlineData("$share/g//", "g", "/")]
    [InlineData("$share/g", null, null)]
    [InlineData("$share/g/", null, null)]
    [InlineData("$share//a", null, null)]
    [InlineData("$share/+/a", null, null)]
    [InlineData("a/b", null, null)]
    public void A_shared_filter_has_a_name_and_a_filter(string filter, string? name, string? inner)
    {
        Assert.Equal(name is not null, SharedFilter.TrySplit(filter, out string found, out string rest));
        if (name is not null)
        {
            Assert.Equal((name, inner), (found, rest));
        }
    }

    private int[] Counts() => [scene.Messages("m1").Count, scene.Messages("m2").Count, scene.Messages("m3").Count];

    private void Open(string session, long expiry, long? delay = null)
    {
        SessionWill? will = delay is { } seconds ? new SessionWill("w", 1, false, seconds, 5, null, "gone"u8.ToArray()) : null;
        Assert.Equal(ReplyStatus.Done, scene.Send(ActorKind.Session, session, MessageKind.OpenSession, new SessionOpened(expiry, will, Tracked: true))!.Status);
    }

    private void Leave(string session, long expiry, bool keepsWill = true) =>
        Assert.Equal(ReplyStatus.Done, scene.Send(ActorKind.Session, session, MessageKind.LeaveSession, new SessionLeft(keepsWill, expiry))!.Status);

    private void Subscribe(string session, string filter) =>
        Assert.Equal(ReplyStatus.Done, scene.Send(ActorKind.Topics, Grains.Messaging.Topics.City, MessageKind.SubscribeTopic, new TopicSubscribed(session, new TopicSubscription(filter, 1), 0))!.Status);

    private void Publish(string topic, int count, bool retain = false)
    {
        for (int i = 0; i < count; i++)
        {
            ByteWriter body = new();
            new PlainMessage("x", topic, 1, retain, null, default, "x"u8.ToArray()).Write(body);
            scene.Send(ActorKind.Topics, Grains.Messaging.Topics.City, MessageKind.PublishMessage, body.Written.ToArray());
        }
    }
}
