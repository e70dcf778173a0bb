namespace Streaming.Silo.Bench;

/// <summary>What was measured, one by one, and where the middle and the slow end of it lie. Added to by one thread.</summary>
internal sealed class Percentiles
{
    private readonly List<double> values = [];
    private bool sorted = true;

    public int Count => values.Count;

    public void Add(double value)
    {
        values.Add(value);
        sorted = false;
    }

    /// <summary>The smallest value that at least so many percent of all do not exceed; NaN where there is none.</summary>
    public double At(double percent)
    {
        if (values.Count == 0)
        {
            return double.NaN;
        }

        if (!sorted)
        {
            values.Sort();
            sorted = true;
        }

        return values[Math.Clamp((int)Math.Ceiling(values.Count * percent / 100) - 1, 0, values.Count - 1)];
    }
}
