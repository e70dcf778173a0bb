using Microsoft.Data.Sqlite;
using Streaming.Grains.Turns;

namespace Streaming.Silo.Views;

/// <summary>
/// Whose a case is, and whose a warning: that of every department that a case about the same subject and kind concerns, or one that it joined in a storm. Both stand in tables by department, with what lists are filtered by, so that a department's page is found without looking at the others' rows. Used within a transaction, under the store's writing lock.
/// </summary>
internal sealed class WarningDepartments
{
    private readonly SqliteCommand lose;
    private readonly SqliteCommand gain;
    private readonly SqliteCommand follow;
    private readonly SqliteCommand clear;
    private readonly SqliteCommand forgetOfCase;
    private readonly SqliteCommand shareOfCase;
    private readonly SqliteCommand forgetOfKey;
    private readonly SqliteCommand share;
    private readonly SqliteCommand followWarning;
    private readonly SqliteCommand clearWarning;
    private readonly SqliteCommand shareOfKey;
    private readonly SqliteCommand clearOfKey;

    private const string Share = "INSERT OR IGNORE INTO warning_departments SELECT d.department, w.seq, w.kind, w.area, w.district, coalesce(w.open, 0), coalesce(w.severity, 0)";

    public WarningDepartments(Func<string, string[], SqliteCommand> command)
    {
        const string Named = "SELECT e.value AS department FROM cases c, json_each(c.json, '$.departments') e WHERE c.seq = @seq UNION SELECT json ->> '$.lead' FROM cases WHERE seq = @seq AND json ->> '$.lead' IS NOT NULL";
        lose = command($"DELETE FROM case_departments WHERE seq = @seq AND department NOT IN ({Named})", ["seq"]);
        gain = command($"INSERT OR IGNORE INTO case_departments SELECT n.department, c.seq, c.kind, c.area, c.district, c.state, c.active FROM ({Named}) n JOIN cases c ON c.seq = @seq", ["seq"]);
        follow = command(
            "UPDATE case_departments SET (kind, area, district, state, active) = (SELECT c.kind, c.area, c.district, c.state, c.active FROM cases c WHERE c.seq = @seq) "
            + "WHERE seq = @seq AND (kind, area, district, state, active) IS NOT (SELECT c.kind, c.area, c.district, c.state, c.active FROM cases c WHERE c.seq = @seq)",
            ["seq"]);
        clear = command("DELETE FROM case_departments WHERE seq = @seq", ["seq"]);
        forgetOfCase = command(Forget("c.seq = @seq", "1"), ["seq"]);
        forgetOfKey = command(Forget("c.key = @key", "o.key <> @key"), ["key"]);
        shareOfCase = command(
            $"{Share} FROM cases c CROSS JOIN warnings w ON w.subject = c.subject AND w.kind = c.kind CROSS JOIN case_departments d ON d.seq = c.seq WHERE c.seq = @seq "
            + "UNION ALL SELECT d.department, w.seq, w.kind, w.area, w.district, coalesce(w.open, 0), coalesce(w.severity, 0) FROM cases c CROSS JOIN warning_handlings h ON h.case_id = c.key CROSS JOIN warnings w ON w.key = h.key CROSS JOIN case_departments d ON d.seq = c.seq WHERE c.seq = @seq",
            ["seq"]);
        share = command(ShareOf("w.seq = @seq"), ["seq"]);
        shareOfKey = command(ShareOf("w.key = @key"), ["key"]);
        clearOfKey = command("DELETE FROM warning_departments WHERE seq = (SELECT seq FROM warnings WHERE key = @key)", ["key"]);
        followWarning = command(
            "UPDATE warning_departments SET (area, district, open, severity) = (SELECT w.area, w.district, coalesce(w.open, 0), coalesce(w.severity, 0) FROM warnings w WHERE w.seq = @seq) "
            + "WHERE seq = @seq AND (area, district, open, severity) IS NOT (SELECT w.area, w.district, coalesce(w.open, 0), coalesce(w.severity, 0) FROM warnings w WHERE w.seq = @seq)",
            ["seq"]);
        clearWarning = command("DELETE FROM warning_departments WHERE seq = @seq", ["seq"]);
    }

    /// <summary>Takes warnings of some cases from the departments that no other case makes them those of.</summary>
    /// <param name="cases">Condition on <c>c</c>: the cases that change or go.</param>
    /// <param name="others">Condition on <c>o</c>: cases that make a warning a department's all the same.</param>
    public static string Forget(string cases, string others) =>
        $"DELETE FROM warning_departments AS x WHERE x.seq IN (SELECT w.seq FROM cases c CROSS JOIN warnings w ON w.subject = c.subject AND w.kind = c.kind WHERE {cases} "
        + $"UNION SELECT w.seq FROM cases c CROSS JOIN warning_handlings h ON h.case_id = c.key CROSS JOIN warnings w ON w.key = h.key WHERE {cases}) "
        + "AND NOT EXISTS (SELECT 1 FROM warnings w CROSS JOIN cases o ON o.subject = w.subject AND o.kind = w.kind CROSS JOIN case_departments d ON d.seq = o.seq AND d.department = x.department "
        + $"WHERE w.seq = x.seq AND {others}) "
        + "AND NOT EXISTS (SELECT 1 FROM warnings w CROSS JOIN warning_handlings h ON h.key = w.key CROSS JOIN cases o ON o.key = h.case_id CROSS JOIN case_departments d ON d.seq = o.seq AND d.department = x.department "
        + $"WHERE w.seq = x.seq AND {others})";

    /// <summary>Gives warnings to the departments of every case that has them.</summary>
    /// <param name="warnings">Condition on <c>w</c>.</param>
    private static string ShareOf(string warnings) =>
        $"{Share} FROM warnings w CROSS JOIN cases c ON c.subject = w.subject AND c.kind = w.kind CROSS JOIN case_departments d ON d.seq = c.seq WHERE {warnings} "
        + "UNION ALL SELECT d.department, w.seq, w.kind, w.area, w.district, coalesce(w.open, 0), coalesce(w.severity, 0) FROM warnings w CROSS JOIN warning_handlings h ON h.key = w.key CROSS JOIN cases c ON c.key = h.case_id "
        + $"CROSS JOIN case_departments d ON d.seq = c.seq WHERE {warnings}";

    /// <summary>A row is about to be taken off.</summary>
    public void Going(in ViewChange change)
    {
        if (change.View == View.Cases)
        {
            forgetOfKey.Parameters[0].Value = change.Key;
            forgetOfKey.ExecuteNonQuery();
        }
    }

    /// <summary>A row was put or taken off.</summary>
    public void Changed(in ViewChange change, object seq, bool isNew)
    {
        if (change.View == View.Warnings)
        {
            Run(change.Json is null ? clearWarning : isNew ? share : followWarning, seq);
        }
        else if (change.View == View.Handlings)
        {
            // It may have gone from one case to another.
            clearOfKey.Parameters[0].Value = shareOfKey.Parameters[0].Value = change.Key;
            clearOfKey.ExecuteNonQuery();
            shareOfKey.ExecuteNonQuery();
        }
        else if (change.View == View.Cases)
        {
            if (change.Json is null)
            {
                Run(clear, seq);
                return;
            }

            // The warnings are looked at only where a case came to concern others than before, which is seldom.
            if (!isNew && Run(lose, seq) > 0)
            {
                Run(forgetOfCase, seq);
            }

            if (Run(gain, seq) > 0)
            {
                Run(shareOfCase, seq);
            }

            if (!isNew)
            {
                Run(follow, seq);
            }
        }
    }

    private static int Run(SqliteCommand command, object seq)
    {
        command.Parameters[0].Value = seq;
        return command.ExecuteNonQuery();
    }
}
