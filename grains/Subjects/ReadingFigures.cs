using System.Globalization;
using System.Text;
using System.Text.Json;
using Streaming.Grains.Inputs;
using Streaming.Grains.Registers;
using Streaming.Models.Encoding;
using Streaming.Models.Readings;
using Streaming.Models.Registers;
using Streaming.Models.Video;

namespace Streaming.Grains.Subjects;

/// <summary>One figure of a reading under the name that the API gives it: a number, or a text.</summary>
public readonly record struct ReadingFigure(string Name, double? Number, string? Text)
{
    public void Write(Utf8JsonWriter json)
    {
        if (Number is { } number)
        {
            json.WriteNumber(Name, number);
        }
        else
        {
            json.WriteString(Name, Text);
        }
    }
}

/// <summary>
/// A recorded reading taken apart into named figures, flat, for whoever lists readings or compares them. What a reading does not have is left out. Names are those of published payloads, with the unit last.
/// </summary>
public static class ReadingFigures
{
    /// <summary>Every name there is, in the order of a table's columns.</summary>
    public static IReadOnlyList<string> Names { get; } =
    [
        "lane", "grossKg", "axleCount", "axles", "vehicleClass", "speedKmh", "plateConfidence", "leftRightRatio",
        "event", "confidence", "hazardPlate", "plate", "latitude", "longitude",
        "unit", "substance", "pressureKpa", "temperatureC", "levelPct", "massKg", "gasPpm", "gasPctLel", "valve", "driver", "waybill",
        "action", "counterparty", "online", "imageUrl", "imageSha256", "register", "statement", "site",
        "alarmBits", "road", "zones", "likelyPlate",
    ];

    /// <summary>The kind of a reading as payloads' topics name it.</summary>
    public static string KindOf(ReadingKind kind) => kind switch
    {
        ReadingKind.Weigh => "weigh",
        ReadingKind.Video => "video",
        ReadingKind.Truck => "telemetry",
        ReadingKind.Plant => "plant",
        ReadingKind.Ledger => "ledger",
        ReadingKind.Status => "status",
        ReadingKind.Register => "register",
        _ => throw new InvalidDataException($"Unknown reading kind {(byte)kind}."),
    };

    public static List<ReadingFigure> Of(scoped in ReadingElement reading)
    {
        List<ReadingFigure> figures = [];
        ByteReader body = new(reading.Body);
        switch (reading.Kind)
        {
            case ReadingKind.Weigh:
                AddWeigh(figures, WeighReading.Read(ref body));
                break;
            case ReadingKind.Video:
                AddVideo(figures, VideoReading.Read(ref body));
                break;
            case ReadingKind.Truck:
                AddTruck(figures, TruckReading.Read(ref body));
                break;
            case ReadingKind.Plant:
                PlantReading plant = PlantReading.Read(ref body);
                Add(figures, "unit", plant.Unit);
                Add(figures, "substance", plant.Substance);
                AddTank(figures, plant.Tank);
                break;
            case ReadingKind.Ledger:
                AddLedger(figures, LedgerReading.Read(ref body));
                break;
            case ReadingKind.Register:
                RegisterStatement said = RegisterStatement.Read(ref body);
                Add(figures, "register", RegisterSchema.Of(said.Register).Name);
                Add(figures, "statement", RegisterJson.Text(said));
                break;
            default:
                Add(figures, "online", StatusReading.Read(ref body).Online ? "true" : "false");
                break;
        }

        return figures;
    }

    private static void AddWeigh(List<ReadingFigure> figures, WeighReading weigh)
    {
        Add(figures, "lane", weigh.Lane);
        Add(figures, "grossKg", weigh.GrossKg);
        Add(figures, "axleCount", weigh.AxleCount);
        if (weigh.AxleCount > 0)
        {
            StringBuilder axles = new();
            for (int i = 0; i < weigh.AxleCount; i++)
            {
                axles.Append(CultureInfo.InvariantCulture, $"{(i == 0 ? "" : " ")}{weigh.Axles[i].MassKg}@{weigh.Axles[i].OffsetMm / 1000.0}");
            }

            Add(figures, "axles", axles.ToString());
        }

        AddClass(figures, weigh.VehicleClass);
        AddTenths(figures, weigh.SpeedTenthKmh);
        Add(figures, "plateConfidence", weigh.PlatePermille / 1000.0);
        if (weigh.LeftRightPermille >= 0)
        {
            Add(figures, "leftRightRatio", weigh.LeftRightPermille / 1000.0);
        }

        Add(figures, "likelyPlate", weigh.LikelyPlate);
        AddImage(figures, weigh.Image);
    }

    private static void AddVideo(List<ReadingFigure> figures, VideoReading video)
    {
        Add(figures, "event", video.Event.Kind());
        Add(figures, "confidence", video.ConfidencePermille / 1000.0);
        AddClass(figures, video.VehicleClass);
        Add(figures, "hazardPlate", video.HazardPlate);
        Add(figures, "plate", video.Plate);
        Add(figures, "likelyPlate", video.LikelyPlate);
        AddPosition(figures, video.Position);
        AddImage(figures, video.Image);
    }

    private static void AddTruck(List<ReadingFigure> figures, TruckReading truck)
    {
        AddPosition(figures, truck.Position);
        AddTenths(figures, truck.SpeedTenthKmh);
        Add(figures, "substance", truck.Substance);
        AddTank(figures, truck.Tank);
        Add(figures, "driver", truck.Driver);
        Add(figures, "waybill", truck.Waybill);
        Add(figures, "site", truck.Site.Id);
        if (truck.SaysAlarms)
        {
            Add(figures, "alarmBits", truck.AlarmBits);
        }

        Add(figures, "road", truck.Around.RoadId);
        List<string> zones = [];
        foreach (ZoneReference zone in truck.Around)
        {
            zones.Add(Encoding.UTF8.GetString(zone.Id));
        }

        if (zones.Count > 0)
        {
            Add(figures, "zones", string.Join(' ', zones));
        }
    }

    private static void AddLedger(List<ReadingFigure> figures, LedgerReading ledger)
    {
        Add(figures, "action", ledger.Action.ToString().ToLowerInvariant());
        Add(figures, "substance", ledger.Substance);
        Add(figures, "massKg", (double)(ledger.MassGrams / 1000m));
        Add(figures, "counterparty", ledger.Counterparty);
        Add(figures, "plate", ledger.Plate);
        Add(figures, "waybill", ledger.Waybill);
    }

    private static void AddTank(List<ReadingFigure> figures, in TankFigures tank)
    {
        Add(figures, "pressureKpa", tank.PressureKpa);
        Add(figures, "temperatureC", tank.TemperatureC);
        Add(figures, "levelPct", tank.LevelPct);
        Add(figures, "massKg", tank.MassKg);
        Add(figures, "gasPpm", tank.GasPpm);
        Add(figures, "gasPctLel", tank.GasPctLel);
        if (tank.Valve != ValveState.Unknown)
        {
            Add(figures, "valve", tank.Valve == ValveState.Open ? "open" : "closed");
        }
    }

    private static void AddClass(List<ReadingFigure> figures, VehicleClass vehicleClass)
    {
        if (vehicleClass.Name() is { } name)
        {
            Add(figures, "vehicleClass", name);
        }
    }

    private static void AddPosition(List<ReadingFigure> figures, GeoPosition position)
    {
        if (position.IsKnown)
        {
            Add(figures, "latitude", position.LatitudeE6 / 1e6);
            Add(figures, "longitude", position.LongitudeE6 / 1e6);
        }
    }

    private static void AddTenths(List<ReadingFigure> figures, int speedTenthKmh)
    {
        if (speedTenthKmh >= 0)
        {
            Add(figures, "speedKmh", speedTenthKmh / 10.0);
        }
    }

    private static void AddImage(List<ReadingFigure> figures, ImageReference image)
    {
        Add(figures, "imageUrl", image.Url);
        Add(figures, "imageSha256", image.Sha256);
    }

    private static void Add(List<ReadingFigure> figures, string name, ReadOnlySpan<byte> text)
    {
        if (text.Length > 0)
        {
            Add(figures, name, Encoding.UTF8.GetString(text));
        }
    }

    private static void Add(List<ReadingFigure> figures, string name, string text) => figures.Add(new ReadingFigure(name, null, text));

    private static void Add(List<ReadingFigure> figures, string name, double number)
    {
        if (double.IsFinite(number))
        {
            figures.Add(new ReadingFigure(name, number, null));
        }
    }
}
