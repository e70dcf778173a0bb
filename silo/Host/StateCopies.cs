using Microsoft.Data.Sqlite;
using SQLitePCL;
using Streaming.Grains.Inputs;
using Streaming.Grains.Turns;

namespace Streaming.Silo.Host;

/// <summary>
/// Before-images: in the transaction that replaces or removes an actor's row of an earlier UTC day, the row is kept as a copy. So there is one a subject and day on which it was active, and the state at any time needs no more records than those of one day.
/// </summary>
/// <remarks>
/// Keyed rows are not copied with their actor, as there may be thousands. A keyed row is kept when it is first changed after the actor's newest copy, under that copy's position: the row as of a copy is the one kept under the smallest
/// position at or behind the copy's, and where there is none, the one that the store has now.
/// Used by the store's writer alone, within its transactions.
/// </remarks>
internal sealed class StateCopies : IDisposable
{
    private readonly SqliteConnection connection;
    private readonly sqlite3_stmt load;
    private readonly sqlite3_stmt put;
    private readonly SqliteCommand putRow;
    private readonly SqliteCommand page;
    private readonly SqliteCommand needless;
    private readonly SqliteCommand remove;
    private readonly SqliteCommand removeRows;
    private (long Hash, long Kind, string Key, long Position) cursor = Beginning;

    public StateCopies(SqliteConnection connection)
    {
        this.connection = connection;
        load = Prepare("SELECT position, state FROM actors WHERE hash=? AND kind=? AND key=?");
        put = Prepare("INSERT OR IGNORE INTO copies(hash, kind, key, position, time, until, state) VALUES(?,?,?,?,?,?,?)");
        putRow = Command("""
            INSERT OR IGNORE INTO copy_rows(kind, key, name, position, value)
            SELECT $kind, $key, $name, newest, (SELECT value FROM rows WHERE kind=$kind AND key=$key AND name=$name)
            FROM (SELECT max(position) AS newest FROM copies WHERE hash=$hash AND kind=$kind AND key=$key) WHERE newest IS NOT NULL
            """, "$hash", "$kind", "$key", "$name");
        page = Command("SELECT hash, kind, key, position FROM copies WHERE (hash, kind, key, position) > ($hash, $kind, $key, $position) ORDER BY hash, kind, key, position LIMIT $limit", "$hash", "$kind", "$key", "$position", "$limit");
        needless = Command("""
            SELECT EXISTS(SELECT 1 FROM copies WHERE hash=$hash AND kind=$kind AND key=$key AND position>$position AND position<=$kept)
                OR EXISTS(SELECT 1 FROM actors WHERE hash=$hash AND kind=$kind AND key=$key AND position>$position AND position<=$kept)
                OR ($position<=$kept AND NOT EXISTS(SELECT 1 FROM copies WHERE hash=$hash AND kind=$kind AND key=$key AND position>$position)
                    AND NOT EXISTS(SELECT 1 FROM actors WHERE hash=$hash AND kind=$kind AND key=$key))
            """, "$hash", "$kind", "$key", "$position", "$kept");
        remove = Command("DELETE FROM copies WHERE hash=$hash AND kind=$kind AND key=$key AND position=$position", "$hash", "$kind", "$key", "$position");
        removeRows = Command("DELETE FROM copy_rows WHERE kind=$kind AND key=$key AND position<=$position", "$kind", "$key", "$position");
    }

    /// <summary>The tables, for a store that may have been made before there were copies.</summary>
    public const string Schema = """
        CREATE TABLE IF NOT EXISTS copies(hash INTEGER NOT NULL, kind INTEGER NOT NULL, key TEXT NOT NULL, position INTEGER NOT NULL, time INTEGER NOT NULL, until INTEGER NOT NULL, state BLOB NOT NULL,
            PRIMARY KEY(hash, kind, key, position)) WITHOUT ROWID;
        CREATE TABLE IF NOT EXISTS copy_rows(kind INTEGER NOT NULL, key TEXT NOT NULL, name TEXT NOT NULL, position INTEGER NOT NULL, value BLOB,
            PRIMARY KEY(kind, key, name, position)) WITHOUT ROWID;
        """;

    private static (long Hash, long Kind, string Key, long Position) Beginning => (long.MinValue, 0, "", 0);

    /// <summary>Keeps the row that <paramref name="row"/> is about to replace or remove; nothing where there is none, or where the write is going to be refused.</summary>
    public void Keep(in StateRow row)
    {
        long hash = SqliteStateStore.Signed(row.Hash);
        Bind(load, hash, row.Kind, row.Key);
        try
        {
            int result = raw.sqlite3_step(load);
            if (result != raw.SQLITE_ROW)
            {
                Check(result == raw.SQLITE_DONE ? raw.SQLITE_OK : result);
                return;
            }

            long position = raw.sqlite3_column_int64(load, 0);
            if (row.Replaces is { } replaces && replaces != position)
            {
                return;
            }

            ReadOnlySpan<byte> state = raw.sqlite3_column_blob(load, 1);
            Bind(put, hash, row.Kind, row.Key);
            Check(raw.sqlite3_bind_int64(put, 4, position));
            Check(raw.sqlite3_bind_int64(put, 5, HostedActor.TimeOf(state)));
            Check(raw.sqlite3_bind_int64(put, 6, Math.Max(row.FirstSince, position + 1)));
            Check(raw.sqlite3_bind_blob(put, 7, state));
            result = raw.sqlite3_step(put);
            raw.sqlite3_reset(put);
            Check(result == raw.SQLITE_DONE ? raw.SQLITE_OK : result);
        }
        finally
        {
            raw.sqlite3_reset(load);
        }
    }

    /// <summary>Keeps a keyed row that is about to be changed or removed, where its actor has a copy that it belongs to; where there is no such row, that there was none.</summary>
    public void KeepRow(SqliteTransaction transaction, ActorKind kind, string key, string name)
    {
        putRow.Transaction = transaction;
        Run(putRow, SqliteStateStore.Signed(Partition.HashOf(kind, key)), (long)kind, key, name);
    }

    /// <summary>
    /// Looks at so many copies and removes those that history has no use for: where a newer copy, or the row itself, lies at or before the first position kept, no time that is still reached begins with the older one. The last copy of
    /// an actor whose row was removed says that there was nothing from then on, which needs no saying once history begins behind it.
    /// </summary>
    /// <returns>False where the last copy was reached: the next call begins anew.</returns>
    public bool Prune(Func<ActorKind, long> firstKept, int limit)
    {
        List<(long Hash, long Kind, string Key, long Position)> looked = [];
        Set(page, cursor.Hash, cursor.Kind, cursor.Key, cursor.Position, limit);
        using (SqliteDataReader reader = page.ExecuteReader())
        {
            while (reader.Read())
            {
                looked.Add((reader.GetInt64(0), reader.GetInt64(1), reader.GetString(2), reader.GetInt64(3)));
            }
        }

        Dictionary<long, long> kept = looked.Select(copy => copy.Kind).Distinct().ToDictionary(kind => kind, kind => firstKept((ActorKind)kind));
        List<(long Hash, long Kind, string Key, long Position)> old = [];
        foreach ((long Hash, long Kind, string Key, long Position) copy in looked)
        {
            Set(needless, copy.Hash, copy.Kind, copy.Key, copy.Position, kept[copy.Kind]);
            if (needless.ExecuteScalar() is 1L)
            {
                old.Add(copy);
            }
        }

        if (old.Count > 0)
        {
            using SqliteTransaction transaction = connection.BeginTransaction();
            remove.Transaction = removeRows.Transaction = transaction;
            foreach ((long hash, long kind, string key, long position) in old)
            {
                Run(remove, hash, kind, key, position);
                Run(removeRows, kind, key, position);
            }

            transaction.Commit();
        }

        cursor = looked.Count == limit ? looked[^1] : Beginning;
        return looked.Count == limit;
    }

    public void Dispose()
    {
        load.Dispose();
        put.Dispose();
        putRow.Dispose();
        page.Dispose();
        needless.Dispose();
        remove.Dispose();
        removeRows.Dispose();
    }

    private void Bind(sqlite3_stmt statement, long hash, ActorKind kind, string key)
    {
        Check(raw.sqlite3_bind_int64(statement, 1, hash));
        Check(raw.sqlite3_bind_int64(statement, 2, (long)kind));
        Check(raw.sqlite3_bind_text(statement, 3, key));
    }

    private sqlite3_stmt Prepare(string sql)
    {
        Check(raw.sqlite3_prepare_v2(connection.Handle, sql, out sqlite3_stmt statement));
        return statement;
    }

    private SqliteCommand Command(string sql, params ReadOnlySpan<string> parameters) => SqliteStateStore.Prepare(connection, sql, parameters);

    private static void Set(SqliteCommand command, params ReadOnlySpan<object> values)
    {
        command.Transaction = null;
        for (int i = 0; i < values.Length; i++)
        {
            command.Parameters[i].Value = values[i];
        }
    }

    private static void Run(SqliteCommand command, params ReadOnlySpan<object> values)
    {
        for (int i = 0; i < values.Length; i++)
        {
            command.Parameters[i].Value = values[i];
        }

        command.ExecuteNonQuery();
    }

    private void Check(int result) => SqliteException.ThrowExceptionForRC(result, connection.Handle);
}
