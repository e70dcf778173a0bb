using System.Globalization;
using System.Text.Json;
using Microsoft.Playwright;
using Xunit;

namespace Streaming.Tests.Console;

/// <summary>Every page in both languages at three sizes: nothing is wider than the screen, nothing went wrong, nothing is left in the other language; and axe finds nothing serious.</summary>
[Collection(ConsoleCollection.Name)]
public sealed class EveryPageTests(ConsoleCity city)
{
    private static readonly (string Name, int Width, int Height)[] Sizes = [("desk", 1366, 768), ("wall", 3840, 2160), ("phone", 390, 844)];

    /// <summary>Where screenshots go: the folder that the variable names, or none.</summary>
    private static readonly string? Screenshots = Environment.GetEnvironmentVariable("STREAMING_SCREENSHOTS");

    /// <summary>Elements whose text is cut off though nothing says that it may be.</summary>
    private const string CutOff = """
        () => [...document.querySelectorAll('button, .button, h1, h2, h3, th, dt, .badge, .tag, .figure-value, .figure-name, nav a, [role=tab]')]
          .filter(each => each.checkVisibility() && !each.closest('.table, .hidden, dialog:not([open])') && (each.scrollWidth > each.clientWidth + 2) && getComputedStyle(each).display !== 'inline' && getComputedStyle(each).textOverflow !== 'ellipsis')
          .map(each => `${each.tagName} "${each.textContent}" ${each.scrollWidth} > ${each.clientWidth}`)
        """;

    /// <summary>Controls and badges that lie over one another; a field for a file lies under its button on purpose.</summary>
    private const string Overlaps = """
        () => {
          const all = [...document.querySelectorAll('main button, main .button, main input:not([type=file]), main select, main .badge, main .tag, main h1, main h2')].filter(each => each.checkVisibility() && !each.closest('dialog:not([open]), .maplibregl-map, svg'));
          // What is seen of an element: what is scrolled away within a list lies over nothing.
          const seen = each => {
            let { left, top, right, bottom } = each.getBoundingClientRect();
            for (let around = each.parentElement; around && around !== document.body; around = around.parentElement) {
              if (getComputedStyle(around).overflowY === 'visible') continue;
              const box = around.getBoundingClientRect();
              [left, top, right, bottom] = [Math.max(left, box.left), Math.max(top, box.top), Math.min(right, box.right), Math.min(bottom, box.bottom)];
            }
            return { left, top, right, bottom };
          };
          const boxes = all.map(seen);
          const found = [];
          for (let i = 0; i < all.length; i++) {
            const a = boxes[i];
            for (let j = i + 1; j < all.length && found.length < 10; j++) {
              if (all[i].contains(all[j]) || all[j].contains(all[i])) continue;
              const b = boxes[j];
              if (Math.min(a.right, b.right) - Math.max(a.left, b.left) > 2 && Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top) > 2) found.push(`${all[i].tagName} "${all[i].textContent}" over ${all[j].tagName} "${all[j].textContent}"`);
            }
          }
          return found;
        }
        """;

    public static TheoryData<string, string> Pages
    {
        get
        {
            TheoryData<string, string> pages = [];
            foreach ((string name, string path) in new[]
            {
                ("city", "/"), ("vehicle", "/vehicles/{vehicle}"), ("enterprise", "/enterprises/{enterprise}"), ("place", "/places/{place}"), ("cases", "/cases"), ("case", "/cases/{case}"), ("desk", "/desk"), ("supervision", "/supervision"),
                ("sources", "/sources"), ("source", "/sources/S07"), ("models", "/models"), ("scenes", "/models?tab=scenes"), ("devices", "/administration/devices"), ("tokens", "/administration/tokens"),
                ("registers", "/administration/registers"), ("webhooks", "/administration/webhooks"), ("rulebook", "/administration/rulebook"), ("audit", "/administration/audit"), ("unknown", "/no-such-page"),
            })
            {
                pages.Add(name, path);
            }

            return pages;
        }
    }

    [ConsoleTheory]
    [MemberData(nameof(Pages))]
    public async Task A_page_fits_every_screen_in_both_languages(string name, string path)
    {
        string address = await AddressAsync(path);
        foreach (string language in new[] { "en", "zh" })
        {
            foreach ((string size, int width, int height) in Sizes)
            {
                await using ConsolePage opened = await city.OpenAsync(address, language: language, width: width, height: height, theme: size == "phone" ? "light" : "dark");
                await SettledAsync(opened.Page);
                if (Screenshots is not null)
                {
                    await opened.Page.ScreenshotAsync(new PageScreenshotOptions { Path = Path.Combine(Screenshots, $"{name}-{language}-{size}.png") });
                }

                string where = $"{name}, {language}, {size}";
                Assert.True(await opened.Page.EvaluateAsync<bool>("() => document.documentElement.scrollWidth <= innerWidth"), $"{where}: wider than the screen");
                Assert.True(await opened.Page.EvaluateAsync<string[]>(CutOff) is { Length: 0 } cut, $"{where}: cut off: {string.Join("; ", await opened.Page.EvaluateAsync<string[]>(CutOff))}");
                Assert.True(await opened.Page.EvaluateAsync<string[]>(Overlaps) is { Length: 0 }, $"{where}: overlap: {string.Join("; ", await opened.Page.EvaluateAsync<string[]>(Overlaps))}");
                string headings = await opened.Page.EvaluateAsync<string>("() => [...document.querySelectorAll('nav a, main h1, main h2, main h3, main button, main th, main dt, main label > span')].filter(each => each.checkVisibility()).map(each => each.textContent).join('\\n')");
                string left = string.Join("; ", headings.Split('\n').Where(line => IsInTheOtherLanguage(line.Trim(), language)).Distinct());
                Assert.True(left.Length == 0, $"{where}: not translated: {left}");
            }
        }
    }

    [ConsoleTheory]
    [MemberData(nameof(Pages))]
    public async Task Axe_finds_nothing_serious(string name, string path)
    {
        string axe = await File.ReadAllTextAsync(Path.Combine(AppContext.BaseDirectory, "axe.min.js"));
        string address = await AddressAsync(path);
        foreach (string theme in new[] { "dark", "light" })
        {
            await using ConsolePage opened = await city.OpenAsync(address, theme: theme);
            await SettledAsync(opened.Page);
            await opened.Page.EvaluateAsync(axe);
            JsonElement violations = await opened.Page.EvaluateAsync<JsonElement>("async () => (await axe.run(document, { resultTypes: ['violations'] })).violations.filter(each => each.impact === 'serious' || each.impact === 'critical').map(each => `${each.id}: ${each.help}: ${each.nodes.slice(0, 3).map(node => node.html.slice(0, 160) + ' ' + (node.any[0]?.message ?? '')).join(' | ')}`)");
            Assert.True(violations.GetArrayLength() == 0, $"{name}, {theme}: {violations}");
        }
    }

    /// <summary>Waits until a page has what it loads: nothing says that it still loads, no page is being fetched, and its map is drawn.</summary>
    internal static async Task SettledAsync(IPage page)
    {
        await page.Locator("main#content > *").First.WaitForAsync();
        await page.WaitForFunctionAsync("() => !document.querySelector('main [aria-busy=true], [data-test=city-map][data-state=loading]')");

        // Two frames: what was loaded last is drawn.
        await page.EvaluateAsync("() => new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))");
    }

    /// <summary>In Chinese: words of three letters and more that are no names and units. In English: Chinese characters that are no plates and names.</summary>
    private static bool IsInTheOtherLanguage(string line, string language) => language == "zh"
        ? line.Length > 0 && !line.Any(letter => letter >= 0x4E00) && line.Split(' ', '\u202f', '/', '-').Any(word => word.Length > 3 && word.All(char.IsAsciiLetter) && char.IsLower(word[1])) && !Names.Contains(line)
        : line.Length > 0 && line.Count(letter => letter >= 0x4E00) > 2 && !line.Any(char.IsAsciiDigit) && line != "中文";

    private static readonly HashSet<string> Names = new(StringComparer.Ordinal) { "English", "Streaming", "Orleans" };

    /// <summary>A path with the subjects of the running city in it.</summary>
    private async Task<string> AddressAsync(string path)
    {
        if (path.Contains("{vehicle}", StringComparison.Ordinal))
        {
            return path.Replace("{vehicle}", Uri.EscapeDataString(await SubjectAsync("vehicle")), StringComparison.Ordinal);
        }

        if (path.Contains("{case}", StringComparison.Ordinal))
        {
            List<JsonElement> cases = await city.Silo.ListUntilAsync("/api/cases?open=true&kind=over-road-limit", 1);
            return path.Replace("{case}", cases[0].GetProperty("id").GetString(), StringComparison.Ordinal);
        }

        return path.Contains("{enterprise}", StringComparison.Ordinal) ? path.Replace("{enterprise}", Uri.EscapeDataString(await SubjectAsync("enterprise")), StringComparison.Ordinal)
            : path.Contains("{place}", StringComparison.Ordinal) ? path.Replace("{place}", Uri.EscapeDataString(await SubjectAsync("place")), StringComparison.Ordinal)
            : path;
    }

    private async Task<string> SubjectAsync(string kind)
    {
        long began = Environment.TickCount64;
        while (Environment.TickCount64 - began < 120_000)
        {
            foreach (JsonElement warning in await city.Silo.ListAsync("/api/warnings?limit=500"))
            {
                if (warning.GetProperty("subjectKind").GetString() == kind)
                {
                    return warning.GetProperty("subject").GetString()!;
                }
            }

            await Task.Delay(200);
        }

        throw new TimeoutException(string.Create(CultureInfo.InvariantCulture, $"No warning of a {kind} within two minutes."));
    }
}
