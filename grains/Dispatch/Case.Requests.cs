using System.Globalization;
using Streaming.Grains.Messages;
using Streaming.Grains.Rules;
using Streaming.Grains.Turns;

namespace Streaming.Grains.Dispatch;

/// <summary>
/// More time, and letting work rest: a department asks with a reason and a date, and somebody else decides — the lead for its co-handlers, the command centre for the lead. Until then the clock runs on. Both are counted and shown, and a parked work order goes
/// on by itself at its date: nothing is parked for ever, and no deadline moves that nobody decided.
/// </summary>
public sealed partial class Case
{
    private bool Request(scoped in Turn turn, WorkOrder order, WorkOrderAction action)
    {
        if (string.IsNullOrWhiteSpace(action.Note) || action.Until is not { } until)
        {
            turn.Effects.Reply(ReplyStatus.Invalid, $"Say in the note why, and in 'until' {(action.Action == WorkOrderActions.Extend ? "the new deadline" : "when the work goes on")}.");
            return false;
        }

        long untilMs = until.ToUnixTimeMilliseconds();
        long leastMs = action.Action == WorkOrderActions.Extend ? Math.Max(turn.NowMs, order.DueMs ?? 0) : turn.NowMs;
        if (untilMs <= leastMs || untilMs > turn.NowMs + (GrainLimits.MostExtensionDays * 24 * WorkingCalendar.HourMs))
        {
            turn.Effects.Reply(ReplyStatus.Invalid, $"'until' has to be after {Text(leastMs)} and within {GrainLimits.MostExtensionDays} days from now.");
            return false;
        }

        order.Request = new WorkOrderRequest(action.Action, action.By, Time(turn.NowMs), until.ToUniversalTime(), action.Note);
        Record(turn, $"{action.Action}-requested", action.By, $"until {Text(untilMs)}: {action.Note}", order, action.Evidence);
        LocalName department = turn.Rules.DepartmentName(order.Department);
        string decider = Decider(order);
        if (decider == Rulebook.CommandCentre && !Now.Departments.Contains(decider))
        {
            // It is among the case's departments from now on, so that its people see what they decide about.
            Now.Departments.Add(decider);
        }

        Alert(turn, AlertTypes.Requested, order, decider, decider == Rulebook.CommandCentre ? Roles.Supervisor : Roles.Informed, action.Action == WorkOrderActions.Extend
            ? new Explanation($"{department.En} asks to extend work order {OrderId(order)} until {Text(untilMs)}: {action.Note}", $"{department.Zh}申请工单 {OrderId(order)} 延期至 {Text(untilMs)}：{action.Note}")
            : new Explanation($"{department.En} asks to park work order {OrderId(order)} until {Text(untilMs)}: {action.Note}", $"{department.Zh}申请工单 {OrderId(order)} 挂账至 {Text(untilMs)}：{action.Note}"));
        return true;
    }

    private bool Decide(scoped in Turn turn, WorkOrder order, WorkOrderAction action)
    {
        WorkOrderRequest request = order.Request!;
        long untilMs = request.Until.ToUnixTimeMilliseconds();
        bool granted = action.Action == WorkOrderActions.Approve;
        if (granted && untilMs <= turn.NowMs)
        {
            turn.Effects.Reply(ReplyStatus.Conflict, $"It was asked until {Text(untilMs)}, which is past; refuse it, and the department asks anew.", Allowed(order));
            return false;
        }

        order.Request = null;
        Record(turn, granted ? $"{request.Kind}-approved" : $"{request.Kind}-refused", action.By, action.Note is null ? $"until {Text(untilMs)}" : $"until {Text(untilMs)}: {action.Note}", order, action.Evidence);
        Alert(turn, granted ? AlertTypes.Approved : AlertTypes.Refused, order, order.Department, Roles.Informed, (granted, request.Kind) switch
        {
            (true, WorkOrderActions.Extend) => new Explanation($"Work order {OrderId(order)} is extended until {Text(untilMs)}.", $"工单 {OrderId(order)} 已批准延期至 {Text(untilMs)}。"),
            (true, _) => new Explanation($"Work order {OrderId(order)} is parked until {Text(untilMs)}.", $"工单 {OrderId(order)} 已批准挂账至 {Text(untilMs)}。"),
            (false, WorkOrderActions.Extend) => new Explanation($"Work order {OrderId(order)} is not extended: {action.Note}", $"工单 {OrderId(order)} 的延期申请未获批准：{action.Note}"),
            _ => new Explanation($"Work order {OrderId(order)} is not parked: {action.Note}", $"工单 {OrderId(order)} 的挂账申请未获批准：{action.Note}"),
        });
        if (!granted)
        {
            return true;
        }

        if (request.Kind == WorkOrderActions.Extend)
        {
            order.Extensions++;
            SetDue(turn, order, untilMs);
        }
        else
        {
            order.Parkings++;
            order.ParkedMs = turn.NowMs;
            order.State = WorkOrderStates.Parked;
            ForgetAccepting(turn, order);
            order.RemindMs = untilMs;
            turn.Effects.RemindAt(order.ReminderName, untilMs);
        }

        return true;
    }

    /// <summary>A parked work order goes on. Its clock stood still, so what was left of its time is left now.</summary>
    private void Resume(scoped in Turn turn, WorkOrder order, string by, string? note)
    {
        long parkedMs = turn.NowMs - order.ParkedMs!.Value;
        order.ParkedMs = null;
        order.State = order.AcceptedBy is null ? WorkOrderStates.Issued : WorkOrderStates.Accepted;
        order.RemindMs = null;
        if (order.DueMs is { } dueMs && !order.Overdue)
        {
            SetDue(turn, order, dueMs + parkedMs);
        }
        else if (order.DueMs is not null && !order.Escalated)
        {
            // It was overdue when it was parked, and still is: the next urging comes as if nothing had been.
            order.RemindMs = turn.NowMs;
            turn.Effects.RemindAt(order.ReminderName, turn.NowMs);
        }
        else
        {
            turn.Effects.Forget(order.ReminderName);
        }

        Record(turn, "resumed", by, note, order);
        Alert(turn, AlertTypes.Resumed, order, order.Department, order.Role, new Explanation($"Work order {OrderId(order)} goes on.", $"工单 {OrderId(order)} 挂账结束，继续办理。"));
    }

    /// <summary>The lead decides for its co-handlers, the command centre for the lead, and where there is no lead's work order.</summary>
    private string Decider(WorkOrder order) => order.IsLead || CurrentLead() is not { } lead || lead.Department == order.Department ? Rulebook.CommandCentre : lead.Department;

    private bool MayDecide(WorkOrder order, WorkOrderAction action) => action.Decides || (action.Department is { } department && department == Decider(order) && department != order.Department);

    private static string Text(long ms) => DateTimeOffset.FromUnixTimeMilliseconds(ms).ToString("yyyy-MM-dd HH:mm'Z'", CultureInfo.InvariantCulture);
}
