using System.Globalization;
using Microsoft.Data.Sqlite;
using Streaming.Silo.Host;
using Streaming.Silo.Journal;
using Streaming.Silo.Views;

namespace Streaming.Silo.Cli;

/// <summary>
/// What <c>doctor</c> says of a data directory that is in use or was: whether a process runs on it, how far its history reaches, whether journal and stores are sound (as far as a bounded look shows) and fit together. It
/// changes nothing; a silo may be running.
/// </summary>
internal sealed class DataExamination(string directory)
{
    private const string StateFile = "state.db";
    private const string ViewFile = "views.db";
    private const string HistoryDirectory = "history";

    private readonly string journal = Path.Combine(directory, Verify.JournalDirectory);

    /// <summary>A process has the directory open.</summary>
    public bool InUse => RealDisk.IsTaken(journal);

    /// <summary>Nothing where the directory holds no data yet.</summary>
    public IEnumerable<Finding> Examine()
    {
        if (!Directory.Exists(journal) && !File.Exists(Path.Combine(directory, StateFile)))
        {
            yield break;
        }

        if (InUse)
        {
            yield return new Finding(Health.Note, "in use", "a process runs on this data directory; a second one would refuse to start, and what follows is as of this moment");
        }

        JournalEnds? ends;
        yield return Journal(out ends);
        StoreEnds? states = null;
        StoreEnds? views = null;
        yield return Store("states", StateFile, ReadStates, StateStoreException.Damaged, StateStoreException.Opening, ref states);
        yield return Store("lists", ViewFile, ReadViews, ViewStoreException.Damaged, ViewStoreException.Opening, ref views);
        yield return History();
        if (ends is { } held)
        {
            yield return Fit(held, states ?? StoreEnds.Empty, views ?? StoreEnds.Empty);
        }
    }

    /// <summary>From where to where the journal reaches, and whether its newest part is sound. All of it is for <c>verify</c>, which takes as long as the disk needs to read it.</summary>
    private Finding Journal(out JournalEnds? ends)
    {
        const string what = "journal";
        ends = null;
        try
        {
            using RealDisk disk = RealDisk.ForReading(journal);
            List<(long First, string Name)> segments = [];
            foreach (string name in disk.List())
            {
                if (JournalLayout.TryParseSegmentName(name, out long first))
                {
                    segments.Add((first, name));
                }
            }

            if (segments.Count == 0)
            {
                ends = new JournalEnds(1, 0);
                return new Finding(Health.Note, what, "there are no records yet");
            }

            segments.Sort();
            NewestSegments newest = new(disk, CliLimits.DoctorJournalBytes);
            VerifyResult result = JournalVerifier.Verify(newest);
            if (result.Damages is [JournalDamage damage, ..])
            {
                return new Finding(Health.Bad, what, $"{damage.File}, byte {damage.Offset}: {damage.What} Restore this file from a copy of the directory; `verify` shows all of the damage. Cutting the journal off by hand loses acknowledged data.");
            }

            ends = new JournalEnds(segments[0].First, Math.Max(result.Last, segments[0].First - 1));
            string looked = newest.Left == 0 ? "all of it is sound" : string.Create(CultureInfo.InvariantCulture, $"its newest {segments.Count - newest.Left} segments are sound, and `verify` looks at the other {newest.Left}");
            string open = result.OpenEnd is null ? "" : "; its end is a block that was being written, which a start cuts off";
            return new Finding(Health.Ok, what, string.Create(CultureInfo.InvariantCulture, $"{segments.Count} segments, positions {segments[0].First} to {ends.Value.Last}, since {Begun(disk, segments[0].Name)}; {looked}{open}"));
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            return new Finding(Health.Bad, what, $"cannot be read: {failure.Message} Let this user read it, or restore it from a copy of the directory.");
        }
    }

    private static string Begun(RealDisk disk, string segment)
    {
        Span<byte> bytes = stackalloc byte[JournalLayout.SegmentHeaderBytes];
        using IDiskFile file = disk.Open(segment);
        return SegmentHeader.Read(bytes[..file.Read(0, bytes)], out SegmentHeader header) is null
            ? DateTimeOffset.FromUnixTimeMilliseconds(header.CreatedMs).UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm'Z'", CultureInfo.InvariantCulture)
            : "a time that its header does not say";
    }

    private Finding Store(
        string what, string name, Func<SqliteConnection, StoreEnds> read, Func<string, string, Exception?, Exception> damaged, Func<string, SqliteException, Exception> opening, ref StoreEnds? ends)
    {
        string path = Path.Combine(directory, name);
        if (!File.Exists(path))
        {
            return new Finding(Health.Note, what, $"{name} is not there; a start makes it from the journal, if that still begins at position 1");
        }

        try
        {
            using SqliteConnection connection = new(new SqliteConnectionStringBuilder { DataSource = path, Mode = SqliteOpenMode.ReadOnly, Pooling = false, DefaultTimeout = 2 }.ToString());
            connection.Open();
            StoreEnds found = read(connection);
            ends = found;
            if (found.Problem is not null)
            {
                return new Finding(Health.Bad, what, found.Problem);
            }

            bool small = new FileInfo(path).Length <= CliLimits.DoctorStoreBytes;
            if (small && Text(connection, "PRAGMA quick_check(1)") is var verdict && verdict != "ok")
            {
                return new Finding(Health.Bad, what, damaged(path, verdict + ".", null).Message);
            }

            return new Finding(Health.Ok, what, found.Text + (small ? "; the file is sound" : "; the file is too large to be checked here"));
        }
        catch (SqliteException failure)
        {
            return new Finding(Health.Bad, what, opening(path, failure).Message);
        }
    }

    private static StoreEnds ReadStates(SqliteConnection connection)
    {
        long format = Number(connection, "SELECT value FROM meta WHERE name='format'") ?? SqliteStateStore.Format;
        if (format != SqliteStateStore.Format)
        {
            return StoreEnds.Empty with { Problem = string.Create(CultureInfo.InvariantCulture, $"{StateFile} has format {format}; this version reads format {SqliteStateStore.Format}. Start the version that wrote it, or a newer one.") };
        }

        long from = Number(connection, "SELECT value FROM meta WHERE name='replay_from'") ?? 1;
        long through = Number(connection, "SELECT value FROM meta WHERE name='built_through'") ?? 0;
        long actors = Number(connection, "SELECT count(*) FROM actors") ?? 0;
        return new StoreEnds(from, through, string.Create(CultureInfo.InvariantCulture, $"{actors} actors, format {format}, built from the journal up to position {through}"));
    }

    private static StoreEnds ReadViews(SqliteConnection connection)
    {
        long layout = Number(connection, "PRAGMA user_version") ?? 0;
        if (layout > ViewSchema.Version)
        {
            return StoreEnds.Empty with { Problem = string.Create(CultureInfo.InvariantCulture, $"{ViewFile} has layout {layout}; this version reads up to {ViewSchema.Version}. Start the version that wrote it, or a newer one.") };
        }

        long position = Number(connection, "SELECT value FROM meta WHERE name='position'") ?? 0;
        return new StoreEnds(position + 1, position, string.Create(CultureInfo.InvariantCulture, $"layout {layout}, at position {position}"));
    }

    private Finding History()
    {
        const string what = "history";
        string path = Path.Combine(directory, HistoryDirectory);
        if (!Directory.Exists(path))
        {
            return new Finding(Health.Note, what, "there are no files of past readings' identities yet");
        }

        try
        {
            using RealDisk disk = RealDisk.ForReading(path);
            (int files, int looked, IReadOnlyList<string> damages) = HistoryFiles.Verify(disk, CliLimits.DoctorHistoryBytes);
            return damages.Count > 0 ? new Finding(Health.Bad, what, damages[0]) : new Finding(Health.Ok, what, string.Create(CultureInfo.InvariantCulture, $"{files} files of past readings' identities; the {looked} newest are sound"));
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            return new Finding(Health.Bad, what, $"cannot be read: {failure.Message} Let this user read it.");
        }
    }

    /// <summary>Whether the journal holds what the stores still need, and everything that they were built from.</summary>
    private static Finding Fit(JournalEnds journal, StoreEnds states, StoreEnds views)
    {
        const string what = "together";
        const string same = "Restore journal, state.db, views.db and history/ from the same copy of the directory.";
        long needed = Math.Min(states.ReplayFrom, views.ReplayFrom);
        long built = Math.Max(states.BuiltThrough, views.BuiltThrough);
        if (needed < journal.First)
        {
            return new Finding(Health.Bad, what, string.Create(CultureInfo.InvariantCulture, $"states and lists need the journal from position {needed} on, and it begins at {journal.First}. {same}"));
        }

        // While a process runs, the stores may have gone on since the journal was looked at.
        if (built > journal.Last)
        {
            return new Finding(Health.Bad, what, string.Create(CultureInfo.InvariantCulture, $"states or lists were built up to position {built}, and the journal ends at {journal.Last}: it is another one, or its end is gone. {same}"));
        }

        return new Finding(Health.Ok, what, string.Create(CultureInfo.InvariantCulture, $"journal, states and lists fit; a start replays {journal.Last - needed + 1} records"));
    }

    private static long? Number(SqliteConnection connection, string sql)
    {
        using SqliteCommand command = connection.CreateCommand();
#pragma warning disable CA2100 // The texts are constants of this file.
        command.CommandText = sql;
#pragma warning restore CA2100
        return command.ExecuteScalar() as long?;
    }

    private static string Text(SqliteConnection connection, string sql)
    {
        using SqliteCommand command = connection.CreateCommand();
#pragma warning disable CA2100 // The texts are constants of this file.
        command.CommandText = sql;
#pragma warning restore CA2100
        return command.ExecuteScalar() as string ?? "";
    }

    /// <summary>Position of the oldest record, and of the last.</summary>
    private readonly record struct JournalEnds(long First, long Last);

    /// <summary>Where the journal is needed from, up to where it was used, and what is said of the store; or what keeps it from being read.</summary>
    private sealed record StoreEnds(long ReplayFrom, long BuiltThrough, string Text)
    {
        public static StoreEnds Empty { get; } = new(1, 0, "");

        public string? Problem { get; init; }
    }

    /// <summary>The journal's directory with its oldest segments out of sight, so that a look at it is bounded.</summary>
    private sealed class NewestSegments : IDisk
    {
        private readonly IDisk disk;
        private readonly string? oldest;

        public NewestSegments(IDisk disk, long bytes)
        {
            this.disk = disk;
            string[] segments = [.. disk.List().Where(name => JournalLayout.TryParseSegmentName(name, out _)).Order(StringComparer.Ordinal)];
            int first = segments.Length;
            while (first > 0)
            {
                using IDiskFile file = disk.Open(segments[first - 1]);
                bytes -= file.Length;
                if (bytes < 0 && first < segments.Length)
                {
                    break;
                }

                first--;
            }

            Left = first;
            oldest = segments.ElementAtOrDefault(first);
        }

        /// <summary>Segments that are out of sight.</summary>
        public int Left { get; }

        public IReadOnlyList<string> List() => [.. disk.List().Where(name => string.CompareOrdinal(name, oldest) >= 0)];

        public IDiskFile Open(string name) => disk.Open(name);

        public IDiskFile Create(string name, long bytes) => throw new NotSupportedException();

        public void Rename(string from, string to) => throw new NotSupportedException();

        public void Replace(string from, string to) => throw new NotSupportedException();

        public void Delete(string name) => throw new NotSupportedException();

        public void SyncDirectory() => throw new NotSupportedException();
    }
}
