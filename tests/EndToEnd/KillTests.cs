using System.Globalization;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using Streaming.Ingest.Mqtt.Client;
using Streaming.Ingest.Mqtt.Packets;
using Xunit;
using Xunit.Abstractions;

namespace Streaming.Tests.EndToEnd;

/// <summary>
/// The real process, killed with SIGKILL under load. Whatever was acknowledged is there, nothing counts twice, every overloaded vehicle has one case, and
/// the department's feed has no hole.
/// </summary>
public sealed class KillTests(ITestOutputHelper output)
{
    /// <summary>How many kills a run has; a few by default.</summary>
    private const string KillsVariable = "STREAMING_KILLS";

    /// <summary>The seed of the moments; drawn where it is not given.</summary>
    private const string SeedVariable = "STREAMING_KILL_SEED";

    private const int KillsByDefault = 4;
    private const int Stations = 4;
    private const int Vehicles = 5_000;
    private const int Readings = 200_000;
    private const int Kills = 5;
    private const int ArrayReadings = 3_600;

    public static TheoryData<string> Hosts => [.. Silo.Host.Hosts.BuiltIn.Select(Silo.Host.Hosts.Name)];

    [Theory]
    [MemberData(nameof(Hosts))]
    public async Task Killed_at_random_moments_it_keeps_every_promise(string host)
    {
        int kills = int.Parse(Environment.GetEnvironmentVariable(KillsVariable) ?? $"{KillsByDefault}", CultureInfo.InvariantCulture);
        int seed = int.Parse(Environment.GetEnvironmentVariable(SeedVariable) ?? $"{Environment.TickCount}", CultureInfo.InvariantCulture);
        await using KillRun run = new(host, seed, dueWithin: TimeSpan.FromSeconds(kills > KillsByDefault ? 40 : 8));
        await run.RunAsync(kills);
        output.WriteLine($"{host}: {run.Summary}");
    }

    [Fact]
    public async Task Two_hundred_thousand_readings_survive_five_kills_each_counted_once()
    {
        int seed = Environment.TickCount;
        Random random = new(seed);
        await using SiloProcess silo = new();
        await silo.StartAsync();
        for (int station = 0; station < Stations; station++)
        {
            await silo.RegisterStationAsync(Station(station));
        }

        string token = await silo.IssueTokenAsync("transport-desk", "member", "transport");
        HashSet<string> overloaded = [];
        List<byte[]>[] payloads = Make(random, overloaded);
        StationClient[] clients = [.. payloads.Select((list, station) => new StationClient(silo.MqttPort, Station(station), list))];
        using CancellationTokenSource patience = new(TimeSpan.FromMinutes(8));
        Task load = Task.WhenAll(clients.Select(client => Task.Run(() => client.RunAsync(patience.Token))));
        for (int kill = 1; kill <= Kills; kill++)
        {
            int target = (int)((kill - random.NextDouble()) * Readings / (Kills + 0.5));
            while (!load.IsCompleted && clients.Sum(client => client.Acknowledged) < target)
            {
                await Task.Delay(5, patience.Token);
            }

            if (load.IsFaulted)
            {
                await load;
            }

            Assert.False(load.IsCompleted, $"Seed {seed}: the load was over before kill {kill}.");
            silo.Kill();
            await silo.StartAsync();
        }

        await load;
        string[] array = await SendArrayAndKillBeforeItIsAcknowledgedAsync(silo, patience.Token);

        int counted = 0;
        await Parallel.ForAsync(0, Vehicles, new ParallelOptions { MaxDegreeOfParallelism = 8, CancellationToken = patience.Token }, async (vehicle, _) =>
        {
            JsonElement state = await silo.GetAsync($"/api/vehicles/{Uri.EscapeDataString(Vehicle(vehicle))}") ?? throw new InvalidOperationException($"Seed {seed}: {Vehicle(vehicle)} is unknown.");
            Interlocked.Add(ref counted, state.GetProperty("weighings").GetInt32());
        });
        Assert.True(counted == Readings, $"Seed {seed}: {counted} weighings are counted; {Readings} distinct readings were acknowledged ({clients.Sum(client => client.Resent)} were sent again).");
        Assert.Equal(ArrayReadings, (await silo.GetAsync($"/api/vehicles/{Uri.EscapeDataString(array[0])}"))!.Value.GetProperty("weighings").GetInt32());

        List<JsonElement> cases = await silo.ListUntilAsync("/api/cases?state=open&limit=500", overloaded.Count);
        List<string> subjects = [.. cases.Select(row => row.GetProperty("subject").GetString()!)];
        Assert.True(subjects.Count == subjects.Distinct().Count(), $"Seed {seed}: {subjects.Count - subjects.Distinct().Count()} subjects have more than one open case.");
        Assert.Equal(overloaded.Order(StringComparer.Ordinal), subjects.Order(StringComparer.Ordinal));

        List<long> feed = await FeedAsync(silo, token, cases.Count, patience.Token);
        Assert.Equal(Enumerable.Range(1, feed.Count).Select(number => (long)number), feed);

        silo.Kill();
        (int code, string report) = await SiloProcess.RunAsync("verify", silo.Data);
        Assert.True(code == 0, report);
    }

    /// <summary>
    /// An array of one vehicle's hour is committed, which the API shows only then; the client has not looked at its PUBACK when the process is killed, so it sends the array again.
    /// </summary>
    private static async Task<string[]> SendArrayAndKillBeforeItIsAcknowledgedAsync(SiloProcess silo, CancellationToken cancellation)
    {
        const string Plate = "粤Z36001";
        StringBuilder json = new("[");
        DateTimeOffset start = DateTimeOffset.UtcNow.AddHours(-1);
        for (int i = 0; i < ArrayReadings; i++)
        {
            json.Append(i == 0 ? "" : ",").Append(CultureInfo.InvariantCulture, $$"""{"id":"backlog-{{i}}","at":"{{start.AddSeconds(i):yyyy-MM-ddTHH:mm:ssZ}}","plate":"{{Plate}}","plateColor":"yellow","grossKg":9000,"axles":[{"massKg":3000,"offsetM":0},{"massKg":6000,"offsetM":3.6}]}""");
        }

        json.Append(']');
        byte[] payload = Encoding.UTF8.GetBytes(json.ToString());
        byte[] topic = Encoding.UTF8.GetBytes($"v1/wim/{Station(0)}/1");
        string vehicle = $"{Plate}-yellow";
        await using (MqttPublisher first = await MqttPublisher.ConnectAsync("127.0.0.1", silo.MqttPort, "backlog", Station(0), "p", MqttVersion.V5, cancellation: cancellation))
        {
            await first.PublishAsync(topic, payload, cancellation: cancellation);
            while ((await silo.GetAsync($"/api/vehicles/{Uri.EscapeDataString(vehicle)}"))?.GetProperty("weighings").GetInt32() != ArrayReadings)
            {
                await Task.Delay(5, cancellation);
            }

            silo.Kill();
        }

        await silo.StartAsync();
        await using MqttPublisher second = await MqttPublisher.ConnectAsync("127.0.0.1", silo.MqttPort, "backlog", Station(0), "p", MqttVersion.V5, cancellation: cancellation);
        MqttAnswer answer = await second.PublishAndWaitAsync(topic, payload, cancellation: cancellation);
        Assert.True(answer.IsSuccess);

        // Every reading is older than the sixteen newest, so each is looked up; the count comes to rest when all are answered.
        for (int quiet = 0; quiet < 20; quiet++)
        {
            await Task.Delay(50, cancellation);
            Assert.Equal(ArrayReadings, (await silo.GetAsync($"/api/vehicles/{Uri.EscapeDataString(vehicle)}"))!.Value.GetProperty("weighings").GetInt32());
        }

        return [vehicle];
    }

    /// <summary>The numbers of the department's whole feed, as its SSE stream gives them.</summary>
    private static async Task<List<long>> FeedAsync(SiloProcess silo, string token, int atLeast, CancellationToken cancellation)
    {
        using HttpRequestMessage request = new(HttpMethod.Get, "/api/departments/transport/alerts?from=0");
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);
        using HttpResponseMessage answer = await silo.Http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellation);
        answer.EnsureSuccessStatusCode();
        using StreamReader reader = new(await answer.Content.ReadAsStreamAsync(cancellation));
        List<long> numbers = [];
        while (numbers.Count < atLeast)
        {
            string line = await reader.ReadLineAsync(cancellation) ?? throw new EndOfStreamException("The stream of alerts ended.");
            if (line.StartsWith("id: ", StringComparison.Ordinal))
            {
                numbers.Add(long.Parse(line[4..], CultureInfo.InvariantCulture));
            }
        }

        return numbers;
    }

    /// <summary>Forty readings of each vehicle, spread over the stations and in the order of their times; some vehicles overloaded in some of them.</summary>
    private static List<byte[]>[] Make(Random random, HashSet<string> overloaded)
    {
        List<byte[]>[] payloads = [.. Enumerable.Range(0, Stations).Select(_ => new List<byte[]>(Readings / Stations))];
        DateTimeOffset start = DateTimeOffset.UtcNow.AddSeconds(-60);
        for (int i = 0; i < Readings; i++)
        {
            int vehicle = i % Vehicles;
            bool over = vehicle % 25 == 0 && random.Next(8) == 0;
            if (over)
            {
                overloaded.Add(Vehicle(vehicle));
            }

            (int front, int rear) = over ? (8_000, 15_000) : (5_000, 9_000);
            int station = vehicle % Stations;
            payloads[station].Add(Encoding.UTF8.GetBytes(string.Create(
                CultureInfo.InvariantCulture,
                $$"""{"id":"{{Station(station)}}-{{i}}","at":"{{start.AddMilliseconds(i / 8):yyyy-MM-ddTHH:mm:ss.fffZ}}","plate":"粤K{{vehicle:D5}}","plateColor":"yellow","plateConfidence":0.98,"speedKmh":61.5,"axles":[{"massKg":{{front}},"offsetM":0},{"massKg":{{rear}},"offsetM":3.9}],"grossKg":{{front + rear}},"vehicleClass":"rigid"}""")));
        }

        return payloads;
    }

    private static string Station(int number) => $"K{number:D2}";

    private static string Vehicle(int number) => $"粤K{number:D5}-yellow";
}
