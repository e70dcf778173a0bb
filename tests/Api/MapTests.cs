using System.Globalization;
using System.IO.Compression;
using System.Net;
using System.Text;
using System.Text.Json;
using Streaming.Grains.Messages;
using Streaming.Grains.Turns;
using Streaming.Ingest.Formats;
using Streaming.Models.Readings;
using Streaming.Silo.Maps;
using Streaming.Tests.Views;
using Xunit;

namespace Streaming.Tests.Api;

/// <summary>What is on the map, for whom, and what it costs to ask again and again.</summary>
public sealed class MapTests : IAsyncLifetime
{
    private const string Truck = "粤H20001-yellow";
    private readonly ManualTime time = new();
    private ApiBench api = null!;

    public async Task InitializeAsync()
    {
        api = await ApiBench.StartAsync(time);
        api.Host.ShowsAudit = false;
        Device("S01", "wim", "harbour", 23.1, 112.5);
        Device("S30", "wim", "north", 23.06, 112.31);
        Device("C01", "video", "harbour", 23.11, 112.49);
        Device("plant-1", "hazmat", "harbour.docks", 23.12, 112.47, "E1");
        api.Views.Journal.Show(View.Resources, "S01", Rows.Resource("S01", state: ResourceStates.Silent));
        Enterprise("E2", "金河氯气厂", "north", 23.07, 112.32);
        Case("harbour-1", "harbour", "transport", 3);
        Case("north-1", "north", "police", 2, figures: (23.07, 112.315));
        api.Views.Journal.Show(View.Cases, "north-2", Rows.Case("north-2", state: "closed", district: "north", lead: "police"));
        api.Apply();
        Seen(23.101, 112.49);
        api.Apply();
    }

    public async Task DisposeAsync() => await api.DisposeAsync();

    [Fact]
    public async Task Everything_that_stands_somewhere_is_on_it()
    {
        JsonElement[] points = await PointsAsync("/api/map");
        Assert.Equal(
            ["camera C01", "case harbour-1", "case north-1", "enterprise E1", "enterprise E2", "station S01", "station S30", $"truck {Truck}"],
            points.Select(point => $"{point.GetProperty("type").GetString()} {point.GetProperty("id").GetString()}").Order(StringComparer.Ordinal));
        JsonElement station = Point(points, "S01");
        Assert.Equal((23.1, 112.5, "harbour", "silent"), (station.GetProperty("lat").GetDouble(), station.GetProperty("lon").GetDouble(), station.GetProperty("district").GetString(), station.GetProperty("state").GetString()));

        // An enterprise that is not registered is where its device is, one that is where its register says.
        Assert.Equal((23.12, 112.47), Where(Point(points, "E1")));
        Assert.Equal((23.07, 112.32), Where(Point(points, "E2")));
        Assert.Equal("金河氯气厂", Point(points, "E2").GetProperty("name").GetProperty("zh").GetString());

        // A case is where its warning says, else where its reading was taken.
        Assert.Equal((23.07, 112.315), Where(Point(points, "north-1")));
        JsonElement overload = Point(points, "harbour-1");
        Assert.Equal((23.1, 112.5), Where(overload));
        Assert.Equal((3, "over-road-limit", "open"), (overload.GetProperty("severity").GetInt32(), overload.GetProperty("kind").GetString(), overload.GetProperty("state").GetString()));
        Assert.Equal(("harbour", 71.0), (Point(points, Truck).GetProperty("district").GetString(), Point(points, Truck).GetProperty("speedKmh").GetDouble()));
    }

    [Theory]
    [InlineData("types=station", "S01 S30")]
    [InlineData("types=station,camera&bbox=112.45,23.0,112.6,23.2", "C01 S01")]
    [InlineData("types=case&bbox=112.45,23.0,112.6,23.2", "harbour-1")]
    [InlineData("types=truck&bbox=0,0,1,1", "")]
    public async Task Types_and_a_box_cut_it_down(string query, string expected) =>
        Assert.Equal(expected, string.Join(' ', (await PointsAsync($"/api/map?{query}")).Select(point => point.GetProperty("id").GetString()).Order(StringComparer.Ordinal)));

    [Theory]
    [InlineData("types=vehicle", "types")]
    [InlineData("bbox=1,2,3", "bbox")]
    [InlineData("bbox=3,2,1,4", "bbox")]
    [InlineData("bbox=NaN,2,1,4", "bbox")]
    [InlineData("zoom=3", "zoom")]
    public async Task What_makes_no_sense_is_refused_with_its_field(string query, string field)
    {
        ApiBench.Answer answer = await api.GetAsync($"/api/map?{query}");
        Assert.Equal((HttpStatusCode.BadRequest, field), (answer.Status, answer.Field));
    }

    [Theory]
    [InlineData("member", "transport", "*", "C01 E1 E2 S01 S30 harbour-1 truck")]
    [InlineData("member", "police", "north", "E2 S30 north-1")]
    [InlineData("operator", null, "harbour", "C01 E1 S01 harbour-1 truck")]
    [InlineData("operator", null, "harbour.docks", "E1")]
    public async Task A_caller_sees_the_own_department_and_district(string role, string? department, string district, string expected)
    {
        string token = await api.TokenAsync("t", role, department, district);
        Assert.Equal(expected, string.Join(' ', (await PointsAsync("/api/map", token)).Select(point => point.GetProperty("id").GetString() is var id && id == Truck ? "truck" : id).Order(StringComparer.Ordinal)));
    }

    [Fact]
    public async Task A_truck_is_on_it_for_half_an_hour_after_it_was_heard_of()
    {
        time.Advance(TimeSpan.FromMinutes(29));
        Assert.Single(await PointsAsync("/api/map?types=truck"));
        time.Advance(TimeSpan.FromMinutes(2));
        Assert.Empty(await PointsAsync("/api/map?types=truck"));
        time.Advance(MapLimits.AnswerFor);
        Seen(23.2, 112.4, id: "b");
        api.Apply();
        Assert.Equal((23.2, 112.4), Where(Assert.Single(await PointsAsync("/api/map?types=truck"))));
    }

    [Fact]
    public async Task A_case_leaves_it_when_it_is_closed()
    {
        time.Advance(MapLimits.AnswerFor);
        api.Views.Journal.Show(View.Cases, "harbour-1", Rows.Case("harbour-1", state: "closed"));
        api.Apply();
        Assert.DoesNotContain(await PointsAsync("/api/map?types=case"), point => point.GetProperty("id").GetString() == "harbour-1");
    }

    [Fact]
    public async Task Who_looks_at_trucks_is_in_the_audit_once_in_a_while_and_others_are_not()
    {
        await PointsAsync("/api/map?types=station,case");
        Assert.Empty(api.Host.Entries);
        await PointsAsync("/api/map");
        AuditEntry entry = Assert.Single(api.Host.Entries).Value;
        Assert.Equal(("look", "map", "map", 200), (entry.Act, entry.SubjectKind, entry.Reason, entry.Status));
        Assert.StartsWith("1 truck", entry.What, StringComparison.Ordinal);
        await PointsAsync("/api/map?types=truck");
        Assert.Single(api.Host.Entries);
        await PointsAsync("/api/map", await api.TokenAsync("other", "operator"));
        Assert.Equal(2, api.Host.Entries.Values.Count(each => each.Act == "look"));
        time.Advance(MapLimits.LookFor);
        await PointsAsync("/api/map");
        Assert.Equal(3, api.Host.Entries.Values.Count(each => each.Act == "look"));
    }

    [Fact]
    public async Task Where_a_look_cannot_be_audited_no_truck_is_shown()
    {
        api.Host.Refuses = _ => "Full.";
        ApiBench.Answer answer = await api.GetAsync("/api/map");
        Assert.Equal(HttpStatusCode.ServiceUnavailable, answer.Status);
        Assert.DoesNotContain(Truck, answer.Text, StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.ServiceUnavailable, (await api.GetAsync("/api/map")).Status);
        Assert.Equal(HttpStatusCode.OK, (await api.GetAsync("/api/map?types=station")).Status);
    }

    [Fact]
    public async Task Asked_again_it_is_answered_with_nothing_while_nothing_has_changed()
    {
        (HttpStatusCode _, string tag, _) = await AskAsync("/api/map", null);
        Assert.Equal(HttpStatusCode.NotModified, (await AskAsync("/api/map", tag)).Status);
        Assert.Equal(HttpStatusCode.OK, (await AskAsync("/api/map?types=case", tag)).Status);
        Seen(23.102, 112.49, id: "b");
        api.Apply();
        time.Advance(MapLimits.AnswerFor);
        (HttpStatusCode status, string moved, _) = await AskAsync("/api/map", tag);
        Assert.Equal(HttpStatusCode.OK, status);
        Assert.NotEqual(tag, moved);
    }

    [Fact]
    public async Task It_comes_compressed_to_who_takes_it()
    {
        for (int i = 0; i < 20; i++)
        {
            Device($"X{i}", "wim", "harbour", 23.1 + (i / 100.0), 112.5);
        }

        api.Apply();
        (_, _, byte[] body) = await AskAsync("/api/map?types=station", null, "gzip");
        using GZipStream unzipped = new(new MemoryStream(body), CompressionMode.Decompress);
        Assert.Equal(22, (await JsonDocument.ParseAsync(unzipped)).RootElement.GetProperty("points").GetArrayLength());
    }

    [Fact]
    public async Task A_city_without_a_base_map_says_so_and_its_style_shows_all_devices()
    {
        Assert.Equal(HttpStatusCode.NotFound, (await api.GetAsync("/api/map/base")).Status);
        JsonElement style = (await api.GetAsync("/api/map/style")).Json;
        Assert.Equal([112.31, 23.06, 112.5, 23.12], style.GetProperty("bounds").EnumerateArray().Select(each => each.GetDouble()));
        Assert.Equal(JsonValueKind.Null, style.GetProperty("tiles").ValueKind);
    }

    [Fact]
    public async Task The_shipped_city_has_a_base_map_that_its_stations_cameras_and_enterprises_lie_on()
    {
        CityMap shipped = CityMap.Load(Streaming.Ingest.City.CityFiles.ShippedDirectory);
        await using ApiBench city = await ApiBench.StartAsync(map: shipped);
        ApiBench.Answer answer = await city.GetAsync("/api/map/base", await city.TokenAsync("m", "member", "transport", "north"));
        Assert.Equal((HttpStatusCode.OK, "application/geo+json"), (answer.Status, answer.ContentType));
        JsonElement[] features = [.. answer.Json.GetProperty("features").EnumerateArray()];
        Assert.InRange(features.Length, 50, 500);
        Assert.InRange(Encoding.UTF8.GetByteCount(answer.Text), 10_000, 150_000);
        Assert.Equal(["district", "industrial", "land", "road", "water"], features.Select(feature => feature.GetProperty("properties").GetProperty("kind").GetString()!).Distinct().Order(StringComparer.Ordinal));
        double[] bounds = shipped.Style.Bounds!;
        Streaming.Ingest.City.CityDefinition made = Streaming.Ingest.City.CityFiles.Load(Streaming.Ingest.City.CityFiles.ShippedDirectory, out _)!;
        IEnumerable<(double Lat, double Lon)> stand = made.Stations.Select(each => (each.Latitude, each.Longitude)).Concat(made.Cameras.Select(each => (each.Latitude, each.Longitude))).Concat(made.Enterprises.Select(each => (each.Latitude, each.Longitude)));
        Assert.All(stand, each => Assert.True(each.Lon > bounds[0] && each.Lon < bounds[2] && each.Lat > bounds[1] && each.Lat < bounds[3], $"{each}"));
        string[] districts = [.. features.Where(feature => feature.GetProperty("properties").GetProperty("kind").GetString() == "district").Select(feature => feature.GetProperty("properties").GetProperty("id").GetString()!).Order(StringComparer.Ordinal)];
        Assert.Equal(Streaming.Determinism.ShippedCity.Rules.Districts.Select(each => each.Id).Order(StringComparer.Ordinal), districts);
    }

    [Theory]
    [InlineData("""{"tiles":"https://tiles.example/{z}/{x}/{y}.png"}""", null, "https://tiles.example")]
    [InlineData("""{"tiles":"http://127.0.0.1:9000/{z}/{x}/{y}.png"}""", null, "http://127.0.0.1:9000")]
    [InlineData("""{"tiles":"http://tiles.example/{z}/{x}/{y}.png"}""", "tiles", null)]
    [InlineData("""{"tiles":"https://{z}.example/{x}/{y}.png"}""", "tiles", null)]
    [InlineData("""{"tiles":"https://tiles.example/"}""", "tiles", null)]
    [InlineData("""{"tiles":"https://tiles.example;script-src *.evil.example/{z}/{x}/{y}"}""", "tiles", null)]
    [InlineData("""{"center":[23.1,112.4]}""", "center", null)]
    [InlineData("""{"bounds":[112.6,22.9,112.2,23.2]}""", "bounds", null)]
    [InlineData("""{"zoom":30}""", "zoom", null)]
    [InlineData("""{"tile":"x"}""", "map.json", null)]
    public void A_city_says_where_its_tiles_come_from_and_what_is_wrong_is_named(string json, string? wrong, string? origin)
    {
        string directory = Directory.CreateTempSubdirectory("streaming-map-").FullName;
        try
        {
            File.WriteAllText(Path.Combine(directory, CityMap.StyleFile), json);
            if (wrong is null)
            {
                Assert.Equal(origin, CityMap.Load(directory).TileOrigin);
            }
            else
            {
                Assert.Contains(wrong, Assert.Throws<InvalidDataException>(() => CityMap.Load(directory)).Message, StringComparison.Ordinal);
            }
        }
        finally
        {
            Directory.Delete(directory, recursive: true);
        }
    }

    private static JsonElement Point(JsonElement[] points, string id) => Assert.Single(points, point => point.GetProperty("id").GetString() == id);

    private static (double Lat, double Lon) Where(JsonElement point) => (point.GetProperty("lat").GetDouble(), point.GetProperty("lon").GetDouble());

    private async Task<JsonElement[]> PointsAsync(string path, string token = ApiBench.Administrator)
    {
        ApiBench.Answer answer = await api.GetAsync(path, token);
        Assert.True(answer.Status == HttpStatusCode.OK, answer.Text);
        return [.. answer.Json.GetProperty("points").EnumerateArray()];
    }

    private async Task<(HttpStatusCode Status, string Tag, byte[] Body)> AskAsync(string path, string? tag, string? coding = null)
    {
        using HttpRequestMessage request = new(HttpMethod.Get, path);
        request.Headers.Authorization = new("Bearer", ApiBench.Administrator);
        if (tag is not null)
        {
            request.Headers.TryAddWithoutValidation("If-None-Match", tag);
        }

        if (coding is not null)
        {
            request.Headers.Add("Accept-Encoding", coding);
        }

        using HttpResponseMessage response = await api.Client.SendAsync(request);
        Assert.Equal(coding is null ? [] : [coding], response.Content.Headers.ContentEncoding);
        return (response.StatusCode, response.Headers.ETag!.ToString(), await response.Content.ReadAsByteArrayAsync());
    }

    private void Device(string id, string kind, string district, double latitude, double longitude, string? enterprise = null) =>
        api.Views.Journal.Show(View.Devices, id, Rows.Device(id, district: district) with { Kind = kind, Latitude = latitude, Longitude = longitude, Enterprise = enterprise });

    private void Enterprise(string id, string name, string district, double latitude, double longitude)
    {
        EntrySpan span = new(null, null, new() { ["lat"] = JsonSerializer.SerializeToElement(latitude), ["lon"] = JsonSerializer.SerializeToElement(longitude), ["name"] = JsonSerializer.SerializeToElement(name) }, []);
        api.Views.Journal.Show(View.Registers, $"enterprises/{id}", new EntryRow("enterprises", id, [span], [], district, [], false, Rows.At));
    }

    private void Case(string id, string district, string lead, int severity, (double Lat, double Lon)? figures = null)
    {
        CaseRow row = Rows.Case(id, district: district, lead: lead) with { Severity = severity };
        SortedDictionary<string, double> where = figures is { } at ? new(StringComparer.Ordinal) { ["latitudeDeg"] = at.Lat, ["longitudeDeg"] = at.Lon } : new(StringComparer.Ordinal);
        api.Views.Journal.Show(View.Cases, id, row with { Warning = row.Warning with { Evidence = new Evidence([new CitedReading("S01", "r", Rows.At)], where, null, null) } });
    }

    /// <summary>Telemetry of the truck, as it comes in.</summary>
    private void Seen(double latitude, double longitude, string id = "a")
    {
        long nowMs = time.GetUtcNow().ToUnixTimeMilliseconds();
        string at = FormattableString.Invariant($"{time.GetUtcNow().UtcDateTime:yyyy-MM-ddTHH:mm:ss.fffZ}");
        string payload = string.Create(CultureInfo.InvariantCulture, $$$"""{"id":"{{{id}}}","at":"{{{at}}}","position":{"lat":{{{latitude}}},"lon":{{{longitude}}}},"speedKmh":71,"tank":{"pressureKpa":820}}""");
        SourceContext gateway = new(new SourceRegistration("trucks", "hazmat", ["v1/hazmat/vehicle/+"], "harbour", null, ""));
        api.Views.Journal.Append(writer => Assert.Equal(1, PublishEncoder.Encode(writer, gateway, Encoding.UTF8.GetBytes($"v1/hazmat/vehicle/{Truck}"), Encoding.UTF8.GetBytes(payload), nowMs).Accepted));
    }
}
