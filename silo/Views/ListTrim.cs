using Microsoft.Data.Sqlite;

namespace Streaming.Silo.Views;

/// <summary>
/// Takes off the lists what is over for longer than it is kept, oldest first and some rows at a time. What is open stays, and so does what belongs to a case that is: its cleared warnings and finished work orders. A feed
/// loses its oldest items only, without a hole. Used within a transaction, under the store's writing lock.
/// </summary>
internal sealed class ListTrim
{
    /// <summary>To know from which day on there are as many vehicles as are kept, that many entries of an index are passed over; so not every time.</summary>
    private const int PlatesCountedEvery = 360;
    private const long DayMs = 24L * 60 * 60 * 1000;
    private readonly SqliteCommand warningDepartments;

    /// <summary>Tables whose rows go with their case.</summary>
    private static readonly string[] OfCases = ["case_records", "case_texts", "evidence"];

    private readonly SqliteCommand warnings;
    private readonly SqliteCommand forgotten;
    private readonly SqliteCommand workOrders;
    private readonly SqliteCommand departments;
    private readonly SqliteCommand cases;
    private readonly SqliteCommand audit;
    private readonly SqliteCommand notices;
    private readonly SqliteCommand reports;
    private readonly SqliteCommand feeds;
    private readonly SqliteCommand oldest;
    private readonly SqliteCommand removeItems;
    private readonly SqliteCommand[] scores;
    private readonly SqliteCommand uses;
    private readonly SqliteCommand[] ofCases;
    private readonly SqliteCommand plates;
    private readonly SqliteCommand leastPlateDay;
    private long runs;
    private long platesFrom;

    public ListTrim(Func<string, string[], SqliteCommand> command)
    {
        const string ClosedCases = "(SELECT seq FROM cases WHERE active = 0 AND changed < @before ORDER BY changed, seq LIMIT @most)";
        const string ClearedWarnings = "(SELECT w.seq FROM warnings w WHERE w.open = 0 AND w.changed < @before "
            + "AND NOT EXISTS (SELECT 1 FROM cases c WHERE c.subject = w.subject AND c.kind = w.kind AND c.active = 1) "
            + "AND NOT EXISTS (SELECT 1 FROM warning_handlings h JOIN cases c ON c.key = h.case_id WHERE h.key = w.key AND c.active = 1) ORDER BY w.changed, w.seq LIMIT @most)";
        warningDepartments = command($"DELETE FROM warning_departments WHERE seq IN {ClearedWarnings}", ["before", "most"]);
        warnings = command($"DELETE FROM warnings WHERE seq IN {ClearedWarnings}", ["before", "most"]);
        forgotten = command(WarningDepartments.Forget($"c.seq IN {ClosedCases}", $"o.seq NOT IN {ClosedCases}"), ["before", "most"]);
        workOrders = command(
            "DELETE FROM work_orders WHERE seq IN (SELECT w.seq FROM work_orders w WHERE w.active = 0 AND w.changed < @before "
            + "AND NOT EXISTS (SELECT 1 FROM cases c WHERE c.key = w.case_id AND c.active = 1) ORDER BY w.changed, w.seq LIMIT @most)",
            ["before", "most"]);
        departments = command($"DELETE FROM case_departments WHERE seq IN {ClosedCases}", ["before", "most"]);
        ofCases = [.. OfCases.Select(table => command($"DELETE FROM {table} WHERE case_id IN (SELECT key FROM cases WHERE seq IN {ClosedCases})", ["before", "most"]))];
        cases = command($"DELETE FROM cases WHERE seq IN {ClosedCases}", ["before", "most"]);

        // The oldest come first, so no more is looked at than may go, however many there are.
        audit = command(
            "DELETE FROM audit WHERE seq IN (SELECT o.seq FROM (SELECT seq, changed, row_number() OVER (ORDER BY seq) AS place FROM audit ORDER BY seq LIMIT @most) o "
            + "WHERE o.changed < @before OR o.place <= (SELECT value FROM meta WHERE name = 'audit rows') - @rows)",
            ["before", "most", "rows"]);
        notices = command(
            "DELETE FROM notices WHERE seq IN (SELECT n.seq FROM notices n WHERE n.open = 0 AND n.changed < @before "
            + "AND NOT EXISTS (SELECT 1 FROM cases c WHERE c.key = n.case_id AND c.active = 1) ORDER BY n.changed, n.seq LIMIT @most)",
            ["before", "most"]);
        reports = command(
            "DELETE FROM reports WHERE seq IN (SELECT r.seq FROM reports r WHERE r.changed < @before "
            + "AND NOT EXISTS (SELECT 1 FROM cases c WHERE c.key = r.case_id AND c.open = 1) ORDER BY r.changed, r.seq LIMIT @most)",
            ["before", "most"]);
        feeds = command("SELECT feed, number FROM feed_last", []);
        oldest = command("SELECT number, changed FROM feed WHERE feed = @feed ORDER BY number LIMIT @most", ["feed", "most"]);
        uses = command(
            "DELETE FROM resource_uses WHERE (resource, day, consumer) IN (SELECT resource, day, consumer FROM resource_uses WHERE day < @before ORDER BY day LIMIT @most)", ["before", "most"]);
        scores =
        [
            command("DELETE FROM score_events WHERE (position, number) IN (SELECT position, number FROM score_events WHERE at < @before ORDER BY at LIMIT @most)", ["before", "most"]),
            command("DELETE FROM score_orders WHERE seq IN (SELECT seq FROM score_orders WHERE ended IS NOT NULL AND ended < @before ORDER BY ended LIMIT @most)", ["before", "most"]),
            command("DELETE FROM score_cases WHERE seq IN (SELECT seq FROM score_cases WHERE closed IS NOT NULL AND closed < @before ORDER BY closed LIMIT @most)", ["before", "most"]),
            command("DELETE FROM score_days WHERE (day, station) IN (SELECT day, station FROM score_days WHERE day < @before / 86400000 ORDER BY day LIMIT @most)", ["before", "most"]),
        ];
        const string Unregistered = "NOT EXISTS (SELECT 1 FROM registers r WHERE r.key = 'vehicles/' || p.plate)";
        plates = command($"DELETE FROM plates WHERE seq IN (SELECT p.seq FROM plates p WHERE p.day < @before AND {Unregistered} ORDER BY p.day LIMIT @most)", ["before", "most"]);

        leastPlateDay = command("SELECT coalesce((SELECT day FROM plates ORDER BY day DESC LIMIT 1 OFFSET @most), 0)", ["most"]);
        removeItems = command("DELETE FROM feed WHERE feed = @feed AND number <= @through", ["feed", "through"]);
    }

    public void Run(ViewRetention retention, long nowMs)
    {
        Remove(warningDepartments, nowMs - (retention.ClearedWarningDays * DayMs));
        Remove(warnings, nowMs - (retention.ClearedWarningDays * DayMs));
        Remove(workOrders, nowMs - (retention.ClosedCaseDays * DayMs));
        Remove(forgotten, nowMs - (retention.ClosedCaseDays * DayMs));
        Remove(departments, nowMs - (retention.ClosedCaseDays * DayMs));
        foreach (SqliteCommand rows in ofCases)
        {
            Remove(rows, nowMs - (retention.ClosedCaseDays * DayMs));
        }

        Remove(cases, nowMs - (retention.ClosedCaseDays * DayMs));
        audit.Parameters[2].Value = retention.AuditRows;
        Remove(audit, nowMs - (retention.AuditDays * DayMs));
        Remove(notices, nowMs - (retention.ClosedCaseDays * DayMs));
        Remove(reports, nowMs - (retention.ClosedCaseDays * DayMs));
        Remove(uses, (nowMs / DayMs) - retention.UseDays);
        if (runs++ % PlatesCountedEvery == 0)
        {
            leastPlateDay.Parameters[0].Value = ViewLimits.Plates;
            platesFrom = (long)leastPlateDay.ExecuteScalar()!;
        }

        Remove(plates, Math.Max(platesFrom, (nowMs / DayMs) - retention.PlateDays - ViewLimits.PlateDayWithin));
        foreach (SqliteCommand score in scores)
        {
            Remove(score, nowMs - (retention.ScoreDays * DayMs));
        }

        TrimFeeds(retention, nowMs);
    }

    private static void Remove(SqliteCommand command, long before)
    {
        command.Parameters[0].Value = before;
        command.Parameters[1].Value = ViewLimits.TrimRows;
        command.ExecuteNonQuery();
    }

    private void TrimFeeds(ViewRetention retention, long nowMs)
    {
        List<(string Feed, long Last)> known = [];
        using (SqliteDataReader reader = feeds.ExecuteReader())
        {
            while (reader.Read())
            {
                known.Add((reader.GetString(0), reader.GetInt64(1)));
            }
        }

        int left = ViewLimits.TrimRows;
        foreach ((string feed, long last) in known)
        {
            long through = 0;
            oldest.Parameters[0].Value = feed;
            oldest.Parameters[1].Value = left;
            using (SqliteDataReader reader = oldest.ExecuteReader())
            {
                while (reader.Read() && reader.GetInt64(0) <= last - retention.FeedItems && reader.GetInt64(1) < nowMs - (retention.FeedDays * DayMs))
                {
                    through = reader.GetInt64(0);
                    left--;
                }
            }

            if (through > 0)
            {
                removeItems.Parameters[0].Value = feed;
                removeItems.Parameters[1].Value = through;
                removeItems.ExecuteNonQuery();
            }

            if (left == 0)
            {
                return;
            }
        }
    }
}
