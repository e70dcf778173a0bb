using System.Buffers.Binary;
using System.Text;
using System.Text.Json;
using Streaming.Silo.Bench;
using Xunit;

namespace Streaming.Tests.Bench;

public sealed class LoadPacketsTests
{
    private const int Vehicles = 3;

    private static readonly DateTimeOffset Start = new(2026, 11, 21, 8, 15, 30, TimeSpan.Zero);

    [Fact]
    public void A_packet_of_one_reading_is_no_array()
    {
        (string topic, ushort packetId, JsonElement payload) = Read(new LoadPackets("B07", 100, Vehicles, Start), 0x1234);
        Assert.Equal(("v1/wim/B07/1", 0x1234, "B07-0000000000"), (topic, packetId, payload.GetProperty("id").GetString()));
    }

    [Theory]
    [InlineData(2)]
    [InlineData(20)]
    [InlineData(100)]
    public void A_packet_of_several_readings_is_an_array_of_one_vehicle_in_order_of_time(int readings)
    {
        LoadPackets packets = new("B07", 100, Vehicles, Start, 100_000_000, readings);
        HashSet<string> ids = [];
        Dictionary<string, DateTimeOffset> newest = [];
        for (int i = 0; i < 3 * Vehicles; i++)
        {
            (_, _, JsonElement payload) = Read(packets, 1);
            Assert.Equal(readings, payload.GetArrayLength());
            Assert.Single(payload.EnumerateArray().Select(reading => reading.GetProperty("plate").GetString()).Distinct());
            foreach (JsonElement reading in payload.EnumerateArray())
            {
                Assert.True(ids.Add(reading.GetProperty("id").GetString()!));
                string plate = reading.GetProperty("plate").GetString()!;
                DateTimeOffset at = reading.GetProperty("at").GetDateTimeOffset();
                Assert.True(at > newest.GetValueOrDefault(plate), $"{plate} at {at:O}");
                newest[plate] = at;
            }
        }

        Assert.Equal(Vehicles, newest.Count);
        Assert.All(newest.Values, at => Assert.Equal(Start.AddMilliseconds(((3 * readings) - 1) * 10), at));
    }

    [Fact]
    public async Task Acknowledged_packets_are_counted_in_readings()
    {
        using BareServer server = new();
        LoadResult result = await IngestBench.MeasureAsync(server.Port, TimeSpan.FromMilliseconds(200), 0, 20, CancellationToken.None);
        Assert.True(result.Readings > 0);
        Assert.Equal(0, result.Readings % 20);
    }

    /// <summary>The next packet, read as MQTT says: type, remaining length, topic, packet id, payload.</summary>
    private static (string Topic, ushort PacketId, JsonElement Payload) Read(LoadPackets packets, ushort packetId)
    {
        byte[] packet = new byte[packets.PacketBytes];
        packets.Next(packet, packetId);
        Assert.Equal(0x32, packet[0]);
        int at = 1;
        int remaining = 0;
        for (int shift = 0; ; shift += 7)
        {
            byte part = packet[at++];
            remaining |= (part & 0x7F) << shift;
            if (part < 0x80)
            {
                break;
            }
        }

        Assert.Equal(packet.Length - at, remaining);
        int topic = BinaryPrimitives.ReadUInt16BigEndian(packet.AsSpan(at));
        return (
            Encoding.UTF8.GetString(packet, at + 2, topic),
            BinaryPrimitives.ReadUInt16BigEndian(packet.AsSpan(at + 2 + topic)),
            JsonDocument.Parse(packet.AsMemory(at + 4 + topic)).RootElement);
    }
}
