namespace Streaming.Models.Learned.Training;

/// <summary>What a trainer made of some rows.</summary>
/// <param name="Scorer">The model's arithmetic.</param>
/// <param name="Threshold">From this score on it says yes.</param>
/// <param name="OwnScore">The trainer's own score of a vector; not a number where it has none.</param>
public sealed record TrainedScorer(IScorer Scorer, double Threshold, Func<float[], double> OwnScore);

/// <summary>Makes a model from labelled rows. The same rows give the same model: no clock, no randomness that is not seeded, one thread.</summary>
public interface ITrainer
{
    /// <summary>Name, in tables, on cards and in file names.</summary>
    string Name { get; }

    /// <summary>What it is made of and how it is set.</summary>
    string Detail { get; }

    /// <summary>What it can learn.</summary>
    LearningTask Task { get; }

    /// <summary>Trains. Rows for <see cref="LearningTask.Confidence"/> have both labels, those for <see cref="LearningTask.Anomaly"/> include some that are labelled false.</summary>
    TrainedScorer Train(TrainingSet rows);
}
