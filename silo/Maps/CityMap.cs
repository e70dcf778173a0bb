using System.Buffers;
using System.IO.Compression;
using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Serialization;
using Streaming.Grains.Messages;
using Streaming.Ingest;

namespace Streaming.Silo.Maps;

/// <summary>How a city's map looks, as <c>map.json</c> of its directory says.</summary>
/// <param name="Tiles">Address of tiles with <c>{z}</c>, <c>{x}</c> and <c>{y}</c> in it; null for none. Their host is the only one outside that pages may load from.</param>
/// <param name="Attribution">Whose map it is, to be shown with it.</param>
/// <param name="Center">Longitude and latitude, degrees.</param>
/// <param name="Zoom">Zoom at first, 0 to 22.</param>
/// <param name="Bounds">West, south, east and north, degrees.</param>
internal sealed record MapStyle(string? Tiles, string? Attribution, double[]? Center, double? Zoom, double[]? Bounds);

/// <summary>
/// The base map of a city: what <c>map.json</c> and <c>map.geojson</c> of its directory say, read once at the start. Either may be missing: then the map is drawn without it.
/// </summary>
internal sealed class CityMap
{
    /// <summary>How the map looks.</summary>
    public const string StyleFile = "map.json";

    /// <summary>What is drawn: a GeoJSON FeatureCollection whose features have a <c>kind</c>.</summary>
    public const string BaseFile = "map.geojson";

    private const double FirstZoom = 11;

    private CityMap(MapStyle style, byte[]? geoJson)
    {
        Style = style;
        if (geoJson is not null)
        {
            Base = geoJson;
            BaseTag = $"\"{Convert.ToHexStringLower(SHA256.HashData(geoJson))[..16]}\"";
            BaseGzip = Gzip(geoJson, CompressionLevel.SmallestSize);
        }

        TileOrigin = style.Tiles is { } tiles ? new Uri(tiles.Replace('{', '0').Replace('}', '0')).GetLeftPart(UriPartial.Authority) : null;
    }

    /// <summary>A city that has no map.</summary>
    public static CityMap None { get; } = new(new MapStyle(null, null, null, null, null), null);

    public MapStyle Style { get; }

    /// <summary>The features as the file has them; null where there is none.</summary>
    public byte[]? Base { get; }

    /// <summary><see cref="Base"/>, compressed.</summary>
    public byte[]? BaseGzip { get; }

    public string? BaseTag { get; }

    /// <summary>Where tiles come from, as <c>https://tiles.example</c>; null where there are none.</summary>
    public string? TileOrigin { get; }

    /// <summary>Reads the files of a city.</summary>
    /// <exception cref="InvalidDataException">One is there and not valid; the message names every problem.</exception>
    public static CityMap Load(string directory)
    {
        List<string> problems = [];
        MapStyle style = None.Style;
        string stylePath = Path.Combine(directory, StyleFile);
        if (File.Exists(stylePath) && JsonFile.Read(stylePath, MapLimits.StyleBytes, MapJson.Default.MapStyle, "", problems) is { } read)
        {
            style = read;
            Check(style, problems);
        }

        byte[]? geoJson = null;
        string basePath = Path.Combine(directory, BaseFile);
        if (File.Exists(basePath) && JsonFile.Read(basePath, MapLimits.BaseBytes, MapJson.Default.JsonDocument, "", problems) is { } document)
        {
            using (document)
            {
                Check(document.RootElement, problems);
                ArrayBufferWriter<byte> compact = new();
                using (Utf8JsonWriter json = new(compact, GrainsJson.WriterOptions))
                {
                    document.RootElement.WriteTo(json);
                }

                geoJson = compact.WrittenSpan.ToArray();
            }
        }

        return problems.Count == 0 ? new CityMap(style, geoJson) : throw new InvalidDataException($"The map of the city is not valid:{string.Concat(problems.Select(problem => $"\n  {problem}"))}");
    }

    /// <summary>Compresses an answer.</summary>
    public static byte[] Gzip(ReadOnlySpan<byte> bytes, CompressionLevel level)
    {
        using MemoryStream packed = new();
        using (GZipStream zip = new(packed, level))
        {
            zip.Write(bytes);
        }

        return packed.ToArray();
    }

    /// <summary>Where a map begins that says nothing of it: so that everything that stands somewhere is on it.</summary>
    /// <param name="west">Least longitude of anything, degrees.</param>
    /// <param name="south">Least latitude.</param>
    /// <param name="east">Greatest longitude.</param>
    /// <param name="north">Greatest latitude.</param>
    public MapStyle Around(double west, double south, double east, double north) => Style with
    {
        Center = Style.Center ?? [Round((west + east) / 2), Round((south + north) / 2)],
        Zoom = Style.Zoom ?? FirstZoom,
        Bounds = Style.Bounds ?? [west, south, east, north],
    };

    private static double Round(double degrees) => Math.Round(degrees, 6);

    private static void Check(MapStyle style, List<string> problems)
    {
        if (style.Tiles is { } tiles)
        {
            bool isAddress = Uri.TryCreate(tiles.Replace('{', '0').Replace('}', '0'), UriKind.Absolute, out Uri? uri) && uri is { UserInfo: "", Scheme: "https" or "http" } && (uri.Scheme == "https" || uri.IsLoopback) && tiles.StartsWith(uri.GetLeftPart(UriPartial.Authority) + "/", StringComparison.OrdinalIgnoreCase);
            if (!isAddress || !tiles.Contains("{z}", StringComparison.Ordinal) || !tiles.Contains("{x}", StringComparison.Ordinal) || !tiles.Contains("{y}", StringComparison.Ordinal))
            {
                problems.Add($"{StyleFile}: tiles is \"{tiles}\"; an https address with {{z}}, {{x}} and {{y}} in its path expected, or null.");
            }
        }

        if (style.Center is not null && !(style.Center is [var longitude, var latitude] && IsPosition(longitude, latitude)))
        {
            problems.Add($"{StyleFile}: center is not [longitude, latitude] in degrees.");
        }

        if (style.Zoom is < 0 or > 22)
        {
            problems.Add($"{StyleFile}: zoom is {style.Zoom}; 0 to 22 expected.");
        }

        if (style.Bounds is not null && !(style.Bounds is [var west, var south, var east, var north] && IsPosition(west, south) && IsPosition(east, north) && south < north && west < east))
        {
            problems.Add($"{StyleFile}: bounds is not [west, south, east, north] in degrees.");
        }
    }

    private static void Check(JsonElement root, List<string> problems)
    {
        if (root.ValueKind != JsonValueKind.Object || !root.TryGetProperty("type", out JsonElement type) || !type.ValueEquals("FeatureCollection") || !root.TryGetProperty("features", out JsonElement features) || features.ValueKind != JsonValueKind.Array)
        {
            problems.Add($"{BaseFile}: a GeoJSON FeatureCollection was expected.");
            return;
        }

        int number = 0;
        foreach (JsonElement feature in features.EnumerateArray())
        {
            if (feature.ValueKind != JsonValueKind.Object || !feature.TryGetProperty("geometry", out JsonElement geometry) || geometry.ValueKind != JsonValueKind.Object
                || !feature.TryGetProperty("properties", out JsonElement properties) || properties.ValueKind != JsonValueKind.Object || !properties.TryGetProperty("kind", out JsonElement kind) || kind.ValueKind != JsonValueKind.String)
            {
                problems.Add($"{BaseFile}: feature {number} has no geometry or no kind; properties.kind is water, land, road, district or industrial.");
                return;
            }

            number++;
        }
    }

    private static bool IsPosition(double longitude, double latitude) => longitude is >= -180 and <= 180 && latitude is >= -90 and <= 90;
}

/// <summary>JSON of the map's files.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow)]
[JsonSerializable(typeof(MapStyle))]
[JsonSerializable(typeof(JsonDocument))]
internal sealed partial class MapJson : JsonSerializerContext;
