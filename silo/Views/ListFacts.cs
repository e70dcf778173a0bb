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

        string? before = isNew ? null : Run(of.Words, seq) as string;

        // Nothing comes back where nothing of it changed.
        if (Run(of.Put, seq) is not string now || now == before)
        {
            return;
        }

        if (before is not null)
        {
            Run(of.ForgetGrams, seq);
        }

        of.AddGrams.Parameters[1].Value = ListText.Grams(now);
        Run(of.AddGrams, seq);
    }

    private static object? Run(SqliteCommand command, object seq)
    {
        command.Parameters[0].Value = seq;
        return command.ExecuteScalar();
    }

    private sealed class Commands(Func<string, string[], SqliteCommand> command, string name, string columns, string facts)
    {
        public SqliteCommand Words { get; } = command($"SELECT words FROM {name}_facts WHERE seq = @seq", ["seq"]);

        public SqliteCommand Put { get; } = command(
            $"INSERT INTO {name}_facts (seq, {columns}) {facts} WHERE t.seq = @seq ON CONFLICT (seq) DO UPDATE SET ({columns}) = ({Excluded(columns)}) WHERE ({columns}) IS NOT ({Excluded(columns)}) RETURNING words", ["seq"]);

        public SqliteCommand ForgetGrams { get; } = command($"DELETE FROM {name}_grams WHERE rowid = @seq", ["seq"]);

        public SqliteCommand AddGrams { get; } = command($"INSERT INTO {name}_grams (rowid, grams) VALUES (@seq, @grams)", ["seq", "grams"]);

        private static string Excluded(string columns) => string.Join(", ", columns.Split(", ").Select(column => $"excluded.{column}"));
    }
}
