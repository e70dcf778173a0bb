using System.Globalization;
using System.Text;
using Streaming.Silo.Cli;

namespace Streaming.Silo.Bench;

/// <summary>
/// The PUBLISH packets of one simulated station: QoS 1 weigh records of about 300 bytes, each with an id and a time of its own, over a share of the vehicles. A packet is a
/// template of fixed width in which digits are patched, so that making the load costs little beside what is measured; 0.9 % of the vehicles are overloaded,
/// at every station that they pass: the daily rate that one city reports. A packet holds one reading, or an array of several of one vehicle, as a station sends its backlog.
/// </summary>
internal sealed class LoadPackets
{
    private const int OverloadedPerMille = 9;
    private readonly int overloadedPerMille;
    private readonly byte[] template;
    private readonly int packetIdAt;
    private readonly int readings;
    private readonly int stride;
    private readonly int idAt;
    private readonly int timeAt;
    private readonly int plateAt;
    private readonly int firstMassAt;
    private readonly int grossAt;
    private readonly int vehicles;
    private readonly int firstVehicle;
    private readonly DateTimeOffset start;
    private readonly long firstNumber;
    private long made;

    /// <param name="station">The station.</param>
    /// <param name="firstVehicle">Number of its first vehicle.</param>
    /// <param name="vehicles">How many vehicles take turns.</param>
    /// <param name="start">Time of the first readings.</param>
    /// <param name="firstNumber">Number of the first reading, which its id holds.</param>
    /// <param name="readings">Readings of one packet, all of one vehicle; 1 is a payload that is no array.</param>
    /// <param name="overloadedPerMille">How many vehicles of a thousand are overloaded.</param>
    public LoadPackets(string station, int firstVehicle, int vehicles, DateTimeOffset start, long firstNumber = 0, int readings = 1, int overloadedPerMille = OverloadedPerMille)
    {
        this.overloadedPerMille = overloadedPerMille;
        ArgumentOutOfRangeException.ThrowIfLessThan(readings, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(readings, CliLimits.BenchBatchReadings);
        this.readings = readings;
        made = this.firstNumber = firstNumber;
        this.firstVehicle = firstVehicle;
        this.vehicles = vehicles;
        this.start = start;
        string topic = $"v1/wim/{station}/1";
        string reading = string.Create(CultureInfo.InvariantCulture, $$$"""{"id":"{{{station}}}-0000000000","at":"2026-01-01T00:00:00.000Z","plate":"粤H0000000","plateColor":"yellow","plateConfidence":0.97,"speedKmh":63.5,"axles":[{"massKg": 7000,"offsetM":0.0},{"massKg":9000,"offsetM":3.85}],"grossKg":16000,"vehicleClass":"rigid","leftRightRatio":1.02,"direction":"inbound","temperatureC":24.5}""");
        byte[] topicBytes = Topic = Encoding.UTF8.GetBytes(topic);
        byte[] readingBytes = Encoding.UTF8.GetBytes(reading);
        stride = readingBytes.Length + 1;
        byte[] payloadBytes = readings == 1 ? readingBytes : Encoding.UTF8.GetBytes($"[{string.Join(',', Enumerable.Repeat(reading, readings))}]");
        List<byte> packet = [0x32];
        for (int remaining = 2 + topicBytes.Length + 2 + payloadBytes.Length; remaining > 0; remaining >>= 7)
        {
            packet.Add((byte)((remaining & 0x7F) | (remaining > 0x7F ? 0x80 : 0)));
        }

        packet.AddRange([(byte)(topicBytes.Length >> 8), (byte)topicBytes.Length, .. topicBytes]);
        packetIdAt = packet.Count;
        packet.AddRange([0, 0]);
        int first = packet.Count + (readings == 1 ? 0 : 1);
        packet.AddRange(payloadBytes);
        template = [.. packet];
        idAt = first + Find(readingBytes, "-0000000000") + 1;
        timeAt = first + Find(readingBytes, "2026-01-01T");
        plateAt = first + Find(readingBytes, "H0000000") + 1;
        firstMassAt = first + Find(readingBytes, " 7000");
        grossAt = first + Find(readingBytes, "16000");
    }

    /// <summary>Readings in one packet.</summary>
    public int Readings => readings;

    /// <summary>Bytes of one packet; every packet has as many.</summary>
    public int PacketBytes => template.Length;

    public int PayloadBytes => template.Length - packetIdAt - 2;

    /// <summary>Topic of every packet, UTF-8.</summary>
    public byte[] Topic { get; }

    /// <summary>Key of the vehicle with this number.</summary>
    public static string Vehicle(long number) => string.Create(CultureInfo.InvariantCulture, $"粤H{number:D7}-yellow");

    /// <summary>The payload within a packet.</summary>
    public ReadOnlySpan<byte> Payload(ReadOnlySpan<byte> packet) => packet[(packetIdAt + 2)..];

    /// <summary>Fills <paramref name="packet"/> with the next one.</summary>
    public void Next(Span<byte> packet, ushort packetId)
    {
        template.CopyTo(packet);
        packet[packetIdAt] = (byte)(packetId >> 8);
        packet[packetIdAt + 1] = (byte)packetId;
        long vehicle = made / readings % vehicles;
        long earlier = (made - firstNumber) / readings / vehicles * readings;
        for (int i = 0; i < readings; i++)
        {
            Span<byte> reading = packet[(i * stride)..];
            Digits(reading.Slice(idAt, 10), made++);
            Digits(reading.Slice(plateAt, 7), firstVehicle + vehicle);
            Time(reading.Slice(timeAt, 24), start.AddMilliseconds((earlier + i) * 10));
            if (vehicle % 1000 < overloadedPerMille)
            {
                "12000"u8.CopyTo(reading[firstMassAt..]);
                "21000"u8.CopyTo(reading[grossAt..]);
            }
        }
    }

    private static int Find(byte[] bytes, string text) => bytes.AsSpan().IndexOf(Encoding.UTF8.GetBytes(text));

    private static void Digits(Span<byte> into, long value)
    {
        for (int i = into.Length - 1; i >= 0; i--)
        {
            (value, long digit) = Math.DivRem(value, 10);
            into[i] = (byte)('0' + digit);
        }
    }

    private static void Time(Span<byte> into, DateTimeOffset time)
    {
        Digits(into[..4], time.Year);
        Digits(into.Slice(5, 2), time.Month);
        Digits(into.Slice(8, 2), time.Day);
        Digits(into.Slice(11, 2), time.Hour);
        Digits(into.Slice(14, 2), time.Minute);
        Digits(into.Slice(17, 2), time.Second);
        Digits(into.Slice(20, 3), time.Millisecond);
    }
}
