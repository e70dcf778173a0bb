using System.Collections.Concurrent;
using System.Text;
using Microsoft.Data.Sqlite;
using Streaming.Grains.Inputs;
using Streaming.Grains.Turns;
using Streaming.Ingest;

namespace Streaming.Silo.Views;

/// <summary>
/// Reads the lists as they stood at the last commit. A few connections serve everyone; a caller waits for one without holding a thread. Values are always bound, never written into the statement;
/// the statements of the filters in use are kept prepared.
/// </summary>
internal sealed class ViewReader(string path, Func<SqliteConnection> open) : IDisposable
{
    private readonly SemaphoreSlim free = new(ViewLimits.Readers, ViewLimits.Readers);
    private readonly ConcurrentBag<Connection> idle = [];
    private volatile bool disposed;

    /// <summary>What a reader found damaged, and what to do; null where nothing was.</summary>
    public string? Damage { get; private set; }

    /// <summary>A page of warnings, cases, work orders, devices or tokens, each row as the JSON it was shown with; secrets are left out.</summary>
    public ValueTask<Page<byte[]>> ListAsync(ViewQuery query, CancellationToken cancellation)
    {
        (string sql, List<(string, object)> values) = Build(query);
        return RunAsync(
            connection =>
            {
                using SqliteDataReader reader = connection.Query(sql, values);
                List<byte[]> items = [];
                long? last = null;
                while (items.Count < query.Limit && reader.Read())
                {
                    last = reader.GetInt64(0);
                    items.Add(reader.GetFieldValue<byte[]>(1));
                }

                return new Page<byte[]>(items, reader.Read() ? last : null);
            },
            cancellation);
    }

    /// <summary>One row's JSON; null where there is none.</summary>
    public ValueTask<byte[]?> FindAsync(View view, string key, CancellationToken cancellation) => RunAsync(
        connection =>
        {
            using SqliteDataReader reader = connection.Query($"SELECT CAST(json AS BLOB) FROM {ViewSchema.Table(view)} WHERE key = @key", [("@key", key)]);
            return reader.Read() ? reader.GetFieldValue<byte[]>(0) : null;
        },
        cancellation);

    /// <summary>Every row of a small list, secrets included: what the access book is filled from at the start.</summary>
    public IReadOnlyList<KeyValuePair<string, byte[]>> All(View view) => Run(connection =>
    {
        using SqliteDataReader reader = connection.Query($"SELECT key, CAST(json AS BLOB) FROM {ViewSchema.Table(view)} ORDER BY seq", []);
        List<KeyValuePair<string, byte[]>> rows = [];
        while (reader.Read())
        {
            rows.Add(new(reader.GetString(0), reader.GetFieldValue<byte[]>(1)));
        }

        return rows;
    });

    /// <summary>Number of the newest item of every feed.</summary>
    public IReadOnlyList<KeyValuePair<string, long>> LastOfFeeds() => Run(connection =>
    {
        using SqliteDataReader reader = connection.Query("SELECT feed, number FROM feed_last", []);
        List<KeyValuePair<string, long>> rows = [];
        while (reader.Read())
        {
            rows.Add(new(reader.GetString(0), reader.GetInt64(1)));
        }

        return rows;
    });

    /// <summary>Items of a feed after a number, oldest first.</summary>
    public ValueTask<IReadOnlyList<FeedItem>> FeedAsync(string feed, long after, int most, CancellationToken cancellation) => RunAsync<IReadOnlyList<FeedItem>>(
        connection =>
        {
            using SqliteDataReader reader = connection.Query(
                "SELECT number, district, CAST(json AS BLOB) FROM feed WHERE feed = @feed AND number > @after ORDER BY number LIMIT @most",
                [("@feed", feed), ("@after", after), ("@most", most)]);
            List<FeedItem> items = [];
            while (reader.Read())
            {
                items.Add(new FeedItem(reader.GetInt64(0), reader.GetString(1), reader.GetFieldValue<byte[]>(2)));
            }

            return items;
        },
        cancellation);

    /// <summary>A page of the quarantine list, newest first.</summary>
    public ValueTask<Page<QuarantineItem>> QuarantineAsync(string? source, string? district, long? after, int limit, CancellationToken cancellation)
    {
        List<string> where = [];
        List<(string, object)> values = [];
        Filter("source = @source", "@source", source, where, values);
        Filter("district = @district", "@district", district, where, values);
        Filter("seq < @after", "@after", after, where, values);
        values.Add(("@limit", limit + 1));
        string sql = $"SELECT seq, source, topic, time, reason, detail, payload FROM quarantine {Where(where)} ORDER BY seq DESC LIMIT @limit";
        return RunAsync(
            connection =>
            {
                using SqliteDataReader reader = connection.Query(sql, values);
                List<QuarantineItem> items = [];
                while (items.Count < limit && reader.Read())
                {
                    items.Add(new QuarantineItem(
                        reader.GetInt64(0), reader.GetString(1), reader.GetString(2), reader.GetInt64(3), (RejectReason)reader.GetInt32(4), reader.GetString(5), reader.GetFieldValue<byte[]>(6)));
                }

                return new Page<QuarantineItem>(items, reader.Read() ? items[^1].Seq : null);
            },
            cancellation);
    }

    /// <summary>What is open in each district, in order of their names.</summary>
    public ValueTask<IReadOnlyList<DistrictFigures>> CountAsync(CancellationToken cancellation) => RunAsync(Count, cancellation);

    public void Dispose()
    {
        disposed = true;
        while (idle.TryTake(out Connection? connection))
        {
            connection.Dispose();
        }
    }

    private static IReadOnlyList<DistrictFigures> Count(Connection connection)
    {
        SortedDictionary<string, DistrictFigures> figures = new(StringComparer.Ordinal);
        DistrictFigures Of(string district) => figures.TryGetValue(district, out DistrictFigures? known) ? known : figures[district] = new DistrictFigures(district, new long[4], 0, 0);
        using (SqliteDataReader reader = connection.Query("SELECT district, severity, count(*) FROM warnings WHERE open = 1 GROUP BY district, severity", []))
        {
            while (reader.Read())
            {
                Of(reader.GetString(0)).Warnings[Math.Clamp(reader.GetInt32(1), 1, 4) - 1] += reader.GetInt64(2);
            }
        }

        using (SqliteDataReader reader = connection.Query("SELECT district, count(*), coalesce(sum(overdue), 0) FROM cases WHERE open = 1 GROUP BY district", []))
        {
            while (reader.Read())
            {
                string district = reader.GetString(0);
                figures[district] = Of(district) with { Cases = reader.GetInt64(1), Overdue = reader.GetInt64(2) };
            }
        }

        return [.. figures.Values];
    }

    private static (string Sql, List<(string, object)> Values) Build(ViewQuery query)
    {
        List<string> where = [];
        List<(string, object)> values = [];
        string from = ViewSchema.Table(query.View) + " r";
        string seq = "r.seq";
        Filter("r.subject = @subject", "@subject", query.Subject, where, values);
        Filter("r.kind = @kind", "@kind", query.Kind, where, values);
        Filter("r.district = @district", "@district", query.District, where, values);
        Filter("r.open = @open", "@open", query.Open is { } open ? (open ? 1 : 0) : null, where, values);
        switch (query.View)
        {
            case View.Warnings:
                Filter("r.open = @state", "@state", query.State switch { null => null, "open" => 1, "cleared" => 0, _ => -1 }, where, values);
                Filter("EXISTS (SELECT 1 FROM cases c JOIN case_departments d ON d.seq = c.seq WHERE c.subject = r.subject AND c.kind = r.kind AND d.department = @department)", "@department", query.Department, where, values);
                Filter("EXISTS (SELECT 1 FROM cases c WHERE c.key = @case AND c.subject = r.subject AND c.kind = r.kind)", "@case", query.Case, where, values);
                break;
            case View.Cases:
                Filter("r.state = @state", "@state", query.State, where, values);
                Filter("r.key = @case", "@case", query.Case, where, values);
                if (query.Department is not null)
                {
                    from = "case_departments d CROSS JOIN cases r ON r.seq = d.seq";
                    seq = "d.seq";
                    Filter("d.department = @department", "@department", query.Department, where, values);
                }

                break;
            case View.WorkOrders:
                Filter("r.state = @state", "@state", query.State, where, values);
                Filter("r.department = @department", "@department", query.Department, where, values);
                Filter("r.case_id = @case", "@case", query.Case, where, values);
                break;
            default:
                break;
        }

        Filter($"{seq} < @after", "@after", query.After, where, values);
        values.Add(("@limit", query.Limit + 1));
        string json = query.View switch
        {
            View.Devices => "json_remove(r.json, '$.secretHash')",
            View.Tokens => "json_remove(r.json, '$.hash')",
            _ => "r.json",
        };
        return ($"SELECT r.seq, CAST({json} AS BLOB) FROM {from} {Where(where)} ORDER BY {seq} DESC LIMIT @limit", values);
    }

    private static string Where(List<string> conditions)
    {
        StringBuilder text = new();
        foreach (string condition in conditions)
        {
            text.Append(text.Length == 0 ? "WHERE " : " AND ").Append(condition);
        }

        return text.ToString();
    }

    private static void Filter(string condition, string parameter, object? value, List<string> where, List<(string, object)> values)
    {
        if (value is not null)
        {
            where.Add(condition);
            values.Add((parameter, value));
        }
    }

    private async ValueTask<T> RunAsync<T>(Func<Connection, T> read, CancellationToken cancellation)
    {
        await free.WaitAsync(cancellation).ConfigureAwait(false);
        return RunHolding(read);
    }

    private T Run<T>(Func<Connection, T> read)
    {
        free.Wait();
        return RunHolding(read);
    }

    private T RunHolding<T>(Func<Connection, T> read)
    {
        Connection? connection = null;
        try
        {
            ObjectDisposedException.ThrowIf(disposed, this);
            connection = idle.TryTake(out Connection? found) ? found : new Connection(open());
            T result = read(connection);
            idle.Add(connection);
            connection = null;
            return result;
        }
        catch (SqliteException error)
        {
            ViewStoreException explained = ViewStoreException.Reading(path, error);
            Damage ??= ViewStoreException.IsDamage(error) ? explained.Message : null;
            throw explained;
        }
        finally
        {
            // A connection that failed, or that came back after the end, is not used again.
            connection?.Dispose();
            if (disposed)
            {
                Dispose();
            }

            free.Release();
        }
    }

    private sealed class Connection(SqliteConnection connection) : IDisposable
    {
        private readonly Dictionary<string, SqliteCommand> prepared = new(StringComparer.Ordinal);

        public SqliteDataReader Query(string sql, List<(string Name, object Value)> values)
        {
            if (!prepared.TryGetValue(sql, out SqliteCommand? command))
            {
                if (prepared.Count >= ViewLimits.StatementsPerReader)
                {
                    Forget();
                }

                command = connection.CreateCommand();
                command.CommandText = sql;
                foreach ((string name, _) in values)
                {
                    command.Parameters.Add(new SqliteParameter { ParameterName = name });
                }

                prepared.Add(sql, command);
            }

            for (int i = 0; i < values.Count; i++)
            {
                command.Parameters[i].Value = values[i].Value;
            }

            return command.ExecuteReader();
        }

        public void Dispose()
        {
            Forget();
            connection.Dispose();
        }

        private void Forget()
        {
            foreach (SqliteCommand command in prepared.Values)
            {
                command.Dispose();
            }

            prepared.Clear();
        }
    }
}
