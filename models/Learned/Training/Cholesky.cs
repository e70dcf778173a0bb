namespace Streaming.Models.Learned.Training;

/// <summary>Solves the equations of a symmetric positive definite matrix.</summary>
internal static class Cholesky
{
    /// <summary>x of matrix · x = right. Only the lower half of the matrix is read.</summary>
    public static double[] Solve(double[,] matrix, double[] right)
    {
        int size = right.Length;
        double[,] lower = new double[size, size];
        for (int i = 0; i < size; i++)
        {
            for (int j = 0; j <= i; j++)
            {
                double sum = matrix[i, j];
                for (int k = 0; k < j; k++)
                {
                    sum -= lower[i, k] * lower[j, k];
                }

                // Rounding may leave a pivot at or below 0 where columns repeat each other; a tiny one keeps the solution finite.
                lower[i, j] = i == j ? Math.Sqrt(Math.Max(sum, 1e-12)) : sum / lower[j, j];
            }
        }

        double[] solution = new double[size];
        for (int i = 0; i < size; i++)
        {
            double sum = right[i];
            for (int k = 0; k < i; k++)
            {
                sum -= lower[i, k] * solution[k];
            }

            solution[i] = sum / lower[i, i];
        }

        for (int i = size - 1; i >= 0; i--)
        {
            double sum = solution[i];
            for (int k = i + 1; k < size; k++)
            {
                sum -= lower[k, i] * solution[k];
            }

            solution[i] = sum / lower[i, i];
        }

        return solution;
    }
}
