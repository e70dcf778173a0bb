using System.Text.Json;
using Streaming.Silo.Bench;
using Streaming.Silo.Cli;
using Streaming.Silo.Host;
using Xunit;

namespace Streaming.Tests.Bench;

/// <summary>Each bench runs to its end, shortly, and prints what it promises. The figures mean nothing here.</summary>
public sealed class ShortBenchTests
{
    [Fact]
    public async Task Latency_meets_the_alert_of_every_truck_and_says_what_load_there_was()
    {
        JsonElement line = await RunAsync(LatencyBench.RunAsync, new BenchOptions("latency", true, HostKind.Standalone, 1) { Seconds = 2, Rate = 2_000 });
        Assert.Equal(0, line.GetProperty("missing").GetInt32());
        Assert.True(line.GetProperty("alerts").GetInt32() > 10);
        Assert.True(line.GetProperty("alertP50Ms").GetDouble() > 0);
        Assert.True(line.GetProperty("alertP99Ms").GetDouble() >= line.GetProperty("alertP50Ms").GetDouble());
        Assert.True(line.GetProperty("pubackP99Ms").GetDouble() > 0);
        Assert.InRange(line.GetProperty("load").GetDouble(), 200, 2_500);
    }

    [Fact]
    public async Task Query_asks_for_vehicles_of_the_load()
    {
        JsonElement line = await RunAsync(QueryBench.RunAsync, new BenchOptions("query", true, HostKind.Standalone, 1) { Seconds = 2, Rate = 5_000 });
        Assert.True(line.GetProperty("queries").GetInt32() > 50);
        Assert.True(line.GetProperty("unknown").GetInt32() < line.GetProperty("queries").GetInt32());
        Assert.True(line.GetProperty("p99Ms").GetDouble() >= line.GetProperty("p50Ms").GetDouble());
    }

    [Theory]
    [InlineData(2_000, 10_000)]
    [InlineData(1_000, 1_500)]
    public async Task Recovery_finds_every_reading_of_the_tail_in_the_state(int vehicles, long readings)
    {
        JsonElement line = await RunAsync(RecoveryBench.RunAsync, new BenchOptions("recovery", true, HostKind.Standalone, 1) { Vehicles = vehicles, Readings = readings });
        Assert.True(line.GetProperty("right").GetBoolean());
        Assert.Equal(vehicles, line.GetProperty("vehicles").GetInt32());
        Assert.Equal(readings, line.GetProperty("readings").GetInt64());
        Assert.True(line.GetProperty("seconds").GetDouble() >= 0);
    }

    [Fact]
    public async Task Memory_says_what_a_vehicle_takes()
    {
        JsonElement line = await RunAsync(MemoryBench.RunAsync, new BenchOptions("memory", true, HostKind.Standalone, 1) { Vehicles = 5_000 });
        Assert.Equal(5_000, line.GetProperty("vehicles").GetInt32());
        Assert.True(line.TryGetProperty("bytesPerVehicle", out _) && line.TryGetProperty("bytesPerVehicleFullRing", out _));
    }

    [Fact]
    public async Task A_turn_under_the_shipped_rulebook_allocates_nothing_whatever_reading_it_is()
    {
        JsonElement line = await RunAsync(TurnBench.RunAsync, new BenchOptions("turn", true, HostKind.Standalone, 1) { Vehicles = 1_000 });
        Assert.Equal(["weigh", "video", "telemetry"], line.GetProperty("streams").EnumerateArray().Select(stream => stream.GetProperty("stream").GetString()));
        Assert.All(line.GetProperty("streams").EnumerateArray(), stream =>
        {
            Assert.Equal((0, 0), (stream.GetProperty("bytesPerTurn").GetDouble(), stream.GetProperty("withEffects").GetDouble()));
            Assert.True(stream.GetProperty("nsPerTurn").GetDouble() > 0);
        });
    }

    [Fact]
    public async Task Fan_in_gets_every_reading_acknowledged_and_every_station_back_after_a_storm()
    {
        JsonElement line = await RunAsync(FanInBench.RunAsync, new BenchOptions("fanin", true, HostKind.Standalone, 1) { Connections = 300, Seconds = 2 });
        Assert.Equal(300, line.GetProperty("connections").GetInt32());
        Assert.Equal(600, line.GetProperty("readings").GetInt32());
        Assert.All(["refused", "lost", "stormLost", "sessionsLost"], what => Assert.Equal(0, line.GetProperty(what).GetInt32()));
        Assert.True(line.GetProperty("pubackP99Ms").GetDouble() >= line.GetProperty("pubackP50Ms").GetDouble());
        Assert.True(line.TryGetProperty("bytesPerConnection", out _) && line.TryGetProperty("fileLimit", out _));
    }

    [Fact]
    public async Task Registers_are_loaded_whole_and_every_entry_that_is_asked_for_is_found()
    {
        JsonElement line = await RunAsync(RegistersBench.RunAsync, new BenchOptions("registers", true, HostKind.Standalone, 1) { Registered = 2_000, Seconds = 1 });
        Assert.Equal((2_520, 2_520, 0), (line.GetProperty("records").GetInt32(), line.GetProperty("taken").GetInt32(), line.GetProperty("unknown").GetInt32()));
        Assert.True(line.TryGetProperty("loadSeconds", out _) && line.GetProperty("p99Ms").GetDouble() >= line.GetProperty("p50Ms").GetDouble());
    }

    [Fact]
    public async Task Lists_are_asked_with_every_filter_beside_a_projector_that_writes()
    {
        JsonElement line = await RunAsync(ListsBench.RunAsync, new BenchOptions("lists", true, HostKind.Standalone, 1) { Cases = 1_000, Seconds = 1 });
        Assert.Equal(1_000, line.GetProperty("cases").GetInt32());
        Assert.True(line.GetProperty("queries").GetInt32() > 20 && line.GetProperty("written").GetInt32() > 0);
        Assert.All((string[])["warningsP99Ms", "casesP99Ms", "workOrdersP99Ms"], name => Assert.True(line.GetProperty(name).GetDouble() > 0));
    }

    [Fact]
    public void Percentiles_are_values_that_were_measured()
    {
        Percentiles percentiles = new();
        Assert.True(double.IsNaN(percentiles.At(50)));
        foreach (int value in Enumerable.Range(1, 100).Reverse())
        {
            percentiles.Add(value);
        }

        Assert.Equal((50.0, 99.0, 100.0), (percentiles.At(50), percentiles.At(99), percentiles.At(100)));
    }

    private static async Task<JsonElement> RunAsync(Func<BenchOptions, TextWriter, CancellationToken, Task<int>> run, BenchOptions options)
    {
        using CancellationTokenSource patience = new(TimeSpan.FromMinutes(3));
        StringWriter output = new();
        Assert.Equal(0, await run(options, output, patience.Token));
        using JsonDocument line = JsonDocument.Parse(output.ToString());
        Assert.Equal(options.Name, line.RootElement.GetProperty("bench").GetString());
        return line.RootElement.Clone();
    }
}
