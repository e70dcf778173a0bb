using System.Net;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Microsoft.Extensions.Logging.Abstractions;
using Streaming.Grains.Messages;
using Streaming.Grains.Turns;
using Streaming.Grains.Webhooks;
using Streaming.Silo.Notices;
using Streaming.Silo.Webhooks;
using Streaming.Tests.Journal;
using Streaming.Tests.Notices;
using Streaming.Tests.Views;
using Xunit;
using ManualTime = Streaming.Tests.Views.ManualTime;

namespace Streaming.Tests.Webhooks;

/// <summary>Webhooks over real lists, real webhooks and receivers on loopback, with a clock that the test moves.</summary>
public sealed class WebhookDelivererTests : IAsyncLifetime
{
    private const string Id = "wh-1";
    private readonly TemporaryDirectory directory = new();
    private readonly ManualTime time = new();
    private readonly FakeGateway receiver = new();
    private readonly FakeGateway other = new();
    private ViewBench views = null!;
    private WebhookHost host = null!;
    private LinkKey key = null!;

    public Task InitializeAsync()
    {
        views = new ViewBench(time: time);
        host = new WebhookHost(views, time);
        key = LinkKey.Open(directory.Path);
        return Task.CompletedTask;
    }

    public async Task DisposeAsync()
    {
        await receiver.DisposeAsync();
        await other.DisposeAsync();
        views.Dispose();
        directory.Dispose();
    }

    [Fact]
    public async Task Items_go_out_in_order_as_signed_cloud_events_and_the_secret_is_nowhere()
    {
        Register(Id, receiver);
        await using WebhookDeliverer deliverer = Deliver();
        for (int i = 1; i <= 5; i++)
        {
            host.Alert(i);
        }

        for (int i = 1; i <= 5; i++)
        {
            FakeGateway.Request request = await receiver.NextAsync();
            Assert.Equal(("application/cloudevents+json; charset=utf-8", $"wh-1-{i}"), (request.Headers["Content-Type"], request.Key));
            Assert.Equal("v1=" + Hmac(key.WebhookSecret(Id, 1), $"{request.Key}.{request.Headers["Streaming-Timestamp"]}.{request.Text}"), request.Headers["Streaming-Signature"]);
            Assert.Equal(time.GetUtcNow().ToUnixTimeSeconds().ToString(), request.Headers["Streaming-Timestamp"]);
            JsonElement sent = JsonSerializer.Deserialize<JsonElement>(request.Text);
            Assert.Equal(("1.0", $"wh-1-{i}", "/departments/transport/*", "application/json", $"{i}"), (Text("specversion"), Text("id"), Text("source"), Text("datacontenttype"), Text("sequence")));
            Assert.Equal("streaming.alert." + sent.GetProperty("data").GetProperty("type").GetString(), Text("type"));
            Assert.Equal(sent.GetProperty("data").GetProperty("at").GetDateTimeOffset(), sent.GetProperty("time").GetDateTimeOffset());
            Assert.Equal(i, sent.GetProperty("data").GetProperty("number").GetInt64());

            string Text(string name) => sent.GetProperty(name).GetString()!;
        }

        await UntilAsync(row => row is { Through: 5, Failing: null });
        Assert.DoesNotContain(key.WebhookSecret(Id, 1), host.Journaled, StringComparison.Ordinal);
        Assert.NotEqual(key.WebhookSecret(Id, 1), key.WebhookSecret(Id, 2));
        Assert.NotEqual(key.WebhookSecret(Id, 1), key.WebhookSecret("wh-2", 1));
    }

    [Fact]
    public async Task What_is_not_taken_is_sent_again_after_growing_pauses_under_the_same_id_and_nothing_overtakes_it()
    {
        receiver.Answer = number => Task.FromResult<string?>(FakeGateway.Status(number switch { 0 => 500, 1 => 404, 2 => 302, _ => 200 }));
        Register(Id, receiver);
        await using WebhookDeliverer deliverer = Deliver();
        host.Alert(1);
        host.Alert(2);
        List<(string Key, string Text, DateTimeOffset At)> requests = [];
        for (int i = 0; i < 5; i++)
        {
            FakeGateway.Request request = await NextLaterAsync(receiver, TimeSpan.FromMilliseconds(250));
            requests.Add((request.Key, request.Text, time.GetUtcNow()));
        }

        Assert.Equal(["wh-1-1", "wh-1-1", "wh-1-1", "wh-1-1", "wh-1-2"], requests.Select(request => request.Key));
        Assert.Single(requests.Take(4).Select(request => request.Text).Distinct());
        TimeSpan[] pauses = [.. requests.Skip(1).Take(3).Zip(requests, (later, earlier) => later.At - earlier.At)];
        Assert.True(pauses[0] >= TimeSpan.FromSeconds(1.5) && pauses[1] >= TimeSpan.FromSeconds(3) && pauses[2] >= TimeSpan.FromSeconds(6), string.Join(", ", pauses));
        await UntilAsync(row => row is { Through: 2, Failing: null, DeadLetters: 0 });
    }

    [Theory]
    [InlineData(1, 1.5, 2.5)]
    [InlineData(2, 3, 5)]
    [InlineData(5, 24, 40)]
    [InlineData(10, 675, 1125)]
    [InlineData(2_000_000_000, 675, 1125)]
    public void Pauses_double_up_to_a_quarter_of_an_hour_and_are_shifted_by_chance(int attempt, double least, double most)
    {
        Assert.Equal(least, WebhookLimits.PauseAfter(attempt, 0).TotalSeconds, 3);
        Assert.InRange(WebhookLimits.PauseAfter(attempt, 999).TotalSeconds, most - (most * 0.01), most);
    }

    [Fact]
    public async Task After_a_day_an_item_is_a_dead_letter_that_is_shown_and_can_be_sent_again()
    {
        bool down = true;
        receiver.Answer = _ => Task.FromResult<string?>(FakeGateway.Status(Volatile.Read(ref down) ? 503 : 200));
        Register(Id, receiver);
        await using WebhookDeliverer deliverer = Deliver();
        DateTimeOffset began = time.GetUtcNow();
        host.Alert(1);
        await UntilAsync(row => row.Failing is { Number: 1, Attempts: 1 });
        while (host.Row(Id) is { DeadLetters: 0, Failing: { } failing })
        {
            // A request that is on its way would run out of time if the clock went on meanwhile.
            Assert.True(time.GetUtcNow() - began < TimeSpan.FromHours(25), "It is not given up.");
            time.Advance(failing.Next - time.GetUtcNow() + TimeSpan.FromMilliseconds(1));
            await UntilAsync(row => row.DeadLetters > 0 || row.Failing?.Attempts > failing.Attempts);
        }

        Assert.True(time.GetUtcNow() - began >= TimeSpan.FromHours(24));
        DeadLetter dead = JsonSerializer.Deserialize((await views.Store.Reader.FindAsync(View.DeadLetters, "wh-1/1", default))!, GrainsJson.Default.DeadLetter)!;
        Assert.Equal((Id, 1L, "the receiver answered 503", "harbour-1"), (dead.Webhook, dead.Number, dead.Reason, dead.Item.Case));
        Assert.True(dead.Attempts > 75, $"{dead.Attempts} attempts");

        // What comes later goes on by itself, before the dead letter.
        Volatile.Write(ref down, false);
        host.Alert(2);
        int before = receiver.Requests.Count;
        await UntilAsync(row => row is { Through: 2, Failing: null });
        Assert.Equal("wh-1-2", receiver.Requests[before].Key);

        Assert.Equal(ReplyStatus.NotFound, host.Send(Id, MessageKind.ActOnWebhook, new WebhookAction(WebhookActions.Resend, "li", 7))!.Status);
        Assert.Equal(ReplyStatus.Done, host.Send(Id, MessageKind.ActOnWebhook, new WebhookAction(WebhookActions.Resend, "li", 1))!.Status);
        await UntilAsync(row => row is { DeadLetters: 0, Resend: [] });
        Assert.Equal(["wh-1-1", "wh-1-2"], receiver.Requests.TakeLast(2).Select(request => request.Key).Order(StringComparer.Ordinal));
        Assert.Null(await views.Store.Reader.FindAsync(View.DeadLetters, "wh-1/1", default));
    }

    [Fact]
    public async Task A_dead_letter_that_is_not_taken_again_stays_and_says_why()
    {
        receiver.Answer = _ => Task.FromResult<string?>(FakeGateway.Status(500));
        Register(Id, receiver);
        host.Send(Id, MessageKind.MarkWebhook, new WebhookMarked(1, null, new DeadLetter(Id, 1, time.GetUtcNow(), 90, "x", Rows.Alert(1, "transport", "*", "harbour-1"))));
        await using WebhookDeliverer deliverer = Deliver();
        host.Send(Id, MessageKind.ActOnWebhook, new WebhookAction(WebhookActions.Resend, "li"));
        await UntilAsync(row => row is { DeadLetters: 1, Resend: [], Reason: "dead letter 1 was sent again: the receiver answered 500" });
    }

    [Fact]
    public async Task Gone_disables_it_and_enabling_goes_on_where_it_stopped()
    {
        bool gone = true;
        receiver.Answer = _ => Task.FromResult<string?>(FakeGateway.Status(Volatile.Read(ref gone) ? 410 : 200));
        Register(Id, receiver);
        await using WebhookDeliverer deliverer = Deliver();
        host.Alert(1);
        await UntilAsync(row => row is { State: "disabled", Reason: "the receiver answered 410", Through: 0 });
        host.Alert(2);
        time.Advance(TimeSpan.FromHours(1));
        Assert.Single(receiver.Requests);
        Volatile.Write(ref gone, false);
        host.Send(Id, MessageKind.ActOnWebhook, new WebhookAction(WebhookActions.Enable, "li"));
        await UntilAsync(row => row is { State: "active", Through: 2 });
        Assert.Equal(["wh-1-1", "wh-1-1", "wh-1-2"], receiver.Requests.Select(request => request.Key));
    }

    [Fact]
    public async Task Only_what_was_asked_for_goes_out()
    {
        Register(Id, receiver, types: ["overdue", "urge"], severity: 3);
        await using WebhookDeliverer deliverer = Deliver();
        host.Alert(1, alert => alert with { Type = "overdue", Severity = 2 });
        host.Alert(2, alert => alert with { Type = "urge", Severity = 3 });
        host.Alert(3, alert => alert with { Type = "work-order", Severity = 4 });
        host.Alert(4, alert => alert with { Type = "overdue", Severity = 4 });
        Assert.Equal(("wh-1-2", "wh-1-4"), ((await receiver.NextAsync()).Key, (await receiver.NextAsync()).Key));
    }

    [Fact]
    public async Task A_receiver_that_hangs_or_is_down_holds_nobody_else_up()
    {
        receiver.Answer = _ => Task.FromResult<string?>(null);
        Register(Id, receiver);
        Register("wh-2", other);
        await using WebhookDeliverer deliverer = Deliver();
        host.Alert(1);
        await receiver.NextAsync();
        for (int i = 2; i <= 20; i++)
        {
            host.Alert(i);
        }

        for (int i = 1; i <= 20; i++)
        {
            Assert.Equal($"wh-2-{i}", (await other.NextAsync()).Key);
        }

        Assert.Single(receiver.Requests);
        Assert.Equal(0, host.Row(Id).Through);

        // After its time it counts as a failure, and is tried again later.
        time.Advance(TimeSpan.FromSeconds(11));
        await UntilAsync(row => row.Failing is { Number: 1, Attempts: 1, Reason: "no answer within 10 s" });
    }

    [Fact]
    public async Task What_was_delivered_and_not_marked_before_a_kill_goes_out_again_under_the_same_id_and_nothing_is_left_out()
    {
        Register(Id, receiver);
        host.Alert(1);
        WebhookDeliverer first = Deliver();
        await receiver.NextAsync();
        await UntilAsync(row => row.Through == 1);
        host.Killed = true;
        host.Alert(2);
        Assert.Equal("wh-1-2", (await receiver.NextAsync()).Key);
        await first.DisposeAsync();

        host.Killed = false;
        host.Alert(3);
        await using WebhookDeliverer second = Deliver();
        Assert.Equal(("wh-1-2", "wh-1-3"), ((await receiver.NextAsync()).Key, (await receiver.NextAsync()).Key));
        await UntilAsync(row => row.Through == 3);
    }

    [Fact]
    public async Task A_receiver_at_a_private_address_is_not_connected_to()
    {
        Register(Id, receiver);
        await using WebhookDeliverer deliverer = Deliver(IPNetwork.Parse("10.0.0.0/8"));
        host.Alert(1);
        await UntilAsync(row => row.Failing is { Attempts: 1 });
        Assert.Equal("127.0.0.1 is at an address that is not public, and --webhook-networks does not have it", host.Row(Id).Failing!.Reason);
        Assert.Empty(receiver.Requests);
    }

    [Fact]
    public async Task A_removed_webhook_gets_nothing_more_and_its_dead_letters_are_gone()
    {
        Register(Id, receiver);
        host.Send(Id, MessageKind.MarkWebhook, new WebhookMarked(1, null, new DeadLetter(Id, 1, time.GetUtcNow(), 90, "x", Rows.Alert(1, "transport", "*", "harbour-1"))));
        await using WebhookDeliverer deliverer = Deliver();
        Assert.Equal(ReplyStatus.Done, host.Send(Id, MessageKind.ActOnWebhook, new WebhookAction(WebhookActions.Remove, "li"))!.Status);
        Register("wh-2", other);
        host.Alert(1);
        host.Alert(2);
        await other.NextAsync();
        await other.NextAsync();
        Assert.Empty(receiver.Requests);
        Assert.Null(await views.Store.Reader.FindAsync(View.DeadLetters, "wh-1/1", default));
        Assert.Equal(ReplyStatus.NotFound, host.Send(Id, MessageKind.ActOnWebhook, new WebhookAction(WebhookActions.Enable, "li"))!.Status);
    }

    [Fact]
    public void A_number_never_goes_back_and_a_mark_that_is_told_twice_changes_nothing()
    {
        Register(Id, receiver);
        host.Send(Id, MessageKind.MarkWebhook, new WebhookMarked(7));
        host.Send(Id, MessageKind.MarkWebhook, new WebhookMarked(3));
        Assert.Equal(7, host.Row(Id).Through);
        DeadLetter dead = new(Id, 8, time.GetUtcNow(), 90, "x", Rows.Alert(8, "transport", "*", "harbour-8"));
        host.Send(Id, MessageKind.MarkWebhook, new WebhookMarked(8, null, dead));
        host.Send(Id, MessageKind.MarkWebhook, new WebhookMarked(8, null, dead));
        Assert.Equal((8, 1), (host.Row(Id).Through, host.Row(Id).DeadLetters));
        for (int i = 9; i <= Streaming.Grains.GrainLimits.DeadLetters + 9; i++)
        {
            host.Send(Id, MessageKind.MarkWebhook, new WebhookMarked(i, null, dead with { Number = i }));
        }

        Assert.Equal((Streaming.Grains.GrainLimits.DeadLetters, 2L), (host.Row(Id).DeadLetters, host.Row(Id).DeadLettersDropped));
    }

    private WebhookDeliverer Deliver(IPNetwork? network = null)
    {
        WebhookDeliverer deliverer = new(
            new WebhookParts { Host = host, Lists = views.Store.Reader, Position = views.Position, Feeds = views.Feeds, Key = key, Networks = [network ?? IPNetwork.Parse("127.0.0.0/8")], Time = time },
            NullLogger<WebhookDeliverer>.Instance);
        views.Projector.Applied.Subscribe(deliverer.Apply);
        deliverer.Start();
        return deliverer;
    }

    private void Register(string id, FakeGateway at, string[]? types = null, int severity = 1) =>
        Assert.Equal(ReplyStatus.Done, host.Send(id, MessageKind.RegisterWebhook, new WebhookRegistered(at.Url, "transport", "*", types ?? [], severity, 0, "wang"))!.Status);

    private async Task UntilAsync(Func<WebhookRow, bool> holds)
    {
        for (int i = 0; i < 6000; i++)
        {
            if (holds(host.Row(Id)))
            {
                return;
            }

            await Task.Delay(5);
        }

        Assert.Fail($"It is {JsonSerializer.Serialize(host.Row(Id), GrainsJson.Default.WebhookRow)}.");
    }

    /// <summary>Moves the clock on until the next request comes.</summary>
    private async Task<FakeGateway.Request> NextLaterAsync(FakeGateway gateway, TimeSpan step)
    {
        Task<FakeGateway.Request> next = gateway.NextAsync();
        await Task.WhenAny(next, Task.Delay(50));
        while (!next.IsCompleted)
        {
            time.Advance(step);
            await Task.WhenAny(next, Task.Delay(10));
        }

        return await next;
    }

    /// <summary>HMAC by its definition (RFC 2104), so that the signature is not checked by what made it.</summary>
    private static string Hmac(string secret, string text)
    {
        byte[] padded = new byte[64];
        Encoding.UTF8.GetBytes(secret).CopyTo(padded, 0);
        byte[] inner = SHA256.HashData([.. padded.Select(each => (byte)(each ^ 0x36)), .. Encoding.UTF8.GetBytes(text)]);
        return Convert.ToHexStringLower(SHA256.HashData([.. padded.Select(each => (byte)(each ^ 0x5c)), .. inner]));
    }
}
