using System.Text;
using System.Text.Json;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Streaming.Grains.Inputs;
using Streaming.Grains.Messages;
using Streaming.Grains.Turns;
using Streaming.Ingest.Formats;
using Streaming.Models.Encoding;
using Streaming.Silo.Journal;
using Streaming.Silo.Journal.Archives;
using Record = Streaming.Grains.Inputs.Record;

namespace Streaming.Tests.Journal.Archives;

/// <summary>Records of every kind and stream, drawn from a seed, and what the tests of archives do with a journal of them.</summary>
internal sealed class ArchiveSetup(int seed)
{
    private const string Nowhere = "v1/nowhere";

    public const long DayMs = 24L * 60 * 60 * 1000;

    /// <summary>Segments and frames so small that a few hundred records make several of each.</summary>
    public static readonly JournalOptions Options = JournalSetup.Small with { SegmentBytes = 64 * 1024, BlockBytes = 16 * 1024, BufferBytes = 8 * 1024, ArchiveFrameBytes = 2048 };

    private static readonly SourceContext[] Sources =
    [
        .. new[] { "wim", "video", "hazmat" }.Select(kind => new SourceContext(new SourceRegistration($"{kind}-1", kind, ["v1/#"], "harbour", 5, "sha256:00"))),
    ];

    private readonly Random random = new(seed);
    private int made;

    public static string Vehicle(int number) => $"粤H{number:D5}-yellow";

    /// <summary>One record of any kind.</summary>
    public byte[] Next(long nowMs)
    {
        ByteWriter writer = new();
        switch (random.Next(12))
        {
            case 0:
                Addressed(writer, InputKind.Command, ActorKind.Vehicle, Vehicle(random.Next(40)));
                break;
            case 1:
                Addressed(writer, InputKind.Told, ActorKind.Enterprise, $"E{random.Next(5)}");
                break;
            case 2:
                Shown(writer);
                break;
            default:
                Publish(writer, nowMs);
                break;
        }

        return writer.Written.ToArray();
    }

    /// <summary>Appends and flushes records, several to a block, the clock moving; returns how many there are in all.</summary>
    public long Fill(InputJournal journal, ManualTime time, int records)
    {
        for (int i = 0; i < records; i++)
        {
            journal.AppendInternal(Next(time.NowMs));
            time.NowMs += random.Next(40);
            if (random.Next(3) == 0)
            {
                journal.FlushStep();
            }
        }

        JournalSetup.FlushAll(journal);
        return journal.End;
    }

    public static Archiver ArchiverOf(InputJournal journal, TimeProvider time, JournalOptions? options = null, long neededFrom = long.MaxValue, ILogger? logger = null) =>
        new(journal, options ?? Options, time, () => neededFrom, logger ?? NullLogger.Instance);

    /// <summary>Archives all that is sealed.</summary>
    public static void ArchiveAll(InputJournal journal, TimeProvider time, JournalOptions? options = null, long neededFrom = long.MaxValue)
    {
        using Archiver archiver = ArchiverOf(journal, time, options, neededFrom);
        while (archiver.Step())
        {
        }

        Xunit.Assert.Null(archiver.Trouble);
    }

    /// <summary>Every record from one position to another, by position.</summary>
    public static SortedDictionary<long, byte[]> Read(InputJournal journal, long from, long through)
    {
        SortedDictionary<long, byte[]> all = [];
        using JournalReplay read = journal.Read(from, through);
        while (read.TryRead(out BlockHeader header, out ReadOnlySpan<byte> records))
        {
            for (long position = header.FirstPosition; records.Length > 0; position++)
            {
                ReadOnlySpan<byte> rest = records;
                _ = Record.Next(ref rest);
                if (position >= from && position <= through)
                {
                    all.Add(position, records[..^rest.Length].ToArray());
                }

                records = rest;
            }
        }

        return all;
    }

    /// <summary>A record as it is kept once its raw payload is dropped: the same but for the payload, unless something of it was quarantined.</summary>
    public static byte[] WithoutRaw(byte[] record)
    {
        ReadOnlySpan<byte> rest = record;
        Record read = Record.Next(ref rest);
        if (read.Kind != InputKind.Publish)
        {
            return record;
        }

        PublishRecord publish = PublishRecord.Read(read.Body);
        if (publish.Rejections > 0)
        {
            return record;
        }

        ByteWriter writer = new();
        int start = Record.Begin(writer, InputKind.Publish, read.Partition, read.Depth);
        publish.Origin.Write(writer);
        writer.WriteBytes(publish.Topic);
        writer.WriteBytes([]);
        writer.WriteInt32(publish.Readings);
        writer.WriteInt32(publish.Rejections);
        PublishRecord.ReadingEnumerator readings = publish.GetReadings();
        while (readings.MoveNext())
        {
            writer.WriteInt32(readings.Bytes.Length);
            writer.WriteRaw(readings.Bytes);
        }

        Record.End(writer, start);
        Record.Stamp(writer.At(start, writer.Length - start), read.TimeMs);
        return writer.Written.ToArray();
    }

    private void Publish(ByteWriter writer, long nowMs)
    {
        string at = DateTimeOffset.FromUnixTimeMilliseconds(nowMs).UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", System.Globalization.CultureInfo.InvariantCulture);
        string head = $"\"id\":\"r{made++}\",\"at\":\"{at}\"";
        string plate = $"粤H{random.Next(40):D5}";
        (int source, string topic, string payload) = random.Next(10) switch
        {
            0 => (1, "v1/video/video-1", $$"""{{{head}},"event":"vehicle","plate":"{{plate}}","plateColor":"yellow","confidence":0.9}"""),
            1 => (2, $"v1/hazmat/vehicle/{plate}", $$"""{{{head}},"latitude":22.5,"longitude":114.1,"speedKmh":{{random.Next(100)}}}"""),
            2 => (2, $"v1/hazmat/plant/E{random.Next(5)}/tank-1", $$"""{{{head}},"substance":"1017","levelPct":{{random.Next(100)}}}"""),
            3 => (2, $"v1/ledger/E{random.Next(5)}", $$"""{{{head}},"action":"use","substance":"1017","massKg":{{random.Next(1, 1000)}}}"""),
            4 => (0, "v1/status/wim-1", $$"""{{{head}},"status":"online"}"""),
            5 => (0, Nowhere, "not even JSON"),
            6 => (0, "v1/wim/wim-1/1", $$"""[{{{head}},"plate":"{{plate}}","plateColor":"yellow","grossKg":9000},{"id":7}]"""),
            7 => (0, "v1/wim/wim-1/1", "[" + string.Join(',', Enumerable.Range(0, random.Next(1, 60)).Select(i => $$"""{"id":"r{{made++}}","at":"{{at}}","plate":"粤H{{random.Next(40):D5}}","plateColor":"yellow","grossKg":9000}""")) + "]"),
            _ => (0, "v1/wim/wim-1/1", $$"""{{{head}},"plate":"{{plate}}","plateColor":"yellow","grossKg":{{random.Next(1000, 49_000)}}}"""),
        };
        if (topic == Nowhere)
        {
            // In words of its own: the golden archives have them, and what a decoder says of an unknown topic may change.
            PublishEncoder.Quarantine(writer, Sources[source], Encoding.UTF8.GetBytes(topic), Encoding.UTF8.GetBytes(payload), RejectReason.UnknownTopic, "no such topic under v1/; there are wim, video, hazmat/vehicle, hazmat/plant, ledger and status");
            return;
        }

        PublishEncoder.Encode(writer, Sources[source], Encoding.UTF8.GetBytes(topic), Encoding.UTF8.GetBytes(payload), nowMs);
    }

    private void Addressed(ByteWriter writer, InputKind kind, ActorKind actor, string key)
    {
        byte[] utf8 = Encoding.UTF8.GetBytes(key);
        int start = Record.Begin(writer, kind, Partition.Of(actor, utf8));
        if (kind == InputKind.Told)
        {
            Cause.Of(1, 0, 0, 0).Write(writer);
        }

        byte[] body = new byte[random.Next(40)];
        random.NextBytes(body);
        AddressedRecord.Write(writer, actor, MessageKind.Reading, utf8, body);
        Record.End(writer, start);
    }

    private void Shown(ByteWriter writer)
    {
        int start = Record.Begin(writer, InputKind.Shown, 0);
        Cause.Of(1, 0, 0, 0).Write(writer);
        writer.WriteByte((byte)View.Cases);
        writer.WriteText($"harbour-{random.Next(10)}");
        writer.WriteRaw(JsonSerializer.SerializeToUtf8Bytes(new { case1 = random.Next() }));
        Record.End(writer, start);
    }
}
