using System.Text;
using Streaming.Determinism;
using Streaming.Grains.Messages;
using Streaming.Grains.Turns;
using Streaming.Models.Encoding;
using Streaming.Models.Readings;
using Xunit;
using static Streaming.Determinism.Readings;
using static Streaming.Tests.Subjects.EnterpriseStage;

namespace Streaming.Tests.Subjects;

/// <summary>Hazardous waste that is kept for more than 365 days, the oldest going first.</summary>
public sealed class KeptWasteTests
{
    private const string Kind = "waste-kept-too-long";
    private const long Kg = 1_000;
    private const long Day = 24 * Hour;
    private readonly EnterpriseStage stage = new();

    [Fact]
    public void Waste_of_a_year_is_warned_of_on_the_day_and_cleared_once_the_oldest_is_gone()
    {
        stage.Play(Waste("1", Noon, LedgerAction.Produce, "HW08", 500 * Kg), Waste("2", Noon + (100 * Day), LedgerAction.Receive, "HW08", 200 * Kg), Waste("3", Noon + (101 * Day), LedgerAction.Dispose, "HW08", 499 * Kg));
        stage.Reload();
        Assert.Equal(Noon + (365 * Day), stage.Shipper.Reminders["waste"]);
        stage.Remind(name: "waste");
        Warning warning = stage.Last(Kind).Warning;
        Assert.Equal((Kind, 2, "north", 365.0, 201.0), (stage.Open, warning.Severity, warning.District, warning.Evidence.Figures["HW08.keptDays"], warning.Evidence.Figures["HW08.keptKg"]));
        Assert.Contains("Of the waste HW08 201 kg is kept, the oldest of it since 2026-11-21T12:00:00.000Z, 365 days; at most 365 are allowed.", warning.Explanation.En, StringComparison.Ordinal);
        Assert.Contains("危险废物HW08贮存201 kg，最早的自2026-11-21T12:00:00.000Z起已贮存365天", warning.Explanation.Zh, StringComparison.Ordinal);

        stage.Play(Waste("4", Noon + (366 * Day), LedgerAction.Ship, "HW08", 1 * Kg));
        Assert.Equal(("", WarningChange.Cleared), (stage.Open, stage.Last(Kind).Change));
        Assert.Equal(Noon + (465 * Day), stage.Shipper.Reminders["waste"]);
    }

    [Fact]
    public void Nothing_is_warned_of_where_the_oldest_went_in_time()
    {
        stage.Play(Waste("1", Noon, LedgerAction.Produce, "HW08", 500 * Kg), Waste("2", Noon + (364 * Day), LedgerAction.Dispose, "HW08", 500 * Kg));
        Assert.DoesNotContain("waste", stage.Shipper.Reminders.Keys);
        Assert.Empty(stage.Told);
    }

    [Fact]
    public void Lines_in_any_order_come_to_the_same()
    {
        ScriptStep[] lines =
        [
            Waste("1", Noon, LedgerAction.Produce, "HW08", 500 * Kg), Waste("2", Noon + Day, LedgerAction.Produce, "HW08", 300 * Kg), Waste("3", Noon + (2 * Day), LedgerAction.Dispose, "HW08", 600 * Kg),
            Waste("4", Noon + (3 * Day), LedgerAction.Produce, "HW08", 100 * Kg),
        ];
        for (int shift = 0; shift < lines.Length; shift++)
        {
            EnterpriseStage other = new();
            for (int i = 0; i < lines.Length; i++)
            {
                other.Play(lines[(i + shift) % lines.Length] with { NowMs = Noon + (4 * Day), SeenBefore = false });
            }

            Assert.Equal("""{"HW08":{"keptG":300000,"since":"2026-11-22T12:00:00+00:00"}}""", other.Shipper.Described.GetProperty("waste").GetRawText());
        }
    }

    [Fact]
    public void A_closed_case_settles_what_was_too_old_and_what_comes_of_age_later_is_another()
    {
        stage.Play(Waste("1", Noon, LedgerAction.Produce, "HW08", 5 * Kg), Waste("2", Noon + (10 * Day), LedgerAction.Produce, "HW08", 7 * Kg));
        stage.Remind(name: "waste");
        stage.Play(Tell(MessageKind.CaseClosed, Noon + (366 * Day), new CaseClosed("north-1", Acid, ActorKind.Enterprise, Kind, stage.Last(Kind).Warning.Id, "corrected"), GrainsJson.Default.CaseClosed));
        stage.Reload();
        Assert.Equal(("", Noon + (375 * Day)), (stage.Open, stage.Shipper.Reminders["waste"]));
        stage.Remind(name: "waste");
        Assert.Equal((Kind, 7.0), (stage.Open, stage.Last(Kind).Warning.Evidence.Figures["HW08.keptKg"]));
    }

    [Fact]
    public void More_days_than_are_kept_apart_are_merged_in_favour_of_the_enterprise()
    {
        for (int day = 0; day < 100; day++)
        {
            stage.Play(Waste($"{day}", Noon + (day * Day), LedgerAction.Produce, "HW08", Kg));
        }

        Assert.Equal("""{"HW08":{"keptG":100000,"since":"2026-12-27T12:00:00+00:00"}}""", stage.Shipper.Described.GetProperty("waste").GetRawText());
    }

    [Fact]
    public void A_line_that_is_not_marked_is_read_and_written_as_before()
    {
        ByteWriter before = new(), after = new();
        new LedgerReading { Action = LedgerAction.Dispose, Substance = "UN1017"u8, MassGrams = 5 }.Write(before);
        new LedgerReading { Action = LedgerAction.Dispose, Substance = "UN1017"u8, MassGrams = 5, IsWaste = true }.Write(after);
        Assert.Equal(before.Length + 1, after.Length);
        ByteReader reader = new(before.Written), marked = new(after.Written);
        Assert.Equal((false, true), (LedgerReading.Read(ref reader).IsWaste, LedgerReading.Read(ref marked).IsWaste));
        stage.Play(Ledger("1", Noon, LedgerAction.Produce, "UN1017", 5));
        Assert.False(stage.Shipper.Described.TryGetProperty("waste", out _));
    }
}
