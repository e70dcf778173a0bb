using System.Globalization;
using Microsoft.Data.Sqlite;
using SQLitePCL;
using Streaming.Grains.Inputs;
using Streaming.Grains.Turns;

namespace Streaming.Silo.Host;

/// <summary>
/// <c>state.db</c>: SQLite in WAL mode. Journal segments are deleted on the word of this store, so its commits are synced
/// (<c>synchronous=FULL</c>); they are few and large. One writer; each worker reads over a connection of its own.
/// </summary>
internal sealed class SqliteStateStore : IStateStore
{
    /// <summary>Version of the layout.</summary>
    public const int Format = 1;

    private readonly string path;
    private readonly SqliteConnection connection;
    private readonly sqlite3_stmt putActor;
    private readonly sqlite3_stmt replaceActor;
    private readonly SqliteCommand removeActor;
    private readonly SqliteCommand removeRows;
    private readonly SqliteCommand walk;
    private readonly SqliteCommand putRow;
    private readonly SqliteCommand removeRow;
    private readonly SqliteCommand putRulebook;
    private readonly SqliteCommand putMeta;
    private readonly StateCopies copies;
    private readonly Lock dueGate = new();
    private SqliteConnection? dueConnection;
    private SqliteCommand? due;
    private long replayFrom;
    private long builtThrough;
    private volatile StateStoreException? damage;

    /// <summary>Opens or creates the file.</summary>
    /// <exception cref="StateStoreException">It cannot be used; the message says what to do.</exception>
    public SqliteStateStore(string path)
    {
        this.path = path;
        connection = Connect(path);
        try
        {
            connection.Open();
            RequireFormat();
            Execute("PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA wal_autocheckpoint=16000; PRAGMA cache_size=-65536; PRAGMA temp_store=MEMORY;");
            Execute("""
                CREATE TABLE IF NOT EXISTS meta(name TEXT PRIMARY KEY, value INTEGER NOT NULL) WITHOUT ROWID;
                CREATE TABLE IF NOT EXISTS actors(hash INTEGER NOT NULL, kind INTEGER NOT NULL, key TEXT NOT NULL, position INTEGER NOT NULL, next_due INTEGER, state BLOB NOT NULL,
                    PRIMARY KEY(hash, kind, key)) WITHOUT ROWID;
                CREATE INDEX IF NOT EXISTS actors_due ON actors(next_due) WHERE next_due IS NOT NULL;
                CREATE TABLE IF NOT EXISTS rows(kind INTEGER NOT NULL, key TEXT NOT NULL, name TEXT NOT NULL, value BLOB NOT NULL,
                    PRIMARY KEY(kind, key, name)) WITHOUT ROWID;
                CREATE TABLE IF NOT EXISTS rulebooks(position INTEGER PRIMARY KEY, json BLOB NOT NULL);
                """);
            Execute(StateCopies.Schema);
            Execute(string.Create(CultureInfo.InvariantCulture, $"INSERT OR IGNORE INTO meta VALUES('format', {Format});"));
            replayFrom = Meta("replay_from") ?? 1;
            builtThrough = Meta("built_through") ?? 0;
        }
        catch (SqliteException failure)
        {
            connection.Dispose();
            throw StateStoreException.Opening(path, failure);
        }
        catch (StateStoreException)
        {
            connection.Dispose();
            throw;
        }

        putActor = PrepareRaw("INSERT INTO actors VALUES(?,?,?,?,?,?) ON CONFLICT(hash,kind,key) DO UPDATE SET position=excluded.position, next_due=excluded.next_due, state=excluded.state");
        replaceActor = PrepareRaw("INSERT INTO actors VALUES(?,?,?,?,?,?) ON CONFLICT(hash,kind,key) DO UPDATE SET position=excluded.position, next_due=excluded.next_due, state=excluded.state WHERE actors.position=?7");
        removeActor = Prepare("DELETE FROM actors WHERE hash=$hash AND kind=$kind AND key=$key AND position=$position", "$hash", "$kind", "$key", "$position");
        removeRows = Prepare("DELETE FROM rows WHERE kind=$kind AND key=$key", "$kind", "$key");
        walk = Prepare("SELECT hash, kind, key, position, state FROM actors WHERE (hash, kind, key) > ($hash, $kind, $key) ORDER BY hash, kind, key LIMIT $most", "$hash", "$kind", "$key", "$most");
        putRow = Prepare("INSERT INTO rows VALUES($kind,$key,$name,$value) ON CONFLICT(kind,key,name) DO UPDATE SET value=excluded.value", "$kind", "$key", "$name", "$value");
        removeRow = Prepare("DELETE FROM rows WHERE kind=$kind AND key=$key AND name=$name", "$kind", "$key", "$name");
        putRulebook = Prepare("INSERT OR REPLACE INTO rulebooks VALUES($position,$json)", "$position", "$json");
        putMeta = Prepare("INSERT OR REPLACE INTO meta VALUES($name,$value)", "$name", "$value");
        copies = new StateCopies(connection);
    }

    public long ReplayFrom => Volatile.Read(ref replayFrom);

    public long BuiltThrough => builtThrough;

    public StateStoreException? Damage => damage;

    public IStateReader OpenReader() => new Reader(Open(path), this);

    /// <summary>The states as they are now and were, for a look at the past. Called from any thread.</summary>
    public IPastStates OpenPast() => new SqlitePastStates(Open(path));

    public bool PruneCopies(Func<ActorKind, long> firstKept, int limit) => copies.Prune(firstKept, limit);

    public IReadOnlyList<(ActorId Actor, long DueMs)> Reminders()
    {
        List<(ActorId, long)> found = [];
        using SqliteCommand command = connection.CreateCommand();
        command.CommandText = "SELECT kind, key, next_due FROM actors WHERE next_due IS NOT NULL";
        using SqliteDataReader reader = command.ExecuteReader();
        while (reader.Read())
        {
            found.Add((new ActorId((ActorKind)reader.GetInt64(0), reader.GetString(1)), reader.GetInt64(2)));
        }

        return found;
    }

    public IReadOnlyList<(long Position, byte[] Json)> Rulebooks()
    {
        List<(long, byte[])> found = [];
        using SqliteCommand command = connection.CreateCommand();
        command.CommandText = "SELECT position, json FROM rulebooks ORDER BY position";
        using SqliteDataReader reader = command.ExecuteReader();
        while (reader.Read())
        {
            found.Add((reader.GetInt64(0), (byte[])reader.GetValue(1)));
        }

        return found;
    }

    /// <summary>Actors of a share of the partitions whose earliest reminder is due, the earliest first. Called from any thread.</summary>
    public IReadOnlyList<ActorId> Due(int share, int shares, long nowMs, int limit)
    {
        List<ActorId> found = [];
        lock (dueGate)
        {
            if (due is null)
            {
                dueConnection = Open(path);

                // The first six bits of the hash are the partition; the first of them lies turned over in the store.
                due = Prepare(dueConnection, "SELECT kind, key FROM actors WHERE next_due<=$now AND (((hash>>58)&63)+32&63)%$shares=$share ORDER BY next_due LIMIT $limit", "$now", "$shares", "$share", "$limit");
            }

            due.Parameters[0].Value = nowMs;
            due.Parameters[1].Value = shares;
            due.Parameters[2].Value = share;
            due.Parameters[3].Value = limit;
            using SqliteDataReader reader = due.ExecuteReader();
            while (reader.Read())
            {
                found.Add(new ActorId((ActorKind)reader.GetInt64(0), reader.GetString(1)));
            }
        }

        return found;
    }

    public IReadOnlyList<WalkedRow> Walk(WalkedRow? behind, int most, long bytes)
    {
        walk.Parameters[0].Value = behind is { } from ? Signed(from.Hash) : long.MinValue;
        walk.Parameters[1].Value = (long)(behind?.Kind ?? 0);
        walk.Parameters[2].Value = behind?.Key ?? "";
        walk.Parameters[3].Value = most;
        List<WalkedRow> rows = [];
        using SqliteDataReader reader = walk.ExecuteReader();
        while (bytes > 0 && reader.Read())
        {
            byte[] state = (byte[])reader.GetValue(4);
            bytes -= state.Length;
            rows.Add(new WalkedRow(Unsigned(reader.GetInt64(0)), (ActorKind)reader.GetInt64(1), reader.GetString(2), reader.GetInt64(3), state));
        }

        return rows;
    }

    /// <summary>Hashes lie evenly, so how close together some of them are says how many there are: exact where there are few, and within a tenth or so of many.</summary>
    public long ActorsAbout()
    {
        const int Samples = 16;
        const int Together = 64;
        using SqliteCommand command = Prepare("SELECT hash FROM actors WHERE hash>=$from ORDER BY hash LIMIT $most", "$from", "$most");
        command.Parameters[1].Value = Together;
        long found = 0;
        UInt128 span = 0;
        for (ulong sample = 0; sample < Samples; sample++)
        {
            ulong from = sample << 60;
            ulong last = from;
            int count = 0;
            command.Parameters[0].Value = Signed(from);
            using SqliteDataReader reader = command.ExecuteReader();
            while (reader.Read() && (Unsigned(reader.GetInt64(0)) is ulong hash) && hash >> 60 == sample)
            {
                last = hash;
                count++;
            }

            found += count;
            span += count == Together ? last - from : 1UL << 60;
        }

        return (long)((UInt128)found * ((UInt128)1 << 64) / UInt128.Max(span, 1));
    }

    public void Commit(IReadOnlyList<StateBatch> batches, long replayFrom)
    {
        try
        {
            Write(batches, replayFrom);
        }
        catch (SqliteException failure) when (SqliteTrouble.IsDamage(failure))
        {
            throw Damaged(failure);
        }
    }

    private void Write(IReadOnlyList<StateBatch> batches, long replayFrom)
    {
        using SqliteTransaction transaction = connection.BeginTransaction();
        removeActor.Transaction = removeRows.Transaction = putRow.Transaction = removeRow.Transaction = putRulebook.Transaction = putMeta.Transaction = transaction;
        foreach (StateBatch batch in batches)
        {
            // A transaction that failed is tried again whole.
            batch.Refused.Clear();
            for (int i = 0; i < batch.Actors.Count; i++)
            {
                if (!(batch.Actors[i].Bytes is null ? Remove(batch.Actors[i]) : Put(batch.Actors[i])))
                {
                    batch.Refused.Add(i);
                }
            }

            foreach (KeyedRow row in batch.Rows)
            {
                if (row.With is { } state && batch.Refused.Contains(state))
                {
                    continue;
                }

                copies.KeepRow(transaction, row.Kind, row.Key, row.Name);
                if (row.Value is null)
                {
                    Run(removeRow, (long)row.Kind, row.Key, row.Name);
                }
                else
                {
                    Run(putRow, (long)row.Kind, row.Key, row.Name, row.Value);
                }
            }

            foreach ((long position, byte[] json) in batch.Rulebooks)
            {
                Run(putRulebook, position, json);
            }
        }

        long through = batches.Aggregate(builtThrough, (most, batch) => Math.Max(most, batch.NeedsDurable));
        Run(putMeta, "replay_from", replayFrom);
        Run(putMeta, "built_through", through);
        transaction.Commit();
        Volatile.Write(ref this.replayFrom, replayFrom);
        builtThrough = through;
    }

    public void Dispose()
    {
        due?.Dispose();
        dueConnection?.Dispose();
        putActor.Dispose();
        replaceActor.Dispose();
        removeActor.Dispose();
        removeRows.Dispose();
        walk.Dispose();
        putRow.Dispose();
        removeRow.Dispose();
        putRulebook.Dispose();
        putMeta.Dispose();
        copies.Dispose();
        connection.Dispose();
    }

    /// <summary>
    /// The one statement that runs thousands of times a second, through the C interface: nothing is boxed and no command object stands between.
    /// </summary>
    /// <returns>False where the row was to replace another version than the one stored.</returns>
    private bool Put(in StateRow row)
    {
        if (row.CopyBefore)
        {
            copies.Keep(row);
        }

        sqlite3_stmt statement = putActor;
        if (row.Replaces is { } replaces)
        {
            statement = replaceActor;
            Check(raw.sqlite3_bind_int64(statement, 7, replaces));
        }

        Check(raw.sqlite3_bind_int64(statement, 1, Signed(row.Hash)));
        Check(raw.sqlite3_bind_int64(statement, 2, (long)row.Kind));
        Check(raw.sqlite3_bind_text(statement, 3, row.Key));
        Check(raw.sqlite3_bind_int64(statement, 4, row.Position));
        Check(row.NextDueMs is { } due ? raw.sqlite3_bind_int64(statement, 5, due) : raw.sqlite3_bind_null(statement, 5));
        Check(raw.sqlite3_bind_blob(statement, 6, row.Bytes));
        int result = raw.sqlite3_step(statement);
        raw.sqlite3_reset(statement);
        Check(result == raw.SQLITE_DONE ? raw.SQLITE_OK : result);
        return row.Replaces is null || raw.sqlite3_changes(connection.Handle) == 1;
    }

    /// <returns>False where the row is not there, or of another version.</returns>
    private bool Remove(in StateRow row)
    {
        // What is removed says no more than that there was nothing since then, and that is what a look at the past has to find.
        copies.Keep(row);
        removeActor.Parameters[0].Value = Signed(row.Hash);
        removeActor.Parameters[1].Value = (long)row.Kind;
        removeActor.Parameters[2].Value = row.Key;
        removeActor.Parameters[3].Value = row.Replaces;
        if (removeActor.ExecuteNonQuery() == 0)
        {
            return false;
        }

        Run(removeRows, (long)row.Kind, row.Key);
        return true;
    }

    private sqlite3_stmt PrepareRaw(string sql)
    {
        Check(raw.sqlite3_prepare_v2(connection.Handle, sql, out sqlite3_stmt statement));
        return statement;
    }

    private void Check(int result) => SqliteException.ThrowExceptionForRC(result, connection.Handle);

    /// <summary>SQLite's integers are signed; with the first bit turned over, their order is that of the hash.</summary>
    public static long Signed(ulong hash) => (long)(hash ^ (1UL << 63));

    private static ulong Unsigned(long stored) => (ulong)stored ^ (1UL << 63);

    /// <summary>How long a statement waits for another process that has the file locked, in seconds; meanwhile inputs are taken, and states wait.</summary>
    private const int LockedSeconds = 5;

    private static SqliteConnection Connect(string path) => new(new SqliteConnectionStringBuilder { DataSource = path, Pooling = false, DefaultTimeout = LockedSeconds }.ToString());

    private static SqliteConnection Open(string path)
    {
        SqliteConnection opened = Connect(path);
        opened.Open();
        return opened;
    }

    /// <summary>Looks at the format before anything is written: a file of another version is left as it is.</summary>
    private void RequireFormat()
    {
        using SqliteCommand command = connection.CreateCommand();
        command.CommandText = "SELECT count(*) FROM sqlite_master WHERE name='meta'";
        long format = command.ExecuteScalar() is 1L ? Meta("format") ?? Format : Format;
        if (format != Format)
        {
            throw new StateStoreException(string.Create(CultureInfo.InvariantCulture, $"{path} has format {format}; this version reads format {Format}. Start the version that wrote it, or a newer one."));
        }
    }

    /// <summary>Notes that the file is damaged, which ends the process; returns what is to be thrown.</summary>
    private StateStoreException Damaged(SqliteException failure) => damage ??= StateStoreException.Damaged(path, failure.Message, failure);

    private static void Run(SqliteCommand command, params ReadOnlySpan<object?> values)
    {
        for (int i = 0; i < values.Length; i++)
        {
            command.Parameters[i].Value = values[i] ?? DBNull.Value;
        }

        command.ExecuteNonQuery();
    }

    private SqliteCommand Prepare(string sql, params ReadOnlySpan<string> parameters) => Prepare(connection, sql, parameters);

    public static SqliteCommand Prepare(SqliteConnection connection, string sql, params ReadOnlySpan<string> parameters)
    {
        SqliteCommand command = connection.CreateCommand();
#pragma warning disable CA2100 // The texts are constants of this file.
        command.CommandText = sql;
#pragma warning restore CA2100
        foreach (string name in parameters)
        {
            SqliteParameter parameter = command.CreateParameter();
            parameter.ParameterName = name;
            command.Parameters.Add(parameter);
        }

        command.Prepare();
        return command;
    }

    private void Execute(string sql)
    {
        using SqliteCommand command = connection.CreateCommand();
#pragma warning disable CA2100 // The texts are constants of this file.
        command.CommandText = sql;
#pragma warning restore CA2100
        command.ExecuteNonQuery();
    }

    private long? Meta(string name)
    {
        using SqliteCommand command = connection.CreateCommand();
        command.CommandText = "SELECT value FROM meta WHERE name=$name";
        command.Parameters.AddWithValue("$name", name);
        return command.ExecuteScalar() as long?;
    }

    private sealed class Reader : IStateReader
    {
        private readonly SqliteConnection connection;
        private readonly sqlite3_stmt load;
        private readonly SqliteCommand loadRow;
        private readonly sqlite3_stmt loadPartition;

        private readonly SqliteStateStore store;

        public Reader(SqliteConnection connection, SqliteStateStore store)
        {
            this.connection = connection;
            this.store = store;
            SqliteException.ThrowExceptionForRC(raw.sqlite3_prepare_v2(connection.Handle, "SELECT position, state FROM actors WHERE hash=?1 AND kind=?2 AND key=?3", out load), connection.Handle);
            SqliteException.ThrowExceptionForRC(raw.sqlite3_prepare_v2(connection.Handle, "SELECT hash, kind, key, position, state FROM actors WHERE hash>=?1 AND hash<=?2 ORDER BY hash", out loadPartition), connection.Handle);
            loadRow = Prepare(connection, "SELECT value FROM rows WHERE kind=$kind AND key=$key AND name=$name", "$kind", "$key", "$name");
        }

        /// <summary>Like <see cref="Put"/> through the C interface: a start reads a million of them.</summary>
        public StoredActor? Load(ActorKind kind, string key)
        {
            try
            {
                Check(raw.sqlite3_bind_int64(load, 1, Signed(Partition.HashOf(kind, key))));
                Check(raw.sqlite3_bind_int64(load, 2, (long)kind));
                Check(raw.sqlite3_bind_text(load, 3, key));
                int result = raw.sqlite3_step(load);
                StoredActor? found = result == raw.SQLITE_ROW ? new StoredActor(raw.sqlite3_column_int64(load, 0), raw.sqlite3_column_blob(load, 1).ToArray()) : null;
                raw.sqlite3_reset(load);
                Check(result is raw.SQLITE_ROW or raw.SQLITE_DONE ? raw.SQLITE_OK : result);
                return found;
            }
            catch (SqliteException failure) when (SqliteTrouble.IsDamage(failure))
            {
                throw store.Damaged(failure);
            }
        }

        public byte[]? LoadRow(ActorKind kind, string key, string name)
        {
            loadRow.Parameters[0].Value = (long)kind;
            loadRow.Parameters[1].Value = key;
            loadRow.Parameters[2].Value = name;
            try
            {
                return loadRow.ExecuteScalar() as byte[];
            }
            catch (SqliteException failure) when (SqliteTrouble.IsDamage(failure))
            {
                throw store.Damaged(failure);
            }
        }

        /// <summary>The partition is the first bits of the hash, by which the rows lie.</summary>
        public IEnumerable<WalkedRow> LoadPartition(byte partition)
        {
            Check(raw.sqlite3_bind_int64(loadPartition, 1, Signed(Partition.FirstHash(partition))));
            Check(raw.sqlite3_bind_int64(loadPartition, 2, Signed(Partition.LastHash(partition))));
            try
            {
                while (Next() is { } row)
                {
                    yield return row;
                }
            }
            finally
            {
                raw.sqlite3_reset(loadPartition);
            }
        }

        private WalkedRow? Next()
        {
            try
            {
                int result = raw.sqlite3_step(loadPartition);
                Check(result is raw.SQLITE_ROW or raw.SQLITE_DONE ? raw.SQLITE_OK : result);
                return result == raw.SQLITE_DONE ? null : new WalkedRow(
                    Unsigned(raw.sqlite3_column_int64(loadPartition, 0)),
                    (ActorKind)raw.sqlite3_column_int64(loadPartition, 1),
                    raw.sqlite3_column_text(loadPartition, 2).utf8_to_string(),
                    raw.sqlite3_column_int64(loadPartition, 3),
                    raw.sqlite3_column_blob(loadPartition, 4).ToArray());
            }
            catch (SqliteException failure) when (SqliteTrouble.IsDamage(failure))
            {
                throw store.Damaged(failure);
            }
        }

        public IDisposable Together() => connection.BeginTransaction(deferred: true);

        public void Dispose()
        {
            load.Dispose();
            loadPartition.Dispose();
            loadRow.Dispose();
            connection.Dispose();
        }

        private void Check(int result) => SqliteException.ThrowExceptionForRC(result, connection.Handle);
    }
}
