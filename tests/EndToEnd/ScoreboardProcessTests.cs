using System.Net;
using System.Text;
using System.Text.Json;
using Streaming.Silo.Cli;
using Streaming.Silo.Host;
using Xunit;

namespace Streaming.Tests.EndToEnd;

/// <summary>Cases that are worked through in a real process: the scoreboard of the lists, the same after a kill, and the same from the journal alone.</summary>
public sealed class ScoreboardProcessTests
{
    public static TheoryData<string> HostNames => [.. Hosts.BuiltIn.Select(Hosts.Name)];

    [Theory]
    [MemberData(nameof(HostNames))]
    public async Task The_scoreboard_is_the_same_after_a_kill_and_from_the_journal_alone(string host)
    {
        await using SiloProcess silo = new();
        await silo.StartAsync("--host", host);
        await silo.RegisterStationAsync("S07");
        for (int i = 1; i <= 3; i++)
        {
            await WeighAsync(silo, $"粤H0000{i}");
        }

        JsonElement[] orders = [.. await silo.ListUntilAsync("/api/workorders?department=transport", 3)];
        await ActAsync(silo, orders[0], "accept", "{}");
        await ActAsync(silo, orders[0], "complete", """{"outcome":"confirmed"}""");
        await ActAsync(silo, orders[1], "return", """{"note":"not ours"}""");

        JsonElement before = await ScoreboardAsync(silo);
        JsonElement total = before.GetProperty("total");
        Assert.Equal((1, 1, 1), (total.GetProperty("accepted").GetInt32(), total.GetProperty("completed").GetInt32(), total.GetProperty("returned").GetInt32()));
        Assert.True(total.GetProperty("received").GetInt32() >= 4, total.GetRawText());
        Assert.Equal(3, total.GetProperty("casesOpened").GetInt32());
        JsonElement overload = Parse(await silo.Http.GetStringAsync(new Uri("/api/scoreboard?period=month&table=overload", UriKind.Relative))).GetProperty("items")[0];
        Assert.Equal((3, 3), (overload.GetProperty("weighings").GetInt32(), overload.GetProperty("over").GetInt32()));

        silo.Kill();
        await silo.StartAsync("--host", host);
        Assert.Equal(before.GetProperty("total").GetRawText(), (await ScoreboardAsync(silo)).GetProperty("total").GetRawText());
        Assert.Equal(before.GetProperty("items").GetRawText(), (await ScoreboardAsync(silo)).GetProperty("items").GetRawText());

        using HttpRequestMessage asked = new(HttpMethod.Get, new Uri("/api/scoreboard?period=month", UriKind.Relative));
        asked.Headers.Accept.ParseAdd("text/csv");
        using HttpResponseMessage table = await silo.Http.SendAsync(asked);
        Assert.Equal((HttpStatusCode.OK, "text/csv"), (table.StatusCode, table.Content.Headers.ContentType?.MediaType));
        Assert.Contains("\r\ntransport,", await table.Content.ReadAsStringAsync(), StringComparison.Ordinal);

        // Beside the running process, and from the journal alone.
        StringWriter output = new();
        StringWriter error = new();
        Assert.True(ScoreboardVerb.Run(new ScoreboardOptions(silo.Data, "department", true), output, error, CancellationToken.None) == 0, output.ToString() + error);
        JsonElement check = Parse(output.ToString());
        Assert.True(check.GetProperty("same").GetBoolean());
        Assert.Equal(total.GetProperty("received").GetInt32(), check.GetProperty("total").GetProperty("received").GetInt32());
    }

    private static JsonElement Parse(string json) => JsonDocument.Parse(json).RootElement;

    private static async Task<JsonElement> ScoreboardAsync(SiloProcess silo) => Parse(await silo.Http.GetStringAsync(new Uri("/api/scoreboard?period=month", UriKind.Relative)));

    private static async Task ActAsync(SiloProcess silo, JsonElement order, string action, string body)
    {
        using StringContent content = new(body, Encoding.UTF8, "application/json");
        using HttpResponseMessage answer = await silo.Http.PostAsync(new Uri($"/api/workorders/{order.GetProperty("id").GetString()}/{action}", UriKind.Relative), content);
        Assert.True(answer.StatusCode == HttpStatusCode.OK, await answer.Content.ReadAsStringAsync());
    }

    private static async Task WeighAsync(SiloProcess silo, string plate)
    {
        string axles = string.Join(',', Enumerable.Range(0, 6).Select(i => FormattableString.Invariant($$"""{"massKg":10000,"offsetM":{{i * 2}}}""")));
        byte[] reading = Encoding.UTF8.GetBytes(FormattableString.Invariant(
            $$"""{"id":"{{plate}}","at":"{{DateTimeOffset.UtcNow:O}}","plate":"{{plate}}","plateColor":"yellow","plateConfidence":0.97,"speedKmh":63.5,"axles":[{{axles}}],"grossKg":60000,"vehicleClass":"combination"}"""));
        await new StationClient(silo.MqttPort, "S07", [reading]).RunAsync(CancellationToken.None);
    }
}
