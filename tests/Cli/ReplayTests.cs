using Streaming.Ingest.Formats;
using Streaming.Silo.Cli;
using Streaming.Tests.City;
using Streaming.Tests.Support;
using Xunit;

namespace Streaming.Tests.Cli;

public sealed class ReplayTests : IDisposable
{
    private readonly string file = Path.GetTempFileName();
    private readonly StringWriter output = new();
    private readonly StringWriter error = new();

    public void Dispose() => File.Delete(file);

    [RecordedDataFact("wim-mon-24h.txt")]
    public async Task A_day_of_recorded_traffic_is_accepted_to_the_last_record()
    {
        await using PublishTarget target = await PublishTarget.StartAsync();
        ReplayOptions options = Options(target) with { File = RecordedData.Get("wim-mon-24h.txt"), Format = FileFormat.Mon };
        Assert.True(await RunAsync(options) == 0, error.ToString());
        Assert.StartsWith("9427 accepted, 0 refused, 0 lines unreadable", output.ToString(), StringComparison.Ordinal);
        Assert.Equal((9427, 0), (target.Readings.Count, target.Rejections));

        // The same day again: the same ids, so nothing new.
        Assert.Equal(0, await RunAsync(options));
        Assert.Equal(9427, target.Readings.Count);
    }

    [Fact]
    public async Task Native_lines_go_to_their_own_topic_or_to_the_sources()
    {
        await using PublishTarget target = await PublishTarget.StartAsync();
        File.WriteAllLines(file,
        [
            Weighing("a"),
            "v1/wim/S07/3 " + Weighing("b"),
            "",
            $"[{Weighing("c")},{Weighing("d")}]",
        ]);
        Assert.True(await RunAsync(Options(target)) == 0, error.ToString());
        Assert.StartsWith("3 accepted, 0 refused", output.ToString(), StringComparison.Ordinal);
        Assert.Equal(["a", "b", "c", "d"], target.Readings.Select(reading => reading.Id).Order());
    }

    [Fact]
    public async Task What_is_refused_is_counted_and_the_exit_code_says_so()
    {
        await using PublishTarget target = await PublishTarget.StartAsync();
        File.WriteAllLines(file, [Weighing("a"), "v1/wim/S99/1 " + Weighing("b"), "{\"id\":\"c\"}", Weighing("d")]);
        Assert.Equal(1, await RunAsync(Options(target)));
        Assert.StartsWith("2 accepted, 2 refused", output.ToString(), StringComparison.Ordinal);
        Assert.Contains("/api/quarantine?source=S07", error.ToString(), StringComparison.Ordinal);
        Assert.Equal(["a", "d"], target.Readings.Select(reading => reading.Id).Order());
    }

    [Fact]
    public async Task A_wrong_password_ends_it_with_a_message()
    {
        await using PublishTarget target = await PublishTarget.StartAsync();
        File.WriteAllLines(file, [Weighing("a")]);
        Assert.Equal(1, await RunAsync(Options(target) with { Password = "guess" }));
        Assert.Contains("refused", error.ToString(), StringComparison.OrdinalIgnoreCase);
        Assert.Empty(target.Readings);
    }

    [Fact]
    public async Task No_server_ends_it_with_a_message()
    {
        int port;
        await using (PublishTarget target = await PublishTarget.StartAsync())
        {
            port = target.MqttPort;
        }

        File.WriteAllLines(file, [Weighing("a")]);
        Assert.Equal(1, await RunAsync(new ReplayOptions(file, FileFormat.Native, "S07", null, "127.0.0.1", port, 1, "p", null, "harbour", null, default, false)));
        Assert.Contains($"127.0.0.1:{port}", error.ToString(), StringComparison.Ordinal);
    }

    private static string Weighing(string id) =>
        $$"""{"id":"{{id}}","at":"{{DateTimeOffset.UtcNow:yyyy-MM-ddTHH:mm:ssZ}}","plate":"粤H12345","plateColor":"yellow","axles":[{"massKg":6000,"offsetM":0},{"massKg":9000,"offsetM":4.5}]}""";

    private Task<int> RunAsync(ReplayOptions options) => new Replay(options, TimeProvider.System, output, error).RunAsync(CancellationToken.None);

    private ReplayOptions Options(PublishTarget target) =>
        new(file, FileFormat.Native, "S07", null, "127.0.0.1", target.MqttPort, target.Address.Port, null, PublishTarget.Token, "harbour", 5, TimeSpan.FromHours(8), false);
}
