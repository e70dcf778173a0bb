using Streaming.Determinism;
using Streaming.Grains.Messages;
using Streaming.Grains.Rules;
using Streaming.Grains.Turns;
using Streaming.Models.Readings;
using Streaming.Models.Tanks;
using Streaming.Tests.Registers;
using Xunit;
using static Streaming.Determinism.Readings;
using static Streaming.Tests.Registers.Statements;

namespace Streaming.Tests.Subjects;

/// <summary>A truck of petrol and a register of waybills. Orange plate 33/1203 is petrol, 265/1017 chlorine.</summary>
public sealed class WaybillTests
{
    private const string Plate = "粤H12345-yellow";
    private const string Kind = "waybill";
    private static readonly Rulebook Rules = new() { Version = 1, Waybills = new WaybillRules { Enabled = true, UnloadSiteIsKey = true } };
    private readonly SubjectStage truck = new(ActorKind.Vehicle, Plate) { Rules = Rules };
    private readonly Dictionary<string, SubjectStage> entries = [];
    private long said = Noon;
    private int number;

    [Fact]
    public void An_orange_plate_without_a_waybill_is_warned_of_after_the_time_for_registering_late_and_the_warning_explains_itself()
    {
        Sees(0, "33/1203", 970);
        Assert.True(truck.ToldNobody);
        Assert.Equal(Noon + 2_000 + 1_800_000, truck.Reminders[Kind]);
        truck.Reload();
        truck.Remind(Kind);

        Warning warning = truck.Shown;
        Assert.Equal((Kind, 2, "waybill/1", true, WarningChange.Opened, "危险货物道路运输安全管理办法 Art. 24"), (warning.Kind, warning.Severity, warning.Model, warning.Live, truck.Told.Change, warning.Evidence.LegalSource));
        Assert.Equal(("north", "S07"), (truck.ToldDistrict, Assert.Single(warning.Evidence.Readings).Source));
        Assert.Equal(30, warning.Evidence.Figures["graceMin"]);
        Assert.Contains("Camera S07 saw the orange plate of UN1203 at 2026-11-21T12:00:00.000Z. No waybill that covers this time was registered within 30 min.", warning.Explanation.En, StringComparison.Ordinal);
        Assert.DoesNotContain("no live alert", warning.Explanation.En, StringComparison.Ordinal);
        Assert.Contains("30分钟内未登记覆盖该时间的运单", warning.Explanation.Zh, StringComparison.Ordinal);
    }

    [Fact]
    public void A_waybill_that_is_registered_in_time_leaves_nothing_to_judge()
    {
        Sees(0, "33/1203", 970);
        Registers("W1", "UN1203");
        Assert.Empty(truck.Reminders);
        Sees(60, "33/1203", 970);
        Assert.Empty(truck.Reminders);
        Assert.Empty(Open());
    }

    [Fact]
    public void A_waybill_that_comes_after_that_clears_the_warning_and_says_so()
    {
        Sees(0, "33/1203", 970);
        truck.Remind(Kind);
        truck.Reload();
        Registers("W9", "UN1203", "2026-11-22T12:00:00Z", "2026-11-22T18:00:00Z");
        Assert.Equal([Kind], Open());
        Registers("W1", "UN1203");
        Assert.Equal((WarningChange.Cleared, Kind), (truck.Told.Change, truck.Shown.Kind));
        Assert.Contains("Cleared, since transport changed the entry waybills/W1: waybill W1 covers it.", truck.Shown.Explanation.En, StringComparison.Ordinal);
        Assert.Contains("运单W1与之相符", truck.Shown.Explanation.Zh, StringComparison.Ordinal);
    }

    [Fact]
    public void A_loaded_tank_under_way_needs_a_waybill_and_an_empty_or_standing_one_does_not()
    {
        Drives(0, 5, 600, "");
        Drives(30, 5, 600, "");
        Drives(60, 60, 0, "");
        Drives(90, 60, 0, "");
        Assert.Empty(truck.Reminders);
        Drives(120, 60, 600, "");
        Assert.Empty(truck.Reminders);
        Drives(150, 60, 600, "");
        truck.Remind(Kind);
        Assert.Contains("under way with a loaded tank of UN1203", truck.Shown.Explanation.En, StringComparison.Ordinal);
        Assert.Contains("载货（UN1203）行驶", truck.Shown.Explanation.Zh, StringComparison.Ordinal);
    }

    [Fact]
    public void Other_goods_than_the_waybills_are_warned_of_at_once_and_need_a_second_look_where_the_plate_was_read_badly()
    {
        Registers("W1", "UN1203");
        Sees(0, "265/1017", 700);
        Assert.Empty(Open());
        Sees(60, "33/1203", 700);
        Sees(120, "265/1017", 700);
        Sees(180, "80/1830", 700);
        Assert.Empty(Open());
        Sees(240, "265/1017", 700);
        Sees(300, "265/1017", 700);
        Assert.Equal((Kind, 3, 4.0), (truck.Shown.Kind, truck.Shown.Severity, truck.Shown.Evidence.Figures["fault"]));
        Assert.Contains("Waybill W1 is for UN1203.", truck.Shown.Explanation.En, StringComparison.Ordinal);
        Assert.Contains("运单W1登记的货物为UN1203。", truck.Shown.Explanation.Zh, StringComparison.Ordinal);

        SubjectStage sure = new(ActorKind.Vehicle, Plate) { Rules = Rules };
        TellOf(entries["W1"], sure);
        sure.Play(Sight("s", Noon, VideoEvent.Vehicle, 960, "265/1017"));
        Assert.Equal(Kind, sure.Shown.Kind);
    }

    [Fact]
    public void A_corrected_waybill_clears_what_contradicted_it()
    {
        Registers("W1", "UN1203");
        Sees(0, "265/1017", 970);
        Assert.Equal([Kind], Open());
        Registers("W1", "UN1017");
        Assert.Empty(Open());
    }

    [Fact]
    public void Telemetry_that_agrees_with_its_waybill_says_nothing_and_a_number_that_nobody_registered_is_warned_of_late()
    {
        Registers("W1", "UN1203");
        for (int i = 0; i < 10; i++)
        {
            Drives(i * 30, 60, 600, "W1");
        }

        Assert.Empty(truck.Reminders);
        Drives(400, 60, 600, "W2");
        Drives(430, 60, 600, "W2");
        truck.Remind(Kind);
        Assert.Equal(3, truck.Shown.Evidence.Figures["fault"]);
        Assert.Contains("The waybill registered for this time is W1, and no waybill W2 of this vehicle was registered within 30 min.", truck.Shown.Explanation.En, StringComparison.Ordinal);
        Assert.Contains("30分钟内未登记该车的运单W2", truck.Shown.Explanation.Zh, StringComparison.Ordinal);
    }

    /// <summary>From 10:00 to 16:00, and two hours of tolerance: 18:00 is the last moment.</summary>
    [Fact]
    public void A_truck_under_way_on_its_waybill_just_within_the_tolerance_is_right_and_after_it_wrong()
    {
        Registers("W1", "UN1203");
        Drives(6 * 3_600, 60, 600, "W1");
        Assert.Empty(Open());
        Drives((6 * 3_600) + 1, 60, 600, "W1");
        Drives((6 * 3_600) + 31, 60, 600, "W1");
        Assert.Equal(2.0, truck.Shown.Evidence.Figures["fault"]);
        Assert.Equal(120.5, truck.Shown.Evidence.Figures["outsideMin"]);
        Assert.Contains("Waybill W1 is for 2026-11-21T10:00:00.000Z - 2026-11-21T16:00:00.000Z", truck.Shown.Explanation.En, StringComparison.Ordinal);
        Assert.Contains("超出120.5分钟", truck.Shown.Explanation.Zh, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("U1", false)]
    [InlineData("U2", true)]
    public void Unloading_at_another_site_than_the_waybills_contradicts_it(string site, bool warns)
    {
        Registers("W1", "UN1203");
        foreach ((int i, double levelPct) in new[] { 80.0, 80, 80, 40, 30, 20 }.Index())
        {
            truck.Play(Drive($"u{i}", Noon + (i * 30_000), TankFigures.None with { LevelPct = levelPct }, 0, site, SiteUses.Unload, waybill: "W1"));
        }

        Assert.Equal(warns ? [Kind] : [], Open());
        if (warns)
        {
            Assert.Contains("unloaded at site U2", truck.Shown.Explanation.En, StringComparison.Ordinal);
            Assert.Contains("运单W1登记的卸货地为U1", truck.Shown.Explanation.Zh, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void Without_a_register_of_waybills_nobody_is_accused()
    {
        truck.Rules = new Rulebook { Version = 1 };
        Sees(0, "33/1203", 970);
        Drives(60, 60, 600, "W2");
        Drives(90, 60, 600, "W2");
        Assert.Empty(truck.Reminders);
    }

    [Fact]
    public void A_late_sighting_is_no_evidence_and_a_plate_that_is_none_neither()
    {
        Registers("W1", "UN1203");
        Sees(300, "33/1203", 970);
        Sees(0, "265/1017", 970);
        Sees(330, "265/10I7", 970);
        Sees(360, "1017", 970);
        Sees(390, "265/1017", 590);
        Assert.Empty(Open());
        Assert.Empty(truck.Reminders);
    }

    [Fact]
    public void A_vehicle_knows_the_four_waybills_that_depart_last_and_forgets_one_that_becomes_anothers()
    {
        for (int i = 1; i <= 6; i++)
        {
            Registers($"W{i}", "UN1203", $"2026-11-{10 + i}T10:00:00Z", $"2026-11-{10 + i}T16:00:00Z");
        }

        Assert.Equal(["W3", "W4", "W5", "W6"], Known());
        truck.Reload();
        Assert.Equal(["W3", "W4", "W5", "W6"], Known());
        SubjectStage entry = entries["W6"];
        entry.Play(Say(Source("transport", "waybills"), """{"number":"W6","plate":"粤H2-yellow","substance":"UN1203"}""", said += 1_000));
        foreach ((string told, EntryChanged changed) in entry.Entries.Where(entry => entry.Vehicle == Plate))
        {
            Streaming.Models.Encoding.ByteWriter body = new();
            changed.Write(body);
            truck.Play(new ScriptStep { Kind = MessageKind.EntryChanged, Body = body.Written.ToArray(), NowMs = Noon + 500_000 });
            Assert.Equal(Plate, told);
        }

        Assert.Equal(["W3", "W4", "W5"], Known());
    }

    [Fact]
    public void A_reading_that_its_waybill_covers_allocates_nothing()
    {
        Registers("W1", "UN1203");
        ScriptStep[] steps = [.. Enumerable.Range(0, 400).Select(i => Drive($"{i:000}", Noon + (i * 30_000), TankFigures.None with { LevelPct = 60, PressureKpa = 20 }, 500, "", waybill: "W1"))];
        Assert.InRange(TankForecastTests.SteadyBytes(truck, steps), 0, 64);
    }

    private string[] Known() => [.. truck.Described.GetProperty("waybills").EnumerateArray().Select(waybill => waybill.GetProperty("number").GetString()!)];

    private string[] Open() => [.. truck.Described.GetProperty("openWarnings").EnumerateArray().Select(warning => warning.GetProperty("kind").GetString()!)];

    private void Sees(int afterS, string hazardPlate, int permille) => truck.Play(Sight($"v{number++}", Noon + (afterS * 1_000L), VideoEvent.Vehicle, permille, hazardPlate));

    private void Drives(int afterS, double levelPct, int speedTenthKmh, string waybill) =>
        truck.Play(Drive($"d{number++}", Noon + (afterS * 1_000L), TankFigures.None with { LevelPct = levelPct }, speedTenthKmh, waybill: waybill));

    private void Registers(string waybill, string substance, string departure = "2026-11-21T10:00:00Z", string arrival = "2026-11-21T16:00:00Z")
    {
        SubjectStage entry = entries.TryGetValue(waybill, out SubjectStage? known) ? known : entries[waybill] = new SubjectStage(ActorKind.Entry, $"waybills/{waybill}");
        string words = $$"""{"number":"{{waybill}}","plate":"{{Plate}}","substance":"{{substance}}","departure":"{{departure}}","arrival":"{{arrival}}","loadSite":"L1","unloadSite":"U1"}""";
        TellOf(entry.Play(Say(Source("transport", "waybills"), words, said += 1_000)), truck);
    }
}
