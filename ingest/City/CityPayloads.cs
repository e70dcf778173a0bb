using System.Buffers;
using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Streaming.Ingest.City;

/// <summary>Figures of a tank as its payload carries them; null where it does not measure them.</summary>
internal readonly record struct TankState(double? PressureKpa, double? TemperatureC, double? LevelPct, double? MassKg, double? GasPpm, double? GasPctLel)
{
    /// <summary>To the digits that a sensor sends; what is compared with a limit is what is sent.</summary>
    public TankState Rounded() => new(Round(PressureKpa, 1), Round(TemperatureC, 1), Round(LevelPct, 1), Round(MassKg, 0), Round(GasPpm, 2), Round(GasPctLel, 1));

    private static double? Round(double? value, int digits) => value is { } known ? Math.Round(known, digits) : null;
}

/// <summary>Writes readings in the native form: the fields of the topics' table, nothing else.</summary>
internal sealed class CityPayloads
{
    private static readonly JsonWriterOptions Options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, SkipValidation = true };

    private readonly ArrayBufferWriter<byte> buffer = new(1024);

    public byte[] Weighing(string id, long atMs, string plate, string plateColor, double plateConfidence, double speedKmh, CityTruckType type, ReadOnlySpan<int> axlesKg, int grossKg, double? leftRightRatio = null)
    {
        using Utf8JsonWriter json = Begin(id, atMs);
        json.WriteString("plate"u8, plate);
        json.WriteString("plateColor"u8, plateColor);
        json.WriteNumber("plateConfidence"u8, Math.Round(plateConfidence, 3));
        json.WriteNumber("speedKmh"u8, Math.Round(speedKmh, 1));
        json.WriteStartArray("axles"u8);
        for (int i = 0; i < axlesKg.Length; i++)
        {
            json.WriteStartObject();
            json.WriteNumber("massKg"u8, axlesKg[i]);
            json.WriteNumber("offsetM"u8, type.Axles[i].OffsetM);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteNumber("grossKg"u8, grossKg);
        json.WriteString("vehicleClass"u8, type.VehicleClass);
        Figure(json, "leftRightRatio"u8, leftRightRatio is { } ratio ? Math.Round(ratio, 3) : null);
        return End(json);
    }

    public byte[] VehicleSeen(string id, long atMs, string plate, string plateColor, string vehicleClass, string? hazardPlate, double confidence, double latitude, double longitude)
    {
        using Utf8JsonWriter json = Begin(id, atMs);
        json.WriteString("event"u8, "vehicle"u8);
        json.WriteString("plate"u8, plate);
        json.WriteString("plateColor"u8, plateColor);
        json.WriteString("vehicleClass"u8, vehicleClass);
        if (hazardPlate is not null)
        {
            json.WriteString("hazardPlate"u8, hazardPlate);
        }

        json.WriteNumber("confidence"u8, Math.Round(confidence, 3));
        Position(json, latitude, longitude);
        return End(json);
    }

    public byte[] Event(string id, long atMs, string what, double confidence, double latitude, double longitude)
    {
        using Utf8JsonWriter json = Begin(id, atMs);
        json.WriteString("event"u8, what);
        json.WriteNumber("confidence"u8, Math.Round(confidence, 3));
        Position(json, latitude, longitude);
        return End(json);
    }

    public byte[] TruckTelemetry(string id, long atMs, double latitude, double longitude, double speedKmh, string substance, in TankState tank, string driver, string? waybill, string valve = "closed", uint? alarmBits = null)
    {
        using Utf8JsonWriter json = Begin(id, atMs);
        Position(json, latitude, longitude);
        json.WriteNumber("speedKmh"u8, Math.Round(speedKmh, 1));
        json.WriteString("substance"u8, substance);
        json.WriteStartObject("tank"u8);
        Figures(json, tank);
        json.WriteString("valve"u8, valve);
        json.WriteEndObject();
        json.WriteString("driver"u8, driver);
        Text(json, "waybill"u8, waybill);
        Figure(json, "alarmBits"u8, alarmBits);
        return End(json);
    }

    public byte[] TankTelemetry(string id, long atMs, string substance, in TankState tank)
    {
        using Utf8JsonWriter json = Begin(id, atMs);
        json.WriteString("substance"u8, substance);
        Figures(json, tank);
        return End(json);
    }

    public byte[] LedgerLine(string id, long atMs, string action, string substance, double massKg, string? counterparty, string? plate, string? waybill, bool isWaste = false)
    {
        using Utf8JsonWriter json = Begin(id, atMs);
        json.WriteString("action"u8, action);
        json.WriteString("substance"u8, substance);
        json.WriteNumber("massKg"u8, Math.Round(massKg));
        Text(json, "counterparty"u8, counterparty);
        Text(json, "plate"u8, plate);
        Text(json, "waybill"u8, waybill);
        if (isWaste)
        {
            json.WriteBoolean("waste"u8, true);
        }

        return End(json);
    }

    /// <summary>RFC 3339 to the millisecond.</summary>
    public static string Time(long atMs) => DateTimeOffset.FromUnixTimeMilliseconds(atMs).UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture);

    private Utf8JsonWriter Begin(string id, long atMs)
    {
        buffer.ResetWrittenCount();
        Utf8JsonWriter json = new(buffer, Options);
        json.WriteStartObject();
        json.WriteString("id"u8, id);
        json.WriteString("at"u8, Time(atMs));
        return json;
    }

    private byte[] End(Utf8JsonWriter json)
    {
        json.WriteEndObject();
        json.Flush();
        return buffer.WrittenSpan.ToArray();
    }

    private static void Position(Utf8JsonWriter json, double latitude, double longitude)
    {
        json.WriteStartObject("position"u8);
        json.WriteNumber("lat"u8, Math.Round(latitude, 6));
        json.WriteNumber("lon"u8, Math.Round(longitude, 6));
        json.WriteEndObject();
    }

    private static void Figures(Utf8JsonWriter json, in TankState tank)
    {
        Figure(json, "pressureKpa"u8, tank.PressureKpa);
        Figure(json, "temperatureC"u8, tank.TemperatureC);
        Figure(json, "levelPct"u8, tank.LevelPct);
        Figure(json, "massKg"u8, tank.MassKg);
        Figure(json, "gasPpm"u8, tank.GasPpm);
        Figure(json, "gasPctLel"u8, tank.GasPctLel);
    }

    private static void Text(Utf8JsonWriter json, ReadOnlySpan<byte> name, string? value)
    {
        if (value is not null)
        {
            json.WriteString(name, value);
        }
    }

    private static void Figure(Utf8JsonWriter json, ReadOnlySpan<byte> name, double? value)
    {
        if (value is { } known)
        {
            json.WriteNumber(name, known);
        }
    }
}
