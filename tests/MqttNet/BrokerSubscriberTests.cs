using System.Globalization;
using System.Text;
using Microsoft.Extensions.Logging.Abstractions;
using Streaming.Grains.Messages;
using Streaming.Ingest;
using Streaming.Ingest.Brokers;
using Streaming.Ingest.Mqtt.Packets;
using Streaming.Ingest.MqttNet;
using Streaming.Tests.Mqtt;
using Streaming.Tests.Support;
using Xunit;

namespace Streaming.Tests.MqttNet;

/// <summary>The subscription to an outside broker, against a broker that does what the test says.</summary>
public sealed class BrokerSubscriberTests : IAsyncDisposable
{
    private const string Topic = "plant/9/wim/S07/2";

    private readonly FakeBroker broker = new();
    private readonly FakeIntake journal = new();
    private readonly SteppedTime time = new();
    private BrokerSubscriber? subscriber;

    public async ValueTask DisposeAsync()
    {
        if (subscriber is not null)
        {
            await subscriber.DisposeAsync();
        }

        await broker.DisposeAsync();
    }

    [Fact]
    public async Task It_asks_for_a_session_that_lasts_and_for_QoS_1_and_says_who_it_is()
    {
        Start(options => options with { User = "silo", Password = "secret", SessionExpirySeconds = 3600, ReceiveMaximum = 77, ShareGroup = "silos" });
        FakeBroker.Peer peer = await broker.AcceptSubscriberAsync();
        Assert.Equal(MqttRefusal.None, ConnectPacket.Read(new FrameHeader(peer.Connect.First, peer.Connect.Body.Length, 2), peer.Connect.Body, out _, out ConnectPacket? connect));
        Assert.False(connect!.CleanStart);
        Assert.Equal(("streaming-silo", "silo", "secret"), (connect.ClientId, connect.UserName, Encoding.UTF8.GetString(connect.Password!)));
        Assert.Equal((3600u, (ushort)77, (uint)BrokerLimits.PacketBytes), (connect.SessionExpirySeconds, connect.ReceiveMaximum, connect.MaximumPacketBytes));

        // QoS 1, and retained messages with a new subscription only.
        Assert.Equal([("$share/silos/plant/+/wim/+/+", (byte)0x11)], FakeBroker.Filters(peer.Subscribe.Body));
        await EndpointUnderTest.UntilAsync(() => subscriber!.IsSubscribed);
        Assert.Null(subscriber!.Note);
    }

    [Fact]
    public async Task Messages_are_acknowledged_in_order_and_only_when_the_journal_is_durable()
    {
        // As many as are appended before anything is durable, even where each is a batch of its own because the next came later.
        const ushort count = BrokerLimits.BatchesInFlight;
        journal.IsDurableAtOnce = false;
        Start();
        FakeBroker.Peer peer = await broker.AcceptSubscriberAsync();
        peer.Listen();
        for (ushort id = 1; id <= count; id++)
        {
            await peer.PublishAsync(id, Topic, EndpointUnderTest.Weighing(id));
        }

        long last = (await journal.WaitForAsync(count))[^1].Position;
        Assert.False(peer.Acknowledged.TryRead(out _));
        journal.MakeDurable(last);
        for (ushort id = 1; id <= count; id++)
        {
            Assert.Equal(id, await peer.NextAcknowledgementAsync());
        }
    }

    [Fact]
    public async Task What_was_not_durable_when_the_connection_broke_comes_again_and_is_acknowledged_on_the_new_one_alone()
    {
        journal.IsDurableAtOnce = false;
        Start();
        FakeBroker.Peer first = await broker.AcceptSubscriberAsync();
        first.Listen();
        await first.PublishAsync(7, Topic, EndpointUnderTest.Weighing(1));
        long before = (await journal.WaitForAsync(1))[0].Position;
        first.Close();
        await EndpointUnderTest.UntilAsync(() => !subscriber!.IsSubscribed);
        FakeBroker.Peer second = await NextAsync();
        second.Listen();

        // The same identifier stands for another message now. Were the late acknowledgement of the first sent here, the second would be lost.
        await second.PublishAsync(7, Topic, EndpointUnderTest.Weighing(2));
        long after = (await journal.WaitForAsync(2))[1].Position;
        journal.MakeDurable(before);
        await second.PublishAsync(8, Topic, EndpointUnderTest.Weighing(3));
        await journal.WaitForAsync(3);
        Assert.False(second.Acknowledged.TryRead(out _));
        journal.MakeDurable(after);
        Assert.Equal(7, await second.NextAcknowledgementAsync());
        Assert.False(second.Acknowledged.TryRead(out _));
    }

    [Fact]
    public async Task A_journal_that_takes_nothing_ends_the_connection_without_an_acknowledgement_and_says_why()
    {
        journal.Refusal = "the disk is full";
        Start();
        FakeBroker.Peer peer = await broker.AcceptSubscriberAsync();
        peer.Listen();
        await peer.PublishAsync(1, Topic, EndpointUnderTest.Weighing(1));
        await peer.EndAsync();
        Assert.False(peer.Acknowledged.TryRead(out _));
        await EndpointUnderTest.UntilAsync(() => !subscriber!.IsSubscribed);
        Assert.Contains("the disk is full", subscriber!.Note, StringComparison.Ordinal);
        Assert.Contains("plant (127.0.0.1:", subscriber.Note, StringComparison.Ordinal);

        journal.Refusal = null;
        FakeBroker.Peer next = await NextAsync();
        next.Listen();
        await next.PublishAsync(1, Topic, EndpointUnderTest.Weighing(1), dup: true);
        Assert.Equal(1, await next.NextAcknowledgementAsync());
        Assert.True(subscriber.IsSubscribed);
    }

    [Fact]
    public async Task An_end_in_order_acknowledges_what_is_durable_and_leaves_the_session()
    {
        journal.IsDurableAtOnce = false;
        Start();
        FakeBroker.Peer peer = await broker.AcceptSubscriberAsync();
        peer.Listen();
        await peer.PublishAsync(1, Topic, EndpointUnderTest.Weighing(1));
        long position = (await journal.WaitForAsync(1))[0].Position;
        Task stop = subscriber!.DisposeAsync().AsTask();
        Assert.False(stop.IsCompleted);
        journal.MakeDurable(position);
        await stop.WaitAsync(Waits.Longest);
        await peer.EndAsync();
        Assert.True(peer.HasLeft);
        Assert.Equal(1, await peer.NextAcknowledgementAsync());
        subscriber = null;
    }

    [Theory]
    [InlineData(0, "with QoS 0 only")]
    [InlineData(0x87, "NotAuthorized")]
    public async Task A_broker_that_does_not_grant_QoS_1_is_left_and_named(byte granted, string said)
    {
        Start();
        FakeBroker.Peer peer = await broker.AcceptSubscriberAsync(granted);
        peer.Listen();
        await peer.EndAsync();
        await EndpointUnderTest.UntilAsync(() => subscriber!.Note!.Contains(said, StringComparison.Ordinal));
        Assert.False(subscriber!.IsSubscribed);
    }

    [Fact]
    public async Task A_refused_connection_is_tried_again_after_pauses_that_grow()
    {
        Start(options => options with { User = "silo", Password = "secret" });
        FakeBroker.Peer peer = await broker.AcceptAsync();
        for (int attempt = 1; attempt <= 6; attempt++)
        {
            await peer.ReadAsync();
            await peer.SendAsync(0x20, 0, 0x86, 0);
            DateTimeOffset refused = time.GetUtcNow();
            await AttemptAsync();
            peer = await broker.AcceptAsync();
            double pauseMs = (time.GetUtcNow() - refused).TotalMilliseconds;
            double ceilingMs = BrokerLimits.FirstPauseMs * Math.Pow(2, attempt - 1);
            Assert.True(pauseMs >= ceilingMs / 2, string.Create(CultureInfo.InvariantCulture, $"attempt {attempt + 1} came after {pauseMs} ms"));
        }

        Assert.Contains("BadUserNameOrPassword", subscriber!.Note, StringComparison.Ordinal);
        Assert.DoesNotContain("secret", subscriber.Note, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_broker_that_does_not_answer_is_given_up_and_tried_again()
    {
        Start();
        FakeBroker.Peer silent = await broker.AcceptAsync();
        await silent.ReadAsync();
        time.Advance(TimeSpan.FromMilliseconds(BrokerLimits.ConnectTimeoutMs));
        await EndpointUnderTest.UntilAsync(() => subscriber!.Note!.Contains("no answer within 15 s", StringComparison.Ordinal));
        await NextAsync();
        await EndpointUnderTest.UntilAsync(() => subscriber!.IsSubscribed);
    }

    [Fact]
    public async Task While_the_journal_is_behind_the_broker_is_not_read_from()
    {
        journal.FallBehind();
        Start(options => options with { ReceiveMaximum = BrokerLimits.MostReceiveMaximum });
        FakeBroker.Peer peer = await broker.AcceptSubscriberAsync();
        peer.Listen();
        byte[] payload = new byte[64 * 1024];
        long sent = 0;
        Task flood = Task.Run(async () =>
        {
            while (sent < 64L * BrokerLimits.BacklogBytes)
            {
                await peer.PublishAsync(0, Topic, payload, qos: 0);
                sent += payload.Length;
            }
        });

        // A broker's sending comes to rest: what is not read stays in the sockets, whose buffers are far smaller than the flood.
        long before;
        do
        {
            before = Volatile.Read(ref sent);
            await Task.WhenAny(flood, Task.Delay(500));
        }
        while (Volatile.Read(ref sent) != before);
        Assert.False(flood.IsCompleted);
        journal.CatchUp();
        await flood.WaitAsync(Waits.Longest);
    }

    private void Start(Func<BrokerOptions, BrokerOptions>? change = null)
    {
        BrokerOptions options = new("plant", "127.0.0.1", "streaming-silo", [new("plant/+/wim/{station}/{lane}") { To = "v1/wim/{station}/{lane}", Source = "{station}" }]) { Port = broker.Port };
        SourceRegistration station = new("S07", "wim", ["v1/wim/S07/+"], "harbour", 5, "");
        subscriber = new BrokerSubscriber(change?.Invoke(options) ?? options, journal, id => id == "S07" ? station : null, FixedReadingRules.Shipped, time, NullLoggerFactory.Instance);
        subscriber.Start();
    }

    /// <summary>Lets time go on until it is tried again, and grants it what it asks for.</summary>
    private async Task<FakeBroker.Peer> NextAsync()
    {
        await AttemptAsync();
        return await broker.AcceptSubscriberAsync();
    }

    /// <summary>Lets time go on until the next attempt begins; a connection that is being made has time limits of its own, so no further.</summary>
    private async Task AttemptAsync()
    {
        long before = subscriber!.Attempts;
        await EndpointUnderTest.UntilAsync(() =>
        {
            if (subscriber.Attempts == before)
            {
                time.Advance(TimeSpan.FromMilliseconds(100));
            }

            return subscriber.Attempts > before;
        });
    }
}
