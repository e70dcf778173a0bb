using Streaming.Grains.Messages;
using Streaming.Models;
using Streaming.Models.Learned;
using Streaming.Models.Learned.Features;
using Streaming.Models.Readings;
using Streaming.Models.Wording;

namespace Streaming.Grains.Subjects;

/// <summary>
/// How sure an overload is, by what departments found of others like it. What is warned of, its figures, severity and law are the same with a learned model and without; its confidence is the model's, and the words say so. A model in shadow scores the same
/// reading, and nothing of the warning goes by that.
/// </summary>
internal static class LearnedConfidence
{
    private const string BeforeKg = "beforeKg";
    private const string BeforeMin = "beforeMin";
    private const string BeforeAccuracyPct = "beforeAccuracyPct";
    private const double MinuteMs = 60_000;

    /// <summary>Digits of a score that are kept.</summary>
    private const int Digits = 6;

    /// <summary>A finding with the scores of the models that are in force for it; the same finding where none is.</summary>
    /// <param name="weighed">The weighing.</param>
    /// <param name="kind">The kind.</param>
    /// <param name="limitKg">The gross mass that was allowed, kg.</param>
    /// <param name="finding">What was found, with the confidence that the kind has without a model.</param>
    public static Finding Judge(scoped in WeighedMass weighed, LearnedKind kind, int limitKg, Finding finding)
    {
        ModelsInForce models = weighed.Rules.Judges;
        if (!models.Any(kind))
        {
            return finding;
        }

        Span<float> vector = stackalloc float[ModelLimits.LearnedFeatures];
        vector = vector[..kind.Sets[0].Count];
        WeighingContext context = new(weighed.AtMs, weighed.AccuracyHundredthPct / 100.0, weighed.Rules.Calendar.UtcOffsetMinutes);
        if (!OverloadFeatures.TryFill(weighed.Weighing, limitKg, context, weighed.Before, vector))
        {
            return finding;
        }

        ScoringModel? judge = models.Judge(kind);
        ModelScore builtIn = new(finding.Model, judge is null ? ModelScore.Judge : ModelScore.BuiltIn, Math.Round(finding.Confidence, Digits));
        ModelScore? shadow = Score(models.Shadow(kind), ModelScore.Shadow, vector);
        if (Score(judge, ModelScore.Judge, vector) is not { } judged)
        {
            return finding with { Scores = shadow is null ? null : [builtIn, shadow] };
        }

        double hours = weighed.Before.HoursBefore(weighed.AtMs);
        if (hours <= OverloadFeatures.LongestBeforeH)
        {
            finding.Figures[BeforeKg] = weighed.Before.GrossKg;
            finding.Figures[BeforeMin] = Math.Round((weighed.AtMs - weighed.Before.AtMs) / MinuteMs, 1);
            finding.Figures[BeforeAccuracyPct] = weighed.Before.AccuracyPct;
        }

        Explanation why = Explain(weighed, limitKg, judged, hours <= OverloadFeatures.LongestBeforeH);
        return finding with
        {
            Confidence = judged.Score,
            Model = judged.Model,
            Explanation = new Explanation(finding.Explanation.En + why.En, finding.Explanation.Zh + why.Zh),
            Scores = shadow is null ? [judged, builtIn] : [judged, builtIn, shadow],
            MayLower = true,
        };
    }

    /// <summary>The weighing before, as a warning that was judged with it has it.</summary>
    public static EarlierWeighing Before(Warning warning, long atMs)
    {
        SortedDictionary<string, double> figures = warning.Evidence.Figures;
        return figures.TryGetValue(BeforeKg, out double grossKg)
            ? new EarlierWeighing(atMs - (long)(figures.GetValueOrDefault(BeforeMin) * MinuteMs), (int)grossKg, figures.GetValueOrDefault(BeforeAccuracyPct))
            : default;
    }

    /// <summary>The weighing before, as a vehicle keeps it; the default value where it keeps none.</summary>
    public static EarlierWeighing Before(in KeptReading kept, int accuracyHundredthPct)
    {
        if (!kept.IsKept)
        {
            return default;
        }

        Streaming.Models.Encoding.ByteReader reader = new(kept.Body);
        return new EarlierWeighing(kept.AtMs, WeighReading.Read(ref reader).GrossKg, accuracyHundredthPct / 100.0);
    }

    private static ModelScore? Score(ScoringModel? model, string part, ReadOnlySpan<float> vector) =>
        model is null ? null : new ModelScore(model.Name, part, Math.Round(model.Model.Score(vector), Digits), model.Threshold);

    private static Explanation Explain(scoped in WeighedMass weighed, int limitKg, ModelScore judged, bool hasBefore)
    {
        string sure = FigureText.Probability(Math.Round(judged.Score, 4));
        string plate = FigureText.Probability(weighed.Weighing.PlatePermille / 1000.0);
        string en = "no weighing within a day before";
        string zh = "之前一日内无其他称重";
        if (hasBefore)
        {
            string minutes = FigureText.Measured(Math.Round((weighed.AtMs - weighed.Before.AtMs) / MinuteMs, 1));
            string gross = FigureText.Whole(weighed.Before.GrossKg);
            bool isOver = weighed.Before.GrossKg > limitKg;
            en = $"the weighing {minutes} min before, of {gross} kg, which was {(isOver ? "over that limit too" : "within that limit")}";
            zh = $"{minutes}分钟前测得{gross} kg（{(isOver ? "同样超过该限值" : "未超过该限值")}）";
        }

        return new Explanation(
            $" How sure the warning is, {sure} %, the learned model {judged.Model} says by what was found of others: it goes by the excess beside the accuracy of the station, the plate, which was read with {plate} %, and {en}.",
            $"告警置信度{sure} %由学习模型{judged.Model}根据以往案件的核查结果给出，依据为超出量与检测站准确度之比、号牌识别置信度{plate} %，以及{zh}。");
    }
}
