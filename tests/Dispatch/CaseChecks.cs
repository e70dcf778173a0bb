using System.Text.Json;
using Streaming.Grains.Messages;
using Streaming.Grains.Rules;
using Streaming.Grains.Turns;
using Xunit;

namespace Streaming.Tests.Dispatch;

/// <summary>What holds of every case whatever was done: an owner, a watched deadline, a record where the stage asks for one, one state for each work order.</summary>
internal static class CaseChecks
{
    /// <summary>Fails, with where it was, unless all of it holds.</summary>
    public static void Check(Scene scene, string id, string where)
    {
        CaseRow row = scene.Row<CaseRow>(View.Cases, id)!;
        WorkOrderRow[] open = [.. row.WorkOrders.Where(IsOpen)];
        string[] reminders = [.. scene.Reminders.Where(reminder => reminder.Actor == $"case:{id}").Select(reminder => reminder.Name)];
        where = $"{where}, {id}";
        if (row.State != "open")
        {
            Assert.True(open.Length == 0 && reminders.Length == 0, $"{where}: a closed case leaves {open.Length} work orders and {string.Join(", ", reminders)}.");
            Assert.True(row.Outcome is not null, $"{where}: closed without an outcome.");
        }
        else
        {
            Assert.True(open.Count(order => order.Role == "lead" && order.Stage == row.Stage) == 1, $"{where}: {string.Join(", ", open.Select(order => $"{order.Id} {order.Role} {order.Department} {order.State}"))} in {row.Stage}.");
        }

        foreach (WorkOrderRow order in open)
        {
            string reminder = $"due:w{order.Id[(order.Id.LastIndexOf('w') + 1)..]}";
            bool escalated = order.Overdue && scene.Feed(order.Department, DistrictPath.DistrictOf(row.District)).Any(alert => alert.Type == "escalated" && alert.WorkOrder == order.Id);
            Assert.True(order.Deadline is null || escalated || reminders.Contains(reminder), $"{where}: nobody watches {order.Id} ({order.State}, due {order.Deadline}).");
            Assert.True(order.State != "parked" || (order.ParkedUntil is not null && reminders.Contains(reminder)), $"{where}: {order.Id} is parked for ever.");
        }

        Assert.True(row.WorkOrders.DistinctBy(order => order.Id).Count() == row.WorkOrders.Length, $"{where}: two work orders have one id.");
        foreach (WorkOrderRow order in row.WorkOrders)
        {
            CheckOrder(scene, row, order, where);
        }
    }

    /// <summary>Waits for somebody.</summary>
    public static bool IsOpen(WorkOrderRow order) => order.State is "issued" or "accepted" or "parked";

    private static void CheckOrder(Scene scene, CaseRow row, WorkOrderRow order, string where)
    {
        Assert.True(order.Request is null || IsOpen(order), $"{where}: {order.Id} is {order.State} and asks.");
        Assert.True(order.State != "completed" || order.Outcome is not null, $"{where}: {order.Id} was completed without an outcome.");
        Assert.True(order.OfferedTo is null || order.State == "issued", $"{where}: {order.Id} is {order.State} and offered.");
        WorkOrderRow listed = scene.Row<WorkOrderRow>(View.WorkOrders, order.Id)!;
        Assert.True(listed.State == order.State && listed.Case == row.Id, $"{where}: {order.Id} is {order.State} in {row.Id} and {listed.State} in {listed.Case} in the list.");
        if (order is { State: "completed", Role: "lead", Outcome: { } outcome })
        {
            RecordField[] asked = scene.Rules.Workflows.First(workflow => workflow.Id == row.Workflow).Stages.First(stage => stage.Id == order.Stage).Record ?? [];
            Assert.All(asked.Where(field => field.IsFor(outcome)), field => Assert.True(order.Record?.ContainsKey(field.Id) == true, $"{where}: {order.Id} was completed as {outcome} without {field.Id} in its record."));
        }
    }
}
