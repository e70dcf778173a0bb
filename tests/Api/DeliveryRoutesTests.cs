using System.Net;
using System.Text.Json;
using Streaming.Grains.Messages;
using Streaming.Grains.Rules;
using Streaming.Grains.Turns;
using Xunit;

namespace Streaming.Tests.Api;

/// <summary>Who may silence warnings and register webhooks, and what of it is refused.</summary>
public sealed class DeliveryRoutesTests : IAsyncLifetime
{
    private ApiBench api = null!;
    private string until = "";

    public async Task InitializeAsync()
    {
        api = await ApiBench.StartAsync();
        until = api.Views.Time.GetUtcNow().AddDays(1).ToString("O");
    }

    public async Task DisposeAsync() => await api.DisposeAsync();

    [Fact]
    public async Task A_silence_says_who_began_it_why_and_until_when_and_is_begun_once_with_the_same_key()
    {
        string chief = await api.TokenAsync("chief", "supervisor", Rulebook.CommandCentre);
        string body = $$"""{"kinds":["source-*"],"district":"harbour","until":"{{until}}","reason":"施工断电","key":"k1"}""";
        ApiBench.Answer first = await api.PostAsync("/api/silences", body, chief);
        Assert.True(first.Status == HttpStatusCode.Created, first.Text);
        ApiBench.Answer again = await api.PostAsync("/api/silences", body, chief);
        Assert.Equal(first.Json.GetProperty("silence").GetProperty("id").GetString(), again.Json.GetProperty("silence").GetProperty("id").GetString());
        Silence made = Assert.Single(api.Host.Rules.Decisions.Silences);
        Assert.Equal(("chief", "施工断电", "harbour", null, false), (made.By, made.Reason, made.District, made.Department, made.Gravest));
        Assert.Equal("s2", made.Id);

        Assert.Equal(HttpStatusCode.NotFound, (await api.SendAsync(HttpMethod.Delete, "/api/silences/s9", chief, null)).Status);
        Assert.Equal(HttpStatusCode.OK, (await api.SendAsync(HttpMethod.Delete, "/api/silences/s2?reason=back", chief, null)).Status);
        made = Assert.Single(api.Host.Rules.Decisions.Silences);
        Assert.Equal(("chief", "back"), (made.EndedBy, made.EndReason));
        Assert.Contains(api.Host.Commands, command => command is { Kind: ActorKind.Dispatcher, Key: "harbour", Message: MessageKind.LookAtHeld });
        DateTimeOffset ended = made.Ended!.Value;
        Assert.Equal(HttpStatusCode.OK, (await api.SendAsync(HttpMethod.Delete, "/api/silences/s2", chief, null)).Status);
        Assert.Equal(ended, Assert.Single(api.Host.Rules.Decisions.Silences).Ended);
    }

    [Theory]
    [InlineData("""{"kinds":["smoke"],"until":"UNTIL"}""", "reason")]
    [InlineData("""{"kinds":["smoke"],"reason":"x"}""", "until")]
    [InlineData("""{"kinds":["smoke"],"reason":"x","until":"2126-01-01T00:00:00Z"}""", "until")]
    [InlineData("""{"kinds":["smoke"],"reason":"x","until":"2020-01-01T00:00:00Z"}""", "until")]
    [InlineData("""{"kinds":["s*e"],"reason":"x","until":"UNTIL"}""", "kinds")]
    [InlineData("""{"kinds":["smoke"],"district":"nowhere","reason":"x","until":"UNTIL"}""", "district")]
    public async Task A_silence_without_reason_or_end_or_with_a_part_that_fits_nothing_is_refused(string body, string field)
    {
        ApiBench.Answer answer = await api.PostAsync("/api/silences", body.Replace("UNTIL", until, StringComparison.Ordinal));
        Assert.Equal((HttpStatusCode.BadRequest, field), (answer.Status, answer.Json.GetProperty("field").GetString()));
        Assert.Empty(api.Host.Rules.Decisions.Silences);
    }

    [Theory]
    [InlineData("member", "transport", "*", """{"kinds":["smoke"]}""", false)]
    [InlineData("operator", null, "*", """{"kinds":["smoke"]}""", false)]
    [InlineData("inspector", null, "*", """{"kinds":["smoke"]}""", false)]
    [InlineData("supervisor", "transport", "harbour", """{"kinds":["smoke"]}""", true)]
    [InlineData("supervisor", "transport", "harbour", """{"kinds":["smoke"],"district":"north"}""", false)]
    [InlineData("supervisor", "transport", "harbour", """{"district":"harbour"}""", false)]
    [InlineData("supervisor", "transport", "harbour", """{"kinds":["smoke"],"gravest":true}""", false)]
    [InlineData("supervisor", "command-centre", "*", """{"kinds":["smoke"],"gravest":true}""", true)]
    [InlineData("supervisor", "command-centre", "*", """{"district":"harbour"}""", true)]
    public async Task Supervisors_silence_what_is_theirs_and_the_centre_what_is_graver(string role, string? department, string district, string part, bool may)
    {
        string token = await api.TokenAsync("who", role, department, district);
        ApiBench.Answer answer = await api.PostAsync("/api/silences", $$"""{{part[..^1]}},"reason":"x","until":"{{until}}"}""", token);
        Assert.True(answer.Status == (may ? HttpStatusCode.Created : HttpStatusCode.Forbidden), $"{answer.Status}: {answer.Text}");
        if (may && department == "transport")
        {
            Assert.Equal(("transport", "harbour"), (api.Host.Rules.Decisions.Silences[0].Department, api.Host.Rules.Decisions.Silences[0].District));
            string other = await api.TokenAsync("other", "supervisor", "ecology");
            Assert.Empty((await api.GetAsync("/api/silences", other)).Json.GetProperty("items").EnumerateArray());
            Assert.Equal(HttpStatusCode.NotFound, (await api.SendAsync(HttpMethod.Delete, "/api/silences/s2", other, null)).Status);
        }
    }

    [Theory]
    [InlineData("""{"url":"http://r.example/x","department":"transport"}""", "url")]
    [InlineData("""{"url":"https://127.0.0.1/x","department":"transport"}""", "url")]
    [InlineData("""{"url":"https://[::1]/x","department":"transport"}""", "url")]
    [InlineData("""{"url":"https://[::ffff:10.0.0.1]/x","department":"transport"}""", "url")]
    [InlineData("""{"url":"https://me:secret@r.example/x","department":"transport"}""", "url")]
    [InlineData("""{"url":"ftp://r.example/x","department":"transport"}""", "url")]
    [InlineData("""{"url":"https://r.example/x","department":"nobody"}""", "department")]
    [InlineData("""{"url":"https://r.example/x","department":"transport","types":["nothing"]}""", "types")]
    [InlineData("""{"url":"https://r.example/x","department":"transport","minSeverity":5}""", "minSeverity")]
    public async Task A_webhook_that_cannot_be_is_refused_with_its_field(string body, string field)
    {
        ApiBench.Answer answer = await api.PostAsync("/api/webhooks", body);
        Assert.Equal((HttpStatusCode.BadRequest, field), (answer.Status, answer.Json.GetProperty("field").GetString()));
    }

    [Theory]
    [InlineData("member", "transport", "*", "transport", "*", false)]
    [InlineData("inspector", "transport", "*", "transport", "*", false)]
    [InlineData("supervisor", "transport", "harbour", "transport", "harbour", true)]
    [InlineData("supervisor", "transport", "harbour", "transport", "*", false)]
    [InlineData("supervisor", "transport", "*", "ecology", "*", false)]
    [InlineData("administrator", null, "*", "ecology", "north", true)]
    public async Task A_webhook_is_registered_by_those_whose_feed_it_gets_and_its_secret_is_shown_once(string role, string? own, string within, string department, string district, bool may)
    {
        api.Host.Applied = api.Apply;
        string token = await api.TokenAsync("who", role, own, within);
        ApiBench.Answer answer = await api.PostAsync("/api/webhooks", $$"""{"url":"https://r.example/x","department":"{{department}}","district":"{{district}}"}""", token);
        Assert.True(answer.Status == (may ? HttpStatusCode.Created : HttpStatusCode.Forbidden), $"{answer.Status}: {answer.Text}");
        if (may)
        {
            string secret = answer.Json.GetProperty("secret").GetString()!;
            Assert.True(secret.Length > 40);
            Assert.DoesNotContain(api.Host.Commands, command => command.Body.Contains(secret, StringComparison.Ordinal));
        }
    }
}
