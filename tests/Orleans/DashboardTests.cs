using System.Net;
using System.Net.Http.Headers;
using Streaming.Tests.EndToEnd;
using Xunit;

namespace Streaming.Tests.Orleans;

/// <summary>The dashboard of Orleans on the real process: every grain and call can be seen there, so it is for administrators.</summary>
public sealed class DashboardTests
{
    [Fact]
    public async Task It_is_for_administrators_with_every_page_and_figure()
    {
        await using SiloProcess silo = new();
        await silo.StartAsync();
        string member = await silo.IssueTokenAsync("desk", "member", "transport");
        string supervisor = await silo.IssueTokenAsync("chief", "supervisor", null);
        foreach (string path in (string[])["/orleans/", "/orleans/index.html", "/orleans/index.min.js", "/orleans/version", "/orleans/DashboardCounters", "/orleans/ClusterStats", "/orleans/Reminders/1", "/orleans/Trace"])
        {
            Assert.Equal(HttpStatusCode.Unauthorized, await GetAsync(silo, path, null));
            Assert.Equal(HttpStatusCode.Forbidden, await GetAsync(silo, path, member));
            Assert.Equal(HttpStatusCode.Forbidden, await GetAsync(silo, path, supervisor));
        }

        Assert.Equal(HttpStatusCode.OK, await GetAsync(silo, "/orleans/", SiloProcess.AdministratorToken));
        Assert.Equal(HttpStatusCode.OK, await GetAsync(silo, "/orleans/DashboardCounters", SiloProcess.AdministratorToken));
    }

    private static async Task<HttpStatusCode> GetAsync(SiloProcess silo, string path, string? token)
    {
        using HttpClient browser = new();
        using HttpRequestMessage request = new(HttpMethod.Get, $"http://127.0.0.1:{silo.HttpPort}{path}");
        if (token is not null)
        {
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);
        }

        using HttpResponseMessage answer = await browser.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
        return answer.StatusCode;
    }
}
