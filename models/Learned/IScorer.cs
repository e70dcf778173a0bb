namespace Streaming.Models.Learned;

/// <summary>The arithmetic of a learned model. Immutable; it allocates nothing, and gives the same bits on every machine.</summary>
public interface IScorer
{
    /// <summary>Name of the arithmetic in model files.</summary>
    string Algorithm { get; }

    /// <summary>True where the score is a probability; otherwise it only orders rows.</summary>
    bool IsProbability { get; }

    /// <summary>Length of the vectors that it takes.</summary>
    int Features { get; }

    /// <summary>Score of a vector of finite figures, 0 to 1.</summary>
    double Score(ReadOnlySpan<float> vector);
}
