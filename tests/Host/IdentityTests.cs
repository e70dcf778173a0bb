using System.Text;
using Microsoft.Extensions.Logging.Abstractions;
using Streaming.Grains.Inputs;
using Streaming.Grains.Messages;
using Streaming.Grains.Turns;
using Streaming.Ingest;
using Streaming.Ingest.Formats;
using Streaming.Models.Encoding;
using Streaming.Silo;
using Streaming.Silo.Host;
using Streaming.Silo.Journal;
using Streaming.Tests.Simulation;
using Streaming.Tests.Support;
using Xunit;

namespace Streaming.Tests.Host;

/// <summary>No reading counts twice, however long ago it was: it is recognised, or it is too old to be taken.</summary>
public sealed class IdentityTests
{
    private const string Vehicle = "粤T00001";
    private readonly ManualTime time = new(new DateTimeOffset(2026, 11, 23, 1, 0, 0, TimeSpan.Zero));
    private readonly SimulatedDisk journal = new(1);
    private readonly SimulatedDisk history = new(2);
    private readonly MemoryStateStore states = new();
    private readonly MemoryViewStore views = new();
    private ActorHost host;
    private int made;

    public IdentityTests()
    {
        host = Open();
        Settle();
    }

    private IReadingRules Rules => host;

    [Fact]
    public async Task A_reading_older_than_its_identities_is_quarantined_one_inside_is_recognised_and_a_late_one_counts()
    {
        string first = Weighing();
        string unsent = Weighing();
        DateTimeOffset firstAt = time.GetUtcNow();
        Assert.Null((await SendAsync(first)).FirstReason);
        for (int i = 0; i < 20; i++)
        {
            // So many that the part with the first is full: identities go a part at a time.
            await SendAsync(Weighing());
        }

        Assert.True(Rules.IdentitiesSinceMs <= 0);
        time.Advance(TimeSpan.FromHours(30));
        string second = Weighing();
        await SendAsync(second);
        DateTimeOffset between = time.GetUtcNow();
        await DropAsync();

        // The journal's beginning is gone, and of the first reading nobody knows any more: it is not taken, and the reason says why.
        Assert.True(host.Journal.FirstPosition > 1);
        Assert.InRange(Rules.IdentitiesSinceMs, firstAt.ToUnixTimeMilliseconds(), between.ToUnixTimeMilliseconds() - 1);
        await AssertRefusedAsync(first);
        await AssertRefusedAsync(unsent);

        // Inside, a repeated reading is recognised though its subject's ring holds newer ones only, and a late one that is new counts.
        EncodeOutcome inside = await SendAsync(second);
        Assert.Equal((1, 0), (inside.Accepted, inside.Rejected));
        long counted = await CountAsync();
        await SendAsync(Weighing(between.AddMinutes(1)));
        Assert.Equal(counted + 1, await CountAsync());

        // In one payload, only what is too old is lost for it, in the order that MQTT acknowledges as taken.
        EncodeOutcome mixed = await SendAsync($"[{first},{Weighing()}]");
        Assert.Equal((1, 1, RejectReason.BadTime), (mixed.Accepted, mixed.Rejected, mixed.FirstReason));
        Assert.Equal(counted + 2, await CountAsync());

        long since = Rules.IdentitiesSinceMs;
        host.Dispose();
        journal.Crash();
        history.Crash();
        host = Open();
        Assert.Equal(since, Rules.IdentitiesSinceMs);
        Settle();
        await AssertRefusedAsync(first);
        await SendAsync(second);
        Assert.Equal(counted + 2, await CountAsync());
    }

    [Fact]
    public async Task Nothing_that_came_in_since_yesterday_is_refused_however_little_the_journal_keeps()
    {
        await SendAsync(Weighing());
        await DropAsync();
        Assert.True(host.Journal.FirstPosition > 1);
        Assert.True(Rules.IdentitiesSinceMs < time.GetUtcNow().AddDays(-1).ToUnixTimeMilliseconds());
        Assert.Equal(1, (await SendAsync(Weighing(time.GetUtcNow().AddHours(-23)))).Accepted);
    }

    /// <summary>A payload that was decoded while its time was still taken may be appended after the time was raised: its identity is still there.</summary>
    [Fact]
    public async Task Files_go_only_when_what_was_decoded_before_was_handled()
    {
        string first = Weighing();
        byte[] decodedBefore = Encode(first, out _);
        await SendAsync(first);
        for (int i = 0; i < 20; i++)
        {
            await SendAsync(Weighing());
        }

        time.Advance(TimeSpan.FromHours(30));
        await FillAsync();
        await AssertRefusedAsync(first);
        long counted = await CountAsync();
        await host.AppendAsync(decodedBefore, CancellationToken.None);
        Settle();
        Assert.Equal(counted, await CountAsync());
        int files = Files();
        time.Advance(TimeSpan.FromMilliseconds(SiloLimits.HistoryGraceMs));
        await SendAsync(Weighing());
        Settle();
        Assert.True(Files() < files, "no file was dropped");
    }

    [Fact]
    public void A_directory_from_before_that_has_lost_its_beginning_begins_with_what_it_can_tell()
    {
        SimulatedDisk old = new(3);
        HistoryFiles files = new(old, 1_000_000);
        files.Adopt(firstKept: 500, () => 2_000_000);
        Assert.Equal(2_000_000 + IngestLimits.FutureMs, files.SinceMs);
        HistoryFiles again = new(old, 3_000_000);
        again.Adopt(firstKept: 900, () => 9_000_000);
        Assert.Equal(2_000_000 + IngestLimits.FutureMs, again.SinceMs);
    }

    [Fact]
    public void Files_of_the_first_layout_are_still_read()
    {
        SimulatedDisk disk = new(3);
        byte[] bytes = new byte[32 + 16 + 8];
        "SHIST001"u8.CopyTo(bytes);
        System.Buffers.Binary.BinaryPrimitives.WriteInt64LittleEndian(bytes.AsSpan(8), 1);
        System.Buffers.Binary.BinaryPrimitives.WriteInt64LittleEndian(bytes.AsSpan(16), 7);
        System.Buffers.Binary.BinaryPrimitives.WriteInt64LittleEndian(bytes.AsSpan(24), 7);
        System.Buffers.Binary.BinaryPrimitives.WriteUInt64LittleEndian(bytes.AsSpan(32), 42);
        System.Buffers.Binary.BinaryPrimitives.WriteInt64LittleEndian(bytes.AsSpan(40), ReadingHistory.Order(7, 1));
        System.Buffers.Binary.BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(48), Crc32C.Append(0, bytes.AsSpan(0, 48)));
        using (IDiskFile file = disk.Create("history-00000000000000000007-000.idx", bytes.Length))
        {
            file.Write(0, bytes);
            file.Sync();
        }

        HistoryFiles files = new(disk, 1_000_000);
        Assert.True(files.Contains(42, ReadingHistory.Order(8, 1)));
        Assert.False(files.Contains(42, ReadingHistory.Order(7, 1)));
        Assert.False(files.Contains(43, ReadingHistory.Order(8, 1)));

        // Nothing in it is newer than the moment it was found, so the time refused is that at most.
        const long Day = 24L * 60 * 60 * 1000;
        files.Retire((8, 8, 9), 1_000_000, Day);
        Assert.True(files.SinceMs <= 0);
        files.Retire((8, 8, 9), 1_000_000 + IngestLimits.FutureMs + Day + 1, Day);
        Assert.Equal(1_000_000 + IngestLimits.FutureMs, files.SinceMs);
        Assert.True(files.Contains(42, ReadingHistory.Order(8, 1)));
        files.Retire((8, 10, 12), 1_000_000 + IngestLimits.FutureMs + Day + 1 + SiloLimits.HistoryGraceMs, Day);
        Assert.False(files.Contains(42, ReadingHistory.Order(8, 1)));
        Assert.DoesNotContain(disk.List(), name => name.EndsWith(".idx", StringComparison.Ordinal));
    }

    private int Files() => history.List().Count(name => name.EndsWith(".idx", StringComparison.Ordinal));

    /// <summary>Lets a day and more go by, fills the journal until its oldest segments go, and waits until identities have gone with them.</summary>
    private async Task DropAsync()
    {
        await FillAsync();
        time.Advance(TimeSpan.FromMilliseconds(SiloLimits.HistoryGraceMs));
        await SendAsync(Weighing());
        Settle();
    }

    private async Task FillAsync()
    {
        for (int i = 0; i < 400 && host.Journal.FirstPosition == 1; i++)
        {
            await host.AppendAsync(Encode($"[{string.Join(',', Enumerable.Range(0, 200).Select(_ => Weighing()))}]", out _), CancellationToken.None);
            Settle(rounds: 8);
        }

        Settle();
        Assert.True(host.Journal.FirstPosition > 1, "the journal kept everything");
    }

    private async Task AssertRefusedAsync(string reading)
    {
        long before = await CountAsync();
        EncodeOutcome outcome = await SendAsync(reading);
        Assert.Equal((0, 1, RejectReason.BadTime), (outcome.Accepted, outcome.Rejected, outcome.FirstReason));
        string since = DateTimeOffset.FromUnixTimeMilliseconds(Rules.IdentitiesSinceMs).ToString("yyyy-MM-ddTHH:mm:ss.fffZ", System.Globalization.CultureInfo.InvariantCulture);
        Assert.Contains($"a time after {since} expected", outcome.FirstDetail, StringComparison.Ordinal);
        Assert.Equal(before, await CountAsync());
    }

    private ActorHost Open()
    {
        HostOptions options = new() { Workers = 2, StatesPerBatch = 64, TurnsPerSavedState = 2, IdleSaveMs = 0, HistoryPartReadings = 16 };
        JournalOptions sizes = new() { SegmentBytes = 256 * 1024, BufferBytes = 16 * 1024, BlockBytes = 96 * 1024, RetentionBytes = 1024 * 1024, InlineContinuations = true };
        return ActorHost.Open(
            new HostSeams(journal, history, states, views, time, NullLoggerFactory.Instance), options, sizes, Streaming.Determinism.ShippedCity.Rules, parts => new WorkerTurns(parts), follower => new SimulationProjector(follower, views));
    }

    private void Settle(int rounds = 60)
    {
        for (int i = 0; i < rounds; i++)
        {
            foreach (IStep step in host.Steps)
            {
                step.Step();
            }

            time.Advance(TimeSpan.FromMilliseconds(200));
        }
    }

    private string Weighing(DateTimeOffset? at = null) =>
        $$"""{"id":"r{{++made}}","at":"{{at ?? time.GetUtcNow():yyyy-MM-ddTHH:mm:ss.fffZ}}","plate":"{{Vehicle}}","grossKg":9000}""";

    private byte[] Encode(string payload, out EncodeOutcome outcome)
    {
        SourceContext station = new(new SourceRegistration("S01", "wim", ["v1/wim/S01/+"], "harbour", 5, "sha256:00")) { Rules = host };
        ByteWriter record = new();
        outcome = PublishEncoder.Encode(record, station, "v1/wim/S01/1"u8, Encoding.UTF8.GetBytes(payload), time.GetUtcNow().ToUnixTimeMilliseconds());
        return record.Written.ToArray();
    }

    private async Task<EncodeOutcome> SendAsync(string payload)
    {
        Assert.Null((await host.AppendAsync(Encode(payload, out EncodeOutcome outcome), CancellationToken.None)).Refusal);
        Settle(rounds: 6);
        return outcome;
    }

    private async Task<long> CountAsync()
    {
        Task<byte[]?> answer = host.DescribeAsync(ActorKind.Vehicle, Vehicle, CancellationToken.None).AsTask();
        Settle(rounds: 6);
        byte[] json = await answer.WaitAsync(Waits.Longest) ?? "{\"weighings\":0}"u8.ToArray();
        return System.Text.Json.JsonDocument.Parse(json).RootElement.GetProperty("weighings").GetInt64();
    }
}
