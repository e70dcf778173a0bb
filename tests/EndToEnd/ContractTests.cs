using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;
using Streaming.Tests.Support;
using Xunit;

namespace Streaming.Tests.EndToEnd;

/// <summary>The way of a reading from a client that this project did not write to a department's live alert, and the case to its end.</summary>
public sealed class ContractTests
{
    private const string Vehicle = "粤H12345-yellow";

    [MosquittoFact]
    public async Task An_overload_is_alerted_once_and_worked_from_transport_to_the_police()
    {
        await using SiloProcess silo = new();
        await silo.StartAsync();
        await silo.RegisterStationAsync("S07");
        string transport = await silo.IssueTokenAsync("t1", "member", "transport");
        string police = await silo.IssueTokenAsync("p1", "member", "traffic-police");
        await using Lines sse = await Lines.OfSseAsync(silo, transport, "/api/departments/transport/alerts");

        // The first run ends once it is subscribed, and leaves a session: the second one gets what came meanwhile.
        string[] subscribe = ["-p", $"{silo.MqttPort}", "-u", "t1", "-P", transport, "-q", "1", "-c", "-i", "desk", "-t", "v1/departments/transport/harbour/alerts"];
        await using (Lines subscribing = Lines.OfProgram("mosquitto_sub", [.. subscribe, "-E"]))
        {
            await subscribing.EndAsync();
        }

        await using Lines mqtt = Lines.OfProgram("mosquitto_sub", subscribe);

        await PublishAsync(silo, "v1/wim/S07/2", Reading("S07-000123", 60_000));
        JsonElement alert = JsonSerializer.Deserialize<JsonElement>((await sse.NextAsync(line => line.StartsWith("data: ", StringComparison.Ordinal)))[6..]);
        Assert.Equal(Vehicle, alert.GetProperty("subject").GetString());
        Assert.Equal("over-road-limit", alert.GetProperty("kind").GetString());
        Assert.Equal("transport-review", alert.GetProperty("stage").GetString());
        Assert.True(alert.GetProperty("deadline").GetDateTimeOffset() > DateTimeOffset.UtcNow);
        Assert.Equal(alert.GetRawText(), JsonSerializer.Deserialize<JsonElement>(await mqtt.NextAsync(line => line.StartsWith('{'))).GetRawText());

        JsonElement state = (await silo.GetAsync(Path(Vehicle)))!.Value;
        Assert.Equal(49_000, state.GetProperty("lastWeighing").GetProperty("limitKg").GetInt32());
        Assert.Equal(11_000, state.GetProperty("lastWeighing").GetProperty("overKg").GetInt32());
        JsonElement warning = Assert.Single(state.GetProperty("openWarnings").EnumerateArray());
        Assert.Contains("49,000 kg", warning.GetProperty("explanation").GetProperty("en").GetString(), StringComparison.Ordinal);

        // The same reading again changes nothing at all.
        await PublishAsync(silo, "v1/wim/S07/2", lastPublished!);
        Assert.Equal(state.GetRawText(), (await silo.GetAsync(Path(Vehicle)))!.Value.GetRawText());

        // A second overload updates the warning and opens no second case.
        await PublishAsync(silo, "v1/wim/S07/2", Reading("S07-000124", 61_000));
        JsonElement second = (await silo.GetAsync(Path(Vehicle)))!.Value;
        Assert.Equal(2, second.GetProperty("weighings").GetInt32());
        Assert.Equal(2, Assert.Single(second.GetProperty("openWarnings").EnumerateArray()).GetProperty("count").GetInt32());
        Assert.Single(await silo.ListAsync($"/api/cases?subject={Uri.EscapeDataString(Vehicle)}"));

        string order = alert.GetProperty("workOrder").GetString()!;
        Assert.Equal(HttpStatusCode.NotFound, (await ActAsync(silo, police, order, "accept", new { })).Status);
        Assert.Equal(HttpStatusCode.OK, (await ActAsync(silo, transport, order, "accept", new { note = "looking" })).Status);
        (HttpStatusCode status, JsonElement problem) = await ActAsync(silo, transport, order, "accept", new { });
        Assert.Equal(HttpStatusCode.Conflict, status);
        Assert.Contains("complete", problem.GetProperty("allowed").EnumerateArray().Select(action => action.GetString()));
        Assert.Equal(HttpStatusCode.OK, (await ActAsync(silo, transport, order, "complete", new { note = "plate and picture agree", outcome = "confirmed" })).Status);

        await using Lines ofPolice = await Lines.OfSseAsync(silo, police, "/api/departments/traffic-police/alerts?from=0");
        JsonElement theirs = JsonSerializer.Deserialize<JsonElement>((await ofPolice.NextAsync(line => line.StartsWith("data: ", StringComparison.Ordinal)))[6..]);
        Assert.Equal("police-review", theirs.GetProperty("stage").GetString());
        Assert.Equal(alert.GetProperty("case").GetString(), theirs.GetProperty("case").GetString());
    }

    [MosquittoFact]
    public async Task What_does_not_fit_is_refused_or_kept_with_its_reason_and_good_readings_around_it_are_taken()
    {
        await using SiloProcess silo = new();
        await silo.StartAsync();
        await silo.RegisterStationAsync("S07");
        await silo.RegisterStationAsync("S08");
        await PublishAsync(silo, "v1/wim/S07/1", Reading("good-1", 20_000));
        Assert.NotEqual(0, await RunPubAsync(silo, "v1/wim/S07/1", """{"id":"x","at":"""));
        Assert.NotEqual(0, await RunPubAsync(silo, "v1/wim/S07/1", Reading("negative", 20_000).Replace("\"grossKg\":20000", "\"grossKg\":-20000", StringComparison.Ordinal)));
        Assert.NotEqual(0, await RunPubAsync(silo, "v1/wim/S07/1", Reading("typed", 20_000).Replace("\"grossKg\":20000", "\"grossKg\":\"heavy\"", StringComparison.Ordinal)));
        Assert.NotEqual(0, await RunPubAsync(silo, "v1/wim/S07/1", $$"""{"id":"large","pad":"{{new string('x', 300 * 1024)}}"}"""));
        Assert.NotEqual(0, await RunPubAsync(silo, "v1/wim/S08/1", Reading("foreign", 20_000)));
        await PublishAsync(silo, "v1/wim/S07/1", $"[{Reading("good-2", 20_100)},{{\"id\":\"bad\"}},{Reading("good-3", 20_200)}]");

        Assert.Equal(3, (await silo.GetAsync(Path(Vehicle)))!.Value.GetProperty("weighings").GetInt32());
        List<JsonElement> kept = await silo.ListUntilAsync("/api/quarantine?source=S07", 6);
        Assert.Equal(
            ["malformed", "missing-field", "out-of-range", "too-large", "topic-not-allowed", "wrong-type"],
            kept.Select(row => row.GetProperty("reason").GetString()).Order(StringComparer.Ordinal));
        JsonElement source = (await silo.GetAsync("/api/sources/S07"))!.Value;
        Assert.Equal((3, 6), (source.GetProperty("accepted").GetInt32(), source.GetProperty("rejected").GetInt32()));
    }

    [RecordedDataFact("wim-mon-24h.txt")]
    public async Task A_recorded_day_is_replayed_and_exactly_the_vehicles_over_the_limit_have_warnings()
    {
        await using SiloProcess silo = new();
        await silo.StartAsync();
        await silo.RegisterStationAsync("M01");
        (int code, string printed) = await SiloProcess.RunAsync("replay", RecordedData.Get("wim-mon-24h.txt"), "--format", "mon", "--source", "M01", "--password", "p", "--mqtt", $"{silo.MqttPort}", "--http", $"{silo.HttpPort}", "--host", "127.0.0.1");
        Assert.True(code == 0, printed);
        JsonElement source = (await silo.GetAsync("/api/sources/M01"))!.Value;
        Assert.Equal((9_427, 0), (source.GetProperty("accepted").GetInt32(), source.GetProperty("rejected").GetInt32()));
        List<JsonElement> warnings = await silo.ListUntilAsync("/api/warnings?kind=over-road-limit&limit=100", 21);
        Assert.Equal(21, warnings.Count);
        foreach (JsonElement warning in warnings)
        {
            JsonElement figures = warning.GetProperty("evidence").GetProperty("figures");
            Assert.True(figures.GetProperty("grossKg").GetDouble() > figures.GetProperty("limitKg").GetDouble());
        }
    }

    private string? lastPublished;

    private static string Path(string vehicle) => $"/api/vehicles/{Uri.EscapeDataString(vehicle)}";

    /// <summary>The weigh record of the design: six axles, with the masses scaled to the gross.</summary>
    private string Reading(string id, int grossKg)
    {
        int axle = grossKg / 6;
        return lastPublished = string.Create(
            CultureInfo.InvariantCulture,
            $$"""{"id":"{{id}}","at":"{{DateTimeOffset.UtcNow:yyyy-MM-ddTHH:mm:ss.fffZ}}","plate":"粤H12345","plateColor":"yellow","plateConfidence":0.97,"speedKmh":63.5,"axles":[{"massKg":{{axle}},"offsetM":0.0},{"massKg":{{axle}},"offsetM":3.5},{"massKg":{{axle}},"offsetM":4.85},{"massKg":{{axle}},"offsetM":11.2},{"massKg":{{axle}},"offsetM":12.5},{"massKg":{{axle}},"offsetM":13.8}],"grossKg":{{grossKg}},"vehicleClass":"combination","leftRightRatio":1.02}""");
    }

    private static async Task PublishAsync(SiloProcess silo, string topic, string payload) => Assert.Equal(0, await RunPubAsync(silo, topic, payload));

    /// <summary>The exit code of mosquitto_pub, which waits for its PUBACK and fails where that carries an error.</summary>
    private static async Task<int> RunPubAsync(SiloProcess silo, string topic, string payload)
    {
        ProcessStartInfo start = new(MosquittoFactAttribute.Find("mosquitto_pub")!) { RedirectStandardInput = true, RedirectStandardError = true, RedirectStandardOutput = true };
        foreach (string argument in (string[])["-V", "5", "-q", "1", "-p", $"{silo.MqttPort}", "-u", "S07", "-P", "p", "-t", topic, "-s"])
        {
            start.ArgumentList.Add(argument);
        }

        using Process run = Process.Start(start)!;
        await run.StandardInput.WriteAsync(payload);
        run.StandardInput.Close();
        string errors = await run.StandardError.ReadToEndAsync();
        using CancellationTokenSource patience = new(Waits.Longest);
        await run.WaitForExitAsync(patience.Token);

        // The tool reports a refused publish as a warning and still ends with 0.
        return errors.Contains("failed", StringComparison.Ordinal) ? 1 : run.ExitCode;
    }

    private static async Task<(HttpStatusCode Status, JsonElement Body)> ActAsync(SiloProcess silo, string token, string order, string action, object body)
    {
        using HttpRequestMessage request = new(HttpMethod.Post, $"/api/workorders/{order}/{action}") { Content = JsonContent.Create(body) };
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);
        using HttpResponseMessage answer = await silo.Http.SendAsync(request);
        return (answer.StatusCode, JsonSerializer.Deserialize<JsonElement>(await answer.Content.ReadAsStringAsync()));
    }

    /// <summary>Lines as they come, from a program or an SSE stream.</summary>
    private sealed class Lines : IAsyncDisposable
    {
        private readonly StreamReader reader;
        private readonly IDisposable source;

        private Lines(StreamReader reader, IDisposable source)
        {
            this.reader = reader;
            this.source = source;
        }

        public static async Task<Lines> OfSseAsync(SiloProcess silo, string token, string path)
        {
            using HttpRequestMessage request = new(HttpMethod.Get, path);
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);
            HttpResponseMessage answer = await silo.Http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
            Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
            return new Lines(new StreamReader(await answer.Content.ReadAsStreamAsync()), answer);
        }

        public static Lines OfProgram(string program, params string[] arguments)
        {
            ProcessStartInfo start = new(MosquittoFactAttribute.Find(program)!) { RedirectStandardOutput = true };
            foreach (string argument in arguments)
            {
                start.ArgumentList.Add(argument);
            }

            Process run = Process.Start(start)!;
            return new Lines(run.StandardOutput, run);
        }

        /// <summary>Waits for the program to end by itself, with success.</summary>
        public async Task EndAsync()
        {
            using CancellationTokenSource patience = new(Waits.Longest);
            await ((Process)source).WaitForExitAsync(patience.Token);
            Assert.Equal(0, ((Process)source).ExitCode);
        }

        public async Task<string> NextAsync(Func<string, bool> wanted)
        {
            using CancellationTokenSource patience = new(Waits.Longest);
            while (true)
            {
                string line = await reader.ReadLineAsync(patience.Token) ?? throw new EndOfStreamException();
                if (wanted(line))
                {
                    return line;
                }
            }
        }

        public ValueTask DisposeAsync()
        {
            if (source is Process { HasExited: false } running)
            {
                running.Kill();
            }

            reader.Dispose();
            source.Dispose();
            return ValueTask.CompletedTask;
        }
    }
}
