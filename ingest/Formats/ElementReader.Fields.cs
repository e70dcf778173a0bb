using System.Globalization;
using Streaming.Grains.Inputs;
using Streaming.Grains.Turns;
using Streaming.Models.Encoding;
using Streaming.Models.Readings;
using Streaming.Models.Wording;

namespace Streaming.Ingest.Formats;

/// <summary>Fields that several kinds of reading share.</summary>
internal ref partial struct ElementReader
{
    /// <summary>Bits of the fields that every reading has.</summary>
    public const ulong IdentityFields = (1UL << (int)Field.Id) | (1UL << (int)Field.At);

    private const ulong ImageFields = (1UL << (int)Field.Url) | (1UL << (int)Field.Sha256);
    private const ulong PositionFields = (1UL << (int)Field.Lat) | (1UL << (int)Field.Lon);
    private const int Sha256Digits = 64;

    /// <summary>Reads <c>id</c> or <c>at</c>.</summary>
    public bool ReadIdentity(Field field) => field == Field.Id ? ReadId() : ReadAt();

    /// <summary>True once the object had both <c>id</c> and <c>at</c>.</summary>
    public bool HasIdentity(ulong seen)
    {
        if ((seen & (1UL << (int)Field.Id)) == 0)
        {
            return Missing(Field.Id, "every reading needs the source's own id, by which a repeated one is known");
        }

        return (seen & (1UL << (int)Field.At)) != 0 || Missing(Field.At, "every reading needs its time, as 2026-11-21T08:15:30.123Z");
    }

    /// <summary>Begins the reading's binary form; the caller appends the body and ends it.</summary>
    public readonly int Begin(ByteWriter output, ReadingKind kind, ActorKind subjectKind, scoped ReadOnlySpan<byte> key)
    {
        ReadingHeader header = new(AtMs, StableHash.Combine(source.SourceHash, StableHash.Of(Id)), Id);
        return ReadingElement.Begin(output, kind, subjectKind, key, in header);
    }

    /// <summary>Reads a plate into the form of a vehicle's key; empty where the text is.</summary>
    public bool ReadPlate(Field field, out ReadOnlySpan<byte> key)
    {
        key = default;
        int start = json.Position;
        if (!ReadText(field, IngestLimits.PlateBytes, out ReadOnlySpan<byte> text))
        {
            return false;
        }

        Span<byte> room = Reserve(IngestLimits.PlateBytes);
        int length = PlateKey.Write(text, room);
        if (length < 0)
        {
            return OutOfRange(field, start, "a plate without '/', '+', '#' and control characters expected");
        }

        key = room[..length];
        return true;
    }

    /// <summary>Reads a plate's colour; empty where it is not known.</summary>
    public bool ReadPlateColor(Field field, out ReadOnlySpan<byte> color)
    {
        color = default;
        int start = json.Position;
        return ReadText(field, IngestLimits.WordBytes, out ReadOnlySpan<byte> text)
            && (PlateKey.ColorOf(text, out color) || OutOfRange(field, start, $"{PlateKey.Colors} expected"));
    }

    /// <summary>Joins plate and colour into the vehicle's key.</summary>
    public bool JoinPlate(ReadOnlySpan<byte> plate, ReadOnlySpan<byte> color, out ReadOnlySpan<byte> key)
    {
        key = plate;
        if (plate.IsEmpty || color.IsEmpty)
        {
            return true;
        }

        ReadOnlySpan<byte> suffix = PlateKey.SuffixOf(plate);
        if (!suffix.IsEmpty)
        {
            return suffix.SequenceEqual(color)
                || Fail(RejectReason.Inconsistent, $"plate ends in {Cited.Text(suffix)} but plateColor is {Cited.Text(color)}; the same colour, or a plate without colour, expected");
        }

        Span<byte> joined = Reserve(plate.Length + 1 + color.Length);
        plate.CopyTo(joined);
        joined[plate.Length] = (byte)'-';
        color.CopyTo(joined[(plate.Length + 1)..]);
        key = joined;
        return true;
    }

    public bool ReadVehicleClass(Field field, out VehicleClass vehicleClass)
    {
        int start = json.Position;
        vehicleClass = VehicleClass.Unknown;
        if (!ReadText(field, IngestLimits.WordBytes, out ReadOnlySpan<byte> word))
        {
            return false;
        }

        vehicleClass = VehicleClassNames.Parse(word);
        return vehicleClass != VehicleClass.Unknown || word.IsEmpty || word.SequenceEqual("unknown"u8)
            || OutOfRange(field, start, "rigid, combination, tanker, car, bus, other or unknown expected");
    }

    /// <summary>Reads a confidence of 0 to 1 as per mille.</summary>
    public bool ReadPermille(Field field, out int permille)
    {
        bool read = ReadScaled(field, 3, 0, 1000, "", out long value);
        permille = (int)value;
        return read;
    }

    /// <summary>Reads <c>speedKmh</c> as tenths.</summary>
    public bool ReadSpeed(Field field, out int tenthKmh)
    {
        bool read = ReadScaled(field, 1, 0, IngestLimits.SpeedTenthKmh, " km/h", out long value);
        tenthKmh = (int)value;
        return read;
    }

    /// <summary>Reads the name of a substance. A UN number gets its capitals, so that one substance has one name.</summary>
    public bool ReadSubstance(Field field, out ReadOnlySpan<byte> substance)
    {
        if (!ReadText(field, IngestLimits.NameBytes, out substance))
        {
            return false;
        }

        substance = substance.Trim((byte)' ');
        bool isUnNumber = substance.Length == 6 && (substance[0] | 0x20) == 'u' && (substance[1] | 0x20) == 'n' && substance[2..].IndexOfAnyExceptInRange((byte)'0', (byte)'9') < 0;
        if (isUnNumber && !substance.StartsWith("UN"u8))
        {
            Span<byte> capital = Reserve(substance.Length);
            substance.CopyTo(capital);
            "UN"u8.CopyTo(capital);
            substance = capital;
        }

        return true;
    }

    /// <summary>
    /// Reads the reference to a picture. A hash that is not 64 hexadecimal digits proves nothing and counts as absent: the reading it belongs to is good all the same.
    /// </summary>
    public bool ReadImage(Field field, out ImageReference image)
    {
        image = default;
        ReadOnlySpan<byte> url = default;
        ReadOnlySpan<byte> sha256 = default;
        if (!Enter(field))
        {
            return false;
        }

        ulong seen = 0;
        while (NextField(ref seen, ImageFields, out Field part))
        {
            bool read = part == Field.Url ? ReadText(part, IngestLimits.UrlBytes, out url) : ReadText(part, IngestLimits.UrlBytes, out sha256);
            if (!read)
            {
                return false;
            }
        }

        Leave();
        image = new ImageReference(url, sha256.Length == Sha256Digits && IsHex(sha256) ? sha256 : default);
        return !Failed;
    }

    /// <summary>Reads a position, WGS 84.</summary>
    public bool ReadPosition(Field field, out GeoPosition position)
    {
        position = GeoPosition.Unknown;
        if (!Enter(field))
        {
            return false;
        }

        long lat = 0;
        long lon = 0;
        ulong seen = 0;
        while (NextField(ref seen, PositionFields, out Field part))
        {
            bool read = part == Field.Lat ? ReadScaled(part, 6, -90_000_000, 90_000_000, " degrees", out lat) : ReadScaled(part, 6, -180_000_000, 180_000_000, " degrees", out lon);
            if (!read)
            {
                return false;
            }
        }

        if (Failed)
        {
            return false;
        }

        ulong given = seen & PositionFields;
        if (given is not (0 or PositionFields))
        {
            return Missing((given & (1UL << (int)Field.Lat)) == 0 ? Field.Lat : Field.Lon, "a position needs lat and lon");
        }

        Leave();
        position = given == 0 ? GeoPosition.Unknown : new GeoPosition((int)lat, (int)lon);
        return true;
    }

    private bool ReadId()
    {
        int start = json.Position;
        if (!ReadText(Field.Id, IngestLimits.IdBytes, out ReadOnlySpan<byte> id))
        {
            return false;
        }

        Id = id;
        return (!id.IsEmpty && KeyText.IsPrintable(id)) || OutOfRange(Field.Id, start, $"1 to {IngestLimits.IdBytes} bytes without control characters expected");
    }

    private bool ReadAt()
    {
        int start = json.Position;
        if (!ReadText(Field.At, IngestLimits.TimeBytes, out ReadOnlySpan<byte> text))
        {
            return false;
        }

        if (!Rfc3339.TryParse(text, out long ms))
        {
            return Fail(RejectReason.BadTime, $"at is {Cite(start)}; a time with Z or an offset expected, as 2026-11-21T08:15:30.123Z");
        }

        AtMs = ms;
        if (ms > nowMs + IngestLimits.FutureMs)
        {
            return Fail(RejectReason.BadTime, $"at is {Cite(start)}; at most 10 minutes after its arrival at {FigureText.Time(nowMs)} expected: the device's clock is fast");
        }

        if (ms < nowMs - IngestLimits.PastMs)
        {
            return Fail(RejectReason.BadTime, $"at is {Cite(start)}; at most 400 days before its arrival at {FigureText.Time(nowMs)} expected");
        }

        long sinceMs = source.Rules.IdentitiesSinceMs;
        return ms > sinceMs || Fail(RejectReason.BadTime, $"at is {Cite(start)}; a time after {FigureText.Time(sinceMs)} expected: of older readings it is not kept any more which were counted, so this one might count twice");
    }

    private static bool IsHex(ReadOnlySpan<byte> text)
    {
        foreach (byte digit in text)
        {
            if (!char.IsAsciiHexDigit((char)digit))
            {
                return false;
            }
        }

        return true;
    }
}
