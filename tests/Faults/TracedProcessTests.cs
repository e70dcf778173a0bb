using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Http.Json;
using System.Text;
using System.Text.RegularExpressions;
using Streaming.Ingest.Mqtt.Client;
using Streaming.Ingest.Mqtt.Packets;
using Streaming.Silo.Journal;
using Streaming.Tests.EndToEnd;
using Streaming.Tests.Journal;
using Streaming.Tests.Support;
using Xunit;

namespace Streaming.Tests.Faults;

/// <summary>The real process under strace: what it asks of the kernel in which order, and what it does where the kernel's answers are late or an error. No part of it knows.</summary>
public sealed partial class TracedProcessTests : IDisposable
{
    private const string Station = "T01";
    private static readonly byte[] Topic = Encoding.UTF8.GetBytes($"v1/wim/{Station}/1");

    private readonly TemporaryDirectory directory = new();

    public static TheoryData<string> Hosts => [.. Silo.Host.Hosts.BuiltIn.Select(Silo.Host.Hosts.Name)];

    private string Data => Path.Combine(directory.Path, "data");

    private string Trace => Path.Combine(directory.Path, "trace");

    private string FirstSegment => Path.Combine(Data, "journal", JournalLayout.SegmentName(1));

    public void Dispose() => directory.Dispose();

    [StraceTheory]
    [MemberData(nameof(Hosts))]
    public async Task A_readings_bytes_are_written_and_synced_before_its_acknowledgement_is_sent(string host)
    {
        const int readings = 20;
        await using SiloProcess silo = Under("-yy", "-x", "-s", "2048", "-e", "trace=pwrite64,pwritev,fdatasync,fsync,sendto,sendmsg,write,writev");
        await silo.StartAsync("--host", host);
        await silo.RegisterStationAsync(Station);
        await using (MqttPublisher station = await ConnectAsync(silo))
        {
            for (int i = 1; i <= readings; i++)
            {
                Assert.True((await station.PublishAndWaitAsync(Topic, Reading(i))).IsSuccess);
            }
        }

        Assert.Equal(0, await silo.TerminateAsync());
        string[] lines = await File.ReadAllLinesAsync(Trace);
        string[] acknowledgements = [.. lines.Where(line => PubAck().IsMatch(line) && line.Contains($":{silo.MqttPort}->", StringComparison.Ordinal))];
        Assert.Equal(readings, acknowledgements.Length);
        for (int i = 1; i <= readings; i++)
        {
            string id = string.Concat(Encoding.UTF8.GetBytes($"trace-{i:D4}").Select(each => $@"\x{each:x2}"));
            int written = Array.FindIndex(lines, line => line.Contains("pwrite", StringComparison.Ordinal) && line.Contains("/journal/", StringComparison.Ordinal) && line.Contains(id, StringComparison.Ordinal));
            int synced = SyncedAfter(lines, written);
            int acknowledged = Array.IndexOf(lines, acknowledgements[i - 1]);
            Assert.True(written >= 0 && synced > written && acknowledged > synced, $"Reading {i} was written in line {written + 1}, synced in {synced + 1} and acknowledged in {acknowledged + 1} of:\n{string.Join('\n', lines.Skip(written - 2).Take(30).Select(line => line[..Math.Min(line.Length, 160)]))}");
        }
    }

    [StraceTheory]
    [MemberData(nameof(Hosts))]
    public async Task A_failing_sync_ends_the_process_and_nothing_acknowledged_is_lost(string host)
    {
        int acknowledged = 0;
        await using (SiloProcess silo = Under("-e", "trace=fdatasync", "-e", "inject=fdatasync:error=EIO:when=40+", "-P", FirstSegment, "-P", Path.Combine(Data, "journal", JournalLayout.SpareName)))
        {
            await silo.StartAsync("--host", host);
            await silo.RegisterStationAsync(Station);
            await using MqttPublisher station = await ConnectAsync(silo);
            await Assert.ThrowsAsync<MqttDisconnectedException>(async () =>
            {
                while (true)
                {
                    Assert.True((await station.PublishAndWaitAsync(Topic, Reading(acknowledged + 1))).IsSuccess);
                    acknowledged++;
                }
            });
            Assert.Equal(3, await silo.WaitForExitAsync());
            Assert.Contains("The process ends: The journal could not be written", silo.Output, StringComparison.Ordinal);
            Assert.Contains("Input/output error", silo.Output, StringComparison.Ordinal);
            Assert.Contains(Path.GetFileName(FirstSegment), silo.Output, StringComparison.Ordinal);

            // A sync that failed is the last one: a second one would succeed and prove nothing.
            Assert.Single(await File.ReadAllLinesAsync(Trace), line => line.Contains("EIO", StringComparison.Ordinal));
        }

        await using SiloProcess next = new(Data);
        await next.StartAsync("--host", host);
        int kept = (await next.GetAsync("/api/vehicles/%E7%B2%A4T00001"))!.Value.GetProperty("weighings").GetInt32();
        Assert.InRange(kept, acknowledged, acknowledged + 1);
        await using MqttPublisher again = await ConnectAsync(next);
        Assert.True((await again.PublishAndWaitAsync(Topic, Reading(acknowledged + 1))).IsSuccess);
        Assert.Equal(acknowledged + 1, (await next.GetAsync("/api/vehicles/%E7%B2%A4T00001"))!.Value.GetProperty("weighings").GetInt32());
    }

    [StraceTheory]
    [InlineData(150)]
    [InlineData(2_000)]
    public async Task A_slow_disk_slows_everything_down_and_breaks_nothing(int syncMs)
    {
        const int readings = 2_000;
        await using SiloProcess silo = Under("-e", "trace=fdatasync", "-e", $"inject=fdatasync:delay_enter={syncMs * 1000}", "-P", FirstSegment);
        await silo.StartAsync();
        await silo.RegisterStationAsync(Station);
        await using (MqttPublisher station = await ConnectAsync(silo, window: 500))
        {
            for (int i = 1; i <= readings; i++)
            {
                await station.PublishAsync(Topic, Reading(i));
            }

            await station.FlushAsync();
            Assert.Equal(readings, station.Acknowledged);
        }

        (HttpStatusCode status, string body) = await silo.ReadyAsync();
        Assert.Equal(HttpStatusCode.OK, status);
        Assert.Contains("The disk is slow", body, StringComparison.Ordinal);
        using HttpResponseMessage command = await silo.Http.PostAsJsonAsync("/api/tokens", new { name = "desk", role = "member", department = "transport", district = "*" });
        Assert.Equal(HttpStatusCode.Created, command.StatusCode);
        Assert.Equal(readings, (await silo.GetAsync("/api/vehicles/%E7%B2%A4T00001"))!.Value.GetProperty("weighings").GetInt32());
        string resident = (await File.ReadAllLinesAsync($"/proc/{silo.Id}/status")).First(line => line.StartsWith("VmRSS:", StringComparison.Ordinal));
        Assert.True(int.Parse(resident.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture) < 1024 * 1024, resident);
        Assert.DoesNotContain("fail:", silo.Output, StringComparison.Ordinal);
    }

    [StraceFact]
    public async Task Doctor_says_that_a_disk_is_slow()
    {
        ProcessStartInfo start = new("strace", ["-f", "-qq", "-o", Trace, "-e", "trace=fsync", "-e", "inject=fsync:delay_enter=120000", "dotnet", SiloProcess.Program, "doctor", "--data", Data, "--http", "0", "--mqtt", "0"]) { RedirectStandardOutput = true };
        using Process run = Process.Start(start)!;
        string printed = await run.StandardOutput.ReadToEndAsync();
        await run.WaitForExitAsync();
        Assert.Matches("note +data directory.*99th percentile [1-9][0-9]{2}.*a faster disk would help", printed);
    }

    [GeneratedRegex(@"(sendto|sendmsg|write|writev)\(.*""\\x40\\x02\\x[0-9a-f]{2}\\x[0-9a-f]{2}""")]
    private static partial Regex PubAck();

    private SiloProcess Under(params string[] arguments) => new(Data) { Under = ["strace", "-f", "-qq", "-o", Trace, .. arguments], Patience = TimeSpan.FromMinutes(3) };

    private static Task<MqttPublisher> ConnectAsync(SiloProcess silo, int window = 1) =>
        MqttPublisher.ConnectAsync("127.0.0.1", silo.MqttPort, Station, Station, "p", MqttVersion.V311, new MqttPublisherOptions { Window = window });

    private static byte[] Reading(int number) => Encoding.UTF8.GetBytes(string.Create(
        CultureInfo.InvariantCulture, $$"""{"id":"trace-{{number:D4}}","at":"{{TimeProvider.System.GetUtcNow():yyyy-MM-ddTHH:mm:ss.fffZ}}","plate":"粤T00001","grossKg":9000}"""));

    /// <summary>The line in which a sync of the journal that began after this one returned; where threads interleave, its end stands in a line of its own.</summary>
    private static int SyncedAfter(string[] lines, int written)
    {
        for (int i = written + 1; i < lines.Length; i++)
        {
            if (!lines[i].Contains("fdatasync(", StringComparison.Ordinal) || !lines[i].Contains("/journal/journal-", StringComparison.Ordinal))
            {
                continue;
            }

            if (lines[i].EndsWith("= 0", StringComparison.Ordinal))
            {
                return i;
            }

            string thread = lines[i].Split(' ')[0];
            return Array.FindIndex(lines, i + 1, line => line.StartsWith(thread + " ", StringComparison.Ordinal) && line.Contains("fdatasync resumed", StringComparison.Ordinal) && line.EndsWith("= 0", StringComparison.Ordinal));
        }

        return -1;
    }
}
