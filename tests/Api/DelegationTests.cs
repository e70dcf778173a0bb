using System.Net;
using System.Text;
using System.Text.Json;
using Streaming.Grains.Turns;
using Streaming.Tests.Views;
using Xunit;

namespace Streaming.Tests.Api;

/// <summary>Rights given to another for a time.</summary>
public sealed class DelegationTests : IAsyncLifetime
{
    private readonly ManualTime time = new();
    private ApiBench api = null!;

    public async Task InitializeAsync()
    {
        api = await ApiBench.StartAsync(time);
        foreach (string district in new[] { "harbour", "north" })
        {
            api.Views.Journal.Show(View.Cases, $"{district}-1", Rows.Case($"{district}-1", district: district));
        }

        api.Apply();
    }

    public async Task DisposeAsync() => await api.DisposeAsync();

    [Fact]
    public async Task A_substitute_sees_what_was_given_until_it_ends()
    {
        string desk = await api.TokenAsync("desk", "member", "transport");
        string given = await GiveAsync(desk, "li", TimeSpan.FromHours(8), ",\"district\":\"harbour\"");
        Assert.Equal(["harbour-1"], (await api.GetAsync("/api/cases", given)).Ids);
        Assert.Equal(("desk.li", "member"), (Text(await api.GetAsync("/api/me", given), "name"), Text(await api.GetAsync("/api/me", given), "role")));
        JsonElement row = Assert.Single((await api.GetAsync("/api/delegations", desk)).Json.GetProperty("items").EnumerateArray());
        Assert.Equal(("li", "harbour", "on leave"), (row.GetProperty("to").GetString(), row.GetProperty("district").GetString(), row.GetProperty("reason").GetString()));
        Assert.NotNull((await SignInAsync("desk.li", given)).Token);
        using ApiBench.LiveStream stream = await api.ListenAsync("/api/departments/transport/alerts?district=harbour", given);
        await api.QuietAsync("transport/harbour");

        time.Advance(TimeSpan.FromHours(8));

        Assert.Equal(HttpStatusCode.Unauthorized, (await api.GetAsync("/api/cases", given)).Status);
        Assert.Null((await SignInAsync("desk.li", given)).Token);
        Assert.Empty((await api.GetAsync("/api/delegations", desk)).Json.GetProperty("items").EnumerateArray());
        while ((await stream.NextBlockAsync()).Count > 0)
        {
            // Whatever was still on its way; then the stream ends.
        }
    }

    [Fact]
    public async Task What_was_given_ends_when_it_is_taken_back_and_with_the_token_that_gave_it()
    {
        string desk = await api.TokenAsync("desk", "member", "transport");
        string first = await GiveAsync(desk, "li", TimeSpan.FromDays(1));
        string second = await GiveAsync(desk, "wang", TimeSpan.FromDays(1));
        Assert.Equal(HttpStatusCode.NoContent, (await api.SendAsync(HttpMethod.Delete, "/api/delegations/li", desk)).Status);
        Assert.Equal(HttpStatusCode.Unauthorized, (await api.GetAsync("/api/cases", first)).Status);
        Assert.Equal(HttpStatusCode.OK, (await api.GetAsync("/api/cases", second)).Status);
        Assert.Equal(HttpStatusCode.NotFound, (await api.SendAsync(HttpMethod.Delete, "/api/delegations/li", desk)).Status);

        // Lost and replaced: whoever found it may have given it on. Issued in the same millisecond it would be the same one to everybody.
        time.Advance(TimeSpan.FromSeconds(1));
        await api.TokenAsync("desk", "member", "transport");
        Assert.Equal(HttpStatusCode.Unauthorized, (await api.GetAsync("/api/cases", second)).Status);
    }

    [Theory]
    [InlineData("{\"until\":\"2030-01-01T00:00:00Z\",\"to\":\"li\",\"reason\":\"x\"}", "until")]
    [InlineData("{\"until\":\"2020-01-01T00:00:00Z\",\"to\":\"li\",\"reason\":\"x\"}", "until")]
    [InlineData("{\"to\":\"li\",\"reason\":\"x\"}", "until")]
    [InlineData("{\"until\":\"UNTIL\",\"to\":\"a/b\",\"reason\":\"x\"}", "to")]
    [InlineData("{\"until\":\"UNTIL\",\"to\":\"li\",\"reason\":\" \"}", "reason")]
    [InlineData("{\"until\":\"UNTIL\",\"to\":\"li\",\"reason\":\"x\",\"district\":\"north\"}", "district")]
    [InlineData("{\"until\":\"UNTIL\",\"to\":\"li\",\"reason\":\"x\",\"district\":\"*\"}", "district")]
    [InlineData("{\"until\":\"UNTIL\",\"to\":\"li\",\"reason\":\"x\",\"department\":\"police\"}", "department")]
    [InlineData("{\"until\":\"UNTIL\",\"to\":\"li\",\"reason\":\"x\",\"role\":\"supervisor\"}", "role")]
    public async Task Nobody_gives_more_than_it_has_or_for_longer_than_may_be(string body, string field)
    {
        string desk = await api.TokenAsync("desk", "member", "transport", "harbour");
        ApiBench.Answer answer = await api.PostAsync("/api/delegations", body.Replace("UNTIL", $"{time.GetUtcNow().AddDays(1):O}", StringComparison.Ordinal), desk);

        Assert.Equal((HttpStatusCode.BadRequest, field), (answer.Status, answer.Field));
    }

    [Fact]
    public async Task It_is_not_given_on_nor_by_administrators_and_takes_no_name_that_is_anothers()
    {
        string desk = await api.TokenAsync("desk", "member", "transport");
        string given = await GiveAsync(desk, "li", TimeSpan.FromDays(1));
        string body = Body("wang", TimeSpan.FromHours(1));
        Assert.Equal(HttpStatusCode.Forbidden, (await api.PostAsync("/api/delegations", body, given)).Status);
        Assert.Equal(HttpStatusCode.Forbidden, (await api.PostAsync("/api/delegations", body)).Status);

        await api.TokenAsync("desk.wang", "supervisor");
        Assert.Equal(HttpStatusCode.Conflict, (await api.PostAsync("/api/delegations", body, desk)).Status);

        // The same substitute again is another token in place of the first.
        string again = await GiveAsync(desk, "li", TimeSpan.FromDays(2));
        Assert.Equal(HttpStatusCode.Unauthorized, (await api.GetAsync("/api/cases", given)).Status);
        Assert.Equal(HttpStatusCode.OK, (await api.GetAsync("/api/cases", again)).Status);

        for (int i = 1; i < Silo.Api.ApiLimits.Delegations; i++)
        {
            await GiveAsync(desk, $"s{i}", TimeSpan.FromDays(1));
        }

        Assert.Equal(HttpStatusCode.Conflict, (await api.PostAsync("/api/delegations", Body("one-more", TimeSpan.FromDays(1)), desk)).Status);

        // Those that have ended make room again, though not for names without end.
        for (int i = Silo.Api.ApiLimits.Delegations; i < Silo.Api.ApiLimits.DelegationNames; i++)
        {
            time.Advance(i % Silo.Api.ApiLimits.Delegations == 0 ? TimeSpan.FromDays(3) : TimeSpan.Zero);
            await GiveAsync(desk, $"t{i}", TimeSpan.FromDays(1));
        }

        time.Advance(TimeSpan.FromDays(3));
        Assert.Equal(HttpStatusCode.Conflict, (await api.PostAsync("/api/delegations", Body("one-more", TimeSpan.FromDays(1)), desk)).Status);
        await GiveAsync(desk, "li", TimeSpan.FromDays(1));
    }

    private static string Text(ApiBench.Answer answer, string name) => answer.Json.GetProperty(name).GetString()!;

    private string Body(string to, TimeSpan duration, string more = "") => $"{{\"to\":\"{to}\",\"until\":\"{time.GetUtcNow() + duration:O}\",\"reason\":\"on leave\"{more}}}";

    private async Task<string> GiveAsync(string token, string to, TimeSpan duration, string more = "")
    {
        ApiBench.Answer answer = await api.PostAsync("/api/delegations", Body(to, duration, more), token);
        Assert.True(answer.Status == HttpStatusCode.Created, answer.Text);
        return Text(answer, "token");
    }

    private async Task<Ingest.Admission> SignInAsync(string name, string token) => await api.Views.Access.AuthenticateAsync(name, Encoding.UTF8.GetBytes(token), IPAddress.Loopback, CancellationToken.None);
}
