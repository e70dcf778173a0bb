using System.Net;
using System.Text.Json;
using Streaming.Grains.Inputs;
using Streaming.Grains.Messages;
using Streaming.Grains.Rules;
using Streaming.Grains.Turns;
using Streaming.Models.Encoding;
using Streaming.Models.Readings;
using Streaming.Tests.Views;
using Xunit;
using Record = Streaming.Grains.Inputs.Record;

namespace Streaming.Tests.Api;

/// <summary>The scoreboard over HTTP: periods of the city's calendar, who sees what, tables. Rows.At is 2026-11-21 16:15 in the city, a Saturday.</summary>
public sealed class ScoreboardTests : IAsyncLifetime
{
    private const string Day = "?day=2026-11-21";
    private ApiBench api = null!;

    public async Task InitializeAsync() => api = await ApiBench.StartAsync();

    public async Task DisposeAsync() => await api.DisposeAsync();

    [Fact]
    public async Task A_day_counts_what_happened_on_it_in_the_citys_time()
    {
        Handle("harbour-1", "transport", "harbour", Rows.At, "=penalty");
        Handle("harbour-2", "police", "harbour.pier", Rows.At.AddHours(-16.5), "penalty");
        Handle("north-3", "transport", "north", Rows.At.AddHours(-16), "penalty");
        Show("harbour-4", "transport", "harbour", Rows.At);
        api.Apply();

        JsonElement day = (await api.GetAsync("/api/scoreboard" + Day)).Json;
        Assert.Equal(("2026-11-21", "2026-11-21"), (day.GetProperty("period").GetProperty("from").GetString(), day.GetProperty("period").GetProperty("to").GetString()));
        JsonElement total = day.GetProperty("total");

        // 16:15 less 16 h is 00:15 of the day, less 16.5 h is 23:45 of the evening before, and that was completed an hour later.
        Assert.Equal((3, 2, 3), (total.GetProperty("received").GetInt32(), total.GetProperty("accepted").GetInt32(), total.GetProperty("completed").GetInt32()));
        Assert.Equal((1, 3, 1), (total.GetProperty("openNow").GetInt32(), total.GetProperty("inTime").GetInt32(), Line(day, "transport").GetProperty("outcomes")[0].GetProperty("count").GetInt32()));
        Assert.Equal((10.0, 60.0), (total.GetProperty("medianAcceptMinutes").GetDouble(), total.GetProperty("medianHandleMinutes").GetDouble()));
        Assert.True(Line(day, "transport").TryGetProperty("name", out _));

        JsonElement week = (await api.GetAsync("/api/scoreboard?period=week&day=2026-11-21&groupBy=district")).Json;
        Assert.Equal(("2026-11-16", "2026-11-22", 4), (week.GetProperty("period").GetProperty("from").GetString(), week.GetProperty("period").GetProperty("to").GetString(), week.GetProperty("total").GetProperty("received").GetInt32()));
        Assert.Equal(["harbour", "harbour.pier", "north"], week.GetProperty("items").EnumerateArray().Select(line => line.GetProperty("key").GetString()!));
        JsonElement month = (await api.GetAsync("/api/scoreboard?period=month&day=2026-11-03&groupBy=province")).Json;
        Assert.Equal(("2026-11-30", "粤"), (month.GetProperty("period").GetProperty("to").GetString(), month.GetProperty("items")[0].GetProperty("key").GetString()));
        Assert.Equal(0, (await api.GetAsync("/api/scoreboard?from=2026-11-22&to=2026-11-23")).Json.GetProperty("total").GetProperty("received").GetInt32());
    }

    [Fact]
    public async Task A_completion_is_hasty_without_a_look_and_a_look_of_the_own_department_makes_it_good()
    {
        Handle("harbour-1", "transport", "harbour", Rows.At, "penalty");
        Handle("harbour-2", "transport", "harbour", Rows.At, "penalty", looks: "transport");
        Handle("harbour-3", "transport", "harbour", Rows.At, "penalty", looks: "police");
        api.Apply();
        Assert.Equal(2, (await api.GetAsync("/api/scoreboard" + Day)).Json.GetProperty("total").GetProperty("hasty").GetInt32());
    }

    [Fact]
    public async Task Everybody_sees_their_own_and_persons_only_who_supervises_them()
    {
        Handle("harbour-1", "transport", "harbour", Rows.At, "penalty");
        Handle("harbour-2", "police", "harbour", Rows.At, "penalty");
        Handle("north-3", "transport", "north", Rows.At, "penalty");
        api.Apply();
        string member = await api.TokenAsync("desk", "member", "transport");
        string inNorth = await api.TokenAsync("north-eye", "inspector", null, "north");
        string chief = await api.TokenAsync("chief", "supervisor", "transport", "harbour");

        JsonElement own = (await api.GetAsync("/api/scoreboard" + Day, member)).Json;
        Assert.Equal(("transport", 2), (Assert.Single(own.GetProperty("items").EnumerateArray()).GetProperty("key").GetString(), own.GetProperty("total").GetProperty("received").GetInt32()));
        Assert.Equal(1, (await api.GetAsync("/api/scoreboard" + Day, inNorth)).Json.GetProperty("total").GetProperty("received").GetInt32());
        Assert.Equal(HttpStatusCode.Forbidden, (await api.GetAsync("/api/scoreboard?department=police", member)).Status);
        Assert.Equal(HttpStatusCode.Forbidden, (await api.GetAsync("/api/scoreboard?district=harbour", inNorth)).Status);

        ApiBench.Answer refused = await api.GetAsync("/api/scoreboard" + Day + "&groupBy=person", member);
        Assert.Equal(HttpStatusCode.Forbidden, refused.Status);
        Assert.DoesNotContain("li-", refused.Text, StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.Forbidden, (await api.GetAsync("/api/scoreboard?groupBy=person", await api.TokenAsync("op", "operator"))).Status);
        JsonElement persons = (await api.GetAsync("/api/scoreboard" + Day + "&groupBy=person", chief)).Json;
        Assert.Equal(["li-harbour-1"], persons.GetProperty("items").EnumerateArray().Where(line => line.TryGetProperty("key", out _)).Select(line => line.GetProperty("key").GetString()!));
        Assert.Contains(api.Host.Audits, audit => audit.Entry is { Act: "look", SubjectKind: "scoreboard", Who: "chief" });
    }

    [Fact]
    public async Task A_table_opens_in_a_spreadsheet_and_holds_no_formula()
    {
        Handle("harbour-1", "transport", "harbour", Rows.At, "=cmd()", person: "=1+1");
        api.Apply();
        ApiBench.Answer table = await api.GetAsync("/api/scoreboard" + Day + "&groupBy=person&format=csv");
        Assert.Equal("text/csv", table.ContentType);
        string[] lines = table.Text.TrimStart('\uFEFF').Split("\r\n", StringSplitOptions.RemoveEmptyEntries);
        Assert.StartsWith("person,nameEn,nameZh,department,received,", lines[0], StringComparison.Ordinal);
        Assert.Contains(lines, line => line.StartsWith("'=1+1,,,transport,", StringComparison.Ordinal) && line.EndsWith(",'=cmd(): 1", StringComparison.Ordinal));
        Assert.StartsWith("total,", lines[^1], StringComparison.Ordinal);
        Assert.All(lines, line => Assert.Equal(lines[0].Split(',').Length, line.Split(',').Length));
    }

    [Theory]
    [InlineData("?period=year", "period")]
    [InlineData("?day=21.11.2026", "day")]
    [InlineData("?from=2026-01-01&to=2027-12-31", "from")]
    [InlineData("?to=2026-01-01", "from")]
    [InlineData("?from=2026-01-01&period=day", "period")]
    [InlineData("?groupBy=colour", "groupBy")]
    [InlineData("?table=all", "table")]
    [InlineData("?nonsense=1", "nonsense")]
    public async Task What_does_not_make_sense_is_refused_with_its_field(string query, string field)
    {
        ApiBench.Answer answer = await api.GetAsync("/api/scoreboard" + query);
        Assert.Equal((HttpStatusCode.BadRequest, field), (answer.Status, answer.Field));
    }

    [Fact]
    public async Task Precision_is_of_closed_cases_whose_outcome_says_whether_it_was_so()
    {
        OutcomeCode found = api.Host.Rules.Outcomes.First(outcome => outcome.Found == true);
        OutcomeCode notFound = api.Host.Rules.Outcomes.First(outcome => outcome.Found == false);
        OutcomeCode silent = api.Host.Rules.Outcomes.First(outcome => outcome.Found is null);
        for (int i = 0; i < 5; i++)
        {
            CaseRow row = Rows.Case($"harbour-{i}");
            api.Views.Journal.Show(View.Cases, row.Id, row);
            api.Views.Journal.Show(View.Cases, row.Id, row with { State = "closed", Closed = Rows.At, Outcome = (i < 3 ? found : i == 3 ? notFound : silent).Code });
        }

        api.Apply();
        JsonElement precision = (await api.GetAsync("/api/scoreboard" + Day + "&table=precision")).Json;
        JsonElement kind = precision.GetProperty("items")[0];
        Assert.Equal(("over-road-limit", 5, 3, 1, 0.75), (kind.GetProperty("kind").GetString(), kind.GetProperty("closed").GetInt32(), kind.GetProperty("found").GetInt32(), kind.GetProperty("notFound").GetInt32(), kind.GetProperty("precision").GetDouble()));
        Assert.Equal("S07", precision.GetProperty("items")[2].GetProperty("station").GetString());

        // Opened again, it is not closed, and what was found is open too.
        api.Views.Journal.Show(View.Cases, "harbour-0", Rows.Case("harbour-0") with { Reopened = 1 });
        api.Apply();
        Assert.Equal(4, (await api.GetAsync("/api/scoreboard" + Day + "&table=precision")).Json.GetProperty("items")[0].GetProperty("closed").GetInt32());
    }

    [Fact]
    public async Task Overloads_of_a_station_stand_beside_those_of_the_same_day_a_year_before()
    {
        Weigh("S07", Rows.At, 20);
        Weigh("S07", Rows.At.AddYears(-1), 10);
        Over(1, Rows.At);
        Over(2, Rows.At);
        api.Views.Journal.Show(View.Warnings, "w2", Rows.Warning(number: 2, count: 2));
        api.Views.Journal.Show(View.Warnings, "w2", Rows.Warning(number: 2, count: 2, open: false));
        Over(3, Rows.At.AddYears(-1));
        api.Apply();
        JsonElement line = Assert.Single((await api.GetAsync("/api/scoreboard" + Day + "&table=overload")).Json.GetProperty("items").EnumerateArray());
        Assert.Equal(("S07", 20, 3, 15.0), (line.GetProperty("station").GetString(), line.GetProperty("weighings").GetInt32(), line.GetProperty("over").GetInt32(), line.GetProperty("overPct").GetDouble()));
        Assert.Equal((10, 1, 10.0, 50.0), (line.GetProperty("lastYearWeighings").GetInt32(), line.GetProperty("lastYearOver").GetInt32(), line.GetProperty("lastYearOverPct").GetDouble(), line.GetProperty("changePct").GetDouble()));
        ApiBench.Answer table = await api.GetAsync("/api/scoreboard" + Day + "&table=overload&format=csv");
        Assert.Contains("S07,harbour,,20,3,15,10,1,10,50", table.Text, StringComparison.Ordinal);
    }

    private static JsonElement Line(JsonElement answer, string key) => answer.GetProperty("items").EnumerateArray().Single(line => line.GetProperty("key").GetString() == key);

    private WorkOrderRow Show(string id, string department, string district, DateTimeOffset issued)
    {
        WorkOrderRow order = Rows.WorkOrder(id, 1, department, district) with { Issued = issued, Deadline = issued.AddHours(48), Province = "粤" };
        api.Views.Journal.Show(View.WorkOrders, order.Id, order);
        return order;
    }

    /// <summary>Issued, accepted after ten minutes, completed after an hour.</summary>
    private void Handle(string id, string department, string district, DateTimeOffset issued, string outcome, string? looks = null, string? person = null)
    {
        WorkOrderRow order = Show(id, department, district, issued);
        WorkOrderRow accepted = order with { State = "accepted", AcceptedBy = person ?? $"li-{id}", Accepted = issued.AddMinutes(10) };
        api.Views.Journal.Show(View.WorkOrders, order.Id, accepted);
        if (looks is not null)
        {
            api.Views.Journal.Show(View.Audit, $"{id}", new AuditEntry("li", "member", looks, "*", "look", "GET", "/api/cases/{id}") { Subject = id, SubjectKind = "case", Status = 200, At = Rows.At });
        }

        api.Views.Journal.Show(View.WorkOrders, order.Id, accepted with { State = "completed", Outcome = outcome, Finished = issued.AddHours(1), FinishedBy = person ?? $"li-{id}" });
    }

    private void Over(int number, DateTimeOffset at)
    {
        Warning warning = Rows.Warning(number: number);
        api.Views.Journal.Show(View.Warnings, $"w{number}", warning with { Evidence = warning.Evidence with { Readings = [new CitedReading("S07", $"r{number}", at)] } });
    }

    private void Weigh(string station, DateTimeOffset at, int count) => api.Views.Journal.Append(writer =>
    {
        int start = Record.Begin(writer, InputKind.Publish, 3);
        new Origin { Source = System.Text.Encoding.UTF8.GetBytes(station), District = "harbour"u8, AccuracyHundredthPct = 500 }.Write(writer);
        writer.WriteText("v1/wim/S07/1");
        writer.WriteBytes("[]"u8);
        writer.WriteInt32(count);
        writer.WriteInt32(0);
        for (int i = 0; i < count; i++)
        {
            int element = ReadingElement.Begin(writer, ReadingKind.Weigh, ActorKind.Vehicle, "粤H12345-yellow"u8, new ReadingHeader(at.ToUnixTimeMilliseconds(), 0, "r"u8));
            ReadingElement.End(writer, element);
        }

        Record.End(writer, start);
    });
}
