using Microsoft.Data.Sqlite;
using Streaming.Grains.Subjects;
using Streaming.Grains.Turns;

namespace Streaming.Silo.Views;

/// <summary>
/// Who used what a resource delivered, by day: warnings and cases that cite a reading of it, and departments that were alerted by one. It follows from the rows that turns showed, each counted when it is shown for the first time, in the
/// transaction that puts it; so it is the same after a rebuild. Used under the store's writing lock only.
/// </summary>
internal sealed class ResourceUseTable
{
    /// <summary>Consumers by these names; departments are <c>department:{id}</c>. Published: never reused.</summary>
    public const string Warnings = "warnings";

    public const string Cases = "cases";

    public const string Department = "department:";

    private const long DayMs = 24L * 60 * 60 * 1000;
    private readonly SqliteCommand warning;
    private readonly SqliteCommand opened;
    private readonly SqliteCommand alerted;

    public ResourceUseTable(Func<string, string[], SqliteCommand> command)
    {
        warning = Use(command, $"'{Warnings}'", "$.evidence.readings");
        opened = Use(command, $"'{Cases}'", "$.warning.evidence.readings");
        alerted = Use(command, $"'{Department}' || (CAST(@json AS TEXT) ->> '$.department')", "$.evidence.readings");
    }

    /// <summary>A row that was shown for the first time.</summary>
    public void Cited(in ViewChange change)
    {
        if (change.View is View.Warnings or View.Cases)
        {
            Run(change.View == View.Warnings ? warning : opened, change);
        }
    }

    /// <summary>An item of a feed. What goes to a department's feed over the whole city goes to one of a district as well, and counts there.</summary>
    public void Alerted(string feed, in ViewChange change)
    {
        if (!feed.StartsWith(Source.WaysBack + "/", StringComparison.Ordinal) && !feed.EndsWith("/*", StringComparison.Ordinal))
        {
            Run(alerted, change);
        }
    }

    private static SqliteCommand Use(Func<string, string[], SqliteCommand> command, string consumer, string readings) => command(
        $"INSERT INTO resource_uses (resource, day, consumer, uses) SELECT DISTINCT e.value ->> '$.source', @day, {consumer}, 1 FROM json_each(CAST(@json AS TEXT), '{readings}') e "
        + "WHERE e.value ->> '$.source' IS NOT NULL ON CONFLICT (resource, day, consumer) DO UPDATE SET uses = uses + 1",
        ["day", "json"]);

    private static void Run(SqliteCommand command, in ViewChange change)
    {
        command.Parameters[0].Value = change.TimeMs / DayMs;
        command.Parameters[1].Value = change.Json;
        command.ExecuteNonQuery();
    }
}
