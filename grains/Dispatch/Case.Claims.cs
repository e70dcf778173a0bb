using Streaming.Grains.Messages;
using Streaming.Grains.Rules;
using Streaming.Grains.Turns;

namespace Streaming.Grains.Dispatch;

/// <summary>
/// Claiming (点派), and what a stage's record has to say. A person of the department claims a work order for himself, so that two do not do the same; a department that the matrix offers the case to claims it from the lead, as long as that one has not
/// accepted it. Until somebody does, the lead is its owner: what is offered is nobody's only in name.
/// </summary>
public sealed partial class Case
{
    private void Offer(scoped in Turn turn, string[]? departments)
    {
        if (departments is null or [] || CurrentLead() is not { } lead || Now.Current.Department != Stage.LeadDepartment)
        {
            return;
        }

        Now.OfferedTo = [.. departments.Where(department => department != lead.Department)];
        Now.OfferedOrder = lead.Number;
        Record(turn, "offered", Dispatcher, string.Join(", ", Now.OfferedTo), lead);
        LocalName leads = turn.Rules.DepartmentName(lead.Department);
        foreach (string department in Now.OfferedTo)
        {
            if (!Now.Departments.Contains(department))
            {
                // Its people see what they may claim.
                Now.Departments.Add(department);
            }

            Alert(turn, AlertTypes.Offered, lead, department, Roles.Informed, new Explanation(
                $"Case {Now.Id} may be claimed until {leads.En} accepts it. {Now.Warning.Explanation.En}", $"案件 {Now.Id} 可点派认领（{leads.Zh}签收前有效）。{Now.Warning.Explanation.Zh}"));
        }
    }

    private bool IsOffered(WorkOrder order) => Now.OfferedTo.Length > 0 && order.Number == Now.OfferedOrder && order.State == WorkOrderStates.Issued;

    private bool IsOfferedTo(string? department) => department is not null && Array.IndexOf(Now.OfferedTo, department) >= 0;

    private bool Claim(scoped in Turn turn, WorkOrder order, WorkOrderAction action)
    {
        if (action.Department is not { } department || department == order.Department)
        {
            order.Assignee = action.By;
            if (order.State == WorkOrderStates.Issued)
            {
                TakeOn(turn, order, action.By);
            }

            Record(turn, "claimed", action.By, action.Note, order, action.Evidence);
            return true;
        }

        if (!IsOffered(order))
        {
            turn.Effects.Reply(ReplyStatus.Conflict, $"Work order {OrderId(order)} is {order.State}, by {order.AcceptedBy ?? order.Department}; it cannot be claimed any more.");
            return false;
        }

        string[] others = [.. Now.OfferedTo.Where(other => other != department)];
        LocalName name = turn.Rules.DepartmentName(department);
        Record(turn, "claimed", action.By, action.Note is null ? department : $"{department}: {action.Note}", order, action.Evidence);
        Withdraw(turn, order, $"{name.En} has claimed the case");
        foreach (string other in others)
        {
            Alert(turn, AlertTypes.Claimed, null, other, Roles.Informed, new Explanation($"{name.En} has claimed case {Now.Id}.", $"{name.Zh}已认领案件 {Now.Id}。"));
        }

        Now.OfferedTo = [];
        TakeLead(turn, Now.Current, department);
        WorkOrder own = CurrentLead()!;
        own.Assignee = action.By;
        TakeOn(turn, own, action.By);
        return true;
    }

    /// <summary>What the stage asks to be said with this outcome; false, with a reply that names what is missing, where it is not.</summary>
    private static bool TakeRecord(scoped in Turn turn, WorkOrder order, Stage stage, string code, SortedDictionary<string, string>? said)
    {
        foreach (RecordField field in stage.Record ?? [])
        {
            string? value = said?.GetValueOrDefault(field.Id);
            if (field.IsFor(code) && string.IsNullOrWhiteSpace(value))
            {
                RecordField[] asked = [.. stage.Record!.Where(other => other.IsFor(code))];
                turn.Effects.Reply(ReplyStatus.Invalid, $"Say in 'record' {string.Join("; ", asked.Select(Asks))}.", [.. asked.Select(other => other.Id)]);
                return false;
            }

            if (value is not null && field.Choices is { } choices && Array.IndexOf(choices, value) < 0)
            {
                turn.Effects.Reply(ReplyStatus.Invalid, $"'{field.Id}' in 'record' is one of: {string.Join(", ", choices)}.", choices);
                return false;
            }
        }

        if (said?.Keys.FirstOrDefault(id => stage.Record?.Any(field => field.Id == id) != true) is { } unknown)
        {
            turn.Effects.Reply(ReplyStatus.Invalid, $"Stage {stage.Id} has no '{unknown}' in its record{(stage.Record is null ? "" : $"; it has {string.Join(", ", stage.Record.Select(field => field.Id))}")}.");
            return false;
        }

        order.Record = said is { Count: > 0 } ? said : null;
        return true;
    }

    private static string Asks(RecordField field) => field.Choices is null ? $"{field.Id} ({field.Name.En})" : $"{field.Id} ({field.Name.En}: {string.Join(", ", field.Choices)})";

    /// <summary>What is too long in a record; null where nothing is.</summary>
    private static string? WrongWith(SortedDictionary<string, string>? record) =>
        record is null || (record.Count <= GrainLimits.RecordFields && record.All(said => said.Key.Length <= GrainLimits.RuleIdChars && said.Value is { Length: <= GrainLimits.RecordChars }))
            ? null
            : $"A record has at most {GrainLimits.RecordFields} fields of at most {GrainLimits.RecordChars} characters each.";
}
