using System.Collections.Concurrent;
using System.Globalization;
using Streaming.Grains.Messages;
using Streaming.Models.Readings;
using Streaming.Silo.Access;
using Streaming.Silo.Maps;

namespace Streaming.Silo.Api;

/// <summary>The map: points of what there is in the city, what is drawn below them, and how.</summary>
internal sealed class MapRoutes(ApiServices services)
{
    /// <summary>Why a look at the trucks is made, where nobody says otherwise.</summary>
    private const string Reason = "map";
    private const string GeoJson = "application/geo+json";

    private static readonly (string Name, MapTypes Type)[] Names = [("station", MapTypes.Station), ("camera", MapTypes.Camera), ("enterprise", MapTypes.Enterprise), ("truck", MapTypes.Truck), ("case", MapTypes.Case)];

    /// <summary>By caller: until when the look that was written last holds.</summary>
    private readonly ConcurrentDictionary<string, DateTimeOffset> looks = new(StringComparer.Ordinal);

    public void Map(IEndpointRouteBuilder routes)
    {
        routes.MapGet("/api/map", (Delegate)PointsAsync)
            .WithSummary(
                $"What stands where, as far as the caller sees it: stations and cameras with their state, enterprises, trucks of dangerous goods heard of in the last {MapLimits.TruckMs / 60_000} minutes, open cases. types=station,camera,enterprise,truck,case; bbox=west,south,east,north in degrees. At most {MapLimits.Points} points ('cut' says that there were more); "
                + $"with If-None-Match 304 while nothing has changed. A look at the trucks is in the audit once in {MapLimits.LookFor.TotalMinutes:F0} minutes of a caller.")
            .ProducesProblem(400).ProducesProblem(503)
            .AuditedAs(new AuditedAs(AuditAct.Look) { Look = static _ => AuditLooks.Map, Applies = static request => (Types(request).Types & MapTypes.Truck) != 0, SubjectKind = static _ => "map" });
        routes.MapGet("/api/map/base", (Delegate)BaseAsync)
            .WithSummary("What is drawn below the points, as GeoJSON: features by properties.kind (water, land, road, district, industrial), with name.en and name.zh. 404 where the city has none.")
            .Produces(200, contentType: GeoJson).ProducesProblem(404).NotAudited("the city's map");
        routes.MapGet("/api/map/style", () => Style()).WithSummary("How the map looks: tiles (an address with {z}, {x} and {y}, or null), attribution, center (longitude, latitude), zoom, bounds (west, south, east, north).").NotAudited("the city's map");
    }

    private async Task<IResult> PointsAsync(HttpContext context)
    {
        Principal caller = Gate.Caller(context);
        (MapTypes types, Refusal? refusal) = Types(context.Request);
        (MapBox box, Refusal? wrong) = Box(context.Request);
        refusal ??= Unknown(context.Request.Query) ?? wrong;
        if (refusal is not null)
        {
            return refusal;
        }

        MapAnswer answer = services.Map.Ask(new MapQuestion(caller.Scope, types, box));
        if ((types & MapTypes.Truck) != 0)
        {
            await LookAsync(AuditedCall.Of(context), caller, answer.Trucks).ConfigureAwait(false);
        }

        return new TaggedBytes(answer.Json, () => answer.Gzip, RawJson.ContentType, answer.Tag);
    }

    /// <summary>A map is asked for every few seconds. One entry says that it was looked at, and holds for a while; where it cannot be written, nothing is shown.</summary>
    private async ValueTask LookAsync(AuditedCall call, Principal caller, int trucks)
    {
        DateTimeOffset now = services.Time.GetUtcNow();
        string who = $"{caller.Name}\n{caller.Hash}";
        if (looks.TryGetValue(who, out DateTimeOffset until) && until > now)
        {
            call.IsCovered = true;
            return;
        }

        call.GiveReason(Reason);
        call.What = string.Create(CultureInfo.InvariantCulture, $"{trucks} trucks of dangerous goods; for {MapLimits.LookFor.TotalMinutes:F0} minutes");
        await call.EndAsync(StatusCodes.Status200OK).ConfigureAwait(false);
        call.IsCovered = true;
        if (looks.Count >= MapLimits.Lookers)
        {
            looks.Clear();
        }

        looks[who] = now + MapLimits.LookFor;
    }

    private Task<IResult> BaseAsync(HttpContext context) => Task.FromResult<IResult>(
        services.CityMap is { Base: { } bytes, BaseGzip: { } zipped, BaseTag: { } tag }
            ? new TaggedBytes(bytes, () => zipped, GeoJson, tag) { MayBeKept = true }
            : Refusal.NotFound($"This city has no base map. It would be {CityMap.BaseFile} beside its other files."));

    private RawJson Style()
    {
        double west = double.MaxValue;
        double south = double.MaxValue;
        double east = double.MinValue;
        double north = double.MinValue;
        foreach (SourceRegistration device in services.Access.All)
        {
            if (device is { Latitude: { } latitude, Longitude: { } longitude })
            {
                (west, east) = (Math.Min(west, longitude), Math.Max(east, longitude));
                (south, north) = (Math.Min(south, latitude), Math.Max(north, latitude));
            }
        }

        MapStyle style = west <= east ? services.CityMap.Around(west, south, east, north) : services.CityMap.Style;
        return new RawJson(ApiJson.Bytes(style, MapJson.Default.MapStyle));
    }

    private static (MapTypes Types, Refusal? Refusal) Types(HttpRequest request)
    {
        if (ListQuery.Value(request.Query, "types") is not { } text)
        {
            return (MapTypes.All, null);
        }

        MapTypes types = MapTypes.None;
        foreach (string name in text.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
        {
            MapTypes type = Array.Find(Names, each => each.Name == name).Type;
            if (type == MapTypes.None)
            {
                return (MapTypes.None, Refusal.Invalid($"There is no type '{name}' here; there are {string.Join(", ", Names.Select(each => each.Name))}.", "types"));
            }

            types |= type;
        }

        return (types, null);
    }

    private static (MapBox Box, Refusal? Refusal) Box(HttpRequest request)
    {
        if (ListQuery.Value(request.Query, "bbox") is not { } text)
        {
            return (MapBox.Everywhere, null);
        }

        double[] sides = [.. text.Split(',').Select(side => double.TryParse(side, NumberStyles.Float, CultureInfo.InvariantCulture, out double degrees) ? degrees : double.NaN)];
        return sides is [var west, var south, var east, var north] && west <= east && south <= north
            ? (new MapBox(west, south, east, north), null)
            : (default, Refusal.Invalid("Expected bbox=west,south,east,north in degrees.", "bbox"));
    }

    private static Refusal? Unknown(IQueryCollection query) =>
        query.Keys.FirstOrDefault(name => name is not ("types" or "bbox") && name != AuditReason.Parameter) is { } unknown ? Refusal.Invalid($"There is no '{unknown}' here; there are types and bbox.", unknown) : null;
}
