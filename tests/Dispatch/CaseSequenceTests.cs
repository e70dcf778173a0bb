using Streaming.Grains.Messages;
using Streaming.Grains.Rules;
using Streaming.Grains.Turns;
using Streaming.Tests.Rules;
using Xunit;

namespace Streaming.Tests.Dispatch;

/// <summary>
/// Anything that several parties may do, in any order, with time passing: an open case always has exactly one lead at work, every unfinished work order with a deadline is watched or was escalated, what is parked or asked for ends, and a closed case leaves nothing behind.
/// The scene asserts the bounds of each turn on the way.
/// </summary>
public class CaseSequenceTests
{
    private static readonly DateTimeOffset Start = new(2026, 3, 3, 2, 0, 0, TimeSpan.Zero);
    private static readonly string[] Actions = ["accept", "claim", "return", "complete", "comment", "assign", "hand-on", "dispute", "rule", "ask", "extend", "park", "resume", "approve", "refuse", "nonsense"];
    private static readonly string[] OnCases = ["reopen", "call-back", "archive"];

    public static TheoryData<int> Seeds => [.. Enumerable.Range(1, 60)];

    /// <summary>The shipped city, where what belongs to the street is offered to others as well.</summary>
    private static Rulebook Offering { get; } =
        Rulebook.Load(CityRules.Files("routing.json", "\"name\": \"street-order\",", "\"name\": \"street-order\", \"offeredTo\": [\"transport\", \"ecology\"],"), out _)!;

    [Theory]
    [MemberData(nameof(Seeds))]
    public void Whatever_is_done_every_case_has_an_owner_and_no_deadline_is_unseen(int seed)
    {
        Random random = new(seed);
        Scene scene = new(Offering, Start);
        string[] departments = [.. CityRules.Shipped.Departments.Select(department => department.Id)];
        scene.Send(ActorKind.Dispatcher, "harbour", MessageKind.WarningChanged, (seed % 4) switch
        {
            0 => Warnings.Overload(Start).Opened(),
            1 => Warnings.Tank(Start).Opened(ActorKind.Enterprise),
            2 => (Warnings.Overload(Start) with { Kind = "street-stall" }).Opened(),
            _ => (Warnings.Overload(Start) with { Kind = "cloned-plate" }).Opened(),
        });
        for (int step = 0; step < 120; step++)
        {
            CaseRow row = scene.Row<CaseRow>(View.Cases, "harbour-1")!;
            if (random.Next(4) == 0)
            {
                scene.AdvanceTo(scene.Now.AddHours(random.Next(1, 90)));
            }
            else if (row.State != "open" || random.Next(40) == 0)
            {
                scene.Send(ActorKind.Case, "harbour-1", MessageKind.ActOnCase, new CaseAction(OnCases[random.Next(random.Next(10) == 0 ? 3 : 2)], "chief", null, "why", random.Next(2) == 0 ? "satisfied" : "dissatisfied", null, random.Next(4) > 0));
            }
            else
            {
                WorkOrderRow order = row.WorkOrders[random.Next(row.WorkOrders.Length)];
                string action = random.Next(3) == 0 || order.Allowed.Length == 0 ? Actions[random.Next(Actions.Length)] : order.Allowed[random.Next(order.Allowed.Length)];
                bool decides = action is "approve" or "refuse" && random.Next(4) > 0;
                string by = random.Next(8) == 0 ? departments[random.Next(departments.Length)] : decides ? Rulebook.CommandCentre : order.Department;
                Reply reply = scene.Send(ActorKind.Case, "harbour-1", MessageKind.ActOnWorkOrder, new WorkOrderAction(order.Id, action, "li", by, "note", OutcomeOf(order, random, departments), null)
                {
                    To = departments[random.Next(departments.Length)],
                    Departments = [.. departments.Where(_ => random.Next(4) == 0)],
                    Until = scene.Now.AddHours(random.Next(-5, 400)),
                    Key = random.Next(3) == 0 ? $"k{random.Next(20)}" : null,
                    Decides = decides,
                    Record = order.Asks is null || random.Next(3) == 0 ? null : new() { ["why"] = "seen", ["not-seen"] = "not-visible" },
                })!;
                Assert.True(Enum.IsDefined(reply.Status), $"{action}: {reply.Text}");
            }

            CaseChecks.Check(scene, "harbour-1", $"seed {seed}, step {step}");
        }
    }

    private static string? OutcomeOf(WorkOrderRow order, Random random, string[] departments)
    {
        if (order.Department == Rulebook.CommandCentre && random.Next(2) == 0)
        {
            return departments[random.Next(departments.Length)];
        }

        Stage? stage = CityRules.Shipped.Workflows.SelectMany(workflow => workflow.Stages).FirstOrDefault(stage => stage.Id == order.Stage);
        string[] codes = order.Role == "lead" ? [.. stage!.Outcomes.Select(outcome => outcome.Code)] : stage!.CoHandlerOutcomes;
        return codes.Length == 0 || random.Next(10) == 0 ? null : codes[random.Next(codes.Length)];
    }
}
