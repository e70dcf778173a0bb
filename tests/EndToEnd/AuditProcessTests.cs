using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;
using Xunit;

namespace Streaming.Tests.EndToEnd;

/// <summary>The audit of the real process: what was answered is in it after a kill, once, on each host.</summary>
public sealed class AuditProcessTests
{
    private const string Truck = "粤H12345-yellow";

    private static readonly Uri Address = new($"/api/vehicles/{Uri.EscapeDataString(Truck)}", UriKind.Relative);

    public static TheoryData<string> Hosts => [.. Parity.ParityHosts.Names];

    [Theory]
    [MemberData(nameof(Hosts))]
    public async Task What_was_answered_is_in_the_audit_after_a_kill_once(string host)
    {
        await using SiloProcess silo = new();
        await silo.StartAsync("--host", host, "--audit-reasons", "vehicles");
        string token = await silo.IssueTokenAsync("chief", "supervisor", "transport");
        using HttpResponseMessage refused = await silo.Http.GetAsync(Address);
        Assert.Equal(HttpStatusCode.BadRequest, refused.StatusCode);
        for (int round = 1; round <= 3; round++)
        {
            using HttpRequestMessage look = new(HttpMethod.Get, Address);
            look.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);
            look.Headers.Add("Reason", Uri.EscapeDataString($"查超限 {round}"));
            using (HttpResponseMessage answer = await silo.Http.SendAsync(look))
            {
                Assert.Equal(HttpStatusCode.NotFound, answer.StatusCode);
            }

            await silo.RegisterStationAsync($"S{round}");
            silo.Kill();
            await silo.StartAsync("--host", host, "--audit-reasons", "vehicles");
            List<JsonElement> looks = await silo.ListUntilAsync($"/api/audit?who=chief&subject={Uri.EscapeDataString(Truck)}", round);
            Assert.Equal(Enumerable.Range(1, round).Reverse().Select(each => ((long)each, $"查超限 {each}", 404)), looks.Select(each => (each.GetProperty("number").GetInt64(), each.GetProperty("reason").GetString()!, each.GetProperty("status").GetInt32())));
            List<JsonElement> changes = await silo.ListUntilAsync("/api/audit?act=change", round + 1);
            Assert.Equal([.. Enumerable.Range(1, round).Reverse().Select(each => ($"S{each}", 201)), ("chief", 201)], changes.Select(each => (each.GetProperty("subject").GetString()!, each.GetProperty("status").GetInt32())));
        }

        // Of each caller every number is there once.
        foreach (IGrouping<string, JsonElement> caller in (await silo.ListAsync("/api/audit")).GroupBy(each => each.GetProperty("who").GetString()!))
        {
            long[] numbers = [.. caller.Select(each => each.GetProperty("number").GetInt64()).Order()];
            Assert.Equal(Enumerable.Range(1, numbers.Length).Select(each => (long)each), numbers);
        }

        silo.Kill();
        (int code, string report) = await SiloProcess.RunAsync("verify", silo.Data);
        Assert.True(code == 0, report);
    }
}
