using Streaming.Grains;
using Streaming.Grains.Inputs;
using Streaming.Grains.Turns;
using Streaming.Models.Encoding;

namespace Streaming.Silo.Host;

/// <summary>What turns ask for: records named by their cause, appended when the turns are over, or held while their inputs are replayed.</summary>
internal sealed partial class Worker
{
    private void MeetEffect(scoped in Record record)
    {
        if (recovering)
        {
            ByteReader body = new(record.Body);
            Cause cause = Cause.Read(ref body);
            if (owned[cause.Partition])
            {
                held.Strike(cause);
            }
        }
    }

    /// <summary>Writes what the turn asked for as records named by their cause.</summary>
    private void Collect(ActorCell cell, scoped in ActorInput input, scoped in Record record, long position, ulong identity)
    {
        if (record.Depth >= GrainLimits.ChainDepth)
        {
            throw new InvalidOperationException($"A chain of turns is longer than {GrainLimits.ChainDepth}: two actors tell each other without end.");
        }

        byte depth = (byte)(record.Depth + 1);
        for (int i = 0; i < effects.Items.Count; i++)
        {
            Effect effect = effects.Items[i];
            Cause cause = Cause.Of(position, input.Element, i, cell.Partition);
            int start = EffectRecord.Write(outgoing, effect, effects.Payload, cause, depth, input.Reading, input.Origin);
            if (effect.Kind == EffectKind.LookUp)
            {
                EffectRecord.Answer(outgoing.At(start, outgoing.Length - start), history.Contains(identity, ReadingHistory.Order(position, input.Element)));
            }

            if (position <= parts.Journal.RecoveredEnd)
            {
                held.Hold(cause, outgoing.Written[start..]);
                outgoing.Truncate(start);
            }
        }
    }

    /// <summary>
    /// The other host stores what a turn asked for with its state, before the journal has it. Such a turn is not run again; what its state carries of it is held as if it had been.
    /// </summary>
    private void HoldOutbox(ActorCell cell, long position, int element, ulong identity)
    {
        if (!recovering || cell.Outbox is not { } outbox)
        {
            return;
        }

        foreach (OutboxEntry entry in outbox)
        {
            if (entry.Cause.Position == position && entry.Cause.Element == element)
            {
                if (Record.KindOf(entry.Record) == InputKind.LookedUp)
                {
                    EffectRecord.Answer(entry.Record, history.Contains(identity, ReadingHistory.Order(position, element)));
                }

                held.Hold(entry.Cause, entry.Record);
            }
        }
    }

    /// <summary>Appends what the turns so far asked for, and answers the commands among them: their effects have positions now.</summary>
    private void SendOutgoing()
    {
        if (outgoing.Length > 0)
        {
            parts.Journal.AppendInternal(outgoing.Written);
            outgoing.Clear();
        }

        if (answers.Count > 0)
        {
            long end = parts.Journal.End;
            foreach ((TaskCompletionSource<CommandResult> answer, Reply? reply) in answers)
            {
                answer.TrySetResult(new CommandResult(reply, end));
            }

            answers.Clear();
        }
    }

    private bool TryFinishRecovery()
    {
        if (!parts.Replayed || handled < parts.Journal.RecoveredEnd)
        {
            return false;
        }

        if (held.Count > 0)
        {
            Log.EffectsAppended(logger, Name, held.Count);
            foreach (byte[] record in held.Remaining())
            {
                outgoing.WriteRaw(record);
            }

            held.Clear();
            SendOutgoing();
        }

        Volatile.Write(ref recovering, false);
        return true;
    }
}
