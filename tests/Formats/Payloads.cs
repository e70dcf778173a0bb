using System.Text;
using Streaming.Grains.Inputs;
using Streaming.Grains.Messages;
using Streaming.Grains.Turns;
using Streaming.Ingest.Formats;
using Streaming.Models.Encoding;
using Streaming.Models.Readings;
using Xunit;
using Record = Streaming.Grains.Inputs.Record;

namespace Streaming.Tests.Formats;

/// <summary>A reading as decoded, out of its record.</summary>
internal sealed record DecodedReading(ReadingKind Kind, ActorKind SubjectKind, string Key, string Id, ulong IdHash, long AtMs, byte Partition, byte[] Body)
{
    public WeighReading Weigh
    {
        get
        {
            ByteReader reader = Reader(ReadingKind.Weigh);
            return WeighReading.Read(ref reader);
        }
    }

    public VideoReading Video
    {
        get
        {
            ByteReader reader = Reader(ReadingKind.Video);
            return VideoReading.Read(ref reader);
        }
    }

    public TruckReading Truck
    {
        get
        {
            ByteReader reader = Reader(ReadingKind.Truck);
            return TruckReading.Read(ref reader);
        }
    }

    public PlantReading Plant
    {
        get
        {
            ByteReader reader = Reader(ReadingKind.Plant);
            return PlantReading.Read(ref reader);
        }
    }

    public LedgerReading Ledger
    {
        get
        {
            ByteReader reader = Reader(ReadingKind.Ledger);
            return LedgerReading.Read(ref reader);
        }
    }

    public StatusReading Status
    {
        get
        {
            ByteReader reader = Reader(ReadingKind.Status);
            return StatusReading.Read(ref reader);
        }
    }

    private ByteReader Reader(ReadingKind kind)
    {
        Assert.Equal(kind, Kind);
        return new ByteReader(Body);
    }
}

/// <summary>What became of a payload: the outcome, and the whole record taken apart.</summary>
internal sealed record Decoded(EncodeOutcome Outcome, byte[] Record, byte[] Raw, DecodedReading[] Readings, Rejection[] Rejections)
{
    /// <summary>The only reading of a payload without rejections.</summary>
    public DecodedReading Only
    {
        get
        {
            Assert.True(Rejections.Length == 0, Rejections.Length == 0 ? "" : $"{Rejections[0].Reason}: {Rejections[0].Detail}");
            return Assert.Single(Readings);
        }
    }

    /// <summary>The only rejection of a payload without readings.</summary>
    public Rejection OnlyRejection
    {
        get
        {
            Assert.Empty(Readings);
            return Assert.Single(Rejections);
        }
    }

    /// <summary>What a rejection kept of the payload.</summary>
    public string RawOf(Rejection rejection) => Encoding.UTF8.GetString(Raw, rejection.Offset, rejection.Length);
}

/// <summary>Payloads to decode, and the decoding of them.</summary>
internal static class Payloads
{
    public const string WeighTopic = "v1/wim/S07/2";

    /// <summary>A six-axle combination of 60 t, with the two picture fields as a person would paste them.</summary>
    public const string Weigh = """
        {"id":"S07-000123","at":"2026-11-21T08:15:30.123Z","plate":"粤H12345","plateColor":"yellow","plateConfidence":0.97,"speedKmh":63.5,
         "axles":[{"massKg":6800,"offsetM":0.0},{"massKg":10900,"offsetM":3.5},{"massKg":10800,"offsetM":4.85},{"massKg":10600,"offsetM":11.2},{"massKg":10500,"offsetM":12.5},{"massKg":10400,"offsetM":13.8}],
         "grossKg":60000,"vehicleClass":"combination","leftRightRatio":1.02,"image":{"url":"...","sha256":"..."}}
        """;

    public const string Sha256 = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08";

    public static readonly long NowMs = new DateTimeOffset(2026, 11, 21, 8, 15, 31, TimeSpan.Zero).ToUnixTimeMilliseconds();

    public static readonly long AtMs = new DateTimeOffset(2026, 11, 21, 8, 15, 30, 123, TimeSpan.Zero).ToUnixTimeMilliseconds();

    public static SourceRegistration Registration { get; } = new("S07", "wim", ["v1/wim/S07/+"], "harbour", 5, "sha256:00");

    public static SourceContext Source { get; } = new(Registration);

    public static byte[] Utf8(string text) => Encoding.UTF8.GetBytes(text);

    public static string Text(ReadOnlySpan<byte> utf8) => Encoding.UTF8.GetString(utf8);

    public static Decoded Decode(string topic, string payload, SourceContext? source = null) => Decode(topic, Utf8(payload), source);

    /// <summary>Decodes and takes the record apart to its last byte: one that is not exactly one whole record fails here.</summary>
    public static Decoded Decode(string topic, ReadOnlySpan<byte> payload, SourceContext? source = null)
    {
        ByteWriter writer = new();
        writer.WriteUInt32(0xFEEDF00D);
        EncodeOutcome outcome = PublishEncoder.Encode(writer, source ?? Source, Utf8(topic), payload, NowMs);
        return TakeApart(outcome, writer.Written[4..].ToArray(), topic, payload, source ?? Source);
    }

    public static Decoded TakeApart(EncodeOutcome outcome, byte[] bytes, string topic, ReadOnlySpan<byte> payload, SourceContext source)
    {
        ReadOnlySpan<byte> rest = bytes;
        Record record = Record.Next(ref rest);
        Assert.Equal(0, rest.Length);
        Assert.Equal(InputKind.Publish, record.Kind);
        Assert.Equal(0, record.Depth);
        Assert.Equal(Partition.Of(ActorKind.Source, source.Registration.Id), record.Partition);
        PublishRecord publish = PublishRecord.Read(record.Body);
        Assert.Equal(source.Registration.Id, Text(publish.Origin.Source));
        Assert.Equal(source.Registration.District, Text(publish.Origin.District));
        Assert.Equal(source.AccuracyHundredthPct, publish.Origin.AccuracyHundredthPct);
        Assert.Equal(topic, Text(publish.Topic));
        Assert.True(payload.StartsWith(publish.Raw), "what is kept of a payload is its beginning");

        List<DecodedReading> readings = [];
        foreach (ReadingElement reading in publish.GetReadings())
        {
            Assert.Equal(Partition.Of(reading.SubjectKind, reading.Key), reading.Partition);
            readings.Add(new DecodedReading(reading.Kind, reading.SubjectKind, Text(reading.Key), Text(reading.Header.Id), reading.Header.IdHash, reading.Header.AtMs, reading.Partition, reading.Body.ToArray()));
        }

        List<Rejection> rejections = [];
        foreach (Rejection rejection in publish.GetRejections())
        {
            Assert.InRange(rejection.Offset, 0, publish.Raw.Length);
            Assert.InRange(rejection.Length, 0, publish.Raw.Length - rejection.Offset);
            Assert.NotEqual("", rejection.Detail);
            Assert.DoesNotContain(rejection.Detail, char.IsControl);
            rejections.Add(rejection);
        }

        Assert.Equal(outcome.Accepted, readings.Count);
        Assert.Equal(outcome.Rejected, rejections.Count);
        Assert.Equal(outcome.FirstReason, rejections.Count == 0 ? null : rejections[0].Reason);
        Assert.Equal(outcome.FirstDetail, rejections.Count == 0 ? "" : rejections[0].Detail);
        return new Decoded(outcome, bytes, publish.Raw.ToArray(), [.. readings], [.. rejections]);
    }
}
