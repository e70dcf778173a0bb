using Streaming.Grains.Messages;
using Streaming.Grains.Rules;
using Streaming.Grains.Turns;

namespace Streaming.Grains.Dispatch;

/// <summary>
/// Whose work it is. A department that says that it is not its own names who should do it, or leaves it to the matrix; the second time, and where it is disputed, the command centre rules: it names the lead and co-handlers and sets the time to accept.
/// So work cannot be pushed back and forth, and no case is without an owner on the way.
/// </summary>
public sealed partial class Case
{
    /// <summary>The department names who should do it.</summary>
    private bool HandOn(scoped in Turn turn, WorkOrder order, WorkOrderAction action)
    {
        if (Others(turn.Rules, order) is var others && Array.IndexOf(others, action.To) < 0)
        {
            turn.Effects.Reply(ReplyStatus.Invalid, $"Name in 'to' who should do it: {string.Join(", ", others)}.", others);
            return false;
        }

        string to = action.To!;
        Leave(turn, order, action, "handed-on", to, to);
        if (!order.IsLead)
        {
            if (!Now.WorkOrders.Exists(other => other.IsOpen && other.Department == to && other.StageVisit == Now.StageVisit))
            {
                Issue(turn, Now.Workflow.Find(order.Stage)!, to, Roles.CoHandler);
            }

            return true;
        }

        NoteReturn(order.Department);
        GiveLead(turn, Now.Workflow.Find(order.Stage)!, Now.Returns == 0 && !Now.ReturnedBy.Contains(to) ? to : Rulebook.CommandCentre, because: RulingReasons.Returned);
        return true;
    }

    /// <summary>It is nobody's, or several departments' say: the command centre rules at once.</summary>
    private bool Dispute(scoped in Turn turn, WorkOrder order, WorkOrderAction action)
    {
        if (string.IsNullOrWhiteSpace(action.Note))
        {
            turn.Effects.Reply(ReplyStatus.Invalid, "Say in the note why it is not the department's, and whose it may be.");
            return false;
        }

        Leave(turn, order, action, "disputed", null, null);
        NoteReturn(order.Department);
        GiveLead(turn, Now.Workflow.Find(order.Stage)!, Rulebook.CommandCentre, because: RulingReasons.Disputed);
        return true;
    }

    /// <summary>The command centre's ruling.</summary>
    private bool Rule(scoped in Turn turn, WorkOrder order, WorkOrderAction action)
    {
        string[] others = Others(turn.Rules, order);
        string[] coHandlers = [.. (action.Departments ?? []).Distinct()];
        string? unknown = new[] { action.To ?? "" }.Concat(coHandlers).FirstOrDefault(department => Array.IndexOf(others, department) < 0);
        if (unknown is not null || coHandlers.Length > GrainLimits.CoHandlers)
        {
            turn.Effects.Reply(ReplyStatus.Invalid, unknown is null ? $"At most {GrainLimits.CoHandlers} co-handlers." : $"\"{unknown}\" is no department; name the lead in 'to', and co-handlers in 'departments': {string.Join(", ", others)}.", others);
            return false;
        }

        if (action.Until is { } until && (until.ToUnixTimeMilliseconds() <= turn.NowMs || until.ToUnixTimeMilliseconds() > turn.NowMs + (GrainLimits.MostExtensionDays * 24 * WorkingCalendar.HourMs)))
        {
            turn.Effects.Reply(ReplyStatus.Invalid, $"'until' is when it has to be accepted: after now, within {GrainLimits.MostExtensionDays} days.");
            return false;
        }

        Stage stage = Now.Workflow.Find(order.Stage)!;
        string to = action.To!;
        string said = coHandlers.Length == 0 ? to : $"{to}, with {string.Join(", ", coHandlers)}";
        Leave(turn, order, action, "ruled", to, action.Until is { } by ? $"{said}, to be accepted by {Text(by.ToUnixTimeMilliseconds())}" : said);
        NoteRuling(turn, stage, action.By, to, [.. coHandlers.Where(department => department != to).Order(StringComparer.Ordinal)]);
        GiveLead(turn, stage, to, action.Until?.ToUnixTimeMilliseconds());
        AddCoHandlers(turn, stage, coHandlers.Where(department => department != to));
        return true;
    }

    /// <summary>The lead asks others to work beside it, in this stage.</summary>
    private bool Ask(scoped in Turn turn, WorkOrder order, WorkOrderAction action)
    {
        string[] others = Others(turn.Rules, order);
        string[] asked = [.. (action.Departments ?? []).Distinct()];
        if (asked.Length == 0 || asked.FirstOrDefault(department => Array.IndexOf(others, department) < 0) is not null)
        {
            turn.Effects.Reply(ReplyStatus.Invalid, $"Name in 'departments' who is asked: {string.Join(", ", others)}.", others);
            return false;
        }

        if (Now.AwaitedCoHandlers().Count() + asked.Length > GrainLimits.CoHandlers)
        {
            turn.Effects.Reply(ReplyStatus.Conflict, $"At most {GrainLimits.CoHandlers} co-handlers work beside a lead at a time.", Allowed(order));
            return false;
        }

        Record(turn, "asked", action.By, action.Note is null ? string.Join(", ", asked) : $"{string.Join(", ", asked)}: {action.Note}", order, action.Evidence);
        AddCoHandlers(turn, Now.Workflow.Find(order.Stage)!, asked);
        return true;
    }

    private void AddCoHandlers(scoped in Turn turn, Stage stage, IEnumerable<string> departments)
    {
        foreach (string department in departments.ToArray())
        {
            if (!Now.AwaitedCoHandlers().Any(other => other.Department == department) && Now.AwaitedCoHandlers().Count() < GrainLimits.CoHandlers)
            {
                Issue(turn, stage, department, Roles.CoHandler);
            }
        }
    }

    /// <summary>The work order ends with its department; who hears of a return hears of it.</summary>
    private void Leave(scoped in Turn turn, WorkOrder order, WorkOrderAction action, string what, string? outcome, string? said)
    {
        order.Note = action.Note;
        order.Outcome = outcome;
        order.FinishedBy = action.By;
        Finish(turn, order, WorkOrderStates.Returned);
        Record(turn, what, action.By, said is null ? action.Note : $"{said}: {action.Note}", order, action.Evidence);
        Explanation returned = Said(order, $"returned by {order.Department}", "已退单");
        Alert(turn, AlertTypes.Returned, order, order.Department, order.Role, returned);
        if (!order.IsLead && CurrentLead() is { } lead && lead.Department != order.Department)
        {
            Alert(turn, AlertTypes.Returned, order, lead.Department, Roles.Informed, returned);
        }
    }

    /// <summary>Keeps what was ruled, to be offered as a rule of the matrix. Of a stage that the workflow gives to a department of its own, a ruling says nothing of whose such cases are.</summary>
    private void NoteRuling(scoped in Turn turn, Stage stage, string by, string lead, string[] coHandlers)
    {
        if (stage.Department == Stage.LeadDepartment)
        {
            Now.Ruling = new CaseRuling(Now.CentreBecause ?? RulingReasons.Unmatched, by, Time(turn.NowMs), lead, coHandlers);
        }
    }

    /// <summary>A department leads the stage from now on.</summary>
    private void GiveLead(scoped in Turn turn, Stage stage, string department, long? acceptByMs = null, string? because = null)
    {
        Now.Returns++;
        Now.CentreBecause = department == Rulebook.CommandCentre ? because : null;
        TakeLead(turn, stage, department, acceptByMs);
    }

    private void TakeLead(scoped in Turn turn, Stage stage, string department, long? acceptByMs = null)
    {
        if (stage.Department == Stage.LeadDepartment)
        {
            Now.Lead = department;
        }

        foreach (WorkOrder own in Now.AwaitedCoHandlers().Where(own => own.Department == department).ToArray())
        {
            Withdraw(turn, own, "the department leads now");
        }

        Issue(turn, stage, department, Roles.Lead, acceptByMs);
    }

    private void NoteReturn(string department)
    {
        if (!Now.ReturnedBy.Contains(department))
        {
            Now.ReturnedBy.Add(department);
        }
    }

    private static string[] Others(Rulebook rules, WorkOrder order) => [.. rules.Departments.Select(department => department.Id).Where(id => id != Rulebook.CommandCentre && id != order.Department)];
}
