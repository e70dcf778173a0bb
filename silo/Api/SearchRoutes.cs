using System.Text.Json;
using Streaming.Grains.Messages;
using Streaming.Grains.Turns;
using Streaming.Silo.Access;
using Streaming.Silo.Maps;
using Streaming.Silo.Views;

namespace Streaming.Silo.Api;

/// <summary>
/// One search for everything that has a name: vehicles by any part of their plates, enterprises and places by id and name, sources and cases by id. It says that they are there and how they are called, and nothing of where they are or were, so it is no look
/// at anybody's whereabouts. What a caller may not see is not found.
/// </summary>
internal sealed class SearchRoutes(ApiServices services)
{
    private const int DefaultItems = 20;

    public void Map(IEndpointRouteBuilder routes) => routes.MapGet("/api/search", (Delegate)SearchAsync)
        .WithSummary($"What has a name: vehicles by any part of the plate, enterprises and places by any part of id or name, sources by any part of the id, cases by the beginning of the id. q={ApiLimits.SearchChars} characters at most and 2 at least, limit (1 to {ApiLimits.SearchItems}). Exact matches come first, then what begins so. No whereabouts.")
        .ProducesProblem(400).NotAudited("names, and no whereabouts");

    private async Task<IResult> SearchAsync(HttpContext context)
    {
        Principal caller = Gate.Caller(context);
        IQueryCollection query = context.Request.Query;
        if (query.Keys.FirstOrDefault(name => name is not ("q" or "limit") && name != AuditReason.Parameter) is { } unknown)
        {
            return Refusal.Invalid($"There is no '{unknown}' here; there are q and limit.", unknown);
        }

        string q = ListQuery.Value(query, "q")?.Trim() ?? "";
        if (q.Length is < 2 or > ApiLimits.SearchChars || q.Any(char.IsControl))
        {
            return Refusal.Invalid($"Expected q with 2 to {ApiLimits.SearchChars} characters.", "q");
        }

        (int limit, _, Refusal? refusal) = ListQuery.Paging(query, ApiLimits.SearchItems);
        if (refusal is not null)
        {
            return refusal;
        }

        limit = ListQuery.Value(query, "limit") is null ? DefaultItems : limit;
        List<Found> found = [.. services.Plates.Find(q, limit + 1).Select(each => new Found("vehicle", each.Plate, each.Rank) { Name = SignsOf(each.Plate), PlateColor = ColourOf(each.Plate) })];
        found.AddRange(Entries("enterprise", ActorKind.Enterprise, services.MapBook.Enterprises, services.MapBook.Enterprise, q, caller));
        found.AddRange(Entries("place", ActorKind.Place, services.MapBook.Sites, services.MapBook.Site, q, caller));
        found.AddRange(services.Access.All.Where(device => caller.Scope.HasDistrict(device.District)).Select(device => new Found("source", device.Id, Rank(device.Id, q)) { Name = services.MapBook.Station(device.Id)?.Name, District = device.District, Kind = device.Kind }));
        foreach (byte[] json in await services.Lists.CasesByIdAsync(q, caller.Scope, limit + 1, context.RequestAborted).ConfigureAwait(false))
        {
            if (JsonSerializer.Deserialize(json, MappedCaseJson.Default.MappedCase) is { Id: { } id } each)
            {
                found.Add(new Found("case", id, Rank(id, q)) { District = each.District, Kind = each.Kind, State = each.State, Subject = each.Subject });
            }
        }

        Found[] matching = [.. found.Where(each => each.Rank >= 0)];
        List<Found> best = Best(matching, limit);
        IReadOnlyList<long> open = await services.Lists.OpenWarningsAsync([.. best.Select(each => each.Id)], caller.Scope, context.RequestAborted).ConfigureAwait(false);
        for (int i = 0; i < best.Count; i++)
        {
            best[i] = best[i].Type == "case" ? best[i] : best[i] with { OpenWarnings = open[i] };
        }

        return new RawJson(ApiJson.Bytes(new SearchAnswer([.. best], matching.Length > best.Count), ApiJson.Default.SearchAnswer));
    }

    /// <summary>Entries of a register, and what only devices speak of.</summary>
    private IEnumerable<Found> Entries(string type, ActorKind kind, IEnumerable<NamedEntry> registered, Func<string, NamedEntry?> find, string q, Principal caller)
    {
        IEnumerable<NamedEntry> all = registered.Concat(services.Access.Watched(kind).Where(id => find(id) is null).Select(id => new NamedEntry(id, null, null, Models.Readings.GeoPosition.Unknown)));
        foreach (NamedEntry entry in all)
        {
            int byId = Rank(entry.Key, q);
            int byName = Rank(entry.Name, q);
            int rank = byId < 0 ? byName : byName < 0 ? byId : Math.Min(byId, byName);
            if (rank >= 0 && services.MapBook.IsVisible(kind, entry.Key, entry.District, caller.Scope))
            {
                yield return new Found(type, entry.Key, rank) { Name = entry.Name, District = entry.District ?? services.Access.DistrictsOf(kind, entry.Key).Where(caller.Scope.HasDistrict).Order(StringComparer.Ordinal).FirstOrDefault() };
            }
        }
    }

    /// <summary>The best first. Of what matches equally well each kind of thing gets a place in turn, so that a thousand plates do not hide the one enterprise.</summary>
    private static List<Found> Best(IEnumerable<Found> found, int limit)
    {
        List<Found> best = [];
        foreach (IGrouping<int, Found> rank in found.GroupBy(each => each.Rank).OrderBy(group => group.Key))
        {
            Queue<Found>[] kinds = [.. rank.GroupBy(each => each.Type).Select(group => new Queue<Found>(group.OrderBy(each => each.Id.Length).ThenBy(each => each.Id, StringComparer.Ordinal)))];
            while (best.Count < limit && Array.Exists(kinds, kind => kind.Count > 0))
            {
                foreach (Queue<Found> kind in kinds)
                {
                    if (best.Count < limit && kind.TryDequeue(out Found? next))
                    {
                        best.Add(next);
                    }
                }
            }
        }

        return best;
    }

    private static int Rank(string? text, string part) =>
        text is null ? -1 : text.IndexOf(part, StringComparison.OrdinalIgnoreCase) switch { < 0 => -1, 0 => text.Length == part.Length ? 0 : 1, _ => 2 };

    private static string SignsOf(string plate) => plate.IndexOf('-', StringComparison.Ordinal) is var dash and > 0 ? plate[..dash] : plate;

    private static string? ColourOf(string plate) => plate.IndexOf('-', StringComparison.Ordinal) is var dash and > 0 ? plate[(dash + 1)..] : null;
}

/// <summary>Something that was found.</summary>
/// <param name="Type"><c>vehicle</c>, <c>enterprise</c>, <c>place</c>, <c>source</c> or <c>case</c>.</param>
/// <param name="Id">As in the address of its page.</param>
/// <param name="Rank">0: it is what was sought; 1: it begins so; 2: it has it somewhere; negative: it has not.</param>
internal sealed record Found(string Type, string Id, [property: System.Text.Json.Serialization.JsonIgnore] int Rank)
{
    public string? Name { get; init; }

    public string? PlateColor { get; init; }

    public string? District { get; init; }

    public string? Kind { get; init; }

    public string? State { get; init; }

    public string? Subject { get; init; }

    /// <summary>Open warnings about it, as far as the caller sees them.</summary>
    public long? OpenWarnings { get; init; }
}

/// <summary>What was found.</summary>
/// <param name="More">True where there is more than was asked for.</param>
internal sealed record SearchAnswer(Found[] Items, bool More);
