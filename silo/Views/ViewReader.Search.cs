using Microsoft.Data.Sqlite;
using Streaming.Grains.Access;

namespace Streaming.Silo.Views;

/// <summary>Reads what the search answers with, cut down to what somebody is kept to.</summary>
internal sealed partial class ViewReader
{
    /// <summary>Hands over the vehicles that are known, those seen last if there are more than <paramref name="most"/>.</summary>
    public void Plates(int most, Action<string, long, long> take) => Run(connection =>
    {
        using SqliteDataReader reader = connection.Query(
            "SELECT plate, day, seq FROM plates ORDER BY day DESC, seq DESC LIMIT @most", [("@most", most)]);
        while (reader.Read())
        {
            take(reader.GetString(0), reader.GetInt64(1), reader.GetInt64(2));
        }

        return true;
    });

    /// <summary>The last place in the list of vehicles; 0 where it is empty.</summary>
    public long LastPlate() => Run(connection =>
    {
        using SqliteDataReader reader = connection.Query("SELECT coalesce(max(seq), 0) FROM plates", []);
        return reader.Read() ? reader.GetInt64(0) : 0;
    });

    /// <summary>Cases whose id begins so, in order of their ids.</summary>
    public ValueTask<IReadOnlyList<byte[]>> CasesByIdAsync(string begin, TokenScope scope, int most, CancellationToken cancellation)
    {
        List<string> where = ["c.key >= @begin", "c.key < @end"];
        List<(string, object)> values = [("@begin", begin), ("@end", begin + '\uffff'), ("@most", most)];
        ListSql.Filter(ListSql.IsIn("c.district", "@district"), "@district", scope.District, where, values);
        ListSql.Filter("EXISTS (SELECT 1 FROM case_departments d WHERE d.department = @department AND d.seq = c.seq)", "@department", scope.Department, where, values);
        return RunAsync<IReadOnlyList<byte[]>>(
            connection =>
            {
                using SqliteDataReader reader = connection.Query($"SELECT CAST(c.json AS BLOB) FROM cases c {ListSql.Where(where)} ORDER BY c.key LIMIT @most", values);
                return Documents(reader);
            },
            cancellation);
    }

    /// <summary>How many warnings are open about each of some subjects.</summary>
    public ValueTask<IReadOnlyList<long>> OpenWarningsAsync(IReadOnlyList<string> subjects, TokenScope scope, CancellationToken cancellation)
    {
        List<string> where = ["w.subject = @subject", "w.open = 1"];
        List<(string, object)> scoped = [];
        ListSql.Filter(ListSql.IsIn("w.district", "@district"), "@district", scope.District, where, scoped);
        ListSql.Filter("EXISTS (SELECT 1 FROM warning_departments d WHERE d.department = @department AND d.seq = w.seq)", "@department", scope.Department, where, scoped);
        string sql = $"SELECT count(*) FROM warnings w INDEXED BY warnings_subject {ListSql.Where(where)}";
        return RunAsync<IReadOnlyList<long>>(
            connection =>
            {
                List<long> counts = [];
                foreach (string subject in subjects)
                {
                    using SqliteDataReader reader = connection.Query(sql, [.. scoped, ("@subject", subject)]);
                    reader.Read();
                    counts.Add(reader.GetInt64(0));
                }

                return counts;
            },
            cancellation);
    }
}
