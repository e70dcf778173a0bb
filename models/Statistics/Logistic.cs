namespace Streaming.Models.Statistics;

/// <summary>
/// The logistic function from additions, multiplications, one division and a shift of bits only: IEEE 754 fixes their last bit, which it does not do for the
/// exponential function, and a learned confidence that is part of a state has to come out the same on every machine.
/// </summary>
public static class Logistic
{
    /// <summary>Beyond this the smaller side is under 1e-304; the power of two below would soon leave the normal range.</summary>
    private const double Far = 700;

    private const double Log2E = 1.4426950408889634;

    // ln 2 in two parts, the first short enough that its product with a whole number up to 1,100 is exact (fdlibm, e_exp.c).
    private const double Ln2High = 6.93147180369123816490e-01;
    private const double Ln2Low = 1.90821492927058770002e-10;

    /// <summary>1/(1+e^-x), from 0 to 1; absolute error under 1e-15. Not a number where <paramref name="x"/> is not.</summary>
    public static double Of(double x)
    {
        if (double.IsNaN(x))
        {
            return double.NaN;
        }

        // The power is always of a negative number, so that it cannot overflow and both tails keep all their digits.
        double power = ExpOfNegative(-Math.Abs(x));
        return x >= 0 ? 1 / (1 + power) : power / (1 + power);
    }

    /// <summary>e^x for x up to 0: e^x = 2^k e^r with |r| at most half of ln 2, and Taylor's polynomial of degree 13, whose remainder is under 1e-17.</summary>
    public static double ExpOfNegative(double x)
    {
        if (x < -Far)
        {
            return 0;
        }

        double k = Math.Floor((x * Log2E) + 0.5);
        double r = x - (k * Ln2High) - (k * Ln2Low);
        double sum = 1 + (r / 13);
        for (int i = 12; i >= 1; i--)
        {
            sum = 1 + (r / i * sum);
        }

        return sum * BitConverter.Int64BitsToDouble(((long)k + 1023) << 52);
    }
}
