using System.Buffers.Binary;
using Streaming.Silo.Journal;

namespace Streaming.Silo.History;

/// <summary>
/// Reads a whole recorded journal from the first record kept, in order, and changes nothing; a process may be running on the directory. It ends where the newest segment ended when that was read.
/// </summary>
/// <remarks>What looks wrong in a file that is being written to is looked at again, and at the newest end it is the block under way; anywhere else it is damage.</remarks>
internal sealed class RecordedJournal(IDisk disk)
{
    /// <summary>Runs of whole records and the position of the first of each. The bytes are valid until the next run is asked for.</summary>
    /// <exception cref="JournalDamagedException">The journal is not what was written.</exception>
    public IEnumerable<(long First, ReadOnlyMemory<byte> Records)> Runs()
    {
        string? name = NameAfter(null);
        long expected = 0;
        uint previousCrc = 0;
        byte[] copy = [];
        while (name is not null)
        {
            using SegmentReader reader = new(name, disk.Open(name));
            if (reader.ReadHeader() is { } flaw)
            {
                if (NameAfter(name) is null && expected != 0)
                {
                    yield break;
                }

                throw Damaged(reader, flaw);
            }

            if (expected != 0 && (reader.Header.FirstPosition != expected || reader.Header.PreviousCrc != previousCrc))
            {
                throw Damaged(reader, $"the segment does not follow position {expected - 1}.");
            }

            expected = reader.Header.FirstPosition;
            previousCrc = reader.Header.PreviousCrc;
            bool again = false;
            while (true)
            {
                if (TryRead(reader, ref expected, ref previousCrc, ref copy, out long first, out int bytes, out string wrong))
                {
                    again = false;
                    yield return (first, copy.AsMemory(0, bytes));
                    continue;
                }

                string? next = NameAfter(name);
                bool ends = next is null ? reader.FindDurable(reader.Offset, expected) < 0 : wrong.Length == 0;
                if (!again && (next is not null || !ends))
                {
                    // It may have been written to since it was read, up to the moment at which the next segment was begun.
                    again = true;
                    reader.Refresh();
                    continue;
                }

                if (!ends)
                {
                    throw Damaged(reader, wrong.Length > 0 ? wrong : $"after position {expected - 1} there are zeros, and then bytes that no block before them accounts for.");
                }

                if (next is null)
                {
                    yield break;
                }

                name = next;
                break;
            }
        }
    }

    /// <summary>Splits the first record off; the whole of it.</summary>
    public static ReadOnlyMemory<byte> Next(ref ReadOnlyMemory<byte> records)
    {
        ReadOnlyMemory<byte> record = records[..(4 + BinaryPrimitives.ReadInt32LittleEndian(records.Span))];
        records = records[record.Length..];
        return record;
    }

    private static bool TryRead(SegmentReader reader, ref long expected, ref uint previousCrc, ref byte[] copy, out long first, out int bytes, out string flaw)
    {
        first = expected;
        bytes = 0;
        if (reader.Read(expected, previousCrc, out BlockHeader header, out ReadOnlySpan<byte> records, out flaw) != BlockFound.Block)
        {
            return false;
        }

        if (copy.Length < records.Length)
        {
            copy = new byte[Math.Max(records.Length, 2 * copy.Length)];
        }

        records.CopyTo(copy);
        bytes = records.Length;
        expected = header.LastPosition + 1;
        previousCrc = header.Crc;
        return true;
    }

    private string? NameAfter(string? before) =>
        disk.List().FirstOrDefault(name => JournalLayout.TryParseSegmentName(name, out _) && string.CompareOrdinal(name, before) > 0);

    private static JournalDamagedException Damaged(SegmentReader reader, string flaw) =>
        new(reader.Name, reader.Offset, flaw, "Run verify on the directory to see all of the damage, and restore the files named from a copy.");
}
