using System.Net;
using Streaming.Grains.Messages;
using Streaming.Ingest.Mqtt.Packets;
using Streaming.Silo.Host;
using Streaming.Tests.Journal;
using Xunit;

namespace Streaming.Tests.Faults;

/// <summary>
/// The disk gets full under a running silo, all of it or the part that one store lies on. What was acknowledged is kept, <c>/health/ready</c> says what is wrong and what to do, and work resumes by itself, without a
/// restart, when there is room.
/// </summary>
public sealed class FullDiskTests
{
    private const int Vehicles = 40;

    public static TheoryData<string> Hosts => [.. Silo.Host.Hosts.BuiltIn.Select(Silo.Host.Hosts.Name)];

    [SmallDiskTheory]
    [MemberData(nameof(Hosts))]
    public async Task A_full_journal_refuses_readings_and_commands_and_still_takes_what_falls_due(string host)
    {
        using TemporaryDirectory directory = new();
        using SmallDisk disk = new(Path.Combine(directory.Path, "journal"), mebibytes: 6);
        await using RunningCity city = await StartAsync(directory, host);
        disk.Fill();
        await WeighUntilRefusedAsync(city);

        // MQTT 5: the connection is closed with a reason; what was not acknowledged is the client's to send again.
        Assert.Equal(ReasonCode.QuotaExceeded, city.RefusalCode);
        Assert.Contains("disk is full", city.Refusal, StringComparison.Ordinal);
        (HttpStatusCode status, string body) = await city.ReadyAsync();
        Assert.Equal(HttpStatusCode.ServiceUnavailable, status);
        Assert.Contains("Free some space", body, StringComparison.Ordinal);
        List<Alert> before = await city.AlertsAsync();
        Assert.Equal(HttpStatusCode.ServiceUnavailable, await city.CommentAsync(before[0].WorkOrder));

        // Deadlines do not wait for room: what they lead to goes into the spare.
        city.Advance(TimeSpan.FromDays(12));
        await city.ShownAsync(alerts => alerts.Any(alert => alert.Type == "overdue" && alert.WorkOrder == before[0].WorkOrder), "that an order is overdue");

        disk.MakeRoom();
        await ResumesAsync(city);
        Assert.Equal(HttpStatusCode.OK, await city.CommentAsync(before[0].WorkOrder));
    }

    [SmallDiskTheory]
    [MemberData(nameof(Hosts))]
    public async Task Full_for_the_identity_history_it_takes_readings_as_long_as_the_tail_is_bounded(string host)
    {
        using TemporaryDirectory directory = new();
        using SmallDisk disk = new(Path.Combine(directory.Path, "history"), mebibytes: 2);
        await using RunningCity city = await StartAsync(directory, host);
        await StatesCannotBeSavedAsync(city, disk);
        await ResumesAsync(city);
    }

    [SmallDiskTheory]
    [MemberData(nameof(Hosts))]
    public async Task Full_for_the_states_it_takes_readings_as_long_as_the_tail_is_bounded(string host)
    {
        using TemporaryDirectory directory = new();
        using SmallDisk disk = Elsewhere(directory, "state.db");
        await using RunningCity city = await StartAsync(directory, host);
        await StatesCannotBeSavedAsync(city, disk);
        await ResumesAsync(city);
    }

    [SmallDiskTheory]
    [MemberData(nameof(Hosts))]
    public async Task Full_for_the_lists_it_takes_readings_and_the_lists_catch_up(string host)
    {
        using TemporaryDirectory directory = new();
        using SmallDisk disk = Elsewhere(directory, "views.db");
        await using RunningCity city = await StartAsync(directory, host);
        int shown = (await city.AlertsAsync()).Count;
        disk.Fill();
        for (int i = 0; (await city.ReadyAsync()).Status == HttpStatusCode.OK; i++)
        {
            Assert.True(await city.WeighAsync(1_000 + i, over: true), city.Refusal);
            Assert.True(i < 2_000, "The lists go on though there is no room for them.");
        }

        (_, string body) = await city.ReadyAsync();
        Assert.Contains("The lists cannot be written", body, StringComparison.Ordinal);
        Assert.Contains("free some space", body, StringComparison.Ordinal);
        Assert.True(await city.WeighAsync(7), "A reading was refused though it needs no list.");
        disk.MakeRoom();
        await ResumesAsync(city);
        Assert.True((await city.AlertsAsync()).Count > shown);
    }

    [SmallDiskTheory]
    [MemberData(nameof(Hosts))]
    public async Task A_disk_that_is_full_for_everything_at_once_is_survived(string host)
    {
        using TemporaryDirectory directory = new();
        string data = Path.Combine(directory.Path, "data");
        using SmallDisk disk = new(data, mebibytes: 10);
        await using RunningCity city = await RunningCity.StartAsync(data, Silo.Host.Hosts.Parse(host).Host);
        await PublishSomeAsync(city);
        disk.Fill();
        await WeighUntilRefusedAsync(city);
        await city.ReadyUntilAsync((status, body) => status == HttpStatusCode.ServiceUnavailable && body.Contains("ree some space", StringComparison.Ordinal), "that some space is to be freed");
        disk.MakeRoom();
        await ResumesAsync(city);
    }

    /// <summary>Lets one file of the data directory lie on a small disk.</summary>
    private static SmallDisk Elsewhere(TemporaryDirectory directory, string file)
    {
        string elsewhere = Path.Combine(directory.Path, "small");
        SmallDisk disk = new(elsewhere, mebibytes: 8);
        File.CreateSymbolicLink(Path.Combine(directory.Path, file), Path.Combine(elsewhere, file));
        return disk;
    }

    private static async Task<RunningCity> StartAsync(TemporaryDirectory directory, string host)
    {
        RunningCity city = await RunningCity.StartAsync(directory.Path, Silo.Host.Hosts.Parse(host).Host);
        await PublishSomeAsync(city);
        return city;
    }

    private static async Task PublishSomeAsync(RunningCity city)
    {
        for (int i = 0; i < 2 * Vehicles; i++)
        {
            Assert.True(await city.WeighAsync(i % Vehicles, over: i % 10 == 0), city.Refusal);
        }

        await city.ShownAsync(alerts => alerts.Count > 0, "an alert");
    }

    private static async Task WeighUntilRefusedAsync(RunningCity city)
    {
        for (int i = 0; await city.WeighAsync(i % Vehicles); i++)
        {
            Assert.True(i < 20_000, "Readings are taken though the disk is full.");
        }

        Assert.False(await city.ResendAsync());
    }

    /// <summary>States cannot be saved: that is said while readings are still taken, and then they are not.</summary>
    private static async Task StatesCannotBeSavedAsync(RunningCity city, SmallDisk disk)
    {
        disk.Fill();
        bool noted = false;
        for (int i = 0; await city.WeighAsync(i % (10 * Vehicles)); i++)
        {
            (HttpStatusCode status, string body) = await city.ReadyAsync();
            noted |= status == HttpStatusCode.OK && body.Contains("States cannot be saved", StringComparison.Ordinal);
            Assert.True(i < 3 * RunningCity.TailRecords, "The tail to be replayed grows without a bound.");
        }

        Assert.True(noted, "It was not said, before readings were refused, that states cannot be saved.");
        Assert.Contains("States cannot be saved", city.Refusal, StringComparison.Ordinal);
        (HttpStatusCode refused, string why) = await city.ReadyAsync();
        Assert.Equal(HttpStatusCode.ServiceUnavailable, refused);
        Assert.Contains("ree some space", why, StringComparison.Ordinal);
        disk.MakeRoom();
    }

    /// <summary>There is room: all is well again by itself, what was refused is taken, and a start after that finds everything.</summary>
    private static async Task ResumesAsync(RunningCity city)
    {
        await city.ReadyUntilAsync((status, body) => status == HttpStatusCode.OK && !body.Contains("saved", StringComparison.Ordinal), "that all is well");
        Assert.True(await city.ResendAsync(), city.Refusal);
        Assert.True(await city.WeighAsync(3, over: true), city.Refusal);
        await city.CheckAsync();
        await city.RestartAsync();
        await city.CheckAsync();
        Assert.True(await city.WeighAsync(4), city.Refusal);
        await city.CheckAsync();
    }
}
