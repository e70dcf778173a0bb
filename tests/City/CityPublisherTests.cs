using System.Text.Json;
using Microsoft.Extensions.Logging.Abstractions;
using Streaming.Ingest.City;
using Streaming.Tests.Support;
using Xunit;

namespace Streaming.Tests.City;

public sealed class CityPublisherTests
{
    [Fact]
    public async Task Every_device_registers_connects_and_is_acknowledged()
    {
        await using PublishTarget target = await PublishTarget.StartAsync();
        using CancellationTokenSource ending = new(Waits.Longest);
        CityPublisher publisher = new(ShippedCity.Load(), Options(target), TimeProvider.System, NullLogger.Instance);
        Task running = publisher.RunAsync(ending.Token);
        await publisher.Started.WaitAsync(ending.Token);
        await target.WaitForReadingsAsync(3_000, ending.Token);
        CityFigures figures = publisher.Figures;
        await ending.CancelAsync();
        await running;

        CityDefinition city = ShippedCity.Load();
        CityDevices expected = new(city);
        Assert.Equal(expected.All.Select(device => device.Id).Append(CityRegister.Source).Order(), target.Devices.Select(device => device.Id).Order());
        Assert.Equal(city.Enterprises.Select(enterprise => (CityRegister.Register, enterprise.Id, $"{enterprise.Name.Zh} {enterprise.Name.En}")), target.Loaded.Select(each => (each.Register, each.Entry.GetProperty("creditCode").GetString()!, each.Entry.GetProperty("name").GetString()!)));
        Assert.Equal(expected.All.Count, figures.Connected);
        Assert.Equal((0, 0), (figures.Refused, figures.Dropped));
        Assert.Equal(0, target.Rejections);
        Assert.Equal("secret of S07", publisher.PasswordOf("S07"));
        Assert.All(target.Devices.Where(device => device.Kind == "wim"), device => Assert.NotNull(device.AccuracyPct));
    }

    [Fact]
    public async Task No_reading_is_lost_when_connections_break()
    {
        await using PublishTarget target = await PublishTarget.StartAsync();
        using CancellationTokenSource ending = new(Waits.Longest);
        CityPublisher publisher = new(ShippedCity.Load(), Options(target), TimeProvider.System, NullLogger.Instance);
        Task running = publisher.RunAsync(ending.Token);
        await publisher.Started.WaitAsync(ending.Token);
        await target.WaitForReadingsAsync(1_000, ending.Token);
        await target.RestartMqttAsync();
        int before = target.Readings.Count;
        await target.WaitForReadingsAsync(before + 2_000, ending.Token);
        await target.RestartMqttAsync();
        before = target.Readings.Count;
        await target.WaitForReadingsAsync(before + 2_000, ending.Token);
        await ending.CancelAsync();
        await running;

        // A device numbers its readings, so a hole in the numbers of those that arrived is a lost one.
        foreach (IGrouping<string, (string Source, string Id)> device in target.Readings.GroupBy(reading => reading.Source))
        {
            int[] numbers = [.. device.Select(reading => int.Parse(reading.Id[(reading.Id.LastIndexOf('-') + 1)..])).Order()];
            Assert.True(numbers[^1] == numbers.Length, $"{device.Key}: {numbers.Length} readings arrived, the last has number {numbers[^1]}.");
        }

        Assert.Equal(0, publisher.Figures.Dropped);
    }

    [Fact]
    public async Task A_wrong_token_ends_it_with_a_message_that_says_so()
    {
        await using PublishTarget target = await PublishTarget.StartAsync();
        CityPublisher publisher = new(ShippedCity.Load(), Options(target) with { AdminToken = "guess" }, TimeProvider.System, NullLogger.Instance);
        RegistrationException failure = await Assert.ThrowsAsync<RegistrationException>(() => publisher.RunAsync(CancellationToken.None));
        Assert.Contains("401", failure.Message, StringComparison.Ordinal);
        Assert.Contains("Send a token that is in force.", failure.Message, StringComparison.Ordinal);
        await Assert.ThrowsAsync<RegistrationException>(() => publisher.Started);
    }

    [Fact]
    public void The_printed_reading_is_one_that_a_shell_and_a_decoder_take()
    {
        StringWriter output = new();
        DemoBanner.Write(output, new DemoBannerFacts(new Uri("http://localhost:18080"), "T", "localhost", 11883, "S07", "p", "桂K66021-yellow"));
        string text = output.ToString();
        Assert.Contains("http://localhost:18080/api/vehicles/%E6%A1%82K66021-yellow", text, StringComparison.Ordinal);
        Assert.Contains("-N http://localhost:18080/api/departments/transport/alerts", text, StringComparison.Ordinal);
        string command = text.Split('\n').Single(line => line.Contains("mosquitto_pub", StringComparison.Ordinal));
        Assert.Contains("-h localhost -p 11883 -V 5 -q 1 -u S07 -P 'p' -t v1/wim/S07/2", command, StringComparison.Ordinal);
        string payload = command[(command.IndexOf("-m '", StringComparison.Ordinal) + 4)..^1].Replace("'$(date +%s)'", "1", StringComparison.Ordinal).Replace("'$(date -u +%Y-%m-%dT%H:%M:%SZ)'", "2026-11-21T08:15:30Z", StringComparison.Ordinal);
        Assert.DoesNotContain('\'', payload);
        using JsonDocument reading = JsonDocument.Parse(payload);
        Assert.Equal(60_000, reading.RootElement.GetProperty("axles").EnumerateArray().Sum(axle => axle.GetProperty("massKg").GetInt32()));
    }

    private static CityPublisherOptions Options(PublishTarget target) => new(target.Address, PublishTarget.Token, "127.0.0.1", target.MqttPort, 2_000);
}
