using System.Runtime.CompilerServices;
using Streaming.Models.Encoding;

namespace Streaming.Models.Readings;

/// <summary>
/// What every reading carries: when it was taken and which one of its source it is.
/// </summary>
/// <param name="atMs">Time of the reading, milliseconds since 1970-01-01T00:00Z, as the device stated it.</param>
/// <param name="idHash"><see cref="StableHash"/> of source and id: the identity by which a repeated reading is known.</param>
/// <param name="id">The source's own id of the reading, UTF-8, at most 64 bytes.</param>
public readonly ref struct ReadingHeader(long atMs, ulong idHash, ReadOnlySpan<byte> id)
{
    public long AtMs { get; } = atMs;
    public ulong IdHash { get; } = idHash;
    public ReadOnlySpan<byte> Id { get; } = id;

    public void Write(ByteWriter writer)
    {
        writer.WriteInt64(AtMs);
        writer.WriteUInt64(IdHash);
        writer.WriteBytes(Id);
    }

    public static ReadingHeader Read(scoped ref ByteReader reader) => new(reader.ReadInt64(), reader.ReadUInt64(), reader.ReadBytes());
}

/// <summary>One axle: its mass in kg (0 to 100,000) and its distance behind the first axle in mm.</summary>
public struct Axle
{
    public int MassKg;
    public int OffsetMm;
}

/// <summary>The axles of one vehicle, front first; <see cref="WeighReading.AxleCount"/> says how many are in use.</summary>
[InlineArray(Capacity)]
public struct Axles
{
    /// <summary>The most axles that a weigh record may have; more is refused at decoding.</summary>
    public const int Capacity = 16;
    private Axle first;
}

/// <summary>A picture that a reading cites: where it can be fetched, and its SHA-256 as 64 hexadecimal digits. Empty where absent.</summary>
public readonly ref struct ImageReference(ReadOnlySpan<byte> url, ReadOnlySpan<byte> sha256)
{
    public ReadOnlySpan<byte> Url { get; } = url;
    public ReadOnlySpan<byte> Sha256 { get; } = sha256;

    public void Write(ByteWriter writer)
    {
        writer.WriteBytes(Url);
        writer.WriteBytes(Sha256);
    }

    public static ImageReference Read(scoped ref ByteReader reader) => new(reader.ReadBytes(), reader.ReadBytes());
}

/// <summary>WGS 84 position in units of 1e-6 degree; <see cref="IsKnown"/> is false where the reading has none.</summary>
public readonly record struct GeoPosition(int LatitudeE6, int LongitudeE6)
{
    public static GeoPosition Unknown => new(int.MinValue, int.MinValue);
    public bool IsKnown => LatitudeE6 != int.MinValue;

    public void Write(ByteWriter writer)
    {
        writer.WriteInt32(LatitudeE6);
        writer.WriteInt32(LongitudeE6);
    }

    public static GeoPosition Read(scoped ref ByteReader reader) => new(reader.ReadInt32(), reader.ReadInt32());
}

/// <summary>A weigh-in-motion record. Spans point into the record that was read.</summary>
public ref struct WeighReading
{
    /// <summary>Lane as the topic names it, UTF-8.</summary>
    public ReadOnlySpan<byte> Lane;
    /// <summary>Gross mass, kg.</summary>
    public int GrossKg;
    /// <summary>Axles weighed; 0 where the station gives the gross mass alone.</summary>
    public int AxleCount;
    public Axles Axles;
    public VehicleClass VehicleClass;
    /// <summary>Speed in tenths of km/h; -1 where absent.</summary>
    public int SpeedTenthKmh;
    /// <summary>Confidence of the plate read, 0 to 1000 per mille; 1000 where absent.</summary>
    public int PlatePermille;
    /// <summary>Left over right wheel load, per mille (1000 = even); -1 where absent.</summary>
    public int LeftRightPermille;
    public ImageReference Image;
    /// <summary>Key of the vehicle whose plate it may have been, as it was looked up when the reading came in: one sign other, and plausible there. Empty where there is none, which is nearly always, and in records from before it was looked up.</summary>
    public ReadOnlySpan<byte> LikelyPlate;

    public readonly void Write(ByteWriter writer)
    {
        writer.WriteBytes(Lane);
        writer.WriteVar((uint)GrossKg);
        writer.WriteByte((byte)AxleCount);
        for (int i = 0; i < AxleCount; i++)
        {
            writer.WriteVar((uint)Axles[i].MassKg);
            writer.WriteVar((uint)Axles[i].OffsetMm);
        }

        writer.WriteByte((byte)VehicleClass);
        writer.WriteSigned(SpeedTenthKmh);
        writer.WriteVar((uint)PlatePermille);
        writer.WriteSigned(LeftRightPermille);
        Image.Write(writer);
        if (LikelyPlate.Length > 0)
        {
            writer.WriteBytes(LikelyPlate);
        }
    }

    public static WeighReading Read(scoped ref ByteReader reader)
    {
        WeighReading reading = default;
        reading.Lane = reader.ReadBytes();
        reading.GrossKg = (int)reader.ReadVar();
        reading.AxleCount = reader.ReadByte();
        for (int i = 0; i < reading.AxleCount; i++)
        {
            reading.Axles[i].MassKg = (int)reader.ReadVar();
            reading.Axles[i].OffsetMm = (int)reader.ReadVar();
        }

        reading.VehicleClass = (VehicleClass)reader.ReadByte();
        reading.SpeedTenthKmh = (int)reader.ReadSigned();
        reading.PlatePermille = (int)reader.ReadVar();
        reading.LeftRightPermille = (int)reader.ReadSigned();
        reading.Image = ImageReference.Read(ref reader);
        reading.LikelyPlate = reader.AtEnd ? default : reader.ReadBytes();
        return reading;
    }
}

/// <summary>A video-analytics event.</summary>
public ref struct VideoReading
{
    public VideoEvent Event;
    /// <summary>Confidence of the analytics, 0 to 1000 per mille; 1000 where absent.</summary>
    public int ConfidencePermille;
    public VehicleClass VehicleClass;
    /// <summary>The orange plate, "hazard number/UN number", UTF-8; empty where absent.</summary>
    public ReadOnlySpan<byte> HazardPlate;
    /// <summary>The plate as the camera read it, UTF-8; empty where absent. The subject of a vehicle event has it already.</summary>
    public ReadOnlySpan<byte> Plate;
    /// <summary>Confidence of the plate read, 0 to 1000 per mille; 1000 where absent, and in records from before it was kept. Only a vehicle event has it: what else happens is not the vehicle's.</summary>
    public int PlatePermille;
    public GeoPosition Position;
    public ImageReference Image;
    /// <summary>As <see cref="WeighReading.LikelyPlate"/>.</summary>
    public ReadOnlySpan<byte> LikelyPlate;

    public readonly void Write(ByteWriter writer)
    {
        writer.WriteByte((byte)Event);
        writer.WriteVar((uint)ConfidencePermille);
        writer.WriteByte((byte)VehicleClass);
        writer.WriteBytes(HazardPlate);
        writer.WriteBytes(Plate);
        Position.Write(writer);
        Image.Write(writer);
        if (PlatePermille < 1000 || LikelyPlate.Length > 0)
        {
            writer.WriteVar((uint)PlatePermille);
        }

        if (LikelyPlate.Length > 0)
        {
            writer.WriteBytes(LikelyPlate);
        }
    }

    public static VideoReading Read(scoped ref ByteReader reader) => new()
    {
        Event = (VideoEvent)reader.ReadByte(),
        ConfidencePermille = (int)reader.ReadVar(),
        VehicleClass = (VehicleClass)reader.ReadByte(),
        HazardPlate = reader.ReadBytes(),
        Plate = reader.ReadBytes(),
        Position = GeoPosition.Read(ref reader),
        Image = ImageReference.Read(ref reader),
        PlatePermille = reader.AtEnd ? 1000 : (int)reader.ReadVar(),
        LikelyPlate = reader.AtEnd ? default : reader.ReadBytes(),
    };
}

/// <summary>
/// State of a tank, of a truck or a plant. Absent figures are <see cref="double.NaN"/>, so that "not measured" is
/// never taken for zero.
/// </summary>
public struct TankFigures
{
    /// <summary>Pressure, kPa gauge.</summary>
    public double PressureKpa;
    /// <summary>Temperature, degrees Celsius.</summary>
    public double TemperatureC;
    /// <summary>Filling level, percent of the tank's volume.</summary>
    public double LevelPct;
    /// <summary>Content, kg.</summary>
    public double MassKg;
    /// <summary>Toxic gas beside the tank, ppm.</summary>
    public double GasPpm;
    /// <summary>Combustible gas beside the tank, percent of the lower explosive limit.</summary>
    public double GasPctLel;
    public ValveState Valve;

    public static TankFigures None => new()
    {
        PressureKpa = double.NaN,
        TemperatureC = double.NaN,
        LevelPct = double.NaN,
        MassKg = double.NaN,
        GasPpm = double.NaN,
        GasPctLel = double.NaN,
    };

    public readonly void Write(ByteWriter writer)
    {
        writer.WriteDouble(PressureKpa);
        writer.WriteDouble(TemperatureC);
        writer.WriteDouble(LevelPct);
        writer.WriteDouble(MassKg);
        writer.WriteDouble(GasPpm);
        writer.WriteDouble(GasPctLel);
        writer.WriteByte((byte)Valve);
    }

    public static TankFigures Read(scoped ref ByteReader reader) => new()
    {
        PressureKpa = reader.ReadDouble(),
        TemperatureC = reader.ReadDouble(),
        LevelPct = reader.ReadDouble(),
        MassKg = reader.ReadDouble(),
        GasPpm = reader.ReadDouble(),
        GasPctLel = reader.ReadDouble(),
        Valve = (ValveState)reader.ReadByte(),
    };
}

/// <summary>Telemetry of a tank truck.</summary>
public ref struct TruckReading
{
    public GeoPosition Position;
    /// <summary>Speed in tenths of km/h; -1 where absent.</summary>
    public int SpeedTenthKmh;
    public TankFigures Tank;
    /// <summary>UN number as "UN1017", UTF-8; empty where absent.</summary>
    public ReadOnlySpan<byte> Substance;
    public ReadOnlySpan<byte> Driver;
    public ReadOnlySpan<byte> Waybill;

    /// <summary>Which registered site the truck was at when the reading came in. It is looked up before the reading is recorded and stays what it was, whatever the register of sites says later.</summary>
    public SiteReference Site;

    /// <summary>The registered road and zones that it was on and in, looked up and kept as <see cref="Site"/> is.</summary>
    public Surroundings Around;

    /// <summary>True where the terminal said which of its alarms are set.</summary>
    public bool SaysAlarms;

    /// <summary>The terminal's alarms as JT/T 808 numbers their bits; only with <see cref="SaysAlarms"/>.</summary>
    public uint AlarmBits;

    public readonly void Write(ByteWriter writer)
    {
        Position.Write(writer);
        writer.WriteSigned(SpeedTenthKmh);
        Tank.Write(writer);
        writer.WriteBytes(Substance);
        writer.WriteBytes(Driver);
        writer.WriteBytes(Waybill);
        bool ends = !Around.IsKnown && !SaysAlarms;
        Site.Write(writer, isLast: ends);
        if (!ends)
        {
            Around.Write(writer, SaysAlarms ? AlarmBits : null);
        }
    }

    public static TruckReading Read(scoped ref ByteReader reader)
    {
        TruckReading reading = new()
        {
            Position = GeoPosition.Read(ref reader),
            SpeedTenthKmh = (int)reader.ReadSigned(),
            Tank = TankFigures.Read(ref reader),
            Substance = reader.ReadBytes(),
            Driver = reader.ReadBytes(),
            Waybill = reader.ReadBytes(),
            Site = SiteReference.Read(ref reader),
        };
        reading.Around = Surroundings.Read(ref reader, out uint? alarms);
        (reading.SaysAlarms, reading.AlarmBits) = (alarms is not null, alarms ?? 0);
        return reading;
    }
}

/// <summary>What may be done at a registered site. Persisted: numbers are never reused.</summary>
[Flags]
public enum SiteUses : byte
{
    None = 0,
    Load = 1,
    Unload = 2,
}

/// <summary>Whether a position lies within a registered site. Persisted: numbers are never reused.</summary>
public enum SiteLookUp : byte
{
    /// <summary>Nobody could tell: there was no position, or no site is registered at all. Then nothing is concluded from where a truck is.</summary>
    None = 0,

    /// <summary>It lies in no registered site.</summary>
    Nowhere = 1,

    /// <summary>It lies in one.</summary>
    AtSite = 2,
}

/// <summary>The registered site that a position lies in. The last part of a reading's body but for <see cref="Surroundings"/>, and none of it where nobody looked, so that readings of before there was one are read alike.</summary>
public ref struct SiteReference
{
    public SiteLookUp LookUp;

    /// <summary>What may be done there; where several sites overlap, at any of them.</summary>
    public SiteUses Uses;

    /// <summary>Key of the site in its register, UTF-8; of several the nearest one's.</summary>
    public ReadOnlySpan<byte> Id;

    /// <summary>Writes it; where it is not the last part, also that nobody looked.</summary>
    public readonly void Write(ByteWriter writer, bool isLast = true)
    {
        if (LookUp == SiteLookUp.None)
        {
            if (!isLast)
            {
                writer.WriteByte((byte)SiteLookUp.None);
            }

            return;
        }

        writer.WriteByte((byte)LookUp);
        if (LookUp == SiteLookUp.AtSite)
        {
            writer.WriteByte((byte)Uses);
            writer.WriteBytes(Id);
        }
    }

    public static SiteReference Read(scoped ref ByteReader reader)
    {
        if (reader.AtEnd)
        {
            return default;
        }

        SiteLookUp lookUp = (SiteLookUp)reader.ReadByte();
        return lookUp == SiteLookUp.AtSite
            ? new SiteReference { LookUp = lookUp, Uses = (SiteUses)reader.ReadByte(), Id = reader.ReadBytes() }
            : new SiteReference { LookUp = lookUp };
    }
}

/// <summary>Telemetry of a tank or process unit of an enterprise.</summary>
public ref struct PlantReading
{
    /// <summary>The tank or unit, as the topic names it, UTF-8.</summary>
    public ReadOnlySpan<byte> Unit;
    /// <summary>UN number as "UN1017", UTF-8; empty where absent.</summary>
    public ReadOnlySpan<byte> Substance;
    public TankFigures Tank;

    public readonly void Write(ByteWriter writer)
    {
        writer.WriteBytes(Unit);
        writer.WriteBytes(Substance);
        Tank.Write(writer);
    }

    public static PlantReading Read(scoped ref ByteReader reader) => new()
    {
        Unit = reader.ReadBytes(),
        Substance = reader.ReadBytes(),
        Tank = TankFigures.Read(ref reader),
    };
}

/// <summary>A line of an enterprise's ledger.</summary>
public ref struct LedgerReading
{
    public LedgerAction Action;
    public ReadOnlySpan<byte> Substance;
    /// <summary>Mass moved, grams, so that sums stay exact.</summary>
    public long MassGrams;
    /// <summary>Credit code of the other side; empty where absent.</summary>
    public ReadOnlySpan<byte> Counterparty;
    public ReadOnlySpan<byte> Plate;
    public ReadOnlySpan<byte> Waybill;

    /// <summary>True where what was moved is hazardous waste. The last part of the body, and none of it where it is not, so that lines of before there was this mark are read alike.</summary>
    public bool IsWaste;

    public readonly void Write(ByteWriter writer)
    {
        writer.WriteByte((byte)Action);
        writer.WriteBytes(Substance);
        writer.WriteSigned(MassGrams);
        writer.WriteBytes(Counterparty);
        writer.WriteBytes(Plate);
        writer.WriteBytes(Waybill);
        if (IsWaste)
        {
            writer.WriteBool(true);
        }
    }

    public static LedgerReading Read(scoped ref ByteReader reader) => new()
    {
        Action = (LedgerAction)reader.ReadByte(),
        Substance = reader.ReadBytes(),
        MassGrams = reader.ReadSigned(),
        Counterparty = reader.ReadBytes(),
        Plate = reader.ReadBytes(),
        Waybill = reader.ReadBytes(),
        IsWaste = !reader.AtEnd && reader.ReadBool(),
    };
}

/// <summary>A source's word on itself; its will says offline.</summary>
public struct StatusReading
{
    public bool Online;

    public readonly void Write(ByteWriter writer) => writer.WriteBool(Online);

    public static StatusReading Read(scoped ref ByteReader reader) => new() { Online = reader.ReadBool() };
}
