using System.Text.Json;
using Streaming.Determinism;
using Streaming.Grains.Messages;
using Streaming.Grains.Rules;
using Streaming.Grains.Turns;
using Streaming.Models.Encoding;
using Streaming.Models.Limits;
using Streaming.Models.Readings;
using Streaming.Tests.Rules;
using Xunit;
using static Streaming.Determinism.Readings;

namespace Streaming.Tests.Subjects;

public sealed class VehicleTests
{
    private const string Key = "粤H12345-yellow";
    private const string Kind = "over-road-limit";
    private const long Noon = 1_795_262_400_000;
    private readonly SubjectStage stage = new(ActorKind.Vehicle, Key);

    [Fact]
    public void A_vehicle_that_nothing_was_heard_of_does_not_exist() => Assert.False(stage.Actor.Exists);

    [Fact]
    public void A_weighing_within_the_limit_is_kept_and_warns_nobody()
    {
        stage.Play(Weigh("1", Noon, 18_000, 2));
        JsonElement weighing = stage.Described.GetProperty("lastWeighing");

        Assert.Equal(0, stage.Effects);
        Assert.Equal(1, stage.Described.GetProperty("weighings").GetInt32());
        Assert.Equal(18_000, weighing.GetProperty("limitKg").GetInt32());
        Assert.Equal(0, weighing.GetProperty("overKg").GetInt32());
        Assert.Equal("S07", weighing.GetProperty("station").GetString());
        Assert.Equal("2", weighing.GetProperty("lane").GetString());
        Assert.Equal(63.5, weighing.GetProperty("speedKmh").GetDouble());
        Assert.Equal(1.85, weighing.GetProperty("axles")[1].GetProperty("offsetM").GetDouble());
        Assert.Equal(DateTimeOffset.FromUnixTimeMilliseconds(Noon), stage.Described.GetProperty("lastSeen").GetDateTimeOffset());
        Assert.Equal(0, stage.Described.GetProperty("openWarnings").GetArrayLength());
    }

    [Fact]
    public void Sixty_tonnes_on_six_axles_open_a_warning_with_figures_limit_and_law_in_two_languages()
    {
        stage.Play(Weigh("S07-000123", Noon, 60_000, 6, VehicleClass.Combination));
        Warning warning = stage.Shown;

        Assert.Equal($"{Key}/over-road-limit/1", warning.Id);
        Assert.Equal((Key, "vehicle", Kind), (warning.Subject, warning.SubjectKind, warning.Kind));
        Assert.Equal((2, 0.9999, 1, true, true), (warning.Severity, warning.Confidence, warning.Count, warning.Open, warning.Live));
        Assert.Equal(("north", "road-limit/1", 1), (warning.District, warning.Model, warning.Rulebook));
        Assert.Equal(DateTimeOffset.FromUnixTimeMilliseconds(Noon), warning.Since);
        Assert.Equal(49_000, warning.Evidence.Figures["limitKg"]);
        Assert.Equal(11_000, warning.Evidence.Figures["overKg"]);
        Assert.Equal(22.45, warning.Evidence.Figures["overPct"]);
        Assert.Equal(5_500, warning.Evidence.Figures["penaltyEstimateCny"]);
        Assert.Equal(10_000, warning.Evidence.Figures["axle06Kg"]);
        Assert.Equal("超限运输车辆行驶公路管理规定 Art. 3", warning.Evidence.LegalSource);
        Assert.StartsWith("49,000 kg: combination with 6 axles", warning.Evidence.Limit, StringComparison.Ordinal);
        CitedReading cited = Assert.Single(warning.Evidence.Readings);
        Assert.Equal(("S07", "S07-000123", "https://pictures.example/1.jpg"), (cited.Source, cited.Id, cited.Image));
        Assert.Contains("60,000 kg", warning.Explanation.En, StringComparison.Ordinal);
        Assert.Contains("11,000 kg (22.45 %)", warning.Explanation.En, StringComparison.Ordinal);
        Assert.Contains("permit", warning.Explanation.En, StringComparison.Ordinal);
        Assert.Contains("超过公路限值49,000 kg", warning.Explanation.Zh, StringComparison.Ordinal);
        Assert.Contains("超限运输车辆通行证", warning.Explanation.Zh, StringComparison.Ordinal);

        Assert.Equal("north", stage.ToldDistrict);
        Assert.Equal((WarningChange.Opened, ActorKind.Vehicle, warning.Id), (stage.Told.Change, stage.Told.SubjectKind, stage.Told.Warning.Id));
        Assert.Equal(49_000, stage.Described.GetProperty("lastWeighing").GetProperty("limitKg").GetInt32());
        Assert.Equal(22.45, stage.Described.GetProperty("lastWeighing").GetProperty("overPct").GetDouble());
        Assert.Equal(warning.Id, stage.Described.GetProperty("openWarnings")[0].GetProperty("id").GetString());
        Assert.Contains("粤H12345-yellow/over-road-limit/1", stage.DescribedText, StringComparison.Ordinal);
    }

    [Fact]
    public void The_same_reading_again_changes_nothing_at_all()
    {
        byte[] before = stage.Play(Weigh("1", Noon, 60_000, 6)).State;
        stage.Play(Weigh("1", Noon, 60_000, 6));

        Assert.Equal(0, stage.Effects);
        Assert.Equal(before, stage.State);
    }

    [Fact]
    public void A_second_overload_updates_the_warning_of_the_district_that_opened_it()
    {
        stage.Play(Weigh("1", Noon, 50_000, 6));
        stage.Play(Weigh("2", Noon + 60_000, 70_000, 6) with { District = "harbour"u8.ToArray(), Source = "S09"u8.ToArray() });
        Warning warning = stage.Shown;

        Assert.Equal($"{Key}/over-road-limit/1", warning.Id);
        Assert.Equal((2, 3, "north"), (warning.Count, warning.Severity, warning.District));
        Assert.Equal(70_000, warning.Evidence.Figures["grossKg"]);
        Assert.Equal(["1", "2"], warning.Evidence.Readings.Select(cited => cited.Id));
        Assert.Equal(("north", WarningChange.Updated), (stage.ToldDistrict, stage.Told.Change));

        stage.Play(Weigh("3", Noon + 120_000, 50_000, 6));
        Assert.Equal((3, 3, 50_000.0), (stage.Shown.Count, stage.Shown.Severity, stage.Shown.Evidence.Figures["grossKg"]));
    }

    [Fact]
    public void A_warning_cites_the_reading_that_opened_it_and_the_last_ones()
    {
        for (int i = 1; i <= 9; i++)
        {
            stage.Play(Weigh($"{i}", Noon + (i * 1_000), 60_000, 6));
        }

        Assert.Equal(["1", "8", "9"], stage.Shown.Evidence.Readings.Select(cited => cited.Id));
        Assert.Equal(9, stage.Shown.Count);
    }

    [Fact]
    public void An_older_reading_counts_but_does_not_become_the_last_weighing()
    {
        stage.Play(Weigh("1", Noon, 60_000, 6));
        stage.Play(Weigh("2", Noon - 60_000, 80_000, 6));

        Assert.Equal(2, stage.Described.GetProperty("weighings").GetInt32());
        Assert.Equal("1", stage.Described.GetProperty("lastWeighing").GetProperty("id").GetString());
        Assert.Equal((2, 3, 60_000.0), (stage.Shown.Count, stage.Shown.Severity, stage.Shown.Evidence.Figures["grossKg"]));
        Assert.Equal(DateTimeOffset.FromUnixTimeMilliseconds(Noon), stage.Shown.Updated);
    }

    [Fact]
    public void A_reading_over_ten_minutes_late_warns_without_a_live_alert_and_says_so()
    {
        stage.Play(Weigh("1", Noon, 60_000, 6) with { NowMs = Noon + 600_000 });
        Assert.True(stage.Shown.Live);

        SubjectStage late = new(ActorKind.Vehicle, Key);
        late.Play(Weigh("1", Noon, 60_000, 6) with { NowMs = Noon + 1_500_001 });
        Assert.False(late.Shown.Live);
        Assert.False(late.Told.Warning.Live);
        Assert.Contains("25 min after", late.Shown.Explanation.En, StringComparison.Ordinal);
        Assert.Contains("25分钟", late.Shown.Explanation.Zh, StringComparison.Ordinal);
    }

    [Fact]
    public void A_late_reading_that_joins_a_live_warning_leaves_the_row_live_and_is_told_as_not_live()
    {
        stage.Play(Weigh("1", Noon, 60_000, 6));
        stage.Play(Weigh("2", Noon - 3_600_000, 60_000, 6) with { NowMs = Noon + 5_000 });

        Assert.True(stage.Shown.Live);
        Assert.False(stage.Told.Warning.Live);
    }

    [Fact]
    public void What_is_older_than_all_that_is_remembered_is_looked_up_and_decided_by_the_answer()
    {
        for (int i = 0; i < 20; i++)
        {
            stage.Play(Weigh($"{i}", Noon + (i * 1_000), 10_000, 2));
        }

        byte[] before = stage.State;
        stage.Play(Weigh("old", Noon + 500, 10_000, 2));
        Assert.True(stage.AsksHistory);
        Assert.Equal(1, stage.Effects);
        Assert.Equal(before, stage.State);

        stage.Play(Weigh("old", Noon + 500, 10_000, 2) with { SeenBefore = true });
        Assert.Equal(before, stage.State);
        stage.Play(Weigh("old", Noon + 500, 10_000, 2) with { SeenBefore = false });
        Assert.Equal(0, stage.Effects);
        Assert.Equal(21, stage.Described.GetProperty("weighings").GetInt32());
    }

    [Fact]
    public void A_closed_case_closes_the_warning_and_the_next_overload_opens_the_next_number()
    {
        stage.Play(Weigh("1", Noon, 60_000, 6));
        stage.Play(Closed("over-road-limit/1"));

        Assert.Equal((false, "north-7"), (stage.Shown.Open, stage.Shown.Case));
        Assert.True(stage.ToldNobody);
        Assert.Equal(0, stage.Described.GetProperty("openWarnings").GetArrayLength());

        stage.Reload();
        stage.Play(Weigh("2", Noon + 60_000, 60_000, 6));
        Assert.Equal($"{Key}/over-road-limit/2", stage.Shown.Id);
        Assert.Equal(WarningChange.Opened, stage.Told.Change);

        // The end of the first case comes a second time; the second warning is none of its business.
        stage.Play(Closed("over-road-limit/1"));
        Assert.Equal(0, stage.Effects);
        Assert.Equal(1, stage.Described.GetProperty("openWarnings").GetArrayLength());
    }

    [Fact]
    public void Without_axles_the_weighing_is_recorded_and_not_judged()
    {
        stage.Play(Weigh("1", Noon, 90_000, 0));
        JsonElement weighing = stage.Described.GetProperty("lastWeighing");

        Assert.Equal(0, stage.Effects);
        Assert.Equal(JsonValueKind.Null, weighing.GetProperty("limitKg").ValueKind);
        Assert.StartsWith("not judged", weighing.GetProperty("limitBasis").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public void An_ambiguous_body_is_decided_for_the_driver_and_the_warning_says_so()
    {
        Assert.Equal(0, stage.Play(Weigh("1", Noon, 35_900, 4)).Effects);

        stage.Play(Weigh("2", Noon + 1, 36_001, 4));
        Assert.Contains("in the driver's favour", stage.Shown.Explanation.En, StringComparison.Ordinal);
        Assert.Contains("对驾驶人有利", stage.Shown.Explanation.Zh, StringComparison.Ordinal);
        Assert.Equal(0.5, stage.Shown.Confidence, 2);
    }

    [Fact]
    public void An_uncertain_plate_creates_no_vehicle_and_accuses_none()
    {
        stage.Play(Weigh("1", Noon, 90_000, 6, platePermille: 599));
        Assert.Equal(0, stage.Effects);
        Assert.False(stage.Actor.Exists);

        stage.Play(Weigh("2", Noon, 10_000, 2, platePermille: 600));
        Assert.True(stage.Actor.Exists);
        stage.Play(Weigh("3", Noon + 1, 90_000, 6, platePermille: 599));
        stage.Play(Weigh("3", Noon + 1, 90_000, 6, platePermille: 599));
        Assert.Equal(0, stage.Effects);
        Assert.Equal(1, stage.Described.GetProperty("weighings").GetInt32());
        Assert.Equal(1, stage.Described.GetProperty("uncertainPlates").GetInt32());
        Assert.Equal("2", stage.Described.GetProperty("lastWeighing").GetProperty("id").GetString());
    }

    [Fact]
    public void The_rulebook_of_the_turn_judges()
    {
        stage.Rules = new Rulebook { Version = 7, RoadLimits = new RoadLimits { Rows = [new() { Axles = 2, RigidKg = 5_000 }], LegalSource = "a by-law" } };
        stage.Play(Weigh("1", Noon, 6_000, 2));

        Assert.Equal((7, "a by-law", 1_000.0), (stage.Shown.Rulebook, stage.Shown.Evidence.LegalSource, stage.Shown.Evidence.Figures["overKg"]));
    }

    [Fact]
    public void A_sighting_is_kept_with_its_orange_plate()
    {
        stage.Play(Sight("v1", Noon, VideoEvent.Vehicle, 910, "33/1203"));
        JsonElement sighting = stage.Described.GetProperty("lastSighting");

        Assert.Equal(1, stage.Described.GetProperty("sightings").GetInt32());
        Assert.Equal("33/1203", sighting.GetProperty("hazardPlate").GetString());
        Assert.Equal(23.1, sighting.GetProperty("position").GetProperty("lat").GetDouble());
    }

    [Fact]
    public void A_tank_truck_over_pressure_is_warned_of_until_it_is_past_the_hysteresis()
    {
        Assert.Equal(0, stage.Play(Telemetry("1", Noon, 820, 31, ValveState.Closed, 710)).Effects);
        stage.Play(Telemetry("2", Noon + 1_000, 1_400, 31, ValveState.Closed, 710));
        Assert.Equal(("tank-pressure", 3, 0.95), (stage.Shown.Kind, stage.Shown.Severity, stage.Shown.Confidence));
        Assert.Equal((1_400.0, 1_400.0), (stage.Shown.Evidence.Figures["pressureKpa"], stage.Shown.Evidence.Figures["limitKpa"]));

        // It lasts: counted, and told anew only once a minute or when it gets worse.
        Assert.Equal(0, stage.Play(Telemetry("3", Noon + 2_000, 1_395, 31, ValveState.Closed, 710)).Effects);
        stage.Play(Telemetry("4", Noon + 3_000, 1_600, 31, ValveState.Closed, 710));
        Assert.Equal((4, 3, WarningChange.Updated), (stage.Shown.Severity, stage.Shown.Count, stage.Told.Change));
        Assert.Equal("high-high", stage.Described.GetProperty("telemetry").GetProperty("alarms").GetProperty("pressureKpa").GetString());
        Assert.Equal(0, stage.Play(Telemetry("5", Noon + 10_000, 1_599, 31, ValveState.Closed, 710)).Effects);
        stage.Play(Telemetry("6", Noon + 63_000, 1_599, 31, ValveState.Closed, 710));
        Assert.Equal(WarningChange.Updated, stage.Told.Change);

        Assert.Equal(WarningChange.Updated, stage.Play(Telemetry("7", Noon + 64_000, 1_351, 31, ValveState.Closed, 710)).Told.Change);
        stage.Play(Telemetry("8", Noon + 65_000, 1_350, 31, ValveState.Closed, 710));
        Assert.Equal((WarningChange.Cleared, false), (stage.Told.Change, stage.Shown.Open));
        Assert.Equal(0, stage.Described.GetProperty("openWarnings").GetArrayLength());
        Assert.Equal(8, stage.Described.GetProperty("telemetry").GetProperty("readings").GetInt32());
    }

    [Fact]
    public void Late_telemetry_counts_and_moves_no_band()
    {
        stage.Play(Telemetry("1", Noon, 820, 31, ValveState.Closed, 0));
        stage.Play(Telemetry("2", Noon - 1, 5_000, 90, ValveState.Open, 900));

        Assert.Equal(0, stage.Effects);
        Assert.Equal(1, stage.Described.GetProperty("telemetry").GetProperty("late").GetInt32());
        Assert.Equal("1", stage.Described.GetProperty("telemetry").GetProperty("id").GetString());
    }

    [Fact]
    public void A_valve_open_at_speed_is_warned_of_until_it_is_shut_or_the_truck_stands()
    {
        Assert.Equal(0, stage.Play(Telemetry("0", Noon, 820, 31, ValveState.Open, 100)).Effects);
        stage.Play(Telemetry("1", Noon + 1, 820, 31, ValveState.Open, 101));
        Assert.Equal("valve-open-in-transit", stage.Shown.Kind);
        Assert.Equal(0, stage.Play(Telemetry("2", Noon + 2, 820, 31, ValveState.Open, 50)).Effects);
        stage.Play(Telemetry("3", Noon + 3, 820, 31, ValveState.Open, 30));
        Assert.Equal(WarningChange.Cleared, stage.Told.Change);

        stage.Play(Telemetry("4", Noon + 4, 820, 31, ValveState.Open, 600));
        Assert.EndsWith("/2", stage.Shown.Id, StringComparison.Ordinal);
        stage.Play(Telemetry("5", Noon + 5, 820, 31, ValveState.Closed, 600));
        Assert.Equal(WarningChange.Cleared, stage.Told.Change);
    }

    [Fact]
    public void Telemetry_does_not_crowd_weighings_out_of_memory()
    {
        stage.Play(Weigh("1", Noon, 10_000, 2));
        for (int i = 0; i < 50; i++)
        {
            stage.Play(Telemetry($"t{i}", Noon + 1_000 + i, 820, 31, ValveState.Closed, 0));
        }

        stage.Play(Weigh("2", Noon + 500, 10_000, 2));
        Assert.False(stage.AsksHistory);
        Assert.Equal(2, stage.Described.GetProperty("weighings").GetInt32());
    }

    [Fact]
    public void A_vehicle_on_fire_is_warned_of()
    {
        stage.Play(Sight("1", Noon, VideoEvent.Fire, 900));
        Assert.Equal(("fire", 4, "vehicle"), (stage.Shown.Kind, stage.Shown.Severity, stage.Shown.SubjectKind));
        Assert.Equal(1, stage.Described.GetProperty("sightings").GetInt32());
    }

    [Fact]
    public void A_weighing_within_the_limit_allocates_nothing()
    {
        Actor vehicle = stage.Actor;
        ScriptStep step = Weigh("000000", Noon, 17_000, 2);
        Effects effects = new();
        Rulebook rules = CityRules.Shipped;
        long Measure(int from, int count)
        {
            long before = GC.GetAllocatedBytesForCurrentThread();
            for (int i = from; i < from + count; i++)
            {
                effects.Clear();
                vehicle.Handle(
                    new Turn { Key = Key, NowMs = Noon + i, Position = i, Rules = rules, Effects = effects, Rows = null! },
                    new Message
                    {
                        Kind = MessageKind.Reading,
                        ReadingKind = ReadingKind.Weigh,
                        Body = step.Body,
                        Header = new ReadingHeader(Noon + i, (ulong)i, step.Id),
                        Origin = new Origin { Source = step.Source, District = step.District, AccuracyHundredthPct = 500 },
                    });
            }

            return GC.GetAllocatedBytesForCurrentThread() - before;
        }

        Measure(0, 100);
        Assert.Equal(0, Measure(100, 10_000));
        Assert.Equal(10_100, stage.Described.GetProperty("weighings").GetInt32());
        Assert.InRange(stage.State.Length, 1, 512);
    }

    [Fact]
    public void A_state_of_a_newer_program_is_refused()
    {
        byte[] state = stage.Play(Weigh("1", Noon, 10_000, 2)).State;
        state[0] = 200;

        Assert.Throws<InvalidDataException>(() =>
        {
            ByteReader reader = new(state);
            ActorFactory.Create(ActorKind.Vehicle).Read(ref reader);
        });
    }

    [Fact]
    public void A_message_that_no_vehicle_takes_is_a_bug() =>
        Assert.Throws<InvalidOperationException>(() => stage.Play(Status("1", Noon, true)));

    private static ScriptStep Closed(string warning) =>
        Tell(MessageKind.CaseClosed, Noon + 30_000, new CaseClosed("north-7", Key, ActorKind.Vehicle, Kind, $"{Key}/{warning}", "penalty"), GrainsJson.Default.CaseClosed);
}
