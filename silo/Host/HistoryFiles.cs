using System.Buffers.Binary;
using System.Collections.Immutable;
using System.Globalization;
using System.Runtime.InteropServices;
using Streaming.Ingest;
using Streaming.Silo.Journal;

namespace Streaming.Silo.Host;

/// <summary>
/// Identities of past readings in immutable, sorted files, one per part, as long as the journal reaches back to them, and for some time beyond. Layout (little-endian):
/// <code>
/// "SHIST002" | u64 count | i64 first position | i64 last position | i64 newest time of a reading, ms | count x (u64 identity, i64 order), sorted by identity | u32 CRC-32C of all before | zeros to 8 bytes
/// </code>
/// "SHIST001", from before, has no newest time. A file is written under a temporary name, synced and renamed, so that it is whole or not there. Files are added and dropped by the checkpointer;
/// workers read the list through one volatile field, and a file in it is never changed.
/// </summary>
/// <remarks>
/// Once identities are dropped, a repeated reading of those cannot be told from a new one, so nothing as old is taken in any more (<see cref="SinceMs"/>). That is exact, without any trust in clocks: what is dropped holds no reading
/// that is newer by its own time. The order makes it safe. First the time is written down (an empty file whose name says it) and read by everyone who decodes; the files go only when everything that the journal held at that moment was
/// handled and saved, and <see cref="SiloLimits.HistoryGraceMs"/> later, so that no payload decoded before still waits to be appended. A crash between the two leaves files that are not needed any more, and the next run drops them.
/// </remarks>
internal sealed class HistoryFiles
{
    private const int HeaderBytes = 40;
    private const int FirstHeaderBytes = 32;
    private const int EntryBytes = 16;
    private const int EntriesPerPage = 256;
    private static readonly ulong Magic = BinaryPrimitives.ReadUInt64LittleEndian("SHIST002"u8);
    private static readonly ulong FirstMagic = BinaryPrimitives.ReadUInt64LittleEndian("SHIST001"u8);

    private const int TrailerBytes = 8;
    private const string SincePrefix = "since-";
    private const string SinceSuffix = ".mark";

    private readonly IDisk disk;

    /// <summary>Room for one part sorted and for a stretch of its file; the checkpointer's alone, and kept for the next.</summary>
    private readonly byte[] buffer = new byte[256 * 1024];
    private ulong[] identities = [];
    private readonly int[] places = new int[HistoryPart.Places + 1];
    private long[] orders = [];
    private ImmutableArray<HistoryFile> files = [];
    private long sinceMs = long.MinValue;
    private bool marked;

    /// <summary>When <see cref="sinceMs"/> was written down, and how far the journal was then; the files below it go when both are far enough behind.</summary>
    private (long NowMs, long End)? raised;

    /// <param name="disk">The directory of the files.</param>
    /// <param name="nowMs">Now. Files from before newest times were kept hold nothing that came in later.</param>
    public HistoryFiles(IDisk disk, long nowMs)
    {
        this.disk = disk;
        foreach (string name in disk.List())
        {
            if (name.EndsWith(".tmp", StringComparison.Ordinal))
            {
                disk.Delete(name);
            }
            else if (name.EndsWith(".idx", StringComparison.Ordinal))
            {
                files = files.Add(new HistoryFile(disk, name, nowMs + IngestLimits.FutureMs));
            }
            else if (name.EndsWith(SinceSuffix, StringComparison.Ordinal) && name.StartsWith(SincePrefix, StringComparison.Ordinal))
            {
                marked = true;
                sinceMs = Math.Max(sinceMs, long.Parse(name.AsSpan(SincePrefix.Length, name.Length - SincePrefix.Length - SinceSuffix.Length), NumberStyles.None, CultureInfo.InvariantCulture));
            }
        }
    }

    /// <summary>Of readings up to this time, ms since 1970, identities may be missing; 0 or less where all are kept. Read from any thread; it only rises.</summary>
    public long SinceMs => Volatile.Read(ref sinceMs);

    /// <summary>
    /// Before anything is taken in: a directory that never had a time written down gets one. Where the journal begins at its beginning, every identity there ever was is kept; where it does not, an earlier version dropped identities
    /// together with segments, and what came in before the oldest record kept may be among them.
    /// </summary>
    /// <param name="firstKept">First position that the journal keeps.</param>
    /// <param name="timeOfFirst">Time of that record, ms.</param>
    public void Adopt(long firstKept, Func<long> timeOfFirst)
    {
        if (!marked)
        {
            WriteDown(firstKept <= 1 ? 0 : timeOfFirst() + IngestLimits.FutureMs);
        }
    }

    /// <summary>Checks, newest first, as many files of a directory as have so many bytes, but one at least. A process may be running on it.</summary>
    /// <returns>How many files there are, how many were looked at, and what is wrong with which, with what to do.</returns>
    public static (int Files, int Looked, IReadOnlyList<string> Damages) Verify(IDisk disk, long bytes)
    {
        string[] names = [.. disk.List().Where(name => name.EndsWith(".idx", StringComparison.Ordinal)).OrderDescending(StringComparer.Ordinal)];
        List<string> damages = [];
        int looked = 0;
        foreach (string name in names)
        {
            try
            {
                HistoryFile file = new(disk, name, newestAtMs: 0);
                bytes -= file.Bytes;
                if (bytes < 0 && looked > 0)
                {
                    break;
                }

                file.Contains(0, 0);
                file.Close();
            }
            catch (InvalidDataException damage)
            {
                damages.Add(damage.Message);
            }
            catch (FileNotFoundException)
            {
                // Retired between listing and opening.
                continue;
            }

            looked++;
        }

        return (names.Length, looked, damages);
    }

    public bool Contains(ulong identity, long before)
    {
        foreach (HistoryFile file in files)
        {
            if (file.FirstPosition <= before >> HistoryPart.ElementBits && file.Contains(identity, before))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Writes one part and adds it to the list. Called by the checkpointer.</summary>
    public void Save(HistoryPart part, int worker)
    {
        if (identities.Length < part.Count)
        {
            identities = new ulong[part.Count];
            orders = new long[part.Count];
        }

        part.CopySorted(identities, orders, places);
        string name = string.Create(CultureInfo.InvariantCulture, $"history-{part.FirstPosition:D20}-{worker:D3}.idx");
        if (disk.List().Contains(name + ".tmp"))
        {
            disk.Delete(name + ".tmp");
        }

        using (IDiskFile file = disk.Create(name + ".tmp", HeaderBytes + ((long)part.Count * EntryBytes) + TrailerBytes))
        {
            Write(file, part);
            file.Sync();
        }

        if (disk.List().Contains(name))
        {
            // A run that ended before its checkpoint wrote the same part: what is replayed since is in the new one.
            foreach (HistoryFile earlier in files.Where(file => file.Name == name))
            {
                files = files.Remove(earlier);
                earlier.Close();
            }

            disk.Delete(name);
        }

        disk.Rename(name + ".tmp", name);
        disk.SyncDirectory();
        files = files.Add(new HistoryFile(disk, name, part.NewestAtMs));
    }

    /// <summary>Writes header, entries and checksum, a buffer at a time.</summary>
    private void Write(IDiskFile file, HistoryPart part)
    {
        Span<byte> header = buffer.AsSpan(0, HeaderBytes);
        BinaryPrimitives.WriteUInt64LittleEndian(header, Magic);
        BinaryPrimitives.WriteInt64LittleEndian(header[8..], part.Count);
        BinaryPrimitives.WriteInt64LittleEndian(header[16..], part.FirstPosition);
        BinaryPrimitives.WriteInt64LittleEndian(header[24..], part.LastPosition);
        BinaryPrimitives.WriteInt64LittleEndian(header[32..], part.NewestAtMs);
        file.Write(0, header);
        uint crc = Crc32C.Append(0, header);
        long offset = HeaderBytes;
        for (int next = 0; next < part.Count;)
        {
            int count = Math.Min(part.Count - next, buffer.Length / EntryBytes);
            for (int i = 0; i < count; i++)
            {
                BinaryPrimitives.WriteUInt64LittleEndian(buffer.AsSpan(i * EntryBytes), identities[next + i]);
                BinaryPrimitives.WriteInt64LittleEndian(buffer.AsSpan((i * EntryBytes) + 8), orders[next + i]);
            }

            ReadOnlySpan<byte> entries = buffer.AsSpan(0, count * EntryBytes);
            file.Write(offset, entries);
            crc = Crc32C.Append(crc, entries);
            offset += entries.Length;
            next += count;
        }

        Span<byte> trailer = buffer.AsSpan(0, TrailerBytes);
        trailer.Clear();
        BinaryPrimitives.WriteUInt32LittleEndian(trailer, crc);
        file.Write(offset, trailer);
    }

    /// <summary>Length of the header that a file begins with; null where it is none.</summary>
    private static int? HeaderOf(ReadOnlySpan<byte> bytes)
    {
        ulong magic = BinaryPrimitives.ReadUInt64LittleEndian(bytes);
        return magic == Magic ? HeaderBytes : magic == FirstMagic ? FirstHeaderBytes : null;
    }

    /// <summary>
    /// Drops the files of which the journal keeps nothing any more and whose readings are all older than <paramref name="keepMs"/>, in two steps: see the remarks. Called by the checkpointer, now and then.
    /// </summary>
    /// <param name="journal">First position that the journal keeps, first one that a replay would need, and the end.</param>
    /// <param name="nowMs">Now.</param>
    /// <param name="keepMs">Identities are kept for so long whatever the journal keeps.</param>
    public void Retire((long First, long ReplayFrom, long End) journal, long nowMs, long keepMs)
    {
        long newest = long.MinValue;
        foreach (HistoryFile file in files)
        {
            if (file.LastPosition < journal.First && file.NewestAtMs < nowMs - keepMs)
            {
                newest = Math.Max(newest, file.NewestAtMs);
            }
        }

        if (newest > sinceMs)
        {
            WriteDown(newest);
            raised = (nowMs, journal.End);
        }

        raised ??= (nowMs, journal.End);
        if (nowMs - raised.Value.NowMs < SiloLimits.HistoryGraceMs || journal.ReplayFrom <= raised.Value.End)
        {
            return;
        }

        foreach (HistoryFile file in files)
        {
            if (file.LastPosition < journal.First && file.NewestAtMs <= sinceMs)
            {
                files = files.Remove(file);
                file.Close();
                disk.Delete(file.Name);
            }
        }
    }

    /// <summary>Makes the time durable, then known; earlier ones go.</summary>
    private void WriteDown(long newestMs)
    {
        string name = string.Create(CultureInfo.InvariantCulture, $"{SincePrefix}{newestMs:D20}{SinceSuffix}");
        IReadOnlyList<string> before = disk.List();
        if (!before.Contains(name))
        {
            using IDiskFile file = disk.Create(name, TrailerBytes);
            file.Write(0, stackalloc byte[TrailerBytes]);
            file.Sync();
        }

        disk.SyncDirectory();
        marked = true;
        Volatile.Write(ref sinceMs, newestMs);
        foreach (string earlier in before)
        {
            if (earlier != name && earlier.EndsWith(SinceSuffix, StringComparison.Ordinal))
            {
                disk.Delete(earlier);
            }
        }
    }

    private sealed class HistoryFile
    {
        private readonly IDisk disk;
        private readonly Lock gate = new();
        private readonly long count;
        private readonly int headerBytes;
        private IDiskFile? open;
        private ulong[]? pages;
        private bool closed;

        public HistoryFile(IDisk disk, string name, long newestAtMs)
        {
            this.disk = disk;
            Name = name;
            using IDiskFile file = disk.Open(name);
            Bytes = file.Length;
            byte[] header = new byte[HeaderBytes];
            headerBytes = (file.Read(0, header) < HeaderBytes ? null : HeaderOf(header)) ?? throw Damaged("it is not a history file.");

            count = BinaryPrimitives.ReadInt64LittleEndian(header.AsSpan(8));
            FirstPosition = BinaryPrimitives.ReadInt64LittleEndian(header.AsSpan(16));
            LastPosition = BinaryPrimitives.ReadInt64LittleEndian(header.AsSpan(24));
            NewestAtMs = headerBytes == HeaderBytes ? BinaryPrimitives.ReadInt64LittleEndian(header.AsSpan(32)) : newestAtMs;
        }

        public string Name { get; }

        public long Bytes { get; }

        public long FirstPosition { get; }

        public long LastPosition { get; }

        /// <summary>None of its readings is newer by its own time, ms.</summary>
        public long NewestAtMs { get; }

        public bool Contains(ulong identity, long before)
        {
            // Several workers may ask at once; a lookup is rare and a page read short, so one at a time is enough.
            lock (gate)
            {
                if (closed)
                {
                    return false;
                }

                Load();
                int page = Array.BinarySearch(pages!, identity);
                page = page >= 0 ? page : ~page - 1;
                // Equal identities may begin on the page before the one that the search met.
                while (page > 0 && pages![page] == identity)
                {
                    page--;
                }

                Span<byte> bytes = stackalloc byte[EntriesPerPage * EntryBytes];
                for (page = Math.Max(page, 0); page < pages!.Length && pages[page] <= identity; page++)
                {
                    long first = (long)page * EntriesPerPage;
                    Span<byte> entries = bytes[..(int)(Math.Min(EntriesPerPage, count - first) * EntryBytes)];
                    open!.Read(headerBytes + (first * EntryBytes), entries);
                    foreach (ref readonly (ulong Identity, long Order) entry in MemoryMarshal.Cast<byte, (ulong, long)>(entries))
                    {
                        if (entry.Identity == identity && entry.Order < before)
                        {
                            return true;
                        }
                    }
                }

                return false;
            }
        }

        /// <summary>Nothing of it is kept any more; a worker that still has the list finds nothing in it.</summary>
        public void Close()
        {
            lock (gate)
            {
                closed = true;
                open?.Dispose();
                pages = null;
            }
        }

        private InvalidDataException Damaged(string what) => new(
            $"history/{Name} is damaged: {what} It says which older readings were counted already. Stop the process; if the journal still begins at position 1, move history/ and state.db (with -wal and -shm) away together, and the next start makes both from it again. "
            + "Otherwise restore the data directory from a backup, or move this file alone away: readings that it covers count twice if they are sent again.");

        private void Load()
        {
            if (pages is not null)
            {
                return;
            }

            IDiskFile file = disk.Open(Name);
            byte[] bytes = new byte[file.Length];
            int read = file.Read(0, bytes);
            if (read < bytes.Length || count != (bytes.Length - headerBytes - TrailerBytes) / EntryBytes || (bytes.Length - headerBytes - TrailerBytes) % EntryBytes != 0
                || Crc32C.Append(0, bytes.AsSpan(0, bytes.Length - TrailerBytes)) != BinaryPrimitives.ReadUInt32LittleEndian(bytes.AsSpan(bytes.Length - TrailerBytes))
                || BinaryPrimitives.ReadUInt32LittleEndian(bytes.AsSpan(bytes.Length - 4)) != 0)
            {
                file.Dispose();
                throw Damaged("its contents do not fit its checksum.");
            }

            ulong[] found = new ulong[(count + EntriesPerPage - 1) / EntriesPerPage];
            for (int i = 0; i < found.Length; i++)
            {
                found[i] = BinaryPrimitives.ReadUInt64LittleEndian(bytes.AsSpan(headerBytes + (i * EntriesPerPage * EntryBytes)));
            }

            open = file;
            pages = found;
        }
    }
}
