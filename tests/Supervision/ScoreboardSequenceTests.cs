using System.Text.Json;
using Streaming.Grains.Messages;
using Streaming.Grains.Rules;
using Streaming.Grains.Turns;
using Streaming.Silo.Supervision;
using Streaming.Silo.Views;
using Streaming.Tests.Dispatch;
using Streaming.Tests.Rules;
using Streaming.Tests.Views;
using Xunit;

namespace Streaming.Tests.Supervision;

/// <summary>
/// Anything that several parties may do, in any order: the scoreboard says what a simple count of what was done says, and what departments count themselves; and the lists have the same scoreboard however often their process is restarted on the way.
/// </summary>
public class ScoreboardSequenceTests
{
    private static readonly DateTimeOffset Start = new(2026, 3, 3, 2, 0, 0, TimeSpan.Zero);
    private static readonly string[] Actions = ["accept", "return", "complete", "comment", "assign", "hand-on", "dispute", "rule", "ask", "extend", "park", "resume", "approve", "refuse"];
    private static readonly string[] People = ["li", "wang", "zhao"];
    private static readonly SupervisionRules Hasty = new() { HastyMinutes = 90, LookNeeded = true };

    public static TheoryData<int> Seeds => [.. Enumerable.Range(1, 30)];

    [Theory]
    [MemberData(nameof(Seeds))]
    public async Task The_scoreboard_is_a_count_of_what_was_done_and_the_same_after_restarts(int seed)
    {
        Random random = new(seed);
        Scene scene = new(CityRules.Shipped, Start);
        string[] departments = [.. CityRules.Shipped.Departments.Select(department => department.Id)];
        scene.Send(ActorKind.Dispatcher, "harbour", MessageKind.WarningChanged, (seed % 2 == 0 ? Warnings.Overload(Start) : Warnings.Tank(Start)).Opened(seed % 2 == 0 ? ActorKind.Vehicle : ActorKind.Enterprise));
        Done done = new();
        for (int step = 0; step < 100; step++)
        {
            Step(scene, random, departments, done);
        }

        MemoryScoreBook book = Folded(scene);
        Scoreboard board = Board(ScoreGroup.Department, book);
        foreach (string department in departments)
        {
            ScoreLine line = board.Lines.FirstOrDefault(each => each.Key == department) ?? Board(ScoreGroup.Department, new MemoryScoreBook()).Total;
            Compare($"seed {seed}, {department}", done, department, line);
            CompareWithTheDepartment($"seed {seed}, {department}", scene, department, line);
        }

        Assert.Equal(done.Reopened, board.Total.Reopened);
        ScoreLine total = board.Total;
        Assert.Equal(total, SumOf(total, Board(ScoreGroup.Kind, book)));
        foreach (string person in People)
        {
            ScoreLine[] lines = [.. Board(ScoreGroup.Person, book).Lines.Where(line => line.Key == person)];
            Assert.Equal(done.Completions.Count(each => each.By == person), lines.Sum(line => line.Completed));
            Assert.Equal(done.Accepted.Count(each => each.By == person), lines.Sum(line => line.Accepted));
        }

        await CompareWithTheListsAsync($"seed {seed}", scene, book, random);
    }

    private static void Step(Scene scene, Random random, string[] departments, Done done)
    {
        CaseRow row = scene.Row<CaseRow>(View.Cases, "harbour-1")!;
        if (random.Next(3) == 0)
        {
            scene.AdvanceTo(scene.Now.AddMinutes(random.Next(3) == 0 ? random.Next(1, 5000) : random.Next(1, 100)));
            return;
        }

        if (row.State != "open")
        {
            Reply answer = scene.Send(ActorKind.Case, "harbour-1", MessageKind.ActOnCase, new CaseAction(random.Next(2) == 0 ? "reopen" : "call-back", "chief", null, "why", random.Next(2) == 0 ? "satisfied" : "dissatisfied", null, true))!;
            done.Reopened += answer.Status == ReplyStatus.Done && scene.Row<CaseRow>(View.Cases, "harbour-1")!.State == "open" ? 1 : 0;
            return;
        }

        WorkOrderRow order = row.WorkOrders[random.Next(row.WorkOrders.Length)];
        if (random.Next(4) == 0)
        {
            // Somebody of the department opens the case, which the audit shows.
            scene.Shown.Add((View.Audit, "1", JsonSerializer.SerializeToUtf8Bytes(new AuditEntry("li", "member", order.Department, "harbour", "look", "GET", "/api/cases/{id}") { Subject = "harbour-1", SubjectKind = "case", Status = 200 }, GrainsJson.Default.AuditEntry), scene.NowMs));
            foreach (WorkOrderRow seen in row.WorkOrders.Where(each => each.Department == order.Department && each.State is "issued" or "accepted" or "parked"))
            {
                done.Looked.Add(seen.Id);
            }
        }

        string action = random.Next(3) == 0 || order.Allowed.Length == 0 ? Actions[random.Next(Actions.Length)] : order.Allowed[random.Next(order.Allowed.Length)];
        bool decides = action is "approve" or "refuse" && random.Next(4) > 0;
        string by = People[random.Next(People.Length)];
        string[]? evidence = random.Next(5) == 0 ? ["a picture"] : null;
        string? asked = order.Request?.Kind;
        long before = done.Looked.Contains(order.Id) ? 1 : 0;
        Reply reply = scene.Send(ActorKind.Case, "harbour-1", MessageKind.ActOnWorkOrder, new WorkOrderAction(order.Id, action, by, decides ? Rulebook.CommandCentre : order.Department, "note", OutcomeOf(order, random, departments), evidence)
        {
            To = departments[random.Next(departments.Length)],
            Departments = [.. departments.Where(_ => random.Next(5) == 0)],
            Until = scene.Now.AddHours(random.Next(1, 300)),
            Decides = decides,
        })!;
        if (reply.Status == ReplyStatus.Done)
        {
            done.Note(scene, order, action, by, evidence is not null || before > 0, asked);
            if (evidence is not null)
            {
                done.Looked.Add(order.Id);
            }
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
        return codes.Length == 0 ? null : codes[random.Next(codes.Length)];
    }

    private static void Compare(string where, Done done, string department, ScoreLine line)
    {
        Done.Completion[] completions = [.. done.Completions.Where(each => each.Department == department)];
        Assert.True(line.Accepted == done.Accepted.Count(each => each.Department == department), $"{where}: accepted {line.Accepted}");
        Assert.True(line.Completed == completions.Length, $"{where}: completed {line.Completed}, {completions.Length} were");
        Assert.True(line.InTime == completions.Count(each => !(each.Deadline < each.At)), $"{where}: in time {line.InTime}");
        Assert.True(line.Returned == done.Returned.Count(each => each == department), $"{where}: returned {line.Returned}");
        Assert.True(line.Parked == done.Parked.Count(each => each == department), $"{where}: parked {line.Parked}");
        Assert.True(line.Extended == done.Extended.Count(each => each == department), $"{where}: extended {line.Extended}");
        Assert.True(line.Hasty == completions.Count(each => !each.Looked || each.At - (each.AcceptedAt ?? each.Issued) < TimeSpan.FromMinutes(90)), $"{where}: hasty {line.Hasty}");
        Assert.Equal(Median([.. done.Accepted.Where(each => each.Department == department).Select(each => (each.At - each.Issued).TotalMinutes)]), line.MedianAcceptMinutes);
        Assert.Equal(Median([.. completions.Select(each => (each.At - each.Issued).TotalMinutes)]), line.MedianHandleMinutes);
        Assert.Equal(completions.GroupBy(each => each.Outcome, StringComparer.Ordinal).OrderBy(group => group.Key, StringComparer.Ordinal).Select(group => new ScoredOutcome(group.Key, group.Count())), line.Outcomes);
    }

    private static double? Median(double[] minutes)
    {
        Array.Sort(minutes);
        return minutes.Length == 0 ? null : Math.Round((minutes[(minutes.Length - 1) / 2] + minutes[minutes.Length / 2]) / 2, 1, MidpointRounding.AwayFromZero);
    }

    /// <summary>A department counts what its feed tells it, in its own state: another way to the same figures.</summary>
    private static void CompareWithTheDepartment(string where, Scene scene, string department, ScoreLine line)
    {
        if (!scene.Exists(ActorKind.Department, $"{department}/harbour"))
        {
            Assert.True(line.Received == 0, where);
            return;
        }

        JsonElement own = scene.Describe(ActorKind.Department, $"{department}/harbour");
        long Of(string name) => own.GetProperty(name).GetInt64();
        Assert.True(
            (Of("issued"), Of("open"), Of("completed"), Of("completedLate"), Of("returned"), Of("withdrawn"), Of("overdue")) == (line.Received, line.OpenNow, line.Completed, line.Late, line.Returned, line.Withdrawn, line.MissedDeadlines),
            $"{where}: {own} and {line}");
    }

    private static MemoryScoreBook Folded(Scene scene)
    {
        RecordSource journal = JournalOf(scene);
        MemoryScoreBook book = new();
        ScoreInputs inputs = new();
        IRecordSource records = journal.Follow();
        while (records.TryRead(out ReadOnlySpan<byte> run, out long first, out _))
        {
            for (long at = first; run.Length > 0; at++)
            {
                inputs.Collect(Grains.Inputs.Record.Next(ref run), at);
            }
        }

        inputs.Take().ForEach(input => ScoreFold.Apply(input, book));
        return book;
    }

    private static RecordSource JournalOf(Scene scene)
    {
        RecordSource journal = new();
        foreach ((View view, string key, byte[] json, long atMs) in scene.Shown)
        {
            journal.NowMs = atMs;
            journal.Append(writer => RecordSource.Shown(writer, view, key, json));
        }

        return journal;
    }

    /// <summary>The same journal through the projector, in pieces, with restarts between them and pieces that are read once more.</summary>
    private static async Task CompareWithTheListsAsync(string where, Scene scene, MemoryScoreBook book, Random random)
    {
        using ViewBench bench = new() { Journal = new RecordSource() };
        bench.Restart();
        foreach ((View view, string key, byte[] json, long atMs) in scene.Shown)
        {
            bench.Journal.NowMs = atMs;
            bench.Journal.Append(writer => RecordSource.Shown(writer, view, key, json));
            if (random.Next(40) == 0)
            {
                bench.Run();
                bench.Restart(readFrom: 1);
            }
        }

        bench.Run();
        Scoreboard stored = new(ScoreGroup.Person, Hasty);
        Assert.True(await bench.Store.Reader.ScoreAsync(0, long.MaxValue, default, stored, default));
        Scoreboard folded = Board(ScoreGroup.Person, book);
        Assert.True(Text(folded) == Text(stored), $"{where}:\n{Text(folded)}\n{Text(stored)}");
    }

    private static string Text(Scoreboard board) => string.Join('\n', board.Lines.Append(board.Total).Select(line => $"{line} {string.Join(',', line.Outcomes.Select(outcome => outcome.ToString()))}".Replace("System.Object", "", StringComparison.Ordinal)));

    private static Scoreboard Board(ScoreGroup group, MemoryScoreBook book)
    {
        Scoreboard board = new(group, Hasty);
        book.Events.ForEach(board.Add);
        foreach (OrderScore order in book.Orders)
        {
            board.Now(order);
        }

        return board;
    }

    /// <summary>Counts of all lines together, medians and outcomes as they are.</summary>
    private static ScoreLine SumOf(ScoreLine total, Scoreboard board)
    {
        ScoreLine[] lines = [.. board.Lines];
        return total with
        {
            Received = lines.Sum(line => line.Received),
            Accepted = lines.Sum(line => line.Accepted),
            Completed = lines.Sum(line => line.Completed),
            OpenNow = lines.Sum(line => line.OpenNow),
            OverdueNow = lines.Sum(line => line.OverdueNow),
            Hasty = lines.Sum(line => line.Hasty),
            CasesOpened = lines.Sum(line => line.CasesOpened),
            CasesClosed = lines.Sum(line => line.CasesClosed),
        };
    }

    /// <summary>What was done, as whoever did it would note it down.</summary>
    private sealed class Done
    {
        public List<(string Department, string By, DateTimeOffset Issued, DateTimeOffset At)> Accepted { get; } = [];

        public List<Completion> Completions { get; } = [];

        public List<string> Returned { get; } = [];

        public List<string> Parked { get; } = [];

        public List<string> Extended { get; } = [];

        public HashSet<string> Looked { get; } = [];

        public int Reopened { get; set; }

        private Dictionary<string, DateTimeOffset> AcceptedAt { get; } = [];

        public void Note(Scene scene, WorkOrderRow before, string action, string by, bool looked, string? asked)
        {
            switch (action)
            {
                case "accept" or "claim" when before.State == "issued":
                    AcceptedAt[before.Id] = scene.Now;
                    Accepted.Add((before.Department, by, before.Issued, scene.Now));
                    break;
                case "complete":
                    Completions.Add(new Completion(before.Department, by, before.Issued, AcceptedAt.TryGetValue(before.Id, out DateTimeOffset accepted) ? accepted : null, before.Deadline, scene.Now, looked, scene.Row<WorkOrderRow>(View.WorkOrders, before.Id)!.Outcome!));
                    break;
                case "return" or "hand-on" or "dispute" or "rule":
                    Returned.Add(before.Department);
                    break;
                case "approve":
                    (asked == "park" ? Parked : Extended).Add(before.Department);
                    break;
            }
        }

        public sealed record Completion(string Department, string By, DateTimeOffset Issued, DateTimeOffset? AcceptedAt, DateTimeOffset? Deadline, DateTimeOffset At, bool Looked, string Outcome);
    }
}
