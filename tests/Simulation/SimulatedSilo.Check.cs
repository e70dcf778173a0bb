using System.Text;
using System.Text.Json;
using Streaming.Grains.Inputs;
using Streaming.Grains.Messages;
using Streaming.Grains.Turns;
using Streaming.Silo.History;
using Streaming.Silo.Host;
using Streaming.Silo.Journal;
using Streaming.Silo.Views;

namespace Streaming.Tests.Simulation;

/// <summary>The checker: holds what happened against the promises of the journal.</summary>
internal sealed partial class SimulatedSilo
{
    /// <summary>What departments saw of their feeds while it happened, by feed: the item with number n is at n - 1.</summary>
    private readonly Dictionary<string, List<byte[]>> followed = new(StringComparer.Ordinal);

    /// <summary>Holds what happened against the promises.</summary>
    public void Check()
    {
        True(host.NotReady is null, host.NotReady ?? "");
        foreach ((string vehicle, HashSet<string> distinct) in readings)
        {
            JsonDocument? described = Describe(ActorKind.Vehicle, vehicle);
            if (described is null && distinct.Count == 1 && !overloaded.Contains(vehicle) && time.GetUtcNow() - lastSent[vehicle] >= OnceSeen)
            {
                // It was seen once, long ago, and is forgotten.
                Forgotten++;
                continue;
            }

            using JsonDocument state = described ?? throw Broken($"{vehicle} is unknown though {distinct.Count} of its readings were acknowledged");
            int counted = state.RootElement.GetProperty("weighings").GetInt32();
            True(counted == distinct.Count, $"{vehicle} counts {counted} weighings; {distinct.Count} distinct readings were acknowledged");
            int open = state.RootElement.GetProperty("openWarnings").GetArrayLength();
            True(open <= 1, $"{vehicle} has {open} open warnings of one kind");
            True(overloaded.Contains(vehicle) || open == 0, $"{vehicle} was never overloaded and has a warning");
        }

        CheckFollowed();
        foreach (IGrouping<string, CaseRow> cases in Rows<CaseRow>(View.Cases).Where(row => row.State != "closed").GroupBy(row => row.Subject + "|" + row.Kind))
        {
            True(cases.Count() == 1, $"{cases.Key} has {cases.Count()} open cases");
        }

        HashSet<string> withCase = [.. Rows<CaseRow>(View.Cases).Select(row => row.Subject)];
        foreach (string vehicle in overloaded)
        {
            True(withCase.Contains(vehicle), $"{vehicle} was overloaded and has no case");
        }

        foreach (IGrouping<string, (string Feed, Alert Alert)> feed in Feed().GroupBy(item => item.Feed))
        {
            long[] numbers = [.. feed.Select(item => item.Alert.Number).Order()];
            True(numbers.SequenceEqual(Enumerable.Range(1, numbers.Length).Select(number => (long)number)), $"feed {feed.Key} has a hole or a number twice: {string.Join(",", numbers)}");
            foreach (IGrouping<string, Alert> same in feed.Select(item => item.Alert).Where(alert => alert.Type is "work-order" or "overdue").GroupBy(alert => alert.Type + alert.WorkOrder))
            {
                True(same.Count() == 1, $"feed {feed.Key} says {same.Key} {same.Count()} times");
            }
        }
    }

    /// <summary>Archives that came into being so far.</summary>
    public int Archives { get; private set; }

    /// <summary>Reads the whole journal, archives included: every reading that was acknowledged is there, once among those that count, and history finds each record of each vehicle that reading everything finds.</summary>
    public void CheckJournal()
    {
        InputJournal journal = host.Journal;
        Archives += journal.Figures.Archives;
        True(journal.OldestPosition == 1, "the journal does not reach back to its first record");
        Dictionary<string, HashSet<string>> found = [];
        Dictionary<ulong, List<long>> concerned = [];
        List<ulong> subjects = [];
        long next = 1;
        using (JournalReplay read = journal.Read(1, journal.DurablePosition))
        {
            while (read.TryRead(out BlockHeader header, out ReadOnlySpan<byte> records))
            {
                True(header.FirstPosition == next, $"positions {next} to {header.FirstPosition - 1} are missing");
                for (; records.Length > 0; next++)
                {
                    ReadOnlySpan<byte> rest = records;
                    Grains.Inputs.Record record = Grains.Inputs.Record.Next(ref rest);
                    subjects.Clear();
                    RecordSubjects.Collect(records[..^rest.Length], subjects);
                    subjects.ForEach(subject => (concerned.TryGetValue(subject, out List<long>? list) ? list : concerned[subject] = []).Add(next));
                    records = rest;
                    if (record.Kind != InputKind.Publish)
                    {
                        continue;
                    }

                    PublishRecord publish = PublishRecord.Read(record.Body);
                    using JsonDocument raw = JsonDocument.Parse(publish.Raw.ToArray());
                    True(raw.RootElement.GetArrayLength() == publish.Readings, "a raw payload is not that of its record");
                    foreach (JsonElement reading in raw.RootElement.EnumerateArray())
                    {
                        string vehicle = reading.GetProperty("plate").GetString() + "-yellow";
                        (found.TryGetValue(vehicle, out HashSet<string>? ids) ? ids : found[vehicle] = []).Add(reading.GetProperty("id").GetString()!);
                    }
                }
            }
        }

        True(next == journal.DurablePosition + 1, $"the journal ends with {next - 1}, and {journal.DurablePosition} is durable");
        foreach ((string vehicle, HashSet<string> ids) in readings)
        {
            True(found.TryGetValue(vehicle, out HashSet<string>? there) && ids.IsSubsetOf(there), $"an acknowledged reading of {vehicle} is not in the journal");
            List<long> expected = concerned[Partition.HashOf(ActorKind.Vehicle, vehicle)];
            True(expected.SequenceEqual(host.History.Read(ActorKind.Vehicle, vehicle, 1, long.MaxValue, newestFirst: false, CancellationToken.None).Select(record => record.Position)), $"history of {vehicle} is not what the journal holds");
        }

        VerifyResult verified = JournalVerifier.Verify(journalDisk);
        True(verified.Damages.Count == 0, verified.Damages.Count == 0 ? "" : verified.Damages[0].ToString());
    }

    /// <summary>Lets time pass, with crashes in between, and checks that every order that fell due was said to be overdue, once.</summary>
    public void CheckDeadlines()
    {
        for (int day = 0; day < 12; day++)
        {
            time.Advance(TimeSpan.FromHours(24));

            // On some days somebody sets the clock back by hours and, later, right again: what was reminded is not reminded twice.
            int back = random.Next(3) == 0 ? random.Next(1, 20) * 3600 : 0;
            SetClock(setSeconds - back);
            if (acknowledged.Count > 0 && random.Next(2) == 0)
            {
                // A backlog once more, perhaps of vehicles that are forgotten by now.
                Send(acknowledged[random.Next(acknowledged.Count)]);
            }

            for (int step = random.Next(40); step > 0; step--)
            {
                Step();
            }

            if (random.Next(3) == 0)
            {
                Crash();
            }

            SetClock(setSeconds + back);
        }

        Rest();
        DateTimeOffset now = time.GetUtcNow();
        HashSet<string> overdue = [.. Feed().Where(item => item.Alert.Type == "overdue").Select(item => item.Alert.WorkOrder)];
        foreach (WorkOrderRow order in Rows<WorkOrderRow>(View.WorkOrders).Where(row => row.State is "issued" or "accepted" && row.Deadline < now))
        {
            True(order.Overdue, $"{order.Id} fell due at {order.Deadline:O} and does not say so");
            True(overdue.Contains(order.Id), $"{order.Id} fell due at {order.Deadline:O} and its department was not told");
        }

        foreach (Alert early in Feed().Select(item => item.Alert).Where(alert => alert.Type == "overdue" && alert.At < alert.Deadline))
        {
            True(false, $"{early.WorkOrder} is said to be overdue at {early.At:O}, before {early.Deadline:O}");
        }

        True(overdue.Count > 0 || Rows<WorkOrderRow>(View.WorkOrders).All(row => row.Deadline is null || row.Deadline >= now || row.State == "completed"), "nothing fell due in twelve days");
        Check();
    }

    /// <summary>The bytes of the journal, as a checksum: two runs of one seed have the same.</summary>
    public uint Fingerprint() => journalDisk.List().Where(name => JournalLayout.TryParseSegmentName(name, out _)).Aggregate(0u, (crc, name) => Crc32C.Append(crc, journalDisk.Snapshot(name)));

    /// <summary>Replays the whole journal into empty stores and compares every list and state with what the crashes left.</summary>
    public void CheckReplay()
    {
        Dictionary<string, string> before = States();
        SortedDictionary<(View, string), byte[]> rows = views.Rows;

        // A replay is no new time: nothing may fall due that had not before.
        SetClock(setSeconds - TimeSpan.SecondsPerDay);
        SimulatedSilo replayed = new(this);
        replayed.Settle();
        foreach (((View view, string key), byte[] json) in rows)
        {
            True(replayed.views.Rows.TryGetValue((view, key), out byte[]? again) && json.AsSpan().SequenceEqual(again), $"{view} {key} differs after a replay from the beginning:\n{Encoding.UTF8.GetString(json)}\n{Encoding.UTF8.GetString(again ?? [])}");
        }

        True(rows.Count == replayed.views.Rows.Count, "a replay from the beginning shows more rows");
        foreach ((string subject, string state) in before)
        {
            string? again = replayed.Describe(ActorKind.Vehicle, subject)?.RootElement.GetRawText();
            True((again ?? "") == state, $"{subject} differs after a replay from the beginning:\n{state}\n{again}");
        }

        replayed.host.Dispose();
    }

    /// <summary>A department sees a feed item: the next one, or after a crash of the lists the same that it had seen.</summary>
    private void Follow(ViewChange item)
    {
        True(FeedKey.TrySplit(item.Key, out string feed, out long number) && item.Json is not null, $"feed item {item.Key} has no number or no document");
        if (!followed.TryGetValue(feed, out List<byte[]>? seen))
        {
            followed.Add(feed, seen = []);
        }

        True(number <= seen.Count + 1, $"feed {feed} goes on with {number} after {seen.Count}");
        if (number == seen.Count + 1)
        {
            seen.Add(item.Json!);
        }
        else
        {
            True(seen[(int)number - 1].AsSpan().SequenceEqual(item.Json), $"item {number} of feed {feed} is another one than the one that was seen");
        }
    }

    /// <summary>Whatever a department has ever seen is in its feed, under the same number.</summary>
    private void CheckFollowed()
    {
        foreach ((string feed, List<byte[]> seen) in followed)
        {
            for (int i = 0; i < seen.Count; i++)
            {
                True(views.Rows.TryGetValue((View.Feed, $"{feed}/{i + 1}"), out byte[]? now) && seen[i].AsSpan().SequenceEqual(now), $"item {i + 1} of feed {feed} was seen and is gone");
            }
        }
    }

    private JsonDocument? Describe(ActorKind kind, string key)
    {
        Task<byte[]?> answer = host.DescribeAsync(kind, key, CancellationToken.None).AsTask();
        for (int i = 0; i < 10_000 && !answer.IsCompleted; i++)
        {
            foreach (IStep step in host.Steps)
            {
                step.Step();
            }

            Thread.Yield();
        }

        return answer.Result is { } json ? JsonDocument.Parse(json) : null;
    }

    private Dictionary<string, string> States() =>
        readings.Keys.Order(StringComparer.Ordinal).ToDictionary(vehicle => vehicle, vehicle => Describe(ActorKind.Vehicle, vehicle)?.RootElement.GetRawText() ?? "");

    private IEnumerable<T> Rows<T>(View view) where T : class =>
        views.Rows.Where(row => row.Key.View == view).Select(row => (T)JsonSerializer.Deserialize(row.Value, typeof(T), GrainsJson.Default)!);

    private IEnumerable<(string Feed, Alert Alert)> Feed() =>
        views.Rows.Where(row => row.Key.View == View.Feed).Select(row => (row.Key.Key[..row.Key.Key.LastIndexOf('/')], JsonSerializer.Deserialize(row.Value, GrainsJson.Default.Alert)!));

    private void True(bool holds, string otherwise)
    {
        if (!holds)
        {
            throw Broken(otherwise);
        }
    }

    private PromiseBrokenException Broken(string what) => new($"Seed {seed}, after {Crashes} crashes and {made} readings, at journal position {host.Journal.End}: {what}.");
}

/// <summary>The checker found a promise broken.</summary>
public sealed class PromiseBrokenException(string message) : Exception(message);
