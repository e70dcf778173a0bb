using System.Diagnostics;
using System.Net.Http.Json;
using System.Text.Json;
using Streaming.Tests.Support;
using Xunit;

namespace Streaming.Tests.EndToEnd;

/// <summary>Messages between clients through the real process and its disk, with the clients of Mosquitto.</summary>
public sealed class MessageProcessTests
{
    private static readonly string[] Site = ["site/#"];
    private static readonly string[] Ack = ["site/ack"];

    [MosquittoFact]
    public async Task Retained_messages_wills_and_what_waits_for_a_client_survive_a_kill()
    {
        await using SiloProcess silo = new();
        await silo.StartAsync("--bind", "127.0.0.1");
        string device = await PostAsync(silo, "/api/devices", new { id = "B01", kind = "gate", topics = Site, district = "harbour" }, "password");
        string token = await PostAsync(
            silo, "/api/tokens", new { name = "watch", role = "member", department = "transport", district = "harbour", receives = Site, publishes = Ack }, "token");

        // A session that lasts: its client subscribes, and goes.
        await RunAsync(silo, "mosquitto_sub", "watch", token, ["-i", "c1", "-c", "-q", "1", "-t", "site/+", "-E"]);
        await RunAsync(silo, "mosquitto_pub", "B01", device, ["-q", "1", "-t", "site/1", "-m", "waiting"]);
        await RunAsync(silo, "mosquitto_pub", "B01", device, ["-q", "1", "-r", "-t", "site/2", "-m", "kept"]);
        await RunAsync(silo, "mosquitto_pub", "B01", device, ["-q", "2", "-t", "site/1", "-m", "too"]);
        using Process gone = Start(silo, "mosquitto_sub", "watch", token, ["-i", "c2", "-t", "site/none", "--will-topic", "site/ack", "--will-payload", "gone", "--will-qos", "1"]);
        await UntilConnectedAsync(silo, "c2");

        silo.Kill();
        await silo.StartAsync("--bind", "127.0.0.1");

        string waited = await RunAsync(silo, "mosquitto_sub", "watch", token, ["-i", "c1", "-c", "-q", "1", "-t", "site/+", "-C", "5", "-W", "60", "-F", "%t %p %r"]);
        string[] lines = waited.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(["site/1 waiting 0", "site/2 kept 0", "site/1 too 0"], lines[..3]);
        Assert.Contains("site/ack gone 0", lines);
        Assert.Contains("site/2 kept 1", lines);
        gone.Kill();
    }

    private static async Task<string> PostAsync(SiloProcess silo, string path, object body, string secret)
    {
        using HttpResponseMessage answer = await silo.Http.PostAsJsonAsync(path, body);
        string text = await answer.Content.ReadAsStringAsync();
        Assert.True(answer.IsSuccessStatusCode, text);
        return JsonDocument.Parse(text).RootElement.GetProperty(secret).GetString()!;
    }

    private static async Task UntilConnectedAsync(SiloProcess silo, string clientId)
    {
        using CancellationTokenSource patience = new(silo.Patience);
        using PeriodicTimer looks = new(TimeSpan.FromMilliseconds(50));
        while (!(await silo.Http.GetStringAsync(new Uri("/api/tokens/watch/connections", UriKind.Relative), patience.Token)).Contains($"\"{clientId}\"", StringComparison.Ordinal))
        {
            await looks.WaitForNextTickAsync(patience.Token);
        }
    }

    private static Process Start(SiloProcess silo, string program, string user, string password, string[] more)
    {
        ProcessStartInfo start = new(program, ["-h", "127.0.0.1", "-p", silo.MqttPort.ToString(System.Globalization.CultureInfo.InvariantCulture), "-u", user, "-P", password, .. more])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            UseShellExecute = false,
        };
        return Process.Start(start)!;
    }

    private static async Task<string> RunAsync(SiloProcess silo, string program, string user, string password, string[] more)
    {
        using Process process = Start(silo, program, user, password, more);
        using CancellationTokenSource patience = new(silo.Patience);
        Task<string> output = process.StandardOutput.ReadToEndAsync(patience.Token);
        Task<string> error = process.StandardError.ReadToEndAsync(patience.Token);
        await process.WaitForExitAsync(patience.Token);
        Assert.True(process.ExitCode == 0, $"{program} {string.Join(' ', more)}: {process.ExitCode}\n{await error}\n{await output}");
        return await output;
    }
}
