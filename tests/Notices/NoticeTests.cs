using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Streaming.Grains;
using Streaming.Grains.Dispatch;
using Streaming.Grains.Messages;
using Streaming.Grains.Rules;
using Streaming.Grains.Turns;
using Streaming.Models.Encoding;
using Streaming.Tests.Dispatch;
using Streaming.Tests.Rules;
using Xunit;

namespace Streaming.Tests.Notices;

public class NoticeTests
{
    private const string First = "harbour-1-n1";
    private static readonly DateTimeOffset Start = new(2026, 4, 2, 7, 0, 0, TimeSpan.Zero);
    private static readonly string Hash = new('a', 64);
    private readonly Scene scene = new(CityRules.Shipped, Start);

    [Fact]
    public void A_department_with_work_to_do_asks_the_subject_and_hears_its_answer()
    {
        Warn(Warnings.Overload(Start).Opened());
        Reply reply = Notify("harbour-1-w1", "transport");
        Assert.Equal((ReplyStatus.Done, First), (reply.Status, reply.Made));
        NoticeRow row = Row(First);
        Assert.Equal(("issued", true, "transport", "harbour-1-w1", "li"), (row.State, row.Open, row.Department, row.WorkOrder, row.By));
        Assert.Equal(Start.AddHours(GrainLimits.NoticeAnswerHours), row.Until);
        Assert.Equal([new NoticeErrand(NoticeErrand.Addressing, Start.ToUnixTimeMilliseconds())], row.Errands);
        Assert.Equal(Warnings.Plate, row.Subject);

        Address(First, "webhook:sms", "mqtt");
        Assert.Equal(["webhook:sms", "mqtt"], Row(First).Errands.Select(errand => errand.Lane));
        Attempt(First, "webhook:sms", 1, NoticeOutcomes.Retry, "the gateway answered 500", Start.AddMinutes(1));
        Assert.Equal(("issued", 1, "the gateway answered 500"), (Row(First).State, Row(First).Channels[0].Attempts, Row(First).Channels[0].Reason));
        Assert.Equal(Start.AddMinutes(1).ToUnixTimeMilliseconds(), Row(First).Errands[0].AtMs);
        Attempt(First, "webhook:sms", 1, NoticeOutcomes.Delivered);
        Assert.Equal("waiting", Row(First).Channels[0].State);
        Attempt(First, "webhook:sms", 2, NoticeOutcomes.Delivered);
        Attempt(First, "webhook:sms", 3, NoticeOutcomes.Failed, "late word");
        Assert.Equal(("delivered", "delivered"), (Row(First).State, Row(First).Channels[0].State));

        Send(First, MessageKind.OpenNotice, []);
        Send(First, MessageKind.OpenNotice, []);
        Assert.Equal(("opened", Start), (Row(First).State, Row(First).Opened));
        scene.AdvanceTo(Start.AddHours(2));
        Assert.Equal(ReplyStatus.Done, Answer(First, "卸载完毕", new string('b', 64)).Status);
        row = Row(First);
        Assert.Equal(("answered", false, "卸载完毕"), (row.State, row.Open, row.Answer!.Note));
        Assert.Equal("dropped", row.Channels[1].State);
        Assert.Empty(row.Errands);
        Assert.Equal(ReplyStatus.Conflict, Answer(First, "again", null).Status);

        Assert.Equal(["opened", "stage", "issued", "issued", "notice", "notice-delivered", "notice-opened", "notice-answered"], History().Select(entry => entry.What));
        Assert.Equal($"sha256:{new string('b', 64)}", Assert.Single(History()[^1].Evidence!));
        Assert.Equal("subject", History()[^1].By);
        Assert.Equal(["work-order", "notice-answered"], Types("transport"));
        Assert.Equal(["work-order"], Types("streets"));
        Assert.Equal("issued", scene.Row<WorkOrderRow>(View.WorkOrders, "harbour-1-w1")!.State);
        Assert.Equal(["due:w1", "due:w2"], scene.Reminders.Select(reminder => reminder.Name).Order(StringComparer.Ordinal));
    }

    [Fact]
    public void A_co_handlers_notice_rings_for_it_and_for_the_lead()
    {
        Warn(Warnings.Overload(Start).Opened());
        Assert.Equal(First, Notify("harbour-1-w2", "streets").Made);
        Answer(First, null, null);
        Assert.Equal(["work-order", "notice-answered"], Types("transport"));
        Assert.Equal(["work-order", "notice-answered"], Types("streets"));
    }

    [Fact]
    public void A_notice_that_no_channel_takes_rings_once_and_its_link_goes_on()
    {
        Warn(Warnings.Overload(Start).Opened());
        Notify("harbour-1-w1", "transport");
        Address(First, "webhook:sms", "webhook:mail");
        Attempt(First, "webhook:sms", 1, NoticeOutcomes.Failed, "the gateway answered 404");
        Assert.Equal(("issued", 1), (Row(First).State, Types("transport").Length));
        Attempt(First, "webhook:mail", 1, NoticeOutcomes.Failed, new string('长', 5000));
        Assert.Equal(("failed", true), (Row(First).State, Row(First).Open));
        Assert.Equal(["work-order", "notice-failed"], Types("transport"));
        Assert.Equal(GrainLimits.NoticeReasonChars, Row(First).Channels[1].Reason!.Length);
        Assert.Equal(ReplyStatus.Done, Answer(First, null, null).Status);
    }

    [Fact]
    public void Time_runs_out_by_the_clock_and_once()
    {
        Warn(Warnings.Overload(Start).Opened());
        Notify("harbour-1-w1", "transport", Start.AddHours(5));
        Address(First, "webhook:sms");
        scene.AdvanceTo(Start.AddHours(5).AddMilliseconds(-1));
        Assert.True(Row(First).Open);
        scene.AdvanceTo(Start.AddHours(5));
        Assert.Equal(("expired", false, "dropped"), (Row(First).State, Row(First).Open, Row(First).Channels[0].State));
        Assert.Equal(ReplyStatus.Conflict, Answer(First, null, null).Status);

        // What was on its way then has arrived all the same.
        Attempt(First, "webhook:sms", 1, NoticeOutcomes.Delivered);
        Assert.Equal(("expired", "delivered"), (Row(First).State, Row(First).Channels[0].State));
        Assert.Equal(["notice", "notice-expired", "notice-delivered"], History().Select(entry => entry.What).Where(what => what.StartsWith("notice", StringComparison.Ordinal)));
        Assert.Equal(["work-order"], Types("transport"));
    }

    [Fact]
    public void Closing_the_case_withdraws_its_notices_and_nothing_more_is_sent()
    {
        Warn(Warnings.Overload(Start).Opened());
        Notify("harbour-1-w1", "transport");
        Notify("harbour-1-w2", "streets");
        Answer("harbour-1-n2", null, null);
        Assert.Equal(ReplyStatus.Done, Act("harbour-1-w1", "complete", "transport", "false-alarm").Status);
        Assert.Equal(("withdrawn", "answered"), (Row(First).State, Row("harbour-1-n2").State));
        Assert.Equal(ReplyStatus.Conflict, Notify("harbour-1-w1", "transport").Status);
        Assert.Equal(ReplyStatus.Conflict, Answer(First, null, null).Status);
        Assert.Empty(scene.Reminders);
    }

    [Fact]
    public void Who_may_not_is_told_why()
    {
        Warn(Warnings.Overload(Start).Opened());
        Assert.Equal(ReplyStatus.Forbidden, Notify("harbour-1-w1", "streets").Status);
        Assert.Equal(ReplyStatus.NotFound, Notify("harbour-1-w9", "transport").Status);
        Assert.Equal(ReplyStatus.Invalid, Notify("harbour-1-w1", "transport", text: " ").Status);
        Assert.Equal(ReplyStatus.Invalid, Notify("harbour-1-w1", "transport", text: new string('x', GrainLimits.NoticeTextChars + 1)).Status);
        Assert.Equal(ReplyStatus.Invalid, Notify("harbour-1-w1", "transport", Start).Status);
        Assert.Equal(ReplyStatus.Invalid, Notify("harbour-1-w1", "transport", Start.AddHours(GrainLimits.MostNoticeAnswerHours + 1)).Status);
        Assert.Empty(scene.Rows<NoticeRow>(View.Notices));
        Assert.DoesNotContain("notify", scene.Row<WorkOrderRow>(View.WorkOrders, "harbour-1-w1")!.Allowed);
    }

    [Fact]
    public void A_subject_is_not_pestered()
    {
        Warn(Warnings.Overload(Start).Opened());
        for (int i = 1; i <= GrainLimits.OpenNoticesPerCase; i++)
        {
            Assert.Equal(ReplyStatus.Done, Notify("harbour-1-w1", "transport").Status);
        }

        Assert.Contains("wait for an answer", Notify("harbour-1-w1", "transport").Text, StringComparison.Ordinal);
        for (int i = GrainLimits.OpenNoticesPerCase + 1; i <= GrainLimits.NoticesPerCase; i++)
        {
            Answer($"harbour-1-n{i - GrainLimits.OpenNoticesPerCase}", null, null);
            Assert.Equal(ReplyStatus.Done, Notify("harbour-1-w1", "transport").Status);
        }

        Answer($"harbour-1-n{GrainLimits.NoticesPerCase}", null, null);
        Assert.Contains("sends no more", Notify("harbour-1-w1", "transport").Text, StringComparison.Ordinal);
    }

    [Fact]
    public void A_stage_asks_by_itself_and_the_answer_moves_nothing()
    {
        Warn((Warnings.Overload(Start, "camera:C1") with { SubjectKind = "place", Kind = "street-stall" }).Opened(ActorKind.Place));
        NoticeRow row = Row(First);
        Assert.Equal(("notice", "streets", Start.AddHours(24), "harbour-1"), (row.Stage, row.Department, row.Until, row.By));
        Assert.Equal("请自行整改，并回复照片。", row.Text!.Zh);
        Answer(First, "收摊了", null);
        Assert.Equal(("notice", "open"), (CaseRow().Stage, CaseRow().State));
        Assert.Equal(["work-order", "notice-answered"], Types("streets"));
        Assert.Equal(ReplyStatus.Done, Act("harbour-1-w1", "complete", "streets", "not-corrected").Status);
        Assert.Equal("visit", CaseRow().Stage);
        Assert.Single(scene.Rows<NoticeRow>(View.Notices));
    }

    [Fact]
    public void Addressing_and_marks_are_taken_once_and_within_bounds()
    {
        Warn(Warnings.Overload(Start).Opened());
        Notify("harbour-1-w1", "transport");
        Assert.Equal(ReplyStatus.Invalid, Address(First, [.. Enumerable.Range(0, GrainLimits.NoticeChannels + 1).Select(i => $"webhook:{i}")]).Status);
        Assert.Equal(ReplyStatus.Invalid, Address(First, new string('x', GrainLimits.NoticeChannelChars + 1)).Status);
        Address(First, "mqtt", "mqtt");
        Address(First, "webhook:other");
        Assert.Equal("mqtt", Assert.Single(Row(First).Channels).Channel);
        Attempt(First, "webhook:other", 1, NoticeOutcomes.Delivered);
        Assert.Equal("issued", Row(First).State);
        Assert.Equal(ReplyStatus.NotFound, Address("harbour-1-n9", "mqtt").Status);
        Assert.Equal(ReplyStatus.Invalid, Answer(First, new string('x', GrainLimits.NoteChars + 1), null).Status);
    }

    [Fact]
    public void A_case_from_before_there_were_notices_is_read_and_sends_them()
    {
        Warn(Warnings.Overload(Start).Opened());
        ByteReader reader = new(scene.StateOf(ActorKind.Case, "harbour-1"));
        Assert.Equal(4, reader.ReadByte());
        JsonObject state = JsonNode.Parse(reader.ReadBytes().ToArray())!.AsObject();
        Assert.True(state.Remove("lastNotice") && state.Remove("openNotices"));
        ByteWriter before = new();
        before.WriteByte(1);
        before.WriteBytes(JsonSerializer.SerializeToUtf8Bytes(state));
        HostedActor hosted = new(ActorKind.Case, "harbour-1", ActorFactory.Create);
        ByteReader old = new(before.Written);
        hosted.Actor.Read(ref old);
        Assert.True(old.AtEnd);
        Effects effects = new();
        byte[] body = JsonSerializer.SerializeToUtf8Bytes(new WorkOrderAction("harbour-1-w1", "notify", "li", "transport", "text", null, null), GrainsJson.Default.WorkOrderAction);
        hosted.Run(new Message { Kind = MessageKind.ActOnWorkOrder, Body = body }, 9, Start.ToUnixTimeMilliseconds(), CityRules.Shipped, effects, new NoRows());
        Assert.Equal(First, effects.Answer!.Made);
    }

    [Theory]
    [InlineData("\"answerHours\": 24", "\"answerHours\": 0", "answerHours")]
    [InlineData("\"answerHours\": 24", "\"answerHours\": 2161", "answerHours")]
    [InlineData("\"answerHours\": 24, ", "", "answerHours")]
    [InlineData("\"answerHours\": 24", "\"answerHours\": 24, \"whenCorrected\": \"corrected\"", "whenCorrected")]
    [InlineData("\"zh\": \"请自行整改，并回复照片。\"", "\"zh\": \"\"", "text.zh")]
    public void A_stages_notice_is_checked_with_its_place(string find, string replace, string place)
    {
        Assert.Null(Rulebook.Load(CityRules.Files("workflows.json", find, replace), out IReadOnlyList<RulebookProblem> problems));
        Assert.Contains(problems, problem => problem.ToString().Contains($"notice.{place}", StringComparison.Ordinal));
    }

    [Fact]
    public void A_rulebook_without_notices_has_the_canonical_form_that_it_had()
    {
        string json = Encoding.UTF8.GetString(CityRules.Shipped.ToJson());
        Assert.Equal(1, CountOf(json, "\"notice\":{\"answerHours\":24,\"text\":{\"en\":"));
        Assert.Equal(1, CountOf(json, "\"notice\":{"));
        Assert.Equal(CityRules.Shipped.ToJson(), Rulebook.Parse(CityRules.Shipped.ToJson()).ToJson());
    }

    [Fact]
    public void Numbers_and_names_that_are_kept_do_not_change()
    {
        Assert.Equal(
            (13, 11, 80, 81, 82, 83, 84, 85, 86),
            ((int)ActorKind.Notice, (int)View.Notices, (int)MessageKind.IssueNotice, (int)MessageKind.AddressNotice, (int)MessageKind.AttemptNotice, (int)MessageKind.OpenNotice, (int)MessageKind.AnswerNotice,
                (int)MessageKind.WithdrawNotice, (int)MessageKind.NoticeChanged));
        Assert.Equal("notice", ActorId.Prefix(ActorKind.Notice));
    }

    private static int CountOf(string text, string part) => (text.Length - text.Replace(part, "", StringComparison.Ordinal).Length) / part.Length;

    private void Warn(WarningChanged changed) => scene.Send(ActorKind.Dispatcher, changed.Warning.District, MessageKind.WarningChanged, changed);

    private Reply Notify(string order, string department, DateTimeOffset? until = null, string text = "请立即卸载超限部分。") =>
        scene.Send(ActorKind.Case, "harbour-1", MessageKind.ActOnWorkOrder, new WorkOrderAction(order, "notify", "li", department, text, null, null, until))!;

    private Reply Act(string order, string action, string department, string? outcome = null) =>
        scene.Send(ActorKind.Case, "harbour-1", MessageKind.ActOnWorkOrder, new WorkOrderAction(order, action, "li", department, null, outcome, null))!;

    private Reply Address(string notice, params string[] channels) => scene.Send(ActorKind.Notice, notice, MessageKind.AddressNotice, new NoticeAddressed(Hash, channels))!;

    private void Attempt(string notice, string channel, int attempt, string outcome, string? reason = null, DateTimeOffset? next = null) =>
        Assert.Equal(ReplyStatus.Done, scene.Send(ActorKind.Notice, notice, MessageKind.AttemptNotice, new NoticeAttempted(channel, attempt, outcome, reason, next))!.Status);

    private Reply Answer(string notice, string? note, string? picture) =>
        scene.Send(ActorKind.Notice, notice, MessageKind.AnswerNotice, new NoticeAnswered(note, picture, picture is null ? null : "image/jpeg"))!;

    private void Send(string notice, MessageKind kind, byte[] body) => Assert.Equal(ReplyStatus.Done, scene.Send(ActorKind.Notice, notice, kind, body)!.Status);

    private NoticeRow Row(string id) => scene.Row<NoticeRow>(View.Notices, id)!;

    private CaseRow CaseRow() => scene.Row<CaseRow>(View.Cases, "harbour-1")!;

    private HistoryEntry[] History() => JsonSerializer.Deserialize(scene.Describe(ActorKind.Case, "harbour-1").GetRawText(), GrainsJson.Default.CaseRow)!.History;

    private string[] Types(string department)
    {
        string[] types = [.. scene.Feed(department, "harbour").Select(alert => alert.Type)];
        Assert.Equal(types, scene.Feed(department, "*").Select(alert => alert.Type));
        return types;
    }

    private sealed class NoRows : IActorRows
    {
        public byte[]? Find(string key) => null;

        public void Put(string key, byte[] value) => throw new InvalidOperationException("A case has no rows.");

        public void Remove(string key) => throw new InvalidOperationException("A case has no rows.");
    }
}
