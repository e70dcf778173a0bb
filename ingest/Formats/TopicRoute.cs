using System.Text.Unicode;
using Streaming.Grains.Inputs;

namespace Streaming.Ingest.Formats;

/// <summary>Which payload a topic carries.</summary>
internal enum TopicKind : byte
{
    Weigh = 1,
    Video = 2,
    HazmatVehicle = 3,
    HazmatPlant = 4,
    Ledger = 5,
    Status = 6,
    Records = 7,
}

/// <summary>A topic of the table in <c>README.md</c>, taken apart. Spans point into the topic.</summary>
internal readonly ref struct TopicRoute
{
    private const byte Separator = (byte)'/';

    public TopicKind Kind { get; private init; }

    /// <summary>Station, camera, plate, enterprise or source.</summary>
    public ReadOnlySpan<byte> Subject { get; private init; }

    /// <summary>Lane of a station, unit of an enterprise; empty for other kinds.</summary>
    public ReadOnlySpan<byte> Part { get; private init; }

    /// <summary>Takes a topic apart; where it is none of ours, <paramref name="problem"/> says what is wrong and what was expected. Allocates nothing.</summary>
    public static bool TryParse(ReadOnlySpan<byte> topic, out TopicRoute route, out string problem)
    {
        route = default;
        problem = "";
        ReadOnlySpan<byte> rest = topic;
        if (!Utf8.IsValid(topic))
        {
            problem = "the topic is not UTF-8";
            return false;
        }

        if (!NextLevel(ref rest).SequenceEqual("v1"u8))
        {
            problem = "the topic does not start with v1/; topics are v1/wim, v1/video, v1/hazmat/vehicle, v1/hazmat/plant, v1/ledger, v1/records and v1/status";
            return false;
        }

        ReadOnlySpan<byte> family = NextLevel(ref rest);
        if (family.SequenceEqual("wim"u8))
        {
            return TryTwo(TopicKind.Weigh, rest, "v1/wim/{station}/{lane} expected", out route, out problem);
        }

        if (family.SequenceEqual("video"u8))
        {
            return TryOne(TopicKind.Video, rest, "v1/video/{camera} expected", out route, out problem);
        }

        if (family.SequenceEqual("hazmat"u8))
        {
            ReadOnlySpan<byte> what = NextLevel(ref rest);
            if (what.SequenceEqual("vehicle"u8))
            {
                return TryOne(TopicKind.HazmatVehicle, rest, "v1/hazmat/vehicle/{plate} expected", out route, out problem);
            }

            if (what.SequenceEqual("plant"u8))
            {
                return TryTwo(TopicKind.HazmatPlant, rest, "v1/hazmat/plant/{enterprise}/{unit} expected", out route, out problem);
            }

            problem = "v1/hazmat/vehicle/{plate} or v1/hazmat/plant/{enterprise}/{unit} expected";
            return false;
        }

        if (family.SequenceEqual("ledger"u8))
        {
            return TryOne(TopicKind.Ledger, rest, "v1/ledger/{enterprise} expected", out route, out problem);
        }

        if (family.SequenceEqual("status"u8))
        {
            return TryOne(TopicKind.Status, rest, "v1/status/{source} expected", out route, out problem);
        }

        if (family.SequenceEqual("records"u8))
        {
            return TryRecords(rest, out route, out problem);
        }

        problem = "no such topic under v1/; there are wim, video, hazmat/vehicle, hazmat/plant, ledger, records and status";
        return false;
    }

    private static bool TryOne(TopicKind kind, ReadOnlySpan<byte> rest, string expected, out TopicRoute route, out string problem)
    {
        ReadOnlySpan<byte> subject = NextLevel(ref rest);
        bool fits = IsLevel(subject) && rest.IsEmpty;
        route = fits ? new TopicRoute { Kind = kind, Subject = subject } : default;
        problem = fits ? "" : expected;
        return fits;
    }

    /// <summary>A part of a table has a level more, which names the part.</summary>
    private static bool TryRecords(ReadOnlySpan<byte> rest, out TopicRoute route, out string problem)
    {
        int part = rest.IsEmpty ? -1 : rest[1..].IndexOf(Separator) + 1;
        bool isChunk = part > 0 && LoadChunk.OfLevel(rest[(part + 1)..]) is not null;
        return TryOne(TopicKind.Records, isChunk ? rest[..part] : rest, "v1/records/{resource} expected", out route, out problem);
    }

    private static bool TryTwo(TopicKind kind, ReadOnlySpan<byte> rest, string expected, out TopicRoute route, out string problem)
    {
        ReadOnlySpan<byte> subject = NextLevel(ref rest);
        ReadOnlySpan<byte> withSeparator = rest;
        ReadOnlySpan<byte> part = NextLevel(ref rest);
        bool fits = !withSeparator.IsEmpty && IsLevel(subject) && IsLevel(part) && rest.IsEmpty;
        route = fits ? new TopicRoute { Kind = kind, Subject = subject, Part = part } : default;
        problem = fits ? "" : expected;
        return fits;
    }

    private static bool IsLevel(ReadOnlySpan<byte> level) => level.Length is > 0 and <= IngestLimits.TopicLevelBytes && KeyText.IsKey(level);

    /// <summary>
    /// The text up to the next separator. The separator stays at the head of <paramref name="rest"/> and is dropped by the next call, so that
    /// <c>a/</c> (an empty last level) and <c>a</c> (no further level) remain two things.
    /// </summary>
    private static ReadOnlySpan<byte> NextLevel(scoped ref ReadOnlySpan<byte> rest)
    {
        if (!rest.IsEmpty && rest[0] == Separator)
        {
            rest = rest[1..];
        }

        int end = rest.IndexOf(Separator);
        ReadOnlySpan<byte> level = end < 0 ? rest : rest[..end];
        rest = rest[level.Length..];
        return level;
    }
}
