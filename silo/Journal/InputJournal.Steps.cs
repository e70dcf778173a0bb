using System.Buffers.Binary;
using Streaming.Grains.Inputs;
using Streaming.Ingest;

namespace Streaming.Silo.Journal;

/// <summary>The steps that the journal's public methods are made of.</summary>
internal sealed partial class InputJournal
{
    private void Prepare()
    {
        AppendWaiter? none = null;
        lock (diskGate)
        {
            store.RemoveTemporary();
            MakeSpare(ref none);
            if (store.HasSegments)
            {
                return;
            }

            store.Roll(End + 1);
            MakeSpare(ref none);
        }
    }

    private static TaskCompletionSource NewSource(bool inline) =>
        new(inline ? TaskCreationOptions.None : TaskCreationOptions.RunContinuationsAsynchronously);

    private void ThrowIfFailed()
    {
        if (failure is { } failed)
        {
            throw new JournalFailedException(failed.Message, failed);
        }
    }

    /// <summary>A flaw here is a bug of the caller, and must not get into the journal, where it would stop every later start.</summary>
    private void RequireRecords(ReadOnlySpan<byte> batch)
    {
        string? flaw = batch.IsEmpty ? "there is none." : JournalLayout.CheckRecords(batch, out _, out _);
        if (flaw is null && batch.Length > options.BlockBytes - JournalLayout.BlockHeaderBytes)
        {
            flaw = FindTooLong(batch);
        }

        if (flaw is not null)
        {
            throw new ArgumentException($"Not a run of whole records: {flaw}");
        }
    }

    private string? FindTooLong(ReadOnlySpan<byte> batch)
    {
        int most = LongestRecord;
        while (batch.Length > 0)
        {
            int length = 4 + BinaryPrimitives.ReadInt32LittleEndian(batch);
            if (length > most)
            {
                return $"a record of {length} bytes is longer than the {most} that a block holds.";
            }

            batch = batch[length..];
        }

        return null;
    }

    /// <summary>Copies records to the end of the chain, which makes them visible to followers; returns the position of the last. Under <c>gate</c>.</summary>
    private long Copy(ReadOnlySpan<byte> batch)
    {
        lastTimeMs = Math.Max(lastTimeMs, time.GetUtcNow().ToUnixTimeMilliseconds());
        while (batch.Length > 0)
        {
            (int bytes, int count) = last.Published;
            int take = Fit(batch, last.Room - bytes);
            if (take > last.Room - bytes)
            {
                if (count == 0)
                {
                    pool.Enlarge(last, take);
                }
                else
                {
                    Seal(take, end + 1);
                }

                (bytes, count) = (0, 0);
            }

            Span<byte> copy = last.Content(bytes, take);
            batch[..take].CopyTo(copy);
            int added = Record.Stamp(copy, lastTimeMs);
            last.LastTimeMs = lastTimeMs;
            unflushedBytes += take;
            records += added;
            Volatile.Write(ref streamBytes, streamBytes + take);
            last.Publish(bytes + take, count + added);
            Volatile.Write(ref end, end + added);
            batch = batch[take..];
        }

        return end;
    }

    /// <summary>
    /// How much of a batch goes into the next block. A batch stays together, in a new block where this one has too little room; only one that is longer than a buffer is divided between records, so
    /// that in the long run no memory but that of the pool is used.
    /// </summary>
    private int Fit(ReadOnlySpan<byte> batch, int room)
    {
        if (batch.Length <= Math.Max(room, pool.FullRoom))
        {
            return batch.Length;
        }

        int fits = 0;
        int length = 0;
        while (true)
        {
            length += 4 + BinaryPrimitives.ReadInt32LittleEndian(batch[length..]);
            if (length > Math.Max(room, pool.FullRoom))
            {
                return fits > 0 ? fits : length;
            }

            fits = length;
        }
    }

    /// <summary>Ends the last block and begins the next. Under <c>gate</c>.</summary>
    private void Seal(int room, long nextPosition)
    {
        ChainBlock next = pool.Rent(last, room);
        next.Reset(followers.Length + 1, nextPosition, last.StreamStart + last.Published.Bytes);
        last.Next = next;
        last = next;
    }

    private void LetGo(ChainBlock block)
    {
        if (block.LetGo())
        {
            pool.Return(block);
        }
    }

    private bool IsBehind() => unflushedBytes >= options.UnflushedBytes || Lag() >= options.LagBytes;

    /// <summary>Bytes that the slowest follower has not consumed.</summary>
    private long Lag()
    {
        long appended = Volatile.Read(ref streamBytes);
        long consumed = appended;
        for (int i = 0; i < followersJoined; i++)
        {
            consumed = Math.Min(consumed, followers[i].ConsumedBytes);
        }

        return appended - consumed;
    }

    private ValueTask<Appended> WaitForRoom(ReadOnlyMemory<byte> batch, CancellationToken cancellation)
    {
        AppendWaiter waiter = new(batch, options.InlineContinuations);
        waiter.Register(GiveUp, cancellation);
        AppendWaiter? done = null;
        lock (gate)
        {
            if (!waiter.Settled)
            {
                if (Refusal is { } refusal)
                {
                    waiter.Settle(new Appended(0, refusal), ref done);
                }
                else if (queue.Count >= options.WaitingAppends)
                {
                    waiter.Settle(new Appended(0, TooMany), ref done);
                }
                else
                {
                    waiter.Place = queue.AddLast(waiter);
                    Volatile.Write(ref waiting, queue.Count);
                    Interlocked.MemoryBarrier();
                    Admit(ref done);
                }
            }
        }

        TellAll(done);
        return new ValueTask<Appended>(waiter.Task);
    }

    /// <summary>The caller of a waiting append gave up. Nothing of it was appended.</summary>
    private void GiveUp(AppendWaiter waiter, CancellationToken cancellation)
    {
        lock (gate)
        {
            if (waiter.Settled)
            {
                return;
            }

            waiter.Settled = true;
            if (waiter.Place is { } place)
            {
                queue.Remove(place);
                Volatile.Write(ref waiting, queue.Count);
            }
        }

        waiter.SetCanceled(cancellation);
    }

    /// <summary>Appends for those that wait, the longest waiting first, as far as there is room. Under <c>gate</c>.</summary>
    private void Admit(ref AppendWaiter? done)
    {
        while (queue.First is { } first && !IsBehind())
        {
            queue.RemoveFirst();
            first.Value.Settle(new Appended(Copy(first.Value.Records.Span), null), ref done);
        }

        Volatile.Write(ref waiting, queue.Count);
    }

    /// <summary>Refuses all that wait, for the reason that <see cref="Refusal"/> gives now: none joins the queue after that was set.</summary>
    private void RefuseWaiting(ref AppendWaiter? done)
    {
        lock (gate)
        {
            string refusal = Refusal ?? Stopping;
            foreach (AppendWaiter waiter in queue)
            {
                waiter.Settle(new Appended(0, refusal), ref done);
            }

            queue.Clear();
            Volatile.Write(ref waiting, 0);
        }
    }

    /// <summary>Tells those whose waiting ended, and everybody else that there is something new. Not under <c>gate</c>.</summary>
    private void TellAll(AppendWaiter? done)
    {
        if (done is not null)
        {
            Appended?.Invoke();
            AppendWaiter.TellAll(done);
        }
    }

    /// <summary>The oldest block not on disk, sealed; false where there is none with a record in it.</summary>
    private bool TakeOldest(out ChainBlock block)
    {
        lock (gate)
        {
            block = toFlush;
            if (!replayed || block.Published.Count == 0)
            {
                return false;
            }

            if (block == last)
            {
                Seal(room: 0, end + 1);
            }

            return true;
        }
    }

    private void Write(ChainBlock block)
    {
        (int bytes, int count) = block.Published;
        Span<byte> onDisk = block.Buffer!.Bytes.AsSpan(block.Start, JournalLayout.BlockBytes(bytes));
        try
        {
            store.Append(onDisk, bytes, count, block.FirstPosition, DurablePosition, block.LastTimeMs);
        }
        catch (Exception exception)
        {
            throw Fail(exception);
        }
    }

    private void ZeroSpare()
    {
        try
        {
            store.ZeroSpare();
        }
        catch (Exception exception)
        {
            throw Fail(exception);
        }
    }

    private void Flushed(ChainBlock block, ref AppendWaiter? done)
    {
        TaskCompletionSource? onDisk;
        List<TaskCompletionSource>? later = null;
        lock (gate)
        {
            Volatile.Write(ref durable, block.LastPosition);
            unflushedBytes -= block.Published.Bytes;
            blocks++;
            toFlush = block.Next!;
            onDisk = block.OnDisk;
            block.OnDisk = null;
            while (waitingForLater.Count > 0 && waitingForLater.First() is var (position, source) && position <= durable)
            {
                waitingForLater.Remove(position);
                (later ??= []).Add(source);
            }

            Admit(ref done);
        }

        LetGo(block);
        onDisk?.TrySetResult();
        later?.ForEach(static source => source.TrySetResult());
    }

    /// <summary>Makes the spare, or says from now on why outside inputs are refused. Under <c>diskGate</c>.</summary>
    private void MakeSpare(ref AppendWaiter? done)
    {
        string? why;
        try
        {
            why = store.TryMakeSpare();
        }
        catch (Exception exception)
        {
            throw Fail(exception);
        }

        if (why is null)
        {
            if (diskRefusal is not null)
            {
                diskRefusal = null;
                spareTimer.Change(Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
                Log.RoomAgain(logger);
            }
        }
        else if (diskRefusal is null)
        {
            diskRefusal = $"The disk is full: there is no room for the next segment of the journal ({why}). Free some space; readings are accepted again by themselves.";
            TimeSpan period = TimeSpan.FromMilliseconds(SiloLimits.JournalSpareRetryMs);
            spareTimer.Change(period, period);
            Log.DiskFull(logger, why);
            RefuseWaiting(ref done);
        }
    }

    /// <summary>Makes the spare where it is missing. The timer does not wait for a flush that is under way: that one tries as well.</summary>
    private void RetrySpare(bool wait)
    {
        if (!wait && !diskGate.TryEnter())
        {
            return;
        }

        if (wait)
        {
            diskGate.Enter();
        }

        AppendWaiter? done = null;
        try
        {
            if (failure is null && !store.HasSpare)
            {
                MakeSpare(ref done);
            }
        }
        catch (JournalFailedException) when (!wait)
        {
            // The flusher is to meet the failure, and to end the process.
            Appended?.Invoke();
        }
        finally
        {
            diskGate.Exit();
        }

        TellAll(done);
    }

    /// <summary>Notes the failure, after which nothing is taken and nothing becomes durable, and tells everybody who waits. Returns what is to be thrown.</summary>
    private JournalFailedException Fail(Exception cause)
    {
        JournalFailedException failed = cause as JournalFailedException ?? new JournalFailedException(
            $"The journal could not be written: {cause.Message} What was acknowledged is safe; the process has to end, and the next start goes on from what is on disk.", cause);
        List<TaskCompletionSource> told = [];
        AppendWaiter? done = null;
        lock (gate)
        {
            failed = failure ??= failed;
            for (ChainBlock? block = toFlush; block is not null; block = block.Next)
            {
                if (block.OnDisk is { } source)
                {
                    told.Add(source);
                    block.OnDisk = null;
                }
            }

            told.AddRange(waitingForLater.Values);
            waitingForLater.Clear();
        }

        RefuseWaiting(ref done);
        AppendWaiter.TellAll(done);
        told.ForEach(source => source.TrySetException(failed));
        return failed;
    }

    private static partial class Log
    {
        [LoggerMessage(Level = LogLevel.Error, Message = "The disk is full: the next segment of the journal could not be made ({Why}). Readings are refused until there is room; what they led to so far is still journaled.")]
        public static partial void DiskFull(ILogger logger, string why);

        [LoggerMessage(Level = LogLevel.Information, Message = "There is room for the journal's next segment again; readings are accepted.")]
        public static partial void RoomAgain(ILogger logger);
    }
}
