using System.Net;
using System.Text.Json;
using Streaming.Grains.Messages;
using Streaming.Grains.Rules;
using Streaming.Silo.Host;
using Streaming.Tests.Faults;
using Streaming.Tests.Journal;
using Streaming.Tests.Rules;
using Streaming.Tests.Support;
using Xunit;

namespace Streaming.Tests.EndToEnd;

/// <summary>
/// Each shipped workflow on a whole silo over MQTT and HTTP, in a time that the test moves: from the reading that a device publishes to the archive, with a dispute, a ruling, a time to accept that passes, an extension, a return, a lapse and a reopening on the way.
/// Every step is done with a token of the department whose it is.
/// </summary>
public sealed class WorkflowTests
{
    private const int MostSteps = 20;

    public static TheoryData<string, string> Workflows
    {
        get
        {
            TheoryData<string, string> all = [];
            foreach (string host in Hosts.BuiltIn.Select(Hosts.Name))
            {
                foreach (Workflow workflow in CityRules.Shipped.Workflows)
                {
                    all.Add(host, workflow.Id);
                }
            }

            return all;
        }
    }

    [Theory]
    [MemberData(nameof(Workflows))]
    public async Task A_case_goes_from_its_reading_to_the_archive_whatever_happens_on_the_way(string host, string workflow)
    {
        using TemporaryDirectory directory = new();
        await using Run run = new(await RunningCity.StartAsync(directory.Path, Hosts.Parse(host).Host));
        await run.BeginAsync(workflow);
        string lead = run.Lead;
        await run.City.ShownAsync(alerts => alerts.Exists(alert => alert.Type == "work-order" && alert.Case == run.Case), "the work order", lead);

        // It is nobody's: the command centre rules, and says by when it has to be accepted.
        if (lead == Rulebook.CommandCentre)
        {
            lead = "transport";
        }
        else
        {
            await run.ActAsync("dispute", lead, new { note = "The place is on the border to the next street." });
        }

        Assert.Equal(Rulebook.CommandCentre, run.Lead);
        await run.ActAsync("rule", Rulebook.CommandCentre, new { to = lead, note = "It is where the reading was taken.", until = run.City.Now.AddMinutes(50) });
        Assert.Equal(lead, run.Lead);
        run.City.Advance(TimeSpan.FromMinutes(51));
        await run.UntilAsync(row => Did(row, "not-accepted"), "that nobody accepted it");
        await run.ActAsync("accept", lead, new { });

        // More time, which the centre grants.
        await run.ActAsync("extend", lead, new { note = "The picture is at the laboratory.", until = run.City.Now.AddDays(20) });
        await run.ActAsync("approve", Rulebook.CommandCentre, new { });
        Assert.Equal(1, run.Order().GetProperty("extensions").GetInt32());
        Assert.False(run.Row.GetProperty("overdue").GetBoolean());

        // It is late all the same: it lapses, or is urged and escalated.
        string stage = run.Stage;
        run.City.Advance(TimeSpan.FromDays(20) + TimeSpan.FromMinutes(1));
        if (CityRules.Shipped.FindWorkflow(workflow)!.Find(stage)!.OnLapse is { } next)
        {
            await run.UntilAsync(row => row.GetProperty("stage").GetString() == next && Did(row, "lapsed"), "that it lapsed");
        }
        else
        {
            await run.UntilAsync(row => Did(row, "overdue"), "that it is overdue");
            run.City.Advance(TimeSpan.FromDays(6));
            await run.UntilAsync(row => Did(row, "escalated"), "that it is escalated");
            await run.City.ShownAsync(alerts => alerts.Exists(alert => alert.Type == "escalated" && alert.Case == run.Case), "the escalation", Rulebook.CommandCentre);
        }

        await run.FinishAsync(returns: true);
        Assert.Equal("closed", run.State);
        Assert.Equal(JsonValueKind.String, run.Row.GetProperty("outcome").ValueKind);

        // Whoever reported it is not satisfied; it begins again, and ends again, across a restart.
        await run.OnCaseAsync("call-back", run.Lead, new { outcome = "dissatisfied", note = "It stands there again." });
        Assert.Equal(("open", 1), (run.State, run.Row.GetProperty("reopened").GetInt32()));
        await run.City.RestartAsync();
        await run.FinishAsync(returns: false);
        await run.OnCaseAsync("call-back", run.Lead, new { outcome = "satisfied" });
        await run.OnCaseAsync("archive", run.Lead, new { });
        Assert.Equal("archived", run.State);
        Assert.All(run.Row.GetProperty("workOrders").EnumerateArray(), order => Assert.Empty(order.GetProperty("allowed").EnumerateArray()));
        Assert.Equal(HttpStatusCode.Conflict, (await run.City.CallAsync(HttpMethod.Post, $"/api/cases/{run.Case}/reopen", new { note = "again" })).Status);

        // Nothing waits for anybody any more, and no feed has a hole.
        foreach (string department in CityRules.Shipped.Departments.Select(department => department.Id))
        {
            List<Alert> alerts = await run.City.AlertsAsync(department);
            Assert.Equal(Enumerable.Range(1, alerts.Count).Select(number => (long)number), alerts.Select(alert => alert.Number));
            Alert[] own = [.. alerts.Where(alert => alert.Case == run.Case)];
            Assert.Equal(own.Count(alert => alert.Type == "work-order"), own.Count(alert => alert.Type is "completed" or "withdrawn" or "lapsed" || (alert.Type == "returned" && alert.Role is "lead" or "co-handler")));
        }
    }

    private static bool Did(JsonElement row, string what) => row.GetProperty("history").EnumerateArray().Any(entry => entry.GetProperty("what").GetString() == what);

    /// <summary>One case on its way.</summary>
    private sealed class Run(RunningCity city) : IAsyncDisposable
    {
        private readonly Dictionary<string, string> tokens = [];
        private readonly HashSet<string> visited = [];

        public RunningCity City => city;

        public string Case { get; private set; } = "";

        public JsonElement Row { get; private set; }

        public string Lead => Row.GetProperty("lead").GetString()!;

        public string Stage => Row.GetProperty("stage").GetString()!;

        public string State => Row.GetProperty("state").GetString()!;

        public ValueTask DisposeAsync() => city.DisposeAsync();

        /// <summary>Publishes what opens a case of the workflow.</summary>
        public async Task BeginAsync(string workflow)
        {
            foreach (string department in CityRules.Shipped.Departments.Select(department => department.Id))
            {
                tokens[department] = await city.TokenAsync($"clerk-{department}", "member", department);
            }

            string at = city.Now.ToString("yyyy-MM-ddTHH:mm:ss.fffZ", System.Globalization.CultureInfo.InvariantCulture);
            Task published = workflow switch
            {
                "overload-off-site" => city.WeighAsync(1, over: true),
                "hazmat-joint" => city.PublishAsync(
                    Device("T1", "truck", "v1/hazmat/vehicle/粤W10001"), "T1", "v1/hazmat/vehicle/粤W10001",
                    $$$"""{"id":"t1","at":"{{{at}}}","speedKmh":45,"tank":{"pressureKpa":700,"temperatureC":21,"levelPct":70,"valve":"open"}}"""),
                "graduated" => SeeAsync("street-stall", at),
                "field-check" => SeeAsync("illegal-parking", at),
                "hotline" => city.CallAsync(HttpMethod.Post, "/api/reports", new
                {
                    text = "人民路12号夜里施工噪音很大",
                    channel = "hotline",
                    kind = "noise",
                    district = "harbour",
                    reference = "H-1",
                    place = new { address = "人民路12号" },
                    reporter = new { name = "Zhang", contact = "138" },
                }),
                "simple" => FallSilentAsync(at),
                _ => throw new InvalidOperationException($"Say what opens a case of workflow {workflow}."),
            };
            await published;
            using CancellationTokenSource patience = new(Waits.Longest);
            while (true)
            {
                (_, JsonElement list) = await city.CallAsync(HttpMethod.Get, "/api/cases");
                JsonElement[] items = [.. list.GetProperty("items").EnumerateArray()];
                if (items.Length > 0)
                {
                    Assert.Single(items);
                    Case = items[0].GetProperty("id").GetString()!;
                    Assert.Equal(workflow, items[0].GetProperty("workflow").GetString());
                    await ReadAsync();
                    return;
                }

                Assert.False(patience.IsCancellationRequested, "No case was opened.");
                await Task.Delay(25);
            }
        }

        /// <summary>Works it through to its end, each stage by whoever leads it; where <paramref name="returns"/>, each department that may return its stage to the one before does so once.</summary>
        public async Task FinishAsync(bool returns)
        {
            await ReadAsync();
            visited.Clear();
            for (int steps = 0; State == "open"; steps++)
            {
                Assert.True(steps < MostSteps, $"still open: {Row.GetRawText()}");
                Workflow workflow = CityRules.Shipped.FindWorkflow(Row.GetProperty("workflow").GetString()!)!;
                Stage stage = workflow.Find(Stage)!;
                visited.Add(stage.Id);
                foreach (JsonElement order in Row.GetProperty("workOrders").EnumerateArray().Where(order => order.GetProperty("role").GetString() == "co-handler" && order.GetProperty("state").GetString() is "issued" or "accepted").ToArray())
                {
                    await ActAsync("complete", order.GetProperty("department").GetString()!, new { }, order);
                }

                string department = Order().GetProperty("department").GetString()!;
                if (returns && stage.OnReturn is not null && visited.Add($"{stage.Id} returned"))
                {
                    await ActAsync("return", department, new { note = "The plate cannot be read." });
                    Assert.Equal(stage.OnReturn, Stage);
                    continue;
                }

                // On to a stage that was not yet gone through, if there is one; else to the end.
                StageOutcome outcome = stage.Outcomes.FirstOrDefault(each => each.Next != Streaming.Grains.Rules.Stage.Close && !visited.Contains(each.Next))
                    ?? stage.Outcomes.FirstOrDefault(each => each.Next != Streaming.Grains.Rules.Stage.Close && returns && visited.Contains($"{each.Next} returned") && visited.Add($"{stage.Id} again"))
                    ?? stage.Outcomes.First(each => each.Next == Streaming.Grains.Rules.Stage.Close);
                Dictionary<string, string>? record = stage.Record?.Where(field => field.IsFor(outcome.Code)).ToDictionary(field => field.Id, field => field.Choices?[0] ?? "seen on the spot");
                if (record is { Count: > 0 })
                {
                    (HttpStatusCode status, JsonElement problem) = await city.CallAsync(HttpMethod.Post, $"/api/workorders/{Order().GetProperty("id").GetString()}/complete", new { outcome = outcome.Code }, tokens[department]);
                    Assert.True(status == HttpStatusCode.BadRequest, problem.GetRawText());
                }

                await ActAsync("complete", department, new { outcome = outcome.Code, note = "done", record });
            }
        }

        /// <summary>An action on the lead's work order, or on <paramref name="order"/>; with a key, sent twice and done once.</summary>
        public async Task ActAsync(string action, string department, object body, JsonElement? order = null)
        {
            string id = (order ?? Order()).GetProperty("id").GetString()!;
            (HttpStatusCode status, JsonElement answer) = await city.CallAsync(HttpMethod.Post, $"/api/workorders/{id}/{action}", body, tokens[department]);
            Assert.True(status == HttpStatusCode.OK, $"{action} {id} by {department}: {status} {answer}");
            await ReadAsync();
        }

        public async Task OnCaseAsync(string action, string department, object body)
        {
            (HttpStatusCode status, JsonElement answer) = await city.CallAsync(HttpMethod.Post, $"/api/cases/{Case}/{action}", body, tokens[department]);
            Assert.True(status == HttpStatusCode.OK, $"{action} by {department}: {status} {answer}");
            await ReadAsync();
        }

        public async Task UntilAsync(Func<JsonElement, bool> holds, string what)
        {
            using CancellationTokenSource patience = new(Waits.Longest);
            do
            {
                Assert.False(patience.IsCancellationRequested, $"The case does not show {what}: {Row.GetRawText()}");
                await Task.Delay(25);
                await ReadAsync();
            }
            while (!holds(Row));
        }

        /// <summary>The unfinished work order of the lead.</summary>
        public JsonElement Order() => Row.GetProperty("workOrders").EnumerateArray().Last(order => order.GetProperty("role").GetString() == "lead" && order.GetProperty("state").GetString() is "issued" or "accepted" or "parked");

        private Task SeeAsync(string seen, string at) => city.PublishAsync(
            Device("C1", "camera", "v1/video/C1"), "C1", "v1/video/C1", $$"""{"id":"c1","at":"{{at}}","event":"{{seen}}","confidence":0.95}""");

        /// <summary>A camera says one thing, and nothing more for longer than it may be silent.</summary>
        private async Task FallSilentAsync(string at)
        {
            await city.PublishAsync(
                Device("C2", "camera", "v1/video/C2", silentAfterS: 60), "C2", "v1/video/C2", $$"""{"id":"c1","at":"{{at}}","event":"crowding","confidence":0.6}""");

            // Not much more than it may be silent: of what falls due long after its time a source is given its time once more.
            city.Advance(TimeSpan.FromSeconds(65));
        }

        private static object Device(string id, string kind, string topic, int? silentAfterS = null) =>
            new { id, password = "p", topics = new[] { topic }, kind, district = "harbour", expected = silentAfterS is null ? null : new { silentAfterS } };

        private async Task ReadAsync()
        {
            (HttpStatusCode status, JsonElement row) = await city.CallAsync(HttpMethod.Get, $"/api/cases/{Uri.EscapeDataString(Case)}");
            Assert.True(status == HttpStatusCode.OK, $"{Case}: {status}");
            Row = row;
        }
    }
}
