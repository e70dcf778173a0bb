using System.Net;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Streaming.Grains.Messages;
using Streaming.Grains.Turns;
using Streaming.Grains.Webhooks;
using Streaming.Ingest;
using Streaming.Silo.Host;
using Streaming.Silo.Journal;
using Streaming.Silo.Notices;

namespace Streaming.Silo.Webhooks;

/// <summary>
/// The loop of one webhook: reads its feed behind the number that is done with, delivers one item after another, and tells the webhook how far it is. An item that is not taken is tried again, and everything behind it waits, so a receiver gets what it gets in order; after
/// <see cref="WebhookLimits.GiveUpAfter"/> it is a dead letter and the next one follows.
/// </summary>
/// <remarks>
/// The feed is the queue: nothing waits in memory but what was just read of it. What was delivered is marked afterwards, at the latest when a second has passed or nothing is left; a process that dies before delivers again under the same id. The loop goes by its own number, which is never
/// behind the marked one but right after the start.
/// </remarks>
internal sealed class WebhookLane(WebhookParts parts, SignedPost post, SemaphoreSlim slots, WebhookRow first, Action<Exception> report)
{
    private readonly CancellationTokenSource removed = new();
    private WebhookRow row = first;
    private TaskCompletionSource changed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private CancellationToken stop;
    private long through = first.Through;
    private long marked = first.Through;
    private long markedTicks;
    private WebhookFailing? failing = first.Failing;

    /// <summary>The row under which the receiver said that it is gone: nothing is sent until there is another.</summary>
    private WebhookRow? gone;

    /// <summary>Numbers of dead letters whose sending again was marked, until the row says so.</summary>
    private readonly HashSet<long> resent = [];

    public Task Done { get; private set; } = Task.CompletedTask;

    private string Feed => $"{row.Department}/{row.District}";

    private long NowMs => parts.Time.GetUtcNow().ToUnixTimeMilliseconds();

    public void Start(CancellationToken stopping)
    {
        CancellationTokenSource either = CancellationTokenSource.CreateLinkedTokenSource(stopping, removed.Token);
        stop = either.Token;
        Done = Task.Run(
            async () =>
            {
                await RunAsync().ConfigureAwait(false);
                either.Dispose();
            },
            CancellationToken.None);
    }

    /// <summary>The webhook's row was shown anew; null: it was removed.</summary>
    public void Change(WebhookRow? now)
    {
        if (now is null)
        {
            removed.Cancel();
            return;
        }

        Volatile.Write(ref row, now);
        Interlocked.Exchange(ref changed, new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)).TrySetResult();
    }

    private async Task RunAsync()
    {
        while (!stop.IsCancellationRequested)
        {
            try
            {
                await StepAsync().ConfigureAwait(false);
            }
            catch (OperationCanceledException) when (stop.IsCancellationRequested)
            {
                return;
            }
            catch (Exception failure)
            {
                // The lists or the journal are in trouble, or there is a bug: either way the items wait in the feed, and everybody else goes on.
                report(failure);
                await PauseAsync(Task.CompletedTask, WebhookLimits.TroublePause, earlier: false).ConfigureAwait(false);
            }
        }
    }

    private async Task StepAsync()
    {
        // Taken before the look: what changes after it completes this one.
        Task woken = Volatile.Read(ref changed).Task;
        WebhookRow now = Volatile.Read(ref row);
        if (now.State != WebhookStates.Active || ReferenceEquals(now, gone))
        {
            failing = null;
            await woken.WaitAsync(stop).ConfigureAwait(false);
            return;
        }

        resent.IntersectWith(now.Resend);
        foreach (long number in now.Resend.Where(number => !resent.Contains(number)).ToArray())
        {
            await ResendAsync(now, number).ConfigureAwait(false);
        }

        if (failing is { } waits && waits.Next.ToUnixTimeMilliseconds() - NowMs is > 0 and var ms)
        {
            await PauseAsync(woken, TimeSpan.FromMilliseconds(ms), earlier: true).ConfigureAwait(false);
            return;
        }

        IReadOnlyList<FeedItem> items = await parts.Feeds.ReadAsync(Feed, through, WebhookLimits.ItemsRead, stop).ConfigureAwait(false);
        foreach (FeedItem item in items)
        {
            Alert alert = JsonSerializer.Deserialize(item.Json.Span, GrainsJson.Default.Alert) ?? throw new InvalidDataException($"Item {item.Number} of feed {Feed} is empty.");
            if (Fits(now, alert) && !await DeliverAsync(now, item.Number, alert).ConfigureAwait(false))
            {
                return;
            }

            through = item.Number;
            if (parts.Time.GetElapsedTime(markedTicks) >= WebhookLimits.MarkEvery && through > marked && failing is null && Fits(now, alert))
            {
                await MarkAsync(new WebhookMarked(through)).ConfigureAwait(false);
            }
        }

        if (items.Count < WebhookLimits.ItemsRead || through - marked >= WebhookLimits.LeftOutUnmarked)
        {
            if (through > marked && (delivered || through - marked >= WebhookLimits.LeftOutUnmarked))
            {
                await MarkAsync(new WebhookMarked(through)).ConfigureAwait(false);
            }
        }

        if (items.Count == 0)
        {
            await WaitForItemAsync(woken).ConfigureAwait(false);
        }
    }

    /// <summary>True since an item was delivered that is not marked.</summary>
    private bool delivered;

    /// <summary>False where the item has to wait.</summary>
    private async Task<bool> DeliverAsync(WebhookRow now, long number, Alert alert)
    {
        (HttpStatusCode? status, string? problem) = await SendAsync(now, number, alert).ConfigureAwait(false);
        if (status is { } code && (int)code is >= 200 and < 300)
        {
            failing = null;
            delivered = true;
            return true;
        }

        string reason = problem ?? Said(status!.Value);
        if (status == HttpStatusCode.Gone)
        {
            gone = now;
            await MarkAsync(new WebhookMarked(through, Gone: true, Reason: reason)).ConfigureAwait(false);
            return false;
        }

        DateTimeOffset at = parts.Time.GetUtcNow();
        DateTimeOffset since = failing?.Since ?? at;
        int attempts = (failing?.Attempts ?? 0) + 1;
        if (at - (alert.At > since ? alert.At : since) >= WebhookLimits.GiveUpAfter)
        {
            // The one behind it is tried at once; how long nothing was taken goes on counting.
            failing = new WebhookFailing(number + 1, since, attempts, at, reason);
            await MarkAsync(new WebhookMarked(number, failing, new DeadLetter(now.Id, number, at, attempts, reason, alert))).ConfigureAwait(false);
            return true;
        }

        failing = new WebhookFailing(number, since, attempts, at + WebhookLimits.PauseAfter(attempts, RandomNumberGenerator.GetInt32(1000)), reason);
        await MarkAsync(new WebhookMarked(through, failing)).ConfigureAwait(false);
        return false;
    }

    private async Task ResendAsync(WebhookRow now, long number)
    {
        byte[]? json = await parts.Lists.FindAsync(View.DeadLetters, $"{now.Id}/{number}", stop).ConfigureAwait(false);
        resent.Add(number);
        if (json is null || JsonSerializer.Deserialize(json, GrainsJson.Default.DeadLetter) is not { } dead)
        {
            await MarkAsync(new WebhookMarked(through, failing, NotResent: number, Reason: $"dead letter {number} is not kept any more")).ConfigureAwait(false);
            return;
        }

        (HttpStatusCode? status, string? problem) = await SendAsync(now, number, dead.Item).ConfigureAwait(false);
        bool taken = status is { } code && (int)code is >= 200 and < 300;
        await MarkAsync(taken
            ? new WebhookMarked(through, failing, Resent: number)
            : new WebhookMarked(through, failing, NotResent: number, Reason: $"dead letter {number} was sent again: {problem ?? Said(status!.Value)}")).ConfigureAwait(false);
    }

    private async Task<(HttpStatusCode? Status, string? Problem)> SendAsync(WebhookRow now, long number, Alert alert)
    {
        await slots.WaitAsync(stop).ConfigureAwait(false);
        try
        {
            byte[] secret = Encoding.UTF8.GetBytes(parts.Key.WebhookSecret(now.Id, now.SecretVersion));
            PostAnswer answer = await post.SendAsync(new Uri(now.Url), CloudEvent.ContentType, secret, CloudEvent.IdOf(now.Id, number), CloudEvent.Write(now, number, alert), WebhookLimits.Timeout, stop).ConfigureAwait(false);
            return (answer.Status, answer.Problem);
        }
        finally
        {
            slots.Release();
        }
    }

    private static string Said(HttpStatusCode status) => (int)status is >= 300 and < 400
        ? $"the receiver answered {(int)status}, and redirects are not followed"
        : $"the receiver answered {(int)status}";

    private static bool Fits(WebhookRow now, Alert alert) =>
        alert.Type == Views.FeedGap.Type || (alert.Severity >= now.MinSeverity && (now.Types.Length == 0 || Array.IndexOf(now.Types, alert.Type) >= 0));

    /// <summary>Tells the webhook until the journal has it. What was delivered is not delivered again for that.</summary>
    private async Task MarkAsync(WebhookMarked mark)
    {
        byte[] body = JsonSerializer.SerializeToUtf8Bytes(mark, GrainsJson.Default.WebhookMarked);
        while (true)
        {
            try
            {
                CommandResult result = await parts.Host.CommandAsync(ActorKind.Webhook, row.Id, MessageKind.MarkWebhook, body, stop).ConfigureAwait(false);
                await parts.Position.WaitAsync(result.Position, stop).ConfigureAwait(false);
                marked = Math.Max(marked, mark.Through);
                markedTicks = parts.Time.GetTimestamp();
                delivered = false;
                return;
            }
            catch (Exception failure) when (failure is HostUnavailableException or JournalFailedException)
            {
                await Task.Delay(WebhookLimits.TroublePause, parts.Time, stop).ConfigureAwait(false);
            }
        }
    }

    private async Task WaitForItemAsync(Task woken)
    {
        using CancellationTokenSource either = CancellationTokenSource.CreateLinkedTokenSource(stop);
        Task item = parts.Feeds.WaitAsync(Feed, through, either.Token);
        await Task.WhenAny(woken, item).ConfigureAwait(false);
        await either.CancelAsync().ConfigureAwait(false);
        try
        {
            await item.ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            // The row changed, or it ends.
        }

        stop.ThrowIfCancellationRequested();
    }

    private async Task PauseAsync(Task woken, TimeSpan pause, bool earlier)
    {
        using CancellationTokenSource either = CancellationTokenSource.CreateLinkedTokenSource(stop);
        Task delay = Task.Delay(pause, parts.Time, either.Token);
        try
        {
            await (earlier ? Task.WhenAny(woken, delay) : delay).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            // It ends; whoever called looks at that next.
        }

        await either.CancelAsync().ConfigureAwait(false);
    }
}
