namespace Streaming.Models.Learned;

/// <summary>Brings every feature to a mean of 0 and a deviation of 1, as the rows of the training had it. Both lists have the length of the vector; deviations are at least <see cref="ModelLimits.LearnedLeastDeviation"/>.</summary>
public sealed class Standardisation(IReadOnlyList<double> means, IReadOnlyList<double> deviations)
{
    // Kept as arrays, whose elements are read without a call.
    private readonly double[] means = [.. means];
    private readonly double[] deviations = [.. deviations];

    public IReadOnlyList<double> Means => means;

    public IReadOnlyList<double> Deviations => deviations;

    public int Count => means.Length;

    /// <summary>Means and deviations of some rows. A feature that is the same in all of them gets a deviation of 1: it tells nothing, and must not divide by 0.</summary>
    public static Standardisation Of(IReadOnlyList<float[]> vectors, int count)
    {
        double[] means = new double[count];
        double[] deviations = new double[count];
        for (int i = 0; i < count; i++)
        {
            double sum = 0;
            foreach (float[] vector in vectors)
            {
                sum += vector[i];
            }

            // A second pass: sums of squares alone lose all digits where a mean is large beside its deviation.
            double mean = sum / Math.Max(1, vectors.Count);
            double squares = 0;
            foreach (float[] vector in vectors)
            {
                squares += (vector[i] - mean) * (vector[i] - mean);
            }

            double deviation = Math.Sqrt(squares / Math.Max(1, vectors.Count));
            means[i] = mean;
            deviations[i] = deviation >= ModelLimits.LearnedLeastDeviation ? deviation : 1;
        }

        return new Standardisation(means, deviations);
    }

    /// <summary>One figure, standardised.</summary>
    public double At(int index, float value) => (value - means[index]) / deviations[index];

    /// <summary>A vector as a trainer of single precision takes it.</summary>
    public float[] Apply(ReadOnlySpan<float> vector)
    {
        float[] standardised = new float[means.Length];
        for (int i = 0; i < standardised.Length; i++)
        {
            standardised[i] = (float)At(i, vector[i]);
        }

        return standardised;
    }
}
