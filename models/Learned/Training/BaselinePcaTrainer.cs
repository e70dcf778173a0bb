namespace Streaming.Models.Learned.Training;

/// <summary>Principal components of the rows labelled false, by Jacobi's rotations (Golub and Van Loan, Matrix Computations, 8.5). It is there in every build.</summary>
public sealed class BaselinePcaTrainer : ITrainer
{
    private const int Sweeps = 30;

    public string Name => "baseline-pca";

    public string Detail => "principal components by Jacobi's rotations, those of the rows labelled false; threshold passed by 1 % of them";

    public LearningTask Task => LearningTask.Anomaly;

    public TrainedScorer Train(TrainingSet rows)
    {
        List<float[]> usual = [.. rows.Rows.Where(row => !row.Label).Select(row => row.Vector)];
        int size = rows.Features.Count;
        Standardisation standardisation = Standardisation.Of(usual, rows.Features);
        double[,] covariance = new double[size, size];
        double[] input = new double[size];
        foreach (float[] vector in usual)
        {
            for (int i = 0; i < size; i++)
            {
                input[i] = standardisation.At(i, vector[i]);
                for (int j = 0; j <= i; j++)
                {
                    covariance[i, j] += input[i] * input[j] / usual.Count;
                    covariance[j, i] = covariance[i, j];
                }
            }
        }

        double[][] directions = Directions(covariance, size);
        PcaScorer scorer = new(standardisation, new double[size], directions[..AnomalyThreshold.Rank(size)]);
        return new TrainedScorer(scorer, AnomalyThreshold.Of(scorer, usual), vector => scorer.Score(vector));
    }

    /// <summary>Unit eigenvectors of a symmetric matrix, which is overwritten, by falling eigenvalue.</summary>
    private static double[][] Directions(double[,] matrix, int size)
    {
        double[][] vectors = [.. Enumerable.Range(0, size).Select(i => Enumerable.Range(0, size).Select(j => i == j ? 1.0 : 0).ToArray())];
        for (int sweep = 0; sweep < Sweeps; sweep++)
        {
            for (int p = 0; p < size - 1; p++)
            {
                for (int q = p + 1; q < size; q++)
                {
                    if (matrix[p, q] != 0)
                    {
                        Rotate(matrix, vectors, size, p, q);
                    }
                }
            }
        }

        int[] order = [.. Enumerable.Range(0, size).OrderByDescending(i => matrix[i, i])];
        return [.. order.Select(i => vectors[i])];
    }

    /// <summary>Turns the plane of two axes so that their product vanishes.</summary>
    private static void Rotate(double[,] matrix, double[][] vectors, int size, int p, int q)
    {
        double theta = (matrix[q, q] - matrix[p, p]) / (2 * matrix[p, q]);

        // Of the two solutions the smaller angle; where theta is so great that its square overflows, the tangent is 0, as it should be.
        double tangent = (theta >= 0 ? 1 : -1) / (Math.Abs(theta) + Math.Sqrt((theta * theta) + 1));
        double cosine = 1 / Math.Sqrt((tangent * tangent) + 1);
        double sine = tangent * cosine;
        for (int k = 0; k < size; k++)
        {
            (double left, double right) = (matrix[k, p], matrix[k, q]);
            (matrix[k, p], matrix[k, q]) = ((cosine * left) - (sine * right), (sine * left) + (cosine * right));
        }

        for (int k = 0; k < size; k++)
        {
            (double left, double right) = (matrix[p, k], matrix[q, k]);
            (matrix[p, k], matrix[q, k]) = ((cosine * left) - (sine * right), (sine * left) + (cosine * right));
            (left, right) = (vectors[p][k], vectors[q][k]);
            (vectors[p][k], vectors[q][k]) = ((cosine * left) - (sine * right), (sine * left) + (cosine * right));
        }

        // What is zero by construction is made so, or rounding would keep the sweeps busy.
        matrix[p, q] = 0;
        matrix[q, p] = 0;
    }
}
