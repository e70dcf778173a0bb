using System.Buffers.Binary;
using Streaming.Grains.Inputs;
using Streaming.Grains.Turns;
using Streaming.Silo.History;
using Streaming.Silo.Views;

namespace Streaming.Tests.Views;

/// <summary>History over a journal in memory.</summary>
internal sealed class RecordHistory(Func<RecordSource> source) : ISubjectHistory
{
    public HistoryReach Reach(ActorKind kind) => new(1, RecordSource.TimeMs);

    public IEnumerable<SubjectRecord> Read(ActorKind kind, string key, long from, long through, bool newestFirst, CancellationToken cancellation)
    {
        ulong hash = Partition.HashOf(kind, key);
        List<SubjectRecord> found = [];
        foreach ((long position, byte[] record) in All())
        {
            List<ulong> hashes = [];
            RecordSubjects.Collect(record, hashes);
            if (position >= from && position <= through && hashes.Contains(hash))
            {
                found.Add(new SubjectRecord(position, record));
            }
        }

        if (newestFirst)
        {
            found.Reverse();
        }

        return found;
    }

    public long PositionAt(long timeMs) => All().Where(record => Timed(record.Record) <= timeMs).Select(record => record.Position).DefaultIfEmpty(0).Max();

    private static long Timed(ReadOnlySpan<byte> record) => Record.Next(ref record).TimeMs;

    private List<(long Position, byte[] Record)> All()
    {
        List<(long, byte[])> all = [];
        IRecordSource reader = source().Follow();
        while (reader.TryRead(out ReadOnlySpan<byte> records, out long position, out _))
        {
            for (; records.Length > 0; position++)
            {
                ReadOnlySpan<byte> record = records[..(4 + BinaryPrimitives.ReadInt32LittleEndian(records))];
                records = records[record.Length..];
                all.Add((position, record.ToArray()));
            }
        }

        return all;
    }
}
