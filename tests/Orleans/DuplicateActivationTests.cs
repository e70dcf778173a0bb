using Orleans;
using Orleans.TestingHost;
using Streaming.Grains.Inputs;
using Streaming.Grains.Orleans;
using Streaming.Grains.Subjects;
using Streaming.Grains.Turns;
using Streaming.Models.Encoding;
using Streaming.Silo.Journal;
using Streaming.Tests.Journal;
using Streaming.Tests.Support;
using Xunit;
using Record = Streaming.Grains.Inputs.Record;

namespace Streaming.Tests.Orleans;

/// <summary>Two activations of one grain, as there may be for a moment when silos lose sight of one another.</summary>
public sealed class DuplicateActivationTests : IDisposable
{
    private readonly TemporaryDirectory directory = new();

    public void Dispose() => directory.Dispose();

    [Fact]
    public async Task The_activation_that_stores_second_is_refused_and_goes_and_everything_is_counted_once()
    {
        CityOptions options = new();
        Stations stations = new(options.Time);
        CityRun run = await CityRun.StartAsync(directory.Path, options);
        InProcessTestCluster other = await run.AddClusterAsync(1);
        string vehicle = Stations.Vehicle(3);
        long stored = await stations.WeighAsync(run, 3);
        await run.StoredAsync(ActorKind.Vehicle, vehicle, stored);

        // The grain of the run has a reading that is not stored, and gets no further. Then the other one gets that reading and the next, an overload, and stores.
        options.Calls.Hold(grain => grain == CityRun.Grain(ActorKind.Vehicle, vehicle), run.Cluster.Silos[0].SiloAddress);
        await stations.WeighAsync(run, 3);
        long overload = await stations.WeighAsync(run, 3, over: true);
        Applied applied = await other.Client.GetGrain<IVehicleGrain>(vehicle).ApplyAsync(BatchFor(run, vehicle, stored + 1, overload));
        Assert.Equal(overload, applied.Position);
        Assert.NotEmpty(applied.More!.Effects);
        Assert.Equal(0, options.Calls.Refused);
        Task gone = run.Cluster.WaitForDeactivationAsync(CityRun.Grain(ActorKind.Vehicle, vehicle));
        options.Calls.Release();
        await Eventually.Holds(() => options.Calls.Refused > 0, "the loser's write is refused");
        await gone.WaitAsync(Waits.Longest);

        for (int i = 0; i < 5; i++)
        {
            await stations.WeighAsync(run, 3, over: i == 3);
        }

        await stations.PublishAsync(run, 20);
        await Promises.CheckAsync(run, stations);
        await run.StopAsync();
        await Promises.CheckAgainstStandaloneAsync(directory.Path, options.Time);
    }

    /// <summary>The inputs of one vehicle between two positions, as the journal's follower makes them.</summary>
    private static InputBatch BatchFor(CityRun run, string vehicle, long from, long through)
    {
        ByteWriter inputs = new();
        long first = 0;
        using JournalReplay read = run.Host.Journal.Read(from, through);
        while (read.TryRead(out BlockHeader header, out ReadOnlySpan<byte> records))
        {
            for (long position = header.FirstPosition; records.Length > 0; position++)
            {
                Record record = Record.Next(ref records);
                if (position < from || position > through || record.Kind != InputKind.Publish)
                {
                    continue;
                }

                PublishRecord publish = PublishRecord.Read(record.Body);
                int element = 0;
                PublishRecord.ReadingEnumerator readings = publish.GetReadings();
                while (readings.MoveNext())
                {
                    element++;
                    if (System.Text.Encoding.UTF8.GetString(readings.Current.Key) == vehicle)
                    {
                        first = first == 0 ? position : first;
                        InputEntry.WriteReading(inputs, position, record, element, null, publish.Origin, readings.Bytes);
                    }
                }
            }
        }

        return new InputBatch { After = 0, Confirmed = 0, First = first, Store = true, Inputs = inputs.Written.ToArray() };
    }
}
