using System.Collections.Immutable;
using Streaming.Silo.Journal.Archives;

namespace Streaming.Silo.Journal;

/// <summary>What the journal on disk holds, after its end was put in order.</summary>
/// <param name="Segments">Oldest first.</param>
/// <param name="Archives">Oldest first.</param>
/// <param name="Tail">Where the next block goes.</param>
/// <param name="End">Position of the last record; 0 where there is none and never was.</param>
internal sealed record RecoveredJournal(List<Segment> Segments, ImmutableArray<ArchiveHeader> Archives, JournalTail Tail, long End);

/// <summary>
/// Reads the journal at the start, checks it and cuts a torn end off.
/// </summary>
/// <remarks>
/// A block that is incomplete or wrong is cut only where it can be the one that was being written when the process or the machine died: nothing sound behind it may
/// say that it was durable, and no later segment may exist, since a segment is begun only when all before it is durable. Anything else is damage that
/// cutting would turn into silent loss, and the start stops.
/// What was cut is overwritten with zeros, so that no remains of it are ever found behind the blocks written in its place. (They would not be taken for blocks in any case: the chain of checksums
/// differs. But they would look like damage.)
/// The last block is written once more and synced before anybody relies on it. A process killed between write and sync leaves a block that can be read and is not
/// on disk; and after a failed sync a kernel may hold such a page for clean, so that only a new write brings it to the disk.
/// </remarks>
internal sealed partial class JournalRecovery(IDisk disk, JournalOptions options, ILogger logger)
{
    private const string RestoreOrAsk =
        "Nothing was changed. Restore this file from a copy of the directory, or run `verify` on it to see all of the damage; cutting the journal off by hand loses acknowledged data.";

    public RecoveredJournal Recover(long replayFrom, long builtThrough)
    {
        List<Segment> segments = ListSegments();
        ImmutableArray<ArchiveHeader> archives = ListArchives();
        if (segments.Count == 0)
        {
            if (archives.Length > 0)
            {
                throw new JournalDamagedException(archives[^1].Name, 0, $"the archive ends with position {archives[^1].LastPosition}, and the segment that the journal goes on in is missing.", RestoreOrAsk);
            }

            RequirePositions(segments, archives, replayFrom, builtThrough, end: 0, offset: 0);
            return new RecoveredJournal(segments, archives, default, 0);
        }

        Segment? unused = TakeUnusedNewest(segments, archives);
        RecoveredJournal recovered = segments.Count > 0 ? Walk(segments, archives, replayFrom, builtThrough, endIsDurable: unused is not null)
            : archives.Length > 0 ? new RecoveredJournal(segments, archives, new JournalTail(0, 0, archives[^1].LastCrc, archives[^1].LastTimeMs), archives[^1].LastPosition)
            : new RecoveredJournal(segments, archives, default, 0);
        if (unused is { } file)
        {
            if (file.FirstPosition != recovered.End + 1)
            {
                string before = segments.Count > 0 ? segments[^1].Name : archives.Length > 0 ? archives[^1].Name : file.Name;
                throw new JournalDamagedException(before, recovered.Tail.Offset, MissingBetween(before, file.Name, recovered.End + 1, file.FirstPosition), RestoreOrAsk);
            }

            disk.Delete(file.Name);
            disk.SyncDirectory();
        }

        CheckArchives(segments, archives, replayFrom);
        RequirePositions(segments, archives, replayFrom, builtThrough, recovered.End, recovered.Tail.Offset);
        return recovered;
    }

    private ImmutableArray<ArchiveHeader> ListArchives()
    {
        List<ArchiveHeader> archives = [];
        foreach (string name in disk.List())
        {
            if (ArchiveLayout.TryParseName(name, out _))
            {
                using IDiskFile file = disk.Open(name);
                archives.Add(ArchiveReader.ReadHeader(file, name));
            }
        }

        archives.Sort((left, right) => left.FirstPosition.CompareTo(right.FirstPosition));
        return [.. archives];
    }

    /// <summary>
    /// Every archive follows the one before, and segments follow the archives: their headers say so, and all of those are read. The bytes of archives are read where replay needs them, and of others, the newest first,
    /// as far as the bound on checks allows beside the segments.
    /// </summary>
    private void CheckArchives(List<Segment> segments, ImmutableArray<ArchiveHeader> archives, long replayFrom)
    {
        for (int i = 1; i < archives.Length; i++)
        {
            RequireChain(archives[i - 1], archives[i].Name, archives[i].FirstPosition, archives[i].PreviousCrc);
        }

        Span<byte> bytes = stackalloc byte[JournalLayout.SegmentHeaderBytes];
        long budget = options.CheckBytes;
        long firstSegment = long.MaxValue;
        foreach (Segment segment in segments)
        {
            using IDiskFile file = disk.Open(segment.Name);
            string? flaw = SegmentHeader.Read(bytes[..file.Read(0, bytes)], out SegmentHeader header);
            budget -= segment.Bytes;
            firstSegment = Math.Min(firstSegment, segment.FirstPosition);
            if (flaw is not null || archives.Length == 0)
            {
                // A header that matters was looked at when the segments were walked; that of an old segment is left to replay and to verify.
                continue;
            }

            ArchiveHeader? near = archives.FirstOrDefault(archive => archive.LastPosition >= segment.FirstPosition - 1);
            if (near is null && segment.FirstPosition == firstSegment)
            {
                near = archives[^1];
            }

            if (near is null)
            {
                continue;
            }

            if (near.LastPosition < segment.FirstPosition)
            {
                RequireChain(near, segment.Name, segment.FirstPosition, header.PreviousCrc);
            }
            else if (near.FirstPosition != segment.FirstPosition || near.PreviousCrc != header.PreviousCrc)
            {
                throw new JournalDamagedException(near.Name, 0, $"the archive holds positions {near.FirstPosition} to {near.LastPosition} and is not one of {segment.Name}, which begins with {segment.FirstPosition}.", RestoreOrAsk);
            }
        }

        for (int i = archives.Length - 1; i >= 0; i--)
        {
            bool replayed = archives[i].LastPosition >= replayFrom && archives[i].FirstPosition < firstSegment;
            budget -= archives[i].FileBytes;
            if (replayed || budget >= 0)
            {
                using ArchiveReader reader = ArchiveReader.Open(disk, archives[i].Name);
                reader.CheckBytes();
            }
        }
    }

    private static void RequireChain(ArchiveHeader before, string name, long firstPosition, uint previousCrc)
    {
        if (firstPosition != before.LastPosition + 1 || previousCrc != before.LastCrc)
        {
            throw new JournalDamagedException(before.Name, 0, MissingBetween(before.Name, name, before.LastPosition + 1, firstPosition), RestoreOrAsk);
        }
    }

    private List<Segment> ListSegments()
    {
        List<Segment> segments = [];
        Span<byte> bytes = stackalloc byte[JournalLayout.SegmentHeaderBytes];
        foreach (string name in disk.List())
        {
            if (JournalLayout.TryParseSegmentName(name, out long firstPosition))
            {
                using IDiskFile file = disk.Open(name);
                _ = SegmentHeader.Read(bytes[..file.Read(0, bytes)], out SegmentHeader header);
                segments.Add(new Segment(firstPosition, file.Length, header.CreatedMs));
            }
        }

        segments.Sort((left, right) => left.FirstPosition.CompareTo(right.FirstPosition));
        return segments;
    }

    /// <summary>
    /// Takes a newest segment off the list whose header was torn and in which nothing was ever written: the next block makes it anew. Only its header can hold
    /// bytes, so no record was in it; and where to go on is known from the segment before it, or because it is the very first.
    /// </summary>
    private Segment? TakeUnusedNewest(List<Segment> segments, ImmutableArray<ArchiveHeader> archives)
    {
        Segment newest = segments[^1];
        if (segments.Count == 1 && newest.FirstPosition != 1 && archives.Length == 0)
        {
            return null;
        }

        using SegmentReader reader = new(newest.Name, disk.Open(newest.Name));
        string? flaw = reader.ReadHeader();

        // A whole header in the wrong place, or of another version, is not a torn one.
        if (flaw is null || reader.Header.FirstPosition != 0 || reader.FindNonZero(JournalLayout.SegmentHeaderBytes) >= 0)
        {
            return null;
        }

        Log.UnusedSegment(logger, newest.Name, flaw);
        segments.RemoveAt(segments.Count - 1);
        return newest;
    }

    /// <summary>Index of the first segment to check: the one that holds the position, and earlier ones as far as the total stays within bounds.</summary>
    private int FirstToCheck(List<Segment> segments, long replayFrom)
    {
        int first = 0;
        while (first + 1 < segments.Count && segments[first + 1].FirstPosition <= replayFrom)
        {
            first++;
        }

        long bytes = 0;
        for (int i = first; i < segments.Count; i++)
        {
            bytes += segments[i].Bytes;
        }

        while (first > 0 && bytes + segments[first - 1].Bytes <= options.CheckBytes)
        {
            first--;
            bytes += segments[first].Bytes;
        }

        return first;
    }

    private RecoveredJournal Walk(List<Segment> segments, ImmutableArray<ArchiveHeader> archives, long replayFrom, long builtThrough, bool endIsDurable)
    {
        int first = FirstToCheck(segments, replayFrom);
        long expected = segments[first].FirstPosition;
        JournalTail tail = default;
        SoundSegment?[] sound = CheckSealed(segments, first);
        for (int i = first; i < segments.Count; i++)
        {
            if (sound[i] is { } whole && (i == first || (whole.Header.FirstPosition == expected && whole.Header.PreviousCrc == tail.LastCrc)))
            {
                expected = whole.NextPosition;
                tail = whole.Tail;
                continue;
            }

            using SegmentReader reader = new(segments[i].Name, disk.Open(segments[i].Name));
            string? headerFlaw = reader.ReadHeader();
            if (headerFlaw is not null)
            {
                throw new JournalDamagedException(reader.Name, 0, headerFlaw, RestoreOrAsk);
            }

            if (i > first && (reader.Header.FirstPosition != expected || reader.Header.PreviousCrc != tail.LastCrc))
            {
                throw new JournalDamagedException(segments[i - 1].Name, tail.Offset, MissingBetween(segments[i - 1].Name, reader.Name, expected, reader.Header.FirstPosition), RestoreOrAsk);
            }

            tail = new JournalTail(reader.Offset, reader.Header.Crc, reader.Header.PreviousCrc, reader.Header.PreviousTimeMs);
            long lastBlock = -1;
            long offset = reader.Offset;
            BlockFound found;
            string flaw;
            while ((found = reader.Read(expected, tail.LastCrc, out BlockHeader header, out _, out flaw)) == BlockFound.Block)
            {
                expected = header.LastPosition + 1;
                lastBlock = offset;
                offset = reader.Offset;
                tail = tail with { Offset = offset, LastCrc = header.Crc, LastTimeMs = reader.LastTimeMs };
            }

            bool newest = i == segments.Count - 1;
            if (found == BlockFound.Flaw || reader.FindNonZero(offset) >= 0)
            {
                string what = found == BlockFound.Flaw ? flaw : $"after position {expected - 1} there are zeros, and then bytes that no block before them accounts for.";
                string? durable = WhyDurable(reader, expected, builtThrough, newest && !endIsDurable);
                if (durable is not null)
                {
                    throw new JournalDamagedException(reader.Name, offset, what + " " + durable, RestoreOrAsk);
                }

                Cut(reader, offset, expected - 1, what);
            }

            if (newest)
            {
                Settle(reader, lastBlock, tail.Offset);
            }
        }

        return new RecoveredJournal(segments, archives, tail, expected - 1);
    }

    /// <summary>
    /// Checks all but the newest segment for themselves, several at a time, since that is most of the work. Null where one is not whole: it is read once more in its turn, which finds the flaw again and says what it means.
    /// </summary>
    private SoundSegment?[] CheckSealed(List<Segment> segments, int first)
    {
        SoundSegment?[] sound = new SoundSegment?[segments.Count];
        Parallel.For(first, segments.Count - 1, new ParallelOptions { MaxDegreeOfParallelism = options.ChecksAtOnce }, i =>
        {
            try
            {
                sound[i] = CheckSealed(segments[i].Name);
            }
            catch (IOException)
            {
                // Whatever it is, it comes again in this segment's turn.
            }
        });
        return sound;
    }

    private SoundSegment? CheckSealed(string name)
    {
        using SegmentReader reader = new(name, disk.Open(name));
        if (reader.ReadHeader() is not null)
        {
            return null;
        }

        long expected = reader.Header.FirstPosition;
        uint lastCrc = reader.Header.PreviousCrc;
        BlockFound found;
        while ((found = reader.Read(expected, lastCrc, out BlockHeader header, out _, out _)) == BlockFound.Block)
        {
            expected = header.LastPosition + 1;
            lastCrc = header.Crc;
        }

        return found == BlockFound.End && reader.FindNonZero(reader.Offset) < 0
            ? new SoundSegment(reader.Header, expected, new JournalTail(reader.Offset, reader.Header.Crc, lastCrc, reader.LastTimeMs))
            : null;
    }

    /// <summary>A segment without a flaw: its header, the position that has to come after it, and where its blocks end.</summary>
    private sealed record SoundSegment(SegmentHeader Header, long NextPosition, JournalTail Tail);

    /// <summary>Why the record expected at the reader's offset was durable, so that what lies there must not be cut off; null where nothing says so.</summary>
    private static string? WhyDurable(SegmentReader reader, long expected, long builtThrough, bool mayBeTorn)
    {
        if (!mayBeTorn)
        {
            return "The journal goes on in a later file, so this was durable.";
        }

        if (builtThrough >= expected)
        {
            return $"State or lists were built from the journal up to position {builtThrough}, so this was durable.";
        }

        long witness = reader.FindDurable(reader.Offset, expected);
        return witness >= 0 ? $"The block at byte {witness} says that it was durable." : null;
    }

    /// <summary>Overwrites everything from an offset on with zeros.</summary>
    private void Cut(SegmentReader reader, long offset, long lastPosition, string what)
    {
        long end = reader.FindEndOfNonZero(offset);
        Log.TornEnd(logger, reader.Name, offset, end - offset, lastPosition, what);
        byte[] zeros = new byte[Math.Min(end - offset, 1024 * 1024)];
        for (long at = offset; at < end; at += zeros.Length)
        {
            reader.File.Write(at, zeros.AsSpan(0, (int)Math.Min(zeros.Length, end - at)));
        }

        reader.File.Sync();
        reader.Refresh();
    }

    /// <summary>Makes sure that what was read is on disk, and not only in the kernel's memory: header and last block are written again as they are, and everything is synced.</summary>
    private void Settle(SegmentReader reader, long lastBlock, long end)
    {
        Span<byte> header = stackalloc byte[JournalLayout.SegmentHeaderBytes];
        _ = reader.Header.Write(header);
        reader.File.Write(0, header);
        if (lastBlock >= 0)
        {
            byte[] block = new byte[end - lastBlock];
            if (reader.File.Read(lastBlock, block) != block.Length)
            {
                throw new JournalDamagedException(reader.Name, lastBlock, "the last block could be read a moment ago and no longer can.", "Check the disk, and start again.");
            }

            reader.File.Write(lastBlock, block);
        }

        reader.File.Sync();
        disk.SyncDirectory();
    }

    private static string MissingBetween(string before, string after, long expected, long found) =>
        found > expected
            ? $"the file ends with position {expected - 1}, and the next, {after}, begins with {found}: the records between them are missing."
            : $"the file ends with position {expected - 1}, and the next, {after}, begins with {found} and does not follow it: a file of {before} and {after} is not from this journal, or the end of the first was changed.";

    /// <summary>The journal has to hold what was built from it asks for: otherwise it is not the journal that state and lists were built from, or a part of it is gone.</summary>
    private static void RequirePositions(List<Segment> segments, ImmutableArray<ArchiveHeader> archives, long replayFrom, long builtThrough, long end, long offset)
    {
        long from = Math.Max(replayFrom, 1);
        long oldest = SegmentStore.FirstWhole(archives, segments, end + 1);
        string file = archives.Length > 0 && archives[0].FirstPosition <= oldest ? archives.Last(archive => archive.FirstPosition <= oldest).Name : segments.Count > 0 ? segments[0].Name : JournalLayout.SegmentName(1);
        if (from < oldest)
        {
            throw new JournalDamagedException(file, 0, $"records from position {from} on are needed, and the oldest kept is {oldest}.", "Restore the stores and the journal from the same copy of the directory.");
        }

        if (builtThrough > end)
        {
            file = segments.Count > 0 ? segments[^1].Name : file;
            throw new JournalDamagedException(
                file, offset, $"the journal ends with position {end}, but state or lists were built from it up to position {builtThrough}.", "Restore the stores and the journal from the same copy of the directory.");
        }
    }

    private static partial class Log
    {
        [LoggerMessage(Level = LogLevel.Warning, Message = "The journal's end was torn and has been cut off: {File}, byte {Offset}, {Bytes} bytes; the last record kept is at position {Position}. Nothing that was acknowledged is in them. ({What})")]
        public static partial void TornEnd(ILogger logger, string file, long offset, long bytes, long position, string what);

        [LoggerMessage(Level = LogLevel.Warning, Message = "The journal's newest segment {File} was never used and is made anew: {What}")]
        public static partial void UnusedSegment(ILogger logger, string file, string what);
    }
}
