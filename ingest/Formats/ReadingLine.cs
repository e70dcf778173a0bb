using System.Globalization;
using System.Text;
using Streaming.Grains.Inputs;
using Streaming.Grains.Registers;
using Streaming.Grains.Turns;
using Streaming.Models.Encoding;
using Streaming.Models.Readings;
using Streaming.Models.Registers;
using Streaming.Models.Wording;

namespace Streaming.Ingest.Formats;

/// <summary>A decoded reading as one line for a person.</summary>
internal static class ReadingLine
{
    public static string Of(scoped in ReadingElement reading)
    {
        StringBuilder line = new();
        string at = FigureText.Time(reading.Header.AtMs);
        Append(line, $"{reading.Kind.ToString().ToLowerInvariant()} of {new ActorId(reading.SubjectKind, Text(reading.Key))} at {at}, id {Text(reading.Header.Id)}");
        ByteReader body = new(reading.Body);
        switch (reading.Kind)
        {
            case ReadingKind.Weigh:
                AppendWeigh(line, WeighReading.Read(ref body));
                break;
            case ReadingKind.Video:
                AppendVideo(line, VideoReading.Read(ref body));
                break;
            case ReadingKind.Truck:
                AppendTruck(line, TruckReading.Read(ref body));
                break;
            case ReadingKind.Plant:
                PlantReading plant = PlantReading.Read(ref body);
                Append(line, $", unit {Text(plant.Unit)}");
                AppendText(line, "substance", plant.Substance);
                AppendTank(line, plant.Tank);
                break;
            case ReadingKind.Ledger:
                AppendLedger(line, LedgerReading.Read(ref body));
                break;
            case ReadingKind.Register:
                Append(line, $", {RegisterJson.Text(RegisterStatement.Read(ref body))}");
                break;
            default:
                line.Append(StatusReading.Read(ref body).Online ? ", online" : ", offline");
                break;
        }

        return line.ToString();
    }

    private static void AppendWeigh(StringBuilder line, WeighReading weigh)
    {
        Append(line, $", lane {Text(weigh.Lane)}, gross {weigh.GrossKg} kg");
        for (int i = 0; i < weigh.AxleCount; i++)
        {
            Append(line, $"{(i == 0 ? ", axles " : " ")}{weigh.Axles[i].MassKg} kg @ {weigh.Axles[i].OffsetMm} mm");
        }

        AppendClass(line, weigh.VehicleClass);
        AppendTenths(line, "speed", weigh.SpeedTenthKmh, "km/h");
        Append(line, $", plate confidence {weigh.PlatePermille / 1000.0}");
        if (weigh.LeftRightPermille >= 0)
        {
            Append(line, $", left/right {weigh.LeftRightPermille / 1000.0}");
        }

        AppendText(line, "image", weigh.Image.Url);
    }

    private static void AppendVideo(StringBuilder line, VideoReading video)
    {
        Append(line, $", {video.Event}, confidence {video.ConfidencePermille / 1000.0}");
        AppendClass(line, video.VehicleClass);
        AppendText(line, "plate", video.Plate);
        AppendText(line, "hazard plate", video.HazardPlate);
        AppendPosition(line, video.Position);
        AppendText(line, "image", video.Image.Url);
    }

    private static void AppendTruck(StringBuilder line, TruckReading truck)
    {
        AppendPosition(line, truck.Position);
        AppendTenths(line, "speed", truck.SpeedTenthKmh, "km/h");
        AppendText(line, "substance", truck.Substance);
        AppendTank(line, truck.Tank);
        AppendText(line, "driver", truck.Driver);
        AppendText(line, "waybill", truck.Waybill);
        if (truck.SaysAlarms)
        {
            Append(line, $", alarm bits {truck.AlarmBits}");
        }
    }

    private static void AppendLedger(StringBuilder line, LedgerReading ledger)
    {
        Append(line, $", {ledger.Action} {Text(ledger.Substance)} {ledger.MassGrams / 1000m} kg");
        AppendText(line, "counterparty", ledger.Counterparty);
        AppendText(line, "plate", ledger.Plate);
        AppendText(line, "waybill", ledger.Waybill);
        if (ledger.IsWaste)
        {
            line.Append(", waste");
        }
    }

    private static void AppendTank(StringBuilder line, in TankFigures tank)
    {
        AppendFigure(line, "pressure", tank.PressureKpa, "kPa");
        AppendFigure(line, "temperature", tank.TemperatureC, "degrees Celsius");
        AppendFigure(line, "level", tank.LevelPct, "%");
        AppendFigure(line, "content", tank.MassKg, "kg");
        AppendFigure(line, "gas", tank.GasPpm, "ppm");
        AppendFigure(line, "gas", tank.GasPctLel, "% LEL");
        if (tank.Valve != ValveState.Unknown)
        {
            Append(line, $", valve {tank.Valve}");
        }
    }

    private static void AppendFigure(StringBuilder line, string name, double figure, string unit)
    {
        if (!double.IsNaN(figure))
        {
            Append(line, $", {name} {figure} {unit}");
        }
    }

    private static void AppendTenths(StringBuilder line, string name, int tenths, string unit)
    {
        if (tenths >= 0)
        {
            Append(line, $", {name} {tenths / 10.0} {unit}");
        }
    }

    private static void AppendClass(StringBuilder line, VehicleClass vehicleClass)
    {
        if (vehicleClass != VehicleClass.Unknown)
        {
            Append(line, $", {vehicleClass}");
        }
    }

    private static void AppendPosition(StringBuilder line, GeoPosition position)
    {
        if (position.IsKnown)
        {
            Append(line, $", at {position.LatitudeE6 / 1e6} {position.LongitudeE6 / 1e6}");
        }
    }

    private static void AppendText(StringBuilder line, string name, ReadOnlySpan<byte> text)
    {
        if (!text.IsEmpty)
        {
            Append(line, $", {name} {Text(text)}");
        }
    }

    private static void Append(StringBuilder line, FormattableString text) => line.Append(text.ToString(CultureInfo.InvariantCulture));

    /// <summary>A text of a device on one line of ours: control characters do not reach the terminal.</summary>
    private static string Text(ReadOnlySpan<byte> text) => Cited.Printable(Encoding.UTF8.GetString(text));
}
