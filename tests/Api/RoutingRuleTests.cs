using System.Net;
using System.Text.Json;
using Streaming.Grains.Rules;
using Streaming.Grains.Turns;
using Streaming.Tests.Views;
using Xunit;

namespace Streaming.Tests.Api;

/// <summary>Rules of the responsibility matrix that the command centre adds while the city runs.</summary>
public sealed class RoutingRuleTests : IAsyncLifetime
{
    private const string Noise = """{"name":"odour","kinds":["odour"],"districts":["harbour"],"lead":"ecology","workflow":"simple"}""";

    private ApiBench api = null!;
    private string centre = "";

    public async Task InitializeAsync()
    {
        api = await ApiBench.StartAsync();
        centre = await api.TokenAsync("chief", "supervisor", Rulebook.CommandCentre);
    }

    public async Task DisposeAsync() => await api.DisposeAsync();

    [Fact]
    public async Task A_rule_that_is_tried_out_shows_the_cases_that_it_would_have_caught_and_changes_nothing()
    {
        ShowCase("harbour-1", "odour", "harbour", Rulebook.CommandCentre);
        ShowCase("harbour-2", "odour", "harbour.pier", Rulebook.CommandCentre);
        ShowCase("north-1", "odour", "north", Rulebook.CommandCentre);
        ShowCase("harbour-3", "smoke", "harbour", Rulebook.CommandCentre);
        ShowCase("harbour-4", "odour", "harbour", "transport");
        api.Apply();

        ApiBench.Answer answer = await AddAsync(centre, Noise, "?dryRun=true");

        Assert.Equal(HttpStatusCode.OK, answer.Status);
        JsonElement trial = answer.Json.GetProperty("trial");
        Assert.Equal((4, 2), (trial.GetProperty("cases").GetInt32(), trial.GetProperty("caught").GetInt32()));
        Assert.Equal(["harbour-1", "harbour-2"], trial.GetProperty("first").EnumerateArray().Select(id => id.GetString()!).Order(StringComparer.Ordinal));
        Assert.Equal(1, api.Host.Rules.Version);
        Assert.Empty((await api.GetAsync("/api/routing-rules")).Json.GetProperty("items").EnumerateArray());
    }

    [Fact]
    public async Task A_rule_is_in_force_with_who_added_it_and_why_until_it_is_taken_back()
    {
        Assert.Equal(Rulebook.CommandCentre, api.Host.Rules.Route("odour", "harbour", 2, null, 0).Lead);

        Assert.Equal(HttpStatusCode.Created, (await AddAsync(centre, Noise)).Status);

        JsonElement listed = Assert.Single((await api.GetAsync("/api/routing-rules")).Json.GetProperty("items").EnumerateArray());
        Assert.Equal(("chief", "six rulings in a month"), (listed.GetProperty("by").GetString(), listed.GetProperty("reason").GetString()));
        RoutingDecision decision = api.Host.Rules.Route("odour", "harbour.pier", 2, null, 0);
        Assert.Equal("ecology", decision.Lead);
        Assert.StartsWith("rule odour, decided by chief: kind odour", decision.Reason, StringComparison.Ordinal);
        Assert.Equal(Rulebook.CommandCentre, api.Host.Rules.Route("odour", "north", 2, null, 0).Lead);
        Assert.Contains(api.Host.Audits, audit => audit.Entry is { Subject: "odour", Reason: "six rulings in a month" });

        Assert.Equal(HttpStatusCode.Conflict, (await AddAsync(centre, Noise)).Status);
        Assert.Equal(HttpStatusCode.NoContent, (await api.SendAsync(HttpMethod.Delete, "/api/routing-rules/odour", centre)).Status);
        Assert.Equal(HttpStatusCode.NotFound, (await api.SendAsync(HttpMethod.Delete, "/api/routing-rules/odour", centre)).Status);
        Assert.Equal(Rulebook.CommandCentre, api.Host.Rules.Route("odour", "harbour", 2, null, 0).Lead);
        Assert.Equal(3, api.Host.Rules.Version);
    }

    [Fact]
    public async Task The_newest_rule_is_asked_first_and_one_whose_lead_returned_the_case_is_passed_over()
    {
        Assert.Equal(HttpStatusCode.Created, (await AddAsync(centre, Noise)).Status);
        Assert.Equal(HttpStatusCode.Created, (await AddAsync(centre, Noise.Replace("\"odour\",\"kinds\"", "\"odour-streets\",\"kinds\"", StringComparison.Ordinal).Replace("ecology", "streets", StringComparison.Ordinal))).Status);

        Assert.Equal("streets", api.Host.Rules.Route("odour", "harbour", 2, null, 0).Lead);
        Assert.Equal("ecology", api.Host.Rules.Route("odour", "harbour", 2, null, 0, "streets").Lead);
    }

    [Theory]
    [InlineData("ecology", "ekology", "ekology")]
    [InlineData("\"simple\"", "\"simpel\"", "simpel")]
    [InlineData("\"harbour\"", "\"harbur\"", "harbur")]
    [InlineData("\"lead\"", "\"leed\"", "Did you mean \\u0022lead\\u0022?")]
    [InlineData("\"name\":\"odour\"", "\"name\":\"Noise\"", "lower-case")]
    public async Task A_rule_that_does_not_hold_is_refused_with_what_is_wrong(string find, string replace, string said)
    {
        ApiBench.Answer answer = await AddAsync(centre, Noise.Replace(find, replace, StringComparison.Ordinal));
        Assert.Equal(HttpStatusCode.BadRequest, answer.Status);
        Assert.Contains(said.Replace("\\u0022", "\"", StringComparison.Ordinal), answer.Json.GetProperty("detail").GetString(), StringComparison.Ordinal);
        Assert.Equal(1, api.Host.Rules.Version);
    }

    [Fact]
    public async Task Nobody_else_adds_one_and_the_name_of_a_rule_of_the_files_is_taken()
    {
        foreach ((string role, string? department, string district) in new[] { ("member", "ecology", "*"), ("member", Rulebook.CommandCentre, "*"), ("supervisor", "ecology", "*"), ("supervisor", Rulebook.CommandCentre, "harbour"), ("operator", null, "*"), ("inspector", null, "*") })
        {
            string token = await api.TokenAsync($"{role}-{department}-{district.TrimEnd('*')}", role, department, district);
            Assert.Equal(HttpStatusCode.Forbidden, (await AddAsync(token, Noise)).Status);
            Assert.Equal(HttpStatusCode.Forbidden, (await api.SendAsync(HttpMethod.Delete, "/api/routing-rules/odour", token)).Status);
        }

        string taken = api.Host.Rules.Routing[0].Name;
        Assert.Equal(HttpStatusCode.Conflict, (await AddAsync(centre, Noise.Replace("\"name\":\"odour\"", $"\"name\":\"{taken}\"", StringComparison.Ordinal))).Status);
        Assert.Equal(HttpStatusCode.BadRequest, (await api.SendAsync(HttpMethod.Post, "/api/routing-rules", centre, $$"""{"rule":{{Noise}}}""")).Status);
        Assert.Equal(HttpStatusCode.BadRequest, (await api.SendAsync(HttpMethod.Post, "/api/routing-rules", centre, """{"reason":"x"}""")).Status);
        Assert.Equal(1, api.Host.Rules.Version);
    }

    private void ShowCase(string id, string kind, string district, string lead) =>
        api.Views.Journal.Show(View.Cases, id, Rows.Case(id, district: district, lead: lead) with { Kind = kind });

    private Task<ApiBench.Answer> AddAsync(string token, string rule, string query = "") =>
        api.SendAsync(HttpMethod.Post, $"/api/routing-rules{query}", token, $$"""{"rule":{{rule}},"reason":"six rulings in a month"}""");
}
