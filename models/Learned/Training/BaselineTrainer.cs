using Streaming.Models.Statistics;

namespace Streaming.Models.Learned.Training;

/// <summary>
/// Logistic regression with an L2 penalty on the weights, by Newton's method (iteratively reweighted least squares; Bishop, Pattern Recognition and Machine Learning, 4.3.3). It is there in every build.
/// </summary>
/// <remarks>The penalty makes the sum to be minimised strictly convex, so there is one best model, also where a feature is constant or separates the labels. A step that does not make the gradient smaller is halved.</remarks>
public sealed class BaselineTrainer : ITrainer
{
    /// <summary>The penalty is half of this times the sum of the squared weights; the bias is free.</summary>
    private const double Penalty = 1;

    private const int MostSteps = 50;
    private const int MostHalvings = 30;

    /// <summary>The gradient is a sum over rows: below this share of their number no digit that counts changes any more.</summary>
    private const double SmallGradient = 1e-10;

    public string Name => "baseline-logistic";

    public string Detail => "logistic regression, L2 penalty 1, Newton's method";

    public LearningTask Task => LearningTask.Confidence;

    public TrainedScorer Train(TrainingSet rows)
    {
        int features = rows.Features.Count;
        Standardisation standardisation = Standardisation.Of([.. rows.Rows.Select(row => row.Vector)], rows.Features);
        double[] weights = Solve(rows, standardisation, features);
        LogisticScorer scorer = new(standardisation, weights[..features], weights[features]);
        return new TrainedScorer(scorer, 0.5, vector => scorer.Score(vector));
    }

    /// <summary>Weights of the features, and the bias last.</summary>
    private static double[] Solve(TrainingSet rows, Standardisation standardisation, int features)
    {
        int size = features + 1;
        double[][] inputs = [.. rows.Rows.Select(row => Input(row.Vector))];
        double[] weights = new double[size];
        double[] gradient = new double[size];
        double[,] curvature = new double[size, size];
        double steepness = Gradient(weights, gradient, curvature);
        double enough = SmallGradient * rows.Rows.Count * SmallGradient * rows.Rows.Count;
        double[] trial = new double[size];
        for (int step = 0; step < MostSteps && steepness > enough; step++)
        {
            double[] direction = Cholesky.Solve(curvature, gradient);
            double length = 1;
            double before = steepness;
            for (int halving = 0; halving < MostHalvings; halving++, length /= 2)
            {
                for (int i = 0; i < size; i++)
                {
                    trial[i] = weights[i] - (length * direction[i]);
                }

                steepness = Gradient(trial, gradient, curvature);
                if (steepness < before)
                {
                    break;
                }
            }

            if (!(steepness < before))
            {
                // Nothing is left but rounding.
                break;
            }

            trial.CopyTo(weights, 0);
        }

        return weights;

        double[] Input(float[] vector)
        {
            double[] input = new double[size];
            for (int i = 0; i < features; i++)
            {
                input[i] = standardisation.At(i, vector[i]);
            }

            input[features] = 1;
            return input;
        }

        double Gradient(double[] at, double[] into, double[,] second)
        {
            Array.Clear(into);
            Array.Clear(second);
            for (int row = 0; row < inputs.Length; row++)
            {
                double[] input = inputs[row];
                double sum = 0;
                for (int i = 0; i < size; i++)
                {
                    sum += at[i] * input[i];
                }

                double probability = Logistic.Of(sum);
                double error = probability - (rows.Rows[row].Label ? 1 : 0);
                double spread = probability * (1 - probability);
                for (int i = 0; i < size; i++)
                {
                    into[i] += error * input[i];
                    double weighted = spread * input[i];
                    for (int j = 0; j <= i; j++)
                    {
                        second[i, j] += weighted * input[j];
                    }
                }
            }

            double squares = 0;
            for (int i = 0; i < size; i++)
            {
                // The bias has a penalty too small to matter, so that the matrix stays positive definite where every probability is 0 or 1.
                double penalty = i < features ? Penalty : 1e-9;
                into[i] += penalty * at[i];
                second[i, i] += penalty;
                squares += into[i] * into[i];
            }

            return squares;
        }
    }
}
