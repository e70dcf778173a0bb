using Streaming.Determinism;
using Streaming.Grains.Messages;
using Streaming.Grains.Rules;
using Streaming.Grains.Turns;
using Streaming.Models.Evasion;
using Streaming.Models.Readings;
using Streaming.Tests.Registers;
using Streaming.Tests.Rules;
using Xunit;
using static Streaming.Determinism.Readings;
using static Streaming.Tests.Registers.Statements;

namespace Streaming.Tests.Subjects;

/// <summary>A camera before a station sees a goods vehicle, and the station weighs it, or does not.</summary>
public sealed class UnweighedTests
{
    private const string Plate = "粤H12345-yellow";

    /// <summary>C01 sees who comes to S07; C02 sees the road before it forks to S08 and S09.</summary>
    private static readonly Rulebook City = new()
    {
        Version = 1,
        Evasion = new EvasionRules
        {
            Unweighed = new UnweighedRule { Repeats = 1 },
            Watches =
            [
                new() { Camera = "C02", Station = "S09", WithinS = 90 },
                new() { Camera = "C01", Station = "S07", WithinS = 120 },
                new() { Camera = "C02", Station = "S08", WithinS = 60 },
            ],
        },
    };

    private readonly SubjectStage truck = new(ActorKind.Vehicle, Plate) { Rules = City };
    private int readings;

    [Fact]
    public void Who_is_seen_and_not_weighed_is_warned_of_once_the_time_is_over()
    {
        Seen("C01", Noon);
        Assert.Equal((true, Noon + 120_000), (truck.ToldNobody, truck.Reminders["evasion"]));
        truck.Reload();
        truck.Remind("evasion");

        Warning warning = truck.Shown;
        Assert.Equal(("evasion", "evasion/1", 2, 0.5, "north", true), (warning.Kind, warning.Model, warning.Severity, warning.Confidence, warning.District, warning.Live));
        Assert.Equal((DateTimeOffset.FromUnixTimeMilliseconds(Noon), 120.0), (warning.Since, warning.Evidence.Figures["withinS"]));
        Assert.Equal(("C01", "r1"), (Assert.Single(warning.Evidence.Readings).Source, warning.Evidence.Readings[0].Id));
        Assert.Contains("(seen but not weighed): camera C01, which watches the approach to station S07, saw it at 2026-11-21T12:00:00.000Z, and within 120 s no weighing followed there.", warning.Explanation.En, StringComparison.Ordinal);
        Assert.Contains("疑似规避称重（见车未称重）：监视检测站S07来车方向的摄像头C01", warning.Explanation.Zh, StringComparison.Ordinal);
        Assert.Empty(truck.Reminders);
        Assert.True(truck.Described.GetProperty("evasion").GetProperty("awaited")[0].GetProperty("missed").GetBoolean());
    }

    [Theory]
    [InlineData(-5, true)]
    [InlineData(-6, false)]
    [InlineData(120, true)]
    [InlineData(121, false)]
    public void A_weighing_in_its_time_ends_the_waiting(int afterS, bool ends)
    {
        Seen("C01", Noon);
        Weighs("S07", Noon + (afterS * 1_000L));
        Assert.Equal(ends, truck.Reminders.Count == 0);
        Assert.True(truck.ToldNobody);
        Assert.Equal(!ends, truck.Described.TryGetProperty("evasion", out _));
    }

    [Theory]
    [InlineData(-5, true)]
    [InlineData(-6, false)]
    [InlineData(120, true)]
    public void A_weighing_that_came_before_the_sighting_did_is_the_one_waited_for(int afterS, bool answers)
    {
        Weighs("S07", Noon + (afterS * 1_000L));
        Seen("C01", Noon, nowMs: Noon + 200_000);
        Assert.Equal(answers, truck.Reminders.Count == 0);
    }

    [Fact]
    public void A_record_that_comes_late_clears_the_warning_and_says_why()
    {
        Seen("C01", Noon);
        truck.Remind("evasion");
        truck.Reload();
        Weighs("S07", Noon + 121_000, nowMs: Noon + 400_000);
        Assert.True(truck.ToldNobody);
        Weighs("S07", Noon + 60_000, nowMs: Noon + 900_000);

        Assert.Equal((WarningChange.Cleared, false), (truck.Told.Change, truck.Shown.Open));
        Assert.Contains("Cleared: station S07 weighed it at 2026-11-21T12:01:00.000Z; its record came late.", truck.Shown.Explanation.En, StringComparison.Ordinal);
        Assert.Contains("已解除：检测站S07已于2026-11-21T12:01:00.000Z称重，记录迟到。", truck.Shown.Explanation.Zh, StringComparison.Ordinal);
        Assert.False(truck.Described.TryGetProperty("evasion", out _));
    }

    [Fact]
    public void Of_two_passages_each_has_to_be_answered()
    {
        Seen("C01", Noon);
        truck.Remind("evasion");
        Seen("C01", Noon + 600_000);
        truck.Remind("evasion");
        Assert.Equal(2, truck.Shown.Count);
        Weighs("S07", Noon + 60_000, nowMs: Noon + 900_000);
        Assert.True(truck.ToldNobody);
        Weighs("S07", Noon + 660_000, nowMs: Noon + 901_000);
        Assert.Equal(WarningChange.Cleared, truck.Told.Change);
    }

    [Fact]
    public void Where_the_road_forks_a_weighing_on_either_way_is_enough()
    {
        Seen("C02", Noon);
        Assert.Equal(Noon + 90_000, truck.Reminders["evasion"]);
        Weighs("S07", Noon + 30_000);
        Weighs("S08", Noon + 61_000);
        Assert.Single(truck.Reminders);
        Weighs("S09", Noon + 61_000);
        Assert.Empty(truck.Reminders);

        Seen("C02", Noon + 600_000);
        truck.Remind("evasion");
        Assert.Contains("the approach to station S08 / S09", truck.Shown.Explanation.En, StringComparison.Ordinal);
    }

    [Fact]
    public void The_same_passage_seen_twice_is_waited_for_once()
    {
        Seen("C01", Noon);
        Seen("C01", Noon + 20_000);
        truck.Remind("evasion");
        Assert.Equal((1, 0), (truck.Shown.Count, truck.Reminders.Count));
    }

    [Theory]
    [InlineData(VehicleClass.Rigid, null, true)]
    [InlineData(VehicleClass.Tanker, null, true)]
    [InlineData(VehicleClass.Unknown, null, false)]
    [InlineData(VehicleClass.Other, null, false)]
    [InlineData(VehicleClass.Car, null, false)]
    [InlineData(VehicleClass.Bus, null, false)]
    [InlineData(VehicleClass.Unknown, "\"axles\":3", true)]
    [InlineData(VehicleClass.Unknown, "\"axles\":2", false)]
    [InlineData(VehicleClass.Unknown, "\"vehicleClass\":\"combination\"", true)]
    [InlineData(VehicleClass.Car, "\"vehicleClass\":\"combination\"", false)]
    [InlineData(VehicleClass.Rigid, "\"vehicleClass\":\"bus\",\"axles\":3", false)]
    public void Only_goods_vehicles_are_to_be_weighed(VehicleClass seen, string? registered, bool waits)
    {
        if (registered is not null)
        {
            TellOf(new SubjectStage(ActorKind.Entry, $"vehicles/{Plate}").Play(Say(Source("police", "vehicles"), $$"""{"plate":"粤H12345-yellow",{{registered}}}""", Noon - 600_000)), truck);
        }

        Seen("C01", Noon + 600_000, seen);
        Assert.Equal(waits, truck.Reminders.Count == 1);
    }

    [Fact]
    public void A_camera_that_watches_no_station_and_an_event_that_is_no_vehicle_are_waited_for_by_nobody()
    {
        Seen("C03", Noon);
        truck.Play(Sight("smoke", Noon + 1_000, VideoEvent.Smoke, 900, vehicleClass: VehicleClass.Rigid) with { Source = "C01"u8.ToArray() });
        Assert.Empty(truck.Reminders);
    }

    [Fact]
    public void A_sighting_that_comes_late_gives_the_station_as_long_as_itself()
    {
        Seen("C01", Noon, nowMs: Noon + 3_600_000);
        Assert.Equal(Noon + 3_720_000, truck.Reminders["evasion"]);
        truck.Remind("evasion");
        Assert.False(truck.Shown.Live);
    }

    [Fact]
    public void A_sighting_from_before_the_last_weighing_is_counted_and_accuses_nobody()
    {
        Weighs("S07", Noon + 60_000);
        Weighs("S11", Noon + 400_000);
        Seen("C01", Noon, nowMs: Noon + 500_000);
        Assert.Empty(truck.Reminders);
        Assert.Equal(1, truck.Described.GetProperty("evasion").GetProperty("late").GetInt32());
    }

    [Fact]
    public void A_camera_that_the_rulebook_has_dropped_accuses_nobody_any_more()
    {
        Seen("C01", Noon);
        truck.Rules = new Rulebook { Version = 2 };
        truck.Remind("evasion");
        Assert.True(truck.ToldNobody);
        Assert.Empty(truck.Reminders);
    }

    [Fact]
    public void However_many_cameras_see_it_the_newest_four_passages_are_remembered()
    {
        truck.Rules = new Rulebook { Version = 1, Evasion = new EvasionRules { Unweighed = new UnweighedRule { Repeats = 1 }, Watches = [.. Enumerable.Range(1, 6).Select(i => new StationWatch { Camera = $"C0{i}", Station = $"S0{i}", WithinS = 300 })] } };
        for (int i = 1; i <= 6; i++)
        {
            Seen($"C0{i}", Noon + (i * 1_000));
            truck.Reload();
        }

        Assert.Equal(["C03", "C04", "C05", "C06"], truck.Described.GetProperty("evasion").GetProperty("awaited").EnumerateArray().Select(each => each.GetProperty("camera").GetString()!));
        truck.Remind("evasion", Noon + 304_000);
        Assert.Equal(Noon + 305_000, truck.Reminders["evasion"]);
        truck.Remind("evasion");
        Assert.Equal(3, truck.Shown.Count);
    }

    [Fact]
    public void By_the_shipped_rule_it_takes_two_passages_within_a_day_and_one_that_was_weighed_after_all_takes_the_ground_away()
    {
        truck.Rules = new Rulebook { Version = 1, Evasion = City.Evasion with { Unweighed = new UnweighedRule() } };
        Seen("C01", Noon);
        truck.Remind("evasion");
        Assert.True(truck.ToldNobody);
        Seen("C01", Noon + (25 * 3_600_000));
        truck.Remind("evasion");
        Assert.True(truck.ToldNobody);
        truck.Reload();
        Seen("C02", Noon + (26 * 3_600_000));
        truck.Remind("evasion");
        Assert.Equal((WarningChange.Opened, 2.0), (truck.Told.Change, truck.Shown.Evidence.Figures["passages"]));
        Assert.Contains("Passages without a weighing: 2.", truck.Shown.Explanation.En, StringComparison.Ordinal);
        Assert.Contains("此类未称重通行共2次", truck.Shown.Explanation.Zh, StringComparison.Ordinal);

        Weighs("S07", Noon + (25 * 3_600_000) + 60_000, nowMs: Noon + (27 * 3_600_000));
        Assert.Equal(WarningChange.Cleared, truck.Told.Change);
        Assert.False(truck.Shown.Open);
    }

    [Fact]
    public void After_its_case_a_record_that_comes_late_clears_nothing_and_the_next_passage_opens_another()
    {
        Seen("C01", Noon);
        truck.Remind("evasion");
        truck.Play(Tell(MessageKind.CaseClosed, Noon + 200_000, new CaseClosed("north-1", Plate, ActorKind.Vehicle, "evasion", truck.Shown.Id, "penalty"), GrainsJson.Default.CaseClosed));
        Weighs("S07", Noon + 60_000, nowMs: Noon + 900_000);
        Assert.True(truck.ToldNobody);
        Seen("C01", Noon + 1_000_000);
        truck.Remind("evasion");
        Assert.Equal((WarningChange.Opened, $"{Plate}/evasion/2"), (truck.Told.Change, truck.Shown.Id));
    }

    [Fact]
    public void Being_seen_and_weighed_again_and_again_makes_no_more_than_the_host_does_for_a_reminder()
    {
        // The host looks a reminder up by its name, twice for each of the ten passages: 160 bytes each. A buffer for the sighting would be over a hundred more.
        Assert.InRange(Allocated(City) - Allocated(new Rulebook { Version = 1 }), 0, 10 * 2 * 160);

        static long Allocated(Rulebook rules)
        {
            SubjectStage stage = new(ActorKind.Vehicle, Plate) { Rules = rules };
            List<ScriptStep> steps = [];
            for (int i = 0; i < 40; i++)
            {
                steps.Add(Sight($"v{i:00}", Noon + (i * 600_000), VideoEvent.Vehicle, 900, vehicleClass: VehicleClass.Rigid) with { Source = "C01"u8.ToArray() });
                steps.Add(Weigh($"w{i:00}", Noon + (i * 600_000) + 30_000, 17_000, 2));
            }

            foreach (ScriptStep step in steps[..60])
            {
                stage.Play(step);
            }

            long before = GC.GetAllocatedBytesForCurrentThread();
            for (int i = 60; i < steps.Count; i++)
            {
                stage.Play(steps[i]);
            }

            return GC.GetAllocatedBytesForCurrentThread() - before;
        }
    }

    [Fact]
    public void The_section_of_a_rulebook_is_read_written_and_checked()
    {
        const string section = """
            "evasion": { "minimumKg": 9000, "straddling": { "leastPermille": 500 }, "speed": { "stations": [{ "station": "S07", "leastKmh": 20, "mostKmh": 90 }] }, "disagreement": { "withinS": 900 }, "axleCount": {}, "watches": [{ "camera": "C02", "station": "S08", "withinS": 60 }, { "camera": "C01", "station": "S07" }] }
            """;
        Dictionary<string, string> files = CityRules.Files();
        files["limits.json"] = $"{{ {section} }}";
        Rulebook? city = Rulebook.Load(files, out IReadOnlyList<RulebookProblem> problems);
        Assert.Empty(problems);
        Rulebook read = Rulebook.Parse(city!.ToJson());
        Assert.Equal((9_000, 500, 1_667, 900, 5.0), (read.Evasion.MinimumKg, read.Evasion.Straddling!.LeastPermille, read.Evasion.Straddling.MostPermille, read.Evasion.Disagreement!.WithinS, read.Evasion.Disagreement.AbovePct));
        Assert.Equal(["C01 S07 300", "C02 S08 60"], read.Evasion.Watches.Select(watch => $"{watch.Camera} {watch.Station} {watch.WithinS}"));
        Assert.Equal((20.0, 90.0), read.Evasion.Speed!.Of("S07"u8));
        Assert.Equal(city.ContentHash, read.ContentHash);
        Assert.DoesNotContain("\"evasion\"", System.Text.Encoding.UTF8.GetString(new Rulebook { Version = 1 }.ToJson()), StringComparison.Ordinal);

        files["limits.json"] = """{ "evasion": { "watches": [{ "camera": "C01", "station": "S07", "withinS": 600 }] } }""";
        Assert.Null(Rulebook.Load(files, out problems));
        Assert.Contains("it must be below lateAfterS, 600, or its warnings would never be live", Assert.Single(problems).Expected, StringComparison.Ordinal);
        EvasionRules wrong = new() { MinimumKg = -1, Straddling = new() { LeastPermille = 1_000 }, Speed = new() { LeastKmh = 200 }, Disagreement = new() { WithinS = 0 }, AxleCount = new() { SameGrossPct = double.NaN }, Watches = [new() { Camera = "C1", Station = "S1" }, new() { Camera = "C1", Station = "S1" }, new() { Camera = "C2" }] };
        Assert.Equal(7, wrong.Problems().Count());
    }

    private void Seen(string camera, long atMs, VehicleClass seen = VehicleClass.Rigid, long? nowMs = null) =>
        truck.Play(Sight($"r{++readings}", atMs, VideoEvent.Vehicle, 900, vehicleClass: seen) with { Source = System.Text.Encoding.UTF8.GetBytes(camera), NowMs = nowMs ?? atMs + 500 });

    private void Weighs(string station, long atMs, long? nowMs = null) =>
        truck.Play(Weigh($"r{++readings}", atMs, 17_000, 2) with { Source = System.Text.Encoding.UTF8.GetBytes(station), NowMs = nowMs ?? atMs + 500 });
}
