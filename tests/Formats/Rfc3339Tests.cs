using System.Globalization;
using Streaming.Ingest.Formats;
using Xunit;

namespace Streaming.Tests.Formats;

public sealed class Rfc3339Tests
{
    [Theory]
    [InlineData("1970-01-01T00:00:00Z", 0)]
    [InlineData("1969-12-31T23:59:59.999Z", -1)]
    [InlineData("2026-11-21T08:15:30.123Z", 1795248930123)]
    [InlineData("2026-11-21t08:15:30.123z", 1795248930123)]
    [InlineData("2026-11-21 08:15:30.123Z", 1795248930123)]
    [InlineData("2026-11-21T16:15:30.123+08:00", 1795248930123)]
    [InlineData("2026-11-20T22:45:30.123-09:30", 1795248930123)]
    [InlineData("2026-11-21T08:15:30.123999999Z", 1795248930123)]
    [InlineData("2026-11-21T08:15:30.1Z", 1795248930100)]
    [InlineData("2026-11-21T08:15:30.12Z", 1795248930120)]
    [InlineData("2026-11-21T08:15:30Z", 1795248930000)]
    [InlineData("2026-11-21T08:15:30-00:00", 1795248930000)]
    [InlineData("2024-02-29T00:00:00Z", 1709164800000)]
    [InlineData("2000-02-29T00:00:00Z", 951782400000)]
    [InlineData("2016-12-31T23:59:60Z", 1483228800000)]
    [InlineData("0000-01-01T00:00:00Z", -62167219200000)]
    [InlineData("9999-12-31T23:59:59.999Z", 253402300799999)]
    public void Time_is_read(string text, long expectedMs)
    {
        Assert.True(Rfc3339.TryParse(Payloads.Utf8(text), out long ms));
        Assert.Equal(expectedMs, ms);
    }

    [Theory]
    [InlineData("")]
    [InlineData("2026-11-21")]
    [InlineData("2026-11-21T08:15:30")]
    [InlineData("2026-11-21T08:15:30.123")]
    [InlineData("2026-11-21T08:15Z")]
    [InlineData("2026-11-21T08:15:30.Z")]
    [InlineData("2026-11-21T08:15:30.1234567890Z")]
    [InlineData("2026-11-21T08:15:30,5Z")]
    [InlineData("2026-11-21T08:15:30ZZ")]
    [InlineData("2026-11-21T08:15:30Z ")]
    [InlineData(" 2026-11-21T08:15:30Z")]
    [InlineData("2026-11-21T08:15:30+0800")]
    [InlineData("2026-11-21T08:15:30+08")]
    [InlineData("2026-11-21T08:15:30+24:00")]
    [InlineData("2026-11-21T08:15:30+08:60")]
    [InlineData("2026-11-21T08:15:30 08:00")]
    [InlineData("2026-00-21T08:15:30Z")]
    [InlineData("2026-13-21T08:15:30Z")]
    [InlineData("2026-11-00T08:15:30Z")]
    [InlineData("2026-11-31T08:15:30Z")]
    [InlineData("2026-02-29T08:15:30Z")]
    [InlineData("2100-02-29T08:15:30Z")]
    [InlineData("2026-11-21T24:00:00Z")]
    [InlineData("2026-11-21T08:60:30Z")]
    [InlineData("2026-11-21T08:15:60Z")]
    [InlineData("2026-11-21T08:59:61Z")]
    [InlineData("2026/11/21T08:15:30Z")]
    [InlineData("2026-11-21_08:15:30Z")]
    [InlineData("2026-11-21T08.15.30Z")]
    [InlineData("20a6-11-21T08:15:30Z")]
    [InlineData("2026-1:-21T08:15:30Z")]
    [InlineData("+026-11-21T08:15:30Z")]
    public void Other_forms_are_refused(string text) => Assert.False(Rfc3339.TryParse(Payloads.Utf8(text), out _));

    [Fact]
    public void Every_day_agrees_with_the_library()
    {
        for (DateTime day = new(1899, 12, 31, 13, 14, 15, 678, DateTimeKind.Utc); day.Year < 2201; day = day.AddDays(1))
        {
            string text = day.ToString("yyyy-MM-ddTHH:mm:ss.fffZ", CultureInfo.InvariantCulture);
            Assert.True(Rfc3339.TryParse(Payloads.Utf8(text), out long ms), text);
            Assert.Equal((day - DateTime.UnixEpoch).Ticks / TimeSpan.TicksPerMillisecond, ms);
        }
    }
}
