using System.Net;
using System.Net.Http.Headers;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Streaming.Silo.Access;
using Streaming.Silo.Api;
using Streaming.Tests.Support;
using Streaming.Tests.Views;
using Xunit;

namespace Streaming.Tests.Api;

/// <summary>The cookie by which a browser is let in, and pages for administrators.</summary>
public sealed class BrowserSessionTests : IAsyncLifetime
{
    private readonly Views.ManualTime time = new();
    private readonly HttpClient browser = new(new SocketsHttpHandler { UseCookies = false, AllowAutoRedirect = false });
    private ApiBench api = null!;

    public async Task InitializeAsync()
    {
        api = await ApiBench.StartAsync(time, app => ApiRoutes.MapForAdministrators(app, "/orleans", group =>
        {
            group.MapGet("/", () => "dashboard");
            group.MapPost("/change", () => "changed");
            group.Map("/files/{**path}", async (HttpContext context) => await context.Response.WriteAsync("file"));
        }));
        browser.BaseAddress = api.Client.BaseAddress;
    }

    public async Task DisposeAsync()
    {
        browser.Dispose();
        await api.DisposeAsync();
    }

    [Theory]
    [InlineData("GET", "/orleans/")]
    [InlineData("GET", "/orleans")]
    [InlineData("POST", "/orleans/change")]
    [InlineData("GET", "/orleans/files/a/b.js")]
    [InlineData("GET", "/orleans/no/such/page")]
    public async Task Without_sign_in_the_pages_are_closed(string method, string path)
    {
        foreach (string? cookie in new[] { null, "streaming-session=", "streaming-session=guess", $"streaming-session={new string('x', 2000)}" })
        {
            (HttpStatusCode status, _, _) = await VisitAsync(method, path, cookie, Own);
            Assert.Equal(HttpStatusCode.Unauthorized, status);
        }
    }

    [Fact]
    public async Task An_administrator_sees_them_by_bearer_token_and_nobody_else_does()
    {
        Assert.Equal("dashboard", (await api.GetAsync("/orleans/")).Text);
        foreach (string role in new[] { "operator", "supervisor", "inspector" })
        {
            Assert.Equal(HttpStatusCode.Forbidden, (await api.GetAsync("/orleans/", await api.TokenAsync(role, role))).Status);
        }

        Assert.Equal(HttpStatusCode.Forbidden, (await api.GetAsync("/orleans/", await api.TokenAsync("m", "member", "transport"))).Status);
        Assert.Contains("console", (await api.GetAsync("/orleans/", null)).Detail, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_browser_that_an_administrator_signed_in_with_sees_them_all()
    {
        string cookie = await SignInAsync();
        foreach (string path in new[] { "/orleans/", "/orleans", "/orleans/files/a/b.js" })
        {
            Assert.Equal(HttpStatusCode.OK, (await VisitAsync("GET", path, cookie)).Status);
        }

        Assert.Equal("dashboard", (await VisitAsync("GET", "/orleans/", cookie)).Text);
    }

    [Fact]
    public async Task The_cookie_is_out_of_reach_of_scripts_and_of_other_sites()
    {
        (_, _, string? set) = await SendAsync(HttpMethod.Post, "/api/session", ApiBench.Administrator);
        string[] parts = set!.Split("; ");
        Assert.Matches("^streaming-session=[A-Za-z0-9_-]{43}$", parts[0]);
        Assert.Equal(["httponly", "max-age=43200", "path=/", "samesite=strict"], parts[1..].Order(), StringComparer.OrdinalIgnoreCase);
        Assert.DoesNotContain(ApiBench.Administrator, set, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("http", false)]
    [InlineData("https", true)]
    public async Task The_cookie_goes_over_encrypted_lines_only_where_the_page_came_over_one(string scheme, bool secure)
    {
        (_, _, string? set) = await SendAsync(HttpMethod.Post, "/api/session", ApiBench.Administrator, origin: $"{scheme}://{browser.BaseAddress!.Authority}");
        Assert.Equal(secure, set!.Contains("; secure", StringComparison.OrdinalIgnoreCase));
    }

    /// <summary>The routes are those that the interface lists, so this holds for one that is yet to be made.</summary>
    [Fact]
    public async Task The_cookie_opens_every_route_just_as_far_as_its_token_does()
    {
        List<(string Method, string Path)> routes = [];
        foreach (System.Text.Json.JsonProperty path in (await api.GetAsync("/openapi/v1.json")).Json.GetProperty("paths").EnumerateObject())
        {
            routes.AddRange(path.Value.EnumerateObject().Select(method => (method.Name.ToUpperInvariant(), System.Text.RegularExpressions.Regex.Replace(path.Name, "\\{[^}]*\\}", "zz"))));
        }

        Assert.True(routes.Count > 100, $"{routes.Count} routes");
        foreach (string role in Roles.Names)
        {
            string token = await api.TokenAsync(role, role, role == "member" ? "transport" : null, "north");
            string cookie = await SignInAsync(token);
            foreach ((string method, string path) in routes.Where(route => route.Path is not ("/api/session" or "/mqtt") && !route.Path.EndsWith("/alerts", StringComparison.Ordinal) && !route.Path.EndsWith("/live", StringComparison.Ordinal)))
            {
                ApiBench.Answer byToken = await api.SendAsync(new HttpMethod(method), path, token, method == "GET" ? null : "{}");
                (HttpStatusCode status, string text, _) = await VisitAsync(method, path, cookie, Own, method == "GET" ? null : "{}");
                Assert.True(byToken.Status == status, $"{role} gets {byToken.Status} of {method} {path} by token, and {status} by cookie: {text}");
                Assert.True((int)status < 400 || byToken.Text == text, $"{method} {path}: {byToken.Text} and {text}");
            }
        }
    }

    [Fact]
    public async Task A_session_is_opened_with_the_token_alone()
    {
        Assert.Equal(HttpStatusCode.Unauthorized, (await VisitAsync("POST", "/api/session", await SignInAsync(), Own)).Status);
    }

    [Fact]
    public async Task A_cookie_that_lets_nobody_in_is_thrown_away()
    {
        string cookie = await SignInAsync(await api.TokenAsync("second", "operator"));
        Assert.Equal(HttpStatusCode.OK, (await VisitAsync("GET", "/api/me", cookie)).Status);
        await api.TokenAsync("second", "operator");
        (HttpStatusCode status, _, string? set) = await VisitAsync("GET", "/api/me", cookie);
        Assert.Equal(HttpStatusCode.Unauthorized, status);
        Assert.StartsWith("streaming-session=; expires=Thu, 01 Jan 1970", set, StringComparison.Ordinal);

        // Who has none is told nothing of cookies.
        Assert.Null((await VisitAsync("GET", "/api/me")).SetCookie);
    }

    [Fact]
    public async Task A_stream_ends_with_the_session_that_opened_it()
    {
        string cookie = await SignInAsync(await api.TokenAsync("m", "member", "transport"));
        using HttpRequestMessage request = new(HttpMethod.Get, "/api/departments/transport/alerts");
        request.Headers.Add("Cookie", cookie);
        using HttpResponseMessage response = await browser.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        using StreamReader stream = new(await response.Content.ReadAsStreamAsync());
        await stream.ReadLineAsync().WaitAsync(Waits.Longest);

        // A stream that is told before it waits ends at once; this one is to wait.
        await api.QuietAsync("transport/*");
        Assert.Equal(HttpStatusCode.NoContent, (await VisitAsync("DELETE", "/api/session", cookie, Own)).Status);
        time.Advance(ApiLimits.Heartbeat);
        await stream.ReadToEndAsync().WaitAsync(Waits.Longest);
    }

    [Fact]
    public async Task A_restart_neither_ends_a_session_nor_brings_one_back()
    {
        string file = Path.Combine(Directory.CreateTempSubdirectory("streaming-sessions-").FullName, BrowserSessionFile.Name);
        try
        {
            Principal holder = api.Views.Access.Find(ApiBench.Administrator)!;
            BrowserSessions before = new(api.Views.Access, time, file);
            HttpContext kept = Opened(before, holder);
            HttpContext left = Opened(before, holder);
            before.Close(left);
            BrowserSessions after = new(api.Views.Access, time, file);
            Assert.Equal(holder, after.Find(kept.Request)?.Holder);
            Assert.Null(after.Find(left.Request));
            Assert.DoesNotContain(kept.Request.Headers.Cookie.ToString().Split('=')[1], await File.ReadAllTextAsync(file), StringComparison.Ordinal);
            Assert.True(OperatingSystem.IsWindows() || File.GetUnixFileMode(file) == (UnixFileMode.UserRead | UnixFileMode.UserWrite));

            time.Advance(ApiLimits.BrowserSessionLifetime);
            Assert.Equal(0, new BrowserSessions(api.Views.Access, time, file).Count);

            await File.WriteAllTextAsync(file, "{\"key\":\"x\"");
            Assert.Equal(0, new BrowserSessions(api.Views.Access, time, file).Count);
        }
        finally
        {
            Directory.Delete(Path.GetDirectoryName(file)!, recursive: true);
        }
    }

    /// <summary>What a browser sends that was signed in just now.</summary>
    private static DefaultHttpContext Opened(BrowserSessions sessions, Principal holder)
    {
        DefaultHttpContext answered = new();
        Assert.True(sessions.Open(answered, holder));
        DefaultHttpContext next = new();
        next.Request.Headers.Cookie = answered.Response.Headers.SetCookie.ToString().Split(';')[0];
        return next;
    }

    [Theory]
    [InlineData("same-origin", null, true)]
    [InlineData("same-origin", "https://behind.a.proxy.example", true)]
    [InlineData("same-site", "OWN", false)]
    [InlineData("cross-site", "OWN", false)]
    [InlineData("none", "OWN", false)]
    public async Task A_browser_that_says_where_a_call_comes_from_is_believed(string site, string? origin, bool allowed)
    {
        string cookie = await SignInAsync();
        using HttpRequestMessage request = new(HttpMethod.Post, "/orleans/change");
        request.Headers.Add("Cookie", cookie);
        request.Headers.Add("Sec-Fetch-Site", site);
        if (origin is not null)
        {
            request.Headers.Add("Origin", origin == "OWN" ? Own : origin);
        }

        using HttpResponseMessage response = await browser.SendAsync(request);
        Assert.Equal(allowed ? HttpStatusCode.OK : HttpStatusCode.Forbidden, response.StatusCode);
    }

    [Fact]
    public async Task A_wrong_token_is_not_made_good_by_the_cookie()
    {
        string cookie = await SignInAsync();
        using HttpRequestMessage request = new(HttpMethod.Get, "/orleans/");
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", "wrong");
        request.Headers.Add("Cookie", cookie);
        using HttpResponseMessage response = await browser.SendAsync(request);
        Assert.Equal(HttpStatusCode.Unauthorized, response.StatusCode);
    }

    [Theory]
    [InlineData(null, HttpStatusCode.Forbidden)]
    [InlineData("null", HttpStatusCode.Forbidden)]
    [InlineData("https://elsewhere.example", HttpStatusCode.Forbidden)]
    [InlineData("http://127.0.0.1:1", HttpStatusCode.Forbidden)]
    [InlineData("OWN", HttpStatusCode.OK)]
    public async Task What_changes_something_by_cookie_has_to_come_from_a_page_of_ours(string? origin, HttpStatusCode expected)
    {
        string cookie = await SignInAsync();
        origin = origin == "OWN" ? Own : origin;
        Assert.Equal(expected, (await VisitAsync("POST", "/orleans/change", cookie, origin)).Status);
        Assert.Equal(expected == HttpStatusCode.OK ? HttpStatusCode.NoContent : expected, (await VisitAsync("DELETE", "/api/session", cookie, origin)).Status);
        Assert.Equal(expected == HttpStatusCode.OK ? HttpStatusCode.Unauthorized : HttpStatusCode.OK, (await VisitAsync("GET", "/orleans/", cookie)).Status);
    }

    [Fact]
    public async Task Signing_out_with_the_token_ends_the_session_and_clears_the_cookie()
    {
        string cookie = await SignInAsync();
        (HttpStatusCode status, _, string? set) = await SendAsync(HttpMethod.Delete, "/api/session", ApiBench.Administrator, cookie);
        Assert.Equal(HttpStatusCode.NoContent, status);
        Assert.StartsWith("streaming-session=; expires=Thu, 01 Jan 1970", set, StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.Unauthorized, (await VisitAsync("GET", "/orleans/", cookie)).Status);
    }

    [Fact]
    public async Task Signing_in_again_ends_the_browsers_earlier_session()
    {
        string first = await SignInAsync();
        string second = await SignInAsync(cookie: first);
        Assert.Equal(HttpStatusCode.Unauthorized, (await VisitAsync("GET", "/orleans/", first)).Status);
        Assert.Equal(HttpStatusCode.OK, (await VisitAsync("GET", "/orleans/", second)).Status);
    }

    [Fact]
    public async Task A_session_ends_after_its_time()
    {
        string cookie = await SignInAsync();
        time.Advance(ApiLimits.BrowserSessionLifetime - TimeSpan.FromSeconds(1));
        Assert.Equal(HttpStatusCode.OK, (await VisitAsync("GET", "/orleans/", cookie)).Status);
        time.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(HttpStatusCode.Unauthorized, (await VisitAsync("GET", "/orleans/", cookie)).Status);
    }

    [Fact]
    public async Task A_session_ends_with_its_token()
    {
        string cookie = await SignInAsync(await api.TokenAsync("second", "administrator"));
        Assert.Equal(HttpStatusCode.OK, (await VisitAsync("GET", "/orleans/", cookie)).Status);
        await api.TokenAsync("second", "administrator");
        Assert.Equal(HttpStatusCode.Unauthorized, (await VisitAsync("GET", "/orleans/", cookie)).Status);
    }

    [Fact]
    public async Task One_holder_has_a_bounded_number_of_sessions_and_the_oldest_goes_first()
    {
        string other = await SignInAsync(await api.TokenAsync("second", "administrator"));
        List<string> cookies = [];
        for (int i = 0; i <= ApiLimits.BrowserSessionsOfOne; i++)
        {
            cookies.Add(await SignInAsync());
            time.Advance(TimeSpan.FromSeconds(1));
        }

        Assert.Equal(HttpStatusCode.Unauthorized, (await VisitAsync("GET", "/orleans/", cookies[0])).Status);
        foreach (string cookie in cookies.Skip(1).Append(other))
        {
            Assert.Equal(HttpStatusCode.OK, (await VisitAsync("GET", "/orleans/", cookie)).Status);
        }
    }

    [Fact]
    public async Task All_holders_together_have_a_bounded_number_of_sessions_and_those_that_ended_make_room()
    {
        BrowserSessions sessions = new(api.Views.Access, time);
        Principal? holder = null;
        for (int i = 0; i < ApiLimits.BrowserSessions; i++)
        {
            holder = i % ApiLimits.BrowserSessionsOfOne == 0 ? api.Views.Access.Find(await api.TokenAsync($"t{i}", "operator")) : holder;
            Assert.True(sessions.Open(new DefaultHttpContext(), holder!));
        }

        Principal administrator = api.Views.Access.Find(ApiBench.Administrator)!;
        Assert.False(sessions.Open(new DefaultHttpContext(), administrator));
        Assert.Equal(ApiLimits.BrowserSessions, sessions.Count);
        await api.TokenAsync("t0", "operator");
        Assert.True(sessions.Open(new DefaultHttpContext(), administrator));
        Assert.Equal(ApiLimits.BrowserSessions - ApiLimits.BrowserSessionsOfOne + 1, sessions.Count);
    }

    private string Own => browser.BaseAddress!.GetLeftPart(UriPartial.Authority);

    /// <summary>Signs in as the console does; the cookie as the browser would send it.</summary>
    private async Task<string> SignInAsync(string token = ApiBench.Administrator, string? cookie = null)
    {
        (HttpStatusCode status, _, string? set) = await SendAsync(HttpMethod.Post, "/api/session", token, cookie);
        Assert.Equal(HttpStatusCode.NoContent, status);
        return set!.Split(';')[0];
    }

    /// <summary>As a browser does by itself: with its cookie and no token.</summary>
    private Task<(HttpStatusCode Status, string Text, string? SetCookie)> VisitAsync(string method, string path, string? cookie = null, string? origin = null, string? body = null) =>
        SendAsync(new HttpMethod(method), path, null, cookie, origin, body);

    private async Task<(HttpStatusCode Status, string Text, string? SetCookie)> SendAsync(HttpMethod method, string path, string? token, string? cookie = null, string? origin = null, string? body = null)
    {
        using HttpRequestMessage request = new(method, path);
        if (token is not null)
        {
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);
        }

        if (cookie is not null)
        {
            request.Headers.Add("Cookie", cookie);
        }

        if (origin is not null)
        {
            request.Headers.Add("Origin", origin);
        }

        if (body is not null)
        {
            request.Content = new StringContent(body, System.Text.Encoding.UTF8, "application/json");
        }

        using HttpResponseMessage response = await browser.SendAsync(request);
        string? set = response.Headers.TryGetValues("Set-Cookie", out IEnumerable<string>? values) ? values.Single() : null;
        return (response.StatusCode, await response.Content.ReadAsStringAsync(), set);
    }
}
