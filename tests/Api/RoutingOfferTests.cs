using System.Net;
using System.Text.Json;
using Streaming.Grains.Messages;
using Streaming.Grains.Rules;
using Streaming.Grains.Turns;
using Streaming.Tests.Views;
using Xunit;

namespace Streaming.Tests.Api;

/// <summary>Rulings of the command centre that are offered as rules.</summary>
public sealed class RoutingOfferTests : IAsyncLifetime
{
    private ApiBench api = null!;
    private string centre = "";

    public async Task InitializeAsync()
    {
        api = await ApiBench.StartAsync();
        centre = await api.TokenAsync("chief", "supervisor", Rulebook.CommandCentre);
    }

    public async Task DisposeAsync() => await api.DisposeAsync();

    [Fact]
    public async Task Rulings_that_say_the_same_are_one_offer_and_those_ruled_most_often_come_first()
    {
        Ruled("harbour-1", "odour", "harbour", "ecology", severity: 3);
        Ruled("harbour-2", "odour", "harbour", "ecology", severity: 2);
        Ruled("harbour-3", "odour", "harbour", "streets", why: "disputed", coHandlers: ["ecology"]);
        Ruled("north-4", "odour", "north", "ecology", why: "returned");
        Ruled("north-5", "odour", "north", "ecology", subject: "湘A00001-blue");
        api.Views.Journal.Show(View.Cases, "harbour-6", Rows.Case("harbour-6", lead: Rulebook.CommandCentre) with { Kind = "odour" });
        api.Apply();

        JsonElement[] offers = await OffersAsync();
        Assert.Equal([2, 1, 1, 1], offers.Select(offer => offer.GetProperty("rulings").GetInt32()));
        JsonElement rule = offers[0].GetProperty("rule");
        Assert.Equal(("ecology", 2, "odour", "harbour", "local"), (rule.GetProperty("lead").GetString(), rule.GetProperty("minSeverity").GetInt32(), rule.GetProperty("kinds")[0].GetString(), rule.GetProperty("districts")[0].GetString(), rule.GetProperty("homeProvinces")[0].GetString()));
        Assert.Equal(2, offers[0].GetProperty("why").GetProperty("unmatched").GetInt32());

        // Four of the harbour's cases came to the centre: two of this ruling, one of another, and one that nobody ruled on.
        Assert.Equal((6, 4), (offers[0].GetProperty("trial").GetProperty("cases").GetInt32(), offers[0].GetProperty("trial").GetProperty("caught").GetInt32()));
        Assert.Contains(offers, offer => offer.GetProperty("rule").GetProperty("homeProvinces")[0].GetString() == "other");
        Assert.Contains(offers, offer => offer.GetProperty("rule").GetProperty("coHandlers").EnumerateArray().Select(each => each.GetString()).SequenceEqual(["ecology"]));
    }

    [Fact]
    public async Task An_accepted_offer_is_a_rule_in_force_and_is_not_offered_again()
    {
        Ruled("harbour-1", "odour", "harbour", "ecology");
        api.Apply();
        string id = (await OffersAsync())[0].GetProperty("id").GetString()!;
        Assert.Equal(HttpStatusCode.BadRequest, (await api.PostAsync($"/api/routing-rules/offers/{id}/accept", "{}", centre)).Status);
        ApiBench.Answer accepted = await api.PostAsync($"/api/routing-rules/offers/{id}/accept", """{"reason":"always theirs","name":"harbour-odour"}""", centre);
        Assert.True(accepted.Status == HttpStatusCode.Created, accepted.Text);
        DecidedRule decided = Assert.Single(api.Host.Rules.Decisions.Routing);
        Assert.Equal(("harbour-odour", "chief", "always theirs", "ecology"), (decided.Rule.Name, decided.By, decided.Reason, decided.Rule.Lead));
        Assert.Equal("ecology", api.Host.Rules.Route("odour", "harbour.pier", 3, "粤", 0).Lead);
        Assert.Empty(await OffersAsync());
        Assert.Equal(HttpStatusCode.NotFound, (await api.PostAsync($"/api/routing-rules/offers/{id}/accept", """{"reason":"again"}""", centre)).Status);
        Assert.Contains(api.Host.Audits, audit => audit.Entry is { Act: "change", Reason: "always theirs" });
    }

    [Fact]
    public async Task A_dismissed_offer_stays_away_and_the_rulebook_says_who_dismissed_it_and_why()
    {
        Ruled("harbour-1", "odour", "harbour", "ecology");
        api.Apply();
        string id = (await OffersAsync())[0].GetProperty("id").GetString()!;
        Assert.Equal(HttpStatusCode.NoContent, (await api.PostAsync($"/api/routing-rules/offers/{id}/dismiss", """{"reason":"a single fair"}""", centre)).Status);
        DismissedOffer dismissed = Assert.Single(Rulebook.Parse(api.Host.Rules.ToJson()).Decisions.DismissedOffers);
        Assert.Equal((id, "chief", "a single fair"), (dismissed.Offer, dismissed.By, dismissed.Reason));
        Assert.Empty(await OffersAsync());

        // A ruling of the same that comes later is the same offer.
        Ruled("harbour-2", "odour", "harbour", "ecology");
        api.Apply();
        Assert.Empty(await OffersAsync());
        Assert.Contains(api.Host.Audits, audit => audit.Entry is { Subject: { } subject, Reason: "a single fair" } && subject == id);
    }

    [Fact]
    public async Task Nobody_else_sees_or_settles_offers()
    {
        Ruled("harbour-1", "odour", "harbour", "ecology");
        api.Apply();
        string id = (await OffersAsync())[0].GetProperty("id").GetString()!;
        foreach ((string role, string? department, string district) in new[] { ("member", "ecology", "*"), ("member", Rulebook.CommandCentre, "*"), ("supervisor", "ecology", "*"), ("supervisor", Rulebook.CommandCentre, "harbour"), ("operator", null, "*") })
        {
            string token = await api.TokenAsync($"{role}-{department}-{district.TrimEnd('*')}", role, department, district);
            Assert.Equal(HttpStatusCode.Forbidden, (await api.GetAsync("/api/routing-rules/offers", token)).Status);
            Assert.Equal(HttpStatusCode.Forbidden, (await api.PostAsync($"/api/routing-rules/offers/{id}/accept", """{"reason":"x"}""", token)).Status);
            Assert.Equal(HttpStatusCode.Forbidden, (await api.PostAsync($"/api/routing-rules/offers/{id}/dismiss", """{"reason":"x"}""", token)).Status);
        }

        string inspector = await api.TokenAsync("inspector", "inspector");
        Assert.Equal(HttpStatusCode.OK, (await api.GetAsync("/api/routing-rules/offers", inspector)).Status);
        Assert.Equal(HttpStatusCode.Forbidden, (await api.PostAsync($"/api/routing-rules/offers/{id}/dismiss", """{"reason":"x"}""", inspector)).Status);
        Assert.Equal(1, api.Host.Rules.Version);
    }

    private async Task<JsonElement[]> OffersAsync()
    {
        ApiBench.Answer answer = await api.GetAsync("/api/routing-rules/offers", centre);
        Assert.True(answer.Status == HttpStatusCode.OK, answer.Text);
        return [.. answer.Json.GetProperty("items").EnumerateArray()];
    }

    private void Ruled(string id, string kind, string district, string lead, string why = "unmatched", int severity = 3, string[]? coHandlers = null, string subject = "粤H12345-yellow") =>
        api.Views.Journal.Show(View.Cases, id, Rows.Case(id, district: district, lead: lead, departments: [Rulebook.CommandCentre, lead], subject: subject, kind: kind) with
        {
            Severity = severity,
            Workflow = Rulebook.SimpleWorkflow,
            Ruling = new CaseRuling(why, "chief", Rows.At, lead, coHandlers ?? []),
        });
}
