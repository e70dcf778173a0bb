using Microsoft.Data.Sqlite;
using Streaming.Grains.Turns;
using Streaming.Silo.Supervision;

namespace Streaming.Silo.Views;

/// <summary>
/// The lists in one SQLite file, <c>views.db</c>, in write-ahead mode. One connection writes, under a lock; others read the last commit and never wait for it.
/// </summary>
/// <remarks>
/// Durability: a commit is not synced (<c>synchronous = NORMAL</c>), so a loss of power may take the newest commits back, always whole transactions and always the newest ones. The position is
/// written in the same transaction, so the projector then reads the journal again from there and puts the same rows; nothing shown before is lost, because nothing is read from the journal before it is durable there.
/// Only what a completed checkpoint has synced is reported by <see cref="SyncedPosition"/>, and only up to there may the journal be cut.
/// </remarks>
internal sealed class SqliteViewStore : IViewStore
{
    private readonly Lock writing = new();
    private readonly Lock checkpointing = new();
    private readonly string path;
    private readonly SqliteConnection writer;
    private readonly SqliteConnection checkpointer;
    private readonly SqliteCommand begin;
    private readonly SqliteCommand commit;
    private readonly SqliteCommand rollback;
    private readonly SqliteCommand movePosition;
    private readonly Dictionary<View, RowCommands> rows = [];
    private readonly SqliteCommand putFeed;
    private readonly SqliteCommand lastFeed;
    private readonly SqliteCommand putMessage;
    private readonly SqliteCommand dropMessages;
    private readonly WarningDepartments departments;
    private readonly ListFacts facts;
    private readonly RegisterTable registers;
    private readonly SqliteCommand clearErrands;
    private readonly SqliteCommand addErrands;
    private readonly QuarantineTable quarantine;
    private readonly UnregisteredTable unregistered;
    private readonly ResourceUseTable uses;
    private readonly ScoreTables scores;
    private readonly ListTrim trim;
    private long position;
    private long syncedPosition;
    private bool disposed;

    /// <summary>Opens or creates the file. Throws <see cref="ViewStoreException"/>, which says what to do.</summary>
    public SqliteViewStore(string path)
    {
        this.path = path;
        try
        {
            writer = Open(path, "NORMAL");
            writer.CreateFunction<string, string?, string?, string?, string>("list_grams", ListText.Grams, isDeterministic: true);
            Prepare(writer, path);
            checkpointer = Open(path, "FULL");
            Reader = new ViewReader(path, () => OpenReader(path));
            begin = Command("BEGIN IMMEDIATE");
            commit = Command("COMMIT");
            rollback = Command("ROLLBACK");
            movePosition = Command("UPDATE meta SET value = @position WHERE name = 'position'", "position");
            foreach (View view in (View[])[View.Warnings, View.Cases, View.WorkOrders, View.Devices, View.Tokens, View.Sessions, View.Audit, View.Notices, View.Resources, View.Scenes, View.Reports, View.Handlings, View.Webhooks, View.DeadLetters, View.CaseRecords, View.CaseTexts, View.Evidence])
            {
                string table = ViewSchema.Table(view);
                string put = ViewSchema.IsTrimmed(view)
                    ? $"INSERT INTO {table} (seq, key, json, changed) VALUES (@seq, @key, CAST(@json AS TEXT), @changed) ON CONFLICT (key) DO UPDATE SET json = excluded.json, changed = excluded.changed RETURNING seq"
                    : $"INSERT INTO {table} (seq, key, json) VALUES (@seq, @key, CAST(@json AS TEXT)) ON CONFLICT (key) DO UPDATE SET json = excluded.json RETURNING seq";
                rows[view] = new RowCommands(
                    Command(put, ViewSchema.IsTrimmed(view) ? ["seq", "key", "json", "changed"] : ["seq", "key", "json"]),
                    Command($"DELETE FROM {table} WHERE key = @key RETURNING seq", "key"));
            }

            putFeed = Command(
                "INSERT INTO feed (feed, number, district, json, changed) VALUES (@feed, @number, CAST(@json AS TEXT) ->> '$.district', CAST(@json AS TEXT), @changed) "
                + "ON CONFLICT (feed, number) DO UPDATE SET json = excluded.json, district = excluded.district, changed = excluded.changed",
                "feed", "number", "json", "changed");
            lastFeed = Command("INSERT INTO feed_last (feed, number) VALUES (@feed, @number) ON CONFLICT (feed) DO UPDATE SET number = max(number, excluded.number)", "feed", "number");
            putMessage = Command(
                "INSERT INTO messages (session, number, json) VALUES (@session, @number, CAST(@json AS TEXT)) ON CONFLICT (session, number) DO UPDATE SET json = excluded.json", "session", "number", "json");
            dropMessages = Command("DELETE FROM messages WHERE session = @session AND number <= @number", "session", "number");
            departments = new WarningDepartments(Command);
            facts = new ListFacts(Command);
            registers = new RegisterTable(writer);
            clearErrands = Command("DELETE FROM notice_errands WHERE seq = @seq", "seq");
            addErrands = Command(
                "INSERT OR IGNORE INTO notice_errands (lane, at, seq) SELECT e.value ->> '$.lane', e.value ->> '$.atMs', n.seq FROM notices n, json_each(n.json, '$.errands') e WHERE n.seq = @seq", "seq");
            quarantine = new QuarantineTable(Command);
            unregistered = new UnregisteredTable(Command);
            uses = new ResourceUseTable(Command);
            scores = new ScoreTables(Command);
            trim = new ListTrim(Command);
            position = Scalar(writer, "SELECT value FROM meta WHERE name = 'position'");
        }
        catch (SqliteException error)
        {
            writer?.Dispose();
            checkpointer?.Dispose();
            throw ViewStoreException.Opening(path, error);
        }
        catch (ViewStoreException)
        {
            writer?.Dispose();
            throw;
        }
    }

    public long Position => Volatile.Read(ref position);

    /// <summary>Reads the lists.</summary>
    public ViewReader Reader { get; }

    /// <inheritdoc/>
    /// <remarks>A batch, or a change in it, at or before <see cref="Position"/> was applied already and is passed over, so applying a batch again changes nothing.</remarks>
    public void Apply(ViewBatch batch)
    {
        lock (writing)
        {
            ObjectDisposedException.ThrowIf(disposed, this);
            if (batch.Position <= position)
            {
                return;
            }

            QuarantineTable.Mark mark = quarantine.Save();
            begin.ExecuteNonQuery();
            try
            {
                foreach (ViewChange change in batch.Changes)
                {
                    if (change.Position > position)
                    {
                        Change(change);
                    }
                }

                foreach (QuarantineRow row in batch.Quarantine)
                {
                    if (row.Position > position)
                    {
                        quarantine.Add(row);
                        unregistered.Add(row);
                    }
                }

                foreach (ScoreInput input in batch.Scores)
                {
                    if (input.Position > position)
                    {
                        ScoreFold.Apply(input, scores);
                    }
                }

                foreach (PlateSeen seen in batch.Plates)
                {
                    registers.Put(seen);
                }

                quarantine.Trim();
                unregistered.Trim();
                movePosition.Parameters[0].Value = batch.Position;
                movePosition.ExecuteNonQuery();
                commit.ExecuteNonQuery();
            }
            catch (Exception error)
            {
                quarantine.Restore(mark);
                scores.Forget();
                RollBack();
                if (error is SqliteException damage && ViewStoreException.IsDamage(damage))
                {
                    throw ViewStoreException.Damaged(path, error.Message, error);
                }

                throw;
            }

            Volatile.Write(ref position, batch.Position);
        }
    }

    /// <inheritdoc/>
    public void Trim(ViewRetention retention, long nowMs)
    {
        lock (writing)
        {
            ObjectDisposedException.ThrowIf(disposed, this);
            begin.ExecuteNonQuery();
            try
            {
                trim.Run(retention, nowMs);
                commit.ExecuteNonQuery();
            }
            catch
            {
                RollBack();
                throw;
            }
        }
    }

    /// <inheritdoc/>
    /// <remarks>
    /// The position is read first and the log is moved into the file and synced afterwards, so what is reported is never ahead of what is on the disk. The checkpoint runs beside the writer, which does not wait for it;
    /// where a long read keeps it from finishing, one that waits for readers follows, and where that fails too the earlier answer stands, which is safe because it only makes the journal keep more.
    /// </remarks>
    public long SyncedPosition()
    {
        lock (checkpointing)
        {
            ObjectDisposedException.ThrowIf(disposed, this);
            long candidate = Position;
            if (candidate > syncedPosition && (Checkpoint("PASSIVE") || Checkpoint("FULL")))
            {
                syncedPosition = candidate;
            }

            return syncedPosition;
        }
    }

    public void Dispose()
    {
        lock (checkpointing)
        {
            lock (writing)
            {
                if (disposed)
                {
                    return;
                }

                disposed = true;
                Reader.Dispose();
                checkpointer.Dispose();
                registers.Dispose();
                writer.Dispose();
            }
        }
    }

    private void Change(in ViewChange change)
    {
        if (change.View == View.Feed)
        {
            PutFeedItem(change);
            return;
        }

        if (change.View == View.Messages)
        {
            PutMessage(change);
            return;
        }

        if (change.View == View.Registers)
        {
            registers.Change(change);
            return;
        }

        if (!rows.TryGetValue(change.View, out RowCommands? commands))
        {
            throw new InvalidDataException($"Record {change.Position} shows a row of list {(byte)change.View}, which this version does not know. It was written by a newer version.");
        }

        SqliteCommand command;
        if (change.Json is null)
        {
            departments.Going(change);
            command = commands.Remove;
            command.Parameters[0].Value = change.Key;
        }
        else
        {
            command = commands.Put;
            command.Parameters[0].Value = change.Position;
            command.Parameters[1].Value = change.Key;
            command.Parameters[2].Value = change.Json;
            if (ViewSchema.IsTrimmed(change.View))
            {
                command.Parameters[3].Value = change.TimeMs;
            }
        }

        object? seq = command.ExecuteScalar();
        bool isNew = change.Json is not null && seq is long shown && shown == change.Position;
        if (isNew)
        {
            uses.Cited(change);
        }

        if (seq is not null)
        {
            departments.Changed(change, seq, isNew);
            if (change.Json is not null)
            {
                facts.Put(change.View, seq, isNew);
            }
        }

        if (change.View == View.Notices && seq is not null)
        {
            if (!isNew)
            {
                clearErrands.Parameters[0].Value = seq;
                clearErrands.ExecuteNonQuery();
            }

            if (change.Json is not null)
            {
                addErrands.Parameters[0].Value = seq;
                addErrands.ExecuteNonQuery();
            }
        }
    }

    private void PutFeedItem(in ViewChange change)
    {
        if (change.Json is null || !FeedKey.TrySplit(change.Key, out string feed, out long number))
        {
            throw new InvalidDataException($"Record {change.Position} shows the feed item '{change.Key}'; expected '{{department}}/{{district}}/{{number}}' or '$resources/{{id}}/{{number}}' with a document.");
        }

        putFeed.Parameters[0].Value = feed;
        putFeed.Parameters[1].Value = number;
        putFeed.Parameters[2].Value = change.Json;
        putFeed.Parameters[3].Value = change.TimeMs;
        putFeed.ExecuteNonQuery();
        lastFeed.Parameters[0].Value = feed;
        lastFeed.Parameters[1].Value = number;
        lastFeed.ExecuteNonQuery();
        uses.Alerted(feed, change);
    }

    /// <summary>A message of a queue, or the end of all up to one.</summary>
    private void PutMessage(in ViewChange change)
    {
        if (!FeedKey.TrySplit(change.Key, out string session, out long number))
        {
            throw new InvalidDataException($"Record {change.Position} shows the message '{change.Key}'; expected '{{session}}/{{number}}'.");
        }

        SqliteCommand command = change.Json is null ? dropMessages : putMessage;
        command.Parameters[0].Value = session;
        command.Parameters[1].Value = number;
        if (change.Json is not null)
        {
            command.Parameters[2].Value = change.Json;
        }

        command.ExecuteNonQuery();
    }

    private void RollBack()
    {
        try
        {
            rollback.ExecuteNonQuery();
        }
        catch (SqliteException)
        {
            // SQLite rolls back by itself on some errors (disk full, I/O error); there is then no transaction left to roll back.
        }
    }

    private bool Checkpoint(string mode)
    {
        try
        {
            using SqliteCommand command = checkpointer.CreateCommand();
            command.CommandText = $"PRAGMA wal_checkpoint({mode})";
            using SqliteDataReader result = command.ExecuteReader();
            return result.Read() && result.GetInt64(0) == 0 && result.GetInt64(1) == result.GetInt64(2);
        }
        catch (SqliteException error) when (ViewStoreException.IsPassing(error))
        {
            return false;
        }
    }

    private SqliteCommand Command(string sql, params string[] parameters)
    {
        SqliteCommand command = writer.CreateCommand();
        command.CommandText = sql;
        foreach (string parameter in parameters)
        {
            command.Parameters.Add(new SqliteParameter { ParameterName = "@" + parameter });
        }

        command.Prepare();
        return command;
    }

    private static SqliteConnection Open(string path, string synchronous)
    {
        SqliteConnection connection = new(new SqliteConnectionStringBuilder { DataSource = path, Pooling = false, DefaultTimeout = 5 }.ToString());
        connection.Open();
        Execute(connection, $"PRAGMA journal_mode = WAL; PRAGMA synchronous = {synchronous}; PRAGMA wal_autocheckpoint = {ViewLimits.LogPages}; PRAGMA cache_size = -16384; PRAGMA temp_store = MEMORY");
        return connection;
    }

    private static SqliteConnection OpenReader(string path)
    {
        SqliteConnection connection = Open(path, "NORMAL");
        Execute(connection, "PRAGMA query_only = 1");
        return connection;
    }

    private static void Prepare(SqliteConnection connection, string path)
    {
        long version = Scalar(connection, "PRAGMA user_version");
        bool isNew = version == 0 && Scalar(connection, "SELECT count(*) FROM sqlite_master") == 0;
        if (isNew || (version > 0 && version < ViewSchema.Version))
        {
            Execute(connection, $"BEGIN IMMEDIATE; {string.Concat(ViewSchema.Steps.Skip((int)version))} PRAGMA user_version = {ViewSchema.Version}; COMMIT");
        }
        else if (version > ViewSchema.Version)
        {
            throw new ViewStoreException($"The lists' file {path} has layout {version}; this version reads up to {ViewSchema.Version}. Start the version that wrote it, or a newer one.");
        }
        else if (version != ViewSchema.Version)
        {
            throw ViewStoreException.Damaged(path, $"its layout is {version}, expected {ViewSchema.Version}.");
        }

        if (Scalar(connection, "SELECT count(*) FROM meta WHERE name = 'position'") != 1)
        {
            throw ViewStoreException.Damaged(path, "it has no position.");
        }
    }

    private static void Execute(SqliteConnection connection, string sql)
    {
        using SqliteCommand command = connection.CreateCommand();
        command.CommandText = sql;
        command.ExecuteNonQuery();
    }

    private static long Scalar(SqliteConnection connection, string sql)
    {
        using SqliteCommand command = connection.CreateCommand();
        command.CommandText = sql;
        return (long)(command.ExecuteScalar() ?? 0L);
    }

    private sealed record RowCommands(SqliteCommand Put, SqliteCommand Remove);
}
