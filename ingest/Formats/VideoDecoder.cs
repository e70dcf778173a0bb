using Streaming.Grains.Inputs;
using Streaming.Grains.Turns;
using Streaming.Models.Encoding;
using Streaming.Models.Readings;

namespace Streaming.Ingest.Formats;

/// <summary>Video-analytics events: <c>v1/video/{camera}</c>.</summary>
internal static class VideoDecoder
{
    private const ulong Known = ElementReader.IdentityFields | (1UL << (int)Field.Event) | (1UL << (int)Field.Plate) | (1UL << (int)Field.PlateColor) | (1UL << (int)Field.PlateConfidence)
        | (1UL << (int)Field.VehicleClass) | (1UL << (int)Field.HazardPlate) | (1UL << (int)Field.Confidence) | (1UL << (int)Field.Position) | (1UL << (int)Field.Image);

    /// <param name="element">The element.</param>
    /// <param name="place">Key of the place that the camera watches where it is registered with none of its own.</param>
    /// <param name="output">Gets the reading.</param>
    public static bool TryDecode(scoped ref ElementReader element, scoped ReadOnlySpan<byte> place, ByteWriter output)
    {
        VideoReading reading = new() { ConfidencePermille = 1000, PlatePermille = 1000, Position = GeoPosition.Unknown };
        ReadOnlySpan<byte> plate = default;
        ReadOnlySpan<byte> color = default;
        int platePermille = -1;
        ulong seen = 0;
        while (element.NextField(ref seen, Known, out Field field))
        {
            bool read;
            switch (field)
            {
                case Field.Event:
                    read = ReadEvent(ref element, out reading.Event);
                    break;
                case Field.Plate:
                    read = element.ReadPlate(field, out plate);
                    break;
                case Field.PlateColor:
                    read = element.ReadPlateColor(field, out color);
                    break;
                case Field.PlateConfidence:
                    read = element.ReadPermille(field, out platePermille);
                    break;
                case Field.VehicleClass:
                    read = element.ReadVehicleClass(field, out reading.VehicleClass);
                    break;
                case Field.HazardPlate:
                    read = element.ReadText(field, IngestLimits.HazardPlateBytes, out reading.HazardPlate);
                    break;
                case Field.Confidence:
                    read = element.ReadPermille(field, out reading.ConfidencePermille);
                    break;
                case Field.Position:
                    read = element.ReadPosition(field, out reading.Position);
                    break;
                case Field.Image:
                    read = element.ReadImage(field, out reading.Image);
                    break;
                default:
                    read = element.ReadIdentity(field);
                    break;
            }

            if (!read)
            {
                return false;
            }
        }

        if (element.Failed || !element.HasIdentity(seen) || !element.JoinPlate(plate, color, out ReadOnlySpan<byte> key))
        {
            return false;
        }

        if (reading.Event == 0)
        {
            return element.Missing(Field.Event, "a video event needs to say what was seen");
        }

        reading.Plate = key;
        // A camera that states no confidence of the plate alone has read it no better than it saw the whole event.
        int trusted = platePermille < 0 ? reading.ConfidencePermille : platePermille;
        if (reading.Event == VideoEvent.Vehicle)
        {
            reading.PlatePermille = trusted;
        }

        if (reading.Event == VideoEvent.Vehicle && !key.IsEmpty && trusted >= element.Source.Rules.LeastPlatePermille)
        {
            reading.LikelyPlate = element.Source.Rules.LikelyPlate(key, trusted, reading.Position.IsKnown ? reading.Position : element.Source.Position, element.AtMs);
        }

        int start = reading.Event == VideoEvent.Vehicle
            ? BeginVehicle(ref element, key, trusted, output)
            : BeginScene(ref element, place, output);
        reading.Write(output);
        ReadingElement.End(output, start);
        return true;
    }

    private static int BeginVehicle(scoped ref ElementReader element, scoped ReadOnlySpan<byte> key, int platePermille, ByteWriter output)
    {
        bool isVehicle = !key.IsEmpty && platePermille >= element.Source.Rules.LeastPlatePermille;
        return isVehicle
            ? element.Begin(output, ReadingKind.Video, ActorKind.Vehicle, key)
            : element.Begin(output, ReadingKind.Video, ActorKind.Source, element.Source.Source.Span);
    }

    private static int BeginScene(scoped ref ElementReader element, scoped ReadOnlySpan<byte> place, ByteWriter output)
    {
        SourceContext source = element.Source;
        return source.Enterprise.IsEmpty
            ? element.Begin(output, ReadingKind.Video, ActorKind.Place, source.Place.IsEmpty ? place : source.Place.Span)
            : element.Begin(output, ReadingKind.Video, ActorKind.Enterprise, source.Enterprise.Span);
    }

    private static bool ReadEvent(scoped ref ElementReader element, out VideoEvent seen)
    {
        int start = element.Position;
        seen = 0;
        if (!element.ReadText(Field.Event, IngestLimits.WordBytes, out ReadOnlySpan<byte> word))
        {
            return false;
        }

        seen = word.SequenceEqual("vehicle"u8) ? VideoEvent.Vehicle
            : word.SequenceEqual("smoke"u8) ? VideoEvent.Smoke
            : word.SequenceEqual("fire"u8) ? VideoEvent.Fire
            : word.SequenceEqual("leak"u8) ? VideoEvent.Leak
            : word.SequenceEqual("intrusion"u8) ? VideoEvent.Intrusion
            : word.SequenceEqual("illegal-parking"u8) ? VideoEvent.IllegalParking
            : word.SequenceEqual("street-stall"u8) ? VideoEvent.StreetStall
            : word.SequenceEqual("construction"u8) ? VideoEvent.Construction
            : word.SequenceEqual("crowding"u8) ? VideoEvent.Crowding
            : 0;
        return seen != 0 || element.OutOfRange(Field.Event, start, "vehicle, smoke, fire, leak, intrusion, illegal-parking, street-stall, construction or crowding expected");
    }
}
