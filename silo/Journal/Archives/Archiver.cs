using Streaming.Silo.Host;

namespace Streaming.Silo.Journal.Archives;

/// <summary>
/// Turns sealed segments into archives, the oldest first, and takes out of archives what has outlived its age. One step reads one block of a segment, or rewrites one archive. While inputs come at a high
/// rate it rests after each step, so that it takes no more than its share of one core; otherwise it goes on at once.
/// </summary>
/// <remarks>
/// A segment is sealed when the next one has begun, and that is begun when all before it is durable; so what is archived is durable, and nothing else is asked of it. An archive is written under a temporary name,
/// synced, and then renamed; until the rename is durable the segment, or the archive that it replaces, is there. What fails is thrown away and begun anew: the journal goes on without archives, only longer.
/// </remarks>
internal sealed partial class Archiver : IStep, IDisposable
{
    private readonly InputJournal journal;
    private readonly RetentionAges ages;
    private readonly TimeProvider time;
    private readonly Func<long> neededFrom;
    private readonly ILogger logger;
    private readonly ArchiveWriter writer;
    private SegmentReader? segment;
    private ArchiveFile? file;
    private long last;
    private long expected;
    private uint previousCrc;
    private volatile bool stopping;
    private volatile string? trouble;
    private long retryAtMs;
    private long agesAtMs;
    private long restsSince;
    private TimeSpan rest;
    private long rateSince;
    private long rateBytes;
    private bool busy;
    private long workedTicks;

    /// <param name="journal">Whose segments are archived.</param>
    /// <param name="options">Size of frames, and how long archives keep each stream.</param>
    /// <param name="time">Clock of ages and pauses.</param>
    /// <param name="neededFrom">The first position that states or lists may still have to be built from; asked only where something is about to be taken out.</param>
    /// <param name="logger">Told when archiving fails, and when it works again.</param>
    public Archiver(InputJournal journal, JournalOptions options, TimeProvider time, Func<long> neededFrom, ILogger logger)
    {
        this.journal = journal;
        ages = options.Keep;
        writer = new ArchiveWriter(options.ArchiveFrameBytes);
        this.time = time;
        this.neededFrom = neededFrom;
        this.logger = logger;
        rateSince = time.GetTimestamp();
        rateBytes = journal.AppendedBytes;
    }

    public string Name => "archiver";

    /// <summary>While it says so nothing is begun: a start has disk and cores for itself.</summary>
    public Func<bool> HoldsBack { get; init; } = static () => false;

    /// <summary>Why segments cannot be archived now, in words; null while they can. Nothing is lost by it, and nothing refused: segments stay as they are, and take more space.</summary>
    public string? Trouble => trouble;

    /// <summary>How long it has worked since it was made.</summary>
    public TimeSpan Worked => TimeSpan.FromTicks(Interlocked.Read(ref workedTicks));

    /// <summary>The process is about to end: what is under way is begun anew after the next start.</summary>
    public void Stop() => stopping = true;

    public bool Step()
    {
        long nowMs = time.GetUtcNow().ToUnixTimeMilliseconds();
        long begun = time.GetTimestamp();
        if (stopping || HoldsBack() || (trouble is not null && nowMs < retryAtMs) || (rest > TimeSpan.Zero && time.GetElapsedTime(restsSince, begun) < rest))
        {
            return false;
        }

        bool worked;
        try
        {
            worked = segment is not null ? ReadBlock() : Begin() || DropAged(nowMs);
            if (worked && trouble is not null)
            {
                trouble = null;
                Log.Resumed(logger);
            }
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException or JournalDamagedException)
        {
            Abandon();
            GiveBackSpace();
            if (trouble is null)
            {
                Log.Failed(logger, failure);
            }

            bool damaged = failure is JournalDamagedException;
            trouble = damaged
                ? $"A file of the journal's history cannot be read: {failure.Message}"
                : $"Segments of the journal cannot be archived ({failure.Message}). Free space in the data directory or make it writable; archiving resumes by itself, and readings are accepted meanwhile.";
            retryAtMs = nowMs + (damaged ? SiloLimits.ArchiverDamagedRetryMs : SiloLimits.ArchiverRetryMs);
            worked = false;
        }

        Rest(begun, worked);
        return worked;
    }

    public void Dispose()
    {
        stopping = true;
        segment?.Dispose();
        file?.Dispose();
    }

    /// <summary>Works out how long to rest after this step.</summary>
    private void Rest(long begun, bool worked)
    {
        long now = time.GetTimestamp();
        TimeSpan measured = time.GetElapsedTime(rateSince, now);
        if (measured.TotalMilliseconds >= SiloLimits.ArchiverRateMs)
        {
            long bytes = journal.AppendedBytes;
            busy = (bytes - rateBytes) / measured.TotalSeconds > SiloLimits.ArchiverBusyBytesPerSecond;
            rateSince = now;
            rateBytes = bytes;
        }

        rest = TimeSpan.Zero;
        if (worked)
        {
            TimeSpan took = time.GetElapsedTime(begun, now);
            Interlocked.Add(ref workedTicks, took.Ticks);
            if (busy)
            {
                restsSince = now;
                rest = took * ((1 / SiloLimits.ArchiverShare) - 1);
            }
        }
    }

    /// <summary>Opens the oldest segment that is sealed and not archived; false where there is none.</summary>
    private bool Begin()
    {
        if (!journal.Files.TryFindUnarchived(out Segment next, out last))
        {
            return false;
        }

        SegmentReader opened;
        try
        {
            opened = new SegmentReader(next.Name, journal.Files.Disk.Open(next.Name));
        }
        catch (FileNotFoundException) when (!journal.Files.TryFindUnarchived(out Segment again, out _) || again != next)
        {
            // Retired since.
            return true;
        }

        segment = opened;
        string? flaw = opened.ReadHeader();
        if (flaw is not null)
        {
            throw ArchiveReader.Damaged(next.Name, 0, flaw);
        }

        file = new ArchiveFile(journal.Files.Disk);
        writer.Begin(opened.Header);
        expected = opened.Header.FirstPosition;
        previousCrc = opened.Header.PreviousCrc;
        return true;
    }

    /// <summary>Takes the next block of the segment, and completes the archive behind the last one.</summary>
    private bool ReadBlock()
    {
        if (expected <= last)
        {
            long offset = segment!.Offset;
            if (segment.Read(expected, previousCrc, out BlockHeader header, out ReadOnlySpan<byte> records, out string flaw) != BlockFound.Block)
            {
                throw ArchiveReader.Damaged(segment.Name, offset, flaw.Length > 0 ? flaw : $"the segment ends before position {last}.");
            }

            writer.Add(records, file!);
            expected = header.LastPosition + 1;
            previousCrc = header.Crc;
            return true;
        }

        ArchiveHeader archive = writer.Complete(file!, previousCrc);
        Abandon();
        if (journal.Files.Put(archive, isNew: true))
        {
            Log.Archived(logger, archive.Name, archive.Records, archive.ContentBytes, archive.FileBytes);
        }

        return true;
    }

    /// <summary>Drops what has outlived its age: whole archives where that is everything, and of one archive a step the sections. False where there is nothing.</summary>
    private bool DropAged(long nowMs)
    {
        if (nowMs < agesAtMs)
        {
            return false;
        }

        foreach (ArchiveHeader archive in journal.Files.Archives)
        {
            if (!Enumerable.Range(0, Streams.Sections).Any(number => IsAged(archive, new ArchiveSection((byte)number), nowMs)))
            {
                continue;
            }

            // Without their raw payloads records can be replayed as before; without the records they cannot.
            long needed = neededFrom();
            if (ages.AllOver(archive, nowMs) && journal.Files.RetireAged(needed, ages, nowMs) > 0)
            {
                return true;
            }

            bool Drops(ArchiveSection section) => IsAged(archive, section, nowMs) && (section.IsRaw || archive.LastPosition < needed);
            if (Enumerable.Range(0, Streams.Sections).Any(number => Drops(new ArchiveSection((byte)number))))
            {
                Rewrite(archive, Drops);
                return true;
            }
        }

        agesAtMs = nowMs + SiloLimits.ArchiverAgesEveryMs;
        return false;
    }

    private bool IsAged(ArchiveHeader archive, ArchiveSection section, long nowMs) =>
        archive.Sections[section.Number] is { Records: > 0, Dropped: false } && ages.IsOver(section, archive, nowMs);

    private void Rewrite(ArchiveHeader archive, Func<ArchiveSection, bool> isDropped)
    {
        using ArchiveReader reader = ArchiveReader.Open(journal.Files.Disk, archive.Name);
        file = new ArchiveFile(journal.Files.Disk);
        ArchiveHeader rewritten = writer.Rewrite(reader, isDropped, file);
        Abandon();
        journal.Files.Put(rewritten, isNew: false);
        Log.Rewritten(logger, archive.Name, archive.FileBytes, rewritten.FileBytes);
    }

    /// <summary>On a full disk what was written so far is in the journal's way.</summary>
    private void GiveBackSpace()
    {
        try
        {
            journal.Files.RemoveTemporary();
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            // The next attempt, or the next start, deletes it.
            Log.NotDeleted(logger, failure.Message);
        }
    }

    /// <summary>Lets go of the files. What was not completed is written over by the next attempt, and deleted by the next start.</summary>
    private void Abandon()
    {
        segment?.Dispose();
        segment = null;
        file?.Dispose();
        file = null;
    }

    private static partial class Log
    {
        [LoggerMessage(Level = LogLevel.Error, Message = "Segments of the journal cannot be archived; it is tried again. Nothing is lost by it")]
        public static partial void Failed(ILogger logger, Exception failure);

        [LoggerMessage(Level = LogLevel.Debug, Message = "What was written of an archive could not be deleted: {Why}")]
        public static partial void NotDeleted(ILogger logger, string why);

        [LoggerMessage(Level = LogLevel.Information, Message = "Segments of the journal are archived again")]
        public static partial void Resumed(ILogger logger);

        [LoggerMessage(Level = LogLevel.Debug, Message = "{File}: {Records} records of {Bytes} bytes archived in {FileBytes}")]
        public static partial void Archived(ILogger logger, string file, long records, long bytes, long fileBytes);

        [LoggerMessage(Level = LogLevel.Debug, Message = "{File}: what has outlived its age was taken out; {Before} bytes became {After}")]
        public static partial void Rewritten(ILogger logger, string file, long before, long after);
    }
}
