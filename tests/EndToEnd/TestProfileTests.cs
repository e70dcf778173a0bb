using Streaming.Ingest.Mqtt;
using Streaming.Ingest.Mqtt.Packets;
using Streaming.Tests.Mqtt;
using Xunit;

namespace Streaming.Tests.EndToEnd;

/// <summary>What <c>--mqtt-test-profile</c> opens, and that it opens nothing else.</summary>
public sealed class TestProfileTests
{
    [Fact]
    public async Task Anybody_on_this_machine_may_do_everything_outside_v1_and_a_directory_with_data_is_refused()
    {
        await using SiloProcess silo = new();
        await silo.StartAsync("--mqtt-test-profile");
        Assert.Contains(MqttTestProfile.Warning, (await silo.ReadyAsync()).Body, StringComparison.Ordinal);

        await using RawPeer peer = await RawPeer.OpenAsync(silo.MqttPort);
        await peer.SendAsync(RawPeer.Packet(0x10, [0, 4, .. "MQTT"u8, 5, 2, 0, 0, 0, 0, 1, (byte)'a']));
        Assert.Equal(0, (await peer.ReadPacketAsync())[3]);
        Assert.Equal(0, await SubscribeAsync(peer, "#"));
        Assert.Equal(ReasonCode.UnspecifiedError, await SubscribeAsync(peer, "test/nosubscribe"));
        Assert.Equal(ReasonCode.NotAuthorized, await SubscribeAsync(peer, "v1/departments/transport/+/alerts"));
        await peer.SendAsync(RawPeer.Publish(MqttVersion.V5, 2, "v1/wim/S07/1", "{}"u8));
        Assert.Equal([0x40, 3, 0, 2, ReasonCode.NotAuthorized], await peer.ReadPacketAsync());
        await peer.SendAsync(RawPeer.Publish(MqttVersion.V5, 0, "any", "x"u8, qos: 0));
        Assert.Equal([0x30, 7, 0, 3, .. "any"u8, 0, (byte)'x'], await peer.ReadPacketAsync());

        // In 3.1.1 what is not allowed is acknowledged and goes nowhere.
        await using RawPeer old = await RawPeer.OpenAsync(silo.MqttPort);
        await old.SendAsync(RawPeer.Connect(MqttVersion.V311, null, "", clientId: "old"));
        Assert.Equal([0x20, 2, 0, 0], await old.ReadPacketAsync());
        await old.SendAsync(RawPeer.Publish(MqttVersion.V311, 3, "$any", "x"u8));
        Assert.Equal([0x40, 2, 0, 3], await old.ReadPacketAsync());

        // A name goes with its password, as ever.
        await using RawPeer named = await RawPeer.OpenAsync(silo.MqttPort);
        await named.SendAsync(RawPeer.Connect(MqttVersion.V5, "anonymous", "x"));
        Assert.Equal(ReasonCode.BadUserNameOrPassword, (await named.ReadPacketAsync())[3]);

        silo.Kill();
        Assert.Contains(MqttTestProfile.Warning, silo.Output, StringComparison.Ordinal);
        Assert.NotEqual(0, await silo.StartAndWaitForExitAsync("--mqtt-test-profile"));
        Assert.Contains("starts with an empty data directory only", silo.Output, StringComparison.Ordinal);

        // Without the profile nobody gets in without a name, nor is the warning there.
        await silo.StartAsync("--bind", "127.0.0.1");
        Assert.DoesNotContain(MqttTestProfile.Warning, (await silo.ReadyAsync()).Body, StringComparison.Ordinal);
        await using RawPeer nobody = await RawPeer.OpenAsync(silo.MqttPort);
        await nobody.SendAsync(RawPeer.Packet(0x10, [0, 4, .. "MQTT"u8, 5, 2, 0, 0, 0, 0, 1, (byte)'a']));
        Assert.Equal(ReasonCode.NotAuthorized, (await nobody.ReadPacketAsync())[3]);
    }

    private static async Task<byte> SubscribeAsync(RawPeer peer, string filter)
    {
        await peer.SendAsync(RawPeer.Write(writer => MqttWriter.WriteSubscribe(writer, MqttVersion.V5, 1, filter, 0)));
        byte[] answer = await peer.ReadPacketAsync();
        Assert.Equal(0x90, answer[0]);
        return answer[^1];
    }
}
