using System.Diagnostics;
using System.Globalization;
using System.Text;
using Streaming.Grains;
using Streaming.Grains.Inputs;
using Streaming.Grains.Messages;
using Streaming.Grains.Rules;
using Streaming.Grains.Turns;
using Streaming.Ingest.City;
using Streaming.Ingest.Formats;
using Streaming.Models.Encoding;
using Streaming.Silo.Cli;
using Streaming.Silo.Host;

namespace Streaming.Silo.Bench;

/// <summary>
/// <c>bench turn</c>: what a vehicle's turn takes under the shipped rulebook, all kinds of warnings with it, and what it allocates: from the journal's record to the end of the turn, without journal, store and threads. The vehicles come in an order in which none is near the one
/// before, so that each finds its state in memory and not in a cache.
/// </summary>
internal static class TurnBench
{
    /// <summary>Until every ring is full, what is learned of a vehicle is learned, and the code is compiled for good.</summary>
    private const int WarmUpRounds = GrainLimits.RecentReadings + 16;

    private const int Rounds = 8;

    /// <summary>Room for a record, so that the buffer of a round does not grow, which would be taken for the vehicles' memory.</summary>
    private const int RecordBytes = 1024;

    /// <summary>A step through the vehicles that meets all of them: prime to their number.</summary>
    private const int Stride = 7_919;

    private const long StartMs = 1_772_503_200_000;

    /// <summary>What is measured of one kind of reading, a turn.</summary>
    private readonly record struct Measured(double Nanoseconds, double Bytes, double WithEffects, double BytesPerVehicle);

    /// <summary>One kind of reading: every vehicle sends one each so often.</summary>
    private sealed record Stream(string Name, SourceRegistration Source, Func<int, string> Topic, long EveryMs, Func<int, int, long, byte[]> Payload);

    public static async Task<int> RunAsync(BenchOptions bench, TextWriter output, CancellationToken cancellation)
    {
        string directory = CityFiles.ShippedDirectory;
        Rulebook rules = Rulebook.Load(directory, out IReadOnlyList<RulebookProblem> problems) ?? throw new InvalidDataException($"The rulebook in {directory} is not valid: {string.Join(" ", problems)}");
        List<(string Name, Measured Turn)> measured = [];
        foreach (Stream stream in Streams())
        {
            measured.Add((stream.Name, Measure(stream, rules, bench.Vehicles, cancellation)));
        }

        string streams = string.Join(',', measured.Select(each => string.Create(
            CultureInfo.InvariantCulture, $$"""{"stream":"{{each.Name}}","nsPerTurn":{{each.Turn.Nanoseconds:F0}},"bytesPerTurn":{{each.Turn.Bytes:F2}},"withEffects":{{each.Turn.WithEffects:F5}},"bytesPerVehicle":{{each.Turn.BytesPerVehicle:F0}}}""")));
        string line = string.Create(CultureInfo.InvariantCulture, $$"""{"bench":"turn","vehicles":{{bench.Vehicles}},"rounds":{{Rounds}},"streams":[{{streams}}],"cores":{{Environment.ProcessorCount}}}""");
        if (!bench.Json)
        {
            foreach ((string name, Measured turn) in measured)
            {
                await output.WriteLineAsync(string.Create(CultureInfo.InvariantCulture, $"{name,-10} {turn.Nanoseconds,6:F0} ns and {turn.Bytes:F2} bytes a turn (target 1100 and 0); {turn.WithEffects:P3} of the turns ask for something; {turn.BytesPerVehicle:F0} bytes a vehicle")).ConfigureAwait(false);
            }
        }

        await output.WriteLineAsync(line).ConfigureAwait(false);
        return 0;
    }

    /// <summary>Ordinary trucks on ordinary ways, as most are: the noise of a scale and of sensors, and nothing to warn of.</summary>
    private static IEnumerable<Stream> Streams()
    {
        CityPayloads payloads = new();
        CityTruckType type = new("rigid", "rigid", "yellow", 1, 18_000, 6_000, [new CityAxle(0, 0.4), new CityAxle(3.85, 0.6)]);
        yield return new Stream(
            "weigh", new SourceRegistration("S01", "wim", ["v1/wim/S01/+"], "harbour", 5, "", Latitude: 23.1, Longitude: 112.4), _ => "v1/wim/S01/1", 3_600_000,
            (vehicle, round, atMs) =>
            {
                int front = 5_000 + (vehicle % 900) + Swing(vehicle, round, 60);
                int rear = 8_000 + (vehicle % 1_700) + Swing(vehicle, round + 3, 90);
                return payloads.Weighing(Id(vehicle, round), atMs, Plate(vehicle), "yellow", 0.97, 60 + Swing(vehicle, round, 5), type, [front, rear], front + rear, 1 + (Swing(vehicle, round, 40) / 1000.0));
            });
        yield return new Stream(
            "video", new SourceRegistration("ROAD-1", "video", ["v1/video/ROAD-1"], "harbour", null, "", Latitude: 23.1, Longitude: 112.4), _ => "v1/video/ROAD-1", 3_600_000,
            (vehicle, round, atMs) => payloads.VehicleSeen(Id(vehicle, round), atMs, Plate(vehicle), "yellow", "rigid", null, 0.96, 23.1, 112.4));
        yield return new Stream(
            "telemetry", new SourceRegistration("gateway", "hazmat", ["v1/hazmat/vehicle/+"], "harbour", null, ""), vehicle => $"v1/hazmat/vehicle/{Plate(vehicle)}-yellow", 30_000,
            (vehicle, round, atMs) => payloads.TruckTelemetry(
                Id(vehicle, round), atMs, 23.1 + (round * 0.001), 112.4 + (round * 0.001), 45 + Swing(vehicle, round, 4), "UN1203", new TankState(101 + (Swing(vehicle, round, 10) / 10.0), 24 + (Swing(vehicle, round, 4) / 10.0), 62, null, null, null), "D001", null));
    }

    private static Measured Measure(Stream stream, Rulebook rules, int vehicles, CancellationToken cancellation)
    {
        SourceContext source = new(stream.Source);
        ActorTable actors = new();
        Effects effects = new();
        NoRows rows = new();
        ByteWriter scratch = new(256);
        ByteWriter records = new(vehicles * RecordBytes);
        long memory = GC.GetTotalMemory(forceFullCollection: true);
        long position = 0;
        long allocated = 0;
        long withEffects = 0;
        TimeSpan took = TimeSpan.Zero;
        int stride = vehicles % Stride == 0 ? 1 : Stride;
        for (int round = 0; round < WarmUpRounds + Rounds; round++)
        {
            cancellation.ThrowIfCancellationRequested();
            records.Clear();
            long nowMs = StartMs + (round * stream.EveryMs);
            for (int i = 0; i < vehicles; i++)
            {
                int vehicle = (int)((long)i * stride % vehicles);
                int start = records.Length;
                EncodeOutcome outcome = PublishEncoder.Encode(records, source, Encoding.UTF8.GetBytes(stream.Topic(vehicle)), stream.Payload(vehicle, round, nowMs - 500), nowMs);
                if (outcome.Accepted != 1)
                {
                    throw new InvalidDataException($"A made reading does not decode: {outcome.FirstDetail}");
                }

                Record.Stamp(records.At(start, records.Length - start), nowMs);
            }

            bool counts = round >= WarmUpRounds;
            long before = GC.GetAllocatedBytesForCurrentThread();
            long begun = Stopwatch.GetTimestamp();
            long asked = Turns(records.Written, actors, rules, effects, rows, scratch, ref position);
            if (counts)
            {
                took += Stopwatch.GetElapsedTime(begun);
                allocated += GC.GetAllocatedBytesForCurrentThread() - before;
                withEffects += asked;
            }
        }

        double turns = (double)vehicles * Rounds;
        memory = GC.GetTotalMemory(forceFullCollection: true) - memory;
        GC.KeepAlive(records);
        GC.KeepAlive(actors);
        return new Measured(took.TotalNanoseconds / turns, allocated / turns, withEffects / turns, (double)memory / vehicles);
    }

    /// <summary>Runs the turn of each record's vehicle, as a worker does; how many of them asked for something.</summary>
    private static long Turns(ReadOnlySpan<byte> records, ActorTable actors, Rulebook rules, Effects effects, NoRows rows, ByteWriter scratch, ref long position)
    {
        long asked = 0;
        while (records.Length > 0)
        {
            Record record = Record.Next(ref records);
            position++;
            RecordInputs inputs = new(record, scratch);

            // First of every PUBLISH is its source's turn.
            inputs.MoveNext();
            while (inputs.MoveNext())
            {
                ActorInput input = inputs.Current;
                ulong hash = Partition.HashOf(input.ActorKind, input.Key);
                ActorCell? cell = actors.Find(input.ActorKind, input.Key, hash);
                if (cell is null)
                {
                    cell = new ActorCell(input.ActorKind, Encoding.UTF8.GetString(input.Key), input.Key.ToArray(), hash, Partition.Of(input.ActorKind, input.Key), ActorFactory.Create);
                    actors.Add(cell);
                }

                cell.TryRun(input, position, record.TimeMs, rules, effects, rows);
                asked += effects.Items.Count > 0 ? 1 : 0;
            }
        }

        return asked;
    }

    private static string Plate(int vehicle) => string.Create(CultureInfo.InvariantCulture, $"粤H{vehicle:D6}");

    private static string Id(int vehicle, int round) => string.Create(CultureInfo.InvariantCulture, $"{vehicle:D6}-{round:D4}");

    /// <summary>A number from minus to plus so much that looks like noise, and is the same in each run.</summary>
    private static int Swing(int vehicle, int round, int most) => (int)(((((uint)vehicle * 2_654_435_761) ^ ((uint)round * 2_246_822_519)) >> 8) % (uint)((2 * most) + 1)) - most;

    /// <summary>A vehicle has no keyed rows.</summary>
    private sealed class NoRows : IActorRows
    {
        public byte[]? Find(string key) => null;

        public void Put(string key, byte[] value) => throw new InvalidOperationException($"A vehicle's turn puts a row, {key}, which the bench does not keep.");

        public void Remove(string key) => throw new InvalidOperationException($"A vehicle's turn removes a row, {key}, which the bench does not keep.");
    }
}
