using System.Net;
using System.Text;
using System.Text.Json;
using Streaming.Silo.Host;
using Xunit;

namespace Streaming.Tests.EndToEnd;

/// <summary>Reports through the real process and its disk: two of one event meet, a person splits them, and the process is killed on the way.</summary>
public sealed class ReportProcessTests
{
    public static TheoryData<string> HostNames => [.. Hosts.BuiltIn.Select(Hosts.Name)];

    [Theory]
    [MemberData(nameof(HostNames))]
    public async Task Reports_of_one_event_meet_through_a_kill_and_are_split_merged_and_called_back(string host)
    {
        await using SiloProcess silo = new();
        await silo.StartAsync("--host", host);
        (HttpStatusCode status, JsonElement first) = await PostAsync(silo, "/api/reports", Report("H-1", "人民路12号有人摆摊卖水果，占了人行道", 23.1));
        Assert.Equal((HttpStatusCode.Created, "harbour-1"), (status, first.GetProperty("case").GetString()));

        // What was answered is there after a kill, and so is what later reports are compared with.
        silo.Kill();
        await silo.StartAsync("--host", host);
        (status, JsonElement again) = await PostAsync(silo, "/api/reports", Report("H-1", "人民路12号有人摆摊卖水果，占了人行道", 23.1));
        Assert.Equal((HttpStatusCode.OK, first.GetProperty("id").GetString()), (status, again.GetProperty("id").GetString()));
        (status, JsonElement second) = await PostAsync(silo, "/api/reports", Report("H-2", "A fruit stall is taking up the sidewalk near 12 Renmin Road", 23.1003));
        Assert.Equal((HttpStatusCode.Created, "harbour-1"), (status, second.GetProperty("case").GetString()));
        Assert.StartsWith("same kind, 33 m apart", second.GetProperty("why").GetProperty("en").GetString(), StringComparison.Ordinal);
        (status, _) = await PostAsync(silo, "/api/reports", Report("H-2", "something else", 23.1));
        Assert.Equal(HttpStatusCode.Conflict, status);

        (status, JsonElement split) = await PostAsync(silo, "/api/cases/harbour-1/split", $$"""{"reports":["{{second.GetProperty("id").GetString()}}"],"reason":"two stalls"}""");
        Assert.Equal((HttpStatusCode.Created, "harbour-2"), (status, split.GetProperty("case").GetString()));
        silo.Kill();
        await silo.StartAsync("--host", host);
        Assert.Equal(2, (await silo.ListUntilAsync("/api/cases", 2)).Count);
        (status, JsonElement merged) = await PostAsync(silo, "/api/cases/harbour-2/merge", """{"into":"harbour-1","reason":"one stall after all"}""");
        Assert.Equal((HttpStatusCode.OK, "closed", "harbour-1"), (status, merged.GetProperty("state").GetString(), merged.GetProperty("mergedInto").GetString()));

        // Closed, both reporters are called back, each for the own report.
        while ((await silo.GetAsync("/api/cases/harbour-1"))!.Value is var row && row.GetProperty("state").GetString() == "open")
        {
            string order = row.GetProperty("workOrders").EnumerateArray().Last(each => each.GetProperty("role").GetString() == "lead").GetProperty("id").GetString()!;
            (status, JsonElement done) = await PostAsync(silo, $"/api/workorders/{order}/complete", """{"outcome":"corrected"}""");
            Assert.True(status == HttpStatusCode.OK, done.GetRawText());
        }

        await CountAsync(silo, "closed", 2);
        Assert.Equal(HttpStatusCode.OK, (await PostAsync(silo, "/api/cases/harbour-1/call-back", $$"""{"outcome":"satisfied","report":"{{first.GetProperty("id").GetString()}}"}""")).Status);
        Assert.Equal(1, (await silo.GetAsync("/api/cases/harbour-1"))!.Value.GetProperty("callBacksDue").GetInt32());
        silo.Kill();
        await silo.StartAsync("--host", host);
        await CountAsync(silo, "closed", 1);
        await CountAsync(silo, "called-back", 1);
    }

    private static async Task CountAsync(SiloProcess silo, string state, int count)
    {
        for (int i = 0; i < 200 && (await silo.ListAsync($"/api/reports?state={state}")).Count != count; i++)
        {
            await Task.Delay(50);
        }

        Assert.Equal(count, (await silo.ListAsync($"/api/reports?state={state}")).Count);
    }

    private static string Report(string reference, string text, double latitude) => FormattableString.Invariant(
        $$"""{"text":"{{text}}","channel":"hotline","reference":"{{reference}}","district":"harbour","place":{"latitude":{{latitude}},"longitude":113.3},"reporter":{"name":"Zhang","contact":"1"} }""");

    private static async Task<(HttpStatusCode Status, JsonElement Body)> PostAsync(SiloProcess silo, string path, string body)
    {
        using StringContent content = new(body, Encoding.UTF8, "application/json");
        using HttpResponseMessage answer = await silo.Http.PostAsync(new Uri(path, UriKind.Relative), content);
        string text = await answer.Content.ReadAsStringAsync();
        return (answer.StatusCode, JsonDocument.Parse(text.Length == 0 ? "{}" : text).RootElement);
    }
}
