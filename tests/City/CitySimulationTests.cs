using System.Text;
using System.Text.Json;
using Streaming.Ingest.City;
using Xunit;

namespace Streaming.Tests.City;

public sealed class CitySimulationTests
{
    private const int MinuteMs = 60_000;

    [Fact]
    public void The_same_seed_gives_the_same_bytes()
    {
        Assert.Equal(Lines(ShippedCity.Simulate().NextBatch(ShippedCity.StartMs + MinuteMs)), Lines(ShippedCity.Simulate().NextBatch(ShippedCity.StartMs + MinuteMs)));
    }

    [Fact]
    public void Another_seed_gives_another_city()
    {
        Assert.NotEqual(Lines(ShippedCity.Simulate(seed: 8).NextBatch(ShippedCity.StartMs + MinuteMs)), Lines(ShippedCity.Simulate().NextBatch(ShippedCity.StartMs + MinuteMs)));
    }

    [Fact]
    public void Asking_often_or_seldom_makes_no_difference()
    {
        List<CityMessage> often = [];
        CitySimulation asked = ShippedCity.Simulate();
        for (int ms = 0; ms <= MinuteMs; ms += 37)
        {
            often.AddRange(asked.NextBatch(ShippedCity.StartMs + ms));
        }

        often.AddRange(asked.NextBatch(ShippedCity.StartMs + MinuteMs));
        CitySimulation once = ShippedCity.Simulate();
        Assert.Equal(Lines(once.NextBatch(ShippedCity.StartMs + MinuteMs)), Lines(often));
        Assert.Equal(once.Truth.Due, asked.Truth.Due);
    }

    [Theory]
    [InlineData(50)]
    [InlineData(200)]
    [InlineData(2_000)]
    public void It_sends_as_many_readings_as_it_was_asked_for(double readingsPerSecond)
    {
        CitySimulation simulation = ShippedCity.Simulate(readingsPerSecond: readingsPerSecond);
        double sent = simulation.NextBatch(ShippedCity.StartMs + (5 * MinuteMs)).Count;
        Assert.InRange(sent / 300 / readingsPerSecond, 0.95, 1.10);
    }

    [Fact]
    public void Readings_come_in_the_order_of_their_times_and_each_id_once()
    {
        IReadOnlyList<CityMessage> batch = ShippedCity.Simulate().NextBatch(ShippedCity.StartMs + (5 * MinuteMs));
        Assert.Equal(batch.Select(message => message.AtMs).Order(), batch.Select(message => message.AtMs));
        Assert.All(batch, message => Assert.InRange(message.AtMs, ShippedCity.StartMs, ShippedCity.StartMs + (5 * MinuteMs)));
        Assert.Equal(batch.Count, batch.Select(message => Parse(message).GetProperty("id").GetString()).Distinct().Count());
    }

    [Fact]
    public void Every_device_publishes_on_its_own_topics_only()
    {
        foreach (CityMessage message in ShippedCity.Simulate().NextBatch(ShippedCity.StartMs + (3 * MinuteMs)))
        {
            Assert.Contains(message.Device.Topics, filter => filter == message.Topic || (filter.EndsWith("/+", StringComparison.Ordinal)
                && message.Topic.StartsWith(filter[..^1], StringComparison.Ordinal) && !message.Topic[(filter.Length - 1)..].Contains('/')));
        }
    }

    [Fact]
    public void Another_run_repeats_no_id()
    {
        CityDefinition city = ShippedCity.Load();
        CitySimulation later = new(city, new CitySettings(7, 200, ShippedCity.StartMs + 1000));
        HashSet<string?> first = [.. ShippedCity.Simulate().NextBatch(ShippedCity.StartMs + 5000).Select(message => Parse(message).GetProperty("id").GetString())];
        Assert.DoesNotContain(later.NextBatch(ShippedCity.StartMs + 6000), message => first.Contains(Parse(message).GetProperty("id").GetString()));
    }

    [Fact]
    public void Exactly_the_trucks_in_the_truth_are_measured_over_their_limit()
    {
        CitySimulation simulation = ShippedCity.Simulate();
        HashSet<string> over = [];
        foreach (CityMessage message in simulation.NextBatch(ShippedCity.StartMs + (8 * MinuteMs)))
        {
            if (message.Topic.StartsWith("v1/wim/", StringComparison.Ordinal) && IsOverRoadLimit(Parse(message)) is { } vehicle)
            {
                over.Add(vehicle);
            }
        }

        Assert.Equal(over.Order(), simulation.Truth.Due.Where(due => due.Kind == "over-road-limit").Select(due => due.Subject).Order());
    }

    [Fact]
    public void About_as_many_weighings_are_over_the_limit_as_cities_report()
    {
        IReadOnlyList<CityMessage> batch = ShippedCity.Simulate().NextBatch(ShippedCity.StartMs + (15 * MinuteMs));
        JsonElement[] weighings = [.. batch.Where(message => message.Topic.StartsWith("v1/wim/", StringComparison.Ordinal)).Select(Parse)];
        double overPct = 100.0 * weighings.Count(weighing => IsOverRoadLimit(weighing) is not null) / weighings.Length;
        Assert.InRange(overPct, 0.6, 1.2);
    }

    [Fact]
    public void A_weighing_is_consistent_in_itself()
    {
        foreach (CityMessage message in ShippedCity.Simulate().NextBatch(ShippedCity.StartMs + (2 * MinuteMs)).Where(message => message.Topic.StartsWith("v1/wim/", StringComparison.Ordinal)))
        {
            JsonElement weighing = Parse(message);
            JsonElement[] axles = [.. weighing.GetProperty("axles").EnumerateArray()];
            Assert.Equal(weighing.GetProperty("grossKg").GetInt32(), axles.Sum(axle => axle.GetProperty("massKg").GetInt32()));
            double[] offsets = [.. axles.Select(axle => axle.GetProperty("offsetM").GetDouble())];
            Assert.Equal(0, offsets[0]);
            Assert.Equal(offsets.Distinct().Order(), offsets);
        }
    }

    [Fact]
    public void No_vehicle_is_in_two_places_at_once()
    {
        CityDefinition city = ShippedCity.Load();
        Dictionary<string, (double Latitude, double Longitude)> places = city.Stations.ToDictionary(station => station.Id, station => (station.Latitude, station.Longitude));
        Dictionary<string, (long AtMs, (double Latitude, double Longitude) Place)> last = [];
        foreach (CityMessage message in ShippedCity.Simulate().NextBatch(ShippedCity.StartMs + (6 * MinuteMs)).Where(message => message.Topic.StartsWith("v1/wim/", StringComparison.Ordinal)))
        {
            string plate = Parse(message).GetProperty("plate").GetString()!;
            (double Latitude, double Longitude) place = places[message.Device.Id];
            if (last.TryGetValue(plate, out (long AtMs, (double Latitude, double Longitude) Place) before))
            {
                double km = Math.Sqrt(Math.Pow((place.Latitude - before.Place.Latitude) * 110.6, 2) + Math.Pow((place.Longitude - before.Place.Longitude) * 102.4, 2));
                double kmh = km / ((message.AtMs - before.AtMs) / 3_600_000.0);
                Assert.True(kmh < 90, $"{plate} drove {km:0.0} km at {kmh:0} km/h");
            }

            last[plate] = (message.AtMs, place);
        }
    }

    [Fact]
    public void Something_goes_wrong_within_ten_seconds_and_of_every_sort_within_a_minute()
    {
        CitySimulation simulation = ShippedCity.Simulate();
        simulation.NextBatch(ShippedCity.StartMs + 10_000);
        Assert.Contains(new DueWarning("桂K66021-yellow", "vehicle", "over-road-limit", ShippedCity.StartMs + 3000, "S07"), simulation.Truth.Due);
        Assert.Contains(simulation.Truth.Due, due => due.Kind == "smoke");
        simulation.NextBatch(ShippedCity.StartMs + MinuteMs);
        foreach (string kind in new[] { "over-road-limit", "tank-pressure", "smoke", "fire", "leak", "gas-toxic" })
        {
            Assert.Contains(simulation.Truth.Due, due => due.Kind == kind);
        }

        Assert.Contains(simulation.Truth.Due, due => due.Kind == "tank-pressure" && due.SubjectKind == "vehicle");
    }

    [Fact]
    public void Things_go_on_going_wrong_after_the_script()
    {
        CitySimulation simulation = ShippedCity.Simulate(readingsPerSecond: 20);
        simulation.NextBatch(ShippedCity.StartMs + (2 * MinuteMs));
        int scripted = simulation.Truth.Due.Count(due => due.Kind != "over-road-limit");
        simulation.NextBatch(ShippedCity.StartMs + (60 * MinuteMs));
        Assert.InRange(simulation.Truth.Due.Count(due => due.Kind != "over-road-limit") - scripted, 20, 60);
    }

    [Fact]
    public void A_tank_in_trouble_rises_past_its_limit_and_comes_back()
    {
        CitySimulation simulation = ShippedCity.Simulate();
        CityIncident incident = ShippedCity.Load().Incidents.Scripted.First(candidate => candidate.Kind == "tank");
        string topic = $"v1/hazmat/plant/{incident.Enterprise}/{incident.Unit}";
        (double AtS, double Kpa)[] sent = [.. simulation.NextBatch(ShippedCity.StartMs + (5 * MinuteMs)).Where(message => message.Topic == topic)
            .Select(message => ((message.AtMs - ShippedCity.StartMs) / 1000.0, Parse(message).GetProperty("pressureKpa").GetDouble()))];
        Assert.All(sent.Where(reading => reading.AtS < incident.AfterS), reading => Assert.True(reading.Kpa < 750));
        Assert.Contains(sent, reading => reading.Kpa >= incident.Limit);
        double endS = incident.AfterS + (2 * incident.RisingS!.Value) + incident.HoldingS!.Value;
        Assert.Contains(sent, reading => reading.AtS > endS);
        Assert.All(sent.Where(reading => reading.AtS > endS + 1), reading => Assert.True(reading.Kpa < 750));
        DueWarning due = Assert.Single(simulation.Truth.Due, due => due.Subject == incident.Enterprise && due.Kind == "tank-pressure");
        Assert.Equal(sent.First(reading => reading.Kpa >= incident.Limit).AtS, (due.AtMs - ShippedCity.StartMs) / 1000.0);
    }

    [Fact]
    public void A_time_skipped_is_left_out_and_not_made_up_for()
    {
        CitySimulation simulation = ShippedCity.Simulate();
        simulation.NextBatch(ShippedCity.StartMs + 1000);
        simulation.Skip(3_600_000);
        IReadOnlyList<CityMessage> batch = simulation.NextBatch(ShippedCity.StartMs + 3_602_000);
        Assert.InRange(batch.Count, 100, 400);
        Assert.All(batch, message => Assert.True(message.AtMs > ShippedCity.StartMs + 3_601_000));
    }

    private static JsonElement Parse(CityMessage message) => JsonDocument.Parse(message.Payload).RootElement;

    private static IEnumerable<string> Lines(IEnumerable<CityMessage> messages) =>
        messages.Select(message => $"{message.Device.Id} {message.Topic} {message.AtMs} {Encoding.UTF8.GetString(message.Payload.Span)}");

    /// <summary>The vehicle's key where the weighing is over the table of the road's limits, written down here once more.</summary>
    private static string? IsOverRoadLimit(JsonElement weighing)
    {
        int limitKg = (weighing.GetProperty("axles").GetArrayLength(), weighing.GetProperty("vehicleClass").GetString()) switch
        {
            (2, "rigid") => 18_000,
            (3, "rigid") => 25_000,
            (4, "rigid") => 31_000,
            (3, "combination") => 27_000,
            (4, "combination") => 36_000,
            (5, "combination") => 43_000,
            (6, "combination") => 49_000,
            var (axles, body) => throw new InvalidDataException($"No limit for {body} with {axles} axles."),
        };
        return weighing.GetProperty("grossKg").GetInt32() > limitKg ? $"{weighing.GetProperty("plate").GetString()}-{weighing.GetProperty("plateColor").GetString()}" : null;
    }
}
