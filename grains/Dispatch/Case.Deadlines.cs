using Streaming.Grains.Messages;
using Streaming.Grains.Rules;
using Streaming.Grains.Turns;

namespace Streaming.Grains.Dispatch;

/// <summary>
/// What follows a missed deadline. The first reminder marks the work order overdue. Further ones urge, every so many hours from the deadline on; the last tells the
/// command centre, and nothing follows it. After a time in which the process did not run, urgings that were missed are not made up for: the next in the future follows.
/// </summary>
public sealed partial class Case
{
    private void Remind(scoped in Turn turn, string name)
    {
        if (name is StormReminder or StormRowReminder)
        {
            RemindOfStorm(turn, name);
            return;
        }

        if (name.StartsWith(WorkOrder.AcceptReminderPrefix, StringComparison.Ordinal))
        {
            RemindToAccept(turn, name);
            return;
        }

        if (state is not { IsOpen: true } || ReminderOrder(name) is not { IsOpen: true, RemindMs: { } remindMs } order || turn.NowMs < remindMs)
        {
            return;
        }

        if (order.State == WorkOrderStates.Parked)
        {
            Resume(turn, order, Clock, null);
            Touch(order);
            ShowChanges(turn);
            return;
        }

        if (order.DueMs is { } dueMs)
        {
            RemindOfDeadline(turn, order, dueMs);
        }
    }

    private void RemindOfDeadline(scoped in Turn turn, WorkOrder order, long dueMs)
    {
        OverduePolicy policy = Now.Workflow.Find(order.Stage)!.Overdue;
        long escalateMs = dueMs + (policy.EscalateAfterHours * WorkingCalendar.HourMs);
        string due = Text(dueMs);
        LocalName department = turn.Rules.DepartmentName(order.Department);
        if (turn.NowMs < dueMs)
        {
            Record(turn, "due-soon", Clock, $"due {due}", order);
            Alert(turn, AlertTypes.DueSoon, order, order.Department, order.Role, new Explanation(
                $"Work order {OrderId(order)} of {department.En} is due {due}.", $"{department.Zh}的工单 {OrderId(order)} 即将到期：{due}。"));
            order.RemindMs = dueMs;
            turn.Effects.RemindAt(order.ReminderName, dueMs);
            Touch(order);
            ShowChanges(turn);
            return;
        }

        if (order.IsLead && order.StageVisit == Now.StageVisit && Now.Workflow.Find(order.Stage)!.OnLapse is { } next)
        {
            Lapse(turn, order, department, due, next);
            return;
        }

        if (!order.Overdue)
        {
            order.Overdue = true;
            Record(turn, "overdue", Clock, $"was due {due}", order);
            Alert(turn, AlertTypes.Overdue, order, order.Department, order.Role, new Explanation(
                $"Work order {OrderId(order)} of {department.En} was due {due}.", $"{department.Zh}的工单 {OrderId(order)} 已逾期。"));
        }
        else if (turn.NowMs >= escalateMs)
        {
            Escalate(turn, order, department, due);
            Touch(order);
            ShowChanges(turn);
            return;
        }
        else
        {
            Record(turn, "urged", Clock, $"was due {due}", order);
            Alert(turn, AlertTypes.Urge, order, order.Department, order.Role, new Explanation(
                $"Work order {OrderId(order)} of {department.En} was due {due} and is still not done.", $"催办：{department.Zh}的工单 {OrderId(order)} 仍未办结。"));
        }

        long everyMs = policy.UrgeEveryHours * WorkingCalendar.HourMs;
        long urgeMs = dueMs + ((((turn.NowMs - dueMs) / everyMs) + 1) * everyMs);
        long nextMs = Math.Min(urgeMs, escalateMs);
        order.RemindMs = nextMs;
        turn.Effects.RemindAt(order.ReminderName, nextMs);
        Touch(order);
        ShowChanges(turn);
    }

    /// <summary>The case does not wait for what was to be done by now: the next stage begins, and the department that let it lapse is counted as late.</summary>
    private void Lapse(scoped in Turn turn, WorkOrder order, LocalName department, string due, string next)
    {
        order.Overdue = true;
        Finish(turn, order, WorkOrderStates.Lapsed);
        Record(turn, "lapsed", Clock, $"was due {due}", order);
        Touch(order);
        Alert(turn, AlertTypes.Lapsed, order, order.Department, order.Role, new Explanation(
            $"Work order {OrderId(order)} of {department.En} was due {due}; the case goes on to its next stage.", $"{department.Zh}的工单 {OrderId(order)} 已逾期，案件转入下一环节。"));
        Begin(turn, Now.Workflow.Find(next)!);
        ShowChanges(turn);
    }

    /// <summary>Sets a deadline, and the first reminder of it: when it is near, where the stage says so, else when it has passed.</summary>
    private void SetDue(scoped in Turn turn, WorkOrder order, long dueMs)
    {
        order.DueMs = dueMs;
        order.Overdue = order.Escalated = false;
        long? nearMs = dueMs - (Now.Workflow.Find(order.Stage)!.Overdue.WarnBeforeHours * WorkingCalendar.HourMs);
        order.RemindMs = nearMs > turn.NowMs ? nearMs : dueMs;
        turn.Effects.RemindAt(order.ReminderName, order.RemindMs.Value);
    }

    /// <summary>The time to accept is over: the department and the command centre hear of it, once.</summary>
    private void RemindToAccept(scoped in Turn turn, string name)
    {
        if (state is not { IsOpen: true } || Now.WorkOrders.Find(order => order.AcceptReminderName == name) is not { State: WorkOrderStates.Issued, AcceptByMs: { } acceptByMs } late || turn.NowMs < acceptByMs)
        {
            return;
        }

        late.AcceptByMs = null;
        LocalName department = turn.Rules.DepartmentName(late.Department);
        Explanation said = new($"Work order {OrderId(late)} of {department.En} was to be accepted by {Text(acceptByMs)}, and is not.", $"{department.Zh}未在 {Text(acceptByMs)} 前签收工单 {OrderId(late)}。");
        Record(turn, "not-accepted", Clock, $"was to be accepted by {Text(acceptByMs)}", late);
        Alert(turn, AlertTypes.NotAccepted, late, late.Department, late.Role, said);
        if (late.Department != Rulebook.CommandCentre)
        {
            Alert(turn, AlertTypes.NotAccepted, late, Rulebook.CommandCentre, Roles.Supervisor, said);
        }

        Touch(late);
        ShowChanges(turn);
    }

    private static void ForgetAccepting(scoped in Turn turn, WorkOrder order)
    {
        if (order.AcceptByMs is not null)
        {
            order.AcceptByMs = null;
            turn.Effects.Forget(order.AcceptReminderName);
        }
    }

    private void Escalate(scoped in Turn turn, WorkOrder order, LocalName department, string due)
    {
        order.RemindMs = null;
        order.Escalated = true;
        Record(turn, "escalated", Clock, $"was due {due}", order);
        Explanation said = new(
            $"Work order {OrderId(order)} of {department.En} was due {due}, and urging did not help.",
            $"督办：{department.Zh}的工单 {OrderId(order)} 经催办仍未办结。");
        Alert(turn, AlertTypes.Escalated, order, order.Department, order.Role, said);
        if (order.Department != Rulebook.CommandCentre)
        {
            Alert(turn, AlertTypes.Escalated, order, Rulebook.CommandCentre, Roles.Supervisor, said);
        }
    }

    private WorkOrder? ReminderOrder(string name) =>
        name.StartsWith(WorkOrder.ReminderPrefix, StringComparison.Ordinal)
            ? Now.WorkOrders.Find(order => order.ReminderName == name)
            : throw new InvalidDataException($"Case {Now.Id} set no reminder {name}.");
}
