using Microsoft.Data.Sqlite;
using Streaming.Grains.Inputs;
using Streaming.Grains.Turns;

namespace Streaming.Silo.Host;

/// <summary>Reads states and their copies within one read transaction, on a connection of its own.</summary>
internal sealed class SqlitePastStates : IPastStates
{
    private readonly SqliteConnection connection;
    private readonly SqliteTransaction transaction;
    private readonly SqliteCommand row;
    private readonly SqliteCommand newest;
    private readonly SqliteCommand oldest;
    private readonly SqliteCommand keptRow;
    private readonly SqliteCommand keyedRow;
    private readonly long replayFrom;

    public SqlitePastStates(SqliteConnection connection)
    {
        this.connection = connection;
        transaction = connection.BeginTransaction(deferred: true);
        row = Prepare("SELECT position, state FROM actors WHERE hash=$hash AND kind=$kind AND key=$key", "$hash", "$kind", "$key");
        newest = Prepare("SELECT position, until, state FROM copies WHERE hash=$hash AND kind=$kind AND key=$key AND time<=$time ORDER BY position DESC LIMIT 1", "$hash", "$kind", "$key", "$time");
        oldest = Prepare("SELECT position, until, state FROM copies WHERE hash=$hash AND kind=$kind AND key=$key AND until>=$begins ORDER BY position LIMIT 1", "$hash", "$kind", "$key", "$begins");
        keptRow = Prepare("SELECT value FROM copy_rows WHERE kind=$kind AND key=$key AND name=$name AND position>=$position ORDER BY position LIMIT 1", "$kind", "$key", "$name", "$position");
        keyedRow = Prepare("SELECT value FROM rows WHERE kind=$kind AND key=$key AND name=$name", "$kind", "$key", "$name");
        using SqliteCommand meta = Prepare("SELECT value FROM meta WHERE name='replay_from'");
        replayFrom = meta.ExecuteScalar() as long? ?? 1;
    }

    /// <summary>Over the file of a silo that may be running. Null where the file is from before there were copies.</summary>
    public static SqlitePastStates? OpenForReading(string path)
    {
        SqliteConnection connection = new(new SqliteConnectionStringBuilder { DataSource = path, Mode = SqliteOpenMode.ReadOnly, Pooling = false, DefaultTimeout = 30 }.ToString());
        try
        {
            connection.Open();
            using SqliteCommand tables = connection.CreateCommand();
            tables.CommandText = "SELECT count(*) FROM sqlite_master WHERE type='table' AND name IN ('copies', 'copy_rows')";
            if (tables.ExecuteScalar() is 2L)
            {
                return new SqlitePastStates(connection);
            }

            connection.Dispose();
            return null;
        }
        catch
        {
            connection.Dispose();
            throw;
        }
    }

    public PastState? At(ActorKind kind, string key, long timeMs)
    {
        PastState? now = Now(kind, key);
        if (now is not null && HostedActor.TimeOf(now.Bytes) <= timeMs)
        {
            return now;
        }

        Set(newest, SqliteStateStore.Signed(Partition.HashOf(kind, key)), (long)kind, key, timeMs);
        return Copy(newest);
    }

    public PastState? Oldest(ActorKind kind, string key, long historyBegins)
    {
        Set(oldest, SqliteStateStore.Signed(Partition.HashOf(kind, key)), (long)kind, key, historyBegins);
        return Copy(oldest) ?? (Now(kind, key) is { } now && now.Until >= historyBegins ? now : null);
    }

    public byte[]? Row(ActorKind kind, string key, string name, PastState state)
    {
        if (state.IsCopy)
        {
            Set(keptRow, (long)kind, key, name, state.Position);
            using SqliteDataReader reader = keptRow.ExecuteReader();
            if (reader.Read())
            {
                return reader.IsDBNull(0) ? null : (byte[])reader.GetValue(0);
            }
        }

        Set(keyedRow, (long)kind, key, name);
        return keyedRow.ExecuteScalar() as byte[];
    }

    public void Dispose()
    {
        row.Dispose();
        newest.Dispose();
        oldest.Dispose();
        keptRow.Dispose();
        keyedRow.Dispose();
        transaction.Dispose();
        connection.Dispose();
    }

    private PastState? Now(ActorKind kind, string key)
    {
        Set(row, SqliteStateStore.Signed(Partition.HashOf(kind, key)), (long)kind, key);
        using SqliteDataReader reader = row.ExecuteReader();

        // The rows as they are reflect everything before the position that a replay begins at.
        return reader.Read() && reader.GetInt64(0) is long position ? new PastState(position, Math.Max(position + 1, replayFrom), (byte[])reader.GetValue(1), IsCopy: false) : null;
    }

    private static PastState? Copy(SqliteCommand command)
    {
        using SqliteDataReader reader = command.ExecuteReader();
        return reader.Read() ? new PastState(reader.GetInt64(0), reader.GetInt64(1), (byte[])reader.GetValue(2), IsCopy: true) : null;
    }

    private SqliteCommand Prepare(string sql, params ReadOnlySpan<string> parameters)
    {
        SqliteCommand command = SqliteStateStore.Prepare(connection, sql, parameters);
        command.Transaction = transaction;
        return command;
    }

    private static void Set(SqliteCommand command, params ReadOnlySpan<object> values)
    {
        for (int i = 0; i < values.Length; i++)
        {
            command.Parameters[i].Value = values[i];
        }
    }
}
