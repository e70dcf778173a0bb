using Npgsql;

namespace Streaming.Silo.Orleans;

/// <summary>
/// Makes what a cluster keeps in PostgreSQL: the tables and named statements that Orleans' AdoNet providers work with, and our deadlines. Silos that start at the same time
/// do it one after the other, under a lock of the database, and whoever comes later finds it done. It is one transaction: a crash leaves what was there before.
/// </summary>
internal static class PostgresSchema
{
    /// <summary>Version of the tables that this program works with.</summary>
    public const int Version = 1;

    /// <summary>Name of the advisory lock, the letters STREAMSQ: no other program on the same database is likely to take it.</summary>
    private const long LockKey = 0x5354_5245_414D_5351;

    /// <summary>The script that makes version n stands at n - 1, and enters its number in <c>streaming_schema</c> itself.</summary>
    private static readonly string[] Scripts = ["PostgresSchema.sql"];

    /// <summary>Makes the tables where they are missing, and brings older ones to <see cref="Version"/>.</summary>
    /// <exception cref="PostgresSchemaException">It cannot be done; the message says what to do.</exception>
    public static async Task EnsureAsync(string connectionString, CancellationToken cancellationToken)
    {
        NpgsqlConnectionStringBuilder target = Parse(connectionString);
        string where = $"{target.Host}:{target.Port}, database {target.Database ?? target.Username}, user {target.Username}";
        await using NpgsqlConnection connection = new(connectionString);
        try
        {
            await connection.OpenAsync(cancellationToken);
        }
        catch (NpgsqlException error)
        {
            throw PostgresSchemaException.Opening(where, error);
        }

        try
        {
            await EnsureAsync(connection, where, cancellationToken);
        }
        catch (NpgsqlException error)
        {
            throw PostgresSchemaException.Making(where, error);
        }
    }

    /// <summary>
    /// Holds the database for one process until what is returned is disposed of, or the connection is lost: a copy of a data directory has the same journal's name and a lock of its own, and would feed the same states.
    /// </summary>
    /// <exception cref="InvalidDataException">Another process holds it.</exception>
    public static async Task<IAsyncDisposable> HoldAsync(string connectionString, CancellationToken cancellationToken)
    {
        // The lock lives as long as its session, so the connection is kept out of the pool.
        NpgsqlConnection connection = new(new NpgsqlConnectionStringBuilder(connectionString) { Pooling = false, KeepAlive = 30 }.ConnectionString);
        try
        {
            await connection.OpenAsync(cancellationToken);
            for (int attempt = 1; await ExecuteAsync(connection, $"SELECT pg_try_advisory_lock({LockKey + 1})", cancellationToken) is not true; attempt++)
            {
                if (attempt == PostgresLimits.HoldAttempts)
                {
                    throw new InvalidDataException("Another process runs on the states in this PostgreSQL database. Stop it first, or give this one a database of its own.");
                }

                // The session of a process that was killed a moment ago ends when the server notices.
                await Task.Delay(PostgresLimits.HoldRetryMs, cancellationToken);
            }

            return connection;
        }
        catch
        {
            await connection.DisposeAsync();
            throw;
        }
    }

    /// <summary>
    /// Writes down which journal the states of this database are built from, where nobody has yet, and forgets the members of earlier runs: whoever calls this has the journal's lock, so none of them lives.
    /// </summary>
    /// <exception cref="InvalidDataException">It is another one.</exception>
    public static async Task ClaimAsync(string connectionString, string journal, CancellationToken cancellationToken)
    {
        await using NpgsqlDataSource source = NpgsqlDataSource.Create(connectionString);
        await using NpgsqlCommand claim = source.CreateCommand("INSERT INTO streaming_journal (name) VALUES ($1) ON CONFLICT DO NOTHING");
        claim.Parameters.AddWithValue(journal);
        await claim.ExecuteNonQueryAsync(cancellationToken);
        await using NpgsqlCommand look = source.CreateCommand("SELECT name FROM streaming_journal");
        if (await look.ExecuteScalarAsync(cancellationToken) is not string claimed || claimed != journal)
        {
            throw new InvalidDataException("The states in this PostgreSQL database were built from another data directory's journal. Give every data directory a database of its own, or start the directory that this database belongs to.");
        }

        await using NpgsqlCommand forget = source.CreateCommand("DELETE FROM orleans_clusters");
        await forget.ExecuteNonQueryAsync(cancellationToken);
    }

    private static async Task EnsureAsync(NpgsqlConnection connection, string where, CancellationToken cancellationToken)
    {
        await using NpgsqlTransaction transaction = await connection.BeginTransactionAsync(cancellationToken);

        // Held to the end of the transaction. What is read afterwards includes whatever the holder before has committed.
        await ExecuteAsync(connection, $"SELECT pg_advisory_xact_lock({LockKey})", cancellationToken);
        int found = await FoundAsync(connection, cancellationToken);
        if (found > Version)
        {
            throw PostgresSchemaException.Newer(where, found, Version);
        }

        for (int version = found; version < Version; version++)
        {
            await ExecuteAsync(connection, Script(Scripts[version]), cancellationToken);
        }

        await transaction.CommitAsync(cancellationToken);
    }

    /// <summary>The version found; 0 where there are no tables. Asked in two steps because a statement that names a missing table fails the transaction.</summary>
    private static async Task<int> FoundAsync(NpgsqlConnection connection, CancellationToken cancellationToken) =>
        await ExecuteAsync(connection, "SELECT to_regclass('streaming_schema') IS NOT NULL", cancellationToken) is true
            ? (int)(await ExecuteAsync(connection, "SELECT coalesce(max(version), 0) FROM streaming_schema", cancellationToken))!
            : 0;

    private static async Task<object?> ExecuteAsync(NpgsqlConnection connection, string statements, CancellationToken cancellationToken)
    {
        await using NpgsqlCommand command = new(statements, connection) { CommandTimeout = PostgresLimits.SchemaCommandSeconds };
        return await command.ExecuteScalarAsync(cancellationToken);
    }

    private static NpgsqlConnectionStringBuilder Parse(string connectionString)
    {
        try
        {
            return new NpgsqlConnectionStringBuilder(connectionString);
        }
        catch (ArgumentException error)
        {
            throw PostgresSchemaException.NotUnderstood(error);
        }
    }

    private static string Script(string name)
    {
        using Stream stream = typeof(PostgresSchema).Assembly.GetManifestResourceStream(name)
            ?? throw new InvalidOperationException($"The assembly was built without {name}.");
        using StreamReader reader = new(stream);
        return reader.ReadToEnd();
    }
}
