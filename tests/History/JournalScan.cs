using System.Buffers.Binary;
using Streaming.Grains.Inputs;
using Streaming.Grains.Turns;
using Streaming.Silo.History;
using Streaming.Silo.Journal;

namespace Streaming.Tests.History;

/// <summary>
/// History by reading the journal from end to end and picking: nothing to keep beside it, and as slow as it is long. What has an index is held against this.
/// Called from any thread: it reads files that only grow, up to what is durable.
/// </summary>
/// <param name="journal">The journal.</param>
/// <param name="window">Positions that reading from the end reads at a time, and so the most records it holds at once.</param>
internal sealed class JournalScan(InputJournal journal, int window = 65_536) : ISubjectHistory
{
    public HistoryReach Reach(ActorKind kind)
    {
        long first = journal.FirstPosition;
        if (first > journal.DurablePosition)
        {
            return new HistoryReach(first, 0);
        }

        using JournalReplay read = journal.Read(first, first);
        return read.TryRead(out _, out ReadOnlySpan<byte> records) ? new HistoryReach(first, Record.Next(ref records).TimeMs) : new HistoryReach(first, 0);
    }

    public IEnumerable<SubjectRecord> Read(ActorKind kind, string key, long from, long through, bool newestFirst, CancellationToken cancellation)
    {
        from = Math.Max(from, journal.FirstPosition);
        through = Math.Min(through, journal.DurablePosition);
        ulong hash = Partition.HashOf(kind, key);
        return newestFirst ? Backward(hash, from, through, cancellation) : Forward(hash, from, through, cancellation);
    }

    public long PositionAt(long timeMs)
    {
        long durable = journal.DurablePosition;
        long first = journal.FirstPosition;
        long found = first - 1;
        if (first > durable)
        {
            return Math.Max(found, 0);
        }

        using JournalReplay read = journal.Read(first, durable);
        while (read.TryRead(out BlockHeader header, out ReadOnlySpan<byte> records))
        {
            for (long position = header.FirstPosition; records.Length > 0; position++)
            {
                if (Record.Next(ref records).TimeMs > timeMs || position > durable)
                {
                    return found;
                }

                found = Math.Max(found, position);
            }
        }

        return found;
    }

    private IEnumerable<SubjectRecord> Forward(ulong hash, long from, long through, CancellationToken cancellation)
    {
        if (from > through)
        {
            yield break;
        }

        using JournalReplay read = journal.Read(from, through);
        List<SubjectRecord> found = [];
        while (PickBlock(read, hash, from, through, found))
        {
            cancellation.ThrowIfCancellationRequested();
            foreach (SubjectRecord record in found)
            {
                yield return record;
            }

            found.Clear();
        }
    }

    private IEnumerable<SubjectRecord> Backward(ulong hash, long from, long through, CancellationToken cancellation)
    {
        List<SubjectRecord> found = [];
        for (long last = through; last >= from; last -= window)
        {
            long first = Math.Max(from, last - window + 1);
            using (JournalReplay read = journal.Read(first, last))
            {
                while (PickBlock(read, hash, first, last, found))
                {
                    cancellation.ThrowIfCancellationRequested();
                }
            }

            for (int i = found.Count - 1; i >= 0; i--)
            {
                yield return found[i];
            }

            found.Clear();
        }
    }

    private static bool PickBlock(JournalReplay read, ulong hash, long from, long through, List<SubjectRecord> found)
    {
        if (!read.TryRead(out BlockHeader header, out ReadOnlySpan<byte> records))
        {
            return false;
        }

        List<ulong> hashes = [];
        for (long position = header.FirstPosition; records.Length > 0; position++)
        {
            ReadOnlySpan<byte> record = records[..(4 + BinaryPrimitives.ReadInt32LittleEndian(records))];
            records = records[record.Length..];
            if (position < from || position > through)
            {
                continue;
            }

            hashes.Clear();
            RecordSubjects.Collect(record, hashes);
            if (hashes.Contains(hash))
            {
                found.Add(new SubjectRecord(position, record.ToArray()));
            }
        }

        return true;
    }
}
