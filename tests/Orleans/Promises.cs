using Microsoft.Data.Sqlite;
using Streaming.Grains.Inputs;
using Streaming.Grains.Messages;
using Streaming.Grains.Turns;
using Streaming.Models.Encoding;
using Streaming.Silo.Journal;
using Streaming.Silo.Views;
using Xunit;
using Record = Streaming.Grains.Inputs.Record;

namespace Streaming.Tests.Orleans;

/// <summary>Holds a run at rest against the promises: nothing lost, nothing doubled.</summary>
internal static class Promises
{
    public static async Task CheckAsync(CityRun run, Stations stations)
    {
        await run.RestAsync();
        Assert.Null(run.Host.NotReady);
        foreach ((string vehicle, HashSet<string> ids) in stations.Acknowledged)
        {
            int counted = await run.WeighingsAsync(vehicle);
            Assert.True(ids.Count == counted, $"{vehicle} counts {counted} weighings; {ids.Count} distinct readings were acknowledged");
        }

        CaseRow[] cases = [.. run.Rows<CaseRow>(View.Cases)];
        Warning[] warnings = [.. run.Rows<Warning>(View.Warnings)];
        WorkOrderRow[] orders = [.. run.Rows<WorkOrderRow>(View.WorkOrders)];
        foreach (string vehicle in stations.Overloaded)
        {
            Assert.True(cases.Count(row => row.Subject == vehicle && row.State != "closed") == 1, $"{vehicle} was overloaded and has {cases.Count(row => row.Subject == vehicle)} cases");
            Assert.True(warnings.Count(row => row.Subject == vehicle && row.Open) <= 1, $"{vehicle} has more than one open warning");
            Assert.Contains(warnings, row => row.Subject == vehicle);
        }

        Assert.All(cases, row => Assert.Contains(row.Subject, stations.Overloaded));
        Assert.All(cases, row => Assert.Contains(orders, order => order.Case == row.Id));
        CheckJournal(run);
        foreach (IGrouping<string, (string Feed, Alert Alert)> feed in (await run.FeedAsync()).GroupBy(item => item.Feed))
        {
            Assert.Equal(Enumerable.Range(1, feed.Count()).Select(number => (long)number), feed.Select(item => item.Alert.Number));
            foreach (IGrouping<string, Alert> same in feed.Select(item => item.Alert).Where(alert => alert.Type is "work-order" or "overdue").GroupBy(alert => $"{alert.Type} {alert.WorkOrder}"))
            {
                Assert.True(same.Count() == 1, $"feed {feed.Key} says {same.Key} {same.Count()} times");
            }
        }
    }

    /// <summary>Every effect stands in the journal once, and every feed's numbers rise by one.</summary>
    public static void CheckJournal(CityRun run)
    {
        Dictionary<(long, uint), long> causes = [];
        Dictionary<string, long> feeds = [];
        using JournalReplay read = run.Host.Journal.Read(1, run.Host.Journal.DurablePosition);
        while (read.TryRead(out BlockHeader header, out ReadOnlySpan<byte> records))
        {
            for (long position = header.FirstPosition; records.Length > 0; position++)
            {
                Record record = Record.Next(ref records);
                if (record.Kind is not (InputKind.Told or InputKind.Shown or InputKind.LookedUp))
                {
                    continue;
                }

                ByteReader body = new(record.Body);
                Cause cause = Cause.Read(ref body);
                Assert.True(causes.TryAdd((cause.Position, cause.Index), position), $"record {position} is effect {cause.Index} of input {cause.Position}, and so is record {causes[(cause.Position, cause.Index)]}");
                if (record.Kind == InputKind.Shown && (View)body.ReadByte() == View.Feed)
                {
                    Assert.True(FeedKey.TrySplit(body.ReadText(), out string feed, out long number));
                    Assert.True(feeds.GetValueOrDefault(feed) + 1 == number, $"record {position} is number {number} of feed {feed}, whose last was {feeds.GetValueOrDefault(feed)}");
                    feeds[feed] = number;
                }
            }
        }
    }

    /// <summary>Replays the journal of a run that ended in order into empty stores, by the standalone host, and compares every state, keyed row, rulebook and list.</summary>
    public static async Task CheckAgainstStandaloneAsync(string directory, MovedTime time)
    {
        string fresh = Path.Combine(directory, "replayed");
        Directory.CreateDirectory(Path.Combine(fresh, "journal"));
        foreach (string file in Directory.EnumerateFiles(Path.Combine(directory, "journal")))
        {
            File.Copy(file, Path.Combine(fresh, "journal", Path.GetFileName(file)));
        }

        CityRun run = await CityRun.StartAsync(fresh, new CityOptions { Silos = 0, Time = time });
        await run.RestAsync();
        await run.StopAsync();
        Assert.Equal(States(fresh), States(directory));
        foreach (string query in new[]
        {
            "SELECT kind, key, name, hex(value) FROM rows ORDER BY 1, 2, 3",
            "SELECT position, hex(json) FROM rulebooks ORDER BY 1",
        })
        {
            Assert.Equal(Read(fresh, "state.db", query), Read(directory, "state.db", query));
        }

        foreach (string table in new[] { "warnings", "cases", "work_orders", "feed", "feed_last", "devices", "tokens", "sessions", "case_departments" })
        {
            string query = $"SELECT * FROM {table} ORDER BY 1, 2";
            Assert.Equal(Read(fresh, "views.db", query), Read(directory, "views.db", query));
        }
    }

    /// <summary>
    /// Every stored actor with its position, turn time, reminders and state. What a grain's row carries besides, until the journal and the rows have it, is left away: the standalone host has nothing of the kind.
    /// </summary>
    private static List<string> States(string directory)
    {
        List<string> states = [];
        foreach (object[] row in ReadRaw(directory, "state.db", "SELECT kind, key, position, next_due, state FROM actors ORDER BY kind, key"))
        {
            ActorKind kind = (ActorKind)(long)row[0];
            HostedActor actor = new(kind, (string)row[1], ActorFactory.Create);
            actor.Load((byte[])row[4], (long)row[2]);
            actor.Outbox = null;
            actor.UnsettledRows = null;
            states.Add($"{kind} {row[1]} at {row[2]}, due {row[3]}: {Convert.ToHexString(actor.Save(new ByteWriter(4096)))}");
        }

        Assert.NotEmpty(states);
        return states;
    }

    private static List<string> Read(string directory, string file, string query) => [.. ReadRaw(directory, file, query).Select(row => string.Join("|", row))];

    private static IEnumerable<object[]> ReadRaw(string directory, string file, string query)
    {
        using SqliteConnection connection = new(new SqliteConnectionStringBuilder { DataSource = Path.Combine(directory, file), Pooling = false }.ToString());
        connection.Open();
        using SqliteCommand command = connection.CreateCommand();
#pragma warning disable CA2100 // The queries are constants of this file.
        command.CommandText = query;
#pragma warning restore CA2100
        using SqliteDataReader reader = command.ExecuteReader();
        while (reader.Read())
        {
            object[] values = new object[reader.FieldCount];
            reader.GetValues(values);
            yield return values;
        }
    }
}
