using System.Text;
using Streaming.Grains.Inputs;
using Streaming.Grains.Messages;
using Streaming.Ingest.Mqtt;
using Streaming.Ingest.Mqtt.Packets;
using Xunit;

namespace Streaming.Tests.Mqtt;

public sealed class SendingRateTests
{
    private static readonly SourceRegistration Slow = new("S09", "wim", ["v1/wim/S09/+"], "harbour", 5, "", ReadingsPerSecond: 2, BytesPerSecond: 1_000_000, PayloadBytes: 1000);

    [Fact]
    public void A_burst_costs_nothing_and_what_is_beyond_it_waits_for_as_long_as_the_rate_takes()
    {
        SendingRate rate = new(0);
        rate.Allow(Slow);
        Assert.Equal(0, rate.Take(2 * MqttLimits.BurstSeconds, 1000, 0));
        Assert.Equal(5000, rate.Take(10, 0, 0));
        Assert.Equal(2000, rate.Take(0, 0, 3000));
        Assert.Equal(0, rate.Take(0, 0, 5000));
        Assert.Equal(500, rate.Take(1, 0, 5000));
    }

    [Fact]
    public void Bytes_count_as_readings_do()
    {
        SendingRate rate = new(0);
        rate.Allow(Slow with { BytesPerSecond = 1000 });
        Assert.Equal(0, rate.Take(1, 1000 * MqttLimits.BurstSeconds, 0));
        Assert.Equal(7000, rate.Take(1, 7000, 0));
    }

    [Fact]
    public void Pressure_is_a_flood_only_after_long_and_not_where_it_ceased_in_between()
    {
        SendingRate rate = new(0);
        rate.Allow(Slow);
        int burst = 2 * MqttLimits.BurstSeconds;
        rate.Take(burst * 100, 0, 0);
        Assert.Equal(MqttRefusal.None, rate.JudgeFlood(MqttLimits.FloodMs));
        Assert.Equal(MqttRefusal.MessageRateTooHigh, rate.JudgeFlood(MqttLimits.FloodMs + 1));

        // It gets as long again, and the registration's bytes are named where they are what is too many.
        rate.Allow(Slow with { ReadingsPerSecond = int.MaxValue, BytesPerSecond = 64 });
        rate.Take(0, 1_000_000_000, MqttLimits.FloodMs + 2);
        Assert.Equal(MqttRefusal.None, rate.JudgeFlood((2 * MqttLimits.FloodMs) + 1));
        Assert.Equal(MqttRefusal.ByteRateTooHigh, rate.JudgeFlood((2 * MqttLimits.FloodMs) + 3));

        SendingRate other = new(0);
        other.Allow(Slow);
        for (long now = 0; now < 10 * MqttLimits.FloodMs; now += 60_000)
        {
            Assert.True(other.Take(burst + 2, 0, now) > 0 || now > 0);
            Assert.Equal(MqttRefusal.None, other.JudgeFlood(now));
            Assert.Equal(0, other.Take(0, 0, now + (MqttLimits.BurstSeconds * 1000)));
        }
    }

    [Fact]
    public async Task A_device_that_sends_too_fast_is_read_from_more_slowly_and_loses_nothing()
    {
        await using EndpointUnderTest test = await StartAsync();
        await using RawPeer peer = await ConnectAsync(test);
        int burst = 2 * MqttLimits.BurstSeconds;
        await peer.SendAsync([.. Enumerable.Range(1, burst).SelectMany(Publish)]);
        await test.Intake.WaitForAsync(burst);
        await peer.SendAsync([.. Enumerable.Range(burst + 1, 4).SelectMany(Publish)]);
        await test.Intake.WaitForAsync(burst + 4);
        await peer.SendAsync(Publish(burst + 5));
        await EndpointUnderTest.UntilAsync(() => test.Time.Timers > 1);
        Assert.Equal(burst + 4, test.Intake.Arrived.Count);
        await StepUntilAsync(test, () => test.Intake.Arrived.Count == burst + 5);
        Assert.Equal(0, test.RefusalsOf(MqttRefusal.MessageRateTooHigh));
    }

    [Fact]
    public async Task A_flood_for_long_ends_the_connection_by_name()
    {
        await using EndpointUnderTest test = await StartAsync();
        await using RawPeer peer = await ConnectAsync(test);
        string array = $"[{string.Join(',', Enumerable.Range(0, 5).Select(i => $$"""{"id":"{{i}}","at":"2026-11-21T00:15:30.123Z","plate":"粤A00001","grossKg":9000}"""))}]";
        byte[] packets = [.. Enumerable.Range(1, 400).SelectMany(i => RawPeer.Publish(MqttVersion.V5, (ushort)i, "v1/wim/S09/1", Encoding.UTF8.GetBytes(array)))];
        await peer.SendAsync(packets);
        await StepUntilAsync(test, () => test.RefusalsOf(MqttRefusal.MessageRateTooHigh) == 1);
        byte[] last = [];
        for (byte[] packet = await peer.ReadPacketAsync(); packet.Length > 0; packet = await peer.ReadPacketAsync())
        {
            last = packet;
        }

        Assert.Equal((0xE0, 0x96), (last[0], last[2]));
        Assert.Equal("MessageRateTooHigh", test.Endpoint.LastRefusalOf("S09")!.Refusal);
    }

    [Fact]
    public async Task A_second_connection_of_the_same_device_shares_its_rate()
    {
        await using EndpointUnderTest test = await StartAsync();
        await using RawPeer first = await ConnectAsync(test);
        int burst = 2 * MqttLimits.BurstSeconds;
        await first.SendAsync([.. Enumerable.Range(1, burst).SelectMany(Publish)]);
        await test.Intake.WaitForAsync(burst);
        await first.SendAsync([.. Enumerable.Range(burst + 1, 10).SelectMany(Publish)]);
        await test.Intake.WaitForAsync(burst + 10);

        // What came is counted after it was handed on; the first connection pauses once it is.
        await EndpointUnderTest.UntilAsync(() => test.Time.Timers > 1);
        await using RawPeer second = await ConnectAsync(test, "raw-2");
        await second.SendAsync(Publish(1));
        await EndpointUnderTest.UntilAsync(() => test.Time.Timers > 2);
        Assert.Equal(burst + 10, test.Intake.Arrived.Count);
        await StepUntilAsync(test, () => test.Intake.Arrived.Count == burst + 11);
    }

    [Fact]
    public async Task A_payload_larger_than_registered_is_quarantined_and_answered_with_quota_exceeded()
    {
        await using EndpointUnderTest test = await StartAsync();
        await using RawPeer peer = await ConnectAsync(test);
        await peer.SendAsync(RawPeer.Publish(MqttVersion.V5, 1, "v1/wim/S09/1", new byte[1001]));
        byte[] ack = await peer.ReadPacketAsync();

        // Two bytes of Remaining Length, because the reason string is long.
        Assert.Equal((0x40, ReasonCode.QuotaExceeded), (ack[0], ack[5]));
        Assert.Equal(RejectReason.TooLarge, Assert.Single(test.Intake.Arrived).Rejection);
        await peer.SendAsync(Publish(2));
        Assert.Equal(0x40, (await peer.ReadPacketAsync())[0]);
        Assert.Contains("1001 bytes", Assert.Single(test.Endpoint.ConnectionsOf("S09")).LastRefusal, StringComparison.Ordinal);
    }

    private static byte[] Publish(int number) => RawPeer.Publish(MqttVersion.V5, (ushort)number, "v1/wim/S09/1", EndpointUnderTest.Weighing(number));

    private static async Task<EndpointUnderTest> StartAsync()
    {
        EndpointUnderTest test = await EndpointUnderTest.StartAsync();
        test.Access.AddDevice(Slow, "p");
        return test;
    }

    private static async Task<RawPeer> ConnectAsync(EndpointUnderTest test, string clientId = "raw")
    {
        RawPeer peer = await test.OpenAsync();
        await peer.SendAsync(RawPeer.Connect(MqttVersion.V5, "S09", "p", clientId: clientId));
        Assert.Equal(0, (await peer.ReadPacketAsync())[3]);
        return peer;
    }

    /// <summary>Lets the pauses pass, one after the other, as the endpoint begins them.</summary>
    private static async Task StepUntilAsync(EndpointUnderTest test, Func<bool> holds) => await EndpointUnderTest.UntilAsync(() =>
    {
        if (!holds() && test.Time.Timers > 1)
        {
            test.Time.Advance(TimeSpan.FromMilliseconds(MqttLimits.PauseMs));
        }

        return holds();
    });
}
