using System.Text.Json;
using Streaming.Models.Readings;
using Streaming.Models.Tanks;
using Streaming.Models.Video;

namespace Streaming.Grains.Subjects;

/// <summary>How readings look in the API. What a reading does not have is left out.</summary>
internal static class ReadingJson
{
    /// <summary>Id, source and time of a kept reading.</summary>
    public static void Head(Utf8JsonWriter json, scoped in KeptReading kept)
    {
        json.WriteString("id", kept.Id);
        json.WriteString("source", kept.Source);
        Time(json, "at", kept.AtMs);
    }

    public static void Time(Utf8JsonWriter json, string name, long ms) => json.WriteString(name, DateTimeOffset.FromUnixTimeMilliseconds(ms));

    public static void Text(Utf8JsonWriter json, string name, ReadOnlySpan<byte> text)
    {
        if (text.Length > 0)
        {
            json.WriteString(name, text);
        }
    }

    public static void Position(Utf8JsonWriter json, GeoPosition position)
    {
        if (position.IsKnown)
        {
            json.WriteStartObject("position");
            json.WriteNumber("lat", position.LatitudeE6 / 1e6);
            json.WriteNumber("lon", position.LongitudeE6 / 1e6);
            json.WriteEndObject();
        }
    }

    public static void Speed(Utf8JsonWriter json, int speedTenthKmh)
    {
        if (speedTenthKmh >= 0)
        {
            json.WriteNumber("speedKmh", speedTenthKmh / 10.0);
        }
    }

    public static void Image(Utf8JsonWriter json, scoped in ImageReference image)
    {
        if (image.Url.Length > 0 || image.Sha256.Length > 0)
        {
            json.WriteStartObject("image");
            Text(json, "url", image.Url);
            Text(json, "sha256", image.Sha256);
            json.WriteEndObject();
        }
    }

    public static void Class(Utf8JsonWriter json, VehicleClass vehicleClass)
    {
        if (vehicleClass.Name() is { } name)
        {
            json.WriteString("vehicleClass", name);
        }
    }

    /// <summary>The fields of a tank that were measured, into the object begun.</summary>
    public static void Tank(Utf8JsonWriter json, scoped in TankFigures figures)
    {
        Figure(json, "pressureKpa", figures.PressureKpa);
        Figure(json, "temperatureC", figures.TemperatureC);
        Figure(json, "levelPct", figures.LevelPct);
        Figure(json, "massKg", figures.MassKg);
        Figure(json, "gasPpm", figures.GasPpm);
        Figure(json, "gasPctLel", figures.GasPctLel);
        if (figures.Valve != ValveState.Unknown)
        {
            json.WriteString("valve", figures.Valve == ValveState.Open ? "open" : "closed");
        }
    }

    /// <summary>The figures that are outside their limits, and in which band.</summary>
    public static void Bands(Utf8JsonWriter json, TankStream tank)
    {
        json.WriteStartObject("alarms");
        for (int i = 0; i < TankFigureNames.Count; i++)
        {
            TankFigure figure = (TankFigure)i;
            if (tank.Band(figure) != TankBand.Normal)
            {
                json.WriteString(figure.Field(), tank.Band(figure).English());
            }
        }

        json.WriteEndObject();
    }

    /// <summary>A camera's event, into the object begun.</summary>
    public static void Video(Utf8JsonWriter json, scoped in KeptReading kept)
    {
        Models.Encoding.ByteReader reader = new(kept.Body);
        VideoReading video = VideoReading.Read(ref reader);
        Head(json, kept);
        json.WriteString("event", video.Event.Kind());
        json.WriteNumber("confidence", video.ConfidencePermille / 1000.0);
        Class(json, video.VehicleClass);
        Text(json, "hazardPlate", video.HazardPlate);
        Text(json, "plate", video.Plate);
        Position(json, video.Position);
        Image(json, video.Image);
    }

    private static void Figure(Utf8JsonWriter json, string name, double value)
    {
        if (double.IsFinite(value))
        {
            json.WriteNumber(name, value);
        }
    }
}
