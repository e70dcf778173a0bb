using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Streaming.Grains.Messages;
using Streaming.Models.Encoding;
using Streaming.Models.Readings;

namespace Streaming.Grains.Turns;

/// <summary>
/// One input of a turn. Either a reading (<see cref="MessageKind.Reading"/>: <see cref="Header"/>, <see cref="Origin"/>
/// and a body in the reading's own binary form) or a message of <see cref="Messages"/>, whose body is UTF-8 JSON.
/// Spans point into the journal block and are valid for the turn only.
/// </summary>
public readonly ref struct Message
{
    public required MessageKind Kind { get; init; }

    public required ReadOnlySpan<byte> Body { get; init; }

    /// <summary>For readings: which kind <see cref="Body"/> is.</summary>
    public ReadingKind ReadingKind { get; init; }

    /// <summary>For readings: time and identity.</summary>
    public ReadingHeader Header { get; init; }

    /// <summary>For readings and <see cref="MessageKind.Published"/>: who published it.</summary>
    public Origin Origin { get; init; }

    /// <summary>
    /// For readings: null as long as nobody has looked. A turn that cannot tell whether the reading is new asks with
    /// <see cref="Effects.LookUp"/> and gets the reading again with the answer: true where history holds an earlier one of the same identity.
    /// </summary>
    public bool? SeenBefore { get; init; }

    /// <summary>Reads a JSON body. The journal's checksum vouches for it, so a body that does not parse is a bug and throws.</summary>
    public T Read<T>() =>
        JsonSerializer.Deserialize(Body, (JsonTypeInfo<T>)GrainsJson.Default.GetTypeInfo(typeof(T))!)
        ?? throw new InvalidDataException($"Message {Kind} has an empty body.");
}

/// <summary>Who published, as its registration stood when the reading came in. It is part of the journal record, so a replay sees the same.</summary>
public readonly ref struct Origin
{
    /// <summary>Set in the accuracy as it is recorded where a position follows. No accuracy comes near it, so a record of before there were positions reads as one without.</summary>
    private const uint Positioned = 1 << 24;

    /// <summary>Likewise, where the end of the calibration follows the position.</summary>
    private const uint Calibrated = 1 << 25;

    /// <summary>The source's id, UTF-8.</summary>
    public required ReadOnlySpan<byte> Source { get; init; }

    /// <summary>The district the source stands in, UTF-8.</summary>
    public required ReadOnlySpan<byte> District { get; init; }

    /// <summary>Accuracy of a weigh station: ± percent of the gross mass that 95 % of its records keep to, in hundredths of a percent; 0 where unknown.</summary>
    public required int AccuracyHundredthPct { get; init; }

    private readonly GeoPosition? position;

    /// <summary>Where the source stands; unknown where it was registered without a position.</summary>
    public GeoPosition Position
    {
        get => position ?? GeoPosition.Unknown;
        init => position = value.IsKnown ? value : null;
    }

    /// <summary>When the calibration of a weigh station runs out, or ran out, by what was registered as the reading came in, ms since 1970; 0 where that was not known.</summary>
    public long CalibrationDueMs { get; init; }

    public void Write(ByteWriter writer)
    {
        writer.WriteBytes(Source);
        writer.WriteBytes(District);
        writer.WriteVar((uint)AccuracyHundredthPct | (Position.IsKnown ? Positioned : 0) | (CalibrationDueMs != 0 ? Calibrated : 0));
        if (Position.IsKnown)
        {
            Position.Write(writer);
        }

        if (CalibrationDueMs != 0)
        {
            writer.WriteSigned(CalibrationDueMs);
        }
    }

    public static Origin Read(scoped ref ByteReader reader)
    {
        ReadOnlySpan<byte> source = reader.ReadBytes();
        ReadOnlySpan<byte> district = reader.ReadBytes();
        uint accuracy = (uint)reader.ReadVar();
        return new Origin
        {
            Source = source,
            District = district,
            AccuracyHundredthPct = (int)(accuracy & ~(Positioned | Calibrated)),
            Position = (accuracy & Positioned) != 0 ? GeoPosition.Read(ref reader) : GeoPosition.Unknown,
            CalibrationDueMs = (accuracy & Calibrated) != 0 ? reader.ReadSigned() : 0,
        };
    }
}
