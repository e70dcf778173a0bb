using System.Buffers.Binary;
using Streaming.Models.Encoding;

namespace Streaming.Models.Readings;

/// <summary>What kind of road a position is on. Persisted: numbers are never reused.</summary>
public enum RoadKind : byte
{
    /// <summary>Nobody could tell: there was no position, or no road is registered near enough to tell by.</summary>
    Unknown = 0,

    /// <summary>On no registered road.</summary>
    Nowhere = 1,
    Expressway = 2,
    Trunk = 3,
    Urban = 4,
    Rural = 5,

    /// <summary>On a registered road whose kind is not said.</summary>
    Unsaid = 6,
}

/// <summary>What holds in a zone. Persisted: numbers are never reused.</summary>
public enum ZoneRule : byte
{
    /// <summary>Closed; where it has hours, within them.</summary>
    Restricted = 1,

    /// <summary>Its speed limit; where it has hours, within them.</summary>
    Slow = 2,

    /// <summary>Closed within its hours, and at no time where they are not said.</summary>
    Hours = 3,
}

/// <summary>A zone that a position lies in, as its register had it when the reading came in.</summary>
public readonly ref struct ZoneReference
{
    private const int SpanBytes = 4;

    public required ZoneRule Rule { get; init; }

    /// <summary>Its speed limit, km/h; 0 where none is said.</summary>
    public int SpeedKmh { get; init; }

    /// <summary>Whom it is for: bit 0 trucks of dangerous goods, bit n <see cref="VehicleClass"/> n.</summary>
    public uint For { get; init; }

    /// <summary>Its hours: minutes of the local day, u16 from and u16 to, one span after the other; empty where they are not said. One whose end is not after its beginning goes over midnight.</summary>
    public ReadOnlySpan<byte> Hours { get; init; }

    /// <summary>Key of the zone in its register, UTF-8.</summary>
    public ReadOnlySpan<byte> Id { get; init; }

    /// <summary>True where it is closed at a minute of the local day, 0 to 1439.</summary>
    public bool IsClosedAt(int minute) => Rule switch
    {
        ZoneRule.Restricted => HoldsAt(minute),
        ZoneRule.Hours => Hours.Length > 0 && HoldsAt(minute),
        _ => false,
    };

    /// <summary>True where what holds in it holds at a minute of the local day.</summary>
    public bool HoldsAt(int minute)
    {
        for (ReadOnlySpan<byte> rest = Hours; rest.Length >= SpanBytes; rest = rest[SpanBytes..])
        {
            int from = BinaryPrimitives.ReadUInt16LittleEndian(rest), to = BinaryPrimitives.ReadUInt16LittleEndian(rest[2..]);
            if (from < to ? minute >= from && minute < to : minute >= from || minute < to)
            {
                return true;
            }
        }

        return Hours.Length == 0;
    }

    public void Write(ByteWriter writer)
    {
        writer.WriteByte((byte)Rule);
        writer.WriteVar((uint)SpeedKmh);
        writer.WriteVar(For);
        writer.WriteBytes(Hours);
        writer.WriteBytes(Id);
    }

    public static ZoneReference Read(scoped ref ByteReader reader) => new()
    {
        Rule = (ZoneRule)reader.ReadByte(),
        SpeedKmh = (int)reader.ReadVar(),
        For = (uint)reader.ReadVar(),
        Hours = reader.ReadBytes(),
        Id = reader.ReadBytes(),
    };
}

/// <summary>
/// The registered road and zones of a position. They are looked up before a reading is recorded and recorded with it, so that a turn sees a fact and a replay the same one. The last part of a reading's body, absent where there is nothing to say:
/// <code>
/// u8 parts (1 zones were looked up, 2 road, 4 alarms) | alarms: var bits | road: u8 kind, of a registered one var km/h, bytes id | zones: bytes of u8 rule, var km/h, var for, bytes hours, bytes id each
/// </code>
/// </summary>
public ref struct Surroundings
{
    /// <summary>The most zones that a reading names. Where more overlap, closed ones go first.</summary>
    public const int Zones = 4;

    /// <summary>The most spans of hours of a zone.</summary>
    public const int HourSpans = 4;

    private const byte ZonesPart = 1;
    private const byte RoadPart = 2;
    private const byte AlarmPart = 4;

    /// <summary>True where zones were looked up: then it lies in none but those named.</summary>
    public bool ZonesKnown;

    /// <summary>The zones, one <see cref="ZoneReference"/> written after the other.</summary>
    public ReadOnlySpan<byte> ZoneBytes;

    public RoadKind Road;

    /// <summary>The limit posted on the road, km/h; 0 where none is registered.</summary>
    public int RoadSpeedKmh;

    /// <summary>Key of the road in its register, UTF-8.</summary>
    public ReadOnlySpan<byte> RoadId;

    public readonly bool IsKnown => ZonesKnown || Road != RoadKind.Unknown;

    internal readonly void Write(ByteWriter writer, uint? alarmBits)
    {
        writer.WriteByte((byte)((ZonesKnown ? ZonesPart : 0) | (Road != RoadKind.Unknown ? RoadPart : 0) | (alarmBits is null ? 0 : AlarmPart)));
        if (alarmBits is { } bits)
        {
            writer.WriteVar(bits);
        }

        if (Road != RoadKind.Unknown)
        {
            writer.WriteByte((byte)Road);
            if (Road != RoadKind.Nowhere)
            {
                writer.WriteVar((uint)RoadSpeedKmh);
                writer.WriteBytes(RoadId);
            }
        }

        if (ZonesKnown)
        {
            writer.WriteBytes(ZoneBytes);
        }
    }

    internal static Surroundings Read(scoped ref ByteReader reader, out uint? alarmBits)
    {
        alarmBits = null;
        Surroundings read = default;
        if (reader.AtEnd)
        {
            return read;
        }

        byte parts = reader.ReadByte();
        if ((parts & AlarmPart) != 0)
        {
            alarmBits = (uint)reader.ReadVar();
        }

        if ((parts & RoadPart) != 0)
        {
            read.Road = (RoadKind)reader.ReadByte();
            if (read.Road != RoadKind.Nowhere)
            {
                read.RoadSpeedKmh = (int)reader.ReadVar();
                read.RoadId = reader.ReadBytes();
            }
        }

        if ((parts & ZonesPart) != 0)
        {
            read.ZonesKnown = true;
            read.ZoneBytes = reader.ReadBytes();
        }

        return read;
    }

    public readonly Enumerator GetEnumerator() => new(ZoneBytes);

    /// <summary>Walks over the zones.</summary>
    public ref struct Enumerator
    {
        private ByteReader reader;

        internal Enumerator(ReadOnlySpan<byte> zones)
        {
            reader = new ByteReader(zones);
            Current = default;
        }

        public ZoneReference Current { get; private set; }

        public bool MoveNext()
        {
            if (reader.AtEnd)
            {
                return false;
            }

            Current = ZoneReference.Read(ref reader);
            return true;
        }
    }
}
