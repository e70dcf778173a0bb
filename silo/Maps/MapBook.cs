using System.Collections.Concurrent;
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;
using Streaming.Grains.Access;
using Streaming.Grains.Messages;
using Streaming.Grains.Turns;
using Streaming.Models.Geography;
using Streaming.Models.Readings;
using Streaming.Models.Registers;
using Streaming.Silo.Access;
using Streaming.Silo.Views;

namespace Streaming.Silo.Maps;

/// <summary>An enterprise, site or station as its register has it, as far as it is shown by name and on the map.</summary>
/// <param name="Key">Its key in the register.</param>
/// <param name="Name">As it is called now; null where the register does not say.</param>
/// <param name="District">Its district; null where it has none.</param>
internal sealed record NamedEntry(string Key, string? Name, string? District, GeoPosition Position);

/// <summary>
/// What is on the map of the city and can be found by name: states of sources, entries of the registers of enterprises, sites and stations, and open cases. Filled from the lists at the start and kept by the projector, so it is at most as far behind as they
/// are; asking it costs no query.
/// </summary>
/// <remarks>One writer, the projector's thread; every value is immutable under its key, so a reader sees each as it was at some moment. <see cref="Version"/> rises after each change.</remarks>
internal sealed class MapBook(AccessBook access, TimeProvider time)
{
    private static readonly string[] Registers = [.. ((Register[])[Register.Enterprises, Register.Sites, Register.Stations]).Select(register => RegisterSchema.Of(register).Name)];

    private readonly ConcurrentDictionary<string, string> states = new(StringComparer.Ordinal);
    private readonly Dictionary<string, ConcurrentDictionary<string, NamedEntry>> entries = Registers.ToDictionary(name => name, _ => new ConcurrentDictionary<string, NamedEntry>(StringComparer.Ordinal), StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, MappedCase> cases = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<(int North, int East), string> districts = [];
    private int silent;
    private long version;

    /// <summary>Rises with everything that may be on the map, but for trucks.</summary>
    public long Version => Volatile.Read(ref version);

    /// <summary>Sources that are silent.</summary>
    public int Silent => Volatile.Read(ref silent);

    public IEnumerable<NamedEntry> Enterprises => entries[Registers[0]].Values;

    public IEnumerable<NamedEntry> Sites => entries[Registers[1]].Values;

    public IEnumerable<MappedCase> Cases => cases.Values;

    /// <summary>Takes over what is on the lists.</summary>
    public void Load(ViewReader lists)
    {
        foreach ((string key, byte[] json) in lists.All(View.Resources))
        {
            PutState(key, json);
        }

        foreach (string register in Registers)
        {
            foreach ((string key, byte[] json) in lists.AllOf(register))
            {
                PutEntry(key, json);
            }
        }

        foreach (byte[] json in lists.NewestOpenCases(MapLimits.Cases))
        {
            PutCase(null, json);
        }
    }

    /// <summary>Takes over what has changed on the lists.</summary>
    public void Apply(ViewBatch batch)
    {
        bool changed = false;
        foreach (ViewChange change in batch.Changes)
        {
            switch (change.View)
            {
                case View.Resources:
                    PutState(change.Key, change.Json);
                    break;
                case View.Devices:
                    districts.Clear();
                    break;
                case View.Registers:
                    PutEntry(change.Key, change.Json);
                    break;
                case View.Cases:
                    PutCase(change.Key, change.Json);
                    break;
                default:
                    continue;
            }

            changed = true;
        }

        if (changed)
        {
            Interlocked.Increment(ref version);
        }
    }

    public string? StateOf(SourceRegistration device) => device.Disabled == true ? ResourceStates.Disabled : states.GetValueOrDefault(device.Id);

    public NamedEntry? Enterprise(string id) => entries[Registers[0]].GetValueOrDefault(id);

    public NamedEntry? Site(string id) => entries[Registers[1]].GetValueOrDefault(id);

    public NamedEntry? Station(string id) => entries[Registers[2]].GetValueOrDefault(id);

    /// <summary>Where a device stands: where it is registered, else where the registers say that it, its enterprise or its place is.</summary>
    public GeoPosition PositionOf(SourceRegistration device) =>
        device is { Latitude: { } latitude, Longitude: { } longitude } ? At(latitude, longitude)
        : First(Station(device.Id)?.Position, device.Enterprise is { } enterprise ? Enterprise(enterprise)?.Position : null, device.Place is { } place ? Site(place)?.Position : null);

    /// <summary>Where a case is: where its warning says; else where the source of its newest reading stands; else where its subject does. Unknown where nobody says.</summary>
    public GeoPosition PositionOf(MappedCase of)
    {
        if (of.Warning?.Evidence is { } evidence)
        {
            if (evidence.Figures is { } figures && figures.TryGetValue("latitudeDeg", out double latitude) && figures.TryGetValue("longitudeDeg", out double longitude))
            {
                return At(latitude, longitude);
            }

            if (evidence.Readings is [.., { Source: { } source }] && access.FindDevice(source) is { } device && PositionOf(device) is { IsKnown: true } there)
            {
                return there;
            }
        }

        return of.SubjectKind switch
        {
            "source" => access.FindDevice(of.Subject ?? "") is { } device ? PositionOf(device) : GeoPosition.Unknown,
            "enterprise" => PositionOf(ActorKind.Enterprise, of.Subject ?? ""),
            "place" => PositionOf(ActorKind.Place, of.Subject ?? ""),
            _ => GeoPosition.Unknown,
        };
    }

    /// <summary>Where an enterprise or a place is: as its register says; else where a device stands that watches it.</summary>
    public GeoPosition PositionOf(ActorKind kind, string key)
    {
        if ((kind == ActorKind.Enterprise ? Enterprise(key) : Site(key))?.Position is { IsKnown: true } registered)
        {
            return registered;
        }

        foreach (SourceRegistration device in access.WatchersOf(kind, key))
        {
            if (device is { Latitude: { } latitude, Longitude: { } longitude })
            {
                return At(latitude, longitude);
            }
        }

        return GeoPosition.Unknown;
    }

    /// <summary>Whether somebody may see an enterprise or a place: whoever is for a district of its devices, or for that of its entry; where nobody has said one it is everybody's.</summary>
    public bool IsVisible(ActorKind kind, string key, string? registered, TokenScope scope)
    {
        if (scope.District is null)
        {
            return true;
        }

        IReadOnlyCollection<string> watching = access.DistrictsOf(kind, key);
        return watching.Any(scope.HasDistrict) || (registered is null ? watching.Count == 0 : scope.HasDistrict(registered));
    }

    /// <summary>District, or street, of the registered device nearest to a position; null where none is near. Remembered for cells of about a kilometre, so it may be wrong by that.</summary>
    public string? DistrictAt(GeoPosition position)
    {
        (int North, int East) cell = ((int)Math.Floor(position.LatitudeE6 / 10_000.0), (int)Math.Floor(position.LongitudeE6 / 10_000.0));
        if (!districts.TryGetValue(cell, out string? district))
        {
            if (districts.Count >= MapLimits.Cells)
            {
                districts.Clear();
            }

            district = access.DistrictNear(new GeoPosition((cell.North * 10_000) + 5_000, (cell.East * 10_000) + 5_000), MapLimits.DistrictNearM) ?? "";
            districts[cell] = district;
        }

        return district.Length == 0 ? null : district;
    }

    private static GeoPosition At(double latitude, double longitude) => new((int)Math.Round(latitude * 1e6), (int)Math.Round(longitude * 1e6));

    private static GeoPosition First(params ReadOnlySpan<GeoPosition?> positions)
    {
        foreach (GeoPosition? position in positions)
        {
            if (position is { IsKnown: true } known)
            {
                return known;
            }
        }

        return GeoPosition.Unknown;
    }

    private void PutState(string key, byte[]? json)
    {
        string? after = json is null ? null : State(json);
        string? before = states.GetValueOrDefault(key);
        silent += (after == ResourceStates.Silent ? 1 : 0) - (before == ResourceStates.Silent ? 1 : 0);
        if (after is null)
        {
            states.TryRemove(key, out _);
        }
        else
        {
            states[key] = after;
        }
    }

    private static string? State(byte[] json)
    {
        Utf8JsonReader reader = new(json);
        while (reader.Read())
        {
            if (reader.TokenType == JsonTokenType.PropertyName && reader.CurrentDepth == 1 && reader.ValueTextEquals("state"u8))
            {
                reader.Read();
                return reader.GetString();
            }
        }

        return null;
    }

    private void PutEntry(string key, byte[]? json)
    {
        int slash = key.IndexOf('/', StringComparison.Ordinal);
        if (slash < 0 || !entries.TryGetValue(key[..slash], out ConcurrentDictionary<string, NamedEntry>? register))
        {
            return;
        }

        string id = key[(slash + 1)..];
        if (json is null)
        {
            register.TryRemove(id, out _);
        }
        else if (register.Count < MapLimits.Entries || register.ContainsKey(id))
        {
            register[id] = Read(JsonSerializer.Deserialize(json, GrainsJson.Default.EntryRow)!);
        }
    }

    /// <summary>What holds now; else what is said last.</summary>
    private NamedEntry Read(EntryRow row)
    {
        DateTimeOffset now = time.GetUtcNow();
        EntrySpan? span = Array.Find(row.Spans, each => (each.From is null || each.From <= now) && (each.To is null || each.To > now)) ?? (row.Spans is [.., { } last] ? last : null);
        string? name = span is not null && span.Values.TryGetValue("name", out JsonElement named) && named.ValueKind == JsonValueKind.String ? named.GetString() : null;
        GeoPosition position = span is not null && span.Values.TryGetValue("lat", out JsonElement latitude) && span.Values.TryGetValue("lon", out JsonElement longitude)
            ? At(latitude.GetDouble(), longitude.GetDouble())
            : GeoPosition.Unknown;
        return new NamedEntry(row.Key, name, row.District, position);
    }

    private void PutCase(string? key, byte[]? json)
    {
        MappedCase? shown = null;
        try
        {
            shown = json is null ? null : JsonSerializer.Deserialize(json, MappedCaseJson.Default.MappedCase);
        }
        catch (JsonException)
        {
            // No row of an actor. The lists show what it is; it is not on the map.
        }

        if (shown is not { Id: { } id, State: not ("closed" or "archived" or null) })
        {
            if (key is not null)
            {
                cases.TryRemove(key, out _);
            }

            return;
        }

        cases[id] = shown;
        if (cases.Count > MapLimits.Cases + MapLimits.CasesSlack)
        {
            foreach (MappedCase oldest in cases.Values.OrderBy(each => each.Opened).ThenBy(each => each.Id, StringComparer.Ordinal).Take(cases.Count - MapLimits.Cases).ToArray())
            {
                cases.TryRemove(oldest.Id!, out _);
            }
        }
    }
}

/// <summary>Of a row of cases, what the map goes by. A row may be of an older version, so nothing is sure to be there.</summary>
internal sealed record MappedCase(
    string? Id, string? Subject, string? SubjectKind, string? Kind, string? District, string? State, int? Severity, string? Lead, string[]? Departments, DateTimeOffset? Opened, DateTimeOffset? Deadline, bool? Overdue, MappedWarning? Warning)
{
    public bool IsVisibleTo(TokenScope scope) => scope.HasDistrict(District) && (scope.Department is not { } department || Lead == department || (Departments is not null && Array.IndexOf(Departments, department) >= 0));
}

/// <summary>Of a case's warning, what the map goes by.</summary>
internal sealed record MappedWarning(MappedEvidence? Evidence);

internal sealed record MappedEvidence(MappedReading[]? Readings, Dictionary<string, double>? Figures);

internal sealed record MappedReading(string? Source);

/// <summary>JSON of what the map reads.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(MappedCase))]
internal sealed partial class MappedCaseJson : JsonSerializerContext;
