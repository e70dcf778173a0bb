using System.Globalization;
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
        if (state is not { IsOpen: true } || ReminderOrder(name) is not { IsOpen: true, RemindMs: { } remindMs, DueMs: { } dueMs } order || turn.NowMs < remindMs)
        {
            return;
        }

        OverduePolicy policy = state.Workflow.Find(order.Stage)!.Overdue;
        long escalateMs = dueMs + (policy.EscalateAfterHours * WorkingCalendar.HourMs);
        string due = DateTimeOffset.FromUnixTimeMilliseconds(dueMs).ToString("yyyy-MM-dd HH:mm'Z'", CultureInfo.InvariantCulture);
        LocalName department = turn.Rules.DepartmentName(order.Department);
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

    private void Escalate(scoped in Turn turn, WorkOrder order, LocalName department, string due)
    {
        order.RemindMs = null;
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
