using System.Text;
using Streaming.Grains.Turns;
using Streaming.Ingest.Formats;
using Streaming.Models.Encoding;
using Streaming.Models.Readings;
using Streaming.Tests.Support;
using Xunit;

namespace Streaming.Tests.Formats;

public sealed class MonFileTests
{
    private const string File = "wim-mon-24h.txt";
    private const string TwoAxles = "    42231 1 12010 0 015417 2 2  1295 78 2907111800  596 2907  699    0    0    0";

    [Fact]
    public void Line_becomes_a_weigh_record_of_a_vehicle_of_its_own()
    {
        MonLine line = Assert.Single(Read(TwoAxles, TimeSpan.FromHours(8)));
        Assert.Null(line.Error);
        Assert.Equal("1-1", line.Lane);
        Assert.Equal(
            """{"id":"MON20091231160015417-000001","at":"2009-12-31T16:00:15.417Z","plate":"MON000001","speedKmh":78,"grossKg":1295,"axles":[{"massKg":596,"offsetM":0},{"massKg":699,"offsetM":2.907}]}""",
            Encoding.UTF8.GetString(line.Payload.Span));
        Assert.Equal(new DateTimeOffset(2009, 12, 31, 16, 0, 15, 417, TimeSpan.Zero).ToUnixTimeMilliseconds(), line.AtMs);
    }

    [Fact]
    public void Shift_moves_the_time_and_leaves_the_identity()
    {
        MonLine line = Assert.Single(Read(TwoAxles, TimeSpan.Zero, TimeSpan.FromDays(6000)));
        string payload = Encoding.UTF8.GetString(line.Payload.Span);
        Assert.Contains("\"id\":\"MON20100101000015417-000001\",\"at\":\"2026-06-06T00:00:15.417Z\"", payload, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(0, "x", null)]
    [InlineData(9, " x", "line 1, column 10: day is \" x\"; 1 to 31 expected")]
    [InlineData(9, "32", "line 1, column 10: day is \"32\"; 1 to 31 expected")]
    [InlineData(9, "3113", "line 1, column 12: month is \"13\"; 1 to 12 expected")]
    [InlineData(9, "31 2", "line 1, column 10: 2010-02 has no day 31")]
    [InlineData(17, "24", "line 1, column 18: hour is \"24\"; 0 to 23 expected")]
    [InlineData(21, "60000", "line 1, column 22: millisecond of the minute is \"60000\"; 0 to 59999 expected")]
    [InlineData(26, "17", "line 1, column 27: number of axles is \"17\"; 1 to 16 expected")]
    [InlineData(26, "  ", "line 1, column 27: number of axles is \"  \"; 1 to 16 expected")]
    [InlineData(30, " -1295", "line 1, column 31: gross mass in kg is \" -1295\"; 1 to 999999 expected")]
    [InlineData(36, "401", "line 1, column 37: speed in km/h is \"401\"; 0 to 400 expected")]
    [InlineData(55, "    0", "line 1, column 56: distance to the next axle in mm is \"    0\"; 1 to 99999 expected")]
    [InlineData(26, " 4", "line 1, column 66: distance to the next axle in mm is \"    0\"; 1 to 99999 expected")]
    public void What_does_not_fit_is_told_with_line_and_column(int column, string text, string? error)
    {
        string line = TwoAxles[..column] + text + TwoAxles[(column + text.Length)..];
        Assert.Equal(error, Assert.Single(Read(line, TimeSpan.Zero)).Error);
    }

    [Fact]
    public void Every_truncation_is_told()
    {
        for (int length = 1; length < 65; length++)
        {
            MonLine? line = Read(TwoAxles[..length], TimeSpan.Zero).Cast<MonLine?>().SingleOrDefault();
            Assert.True(line is null ? length <= 4 : line.Value.Error is not null && line.Value.Payload.IsEmpty, $"cut at {length}");
        }

        Assert.Null(Assert.Single(Read(TwoAxles[..65], TimeSpan.Zero)).Error);
    }

    [Fact]
    public void Bad_lines_sink_no_others_and_lines_are_counted_as_an_editor_counts()
    {
        string text = $"{TwoAxles}\r\n\njunk\n{new string('9', 5000)}\n{TwoAxles}\n{new string(' ', 1020)}\n{TwoAxles}";
        List<MonLine> lines = Read(text, TimeSpan.Zero);
        Assert.Equal([1, 3, 4, 5, 7], lines.Select(each => each.Number));
        Assert.Equal([true, false, false, true, true], lines.Select(each => each.Error is null));
        Assert.Equal("line 4, column 1025: the line goes on; at most 1024 columns expected", lines[2].Error);
        Assert.Contains("MON000005", Encoding.UTF8.GetString(lines[3].Payload.Span), StringComparison.Ordinal);
    }

    [RecordedDataFact(File)]
    public void Recorded_day_is_read_whole_and_21_vehicles_are_over_the_limit()
    {
        string path = RecordedData.Get(File);
        TimeSpan shift = MonFile.ShiftToEndAt(path, TimeSpan.FromHours(8), DateTimeOffset.FromUnixTimeMilliseconds(Payloads.NowMs));
        HashSet<string> vehicles = [];
        HashSet<ulong> identities = [];
        HashSet<string> lanes = [];
        int over = 0;
        long before = long.MinValue;
        foreach (MonLine line in MonFile.Read(path, TimeSpan.FromHours(8), shift))
        {
            Assert.Null(line.Error);
            lanes.Add(line.Lane);
            DecodedReading reading = Payloads.Decode($"v1/wim/S07/{line.Lane}", line.Payload.Span).Only;
            Assert.Equal(ActorKind.Vehicle, reading.SubjectKind);
            Assert.Equal(line.AtMs, reading.AtMs);
            Assert.True(reading.AtMs >= before, $"line {line.Number} goes back in time");
            before = reading.AtMs;
            vehicles.Add(reading.Key);
            identities.Add(reading.IdHash);
            over += reading.Weigh.GrossKg > LimitKg(reading.Weigh.AxleCount) ? 1 : 0;
        }

        Assert.Equal((9427, 9427, 4, 21), (vehicles.Count, identities.Count, lanes.Count, over));
        Assert.Equal(Payloads.NowMs, before);
    }

    private static int LimitKg(int axles) => axles switch { 2 => 18_000, 3 => 25_000, 4 => 31_000, 5 => 43_000, _ => 49_000 };

    private static List<MonLine> Read(string text, TimeSpan utcOffset, TimeSpan shift = default)
    {
        using MemoryStream stream = new(Payloads.Utf8(text));
        return [.. MonFile.Read(stream, utcOffset, shift)];
    }
}
