using System.Text;
using System.Text.Json;
using Microsoft.Extensions.Logging.Abstractions;
using Streaming.Grains.Inputs;
using Streaming.Grains.Messages;
using Streaming.Grains.Rules;
using Streaming.Grains.Turns;
using Streaming.Ingest;
using Streaming.Ingest.Formats;
using Streaming.Models.Encoding;
using Streaming.Silo.History;
using Streaming.Silo.Host;
using Streaming.Silo.Journal;
using Streaming.Tests.Support;
using Xunit;

namespace Streaming.Tests.Simulation;

/// <summary>
/// A whole silo under a seed: disk, stores and clock are simulated, and its parts take their steps in an order drawn from the seed. Stations send readings, keep what was not
/// acknowledged, and send it again after a crash; departments work on their orders. A failing seed replays exactly.
/// </summary>
internal sealed class SimulatedSilo
{
    private const int Vehicles = 24;
    private const int StepsPerAction = 12;

    private readonly int seed;
    private readonly Random random;
    private readonly ManualTime time = new(new DateTimeOffset(2026, 11, 23, 1, 0, 0, TimeSpan.Zero));
    private readonly SimulatedDisk journalDisk;
    private readonly SimulatedDisk historyDisk;
    private readonly MemoryStateStore states = new();
    private readonly MemoryViewStore views = new();
    private readonly List<Publish> unacknowledged = [];
    private readonly List<Publish> acknowledged = [];
    private readonly Dictionary<string, HashSet<string>> readings = [];
    private readonly HashSet<string> overloaded = [];
    private readonly SourceContext[] stations;
    private ActorHost host;
    private int made;

    public SimulatedSilo(int seed)
    {
        this.seed = seed;
        random = new Random(seed);
        journalDisk = new SimulatedDisk(seed);
        historyDisk = new SimulatedDisk(seed + 1);
        stations = [.. Enumerable.Range(1, 4).Select(number => new SourceContext(new SourceRegistration($"S{number:D2}", "wim", [$"v1/wim/S{number:D2}/+"], number % 2 == 0 ? "harbour" : "central", 5, "sha256:00")))];
        host = Open();
    }

    public int Crashes { get; private set; }

    /// <summary>Readings made so far.</summary>
    public int Made => made;

    /// <summary>Takes actions at random, crashes among them, then lets everything come to rest.</summary>
    public void Run(int actions)
    {
        for (int i = 0; i < actions; i++)
        {
            Act();
            for (int step = random.Next(StepsPerAction); step > 0; step--)
            {
                Step();
            }

            Acknowledge();
        }

        Rest();
    }

    /// <summary>No more crashes: every client gets its acknowledgements and every part comes to rest.</summary>
    public void Rest()
    {
        do
        {
            Resend();
            Settle();
            Acknowledge();
        }
        while (unacknowledged.Count > 0);
        Settle();
    }

    /// <summary>Holds what happened against the promises.</summary>
    public void Check()
    {
        foreach ((string vehicle, HashSet<string> distinct) in readings)
        {
            using JsonDocument state = Describe(ActorKind.Vehicle, vehicle) ?? throw Broken($"{vehicle} is unknown though {distinct.Count} of its readings were acknowledged");
            int counted = state.RootElement.GetProperty("weighings").GetInt32();
            True(counted == distinct.Count, $"{vehicle} counts {counted} weighings; {distinct.Count} distinct readings were acknowledged");
            int open = state.RootElement.GetProperty("openWarnings").GetArrayLength();
            True(open <= 1, $"{vehicle} has {open} open warnings of one kind");
            True(overloaded.Contains(vehicle) || open == 0, $"{vehicle} was never overloaded and has a warning");
        }

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
            for (int step = random.Next(40); step > 0; step--)
            {
                Step();
            }

            if (random.Next(3) == 0)
            {
                Crash();
            }
        }

        Rest();
        DateTimeOffset now = time.GetUtcNow();
        HashSet<string> overdue = [.. Feed().Where(item => item.Alert.Type == "overdue").Select(item => item.Alert.WorkOrder)];
        foreach (WorkOrderRow order in Rows<WorkOrderRow>(View.WorkOrders).Where(row => row.State is "issued" or "accepted" && row.Deadline < now))
        {
            True(order.Overdue, $"{order.Id} fell due at {order.Deadline:O} and does not say so");
            True(overdue.Contains(order.Id), $"{order.Id} fell due at {order.Deadline:O} and its department was not told");
        }

        True(overdue.Count > 0 || Rows<WorkOrderRow>(View.WorkOrders).All(row => row.Deadline is null || row.Deadline >= now || row.State == "completed"), "nothing fell due in twelve days");
        Check();
    }

    /// <summary>Replays the whole journal into empty stores and compares every list and state with what the crashes left.</summary>
    public void CheckReplay()
    {
        Dictionary<string, string> before = States();
        SortedDictionary<(View, string), byte[]> rows = views.Rows;
        SimulatedSilo replayed = new(this);
        replayed.Settle();
        foreach (((View view, string key), byte[] json) in rows)
        {
            True(replayed.views.Rows.TryGetValue((view, key), out byte[]? again) && json.AsSpan().SequenceEqual(again), $"{view} {key} differs after a replay from the beginning");
        }

        True(rows.Count == replayed.views.Rows.Count, "a replay from the beginning shows more rows");
        foreach ((string subject, string state) in before)
        {
            string? again = replayed.Describe(ActorKind.Vehicle, subject)?.RootElement.GetRawText();
            True(again == state, $"{subject} differs after a replay from the beginning:\n{state}\n{again}");
        }
    }

    private SimulatedSilo(SimulatedSilo other)
    {
        seed = other.seed;
        random = new Random(seed);
        time = other.time;
        journalDisk = other.journalDisk;
        historyDisk = new SimulatedDisk(seed + 2);
        stations = other.stations;
        readings = other.readings;
        overloaded = other.overloaded;
        other.host.Dispose();
        host = Open();
    }

    private ActorHost Open()
    {
        HostSeams seams = new(journalDisk, historyDisk, states, views, time, NullLoggerFactory.Instance);
        HostOptions options = new() { Workers = 1 + (seed % 3), StatesPerBatch = 8, TurnsPerSavedState = 2, HistoryPartReadings = 64, IdleSaveMs = 0, RecordsBetweenQueries = 4, ResidentActors = 30 };
        JournalOptions journal = new() { SegmentBytes = 48 * 1024, BufferBytes = 8 * 1024, BlockBytes = 16 * 1024, ArchiveFrameBytes = 2048, InlineContinuations = true };
        return ActorHost.Open(seams, options, journal, Streaming.Determinism.ShippedCity.Rules, parts => new WorkerTurns(parts), follower => new SimulationProjector(follower, views));
    }

    private void Act()
    {
        switch (random.Next(100))
        {
            case < 55:
                Send(Make());
                break;
            case < 65:
                time.Advance(TimeSpan.FromMilliseconds(random.Next(1, 5_000)));
                break;
            case < 73 when acknowledged.Count > 0:
                // A station that uploads its backlog once more: everything in it was counted already.
                Send(acknowledged[random.Next(acknowledged.Count)]);
                break;
            case < 90:
                Work();
                break;
            case < 92:
                Crash();
                break;
            default:
                Resend();
                break;
        }
    }

    private void Step()
    {
        IReadOnlyList<IStep> steps = host.Steps;
        steps[random.Next(steps.Count)].Step();
    }

    private void Settle()
    {
        // A step that finds nothing may find something once another was taken, so all have to rest in one round. The clock moves a little, as pacing goes by it.
        for (int quiet = 0, rounds = 0; quiet < 3; rounds++)
        {
            bool worked = false;
            foreach (IStep step in host.Steps)
            {
                worked |= step.Step();
            }

            quiet = worked ? 0 : quiet + 1;
            time.Advance(TimeSpan.FromMilliseconds(400));
            True(rounds < 20_000, "the silo does not come to rest");
        }
    }

    private void Crash()
    {
        Crashes++;
        host.Dispose();
        journalDisk.Crash();
        historyDisk.Crash();
        views.Crash(random);
        foreach (Publish publish in unacknowledged)
        {
            publish.Position = null;
        }

        host = Open();
    }

    private void Send(Publish publish)
    {
        if (!unacknowledged.Contains(publish))
        {
            unacknowledged.Add(publish);
            acknowledged.Remove(publish);
        }

        Task<Appended> appended = host.AppendAsync(publish.Record, CancellationToken.None).AsTask();
        if (appended.IsCompletedSuccessfully && appended.Result.Refusal is null)
        {
            publish.Position = appended.Result.LastPosition;
        }
    }

    private void Resend()
    {
        foreach (Publish publish in unacknowledged.Where(publish => publish.Position is null).ToList())
        {
            Send(publish);
        }
    }

    private void Acknowledge()
    {
        foreach (Publish publish in unacknowledged.Where(publish => publish.Position <= host.DurablePosition).ToList())
        {
            unacknowledged.Remove(publish);
            acknowledged.Add(publish);
            foreach ((string vehicle, string id, bool over) in publish.Readings)
            {
                if (!readings.TryGetValue(vehicle, out HashSet<string>? seen))
                {
                    readings.Add(vehicle, seen = []);
                }

                seen.Add(id);
                if (over)
                {
                    overloaded.Add(vehicle);
                }
            }
        }
    }

    /// <summary>One PUBLISH of one to forty readings, mostly new, in order of time or not.</summary>
    private Publish Make()
    {
        SourceContext station = stations[random.Next(stations.Length)];
        List<(string Vehicle, string Id, bool Over)> truth = [];
        StringBuilder json = new("[");
        int count = random.Next(4) == 0 ? random.Next(1, 40) : 1;
        int only = random.Next(5) == 0 ? random.Next(Vehicles) : -1;
        for (int i = 0; i < count; i++)
        {
            int vehicle = only >= 0 ? only : random.Next(Vehicles);
            bool over = vehicle % 3 == 0 && random.Next(6) == 0;
            string id = $"{station.Registration.Id}-{++made}";
            DateTimeOffset at = time.GetUtcNow().AddMilliseconds(-random.Next(240_000));
            json.Append(i == 0 ? "" : ",").Append($$"""{"id":"{{id}}","at":"{{at:yyyy-MM-ddTHH:mm:ss.fffZ}}","plate":"粤H{{vehicle:D5}}","plateColor":"yellow","grossKg":{{(over ? 60_000 : 12_000)}},"vehicleClass":"combination","axles":[{"massKg":{{(over ? 30_000 : 6_000)}},"offsetM":0},{"massKg":{{(over ? 30_000 : 6_000)}},"offsetM":4}]}""");
            truth.Add(($"粤H{vehicle:D5}-yellow", $"{id}", over));
        }

        json.Append(']');
        ByteWriter record = new();
        EncodeOutcome outcome = PublishEncoder.Encode(record, station, Encoding.UTF8.GetBytes($"v1/wim/{station.Registration.Id}/1"), Encoding.UTF8.GetBytes(json.ToString()), time.GetUtcNow().ToUnixTimeMilliseconds());
        True(outcome is { Rejected: 0 } && outcome.Accepted == count, $"the encoder rejected a good reading: {outcome.FirstDetail}");
        return new Publish(record.Written.ToArray(), truth);
    }

    /// <summary>A department does something on some open order.</summary>
    private void Work()
    {
        WorkOrderRow[] open = [.. Rows<WorkOrderRow>(View.WorkOrders).Where(row => row.State is "issued" or "accepted")];
        if (open.Length == 0 || host.NotReady is not null)
        {
            return;
        }

        WorkOrderRow order = open[random.Next(open.Length)];
        WorkOrderAction action = new(order.Id, random.Next(3) == 0 ? "comment" : "accept", "clerk", order.Department, "as seen", null, null);
        ReadOnlyMemory<byte> body = JsonSerializer.SerializeToUtf8Bytes(action, GrainsJson.Default.WorkOrderAction);
        _ = host.CommandAsync(ActorKind.Case, order.Case, MessageKind.ActOnWorkOrder, body, CancellationToken.None).AsTask();
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

    private InvalidOperationException Broken(string what) => new($"Seed {seed}, after {Crashes} crashes and {made} readings, at journal position {host.Journal.End}: {what}.");

    /// <summary>A PUBLISH as its station remembers it until it is acknowledged.</summary>
    private sealed class Publish(byte[] record, List<(string Vehicle, string Id, bool Over)> readings)
    {
        public byte[] Record { get; } = record;

        public List<(string Vehicle, string Id, bool Over)> Readings { get; } = readings;

        /// <summary>Where the journal has it; null where it has to be sent (again).</summary>
        public long? Position { get; set; }
    }
}
