namespace Streaming.Silo;

/// <summary>Every bound of the process, in one place.</summary>
internal static class SiloLimits
{
    /// <summary>Size of a journal segment file, allocated when it is created.</summary>
    public const int JournalSegmentBytes = 64 * 1024 * 1024;

    /// <summary>
    /// Memory that the journal takes at a time to collect records in, and so the longest group commit. On a disk that others load too, where a sync takes 10 ms, groups
    /// of 4 MiB carry two to four times the records that groups of 1 MiB do.
    /// </summary>
    public const int JournalBufferBytes = 4 * 1024 * 1024;

    /// <summary>The longest block of the journal, and so the longest single record.</summary>
    public const int JournalBlockBytes = 12 * 1024 * 1024;

    /// <summary>Records not yet on disk, past which outside inputs wait.</summary>
    public const long JournalUnflushedBytes = 16L * 1024 * 1024;

    /// <summary>How far the slowest follower may be behind before outside inputs, and the replay, wait for it.</summary>
    public const long JournalLagBytes = 64L * 1024 * 1024;

    /// <summary>Appends that may wait at a time. More are refused: a connection waits with one, so this is above the number of connections.</summary>
    public const int JournalWaitingAppends = 65_536;

    /// <summary>Journal kept on disk for history, past which sealed segments that nobody needs are deleted.</summary>
    public const long JournalRetentionBytes = 16L * 1024 * 1024 * 1024;

    /// <summary>Tables of registers that are loaded at a time.</summary>
    public const int TableLoads = 2;

    /// <summary>How long what a source has delivered of a table is not taken once more: a night and a day, for a load that was cut off to be sent again.</summary>
    public static readonly TimeSpan TableRemembered = TimeSpan.FromHours(36);

    /// <summary>How often the folder of tables is looked at; a table is taken that is the same at two looks.</summary>
    public static readonly TimeSpan FolderLook = TimeSpan.FromSeconds(2);

    /// <summary>States that the sweep for actors to forget reads in one go, bytes.</summary>
    public const long SweepBytes = 4 * 1024 * 1024;

    /// <summary>
    /// How long after readings of some age are refused their identities go, ms: an hour. What was decoded before it became known must have been appended by then; a payload that waits longer for the journal than its client waits for an
    /// acknowledgement has been given up by it.
    /// </summary>
    public const long HistoryGraceMs = 60 * 60 * 1000;

    /// <summary>How much of the journal is checked at the start, beyond what is replayed.</summary>
    public const long JournalCheckBytes = 1024L * 1024 * 1024;

    /// <summary>Buffers that the journal keeps for reuse.</summary>
    public const int JournalFreeBuffers = 8;

    /// <summary>How long after a failure to make the next segment it is tried again, in ms.</summary>
    public const int JournalSpareRetryMs = 1000;

    /// <summary>Copies of earlier states that are looked at in one idle sweep of the checkpointer, whether history still needs them.</summary>
    public const int CopiesPerSweep = 500;

    /// <summary>How long it waits after it has looked at all of them.</summary>
    public static readonly TimeSpan CopySweepPause = TimeSpan.FromMinutes(10);

    /// <summary>Records of one actor that a look at an earlier state goes through at most: a vehicle that reports every second brings 86,400 a day.</summary>
    public const int FoldedRecords = 200_000;

    /// <summary>Requests that read the past at the same time; each has a thread and a part of the disk to itself.</summary>
    public const int LooksAtThePast = 4;

    /// <summary>How long a request waits for its turn to read the past before it is told to come again.</summary>
    public static readonly TimeSpan LookWait = TimeSpan.FromSeconds(10);

    /// <summary>A sync of the journal slower than this, ms, is said by <c>/health/ready</c> and <c>doctor</c>: nothing is acknowledged sooner than a sync.</summary>
    public const double JournalSlowSyncMs = 100;

    /// <summary>How long a slow sync is spoken of, ms.</summary>
    public const long JournalSlowSyncForMs = 60_000;

    /// <summary>Actors that a back-test keeps in memory, some 200 MB; more are put aside on disk.</summary>
    public const int BackTestActors = 200_000;

    /// <summary>Readings of which a back-test keeps the identities in memory, 16 MB, before they go to a file.</summary>
    public const int BackTestIdentities = 1_000_000;

    /// <summary>Warnings of one run of a back-test that wait for their counterpart in the other, some 100 MB.</summary>
    public const int BackTestUnmatched = 300_000;

    /// <summary>Warnings of each kind that are in one run only, named one by one.</summary>
    public const int BackTestExamples = 5;

    /// <summary>How long behind the end of its range a back-test looks for what inputs of the range led to, ms.</summary>
    public const long BackTestTailMs = 60_000;

    /// <summary>Readings that are decoded differently, named one by one.</summary>
    public const int RedecodedExamples = 20;

    /// <summary>States read ahead of the turns that need them: about what the journal's lag may hold records for, at some hundred bytes each.</summary>
    public const int StatesAhead = 65_536;

    /// <summary>
    /// Records of one section of an archive that are compressed together, bytes. Brotli finds less in shorter ones, and longer ones are more to read for one record.
    /// </summary>
    public const int ArchiveFrameBytes = 128 * 1024;

    /// <summary>Records of an archive that are handed out together, bytes.</summary>
    public const int ArchiveRunBytes = 256 * 1024;

    /// <summary>While inputs come faster than <see cref="ArchiverBusyBytesPerSecond"/>, the share of one core that archiving takes.</summary>
    public const double ArchiverShare = 0.1;

    /// <summary>Inputs past which archiving keeps to its share, bytes of records a second: about twice what a city sends, so that at its normal rate no segment waits.</summary>
    public const long ArchiverBusyBytesPerSecond = 8L * 1024 * 1024;

    /// <summary>Over how long the rate of inputs is measured, ms.</summary>
    public const int ArchiverRateMs = 500;

    /// <summary>How long after a failure to write an archive it is tried again, ms.</summary>
    public const long ArchiverRetryMs = 5_000;

    /// <summary>How long after a sealed segment turned out to be damaged it is read again, ms.</summary>
    public const long ArchiverDamagedRetryMs = 600_000;

    /// <summary>How often it is looked whether an archive holds something that has outlived its age, ms.</summary>
    public const long ArchiverAgesEveryMs = 60_000;

    /// <summary>How long archives keep weighings, ledgers and what actors did, days.</summary>
    public const int KeepRecordsDays = 400;

    /// <summary>How long archives keep telemetry of tanks and trucks, of which 30 days are asked for, video events and status messages, days.</summary>
    public const int KeepTelemetryDays = 90;

    /// <summary>How long archives keep payloads as they came in, days.</summary>
    public const int KeepRawDays = 30;

    /// <summary>The longest age that can be given, days.</summary>
    public const int KeepMostDays = 36_500;

    /// <summary>Memory for the index of what is not archived yet, bytes; where it is used up, segments are read from end to end instead.</summary>
    public const long HistoryIndexBytes = 64L * 1024 * 1024;

    /// <summary>Inputs that wait for grains, bytes. While the grains are slower than the intake this is what batches grow from; past it the journal is not read on.</summary>
    public const long GrainWaitingBytes = 96L * 1024 * 1024;

    /// <summary>Buffers of batches that are kept for the next ones.</summary>
    public const int GrainBuffers = 16_384;

    /// <summary>The largest of them, bytes; larger ones are given back.</summary>
    public const int GrainBufferBytes = 8 * 1024;

    /// <summary>Calls to grains that may be outstanding at once.</summary>
    public const int GrainCalls = 512;

    /// <summary>The longest pause before a call that failed is made again, ms.</summary>
    public const long GrainRetryMs = 2_000;

    /// <summary>How often an actor that does not answer is looked at before the question fails.</summary>
    public const int GrainLooks = 3;

    /// <summary>How often cells are looked for that may be forgotten, while there are too many, ms.</summary>
    public const long GrainForgetEveryMs = 1_000;

    /// <summary>How many are forgotten at a time.</summary>
    public const int GrainsForgotten = 20_000;

    /// <summary>How long the end of the process waits for its clocks.</summary>
    public static readonly TimeSpan ClocksStop = TimeSpan.FromSeconds(5);

    /// <summary>Clock grains; each sweeps the deadlines of every so-manieth partition.</summary>
    public const int Clocks = 4;

    /// <summary>Actors that one sweep of a clock looks at; those that are left are next.</summary>
    public const int DeadlinesPerSweep = 1_000;

    /// <summary>Events that may wait to be published to Orleans streams; the oldest are dropped, since they only wake readers who read the feed itself.</summary>
    public const int StreamEvents = 10_000;

    /// <summary>Days of which look-ups of resources are known, today included.</summary>
    public const int LookUpDays = 7;

    /// <summary>Pairs of a resource and a consumer whose look-ups are counted in one day.</summary>
    public const int LookUpsADay = 10_000;

    /// <summary>Devices of an earlier version that are entered in the catalogue at a time.</summary>
    public const int TakenUpAtOnce = 64;
}
