using System.Text.Json;
using Streaming.Grains.Messages;
using Streaming.Grains.Messaging;
using Streaming.Grains.Turns;
using Streaming.Models.Encoding;
using Streaming.Silo.Host;
using Streaming.Silo.Journal;
using Streaming.Silo.Views;

namespace Streaming.Silo.Notices;

/// <summary>What the deliverer works with.</summary>
internal sealed record NoticeParts
{
    public required IActorHost Host { get; init; }

    public required ViewReader Lists { get; init; }

    public required ViewPosition Position { get; init; }

    public required NoticeLinks Links { get; init; }

    public required SubjectChannels Channels { get; init; }

    public required Gateways Gateways { get; init; }

    public required TimeProvider Time { get; init; }
}

/// <summary>
/// Delivers notices. What is to be done stands in the lists, as errands by lane: finding out how a subject is reached, each gateway, and the terminals' topics. Each lane is a loop of its own, which does what is due, tells the notice what became
/// of it, and waits until the lists show that before it looks again. So a gateway that is down or hangs holds up its own notices alone, and nothing here holds up a turn, the journal or a call.
/// </summary>
/// <remarks>
/// Rows are of durable records only. What a process was doing when it died is due again after the start, with the same number of the attempt, the same idempotency key and the same link: a delivery may be made twice and is
/// never lost, nor marked before it was made. Marking goes on until the journal has it; the delivery is not repeated for that.
/// </remarks>
internal sealed partial class NoticeDeliverer : IAsyncDisposable
{
    private readonly NoticeParts parts;
    private readonly ILogger<NoticeDeliverer> logger;
    private readonly CancellationTokenSource stopping = new();
    private readonly List<Task> lanes = [];
    private readonly Dictionary<string, GatewayClient> clients = new(StringComparer.Ordinal);
    private TaskCompletionSource changed = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public NoticeDeliverer(NoticeParts parts, ILogger<NoticeDeliverer> logger)
    {
        this.parts = parts;
        this.logger = logger;
        foreach (Gateway gateway in parts.Gateways.All)
        {
            clients.Add(gateway.Channel, new GatewayClient(gateway, parts.Time));
        }
    }

    /// <summary>Begins. Lanes of gateways that are not configured any more are gone through as well: what waits there has failed.</summary>
    public void Start()
    {
        string[] names = [NoticeErrand.Addressing, SubjectChannels.Mqtt, SubjectChannels.Unknown, .. clients.Keys, .. parts.Lists.NoticeLanes()];
        foreach (string lane in names.Distinct(StringComparer.Ordinal))
        {
            lanes.Add(Task.Run(() => RunAsync(lane)));
        }
    }

    /// <summary>Takes in an applied batch: wakes the lanes where a notice changed. On the projector's thread.</summary>
    public void Apply(ViewBatch batch)
    {
        foreach (ViewChange change in batch.Changes)
        {
            if (change.View == View.Notices)
            {
                Interlocked.Exchange(ref changed, new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)).TrySetResult();
                return;
            }
        }
    }

    public async ValueTask DisposeAsync()
    {
        await stopping.CancelAsync().ConfigureAwait(false);
        await Task.WhenAll(lanes).ConfigureAwait(false);
        foreach (GatewayClient client in clients.Values)
        {
            client.Dispose();
        }

        stopping.Dispose();
    }

    private async Task RunAsync(string lane)
    {
        while (!stopping.IsCancellationRequested)
        {
            try
            {
                // Taken before the look: what changes after it completes this one.
                Task woken = Volatile.Read(ref changed).Task;
                IReadOnlyList<NoticeRow> due = await parts.Lists.NoticesDueAsync(lane, NowMs, NoticeLimits.SentAtOnce, stopping.Token).ConfigureAwait(false);
                if (due.Count > 0)
                {
                    await Task.WhenAll(due.Select(notice => DoAsync(lane, notice))).ConfigureAwait(false);
                    continue;
                }

                long? next = await parts.Lists.NextNoticeAsync(lane, stopping.Token).ConfigureAwait(false);
                await WaitAsync(woken, next).ConfigureAwait(false);
            }
            catch (OperationCanceledException) when (stopping.IsCancellationRequested)
            {
                return;
            }
            catch (Exception failure)
            {
                // The lists are in trouble, or there is a bug: either way the notices wait, and everybody else goes on.
                Log.LaneFailed(logger, lane, failure);
                await PauseAsync().ConfigureAwait(false);
            }
        }
    }

    /// <summary>One errand of one notice, and the mark that it was done.</summary>
    private async Task DoAsync(string lane, NoticeRow notice)
    {
        if (lane == NoticeErrand.Addressing)
        {
            string[] channels = await parts.Channels.FindAsync(notice, parts.Time.GetUtcNow(), stopping.Token).ConfigureAwait(false);
            NoticeAddressed addressed = new(parts.Links.HashOf(notice.Id, notice.Issued), channels);
            await MarkAsync(notice, MessageKind.AddressNotice, JsonSerializer.SerializeToUtf8Bytes(addressed, GrainsJson.Default.NoticeAddressed)).ConfigureAwait(false);
            return;
        }

        int attempt = (Array.Find(notice.Channels, each => each.Channel == lane)?.Attempts ?? 0) + 1;
        Sent sent = await SendAsync(lane, notice).ConfigureAwait(false);
        DateTimeOffset? next = null;
        if (sent.Outcome == NoticeOutcomes.Retry)
        {
            next = parts.Time.GetUtcNow() + NoticeLimits.PauseAfter(attempt);
            if (attempt >= NoticeLimits.Attempts || next >= notice.Until)
            {
                (sent, next) = (Sent.Failed($"{sent.Reason}, at {attempt} attempts"), null);
            }
        }

        Log.Attempted(logger, notice.Id, lane, attempt, sent.Outcome, sent.Reason ?? "");
        NoticeAttempted attempted = new(lane, attempt, sent.Outcome, sent.Reason, next);
        await MarkAsync(notice, MessageKind.AttemptNotice, JsonSerializer.SerializeToUtf8Bytes(attempted, GrainsJson.Default.NoticeAttempted)).ConfigureAwait(false);
    }

    private async Task<Sent> SendAsync(string lane, NoticeRow notice)
    {
        if (notice.LinkSha256 != parts.Links.HashOf(notice.Id, notice.Issued))
        {
            return Sent.Failed("its link was made with another key than this data directory has; send a new notice");
        }

        if (lane == SubjectChannels.Mqtt)
        {
            return await PublishAsync(notice).ConfigureAwait(false);
        }

        if (!clients.TryGetValue(lane, out GatewayClient? client))
        {
            return Sent.Failed("no such gateway is configured");
        }

        if (await parts.Channels.NumberAsync(notice, parts.Time.GetUtcNow(), stopping.Token).ConfigureAwait(false) is not { } number)
        {
            return Sent.Failed("the register has no number any more");
        }

        byte[] letter = parts.Links.Letter(notice, number);
        return letter.Length > NoticeLimits.RequestBytes
            ? Sent.Failed($"it has {letter.Length} bytes, and {NoticeLimits.RequestBytes} are sent at most")
            : await client.SendAsync(KeyOf(notice), letter, stopping.Token).ConfigureAwait(false);
    }

    /// <summary>Hands it to the topics, which keep it for the terminal: retained, so that one that comes later gets the newest, and in the queue of one that has been there before.</summary>
    private async Task<Sent> PublishAsync(NoticeRow notice)
    {
        if (NoticeTopics.Of(notice.Subject) is not { } topic)
        {
            return Sent.Failed("the subject's key cannot be part of a topic");
        }

        ByteWriter message = new();
        new PlainMessage("", topic, 1, Retain: true, notice.Until.ToUnixTimeMilliseconds(), default, NoticeLinks.Payload(notice)).Write(message);
        try
        {
            await parts.Host.CommandAsync(ActorKind.Topics, Topics.City, MessageKind.PublishMessage, message.Written.ToArray(), stopping.Token).ConfigureAwait(false);
            return Sent.Delivered;
        }
        catch (Exception failure) when (failure is HostUnavailableException or JournalFailedException)
        {
            return Sent.Retry("the silo takes no messages at present");
        }
    }

    /// <summary>By which a gateway knows a notice that is sent again: the notice and when it was issued, so that two data directories do not mistake theirs for one another.</summary>
    private static string KeyOf(NoticeRow notice) => $"{notice.Id}@{notice.Issued.ToUnixTimeMilliseconds()}";

    /// <summary>Tells the notice until the journal has it, and waits for the lists to show it.</summary>
    private async Task MarkAsync(NoticeRow notice, MessageKind kind, byte[] body)
    {
        while (true)
        {
            try
            {
                CommandResult result = await parts.Host.CommandAsync(ActorKind.Notice, notice.Id, kind, body, stopping.Token).ConfigureAwait(false);
                await parts.Position.WaitAsync(result.Position, stopping.Token).ConfigureAwait(false);
                if (result.Reply is { Status: not ReplyStatus.Done } refused)
                {
                    // The row says that there is something to do and the notice does not know of it: looking again at once would be for ever.
                    Log.NotMarked(logger, notice.Id, kind, refused.Text);
                    await PauseAsync().ConfigureAwait(false);
                }

                return;
            }
            catch (Exception failure) when (failure is HostUnavailableException or JournalFailedException)
            {
                await Task.Delay(NoticeLimits.TroublePause, parts.Time, stopping.Token).ConfigureAwait(false);
            }
        }
    }

    private async Task WaitAsync(Task woken, long? nextMs)
    {
        if (nextMs is not { } next)
        {
            await woken.WaitAsync(stopping.Token).ConfigureAwait(false);
            return;
        }

        TimeSpan sleep = TimeSpan.FromMilliseconds(Math.Clamp(next - NowMs, 1, (long)NoticeLimits.LongestSleep.TotalMilliseconds));
        using CancellationTokenSource either = CancellationTokenSource.CreateLinkedTokenSource(stopping.Token);
        await Task.WhenAny(woken, Task.Delay(sleep, parts.Time, either.Token)).ConfigureAwait(false);
        await either.CancelAsync().ConfigureAwait(false);
    }

    private async Task PauseAsync()
    {
        try
        {
            await Task.Delay(NoticeLimits.TroublePause, parts.Time, stopping.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            // It ends; whoever called looks at that next.
        }
    }

    private long NowMs => parts.Time.GetUtcNow().ToUnixTimeMilliseconds();

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Information, "Notice {Notice} by {Channel}, attempt {Attempt}: {Outcome} {Reason}")]
        public static partial void Attempted(ILogger logger, string notice, string channel, int attempt, string outcome, string reason);

        [LoggerMessage(2, LogLevel.Error, "Notices of the lane {Lane} wait.")]
        public static partial void LaneFailed(ILogger logger, string lane, Exception failure);

        [LoggerMessage(3, LogLevel.Error, "Notice {Notice} refused {Command}: {Reason}")]
        public static partial void NotMarked(ILogger logger, string notice, MessageKind command, string reason);
    }
}
