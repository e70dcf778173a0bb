using System.Collections.Concurrent;
using Streaming.Grains.Inputs;
using Streaming.Grains.Messages;
using Streaming.Grains.Orleans;
using Streaming.Grains.Turns;
using Streaming.Models.Encoding;
using Streaming.Silo.Host;

namespace Streaming.Silo.Orleans;

/// <summary>Calls to the grains and their answers.</summary>
internal sealed partial class GrainTurns
{
    private readonly ConcurrentQueue<long> rulebooksSaved = new();

    /// <summary>The journal's end when effects that recovery had held were appended; 0 where it held none.</summary>
    private long heldUntil;

    private void Queue(GrainCell cell)
    {
        if (!cell.Queued && cell.Outstanding is null)
        {
            cell.Queued = true;
            ready.Enqueue(cell);
        }
    }

    /// <summary>Calls those that have something waiting, as many as may be outstanding at once. While a grain waits for its turn, its batch grows.</summary>
    private void Call()
    {
        long now = retries.Count > 0 ? parts.PassedMs : 0;
        while (retries.TryPeek(out GrainCell? failed, out long dueMs) && dueMs <= now)
        {
            retries.Dequeue();
            outstanding++;
            _ = CallAsync(failed, failed.Outstanding!);
        }

        while (outstanding < SiloLimits.GrainCalls && ready.TryDequeue(out GrainCell? cell))
        {
            cell.Queued = false;
            if (cell.Failure is not null)
            {
                continue;
            }

            cell.Sent = cell.Pending;
            cell.SentThrough = cell.Sent is null ? cell.Applied : cell.Through;
            cell.SentBytes = cell.Sent?.Length ?? 0;
            cell.Pending = null;
            cell.Outstanding = BatchOf(cell, cell.Sent is null ? 0 : cell.PendingFirst, cell.Round is not null, cell.Sent);
            outstanding++;
            _ = CallAsync(cell, cell.Outstanding);
        }
    }

    private InputBatch BatchOf(GrainCell cell, long first, bool store, ByteWriter? inputs) => new()
    {
        After = cell.Applied,
        Confirmed = cell.EffectsAt != 0 && cell.EffectsAt <= parts.Journal.DurablePosition ? cell.EffectsThrough : 0,
        First = first,
        Store = store,
        Inputs = inputs?.WrittenMemory ?? default,
    };

    private async Task CallAsync(GrainCell cell, InputBatch batch)
    {
        Answer answer;
        try
        {
            answer = new Answer(cell, await cell.Grain.ApplyAsync(batch).ConfigureAwait(false), null);
        }
#pragma warning disable CA1031 // Whatever it was, the batch is sent again.
        catch (Exception error)
#pragma warning restore CA1031
        {
            answer = new Answer(cell, default, error);
        }

        answers.Enqueue(answer);
        wake(this);
    }

    private bool TakeAnswers()
    {
        bool any = false;
        while (answers.TryDequeue(out Answer answer))
        {
            any = true;
            outstanding--;
            GrainCell cell = answer.Cell;
            if (answer.Error is { } error)
            {
                Retry(cell, error);
            }
            else if (answer.Applied.More is { Behind: true })
            {
                outstanding++;
                behind.Add(cell, answer.Applied.Position);
            }
            else
            {
                Take(cell, answer.Applied);
            }
        }

        return any;
    }

    private void Retry(GrainCell cell, Exception error)
    {
        cell.Attempts++;
        cell.SentAgain = true;
        if (cell.Attempts is 1 or 3 || cell.Attempts % 20 == 0)
        {
            Log.NotAnswered(logger, error, cell.Kind, cell.Key, cell.Attempts);
        }

        if (cell.Attempts >= 3)
        {
            deaf = cell;
            Unanswered = $"{cell.Kind} {cell.Key} does not answer ({error.Message}). Its inputs are kept and sent again.";
        }

        // The callee may still be reading the buffer: it is not used for anything else.
        retries.Enqueue(cell, parts.PassedMs + Math.Min(50L << Math.Min(cell.Attempts, 6), SiloLimits.GrainRetryMs));
    }

    private void Take(GrainCell cell, in Applied applied)
    {
        InputBatch batch = cell.Outstanding!;
        if (applied.More is { Failure: not null } failed && cell.Failing is null && batch.First != 0 && batch.First < failed.FailedAt)
        {
            // The turns before it were run and are lost with the activation. What they ask for is due all the same, so they are run once more, without the one that threw.
            cell.Failing = failed.Failure;
            cell.SentThrough = failed.FailedAt - 1;
            outstanding++;
            behind.Add(cell, 0);
            return;
        }

        cell.Outstanding = null;
        if (cell.Sent is { Capacity: <= SiloLimits.GrainBufferBytes } sent && cell.Attempts == 0 && writers.Count < SiloLimits.GrainBuffers)
        {
            sent.Clear();
            writers.Push(sent);
        }

        cell.Sent = null;
        if (cell.Attempts > 0)
        {
            cell.Attempts = 0;
            if (deaf == cell)
            {
                deaf = null;
                Unanswered = null;
            }
        }

        if (applied.More is { Failure: null, Effects.Length: > 0 } more)
        {
            TakeEffects(cell, more.Effects);
        }

        // Not before: whoever finds that nothing waits finds in the journal what it led to.
        Volatile.Write(ref waitingBytes, waitingBytes - cell.SentBytes);
        if (applied.More?.Failure is { } failure)
        {
            Stop(cell, cell.Failing ?? failure);
            return;
        }

        cell.Applied = Math.Max(cell.Applied, applied.Position);
        AnswerCommands(cell, applied);
        cell.SentAgain = false;
        if (cell.Failing is { } failing)
        {
            Stop(cell, failing);
            return;
        }

        if (batch.Store && cell.Round is not null)
        {
            GrainCheckpoint.Stored(cell);
        }

        if (cell.Waiting is not null)
        {
            TellWaiting(cell);
        }

        if (cell.Pending is not null || cell.Round is not null)
        {
            Queue(cell);
        }
        else if (!recovering && MayGo(cell))
        {
            cells.Remove(cell);
        }
    }

    /// <summary>
    /// There are too many cells, and nothing of this one is needed. While inputs are replayed none goes, since a stored outbox may answer a later batch with what it answered an earlier one with, and only the cell knows that.
    /// </summary>
    private bool MayGo(GrainCell cell) =>
        cells.Count > parts.Options.ResidentActors && cell is { Idle: true, UnsavedSince: 0, Round: null, Waiting: null, Failure: null } && cell.EffectsAt <= parts.Journal.DurablePosition;

    /// <summary>Appends what the turns asked for, but for what was appended when an earlier answer brought it.</summary>
    private void TakeEffects(GrainCell cell, byte[] effects)
    {
        Span<byte> rest = effects;
        long through = cell.EffectsThrough;
        while (rest.Length > 0)
        {
            ReadOnlySpan<byte> readable = rest;
            _ = Record.Next(ref readable);
            Span<byte> record = rest[..(rest.Length - readable.Length)];
            rest = rest[record.Length..];
            Cause cause = EffectRecord.CauseOf(record);
            if (cause.Position <= cell.EffectsThrough)
            {
                continue;
            }

            through = Math.Max(through, cause.Position);
            if (Record.KindOf(record) == InputKind.LookedUp)
            {
                AnswerLookUp(cell, record, cause);
            }

            if (!recovering)
            {
                outgoing.WriteRaw(record);
            }
            else if (!met.Remove((cause.Position, cause.Index)))
            {
                held.Hold(cause, record);
            }
        }

        cell.EffectsThrough = through;
        if (outgoing.Length > 0)
        {
            parts.Journal.AppendInternal(outgoing.Written);
            outgoing.Clear();
            cell.EffectsAt = parts.Journal.End;
        }
    }

    private void AnswerLookUp(GrainCell cell, Span<byte> record, Cause cause)
    {
        ByteReader body = new(record[Record.HeaderBytes..]);
        _ = Cause.Read(ref body);
        _ = body.ReadBool();
        _ = Origin.Read(ref body);
        ReadingElement reading = ReadingElement.Read(body.Rest);
        EffectRecord.Answer(record, history.Contains(ReadingHistory.Identity(cell.Hash, reading.Header.IdHash), ReadingHistory.Order(cause.Position, cause.Element)));
    }

    /// <summary>Answers the commands that were applied: what they asked for has a position now.</summary>
    private void AnswerCommands(GrainCell cell, in Applied applied)
    {
        while (cell.Commands is { } commands && commands.TryPeek(out long position) && position <= applied.Position)
        {
            commands.Dequeue();
            Reply? reply = null;
            foreach (CommandAnswer answer in applied.More?.Answers ?? [])
            {
                if (answer.Position == position)
                {
                    reply = new Reply((ReplyStatus)answer.Status, answer.Text, answer.Allowed, answer.Made);
                }
            }

            if (reply is null && cell.SentAgain)
            {
                // Nobody knows whether it was done or refused: saying either might be wrong.
                parts.Commands.Take(position)?.TrySetException(new HostUnavailableException("The command was handled, but the answer to it was lost. Look at what it was about before sending it again."));
            }
            else
            {
                parts.Commands.Take(position)?.TrySetResult(new CommandResult(reply, parts.Journal.End));
            }
        }
    }

    private void Stop(GrainCell cell, string failure)
    {
        checkpoint.Freeze(cell);
        cell.Failure = failure;
        Stopped ??= failure;
        Log.ActorStopped(logger, failure);
        waitingBytes -= cell.Pending?.Length ?? 0;
        cell.Pending = null;
        if (cell.Round is not null)
        {
            GrainCheckpoint.Stored(cell);
        }

        while (cell.Commands is { } commands && commands.TryDequeue(out long position))
        {
            parts.Commands.Take(position)?.TrySetException(new InvalidOperationException(failure));
        }

        foreach ((_, TaskCompletionSource<long> reached) in cell.Waiting ?? [])
        {
            reached.TrySetException(new HostUnavailableException(failure));
        }

        cell.Waiting = null;
    }

    private static void TellWaiting(GrainCell cell)
    {
        cell.Waiting!.RemoveAll(waiting =>
        {
            bool reached = waiting.Position <= cell.Applied || (cell.Outstanding is null && cell.Pending is null);
            if (reached)
            {
                waiting.Reached.TrySetResult(cell.Applied);
            }

            return reached;
        });
        if (cell.Waiting.Count == 0)
        {
            cell.Waiting = null;
        }
    }

    private readonly record struct Answer(GrainCell Cell, Applied Applied, Exception? Error);
}
