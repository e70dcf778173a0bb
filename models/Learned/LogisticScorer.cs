using Streaming.Models.Statistics;

namespace Streaming.Models.Learned;

/// <summary>Logistic regression over standardised features: the probability is the logistic function of bias plus weights times features.</summary>
public sealed class LogisticScorer(Standardisation standardisation, IReadOnlyList<double> weights, double bias) : IScorer
{
    public const string AlgorithmName = "logistic";

    private readonly double[] weights = [.. weights];

    public Standardisation Standardisation { get; } = standardisation;

    public IReadOnlyList<double> Weights => weights;

    public double Bias { get; } = bias;

    public string Algorithm => AlgorithmName;

    public bool IsProbability => true;

    public int Features => weights.Length;

    public double Score(ReadOnlySpan<float> vector)
    {
        double sum = Bias;
        for (int i = 0; i < weights.Length; i++)
        {
            sum += weights[i] * Standardisation.At(i, vector[i]);
        }

        return Logistic.Of(sum);
    }
}
