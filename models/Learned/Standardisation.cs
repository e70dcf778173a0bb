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

    /// <summary>
    /// Means and deviations of some rows. What varies by less than <see cref="ModelLimits.LearnedLeastShareOfRange"/> of its range is taken to vary by that much: rows that were all taken within a minute say nothing of the hour, and a
    /// row of two minutes later must not be many deviations away from them.
    /// </summary>
    public static Standardisation Of(IReadOnlyList<float[]> vectors, FeatureSet features)
    {
        int count = features.Count;
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
            Feature feature = features.Features[i];
            deviations[i] = Math.Max(deviation, ModelLimits.LearnedLeastShareOfRange * (feature.Most - feature.Least));
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
