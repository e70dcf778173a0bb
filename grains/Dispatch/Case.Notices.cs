using Streaming.Grains.Messages;
using Streaming.Grains.Rules;
using Streaming.Grains.Turns;

namespace Streaming.Grains.Dispatch;

/// <summary>
/// Notices to the subject: sent by a department that has a work order, or by a stage that asks for one. What becomes of them is in the history; an answer, and a notice that reached nobody, ring for the lead and for whoever sent it. Nothing moves by itself:
/// that the subject says it has mended the matter is its word, and whether it is so is the lead's to see.
/// </summary>
public sealed partial class Case
{
    private const string Subject = "subject";

    /// <summary>
    /// The department asks the subject, as long as it has work to do. It is not among what a work order allows, which is what moves it on: this does not.
    /// </summary>
    private void Notify(scoped in Turn turn, WorkOrder order, WorkOrderAction action)
    {
        if (!Now.IsOpen || !order.IsOpen)
        {
            turn.Effects.Reply(ReplyStatus.Conflict, !Now.IsOpen ? WhyNot(order, action.Action) : $"Work order {OrderId(order)} is {order.State}; notices are sent by who has work to do.", Allowed(order));
            return;
        }

        DateTimeOffset now = Time(turn.NowMs);
        DateTimeOffset until = action.AnswerUntil ?? now.AddHours(GrainLimits.NoticeAnswerHours);
        if (until <= now || until > now.AddHours(GrainLimits.MostNoticeAnswerHours))
        {
            turn.Effects.Reply(ReplyStatus.Invalid, $"The time to answer is over within {GrainLimits.MostNoticeAnswerHours / 24} days from now, and not before now.");
            return;
        }

        if (NoticesFull() is { } full)
        {
            turn.Effects.Reply(ReplyStatus.Conflict, full, Allowed(order));
            return;
        }

        string made = SendNotice(turn, order, action.By, new Explanation(action.Note!, action.Note!), until);
        Touch(order);
        ShowChanges(turn);
        turn.Effects.Reply(ReplyStatus.Done, $"Notice {made} goes out.", Allowed(order), made);
    }

    /// <summary>The stage asks the subject as it is entered, in the name of its lead.</summary>
    private void NotifyOfStage(scoped in Turn turn, Stage stage)
    {
        if (stage.Notice is not { } asked || CurrentLead() is not { } order || Now.SubjectKind == ActorKind.Report)
        {
            return;
        }

        if (NoticesFull() is { } full)
        {
            Record(turn, "notice-not-sent", Now.Id, full, order);
            return;
        }

        SendNotice(turn, order, Now.Id, asked.Text is { } text ? new Explanation(text.En, text.Zh) : null, Time(turn.NowMs).AddHours(asked.AnswerHours));
    }

    private string SendNotice(scoped in Turn turn, WorkOrder order, string by, Explanation? text, DateTimeOffset until)
    {
        int number = ++Now.LastNotice;
        string id = $"{Now.Id}-n{number}";
        Now.OpenNotices.Add(number);
        Record(turn, "notice", by, text is null ? id : $"{id}: {text.Zh}", order);
        turn.Effects.Tell(ActorKind.Notice, id, MessageKind.IssueNotice, new NoticeIssued(id, Now.Id, Now.District, OrderId(order), order.Department, order.Stage, by, text, until, Now.Warning));
        return id;
    }

    private string? NoticesFull() =>
        Now.LastNotice >= GrainLimits.NoticesPerCase ? $"The case has sent its subject {GrainLimits.NoticesPerCase} notices; it sends no more."
        : Now.OpenNotices.Count >= GrainLimits.OpenNoticesPerCase ? $"{GrainLimits.OpenNoticesPerCase} notices of the case wait for an answer; wait for one of them."
        : null;

    /// <summary>What became of a notice. One of a case that was forgotten is nobody's concern any more.</summary>
    private void Hear(scoped in Turn turn, NoticeChanged changed)
    {
        if (state is null)
        {
            return;
        }

        WorkOrder? order = FindOrder(changed.WorkOrder);
        string what = $"notice-{changed.What}";
        bool over = changed.What is NoticeStates.Answered or NoticeStates.Expired;
        if (over)
        {
            Now.OpenNotices.RemoveAll(number => $"{Now.Id}-n{number}" == changed.Notice);
        }

        string note = changed.Note is null ? changed.Notice : $"{changed.Notice}: {changed.Note}";
        string[]? evidence = changed.PictureSha256 is { } picture ? [$"sha256:{picture}"] : null;
        Speaks(Subject, null);
        Record(turn, what, changed.What is NoticeStates.Answered or NoticeStates.Opened ? Subject : changed.What == NoticeStates.Expired ? Clock : changed.Notice, note.Length > GrainLimits.NoteChars ? note[..GrainLimits.NoteChars] : note, order, evidence);
        if (Now.IsOpen && changed.What is NoticeStates.Answered or NoticeStates.Failed)
        {
            Ring(turn, changed, order);
        }

        ShowChanges(turn);
    }

    private void Ring(scoped in Turn turn, NoticeChanged changed, WorkOrder? order)
    {
        bool answered = changed.What == NoticeStates.Answered;
        Explanation said = answered
            ? new Explanation($"The subject answers notice {changed.Notice}: corrected.", $"当事人已回复告知 {changed.Notice}：已整改。")
            : new Explanation($"Notice {changed.Notice} could not be delivered; hand its link over, or go there.", $"告知 {changed.Notice} 未能送达；请当面告知或转交链接。");
        string type = answered ? AlertTypes.NoticeAnswered : AlertTypes.NoticeFailed;
        WorkOrder? lead = CurrentLead();
        if (lead is not null)
        {
            Alert(turn, type, lead, lead.Department, lead.Role, said);
        }

        if (order is not null && order.Department != lead?.Department)
        {
            Alert(turn, type, order, order.Department, order.Role, said);
        }
    }

    /// <summary>The case is closed: nobody waits for an answer any more.</summary>
    private void WithdrawNotices(scoped in Turn turn)
    {
        foreach (int number in Now.OpenNotices)
        {
            turn.Effects.Tell(ActorKind.Notice, $"{Now.Id}-n{number}", MessageKind.WithdrawNotice, new NoticeWithdrawn("the case is closed"));
        }

        Now.OpenNotices.Clear();
    }
}
