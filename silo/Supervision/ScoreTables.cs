using System.Text.Json;
using Microsoft.Data.Sqlite;

namespace Streaming.Silo.Supervision;

/// <summary>The fold's book in the lists' file. Used within the transaction that moves the position, under the store's writing lock, so every input counts once.</summary>
internal sealed class ScoreTables : IScoreBook
{
    private readonly SqliteCommand findOrder;
    private readonly SqliteCommand putOrder;
    private readonly SqliteCommand unfinishedOfCase;
    private readonly SqliteCommand unfinishedOfSubject;
    private readonly SqliteCommand findCase;
    private readonly SqliteCommand putCase;
    private readonly SqliteCommand countOf;
    private readonly SqliteCommand putCount;
    private readonly SqliteCommand forgetCount;
    private readonly SqliteCommand addEvent;
    private readonly SqliteCommand addDay;
    private readonly SqliteCommand readMeta;
    private readonly SqliteCommand putMeta;
    private int? offset;
    private long? sinceMs;

    public ScoreTables(Func<string, string[], SqliteCommand> command)
    {
        findOrder = command("SELECT json FROM score_orders WHERE key = @key", ["key"]);
        putOrder = command("INSERT INTO score_orders (seq, key, json) VALUES ((SELECT coalesce(max(seq), 0) + 1 FROM score_orders), @key, CAST(@json AS TEXT)) ON CONFLICT (key) DO UPDATE SET json = excluded.json", ["key", "json"]);
        unfinishedOfCase = command("SELECT json FROM score_orders WHERE ended IS NULL AND case_id = @of AND department = @department", ["of", "department"]);
        unfinishedOfSubject = command("SELECT json FROM score_orders WHERE ended IS NULL AND subject = @of AND department = @department", ["of", "department"]);
        findCase = command("SELECT json FROM score_cases WHERE key = @key", ["key"]);
        putCase = command("INSERT INTO score_cases (seq, key, json) VALUES ((SELECT coalesce(max(seq), 0) + 1 FROM score_cases), @key, CAST(@json AS TEXT)) ON CONFLICT (key) DO UPDATE SET json = excluded.json", ["key", "json"]);
        countOf = command("SELECT count FROM score_warnings WHERE key = @key", ["key"]);
        putCount = command("INSERT INTO score_warnings (key, count) VALUES (@key, @count) ON CONFLICT (key) DO UPDATE SET count = excluded.count", ["key", "count"]);
        forgetCount = command("DELETE FROM score_warnings WHERE key = @key", ["key"]);
        addEvent = command(
            "INSERT INTO score_events (position, number, at, what, begun, department, district, person, kind, province, ms, worked, late, looked, code) "
            + "VALUES (@position, @number, @at, @what, @begun, @department, @district, @person, @kind, @province, @ms, @worked, @late, @looked, @code)",
            ["position", "number", "at", "what", "begun", "department", "district", "person", "kind", "province", "ms", "worked", "late", "looked", "code"]);
        addDay = command(
            "INSERT INTO score_days (day, station, district, weighings, over) VALUES (@day, @station, @district, @weighings, @over) "
            + "ON CONFLICT (day, station) DO UPDATE SET weighings = weighings + excluded.weighings, over = over + excluded.over",
            ["day", "station", "district", "weighings", "over"]);
        readMeta = command("SELECT value FROM meta WHERE name = @name", ["name"]);
        putMeta = command("UPDATE meta SET value = @value WHERE name = @name", ["name", "value"]);
    }

    public int UtcOffsetMinutes
    {
        get => offset ??= (int)(long)Run(readMeta, "score offset")!;
        set
        {
            if (value != UtcOffsetMinutes)
            {
                offset = value;
                Run(putMeta, "score offset", value);
            }
        }
    }

    public long SinceMs
    {
        get => sinceMs ??= (long)Run(readMeta, "score since")!;
        set
        {
            sinceMs = value;
            Run(putMeta, "score since", value);
        }
    }

    /// <summary>A transaction was taken back: what was remembered of it goes.</summary>
    public void Forget()
    {
        offset = null;
        sinceMs = null;
    }

    public OrderScore? FindOrder(string id) => Run(findOrder, id) is string json ? JsonSerializer.Deserialize(json, ScoreJson.Default.OrderScore) : null;

    public void Put(OrderScore order) => Run(putOrder, order.Id, JsonSerializer.SerializeToUtf8Bytes(order, ScoreJson.Default.OrderScore));

    public IReadOnlyList<OrderScore> Unfinished(string caseOrSubject, string department)
    {
        List<OrderScore> orders = [];
        foreach (SqliteCommand command in (SqliteCommand[])[unfinishedOfCase, unfinishedOfSubject])
        {
            command.Parameters[0].Value = caseOrSubject;
            command.Parameters[1].Value = department;
            using SqliteDataReader reader = command.ExecuteReader();
            while (reader.Read())
            {
                orders.Add(JsonSerializer.Deserialize(reader.GetString(0), ScoreJson.Default.OrderScore)!);
            }
        }

        return orders;
    }

    public CaseScore? FindCase(string id) => Run(findCase, id) is string json ? JsonSerializer.Deserialize(json, ScoreJson.Default.CaseScore) : null;

    public void Put(CaseScore of) => Run(putCase, of.Id, JsonSerializer.SerializeToUtf8Bytes(of, ScoreJson.Default.CaseScore));

    public int CountOf(string warning) => Run(countOf, warning) is long count ? (int)count : 0;

    public void PutCount(string warning, int count)
    {
        if (count == 0)
        {
            Run(forgetCount, warning);
        }
        else
        {
            Run(putCount, warning, count);
        }
    }

    public void Add(ScoreEvent happened) => Run(
        addEvent, happened.Position, happened.Number, happened.AtMs, happened.What, happened.BegunMs, happened.Department, happened.District, happened.Person, happened.Kind, happened.Province, happened.Ms, happened.WorkedMs,
        happened.Late ? 1 : 0, happened.Looked ? 1 : 0, happened.Code);

    public void Add(StationDay weighed) => Run(addDay, weighed.Day, weighed.Station, weighed.District, weighed.Weighings, weighed.Over);

    private static object? Run(SqliteCommand command, params ReadOnlySpan<object?> values)
    {
        for (int i = 0; i < values.Length; i++)
        {
            command.Parameters[i].Value = values[i] ?? DBNull.Value;
        }

        return command.ExecuteScalar();
    }
}
