using Microsoft.Playwright;
using Streaming.Tests.EndToEnd;
using Xunit;

namespace Streaming.Tests.Console;

/// <summary>A city that wants to know why somebody looks: each page asks once, and shows what was asked for then.</summary>
[Collection(ConsoleCollection.Name)]
public sealed class ReasonTests(ConsoleCity city)
{
    private const string Plate = "粤A12345-yellow";

    [ConsoleFact]
    public async Task Where_the_city_wants_a_reason_a_page_asks_for_it_and_the_last_one_is_offered_again()
    {
        await using SiloProcess silo = new();
        await silo.StartAsync("--audit-reasons", "vehicles,lists,audit");
        await using ConsolePage opened = await city.OpenAsync($"/vehicles/{Plate}", at: ConsoleCity.AddressOf(silo));
        IPage page = opened.Page;
        await opened.Marked("ask-why").GetByLabel("Reason").FillAsync("complaint 12 / 投诉");
        await page.GetByRole(AriaRole.Button, new() { Name = "Show", Exact = true }).ClickAsync();
        await Assertions.Expect(page.GetByText("Nothing is known of")).ToBeVisibleAsync();

        // A list is a look at somebody where a whole plate is what is looked for.
        await page.GotoAsync($"/cases?view=list&q={Plate}");
        await Assertions.Expect(opened.Marked("ask-why").GetByLabel("Reason")).ToHaveValueAsync("complaint 12 / 投诉");
        await page.GetByRole(AriaRole.Button, new() { Name = "Show", Exact = true }).ClickAsync();
        await Assertions.Expect(page.GetByText("No case fits these filters.")).ToBeVisibleAsync();
        await page.ReloadAsync();
        await Assertions.Expect(page.GetByText("No case fits these filters.")).ToBeVisibleAsync();

        // And the audit has both, in these words.
        await page.GotoAsync("/administration/audit");
        await page.GetByRole(AriaRole.Button, new() { Name = "Show", Exact = true }).ClickAsync();
        await Assertions.Expect(page.GetByText("complaint 12 / 投诉").Nth(1)).ToBeVisibleAsync();
    }
}
