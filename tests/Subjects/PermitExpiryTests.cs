using Streaming.Determinism;
using Streaming.Grains.Messages;
using Streaming.Grains.Turns;
using Streaming.Models.Readings;
using Xunit;
using static Streaming.Determinism.Readings;
using static Streaming.Tests.Subjects.EnterpriseStage;

namespace Streaming.Tests.Subjects;

/// <summary>Permits for substances that run out while the substance is there: thirty days ahead is the shipped figure. Noon is that of 21 November 2026.</summary>
public sealed class PermitExpiryTests
{
    private const string Kind = "expired-permit";
    private const long Day = 24 * Hour;
    private const string Reminder = "permits";
    private readonly EnterpriseStage stage = new();

    [Fact]
    public void A_permit_that_runs_out_is_warned_of_thirty_days_before_and_when_it_does_without_a_reading()
    {
        Permit("P-1", "2027-01-01");
        stage.Play(Stored("1", Noon, "T1", "UN1017", 5_000));
        Assert.Equal("", stage.Open);
        Assert.Equal(At("2026-12-02"), stage.Shipper.Reminders[Reminder]);

        stage.Reload();
        stage.Remind(name: Reminder);
        Warning warning = stage.Last(Kind).Warning;
        Assert.Equal((Kind, 1, "north", 30.0), (stage.Open, warning.Severity, warning.District, warning.Evidence.Figures["UN1017.leftDays"]));
        Assert.Empty(warning.Evidence.Readings);
        Assert.Equal("UN1017 is stored or moved, and permit P-1 for it ends at 2027-01-01T00:00:00.000Z; no other is registered that follows it.", warning.Explanation.En);
        Assert.Equal("UN1017仍在储存或流转，其许可证P-1将于2027-01-01T00:00:00.000Z到期，未登记后续许可证。", warning.Explanation.Zh);

        stage.Reload();
        Assert.Equal(At("2027-01-01"), stage.Shipper.Reminders[Reminder]);
        stage.Remind(name: Reminder);
        Assert.Equal((Kind, 3, WarningChange.Updated), (stage.Open, stage.Last(Kind).Warning.Severity, stage.Last(Kind).Change));
        Assert.Contains("UN1017 was stored at 2027-01-01T00:00:00.000Z without a permit: permit P-1 expired at 2027-01-01T00:00:00.000Z.", stage.Last(Kind).Warning.Explanation.En, StringComparison.Ordinal);
        Assert.DoesNotContain(Reminder, stage.Shipper.Reminders.Keys);

        // A reading that was on its way says nothing else, and one fault is one warning.
        stage.Play(Stored("2", At("2027-01-01") - 5_000, "T1", "UN1017", 5_001) with { NowMs = At("2027-01-01") + 1 });
        Assert.Equal(Kind, stage.Open);
        Permit("P-2", "2028-01-01", At("2027-01-02"), ",\"validFrom\":\"2027-01-01\",\"at\":\"2027-01-02T00:00:00Z\"");
        Assert.Equal(("", WarningChange.Cleared), (stage.Open, stage.Last(Kind).Change));
    }

    [Theory]
    [InlineData("2026-12-21", Kind)]
    [InlineData("2026-12-22", "")]
    public void A_line_of_what_nobody_says_the_stock_of_warns_as_well(string end, string open)
    {
        Permit("P-1", end);
        stage.Play(Ledger("1", Noon, LedgerAction.Ship, "UN1017", 5));
        Assert.Equal(open, stage.Open);
    }

    [Fact]
    public void A_permit_that_follows_without_a_gap_counts_and_one_after_a_gap_does_not()
    {
        Permit("P-1", "2026-12-01");
        Permit("P-3", "2028-01-01", Noon, ",\"validFrom\":\"2026-12-02\"");
        stage.Play(Stored("1", Noon, "T1", "UN1017", 5_000));
        Assert.Equal(Kind, stage.Open);
        Permit("P-2", "2027-01-01", Noon + Hour, ",\"validFrom\":\"2026-12-01\"");
        Assert.Equal("", stage.Open);
        stage.Play(Stored("2", Noon + Hour, "T1", "UN1017", 5_000));
        Assert.Equal("", stage.Open);
    }

    [Fact]
    public void What_is_not_there_needs_no_permit_and_what_is_taken_away_clears()
    {
        Permit("P-1", "2026-12-01");
        stage.Play(Stored("1", Noon, "T1", "UN1017", 0));
        Assert.Equal("", stage.Open);
        Assert.DoesNotContain(Reminder, stage.Shipper.Reminders.Keys);
        stage.Play(Stored("2", Noon + Hour, "T1", "UN1017", 10));
        Assert.Equal(Kind, stage.Open);
        stage.Play(Stored("3", Noon + (2 * Hour), "T1", "UN1017", 0));
        Assert.Equal("", stage.Open);
    }

    [Fact]
    public void A_closed_case_settles_the_end_that_it_was_about_but_not_that_it_has_come()
    {
        Permit("P-1", "2026-12-01");
        stage.Play(Stored("1", Noon, "T1", "UN1017", 10));
        stage.Play(Tell(MessageKind.CaseClosed, Noon + Hour, new CaseClosed("north-1", Acid, ActorKind.Enterprise, Kind, stage.Last(Kind).Warning.Id, "corrected"), GrainsJson.Default.CaseClosed));
        stage.Reload();
        stage.Play(Stored("2", Noon + (2 * Hour), "T1", "UN1017", 11));
        Assert.Equal("", stage.Open);
        stage.Remind(name: Reminder);
        Assert.Equal((Kind, 3), (stage.Open, stage.Last(Kind).Warning.Severity));
    }

    private static long At(string day) => DateTimeOffset.Parse(day + "T00:00:00Z", System.Globalization.CultureInfo.InvariantCulture).ToUnixTimeMilliseconds();

    private void Permit(string number, string end, long nowMs = Noon, string fields = "") =>
        stage.Say("substance-permits", number, $$"""{"number":"{{number}}","enterprise":"{{Acid}}","substance":"UN1017","validTo":"{{end}}"{{fields}}}""", nowMs);
}
