using Streaming.Determinism;
using Streaming.Grains.Messages;
using Streaming.Grains.Rules;
using Streaming.Grains.Turns;
using Streaming.Models.Readings;
using Streaming.Tests.Registers;
using Xunit;
using static Streaming.Determinism.Readings;
using static Streaming.Tests.Subjects.EnterpriseStage;

namespace Streaming.Tests.Subjects;

/// <summary>Trucks that were found overloaded, and the enterprise that they came from: three within thirty days is the shipped figure. Messages go from vehicle to entry to enterprise as the hosts deliver them.</summary>
public sealed class SourceControlTests
{
    private const string Kind = "source-control";
    private const long Day = 24 * Hour;
    private readonly Dictionary<(ActorKind, string), SubjectStage> actors = [];
    private readonly List<WarningChanged> told = [];

    private string Open => told.Count == 0 || told[^1].Change == WarningChange.Cleared ? "" : Kind;

    [Fact]
    public void The_third_truck_of_an_enterprise_within_thirty_days_warns_it()
    {
        for (int truck = 1; truck <= 3; truck++)
        {
            Own(Plate(truck));
            Assert.Equal("", Open);
            Weigh(truck, Noon + (truck * Day));
        }

        Warning warning = Assert.Single(told).Warning;
        Assert.Equal((Kind, Works, "enterprise", "north", 2), (warning.Kind, warning.Subject, warning.SubjectKind, warning.District, warning.Severity));
        Assert.Equal((3.0, 30.0, 3.0), (warning.Evidence.Figures["trucks"], warning.Evidence.Figures["withinDays"], warning.Evidence.Figures["limitTrucks"]));
        Assert.Equal(("S07", "3"), (Assert.Single(warning.Evidence.Readings).Source, warning.Evidence.Readings[0].Id));
        Assert.Contains("3 trucks that were loaded here, or are the enterprise's, were found over their limits within 30 days; 3 make a warning.", warning.Explanation.En, StringComparison.Ordinal);
        Assert.Contains("粤H3-yellow at 2026-11-24T12:00:00.000Z, station S07, 22.45 % over (the enterprise's by the register)", warning.Explanation.En, StringComparison.Ordinal);
        Assert.Contains("30日内，在此装载或属于该企业的3辆货车被查出超限超载", warning.Explanation.Zh, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(30, Kind)]
    [InlineData(31, "")]
    public void Trucks_further_apart_than_thirty_days_are_no_pattern(int lastDay, string open)
    {
        int[] days = [lastDay, 0, 1];
        for (int truck = 0; truck < 3; truck++)
        {
            Own(Plate(truck));
        }

        // The last one is heard of first: they count by when they were weighed.
        for (int truck = 0; truck < 3; truck++)
        {
            Weigh(truck, Noon + (days[truck] * Day), nowMs: Noon + (40 * Day));
        }

        Assert.Equal(open, Open);
    }

    [Fact]
    public void A_waybill_says_where_it_was_loaded_and_goes_before_whose_it_is()
    {
        for (int truck = 1; truck <= 3; truck++)
        {
            Own(Plate(truck), enterprise: "SOMEBODY-ELSE");
            Say("waybills", $"W-{truck}", $$"""{"number":"W-{{truck}}","plate":"{{Plate(truck)[..^7]}}","plateColor":"yellow","substance":"UN1017","consignor":"{{Works}}","departure":"2026-11-21T10:00:00Z","arrival":"2026-11-21T18:00:00Z"}""");
            Weigh(truck, Noon + Hour);
        }

        Assert.Contains("loaded here by its waybill", Assert.Single(told).Warning.Explanation.En, StringComparison.Ordinal);
    }

    [Fact]
    public void One_warning_of_a_truck_counts_once_and_a_truck_that_is_not_surely_over_not_at_all()
    {
        Own(Plate(1));
        for (int i = 0; i < 5; i++)
        {
            Weigh(1, Noon + (i * Day));
        }

        for (int truck = 2; truck < 8; truck++)
        {
            // 49,100 kg at ±5 % is over 49,000 with little more than a half.
            Own(Plate(truck));
            Weigh(truck, Noon + Day, grossKg: 49_100);
        }

        Assert.Empty(told);
    }

    [Fact]
    public void What_a_station_weighed_whose_calibration_had_run_out_accuses_no_enterprise()
    {
        for (int truck = 1; truck <= 4; truck++)
        {
            Own(Plate(truck));
            Weigh(truck, Noon + Day, calibrationDueMs: Noon + Day);
        }

        Assert.Empty(told);
    }

    [Fact]
    public void A_register_that_takes_an_accusation_back_clears_or_corrects()
    {
        for (int truck = 1; truck <= 4; truck++)
        {
            Own(Plate(truck));
            Weigh(truck, Noon + (truck * Day));
        }

        Actor(ActorKind.Enterprise, Works).Reload();
        Permit(1);
        Assert.Equal((Kind, 1, 3.0), (Open, told[^1].Warning.Revised, told[^1].Warning.Evidence.Figures["trucks"]));
        Assert.Contains("The accusation of 粤H1-yellow was withdrawn.", told[^1].Warning.Explanation.En, StringComparison.Ordinal);
        Permit(2);
        Assert.Equal("", Open);
        Assert.Contains("已解除：剩余2辆。对粤H2-yellow的认定已撤销。", told[^1].Warning.Explanation.Zh, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("false-alarm", "")]
    [InlineData("penalty", Kind)]
    public void The_end_of_a_trucks_case_takes_back_what_was_none(string outcome, string open)
    {
        for (int truck = 1; truck <= 3; truck++)
        {
            Own(Plate(truck));
            Weigh(truck, Noon + (truck * Day));
        }

        Play(ActorKind.Vehicle, Plate(2), Tell(MessageKind.CaseClosed, Noon + (4 * Day), new CaseClosed("north-1", Plate(2), ActorKind.Vehicle, "over-road-limit", $"{Plate(2)}/over-road-limit/1", outcome), GrainsJson.Default.CaseClosed));
        Assert.Equal(open, Open);
    }

    [Fact]
    public void A_closed_case_begins_anew()
    {
        for (int truck = 1; truck <= 5; truck++)
        {
            Own(Plate(truck));
            Weigh(truck, Noon + (truck * Day));
            if (truck == 3)
            {
                Play(ActorKind.Enterprise, Works, Tell(MessageKind.CaseClosed, Noon + (3 * Day) + Hour, new CaseClosed("north-1", Works, ActorKind.Enterprise, Kind, told[0].Warning.Id, "penalty"), GrainsJson.Default.CaseClosed));
            }
        }

        Assert.Single(told);
    }

    [Fact]
    public void A_truck_of_which_no_register_says_anything_tells_nobody()
    {
        Weigh(1, Noon);
        Assert.Equal([(ActorKind.Dispatcher, "north")], Actor(ActorKind.Vehicle, Plate(1)).Sent.Select(sent => (sent.Kind, sent.Key)));
    }

    private static string Plate(int truck) => $"粤H{truck}-yellow";

    private SubjectStage Actor(ActorKind kind, string key) => actors.TryGetValue((kind, key), out SubjectStage? known) ? known : actors[(kind, key)] = new SubjectStage(kind, key)
    {
        Rules = new Rulebook
        {
            Version = 1,
            Outcomes = [new OutcomeCode("false-alarm", new LocalName("", ""), true, false), new OutcomeCode("penalty", new LocalName("", ""), true, true)],
        },
    };

    private void Weigh(int truck, long atMs, int grossKg = 60_000, long calibrationDueMs = 0, long? nowMs = null)
    {
        ScriptStep step = Streaming.Determinism.Readings.Weigh($"{truck}", atMs, grossKg, 6, VehicleClass.Combination);
        Play(ActorKind.Vehicle, Plate(truck), step with { Id = System.Text.Encoding.UTF8.GetBytes(atMs == Noon + (truck * Day) ? $"{truck}" : $"{truck}/{atMs}"), CalibrationDueMs = calibrationDueMs, NowMs = nowMs ?? step.NowMs, SeenBefore = nowMs is null ? null : false });
    }

    private void Own(string plate, string enterprise = Works) => Say("vehicles", plate, $$"""{"plate":"{{plate[..^7]}}","plateColor":"yellow","vehicleClass":"combination","axles":6,"driveAxles":2,"enterprise":"{{enterprise}}"}""");

    private void Permit(int truck) => Say("permits", $"P-{truck}", $$"""{"number":"P-{{truck}}","plate":"{{Plate(truck)[..^7]}}","plateColor":"yellow","grossKg":80000}""", Noon + (6 * Day));

    private void Say(string register, string key, string payload, long nowMs = Noon) =>
        Play(ActorKind.Entry, $"{register}/{key}", Statements.Say(Statements.Source("bureau", register), payload, nowMs));

    /// <summary>Plays a step, and delivers what it sends at once, cases aside.</summary>
    private void Play(ActorKind kind, string key, ScriptStep step)
    {
        SubjectStage actor = Actor(kind, key).Play(step);
        if ((kind, key) == (ActorKind.Enterprise, Works))
        {
            told.AddRange(actor.AllTold);
        }

        foreach ((ActorKind to, string name, ScriptStep sent) in actor.Sent)
        {
            if (to != ActorKind.Dispatcher)
            {
                Play(to, name, sent);
            }
        }
    }
}
