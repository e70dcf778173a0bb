using System.Net;
using Streaming.Grains.Messages;
using Streaming.Grains.Turns;
using Streaming.Tests.Views;
using Xunit;

namespace Streaming.Tests.Api;

/// <summary>Lists of what is to be done, cut down by the server: how grave, what is overdue, which text, what is due soonest.</summary>
public sealed class ListFilterTests : IAsyncLifetime
{
    private ApiBench api = null!;

    public async Task InitializeAsync() => api = await ApiBench.StartAsync();

    public async Task DisposeAsync() => await api.DisposeAsync();

    private DateTimeOffset Now => api.Views.Time.GetUtcNow();

    [Fact]
    public async Task A_severity_shows_that_one_and_graver_ones()
    {
        for (int severity = 1; severity <= 4; severity++)
        {
            Show(Rows.Case($"harbour-{severity}") with { Severity = severity }, Rows.WorkOrder($"harbour-{severity}") with { Severity = severity });
            api.Views.Journal.Show(View.Warnings, $"w{severity}", Rows.Warning(number: severity, severity: severity));
        }

        api.Apply();
        Assert.Equal(["harbour-4", "harbour-3"], (await api.GetAsync("/api/cases?severity=3")).Ids);
        Assert.Equal(["harbour-4-w1"], (await api.GetAsync("/api/workorders?severity=4")).Ids);
        Assert.Equal(["4", "3", "2"], (await api.GetAsync("/api/warnings?severity=2")).Ids.Select(id => id[^1..]));
    }

    [Fact]
    public async Task What_is_overdue_goes_by_the_servers_clock_and_by_what_rows_say()
    {
        DateTimeOffset due = Now.AddMinutes(10);
        Show(Case("harbour-1", due), Order("harbour-1", due));
        Show(Case("harbour-2", due.AddDays(1)) with { Overdue = true }, Order("harbour-2", due.AddDays(1)) with { Overdue = true });

        // Its clock stands still.
        Show(Case("harbour-3", due) with { WorkOrders = [Order("harbour-3", due, "parked")] }, Order("harbour-3", due, "parked"));
        Show(Case("harbour-4", due) with { State = "closed" }, Order("harbour-4", due, "completed"));
        Show(Case("harbour-5", null), Order("harbour-5", null));
        api.Apply();
        await RequireOverdueAsync("harbour-2");
        Time.Advance(TimeSpan.FromMinutes(10) - TimeSpan.FromMilliseconds(1));
        await RequireOverdueAsync("harbour-2");
        Time.Advance(TimeSpan.FromMilliseconds(1));
        await RequireOverdueAsync("harbour-2", "harbour-1");

        // It got more time, and its row says so.
        Show(Case("harbour-1", due.AddHours(1)), Order("harbour-1", due.AddHours(1)));
        api.Apply();
        await RequireOverdueAsync("harbour-2");
    }

    [Theory]
    [InlineData("h123", "harbour-1")]
    [InlineData("粤·H 12345", "harbour-1")]
    [InlineData("URBAN-2", "urban-2")]
    [InlineData("li na", "urban-2")]
    [InlineData("陈伟", "harbour-1")]
    [InlineData("yellow", "urban-2,harbour-1")]
    [InlineData("1 粤", "")]
    [InlineData("100%", "")]
    [InlineData("\"or\"", "")]
    public async Task Text_is_found_in_ids_subjects_and_names_of_persons(string q, string expected)
    {
        Show(Rows.Case("harbour-1") with { WorkOrders = [Rows.WorkOrder("harbour-1") with { Assignee = "陈伟" }] }, Rows.WorkOrder("harbour-1") with { Assignee = "陈伟" });
        WorkOrderRow taken = Rows.WorkOrder("urban-2", subject: "湘A99999-yellow") with { AcceptedBy = "Li Na" };
        Show(Rows.Case("urban-2", subject: "湘A99999-yellow") with { WorkOrders = [taken] }, taken);
        api.Apply();
        string[] ids = expected.Length == 0 ? [] : expected.Split(',');
        Assert.Equal(ids, (await api.GetAsync($"/api/cases?q={Uri.EscapeDataString(q)}")).Ids);
        Assert.Equal(ids.Select(id => id + "-w1"), (await api.GetAsync($"/api/workorders?q={Uri.EscapeDataString(q)}")).Ids);
    }

    [Fact]
    public async Task A_person_is_found_with_the_work_that_it_has_and_no_longer_with_what_it_gave_away()
    {
        Show(Rows.Case(), Rows.WorkOrder() with { Assignee = "wang" });
        api.Apply();
        Assert.Single((await api.GetAsync("/api/workorders?q=wang")).Ids);
        Show(Rows.Case(), Rows.WorkOrder() with { Assignee = "zhao" });
        api.Apply();
        Assert.Empty((await api.GetAsync("/api/workorders?q=wang")).Ids);
        Assert.Single((await api.GetAsync("/api/workorders?q=zhao")).Ids);
    }

    [Fact]
    public async Task The_soonest_due_stand_first_page_by_page_then_what_has_no_deadline_then_what_is_over()
    {
        Show(Case("late-1", Now.AddHours(-1)), Order("late-1", Now.AddHours(-1)));
        Show(Case("none-1", null), Order("none-1", null));
        Show(Case("over-1", Now.AddHours(-9)) with { State = "closed" }, Order("over-1", Now.AddHours(-9), "completed"));
        Show(Case("later-1", Now.AddHours(9)), Order("later-1", Now.AddHours(9)));
        Show(Case("soon-1", Now.AddHours(1)), Order("soon-1", Now.AddHours(1)));
        Show(Case("over-2", Now.AddHours(-8)) with { State = "archived" }, Order("over-2", Now.AddHours(-8), "returned"));
        Show(Case("soon-2", Now.AddHours(1)), Order("soon-2", Now.AddHours(1)));
        api.Apply();
        string[] all = ["late-1", "soon-2", "soon-1", "later-1", "none-1", "over-2", "over-1"];
        for (int limit = 1; limit <= 8; limit++)
        {
            Assert.Equal(all, await PagesAsync($"/api/cases?order=deadline&limit={limit}"));
            Assert.Equal(all.Select(id => id + "-w1"), await PagesAsync($"/api/workorders?order=deadline&limit={limit}"));
            Assert.Equal(all[..5], await PagesAsync($"/api/cases?order=deadline&open=true&limit={limit}"));
            Assert.Equal(all[5..], await PagesAsync($"/api/cases?order=deadline&open=false&limit={limit}"));
            Assert.Equal(["soon-2", "soon-1"], await PagesAsync($"/api/cases?order=deadline&q=soon&limit={limit}"));
        }

        Assert.Equal((await api.GetAsync("/api/cases")).Ids, (await api.GetAsync("/api/cases?order=newest")).Ids);
    }

    private ManualTime Time => (ManualTime)api.Views.Time;

    private static CaseRow Case(string id, DateTimeOffset? due) => Rows.Case(id) with { Deadline = due, WorkOrders = [Order(id, due)] };

    private static WorkOrderRow Order(string id, DateTimeOffset? due, string state = "issued") => Rows.WorkOrder(id, state: state) with { Deadline = due };

    private void Show(CaseRow found, WorkOrderRow order)
    {
        api.Views.Journal.Show(View.Cases, found.Id, found);
        api.Views.Journal.Show(View.WorkOrders, order.Id, order);
    }

    private async Task RequireOverdueAsync(params string[] cases)
    {
        string[] all = ["harbour-5", "harbour-4", "harbour-3", "harbour-2", "harbour-1"];
        Assert.Equal(cases, (await api.GetAsync("/api/cases?overdue=true")).Ids);
        Assert.Equal(all.Except(cases), (await api.GetAsync("/api/cases?overdue=false")).Ids);
        Assert.Equal(cases.Select(id => id + "-w1"), (await api.GetAsync("/api/workorders?overdue=true")).Ids);
        Assert.Equal(all.Except(cases).Select(id => id + "-w1"), (await api.GetAsync("/api/workorders?overdue=false")).Ids);
    }

    private async Task<List<string>> PagesAsync(string path)
    {
        List<string> ids = [];
        string? next = "";
        while (next is not null)
        {
            ApiBench.Answer page = await api.GetAsync(path + next);
            Assert.Equal(HttpStatusCode.OK, page.Status);
            ids.AddRange(page.Ids);
            next = page.Json.GetProperty("next").GetString() is { } after ? $"&after={after}" : null;
        }

        return ids;
    }
}
