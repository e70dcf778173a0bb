using System.Threading.Channels;
using Npgsql;
using Streaming.Grains.Inputs;
using Streaming.Grains.Turns;

namespace Streaming.Silo.Orleans;

/// <summary>
/// Deadlines as rows of <c>streaming_deadlines</c>. Many grains set theirs at the same moment, so one writer takes whatever waits and writes it in one round trip
/// while the next ones gather. Of several settings of one actor in a batch the last counts; batches follow each other, so a later setting is never overtaken by an earlier one
/// of the same silo. Two silos set the same actor's deadline only while an activation of it is being lost, and then the version check on the actor's state decides which of them goes on.
/// </summary>
internal sealed class PostgresDeadlines : IDeadlines, IAsyncDisposable
{
    private const string Upsert = """
        INSERT INTO streaming_deadlines (hash, kind, key, due_ms)
        SELECT * FROM unnest($1, $2, $3, $4)
        ON CONFLICT (hash, kind, key) DO UPDATE SET due_ms = excluded.due_ms WHERE streaming_deadlines.due_ms <> excluded.due_ms
        """;

    private const string Delete = """
        DELETE FROM streaming_deadlines AS deadline
        USING unnest($1, $2, $3) AS gone (hash, kind, key)
        WHERE deadline.hash = gone.hash AND deadline.kind = gone.kind AND deadline.key = gone.key
        """;

    private const string Due = """
        SELECT kind, key FROM streaming_deadlines
        WHERE due_ms <= $1 AND partition % $2 = $3
        ORDER BY due_ms LIMIT $4
        """;

    private readonly NpgsqlDataSource source;

    private readonly Channel<Setting> waiting = Channel.CreateBounded<Setting>(new BoundedChannelOptions(PostgresLimits.WaitingDeadlines) { SingleReader = true });

    private readonly Task writing;

    /// <summary>Starts the writer. The source stays the caller's; its database holds the schema.</summary>
    public PostgresDeadlines(NpgsqlDataSource source)
    {
        this.source = source;

        // Away from whatever scheduler the caller runs on: a grain's would run the writer in that grain's turns.
        writing = Task.Run(WriteAllAsync);
    }

    public async ValueTask SetAsync(ActorId actor, long? dueMs, CancellationToken cancellationToken)
    {
        Setting setting = new(unchecked((long)Partition.HashOf(actor.Kind, actor.Key)), actor, dueMs, new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously));
        await waiting.Writer.WriteAsync(setting, cancellationToken);
        await setting.Written.Task.WaitAsync(cancellationToken);
    }

    public async ValueTask<IReadOnlyList<ActorId>> DueAsync(int share, int shares, long nowMs, int limit, CancellationToken cancellationToken)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(shares, 1);
        ArgumentOutOfRangeException.ThrowIfNegative(share);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(share, shares);
        ArgumentOutOfRangeException.ThrowIfLessThan(limit, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(limit, PostgresLimits.DuePerSweep);
        await using NpgsqlConnection connection = await source.OpenConnectionAsync(cancellationToken);
        await using NpgsqlCommand command = new(Due, connection)
        {
            Parameters =
            {
                new NpgsqlParameter<long> { TypedValue = nowMs },
                new NpgsqlParameter<int> { TypedValue = shares },
                new NpgsqlParameter<int> { TypedValue = share },
                new NpgsqlParameter<int> { TypedValue = limit },
            },
        };
        await command.PrepareAsync(cancellationToken);
        await using NpgsqlDataReader reader = await command.ExecuteReaderAsync(cancellationToken);
        List<ActorId> due = [];
        while (await reader.ReadAsync(cancellationToken))
        {
            due.Add(new ActorId((ActorKind)reader.GetInt16(0), reader.GetString(1)));
        }

        return due;
    }

    /// <summary>Writes what still waits, then ends the writer. What is set afterwards is refused with a <see cref="ChannelClosedException"/>.</summary>
    public async ValueTask DisposeAsync()
    {
        waiting.Writer.TryComplete();
        await writing;
    }

    private async Task WriteAllAsync()
    {
        List<Setting> batch = [];
        while (await waiting.Reader.WaitToReadAsync())
        {
            while (batch.Count < PostgresLimits.DeadlinesPerBatch && waiting.Reader.TryRead(out Setting setting))
            {
                batch.Add(setting);
            }

            Exception? failure = await TryWriteAsync(batch);
            foreach (Setting setting in batch)
            {
                if (failure is null)
                {
                    setting.Written.SetResult();
                }
                else
                {
                    setting.Written.SetException(failure);
                }
            }

            batch.Clear();
        }
    }

    /// <summary>Whatever goes wrong is the answer to everyone in the batch; the writer itself goes on, because the database may come back.</summary>
    private async Task<Exception?> TryWriteAsync(List<Setting> batch)
    {
        try
        {
            await WriteAsync(batch);
            return null;
        }
        catch (Exception error)
        {
            return error;
        }
    }

    private async Task WriteAsync(List<Setting> batch)
    {
        Dictionary<ActorId, Setting> last = [];
        foreach (Setting setting in batch)
        {
            last[setting.Actor] = setting;
        }

        // Everybody locks rows in the same order, and the two statements commit one by one (error barriers), so that two silos' batches do not wait for each other in a circle.
        Setting[] ordered = [.. last.Values.OrderBy(each => each.Hash).ThenBy(each => each.Actor.Kind).ThenBy(each => each.Actor.Key, StringComparer.Ordinal)];
        Setting[] kept = [.. ordered.Where(each => each.DueMs is not null)];
        Setting[] removed = [.. ordered.Where(each => each.DueMs is null)];
        await using NpgsqlConnection connection = await source.OpenConnectionAsync();
        await using NpgsqlBatch statements = new(connection) { EnableErrorBarriers = true };
        if (kept.Length > 0)
        {
            NpgsqlBatchCommand upsert = Naming(Upsert, kept);
            upsert.Parameters.Add(new NpgsqlParameter<long[]> { TypedValue = [.. kept.Select(each => each.DueMs!.Value)] });
            statements.BatchCommands.Add(upsert);
        }

        if (removed.Length > 0)
        {
            statements.BatchCommands.Add(Naming(Delete, removed));
        }

        await statements.PrepareAsync();
        await statements.ExecuteNonQueryAsync();
    }

    private static NpgsqlBatchCommand Naming(string statement, Setting[] settings) => new(statement)
    {
        Parameters =
        {
            new NpgsqlParameter<long[]> { TypedValue = [.. settings.Select(each => each.Hash)] },
            new NpgsqlParameter<short[]> { TypedValue = [.. settings.Select(each => (short)each.Actor.Kind)] },
            new NpgsqlParameter<string[]> { TypedValue = [.. settings.Select(each => each.Actor.Key)] },
        },
    };

    private readonly record struct Setting(long Hash, ActorId Actor, long? DueMs, TaskCompletionSource Written);
}
