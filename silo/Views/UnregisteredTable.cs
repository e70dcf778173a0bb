using System.Globalization;
using Microsoft.Data.Sqlite;
using Streaming.Grains.Inputs;

namespace Streaming.Silo.Views;

/// <summary>
/// What is sent and unregistered, from what is quarantined: topics of devices that may not publish on them, topics that there are none of, and messages of outside brokers whose device nobody has registered. A topic has one row, however often it comes;
/// the newest stay, and of the others it is only counted how many there were. Used under the store's writing lock only.
/// </summary>
internal sealed class UnregisteredTable
{
    private readonly SqliteCommand put;
    private readonly SqliteCommand count;
    private readonly SqliteCommand remove;
    private readonly SqliteCommand drop;
    private bool grown;

    public UnregisteredTable(Func<string, string[], SqliteCommand> command)
    {
        put = command(
            "INSERT INTO unregistered (source, topic, reason, count, first, last, detail) VALUES (@source, @topic, @reason, 1, @time, @time, @detail) "
            + "ON CONFLICT (source, topic, reason) DO UPDATE SET count = count + 1, last = max(last, excluded.last), detail = excluded.detail",
            ["source", "topic", "reason", "time", "detail"]);
        count = command("SELECT count(*) FROM unregistered", []);
        remove = command("DELETE FROM unregistered WHERE rowid IN (SELECT rowid FROM unregistered ORDER BY last, rowid LIMIT @most)", ["most"]);
        drop = command("UPDATE meta SET value = value + @dropped WHERE name = 'unregistered_dropped'", ["dropped"]);
    }

    public void Add(QuarantineRow row)
    {
        if (row.Reason is not (RejectReason.TopicNotAllowed or RejectReason.UnknownTopic or RejectReason.UnknownSource))
        {
            return;
        }

        SqliteParameterCollection parameters = put.Parameters;
        parameters[0].Value = row.Source;
        parameters[1].Value = row.Topic.Length <= ViewLimits.UnregisteredTopicChars ? row.Topic : row.Topic[..ViewLimits.UnregisteredTopicChars];
        parameters[2].Value = (int)row.Reason;
        parameters[3].Value = row.TimeMs;
        parameters[4].Value = row.Detail;
        put.ExecuteNonQuery();
        grown = true;
    }

    /// <summary>Takes the oldest off, once there are some too many.</summary>
    public void Trim()
    {
        if (!grown)
        {
            return;
        }

        grown = false;
        long rows = Convert.ToInt64(count.ExecuteScalar(), CultureInfo.InvariantCulture);
        if (rows > ViewLimits.UnregisteredRows + ViewLimits.UnregisteredSlack)
        {
            remove.Parameters[0].Value = rows - ViewLimits.UnregisteredRows;
            remove.ExecuteNonQuery();
            drop.Parameters[0].Value = rows - ViewLimits.UnregisteredRows;
            drop.ExecuteNonQuery();
        }
    }
}
