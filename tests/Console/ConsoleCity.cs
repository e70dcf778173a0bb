using Microsoft.Playwright;
using Streaming.Tests.EndToEnd;
using Xunit;

namespace Streaming.Tests.Console;

/// <summary>One silo with the simulated city, and one browser, for all tests of the console: they look at the same city, each with a profile of its own.</summary>
public sealed class ConsoleCity : IAsyncLifetime
{
    private IPlaywright? playwright;
    private IBrowser? browser;

    internal SiloProcess Silo { get; } = new() { Patience = TimeSpan.FromMinutes(2) };

    public async Task InitializeAsync()
    {
        if (Browsers.Missing is not null)
        {
            return;
        }

        await Silo.StartAsync("--demo");
        // A machine may have a lot else to do.
        Assertions.SetDefaultExpectTimeout(30_000);
        playwright = await Playwright.CreateAsync();
        browser = await playwright.Chromium.LaunchAsync(new BrowserTypeLaunchOptions
        {
            ExecutablePath = Browsers.Chromium,

            // Software rendering of the map, as there is no graphics card; and no sandbox for root, as in a container.
            Args = ["--no-sandbox", "--use-angle=swiftshader", "--enable-unsafe-swiftshader", "--ignore-gpu-blocklist"],
        });
    }

    public async Task DisposeAsync()
    {
        if (browser is not null)
        {
            await browser.CloseAsync();
        }

        playwright?.Dispose();
        await Silo.DisposeAsync();
    }

    /// <summary>A page of a fresh profile, signed in; it keeps what goes wrong in it.</summary>
    /// <param name="token">Whose it is; the administrator's where left out.</param>
    /// <param name="language"><c>en</c> or <c>zh</c>.</param>
    /// <param name="at">Address of the silo; the one of the simulated city where left out.</param>
    /// <param name="script">Runs in the page before anything else.</param>
    internal async Task<ConsolePage> OpenAsync(string path = "/", string? token = null, string language = "en", int width = 1366, int height = 768, string theme = "dark", string? at = null, string script = "")
    {
        string address = at ?? AddressOf(Silo);
        IBrowserContext context = await browser!.NewContextAsync(new BrowserNewContextOptions { BaseURL = address, ViewportSize = new ViewportSize { Width = width, Height = height }, Locale = language == "zh" ? "zh-CN" : "en-GB", ReducedMotion = ReducedMotion.Reduce });
        context.SetDefaultTimeout(30_000);
        await context.AddInitScriptAsync($"localStorage.setItem('language', '{language}'); localStorage.setItem('theme', '{theme}'); {script}");

        // As a person who signed in earlier: the cookie is there.
        IAPIResponse signedIn = await context.APIRequest.PostAsync("/api/session", new APIRequestContextOptions { Headers = [new("Authorization", $"Bearer {token ?? SiloProcess.AdministratorToken}"), new("Origin", address)] });
        Assert.True(signedIn.Ok, $"{signedIn.Status} {await signedIn.TextAsync()}");
        ConsolePage page = new(await context.NewPageAsync());
        await page.Page.GotoAsync(path);
        return page;
    }

    internal static string AddressOf(SiloProcess silo) => $"http://127.0.0.1:{silo.HttpPort}";

    /// <summary>A page of a fresh profile, of somebody who has not signed in.</summary>
    internal async Task<ConsolePage> OpenAsStrangerAsync(string path = "/", string language = "en")
    {
        IBrowserContext context = await browser!.NewContextAsync(new BrowserNewContextOptions { BaseURL = AddressOf(Silo), Locale = language == "zh" ? "zh-CN" : "en-GB" });
        context.SetDefaultTimeout(30_000);
        ConsolePage page = new(await context.NewPageAsync());
        await page.Page.GotoAsync(path);
        return page;
    }
}

/// <summary>A page, and what went wrong in it.</summary>
internal sealed class ConsolePage : IAsyncDisposable
{
    private readonly List<string> errors = [];

    public ConsolePage(IPage page)
    {
        Page = page;
        page.PageError += (_, error) => errors.Add(error);
        page.Console += (_, said) =>
        {
            // A refusal that the page shows in words is an error to the browser as well.
            if (said.Type == "error" && !said.Text.StartsWith("Failed to load resource", StringComparison.Ordinal))
            {
                errors.Add(said.Text);
            }
        };
    }

    public IPage Page { get; }

    public IReadOnlyList<string> Errors => errors;

    /// <summary>An element by its mark for tests.</summary>
    public ILocator Marked(string mark) => Page.Locator($"[data-test=\"{mark}\"]");

    public async ValueTask DisposeAsync()
    {
        await Page.Context.CloseAsync();
        Assert.Empty(errors);
    }
}

/// <summary>Tests that share the city.</summary>
[CollectionDefinition(Name)]
#pragma warning disable CA1711 // That is what xunit calls it.
public sealed class ConsoleCollection : ICollectionFixture<ConsoleCity>
#pragma warning restore CA1711
{
    public const string Name = "console";
}

/// <summary>Tests of the console that take times: they run one at a time, after the others.</summary>
[CollectionDefinition(Name, DisableParallelization = true)]
#pragma warning disable CA1711 // That is what xunit calls it.
public sealed class MeasuredConsoleCollection : ICollectionFixture<ConsoleCity>
#pragma warning restore CA1711
{
    public const string Name = "console, measured alone";
}
