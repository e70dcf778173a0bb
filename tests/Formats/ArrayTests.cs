using System.Text;
using Streaming.Grains.Inputs;
using Streaming.Ingest;
using Xunit;

namespace Streaming.Tests.Formats;

public sealed class ArrayTests
{
    [Fact]
    public void Elements_come_out_in_the_order_of_their_times_and_equal_times_as_they_came()
    {
        string[] order = ["a 12", "b 10", "c 11", "d 10", "e 30", "f 10"];
        string payload = "[" + string.Join(',', order.Select(each => Element(each[..1], 5, int.Parse(each[2..], null)))) + "]";
        Decoded decoded = Payloads.Decode(Payloads.WeighTopic, payload);
        Assert.Equal(["b", "d", "f", "c", "a", "e"], decoded.Readings.Select(each => each.Id));
        Assert.Equal(payload, Encoding.UTF8.GetString(decoded.Raw));
    }

    [Fact]
    public void Large_array_in_any_order_is_sorted_and_stable()
    {
        Random random = new(3);
        List<(string Id, int Second)> elements = [.. Enumerable.Range(0, 2000).Select(i => ($"{i:D5}", random.Next(30)))];
        Decoded decoded = Payloads.Decode(Payloads.WeighTopic, "[" + string.Join(',', elements.Select(each => Element(each.Id, 7, each.Second))) + "]");
        Assert.Equal(elements.OrderBy(each => each.Second).Select(each => each.Id), decoded.Readings.Select(each => each.Id));
    }

    [Fact]
    public void One_bad_element_sinks_no_other()
    {
        string payload = $" [{Element("a", 1, 1)},{Element("b", -1, 2)}, 7 ,{Element("c", 3, 3)},\n{Element("d", 0, 4)}] ";
        Decoded decoded = Payloads.Decode(Payloads.WeighTopic, payload);
        Assert.Equal(["a", "c"], decoded.Readings.Select(each => each.Id));
        Assert.Equal([Element("b", -1, 2), "7", Element("d", 0, 4)], decoded.Rejections.Select(decoded.RawOf));
        Assert.Equal([RejectReason.OutOfRange, RejectReason.NotAReading, RejectReason.OutOfRange], decoded.Rejections.Select(each => each.Reason));
        Assert.Equal((2, 3, RejectReason.OutOfRange), (decoded.Outcome.Accepted, decoded.Outcome.Rejected, decoded.Outcome.FirstReason));
    }

    [Fact]
    public void Element_that_is_not_utf8_sinks_no_other()
    {
        byte[] payload = [(byte)'[', .. Payloads.Utf8(Element("a", 1, 1)), .. ",{\"id\":\""u8, 0xFF, .. "\"},"u8, .. Payloads.Utf8(Element("粤", 2, 2)), (byte)']'];
        Decoded decoded = Payloads.Decode(Payloads.WeighTopic, payload);
        Assert.Equal(["a", "粤"], decoded.Readings.Select(each => each.Id));
        Assert.Equal((RejectReason.Malformed, "a text is not UTF-8"), (Assert.Single(decoded.Rejections).Reason, decoded.Rejections[0].Detail));
    }

    [Theory]
    [InlineData("[{A},{B},{\"id\":\"c\",}]", 2, "{\"id\":\"c\",}]")]
    [InlineData("[{A},{B}", 2, "")]
    [InlineData("[{A},{B},", 2, "")]
    [InlineData("[{A},{B},]", 2, ",]")]
    [InlineData("[{A} {B}]", 1, " {B}]")]
    [InlineData("[{A},{B}] []", 2, "[]")]
    [InlineData("[{A},,{B}]", 1, ",{B}]")]
    [InlineData("[", 0, "")]
    [InlineData("[}", 0, "}")]
    [InlineData("[{A},\"unended]", 1, "\"unended]")]
    public void What_stands_before_damage_is_taken_and_the_rest_is_one_rejection(string payload, int taken, string rest)
    {
        payload = Fill(payload);
        Decoded decoded = Payloads.Decode(Payloads.WeighTopic, payload);
        Assert.Equal(taken, decoded.Readings.Length);
        Rejection rejection = Assert.Single(decoded.Rejections);
        Assert.Equal(RejectReason.Malformed, rejection.Reason);
        Assert.Equal(Fill(rest), decoded.RawOf(rejection));
    }

    [Fact]
    public void Junk_behind_good_elements_is_kept_by_its_head_only()
    {
        string payload = "[" + Element("a", 1, 1) + ",{" + new string('x', 500_000);
        Decoded decoded = Payloads.Decode(Payloads.WeighTopic, payload);
        Assert.Single(decoded.Readings);
        Assert.Equal(IngestLimits.QuarantinedBytes, Assert.Single(decoded.Rejections).Length);
        Assert.Equal(decoded.Rejections[0].Offset + IngestLimits.QuarantinedBytes, decoded.Raw.Length);
    }

    [Fact]
    public void Element_that_is_too_large_sinks_no_other()
    {
        string large = Element("b", 1, 2).Replace("}", ",\"note\":\"" + new string('n', 100_000) + "\"}", StringComparison.Ordinal);
        Decoded decoded = Payloads.Decode(Payloads.WeighTopic, $"[{Element("a", 1, 1)},{large},{Element("c", 1, 3)},\"{new string('n', 70_000)}\"]");
        Assert.Equal(["a", "c"], decoded.Readings.Select(each => each.Id));
        Assert.Equal([RejectReason.TooLarge, RejectReason.TooLarge], decoded.Rejections.Select(each => each.Reason));
        Assert.Equal(large[..IngestLimits.QuarantinedBytes], decoded.RawOf(decoded.Rejections[0]));
    }

    [Fact]
    public void Hour_of_full_records_is_taken()
    {
        string payload = "[" + string.Join(",\n", Enumerable.Range(0, 3600).Select(i => Payloads.Weigh.Replace("S07-000123", $"S07-{i:D6}", StringComparison.Ordinal))) + "]";
        Assert.InRange(Encoding.UTF8.GetByteCount(payload), 1_000_000, IngestLimits.PayloadBytes);
        Decoded decoded = Payloads.Decode(Payloads.WeighTopic, payload);
        Assert.Empty(decoded.Rejections);
        Assert.Equal(Enumerable.Range(0, 3600).Select(i => $"S07-{i:D6}"), decoded.Readings.Select(each => each.Id));
        Assert.Equal(3600, decoded.Readings.Select(each => each.IdHash).Distinct().Count());
        Assert.All(decoded.Readings, each => Assert.Equal(60_000, each.Weigh.GrossKg));
    }

    [Fact]
    public void Elements_past_the_limit_are_one_rejection_kept_whole()
    {
        string first = string.Join(',', Enumerable.Range(0, IngestLimits.ReadingsPerPayload).Select(i => Element($"{i}", 1, 1)));
        string rest = string.Join(',', Enumerable.Range(0, 2000).Select(i => Element($"r{i}", 1, 1)));
        Decoded decoded = Payloads.Decode(Payloads.WeighTopic, $"[{first}, {rest}]");
        Assert.Equal(IngestLimits.ReadingsPerPayload, decoded.Readings.Length);
        Rejection rejection = Assert.Single(decoded.Rejections);
        Assert.Equal(RejectReason.TooMany, rejection.Reason);
        Assert.Equal(rest + "]", decoded.RawOf(rejection));
        Assert.Empty(Payloads.Decode(Payloads.WeighTopic, $"[{first}]").Rejections);
    }

    [Fact]
    public void Empty_array_is_neither_taken_nor_refused()
    {
        Decoded decoded = Payloads.Decode(Payloads.WeighTopic, " [ ] ");
        Assert.Equal((0, 0), (decoded.Outcome.Accepted, decoded.Outcome.Rejected));
    }

    [Fact]
    public void Record_stays_bounded_however_the_limits_are_used_up()
    {
        string id = new('i', 64);
        string topic = $"v1/wim/{new string('s', 64)}/{new string('l', 64)}";
        string plate = new('P', 48);
        string accepted = "[" + string.Join(',', Enumerable.Range(0, 9000).Select(_ => $$"""{"id":"{{id}}","at":"2026-11-21T08:15:30Z","plate":"{{plate}}","plateColor":"yellow-green","grossKg":1}""")) + "]";
        string refused = "[" + string.Join(',', Enumerable.Range(0, 10_000).Select(_ => $$"""{"plateColor":"{{new string('粤', 20)}}"}""")) + "]";
        Decoded large = Payloads.Decode(topic, accepted);
        Assert.Equal(9000, large.Readings.Length);
        Decoded quarantined = Payloads.Decode(topic, refused);
        Assert.Equal(10_000, quarantined.Rejections.Length);
        Assert.InRange(large.Record.Length, 0, IngestLimits.RecordBytes);
        Assert.InRange(quarantined.Record.Length, 0, IngestLimits.RecordBytes);
    }

    private static string Fill(string payload) => payload.Replace("{A}", Element("a", 1, 1), StringComparison.Ordinal).Replace("{B}", Element("b", 2, 2), StringComparison.Ordinal);

    private static string Element(string id, int grossKg, int second) => $$"""{"id":"{{id}}","at":"2026-11-21T08:15:{{second:D2}}Z","grossKg":{{grossKg}}}""";
}
