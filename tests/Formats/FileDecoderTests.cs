using Streaming.Ingest.Formats;
using Streaming.Tests.Support;
using Xunit;

namespace Streaming.Tests.Formats;

public sealed class FileDecoderTests
{
    private static readonly ManualTime Time = new(DateTimeOffset.FromUnixTimeMilliseconds(Payloads.NowMs));

    [Fact]
    public void Lines_with_and_without_topics_are_shown_with_their_rejections()
    {
        string weigh = Payloads.Weigh.ReplaceLineEndings("");
        string text = $$"""
            {{weigh}}

            v1/status/S07 offline
            v1/ledger/E [{"id":"l","at":"2026-11-21T08:15:30Z","action":"ship","substance":"UN1017","massKg":18000},{"id":"l2"}]
            v1/video/C1 {"id":"c","at":"2026-11-21T08:15:30Z","event":"fire","position":{"lat":1.5,"lon":-2},"plate":"a1"}
            v1/hazmat/vehicle/A1 {"id":"t","at":"2026-11-21T08:15:30Z","speedKmh":71,"tank":{"pressureKpa":820,"valve":"closed"},"driver":"d\u001b[31m"}
            v1/hazmat/plant/E/T {"id":"p","at":"2026-11-21T08:15:30Z","gasPctLel":26}
            v1/nonsense {}
            """;
        (FileSummary summary, string[] lines) = Decode(text, FileFormat.Native);
        Assert.Equal(new FileSummary(6, 2), summary);
        Assert.Equal(
            [
                "line 1: weigh of vehicle:粤H12345-yellow at 2026-11-21T08:15:30.123Z, id S07-000123, lane 1, gross 60000 kg, axles 6800 kg @ 0 mm 10900 kg @ 3500 mm 10800 kg @ 4850 mm 10600 kg @ 11200 mm 10500 kg @ 12500 mm 10400 kg @ 13800 mm, Combination, speed 63.5 km/h, plate confidence 0.97, left/right 1.02, image ...",
                "line 3: status of source:S07 at 2026-11-21T08:15:31.000Z, id offline-1795248931000, offline",
                "line 4: ledger of enterprise:E at 2026-11-21T08:15:30.000Z, id l, Ship UN1017 18000 kg",
                "line 4: rejected, MissingField, bytes 92 to 103: at is missing; every reading needs its time, as 2026-11-21T08:15:30.123Z",
                "line 5: video of place:camera:C1 at 2026-11-21T08:15:30.000Z, id c, Fire, confidence 1, plate A1, at 1.5 -2",
                "line 6: truck of vehicle:A1 at 2026-11-21T08:15:30.000Z, id t, speed 71 km/h, pressure 820 kPa, valve Closed, driver d\uFFFD[31m",
                "line 7: plant of enterprise:E at 2026-11-21T08:15:30.000Z, id p, unit T, gas 26 % LEL",
                "line 8: rejected, UnknownTopic, bytes 0 to 2: no such topic under v1/; there are wim, video, hazmat/vehicle, hazmat/plant, ledger, records and status",
                "6 readings, 2 rejected",
            ],
            lines);
    }

    [Fact]
    public void File_may_be_one_payload_over_many_lines()
    {
        (FileSummary summary, _) = Decode($"[\n{Payloads.Weigh},\n{Payloads.Weigh}\n]\n", FileFormat.Native);
        Assert.Equal(new FileSummary(2, 0), summary);
    }

    [Fact]
    public void Mon_lines_are_judged_by_their_own_time()
    {
        const string Line = "    42231 1 12010 0 015417 2 2  1295 78 2907111800  596 2907  699    0";
        (FileSummary summary, string[] lines) = Decode($"{Line}\n{Line[..40]}\n", FileFormat.Mon);
        Assert.Equal(new FileSummary(1, 1), summary);
        Assert.StartsWith("line 1: weigh of vehicle:MON000001 at 2010-01-01T00:00:15.417Z", lines[0], StringComparison.Ordinal);
        Assert.Equal("line 2, column 40: the line ends at column 40; length in mm of 5 columns expected", lines[1]);
    }

    [RecordedDataFact("wim-mon-24h.txt")]
    public void Recorded_day_decodes_whole()
    {
        FileSummary summary = FileDecoder.Decode(RecordedData.Get("wim-mon-24h.txt"), new FileDecoderOptions(FileFormat.Mon), Time, TextWriter.Null);
        Assert.Equal(new FileSummary(9427, 0), summary);
    }

    private static (FileSummary Summary, string[] Lines) Decode(string text, FileFormat format)
    {
        string path = Path.GetTempFileName();
        try
        {
            File.WriteAllText(path, text);
            StringWriter output = new();
            FileSummary summary = FileDecoder.Decode(path, new FileDecoderOptions(format), Time, output);
            return (summary, output.ToString().Split(output.NewLine, StringSplitOptions.RemoveEmptyEntries));
        }
        finally
        {
            File.Delete(path);
        }
    }
}
