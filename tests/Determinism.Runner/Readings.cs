using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Streaming.Grains.Messages;
using Streaming.Models.Encoding;
using Streaming.Models.Readings;

namespace Streaming.Determinism;

/// <summary>Makes the steps of scripts. A reading comes in two seconds after it was taken, from station or camera S07 of district north.</summary>
internal static class Readings
{
    public static ScriptStep Weigh(string id, long atMs, int grossKg, int axles, VehicleClass vehicleClass = VehicleClass.Unknown, int platePermille = 970)
    {
        WeighReading reading = new()
        {
            Lane = "2"u8,
            GrossKg = grossKg,
            AxleCount = axles,
            VehicleClass = vehicleClass,
            SpeedTenthKmh = 635,
            PlatePermille = platePermille,
            LeftRightPermille = 1020,
            Image = new ImageReference("https://pictures.example/1.jpg"u8, default),
        };
        for (int i = 0; i < axles; i++)
        {
            reading.Axles[i] = new Axle { MassKg = grossKg / axles, OffsetMm = i * 1_850 };
        }

        ByteWriter writer = new();
        reading.Write(writer);
        return Reading(ReadingKind.Weigh, id, atMs, writer);
    }

    /// <summary>A weighing by its axles, each with its mass in kg and its place in mm behind the first; the gross mass is their sum.</summary>
    public static ScriptStep WeighAxles(
        string id, long atMs, (int MassKg, int OffsetMm)[] axles, VehicleClass vehicleClass = VehicleClass.Unknown, int speedTenthKmh = 635, int leftRightPermille = 1020, string station = "S07")
    {
        WeighReading reading = new()
        {
            Lane = "2"u8,
            GrossKg = axles.Sum(axle => axle.MassKg),
            AxleCount = axles.Length,
            VehicleClass = vehicleClass,
            SpeedTenthKmh = speedTenthKmh,
            PlatePermille = 970,
            LeftRightPermille = leftRightPermille,
        };
        for (int i = 0; i < axles.Length; i++)
        {
            reading.Axles[i] = new Axle { MassKg = axles[i].MassKg, OffsetMm = axles[i].OffsetMm };
        }

        ByteWriter writer = new();
        reading.Write(writer);
        return Reading(ReadingKind.Weigh, id, atMs, writer) with { Source = Encoding.UTF8.GetBytes(station) };
    }

    public static ScriptStep Sight(string id, long atMs, VideoEvent seen, int permille, string hazardPlate = "", int platePermille = 1000, VehicleClass vehicleClass = VehicleClass.Unknown)
    {
        ByteWriter writer = new();
        new VideoReading
        {
            Event = seen,
            ConfidencePermille = permille,
            VehicleClass = vehicleClass,
            HazardPlate = Encoding.UTF8.GetBytes(hazardPlate),
            PlatePermille = platePermille,
            Position = new GeoPosition(23_100_000, 112_400_001),
        }.Write(writer);
        return Reading(ReadingKind.Video, id, atMs, writer);
    }

    public static ScriptStep Telemetry(string id, long atMs, double pressureKpa, double temperatureC, ValveState valve, int speedTenthKmh)
    {
        ByteWriter writer = new();
        new TruckReading
        {
            Position = GeoPosition.Unknown,
            SpeedTenthKmh = speedTenthKmh,
            Tank = TankFigures.None with { PressureKpa = pressureKpa, TemperatureC = temperatureC, Valve = valve },
            Substance = "UN1203"u8,
        }.Write(writer);
        return Reading(ReadingKind.Truck, id, atMs, writer);
    }

    /// <summary>A truck that says where it is.</summary>
    public static ScriptStep AtSite(string id, long atMs, SiteUses uses) =>
        Drive(id, atMs, TankFigures.None, 0, "quarry-3", uses, substance: "", position: new GeoPosition(23_100_000, 112_400_001));

    /// <summary>Telemetry of a truck with any figures, somewhere on the map or nowhere.</summary>
    /// <param name="site">Key of the registered site that it is at; empty for none, null where nobody could tell.</param>
    /// <param name="uses">What may be done there.</param>
    public static ScriptStep Drive(
        string id, long atMs, in TankFigures tank, int speedTenthKmh, string? site = null, SiteUses uses = SiteUses.None, string substance = "UN1203", string waybill = "", GeoPosition? position = null)
    {
        ByteWriter writer = new();
        new TruckReading
        {
            Position = position ?? GeoPosition.Unknown,
            SpeedTenthKmh = speedTenthKmh,
            Tank = tank,
            Substance = Encoding.UTF8.GetBytes(substance),
            Waybill = Encoding.UTF8.GetBytes(waybill),
            Site = new SiteReference { LookUp = site is null ? SiteLookUp.None : site.Length == 0 ? SiteLookUp.Nowhere : SiteLookUp.AtSite, Uses = uses, Id = Encoding.UTF8.GetBytes(site ?? "") },
        }.Write(writer);
        return Reading(ReadingKind.Truck, id, atMs, writer);
    }

    /// <summary>Telemetry of a truck on the road, with a tank at a level in percent, and what it was looked up to be in and on.</summary>
    /// <param name="zones">The zones that it is in; null where nobody looked.</param>
    /// <param name="alarmBits">The terminal's alarms; null where it says nothing of them.</param>
    /// <param name="site">Key of the registered site that it is at; empty for none, null where nobody could tell.</param>
    public static ScriptStep OnRoad(
        string id, long atMs, int speedTenthKmh, RoadZone[]? zones = null, RoadKind road = RoadKind.Unknown, int postedKmh = 0, uint? alarmBits = null, double levelPct = 60, string? site = null, string driver = "D1")
    {
        ByteWriter bytes = new();
        foreach (RoadZone zone in zones ?? [])
        {
            byte[] hours = new byte[zone.Hours.Length * 2];
            for (int i = 0; i < zone.Hours.Length; i++)
            {
                System.Buffers.Binary.BinaryPrimitives.WriteUInt16LittleEndian(hours.AsSpan(i * 2), (ushort)zone.Hours[i]);
            }

            new ZoneReference { Rule = zone.Rule, SpeedKmh = zone.SpeedKmh, For = zone.For, Hours = hours, Id = Encoding.UTF8.GetBytes(zone.Id) }.Write(bytes);
        }

        ByteWriter writer = new();
        new TruckReading
        {
            Position = new GeoPosition(23_100_000, 112_400_001),
            SpeedTenthKmh = speedTenthKmh,
            Tank = TankFigures.None with { LevelPct = levelPct },
            Substance = "UN1203"u8,
            Driver = Encoding.UTF8.GetBytes(driver),
            Site = new SiteReference { LookUp = site is null ? SiteLookUp.None : site.Length == 0 ? SiteLookUp.Nowhere : SiteLookUp.AtSite, Id = Encoding.UTF8.GetBytes(site ?? "") },
            Around = new Surroundings { ZonesKnown = zones is not null, ZoneBytes = bytes.Written, Road = road, RoadSpeedKmh = postedKmh, RoadId = road is RoadKind.Unknown or RoadKind.Nowhere ? default : "G4"u8 },
            SaysAlarms = alarmBits is not null,
            AlarmBits = alarmBits ?? 0,
        }.Write(writer);
        return Reading(ReadingKind.Truck, id, atMs, writer);
    }

    /// <summary>Telemetry of a plant's tank with any figures.</summary>
    public static ScriptStep Tank(string id, long atMs, string unit, in TankFigures tank, string substance = "UN1017")
    {
        ByteWriter writer = new();
        new PlantReading { Unit = Encoding.UTF8.GetBytes(unit), Substance = Encoding.UTF8.GetBytes(substance), Tank = tank }.Write(writer);
        return Reading(ReadingKind.Plant, id, atMs, writer);
    }

    public static ScriptStep Plant(string id, long atMs, string unit, string substance, double pressureKpa, double gasPpm)
    {
        ByteWriter writer = new();
        new PlantReading
        {
            Unit = Encoding.UTF8.GetBytes(unit),
            Substance = Encoding.UTF8.GetBytes(substance),
            Tank = TankFigures.None with { PressureKpa = pressureKpa, GasPpm = gasPpm, MassKg = 38_200.5 },
        }.Write(writer);
        return Reading(ReadingKind.Plant, id, atMs, writer);
    }

    public static ScriptStep Ledger(string id, long atMs, LedgerAction action, string substance, long grams)
    {
        ByteWriter writer = new();
        new LedgerReading { Action = action, Substance = Encoding.UTF8.GetBytes(substance), MassGrams = grams }.Write(writer);
        return Reading(ReadingKind.Ledger, id, atMs, writer);
    }

    /// <summary>A line about hazardous waste.</summary>
    public static ScriptStep Waste(string id, long atMs, LedgerAction action, string substance, long grams)
    {
        ByteWriter writer = new();
        new LedgerReading { Action = action, Substance = Encoding.UTF8.GetBytes(substance), MassGrams = grams, IsWaste = true }.Write(writer);
        return Reading(ReadingKind.Ledger, id, atMs, writer);
    }

    /// <summary>A line with its other side.</summary>
    public static ScriptStep Ledger(string id, long atMs, LedgerAction action, string substance, long grams, string counterparty, string waybill, string plate = "")
    {
        ByteWriter writer = new();
        new LedgerReading
        {
            Action = action,
            Substance = Encoding.UTF8.GetBytes(substance),
            MassGrams = grams,
            Counterparty = Encoding.UTF8.GetBytes(counterparty),
            Plate = Encoding.UTF8.GetBytes(plate),
            Waybill = Encoding.UTF8.GetBytes(waybill),
        }.Write(writer);
        return Reading(ReadingKind.Ledger, id, atMs, writer);
    }

    /// <summary>A tank that reports its content alone.</summary>
    public static ScriptStep Stored(string id, long atMs, string unit, string substance, double massKg)
    {
        ByteWriter writer = new();
        new PlantReading { Unit = Encoding.UTF8.GetBytes(unit), Substance = Encoding.UTF8.GetBytes(substance), Tank = TankFigures.None with { MassKg = massKg } }.Write(writer);
        return Reading(ReadingKind.Plant, id, atMs, writer);
    }

    public static ScriptStep Status(string id, long atMs, bool online)
    {
        ByteWriter writer = new();
        new StatusReading { Online = online }.Write(writer);
        return Reading(ReadingKind.Status, id, atMs, writer);
    }

    public static ScriptStep Published(long nowMs, int accepted, int rejected) => Published(nowMs, new Published(accepted, rejected));

    public static ScriptStep Published(long nowMs, in Published published)
    {
        ByteWriter writer = new();
        published.Write(writer);
        return new ScriptStep { Kind = MessageKind.Published, Body = writer.Written.ToArray(), NowMs = nowMs };
    }

    /// <summary>A message with a JSON body.</summary>
    public static ScriptStep Tell<T>(MessageKind kind, long nowMs, T body, JsonTypeInfo<T> type) =>
        new() { Kind = kind, Body = JsonSerializer.SerializeToUtf8Bytes(body, type), NowMs = nowMs };

    private static ScriptStep Reading(ReadingKind kind, string id, long atMs, ByteWriter body) => new()
    {
        Kind = MessageKind.Reading,
        ReadingKind = kind,
        Body = body.Written.ToArray(),
        NowMs = atMs + 2_000,
        AtMs = atMs,
        Id = Encoding.UTF8.GetBytes(id),
        Source = "S07"u8.ToArray(),
        District = "north"u8.ToArray(),
        AccuracyHundredthPct = 500,
    };
}

/// <summary>A zone that a reading is in, for <see cref="Readings.OnRoad"/>; hours are minutes of the local day, from and to in turn.</summary>
internal sealed record RoadZone(string Id, ZoneRule Rule = ZoneRule.Restricted, int SpeedKmh = 0, uint For = 1, params int[] Hours);
