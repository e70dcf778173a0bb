using System.Text;
using System.Text.Json;
using Streaming.Grains.Inputs;
using Streaming.Ingest.Formats;
using Xunit;

namespace Streaming.Tests.Formats;

/// <summary>Damaged input of every sort: nothing throws, and nothing is taken that was not sent.</summary>
public sealed class DamageTests
{
    private const string Video = """{"id":"C07-9","at":"2026-11-21T08:15:30Z","event":"vehicle","plate":"\u7ca4A1","confidence":0.91,"position":{"lat":23.1,"lon":112.4},"image":{"url":"u"}}""";
    private const string Truck = """{"id":"t","at":"2026-11-21T08:15:30Z","position":{"lat":1,"lon":2},"speedKmh":71,"tank":{"pressureKpa":820.25,"valve":"closed"},"driver":"d","waybill":"w"}""";
    private const string Plant = """{"id":"p","at":"2026-11-21T08:15:30Z","substance":"UN1017","pressureKpa":-6.9e1,"gasPpm":0.4}""";
    private const string Ledger = """{"id":"l","at":"2026-11-21T08:15:30Z","action":"ship","substance":"UN1017","massKg":18000,"plate":"A1"}""";
    private const string Status = """{"id":"s","at":"2026-11-21T08:15:30Z","online":true}""";

    public static TheoryData<string, string> GoodPayloads => new()
    {
        { Payloads.WeighTopic, Payloads.Weigh },
        { "v1/video/C07", Video },
        { "v1/hazmat/vehicle/A1", Truck },
        { "v1/hazmat/plant/E/T", Plant },
        { "v1/ledger/E", Ledger },
        { "v1/status/S07", Status },
    };

    [Theory]
    [MemberData(nameof(GoodPayloads))]
    public void Every_truncation_of_an_object_is_malformed(string topic, string payload)
    {
        byte[] whole = Payloads.Utf8(payload);
        Assert.Single(Payloads.Decode(topic, whole).Readings);
        for (int length = 0; length < whole.Length; length++)
        {
            Rejection rejection = Payloads.Decode(topic, whole.AsSpan(0, length)).OnlyRejection;
            Assert.True(rejection is { Reason: RejectReason.Malformed, Offset: 0 } && rejection.Length == length, $"cut at {length}: {rejection}");
        }
    }

    [Theory]
    [MemberData(nameof(GoodPayloads))]
    public void Every_truncation_of_an_array_keeps_exactly_the_complete_elements(string topic, string payload)
    {
        string[] parts = [.. Enumerable.Range(0, 3).Select(i => payload.Replace("\"id\":\"", $"\"id\":\"{i}", StringComparison.Ordinal))];
        byte[] whole = Payloads.Utf8($"[{string.Join(',', parts)}]");
        DecodedReading[] all = Payloads.Decode(topic, whole).Readings;
        Assert.Equal(3, all.Length);
        int partBytes = Encoding.UTF8.GetByteCount(parts[0]);
        for (int length = 1; length < whole.Length; length++)
        {
            Decoded decoded = Payloads.Decode(topic, whole.AsSpan(0, length));
            int complete = length / (partBytes + 1);
            Assert.True(complete == decoded.Readings.Length, $"cut at {length}: {decoded.Readings.Length} readings of {complete}");
            Assert.Equal(RejectReason.Malformed, Assert.Single(decoded.Rejections).Reason);
            for (int i = 0; i < complete; i++)
            {
                Assert.Equal(all[i].Body, decoded.Readings[i].Body);
                Assert.Equal(all[i].Id, decoded.Readings[i].Id);
            }
        }
    }

    [Theory]
    [MemberData(nameof(GoodPayloads))]
    public void Flipped_bytes_never_throw_and_what_is_taken_is_json(string topic, string payload)
    {
        byte[] good = Payloads.Utf8($"[{payload},{payload}]");
        byte[] single = Payloads.Utf8(payload);
        for (int seed = 0; seed < 3000; seed++)
        {
            Random random = new(seed);
            byte[] damaged = Damage(seed % 2 == 0 ? good : single, random);
            try
            {
                Decoded decoded = Payloads.Decode(topic, damaged);
                if (decoded.Readings.Length > 0 && decoded.Rejections.Length == 0)
                {
                    using JsonDocument document = JsonDocument.Parse(damaged);
                    Assert.Equal(decoded.Readings.Length, document.RootElement.ValueKind == JsonValueKind.Array ? document.RootElement.GetArrayLength() : 1);
                }
            }
            catch (Exception failure)
            {
                throw new InvalidOperationException($"Seed {seed} on {topic}: {Convert.ToHexString(damaged)}", failure);
            }
        }
    }

    [Theory]
    [MemberData(nameof(GoodPayloads))]
    public void Random_bytes_never_throw_and_give_no_reading(string topic, string payload)
    {
        Random random = new(payload.Length);
        byte[] openings = Payloads.Utf8("[{\"\\ ");
        for (int i = 0; i < 2000; i++)
        {
            byte[] junk = new byte[random.Next(1, 300)];
            random.NextBytes(junk);
            junk[0] = openings[i % openings.Length];
            Assert.Empty(Payloads.Decode(topic, junk).Readings);
        }
    }

    [Fact]
    public void Every_field_is_known_by_its_name()
    {
        foreach (Field field in Enum.GetValues<Field>().Where(each => each != Field.Column))
        {
            string name = FieldNames.Of(field);
            Assert.Equal(field, FieldNames.Parse(Payloads.Utf8(name)));
            Assert.Equal(Field.Unknown, FieldNames.Parse(Payloads.Utf8(name + "x")));
            Assert.Equal(Field.Unknown, FieldNames.Parse(Payloads.Utf8(name.ToUpperInvariant())));
        }
    }

    [Fact]
    public void Cursor_takes_what_the_librarys_reader_takes_and_nothing_else()
    {
        string[] good =
        [
            Payloads.Weigh,
            Truck,
            """[0,-0,1.5,-2e10,3E+2,4.25e-7,true,false,null,"","\"\\\/\b\f\n\r\t\u00e9\ud83d\ude9b",[],{},[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]]""",
            """ { "a" : [ 1 , { "b" : "粤H12345" } ] , "c" : { } } """,
        ];
        int taken = 0;
        for (int seed = 0; seed < 40_000; seed++)
        {
            Random random = new(seed);
            byte[] bytes = seed < good.Length ? Payloads.Utf8(good[seed]) : Damage(Payloads.Utf8(good[seed % good.Length]), random);
            bool expected = IsJson(bytes);
            JsonCursor cursor = new(bytes);
            bool found = cursor.SkipValue();
            cursor.SkipSpace();
            found &= cursor.AtEnd;
            taken += found ? 1 : 0;
            Assert.True(expected == found, $"seed {seed}: expected {expected}: {Encoding.UTF8.GetString(bytes)}");
        }

        Assert.InRange(taken, 5_000, 35_000);
    }

    [Fact]
    public void Nesting_ends_where_the_librarys_reader_ends_it()
    {
        for (int depth = 1; depth < 40; depth++)
        {
            byte[] arrays = Payloads.Utf8(new string('[', depth) + new string(']', depth));
            JsonCursor cursor = new(arrays);
            Assert.Equal(IsJson(arrays), cursor.SkipValue());
        }
    }

    private static bool IsJson(byte[] bytes)
    {
        Utf8JsonReader reader = new(bytes, new JsonReaderOptions { MaxDepth = 16 });
        try
        {
            while (reader.Read())
            {
            }

            return true;
        }
        catch (JsonException)
        {
            return false;
        }
    }

    /// <summary>One to three small damages: a byte changed to any or to one that means something to JSON, taken out, doubled, or a stretch copied elsewhere.</summary>
    private static byte[] Damage(byte[] good, Random random)
    {
        List<byte> bytes = [.. good];
        ReadOnlySpan<byte> telling = "{}[]\",:\\u0-+.eE1t n"u8;
        for (int times = random.Next(1, 4); times > 0; times--)
        {
            int at = random.Next(bytes.Count);
            switch (random.Next(6))
            {
                case 0:
                    bytes[at] = (byte)random.Next(256);
                    break;
                case 1:
                    bytes[at] ^= (byte)(1 << random.Next(8));
                    break;
                case 2:
                    bytes[at] = telling[random.Next(telling.Length)];
                    break;
                case 3:
                    bytes.RemoveAt(at);
                    break;
                case 4:
                    bytes.Insert(at, bytes[random.Next(bytes.Count)]);
                    break;
                default:
                    int from = random.Next(bytes.Count);
                    bytes.InsertRange(at, bytes.GetRange(from, Math.Min(random.Next(1, 20), bytes.Count - from)));
                    break;
            }
        }

        return [.. bytes];
    }
}
