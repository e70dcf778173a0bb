using System.Collections.Concurrent;
using System.Text.Json;
using Microsoft.Data.Sqlite;
using Streaming.Grains.Inputs;
using Streaming.Grains.Messages;
using Streaming.Grains.Turns;
using Streaming.Ingest;

namespace Streaming.Silo.Views;

/// <summary>
/// Reads the lists as they stood at the last commit. A few connections serve everyone; a caller waits for one without holding a thread. Values are always bound, never written into the statement;
/// the statements of the filters in use are kept prepared.
/// </summary>
internal sealed partial class ViewReader(string path, Func<SqliteConnection> open) : IDisposable
{
    private readonly SemaphoreSlim free = new(ViewLimits.Readers, ViewLimits.Readers);
    private readonly ConcurrentBag<Connection> idle = [];
    private volatile bool disposed;

    /// <summary>What a reader found damaged, and what to do; null where nothing was.</summary>
    public string? Damage { get; private set; }

    /// <summary>A page of warnings, cases, work orders, devices or tokens, each row as the JSON it was shown with; secrets are left out.</summary>
    public ValueTask<Page<byte[]>> ListAsync(ViewQuery query, CancellationToken cancellation) => RunAsync(connection => query.ByDeadline ? ByDeadline(connection, query) : Newest(connection, query), cancellation);

    /// <summary>Time of the oldest entry of the audit that the list still has, ms since 1970; null where it has none.</summary>
    public ValueTask<long?> OldestAuditAsync(CancellationToken cancellation) => RunAsync<long?>(
        connection =>
        {
            using SqliteDataReader reader = connection.Query("SELECT at FROM audit ORDER BY seq LIMIT 1", []);
            return reader.Read() ? reader.GetInt64(0) : null;
        },
        cancellation);

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
        return Rows(reader);
    });

    /// <summary>Every entry of a small register.</summary>
    public IReadOnlyList<KeyValuePair<string, byte[]>> AllOf(string register) => Run(connection =>
    {
        using SqliteDataReader reader = connection.Query("SELECT key, CAST(json AS BLOB) FROM registers WHERE register = @register ORDER BY seq", [("@register", register)]);
        return Rows(reader);
    });

    /// <summary>Cases that are to be worked at, the newest first.</summary>
    public IReadOnlyList<byte[]> NewestOpenCases(int most) => Run(connection =>
    {
        using SqliteDataReader reader = connection.Query("SELECT CAST(json AS BLOB) FROM cases WHERE active = 1 ORDER BY seq DESC LIMIT @most", [("@most", most)]);
        return Documents(reader);
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

    /// <summary>Messages of a session's queue after a number, oldest first.</summary>
    public ValueTask<IReadOnlyList<MessageItem>> MessagesAsync(string session, long after, int most, CancellationToken cancellation) => RunAsync<IReadOnlyList<MessageItem>>(
        connection =>
        {
            using SqliteDataReader reader = connection.Query(
                "SELECT number, CAST(json AS BLOB) FROM messages WHERE session = @session AND number > @after ORDER BY number LIMIT @most",
                [("@session", session), ("@after", after), ("@most", most)]);
            List<MessageItem> items = [];
            while (reader.Read())
            {
                byte[] json = reader.GetFieldValue<byte[]>(1);
                items.Add(new MessageItem(
                    reader.GetInt64(0), JsonSerializer.Deserialize(json, GrainsJson.Default.QueuedMessage) ?? throw new InvalidDataException($"Message {reader.GetInt64(0)} of session '{session}' is empty.")));
            }

            return items;
        },
        cancellation);

    /// <summary>The notice that a link's secret is of, by its SHA-256; null where there is none.</summary>
    public ValueTask<NoticeRow?> NoticeByLinkAsync(string linkSha256, CancellationToken cancellation) => RunAsync(
        connection =>
        {
            using SqliteDataReader reader = connection.Query("SELECT CAST(json AS BLOB) FROM notices WHERE link = @link", [("@link", linkSha256)]);
            return reader.Read() ? JsonSerializer.Deserialize(reader.GetFieldValue<byte[]>(0), GrainsJson.Default.NoticeRow) : null;
        },
        cancellation);

    /// <summary>Notices for which there is something to do in a lane by then, the longest due first.</summary>
    public ValueTask<IReadOnlyList<NoticeRow>> NoticesDueAsync(string lane, long byMs, int most, CancellationToken cancellation) => RunAsync<IReadOnlyList<NoticeRow>>(
        connection =>
        {
            using SqliteDataReader reader = connection.Query(
                "SELECT CAST(n.json AS BLOB) FROM notice_errands e CROSS JOIN notices n ON n.seq = e.seq WHERE e.lane = @lane AND e.at <= @by ORDER BY e.at, e.seq LIMIT @most",
                [("@lane", lane), ("@by", byMs), ("@most", most)]);
            List<NoticeRow> rows = [];
            while (reader.Read())
            {
                rows.Add(JsonSerializer.Deserialize(reader.GetFieldValue<byte[]>(0), GrainsJson.Default.NoticeRow)!);
            }

            return rows;
        },
        cancellation);

    /// <summary>From when there is something to do in a lane, ms since 1970; null where there is nothing.</summary>
    public ValueTask<long?> NextNoticeAsync(string lane, CancellationToken cancellation) => RunAsync(
        connection =>
        {
            using SqliteDataReader reader = connection.Query("SELECT min(at) FROM notice_errands WHERE lane = @lane", [("@lane", lane)]);
            return reader.Read() && !reader.IsDBNull(0) ? reader.GetInt64(0) : (long?)null;
        },
        cancellation);

    /// <summary>The lanes in which there is anything to do.</summary>
    public IReadOnlyList<string> NoticeLanes() => Run(connection =>
    {
        using SqliteDataReader reader = connection.Query("SELECT DISTINCT lane FROM notice_errands", []);
        List<string> lanes = [];
        while (reader.Read())
        {
            lanes.Add(reader.GetString(0));
        }

        return lanes;
    });

    /// <summary>A page of the quarantine list, newest first.</summary>
    public ValueTask<Page<QuarantineItem>> QuarantineAsync(string? source, string? district, long? after, int limit, CancellationToken cancellation)
    {
        List<string> where = [];
        List<(string, object)> values = [];
        ListSql.Filter("source = @source", "@source", source, where, values);
        ListSql.Filter(ListSql.IsIn("district", "@district"), "@district", district, where, values);
        ListSql.Filter("seq < @after", "@after", after, where, values);
        values.Add(("@limit", limit + 1));
        string sql = $"{Quarantined} {ListSql.Where(where)} ORDER BY seq DESC LIMIT @limit";
        return RunAsync(
            connection =>
            {
                using SqliteDataReader reader = connection.Query(sql, values);
                List<QuarantineItem> items = [];
                while (items.Count < limit && reader.Read())
                {
                    items.Add(QuarantineItem(reader));
                }

                return new Page<QuarantineItem>(items, reader.Read() ? items[^1].Seq : null);
            },
            cancellation);
    }

    /// <summary>One quarantined payload; null where there is none, or not in this district.</summary>
    public ValueTask<QuarantineItem?> QuarantinedAsync(long position, int element, string? district, CancellationToken cancellation)
    {
        List<string> where = ["position = @position", "element = @element"];
        List<(string, object)> values = [("@position", position), ("@element", element)];
        ListSql.Filter(ListSql.IsIn("district", "@district"), "@district", district, where, values);
        return RunAsync(
            connection =>
            {
                using SqliteDataReader reader = connection.Query($"{Quarantined} {ListSql.Where(where)}", values);
                return reader.Read() ? QuarantineItem(reader) : null;
            },
            cancellation);
    }

    /// <summary>That a payload was sent in once more stands in the audit alone: its newest entry about it that ended well and had something accepted.</summary>
    private const string Quarantined =
        "SELECT seq, source, topic, time, reason, detail, payload, position, element, (SELECT a.json FROM audit a WHERE a.subject = q.position || '-' || q.element AND a.json ->> '$.subjectKind' = 'quarantine' AND a.json ->> '$.status' = 200 "
        + "AND a.json ->> '$.what' NOT LIKE 'accepted 0,%' ORDER BY a.seq DESC LIMIT 1) FROM quarantine q";

    private static QuarantineItem QuarantineItem(SqliteDataReader reader) => new(
        reader.GetInt64(0), reader.GetString(1), reader.GetString(2), reader.GetInt64(3), (RejectReason)reader.GetInt32(4), reader.GetString(5), reader.GetFieldValue<byte[]>(6))
    {
        Position = reader.GetInt64(7),
        Element = reader.GetInt32(8),
        Resubmitted = reader.IsDBNull(9) ? null : QuarantineMark.Of(JsonSerializer.Deserialize(reader.GetString(9), GrainsJson.Default.AuditEntry)!),
    };

    /// <summary>Devices that have no row in the catalogue, in order: those that were registered by a version without one.</summary>
    public IReadOnlyList<string> DevicesWithoutResource() => Run(connection =>
    {
        using SqliteDataReader reader = connection.Query("SELECT d.key FROM devices d WHERE NOT EXISTS (SELECT 1 FROM resources r WHERE r.key = d.key) ORDER BY d.seq", []);
        List<string> keys = [];
        while (reader.Read())
        {
            keys.Add(reader.GetString(0));
        }

        return keys;
    });

    /// <summary>Rows of one case: of its record in the order of its entries, else in the order that they were first shown.</summary>
    public ValueTask<IReadOnlyList<byte[]>> OfCaseAsync(View view, string caseId, CancellationToken cancellation) => RunAsync<IReadOnlyList<byte[]>>(
        connection =>
        {
            using SqliteDataReader reader = connection.Query($"SELECT CAST(json AS BLOB) FROM {ViewSchema.Table(view)} WHERE case_id = @case ORDER BY {(view == View.CaseRecords ? "key" : "seq")}", [("@case", caseId)]);
            return Documents(reader);
        },
        cancellation);

    /// <summary>Copies that cases want by then, the longest due first: those of pictures, or the others.</summary>
    public ValueTask<IReadOnlyList<byte[]>> EvidenceDueAsync(bool pictures, long byMs, int most, CancellationToken cancellation) => RunAsync<IReadOnlyList<byte[]>>(
        connection =>
        {
            using SqliteDataReader reader = connection.Query($"SELECT CAST(json AS BLOB) FROM evidence WHERE {EvidenceDue} AND due <= @by ORDER BY due, seq LIMIT @most", [("@pictures", pictures), ("@by", byMs), ("@most", most)]);
            return Documents(reader);
        },
        cancellation);

    /// <summary>From when a copy of a picture, or another one, is wanted, ms since 1970; null where none is.</summary>
    public ValueTask<long?> NextEvidenceAsync(bool pictures, CancellationToken cancellation) => RunAsync(
        connection =>
        {
            using SqliteDataReader reader = connection.Query($"SELECT min(due) FROM evidence WHERE {EvidenceDue}", [("@pictures", pictures)]);
            return reader.Read() && !reader.IsDBNull(0) ? reader.GetInt64(0) : (long?)null;
        },
        cancellation);

    /// <summary>As the index has it.</summary>
    private const string EvidenceDue = "due IS NOT NULL AND (json ->> '$.kind' = 'picture') = @pictures";

    private static List<byte[]> Documents(SqliteDataReader reader)
    {
        List<byte[]> rows = [];
        while (reader.Read())
        {
            rows.Add(reader.GetFieldValue<byte[]>(0));
        }

        return rows;
    }

    /// <summary>Closed cases of a kind with what models said of their warnings, those closed last first.</summary>
    /// <param name="kind">Kind of the warning.</param>
    /// <param name="sinceMs">Cases shown closed from then on, ms since 1970.</param>
    /// <param name="most">Of more, the oldest are left out.</param>
    /// <param name="cancellation">Gives up waiting.</param>
    public ValueTask<IReadOnlyList<ScoredCase>> ScoredCasesAsync(string kind, long sinceMs, int most, CancellationToken cancellation) => RunAsync<IReadOnlyList<ScoredCase>>(
        connection =>
        {
            using SqliteDataReader reader = connection.Query(
                "SELECT json ->> '$.outcome', json -> '$.warning.scores', json ->> '$.warning.evidence.readings[#-1].source' FROM cases WHERE active = 0 AND changed >= @since AND +kind = @kind ORDER BY changed DESC LIMIT @most",
                [("@since", sinceMs), ("@kind", kind), ("@most", most)]);
            List<ScoredCase> cases = [];
            while (reader.Read())
            {
                cases.Add(new ScoredCase(Text(reader, 0), Text(reader, 1), Text(reader, 2)));
            }

            return cases;

            static string? Text(SqliteDataReader reader, int column) => reader.IsDBNull(column) ? null : reader.GetString(column);
        },
        cancellation);

    /// <summary>Who used a resource, by day and consumer, newest day first.</summary>
    public ValueTask<IReadOnlyList<ResourceUse>> UsesAsync(string resource, CancellationToken cancellation) => RunAsync<IReadOnlyList<ResourceUse>>(
        connection =>
        {
            using SqliteDataReader reader = connection.Query("SELECT day, consumer, uses FROM resource_uses WHERE resource = @resource ORDER BY day DESC, consumer", [("@resource", resource)]);
            List<ResourceUse> uses = [];
            while (reader.Read())
            {
                uses.Add(new ResourceUse(reader.GetInt64(0), reader.GetString(1), reader.GetInt64(2)));
            }

            return uses;
        },
        cancellation);

    /// <summary>Entries that a source speaks of and about which sources contradict one another; counted up to <see cref="ViewLimits.DifferingCounted"/>.</summary>
    public ValueTask<long> DifferingAsync(string register, string source, CancellationToken cancellation) => RunAsync(
        connection =>
        {
            using SqliteDataReader reader = connection.Query(
                "SELECT count(*) FROM (SELECT 1 FROM registers r WHERE r.register = @register AND r.differs = 1 "
                + "AND EXISTS (SELECT 1 FROM register_refs f WHERE f.register = @register AND f.ref = @ref AND f.seq = r.seq) LIMIT @most)",
                [("@register", register), ("@ref", $"source={source}"), ("@most", ViewLimits.DifferingCounted)]);
            reader.Read();
            return reader.GetInt64(0);
        },
        cancellation);

    /// <summary>What was sent where nobody is registered for it, newest first, and how many others were dropped.</summary>
    public ValueTask<(IReadOnlyList<UnregisteredTopic> Topics, long Dropped)> UnregisteredAsync(int most, CancellationToken cancellation) => RunAsync<(IReadOnlyList<UnregisteredTopic>, long)>(
        connection =>
        {
            List<UnregisteredTopic> topics = [];
            using (SqliteDataReader reader = connection.Query("SELECT source, topic, reason, count, first, last, detail FROM unregistered ORDER BY last DESC, rowid DESC LIMIT @most", [("@most", most)]))
            {
                while (reader.Read())
                {
                    topics.Add(new UnregisteredTopic(reader.GetString(0), reader.GetString(1), (RejectReason)reader.GetInt32(2), reader.GetInt64(3), reader.GetInt64(4), reader.GetInt64(5), reader.GetString(6)));
                }
            }

            using SqliteDataReader dropped = connection.Query("SELECT value FROM meta WHERE name = 'unregistered_dropped'", []);
            dropped.Read();
            return (topics, dropped.GetInt64(0));
        },
        cancellation);

    /// <summary>What is open, of everybody together and then of each department; each by district, in order of the names.</summary>
    public ValueTask<IReadOnlyList<DistrictFigures>> CountAsync(CancellationToken cancellation) => RunAsync(Count, cancellation);

    public void Dispose()
    {
        disposed = true;
        while (idle.TryTake(out Connection? connection))
        {
            connection.Dispose();
        }
    }

    private static Page<byte[]> Newest(Connection connection, ViewQuery query)
    {
        (string sql, List<(string, object)> values) = ListSql.Page(query, WayTo(connection, query));
        using SqliteDataReader reader = connection.Query(sql, values);
        List<byte[]> items = [];
        long? last = null;
        while (items.Count < query.Limit && reader.Read())
        {
            last = reader.GetInt64(0);
            items.Add(reader.GetFieldValue<byte[]>(1));
        }

        return new Page<byte[]>(items, reader.Read() ? last ?? 0 : null);
    }

    /// <summary>What is to be worked at by its deadline, and behind it what is over, newest first: no deadline is due there any more. Both are read as they stood at one commit, so that what ends meanwhile is there once.</summary>
    private static Page<byte[]> ByDeadline(Connection connection, ViewQuery query)
    {
        connection.Do("BEGIN");
        try
        {
            List<byte[]> items = [];
            (long Due, long Seq)? last = null;
            if (query.Open != false && query.AfterDue is null or < ViewSchema.Over)
            {
                (string sql, List<(string, object)> values) = ListSql.PageByDeadline(query, ByText(connection, query, double.MaxValue));
                using SqliteDataReader reader = connection.Query(sql, values);
                while (items.Count < query.Limit && reader.Read())
                {
                    last = (reader.GetInt64(2), reader.GetInt64(0));
                    items.Add(reader.GetFieldValue<byte[]>(1));
                }

                if (reader.Read())
                {
                    return new Page<byte[]>(items, last!.Value.Seq) { NextDue = last.Value.Due };
                }
            }

            if (query.Open == true)
            {
                return new Page<byte[]>(items, null);
            }

            Page<byte[]> over = Newest(connection, query with { Open = false, ByDeadline = false, AfterDue = null, After = query.AfterDue >= ViewSchema.Over ? query.After : null, Limit = query.Limit - items.Count });
            items.AddRange(over.Items);
            return over.Next is null ? new Page<byte[]>(items, null)
                : over.Items.Count > 0 || last is null ? new Page<byte[]>(items, over.Next) { NextDue = ViewSchema.Over }
                : new Page<byte[]>(items, last.Value.Seq) { NextDue = last.Value.Due };
        }
        finally
        {
            connection.Do("ROLLBACK");
        }
    }

    /// <summary>The way on which a page is found soonest where little matches: one that ends, the shortest of those; else the one whose next entries lie farthest apart. Null for a list that has its own.</summary>
    private static ListWay? WayTo(Connection connection, ViewQuery query)
    {
        IReadOnlyList<ListWay> ways = ListSql.Ways(query);
        if (ways.Count == 0 || (ways.Count == 1 && query.Text is null))
        {
            return ways.Count == 0 ? null : ways[0];
        }

        (ListWay Best, double Entries) best = (ways[0], double.MaxValue);
        foreach (ListWay way in ways)
        {
            double entries = Entries(connection, query, way);
            if (entries < best.Entries)
            {
                best = (way, entries);
            }
        }

        return ByText(connection, query, best.Entries) ?? best.Best;
    }

    /// <summary>
    /// The way by text, null where another is as good: by the pairs of signs that the fewest rows have. An entry of it costs much less than one of another way, of which the row's words have to be read; but of what is to be worked at the words stand in the index.
    /// </summary>
    private static ListWay? ByText(Connection connection, ViewQuery query, double others)
    {
        if (query.Text is null || query.Case is not null || query.Subject is not null)
        {
            return null;
        }

        List<(string Pair, double Entries)> pairs = [];
        foreach (string pair in ListText.Sought(query.Text))
        {
            pairs.Add((pair, Entries(connection, query with { After = query.ByDeadline ? null : query.After }, ListSql.OfPair(query, pair))));
        }

        if (pairs.Count == 0)
        {
            return null;
        }

        pairs.Sort((one, other) => one.Entries.CompareTo(other.Entries));
        double least = pairs[0].Entries;
        return least > (ListSql.IsFew(query) ? ViewLimits.FewEntries : others * ViewLimits.TextEntriesForOne) ? null
            : ListSql.ByText(query, pairs.Where(pair => pair.Entries <= Math.Max(least, 1) * ViewLimits.TextEntriesForOne).Take(ViewLimits.PairsAsked).Select(pair => pair.Pair));
    }

    /// <summary>So many entries the whole way has, if they go on as they begin.</summary>
    private static double Entries(Connection connection, ViewQuery query, ListWay way)
    {
        (string sql, List<(string, object)> values) = ListSql.Probe(query, way);
        using SqliteDataReader reader = connection.Query(sql, values);
        reader.Read();
        long count = reader.GetInt64(0);
        long last = reader.GetInt64(1);
        return count < ViewLimits.WayEntries ? count : count * (double)reader.GetInt64(2) / Math.Max(1, reader.GetInt64(2) - last);
    }

    private static List<KeyValuePair<string, byte[]>> Rows(SqliteDataReader reader)
    {
        List<KeyValuePair<string, byte[]>> rows = [];
        while (reader.Read())
        {
            rows.Add(new(reader.GetString(0), reader.GetFieldValue<byte[]>(1)));
        }

        return rows;
    }

    private static IReadOnlyList<DistrictFigures> Count(Connection connection)
    {
        SortedDictionary<(string Department, string District), DistrictFigures> figures = new(Comparer<(string Department, string District)>.Create((one, other) =>
            string.CompareOrdinal(one.Department, other.Department) is var order and not 0 ? order : string.CompareOrdinal(one.District, other.District)));
        DistrictFigures Of(string? department, string district) =>
            figures.TryGetValue((department ?? "", district), out DistrictFigures? known) ? known : figures[(department ?? "", district)] = new DistrictFigures(department, district, new long[4], 0, 0);
        foreach (string sql in (string[])
        [
            "SELECT NULL, district, severity, count(*) FROM warnings WHERE open = 1 GROUP BY district, severity",
            "SELECT d.department, w.district, w.severity, count(*) FROM warnings w JOIN warning_departments d ON d.seq = w.seq WHERE w.open = 1 GROUP BY d.department, w.district, w.severity",
        ])
        {
            using SqliteDataReader reader = connection.Query(sql, []);
            while (reader.Read())
            {
                Of(Text(reader, 0), reader.GetString(1)).Warnings[Math.Clamp(reader.GetInt32(2), 1, 4) - 1] += reader.GetInt64(3);
            }
        }

        foreach (string sql in (string[])
        [
            "SELECT NULL, district, count(*), coalesce(sum(overdue), 0) FROM cases WHERE active = 1 GROUP BY district",
            "SELECT d.department, c.district, count(*), coalesce(sum(c.overdue), 0) FROM cases c JOIN case_departments d ON d.seq = c.seq WHERE c.active = 1 GROUP BY d.department, c.district",
        ])
        {
            using SqliteDataReader reader = connection.Query(sql, []);
            while (reader.Read())
            {
                (string? department, string district) = (Text(reader, 0), reader.GetString(1));
                figures[(department ?? "", district)] = Of(department, district) with { Cases = reader.GetInt64(2), Overdue = reader.GetInt64(3) };
            }
        }

        return [.. figures.Values];

        static string? Text(SqliteDataReader reader, int column) => reader.IsDBNull(column) ? null : reader.GetString(column);
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

        /// <summary>Begins or ends a transaction.</summary>
        public void Do(string sql)
        {
            using SqliteDataReader reader = Query(sql, []);
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
