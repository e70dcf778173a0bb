using System.Buffers.Binary;
using Streaming.Models.Encoding;

namespace Streaming.Silo.Journal.Archives;

/// <summary>
/// Reads one archive: its frames, and which records concern a subject. It holds the file open, so an archive that is dropped or replaced meanwhile is read on as it was. Used by one thread at a time.
/// </summary>
internal sealed class ArchiveReader : IDisposable
{
    private readonly IDiskFile file;
    private readonly int[] sectionStarts = new int[Streams.Sections + 1];
    private ArchiveFrame[]? frames;
    private byte[] stored = [];
    private byte[] pages = [];

    private ArchiveReader(IDiskFile file, string name, ArchiveHeader header)
    {
        this.file = file;
        Name = name;
        Header = header;
    }

    public string Name { get; }

    public ArchiveHeader Header { get; }

    /// <summary>The directory: by section, then by position. Read when it is first asked for.</summary>
    public ReadOnlySpan<ArchiveFrame> Frames => frames ?? ReadDirectory();

    /// <summary>Opens an archive. Throws <see cref="FileNotFoundException"/> where it is gone and <see cref="JournalDamagedException"/> where its header is not sound.</summary>
    public static ArchiveReader Open(IDisk disk, string name)
    {
        IDiskFile file = disk.Open(name);
        try
        {
            return new ArchiveReader(file, name, ReadHeader(file, name));
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    /// <summary>The header of an archive, which is to have this name and its length.</summary>
    public static ArchiveHeader ReadHeader(IDiskFile file, string name)
    {
        Span<byte> bytes = stackalloc byte[ArchiveLayout.HeaderBytes];
        string? flaw = ArchiveHeader.Read(bytes[..file.Read(0, bytes)], out ArchiveHeader? header);
        if (flaw is null && header!.Name != name)
        {
            flaw = $"its header says that it begins at position {header.FirstPosition}, its name says otherwise.";
        }

        if (flaw is null && header!.FileBytes != file.Length)
        {
            flaw = $"the file has {file.Length} bytes; its header says {header.FileBytes}.";
        }

        return flaw is null ? header! : throw Damaged(name, 0, flaw);
    }

    public static JournalStream StreamOf(uint place) => (JournalStream)(place & ((1 << ArchiveLayout.StreamBits) - 1));

    public long PositionOf(uint place) => Header.FirstPosition + (place >> ArchiveLayout.StreamBits);

    /// <summary>The frames of a section: their places in the directory.</summary>
    public Range FramesOf(ArchiveSection section)
    {
        _ = Frames;
        return sectionStarts[section.Number]..sectionStarts[section.Number + 1];
    }

    /// <summary>The frame of a section that holds a position, or -1; the first that ends behind it where <paramref name="orNext"/>.</summary>
    public int FrameAt(ArchiveSection section, long position, bool orNext = false)
    {
        ReadOnlySpan<ArchiveFrame> all = Frames;
        (int low, int high) = (sectionStarts[section.Number], sectionStarts[section.Number + 1]);
        int end = high;
        while (low < high)
        {
            int middle = (low + high) / 2;
            if (all[middle].LastPosition < position)
            {
                low = middle + 1;
            }
            else
            {
                high = middle;
            }
        }

        return low < end && (orNext || all[low].FirstPosition <= position) ? low : -1;
    }

    /// <summary>Reads a frame into <paramref name="content"/>, unless it is there already.</summary>
    public void Load(int number, FrameContent content)
    {
        if (content.Number == number)
        {
            return;
        }

        ArchiveFrame frame = Frames[number];
        string? flaw = content.Load(number, frame, Stored(frame));
        if (flaw is not null)
        {
            throw Damaged(Name, frame.Offset, flaw);
        }
    }

    /// <summary>A frame's bytes as they are in the file, their checksum being right. Valid until the next call.</summary>
    public ReadOnlySpan<byte> Stored(in ArchiveFrame frame)
    {
        if (stored.Length < frame.StoredBytes)
        {
            stored = GC.AllocateUninitializedArray<byte>(frame.StoredBytes);
        }

        Span<byte> bytes = stored.AsSpan(0, frame.StoredBytes);
        return file.Read(frame.Offset, bytes) == bytes.Length && Crc32C.Append(0, bytes) == frame.Crc
            ? bytes
            : throw Damaged(Name, frame.Offset, "the frame was changed (its checksum does not match).");
    }

    /// <summary>
    /// The places of the records that concern a subject, in ascending order; none where no record does. Hashes are spread evenly, so where one stands is known to within the square root of how many
    /// there are, and one short read finds it.
    /// </summary>
    public bool TryFind(ulong hash, List<uint> places)
    {
        places.Clear();
        int count = Header.Subjects;
        if (count == 0)
        {
            return false;
        }

        int spread = 2 + (int)Math.Sqrt(count);
        (int low, int high) = (0, count);
        int guess = (int)Math.BigMul(hash, (ulong)count, out _);
        while (low < high)
        {
            int first = Math.Clamp(guess - spread, low, high - 1);
            int last = Math.Clamp(guess + spread, first, high - 1);

            // One entry more, as it says where the list before it ends.
            int read = Math.Min(last + 2, count) - first;
            ReadOnlySpan<byte> entries = ReadPages(Header.SubjectsOffset, (long)count * ArchiveLayout.SubjectEntryBytes, (long)first * ArchiveLayout.SubjectEntryBytes, read * ArchiveLayout.SubjectEntryBytes);
            if (HashAt(entries, 0) > hash)
            {
                high = first;
            }
            else if (HashAt(entries, last - first) < hash)
            {
                low = last + 1;
            }
            else
            {
                return TryFindIn(entries, last - first + 1, hash, places);
            }

            guess = (low + high) / 2;
        }

        return false;
    }

    /// <summary>Calls back with every subject and place of the index, subjects in ascending order of their hash.</summary>
    public void VisitIndex(Action<ulong, uint> visit)
    {
        const int AtOnce = 4096;
        List<uint> places = [];
        long entryBytes = (long)Header.Subjects * ArchiveLayout.SubjectEntryBytes;
        byte[] entries = [];
        for (int first = 0; first < Header.Subjects; first += AtOnce)
        {
            int count = Math.Min(AtOnce, Header.Subjects - first);
            int read = Math.Min(count + 1, Header.Subjects - first);
            entries = ReadPages(Header.SubjectsOffset, entryBytes, (long)first * ArchiveLayout.SubjectEntryBytes, read * ArchiveLayout.SubjectEntryBytes).ToArray();
            for (int i = 0; i < count; i++)
            {
                places.Clear();
                ReadList(ListAt(entries, i), i + 1 < read ? ListAt(entries, i + 1) : Header.ListBytes, places);
                foreach (uint place in places)
                {
                    visit(HashAt(entries, i), place);
                }
            }
        }
    }

    /// <summary>True where the index has exactly these bytes.</summary>
    public bool HasIndex(ReadOnlySpan<byte> entries, ReadOnlySpan<byte> lists) =>
        entries.Length == (long)Header.Subjects * ArchiveLayout.SubjectEntryBytes && lists.Length == Header.ListBytes
        && Has(Header.SubjectsOffset, entries) && Has(Header.ListsOffset, lists);

    /// <summary>Reads every byte and holds it against the checksums. Throws <see cref="JournalDamagedException"/> where one does not match.</summary>
    public void CheckBytes(CancellationToken cancellation = default)
    {
        const int AtOnce = 64 * Pages.ContentBytes;
        foreach (ArchiveFrame frame in Frames)
        {
            cancellation.ThrowIfCancellationRequested();
            _ = Stored(frame);
        }

        foreach ((long offset, long bytes) in new[] { (Header.SubjectsOffset, (long)Header.Subjects * ArchiveLayout.SubjectEntryBytes), (Header.ListsOffset, Header.ListBytes) })
        {
            for (long at = 0; at < bytes; at += AtOnce)
            {
                _ = ReadPages(offset, bytes, at, (int)Math.Min(AtOnce, bytes - at));
            }
        }
    }

    public void Dispose() => file.Dispose();

    public static JournalDamagedException Damaged(string file, long offset, string flaw) =>
        new(file, offset, flaw, "Restore this file from a copy of the directory, or run `verify` on it to see all of the damage.");

    private static ulong HashAt(ReadOnlySpan<byte> entries, int index) => BinaryPrimitives.ReadUInt64LittleEndian(entries[(index * ArchiveLayout.SubjectEntryBytes)..]);

    private static uint ListAt(ReadOnlySpan<byte> entries, int index) => BinaryPrimitives.ReadUInt32LittleEndian(entries[((index * ArchiveLayout.SubjectEntryBytes) + 8)..]);

    private bool TryFindIn(ReadOnlySpan<byte> entries, int count, ulong hash, List<uint> places)
    {
        (int low, int high) = (0, count);
        while (low < high)
        {
            int middle = (low + high) / 2;
            if (HashAt(entries, middle) < hash)
            {
                low = middle + 1;
            }
            else
            {
                high = middle;
            }
        }

        if (low == count || HashAt(entries, low) != hash)
        {
            return false;
        }

        long end = (low + 1) * ArchiveLayout.SubjectEntryBytes < entries.Length ? ListAt(entries, low + 1) : Header.ListBytes;
        ReadList(ListAt(entries, low), end, places);
        return true;
    }

    private void ReadList(long from, long end, List<uint> places)
    {
        if (from >= end || end > Header.ListBytes)
        {
            throw Damaged(Name, Header.ListsOffset, "the index contradicts itself.");
        }

        ByteReader list = new(ReadPages(Header.ListsOffset, Header.ListBytes, from, (int)(end - from)));
        uint place = 0;
        while (!list.AtEnd)
        {
            place += (uint)list.ReadVar();
            places.Add(place);
        }
    }

    private bool Has(long offset, ReadOnlySpan<byte> content)
    {
        for (int at = 0; at < content.Length; at += Pages.ContentBytes)
        {
            int count = Math.Min(Pages.ContentBytes, content.Length - at);
            if (!ReadPages(offset, content.Length, at, count).SequenceEqual(content.Slice(at, count)))
            {
                return false;
            }
        }

        return true;
    }

    private ReadOnlySpan<byte> ReadPages(long offset, long contentBytes, long from, int count) =>
        Pages.TryRead(file, offset, contentBytes, from, count, ref pages, out ReadOnlySpan<byte> bytes, out long damagedAt)
            ? bytes
            : throw Damaged(Name, damagedAt, "the index was changed (its checksum does not match).");

    private ReadOnlySpan<ArchiveFrame> ReadDirectory()
    {
        byte[] bytes = GC.AllocateUninitializedArray<byte>(checked(Header.Frames * ArchiveLayout.FrameEntryBytes));
        if (file.Read(Header.DirectoryOffset, bytes) != bytes.Length || Crc32C.Append(0, bytes) != Header.DirectoryCrc)
        {
            throw Damaged(Name, Header.DirectoryOffset, "the directory of frames was changed (its checksum does not match).");
        }

        ArchiveFrame[] read = new ArchiveFrame[Header.Frames];
        for (int i = 0; i < read.Length; i++)
        {
            ArchiveFrame frame = ArchiveFrame.Read(bytes.AsSpan(i * ArchiveLayout.FrameEntryBytes));
            if (frame.Section.Number >= Streams.Sections || frame.Records <= 0 || frame.StoredBytes <= 0 || frame.Bytes < frame.Records
                || frame.Offset < ArchiveLayout.HeaderBytes || frame.Offset + frame.StoredBytes > Header.DirectoryOffset || (i > 0 && ArchiveFrame.Compare(read[i - 1], frame) >= 0))
            {
                throw Damaged(Name, Header.DirectoryOffset, "the directory of frames contradicts itself.");
            }

            read[i] = frame;
        }

        for (int section = 0, at = 0; section <= Streams.Sections; section++)
        {
            while (at < read.Length && read[at].Section.Number < section)
            {
                at++;
            }

            sectionStarts[section] = at;
        }

        frames = read;
        return read;
    }
}
