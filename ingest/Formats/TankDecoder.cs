using Streaming.Grains.Inputs;
using Streaming.Grains.Turns;
using Streaming.Models.Encoding;
using Streaming.Models.Readings;

namespace Streaming.Ingest.Formats;

/// <summary>Telemetry of tanks: of trucks (<c>v1/hazmat/vehicle/{plate}</c>) and of plants (<c>v1/hazmat/plant/{enterprise}/{unit}</c>).</summary>
internal static class TankDecoder
{
    private const ulong Measured = (1UL << (int)Field.PressureKpa) | (1UL << (int)Field.TemperatureC) | (1UL << (int)Field.LevelPct) | (1UL << (int)Field.MassKg) | (1UL << (int)Field.GasPpm)
        | (1UL << (int)Field.GasPctLel) | (1UL << (int)Field.Valve);

    private const ulong TruckFields = ElementReader.IdentityFields | (1UL << (int)Field.Position) | (1UL << (int)Field.SpeedKmh) | (1UL << (int)Field.Tank) | (1UL << (int)Field.Substance)
        | (1UL << (int)Field.Driver) | (1UL << (int)Field.Waybill) | (1UL << (int)Field.AlarmBits);

    private const ulong TruckFigures = (1UL << (int)Field.Position) | (1UL << (int)Field.SpeedKmh) | (1UL << (int)Field.Tank) | (1UL << (int)Field.AlarmBits);

    private const ulong PlantFields = ElementReader.IdentityFields | Measured | (1UL << (int)Field.Substance);

    /// <summary>Reads a truck's telemetry; <paramref name="key"/> is the vehicle's, from the topic.</summary>
    public static bool TryDecodeTruck(scoped ref ElementReader element, scoped ReadOnlySpan<byte> key, ByteWriter output)
    {
        TruckReading reading = new() { Position = GeoPosition.Unknown, SpeedTenthKmh = -1, Tank = TankFigures.None };
        ulong seen = 0;
        while (element.NextField(ref seen, TruckFields, out Field field))
        {
            bool read = field switch
            {
                Field.Position => element.ReadPosition(field, out reading.Position),
                Field.SpeedKmh => element.ReadSpeed(field, out reading.SpeedTenthKmh),
                Field.Tank => ReadTank(ref element, ref reading.Tank),
                Field.Substance => element.ReadSubstance(field, out reading.Substance),
                Field.Driver => element.ReadText(field, IngestLimits.NameBytes, out reading.Driver),
                Field.Waybill => element.ReadText(field, IngestLimits.NameBytes, out reading.Waybill),
                Field.AlarmBits => ReadAlarms(ref element, field, ref reading),
                _ => element.ReadIdentity(field),
            };
            if (!read)
            {
                return false;
            }
        }

        if (element.Failed || !element.HasIdentity(seen))
        {
            return false;
        }

        if ((seen & TruckFigures) == 0)
        {
            return element.Missing(Field.Tank, "telemetry of a truck needs one of tank, position, speedKmh and alarmBits");
        }

        reading.Site = element.Source.Rules.SiteAt(reading.Position, element.AtMs);
        reading.Around = element.Source.Rules.AroundAt(reading.Position, element.AtMs);
        int start = element.Begin(output, ReadingKind.Truck, ActorKind.Vehicle, key);
        reading.Write(output);
        ReadingElement.End(output, start);
        return true;
    }

    /// <summary>Reads a plant's telemetry; enterprise and unit are the topic's.</summary>
    public static bool TryDecodePlant(scoped ref ElementReader element, scoped in TopicRoute route, ByteWriter output)
    {
        PlantReading reading = new() { Tank = TankFigures.None };
        ulong seen = 0;
        while (element.NextField(ref seen, PlantFields, out Field field))
        {
            bool read = field switch
            {
                Field.Substance => element.ReadSubstance(field, out reading.Substance),
                Field.Id or Field.At => element.ReadIdentity(field),
                _ => ReadFigure(ref element, field, ref reading.Tank),
            };
            if (!read)
            {
                return false;
            }
        }

        if (element.Failed || !element.HasIdentity(seen) || !HasFigure(ref element, seen))
        {
            return false;
        }

        reading.Unit = route.Part;
        int start = element.Begin(output, ReadingKind.Plant, ActorKind.Enterprise, route.Subject);
        reading.Write(output);
        ReadingElement.End(output, start);
        return true;
    }

    /// <summary>The alarm word of JT/T 808, table of alarm flags: a whole number of 32 bits.</summary>
    private static bool ReadAlarms(scoped ref ElementReader element, Field field, scoped ref TruckReading reading)
    {
        reading.SaysAlarms = element.ReadScaled(field, 0, 0, uint.MaxValue, "", out long bits);
        reading.AlarmBits = (uint)bits;
        return reading.SaysAlarms;
    }

    private static bool ReadTank(scoped ref ElementReader element, scoped ref TankFigures tank)
    {
        if (!element.Enter(Field.Tank))
        {
            return false;
        }

        ulong seen = 0;
        while (element.NextField(ref seen, Measured, out Field field))
        {
            if (!ReadFigure(ref element, field, ref tank))
            {
                return false;
            }
        }

        if (element.Failed || !HasFigure(ref element, seen))
        {
            return false;
        }

        element.Leave();
        return true;
    }

    /// <summary>
    /// A tank of which nothing is said is refused: fields that are not known are skipped, so a sensor that is set up with wrong names would pass for one that works, and nobody would
    /// watch the tank.
    /// </summary>
    private static bool HasFigure(scoped ref ElementReader element, ulong seen) =>
        (seen & Measured) != 0 || element.Missing(Field.PressureKpa, "one of pressureKpa, temperatureC, levelPct, massKg, gasPpm, gasPctLel and valve is needed");

    private static bool ReadFigure(scoped ref ElementReader element, Field field, scoped ref TankFigures tank) => field switch
    {
        Field.PressureKpa => element.ReadDouble(field, IngestLimits.PressureLowKpa, IngestLimits.PressureHighKpa, " kPa", out tank.PressureKpa),
        Field.TemperatureC => element.ReadDouble(field, IngestLimits.TemperatureLowC, IngestLimits.TemperatureHighC, " degrees Celsius", out tank.TemperatureC),
        Field.LevelPct => element.ReadDouble(field, 0, 100, " %", out tank.LevelPct),
        Field.MassKg => element.ReadDouble(field, 0, IngestLimits.ContentKg, " kg", out tank.MassKg),
        Field.GasPpm => element.ReadDouble(field, 0, IngestLimits.GasPpm, " ppm", out tank.GasPpm),
        Field.GasPctLel => element.ReadDouble(field, 0, IngestLimits.GasPctLel, " % LEL", out tank.GasPctLel),
        _ => ReadValve(ref element, field, out tank.Valve),
    };

    private static bool ReadValve(scoped ref ElementReader element, Field field, out ValveState valve)
    {
        int start = element.Position;
        valve = ValveState.Unknown;
        if (!element.ReadText(field, IngestLimits.WordBytes, out ReadOnlySpan<byte> word))
        {
            return false;
        }

        valve = word.SequenceEqual("closed"u8) ? ValveState.Closed : word.SequenceEqual("open"u8) ? ValveState.Open : ValveState.Unknown;
        return valve != ValveState.Unknown || word.SequenceEqual("unknown"u8) || element.OutOfRange(field, start, "open, closed or unknown expected");
    }
}
