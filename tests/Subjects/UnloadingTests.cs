using Streaming.Determinism;
using Streaming.Grains.Messages;
using Streaming.Grains.Turns;
using Streaming.Models.Readings;
using Xunit;
using static Streaming.Determinism.Readings;

namespace Streaming.Tests.Subjects;

/// <summary>A tank truck that reports every 30 s. "" is no site, null is nobody knows.</summary>
public sealed class UnloadingTests
{
    private const string Plate = "粤H12345-yellow";
    private const string Kind = "unloading-outside-site";
    private const long Noon = 1_795_262_400_000;
    private static readonly GeoPosition Roadside = new(23_100_000, 112_400_000);
    private readonly SubjectStage truck = new(ActorKind.Vehicle, Plate);
    private long atMs = Noon;
    private int number;

    [Fact]
    public void A_level_that_falls_at_no_site_is_warned_of_and_the_warning_explains_itself()
    {
        Stands(80, 80, 80, 79, 76.5, 76);
        Assert.Empty(Open());
        Stands(75.5);
        Warning warning = truck.Shown;
        Assert.Equal((Kind, 3, "unloading/1", WarningChange.Opened, "危险货物道路运输安全管理办法 Art. 47"), (warning.Kind, warning.Severity, warning.Model, truck.Told.Change, warning.Evidence.LegalSource));
        Assert.Equal((75.5, 0.0, 23.1, 112.4), (Figure("levelPct"), Figure("speedKmh"), Figure("latitudeDeg"), Figure("longitudeDeg")));
        Assert.InRange(Figure("fromLevelPct"), 79.9, 80);
        Assert.InRange(Figure("dropPct"), 4.4, 4.5);
        Assert.Contains("The truck is at no registered site, and stands.", warning.Explanation.En, StringComparison.Ordinal);
        Assert.Contains("the warning ends with its case", warning.Explanation.En, StringComparison.Ordinal);
        Assert.Contains("车辆不在任何已登记场所内且已停驶。罐体液位由", warning.Explanation.Zh, StringComparison.Ordinal);
    }

    [Fact]
    public void A_fall_just_within_what_noise_may_do_is_none()
    {
        Stands(80, 80, 80, 77.2, 77.1, 77.2, 77.1, 77.2, 77.1, 78, 77.2);
        Assert.Empty(Open());
    }

    [Fact]
    public void One_wrong_reading_and_sloshing_at_speed_are_no_unloading()
    {
        Stands(80, 80, 20, 80, 20, 80, 80);
        Assert.Empty(Open());
        for (int i = 0; i < 100; i++)
        {
            Reads(80 + (i % 4 < 2 ? -8 : 1), speedTenthKmh: 600, site: "");
        }

        Assert.Empty(Open());
    }

    /// <summary>From 40 °C to 15 °C a full tank of a liquefied gas shrinks by 0.3 % of itself a degree: from 80 % by 6 %, which comes to a level of 74 %.</summary>
    [Fact]
    public void A_level_that_falls_as_the_tank_cools_is_no_unloading_and_one_without_cooling_is()
    {
        for (int i = 0; i <= 25; i++)
        {
            Reads(80 - (0.24 * i), temperatureC: 40 - i, site: "");
        }

        Assert.Empty(Open());
        SubjectStage warm = new(ActorKind.Vehicle, Plate);
        for (int i = 0; i <= 25; i++)
        {
            warm.Play(Drive($"w{i}", Noon + (i * 30_000), Level(80 - (0.24 * i)) with { TemperatureC = 40 }, 0, "", position: Roadside));
        }

        Assert.Equal(1, warm.Described.GetProperty("openWarnings").GetArrayLength());
    }

    [Fact]
    public void At_an_unloading_site_nothing_is_wrong_and_at_one_for_loading_alone_it_is()
    {
        Levels("U1", SiteUses.Unload, 80, 80, 80, 60, 40, 20, 10, 5, 5);
        Assert.Empty(Open());
        Levels("", SiteUses.None, 5, 5, 5);
        Assert.Empty(Open());
        Levels("L1", SiteUses.Load, 5, 5, 40, 80, 80, 80);
        Assert.Empty(Open());
        Levels("L1", SiteUses.Load, 60, 50, 40);
        Assert.Contains("at site L1, where unloading is not permitted", truck.Shown.Explanation.En, StringComparison.Ordinal);
        Assert.Contains("不允许卸货的场所L1", truck.Shown.Explanation.Zh, StringComparison.Ordinal);
    }

    [Fact]
    public void Where_nobody_could_tell_where_it_was_nothing_is_concluded()
    {
        Levels(null, SiteUses.None, 80, 80, 80, 40, 40, 40, 40);
        Levels("", SiteUses.None, 40, 40, 40, 40);
        Assert.Empty(Open());
    }

    [Fact]
    public void A_fall_of_which_no_reading_says_where_it_was_is_not_held_against_the_truck()
    {
        Stands(80, 80, 80);
        atMs += 3_600_000;
        Stands(10, 10, 10, 10);
        Assert.Empty(Open());

        // Half of it was heard at the proper site, the rest on the way out.
        Levels("U1", SiteUses.Unload, 10, 80, 80, 80, 50);
        Levels("", SiteUses.None, 20, 20, 20, 20);
        Assert.Empty(Open());
    }

    [Fact]
    public void A_valve_open_while_standing_outside_is_warned_of_and_clears_when_it_is_shut_and_the_level_stays()
    {
        Reads(80, ValveState.Open, site: "");
        Reads(80, ValveState.Open, site: "");
        Assert.Empty(Open());
        Reads(80, ValveState.Open, site: "");
        Assert.Equal(Kind, truck.Shown.Kind);
        Assert.Contains("Its valve is open.", truck.Shown.Explanation.En, StringComparison.Ordinal);
        Assert.Contains("阀门处于开启状态。", truck.Shown.Explanation.Zh, StringComparison.Ordinal);
        truck.Reload();
        for (int i = 0; i < 10; i++)
        {
            Reads(80, site: "");
            Assert.Equal([Kind], Open());
        }

        Reads(80, site: "");
        Assert.Equal((WarningChange.Cleared, Kind), (truck.Told.Change, truck.Shown.Kind));
        Assert.Contains("has been shut for 300 s", truck.Shown.Explanation.En, StringComparison.Ordinal);
        Assert.Contains("阀门关闭已满300秒", truck.Shown.Explanation.Zh, StringComparison.Ordinal);
    }

    [Fact]
    public void An_open_valve_also_clears_at_a_proper_site()
    {
        for (int i = 0; i < 4; i++)
        {
            Reads(80, ValveState.Open, site: "");
        }

        Reads(80, ValveState.Open, site: "U1", uses: SiteUses.Unload | SiteUses.Load);
        Assert.Equal(WarningChange.Cleared, truck.Told.Change);
        Assert.Contains("site U1", truck.Shown.Explanation.En, StringComparison.Ordinal);
    }

    [Fact]
    public void An_open_valve_of_an_empty_tank_and_one_at_an_unloading_site_are_nobodys_matter()
    {
        for (int i = 0; i < 5; i++)
        {
            Reads(0.5, ValveState.Open, site: "");
            Reads(0.5, ValveState.Open, site: "U1", uses: SiteUses.Unload);
        }

        Assert.Empty(Open());
    }

    [Fact]
    public void A_level_that_fell_stays_fallen_and_its_warning_ends_with_its_case_once()
    {
        Stands(80, 80, 80, 60, 60, 60);
        Assert.Equal([Kind], Open());
        for (int i = 0; i < 30; i++)
        {
            Reads(60, site: "U1", uses: SiteUses.Unload);
        }

        Assert.Equal([Kind], Open());
        truck.Play(Tell(MessageKind.CaseClosed, atMs, new CaseClosed("north-1", Plate, ActorKind.Vehicle, Kind, $"{Plate}/{Kind}/{Number()}", "penalty"), GrainsJson.Default.CaseClosed));
        Assert.Empty(Open());
        Stands(60, 60, 60, 60, 60);
        Assert.Empty(Open());
        Stands(50, 50, 50);
        Assert.Equal([Kind], Open());
    }

    [Fact]
    public void A_late_reading_changes_nothing()
    {
        Stands(80, 80, 80, 60, 60);
        truck.Play(Drive("late", Noon + 1, Level(20), 0, ""));
        Assert.Empty(Open());
        Stands(60);
        Assert.Equal([Kind], Open());
    }

    private static TankFigures Level(double levelPct, ValveState valve = ValveState.Closed) => TankFigures.None with { LevelPct = levelPct, Valve = valve };

    private double Figure(string name) => truck.Shown.Evidence.Figures[name];

    private string[] Open() => [.. truck.Described.GetProperty("openWarnings").EnumerateArray().Select(warning => warning.GetProperty("kind").GetString()!)];

    private string Number() => truck.Described.GetProperty("openWarnings")[0].GetProperty("id").GetString()!.Split('/')[^1];

    private void Stands(params double[] levelsPct) => Levels("", SiteUses.None, levelsPct);

    private void Levels(string? site, SiteUses uses, params double[] levelsPct)
    {
        foreach (double levelPct in levelsPct)
        {
            Reads(levelPct, site: site, uses: uses);
        }
    }

    private void Reads(double levelPct, ValveState valve = ValveState.Closed, int speedTenthKmh = 0, double temperatureC = 25, string? site = null, SiteUses uses = SiteUses.None)
    {
        truck.Play(Drive($"r{number++}", atMs, Level(levelPct, valve) with { TemperatureC = temperatureC }, speedTenthKmh, site, uses, position: Roadside));
        atMs += 30_000;
    }
}
