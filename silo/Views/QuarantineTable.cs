using Microsoft.Data.Sqlite;

namespace Streaming.Silo.Views;

/// <summary>
/// Writes the quarantine list and keeps it to its newest rows. How many rows and bytes there are is counted once at the start and kept up from then on; a transaction that fails gives the earlier figures back.
/// Used under the store's writing lock only.
/// </summary>
internal sealed class QuarantineTable
{
    private const int TrimRows = 1000;
    private const int RowOverheadBytes = 200;

    private readonly SqliteCommand add;
    private readonly SqliteCommand oldest;
    private readonly SqliteCommand remove;
    private Mark current;

    public QuarantineTable(Func<string, string[], SqliteCommand> command)
    {
        add = command(
            "INSERT INTO quarantine (position, element, source, district, topic, time, reason, detail, bytes, payload) VALUES (@position, @element, @source, @district, @topic, @time, @reason, @detail, @bytes, @payload)",
            ["position", "element", "source", "district", "topic", "time", "reason", "detail", "bytes", "payload"]);
        oldest = command($"SELECT seq, bytes FROM quarantine ORDER BY seq LIMIT {TrimRows}", []);
        remove = command("DELETE FROM quarantine WHERE seq <= @seq", ["seq"]);
        using SqliteCommand count = command("SELECT count(*), coalesce(sum(bytes), 0) FROM quarantine", []);
        using SqliteDataReader reader = count.ExecuteReader();
        reader.Read();
        current = new Mark(reader.GetInt64(0), reader.GetInt64(1));
    }

    /// <summary>Rows and bytes in the list.</summary>
    internal readonly record struct Mark(long Rows, long Bytes);

    public Mark Save() => current;

    public void Restore(Mark mark) => current = mark;

    public void Add(QuarantineRow row)
    {
        int bytes = row.Payload.Length + (row.Topic.Length * 2) + (row.Detail.Length * 2) + RowOverheadBytes;
        SqliteParameterCollection parameters = add.Parameters;
        parameters[0].Value = row.Position;
        parameters[1].Value = row.Element;
        parameters[2].Value = row.Source;
        parameters[3].Value = row.District;
        parameters[4].Value = row.Topic;
        parameters[5].Value = row.TimeMs;
        parameters[6].Value = (int)row.Reason;
        parameters[7].Value = row.Detail;
        parameters[8].Value = bytes;
        parameters[9].Value = row.Payload;
        add.ExecuteNonQuery();
        current = new Mark(current.Rows + 1, current.Bytes + bytes);
    }

    /// <summary>Takes the oldest rows off, some more than needed so that it does not have to be done for every row.</summary>
    public void Trim()
    {
        while (current.Rows > ViewLimits.QuarantineRows || current.Bytes > ViewLimits.QuarantineBytes)
        {
            long last = 0;
            Mark after = current;
            using (SqliteDataReader reader = oldest.ExecuteReader())
            {
                while (reader.Read())
                {
                    last = reader.GetInt64(0);
                    after = new Mark(after.Rows - 1, after.Bytes - reader.GetInt64(1));
                }
            }

            remove.Parameters[0].Value = last;
            remove.ExecuteNonQuery();
            current = after;
        }
    }
}
