using Streaming.Ingest.Mqtt.Client;
using Streaming.Ingest.Mqtt.Packets;
using Streaming.Tests.Support;
using Xunit;

namespace Streaming.Tests.EndToEnd;

/// <summary>What becomes of connections when the registration behind them changes.</summary>
public sealed class AccessTests
{
    [Fact]
    public async Task A_device_that_is_registered_anew_is_cut_off_and_only_its_new_password_works()
    {
        await using SiloProcess silo = new();
        await silo.StartAsync();
        await silo.RegisterStationAsync("S07");
        await using MqttPublisher connected = await MqttPublisher.ConnectAsync("127.0.0.1", silo.MqttPort, "S07", "S07", "p", MqttVersion.V5);
        await silo.RegisterStationAsync("S07", password: "q");
        await connected.Ended.WaitAsync(Waits.Longest);
        Assert.NotNull(connected.Failure);
        await Assert.ThrowsAsync<MqttDisconnectedException>(() => MqttPublisher.ConnectAsync("127.0.0.1", silo.MqttPort, "S07", "S07", "p", MqttVersion.V5));
        await using MqttPublisher again = await MqttPublisher.ConnectAsync("127.0.0.1", silo.MqttPort, "S07", "S07", "q", MqttVersion.V5);
        string reading = $$"""{"id":"a1","at":"{{DateTimeOffset.UtcNow:yyyy-MM-ddTHH:mm:ssZ}}","plate":"粤A00001","grossKg":9000}""";
        MqttAnswer taken = await again.PublishAndWaitAsync("v1/wim/S07/1"u8.ToArray(), System.Text.Encoding.UTF8.GetBytes(reading));
        Assert.True(taken.Code == 0, taken.Reason);
    }
}
