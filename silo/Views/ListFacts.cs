using Microsoft.Data.Sqlite;
using Streaming.Grains.Turns;

namespace Streaming.Silo.Views;

/// <summary>
/// Keeps what cases and work orders are filtered by in narrow tables beside them, and the index of their text. Both follow from the rows; a row that is taken off takes its own with it (triggers). Used within a transaction, under the store's writing lock.
/// </summary>
internal sealed class ListFacts
{
    private const string Columns = "kind, area, district, state, active, severity, late, due, words";
    private readonly Dictionary<View, Commands> commands;

    public ListFacts(Func<string, string[], SqliteCommand> command) =>
        commands = new Dictionary<View, Commands>
        {
            [View.Cases] = new Commands(command, "case", Columns, ViewSchema.FactsOfCases),
            [View.WorkOrders] = new Commands(command, "order", Columns + ", department", ViewSchema.FactsOfOrders),
        };

    /// <summary>A row was put.</summary>
    public void Put(View view, object seq, bool isNew)
    {
        if (!commands.TryGetValue(view, out Commands? of))
        {
            return;
        }

        string? before = isNew ? null : Read(of.Words, seq);

        // Nothing comes back where nothing of it changed.
        if (Read(of.Put, seq) is not { } now || now == before)
        {
            return;
        }

        if (before is not null)
        {
            of.ForgetGrams.Parameters[0].Value = seq;
            of.ForgetGrams.ExecuteNonQuery();
        }

        of.AddGrams.Parameters[0].Value = seq;
        of.AddGrams.Parameters[1].Value = now;
        of.AddGrams.ExecuteNonQuery();
    }

    /// <summary>A row's document for the index of text; null where there is none.</summary>
    private static string? Read(SqliteCommand command, object seq)
    {
        command.Parameters[0].Value = seq;
        using SqliteDataReader reader = command.ExecuteReader();
        return reader.Read() ? ListText.Grams(reader.GetString(0), Text(reader, 1), Text(reader, 2), Text(reader, 3)) : null;
    }

    private static string? Text(SqliteDataReader reader, int column) => reader.IsDBNull(column) ? null : reader.GetString(column);

    private sealed class Commands(Func<string, string[], SqliteCommand> command, string name, string columns, string facts)
    {
        public SqliteCommand Words { get; } = command($"SELECT {Indexed(columns)} FROM {name}_facts WHERE seq = @seq", ["seq"]);

        public SqliteCommand Put { get; } = command(
            $"INSERT INTO {name}_facts (seq, {columns}) {facts} WHERE t.seq = @seq ON CONFLICT (seq) DO UPDATE SET ({columns}) = ({Excluded(columns)}) WHERE ({columns}) IS NOT ({Excluded(columns)}) RETURNING {Indexed(columns)}", ["seq"]);

        public SqliteCommand ForgetGrams { get; } = command($"DELETE FROM {name}_grams WHERE rowid = @seq", ["seq"]);

        public SqliteCommand AddGrams { get; } = command($"INSERT INTO {name}_grams (rowid, grams) VALUES (@seq, @grams)", ["seq", "grams"]);

        private static string Indexed(string columns) => columns.Contains("department", StringComparison.Ordinal) ? "words, kind, area, department" : "words, kind, area, NULL";

        private static string Excluded(string columns) => string.Join(", ", columns.Split(", ").Select(column => $"excluded.{column}"));
    }
}
