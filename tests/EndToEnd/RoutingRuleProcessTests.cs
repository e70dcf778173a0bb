using System.Net;
using System.Text;
using System.Text.Json;
using Streaming.Silo.Host;
using Xunit;

namespace Streaming.Tests.EndToEnd;

/// <summary>A rule that the command centre adds while the city runs: from the ruling to the next case, through a kill.</summary>
public sealed class RoutingRuleProcessTests
{
    public static TheoryData<string> HostNames => [.. Hosts.BuiltIn.Select(Hosts.Name)];

    [Theory]
    [MemberData(nameof(HostNames))]
    public async Task A_rule_that_was_added_leads_the_next_case_also_after_a_kill(string host)
    {
        await using SiloProcess silo = new();
        await silo.StartAsync("--host", host);
        await silo.RegisterStationAsync("S07");
        await WeighAsync(silo, "粤H00001");
        Assert.Equal("transport", (await LeadsAsync(silo, 1))["粤H00001-yellow"]);

        using StringContent rule = new(
            """{"rule":{"name":"harbour-overloads","kinds":["over-road-limit"],"districts":["harbour"],"lead":"traffic-police","workflow":"simple"},"reason":"The harbour's police take them for this month."}""", Encoding.UTF8, "application/json");
        using HttpResponseMessage added = await silo.Http.PostAsync(new Uri("/api/routing-rules", UriKind.Relative), rule);
        Assert.True(added.StatusCode == HttpStatusCode.Created, await added.Content.ReadAsStringAsync());
        await WeighAsync(silo, "粤H00002");
        Assert.Equal("traffic-police", (await LeadsAsync(silo, 2))["粤H00002-yellow"]);

        silo.Kill();
        await silo.StartAsync("--host", host);
        await WeighAsync(silo, "粤H00003");
        Dictionary<string, string> leads = await LeadsAsync(silo, 3);
        Assert.Equal(("transport", "traffic-police", "traffic-police"), (leads["粤H00001-yellow"], leads["粤H00002-yellow"], leads["粤H00003-yellow"]));
        JsonElement row = Assert.Single(await silo.ListAsync("/api/cases?subject=" + Uri.EscapeDataString("粤H00003-yellow")));
        Assert.StartsWith("rule harbour-overloads, decided by admin:", row.GetProperty("reason").GetString(), StringComparison.Ordinal);

        using HttpResponseMessage removed = await silo.Http.DeleteAsync("/api/routing-rules/harbour-overloads");
        Assert.Equal(HttpStatusCode.NoContent, removed.StatusCode);
        await WeighAsync(silo, "粤H00004");
        Assert.Equal("transport", (await LeadsAsync(silo, 4))["粤H00004-yellow"]);
    }

    private static async Task<Dictionary<string, string>> LeadsAsync(SiloProcess silo, int cases) =>
        (await silo.ListUntilAsync("/api/cases", cases)).ToDictionary(row => row.GetProperty("subject").GetString()!, row => row.GetProperty("lead").GetString()!);

    private static async Task WeighAsync(SiloProcess silo, string plate)
    {
        string axles = string.Join(',', Enumerable.Range(0, 6).Select(i => FormattableString.Invariant($$"""{"massKg":10000,"offsetM":{{i * 2}}}""")));
        byte[] reading = Encoding.UTF8.GetBytes(FormattableString.Invariant(
            $$"""{"id":"{{plate}}","at":"{{DateTimeOffset.UtcNow:O}}","plate":"{{plate}}","plateColor":"yellow","plateConfidence":0.97,"speedKmh":63.5,"axles":[{{axles}}],"grossKg":60000,"vehicleClass":"combination"}"""));
        await new StationClient(silo.MqttPort, "S07", [reading]).RunAsync(CancellationToken.None);
    }
}
