using System.Globalization;
using System.Text;
using System.Text.Json;
using Streaming.Ingest.Mqtt.Client;
using Streaming.Ingest.Mqtt.Packets;
using Streaming.Tests.EndToEnd;
using Xunit;

namespace Streaming.Tests.Orleans;

/// <summary>The real process with its states, reminders and membership in PostgreSQL.</summary>
[Collection(PostgresTests.Name)]
public sealed class ClusterProcessTests(PostgresServer server)
{
    private const int Vehicles = 40;

    [PostgresFact]
    public async Task A_silo_on_a_database_is_killed_and_goes_on_with_every_reading_counted_once_and_one_case_a_vehicle()
    {
        string database = await server.NewDatabaseAsync();
        await using SiloProcess silo = new();
        await silo.StartAsync("--cluster", database);
        await silo.RegisterStationAsync("S07");
        for (int round = 1; round <= 3; round++)
        {
            await PublishAsync(silo, round);
            silo.Kill();
            await silo.StartAsync("--cluster", database);
        }

        // What was acknowledged before a kill is sent again; each has its id.
        await PublishAsync(silo, 3);
        for (int vehicle = 0; vehicle < Vehicles; vehicle++)
        {
            JsonElement state = (await silo.GetAsync($"/api/vehicles/{Uri.EscapeDataString(Vehicle(vehicle))}-yellow"))!.Value;
            Assert.Equal(3, state.GetProperty("weighings").GetInt32());
        }

        List<JsonElement> cases = await silo.ListUntilAsync("/api/cases?state=open&limit=500", Vehicles / 2);
        Assert.Equal(Vehicles / 2, cases.Count);
        Assert.Equal(Vehicles / 2, cases.Select(row => row.GetProperty("subject").GetString()).Distinct().Count());
        silo.Kill();
        (int code, string report) = await SiloProcess.RunAsync("verify", silo.Data);
        Assert.True(code == 0, report);
    }

    [PostgresFact]
    public async Task States_of_another_journal_are_not_taken_for_this_ones()
    {
        string database = await server.NewDatabaseAsync();
        await using SiloProcess first = new();
        await first.StartAsync("--cluster", database);
        first.Kill();
        await using SiloProcess second = new();
        Assert.Equal(1, await second.StartAndWaitForExitAsync("--cluster", database));
        Assert.Contains("another data directory's journal", second.Output, StringComparison.Ordinal);
        Assert.Equal(1, await first.StartAndWaitForExitAsync());
        Assert.Contains("kept in PostgreSQL", first.Output, StringComparison.Ordinal);
    }

    [PostgresFact]
    public async Task A_copy_of_the_data_directory_does_not_start_beside_the_original()
    {
        string database = await server.NewDatabaseAsync();
        await using SiloProcess original = new();
        await original.StartAsync("--cluster", database);
        await using SiloProcess copy = new();
        File.Copy(Path.Combine(original.Data, "identity"), Path.Combine(copy.Data, "identity"));
        Assert.Equal(1, await copy.StartAndWaitForExitAsync("--cluster", database));
        Assert.Contains("Another process runs on the states", copy.Output, StringComparison.Ordinal);
    }

    private static async Task PublishAsync(SiloProcess silo, int round)
    {
        await using MqttPublisher station = await MqttPublisher.ConnectAsync("127.0.0.1", silo.MqttPort, "S07", "S07", "p", MqttVersion.V5);
        for (int vehicle = 0; vehicle < Vehicles; vehicle++)
        {
            int grossKg = vehicle % 2 == 0 ? 60_000 : 9_000;
            byte[] payload = Encoding.UTF8.GetBytes(JsonSerializer.Serialize(new
            {
                id = string.Create(CultureInfo.InvariantCulture, $"r{round}-{vehicle}"),
                at = DateTimeOffset.UtcNow,
                plate = Vehicle(vehicle),
                plateColor = "yellow",
                grossKg,
                vehicleClass = "combination",
                axles = Enumerable.Range(0, 6).Select(axle => new { massKg = grossKg / 6, offsetM = axle * 2.0 }),
            }));
            MqttAnswer answer = await station.PublishAndWaitAsync("v1/wim/S07/1"u8.ToArray(), payload);
            Assert.True(answer.IsSuccess);
        }
    }

    private static string Vehicle(int number) => string.Create(CultureInfo.InvariantCulture, $"粤P{number:D5}");
}
