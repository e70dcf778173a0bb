using Streaming.Models.Encoding;

namespace Streaming.Silo.Journal.Archives;

/// <summary>
/// Reads the records of an archive in the order of their positions, putting together what lies in several sections: each stream's records, and with each the raw payload where that is still kept.
/// What retention dropped is passed over, so a run of records ends where one is missing.
/// </summary>
internal sealed class ArchiveRecords
{
    private readonly ArchiveReader archive;
    private readonly Cursor[] decoded;
    private readonly Cursor[] raw;
    private readonly ByteWriter run = new(SiloLimits.ArchiveFrameBytes * 2);

    /// <param name="archive">Read by this alone as long as this is used.</param>
    /// <param name="from">The first position wanted.</param>
    public ArchiveRecords(ArchiveReader archive, long from)
    {
        this.archive = archive;
        decoded = [.. Enumerable.Range(0, Streams.Count).Select(stream => new Cursor(archive, new ArchiveSection((JournalStream)stream, raw: false), from))];
        raw = [.. Enumerable.Range(0, Streams.Count).Select(stream => new Cursor(archive, new ArchiveSection((JournalStream)stream, raw: true), from))];
    }

    /// <summary>The next run of records, without a gap; false where there is none. The bytes are valid until the next call.</summary>
    public bool TryRead(out ReadOnlySpan<byte> records, out long firstPosition, out int count)
    {
        run.Clear();
        firstPosition = 0;
        count = 0;
        while (run.Length < SiloLimits.ArchiveRunBytes)
        {
            int stream = Next();
            if (stream < 0 || (count > 0 && decoded[stream].Position != firstPosition + count))
            {
                break;
            }

            if (count == 0)
            {
                firstPosition = decoded[stream].Position;
            }

            Write(stream);
            count++;
        }

        records = run.Written;
        return count > 0;
    }

    /// <summary>The stream whose next record is the oldest; -1 where all are at their end.</summary>
    private int Next()
    {
        int found = -1;
        long least = long.MaxValue;
        for (int stream = 0; stream < decoded.Length; stream++)
        {
            if (decoded[stream].Position < least)
            {
                least = decoded[stream].Position;
                found = stream;
            }
        }

        return found;
    }

    private void Write(int stream)
    {
        Cursor cursor = decoded[stream];
        if (cursor.Splits && raw[stream].MoveTo(cursor.Position))
        {
            RecordParts.WriteWithRaw(cursor.Body, raw[stream].Body, run);
        }
        else if (cursor.Splits && archive.Header.Sections[new ArchiveSection((JournalStream)stream, raw: true).Number].Dropped is false)
        {
            throw ArchiveReader.Damaged(archive.Name, archive.Header.DirectoryOffset, $"the raw payload of position {cursor.Position} is not there.");
        }
        else
        {
            run.WriteRaw(cursor.Body);
        }

        cursor.MoveNext();
    }

    /// <summary>Goes through one section.</summary>
    private sealed class Cursor
    {
        private readonly ArchiveReader archive;
        private readonly FrameContent content = new();
        private readonly int end;
        private int frame;
        private int record;

        public Cursor(ArchiveReader archive, ArchiveSection section, long from)
        {
            this.archive = archive;
            end = archive.FramesOf(section).End.Value;
            frame = archive.FrameAt(section, from, orNext: true);
            if (frame < 0)
            {
                frame = end;
            }

            Enter();
            MoveTo(from);
        }

        /// <summary>Of the record that the cursor is at; behind all positions at the end.</summary>
        public long Position { get; private set; }

        public ReadOnlySpan<byte> Body => content.Body(record);

        public bool Splits => content.Splits(record);

        public void MoveNext()
        {
            record++;
            if (record == content.Records)
            {
                frame++;
                Enter();
            }
            else
            {
                Position = content.Positions[record];
            }
        }

        /// <summary>Goes on to a position, or the first behind it; true where it is there.</summary>
        public bool MoveTo(long position)
        {
            while (Position < position)
            {
                MoveNext();
            }

            return Position == position;
        }

        private void Enter()
        {
            record = 0;
            if (frame >= end)
            {
                Position = long.MaxValue;
                return;
            }

            archive.Load(frame, content);
            Position = content.Positions[0];
        }
    }
}
