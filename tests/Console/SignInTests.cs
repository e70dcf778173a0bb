using Microsoft.Playwright;
using Streaming.Tests.EndToEnd;
using Xunit;

namespace Streaming.Tests.Console;

/// <summary>Coming in, and losing and finding the connection.</summary>
[Collection(ConsoleCollection.Name)]
public sealed class SignInTests(ConsoleCity city)
{
    [ConsoleFact]
    public async Task A_wrong_token_is_refused_and_a_right_one_opens_the_city_and_is_nowhere_for_a_script_to_read()
    {
        await using ConsolePage opened = await city.OpenAsStrangerAsync();
        IPage page = opened.Page;
        await page.GetByLabel("Token").FillAsync("not-a-token");
        await page.GetByRole(AriaRole.Button, new() { Name = "Sign in" }).ClickAsync();
        await Assertions.Expect(page.GetByRole(AriaRole.Alert)).ToContainTextAsync("not in force");
        await page.GetByLabel("Token").FillAsync(SiloProcess.AdministratorToken);
        await page.GetByRole(AriaRole.Button, new() { Name = "Sign in" }).ClickAsync();
        await page.Locator("nav a").First.WaitForAsync();
        string kept = await page.EvaluateAsync<string>("() => JSON.stringify(localStorage) + JSON.stringify(sessionStorage) + document.cookie");
        Assert.DoesNotContain(SiloProcess.AdministratorToken, kept, StringComparison.Ordinal);

        // A reload stays signed in, and leaving ends it for good.
        await page.ReloadAsync();
        await page.Locator("nav a").First.WaitForAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "Sign out" }).ClickAsync();
        await page.GetByLabel("Token").WaitForAsync();
        await page.ReloadAsync();
        await page.GetByLabel("Token").WaitForAsync();
    }

    [ConsoleFact]
    public async Task A_lost_connection_is_shown_and_heals_without_a_reload()
    {
        await using SiloProcess silo = new();
        await silo.StartAsync();
        await using ConsolePage opened = await city.OpenAsync(at: ConsoleCity.AddressOf(silo));
        IPage page = opened.Page;
        await Assertions.Expect(page.Locator("header .live")).ToHaveTextAsync("live");
        await page.EvaluateAsync("() => { window.same = true; }");
        silo.Kill();
        await Assertions.Expect(page.GetByRole(AriaRole.Alert).First).ToContainTextAsync("No connection since");
        await silo.StartAsync();
        await Assertions.Expect(page.Locator("header .live")).ToHaveTextAsync("live");
        await Assertions.Expect(page.GetByRole(AriaRole.Alert)).ToHaveCountAsync(0);
        Assert.True(await page.EvaluateAsync<bool>("() => window.same === true"));
    }

    [ConsoleFact]
    public async Task A_page_whose_file_did_not_come_says_so_and_can_be_had_again()
    {
        await using ConsolePage opened = await city.OpenAsync();
        IPage page = opened.Page;
        await page.RouteAsync("**/assets/Models-*.js", route => route.AbortAsync());
        await page.GetByRole(AriaRole.Link, new() { Name = "Models", Exact = true }).ClickAsync();
        await Assertions.Expect(page.GetByRole(AriaRole.Alert)).ToContainTextAsync("The server did not answer");
        await page.UnrouteAsync("**/assets/Models-*.js");
        await page.GetByRole(AriaRole.Button, new() { Name = "Try again" }).ClickAsync();
        await page.Locator("main h1").WaitForAsync();
    }

    [ConsoleFact]
    public async Task Where_a_newer_console_was_installed_a_page_that_is_gone_loads_the_new_one()
    {
        await using ConsolePage opened = await city.OpenAsync();
        IPage page = opened.Page;
        await page.EvaluateAsync("() => { window.same = true; }");
        await page.RouteAsync("**/assets/Models-*.js", route => route.FulfillAsync(new RouteFulfillOptions { Status = 404 }), new PageRouteOptions { Times = 1 });
        await page.RouteAsync(url => new Uri(url).AbsolutePath == "/", route => route.FulfillAsync(new RouteFulfillOptions { ContentType = "text/html", Body = "<script src=\"/assets/another.js\"></script>" }));
        await page.GetByRole(AriaRole.Link, new() { Name = "Models", Exact = true }).ClickAsync();
        await page.Locator("main h1").WaitForAsync();
        Assert.False(await page.EvaluateAsync<bool>("() => window.same === true"));
    }

    [ConsoleFact]
    public async Task A_link_to_a_page_can_be_shared()
    {
        await using ConsolePage opened = await city.OpenAsync("/cases?severity=4");
        await opened.Page.Locator("main h1").WaitForAsync();
        Assert.EndsWith("/cases?severity=4", opened.Page.Url, StringComparison.Ordinal);
    }
}
