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

    public static ScriptStep Sight(string id, long atMs, VideoEvent seen, int permille, string hazardPlate = "", int platePermille = 1000)
    {
        ByteWriter writer = new();
        new VideoReading
        {
            Event = seen,
            ConfidencePermille = permille,
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
