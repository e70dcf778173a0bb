using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Streaming.Ingest.City;
using Xunit;

namespace Streaming.Tests.EndToEnd;

/// <summary>
/// The real process under the load of real clients, killed with SIGKILL again and again at moments drawn from a seed: under load, while it recovers, while it saves states. Stations publish over MQTT, a
/// department follows its alerts over SSE, a clerk comments on work orders over HTTP, and deadlines fall due all the while. Then everything is held against the promises.
/// </summary>
internal sealed class KillRun : IAsyncDisposable
{
    private const int Stations = 3;
    private const int VehiclesPerStation = 300;

    /// <summary>The station whose readings are all overloads, each of another vehicle and of an hour ago, so that its deadline is near.</summary>
    private const string OverloadStation = "K99";

    /// <summary>A silo that was up for so long in one piece has said what was overdue when that began, however busy the machine.</summary>
    private static readonly TimeSpan DeadlineSlack = TimeSpan.FromSeconds(8);

    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(10);

    private readonly int seed;
    private readonly Random random;
    private readonly string[] options;
    private readonly SiloProcess silo = new() { Patience = Patience };
    private readonly string city = Directory.CreateTempSubdirectory("streaming-city-").FullName;
    private readonly DateTimeOffset begun = TimeProvider.System.GetUtcNow();
    private readonly List<byte[]> overloads = [];
    private readonly List<(DateTimeOffset From, DateTimeOffset To)> up = [];
    private readonly ConcurrentDictionary<string, string> comments = new(StringComparer.Ordinal);
    private readonly CancellationTokenSource over = new();
    private readonly TimeSpan dueWithin;
    private DateTimeOffset readyAt;

    public KillRun(string host, int seed, TimeSpan dueWithin)
    {
        this.seed = seed;
        this.dueWithin = dueWithin;
        random = new Random(seed);
        foreach (string file in Directory.EnumerateFiles(CityFiles.ShippedDirectory))
        {
            File.Copy(file, Path.Combine(city, Path.GetFileName(file)));
        }

        ShortenDeadline(Path.Combine(city, "workflows.json"));
        options = ["--host", host, "--city", city];
    }

    /// <summary>Kills by what the process was doing.</summary>
    public SortedDictionary<string, int> Kills { get; } = new(StringComparer.Ordinal);

    /// <summary>What came of it, in a line.</summary>
    public string Summary { get; private set; } = "";

    public async Task RunAsync(int kills)
    {
        await silo.StartAsync(options);
        readyAt = TimeProvider.System.GetUtcNow();
        StationClient[] stations = [.. Enumerable.Range(0, Stations).Select(number => new StationClient(silo.MqttPort, $"K{number:D2}", i => Payload(number, i)) { Burst = 200, Pause = TimeSpan.FromMilliseconds(20) })];
        StationClient overloading = new(silo.MqttPort, OverloadStation, Overload) { Burst = 1, Pause = TimeSpan.FromMilliseconds(250) };
        foreach (string station in (string[])[.. Enumerable.Range(0, Stations).Select(number => $"K{number:D2}"), OverloadStation])
        {
            await silo.RegisterStationAsync(station);
        }

        FeedFollower follower = new(silo, "transport", await silo.IssueTokenAsync("transport-desk", "member", "transport"));
        Task load = Task.WhenAll(stations.Append(overloading).Select(client => Task.Run(() => client.RunAsync(over.Token))));
        Task follow = Task.Run(() => follower.RunAsync(over.Token));
        Task clerk = Task.Run(() => CommentAsync(follower));
        for (int kill = 0; kill < kills; kill++)
        {
            await KillAsync();
            await Task.WhenAny(load, follow, clerk, silo.WaitUntilReadyAsync()).Unwrap();
            readyAt = TimeProvider.System.GetUtcNow();
        }

        foreach (StationClient client in stations.Append(overloading))
        {
            client.Finish();
        }

        await load.WaitAsync(Patience);
        await CheckAsync(stations, overloading, follower);
        await over.CancelAsync();
        await follow;
        await clerk.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        silo.Kill();
        (int code, string report) = await SiloProcess.RunAsync("verify", silo.Data);
        True(code == 0, report);
        Summary = $"Seed {seed}: {kills} kills ({string.Join(", ", Kills.Select(kind => $"{kind.Value} {kind.Key}"))}); {stations.Sum(client => client.Acknowledged)} readings, "
            + $"{stations.Append(overloading).Sum(client => client.Resent)} sent again, {overloading.Acknowledged} overloads, {follower.Count} alerts over {follower.Breaks} streams, {comments.Count} comments.";
    }

    public async ValueTask DisposeAsync()
    {
        await over.CancelAsync();
        over.Dispose();
        await silo.DisposeAsync();
        Directory.Delete(city, recursive: true);
    }

    /// <summary>The first stage of an overload is due an hour after the weighing, by the clock.</summary>
    private static void ShortenDeadline(string file)
    {
        JsonNode workflows = JsonNode.Parse(File.ReadAllText(file))!;
        JsonNode stage = workflows["workflows"]!.AsArray().First(workflow => (string?)workflow!["id"] == "overload-off-site")!["stages"]![0]!;
        stage["deadline"] = new JsonObject { ["hours"] = 1, ["calendar"] = "clock", ["from"] = "capture" };
        File.WriteAllText(file, workflows.ToJsonString());
    }

    /// <summary>One kill, at a moment drawn from the seed, and the start after it.</summary>
    private async Task KillAsync()
    {
        switch (random.Next(10))
        {
            case < 5:
                await Task.Delay(random.Next(1_500));
                Kill("under load");
                break;
            case < 7:
                // Of a start, nothing may be left that a later one trips over.
                Kill("under load, and again");
                silo.Launch(options);
                await Task.Delay(random.Next(200, 2_500));
                Kill("while starting");
                break;
            case < 9:
                await SavingAsync();
                Kill("while saving states");
                break;
            default:
                await Task.Delay(DeadlineSlack + TimeSpan.FromMilliseconds(random.Next(1_500)));
                Kill("after a while");
                break;
        }

        silo.Launch(options);
    }

    private void Kill(string doing)
    {
        True(silo.Ended is null, $"the process ended by itself with code {silo.Ended}:\n{silo.Output}");
        silo.Kill();
        if (readyAt != default)
        {
            up.Add((readyAt, TimeProvider.System.GetUtcNow()));
            readyAt = default;
        }

        Kills[doing] = Kills.GetValueOrDefault(doing) + 1;
    }

    /// <summary>Returns at the moment at which the log of the state store changes: a commit is under way, or just done.</summary>
    private async Task SavingAsync()
    {
        FileInfo log = new(Path.Combine(silo.Data, "state.db-wal"));
        log.Refresh();
        (bool Exists, DateTime, long) before = Look();
        using CancellationTokenSource patience = new(TimeSpan.FromSeconds(5));
        while (Look() == before && !patience.IsCancellationRequested)
        {
            await Task.Yield();
        }

        (bool, DateTime, long) Look()
        {
            log.Refresh();
            return log.Exists ? (true, log.LastWriteTimeUtc, log.Length) : default;
        }
    }

    private byte[] Payload(int station, int number) => Encoding.UTF8.GetBytes(string.Create(
        CultureInfo.InvariantCulture,
        $$"""{"id":"{{number}}","at":"{{begun.AddMilliseconds(number / 20):yyyy-MM-ddTHH:mm:ss.fffZ}}","plate":"{{Plate(station, number % VehiclesPerStation)}}","plateColor":"yellow","plateConfidence":0.98,"speedKmh":61.5,"axles":[{"massKg":5000,"offsetM":0},{"massKg":9000,"offsetM":3.9}],"grossKg":14000,"vehicleClass":"rigid"}"""));

    /// <summary>The reading is made when it is first asked for, so that its deadline is soon after it; sent again it is the same.</summary>
    private byte[] Overload(int number)
    {
        while (overloads.Count <= number)
        {
            DateTimeOffset at = TimeProvider.System.GetUtcNow().AddHours(-1) + (dueWithin * ((overloads.Count % 7) / 7.0));
            overloads.Add(Encoding.UTF8.GetBytes(string.Create(
                CultureInfo.InvariantCulture,
                $$"""{"id":"{{overloads.Count}}","at":"{{at:yyyy-MM-ddTHH:mm:ss.fffZ}}","plate":"粤O{{overloads.Count:D5}}","plateColor":"yellow","plateConfidence":0.98,"speedKmh":61.5,"axles":[{"massKg":8000,"offsetM":0},{"massKg":15000,"offsetM":3.9}],"grossKg":23000,"vehicleClass":"rigid"}""")));
        }

        return overloads[number];
    }

    /// <summary>A clerk comments on work orders, and remembers what was answered with success.</summary>
    private async Task CommentAsync(FeedFollower follower)
    {
        for (int number = 0; !over.IsCancellationRequested; number++)
        {
            await Task.Delay(150, over.Token);
            int count = follower.Count;
            if (count == 0)
            {
                continue;
            }

            JsonElement alert = follower.Parse(number % count);
            string note = $"note {number}";
            try
            {
                using HttpResponseMessage answer = await silo.Http.PostAsJsonAsync($"/api/workorders/{alert.GetProperty("workOrder").GetString()}/comment", new { note }, over.Token);
                if (answer.StatusCode is HttpStatusCode.OK or HttpStatusCode.Accepted)
                {
                    comments[note] = alert.GetProperty("case").GetString()!;
                }
                else
                {
                    True(answer.StatusCode == HttpStatusCode.ServiceUnavailable, $"a comment was answered {answer.StatusCode}: {await answer.Content.ReadAsStringAsync(over.Token)}");
                }
            }
            catch (HttpRequestException)
            {
                // Killed meanwhile: whether it was taken is not known.
            }
        }
    }

    private async Task CheckAsync(StationClient[] stations, StationClient overloading, FeedFollower follower)
    {
        await CheckVehiclesAsync(stations);
        List<JsonElement> cases = await silo.ListUntilAsync("/api/cases?limit=500", overloading.Acknowledged);
        string[] subjects = [.. cases.Select(row => row.GetProperty("subject").GetString()!).Order(StringComparer.Ordinal)];
        string[] expected = [.. Enumerable.Range(0, overloading.Acknowledged).Select(number => $"粤O{number:D5}-yellow").Order(StringComparer.Ordinal)];
        True(subjects.SequenceEqual(expected), $"{expected.Length} vehicles were overloaded, {subjects.Length} cases were opened about {subjects.Distinct().Count()} subjects: {string.Join(", ", subjects.Except(expected).Concat(expected.Except(subjects)).Take(5))}");

        // Each case has been said to be issued, and is said to be overdue by now or soon.
        using CancellationTokenSource patience = new(Patience);
        while (follower.Count < 2 * expected.Length)
        {
            await Task.Delay(50, patience.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            True(!patience.IsCancellationRequested, $"the feed has {follower.Count} items; {expected.Length} cases were opened and are overdue");
        }

        up.Add((readyAt, TimeProvider.System.GetUtcNow()));
        CheckFeed(follower, expected.Length);
        await CheckCommentsAsync();
    }

    private async Task CheckVehiclesAsync(StationClient[] stations)
    {
        for (int station = 0; station < Stations; station++)
        {
            int sent = stations[station].Acknowledged;
            await Parallel.ForAsync(0, VehiclesPerStation, new ParallelOptions { MaxDegreeOfParallelism = 4 }, async (vehicle, _) =>
            {
                int distinct = (sent / VehiclesPerStation) + (vehicle < sent % VehiclesPerStation ? 1 : 0);
                JsonElement? state = await silo.GetAsync($"/api/vehicles/{Uri.EscapeDataString(Plate(station, vehicle) + "-yellow")}");
                int counted = state?.GetProperty("weighings").GetInt32() ?? 0;
                True(counted == distinct, $"{Plate(station, vehicle)} counts {counted} weighings; {distinct} distinct readings of it were acknowledged");
            });
        }
    }

    /// <summary>That numbers go on by one was seen as they came. Here: each order issued once, overdue once, not before its deadline, and not after the silo had had the time to say so.</summary>
    private void CheckFeed(FeedFollower follower, int cases)
    {
        JsonElement[] alerts = [.. Enumerable.Range(0, follower.Count).Select(follower.Parse)];
        foreach (string type in (string[])["work-order", "overdue"])
        {
            string[] orders = [.. alerts.Where(alert => alert.GetProperty("type").GetString() == type).Select(alert => alert.GetProperty("workOrder").GetString()!)];
            True(orders.Length == orders.Distinct().Count(), $"{orders.Length - orders.Distinct().Count()} orders were said twice to be {type}");
            True(orders.Length == cases, $"{orders.Length} orders were said to be {type}, of {cases}");
        }

        Dictionary<string, DateTimeOffset> issued = alerts.Where(alert => alert.GetProperty("type").GetString() == "work-order").ToDictionary(alert => alert.GetProperty("workOrder").GetString()!, At);
        foreach (JsonElement alert in alerts.Where(alert => alert.GetProperty("type").GetString() == "overdue"))
        {
            string order = alert.GetProperty("workOrder").GetString()!;
            DateTimeOffset deadline = alert.GetProperty("deadline").GetDateTimeOffset();
            True(At(alert) >= deadline, $"{order} was called overdue at {At(alert):O}, before its deadline {deadline:O}");
            DateTimeOffset from = deadline > issued[order] ? deadline : issued[order];
            DateTimeOffset latest = up.Where(time => time.To - Max(time.From, from) >= DeadlineSlack).Select(time => Max(time.From, from) + DeadlineSlack).DefaultIfEmpty(DateTimeOffset.MaxValue).First();
            True(At(alert) <= latest, $"{order} was due at {deadline:O} and called overdue only at {At(alert):O}, though the silo had been up from before {latest - DeadlineSlack:O} to {latest:O}");
        }

        static DateTimeOffset At(JsonElement alert) => alert.GetProperty("at").GetDateTimeOffset();

        static DateTimeOffset Max(DateTimeOffset one, DateTimeOffset other) => one > other ? one : other;
    }

    private async Task CheckCommentsAsync()
    {
        foreach (IGrouping<string, string> ofCase in comments.GroupBy(comment => comment.Value, comment => comment.Key))
        {
            JsonElement document = (await silo.GetAsync($"/api/cases/{ofCase.Key}"))!.Value;
            string?[] notes = [.. document.GetProperty("history").EnumerateArray().Select(entry => entry.TryGetProperty("note", out JsonElement note) ? note.GetString() : null)];
            foreach (string note in ofCase)
            {
                True(notes.Count(found => found == note) == 1, $"\"{note}\" was taken and stands {notes.Count(found => found == note)} times in the history of {ofCase.Key}");
            }
        }
    }

    private static string Plate(int station, int vehicle) => $"粤K{(station * VehiclesPerStation) + vehicle:D5}";

    private void True(bool holds, string otherwise) => Assert.True(holds, $"Seed {seed}, after {Kills.Values.Sum()} kills, data in {silo.Data}: {otherwise}");
}
