using System.Text;
using Streaming.Grains.Inputs;
using Streaming.Ingest;
using Streaming.Ingest.Formats;
using Streaming.Models.Encoding;
using Xunit;

namespace Streaming.Tests.Formats;

/// <summary>Each reason for quarantine, with the text that the device's owner reads.</summary>
public sealed class RejectionTests
{
    private const string Head = "\"id\":\"1\",\"at\":\"2026-11-21T08:15:30Z\"";

    [Theory]
    [InlineData("", "the payload is empty; a JSON object or an array of objects expected")]
    [InlineData("  \n", "the payload is empty; a JSON object or an array of objects expected")]
    [InlineData("{", "the payload ends at byte 1; a field name in quotes expected")]
    [InlineData("{\"id\"", "the payload ends at byte 5; ':' behind a field name expected")]
    [InlineData("{\"id\":\"1\"", "the payload ends at byte 9; ',' or '}' expected")]
    [InlineData("{\"id\":\"1\",}", "byte 10 is '}'; a field name in quotes expected")]
    [InlineData("{\"id\":\"1\" \"at\"}", "byte 10 is '\"'; ',' or '}' expected")]
    [InlineData("{id:1}", "byte 1 is 'i'; a field name in quotes expected")]
    [InlineData("{\"id\":'1'}", "byte 6 is '''; a value expected")]
    [InlineData("{\"id\":\"1\\x\"}", "byte 8 is '\\'; one of JSON's escapes expected")]
    [InlineData("{\"id\":\"1\n\"}", "byte 8 is 0x0A; no control character within a text expected")]
    [InlineData("{\"grossKg\":012}", "byte 11 is '0'; a number without leading zeros expected")]
    [InlineData("{\"grossKg\":1.}", "byte 13 is '}'; a digit behind the decimal point expected")]
    [InlineData("{\"grossKg\":1e}", "byte 13 is '}'; a digit in the exponent expected")]
    [InlineData("{\"grossKg\":+1}", "byte 11 is '+'; a value expected")]
    [InlineData("{\"grossKg\":NaN}", "byte 11 is 'N'; a value expected")]
    [InlineData("{\"plate\":nil}", "byte 9 is 'n'; a value expected")]
    [InlineData("{" + Head + ",\"grossKg\":1} x", "byte 51 is 'x' behind the end of the object; nothing expected")]
    [InlineData("\uFEFF{}", "byte 0 begins a byte-order mark; a value expected")]
    [InlineData("<xml/>", "byte 0 is '<'; a value expected")]
    [InlineData("{\"x\":[[[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]]]}", "byte 20 is '['; no deeper nesting expected")]
    public void Damaged_json_is_malformed(string payload, string detail)
    {
        Rejection rejection = Payloads.Decode(Payloads.WeighTopic, payload).OnlyRejection;
        Assert.Equal((RejectReason.Malformed, detail), (rejection.Reason, rejection.Detail));
        Assert.Equal((0, Encoding.UTF8.GetByteCount(payload)), (rejection.Offset, rejection.Length));
    }

    [Theory]
    [InlineData("42", "the payload is 42; an object or an array of objects expected")]
    [InlineData("\"text\"", "the payload is \"text\"; an object or an array of objects expected")]
    [InlineData(" null ", "the payload is null; an object or an array of objects expected")]
    [InlineData("[42]", "the element is 42; an object expected")]
    [InlineData("[[]]", "the element is an array; an object expected")]
    public void Value_that_is_no_object_is_no_reading(string payload, string detail)
    {
        Rejection rejection = Payloads.Decode(Payloads.WeighTopic, payload).OnlyRejection;
        Assert.Equal((RejectReason.NotAReading, detail), (rejection.Reason, rejection.Detail));
    }

    [Theory]
    [InlineData("v1/wim/S07/2", "\"at\":\"2026-11-21T08:15:30Z\",\"grossKg\":1", "id is missing; every reading needs the source's own id, by which a repeated one is known")]
    [InlineData("v1/wim/S07/2", "\"id\":null,\"at\":\"2026-11-21T08:15:30Z\",\"grossKg\":1", "id is missing; every reading needs the source's own id, by which a repeated one is known")]
    [InlineData("v1/wim/S07/2", "\"id\":\"1\",\"grossKg\":1", "at is missing; every reading needs its time, as 2026-11-21T08:15:30.123Z")]
    [InlineData("v1/wim/S07/2", Head, "grossKg is missing; a weigh record needs grossKg or axles")]
    [InlineData("v1/wim/S07/2", Head + ",\"axles\":[]", "grossKg is missing; a weigh record needs grossKg or axles")]
    [InlineData("v1/wim/S07/2", Head + ",\"axles\":[{\"massKg\":1}]", "axles[0].offsetM is missing; an axle needs massKg and offsetM")]
    [InlineData("v1/wim/S07/2", Head + ",\"axles\":[{\"massKg\":1,\"offsetM\":0},{\"offsetM\":1}]", "axles[1].massKg is missing; an axle needs massKg and offsetM")]
    [InlineData("v1/video/S07", Head, "event is missing; a video event needs to say what was seen")]
    [InlineData("v1/video/S07", Head + ",\"event\":\"fire\",\"position\":{\"lat\":1}", "position.lon is missing; a position needs lat and lon")]
    [InlineData("v1/video/S07", Head + ",\"event\":\"fire\",\"position\":{\"lon\":1}", "position.lat is missing; a position needs lat and lon")]
    [InlineData("v1/hazmat/vehicle/A1", Head, "tank is missing; telemetry of a truck needs one of tank, position, speedKmh and alarmBits")]
    [InlineData("v1/hazmat/vehicle/A1", Head + ",\"tank\":{\"pressure\":1}", "tank.pressureKpa is missing; one of pressureKpa, temperatureC, levelPct, massKg, gasPpm, gasPctLel and valve is needed")]
    [InlineData("v1/hazmat/plant/E/T", Head + ",\"pressure\":1", "pressureKpa is missing; one of pressureKpa, temperatureC, levelPct, massKg, gasPpm, gasPctLel and valve is needed")]
    [InlineData("v1/ledger/E", Head + ",\"substance\":\"UN1017\",\"massKg\":1", "action is missing; a ledger line needs action, substance and massKg")]
    [InlineData("v1/ledger/E", Head + ",\"action\":\"ship\",\"massKg\":1", "substance is missing; a ledger line needs action, substance and massKg")]
    [InlineData("v1/ledger/E", Head + ",\"action\":\"ship\",\"substance\":\" \",\"massKg\":1", "substance is missing; a ledger line needs action, substance and massKg")]
    [InlineData("v1/ledger/E", Head + ",\"action\":\"ship\",\"substance\":\"UN1017\"", "massKg is missing; a ledger line needs action, substance and massKg")]
    [InlineData("v1/status/S07", Head, "online is missing; true or false expected")]
    public void Field_that_the_kind_needs_is_missed(string topic, string fields, string detail) =>
        Refused(topic, fields, RejectReason.MissingField, detail);

    [Theory]
    [InlineData("v1/wim/S07/2", "\"id\":5", "id is 5; a text expected")]
    [InlineData("v1/wim/S07/2", "\"at\":1795248930123", "at is 1795248930123; a text expected")]
    [InlineData("v1/wim/S07/2", "\"grossKg\":\"60000\"", "grossKg is \"60000\"; a number expected")]
    [InlineData("v1/wim/S07/2", "\"grossKg\":true", "grossKg is true; a number expected")]
    [InlineData("v1/wim/S07/2", "\"plate\":{\"text\":1}", "plate is an object; a text expected")]
    [InlineData("v1/wim/S07/2", "\"plate\":[1]", "plate is an array; a text expected")]
    [InlineData("v1/wim/S07/2", "\"axles\":{}", "axles is an object; an array expected")]
    [InlineData("v1/wim/S07/2", "\"axles\":[5]", "axles[0] is 5; an object expected")]
    [InlineData("v1/wim/S07/2", "\"axles\":[{\"massKg\":\"5\"}]", "axles[0].massKg is \"5\"; a number expected")]
    [InlineData("v1/wim/S07/2", "\"image\":\"https://p\"", "image is \"https://p\"; an object expected")]
    [InlineData("v1/wim/S07/2", "\"image\":{\"url\":1}", "image.url is 1; a text expected")]
    [InlineData("v1/video/S07", "\"event\":1", "event is 1; a text expected")]
    [InlineData("v1/video/S07", "\"position\":[1,2]", "position is an array; an object expected")]
    [InlineData("v1/hazmat/vehicle/A1", "\"tank\":5", "tank is 5; an object expected")]
    [InlineData("v1/hazmat/vehicle/A1", "\"tank\":{\"valve\":true}", "tank.valve is true; a text expected")]
    [InlineData("v1/hazmat/plant/E/T", "\"gasPpm\":\"0.4\"", "gasPpm is \"0.4\"; a number expected")]
    [InlineData("v1/ledger/E", "\"massKg\":\"1\"", "massKg is \"1\"; a number expected")]
    [InlineData("v1/status/S07", "\"online\":\"true\"", "online is \"true\"; true or false expected")]
    [InlineData("v1/status/S07", "\"online\":1", "online is 1; true or false expected")]
    [InlineData("v1/wim/S07/2", "\"plate\":123456789012345678901234567890123456789012345678901234567890", "plate is 1234567890123456789012345678901234567890...; a text expected")]
    public void Field_of_another_type_is_refused(string topic, string fields, string detail) =>
        Refused(topic, fields, RejectReason.WrongType, detail);

    [Theory]
    [InlineData("v1/wim/S07/2", "\"id\":\"\"", "id is \"\"; 1 to 64 bytes without control characters expected")]
    [InlineData("v1/wim/S07/2", "\"id\":\"a\\tb\"", "id is \"a\\tb\"; 1 to 64 bytes without control characters expected")]
    [InlineData("v1/wim/S07/2", "\"grossKg\":-5", "grossKg is -5; 1 to 1000000 kg expected")]
    [InlineData("v1/wim/S07/2", "\"grossKg\":0", "grossKg is 0; 1 to 1000000 kg expected")]
    [InlineData("v1/wim/S07/2", "\"grossKg\":1000001", "grossKg is 1000001; 1 to 1000000 kg expected")]
    [InlineData("v1/wim/S07/2", "\"grossKg\":1e30", "grossKg is 1e30; 1 to 1000000 kg expected")]
    [InlineData("v1/wim/S07/2", "\"grossKg\":-1e99999999999", "grossKg is -1e99999999999; 1 to 1000000 kg expected")]
    [InlineData("v1/wim/S07/2", "\"axles\":[{\"massKg\":1,\"offsetM\":0},{\"massKg\":2,\"offsetM\":1},{\"massKg\":-5,\"offsetM\":2}]", "axles[2].massKg is -5; 0 to 100000 kg expected")]
    [InlineData("v1/wim/S07/2", "\"axles\":[{\"massKg\":-0.2,\"offsetM\":0}]", "axles[0].massKg is -0.2; 0 to 100000 kg expected")]
    [InlineData("v1/wim/S07/2", "\"axles\":[{\"massKg\":100001,\"offsetM\":0}]", "axles[0].massKg is 100001; 0 to 100000 kg expected")]
    [InlineData("v1/wim/S07/2", "\"axles\":[{\"massKg\":1,\"offsetM\":100.001}]", "axles[0].offsetM is 100.001; 0 to 100 m expected")]
    [InlineData("v1/wim/S07/2", Head + ",\"axles\":[{\"massKg\":0,\"offsetM\":0}]", "axles add up to 0 kg; 1 to 1000000 kg expected")]
    [InlineData("v1/wim/S07/2", "\"speedKmh\":400.1", "speedKmh is 400.1; 0 to 400 km/h expected")]
    [InlineData("v1/wim/S07/2", "\"plateConfidence\":97", "plateConfidence is 97; 0 to 1 expected")]
    [InlineData("v1/wim/S07/2", "\"leftRightRatio\":10.1", "leftRightRatio is 10.1; 0 to 10 expected")]
    [InlineData("v1/wim/S07/2", "\"vehicleClass\":\"lorry\"", "vehicleClass is \"lorry\"; rigid, combination, tanker, car, bus, other or unknown expected")]
    [InlineData("v1/wim/S07/2", "\"plateColor\":\"pink\"", "plateColor is \"pink\"; blue, yellow, green, yellow-green, white, black, red or unknown expected")]
    [InlineData("v1/video/S07", "\"event\":\"party\"", "event is \"party\"; vehicle, smoke, fire, leak, intrusion, illegal-parking, street-stall, construction or crowding expected")]
    [InlineData("v1/video/S07", "\"event\":\"\"", "event is \"\"; vehicle, smoke, fire, leak, intrusion, illegal-parking, street-stall, construction or crowding expected")]
    [InlineData("v1/video/S07", "\"position\":{\"lat\":90.1}", "position.lat is 90.1; -90 to 90 degrees expected")]
    [InlineData("v1/video/S07", "\"position\":{\"lon\":-180.1}", "position.lon is -180.1; -180 to 180 degrees expected")]
    [InlineData("v1/video/S07", "\"hazardPlate\":\"12345678901234567\"", "hazardPlate is \"12345678901234567\"; at most 16 bytes expected")]
    [InlineData("v1/hazmat/vehicle/A1", "\"tank\":{\"levelPct\":100.5}", "tank.levelPct is 100.5; 0 to 100 % expected")]
    [InlineData("v1/hazmat/vehicle/A1", "\"tank\":{\"levelPct\":-0.1}", "tank.levelPct is -0.1; 0 to 100 % expected")]
    [InlineData("v1/hazmat/vehicle/A1", "\"tank\":{\"valve\":\"ajar\"}", "tank.valve is \"ajar\"; open, closed or unknown expected")]
    [InlineData("v1/hazmat/plant/E/T", "\"temperatureC\":-300", "temperatureC is -300; -273.15 to 2000 degrees Celsius expected")]
    [InlineData("v1/hazmat/plant/E/T", "\"pressureKpa\":1e999", "pressureKpa is 1e999; -105 to 100000 kPa expected")]
    [InlineData("v1/hazmat/plant/E/T", "\"gasPctLel\":1000.1", "gasPctLel is 1000.1; 0 to 1000 % LEL expected")]
    [InlineData("v1/hazmat/plant/E/T", "\"gasPpm\":1000001", "gasPpm is 1000001; 0 to 1000000 ppm expected")]
    [InlineData("v1/hazmat/plant/E/T", "\"massKg\":-1", "massKg is -1; 0 to 1000000000 kg expected")]
    [InlineData("v1/ledger/E", "\"massKg\":-1", "massKg is -1; 0 to 1000000000 kg expected")]
    [InlineData("v1/ledger/E", "\"action\":\"sell\"", "action is \"sell\"; produce, purchase, use, ship, receive, store or dispose expected")]
    public void Figure_or_text_outside_its_range_is_refused(string topic, string fields, string detail) =>
        Refused(topic, fields, RejectReason.OutOfRange, detail);

    [Fact]
    public void Long_texts_and_surplus_axles_are_refused()
    {
        Refused("v1/wim/S07/2", $"\"id\":\"{new string('i', 65)}\"", RejectReason.OutOfRange, $"id is \"{new string('i', 39)}...; at most 64 bytes expected");
        Refused("v1/wim/S07/2", $"\"id\":\"\\u0069{new string('i', 64)}\"", RejectReason.OutOfRange, $"id is \"\\u0069{new string('i', 33)}...; at most 64 bytes expected");
        Refused("v1/wim/S07/2", $"\"image\":{{\"url\":\"\\u0069{new string('i', 20_000)}\"}}", RejectReason.OutOfRange, $"image.url is \"\\u0069{new string('i', 33)}...; at most 1024 bytes expected");
        Refused("v1/wim/S07/2", $"\"plate\":\"{string.Concat(Enumerable.Repeat("粤", 17))}\"", RejectReason.OutOfRange, $"plate is \"{string.Concat(Enumerable.Repeat("粤", 13))}...; at most 48 bytes expected");
        string axles = string.Join(',', Enumerable.Range(0, 17).Select(i => $"{{\"massKg\":1,\"offsetM\":{i}}}"));
        Refused("v1/wim/S07/2", $"\"axles\":[{axles}]", RejectReason.OutOfRange, "axles has more than 16 elements; at most 16 expected");
    }

    [Fact]
    public void Cited_text_is_cut_between_characters()
    {
        string detail = Payloads.Decode("v1/video/S07", $$"""{{{Head}},"event":"{{string.Concat(Enumerable.Repeat("火", 10))}}!"}""").OnlyRejection.Detail;
        Assert.DoesNotContain('\uFFFD', detail);
    }

    [Theory]
    [InlineData("\"grossKg\":60000,\"axles\":[{\"massKg\":53999,\"offsetM\":0}]", "grossKg is 60000 but the axles add up to 53999 kg; at most 10 % apart expected")]
    [InlineData("\"axles\":[{\"massKg\":66001,\"offsetM\":0}],\"grossKg\":60000", "grossKg is 60000 but the axles add up to 66001 kg; at most 10 % apart expected")]
    [InlineData("\"axles\":[{\"massKg\":1,\"offsetM\":0.5}]", "axles[0].offsetM is 0.5; 0 expected, for offsets are distances behind the first axle")]
    [InlineData("\"axles\":[{\"massKg\":1,\"offsetM\":0},{\"massKg\":1,\"offsetM\":3.5},{\"massKg\":1,\"offsetM\":3.1}]", "axles[2].offsetM is 3.1; more than the 3.5 m of the axle before expected")]
    [InlineData("\"axles\":[{\"offsetM\":0,\"massKg\":1},{\"offsetM\":0.0004,\"massKg\":1}]", "axles[1].offsetM is 0.0004; more than the 0 m of the axle before expected")]
    [InlineData("\"grossKg\":1,\"grossKg\":1", "grossKg is given twice; one value expected")]
    [InlineData("\"grossKg\":1,\"gross\\u004bg\":2", "grossKg is given twice; one value expected")]
    [InlineData("\"axles\":[{\"massKg\":1,\"massKg\":2}]", "axles[0].massKg is given twice; one value expected")]
    [InlineData("\"grossKg\":1,\"plate\":\"A1-blue\",\"plateColor\":\"yellow\"", "plate ends in blue but plateColor is yellow; the same colour, or a plate without colour, expected")]
    public void Fields_that_contradict_one_another_are_refused(string fields, string detail) =>
        Refused(Payloads.WeighTopic, Head + "," + fields, RejectReason.Inconsistent, detail);

    [Theory]
    [InlineData("\"grossKg\":60000,\"axles\":[{\"massKg\":54000,\"offsetM\":0}]")]
    [InlineData("\"grossKg\":60000,\"axles\":[{\"massKg\":66000,\"offsetM\":0}]")]
    [InlineData("\"grossKg\":60000,\"axles\":null,\"unheard\":1,\"unheard\":[{\"grossKg\":[null,true,false,-1.5e-3,\"\\u0000\"]}]")]
    public void Good_records_at_the_edge_are_taken(string fields) =>
        Assert.Single(Payloads.Decode(Payloads.WeighTopic, $"{{{Head},{fields}}}").Readings);

    [Theory]
    [InlineData("yesterday", "at is \"yesterday\"; a time with Z or an offset expected, as 2026-11-21T08:15:30.123Z")]
    [InlineData("2026-11-21T08:15:30", "at is \"2026-11-21T08:15:30\"; a time with Z or an offset expected, as 2026-11-21T08:15:30.123Z")]
    [InlineData("2026-11-21T08:25:31.001Z", "at is \"2026-11-21T08:25:31.001Z\"; at most 10 minutes after its arrival at 2026-11-21T08:15:31.000Z expected: the device's clock is fast")]
    [InlineData("2025-10-17T08:15:30.999Z", "at is \"2025-10-17T08:15:30.999Z\"; at most 400 days before its arrival at 2026-11-21T08:15:31.000Z expected")]
    public void Time_that_cannot_be_is_refused(string at, string detail) =>
        Refused(Payloads.WeighTopic, $"\"id\":\"1\",\"grossKg\":1,\"at\":\"{at}\"", RejectReason.BadTime, detail);

    [Theory]
    [InlineData("2026-11-21T08:25:31Z")]
    [InlineData("2025-10-17T08:15:31Z")]
    [InlineData("2026-11-21T08:15:30\\u005a")]
    public void Time_at_the_edge_is_taken(string at) =>
        Assert.Single(Payloads.Decode(Payloads.WeighTopic, $"{{\"id\":\"1\",\"grossKg\":1,\"at\":\"{at}\"}}").Readings);

    [Theory]
    [InlineData("\\ud83d")]
    [InlineData("\\ud83dx")]
    [InlineData("\\ude9b")]
    [InlineData("\\ud83d\\u0041")]
    public void Half_a_surrogate_pair_is_no_character(string plate)
    {
        Rejection rejection = Payloads.Decode(Payloads.WeighTopic, $"{{{Head},\"grossKg\":1,\"plate\":\"{plate}\"}}").OnlyRejection;
        Assert.Equal((RejectReason.Malformed, $"plate is \"{plate}\"; half a surrogate pair is no character"), (rejection.Reason, rejection.Detail));
    }

    [Fact]
    public void Text_that_is_not_utf8_is_malformed_even_in_a_field_that_nobody_reads()
    {
        byte[] payload = [.. "{\"id\":\"1\",\"at\":\"2026-11-21T08:15:30Z\",\"grossKg\":1,\"note\":\""u8, 0xC3, 0x28, .. "\"}"u8];
        Rejection rejection = Payloads.Decode(Payloads.WeighTopic, payload).OnlyRejection;
        Assert.Equal((RejectReason.Malformed, "a text is not UTF-8"), (rejection.Reason, rejection.Detail));
    }

    [Fact]
    public void Packet_of_junk_is_quarantined_by_its_head()
    {
        byte[] junk = new byte[300 * 1024];
        new Random(7).NextBytes(junk);
        Decoded decoded = Payloads.Decode(Payloads.WeighTopic, junk);
        Assert.Equal((RejectReason.TooLarge, "the payload is one value of 307200 bytes; at most 65536 bytes expected"), (decoded.OnlyRejection.Reason, decoded.OnlyRejection.Detail));
        Assert.Equal(64 * 1024, decoded.Raw.Length);
    }

    [Theory]
    [InlineData(0, true)]
    [InlineData(1, false)]
    public void Object_may_have_64_kib(int more, bool taken)
    {
        string payload = $"{{{Head},\"grossKg\":1,\"note\":\"\"}}";
        payload = payload.Insert(payload.Length - 2, new string('n', (64 * 1024) - payload.Length + more));
        Assert.Equal(taken ? 1 : 0, Payloads.Decode(Payloads.WeighTopic, payload).Readings.Length);
        Decoded array = Payloads.Decode(Payloads.WeighTopic, $"[{payload}]");
        Assert.Equal(taken ? 1 : 0, array.Readings.Length);
        if (!taken)
        {
            Assert.Equal((RejectReason.TooLarge, 1, 64 * 1024, "the element has 65537 bytes; at most 65536 bytes expected"), (array.OnlyRejection.Reason, array.OnlyRejection.Offset, array.OnlyRejection.Length, array.OnlyRejection.Detail));
            Assert.Equal((64 * 1024) + 1, array.Raw.Length);
        }
    }

    [Fact]
    public void Payload_past_the_limit_is_not_even_read()
    {
        byte[] payload = new byte[IngestLimits.PayloadBytes + 1];
        payload.AsSpan().Fill((byte)' ');
        payload[0] = (byte)'[';
        payload[^1] = (byte)']';
        Decoded decoded = Payloads.Decode(Payloads.WeighTopic, payload);
        Assert.Equal((RejectReason.TooLarge, "the payload has 2097153 bytes; at most 2097152 bytes expected"), (decoded.OnlyRejection.Reason, decoded.OnlyRejection.Detail));
        Assert.Equal(64 * 1024, decoded.Raw.Length);
        payload[^2] = (byte)']';
        Assert.Equal(0, Payloads.Decode(Payloads.WeighTopic, payload.AsSpan(0, IngestLimits.PayloadBytes)).Outcome.Rejected);
    }

    [Fact]
    public void Quarantine_keeps_head_reason_and_detail()
    {
        byte[] payload = new byte[100_000];
        ByteWriter writer = new();
        EncodeOutcome outcome = PublishEncoder.Quarantine(writer, Payloads.Source, "v1/wim/S08/1"u8, payload, RejectReason.TopicNotAllowed, "S07 may publish on v1/wim/S07/+ only");
        Decoded decoded = Payloads.TakeApart(outcome, writer.Written.ToArray(), "v1/wim/S08/1", payload, Payloads.Source);
        Assert.Equal(new Rejection(RejectReason.TopicNotAllowed, 0, 65_536, "S07 may publish on v1/wim/S07/+ only"), decoded.OnlyRejection);
        Assert.Equal(65_536, decoded.Raw.Length);
    }

    private static void Refused(string topic, string fields, RejectReason reason, string detail)
    {
        Rejection rejection = Payloads.Decode(topic, $"{{{fields}}}").OnlyRejection;
        Assert.Equal((reason, detail), (rejection.Reason, rejection.Detail));
        // The same within an array: the range is the element's own, and its neighbour is taken.
        Decoded array = Payloads.Decode(Payloads.WeighTopic, $" [ {{{fields}}} , {Payloads.Weigh} ] ");
        if (topic == Payloads.WeighTopic)
        {
            Assert.Single(array.Readings);
            Assert.Equal((reason, $"{{{fields}}}", detail), (Assert.Single(array.Rejections).Reason, array.RawOf(array.Rejections[0]), array.Rejections[0].Detail));
        }
    }
}
