using System.Globalization;
using System.Text;
using System.Text.Json;
using Streaming.Grains.Messages;
using Streaming.Grains.Rules;
using Streaming.Grains.Turns;
using Streaming.Models.Encoding;

namespace Streaming.Grains.Dispatch;

/// <summary>
/// A case: a workflow of stages, each of which issues one work order to its lead and one to every co-handler, in parallel and each with its own clock.
/// The lead's completion ends the stage, and its outcome says which stage follows, or that the case is closed.
/// </summary>
/// <remarks>
/// Deadlines are reminders of the actor, one for each unfinished work order (<c>due:w3</c>). Each work order keeps when its reminder is due; one that comes early, or
/// for work that is finished, does nothing, so that a reminder and the action that took it back may cross without a deadline being missed or doubled.
/// </remarks>
public sealed partial class Case : Actor
{
    /// <summary>Version 1 had no notices, version 2 neither requests nor what follows the end, version 3 no chain, offers, records, storms, rulings, reports and times of what was done; their members are the first of this one's.</summary>
    private const byte StateVersion = 4;
    private const string Dispatcher = "dispatcher";
    private const string Clock = "clock";

    /// <summary>In place of a district: the department's feed over the whole city.</summary>
    private const string AllDistricts = "*";
    private CaseState? state;

    public override bool Exists => state is not null;

    private CaseState Now => state ?? throw new InvalidOperationException("The case has not been opened.");

    public override void Handle(scoped in Turn turn, scoped in Message message)
    {
        switch (message.Kind)
        {
            case MessageKind.CaseOpened:
                Open(turn, message.Read<CaseOpened>());
                break;
            case MessageKind.WarningJoined:
                Join(turn, message.Read<WarningChanged>());
                break;
            case MessageKind.WarningGrouped:
                Group(turn, message.Read<WarningGrouped>());
                break;
            case MessageKind.ActOnWorkOrder:
                Act(turn, message.Read<WorkOrderAction>());
                break;
            case MessageKind.ActOnCase:
                ActOnCase(turn, message.Read<CaseAction>());
                break;
            case MessageKind.NoticeChanged:
                Hear(turn, message.Read<NoticeChanged>());
                break;
            case MessageKind.ReportJoined:
                JoinReport(turn, message.Read<ReportJoined>());
                break;
            case MessageKind.SplitCase:
                Split(turn, message.Read<CaseSplit>());
                break;
            case MessageKind.MergeCase:
                Merge(turn, message.Read<CaseMerge>());
                break;
            case MessageKind.CaseMerged:
                TakeMerged(turn, message.Read<CaseMerged>());
                break;
            case MessageKind.UndoMerge:
                UndoMerge(turn, message.Read<MergeUndone>());
                break;
            case MessageKind.TellReports:
                Tell(turn, message.Read<ReportsToTell>());
                break;
            case MessageKind.Reminded:
                Remind(turn, Encoding.UTF8.GetString(message.Body));
                break;
            case MessageKind.SealEvidence:
                HearOfCopies(turn, message.Read<EvidenceSealed>());
                break;
            case MessageKind.EraseText:
                Erase(turn, message.Read<EraseText>());
                break;
            default:
                throw new InvalidDataException($"A case does not handle {message.Kind}.");
        }

        speaking = null;
        ShowEntered(turn);
    }

    public override bool IsExpired(long idleMs, Rulebook rules) => !Now.IsOpen && !rules.Expiry.Keeps(idleMs, onceSeen: false, warned: true);

    public override void Write(ByteWriter writer) => StateJson.WriteOrForgotten(writer, StateVersion, state, DispatchJson.Default.CaseState);

    public override void Read(ref ByteReader reader) =>
        state = StateJson.ReadOrForgotten(ref reader, reader.Rest is [var version and > 0 and < StateVersion, ..] ? version : StateVersion, DispatchJson.Default.CaseState);

    public override void Describe(Utf8JsonWriter json, string key) => JsonSerializer.Serialize(json, Row(GrainLimits.HistoryEntries), GrainsJson.Default.CaseRow);

    private void Open(scoped in Turn turn, CaseOpened opened)
    {
        if (state is not null)
        {
            // The dispatcher opens each number once. Should it not, the warning is kept rather than the case begun again.
            Join(turn, new WarningChanged(WarningChange.Updated, opened.SubjectKind, opened.Warning));
            return;
        }

        Workflow workflow = turn.Rules.FindWorkflow(opened.Workflow) ?? turn.Rules.FindWorkflow(Rulebook.SimpleWorkflow) ?? Workflow.Fallback;
        state = new CaseState
        {
            Id = opened.Id,
            District = opened.District,
            SubjectKind = opened.SubjectKind,
            Warning = Cited(opened.Warning),
            Workflow = workflow,
            Lead = opened.Lead,
            CoHandlers = opened.CoHandlers,
            Reason = opened.Reason,
            Severity = opened.Warning.Severity,
            Live = opened.Warning.Live,
            CapturedMs = opened.Warning.Since.ToUnixTimeMilliseconds(),
            OpenedMs = turn.NowMs,
            Warnings = 1,
        };
        sealing = opened.Warning;
        Record(turn, "opened", Dispatcher, $"{opened.Reason} → {opened.Lead}, workflow {workflow.Id}");
        Want(turn, opened.Warning);
        OpenWith(turn, opened);
        Begin(turn, workflow.Stages[0]);
        Offer(turn, opened.OfferedTo);
        ShowChanges(turn);
    }

    private void Join(scoped in Turn turn, WarningChanged changed)
    {
        if (state is null)
        {
            throw new InvalidDataException($"Case {turn.Key} was never opened, and a warning joined it.");
        }

        if (!state.IsOpen)
        {
            // The case was closed while the warning was on its way. The dispatcher has heard of that before it hears this, and opens a new one.
            if (changed.Change != WarningChange.Cleared)
            {
                turn.Effects.Tell(ActorKind.Dispatcher, DistrictPath.DistrictOf(state.District), MessageKind.WarningChanged, changed with { Change = WarningChange.Opened });
            }

            return;
        }

        Warning warning = changed.Warning;
        if (Now.Storm is not null && changed.Why is null && IsOfAnother(changed) && !HasSubject(changed))
        {
            UpdateMember(turn, changed);
            return;
        }

        TakeSubject(changed);
        state.Warnings++;
        state.Live |= warning.Live;
        bool graver = warning.Severity > state.Severity;
        state.Severity = Math.Max(state.Severity, warning.Severity);
        sealing = warning;
        string late = (warning.Live ? "" : ", late") + (changed.SilencedBy is { } silence ? $", silenced by {silence}" : "");
        string figures = string.Create(CultureInfo.InvariantCulture, $"severity {warning.Severity}, confidence {warning.Confidence:0.00}{late}");
        figures = changed.Why is { } why ? $"{figures}; {why.Say().En}" : figures;
        if (changed.Change == WarningChange.Cleared)
        {
            Record(turn, "warning-cleared", warning.Model, null);
        }
        else if (graver)
        {
            Record(turn, "severity-rose", warning.Model, figures);
        }
        else
        {
            RecordJoined(turn, warning.Model, figures);
        }

        Want(turn, warning);
        if (graver)
        {
            ShowGraver(turn, alert: warning.Live && changed.SilencedBy is null);
        }

        ShowChanges(turn);
    }

    /// <summary>Lists show the new severity; who works on the case hears of it, unless the reading came too late for that.</summary>
    private void ShowGraver(scoped in Turn turn, bool alert)
    {
        foreach (WorkOrder order in Now.WorkOrders.Where(order => order.IsOpen))
        {
            Touch(order);
            if (alert)
            {
                Alert(turn, AlertTypes.WarningUpdated, order, order.Department, order.Role, Now.Warning.Explanation);
            }
        }
    }

    /// <summary>Enters a stage: one work order to its lead, one to every co-handler.</summary>
    private void Begin(scoped in Turn turn, Stage stage)
    {
        Now.Stage = stage.Id;
        Now.StageVisit++;
        Now.Returns = 0;
        Record(turn, "stage", Now.Id, stage.Id);
        Carry(turn);
        string lead = stage.Department == Stage.LeadDepartment ? Now.Lead : stage.Department;
        Issue(turn, stage, lead, Roles.Lead);
        List<string> coHandlers = [];
        foreach (string named in stage.CoHandlers)
        {
            coHandlers.AddRange(named == Stage.RoutedCoHandlers ? Now.CoHandlers : [named]);
        }

        foreach (string department in coHandlers.Distinct().Where(department => department != lead).Take(GrainLimits.CoHandlers))
        {
            if (Now.WorkOrders.Exists(order => order.IsOpen && !order.IsLead && order.Stage == stage.Id && order.Department == department))
            {
                // The case came back to a stage of which the co-handler is still at work.
                continue;
            }

            Issue(turn, stage, department, Roles.CoHandler);
        }

        NotifyOfStage(turn, stage);
    }

    /// <summary>Unfinished work orders of earlier stages go on beside the new one, up to a bound.</summary>
    private void Carry(scoped in Turn turn)
    {
        WorkOrder[] open = [.. Now.WorkOrders.Where(order => order.IsOpen)];
        foreach (WorkOrder order in open[..Math.Max(0, open.Length - GrainLimits.WorkOrdersCarried)])
        {
            Withdraw(turn, order, "too many work orders of earlier stages");
        }
    }

    private void Issue(scoped in Turn turn, Stage stage, string department, string role, long? acceptByMs = null)
    {
        Deadline? deadline = role == Roles.Lead ? stage.Deadline : stage.CoHandlerDeadline ?? stage.Deadline;
        WorkOrder order = new()
        {
            Number = ++Now.LastWorkOrder,
            Department = department,
            Role = role,
            Stage = stage.Id,
            StageVisit = Now.StageVisit,
            IssuedMs = turn.NowMs,
            DueMs = deadline?.DueMs(turn.Rules.Calendar, turn.NowMs, Now.CapturedMs),
        };
        Now.WorkOrders.Add(order);
        if (!Now.Departments.Contains(department))
        {
            Now.Departments.Add(department);
        }

        if (order.DueMs is { } due)
        {
            SetDue(turn, order, due);
        }

        order.AcceptByMs = acceptByMs ?? stage.AcceptWithin?.DueMs(turn.Rules.Calendar, turn.NowMs, Now.CapturedMs);
        if (order.AcceptByMs is { } acceptBy)
        {
            turn.Effects.RemindAt(order.AcceptReminderName, acceptBy);
        }

        Record(turn, "issued", Now.Id, $"{role} {department}", order);
        Touch(order);
        Alert(turn, AlertTypes.WorkOrder, order, department, role, Now.Warning.Explanation);
        DropOldestFinished(turn);
    }

    private void Withdraw(scoped in Turn turn, WorkOrder order, string why)
    {
        Finish(turn, order, WorkOrderStates.Withdrawn);
        Record(turn, "withdrawn", Now.Id, why, order);
        Touch(order);
        Alert(turn, AlertTypes.Withdrawn, order, order.Department, order.Role, new Explanation($"Work order {OrderId(order)} is withdrawn: {why}.", $"工单 {OrderId(order)} 已撤回。"));
    }

    private static void Finish(scoped in Turn turn, WorkOrder order, string orderState)
    {
        order.State = orderState;
        order.FinishedMs = turn.NowMs;
        order.Request = null;
        order.ParkedMs = null;
        ForgetAccepting(turn, order);
        if (order.RemindMs is not null)
        {
            order.RemindMs = null;
            turn.Effects.Forget(order.ReminderName);
        }
    }

    private void Close(scoped in Turn turn, string lastOutcome)
    {
        WorkOrder[] open = [.. Now.WorkOrders.Where(order => order.IsOpen)];
        Now.ClosedMs = turn.NowMs;
        foreach (WorkOrder order in open)
        {
            Withdraw(turn, order, "the case is closed");
        }

        WithdrawNotices(turn);
        EndStorm(turn);

        // Nothing is allowed any more, which the rows of the finished ones have to say too.
        Now.WorkOrders.ForEach(Touch);
        Now.Outcome ??= lastOutcome;
        Record(turn, "closed", Now.Id, Now.Outcome);
        CaseClosed closed = new(Now.Id, Now.Warning.Subject, Now.SubjectKind, Now.Warning.Kind, Now.Warning.Id, Now.Outcome);
        turn.Effects.Tell(ActorKind.Dispatcher, DistrictPath.DistrictOf(Now.District), MessageKind.CaseClosed, closed);
        turn.Effects.Tell(Now.SubjectKind, Now.Warning.Subject, MessageKind.CaseClosed, closed);
        TellReports(turn);
        Explanation said = new($"Case {Now.Id} is closed: {Now.Outcome}.", $"案件 {Now.Id} 已办结：{OutcomeNameZh(turn.Rules, Now.Outcome)}。");
        foreach (string department in Now.Departments)
        {
            WorkOrder? last = Now.WorkOrders.LastOrDefault(order => order.Department == department);
            Alert(turn, AlertTypes.CaseClosed, last, department, last?.Role ?? Roles.Informed, said);
        }
    }

    private static string OutcomeNameZh(Rulebook rules, string code) => rules.Outcomes.FirstOrDefault(outcome => outcome.Code == code)?.Name.Zh ?? code;
}
