using System.Globalization;
using System.Net;
using System.Text;
using System.Text.Json;
using Xunit;

namespace Streaming.Tests.EndToEnd;

/// <summary>Registers over the real process: loaded over HTTP with a department's own column names, said over MQTT, and what becomes of a warning that they show to be wrong; over kills, on each host.</summary>
public sealed class RegisterProcessTests
{
    private const string Truck = "粤H12345-yellow";

    public static TheoryData<string> Hosts => [.. Parity.ParityHosts.Names];

    [Theory]
    [MemberData(nameof(Hosts))]
    public async Task A_wrong_warning_is_judged_anew_when_the_register_arrives_and_nothing_doubles_over_a_kill(string host)
    {
        await using SiloProcess silo = new();
        using CancellationTokenSource patience = new(TimeSpan.FromMinutes(3));
        await silo.StartAsync("--host", host);
        await silo.RegisterStationAsync("S07");
        await silo.RegisterDeviceAsync(
            """
            {"id":"police","password":"p","kind":"register","district":"harbour","topics":["v1/records/police"],"owner":"traffic-police","register":"vehicles",
             "mapping":{"columns":[{"column":"号牌","field":"plate"},{"column":"车型","field":"vehicleClass"}],"words":[{"field":"vehicleClass","word":"半挂","means":"combination"}]}}
            """);
        await silo.RegisterDeviceAsync("""{"id":"permits","password":"p","kind":"register","district":"harbour","topics":["v1/records/permits"],"register":"permits"}""");

        // 34 t on four axles: over the 31 t of a rigid truck, within the 36 t of a combination.
        await PublishAsync(silo, "S07", "v1/wim/S07/1", Weighing("1", 34_000, 4, "rigid"));
        Assert.Single(await silo.ListUntilAsync("/api/warnings?open=true", 1));

        const string Table = "号牌,车型,axles\n粤H12345-yellow,半挂,4\n粤H2-yellow,半挂,99\n粤H3-yellow,rigid,2\n";
        JsonElement tried = await silo.LoadTableAsync("vehicles", "police", Table, "&dryRun=true");
        Assert.Equal((3, 2, 1), (tried.GetProperty("records").GetInt32(), tried.GetProperty("taken").GetInt32(), tried.GetProperty("refused").GetInt32()));
        Assert.Single(await silo.ListAsync("/api/warnings?open=true"));
        JsonElement loaded = await silo.LoadTableAsync("vehicles", "police", Table, "");
        Assert.Equal(tried.GetProperty("problems").GetRawText(), loaded.GetProperty("problems").GetRawText());
        Assert.Equal((3, "axles"), (loaded.GetProperty("problems")[0].GetProperty("line").GetInt32(), loaded.GetProperty("problems")[0].GetProperty("field").GetString()));

        JsonElement cleared = (await silo.ListUntilAsync("/api/warnings?open=false", 1)).Single();
        Assert.Contains("Judged anew, since police changed the entry vehicles/粤H12345-yellow", cleared.GetProperty("explanation").GetProperty("en").GetString(), StringComparison.Ordinal);
        Assert.Equal(36_000, (await silo.GetAsync($"/api/vehicles/{Uri.EscapeDataString(Truck)}"))!.Value.GetProperty("lastWeighing").GetProperty("limitKg").GetInt32());
        Assert.Contains("axles is \"99\"", Assert.Single(await silo.ListUntilAsync("/api/quarantine?source=police", 1)).GetProperty("detail").GetString(), StringComparison.Ordinal);

        await PublishAsync(silo, "permits", "v1/records/permits", """{"number":"P1","plate":"粤H9-yellow","grossKg":80000}""");
        await PublishAsync(silo, "S07", "v1/wim/S07/1", Weighing("2", 70_000, 6, "combination", "粤H9"));
        silo.Kill();
        await silo.StartAsync("--host", host);

        Assert.Empty(await silo.ListAsync("/api/warnings?open=true"));
        JsonElement permitted = (await silo.GetAsync($"/api/vehicles/{Uri.EscapeDataString("粤H9-yellow")}"))!.Value;
        Assert.Equal((80_000, 0), (permitted.GetProperty("lastWeighing").GetProperty("limitKg").GetInt32(), permitted.GetProperty("lastWeighing").GetProperty("overKg").GetInt32()));

        // What was weighed before its registration was known is judged anew without another reading.
        await PublishAsync(silo, "S07", "v1/wim/S07/1", Weighing("3", 60_000, 6, "combination", "粤H8"));
        await silo.LoadTableAsync("vehicles", "police", "plate,driveAxles\n粤H8-yellow,1\n", "");
        string history = $"/api/vehicles/{Uri.EscapeDataString("粤H8-yellow")}/history?kinds=warning&order=asc";
        List<JsonElement> changes;
        while ((changes = await silo.ListAsync(history)).Count < 2)
        {
            await Task.Delay(25, patience.Token);
        }

        Assert.Equal(["opened", "updated"], changes.Select(change => change.GetProperty("change").GetString()));
        Assert.Equal([49_000, 46_000], changes.Select(change => change.GetProperty("detail").GetProperty("evidence").GetProperty("figures").GetProperty("limitKg").GetInt32()));

        // Whoever does not know whether a load was cut off sends it again: nothing is said twice.
        JsonElement before = (await silo.GetAsync($"/api/registers/vehicles/{Uri.EscapeDataString(Truck)}"))!.Value;
        await silo.LoadTableAsync("vehicles", "police", Table, "");
        JsonElement after = (await silo.GetAsync($"/api/registers/vehicles/{Uri.EscapeDataString(Truck)}"))!.Value;
        Assert.Equal(before.GetProperty("spans").GetRawText(), after.GetProperty("spans").GetRawText());
        Assert.Equal(1, after.GetProperty("statements").GetArrayLength());
        Assert.Equal(3, (await silo.ListAsync("/api/registers/vehicles?source=police")).Count);

        // The whole table without the third truck: it is no more.
        JsonElement whole = await silo.LoadTableAsync("vehicles", "police", "号牌,车型,axles\n粤H12345-yellow,半挂,4\n", "&full=true");
        Assert.Equal(2, whole.GetProperty("removed").GetInt32());
        while ((await silo.ListAsync("/api/registers/vehicles?source=police")).Count != 1)
        {
            // Its entries show it a turn later than the load is acknowledged; a list that never does ends by the test's own patience.
            await Task.Delay(25, patience.Token);
        }

        silo.Kill();
        (int code, string report) = await SiloProcess.RunAsync("verify", silo.Data);
        Assert.True(code == 0, report);
    }

    private static async Task PublishAsync(SiloProcess silo, string client, string topic, string payload)
    {
        using CancellationTokenSource patience = new(silo.Patience);
        await new StationClient(silo.MqttPort, client, [Encoding.UTF8.GetBytes(payload)]) { Topic = topic }.RunAsync(patience.Token);
    }

    private static string Weighing(string id, int grossKg, int axles, string vehicleClass, string plate = "粤H12345") => string.Create(
        CultureInfo.InvariantCulture,
        $$"""{"id":"S07-{{id}}","at":"{{DateTimeOffset.UtcNow:yyyy-MM-ddTHH:mm:ssZ}}","plate":"{{plate}}","plateColor":"yellow","axles":[{{string.Join(',', Enumerable.Range(0, axles).Select(i => $"{{\"massKg\":{grossKg / axles},\"offsetM\":{i}.5}}"))}}],"grossKg":{{grossKg}},"vehicleClass":"{{vehicleClass}}"}""").Replace("\"offsetM\":0.5", "\"offsetM\":0", StringComparison.Ordinal);
}
