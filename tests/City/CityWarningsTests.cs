using System.Diagnostics;
using System.Text;
using System.Text.Json;
using Streaming.Ingest.City;
using Streaming.Ingest.Mqtt.Client;
using Streaming.Tests.EndToEnd;
using Xunit;

namespace Streaming.Tests.City;

public sealed class CityWarningsTests
{
    private const int Minutes = 5;
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    [Fact]
    public async Task A_real_silo_warns_of_exactly_what_is_due()
    {
        await using SiloProcess silo = new();
        await silo.StartAsync();
        long endMs = DateTimeOffset.UtcNow.ToUnixTimeMilliseconds();
        CitySimulation simulation = new(ShippedCity.Load(), new CitySettings(11, 200, endMs - (Minutes * 60_000)));
        int readings = await PublishAsync(silo, simulation, endMs);

        HashSet<(string Subject, string Kind)> due = [.. simulation.Truth.Due.Select(warning => (warning.Subject, warning.Kind))];
        Assert.True(due.Count > 20 && due.Select(warning => warning.Kind).Distinct().Count() >= 6, $"{due.Count} warnings due of {readings} readings make a poor test.");
        HashSet<(string Subject, string Kind)> warned = await WarnedAsync(silo, due.Count);
        Assert.True(due.SetEquals(warned), $"missed: {string.Join(", ", due.Except(warned))}; false: {string.Join(", ", warned.Except(due))}");
        Assert.Empty(await silo.ListAsync("/api/quarantine"));
    }

    /// <summary>Registers every device and publishes its readings, in their order, on a connection of its own; returns once all are acknowledged.</summary>
    private static async Task<int> PublishAsync(SiloProcess silo, CitySimulation simulation, long endMs)
    {
        using DeviceRegistrar registrar = new(silo.Http.BaseAddress!, SiloProcess.AdministratorToken);
        Dictionary<string, MqttPublisher> clients = [];
        foreach (CityDevice device in simulation.Devices.All)
        {
            string password = await registrar.RegisterAsync(device, CancellationToken.None);
            clients.Add(device.Id, await MqttPublisher.ConnectAsync("127.0.0.1", silo.MqttPort, device.Id, device.Id, password));
        }

        IReadOnlyList<CityMessage> batch = simulation.NextBatch(endMs);
        foreach (CityMessage message in batch)
        {
            await clients[message.Device.Id].PublishAsync(Encoding.UTF8.GetBytes(message.Topic), message.Payload);
        }

        foreach (MqttPublisher client in clients.Values)
        {
            await client.FlushAsync().WaitAsync(Patience);
            Assert.Equal(0, client.RefusedPublishes);
            await client.DisconnectAsync();
        }

        return batch.Count;
    }

    /// <summary>The warnings in the list, which follows the readings after a moment: it is read until there are enough, or patience ends, and then once more for those that nobody expects.</summary>
    private static async Task<HashSet<(string Subject, string Kind)>> WarnedAsync(SiloProcess silo, int enough)
    {
        Stopwatch waited = Stopwatch.StartNew();
        while ((await ReadAsync(silo)).Count < enough && waited.Elapsed < Patience)
        {
        }

        // Answered once the lists show it, and it stands behind every reading in the journal.
        await silo.IssueTokenAsync("fence", "inspector", null);
        return await ReadAsync(silo);
    }

    private static async Task<HashSet<(string Subject, string Kind)>> ReadAsync(SiloProcess silo) =>
        [.. (await silo.ListAsync("/api/warnings")).Select(warning => (warning.GetProperty("subject").GetString()!, warning.GetProperty("kind").GetString()!))];
}
