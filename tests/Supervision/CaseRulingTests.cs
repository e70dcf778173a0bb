using Streaming.Grains.Messages;
using Streaming.Grains.Rules;
using Streaming.Grains.Turns;
using Streaming.Tests.Dispatch;
using Streaming.Tests.Rules;
using Xunit;

namespace Streaming.Tests.Supervision;

/// <summary>What a case keeps of the command centre's ruling, and of when and by whom its work orders were done.</summary>
public class CaseRulingTests
{
    private static readonly DateTimeOffset Start = new(2026, 3, 3, 2, 0, 0, TimeSpan.Zero);

    [Fact]
    public void A_disputed_case_keeps_who_ruled_what_and_why_it_came_to_the_centre()
    {
        Scene scene = Opened();
        WorkOrderRow lead = Lead(scene);
        Assert.Null(scene.Row<CaseRow>(View.Cases, "harbour-1")!.Ruling);
        Act(scene, lead, "dispute", lead.Department, note: "nobody's");
        scene.AdvanceTo(scene.Now.AddHours(3));
        WorkOrderRow centres = Lead(scene);
        Assert.Equal(Rulebook.CommandCentre, centres.Department);
        string[] others = [.. CityRules.Shipped.Departments.Select(department => department.Id).Where(id => id != Rulebook.CommandCentre && id != lead.Department).Take(2)];
        Act(scene, centres, "rule", Rulebook.CommandCentre, to: others[0], departments: [others[1]]);
        CaseRuling ruling = scene.Row<CaseRow>(View.Cases, "harbour-1")!.Ruling!;
        Assert.Equal(("disputed", "li", Start.AddHours(3), others[0], others[1]), (ruling.Why, ruling.By, ruling.At, ruling.Lead, Assert.Single(ruling.CoHandlers)));
    }

    [Fact]
    public void A_twice_returned_case_that_the_centre_hands_on_is_ruled_too()
    {
        Scene scene = Opened();
        while (Lead(scene).Department != Rulebook.CommandCentre)
        {
            Act(scene, Lead(scene), "return", Lead(scene).Department);
        }

        string to = CityRules.Shipped.Departments.First(department => department.Id != Rulebook.CommandCentre).Id;
        Act(scene, Lead(scene), "return", Rulebook.CommandCentre, outcome: to);
        CaseRuling ruling = scene.Row<CaseRow>(View.Cases, "harbour-1")!.Ruling!;
        Assert.Equal(("returned", to), (ruling.Why, ruling.Lead));
        Assert.Empty(ruling.CoHandlers);
    }

    [Fact]
    public void A_work_order_says_when_it_was_accepted_and_completed_and_by_whom()
    {
        Scene scene = Opened();
        WorkOrderRow lead = Lead(scene);
        scene.AdvanceTo(Start.AddMinutes(20));
        Act(scene, lead, "accept", lead.Department);
        scene.AdvanceTo(Start.AddMinutes(50));
        Act(scene, lead, "comment", lead.Department, note: "seen", evidence: ["a picture", "another"]);
        foreach (WorkOrderRow co in scene.Rows<WorkOrderRow>(View.WorkOrders).Where(order => order.Role == "co-handler"))
        {
            Act(scene, co, "complete", co.Department);
        }

        Act(scene, lead, "complete", lead.Department);
        WorkOrderRow done = scene.Row<WorkOrderRow>(View.WorkOrders, lead.Id)!;
        Assert.Equal((Start.AddMinutes(20), Start.AddMinutes(50), "li", 2, "粤"), (done.Accepted, done.Finished, done.FinishedBy, done.Attached, done.Province));
    }

    private static Scene Opened()
    {
        Scene scene = new(CityRules.Shipped, Start);
        scene.Send(ActorKind.Dispatcher, "harbour", MessageKind.WarningChanged, Warnings.Overload(Start).Opened(ActorKind.Vehicle));
        return scene;
    }

    private static WorkOrderRow Lead(Scene scene) => scene.Rows<WorkOrderRow>(View.WorkOrders).Single(order => order.Role == "lead" && order.State is ("issued" or "accepted"));

    private static void Act(Scene scene, WorkOrderRow order, string action, string by, string? note = null, string? outcome = null, string? to = null, string[]? departments = null, string[]? evidence = null)
    {
        Reply reply = scene.Send(ActorKind.Case, "harbour-1", MessageKind.ActOnWorkOrder, new WorkOrderAction(order.Id, action, "li", by, note, outcome, evidence) { To = to, Departments = departments })!;
        Assert.True(reply.Status == ReplyStatus.Done, $"{action}: {reply.Text}");
    }
}
