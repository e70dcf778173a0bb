namespace Streaming.Models.Learned;

/// <summary>
/// Principal components as a measure of what is unusual: the share of a vector's distance from the centre that the components do not explain,
/// sqrt((|x-c|² - Σ(v·(x-c))²) / |x-c|²), from 0, explained in full, to 1. It is the "normalized error" of ML.NET's PcaModelParameters.
/// </summary>
/// <remarks>
/// Two ends are ours: where rounding makes the difference negative ML.NET gives no number, and so it does at the centre itself; both are 0 here. The features are standardised first, which keeps
/// the subtraction from losing its digits.
/// </remarks>
public sealed class PcaScorer : IScorer
{
    public const string AlgorithmName = "pca";

    private readonly double[] centre;
    private readonly double[][] components;

    /// <param name="standardisation">Of the features.</param>
    /// <param name="centre">Of the standardised features; as long as the vector.</param>
    /// <param name="components">Directions of the standardised features, each as long as the vector and near a length of 1.</param>
    public PcaScorer(Standardisation standardisation, IReadOnlyList<double> centre, IReadOnlyList<IReadOnlyList<double>> components)
    {
        Standardisation = standardisation;
        this.centre = [.. centre];
        this.components = [.. components.Select(component => component.ToArray())];
    }

    public Standardisation Standardisation { get; }

    public IReadOnlyList<double> Centre => centre;

    public IReadOnlyList<IReadOnlyList<double>> Components => components;

    public string Algorithm => AlgorithmName;

    public bool IsProbability => false;

    public int Features => centre.Length;

    /// <summary>What of each feature the components do not explain: the distance of the value from the one that would fit the others, in the feature's own unit.</summary>
    /// <param name="vector">As for <see cref="Score"/>.</param>
    /// <param name="residuals">Takes them; as long as the vector.</param>
    public void Residuals(ReadOnlySpan<float> vector, Span<double> residuals)
    {
        for (int i = 0; i < centre.Length; i++)
        {
            residuals[i] = Standardisation.At(i, vector[i]) - centre[i];
        }

        Span<double> along = stackalloc double[ModelLimits.LearnedFeatures];
        for (int j = 0; j < components.Length; j++)
        {
            along[j] = 0;
            for (int i = 0; i < centre.Length; i++)
            {
                along[j] += components[j][i] * residuals[i];
            }
        }

        for (int i = 0; i < centre.Length; i++)
        {
            for (int j = 0; j < components.Length; j++)
            {
                residuals[i] -= along[j] * components[j][i];
            }

            residuals[i] *= Standardisation.Deviations[i];
        }
    }

    public double Score(ReadOnlySpan<float> vector)
    {
        Span<double> away = stackalloc double[ModelLimits.LearnedFeatures];
        double all = 0;
        for (int i = 0; i < centre.Length; i++)
        {
            double difference = Standardisation.At(i, vector[i]) - centre[i];
            away[i] = difference;
            all += difference * difference;
        }

        double explained = 0;
        foreach (double[] component in components)
        {
            double along = 0;
            for (int i = 0; i < component.Length; i++)
            {
                along += component[i] * away[i];
            }

            explained += along * along;
        }

        return all > explained ? Math.Sqrt((all - explained) / all) : 0;
    }
}
