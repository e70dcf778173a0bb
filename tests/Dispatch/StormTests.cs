using Streaming.Grains;
using Streaming.Grains.Messages;
using Streaming.Grains.Rules;
using Streaming.Grains.Turns;
using Streaming.Models.Encoding;
using Streaming.Tests.Rules;
using Xunit;

namespace Streaming.Tests.Dispatch;

/// <summary>Many warnings of one cause: one case, few messages, nothing lost. By the shipped rulebook, whose devices of one district that fall silent within ten minutes are one case.</summary>
public class StormTests
{
    private static readonly DateTimeOffset Start = new(2026, 3, 3, 2, 0, 0, TimeSpan.Zero);
    private readonly Scene scene = new(CityRules.Shipped, Start);

    [Fact]
    public void A_thousand_warnings_of_one_cause_within_a_minute_are_one_case_three_messages_and_all_of_them_in_the_record()
    {
        for (int i = 0; i < 1000; i++)
        {
            scene.AdvanceTo(Start.AddMilliseconds(i * 60));
            Warn(Silent($"C{i:0000}").Opened(ActorKind.Source));
        }

        scene.AdvanceTo(Start.AddHours(3));
        CaseRow row = Assert.Single(scene.Rows<CaseRow>(View.Cases));
        Assert.Equal(("harbour-1", 1000, "sources-of-a-district"), (row.Id, row.Warnings, row.Storm!.Rule));
        Assert.Equal((999, 999, 20, 0), (row.Storm.Joined, row.Storm.Changes, row.Storm.First.Length, row.Storm.Untold));

        // Each of the others is findable by the case.
        Assert.Equal(999, scene.Rows<WarningHandling>(View.Handlings).Count(handling => handling is { Case: "harbour-1", Group: "sources-of-a-district", Held: null }));

        // Whoever leads it, over the district and over the whole city: the work order, and what joined, summed up.
        foreach (string district in (string[])["harbour", "*"])
        {
            List<Alert> feed = scene.Feed("command-centre", district);
            Assert.True(feed.Count <= 3, string.Join(", ", feed.Select(alert => alert.Type)));
            Assert.Equal(["work-order", "warnings-joined"], feed.Select(alert => alert.Type));
            Assert.StartsWith("999 more warnings joined case harbour-1 since the last message, 999 in all.", feed[1].Explanation.En, StringComparison.Ordinal);
            Assert.Equal(Start.AddMilliseconds(60).AddMinutes(2), feed[1].At);
        }
    }

    [Fact]
    public void What_joins_is_told_twice_after_growing_pauses_and_then_by_whatever_is_said_next()
    {
        Warn(Silent("C1").Opened(ActorKind.Source));
        scene.AdvanceTo(Start.AddMinutes(1));
        Warn(Silent("C2").Opened(ActorKind.Source));
        scene.AdvanceTo(Start.AddMinutes(8));
        Warn(Silent("C3").Opened(ActorKind.Source));
        scene.AdvanceTo(Start.AddMinutes(12));
        Warn(Silent("C4").Opened(ActorKind.Source));
        scene.AdvanceTo(Start.AddMinutes(20));
        Assert.Equal([Start, Start.AddMinutes(3)], Feed().Select(alert => alert.At));
        Warn(Silent("C5").Opened(ActorKind.Source));
        scene.AdvanceTo(Start.AddMinutes(24));
        Assert.Equal((Start.AddMinutes(23), "3 more"), (Feed()[2].At, Feed()[2].Explanation.En[..6]));
        Warn(Silent("C6").Opened(ActorKind.Source));
        scene.AdvanceTo(Start.AddMinutes(29));
        Warn(Silent("C7").Opened(ActorKind.Source));
        scene.AdvanceTo(Start.AddHours(1));
        Assert.Equal(3, Feed().Count);
        Complete("harbour-1-w1");
        Assert.EndsWith(" 2 more warnings joined since the last message.", Feed()[3].Explanation.En, StringComparison.Ordinal);
    }

    [Fact]
    public void A_warning_after_the_window_or_after_the_closing_opens_the_next_case()
    {
        Warn(Silent("C1").Opened(ActorKind.Source));
        scene.AdvanceTo(Start.AddMinutes(10));
        Warn(Silent("C2").Opened(ActorKind.Source));
        scene.AdvanceTo(Start.AddMinutes(20).AddMilliseconds(1));
        Warn(Silent("C3").Opened(ActorKind.Source));
        Assert.Equal(["harbour-1", "harbour-2"], scene.Rows<CaseRow>(View.Cases).Select(row => row.Id));
        Warn(Silent("C4").Opened(ActorKind.Source));
        Assert.Equal(1, scene.Row<CaseRow>(View.Cases, "harbour-2")!.Storm!.Joined);
        Complete("harbour-2-w1");
        Warn(Silent("C5").Opened(ActorKind.Source));
        Assert.Equal("C5", scene.Row<CaseRow>(View.Cases, "harbour-3")!.Subject);
    }

    [Fact]
    public void Another_district_or_a_kind_that_no_group_names_is_another_cause()
    {
        Warn(Silent("C1").Opened(ActorKind.Source));
        Warn(Silent("C2", district: "north").Opened(ActorKind.Source));
        Warn(Warnings.Overload(Start).Opened());
        Warn(Silent("C3", district: "harbour.docks").Opened(ActorKind.Source));
        Assert.Equal(["harbour-1", "harbour-2", "north-1"], scene.Rows<CaseRow>(View.Cases).Select(row => row.Id).Order(StringComparer.Ordinal));
        Assert.Equal(["C3"], scene.Row<CaseRow>(View.Cases, "harbour-1")!.Storm!.First.Select(member => member.Subject));
    }

    [Fact]
    public void Later_changes_of_a_member_stay_with_the_case_and_do_not_become_its_own_warning()
    {
        Warn(Silent("C1").Opened(ActorKind.Source));
        Warn(Silent("C2").Opened(ActorKind.Source));
        Warn((Silent("C2") with { Count = 7 }).Updated(ActorKind.Source));
        Warn(Silent("C2").Cleared(ActorKind.Source));
        CaseRow row = Assert.Single(scene.Rows<CaseRow>(View.Cases));
        Assert.Equal(("C1", "C1", 1, 2, 1), (row.Subject, row.Warning.Subject, row.Storm!.Joined, row.Storm.Changes, row.Storm.Cleared));
    }

    [Fact]
    public void A_graver_member_is_told_at_once_within_the_count_and_danger_to_life_always()
    {
        Warn(Silent("C1", severity: 1).Opened(ActorKind.Source));
        Warn(Silent("C2", severity: 2).Opened(ActorKind.Source));
        Warn(Silent("C3", severity: 3).Opened(ActorKind.Source));
        Assert.Equal(["work-order", "warning-updated"], Feed().Select(alert => alert.Type));
        scene.AdvanceTo(Start.AddHours(1));
        Assert.Equal(3, Feed().Count);
        Warn((Silent("C3") with { Severity = 4 }).Updated(ActorKind.Source));
        Assert.Equal(("warning-updated", 4), (Feed()[3].Type, Feed()[3].Severity));
        Assert.Equal(4, scene.Row<CaseRow>(View.Cases, "harbour-1")!.Severity);
    }

    [Fact]
    public void When_the_case_closes_every_subject_is_told_and_nothing_of_the_storm_is_left()
    {
        for (int i = 0; i < 500; i++)
        {
            Warn(Silent($"C{i:000}").Opened(ActorKind.Source));
        }

        Complete("harbour-1-w1");

        // One comes back before its turn has come: the next case is its own.
        Warn(Silent("C400", number: 2).Opened(ActorKind.Source));
        scene.AdvanceTo(Start.AddSeconds(1));
        Assert.Equal(500, scene.Elsewhere.Where(told => told is { Kind: MessageKind.CaseClosed, To.Kind: ActorKind.Source }).Select(told => told.To.Key).Distinct().Count());
        Assert.Equal("harbour-2", scene.Rows<CaseRow>(View.Cases).Single(row => row.State == "open").Id);
        Assert.Contains("\"id\":\"harbour-1\"", scene.Elsewhere.Single(told => told.To.Key == "C400").Body, StringComparison.Ordinal);
        Complete("harbour-2-w1");
        scene.AdvanceTo(Start.AddSeconds(2));
        Assert.Equal(0, scene.RowCount(ActorKind.Dispatcher, "harbour"));
        Assert.Equal(0, scene.Describe(ActorKind.Dispatcher, "harbour").GetProperty("openCases").GetInt64());
    }

    [Fact]
    public void A_member_that_crosses_the_closing_of_its_case_opens_a_new_case_and_is_not_lost()
    {
        Warn(Silent("C1").Opened(ActorKind.Source));
        Complete("harbour-1-w1");
        scene.Send(ActorKind.Case, "harbour-1", MessageKind.WarningGrouped, new WarningGrouped(Silent("C2").Opened(ActorKind.Source), "sources-of-a-district", IsHeld: false));
        Assert.Equal("C2", scene.Row<CaseRow>(View.Cases, "harbour-2")!.Subject);
    }

    [Fact]
    public void A_lesser_warning_waits_while_the_graver_one_of_its_subject_is_open_and_gets_its_case_afterwards()
    {
        Warn(Silent("C1").Opened(ActorKind.Source));
        Warn(Late("C1").Opened(ActorKind.Source));
        Warn(Late("C1").Updated(ActorKind.Source));
        CaseRow row = Assert.Single(scene.Rows<CaseRow>(View.Cases));
        Assert.Equal((1, 0, "source-rejects"), (row.Storm!.Held, row.Storm.Joined, row.Storm.First.Single().Kind));
        Assert.Single(Feed());
        WarningHandling handling = scene.Row<WarningHandling>(View.Handlings, Late("C1").Id)!;
        Assert.Equal(("harbour-1", "inhibition", "silent-source", null), (handling.Case, handling.Held!.By, handling.Held.Id, handling.Held.Released));

        scene.AdvanceTo(Start.AddMinutes(30));
        Warn(Silent("C1").Cleared(ActorKind.Source));
        Assert.Equal("source-rejects", scene.Row<CaseRow>(View.Cases, "harbour-2")!.Kind);
        handling = scene.Row<WarningHandling>(View.Handlings, Late("C1").Id)!;
        Assert.Equal(("harbour-2", Start.AddMinutes(30)), (handling.Case, handling.Held!.Released!.Value));
        Assert.False(scene.Describe(ActorKind.Dispatcher, "harbour").TryGetProperty("held", out _));
    }

    [Fact]
    public void The_closing_of_the_graver_case_lets_go_too_and_what_was_cleared_meanwhile_gets_no_case()
    {
        Warn(Silent("C1").Opened(ActorKind.Source));
        Warn(Late("C1").Opened(ActorKind.Source));
        Warn(Late("C1", "clock-off").Opened(ActorKind.Source));
        Warn(Late("C1", "clock-off").Cleared(ActorKind.Source));
        Complete("harbour-1-w1");
        Assert.Equal(["source-silence", "source-rejects"], scene.Rows<CaseRow>(View.Cases).Select(row => row.Kind));
    }

    [Fact]
    public void Danger_to_life_is_never_held_back_by_a_graver_warning()
    {
        Warn(Silent("C1").Opened(ActorKind.Source));
        Warn((Late("C1") with { Severity = 4 }).Opened(ActorKind.Source));
        Assert.Equal(2, scene.Rows<CaseRow>(View.Cases).Length);
        scene.AdvanceTo(Start.AddMinutes(1));
        Warn(Late("C1", "clock-off").Opened(ActorKind.Source));
        Assert.Equal(2, scene.Rows<CaseRow>(View.Cases).Length);
        Warn((Late("C1", "clock-off") with { Severity = 4 }).Updated(ActorKind.Source));
        Assert.Equal(3, scene.Rows<CaseRow>(View.Cases).Length);
    }

    [Fact]
    public void An_inhibition_by_district_holds_until_the_last_graver_warning_there_is_over()
    {
        scene.Rules = Under(new InhibitionRule { Name = "outage", Graver = ["power-outage"], Holds = ["tank-level"], By = "district" });
        Warning outage = Warnings.Overload(Start, "E1") with { Kind = "power-outage" };
        Warn(outage.Opened());
        Warn((outage with { Subject = "E2", Id = "E2/power-outage/1" }).Opened());
        Warn((Warnings.Overload(Start, "E3") with { Kind = "tank-level" }).Opened());
        Warn(outage.Cleared());
        scene.AdvanceTo(Start.AddSeconds(1));
        Assert.Equal(2, scene.Rows<CaseRow>(View.Cases).Length);
        Warn((outage with { Subject = "E2", Id = "E2/power-outage/1" }).Cleared());
        scene.AdvanceTo(Start.AddSeconds(2));
        Assert.Equal("tank-level", scene.Row<CaseRow>(View.Cases, "harbour-3")!.Kind);
    }

    [Fact]
    public void A_silence_keeps_a_warning_from_opening_a_case_until_it_ends_by_itself()
    {
        scene.Rules = Silenced(new Silence { Id = "s2", Kinds = ["over-*"], By = "wang", Reason = "road works", From = Start, Until = Start.AddHours(2) });
        Warn(Warnings.Overload(Start).Opened());
        Warn(Warnings.Overload(Start, count: 2).Updated());
        Assert.Empty(scene.Rows<CaseRow>(View.Cases));
        HeldBack held = scene.Row<WarningHandling>(View.Handlings, Warnings.Overload(Start).Id)!.Held!;
        Assert.Equal(("silence", "s2", "wang", "road works", Start, Start.AddHours(2), null), (held.By, held.Id, held.Author, held.Reason, held.From, held.Until!.Value, held.Released));
        Warn(Warnings.Tank(Start).Opened(ActorKind.Enterprise));
        Assert.Single(scene.Rows<CaseRow>(View.Cases));

        scene.AdvanceTo(Start.AddHours(2).AddMilliseconds(-1));
        Assert.Single(scene.Rows<CaseRow>(View.Cases));
        scene.AdvanceTo(Start.AddHours(2));
        CaseRow row = scene.Row<CaseRow>(View.Cases, "harbour-2")!;
        Assert.Equal(("over-road-limit", 2, Start.AddHours(2)), (row.Kind, row.Warning.Count, row.Opened));
        Assert.Equal(("harbour-2", Start.AddHours(2)), (scene.Row<WarningHandling>(View.Handlings, row.Warning.Id)!.Case, scene.Row<WarningHandling>(View.Handlings, row.Warning.Id)!.Held!.Released!.Value));
    }

    [Fact]
    public void A_silence_that_is_ended_early_lets_go_at_once_and_what_was_cleared_meanwhile_opens_nothing()
    {
        Silence silence = new() { Id = "s2", District = "harbour", By = "wang", Reason = "test", From = Start, Until = Start.AddDays(7) };
        scene.Rules = Silenced(silence);
        Warn(Warnings.Overload(Start).Opened());
        Warn(Warnings.Overload(Start, "湘A1-yellow").Opened());
        Warn(Warnings.Overload(Start, "湘A1-yellow").Cleared());
        scene.AdvanceTo(Start.AddMinutes(5));
        scene.Rules = Silenced(silence with { Ended = Start.AddMinutes(5) });
        Assert.Equal(ReplyStatus.Done, scene.Send(ActorKind.Dispatcher, "harbour", MessageKind.LookAtHeld, [])!.Status);
        scene.AdvanceTo(Start.AddMinutes(5).AddMilliseconds(1));
        Assert.Equal(Warnings.Plate, Assert.Single(scene.Rows<CaseRow>(View.Cases)).Subject);

        // Without the command, the district's next warning is soon enough.
        scene.Rules = Silenced(silence, version: 3);
        Warn(Warnings.Overload(Start, "粤B2-yellow").Opened());
        scene.Rules = Silenced(silence with { Ended = Start.AddMinutes(5) }, version: 4);
        Warn(Warnings.Tank(Start).Opened(ActorKind.Enterprise));
        scene.AdvanceTo(Start.AddMinutes(6));
        Assert.Equal(3, scene.Rows<CaseRow>(View.Cases).Length);
    }

    [Fact]
    public void Only_what_all_parts_of_a_silence_fit_is_held_and_danger_to_life_only_where_it_says_so()
    {
        Silence silence = new() { Id = "s2", Kinds = ["over-road-limit"], District = "harbour.docks", Source = "S07", Department = "transport", By = "wang", Reason = "test", From = Start, Until = Start.AddHours(1) };
        Warning warning = Warnings.Overload(Start, district: "harbour.docks");
        Assert.True(silence.Fits(warning, "transport"));
        Assert.False(silence.Fits(warning, "traffic-police"));
        Assert.False(silence.Fits(warning with { District = "harbour" }, "transport"));
        Assert.False(silence.Fits(warning with { Kind = "over-rated-load" }, "transport"));
        Assert.False((silence with { Source = "S08" }).Fits(warning, "transport"));
        Assert.False((silence with { Subject = "another" }).Fits(warning, "transport"));
        Assert.False(silence.Fits(warning with { Severity = 4 }, "transport"));
        Assert.True((silence with { Gravest = true }).Fits(warning with { Severity = 4 }, "transport"));
        Assert.False(silence.IsInForce(Start.AddMilliseconds(-1).ToUnixTimeMilliseconds()));
        Assert.True(silence.IsInForce(Start.ToUnixTimeMilliseconds()));
        Assert.False(silence.IsInForce(Start.AddHours(1).ToUnixTimeMilliseconds()));
    }

    [Fact]
    public void A_silenced_warning_joins_its_open_case_and_alerts_nobody()
    {
        Warn(Warnings.Overload(Start, severity: 1).Opened());
        scene.Rules = Silenced(new Silence { Id = "s2", Kinds = ["over-*"], By = "wang", Reason = "test", From = Start, Until = Start.AddHours(2) });
        Warn(Warnings.Overload(Start, severity: 3, count: 2).Updated());
        CaseRow row = Assert.Single(scene.Rows<CaseRow>(View.Cases));
        Assert.Equal((3, 2), (row.Severity, row.Warnings));
        Assert.Contains("silenced by s2", row.History[^1].Note, StringComparison.Ordinal);
        Assert.Single(scene.Feed("transport", "harbour"));
        Warn(Warnings.Overload(Start, severity: 4, count: 3).Updated());
        Assert.Equal(2, scene.Feed("transport", "harbour").Count);
    }

    [Fact]
    public void What_a_silence_held_back_of_a_storm_becomes_one_case_when_it_ends_however_much_it_is()
    {
        scene.Rules = Silenced(new Silence { Id = "s2", Kinds = ["source-*"], By = "wang", Reason = "test", From = Start, Until = Start.AddHours(1) });
        for (int i = 0; i < 300; i++)
        {
            Warn(Silent($"C{i:000}").Opened(ActorKind.Source));
        }

        Assert.Equal(300, scene.Describe(ActorKind.Dispatcher, "harbour").GetProperty("held").GetInt32());
        scene.AdvanceTo(Start.AddHours(1).AddMinutes(20));
        Assert.Equal(299, Assert.Single(scene.Rows<CaseRow>(View.Cases)).Storm!.Joined);
        Assert.Equal(2, Feed().Count);
        Assert.False(scene.Describe(ActorKind.Dispatcher, "harbour").TryGetProperty("held", out _));
    }

    [Fact]
    public void What_two_silences_hold_waits_for_the_later_one()
    {
        Silence first = new() { Id = "s2", Kinds = ["over-*"], By = "wang", Reason = "a", From = Start, Until = Start.AddHours(1) };
        scene.Rules = Silenced(first);
        Rulebook both = CityRules.Shipped.With(new RulebookDecisions { Silences = [first, first with { Id = "s3", Until = Start.AddHours(3), By = "li" }] }).WithVersion(3);
        Warn(Warnings.Overload(Start).Opened());
        scene.Rules = both;
        scene.AdvanceTo(Start.AddHours(2));
        Assert.Empty(scene.Rows<CaseRow>(View.Cases));
        Assert.Equal("s3", scene.Row<WarningHandling>(View.Handlings, Warnings.Overload(Start).Id)!.Held!.Id);
        scene.AdvanceTo(Start.AddHours(3));
        Assert.Single(scene.Rows<CaseRow>(View.Cases));
    }

    [Fact]
    public void A_storms_section_that_does_not_hold_is_refused_with_its_place()
    {
        Rulebook shipped = CityRules.Shipped;
        Assert.Empty(shipped.Storms.Problems());
        StormGroup group = shipped.Storms.Groups[0];
        Assert.Contains("storms.groups[0].kinds", Assert.Single((shipped.Storms with { Groups = [group with { Kinds = ["a*b"] }] }).Problems()), StringComparison.Ordinal);
        Assert.Contains("storms.groups[1].name", Assert.Single((shipped.Storms with { Groups = [group, group] }).Problems()), StringComparison.Ordinal);
        Assert.Contains("withinMinutes is 0", Assert.Single((shipped.Storms with { Groups = [group with { WithinMinutes = 0 }] }).Problems()), StringComparison.Ordinal);
        Assert.Contains("tellAfterMinutes", Assert.Single((shipped.Storms with { TellAfterMinutes = [1, 2, 3] }).Problems()), StringComparison.Ordinal);
        Assert.Contains("graver and holds", Assert.Single((shipped.Storms with { Inhibitions = [shipped.Storms.Inhibitions[0] with { Holds = ["source-silence"] }] }).Problems()), StringComparison.Ordinal);
        Assert.Equal(Rulebook.Parse(shipped.ToJson()).ContentHash, shipped.ContentHash);
        Rulebook decided = Silenced(new Silence { Id = "s2", Kinds = ["over-*"], By = "王", Reason = "施工", From = Start, Until = Start.AddHours(1), Gravest = true });
        Assert.Equal(decided.ToJson(), Rulebook.Parse(decided.ToJson()).ToJson());
    }

    [Fact]
    public void A_dispatcher_from_before_there_were_storms_is_read()
    {
        ByteWriter before = new();
        before.WriteByte(1);
        before.WriteBytes("""{"lastCase":7,"openCases":2}"""u8);
        Actor dispatcher = ActorFactory.Create(ActorKind.Dispatcher);
        ByteReader reader = new(before.Written);
        dispatcher.Read(ref reader);
        Assert.True(reader.AtEnd && dispatcher.Exists);
        ByteWriter after = new();
        dispatcher.Write(after);
        Assert.Equal(2, after.Written[0]);
        Assert.Contains("\"lastCase\":7,\"openCases\":2", System.Text.Encoding.UTF8.GetString(after.Written), StringComparison.Ordinal);
    }

    [Fact]
    public void Persisted_numbers_stay()
    {
        Assert.Equal((18, 18, 19, 20), ((int)ActorKind.Webhook, (int)View.Handlings, (int)View.Webhooks, (int)View.DeadLetters));
        Assert.Equal((130, 131, 132, 133, 134), ((int)MessageKind.WarningGrouped, (int)MessageKind.LookAtHeld, (int)MessageKind.RegisterWebhook, (int)MessageKind.ActOnWebhook, (int)MessageKind.MarkWebhook));
    }

    private static Rulebook Silenced(Silence silence, int version = 2) => CityRules.Shipped.With(new RulebookDecisions { Silences = [silence] }).WithVersion(version);

    private static Rulebook Under(InhibitionRule rule) => new() { Version = 1, Storms = new StormRules { Inhibitions = [rule] } };

    private static Warning Silent(string source, int severity = 2, string district = "harbour", int number = 1) => Warnings.Overload(Start, source, severity, district: district, number: number) with
    {
        Id = $"{source}/source-silence/{number}",
        SubjectKind = "source",
        Kind = "source-silence",
    };

    private static Warning Late(string source, string kind = "source-rejects") => Silent(source) with { Id = $"{source}/{kind}/1", Kind = kind };

    private List<Alert> Feed() => scene.Feed("command-centre", "harbour");

    private void Warn(WarningChanged changed) => scene.Send(ActorKind.Dispatcher, DistrictPath.DistrictOf(changed.Warning.District), MessageKind.WarningChanged, changed);

    private void Complete(string order)
    {
        string id = order[..order.LastIndexOf("-w", StringComparison.Ordinal)];
        Reply? reply = scene.Send(ActorKind.Case, id, MessageKind.ActOnWorkOrder, new WorkOrderAction(order, "complete", "t1", null, null, "corrected", null));
        Assert.True(reply!.Status == ReplyStatus.Done, reply.Text);
    }
}
