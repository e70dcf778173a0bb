using System.Text.Json;
using Streaming.Grains;
using Streaming.Grains.Messages;
using Streaming.Grains.Rules;
using Streaming.Grains.Turns;
using Streaming.Tests.Rules;
using Xunit;

namespace Streaming.Tests.Dispatch;

/// <summary>The scene asserts after every turn that the state is at most <see cref="GrainLimits.StateBytes"/> and the effects and reminders within theirs.</summary>
public class CaseBoundsTests
{
    private static readonly DateTimeOffset Start = new(2026, 3, 3, 2, 0, 0, TimeSpan.Zero);
    private readonly Scene scene = new(CityRules.Shipped, Start);

    [Fact]
    public void A_thousand_joins_share_a_line_of_history_and_what_people_did_stays()
    {
        Warn(Warnings.Overload(Start).Opened());
        Act("harbour-1-w1", "accept", note: null);
        for (int i = 2; i <= 1001; i++)
        {
            Warn(Warnings.Overload(Start, count: i).Updated());
        }

        Assert.Equal(1001, scene.Row<CaseRow>(View.Cases, "harbour-1")!.Warnings);
        Assert.True(scene.StateOf(ActorKind.Case, "harbour-1").Length < 8 * 1024);
        JsonElement[] history = History();
        Assert.Contains(history, entry => entry.GetProperty("what").GetString() == "accepted");
        Assert.StartsWith("1000 times, last: severity 2", history[^1].GetProperty("note").GetString());
    }

    [Fact]
    public void The_longest_notes_and_evidence_push_the_oldest_out_and_are_counted()
    {
        Warn(Warnings.Overload(Start).Opened());
        string[] evidence = [.. Enumerable.Range(0, GrainLimits.EvidenceItems).Select(_ => new string('据', GrainLimits.EvidenceChars))];
        for (int i = 0; i < 60; i++)
        {
            // Control characters take six bytes each in JSON.
            char letter = i % 2 == 0 ? '证' : '\u0001';
            Assert.Equal(ReplyStatus.Done, Act("harbour-1-w1", "comment", $"{i} {new string(letter, GrainLimits.NoteChars - 4)}", i % 3 == 0 ? evidence : null).Status);
        }

        JsonElement[] history = History();
        Assert.Equal("earlier", history[0].GetProperty("what").GetString());
        Assert.StartsWith("59 ", history[^1].GetProperty("note").GetString());
        int dropped = int.Parse(history[0].GetProperty("note").GetString()!.Split(' ')[0]);
        Assert.Equal(64, dropped + history.Length - 1); // Opened, stage, two issued, and the sixty comments.
    }

    [Fact]
    public void The_history_has_at_most_its_number_of_entries()
    {
        Warn(Warnings.Overload(Start).Opened());
        for (int i = 0; i < 500; i++)
        {
            Act("harbour-1-w1", "comment", $"n{i}");
        }

        JsonElement[] history = History();
        Assert.Equal(GrainLimits.HistoryEntries + 1, history.Length);
        Assert.Equal("304 earlier entries are not shown here", history[0].GetProperty("note").GetString());
        Assert.Equal(GrainLimits.HistoryEntriesShown + 1, scene.Row<CaseRow>(View.Cases, "harbour-1")!.History.Length);
    }

    [Fact]
    public void A_case_sent_back_and_forth_keeps_its_newest_work_orders_and_the_lists_keep_all()
    {
        Warn(Warnings.Overload(Start).Opened());
        string note = new('注', GrainLimits.NoteChars);
        int last = 2;
        for (int i = 0; i < 60; i++)
        {
            int review = i == 0 ? 1 : last;
            Complete($"harbour-1-w{review}", "confirmed", note);
            Complete($"harbour-1-w{++last}", "insufficient-evidence", note);
            last++;
        }

        CaseRow row = scene.Row<CaseRow>(View.Cases, "harbour-1")!;
        Assert.True(row.WorkOrders.Length <= GrainLimits.WorkOrdersPerCase);
        Assert.Equal($"harbour-1-w{last}", row.WorkOrders[^1].Id);
        Assert.Contains(row.WorkOrders, order => order.Id == "harbour-1-w2"); // Unfinished, however old.
        WorkOrderRow dropped = scene.Row<WorkOrderRow>(View.WorkOrders, "harbour-1-w3")!;
        Assert.Equal("completed", dropped.State);
        Assert.Empty(dropped.Allowed);
        Assert.Equal(note, dropped.Note);
        Assert.Equal(last, scene.Rows<WorkOrderRow>(View.WorkOrders).Length);
        Assert.Equal(ReplyStatus.NotFound, Act("harbour-1-w3", "comment", "x").Status);
    }

    [Fact]
    public void The_largest_rulebook_keeps_a_turn_within_its_effects()
    {
        // Forty departments, a lead and eight co-handlers a stage, and a case that every department had a part in.
        Dictionary<string, string> files = CityRules.Files();
        string[] ids = [.. Enumerable.Range(0, GrainLimits.Departments - 1).Select(i => $"d{i}")];
        files["departments.json"] = JsonSerializer.Serialize(new
        {
            departments = ids.Append(Rulebook.CommandCentre).Select(id => new { id, name = new { en = id, zh = id } }),
        });
        files["routing.json"] = """{"rules":[]}""";
        object Stage(int number, string next, string next2) => new
        {
            id = $"s{number}",
            name = new { en = "s", zh = "s" },
            department = $"d{(number * 9) % 39}",
            coHandlers = Enumerable.Range(1, 8).Select(i => $"d{((number * 9) + i) % 39}"),
            deadline = new { hours = 1, calendar = "clock", from = "stage" },
            outcomes = new[] { new { code = "confirmed", next }, new { code = "false-alarm", next = next2 } },
            coHandlerOutcomes = new[] { "noted" },
            overdue = new { urgeEveryHours = 1, escalateAfterHours = 1 },
        };
        using JsonDocument workflows = JsonDocument.Parse(files["workflows.json"]);
        files["workflows.json"] = JsonSerializer.Serialize(new
        {
            outcomes = workflows.RootElement.GetProperty("outcomes"),
            workflows = new[]
            {
                new { id = "simple", name = new { en = "s", zh = "s" }, stages = Enumerable.Range(0, 5).Select(i => Stage(i, i == 4 ? "close" : $"s{i + 1}", "close")) },
            },
        });
        Rulebook? rules = Rulebook.Load(files, out IReadOnlyList<RulebookProblem> problems);
        Assert.True(rules is not null, string.Join("; ", problems));
        scene.Rules = rules;

        Warn(Warnings.Overload(Start).Opened());
        int lead = 1;
        for (int stage = 0; stage < 4; stage++)
        {
            Complete($"harbour-1-w{lead}", "confirmed");
            lead += 9;
        }

        CaseRow row = scene.Row<CaseRow>(View.Cases, "harbour-1")!;
        Assert.True(row.WorkOrders.Count(order => order.State is "issued" or "accepted") <= GrainLimits.WorkOrdersCarried + 9);
        scene.AdvanceTo(Start.AddHours(3));
        Warn(Warnings.Overload(Start, severity: 4).Updated());
        Complete($"harbour-1-w{lead}", "false-alarm");
        row = scene.Row<CaseRow>(View.Cases, "harbour-1")!;
        Assert.Equal("closed", row.State);
        Assert.Equal(39, row.Departments.Length);
        Assert.All(row.Departments, department => Assert.Equal("case-closed", scene.Feed(department, "harbour")[^1].Type));
        Assert.Empty(scene.Reminders);
    }

    private void Warn(WarningChanged changed) => scene.Send(ActorKind.Dispatcher, changed.Warning.District, MessageKind.WarningChanged, changed);

    private JsonElement[] History() => [.. scene.Describe(ActorKind.Case, "harbour-1").GetProperty("history").EnumerateArray()];

    private Reply Act(string order, string action, string? note, string[]? evidence = null, string? outcome = null) =>
        scene.Send(ActorKind.Case, "harbour-1", MessageKind.ActOnWorkOrder, new WorkOrderAction(order, action, "li", null, note, outcome, evidence))!;

    private void Complete(string order, string outcome, string? note = null)
    {
        Reply reply = Act(order, "complete", note, null, outcome);
        Assert.True(reply.Status == ReplyStatus.Done, $"{order}: {reply.Text}");
    }
}
