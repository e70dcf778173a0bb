using System.Text;
using System.Text.Json;
using Streaming.Ingest.Mqtt.Client;
using Streaming.Ingest.Mqtt.Packets;
using Streaming.Silo.Journal;
using Xunit;

namespace Streaming.Tests.EndToEnd;

/// <summary>The process on a journal that was damaged while it was down.</summary>
public sealed class DamageTests
{
    private const int Publishes = 20;

    [Fact]
    public async Task A_torn_end_is_cut_with_a_log_line_and_everything_before_it_is_there()
    {
        await using SiloProcess silo = new();
        await FillAsync(silo);
        (string file, int end) = Journal(silo);
        using (FileStream stream = new(file, FileMode.Open))
        {
            // The head of a block that was being written when the process died: its records did not reach the disk, so nobody had an answer for them.
            stream.Position = (end + JournalLayout.Alignment - 1) / JournalLayout.Alignment * JournalLayout.Alignment;
            stream.Write([.. "BLK1"u8, 1, 2, 3, 4, 200, 0, 0, 0, 1, 0, 0, 0]);
        }

        await silo.StartAsync();
        Assert.Contains(Path.GetFileName(file), silo.Output);
        int counted = (await silo.GetAsync("/api/vehicles/%E7%B2%A4D00001"))!.Value.GetProperty("weighings").GetInt32();
        Assert.Equal(Publishes, counted);
        (int code, string report) = await VerifyAsync(silo);
        Assert.True(code == 0, report);
    }

    [Fact]
    public async Task A_flipped_byte_before_the_end_stops_the_start_with_file_and_offset()
    {
        await using SiloProcess silo = new();
        await FillAsync(silo);
        (string file, int end) = Journal(silo);
        int flipped = end / 2;
        using (FileStream stream = new(file, FileMode.Open))
        {
            stream.Position = flipped;
            int before = stream.ReadByte();
            stream.Position = flipped;
            stream.WriteByte((byte)(before ^ 0x10));
        }

        Assert.Equal(1, await silo.StartAndWaitForExitAsync());
        Assert.Contains(Path.GetFileName(file), silo.Output);
        Assert.Matches(@"offset \d+", silo.Output);
        (int code, string report) = await VerifyAsync(silo);
        Assert.True(code == 1 && report.Contains(Path.GetFileName(file), StringComparison.Ordinal), report);
    }

    /// <summary>One publish after the other, each acknowledged before the next, so that each is a block; then SIGKILL.</summary>
    private static async Task FillAsync(SiloProcess silo)
    {
        await silo.StartAsync();
        await silo.RegisterStationAsync("S07");
        await using MqttPublisher station = await MqttPublisher.ConnectAsync("127.0.0.1", silo.MqttPort, "S07", "S07", "p", MqttVersion.V5);
        for (int i = 0; i < Publishes; i++)
        {
            byte[] payload = Encoding.UTF8.GetBytes(JsonSerializer.Serialize(new { id = $"d{i}", at = DateTimeOffset.UtcNow, plate = "粤D00001", grossKg = 9_000 + i }));
            MqttAnswer answer = await station.PublishAndWaitAsync("v1/wim/S07/1"u8.ToArray(), payload);
            Assert.True(answer.IsSuccess);
        }

        silo.Kill();
    }

    /// <summary>The segment in use and where its last written byte lies: what follows is preallocated zeros.</summary>
    private static (string File, int End) Journal(SiloProcess silo)
    {
        string file = Directory.GetFiles(Path.Combine(silo.Data, "journal"), "journal-*.seg").Order(StringComparer.Ordinal).Last();
        return (file, File.ReadAllBytes(file).AsSpan().LastIndexOfAnyExcept((byte)0) + 1);
    }

    private static async Task<(int Code, string Output)> VerifyAsync(SiloProcess silo) => await SiloProcess.RunAsync("verify", silo.Data);
}
