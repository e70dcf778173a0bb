using Streaming.Models.Statistics;
using Xunit;

namespace Streaming.Tests.Models;

public sealed class NormalDistributionTests
{
    [Theory]
    [InlineData(0, 0.5)]
    [InlineData(0.5, 0.6914624612740131)]
    [InlineData(1, 0.8413447460685429)]
    [InlineData(1.959963984540054, 0.975)]
    [InlineData(2.5, 0.9937903346742238)]
    [InlineData(4, 0.9999683287581669)]
    public void It_agrees_with_tables_on_both_sides(double z, double probability)
    {
        Assert.Equal(probability, NormalDistribution.Below(z), 1.5e-7);
        Assert.Equal(1 - probability, NormalDistribution.Below(-z), 1.5e-7);
    }

    [Fact]
    public void It_never_falls()
    {
        double before = 0;
        for (int i = -8_000; i <= 8_000; i++)
        {
            double probability = NormalDistribution.Below(i / 1_000.0);
            Assert.True(probability >= before, $"falls at {i / 1_000.0}");
            before = probability;
        }
    }

    [Fact]
    public void Its_bits_are_frozen()
    {
        Assert.Equal(0x3FEA_EC4B_AE13_7196UL, BitConverter.DoubleToUInt64Bits(NormalDistribution.Below(1)));
        Assert.Equal(0, NormalDistribution.Below(double.NegativeInfinity));
        Assert.Equal(1, NormalDistribution.Below(double.PositiveInfinity));
        Assert.True(double.IsNaN(NormalDistribution.Below(double.NaN)));
    }
}
