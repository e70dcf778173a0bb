using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using Streaming.Tests.Support;
using Xunit;

namespace Streaming.Tests.EndToEnd;

/// <summary>
/// The real process, as a user starts it: <c>up</c> on a directory of its own and two free ports. It can be killed with SIGKILL and started again on the same data.
/// </summary>
internal sealed class SiloProcess : IAsyncDisposable
{
    public const string AdministratorToken = "end-to-end-administrator";
    private readonly ConcurrentQueue<string> output = new();
    private readonly bool ownsData;
    private Process? process;

    public SiloProcess(string? data = null)
    {
        ownsData = data is null;
        Data = data ?? Directory.CreateTempSubdirectory("streaming-").FullName;
        HttpPort = TestPort.Next();
        MqttPort = TestPort.Next();
        Http = new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{HttpPort}"), Timeout = TimeSpan.FromSeconds(30) };
        Http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", AdministratorToken);
    }

    public string Data { get; }

    public int HttpPort { get; }

    public int MqttPort { get; }

    /// <summary>Speaks as the administrator.</summary>
    public HttpClient Http { get; }

    /// <summary>The silo's own process, also where it was started under another.</summary>
    public int Id
    {
        get
        {
            string children = $"/proc/{process!.Id}/task/{process.Id}/children";
            string first = Under.Count > 0 && File.Exists(children) ? File.ReadAllText(children).Split(' ')[0] : "";
            return first.Length > 0 ? int.Parse(first, System.Globalization.CultureInfo.InvariantCulture) : process.Id;
        }
    }

    /// <summary>How long anything may take: a machine may have a lot else to do.</summary>
    public TimeSpan Patience { get; init; } = Waits.Longest;

    /// <summary>Program and arguments that the process is started under, as a tracer; none by default.</summary>
    public IReadOnlyList<string> Under { get; init; } = [];

    /// <summary>The exit code where the process ended by itself; null while it runs.</summary>
    public int? Ended => process is { HasExited: true } ? process.ExitCode : null;

    /// <summary>What the process printed, of all its runs.</summary>
    public string Output => string.Join('\n', output);

    public static string Program => Path.Combine(AppContext.BaseDirectory, "Streaming.Silo.dll");

    /// <summary>Starts the process and waits until it accepts readings.</summary>
    public async Task StartAsync(params string[] more)
    {
        Launch(more);
        await WaitUntilReadyAsync();
    }

    /// <summary>Waits until the process accepts readings.</summary>
    public async Task WaitUntilReadyAsync()
    {
        Stopwatch waited = Stopwatch.StartNew();
        while (true)
        {
            if (process!.HasExited)
            {
                throw new InvalidOperationException($"The process ended with code {process.ExitCode}:\n{Output}");
            }

            try
            {
                using HttpResponseMessage answer = await Http.GetAsync(new Uri("/health/ready", UriKind.Relative));
                if (answer.IsSuccessStatusCode)
                {
                    return;
                }
            }
            catch (HttpRequestException)
            {
                // Not listening yet.
            }

            if (waited.Elapsed > Patience)
            {
                throw new TimeoutException($"Not ready after {Patience.TotalSeconds} s:\n{Output}");
            }

            await Task.Delay(25);
        }
    }

    /// <summary>Starts the process and waits for it to end by itself; for starts that must fail.</summary>
    public async Task<int> StartAndWaitForExitAsync(params string[] more)
    {
        Launch(more);
        return await WaitForExitAsync();
    }

    /// <summary>Waits for the process to end by itself; returns its exit code.</summary>
    public async Task<int> WaitForExitAsync()
    {
        using CancellationTokenSource patience = new(Patience);
        await process!.WaitForExitAsync(patience.Token);
        return process.ExitCode;
    }

    /// <summary>SIGTERM: an end in order; returns the exit code.</summary>
    public async Task<int> TerminateAsync()
    {
        using Process kill = Process.Start("kill", ["-TERM", $"{Id}"]);
        await kill.WaitForExitAsync();
        return await WaitForExitAsync();
    }

    /// <summary>What <c>/health/ready</c> answers: the status, and the whole body.</summary>
    public async Task<(HttpStatusCode Status, string Body)> ReadyAsync()
    {
        using HttpResponseMessage answer = await Http.GetAsync(new Uri("/health/ready", UriKind.Relative));
        return (answer.StatusCode, await answer.Content.ReadAsStringAsync());
    }

    /// <summary>SIGKILL: no handler runs, nothing is flushed.</summary>
    public void Kill()
    {
        process!.Kill(entireProcessTree: Under.Count > 0);
        process.WaitForExit();
    }

    /// <summary>Registers a weigh station, or registers it anew.</summary>
    public async Task RegisterStationAsync(string id, string district = "harbour", string password = "p")
    {
        using HttpResponseMessage answer = await Http.PostAsJsonAsync("/api/devices", new { id, password, topics = new[] { $"v1/wim/{id}/+" }, kind = "wim", district, accuracyPct = 5 });
        Assert.True(answer.StatusCode == HttpStatusCode.Created, $"POST /api/devices answered {answer.StatusCode}: {await answer.Content.ReadAsStringAsync()}");
    }

    /// <summary>Registers a device as its JSON says.</summary>
    public async Task RegisterDeviceAsync(string device)
    {
        using StringContent body = new(device, Encoding.UTF8, "application/json");
        using HttpResponseMessage answer = await Http.PostAsync("/api/devices", body);
        Assert.True(answer.StatusCode == HttpStatusCode.Created, await answer.Content.ReadAsStringAsync());
    }

    /// <summary>Loads a CSV table into a register as a source's word; what became of it.</summary>
    /// <param name="more">More of the query, as <c>&amp;dryRun=true</c>.</param>
    public async Task<JsonElement> LoadTableAsync(string register, string source, string table, string more)
    {
        using StringContent body = new(table, Encoding.UTF8, "text/csv");
        using HttpResponseMessage answer = await Http.PostAsync($"/api/registers/{register}/records?source={source}{more}", body);
        string text = await answer.Content.ReadAsStringAsync();
        Assert.True(answer.StatusCode == HttpStatusCode.OK, text);
        return JsonSerializer.Deserialize<JsonElement>(text);
    }

    public async Task<string> IssueTokenAsync(string name, string role, string? department, string district = "*")
    {
        using HttpResponseMessage answer = await Http.PostAsJsonAsync("/api/tokens", new { name, role, department, district });
        Assert.True(answer.StatusCode == HttpStatusCode.Created, $"POST /api/tokens answered {answer.StatusCode}: {await answer.Content.ReadAsStringAsync()}");
        using JsonDocument body = JsonDocument.Parse(await answer.Content.ReadAsStringAsync());
        return body.RootElement.GetProperty("token").GetString()!;
    }

    public async Task<JsonElement?> GetAsync(string path)
    {
        using HttpResponseMessage answer = await Http.GetAsync(new Uri(path, UriKind.Relative));
        if (answer.StatusCode == HttpStatusCode.NotFound)
        {
            return null;
        }

        string text = await answer.Content.ReadAsStringAsync();
        Assert.True(answer.IsSuccessStatusCode, $"GET {path} answered {answer.StatusCode}: {text}");
        return JsonSerializer.Deserialize<JsonElement>(text);
    }

    /// <summary>All items of a list, page after page.</summary>
    public async Task<List<JsonElement>> ListAsync(string path)
    {
        List<JsonElement> items = [];
        string? next = null;
        do
        {
            char separator = path.Contains('?', StringComparison.Ordinal) ? '&' : '?';
            JsonElement page = (await GetAsync(next is null ? path : $"{path}{separator}after={Uri.EscapeDataString(next)}"))!.Value;
            items.AddRange(page.GetProperty("items").EnumerateArray());
            next = page.TryGetProperty("next", out JsonElement more) && more.ValueKind == JsonValueKind.String ? more.GetString() : null;
        }
        while (next is not null);
        return items;
    }

    /// <summary>All items of a list, once it has so many: lists follow what was acknowledged within a moment. Returns what there is when patience ends.</summary>
    public async Task<List<JsonElement>> ListUntilAsync(string path, int count)
    {
        Stopwatch waited = Stopwatch.StartNew();
        while (true)
        {
            List<JsonElement> items = await ListAsync(path);
            if (items.Count >= count || waited.Elapsed > Patience)
            {
                return items;
            }

            await Task.Delay(25);
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (process is { HasExited: false })
        {
            Kill();
        }

        process?.Dispose();
        Http.Dispose();
        if (ownsData)
        {
            Directory.Delete(Data, recursive: true);
        }

        await Task.CompletedTask;
    }

    /// <summary>Runs a verb to its end; returns exit code and what it printed.</summary>
    public static async Task<(int Code, string Output)> RunAsync(params string[] arguments)
    {
        ProcessStartInfo start = new("dotnet") { RedirectStandardOutput = true, RedirectStandardError = true };
        start.ArgumentList.Add(Program);
        foreach (string argument in arguments)
        {
            start.ArgumentList.Add(argument);
        }

        using Process run = Process.Start(start)!;
        Task<string> printed = run.StandardOutput.ReadToEndAsync();
        Task<string> errors = run.StandardError.ReadToEndAsync();
        using CancellationTokenSource patience = new(TimeSpan.FromMinutes(5));
        await run.WaitForExitAsync(patience.Token);
        return (run.ExitCode, await printed + await errors);
    }

    /// <summary>Starts the process and waits for nothing.</summary>
    public void Launch(params string[] more)
    {
        process?.Dispose();
        string[] command = [.. Under, "dotnet"];
        ProcessStartInfo start = new(command[0]) { RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (string argument in (string[])[.. command[1..], Program, "up", "--data", Data, "--http", $"{HttpPort}", "--mqtt", $"{MqttPort}", .. more])
        {
            start.ArgumentList.Add(argument);
        }

        start.Environment["STREAMING_ADMIN_TOKEN"] = AdministratorToken;
        process = new Process { StartInfo = start };
        process.OutputDataReceived += (_, line) => output.Enqueue(line.Data ?? "");
        process.ErrorDataReceived += (_, line) => output.Enqueue(line.Data ?? "");
        process.Start();
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
    }
}
