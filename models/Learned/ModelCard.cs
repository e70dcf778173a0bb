using Streaming.Models.Learned.Training;

namespace Streaming.Models.Learned;

/// <summary>Some rows of a training file, as a card tells of them.</summary>
/// <param name="Rows">How many.</param>
/// <param name="Positives">How many are labelled true.</param>
/// <param name="FromMs">Time of the oldest, ms since 1970.</param>
/// <param name="ToMs">Time of the newest.</param>
public readonly record struct CardRows(int Rows, int Positives, long FromMs, long ToMs);

/// <summary>Where a model comes from and how good it was.</summary>
public sealed record ModelCard
{
    /// <summary>Name of the trainer, as the table of <c>train</c> has it.</summary>
    public required string Trainer { get; init; }

    /// <summary>What the trainer is made of and how it was set.</summary>
    public required string TrainerDetail { get; init; }

    /// <summary>Time of the newest row of the data, ms since 1970. Not the time of the training: the same data give the same file.</summary>
    public required long DateMs { get; init; }

    /// <summary>SHA-256 of all rows in the order of their times, in hexadecimal digits; <see cref="TrainingSet.Sha256"/>.</summary>
    public required string DataSha256 { get; init; }

    /// <summary>What the data are, in words, where whoever trained it said so, as that they are simulated; null otherwise.</summary>
    public string? Data { get; init; }

    /// <summary>The rows it was trained on.</summary>
    public required CardRows Trained { get; init; }

    /// <summary>The later rows it was compared on.</summary>
    public required CardRows Compared { get; init; }

    /// <summary>How it did on them.</summary>
    public required Metrics Metrics { get; init; }
}
