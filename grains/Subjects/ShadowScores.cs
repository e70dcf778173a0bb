using Streaming.Grains.Messages;
using Streaming.Grains.Rules;
using Streaming.Models.Learned;

namespace Streaming.Grains.Subjects;

/// <summary>What a model in shadow says of a reading that the judge found unusual. Nothing that is told goes by it.</summary>
internal static class ShadowScores
{
    private const int Digits = 6;

    /// <summary>Both scores; null where nobody is in shadow, or one that goes by other figures than the judge.</summary>
    /// <param name="rules">Says who judges and who is in shadow.</param>
    /// <param name="kind">The kind.</param>
    /// <param name="score">The judge's.</param>
    /// <param name="threshold">From which on the judge says yes.</param>
    /// <param name="vector">What both go by.</param>
    public static ModelScore[]? Beside(Rulebook rules, LearnedKind kind, double score, double threshold, ReadOnlySpan<float> vector)
    {
        if (rules.Judges.Shadow(kind) is not { } shadow || rules.Judges.Judge(kind) is not { } judge || !ReferenceEquals(shadow.Model.Features, judge.Model.Features))
        {
            return null;
        }

        return
        [
            new ModelScore(judge.Name, ModelScore.Judge, Math.Round(score, Digits), threshold),
            new ModelScore(shadow.Name, ModelScore.Shadow, Math.Round(shadow.Model.Score(vector), Digits), shadow.Threshold),
        ];
    }
}
