using System.Net;
using System.Text;
using Streaming.Silo.Api;
using Xunit;

namespace Streaming.Tests.Api;

/// <summary>How the console's files are served: to anybody, of this build, and no oftener than needed.</summary>
public sealed class ConsoleFilesTests : IAsyncLifetime
{
    private const string Page = "<!doctype html><title>first</title>";

    private readonly HttpClient browser = new(new SocketsHttpHandler { UseCookies = false, AutomaticDecompression = DecompressionMethods.None });
    private ApiBench api = null!;

    public async Task InitializeAsync()
    {
        Dictionary<string, byte[]> content = new(StringComparer.Ordinal)
        {
            ["index.html"] = Encoding.UTF8.GetBytes(Page),
            ["assets/main-4f2a.js"] = "plain"u8.ToArray(),
            ["assets/main-4f2a.js.br"] = "brotli"u8.ToArray(),
            ["assets/main-4f2a.js.gz"] = "gzip"u8.ToArray(),
            ["assets/alone-77.css"] = "css"u8.ToArray(),
            ["archive.gz"] = "of its own"u8.ToArray(),
        };
        api = await ApiBench.StartAsync(console: new ConsoleFiles(content, "https://tiles.example"));
        browser.BaseAddress = api.Client.BaseAddress;
    }

    public async Task DisposeAsync()
    {
        browser.Dispose();
        await api.DisposeAsync();
    }

    [Theory]
    [InlineData("/")]
    [InlineData("/vehicles/%E7%B2%A4H12345-yellow")]
    [InlineData("/vehicles/粤H12345-yellow")]
    [InlineData("/cases/north-1?tab=evidence")]
    [InlineData("/cases")]
    [InlineData("/apiary")]
    public async Task Every_address_of_a_page_answers_with_the_first_page_and_is_asked_for_again(string path)
    {
        using HttpResponseMessage response = await browser.GetAsync(path);
        Assert.Equal((HttpStatusCode.OK, "text/html", Page), (response.StatusCode, response.Content.Headers.ContentType?.MediaType, await response.Content.ReadAsStringAsync()));
        Assert.Equal("no-cache", response.Headers.CacheControl?.ToString());
        using HttpRequestMessage again = new(HttpMethod.Get, path);
        again.Headers.IfNoneMatch.Add(response.Headers.ETag!);
        using HttpResponseMessage same = await browser.SendAsync(again);
        Assert.Equal(HttpStatusCode.NotModified, same.StatusCode);
    }

    [Theory]
    [InlineData("GET", "/api/nothing")]
    [InlineData("GET", "/api")]
    [InlineData("GET", "/API/nothing")]
    [InlineData("GET", "/orleans/nothing")]
    [InlineData("GET", "/metrics/nothing")]
    [InlineData("GET", "/openapi/v9.json")]
    [InlineData("GET", "/robots.txt")]
    [InlineData("GET", "/archive.gz/x.js")]
    [InlineData("POST", "/cases")]
    public async Task What_is_no_page_is_closed_as_ever(string method, string path)
    {
        using HttpRequestMessage request = new(new HttpMethod(method), path);
        using HttpResponseMessage response = await browser.SendAsync(request);
        Assert.Equal(HttpStatusCode.Unauthorized, response.StatusCode);
    }

    [Theory]
    [InlineData("/health/nothing")]
    [InlineData("/assets/main-0000.js")]
    [InlineData("/assets/nothing")]
    public async Task What_is_open_and_not_there_is_not_found(string path)
    {
        using HttpRequestMessage request = new(HttpMethod.Get, path);
        request.Headers.Add("Accept", "text/html");
        using HttpResponseMessage response = await browser.SendAsync(request);
        Assert.Equal(HttpStatusCode.NotFound, response.StatusCode);
    }

    [Fact]
    public async Task A_page_of_a_street_is_opened_by_a_browser_and_fetched_by_nobody()
    {
        using HttpRequestMessage opened = new(HttpMethod.Get, "/districts/harbour.docks");
        opened.Headers.Add("Accept", "text/html,application/xhtml+xml,*/*;q=0.8");
        using HttpResponseMessage page = await browser.SendAsync(opened);
        Assert.Equal(Page, await page.Content.ReadAsStringAsync());
        using HttpResponseMessage fetched = await browser.GetAsync("/districts/harbour.docks");
        Assert.Equal(HttpStatusCode.Unauthorized, fetched.StatusCode);
    }

    [Theory]
    [InlineData(null, "plain", null)]
    [InlineData("gzip, deflate, br", "brotli", "br")]
    [InlineData("gzip, br;q=0", "gzip", "gzip")]
    [InlineData("gzip;q=0", "plain", null)]
    [InlineData("identity", "plain", null)]
    public async Task A_hashed_file_is_kept_for_ever_and_comes_compressed_to_whoever_takes_it(string? accepts, string expected, string? coding)
    {
        using HttpRequestMessage request = new(HttpMethod.Get, "/assets/main-4f2a.js");
        if (accepts is not null)
        {
            request.Headers.Add("Accept-Encoding", accepts);
        }

        using HttpResponseMessage response = await browser.SendAsync(request);
        Assert.Equal(expected, await response.Content.ReadAsStringAsync());
        Assert.Equal(coding, response.Content.Headers.ContentEncoding.SingleOrDefault());
        Assert.Equal("text/javascript", response.Content.Headers.ContentType?.MediaType);
        Assert.Equal("public, max-age=31536000, immutable", response.Headers.CacheControl?.ToString());
        Assert.Equal("Accept-Encoding", response.Headers.Vary.Single());
    }

    [Fact]
    public async Task Compressed_siblings_have_no_address_and_other_files_keep_theirs()
    {
        Assert.Equal(HttpStatusCode.NotFound, (await browser.GetAsync("/assets/main-4f2a.js.br")).StatusCode);
        Assert.Equal("of its own", await browser.GetStringAsync("/archive.gz"));
        using HttpRequestMessage request = new(HttpMethod.Head, "/assets/alone-77.css");
        using HttpResponseMessage head = await browser.SendAsync(request);
        Assert.Equal((HttpStatusCode.OK, 3L), (head.StatusCode, head.Content.Headers.ContentLength));
        Assert.Empty(head.Headers.Vary);
    }

    [Fact]
    public async Task The_page_may_load_what_is_ours_and_tiles_of_the_one_listed_origin()
    {
        using HttpResponseMessage response = await browser.GetAsync("/cases");
        string policy = response.Headers.GetValues("Content-Security-Policy").Single();
        string[] rules = policy.Split("; ");
        Assert.Contains("default-src 'self'", rules);
        Assert.Contains("frame-ancestors 'none'", rules);
        Assert.Contains("worker-src 'self' blob:", rules);
        Assert.Contains("connect-src 'self' https://tiles.example", rules);
        Assert.Contains("img-src 'self' data: blob: https://tiles.example", rules);
        Assert.DoesNotContain("unsafe-inline", rules.Single(rule => rule.StartsWith("script-src", StringComparison.Ordinal)), StringComparison.Ordinal);
        Assert.Equal("no-store", (await api.Client.GetAsync("/api/me")).Headers.CacheControl?.ToString());
    }
}
