using System.Globalization;
using System.Text;
using System.Text.Json;
using Streaming.Grains.Turns;
using Streaming.Ingest.Formats;
using Streaming.Models.Encoding;
using Streaming.Models.Readings;
using Xunit;

namespace Streaming.Tests.Formats;

/// <summary>Figures that the library writes as JSON come back out of the record unchanged, whatever the order of fields, the escapes and the white space.</summary>
public sealed class RoundTripTests
{
    [Fact]
    public void Weigh_record_comes_back_with_its_figures()
    {
        for (int seed = 0; seed < 2000; seed++)
        {
            Random random = new(seed);
            int count = random.Next(1, 17);
            int[] massKg = [.. Enumerable.Range(0, count).Select(_ => random.Next(1, 60_000))];
            int[] offsetMm = [.. Enumerable.Range(0, count).Select(i => i == 0 ? 0 : (i * 5000) + random.Next(5000))];
            int speed = random.Next(0, 4001);
            int confidence = random.Next(600, 1001);
            int ratio = random.Next(0, 10_001);
            VehicleClass vehicleClass = (VehicleClass)random.Next(0, 7);
            string id = Name(random, 20);
            string plate = "粤" + random.Next(100_000, 999_999).ToString(CultureInfo.InvariantCulture);
            long atMs = Payloads.NowMs - random.NextInt64(399L * 24 * 3600 * 1000);

            List<(string, object)> fields =
            [
                ("id", id), ("at", Time(atMs, random)), ("plate", plate), ("plateColor", "blue"), ("plateConfidence", confidence / 1000m), ("speedKmh", speed / 10m),
                ("axles", massKg.Select((mass, i) => Shuffle(random, [("massKg", mass), ("offsetM", offsetMm[i] / 1000m), (Name(random, 5) + "!", "?")]))),
                ("grossKg", massKg.Sum()), ("vehicleClass", vehicleClass.ToString().ToLowerInvariant()), ("leftRightRatio", ratio / 1000m), ("note", Name(random, 40)),
                ("image", Shuffle(random, [("url", "https://p/" + id), ("sha256", Payloads.Sha256)])),
            ];
            DecodedReading reading = Payloads.Decode(Payloads.WeighTopic, Json(random, Shuffle(random, fields))).Only;
            WeighReading weigh = reading.Weigh;
            string because = $"seed {seed}";
            Assert.True((id, atMs, plate + "-blue") == (reading.Id, reading.AtMs, reading.Key), because);
            Assert.True((massKg.Sum(), count, speed, confidence, ratio) == (weigh.GrossKg, weigh.AxleCount, weigh.SpeedTenthKmh, weigh.PlatePermille, weigh.LeftRightPermille), because);
            for (int i = 0; i < count; i++)
            {
                Assert.True((massKg[i], offsetMm[i]) == (weigh.Axles[i].MassKg, weigh.Axles[i].OffsetMm), because);
            }

            Assert.Equal(vehicleClass, weigh.VehicleClass);
            Assert.Equal("https://p/" + id, Payloads.Text(weigh.Image.Url));
            Assert.Equal(Payloads.Sha256, Payloads.Text(weigh.Image.Sha256));
        }
    }

    [Fact]
    public void Tank_figures_come_back_to_the_last_bit()
    {
        for (int seed = 0; seed < 2000; seed++)
        {
            Random random = new(seed);
            double[] figures = [(random.NextDouble() * 1000) - 100, (random.NextDouble() * 200) - 100, random.NextDouble() * 100, random.NextDouble() * 1e6, random.NextDouble() * 50, random.NextDouble() * 100];
            int latE6 = random.Next(-90_000_000, 90_000_001);
            int lonE6 = random.Next(-180_000_000, 180_000_001);
            List<(string, object)> tank =
            [
                ("pressureKpa", figures[0]), ("temperatureC", figures[1]), ("levelPct", figures[2]), ("massKg", figures[3]), ("gasPpm", figures[4]), ("gasPctLel", figures[5]), ("valve", "open"),
            ];
            List<(string, object)> fields =
            [
                ("id", "1"), ("at", "2026-11-21T08:15:30Z"), ("position", Shuffle(random, [("lat", latE6 / 1e6m), ("lon", lonE6 / 1e6m)])), ("tank", Shuffle(random, tank)), ("driver", "王伟"),
            ];
            TruckReading truck = Payloads.Decode("v1/hazmat/vehicle/A1", Json(random, Shuffle(random, fields))).Only.Truck;
            TankFigures read = truck.Tank;
            Assert.True(figures.SequenceEqual([read.PressureKpa, read.TemperatureC, read.LevelPct, read.MassKg, read.GasPpm, read.GasPctLel]), $"seed {seed}");
            Assert.Equal(new GeoPosition(latE6, lonE6), truck.Position);
            Assert.Equal("王伟", Payloads.Text(truck.Driver));
        }
    }

    [Fact]
    public void Encoding_allocates_nothing_once_it_is_warm()
    {
        (string Topic, string Payload)[] payloads =
        [
            (Payloads.WeighTopic, Payloads.Weigh),
            (Payloads.WeighTopic, $"[{Payloads.Weigh},{Payloads.Weigh.Replace("08:15:30", "08:15:29", StringComparison.Ordinal)}]"),
            ("v1/video/C07", """{"id":"C07-9","at":"2026-11-21T08:15:30Z","event":"vehicle","plate":"\u7ca4A1","plateColor":"blue","confidence":0.91,"position":{"lat":23.1,"lon":112.4}}"""),
            ("v1/video/C07", """{"id":"C07-9","at":"2026-11-21T08:15:30Z","event":"fire"}"""),
            ("v1/hazmat/vehicle/A1-blue", """{"id":"t","at":"2026-11-21T08:15:30Z","substance":"un1017","tank":{"pressureKpa":820.123456789012345678,"valve":"closed"}}"""),
            ("v1/hazmat/plant/E/T", """{"id":"p","at":"2026-11-21T08:15:30Z","gasPpm":0.4}"""),
            ("v1/ledger/E", """{"id":"l","at":"2026-11-21T08:15:30Z","action":"ship","substance":"UN1017","massKg":18000}"""),
            ("v1/status/S07", "online"),
        ];
        ByteWriter records = new(16 * 1024);
        foreach ((string topic, string payload) in payloads)
        {
            byte[] topicBytes = Payloads.Utf8(topic);
            byte[] bytes = Payloads.Utf8(payload);
            for (int i = 0; i < 3; i++)
            {
                records.Clear();
                Assert.Equal(0, PublishEncoder.Encode(records, Payloads.Source, topicBytes, bytes, Payloads.NowMs).Rejected);
            }

            long before = GC.GetAllocatedBytesForCurrentThread();
            for (int i = 0; i < 1000; i++)
            {
                records.Clear();
                PublishEncoder.Encode(records, Payloads.Source, topicBytes, bytes, Payloads.NowMs);
            }

            Assert.True(GC.GetAllocatedBytesForCurrentThread() == before, topic);
        }
    }

    [Fact]
    public void Threads_decode_beside_one_another()
    {
        byte[] expected = Payloads.Decode(Payloads.WeighTopic, Payloads.Weigh).Record;
        Parallel.For(0, 8, thread =>
        {
            string other = thread % 2 == 0 ? "v1/status/S07" : Payloads.WeighTopic;
            for (int i = 0; i < 500; i++)
            {
                Payloads.Decode(other, "[{\"id\":\"" + new string('x', i % 60) + "\",\"online\":7}]");
                Assert.Equal(expected, Payloads.Decode(Payloads.WeighTopic, Payloads.Weigh).Record);
            }
        });
    }

    private static List<(string, object)> Shuffle(Random random, List<(string, object)> fields)
    {
        (string, object)[] shuffled = [.. fields];
        random.Shuffle(shuffled);
        return [.. shuffled];
    }

    private static string Name(Random random, int most) =>
        string.Concat(Enumerable.Range(0, random.Next(1, most)).Select(_ => (char)random.Next(0x21, 0x7F)).Where(each => each != '\uFFFF')).Replace('/', '-');

    private static string Time(long ms, Random random)
    {
        TimeSpan offset = TimeSpan.FromMinutes(random.Next(-720, 720));
        return DateTimeOffset.FromUnixTimeMilliseconds(ms).ToOffset(offset).ToString("yyyy-MM-ddTHH:mm:ss.ffffffzzz", CultureInfo.InvariantCulture);
    }

    /// <summary>Writes fields as JSON; texts with any of their characters escaped or not, and white space or none.</summary>
    private static string Json(Random random, object value)
    {
        string space = random.Next(4) == 0 ? " \r\n\t" : "";
        return value switch
        {
            List<(string Name, object Value)> fields => $"{{{space}{string.Join(',', fields.Select(each => $"{space}{Quoted(random, each.Name)}{space}:{space}{Json(random, each.Value)}{space}"))}}}",
            IEnumerable<List<(string, object)>> elements => $"[{space}{string.Join(space + ",", elements.Select(each => Json(random, each)))}{space}]",
            string text => Quoted(random, text),
            _ => JsonSerializer.Serialize(value),
        };
    }

    private static string Quoted(Random random, string text)
    {
        StringBuilder quoted = new("\"");
        foreach (char each in text)
        {
            quoted.Append(each is '"' or '\\' || random.Next(10) == 0 ? $"\\u{(int)each:x4}" : each.ToString());
        }

        return quoted.Append('"').ToString();
    }
}
