using System.Globalization;
using System.Text;
using System.Text.Json;
using Streaming.Tests.EndToEnd;
using Streaming.Tests.Support;
using Xunit;
using Xunit.Abstractions;

namespace Streaming.Tests.MqttNet;

/// <summary>
/// A real Mosquitto beside the real silo, which subscribes to it. A station publishes to Mosquitto with QoS 1 while either is restarted twice: Mosquitto in order, since it writes down what it holds only then, the silo
/// with SIGKILL. Every reading counts exactly once.
/// </summary>
public sealed class MosquittoRestartTests(ITestOutputHelper output)
{
    /// <summary>How many readings a run has; a few thousand by default.</summary>
    private const string ReadingsVariable = "STREAMING_BROKER_READINGS";

    private const int ReadingsByDefault = 6_000;
    private const int Vehicles = 200;
    private const int Restarts = 2;

    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(8);

    private readonly DateTimeOffset begun = TimeProvider.System.GetUtcNow().AddMinutes(-1);

    [MosquittoBrokerFact]
    public async Task Readings_through_a_broker_survive_restarts_of_either_side_each_counted_once()
    {
        int readings = int.Parse(Environment.GetEnvironmentVariable(ReadingsVariable) ?? $"{ReadingsByDefault}", CultureInfo.InvariantCulture);
        using CancellationTokenSource patience = new(Patience);
        await using MosquittoBroker broker = new();
        await broker.StartAsync();
        await using SiloProcess silo = new();
        string brokers = Path.Combine(broker.Folder, "brokers.json");
        await File.WriteAllTextAsync(brokers, $$"""
            {"brokers":[{"name":"mosquitto","host":"127.0.0.1","port":{{broker.Port}},"clientId":"silo",
              "subscriptions":[{"from":"plant/+/wim/{station}/{lane}","to":"v1/wim/{station}/{lane}","source":"{station}"}]}]}
            """, patience.Token);
        await silo.StartAsync("--brokers", brokers);
        await silo.RegisterStationAsync("M01");
        await SubscribedAsync(silo, patience.Token);

        StationClient station = new(broker.Port, "M01", Payload, readings) { Topic = "plant/7/wim/M01/1", Burst = Math.Max(50, readings / 200), Pause = TimeSpan.FromMilliseconds(20) };
        Task load = Task.Run(() => station.RunAsync(patience.Token));
        for (int restart = 1; restart <= Restarts; restart++)
        {
            await ReachAsync((4 * restart) - 3);
            silo.Kill();
            await ReachAsync((4 * restart) - 2);
            await silo.StartAsync("--brokers", brokers);
            await ReachAsync((4 * restart) - 1);
            await broker.StopAsync();
            await broker.StartAsync();
        }

        await load;
        int counted = 0;
        while (counted < readings && !patience.IsCancellationRequested)
        {
            await Task.Delay(200, patience.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            counted = await CountAsync(silo);
        }

        // Whatever comes twice comes soon, for both ends are idle; and the silo says of each vehicle how often it was weighed.
        await SubscribedAsync(silo, patience.Token);
        await BrokerAcknowledgedAsync(silo, patience.Token);
        Assert.Equal(readings, await CountAsync(silo));
        Assert.Empty(await silo.ListAsync("/api/quarantine?limit=500"));
        silo.Kill();
        (int code, string report) = await SiloProcess.RunAsync("verify", silo.Data);
        Assert.True(code == 0, report);
        output.WriteLine($"{readings} readings, {station.Resent} sent again by the station; the silo killed {Restarts} times, Mosquitto restarted {Restarts} times.");

        // Of ten tenths of the readings: the restarts are spread over them.
        async Task ReachAsync(int tenths)
        {
            while (station.Acknowledged < (long)readings * tenths / 10)
            {
                Assert.False(load.IsCompleted, "the load ended too soon");
                await Task.Delay(5, patience.Token);
            }
        }
    }

    /// <summary>Waits until the silo says that nothing is amiss with its brokers.</summary>
    private static async Task SubscribedAsync(SiloProcess silo, CancellationToken cancellation)
    {
        while ((await silo.ReadyAsync()).Body.Contains("not subscribed to", StringComparison.Ordinal))
        {
            await Task.Delay(20, cancellation);
        }
    }

    /// <summary>Waits until everything that was taken is acknowledged.</summary>
    private static async Task BrokerAcknowledgedAsync(SiloProcess silo, CancellationToken cancellation)
    {
        while (!(await silo.Http.GetStringAsync(new Uri("/metrics", UriKind.Relative), cancellation)).Contains("brokers_inflight{broker=\"mosquitto\"} 0", StringComparison.Ordinal))
        {
            await Task.Delay(20, cancellation);
        }
    }

    private static async Task<int> CountAsync(SiloProcess silo)
    {
        int counted = 0;
        await Parallel.ForAsync(0, Vehicles, new ParallelOptions { MaxDegreeOfParallelism = 4 }, async (vehicle, _) =>
        {
            JsonElement? state = await silo.GetAsync($"/api/vehicles/{Uri.EscapeDataString(Plate(vehicle) + "-yellow")}");
            Interlocked.Add(ref counted, state?.GetProperty("weighings").GetInt32() ?? 0);
        });
        return counted;
    }

    private static string Plate(int vehicle) => $"粤M{vehicle:D5}";

    private byte[] Payload(int number) => Encoding.UTF8.GetBytes(string.Create(
        CultureInfo.InvariantCulture,
        $$"""{"id":"M-{{number}}","at":"{{begun.AddMilliseconds(number / 4):yyyy-MM-ddTHH:mm:ss.fffZ}}","plate":"{{Plate(number % Vehicles)}}","plateColor":"yellow","axles":[{"massKg":5000,"offsetM":0},{"massKg":9000,"offsetM":3.9}],"grossKg":14000,"vehicleClass":"rigid"}"""));
}
