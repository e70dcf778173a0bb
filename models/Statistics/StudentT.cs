namespace Streaming.Models.Statistics;

/// <summary>
/// Student's t distribution with whole degrees of freedom, where it is a finite sum: from additions, multiplications, divisions and square roots only, whose last bit IEEE 754 fixes.
/// Abramowitz and Stegun, Handbook of Mathematical Functions, 26.7.3 and 26.7.4.
/// </summary>
public static class StudentT
{
    /// <summary>Degrees of freedom that are told apart; with more the distribution is taken as that of these, which then differs from the normal by less than 1e-5.</summary>
    public const int MaximumDegrees = 100_000;

    /// <summary>Probability that a variable is below <paramref name="t"/>; absolute error under 1e-9.</summary>
    /// <param name="t">Any number; NaN gives NaN.</param>
    /// <param name="degrees">Degrees of freedom, 1 or more.</param>
    public static double Below(double t, int degrees)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(degrees, 1);
        if (double.IsNaN(t) || t == 0)
        {
            return double.IsNaN(t) ? t : 0.5;
        }

        if (double.IsInfinity(t))
        {
            return t > 0 ? 1 : 0;
        }

        int freedom = Math.Min(degrees, MaximumDegrees);
        double within = Math.Clamp(Within(Math.Abs(t), freedom), 0, 1);
        return t > 0 ? 0.5 + (within / 2) : 0.5 - (within / 2);
    }

    /// <summary>The deviation that 95 % of the distribution keep to, on either side.</summary>
    /// <param name="degrees">Degrees of freedom, 1 or more.</param>
    public static double TwoSided95(int degrees)
    {
        // The answer lies between that of the normal distribution and that of one degree, 12.706; 60 halvings leave nothing of that.
        double low = 0;
        double high = 16;
        for (int i = 0; i < 60; i++)
        {
            double middle = (low + high) / 2;
            if (Below(middle, degrees) < 0.975)
            {
                low = middle;
            }
            else
            {
                high = middle;
            }
        }

        return (low + high) / 2;
    }

    /// <summary>Probability of lying within ± t.</summary>
    private static double Within(double t, int degrees)
    {
        double cosineSquare = degrees / (degrees + (t * t));
        double sine = t / Math.Sqrt(degrees + (t * t));
        double cosine = Math.Sqrt(cosineSquare);
        if (degrees % 2 == 0)
        {
            return sine * Sum(cosineSquare, 1, degrees - 2);
        }

        double angle = ArcTangent(t / Math.Sqrt(degrees));
        return 2 / Math.PI * (degrees == 1 ? angle : angle + (sine * cosine * Sum(cosineSquare, 2, degrees - 2)));
    }

    /// <summary>1 + first/(first + 1)·x + first·(first + 2)/((first + 1)(first + 3))·x² + ..., up to the factor with this last numerator.</summary>
    private static double Sum(double x, int first, int last)
    {
        double sum = 1;
        double term = 1;
        for (int numerator = first; numerator < last; numerator += 2)
        {
            term *= x * numerator / (numerator + 1);
            sum += term;
        }

        return sum;
    }

    /// <summary>Arc tangent of a number of 0 or more: the angle is halved until its series runs out fast.</summary>
    private static double ArcTangent(double x)
    {
        bool inverse = x > 1;
        double tangent = inverse ? 1 / x : x;
        const int Halvings = 4;
        for (int i = 0; i < Halvings; i++)
        {
            tangent /= 1 + Math.Sqrt(1 + (tangent * tangent));
        }

        // The tangent is now below 0.05, so the twelfth term is below 1e-30.
        double square = tangent * tangent;
        double power = tangent;
        double sum = 0;
        for (int i = 0; i < 12; i++)
        {
            sum += power / ((2 * i) + 1);
            power *= -square;
        }

        double angle = sum * (1 << Halvings);
        return inverse ? (Math.PI / 2) - angle : angle;
    }
}
