namespace Streaming.Models.Statistics;

/// <summary>
/// The standard normal distribution, from additions, multiplications and one division only: IEEE 754 fixes their last bit, which it does not do for
/// the exponential function, and a confidence that is part of a state has to come out the same on every machine.
/// </summary>
public static class NormalDistribution
{
    /// <summary>The deviation that 95 % of a normal distribution keep to, in standard deviations, on either side.</summary>
    public const double TwoSided95 = 1.96;

    /// <summary>
    /// Probability that a standard normal variable is below <paramref name="z"/>; absolute error under 1.5e-7, rising with z everywhere.
    /// Abramowitz and Stegun, Handbook of Mathematical Functions, 26.2.19.
    /// </summary>
    public static double Below(double z)
    {
        if (double.IsNaN(z))
        {
            return double.NaN;
        }

        double x = Math.Abs(z);
        if (x > 40)
        {
            // The sixteenth power below would stay finite, but nothing is left to tell apart out here.
            return z > 0 ? 1 : 0;
        }

        double sum = 1 + (x * (0.0498673470 + (x * (0.0211410061 + (x * (0.0032776263 + (x * (0.0000380036 + (x * (0.0000488906 + (x * 0.0000053830)))))))))));
        double power = sum * sum;
        power *= power;
        power *= power;
        power *= power;
        double tail = 0.5 / power;
        return z > 0 ? 1 - tail : tail;
    }
}
