using System.Globalization;
using Streaming.Ingest.Formats;
using Xunit;

namespace Streaming.Tests.Formats;

public sealed class JsonNumberTests
{
    [Theory]
    [InlineData("0", 3, 0)]
    [InlineData("-0.0", 3, 0)]
    [InlineData("4.85", 3, 4850)]
    [InlineData("0.0005", 3, 1)]
    [InlineData("0.00049999999999999999999999", 3, 0)]
    [InlineData("-0.0005", 3, -1)]
    [InlineData("1.0000000000000000000000000000000005", 0, 1)]
    [InlineData("6.35e1", 1, 635)]
    [InlineData("635E-1", 0, 64)]
    [InlineData("123456789012345678901234567890", 0, long.MaxValue)]
    [InlineData("-123456789012345678901234567890", 0, -long.MaxValue)]
    [InlineData("1e100000000000000", 0, long.MaxValue)]
    [InlineData("0e100000000000000", 0, 0)]
    [InlineData("1e-100000000000000", 6, 0)]
    [InlineData("9223372036854775807", 0, long.MaxValue)]
    [InlineData("0.000000000000000000000000000012345e29", 3, 1235)]
    public void Decimal_figure_scales_exactly(string text, int decimals, long expected) => Assert.Equal(expected, Scan(text, decimals));

    [Fact]
    public void Scaling_agrees_with_decimal_arithmetic()
    {
        Random random = new(11);
        for (int i = 0; i < 50_000; i++)
        {
            decimal figure = new(random.Next(), random.Next(0, 3), 0, random.Next(2) == 0, (byte)random.Next(0, 15));
            int decimals = random.Next(0, 7);
            decimal scaled = figure;
            for (int j = 0; j < decimals; j++)
            {
                scaled *= 10;
            }

            string text = figure.ToString(CultureInfo.InvariantCulture);
            Assert.True(Scan(text, decimals) == (long)Math.Round(scaled, MidpointRounding.AwayFromZero), $"{text} with {decimals} decimals gave {Scan(text, decimals)}");
        }
    }

    [Fact]
    public void Measured_figure_is_the_nearest_double()
    {
        Random random = new(12);
        for (int i = 0; i < 50_000; i++)
        {
            double figure = i % 2 == 0 ? random.Next(1_000_000) / 1000.0 : BitConverter.Int64BitsToDouble(random.NextInt64());
            if (double.IsFinite(figure))
            {
                string text = figure.ToString("R", CultureInfo.InvariantCulture);
                JsonCursor cursor = new(Payloads.Utf8(text));
                Assert.True(cursor.ScanNumber(out JsonNumber number) && cursor.AtEnd, text);
                Assert.True(number.ToDouble() == figure, $"{text} gave {number.ToDouble()}");
            }
        }

        JsonCursor large = new("1e400"u8);
        Assert.True(large.ScanNumber(out JsonNumber infinite));
        Assert.Equal(double.PositiveInfinity, infinite.ToDouble());
    }

    private static long Scan(string text, int decimals)
    {
        JsonCursor cursor = new(Payloads.Utf8(text));
        Assert.True(cursor.ScanNumber(out JsonNumber number) && cursor.AtEnd, text);
        return number.Scaled(decimals);
    }
}
