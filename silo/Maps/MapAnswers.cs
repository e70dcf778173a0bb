using System.Buffers;
using System.Globalization;
using System.IO.Compression;
using System.Text.Json;
using Streaming.Grains.Access;
using Streaming.Grains.Messages;
using Streaming.Grains.Turns;
using Streaming.Models.Readings;
using Streaming.Silo.Access;

namespace Streaming.Silo.Maps;

/// <summary>What may be on the map.</summary>
[Flags]
internal enum MapTypes
{
    None = 0,
    Station = 1,
    Camera = 2,
    Enterprise = 4,
    Truck = 8,
    Case = 16,
    All = Station | Camera | Enterprise | Truck | Case,
}

/// <summary>A part of the world, degrees.</summary>
internal readonly record struct MapBox(double West, double South, double East, double North)
{
    public static MapBox Everywhere => new(-180, -90, 180, 90);

    public bool Has(GeoPosition position) =>
        position.LatitudeE6 >= South * 1e6 && position.LatitudeE6 <= North * 1e6 && position.LongitudeE6 >= West * 1e6 && position.LongitudeE6 <= East * 1e6;
}

/// <summary>What somebody wants to see on the map, and may.</summary>
internal sealed record MapQuestion(TokenScope Scope, MapTypes Types, MapBox Box);

/// <summary>The points of a question, as JSON.</summary>
internal sealed class MapAnswer(MapQuestion question, string tag, long madeAt, byte[] json, int trucks)
{
    private byte[]? zipped;

    public MapQuestion Question => question;

    /// <summary>Entity tag: the same as long as nothing has changed.</summary>
    public string Tag => tag;

    /// <summary>When it was made, on the clock of elapsed time.</summary>
    public long MadeAt => madeAt;

    public byte[] Json => json;

    /// <summary>Trucks among the points.</summary>
    public int Trucks => trucks;

    public long Bytes => json.Length + (zipped?.Length ?? 0);

    /// <summary><see cref="Json"/>, compressed once. Two that ask first at a time may both do it.</summary>
    public byte[] Gzip => zipped ??= CityMap.Gzip(json, CompressionLevel.Fastest);
}

/// <summary>
/// Writes the points of the map out of what is in memory. Whoever may see the same and asks the same shares an answer, which is made anew when something has changed, and no oftener than once a second.
/// </summary>
internal sealed class MapAnswers(AccessBook access, MapBook book, Traffic traffic, TimeProvider time)
{
    /// <summary>Counts of changes begin anew with the process, tags do not.</summary>
    private readonly long began = time.GetUtcNow().ToUnixTimeMilliseconds();
    private readonly Lock gate = new();
    private readonly List<MapAnswer> kept = [];

    /// <summary>What is on the map for this question.</summary>
    public MapAnswer Ask(MapQuestion question)
    {
        lock (gate)
        {
            traffic.Sweep();
            MapAnswer? known = kept.Find(answer => answer.Question == question);
            string tag = Tag(question);
            if (known is not null && (known.Tag == tag || time.GetElapsedTime(known.MadeAt) < MapLimits.AnswerFor))
            {
                return known;
            }

            if (known is not null)
            {
                kept.Remove(known);
            }

            MapAnswer made = Make(question, tag);
            kept.Add(made);
            while (kept.Count > 1 && (kept.Count > MapLimits.Answers || kept.Sum(answer => answer.Bytes) > MapLimits.AnswerBytes))
            {
                kept.RemoveAt(0);
            }

            return made;
        }
    }

    private string Tag(MapQuestion question) => string.Create(
        CultureInfo.InvariantCulture,
        $"\"{began:x}-{book.Version:x}-{((question.Types & MapTypes.Truck) == 0 ? 0 : traffic.Version):x}-{Models.Encoding.StableHash.Of(System.Text.Encoding.UTF8.GetBytes(question.ToString())):x}\"");

    private MapAnswer Make(MapQuestion question, string tag)
    {
        ArrayBufferWriter<byte> buffer = new(64 * 1024);
        Points points = new(question, new Utf8JsonWriter(buffer, GrainsJson.WriterOptions));
        using (Utf8JsonWriter json = points.Json)
        {
            json.WriteStartObject();
            json.WriteString("at", time.GetUtcNow());
            json.WriteStartArray("points");
            Cases(points);
            Devices(points, MapTypes.Station, "wim");
            Enterprises(points);
            Trucks(points);
            Devices(points, MapTypes.Camera, "video");
            json.WriteEndArray();
            if (points.Cut)
            {
                json.WriteBoolean("cut", true);
            }

            json.WriteEndObject();
        }

        return new MapAnswer(question, tag, time.GetTimestamp(), buffer.WrittenSpan.ToArray(), points.Trucks);
    }

    private void Cases(Points points)
    {
        if (!points.Wants(MapTypes.Case))
        {
            return;
        }

        foreach (MappedCase each in book.Cases.Where(each => each.IsVisibleTo(points.Scope)).OrderByDescending(each => each.Opened).ThenBy(each => each.Id, StringComparer.Ordinal))
        {
            if (points.Begin("case", each.Id!, book.PositionOf(each), each.District))
            {
                points.Text("state", each.State);
                points.Text("kind", each.Kind);
                points.Number("severity", each.Severity);
                points.Text("subjectKind", each.SubjectKind);
                points.Text("subject", each.Subject);
                points.Number("atMs", each.Opened?.ToUnixTimeMilliseconds());
                points.Number("deadlineMs", each.Deadline?.ToUnixTimeMilliseconds());
                if (each.Overdue == true)
                {
                    points.Json.WriteBoolean("overdue", true);
                }

                points.Json.WriteEndObject();
            }
        }
    }

    private void Devices(Points points, MapTypes type, string kind)
    {
        if (!points.Wants(type))
        {
            return;
        }

        foreach (SourceRegistration device in access.All)
        {
            if (device.Kind == kind && points.Scope.HasDistrict(device.District) && points.Begin(type == MapTypes.Station ? "station" : "camera", device.Id, book.PositionOf(device), device.District))
            {
                points.Name(type == MapTypes.Station ? book.Station(device.Id)?.Name : null);
                points.Text("state", book.StateOf(device));
                points.Text("place", device.Place);
                points.Text("enterprise", device.Enterprise);
                points.Json.WriteEndObject();
            }
        }
    }

    /// <summary>Those of the register, and those that only a device speaks of.</summary>
    private void Enterprises(Points points)
    {
        if (!points.Wants(MapTypes.Enterprise))
        {
            return;
        }

        foreach (NamedEntry entry in book.Enterprises)
        {
            Enterprise(points, entry.Key, entry);
        }

        foreach (string id in access.Watched(ActorKind.Enterprise))
        {
            if (book.Enterprise(id) is null)
            {
                Enterprise(points, id, null);
            }
        }
    }

    private void Enterprise(Points points, string id, NamedEntry? entry)
    {
        if (book.IsVisible(ActorKind.Enterprise, id, entry?.District, points.Scope) && points.Begin("enterprise", id, book.PositionOf(ActorKind.Enterprise, id), entry?.District ?? access.DistrictsOf(ActorKind.Enterprise, id).FirstOrDefault()))
        {
            points.Name(entry?.Name);
            points.Json.WriteEndObject();
        }
    }

    private void Trucks(Points points)
    {
        if (!points.Wants(MapTypes.Truck))
        {
            return;
        }

        foreach ((string plate, TruckSeen truck) in traffic.Trucks)
        {
            string? district = book.DistrictAt(truck.Position);
            if (points.Scope.HasDistrict(district) && points.Begin("truck", plate, truck.Position, district))
            {
                points.Number("atMs", truck.AtMs);
                if (truck.SpeedTenthKmh >= 0)
                {
                    points.Json.WriteNumber("speedKmh", truck.SpeedTenthKmh / 10.0);
                }

                points.Json.WriteEndObject();
                points.Trucks++;
            }
        }
    }

    /// <summary>Writes points, as many as one answer has.</summary>
    private sealed class Points(MapQuestion question, Utf8JsonWriter json)
    {
        private int count;

        public Utf8JsonWriter Json => json;

        public TokenScope Scope => question.Scope;

        public int Trucks { get; set; }

        /// <summary>True where there were more.</summary>
        public bool Cut { get; private set; }

        public bool Wants(MapTypes type) => (question.Types & type) != 0;

        /// <summary>Begins a point that stands somewhere that was asked for; whoever began it ends it.</summary>
        public bool Begin(string type, string id, GeoPosition position, string? district)
        {
            if (!position.IsKnown || !question.Box.Has(position))
            {
                return false;
            }

            if (count >= MapLimits.Points)
            {
                Cut = true;
                return false;
            }

            count++;
            json.WriteStartObject();
            json.WriteString("type", type);
            json.WriteString("id", id);
            json.WriteNumber("lat", position.LatitudeE6 / 1e6);
            json.WriteNumber("lon", position.LongitudeE6 / 1e6);
            Text("district", district);
            return true;
        }

        /// <summary>A register has names in one language, which stand for both.</summary>
        public void Name(string? name)
        {
            if (name is not null)
            {
                json.WriteStartObject("name");
                json.WriteString("en", name);
                json.WriteString("zh", name);
                json.WriteEndObject();
            }
        }

        public void Text(string name, string? value)
        {
            if (value is not null)
            {
                json.WriteString(name, value);
            }
        }

        public void Number(string name, long? value)
        {
            if (value is { } number)
            {
                json.WriteNumber(name, number);
            }
        }
    }
}
