using Streaming.Silo.Journal.Archives;
using Xunit;

namespace Streaming.Tests.Journal.Archives;

public sealed class RetentionAgesTests
{
    [Fact]
    public void The_defaults_are_a_year_and_a_month_for_weighings_a_quarter_for_telemetry_and_a_month_for_raw_payloads() =>
        Assert.Equal(
            "core=400d,weigh=400d,weigh.raw=30d,video=90d,video.raw=30d,truck=90d,truck.raw=30d,tank=90d,tank.raw=30d,ledger=400d,ledger.raw=30d,other=90d,other.raw=30d",
            RetentionAges.Default.ToString());

    [Theory]
    [InlineData("video=7d", "core=400d,weigh=400d,weigh.raw=30d,video=7d,video.raw=7d,truck=90d,truck.raw=30d,tank=90d,tank.raw=30d,ledger=400d,ledger.raw=30d,other=90d,other.raw=30d")]
    [InlineData("raw=2d, tank.raw=60d", "core=400d,weigh=400d,weigh.raw=2d,video=90d,video.raw=2d,truck=90d,truck.raw=2d,tank=90d,tank.raw=60d,ledger=400d,ledger.raw=2d,other=90d,other.raw=2d")]
    [InlineData("tank.raw=60d,raw=2d", "core=400d,weigh=400d,weigh.raw=2d,video=90d,video.raw=2d,truck=90d,truck.raw=2d,tank=90d,tank.raw=60d,ledger=400d,ledger.raw=2d,other=90d,other.raw=2d")]
    public void What_is_given_stands_beside_the_defaults(string text, string expected)
    {
        (RetentionAges ages, string? problem) = RetentionAges.Parse(text);
        Assert.Null(problem);
        Assert.Equal(expected, ages.ToString());
        Assert.Equal(expected, RetentionAges.Parse(expected).Ages.ToString());
    }

    [Theory]
    [InlineData("boats=4d", "\"boats=4d\" is none of core, weigh,")]
    [InlineData("weigh", "with an age behind it")]
    [InlineData("weigh=4", "an age from 1d to")]
    [InlineData("weigh=0d", "an age from 1d to")]
    [InlineData("weigh=-3d", "an age from 1d to")]
    [InlineData("weigh=4d,weigh=5d", "weigh stands there twice")]
    [InlineData("weigh=20d,weigh.raw=30d", "weigh.raw is 30d, longer than weigh with 20d")]
    [InlineData("core.raw=3d", "is none of")]
    public void What_does_not_make_sense_is_said(string text, string problem) => Assert.Contains(problem, RetentionAges.Parse(text).Problem, StringComparison.Ordinal);

    [Fact]
    public void Streams_and_sections_keep_their_numbers()
    {
        Assert.Equal(
            [(0, "Core"), (1, "Weigh"), (2, "Video"), (3, "Truck"), (4, "Tank"), (5, "Ledger"), (6, "Other")],
            Enum.GetValues<JournalStream>().Select(stream => ((int)stream, stream.ToString())));
        Assert.Equal((byte)9, new ArchiveSection(JournalStream.Tank, raw: true).Number);
        Assert.Equal((JournalStream.Tank, true), (new ArchiveSection(9).Stream, new ArchiveSection(9).IsRaw));
    }
}
