using Streaming.Determinism;
using Streaming.Grains;
using Streaming.Grains.Messages;
using Streaming.Grains.Turns;
using Streaming.Models.Readings;
using Xunit;
using static Streaming.Determinism.Readings;
using static Streaming.Tests.Subjects.EnterpriseStage;

namespace Streaming.Tests.Subjects;

/// <summary>What is stored, against permits and as a hazard: chlorine has Q 5 t and β 4, and 60 people within 500 m give α 1.5 (2011 grading annex).</summary>
public sealed class StorageTests
{
    private const string Hazard = "major-hazard";
    private const string Over = "storage-over-permit";
    private const string Lack = "no-substance-permit";
    private const string Expiry = "expired-permit";
    private const long Kg = 1_000;
    private const long Minute = 60_000;
    private readonly EnterpriseStage stage = new();

    /// <summary>R = 1.5·4·q/5 = 1.2 q: level III begins at R 10, 8,333.33 t of a thousandth: 8,333 kg are below it and 8,334 kg above.</summary>
    [Theory]
    [InlineData(8_333, "")]
    [InlineData(8_334, Hazard)]
    public void A_hazard_of_level_III_is_warned_of_where_no_grade_is_registered(double massKg, string open)
    {
        Site("");
        stage.Play(Stored("1", Noon, "T1", "UN1017", massKg));
        Assert.Equal(open, stage.Open);
    }

    [Fact]
    public void The_warning_has_its_figures_in_both_languages_and_stays_until_R_is_below_its_bound_for_good()
    {
        Site("");
        stage.Play(Stored("1", Noon, "T1", "UN1017", 6_000), Stored("2", Noon + Minute, "T2", "UN1017", 4_000));
        Warning warning = stage.Last(Hazard).Warning;

        Assert.Equal((12.0, 2.0, 1.5, 60.0, 3.0), (warning.Evidence.Figures["r"], warning.Evidence.Figures["ratio"], warning.Evidence.Figures["alpha"], warning.Evidence.Figures["people"], warning.Evidence.Figures["level"]));
        Assert.Equal((2, "危险化学品重大危险源分级方法 (2011)"), (warning.Severity, warning.Evidence.LegalSource));
        Assert.Contains("A major hazard of level III: R = α·Σβq/Q = 12 (Σq/Q = 2, α 1.5 for 60 people within 500 m by the register), with UN1017 10,000 kg (β 4, Q 5 t).", warning.Explanation.En, StringComparison.Ordinal);
        Assert.Contains("构成III级重大危险源", warning.Explanation.Zh, StringComparison.Ordinal);

        // 95 % of R 10 are 7,916.67 kg.
        stage.Reload();
        stage.Play(Stored("3", Noon + (2 * Minute), "T2", "UN1017", 1_920));
        Assert.Equal(Hazard, stage.Open);
        stage.Play(Stored("4", Noon + (3 * Minute), "T2", "UN1017", 1_900));
        Assert.Equal(("", WarningChange.Cleared), (stage.Open, stage.Last(Hazard).Change));
    }

    /// <summary>100 t of chlorine: R = 120, level I. 42 t: R = 50.4, level II.</summary>
    [Theory]
    [InlineData(2, 42_000, "")]
    [InlineData(2, 100_000, Hazard)]
    [InlineData(3, 42_000, Hazard)]
    [InlineData(1, 100_000, "")]
    [InlineData(0, 4_999, "")]
    [InlineData(0, 5_000, Hazard)]
    public void Where_a_grade_is_registered_only_a_graver_one_is_warned_of(int registered, double massKg, string open)
    {
        Site($",\"majorHazardLevel\":{registered}");
        stage.Play(Stored("1", Noon, "T1", "UN1017", massKg));
        Assert.Equal(open, stage.Open);
    }

    [Fact]
    public void The_register_clears_what_it_puts_in_order_and_says_so()
    {
        Site("");
        stage.Play(Stored("1", Noon, "T1", "UN1017", 10_000));
        stage.Reload();
        Site(",\"majorHazardLevel\":3", Noon + 5_000);
        Assert.Equal(("", WarningChange.Cleared), (stage.Open, stage.Last(Hazard).Change));
        Assert.Contains($"since bureau changed the entry enterprises/{Acid}", stage.Last(Hazard).Warning.Explanation.En, StringComparison.Ordinal);
    }

    [Fact]
    public void Without_a_registration_or_people_nothing_is_concluded()
    {
        stage.Play(Stored("1", Noon, "T1", "UN1017", 900_000));
        stage.Say("enterprises", Acid, $$"""{"creditCode":"{{Acid}}","name":"Acid"}""");
        stage.Play(Stored("2", Noon + Minute, "T1", "UN1017", 900_001), Ledger("l", Noon + Minute, LedgerAction.Use, "UN1017", 1));
        Assert.Empty(stage.Told);
    }

    [Fact]
    public void A_stock_over_its_permit_is_warned_of_one_at_its_permit_is_not_and_98_percent_clear()
    {
        Permit("P-1", "UN1017", "\"storageKg\":20000");
        stage.Play(Stored("1", Noon, "T1", "UN1017", 12_000), Stored("2", Noon + Minute, "T2", "UN1017", 8_000));
        Assert.Equal("", stage.Open);
        stage.Play(Stored("3", Noon + (2 * Minute), "T2", "UN1017", 8_000.5));
        Warning warning = stage.Last(Over).Warning;

        Assert.Equal((Over, 2), (stage.Open, warning.Severity));
        Assert.Equal((20_000.5, 20_000.0, 0.5), (warning.Evidence.Figures["UN1017.storedKg"], warning.Evidence.Figures["UN1017.limitKg"], warning.Evidence.Figures["UN1017.overKg"]));
        Assert.Contains("UN1017: 20,000.5 kg stored (by 2 tanks), 0.5 kg over the 20,000 kg that its permit allows.", warning.Explanation.En, StringComparison.Ordinal);
        Assert.Contains("超过许可的最大储存量20,000 kg", warning.Explanation.Zh, StringComparison.Ordinal);

        stage.Reload();
        stage.Play(Stored("4", Noon + (3 * Minute), "T2", "UN1017", 7_601));
        Assert.Equal(Over, stage.Open);
        stage.Play(Stored("5", Noon + (4 * Minute), "T2", "UN1017", 7_600));
        Assert.Equal(("", WarningChange.Cleared), (stage.Open, stage.Last(Over).Change));
    }

    [Fact]
    public void Where_no_tank_reports_a_mass_the_ledger_says_what_is_stored()
    {
        Permit("P-1", "UN1017", "\"storageKg\":20000");
        stage.Play(Ledger("1", Noon, LedgerAction.Store, "UN1017", 19_000 * Kg), Ledger("2", Noon + 1, LedgerAction.Receive, "UN1017", 1_001 * Kg));
        Assert.Equal(Over, stage.Open);
        Assert.Contains("20,001 kg stored (by the ledger)", stage.Last(Over).Warning.Explanation.En, StringComparison.Ordinal);
        stage.Play(Ledger("3", Noon + 2, LedgerAction.Ship, "UN1017", 1_001 * Kg));
        stage.Play(Ledger("4", Noon + 3, LedgerAction.Ship, "UN1017", 400 * Kg));
        Assert.Equal("", stage.Open);
    }

    [Fact]
    public void A_higher_permit_clears_and_says_whose_word_it_is()
    {
        Permit("P-1", "UN1017", "\"storageKg\":20000");
        stage.Play(Stored("1", Noon, "T1", "UN1017", 25_000));
        Assert.Equal((Over, 3), (stage.Open, stage.Shipper.Shown.Severity));
        Permit("P-2", "UN1017", "\"storageKg\":30000", Noon + 5_000);
        Assert.Equal(("", WarningChange.Cleared), (stage.Open, stage.Last(Over).Change));
        Assert.Contains("since bureau changed the entry substance-permits/P-2", stage.Last(Over).Warning.Explanation.En, StringComparison.Ordinal);
    }

    [Fact]
    public void A_substance_that_is_moved_without_a_permit_is_warned_of_and_a_permit_of_then_clears()
    {
        Permit("P-1", "UN1005", "\"storageKg\":20000");
        stage.Play(Ledger("1", Noon, LedgerAction.Use, "UN1005", 5));
        Assert.Equal("", stage.Open);
        stage.Play(Ledger("2", Noon + 1, LedgerAction.Use, "UN1017", 5));
        Warning warning = stage.Last(Lack).Warning;

        Assert.Equal((Lack, 3), (stage.Open, warning.Severity));
        Assert.Contains("UN1017 was moved at 2026-11-21T12:00:00.001Z without a permit: no permit for it is registered.", warning.Explanation.En, StringComparison.Ordinal);
        Assert.Contains("无证流转：未登记该物质的许可证", warning.Explanation.Zh, StringComparison.Ordinal);

        stage.Reload();
        Permit("P-2", "un1017", "\"validFrom\":\"2026-11-22\"", Noon + 5_000);
        Assert.Equal(Lack, stage.Open);
        Permit("P-3", "UN1017", "\"validFrom\":\"2026-11-01\"", Noon + 6_000);
        Assert.Equal("", stage.Open);
    }

    [Fact]
    public void An_expired_permit_says_when_it_ended_and_a_late_line_of_before_is_in_order()
    {
        Permit("P-1", "UN1017", "\"validFrom\":\"2026-01-01\",\"validTo\":\"2026-11-20\"");
        stage.Play(Ledger("0", Noon - (72 * Hour), LedgerAction.Use, "UN1017", 5) with { NowMs = Noon, SeenBefore = false });
        Assert.Equal("", stage.Open);
        stage.Play(Stored("1", Noon, "T1", "UN1017", 25_000));
        Assert.Equal((Expiry, 3), (stage.Open, stage.Shipper.Shown.Severity));
        Assert.Contains("UN1017 was stored at 2026-11-21T12:00:00.000Z without a permit: permit P-1 expired at 2026-11-2", stage.Last(Expiry).Warning.Explanation.En, StringComparison.Ordinal);
        Assert.Contains("许可证P-1已于2026-11-2", stage.Last(Expiry).Warning.Explanation.Zh, StringComparison.Ordinal);
        stage.Play(Stored("2", Noon + Minute, "T1", "UN1017", 0));
        Assert.Equal("", stage.Open);
    }

    [Fact]
    public void Of_an_enterprise_without_any_registered_permit_nothing_is_said()
    {
        Site("");
        stage.Play(Stored("1", Noon, "T1", "UN1203", 25_000), Ledger("1", Noon, LedgerAction.Use, "UN1203", 5));
        Assert.Empty(stage.Told);
    }

    [Fact]
    public void A_permit_that_changes_hands_is_told_to_both()
    {
        Permit("P-1", "UN1017", "\"storageKg\":1");
        Assert.Equal(1, stage.Shipper.Described.GetProperty("substancePermits").GetInt32());
        stage.Say("substance-permits", "P-1", $$"""{"number":"P-1","enterprise":"{{Works}}","substance":"UN1017","at":"2026-11-21T13:00:00Z"}""", Noon + Hour);
        Assert.False(stage.Shipper.Actor.Exists);
        Assert.Equal(new SubjectStage(ActorKind.Enterprise, Acid).State, stage.Shipper.State);
        Assert.Equal(1, stage.Receiver.Described.GetProperty("substancePermits").GetInt32());
    }

    [Fact]
    public void An_enterprise_that_is_only_registered_is_small()
    {
        Site(",\"majorHazardLevel\":3");
        for (int i = 0; i < 300; i++)
        {
            Permit($"P-{i}", $"UN{1000 + i}", "\"storageKg\":20000");
            stage.Say("tanks", $"{Acid}/T{i}", $$"""{"enterprise":"{{Acid}}","unit":"T{{i}}","substance":"UN{{1000 + i}}"}""");
        }

        Assert.Equal((300, 300), (stage.Shipper.Described.GetProperty("substancePermits").GetInt32(), stage.Shipper.Described.GetProperty("registeredTanks").GetInt32()));
        Assert.InRange(stage.Shipper.State.Length, 1, 150);
    }

    [Fact]
    public void A_tank_that_is_refilled_with_something_else_is_counted_once()
    {
        Site("");
        stage.Play(Stored("1", Noon, "T1", "UN1017", 5_000), Stored("2", Noon + Minute, "T1", "UN1005", 3_000), Stored("0", Noon - Minute, "T1", "UN1017", 90_000));
        stage.Reload();
        Assert.Equal("""{"UN1005":{"tanksG":3000000,"tanks":1},"UN1017":{}}""", stage.Shipper.Described.GetProperty("stored").GetRawText());
    }

    private void Site(string fields, long nowMs = Noon) =>
        stage.Say("enterprises", Acid, $$"""{"creditCode":"{{Acid}}","name":"Acid","peopleWithin500M":60{{fields}}}""", nowMs);

    private void Permit(string number, string substance, string fields, long nowMs = Noon) =>
        stage.Say("substance-permits", number, $$"""{"number":"{{number}}","enterprise":"{{Acid}}","substance":"{{substance}}",{{fields}}}""", nowMs);
}
