using System.Text.Json;
using Microsoft.Data.Sqlite;
using Streaming.Grains.Access;
using Streaming.Silo.Supervision;

namespace Streaming.Silo.Views;

/// <summary>Reads what the scoreboard is made of, cut down to what somebody is kept to.</summary>
internal sealed partial class ViewReader
{
    /// <summary>Hands over what happened in a time, in no order, and the work orders that are unfinished now. Goes through all of it, so one caller at a time is enough.</summary>
    /// <param name="fromMs">From then on, ms since 1970.</param>
    /// <param name="toMs">Before then.</param>
    /// <param name="scope">Whose.</param>
    /// <param name="board">Gets them.</param>
    /// <param name="cancellation">Gives up waiting.</param>
    public ValueTask<bool> ScoreAsync(long fromMs, long toMs, TokenScope scope, Scoreboard board, CancellationToken cancellation) => RunAsync(
        connection =>
        {
            foreach (ScoreEvent happened in Events(connection.Query, fromMs, toMs, scope))
            {
                cancellation.ThrowIfCancellationRequested();
                board.Add(happened);
            }

            foreach (OrderScore order in Orders(connection.Query, scope))
            {
                board.Now(order);
            }

            return true;
        },
        cancellation);

    /// <summary>Cases that were closed in a time, as they were closed last.</summary>
    public ValueTask<IReadOnlyList<CaseScore>> ClosedCasesAsync(long fromMs, long toMs, TokenScope scope, CancellationToken cancellation) => RunAsync<IReadOnlyList<CaseScore>>(
        connection =>
        {
            using SqliteDataReader reader = connection.Query("SELECT json FROM score_cases WHERE closed IS NOT NULL AND closed >= @from AND closed < @to", [("@from", fromMs), ("@to", toMs)]);
            List<CaseScore> cases = [];
            while (reader.Read())
            {
                CaseScore each = JsonSerializer.Deserialize(reader.GetString(0), ScoreJson.Default.CaseScore)!;
                if (scope.Has(each.Lead, each.District))
                {
                    cases.Add(each);
                }
            }

            return cases;
        },
        cancellation);

    /// <summary>What stations weighed on some days, both ends included.</summary>
    public ValueTask<IReadOnlyList<StationDay>> StationDaysAsync(long from, long to, string? district, CancellationToken cancellation) => RunAsync<IReadOnlyList<StationDay>>(
        connection =>
        {
            List<string> where = ["day >= @from", "day <= @to"];
            List<(string, object)> values = [("@from", from), ("@to", to)];
            ListSql.Filter(ListSql.IsIn("district", "@district"), "@district", district, where, values);
            using SqliteDataReader reader = connection.Query($"SELECT day, station, district, weighings, over FROM score_days {ListSql.Where(where)} ORDER BY day, station", values);
            List<StationDay> days = [];
            while (reader.Read())
            {
                days.Add(new StationDay(reader.GetInt64(0), reader.GetString(1), reader.GetString(2), reader.GetInt64(3), reader.GetInt64(4)));
            }

            return days;
        },
        cancellation);

    /// <summary>From when on the scoreboard has what happened, ms since 1970; 0 where it has nothing.</summary>
    public ValueTask<long> ScoreSinceAsync(CancellationToken cancellation) => RunAsync(
        connection =>
        {
            using SqliteDataReader reader = connection.Query("SELECT value FROM meta WHERE name = 'score since'", []);
            return reader.Read() ? reader.GetInt64(0) : 0;
        },
        cancellation);

    /// <summary>What happened in a time. Any connection to the lists' file will do.</summary>
    public static IEnumerable<ScoreEvent> Events(Func<string, List<(string, object)>, SqliteDataReader> query, long fromMs, long toMs, TokenScope scope)
    {
        List<string> where = ["at >= @from", "at < @to"];
        List<(string, object)> values = [("@from", fromMs), ("@to", toMs)];
        ListSql.Filter("department = @department", "@department", scope.Department, where, values);
        ListSql.Filter(ListSql.IsIn("district", "@district"), "@district", scope.District, where, values);
        string index = scope.Department is null ? "score_events_at" : "score_events_department";
        using SqliteDataReader reader = query($"SELECT position, number, at, what, begun, department, district, person, kind, province, ms, worked, late, looked, code FROM score_events INDEXED BY {index} {ListSql.Where(where)}", values);
        while (reader.Read())
        {
            yield return new ScoreEvent(
                reader.GetInt64(0), reader.GetInt32(1), reader.GetInt64(2), reader.GetString(3), reader.GetInt64(4), reader.GetString(5), reader.GetString(6), Text(reader, 7), reader.GetString(8), Text(reader, 9),
                reader.IsDBNull(10) ? null : reader.GetInt64(10), reader.IsDBNull(11) ? null : reader.GetInt64(11), reader.GetInt64(12) != 0, reader.GetInt64(13) != 0, Text(reader, 14));
        }

        static string? Text(SqliteDataReader reader, int column) => reader.IsDBNull(column) ? null : reader.GetString(column);
    }

    /// <summary>Unfinished work orders.</summary>
    public static IEnumerable<OrderScore> Orders(Func<string, List<(string, object)>, SqliteDataReader> query, TokenScope scope)
    {
        using SqliteDataReader reader = query("SELECT json FROM score_orders WHERE ended IS NULL", []);
        while (reader.Read())
        {
            OrderScore order = JsonSerializer.Deserialize(reader.GetString(0), ScoreJson.Default.OrderScore)!;
            if (scope.Has(order.Department, order.District))
            {
                yield return order;
            }
        }
    }
}
