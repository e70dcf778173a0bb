using Streaming.Grains.Inputs;
using Streaming.Grains.Messages;
using Streaming.Grains.Turns;
using Streaming.Models.Encoding;
using Streaming.Silo.Host;
using Streaming.Silo.Journal;

namespace Streaming.Silo.Orleans;

/// <summary>From the journal to the cells: which grain an input is for.</summary>
internal sealed partial class GrainTurns
{
    /// <summary>Grains that lost what they had applied, and from which position they need it again.</summary>
    private readonly Dictionary<GrainCell, long> behind = [];

    /// <summary>Bodies of messages that a record does not hold as such.</summary>
    private readonly ByteWriter body = new(64);

    private void Route(ReadOnlySpan<byte> records, long first)
    {
        long position = first;
        while (records.Length > 0)
        {
            Record record = Record.Next(ref records);
            Note(record, position);
            Route(record, position, null);
            Volatile.Write(ref routed, position);
            position++;
        }
    }

    /// <summary>What a record means for the host itself.</summary>
    private void Note(scoped in Record record, long position)
    {
        switch (record.Kind)
        {
            case InputKind.Rules:
                parts.TakeRulebook(position, record.Body);
                KeepRulebook(position, record.Body);
                break;
            case InputKind.Reminder:
                ByteReader addressed = new(record.Body);
                AddressedRecord reminder = AddressedRecord.Read(ref addressed);
                (string name, long dueMs) = ReminderRecord.Read(reminder.Body);
                if (cells.Find(reminder.ActorKind, reminder.Key, Partition.HashOf(reminder.ActorKind, reminder.Key))?.Failure is not null)
                {
                    // An actor that stopped keeps its reminders: they are due at every sweep, and one record is enough.
                    break;
                }

                lock (firingGate)
                {
                    firing.Remove((new ActorId(reminder.ActorKind, System.Text.Encoding.UTF8.GetString(reminder.Key)), name, dueMs));
                }

                break;
            case InputKind.Told or InputKind.Shown or InputKind.LookedUp when recovering:
                ByteReader effect = new(record.Body);
                Cause cause = Cause.Read(ref effect);
                if (!held.Strike(cause))
                {
                    met.Add((cause.Position, cause.Index));
                }

                break;
            default:
                break;
        }
    }

    /// <summary>Gives the record's inputs to their cells; where <paramref name="only"/> is given, to those of them that still need it.</summary>
    private void Route(scoped in Record record, long position, Dictionary<GrainCell, Again>? only)
    {
        RecordInputs inputs = new(record, body);
        while (inputs.MoveNext())
        {
            ActorInput input = inputs.Current;
            ulong hash = Partition.HashOf(input.ActorKind, input.Key);
            if (Open(input.ActorKind, input.Key, hash, position, only, record.Kind == InputKind.Command) is { } writer)
            {
                int before = writer.Length;
                InputEntry.Write(writer, position, record, input);
                Count(writer.Length - before, only);
            }

            if (input is { Kind: MessageKind.Reading, SeenBefore: null } && only is null)
            {
                history.Add(ReadingHistory.Identity(hash, input.Reading.Header.IdHash), ReadingHistory.Order(position, input.Element), input.Reading.Header.AtMs);
            }
        }
    }

    /// <summary>What waits for grains is bounded: past it the journal is not read on, and its own bound makes intake wait.</summary>
    private void Count(int bytes, Dictionary<GrainCell, Again>? only) => waitingBytes += only is null ? bytes : 0;

    /// <summary>Where an input for the actor is to be written; null where it is not wanted.</summary>
    private ByteWriter? Open(ActorKind kind, ReadOnlySpan<byte> key, ulong hash, long position, Dictionary<GrainCell, Again>? only, bool command = false)
    {
        GrainCell? cell = cells.Find(kind, key, hash);
        if (only is not null)
        {
            return cell is not null && only.TryGetValue(cell, out Again? again) && position > again.From && position <= cell.SentThrough ? again.Add(position) : null;
        }

        if (cell is null)
        {
            cell = new GrainCell(kind, key.ToArray(), hash, ActorGrains.Find(grains!, kind, System.Text.Encoding.UTF8.GetString(key)));
            cells.Add(cell);
        }

        if (command && !recovering)
        {
            if (cell.Failure is not null)
            {
                parts.Commands.Take(position)?.TrySetException(new HostUnavailableException(cell.Failure));
            }
            else
            {
                (cell.Commands ??= []).Enqueue(position);
            }
        }

        if (cell.Failure is not null)
        {
            // The journal keeps what it does not get.
            return null;
        }

        if (cell.Pending is null)
        {
            cell.Pending = writers.TryPop(out ByteWriter? writer) ? writer : new ByteWriter(512);
            cell.PendingFirst = position;
        }

        cell.Through = position;
        checkpoint.Touch(cell, position);
        Queue(cell);
        return cell.Pending;
    }

    private void KeepRulebook(long position, ReadOnlySpan<byte> json)
    {
        StateBatch batch = new() { UnsavedSince = position, NeedsDurable = position, Saved = () => rulebooksSaved.Enqueue(position) };
        batch.Rulebooks.Add((position, json.ToArray()));
        rulebooksUnderWay.Add(position);
        checkpoints.Send(batch);
    }

    /// <summary>Reads the journal once more for the grains that are behind, and sends them what they lost together with what they had been sent.</summary>
    private bool Refeed()
    {
        while (rulebooksSaved.TryDequeue(out long saved))
        {
            rulebooksUnderWay.Remove(saved);
        }

        if (behind.Count == 0)
        {
            return false;
        }

        // An actor that left no trace begins anew with every activation, however long ago its inputs were: what it needs begins where the cell says so.
        Dictionary<GrainCell, Again> again = behind.ToDictionary(pair => pair.Key, pair => new Again(pair.Value, Math.Max(pair.Value, pair.Key.NeededSince - 1)));
        behind.Clear();
        GrainCell[] needing = [.. again.Where(pair => pair.Value.From < pair.Key.SentThrough).Select(pair => pair.Key)];
        if (needing.Length > 0)
        {
            long from = needing.Min(cell => again[cell].From) + 1;
            long through = needing.Max(cell => cell.SentThrough);
            Log.Refeeding(logger, needing.Length, from);
            using JournalReplay read = parts.Journal.Read(from, through);
            while (read.TryRead(out BlockHeader header, out ReadOnlySpan<byte> records))
            {
                long position = header.FirstPosition;
                while (records.Length > 0)
                {
                    Record record = Record.Next(ref records);
                    if (position >= from && position <= through)
                    {
                        Route(record, position, again);
                    }

                    position++;
                }
            }
        }

        foreach ((GrainCell cell, Again inputs) in again)
        {
            cell.Applied = inputs.Applied;
            cell.Sent = inputs.Inputs;
            cell.SentAgain = true;
            cell.Outstanding = BatchOf(cell, inputs.First, cell.Outstanding!.Store || cell.Failing is not null, inputs.Inputs);
            _ = CallAsync(cell, cell.Outstanding);
        }

        return true;
    }

    /// <summary>Inputs that a grain gets again.</summary>
    /// <param name="applied">What it says it has applied.</param>
    /// <param name="from">The inputs behind this position are needed.</param>
    private sealed class Again(long applied, long from)
    {
        public long Applied => applied;

        public long From => from;

        public long First { get; private set; }

        public ByteWriter Inputs { get; } = new(4096);

        public ByteWriter Add(long position)
        {
            First = First == 0 ? position : First;
            return Inputs;
        }
    }
}
