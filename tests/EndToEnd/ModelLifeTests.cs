using System.Net;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using Xunit;

namespace Streaming.Tests.EndToEnd;

/// <summary>The life of a learned model in the real process: trained from cases that were closed, uploaded, in shadow, compared on later cases, promoted, rolled back; and all of it there after a kill.</summary>
public sealed class ModelLifeTests
{
    private const string Kind = "over-road-limit";
    private const int Taught = 30;

    [Fact]
    public async Task What_departments_found_becomes_a_model_that_judges_once_it_was_compared_and_promoted()
    {
        string rows = Directory.CreateTempSubdirectory("rows").FullName;
        try
        {
            await using SiloProcess silo = new();
            await silo.StartAsync();
            await silo.RegisterStationAsync("S07");
            await silo.RegisterStationAsync("S08");

            // Whose plate was read badly was never found to be overloaded: that is there to be learned.
            DateTimeOffset at = DateTimeOffset.UtcNow.AddMinutes(-5);
            await PublishAsync(silo, "S07", Enumerable.Range(0, 2 * Taught).Select(i => Reading($"t{i}", Plate(i), i % 2 == 0 ? 0.98 : 0.62, at.AddSeconds(i))));
            await silo.ListUntilAsync("/api/cases", 2 * Taught);
            for (int i = 0; i < 2 * Taught; i++)
            {
                await CloseAsync(silo, Plate(i), i % 2 == 0);
            }

            (int code, string said) = await SiloProcess.RunAsync("train", rows, "--cases", silo.Data, "--out", rows);
            Assert.True(code == 0, said);
            string file = await File.ReadAllTextAsync(Path.Combine(rows, $"{Kind}.baseline-logistic.model.json"));
            string name = (await PostAsync(silo, "/api/models", file)).GetProperty("model").GetString()!;
            JsonElement kind = await PostAsync(silo, $"/api/models/{Kind}/shadow", $$"""{"model":"{{name}}","reason":"from our own cases"}""");
            Assert.Equal(name, kind.GetProperty("shadow").GetProperty("model").GetString());
            string before = kind.GetProperty("judge") is { ValueKind: JsonValueKind.Object } judge ? judge.GetProperty("model").GetString()! : "road-limit/1";

            // In shadow it is heard, and nobody is told by it.
            await PublishAsync(silo, "S08", Enumerable.Range(100, 6).Select(i => Reading($"s{i}", Plate(i), i % 2 == 0 ? 0.98 : 0.62, at.AddSeconds(i))));
            await silo.ListUntilAsync("/api/cases", (2 * Taught) + 6);
            JsonElement warning = (await CaseAsync(silo, Plate(101))).GetProperty("warning");
            Assert.Equal(before, warning.GetProperty("model").GetString());
            Assert.Equal((name, "shadow"), (warning.GetProperty("scores").EnumerateArray().Last().GetProperty("model").GetString(), warning.GetProperty("scores").EnumerateArray().Last().GetProperty("part").GetString()));
            for (int i = 100; i < 106; i++)
            {
                await CloseAsync(silo, Plate(i), i % 2 == 0);
            }

            JsonElement comparison = await ComparedAsync(silo, 6);
            Assert.Equal((3, 3), (comparison.GetProperty("foundTrue").GetInt32(), comparison.GetProperty("foundFalse").GetInt32()));
            JsonElement[] models = [.. comparison.GetProperty("models").EnumerateArray()];
            Assert.Equal([before, name], models.Select(model => model.GetProperty("model").GetString()));
            Assert.Equal((1.0, 1.0), (models[1].GetProperty("precision").GetDouble(), models[1].GetProperty("recall").GetDouble()));
            Assert.InRange(models[1].GetProperty("brier").GetDouble(), 0, 0.05);
            Assert.Equal("S08", models[1].GetProperty("stations")[0].GetProperty("source").GetString());

            // Promoted, it judges what comes from then on, also after a kill.
            await PostAsync(silo, $"/api/models/{Kind}/promote", """{"reason":"right in six of six"}""");
            silo.Kill();
            await silo.StartAsync();
            await PublishAsync(silo, "S08", [Reading("p1", Plate(201), 0.62, at.AddSeconds(201))]);
            await silo.ListUntilAsync("/api/cases", (2 * Taught) + 7);
            warning = (await CaseAsync(silo, Plate(201))).GetProperty("warning");
            Assert.Equal(name, warning.GetProperty("model").GetString());
            Assert.True(warning.GetProperty("confidence").GetDouble() < 0.5, warning.GetRawText());
            Assert.Contains($"the learned model {name} says", warning.GetProperty("explanation").GetProperty("en").GetString(), StringComparison.Ordinal);

            // Rolled back, who judged before judges again; who decided what is in the list.
            kind = await PostAsync(silo, $"/api/models/{Kind}/roll-back", """{"reason":"an exercise"}""");
            await PublishAsync(silo, "S08", [Reading("r1", Plate(301), 0.62, at.AddSeconds(250))]);
            await silo.ListUntilAsync("/api/cases", (2 * Taught) + 8);
            Assert.Equal(before, (await CaseAsync(silo, Plate(301))).GetProperty("warning").GetProperty("model").GetString());
            JsonElement uploaded = (await silo.GetAsync("/api/models"))!.Value.GetProperty("items").EnumerateArray().Last();
            Assert.Equal((name, "uploaded", "admin"), (uploaded.GetProperty("model").GetString(), uploaded.GetProperty("origin").GetString(), uploaded.GetProperty("by").GetString()));

            // A replay of the journal alone judges as it was judged.
            Assert.Equal(0, await silo.TerminateAsync());
            (code, said) = await SiloProcess.RunAsync("verify", silo.Data);
            Assert.True(code == 0, said);
        }
        finally
        {
            Directory.Delete(rows, recursive: true);
        }
    }

    private static string Plate(int number) => FormattableString.Invariant($"粤H{number:00000}");

    private static Task PublishAsync(SiloProcess silo, string station, IEnumerable<byte[]> readings) => new StationClient(silo.MqttPort, station, [.. readings]).RunAsync(CancellationToken.None);

    private static async Task<JsonElement> CaseAsync(SiloProcess silo, string plate) => Assert.Single(await silo.ListAsync($"/api/cases?subject={Uri.EscapeDataString($"{plate}-yellow")}"));

    private static async Task<JsonElement> PostAsync(SiloProcess silo, string path, string json)
    {
        using StringContent body = new(json, Encoding.UTF8, "application/json");
        using HttpResponseMessage answer = await silo.Http.PostAsync(new Uri(path, UriKind.Relative), body);
        string text = await answer.Content.ReadAsStringAsync();
        Assert.True(answer.StatusCode is HttpStatusCode.OK or HttpStatusCode.Created, $"{path}: {answer.StatusCode} {text}");
        return JsonSerializer.Deserialize<JsonElement>(text);
    }

    /// <summary>The comparison, once the lists have so many of its cases.</summary>
    private static async Task<JsonElement> ComparedAsync(SiloProcess silo, int cases)
    {
        for (int i = 0; ; i++)
        {
            JsonElement comparison = (await silo.GetAsync($"/api/models/{Kind}/comparison"))!.Value;
            if (comparison.GetProperty("cases").GetInt32() >= cases || i == 200)
            {
                return comparison;
            }

            await Task.Delay(25);
        }
    }

    private static async Task CloseAsync(SiloProcess silo, string plate, bool found)
    {
        foreach (string outcome in found ? (string[])["confirmed", "confirmed", "penalty", "notified"] : ["false-alarm"])
        {
            JsonElement row = await CaseAsync(silo, plate);
            JsonElement order = row.GetProperty("workOrders").EnumerateArray().Single(order =>
                order.GetProperty("stage").GetString() == row.GetProperty("stage").GetString() && order.GetProperty("role").GetString() == "lead" && order.GetProperty("state").GetString() is "issued" or "accepted");
            using HttpResponseMessage answer = await silo.Http.PostAsJsonAsync($"/api/workorders/{Uri.EscapeDataString(order.GetProperty("id").GetString()!)}/complete", new { outcome });
            Assert.True(answer.IsSuccessStatusCode, $"{outcome}: {await answer.Content.ReadAsStringAsync()}");
        }
    }

    private static byte[] Reading(string id, string plate, double confidence, DateTimeOffset at)
    {
        string axles = string.Join(',', Enumerable.Range(0, 6).Select(i => FormattableString.Invariant($$"""{"massKg":10000,"offsetM":{{i * 2}}}""")));
        return Encoding.UTF8.GetBytes(FormattableString.Invariant(
            $$"""{"id":"{{id}}","at":"{{at:O}}","plate":"{{plate}}","plateColor":"yellow","plateConfidence":{{confidence}},"speedKmh":63.5,"axles":[{{axles}}],"grossKg":60000,"vehicleClass":"combination"}"""));
    }
}
