using Streaming.Determinism;
using Streaming.Grains.Messages;
using Streaming.Grains.Rules;
using Streaming.Grains.Turns;
using Streaming.Models.Enterprises;
using Streaming.Models.Readings;
using Xunit;
using static Streaming.Determinism.Readings;
using static Streaming.Tests.Subjects.EnterpriseStage;

namespace Streaming.Tests.Subjects;

/// <summary>What an enterprise does while an order to stop production stands. A day for shutting down is the shipped figure.</summary>
public sealed class StopOrderTests
{
    private const string Kind = "activity-while-stopped";
    private const long Kg = 1_000;
    private readonly EnterpriseStage stage = new();

    public StopOrderTests() => stage.Shipper.Rules = new Rulebook
    {
        Version = 1,
        Outcomes = [new OutcomeCode("production-stopped", new LocalName("", ""), true, true), new OutcomeCode("corrected", new LocalName("", ""), true, true), new OutcomeCode("no-action", new LocalName("", ""), true, false)],
    };

    [Theory]
    [InlineData(LedgerAction.Produce, 24 * Hour, Kind)]
    [InlineData(LedgerAction.Use, 24 * Hour, Kind)]
    [InlineData(LedgerAction.Produce, (24 * Hour) - 1, "")]
    [InlineData(LedgerAction.Ship, 30 * Hour, "")]
    [InlineData(LedgerAction.Store, 30 * Hour, "")]
    [InlineData(LedgerAction.Dispose, 30 * Hour, "")]
    public void Production_and_use_after_the_time_for_shutting_down_are_warned_of(LedgerAction action, long afterMs, string open)
    {
        Order();
        stage.Play(Ledger("1", Noon + afterMs, action, "UN1017", 250 * Kg));
        Assert.Equal(open, stage.Open);
    }

    [Fact]
    public void The_warning_says_whose_order_it_is_and_what_was_done_in_both_languages()
    {
        Order();
        stage.Play(Ledger("1", Noon + (30 * Hour), LedgerAction.Produce, "UN1017", 250 * Kg));
        Warning warning = stage.Last(Kind).Warning;
        Assert.Equal((3, 0.95, "安全生产法 Art. 70", 1.0, 250.0), (warning.Severity, warning.Confidence, warning.Evidence.LegalSource, warning.Evidence.Figures["lines"], warning.Evidence.Figures["producedKg"]));
        Assert.Equal(
            "Production was ordered to stop in case north-7 at 2026-11-21T12:00:00.000Z; the time for shutting down was 24 h. Since then: 1 lines of its ledger (250 kg produced, 0 kg used).",
            warning.Explanation.En);
        Assert.Equal("该企业于2026-11-21T12:00:00.000Z经案件north-7被责令停产，停车期限24小时。此后仍有：台账1条（生产250 kg，使用0 kg）。", warning.Explanation.Zh);
    }

    [Fact]
    public void A_line_that_comes_late_counts_by_its_own_time()
    {
        Order();
        stage.Play(Ledger("1", Noon - Hour, LedgerAction.Produce, "UN1017", 1) with { NowMs = Noon + (48 * Hour) });
        Assert.Equal("", stage.Open);
        stage.Play(Ledger("2", Noon + (25 * Hour), LedgerAction.Produce, "UN1017", 1) with { NowMs = Noon + (48 * Hour) });
        Assert.Equal((Kind, false), (stage.Open, stage.Last(Kind).Warning.Live));
    }

    /// <summary>An order is known when a stage ends with it; the recheck that finds the matter mended lifts it, the one that confirms leaves it standing.</summary>
    [Theory]
    [InlineData("corrected", "")]
    [InlineData("production-stopped", Kind)]
    public void Its_case_lifts_it_or_leaves_it_standing(string outcome, string open)
    {
        Order();
        stage.Reload();
        stage.Play(Tell(MessageKind.CaseClosed, Noon + (20 * Hour), new CaseClosed("north-7", Acid, ActorKind.Enterprise, "gas-toxic", "w", outcome), GrainsJson.Default.CaseClosed));
        stage.Play(Ledger("1", Noon + (48 * Hour), LedgerAction.Use, "UN1017", 1));
        Assert.Equal(open, stage.Open);
    }

    [Fact]
    public void A_case_that_closes_with_the_order_begins_it_and_another_cases_outcome_does_not_lift_it()
    {
        stage.Play(Tell(MessageKind.CaseClosed, Noon, new CaseClosed("north-8", Acid, ActorKind.Enterprise, "gas-toxic", "w", "production-stopped"), GrainsJson.Default.CaseClosed));
        stage.Play(Tell(MessageKind.CaseClosed, Noon + Hour, new CaseClosed("north-9", Acid, ActorKind.Enterprise, "fire", "w", "corrected"), GrainsJson.Default.CaseClosed));
        stage.Reload();
        stage.Play(Ledger("1", Noon + (24 * Hour), LedgerAction.Use, "UN1017", 1));
        Assert.Equal(Kind, stage.Open);
    }

    [Fact]
    public void What_was_done_before_an_order_was_lifted_stays_and_ends_with_its_case()
    {
        Order();
        stage.Play(Ledger("1", Noon + (25 * Hour), LedgerAction.Use, "UN1017", 1));
        stage.Play(Tell(MessageKind.CaseClosed, Noon + (26 * Hour), new CaseClosed("north-7", Acid, ActorKind.Enterprise, "gas-toxic", "w", "corrected"), GrainsJson.Default.CaseClosed));
        Assert.Equal(Kind, stage.Open);
        CloseOwn("corrected", Noon + (27 * Hour));
        Assert.Equal("", stage.Open);
        stage.Play(Ledger("2", Noon + (28 * Hour), LedgerAction.Use, "UN1017", 1));
        Assert.Equal("", stage.Open);
    }

    [Theory]
    [InlineData("corrected", Kind)]
    [InlineData("no-action", "")]
    public void Where_somebody_finds_that_it_may_work_the_order_is_over_and_where_it_was_at_fault_it_is_not(string outcome, string open)
    {
        Order();
        stage.Play(Ledger("1", Noon + (25 * Hour), LedgerAction.Use, "UN1017", 1));
        CloseOwn(outcome, Noon + (26 * Hour));
        stage.Play(Ledger("2", Noon + (50 * Hour), LedgerAction.Use, "UN1017", 1));
        Assert.Equal(open, stage.Open);
    }

    [Fact]
    public void An_order_lapses_where_the_rulebook_says_after_how_long()
    {
        stage.Shipper.Rules = new Rulebook { Version = 2, Enterprises = new EnterpriseRules { StopOrders = new StopOrderRule { StandsDays = 2 } } };
        Order();
        stage.Play(Ledger("1", Noon + (48 * Hour), LedgerAction.Use, "UN1017", 1));
        Assert.Equal("", stage.Open);
        stage.Play(Ledger("2", Noon + (48 * Hour) - 1, LedgerAction.Use, "UN1017", 1));
        Assert.Equal(Kind, stage.Open);
    }

    [Fact]
    public void The_register_gives_an_order_and_lifts_those_of_cases()
    {
        Register("\"stopped\":\"yes\",\"validFrom\":\"2026-11-20\",\"validTo\":\"2026-11-25\"", Noon);
        stage.Play(Ledger("1", Noon, LedgerAction.Produce, "UN1017", 1));
        Assert.Equal(Kind, stage.Open);
        Assert.Contains("ordered to stop by the register of enterprises at 2026-11-20T00:00:00.000Z", stage.Last(Kind).Warning.Explanation.En, StringComparison.Ordinal);

        // It turns out that it was none: cleared, and said whose word that is.
        Register("\"stopped\":\"no\",\"validFrom\":\"2026-11-20\",\"validTo\":\"2026-11-22\",\"at\":\"2026-11-21T13:00:00Z\"", Noon + Hour);
        Assert.Equal(("", WarningChange.Cleared), (stage.Open, stage.Last(Kind).Change));
        Assert.Contains("which bureau changed, it was not stopped then", stage.Last(Kind).Warning.Explanation.En, StringComparison.Ordinal);

        // What the register said before an order of a case says nothing of it; what it says after lifts it.
        Order(Noon + (2 * Hour));
        stage.Play(Ledger("2", Noon + (30 * Hour), LedgerAction.Produce, "UN1017", 1));
        Assert.Equal(Kind, stage.Open);
        CloseOwn("corrected", Noon + (31 * Hour));
        Register("\"stopped\":\"no\",\"validFrom\":\"2026-11-23\",\"at\":\"2026-11-23T13:00:00Z\"", Noon + (49 * Hour));
        stage.Play(Ledger("3", Noon + (50 * Hour), LedgerAction.Produce, "UN1017", 1));
        Assert.Equal("", stage.Open);
    }

    /// <summary>5 % of the height, or a tonne, since the time for shutting down was over.</summary>
    [Theory]
    [InlineData(55, 9_000, Kind)]
    [InlineData(54.9, 9_000, "")]
    [InlineData(45, 9_000, Kind)]
    [InlineData(50, 10_000, Kind)]
    [InlineData(50, 9_999, "")]
    public void A_tank_that_moves_is_held_against_the_order_with_less_confidence(double levelPct, double massKg, string open)
    {
        Order();
        stage.Play(Tank("1", Noon + (2 * Hour), "T1", TankFigures.None with { LevelPct = 90, MassKg = 20_000 }));
        stage.Play(Tank("2", Noon + (24 * Hour), "T1", TankFigures.None with { LevelPct = 50, MassKg = 9_000 }));
        stage.Reload();
        stage.Play(Tank("3", Noon + (25 * Hour), "T1", TankFigures.None with { LevelPct = levelPct, MassKg = massKg }));
        Assert.Equal(open, stage.Open);
        if (open.Length > 0)
        {
            Assert.Equal((0.6, 1.0), (stage.Last(Kind).Warning.Confidence, stage.Last(Kind).Warning.Evidence.Figures["tankMovements"]));

            // Once more from where it is now; a late reading says nothing of the order of things.
            stage.Play(Tank("0", Noon + (24 * Hour) + 1, "T1", TankFigures.None with { LevelPct = 0, MassKg = 0 }) with { NowMs = Noon + (26 * Hour) });
            Assert.Equal(1, stage.Last(Kind).Warning.Count);
        }
    }

    [Theory]
    [InlineData(VideoEvent.Smoke, 900, true)]
    [InlineData(VideoEvent.Smoke, 700, false)]
    [InlineData(VideoEvent.IllegalParking, 990, false)]
    public void What_a_camera_is_certain_of_is_held_against_the_order_where_the_rulebook_names_it(VideoEvent seen, int permille, bool warned)
    {
        Order();
        stage.Play(Sight("1", Noon + (30 * Hour), seen, permille));
        Assert.Equal(warned, stage.Open.Contains(Kind, StringComparison.Ordinal));
    }

    [Fact]
    public void Without_an_order_nothing_is_kept()
    {
        stage.Play(Ledger("1", Noon, LedgerAction.Produce, "UN1017", 1), Tank("2", Noon, "T1", TankFigures.None with { LevelPct = 5 }));
        Assert.False(stage.Shipper.Described.TryGetProperty("stopOrders", out _));
        Assert.Equal("", stage.Open);
    }

    private void Order(long nowMs = Noon) => stage.Play(Tell(MessageKind.OutcomeDecided, nowMs, new OutcomeDecided("north-7", "production-stopped"), GrainsJson.Default.OutcomeDecided));

    private void CloseOwn(string outcome, long nowMs) =>
        stage.Play(Tell(MessageKind.CaseClosed, nowMs, new CaseClosed("north-9", Acid, ActorKind.Enterprise, Kind, stage.Last(Kind).Warning.Id, outcome), GrainsJson.Default.CaseClosed));

    private void Register(string fields, long nowMs) => stage.Say("enterprises", Acid, $$"""{"creditCode":"{{Acid}}","name":"Acid",{{fields}}}""", nowMs);
}
