using Streaming.Grains.Messages;
using Streaming.Models.Encoding;

namespace Streaming.Ingest.Mqtt;

/// <summary>What a session that outlives its connection is told.</summary>
internal sealed partial class FeedDeliveries
{
    /// <summary>Once a second: what was completed or passed over since is stored.</summary>
    public void OnHeartbeat()
    {
        bool dirty;
        lock (gate)
        {
            dirty = completed.Count > 0 || byFilter.Values.Any(IsToBeStored);
        }

        if (dirty)
        {
            _ = StoreAsync();
        }
    }

    /// <summary>The connection ends: all deliveries end, and what was acknowledged is stored.</summary>
    public async Task EndAsync()
    {
        FeedDelivery[] all;
        lock (gate)
        {
            all = [.. byFilter.Values];
        }

        foreach (FeedDelivery delivery in all)
        {
            await StopAsync(delivery);
        }

        await resent;
        if (client.IsSessionKept)
        {
            await StoreAsync();
            await context.Intake.WaitDurableAsync(markedUpTo);
        }
    }

    /// <summary>Of a session that ends with the connection only the queue is kept up to date, so that it does not fill.</summary>
    private bool IsToBeStored(FeedDelivery delivery) => delivery.Passed > delivery.Stored && (client.IsSessionKept || delivery.Filter == SessionQueue.Name);

    /// <summary>Stores what was completed and passed over. What cannot be stored is tried again on the next occasion; until then it may be delivered again.</summary>
    private async Task StoreAsync()
    {
        await storing.WaitAsync();
        string key = client.Key.Text;
        try
        {
            await TryMarkAsync(new ByteWriter(), CancellationToken.None);
            (FeedDelivery Delivery, long Number)[] dirty;
            lock (gate)
            {
                dirty = [.. byFilter.Values.Where(IsToBeStored).Select(delivery => (delivery, delivery.Passed))];
            }

            foreach ((FeedDelivery delivery, long number) in dirty)
            {
                await context.Sessions.AcknowledgeAsync(key, new SessionAcknowledged(delivery.Filter, number), CancellationToken.None);
                lock (gate)
                {
                    delivery.Stored = Math.Max(delivery.Stored, number);
                }
            }
        }
        catch (Exception e)
        {
            Log.StoreFailed(logger, key, e);
        }
        finally
        {
            storing.Release();
        }
    }

    /// <summary>Gives a run of items its identifiers and waits until that is durable. While the journal takes nothing, the subscription waits: what a restart would not know of is not sent.</summary>
    private async ValueTask MarkSentAsync(FeedDelivery delivery, List<DeliveryInFlight> run)
    {
        ByteWriter marks = new(16 + (run.Count * 8));
        SentItem[] items = [.. run.Select(each => new SentItem(each.PacketId, each.Number))];
        for (int first = 0, end; first < items.Length; first = end)
        {
            end = first + 1;
            while (end < items.Length && run[end].Qos == run[first].Qos)
            {
                end++;
            }

            SessionMarks.WriteSent(marks, delivery.Filter, run[first].Qos, items.AsSpan(first, end - first));
        }

        long position;
        await storing.WaitAsync(stopping);
        try
        {
            while (!await TryMarkAsync(marks, stopping))
            {
                await Task.Delay(TimeSpan.FromMilliseconds(MqttLimits.MarkRetryMs), context.Time, stopping);
            }

            position = markedUpTo;
            lock (gate)
            {
                delivery.Stored = Math.Max(delivery.Stored, run[^1].Number);
            }
        }
        finally
        {
            storing.Release();
        }

        await context.Intake.WaitDurableAsync(position).AsTask().WaitAsync(stopping);
    }

    /// <summary>
    /// Appends one record: first what was completed since the last, so that an identifier is free in the session before it is used again, then <paramref name="marks"/>. Inside <see cref="storing"/>. False where the
    /// journal takes nothing; then all of it is still to be told.
    /// </summary>
    private async ValueTask<bool> TryMarkAsync(ByteWriter marks, CancellationToken cancellation)
    {
        ushort[] told;
        lock (gate)
        {
            told = [.. completed];
            completed.Clear();
        }

        if (told.Length == 0 && marks.Length == 0)
        {
            return true;
        }

        bool appended = false;
        try
        {
            ByteWriter all = new(16 + (told.Length * 3) + marks.Length);
            foreach (ushort packetId in told)
            {
                SessionMarks.Write(all, SessionMark.Completed, packetId);
            }

            all.WriteRaw(marks.Written);
            ByteWriter record = new(64 + all.Length);
            client.Key.WriteMarks(record, all.Written);
            Appended outcome = await context.Intake.AppendAsync(record.WrittenMemory, cancellation);
            appended = outcome.Refusal is null;
            if (appended)
            {
                markedUpTo = outcome.LastPosition;
            }
            else
            {
                Log.MarkRefused(logger, client.Key.Text, outcome.Refusal!);
            }

            return appended;
        }
        finally
        {
            if (!appended)
            {
                lock (gate)
                {
                    completed.InsertRange(0, told);
                }
            }
        }
    }
}
