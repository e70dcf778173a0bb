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

namespace Streaming.Tests.Simulation;

/// <summary>What is wrong on purpose, with the machine or with the silo. The checker has to notice every one of them.</summary>
internal enum Flaw
{
    None,

    /// <summary>No sync of a file makes anything durable, as where somebody replaced fsync by nothing.</summary>
    SyncsDoNothing,

    /// <summary>The same for the journal's first segment alone.</summary>
    OneSegmentIsNotSynced,

    /// <summary>The same for the files of past readings' identities.</summary>
    HistoryIsNotSynced,

    /// <summary>Syncs of the directory make no name durable.</summary>
    NamesAreNotSynced,

    /// <summary>A reading is acknowledged as soon as it is appended.</summary>
    AcknowledgesBeforeDurable,
}

/// <summary>
/// A whole silo under a seed: disk, stores and clock are simulated, and its parts take their steps in an order drawn from the seed. Stations send readings, keep what was not
/// acknowledged, and send it again after a crash; departments work on their orders and follow their feeds. Disks get full, slow or fail, stores refuse, the clock is set ahead and back. A failing seed replays exactly.
/// </summary>
internal sealed partial class SimulatedSilo
{
    private const int Vehicles = 24;
    private const int StepsPerAction = 12;
    private static readonly TimeSpan OnceSeen = TimeSpan.FromDays(new ExpiryRules().KeepOnceSeenDays);

    private readonly int seed;
    private readonly int sweepEveryMs = 300;
    private readonly Random random;
    private readonly Flaw flaw;
    private readonly SimulatedTime time = new(new DateTimeOffset(2026, 11, 23, 1, 0, 0, TimeSpan.Zero));
    private readonly SimulatedDisk journalDisk;
    private readonly SimulatedDisk historyDisk;
    private readonly MemoryStateStore states = new();
    private readonly MemoryViewStore views = new();
    private readonly List<Publish> unacknowledged = [];
    private readonly List<Publish> acknowledged = [];
    private readonly Dictionary<string, HashSet<string>> readings = [];
    private readonly HashSet<string> overloaded = [];
    private readonly Dictionary<string, DateTimeOffset> lastSent = [];
    private readonly SourceContext[] stations;
    private ActorHost host;
    private int made;
    private int slowMs;
    private int syncsSeen;
    private double setSeconds;

    public SimulatedSilo(int seed, Flaw flaw = Flaw.None)
    {
        this.seed = seed;
        this.flaw = flaw;
        random = new Random(seed);
        journalDisk = new SimulatedDisk(seed)
        {
            LiesAboutSync = flaw switch { Flaw.SyncsDoNothing => static _ => true, Flaw.OneSegmentIsNotSynced => static name => name == JournalLayout.SegmentName(1), _ => null },
            LiesAboutDirectory = flaw == Flaw.NamesAreNotSynced,
        };
        historyDisk = new SimulatedDisk(seed + 1)
        {
            LiesAboutSync = flaw is Flaw.SyncsDoNothing or Flaw.HistoryIsNotSynced ? static _ => true : null,
            LiesAboutDirectory = flaw == Flaw.NamesAreNotSynced,
        };
        views.Shown = Follow;
        stations = [.. Enumerable.Range(1, 4).Select(number => new SourceContext(new SourceRegistration($"S{number:D2}", "wim", [$"v1/wim/S{number:D2}/+"], number % 2 == 0 ? "harbour" : "central", 5, "sha256:00")))];
        host = Open();
    }

    public int Crashes { get; private set; }

    /// <summary>Times that the process ended by itself, since its disk failed.</summary>
    public int Ends { get; private set; }

    /// <summary>Readings that were refused, to be sent again.</summary>
    public int Refusals { get; private set; }

    /// <summary>Vehicles that were found forgotten.</summary>
    public int Forgotten { get; private set; }

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

    /// <summary>Trouble is over and no more crashes come: without a restart, every client gets its acknowledgements and every part comes to rest.</summary>
    public void Rest()
    {
        Heal();
        do
        {
            Resend();
            Settle();
            Acknowledge();
        }
        while (unacknowledged.Count > 0);
        Settle();
    }

    private SimulatedSilo(SimulatedSilo other)
    {
        seed = other.seed;
        flaw = other.flaw;
        random = new Random(seed);
        time = other.time;
        journalDisk = other.journalDisk;
        historyDisk = new SimulatedDisk(seed + 2);
        stations = other.stations;
        readings = other.readings;
        overloaded = other.overloaded;
        lastSent = other.lastSent;
        other.host.Dispose();

        // What the other had not got round to forgetting must not be forgotten here either.
        sweepEveryMs = int.MaxValue;
        host = Open();
    }

    private ActorHost Open()
    {
        HostSeams seams = new(journalDisk, historyDisk, states, views, time, NullLoggerFactory.Instance);
        HostOptions options = new()
        {
            Workers = 1 + (seed % 3),
            StatesPerBatch = 8,
            StatesAtOnce = 3,
            TurnsPerSavedState = 2,
            HistoryPartReadings = 64,
            IdleSaveMs = 0,
            RecordsBetweenQueries = 4,
            ResidentActors = 30,
            TailRecords = seed % 4 == 1 ? 300 : 10_000_000,
            SweepRows = 1 + (seed % 7),
            SweepEveryMs = sweepEveryMs,
            SweepPassMs = 5_000,
            StatesAhead = seed % 4 == 0 ? 0 : 12,
            ActorsReadAtStart = seed % 5 == 0 ? 0 : 1_000,
            IdleAge = TimeSpan.FromMinutes(1),
            IdleLookEvery = TimeSpan.Zero,
        };
        JournalOptions journal = new() { SegmentBytes = 72 * 1024, BufferBytes = 8 * 1024, BlockBytes = 32 * 1024, ArchiveFrameBytes = 2048, InlineContinuations = true };
        return ActorHost.Open(seams, options, journal, Streaming.Determinism.ShippedCity.Rules, parts => new WorkerTurns(parts), follower => new SimulationProjector(follower, views));
    }

    private void Act()
    {
        if (random.Next(12) == 0)
        {
            Heal();
        }

        switch (random.Next(100))
        {
            case < 53:
                Send(Make());
                break;
            case < 62:
                time.Advance(TimeSpan.FromMilliseconds(random.Next(1, 5_000)));
                break;
            case < 70 when acknowledged.Count > 0:
                // A station that uploads its backlog once more: everything in it was counted already.
                Send(acknowledged[random.Next(acknowledged.Count)]);
                break;
            case < 86:
                Work();
                break;
            case < 88:
                Crash();
                break;
            case < 92:
                BeginTrouble();
                break;
            default:
                Resend();
                break;
        }
    }

    private void BeginTrouble()
    {
        switch (random.Next(9))
        {
            case 0:
                journalDisk.CapacityBytes = journalDisk.UsedBytes;
                break;
            case 1:
                historyDisk.CapacityBytes = historyDisk.UsedBytes;
                break;
            case 2:
                slowMs = random.Next(100, 2_000);
                break;
            case 3:
                states.Failing = true;
                break;
            case 4:
                views.Failing = true;
                break;
            case 5:
                journalDisk.FailSyncs = true;
                break;
            case 6:
                journalDisk.FailWrites = true;
                break;
            case 7:
                historyDisk.FailSyncs = true;
                break;
            default:
                SetClock(random.Next(-90, 90));
                break;
        }
    }

    /// <summary>Room is made, disks and stores work again. The clock stays as it was set.</summary>
    private void Heal()
    {
        journalDisk.CapacityBytes = historyDisk.CapacityBytes = long.MaxValue;
        journalDisk.FailSyncs = journalDisk.FailWrites = historyDisk.FailSyncs = false;
        states.Failing = views.Failing = false;
        slowMs = 0;
    }

    /// <summary>Sets the wall clock to be so many seconds off. Readings must not become late by it: how those are treated is another rule than the ones checked here.</summary>
    private void SetClock(double seconds)
    {
        time.Jump(TimeSpan.FromSeconds(seconds - setSeconds));
        setSeconds = seconds;
    }

    private void Step()
    {
        IReadOnlyList<IStep> steps = host.Steps;
        Take(steps[random.Next(steps.Count)]);
    }

    /// <summary>Lets a part take a step. Where it throws what ends a process, the process ends, and is started again once the disk was seen to.</summary>
    private bool Take(IStep step)
    {
        try
        {
            return step.Step();
        }
        catch (JournalFailedException)
        {
            Ends++;
            Restart(powerLost: random.Next(2) == 0, seenTo: true);
            return true;
        }
        finally
        {
            if (slowMs > 0)
            {
                time.Advance(TimeSpan.FromMilliseconds((double)slowMs * (journalDisk.Syncs - syncsSeen)));
            }

            syncsSeen = journalDisk.Syncs;
        }
    }

    private void Settle()
    {
        // A step that finds nothing may find something once another was taken, so all have to rest in one round. The clock moves a little, as pacing goes by it.
        for (int quiet = 0, rounds = 0; quiet < 3; rounds++)
        {
            bool worked = false;
            foreach (IStep step in host.Steps)
            {
                worked |= Take(step);
            }

            quiet = worked ? 0 : quiet + 1;
            time.Advance(TimeSpan.FromMilliseconds(400));
            True(rounds < 20_000, "the silo does not come to rest");
        }
    }

    private void Crash()
    {
        Crashes++;
        Restart(powerLost: random.Next(4) > 0, seenTo: false);
    }

    /// <summary>The process is gone, with the power or alone, and comes up again.</summary>
    private void Restart(bool powerLost, bool seenTo)
    {
        host.Dispose();
        if (seenTo)
        {
            Heal();
        }

        // A disk that fails is no disk to start on; a full or a slow one is.
        journalDisk.FailSyncs = journalDisk.FailWrites = historyDisk.FailSyncs = false;
        if (powerLost)
        {
            journalDisk.Crash();
            historyDisk.Crash();
            views.Crash(random);
        }
        else
        {
            journalDisk.Kill();
            historyDisk.Kill();
        }

        foreach (Publish publish in unacknowledged)
        {
            publish.Forget();
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

        foreach ((string vehicle, _, _) in publish.Readings)
        {
            lastSent[vehicle] = publish.At;
        }

        publish.Sent(host.AppendAsync(publish.Record, CancellationToken.None).AsTask());
        Refusals += publish.Unsent ? 1 : 0;
    }

    private void Resend()
    {
        foreach (Publish publish in unacknowledged.Where(publish => publish.Unsent).ToList())
        {
            Send(publish);
        }
    }

    private void Acknowledge()
    {
        long through = flaw == Flaw.AcknowledgesBeforeDurable ? host.Journal.End : host.DurablePosition;
        foreach (Publish publish in unacknowledged.Where(publish => publish.Position <= through).ToList())
        {
            unacknowledged.Remove(publish);
            acknowledged.Add(publish);
            publish.Forget();
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
            // Now and then a stranger, who is never seen again.
            int vehicle = only >= 0 ? only : random.Next(12) == 0 ? 10_000 + made : random.Next(Vehicles);
            bool over = vehicle < Vehicles && vehicle % 3 == 0 && random.Next(6) == 0;
            string id = $"{station.Registration.Id}-{++made}";
            DateTimeOffset at = time.GetUtcNow().AddMilliseconds(-random.Next(240_000));
            json.Append(i == 0 ? "" : ",").Append($$"""{"id":"{{id}}","at":"{{at:yyyy-MM-ddTHH:mm:ss.fffZ}}","plate":"粤H{{vehicle:D5}}","plateColor":"yellow","grossKg":{{(over ? 60_000 : 12_000)}},"vehicleClass":"combination","axles":[{"massKg":{{(over ? 30_000 : 6_000)}},"offsetM":0},{"massKg":{{(over ? 30_000 : 6_000)}},"offsetM":4}]}""");
            truth.Add(($"粤H{vehicle:D5}-yellow", $"{id}", over));
        }

        json.Append(']');
        ByteWriter record = new();
        EncodeOutcome outcome = PublishEncoder.Encode(record, station, Encoding.UTF8.GetBytes($"v1/wim/{station.Registration.Id}/1"), Encoding.UTF8.GetBytes(json.ToString()), time.GetUtcNow().ToUnixTimeMilliseconds());
        True(outcome is { Rejected: 0 } && outcome.Accepted == count, $"the encoder rejected a good reading: {outcome.FirstDetail}");
        return new Publish(record.Written.ToArray(), truth, time.GetUtcNow());
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

    /// <summary>A PUBLISH as its station remembers it until it is acknowledged.</summary>
    private sealed class Publish(byte[] record, List<(string Vehicle, string Id, bool Over)> readings, DateTimeOffset at)
    {
        private Task<Appended>? appending;

        public DateTimeOffset At { get; } = at;

        public byte[] Record { get; } = record;

        public List<(string Vehicle, string Id, bool Over)> Readings { get; } = readings;

        /// <summary>Where the journal has it; null where it has not, or not yet.</summary>
        public long? Position => appending is { IsCompletedSuccessfully: true, Result.Refusal: null } ? appending.Result.LastPosition : null;

        /// <summary>It was refused, or its connection is gone: it has to be sent again.</summary>
        public bool Unsent => appending is null or { IsCompletedSuccessfully: true, Result.Refusal: not null } or { IsFaulted: true };

        public void Sent(Task<Appended> to) => appending = to;

        public void Forget() => appending = null;
    }
}
