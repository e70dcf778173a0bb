using System.Net;
using System.Text;
using System.Text.Json;
using Microsoft.Extensions.Logging.Abstractions;
using Streaming.Grains.Messages;
using Streaming.Grains.Messaging;
using Streaming.Grains.Rules;
using Streaming.Grains.Turns;
using Streaming.Silo.Host;
using Streaming.Silo.Notices;
using Streaming.Tests.Journal;
using Streaming.Tests.Rules;
using Streaming.Tests.Support;
using Streaming.Tests.Views;
using Xunit;
using ManualTime = Streaming.Tests.Views.ManualTime;

namespace Streaming.Tests.Notices;

/// <summary>The deliverer over real lists, real notices and a gateway on loopback, with a clock that the test moves.</summary>
public sealed class DelivererTests : IAsyncLifetime
{
    private const string Truck = "粤H12345-yellow";
    private static readonly byte[] Secret = "a secret of the gateway"u8.ToArray();

    private readonly TemporaryDirectory directory = new();
    private readonly ManualTime time = new();
    private readonly FakeGateway sms = new();
    private readonly FakeGateway mail = new();
    private ViewBench views = null!;
    private NoticeHost host = null!;
    private NoticeLinks links = null!;

    public Task InitializeAsync()
    {
        views = new ViewBench(time: time);
        host = new NoticeHost(views, time);
        links = new NoticeLinks(LinkKey.Open(directory.Path), new Uri("https://n.example/base/"));
        return Task.CompletedTask;
    }

    public async Task DisposeAsync()
    {
        await sms.DisposeAsync();
        await mail.DisposeAsync();
        views.Dispose();
        directory.Dispose();
    }

    [Fact]
    public async Task A_gateway_that_fails_first_gets_the_same_notice_again_later_with_the_same_key_and_link()
    {
        Register(Truck, "13800000000");
        sms.Answer = number => Task.FromResult<string?>(FakeGateway.Status(number < 2 ? 500 : 200));
        await using NoticeDeliverer deliverer = Deliver(Gateway("sms", sms));
        Issue("harbour-1-n1");
        FakeGateway.Request first = await sms.NextAsync();
        Assert.Equal(("retry", 1), await MarkedAsync("harbour-1-n1"));
        FakeGateway.Request second = await NextLaterAsync(sms, TimeSpan.FromSeconds(10));
        await MarkedAsync("harbour-1-n1", attempts: 2);
        FakeGateway.Request third = await NextLaterAsync(sms, TimeSpan.FromSeconds(10));
        Assert.Equal(("delivered", 3), await MarkedAsync("harbour-1-n1", attempts: 3));

        Assert.Equal((first.Key, first.Text), (second.Key, second.Text));
        Assert.Equal((first.Key, first.Text), (third.Key, third.Text));
        JsonElement letter = JsonSerializer.Deserialize<JsonElement>(first.Text);
        Assert.Equal("13800000000", letter.GetProperty("to").GetString());
        NoticeRow row = host.Row("harbour-1-n1");
        string link = letter.GetProperty("link").GetString()!;
        Assert.StartsWith("https://n.example/base/notice/", link, StringComparison.Ordinal);
        Assert.Equal(row.LinkSha256, LinkKey.HashOf(link[(link.LastIndexOf('/') + 1)..]));

        // Neither the secret nor the number is in anything that was journaled.
        Assert.DoesNotContain(link[^43..], host.Journaled, StringComparison.Ordinal);
        Assert.DoesNotContain("13800000000", host.Journaled, StringComparison.Ordinal);
        long wait = long.Parse(third.Headers["Streaming-Timestamp"]) - long.Parse(first.Headers["Streaming-Timestamp"]);
        Assert.InRange(wait, 90, 1000);
    }

    [Fact]
    public async Task A_gateway_that_hangs_or_is_gone_holds_nobody_elses_notices_up()
    {
        Register(Truck, "1", "sms");
        Register("粤H2-yellow", "2", "mail");
        Register("粤H3-yellow", "3", "unknown");
        sms.Answer = _ => Task.FromResult<string?>(null);
        await using NoticeDeliverer deliverer = Deliver(Gateway("sms", sms), Gateway("mail", mail));
        for (int i = 1; i <= 2 * NoticeLimits.SentAtOnce; i++)
        {
            Issue($"harbour-{i}-n1");
        }

        await sms.NextAsync();
        Issue("harbour-90-n1", "粤H2-yellow");
        Issue("harbour-91-n1", "粤H3-yellow");
        await mail.NextAsync();
        Assert.Equal(("delivered", 1), await MarkedAsync("harbour-90-n1"));
        Assert.Equal(("failed", 1), await MarkedAsync("harbour-91-n1"));
        Assert.Contains("no such gateway", host.Row("harbour-91-n1").Channels[0].Reason, StringComparison.Ordinal);
        Assert.Equal("failed", host.Row("harbour-91-n1").State);
        Assert.InRange(sms.Requests.Count, 1, NoticeLimits.SentAtOnce);
    }

    [Fact]
    public async Task A_process_that_died_between_the_post_and_the_mark_posts_again_under_the_same_key()
    {
        Register(Truck, "1");
        TaskCompletionSource<string?> hold = new();
        sms.Answer = number => number == 0 ? hold.Task : Task.FromResult<string?>(FakeGateway.Status(200));
        Issue("harbour-1-n1");
        NoticeDeliverer died = Deliver(Gateway("sms", sms));
        FakeGateway.Request first = await sms.NextAsync();
        await died.DisposeAsync();
        Assert.Equal(("waiting", 0), (host.Row("harbour-1-n1").Channels[0].State, host.Row("harbour-1-n1").Channels[0].Attempts));

        await using NoticeDeliverer next = Deliver(Gateway("sms", sms));
        Assert.Equal(first.Key, (await sms.NextAsync()).Key);
        Assert.Equal(("delivered", 1), await MarkedAsync("harbour-1-n1"));
    }

    [Fact]
    public async Task A_mark_that_the_journal_does_not_take_is_told_again_and_the_notice_is_not_sent_again_for_it()
    {
        Register(Truck, "1");
        await using NoticeDeliverer deliverer = Deliver(Gateway("sms", sms));
        host.RefuseMarks = 3;
        Issue("harbour-1-n1");
        await sms.NextAsync();
        while (host.RefuseMarks > 0)
        {
            await Task.Delay(5);
            time.Advance(NoticeLimits.TroublePause);
        }

        while (host.Row("harbour-1-n1").State != "delivered")
        {
            await Task.Delay(5);
            time.Advance(NoticeLimits.TroublePause);
        }

        Assert.Single(sms.Requests);
    }

    [Fact]
    public async Task Attempts_are_bounded_and_none_is_made_after_the_time_to_answer()
    {
        Register(Truck, "1");
        sms.Answer = _ => Task.FromResult<string?>(FakeGateway.Status(503));
        await using NoticeDeliverer deliverer = Deliver(Gateway("sms", sms));
        Issue("harbour-1-n1", hours: 24);
        Issue("harbour-2-n1", hours: 1);
        while (host.Row("harbour-1-n1").State != "failed" || host.Row("harbour-2-n1").State != "failed")
        {
            await Task.Delay(2);
            time.Advance(TimeSpan.FromSeconds(20));
        }

        Assert.Equal(NoticeLimits.Attempts, host.Row("harbour-1-n1").Channels[0].Attempts);
        Assert.InRange(host.Row("harbour-2-n1").Channels[0].Attempts, 5, 9);
        Assert.Contains("answered 503, at 12 attempts", host.Row("harbour-1-n1").Channels[0].Reason, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_gateway_that_is_not_configured_any_more_and_a_key_that_is_another_now_end_in_failure()
    {
        Register(Truck, "1");
        Issue("harbour-1-n1");
        host.Send("harbour-1-n1", MessageKind.AddressNotice, new NoticeAddressed(links.HashOf("harbour-1-n1", host.Row("harbour-1-n1").Issued), ["webhook:gone"]));
        Issue("harbour-2-n1");
        host.Send("harbour-2-n1", MessageKind.AddressNotice, new NoticeAddressed(new string('0', 64), ["webhook:sms"]));
        await using NoticeDeliverer deliverer = Deliver(Gateway("sms", sms));
        await MarkedAsync("harbour-1-n1");
        await MarkedAsync("harbour-2-n1");
        Assert.Contains("no such gateway", host.Row("harbour-1-n1").Channels[0].Reason, StringComparison.Ordinal);
        Assert.Contains("another key", host.Row("harbour-2-n1").Channels[0].Reason, StringComparison.Ordinal);
        Assert.Empty(sms.Requests);
    }

    [Fact]
    public async Task A_subject_is_reached_by_its_terminal_where_a_device_may_receive_it_and_the_link_is_added_on_the_way_out()
    {
        string topic = NoticeTopics.Of(Truck)!;
        views.Journal.Show(View.Devices, "T1", Rows.Device("T1") with { Receives = [topic] });
        views.Journal.Show(View.Devices, "T2", Rows.Device("T2") with { Receives = [NoticeTopics.Of("粤H2-yellow")!], Disabled = true });
        host.Apply();
        await using NoticeDeliverer deliverer = Deliver();
        Issue("harbour-1-n1");
        Issue("harbour-2-n1", "粤H2-yellow");
        Assert.Equal(("delivered", 1), await MarkedAsync("harbour-1-n1"));
        while (host.Row("harbour-2-n1").LinkSha256 is null)
        {
            await Task.Delay(5);
        }

        Assert.Empty(host.Row("harbour-2-n1").Channels);
        PlainMessage message = PlainMessage.Read(Assert.Single(host.Published));
        Assert.Equal((topic, (byte)1, true, (long?)host.Row("harbour-1-n1").Until.ToUnixTimeMilliseconds()), (message.Topic, message.Qos, message.Retain, message.ExpiresMs));
        Assert.DoesNotContain("link", Encoding.UTF8.GetString(message.Payload.Span), StringComparison.Ordinal);

        Ingest.MessageItem item = new(7, new QueuedMessage(topic, 1, true, null, null, null, message.Payload.ToArray()));
        JsonElement sent = JsonSerializer.Deserialize<JsonElement>(links.Complete(item).Message.Payload);
        Assert.Equal(links.Of("harbour-1-n1", host.Row("harbour-1-n1").Issued), sent.GetProperty("link").GetString());
        Ingest.MessageItem other = new(8, new QueuedMessage("site/1", 1, true, null, null, null, "{}"u8.ToArray()));
        Assert.Equal(other, links.Complete(other));
    }

    [Theory]
    [InlineData("v1/subjects/粤H1-yellow/notices", true)]
    [InlineData("v1/subjects/+/notices", false)]
    [InlineData("v1/subjects/#", false)]
    [InlineData("v1/subjects//notices", false)]
    [InlineData("v1/subjects/a/b/notices", false)]
    [InlineData("v1/subjects/a/notices/x", false)]
    public void Topics_of_notices_are_told_one_by_one(string topic, bool isOne) => Assert.Equal(isOne, NoticeTopics.Is(topic));

    private NoticeDeliverer Deliver(params Gateway[] gateways)
    {
        Gateways all = new(new Uri("https://n.example/base/"), gateways);
        NoticeDeliverer deliverer = new(
            new NoticeParts
            {
                Host = host,
                Lists = views.Store.Reader,
                Position = views.Position,
                Links = links,
                Channels = new SubjectChannels(views.Store.Reader, views.Access, all),
                Gateways = all,
                Time = time,
            },
            NullLogger<NoticeDeliverer>.Instance);
        views.Projector.Applied.Subscribe(deliverer.Apply);
        deliverer.Start();
        return deliverer;
    }

    private static Gateway Gateway(string name, FakeGateway at) => new(name, new Uri(at.Url), Secret, [IPNetwork.Parse("127.0.0.0/8")], TimeSpan.FromSeconds(60));

    private void Register(string plate, string phone, string? gateway = null)
    {
        ByField<JsonElement> values = new() { ["phone"] = JsonSerializer.SerializeToElement(phone) };
        if (gateway is not null)
        {
            values["noticeGateway"] = JsonSerializer.SerializeToElement(gateway);
        }

        views.Journal.Show(View.Registers, $"vehicles/{plate}", new EntryRow("vehicles", plate, [new EntrySpan(null, null, values, [])], [], null, ["police"], false, Rows.At));
        host.Apply();
    }

    private void Issue(string id, string subject = Truck, int hours = 72)
    {
        Warning warning = Rows.Warning(subject);
        host.Send(id, MessageKind.IssueNotice, new NoticeIssued(id, id[..^3], "harbour", $"{id[..^3]}-w1", "transport", "transport-review", "li", new Explanation("x", "请卸载"), time.GetUtcNow().AddHours(hours), warning));
    }

    /// <summary>Waits until so many attempts of the first channel were marked.</summary>
    private async Task<(string Outcome, int Attempts)> MarkedAsync(string id, int attempts = 1)
    {
        using CancellationTokenSource patience = new(Waits.Longest);
        while (true)
        {
            if (host.Row(id).Channels is [{ } channel, ..] && channel.Attempts >= attempts)
            {
                return (channel.State == "waiting" ? "retry" : channel.State, channel.Attempts);
            }

            await Task.Delay(5, patience.Token);
        }
    }

    /// <summary>Moves the clock on until the next request comes.</summary>
    private async Task<FakeGateway.Request> NextLaterAsync(FakeGateway gateway, TimeSpan step)
    {
        Task<FakeGateway.Request> next = gateway.NextAsync();
        while (!next.IsCompleted)
        {
            time.Advance(step);
            await Task.WhenAny(next, Task.Delay(5));
        }

        return await next;
    }

    /// <summary>Runs notices as a host does: one turn at a time, each durable and on the lists at once.</summary>
    private sealed class NoticeHost(ViewBench views, ManualTime time) : IActorHost
    {
        private readonly Lock gate = new();
        private readonly Dictionary<string, HostedActor> notices = new(StringComparer.Ordinal);
        private readonly StringBuilder journaled = new();
        private readonly Effects effects = new();
        private int refuseMarks;

        public string Name => "test";

        public string? NotReady => null;

        /// <summary>Marks that are refused because the journal takes nothing.</summary>
        public int RefuseMarks
        {
            get => Volatile.Read(ref refuseMarks);
            set => Volatile.Write(ref refuseMarks, value);
        }

        public List<byte[]> Published { get; } = [];

        public string Journaled
        {
            get
            {
                lock (gate)
                {
                    return journaled.ToString();
                }
            }
        }

        public void Apply()
        {
            lock (gate)
            {
                views.Run();
            }
        }

        public NoticeRow Row(string id)
        {
            lock (gate)
            {
                return JsonSerializer.Deserialize(Describe(id), GrainsJson.Default.NoticeRow)!;
            }
        }

        public void Send<T>(string id, MessageKind kind, T body)
        {
            byte[] json = JsonSerializer.SerializeToUtf8Bytes(body, (System.Text.Json.Serialization.Metadata.JsonTypeInfo<T>)GrainsJson.Default.GetTypeInfo(typeof(T))!);
            Handle(id, kind, json);
        }

        public ValueTask<CommandResult> CommandAsync(ActorKind kind, string key, MessageKind message, ReadOnlyMemory<byte> body, CancellationToken cancellation)
        {
            if (kind == ActorKind.Topics)
            {
                lock (gate)
                {
                    Published.Add(body.ToArray());
                    return ValueTask.FromResult(new CommandResult(null, views.Journal.Last));
                }
            }

            if (message == MessageKind.AttemptNotice && RefuseMarks > 0)
            {
                Interlocked.Decrement(ref refuseMarks);
                return ValueTask.FromException<CommandResult>(new HostUnavailableException("The disk is full."));
            }

            return ValueTask.FromResult(Handle(key, message, body.ToArray()));
        }

        public ValueTask<long> RecordAsync(ActorKind kind, string key, MessageKind message, ReadOnlyMemory<byte> body) => throw new NotSupportedException();

        public ValueTask<Decided> DecideAsync(Func<Rulebook, RulebookDecisions> decide, CancellationToken cancellation) => throw new NotSupportedException();

        public ValueTask<byte[]?> DescribeAsync(ActorKind kind, string key, CancellationToken cancellation) => throw new NotSupportedException("The deliverer reads lists.");

        private CommandResult Handle(string id, MessageKind kind, byte[] body)
        {
            lock (gate)
            {
                if (!notices.TryGetValue(id, out HostedActor? notice))
                {
                    notices.Add(id, notice = new HostedActor(ActorKind.Notice, id, ActorFactory.Create));
                }

                notice.Run(new Message { Kind = kind, Body = body }, views.Journal.Last + 1, time.GetUtcNow().ToUnixTimeMilliseconds(), CityRules.Shipped, effects, null!);
                journaled.Append(Encoding.UTF8.GetString(body)).Append(Encoding.UTF8.GetString(effects.Payload));
                foreach (Effect effect in effects.Items.Where(effect => effect.Kind == EffectKind.Show))
                {
                    views.Journal.ShowRaw(effect.View, effect.Key, Encoding.UTF8.GetString(effects.Payload.Slice(effect.Offset, effect.Length)));
                }

                CommandResult result = new(effects.Answer, views.Journal.Last);
                views.Run();
                return result;
            }
        }

        private byte[] Describe(string id)
        {
            using MemoryStream stream = new();
            using (Utf8JsonWriter json = new(stream))
            {
                notices[id].Actor.Describe(json, id);
            }

            return stream.ToArray();
        }
    }
}
