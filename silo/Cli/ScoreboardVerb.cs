using System.Globalization;
using System.Text.Json;
using Microsoft.Data.Sqlite;
using Streaming.Grains.Inputs;
using Streaming.Grains.Rules;
using Streaming.Silo.Api;
using Streaming.Silo.History;
using Streaming.Silo.Journal;
using Streaming.Silo.Supervision;
using Streaming.Silo.Views;

namespace Streaming.Silo.Cli;

/// <summary>
/// <c>scoreboard</c>: folds a journal anew, prints the scoreboard over all of it, and compares event by event with what the lists' file has. Nothing is changed.
/// </summary>
/// <remarks>
/// What was begun before the journal begins, or before the lists had a scoreboard, is known to one side only and not compared; nor is what the lists have trimmed by age.
/// </remarks>
internal static class ScoreboardVerb
{
    /// <summary>By the order of <see cref="ScoreGroup"/>.</summary>
    public static readonly string[] Groups = ["department", "district", "person", "kind", "province"];

    private const long DayMs = 24L * 60 * 60 * 1000;

    public static int Run(ScoreboardOptions options, TextWriter output, TextWriter error, CancellationToken cancellation)
    {
        string file = Path.Combine(options.Directory, "views.db");
        using SqliteConnection? lists = File.Exists(file) ? Open(file) : null;
        return Verify.OnJournal(options.Directory, error, disk =>
        {
            try
            {
                Folded folded = Fold(disk, lists is null ? long.MaxValue : Scalar(lists, "SELECT value FROM meta WHERE name = 'position'"), cancellation);
                Scoreboard board = new((ScoreGroup)Array.IndexOf(Groups, options.Group), folded.Rules?.Supervision ?? new SupervisionRules());
                folded.Book.Events.ForEach(board.Add);
                foreach (OrderScore order in folded.Book.Orders)
                {
                    board.Now(order);
                }

                List<string>? differences = lists is null ? null : Compare(folded, lists);
                Write(options, output, board, folded, differences);
                return differences is { Count: > 0 } ? 1 : 0;
            }
            catch (SqliteException failure)
            {
                error.WriteLine($"{file} cannot be read: {failure.Message}");
                return 1;
            }
            catch (JournalDamagedException damage)
            {
                error.WriteLine($"{damage.Message} Run verify.");
                return 1;
            }
        });
    }

    /// <summary>Folds a journal up to a position.</summary>
    private static Folded Fold(IDisk journal, long through, CancellationToken cancellation)
    {
        Folded folded = new();
        ScoreInputs inputs = new();
        foreach ((long first, ReadOnlyMemory<byte> run) in new RecordedJournal(journal).Runs())
        {
            cancellation.ThrowIfCancellationRequested();
            ReadOnlySpan<byte> rest = run.Span;
            long at = first;
            while (rest.Length > 0 && at <= through)
            {
                Record record = Record.Next(ref rest);
                if (folded.First == 0)
                {
                    (folded.First, folded.FirstMs) = (at, record.TimeMs);
                }

                (folded.Last, folded.LastMs) = (at++, Math.Max(folded.LastMs, record.TimeMs));
                if (record.Kind == InputKind.Rules)
                {
                    folded.Rules = Rulebook.Parse(record.Body);
                }

                inputs.Collect(record, folded.Last);
            }

            foreach (ScoreInput input in inputs.Take())
            {
                ScoreFold.Apply(input, folded.Book);
            }

            if (at > through)
            {
                break;
            }
        }

        return folded;
    }

    private static List<string> Compare(Folded folded, SqliteConnection lists)
    {
        bool isWhole = folded.First == 1 && Scalar(lists, "SELECT value FROM meta WHERE name = 'score from'") == 0;
        long afterMs = isWhole ? long.MinValue : Math.Max(folded.FirstMs, Scalar(lists, "SELECT value FROM meta WHERE name = 'score since'"));
        long keptMs = folded.LastMs - ((SupervisionLimits.ScoreDays - 1) * DayMs);
        List<string> differences = [];
        Dictionary<(long, int), ScoreEvent> journal = folded.Book.Events.Where(each => each.BegunMs > afterMs && each.AtMs >= keptMs).ToDictionary(each => (each.Position, each.Number));
        foreach (ScoreEvent each in ViewReader.Events((sql, values) => Query(lists, sql, values), keptMs, long.MaxValue, default).Where(each => each.BegunMs > afterMs))
        {
            if (!journal.Remove((each.Position, each.Number), out ScoreEvent? same) || same != each)
            {
                differences.Add($"record {each.Position}: the lists have {each}, the journal {same?.ToString() ?? "nothing"}.");
            }
        }

        differences.AddRange(journal.Values.Select(each => $"record {each.Position}: the journal has {each}, the lists nothing."));
        CompareAll("work order", folded.Book.Orders.Where(order => order.EndedMs is null && order.IssuedMs > afterMs), ViewReader.Orders((sql, values) => Query(lists, sql, values), default).Where(order => order.IssuedMs > afterMs), order => order.Id, differences);
        long firstDay = isWhole ? ScoreFold.DayOf(keptMs, folded.Book.UtcOffsetMinutes) : ScoreFold.DayOf(Math.Max(keptMs, afterMs), folded.Book.UtcOffsetMinutes) + 1;
        CompareAll("day", folded.Book.Days.Where(day => day.Day >= firstDay), Days(lists).Where(day => day.Day >= firstDay), day => $"{day.Day}/{day.Station}", differences);
        return differences;
    }

    private static void CompareAll<T>(string what, IEnumerable<T> journal, IEnumerable<T> lists, Func<T, string> keyOf, List<string> differences)
        where T : class
    {
        Dictionary<string, T> left = journal.ToDictionary(keyOf, StringComparer.Ordinal);
        foreach (T each in lists)
        {
            if (!left.Remove(keyOf(each), out T? same) || !same.Equals(each))
            {
                differences.Add($"{what} {keyOf(each)}: the lists have {each}, the journal {same?.ToString() ?? "nothing"}.");
            }
        }

        differences.AddRange(left.Values.Select(each => $"{what} {keyOf(each)}: the journal has {each}, the lists nothing."));
    }

    private static List<StationDay> Days(SqliteConnection lists)
    {
        using SqliteDataReader reader = Query(lists, "SELECT day, station, district, weighings, over FROM score_days", []);
        List<StationDay> days = [];
        while (reader.Read())
        {
            days.Add(new StationDay(reader.GetInt64(0), reader.GetString(1), reader.GetString(2), reader.GetInt64(3), reader.GetInt64(4)));
        }

        return days;
    }

    private static void Write(ScoreboardOptions options, TextWriter output, Scoreboard board, Folded folded, List<string>? differences)
    {
        ScoreLine[] lines = [.. board.Lines];
        if (options.Json)
        {
            output.WriteLine(JsonSerializer.Serialize(new ScoreboardCheck(folded.First, folded.Last, options.Group, board.Total, lines, differences is null ? null : differences.Count == 0, differences?.Count), ApiJson.Default.ScoreboardCheck));
            return;
        }

        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"Records {folded.First} to {folded.Last}."));
        foreach ((string key, ScoreLine line) in lines.Select(line => (line.Key ?? "-", line)).Append(("total", board.Total)))
        {
            output.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"{key,-24} received {line.Received,6}  accepted {line.Accepted,6}  completed {line.Completed,6}  in time {line.InTime,6}  returned {line.Returned,5}  parked {line.Parked,4}  reopened {line.Reopened,4}  overdue now {line.OverdueNow,5}  hasty {line.Hasty,5}"));
        }

        foreach (string difference in (differences ?? []).Take(SupervisionLimits.Differences))
        {
            output.WriteLine($"DIFFERS: {difference}");
        }

        output.WriteLine(differences is null ? "There are no lists to compare with." : differences.Count == 0 ? "The scoreboard of the lists is the journal's." : $"The scoreboard of the lists differs in {differences.Count} places.");
    }

    private static SqliteConnection Open(string file)
    {
        SqliteConnection connection = new(new SqliteConnectionStringBuilder { DataSource = file, Mode = SqliteOpenMode.ReadWrite, Pooling = false, DefaultTimeout = 5 }.ToString());
        connection.Open();

        // One snapshot: a silo may be writing.
        using SqliteCommand command = connection.CreateCommand();
        command.CommandText = "PRAGMA query_only = 1; BEGIN";
        command.ExecuteNonQuery();
        return connection;
    }

    private static long Scalar(SqliteConnection connection, string sql)
    {
        using SqliteDataReader reader = Query(connection, sql, []);
        return reader.Read() ? reader.GetInt64(0) : 0;
    }

    private static SqliteDataReader Query(SqliteConnection connection, string sql, List<(string Name, object Value)> values)
    {
        SqliteCommand command = connection.CreateCommand();
        command.CommandText = sql;
        foreach ((string name, object value) in values)
        {
            command.Parameters.AddWithValue(name, value);
        }

        return command.ExecuteReader();
    }

    /// <summary>What a journal says.</summary>
    private sealed class Folded
    {
        public MemoryScoreBook Book { get; } = new();

        public long First { get; set; }

        public long FirstMs { get; set; }

        public long Last { get; set; }

        public long LastMs { get; set; }

        public Rulebook? Rules { get; set; }
    }
}

/// <summary>What <c>scoreboard --json</c> prints.</summary>
/// <param name="First">Position of the journal's first record.</param>
/// <param name="Last">Position of the last that was folded.</param>
/// <param name="Same">Whether the lists say the same; absent where there are none.</param>
internal sealed record ScoreboardCheck(long First, long Last, string GroupBy, ScoreLine Total, ScoreLine[] Items, bool? Same, int? Differences);
