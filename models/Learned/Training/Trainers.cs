namespace Streaming.Models.Learned.Training;

/// <summary>The trainers that this build has.</summary>
public static class Trainers
{
    public static IReadOnlyList<ITrainer> All { get; } =
    [
        new BaselineTrainer(),
        new BaselinePcaTrainer(),
#if MLNET
        new MlNet.LbfgsTrainer(),
        new MlNet.FastTreeTrainer(),
        new MlNet.RandomizedPcaTrainer(),
#endif
    ];
}
