using System.Text;
using System.Text.Json;
using Streaming.Grains.Inputs;
using Streaming.Grains.Messages;
using Streaming.Grains.Turns;
using Streaming.Ingest.Formats;
using Streaming.Models.Encoding;
using Streaming.Silo.History;
using Xunit;
using Record = Streaming.Grains.Inputs.Record;

namespace Streaming.Tests.History;

/// <summary>Recorded readings that today's decoder would not make of their payload.</summary>
public sealed class RedecodingTests
{
    private const long Now = 1_795_248_930_123;
    private static readonly SourceContext Station = new(new SourceRegistration("S07", "wim", ["v1/wim/S07/+"], "harbour", 5, ""));
    private readonly Redecoding redecoding = new(null, long.MinValue, long.MaxValue);
    private long position;

    [Fact]
    public void A_field_that_is_read_differently_is_named()
    {
        Take(Weigh("a", 12_000) + "," + Weigh("b", 12_000), recorded: Weigh("a", 12_000) + "," + Weigh("b", 13_000));
        Assert.Equal((1, 1, 0, 0), Counts);
        Assert.Equal(["grossKg"], redecoding.Fields.Keys);
        Assert.Equal(new RedecodedDifference(1, "different", "S07", "b", "grossKg"), Assert.Single(redecoding.First));
        Assert.True(redecoding.Differs);
    }

    [Fact]
    public void What_is_rejected_now_says_why_and_what_is_accepted_now_is_counted()
    {
        Take(Weigh("a", 12_000) + "," + Weigh("b", -5), recorded: Weigh("a", 12_000) + "," + Weigh("b", 12_000));
        Take(Weigh("c", 12_000) + "," + Weigh("d", 12_000), recorded: Weigh("c", 12_000) + "," + Weigh("d", -5));
        Assert.Equal((2, 0, 1, 1), Counts);
        Assert.Equal(["newly-rejected b", "newly-accepted d"], redecoding.First.Select(first => $"{first.What} {first.Id}"));
        Assert.Contains("grossKg", redecoding.First[0].Detail, StringComparison.Ordinal);
    }

    [Fact]
    public void What_stays_rejected_is_no_difference_and_neither_is_a_word_that_has_the_time_of_its_arrival()
    {
        Take(Weigh("a", -5), recorded: Weigh("a", -5));
        TakeRecord(Encode("online", "v1/status/S07", Now), Now + 4_321);
        Assert.Equal((1, 0, 0, 0), Counts);
        Assert.False(redecoding.Differs);
    }

    [Fact]
    public void A_clock_that_was_just_too_fast_decides_nothing()
    {
        byte[] rejected = Encode(Weigh("a", 12_000, Now + (10 * 60_000) + 5), "v1/wim/S07/1", Now);
        Assert.Equal(0, Read(rejected).Readings);
        TakeRecord(rejected, Now + 10);
        Assert.Equal((0, 0, 0, 0), Counts);
    }

    [Fact]
    public void A_cameras_place_comes_from_its_registration_or_from_what_was_recorded()
    {
        SourceContext camera = new(new SourceRegistration("C07", "camera", ["v1/video/C07"], "harbour", null, "", Place: "harbour/1"));
        byte[] seen = Encode($$"""{"id":"a","at":"{{Time(Now)}}","event":"smoke"}""", "v1/video/C07", Now, camera);
        TakeRecord(seen, Now);
        Assert.Equal((1, 0, 0, 0), Counts);
        Register(camera.Registration with { Place = "harbour/2" });
        TakeRecord(seen, Now);
        Assert.Equal((1, 1, 0, 0), Counts);
        Assert.Equal(["subject"], redecoding.Fields.Keys);
        Register(camera.Registration);
        TakeRecord(seen, Now);
        Assert.Equal((2, 1, 0, 0), Counts);
    }

    [Fact]
    public void A_payload_that_no_decoder_saw_is_counted_apart()
    {
        ByteWriter record = new();
        PublishEncoder.Quarantine(record, Station, "v1/wim/S08/1"u8, "{}"u8, RejectReason.TopicNotAllowed, "not allowed");
        TakeRecord(record.Written.ToArray(), Now);
        Assert.Equal((0L, 1L), (redecoding.Payloads, redecoding.NotDecoded));
    }

    private (long Identical, long Different, long NewlyRejected, long NewlyAccepted) Counts =>
        (redecoding.Identical, redecoding.Different, redecoding.NewlyRejected, redecoding.NewlyAccepted);

    /// <summary>A record with the payload of one array and the readings and rejections of another.</summary>
    private void Take(string payload, string recorded)
    {
        byte[] other = Encode($"[{recorded}]", "v1/wim/S07/1", Now);
        PublishRecord publish = Read(other);
        ByteWriter record = new();
        int start = Record.Begin(record, InputKind.Publish, 0);
        publish.Origin.Write(record);
        record.WriteBytes(publish.Topic);
        record.WriteBytes(Encoding.UTF8.GetBytes($"[{payload}]"));
        record.WriteInt32(publish.Readings);
        record.WriteInt32(publish.Rejections);
        PublishRecord.ReadingEnumerator readings = publish.GetReadings();
        while (readings.MoveNext())
        {
            record.WriteInt32(readings.Bytes.Length);
            record.WriteRaw(readings.Bytes);
        }

        foreach (Rejection rejection in publish.GetRejections())
        {
            rejection.Write(record);
        }

        Record.End(record, start);
        TakeRecord(record.Written.ToArray(), Now);
    }

    private void TakeRecord(byte[] record, long timeMs)
    {
        byte[] stamped = [.. record];
        Record.Stamp(stamped, timeMs);
        redecoding.Take(++position, stamped);
    }

    private void Register(SourceRegistration registration)
    {
        ByteWriter record = new();
        int start = Record.Begin(record, InputKind.Command, 0);
        AddressedRecord.Write(record, ActorKind.Source, MessageKind.RegisterSource, Encoding.UTF8.GetBytes(registration.Id), JsonSerializer.SerializeToUtf8Bytes(registration, GrainsJson.Default.SourceRegistration));
        Record.End(record, start);
        TakeRecord(record.Written.ToArray(), Now);
    }

    private static PublishRecord Read(ReadOnlySpan<byte> record) => PublishRecord.Read(record[Record.HeaderBytes..]);

    private static byte[] Encode(string payload, string topic, long nowMs, SourceContext? source = null)
    {
        ByteWriter record = new();
        PublishEncoder.Encode(record, source ?? Station, Encoding.UTF8.GetBytes(topic), Encoding.UTF8.GetBytes(payload), nowMs);
        return record.Written.ToArray();
    }

    private static string Weigh(string id, int grossKg, long atMs = Now - 1000) => $$"""{"id":"{{id}}","at":"{{Time(atMs)}}","plate":"粤H12345","plateColor":"yellow","grossKg":{{grossKg}}}""";

    private static string Time(long ms) => DateTimeOffset.FromUnixTimeMilliseconds(ms).ToString("yyyy-MM-ddTHH:mm:ss.fffZ", System.Globalization.CultureInfo.InvariantCulture);
}
