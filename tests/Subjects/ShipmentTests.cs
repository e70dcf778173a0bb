using Streaming.Determinism;
using Streaming.Grains;
using Streaming.Grains.Messages;
using Streaming.Grains.Turns;
using Streaming.Models.Readings;
using Xunit;
using static Streaming.Determinism.Readings;
using static Streaming.Tests.Subjects.EnterpriseStage;

namespace Streaming.Tests.Subjects;

/// <summary>As shipped: 48 h to receive, 1 % of what was sent and 50 kg are the error of the two meters.</summary>
public sealed class ShipmentTests
{
    private const string Lost = "shipment-lost";
    private const string Short = "shipment-short";
    private const long Kg = 1_000;
    private readonly EnterpriseStage stage = new();

    [Fact]
    public void A_shipment_that_is_received_within_the_error_is_settled()
    {
        stage.Play(Ship("1", Noon, "W-1", 20_000)).PlayAt(Works, Receive("r1", Noon + Hour, "W-1", 19_750));
        Assert.Equal("", stage.Open);
        Assert.Equal((0, 1), (Count("open"), Count("received")));
        stage.Remind();
        Assert.Equal("", stage.Open);
    }

    /// <summary>20,000 kg: 250 kg are the error.</summary>
    [Theory]
    [InlineData(19_749.999, "less")]
    [InlineData(20_250.001, "more")]
    public void A_shipment_that_came_with_another_mass_is_warned_of(double receivedKg, string words)
    {
        Reports();
        stage.Play(Ship("1", Noon, "W-1", 20_000)).PlayAt(Works, Receive("r1", Noon + Hour, "W-1", receivedKg));
        Warning warning = stage.Last(Short).Warning;

        Assert.Equal((Short, 2, 250.0), (stage.Open, warning.Severity, warning.Evidence.Figures["allowedKg"]));
        Assert.Equal(20_000.0, warning.Evidence.Figures["shippedKg"]);
        Assert.Contains($"Waybill W-1: 20,000 kg of UN1017 sent to {Works} at 2026-11-21T12:00:00.000Z on 粤B7-yellow.", warning.Explanation.En, StringComparison.Ordinal);
        Assert.Contains($"kg {words}; the meters' error is 250 kg.", warning.Explanation.En, StringComparison.Ordinal);
        Assert.Contains("计量误差为250 kg", warning.Explanation.Zh, StringComparison.Ordinal);
        Assert.Equal("1", Assert.Single(warning.Evidence.Readings).Id);
    }

    [Fact]
    public void What_was_not_received_in_time_is_lost_and_a_late_line_clears_it()
    {
        Reports();
        stage.Play(Ship("1", Noon, "W-1", 20_000));
        Assert.Equal(Noon + 2_000 + (48 * Hour), stage.Shipper.Reminders["shipments"]);
        stage.Reload();
        stage.Remind();
        Warning warning = stage.Last(Lost).Warning;

        Assert.Equal((Lost, WarningChange.Opened, 3, true), (stage.Open, stage.Last(Lost).Change, warning.Severity, warning.Live));
        Assert.Equal(("north", "1"), (warning.District, Assert.Single(warning.Evidence.Readings).Id));
        Assert.Contains("Its line of receiving did not come within 48 h", warning.Explanation.En, StringComparison.Ordinal);
        Assert.Contains("收货方在48小时内未上报收货", warning.Explanation.Zh, StringComparison.Ordinal);
        Assert.Equal(1, Count("lost"));

        stage.Reload();
        stage.PlayAt(Works, Receive("r9", Noon + (50 * Hour), "W-1", 20_000));
        Assert.Equal(("", WarningChange.Cleared), (stage.Open, stage.Last(Lost).Change));
        Assert.Contains("Cleared: of waybill W-1", stage.Last(Lost).Warning.Explanation.En, StringComparison.Ordinal);
        Assert.Equal((0, 1), (Count("lost"), Count("received")));
    }

    [Fact]
    public void What_was_lost_and_comes_short_is_short()
    {
        Reports();
        stage.Play(Ship("1", Noon, "W-1", 20_000)).Remind();
        stage.PlayAt(Works, Receive("r9", Noon + (50 * Hour), "W-1", 12_000));
        Assert.Equal(Short, stage.Open);
    }

    [Fact]
    public void A_receiver_that_never_reported_anything_proves_nothing_and_keeps_nothing()
    {
        stage.Play(Ship("1", Noon, "W-1", 20_000)).Remind();
        Assert.Equal("", stage.Open);
        Assert.Equal(1, Count("receiverDoesNotReport"));
        Assert.False(stage.Receiver.Actor.Exists);
        Assert.Equal(new SubjectStage(ActorKind.Enterprise, Works).State, stage.Receiver.State);
    }

    [Fact]
    public void A_receiver_that_writes_no_waybills_proves_nothing()
    {
        stage.PlayAt(Works, Ledger("r1", Noon, LedgerAction.Receive, "UN1017", 19_000 * Kg, Acid, ""));
        stage.Play(Ship("1", Noon, "W-1", 20_000)).Remind();
        Assert.Equal("", stage.Open);
        Assert.Equal(1, Count("receiverDoesNotReport"));
    }

    [Fact]
    public void A_receiver_that_begins_to_report_before_the_time_is_over_is_asked_again()
    {
        stage.Play(Ship("1", Noon, "W-1", 20_000), Ship("2", Noon, "W-2", 5_000));
        stage.PlayAt(Works, Receive("r1", Noon + Hour, "W-2", 5_000));
        stage.Remind();
        Assert.Equal(Lost, stage.Open);
        Assert.Equal((1, 1), (Count("lost"), Count("received")));
    }

    [Fact]
    public void Lines_late_repeated_and_in_any_order_come_to_the_same()
    {
        (string Enterprise, ScriptStep Step)[] lines =
        [
            (Acid, Ship("1", Noon, "W-1", 12_000)),
            (Acid, Ship("2", Noon + 60_000, "W-1", 8_000)),
            (Works, Receive("r1", Noon + Hour, "W-1", 9_000)),
            (Works, Receive("r2", Noon + (2 * Hour), "W-1", 11_050)),
        ];
        foreach (int[] order in new int[][] { [0, 1, 2, 3], [3, 2, 1, 0], [2, 0, 3, 1], [1, 3, 0, 2] })
        {
            EnterpriseStage shuffled = new();
            foreach (int i in order.Concat(order))
            {
                shuffled.PlayAt(lines[i].Enterprise, lines[i].Step with { NowMs = Noon + (20 * Hour) });
            }

            Assert.Equal("", shuffled.Open);
            Assert.Equal(1, shuffled.Shipper.Described.GetProperty("shipments").GetProperty("received").GetInt32());
            Assert.Equal(Noon + (20 * Hour) + (48 * Hour), shuffled.Shipper.Reminders["shipments"]);
        }
    }

    /// <summary>Both lines come in three days late: the shipment was long due, but nobody was silent.</summary>
    [Fact]
    public void Lines_that_both_come_late_accuse_nobody()
    {
        Reports();
        long later = Noon + (72 * Hour);
        stage.Play(Ship("1", Noon, "W-1", 20_000) with { NowMs = later, SeenBefore = false });
        stage.PlayAt(Works, Receive("r9", Noon + Hour, "W-1", 20_000) with { NowMs = later + Hour });
        Assert.Empty(stage.Told);
    }

    [Fact]
    public void Several_lost_shipments_are_one_warning_that_clears_with_the_last()
    {
        Reports();
        for (int i = 0; i < 6; i++)
        {
            stage.Play(Ship($"{i}", Noon + i, $"W-{i}", 20_000 + i));
        }

        while (stage.Shipper.Reminders.ContainsKey("shipments"))
        {
            stage.Remind();
        }

        Assert.Equal((Lost, 6.0), (stage.Open, stage.Last(Lost).Warning.Evidence.Figures["shipments"]));
        Assert.Contains("And 2 more.", stage.Last(Lost).Warning.Explanation.En, StringComparison.Ordinal);
        for (int i = 0; i < 6; i++)
        {
            Assert.Equal(Lost, stage.Open);
            stage.PlayAt(Works, Receive($"late{i}", Noon + (60 * Hour), $"W-{i}", 20_000));
        }

        Assert.Equal("", stage.Open);
    }

    [Fact]
    public void A_closed_case_settles_its_shipments_and_the_next_lost_one_opens_anew()
    {
        Reports();
        stage.Play(Ship("1", Noon, "W-1", 20_000)).Remind();
        stage.Play(Tell(MessageKind.CaseClosed, Noon + (49 * Hour), new CaseClosed("north-1", Acid, ActorKind.Enterprise, Lost, $"{Acid}/{Lost}/1", "penalty"), GrainsJson.Default.CaseClosed));
        stage.Play(Ship("2", Noon + (50 * Hour), "W-2", 20_000)).Remind();
        Assert.Equal((Lost, 1.0), (stage.Open, stage.Last(Lost).Warning.Evidence.Figures["shipments"]));
        stage.PlayAt(Works, Receive("r8", Noon + (99 * Hour), "W-1", 20_000));
        Assert.Equal(Lost, stage.Open);
        stage.PlayAt(Works, Receive("r9", Noon + (99 * Hour), "W-2", 20_000));
        Assert.Equal("", stage.Open);
    }

    [Fact]
    public void No_more_shipments_are_kept_than_there_is_room_for()
    {
        for (int i = 0; i < GrainLimits.ShipmentsKept + 5; i++)
        {
            stage.Shipper.Play(Ship($"{i}", Noon + i, $"W-{i}", 20_000));
        }

        Assert.Equal(2 * GrainLimits.ShipmentsKept, stage.Shipper.RowCount - 1);
        Assert.Equal(GrainLimits.ShipmentsKept + 5, Count("open"));
    }

    [Fact]
    public void A_receiver_without_a_permit_is_told_of_to_the_shipper_and_one_with_a_permit_is_not()
    {
        const string kind = "counterparty-no-permit";
        stage.Say("substance-permits", "P-9", $$"""{"number":"P-9","enterprise":"{{Works}}","substance":"UN1005"}""");
        stage.Play(Ship("1", Noon, "W-1", 20_000));
        Assert.Equal((kind, 3), (stage.Open, stage.Last(kind).Warning.Severity));
        Assert.Contains($"UN1017 was sent to {Works} (waybill W-1), which had no permit for it: no permit for it is registered.", stage.Last(kind).Warning.Explanation.En, StringComparison.Ordinal);
        Assert.Contains("对方无有效许可：未登记该物质的许可证", stage.Last(kind).Warning.Explanation.Zh, StringComparison.Ordinal);

        stage.Say("substance-permits", "P-1", $$"""{"number":"P-1","enterprise":"{{Works}}","substance":"UN1017","validFrom":"2026-01-01","validTo":"2026-11-20"}""");
        stage.Play(Ship("2", Noon + Hour, "W-2", 20_000));
        Assert.Contains("permit P-1 expired at", stage.Last(kind).Warning.Explanation.En, StringComparison.Ordinal);
        stage.Reload();
        stage.Say("substance-permits", "P-2", $$"""{"number":"P-2","enterprise":"{{Works}}","substance":"UN1017","validFrom":"2026-11-20"}""");
        stage.Play(Ship("3", Noon + (2 * Hour), "W-3", 20_000));
        Assert.Equal("", stage.Open);
    }

    [Fact]
    public void Of_a_receiver_that_no_register_has_permits_of_nothing_is_said()
    {
        Reports();
        stage.Play(Ship("1", Noon, "W-1", 20_000));
        Assert.Empty(stage.Told);
    }

    private void Reports() => stage.PlayAt(Works, Receive("r0", Noon - Hour, "W-before", 1));

    private int Count(string standing) => stage.Shipper.Described.GetProperty("shipments").GetProperty(standing).GetInt32();

    private static ScriptStep Ship(string id, long atMs, string waybill, double kg) => Ledger(id, atMs, LedgerAction.Ship, "UN1017", (long)Math.Round(kg * Kg), Works, waybill, "粤B7-yellow");

    private static ScriptStep Receive(string id, long atMs, string waybill, double kg) => Ledger(id, atMs, LedgerAction.Receive, "UN1017", (long)Math.Round(kg * Kg), Acid, waybill);
}
