using System.Text;
using Orleans.Runtime;
using Streaming.Grains.Messages;
using Streaming.Grains.Turns;
using Streaming.Ingest;
using Streaming.Ingest.Formats;
using Streaming.Models.Encoding;
using Streaming.Silo.Host;
using Streaming.Tests.Journal;
using Xunit;

namespace Streaming.Tests.Orleans;

/// <summary>Vehicles of which nothing is heard are forgotten under this host as under the other.</summary>
public sealed class GrainExpiryTests : IDisposable
{
    private const string Once = "粤T00001";
    private const string Twice = "粤T00002";
    private readonly TemporaryDirectory directory = new();
    private readonly MovedTime time = new();
    private readonly SourceContext station = new(new SourceRegistration("S01", "wim", ["v1/wim/S01/+"], "harbour", 5, "sha256:00"));
    private int made;

    public void Dispose() => directory.Dispose();

    /// <param name="resident">True: the activations stay in memory while their rows go; false: they are let go first.</param>
    /// <param name="crash">True: the power fails after the message was journaled.</param>
    [Theory]
    [InlineData(true, false)]
    [InlineData(false, false)]
    [InlineData(true, true)]
    public async Task What_was_seen_once_goes_and_what_it_counted_is_not_counted_again(bool resident, bool crash)
    {
        CityOptions options = Options(silos: 1);
        CityRun run = await CityRun.StartAsync(directory.Path, options);
        byte[] before = Weighing(Once);
        await SendAsync(run, before);
        byte[] kept = Weighing(Twice);
        await SendAsync(run, kept);
        long stored = await SendAsync(run, Weighing(Twice));
        await run.StoredAsync(ActorKind.Vehicle, Twice, stored);
        time.Advance(TimeSpan.FromDays(8));
        if (!resident)
        {
            await run.Cluster.Client.GetGrain<IManagementGrain>(0).ForceActivationCollection(TimeSpan.Zero);
        }

        await Eventually.Holds(() => run.Host.Journal.End > stored, "the message is journaled");
        if (crash)
        {
            await run.CrashAsync();
            run = await CityRun.StartAsync(directory.Path, options);
        }

        await GoneAsync(run);
        await SendAsync(run, before);
        Assert.Null(await run.DescribeAsync(ActorKind.Vehicle, Once));
        byte[] after = Weighing(Once);
        await SendAsync(run, after);
        await SendAsync(run, before);
        await SendAsync(run, after);
        await SendAsync(run, kept);
        Assert.Equal((1, 2), (await run.WeighingsAsync(Once), await run.WeighingsAsync(Twice)));
        await run.StopAsync();

        // The other host finds the same.
        await using CityRun standalone = await CityRun.StartAsync(directory.Path, Options(silos: 0));
        await SendAsync(standalone, before);
        Assert.Equal((1, 2), (await standalone.WeighingsAsync(Once), await standalone.WeighingsAsync(Twice)));
        time.Advance(TimeSpan.FromDays(8));
        await GoneAsync(standalone);
        await SendAsync(standalone, after);
        Assert.Null(await standalone.DescribeAsync(ActorKind.Vehicle, Once));
    }

    private CityOptions Options(short silos) => new()
    {
        Time = time,
        Host = new HostOptions { Workers = 1, StatesPerBatch = 16, TurnsPerSavedState = 4, IdleSaveMs = 20, HistoryPartReadings = 1, SweepEveryMs = 20, SweepRows = 10, SweepPassMs = 100 },
        Silos = silos,
    };

    private static async Task GoneAsync(CityRun run)
    {
        using IStateReader reader = run.Store.OpenReader();
        await Eventually.Holds(() => reader.Load(ActorKind.Vehicle, Once) is null, "the row is gone");
        Assert.NotNull(reader.Load(ActorKind.Vehicle, Twice));
    }

    private static async Task<long> SendAsync(CityRun run, byte[] record)
    {
        Appended appended = await run.Host.AppendAsync(record, CancellationToken.None);
        Assert.Null(appended.Refusal);
        await run.Host.WaitDurableAsync(appended.LastPosition);
        await run.RestAsync();
        return appended.LastPosition;
    }

    private byte[] Weighing(string vehicle)
    {
        ByteWriter record = new();
        string json = $$"""{"id":"r{{++made}}","at":"{{time.GetUtcNow():yyyy-MM-ddTHH:mm:ss.fffZ}}","plate":"{{vehicle}}","grossKg":9000}""";
        Assert.Equal(1, PublishEncoder.Encode(record, station, "v1/wim/S01/1"u8, Encoding.UTF8.GetBytes(json), time.GetUtcNow().ToUnixTimeMilliseconds()).Accepted);
        return record.Written.ToArray();
    }
}
