using Streaming.Models.Statistics;
using Xunit;

namespace Streaming.Tests.Models;

public sealed class LogisticTests
{
    [Fact]
    public void It_agrees_with_the_exponential_function_of_the_machine()
    {
        double worst = 0;
        for (int i = -750_000; i <= 750_000; i++)
        {
            double x = i / 1_000.0;
            worst = Math.Max(worst, Math.Abs(Logistic.Of(x) - (1 / (1 + Math.Exp(-x)))));
        }

        Assert.True(worst < 1e-15, $"{worst:g3}");
    }

    [Fact]
    public void Small_probabilities_keep_their_digits()
    {
        for (int x = -600; x < 0; x++)
        {
            double expected = Math.Exp(x) / (1 + Math.Exp(x));
            Assert.Equal(1, Logistic.Of(x) / expected, 1e-13);
        }
    }

    [Fact]
    public void It_never_falls()
    {
        double before = 0;
        for (int i = -45_000; i <= 45_000; i++)
        {
            double probability = Logistic.Of(i / 1_000.0);
            Assert.True(probability >= before, $"falls at {i / 1_000.0}");
            before = probability;
        }
    }

    [Fact]
    public void Both_sides_add_up_to_one()
    {
        for (int i = 0; i <= 4_000; i++)
        {
            Assert.Equal(1, Logistic.Of(i / 100.0) + Logistic.Of(-i / 100.0), 1e-15);
        }
    }

    [Fact]
    public void Its_bits_are_frozen()
    {
        Assert.Equal(0x3FE7_64D4_F5D5_A2BDUL, BitConverter.DoubleToUInt64Bits(Logistic.Of(1)));
        Assert.Equal(0x3FB3_6B71_1253_4848UL, BitConverter.DoubleToUInt64Bits(Logistic.Of(-2.5)));
        Assert.Equal(0.5, Logistic.Of(0));
        Assert.Equal(0, Logistic.Of(double.NegativeInfinity));
        Assert.Equal(1, Logistic.Of(double.PositiveInfinity));
        Assert.True(double.IsNaN(Logistic.Of(double.NaN)));
    }
}
