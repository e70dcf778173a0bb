using System.Globalization;
using System.Text;

namespace Streaming.Silo.Bench;

/// <summary>
/// The PUBLISH packets of one simulated station: QoS 1 weigh records of about 300 bytes, each with an id and a time of its own, over a share of the vehicles. A packet is a
/// template of fixed width in which digits are patched, so that making the load costs little beside what is measured; 0.9 % of the vehicles are overloaded,
/// at every station that they pass: the daily rate that one city reports.
/// </summary>
internal sealed class LoadPackets
{
    private const int OverloadedPerMille = 9;
    private readonly byte[] template;
    private readonly int packetIdAt;
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

    public LoadPackets(string station, int firstVehicle, int vehicles, DateTimeOffset start, long firstNumber = 0)
    {
        made = this.firstNumber = firstNumber;
        this.firstVehicle = firstVehicle;
        this.vehicles = vehicles;
        this.start = start;
        string topic = $"v1/wim/{station}/1";
        string payload = string.Create(CultureInfo.InvariantCulture, $$$"""{"id":"{{{station}}}-0000000000","at":"2026-01-01T00:00:00.000Z","plate":"粤H0000000","plateColor":"yellow","plateConfidence":0.97,"speedKmh":63.5,"axles":[{"massKg": 7000,"offsetM":0.0},{"massKg":9000,"offsetM":3.85}],"grossKg":16000,"vehicleClass":"rigid","leftRightRatio":1.02,"direction":"inbound","temperatureC":24.5}""");
        byte[] topicBytes = Encoding.UTF8.GetBytes(topic);
        byte[] payloadBytes = Encoding.UTF8.GetBytes(payload);
        int remaining = 2 + topicBytes.Length + 2 + payloadBytes.Length;
        List<byte> packet = [0x32, (byte)((remaining & 0x7F) | 0x80), (byte)(remaining >> 7), (byte)(topicBytes.Length >> 8), (byte)topicBytes.Length, .. topicBytes];
        packetIdAt = packet.Count;
        packet.AddRange([0, 0]);
        int body = packet.Count;
        packet.AddRange(payloadBytes);
        template = [.. packet];
        idAt = body + Find(payloadBytes, "-0000000000") + 1;
        timeAt = body + Find(payloadBytes, "2026-01-01T");
        plateAt = body + Find(payloadBytes, "H0000000") + 1;
        firstMassAt = body + Find(payloadBytes, " 7000");
        grossAt = body + Find(payloadBytes, "16000");
    }

    /// <summary>Bytes of one packet; every packet has as many.</summary>
    public int PacketBytes => template.Length;

    public int PayloadBytes => template.Length - packetIdAt - 2;

    /// <summary>Fills <paramref name="packet"/> with the next one.</summary>
    public void Next(Span<byte> packet, ushort packetId)
    {
        template.CopyTo(packet);
        packet[packetIdAt] = (byte)(packetId >> 8);
        packet[packetIdAt + 1] = (byte)packetId;
        long number = made++;
        Digits(packet.Slice(idAt, 10), number);
        Digits(packet.Slice(plateAt, 7), firstVehicle + (number % vehicles));
        Time(packet.Slice(timeAt, 24), start.AddMilliseconds((number - firstNumber) / vehicles * 10));
        if (number % vehicles % 1000 < OverloadedPerMille)
        {
            "12000"u8.CopyTo(packet[firstMassAt..]);
            "21000"u8.CopyTo(packet[grossAt..]);
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
