using System.Globalization;
using System.Net.Http.Json;
using System.Reflection;
using System.Text;
using System.Text.Json;
using Microsoft.Playwright;
using Streaming.Silo.Host;
using Streaming.Tests.EndToEnd;
using Streaming.Tests.Faults;
using Streaming.Tests.Journal;
using Xunit;

namespace Streaming.Tests.Console;

/// <summary>What each of the console's people mainly does, with the mouse or the keyboard, against a silo of the test's own.</summary>
[Collection(ConsoleCollection.Name)]
public sealed class MainJobsTests(ConsoleCity city)
{
    private const string Station = "S07";
    private const string Plate = "粤H54321";
    private const string Enterprise = "91441200MA5BALANCE";

    [ConsoleFact]
    public async Task A_duty_officer_sees_an_alert_arrive_opens_it_accepts_it_and_completes_it()
    {
        await using SiloProcess silo = await StartAsync();
        string token = await silo.IssueTokenAsync("wang", "member", "transport");
        await using ConsolePage opened = await city.OpenAsync("/desk", token, at: ConsoleCity.AddressOf(silo));
        await EveryPageTests.SettledAsync(opened.Page);
        Assert.Equal(0, await opened.Marked("desk-row").CountAsync());
        await WeighAsync(silo, "live-1", Plate, 60_000);
        ILocator row = opened.Marked("desk-row").First;
        await Assertions.Expect(row).ToContainTextAsync(Plate);
        await Assertions.Expect(opened.Marked("latest")).ToContainTextAsync(Plate);
        await row.ClickAsync();
        await opened.Marked("accept").First.ClickAsync();
        await opened.Marked("complete").First.ClickAsync();
        await opened.Page.Locator("dialog[open] [data-test=outcome]").SelectOptionAsync("false-alarm");
        await opened.Page.Locator("dialog[open] button[type=submit]").ClickAsync();
        await Assertions.Expect(opened.Marked("desk-row").Filter(new() { HasText = Plate })).ToHaveCountAsync(0);
        JsonElement closed = Assert.Single(await silo.ListAsync("/api/cases"));
        Assert.Equal(("closed", "false-alarm"), (closed.GetProperty("state").GetString(), closed.GetProperty("outcome").GetString()));
    }

    [ConsoleFact]
    public async Task A_grid_worker_sends_picture_handling_and_record_from_a_phone_in_one_act()
    {
        await using SiloProcess silo = await StartAsync();
        await silo.RegisterDeviceAsync("""{"id":"C1","password":"p","topics":["v1/video/C1"],"kind":"video","district":"harbour","place":"west-gate"}""");
        byte[] seen = Encoding.UTF8.GetBytes(FormattableString.Invariant($$"""{"id":"c1","at":"{{DateTimeOffset.UtcNow:O}}","event":"illegal-parking","confidence":0.95}"""));
        await new StationClient(silo.MqttPort, "C1", [seen]) { Topic = "v1/video/C1" }.RunAsync(CancellationToken.None);
        string id = Assert.Single(await silo.ListUntilAsync("/api/cases", 1)).GetProperty("id").GetString()!;
        string token = await silo.IssueTokenAsync("chen", "member", "traffic-police");
        await using ConsolePage opened = await city.OpenAsync($"/desk?case={id}", token, width: 390, height: 844, theme: "light", at: ConsoleCity.AddressOf(silo));
        ILocator act = opened.Marked("field-act").First;
        byte[] jpeg = [0xFF, 0xD8, 0xFF, 0xE0, .. new byte[40], 0xFF, 0xD9];
        await act.Locator("[data-test=camera]").SetInputFilesAsync(new FilePayload { Name = "kerb.jpg", MimeType = "image/jpeg", Buffer = jpeg });
        await act.Locator("[data-test=outcome]").SelectOptionAsync("warning");
        await act.Locator("[data-test=record-why]").FillAsync("Stood before the gate; the driver moved it.");
        await act.Locator("[data-test=record-not-seen]").SelectOptionAsync("nobody-there");
        await act.Locator("[data-test=send]").ClickAsync();
        await Assertions.Expect(opened.Marked("desk-row")).ToHaveCountAsync(0);
        JsonElement order = (await silo.GetAsync($"/api/cases/{id}"))!.Value.GetProperty("workOrders").EnumerateArray().Single(order => order.GetProperty("department").GetString() == "traffic-police");
        Assert.Equal(("completed", "warning", "nobody-there"), (order.GetProperty("state").GetString(), order.GetProperty("outcome").GetString(), order.GetProperty("record").GetProperty("not-seen").GetString()));
        Assert.Equal(1, order.GetProperty("attached").GetInt32());
    }

    [ConsoleFact]
    public async Task Alerts_that_came_while_the_line_was_broken_are_there_when_it_is_back()
    {
        await using SiloProcess silo = await StartAsync();
        string token = await silo.IssueTokenAsync("wang", "member", "transport");
        await using ConsolePage opened = await city.OpenAsync("/desk", token, at: ConsoleCity.AddressOf(silo));
        await WeighAsync(silo, "before", "粤H00001", 60_000);
        await Assertions.Expect(opened.Marked("desk-row")).ToHaveCountAsync(1);
        await opened.Page.EvaluateAsync("() => { window.same = true; }");
        silo.Kill();
        await Assertions.Expect(opened.Page.GetByRole(AriaRole.Alert).First).ToContainTextAsync("No connection since");

        // The silo is back before the browser finds it: three alerts happen meanwhile.
        await silo.StartAsync();
        for (int i = 2; i <= 4; i++)
        {
            await WeighAsync(silo, $"meanwhile-{i}", $"粤H0000{i}", 60_000);
        }

        await Assertions.Expect(opened.Marked("desk-row")).ToHaveCountAsync(4);
        Assert.True(await opened.Page.EvaluateAsync<bool>("() => window.same === true"));
    }

    [ConsoleFact]
    public async Task An_operator_finds_a_vehicle_by_a_part_of_its_plate_and_reads_why_it_was_stopped()
    {
        await using SiloProcess silo = await StartAsync();
        await WeighAsync(silo, "why-1", Plate, 60_000);
        await silo.ListUntilAsync("/api/warnings", 1);
        await using ConsolePage opened = await city.OpenAsync(at: ConsoleCity.AddressOf(silo));
        await EveryPageTests.SettledAsync(opened.Page);
        await opened.Page.Keyboard.PressAsync("/");
        await opened.Page.Keyboard.TypeAsync("h5432");
        await Assertions.Expect(opened.Page.Locator("#found [role=option]").First).ToContainTextAsync(Plate);
        await opened.Page.Keyboard.PressAsync("Enter");
        await opened.Page.WaitForURLAsync(url => url.Contains("/vehicles/", StringComparison.Ordinal));
        ILocator why = opened.Marked("why").First;
        await Assertions.Expect(why).ToContainTextAsync("11,000 kg (22.45 %) over the road limit of 49,000 kg");
        await Assertions.Expect(why).ToContainTextAsync("超限运输车辆行驶公路管理规定 Art. 3");
        await Assertions.Expect(opened.Marked("axle-diagram")).ToBeVisibleAsync();

        // The other language has the same.
        await opened.Page.GetByRole(AriaRole.Button, new() { Name = "中文" }).ClickAsync();
        await Assertions.Expect(why).ToContainTextAsync("超过公路限值49,000 kg达11,000 kg");
    }

    [ConsoleFact]
    public async Task A_supervisor_finds_the_enterprise_whose_balance_does_not_close()
    {
        using TemporaryDirectory directory = new();
        await using RunningCity books = await RunningCity.StartAsync(directory.Path, HostKind.Standalone);
        object ledger = new { id = "ledger", password = "p", topics = new[] { $"v1/ledger/{Enterprise}" }, kind = "ledger", district = "chemical-park" };
        DateTimeOffset at = books.Now.AddMinutes(-4);
        foreach ((int i, string action, int massKg) in new[] { (0, "store", 20_000), (1, "receive", 10_000), (2, "dispose", 15_000), (3, "store", 9_000) })
        {
            await books.PublishAsync(ledger, "ledger", $"v1/ledger/{Enterprise}", string.Create(
                CultureInfo.InvariantCulture,
                $$"""{"id":"l{{i}}","at":"{{at.AddMinutes(i):yyyy-MM-ddTHH:mm:ss.fffZ}}","action":"{{action}}","substance":"UN1017","massKg":{{massKg}}}"""));
        }

        // Lines that are still to come are given half a day.
        books.Advance(TimeSpan.FromHours(13));
        await books.ShownAsync(alerts => alerts.Exists(alert => alert.Type == "work-order"), "the work order", "emergency");
        await using ConsolePage opened = await city.OpenAsync("/cases?kind=enterprise-balance", RunningCity.Token, at: $"http://127.0.0.1:{books.HttpPort}");
        await Assertions.Expect(opened.Page.Locator("main")).ToContainTextAsync(Enterprise);
        await opened.Page.GetByText(Enterprise).First.ClickAsync();
        ILocator link = opened.Page.Locator($"a[href='/enterprises/{Enterprise}']").First;
        await link.ClickAsync();
        await Assertions.Expect(opened.Marked("balance-substance").First).ToContainTextAsync("UN1017");
        await Assertions.Expect(opened.Marked("balance-flow")).ToBeVisibleAsync();
        await Assertions.Expect(opened.Marked("unexplained")).ToContainTextAsync("6,000\u202fkg MISSING");
    }

    [ConsoleFact]
    public async Task A_supervisor_sees_on_Monday_who_is_late()
    {
        using TemporaryDirectory directory = new();
        await using RunningCity late = await RunningCity.StartAsync(directory.Path, HostKind.Standalone);
        await late.WeighAsync(1, over: true);
        await late.ShownAsync(alerts => alerts.Exists(alert => alert.Type == "work-order"), "the work order");
        late.Advance(TimeSpan.FromDays(20));
        await late.ShownAsync(alerts => alerts.Exists(alert => alert.Type == "overdue"), "that it is overdue");
        await using ConsolePage opened = await city.OpenAsync("/supervision", RunningCity.Token, at: $"http://127.0.0.1:{late.HttpPort}");
        await Assertions.Expect(opened.Marked("latest-row").First).ToContainTextAsync("Transport");
        await Assertions.Expect(opened.Marked("score-row").Filter(new() { HasText = "Transport" })).ToContainTextAsync("1 (100");
        await opened.Marked("latest-row").First.Locator("a").First.ClickAsync();
        await Assertions.Expect(opened.Marked("case")).ToContainTextAsync("粤F00001");
    }

    [ConsoleFact]
    public async Task An_operator_silences_a_source()
    {
        await using SiloProcess silo = await StartAsync();
        await using ConsolePage opened = await city.OpenAsync($"/sources/{Station}", at: ConsoleCity.AddressOf(silo));
        await opened.Marked("silence-source").First.ClickAsync();
        await opened.Page.Locator("dialog[open] [data-test=reason]").FillAsync("The scale is being calibrated.");
        await opened.Page.Locator("dialog[open] button[type=submit]").ClickAsync();
        await Assertions.Expect(opened.Page.Locator("main")).ToContainTextAsync("The scale is being calibrated.");
        JsonElement silence = Assert.Single((await silo.GetAsync("/api/silences"))!.Value.GetProperty("items").EnumerateArray());
        Assert.Equal(("admin", Station), (silence.GetProperty("silence").GetProperty("by").GetString(), silence.GetProperty("silence").GetProperty("source").GetString()));

        // What it measures then is kept, and opens no case.
        await WeighAsync(silo, "silent-1", Plate, 60_000);
        await silo.ListUntilAsync("/api/warnings", 1);
        Assert.Empty(await silo.ListAsync("/api/cases"));
    }

    [ConsoleFact]
    public async Task A_model_in_shadow_is_promoted()
    {
        await using SiloProcess silo = await StartAsync();

        // The shipped model in another wording of its card is another version, which scores the same.
        using StreamReader shipped = new(ShippedModel("over-road-limit"));
        string text = (await shipped.ReadToEndAsync()).Replace("\"threshold\":0.5", "\"threshold\":0.6", StringComparison.Ordinal);
        using StringContent body = new(text, Encoding.UTF8, "application/json");
        using HttpResponseMessage answer = await silo.Http.PostAsync("/api/models", body);
        string said = await answer.Content.ReadAsStringAsync();
        Assert.True(answer.IsSuccessStatusCode, said);
        string name = JsonSerializer.Deserialize<JsonElement>(said).GetProperty("model").GetString()!;
        using HttpResponseMessage shadow = await silo.Http.PostAsJsonAsync("/api/models/over-road-limit/shadow", new { model = name, reason = "to see" });
        Assert.True(shadow.IsSuccessStatusCode, await shadow.Content.ReadAsStringAsync());

        await using ConsolePage opened = await city.OpenAsync("/models", at: ConsoleCity.AddressOf(silo));
        ILocator kind = opened.Marked("kind-over-road-limit").First;
        await Assertions.Expect(kind.Locator("[data-test=shadow]").First).ToContainTextAsync(name.Split('/')[^1]);
        await kind.Locator("[data-test=promote]").First.ClickAsync();
        await opened.Page.Locator("dialog[open] [data-test=reason]").FillAsync("It was right more often.");
        await opened.Page.Locator("dialog[open] button[type=submit]").ClickAsync();
        await Assertions.Expect(kind.Locator("[data-test=judge]").First).ToContainTextAsync(name.Split('/')[^1]);
    }

    [ConsoleFact]
    public async Task A_register_is_tried_and_then_imported()
    {
        await using SiloProcess silo = await StartAsync();
        await silo.RegisterDeviceAsync("""{"id":"police-vehicles","topics":["v1/records/police-vehicles"],"kind":"register","district":"harbour","register":"vehicles"}""");
        await using ConsolePage opened = await city.OpenAsync("/administration/registers?register=vehicles", at: ConsoleCity.AddressOf(silo));
        FilePayload table = new() { Name = "vehicles.csv", MimeType = "text/csv", Buffer = Encoding.UTF8.GetBytes("plate,vehicleClass,axles,driveAxles\n粤H54321-yellow,combination,6,1\n粤H00002-yellow,combination,many,1\n") };
        await opened.Marked("import-source").First.SelectOptionAsync("police-vehicles");
        await opened.Marked("import-file").First.SetInputFilesAsync(table);
        await opened.Marked("dry-run").First.ClickAsync();
        await Assertions.Expect(opened.Marked("problem").First).ToContainTextAsync("axles");
        Assert.Empty(await silo.ListAsync("/api/registers/vehicles"));
        await opened.Marked("import").First.ClickAsync();
        await opened.Page.Locator("dialog[open] button[type=submit]").ClickAsync();
        await Assertions.Expect(opened.Marked("import-result").First).ToBeVisibleAsync();
        Assert.Equal("粤H54321-yellow", Assert.Single(await silo.ListUntilAsync("/api/registers/vehicles", 1)).GetProperty("key").GetString());
    }

    private static Stream ShippedModel(string kind)
    {
        Assembly models = typeof(Streaming.Models.Readings.ReadingKind).Assembly;
        return models.GetManifestResourceStream(models.GetManifestResourceNames().Single(name => name.StartsWith($"{kind}.", StringComparison.Ordinal)))!;
    }

    private static async Task<SiloProcess> StartAsync()
    {
        SiloProcess silo = new();
        await silo.StartAsync();
        await silo.RegisterStationAsync(Station);
        return silo;
    }

    private static Task WeighAsync(SiloProcess silo, string id, string plate, int grossKg)
    {
        string axles = string.Join(',', Enumerable.Range(0, 6).Select(i => FormattableString.Invariant($$"""{"massKg":{{grossKg / 6}},"offsetM":{{i * 2}}}""")));
        return new StationClient(silo.MqttPort, Station, [Encoding.UTF8.GetBytes(FormattableString.Invariant(
            $$"""{"id":"{{id}}","at":"{{DateTimeOffset.UtcNow:O}}","plate":"{{plate}}","plateColor":"yellow","plateConfidence":0.97,"speedKmh":63.5,"axles":[{{axles}}],"grossKg":{{grossKg}},"vehicleClass":"combination"}"""))]).RunAsync(CancellationToken.None);
    }
}
