using System.Text;
using System.Text.Json;
using Streaming.Grains.Messages;
using Streaming.Grains.Turns;
using Streaming.Models;
using Streaming.Models.Encoding;
using Streaming.Models.Learned;
using Streaming.Models.Learned.Features;
using Streaming.Models.Readings;
using Streaming.Models.Vehicles;
using Streaming.Models.Wording;

namespace Streaming.Grains.Subjects;

/// <summary>
/// Axles that are not as this vehicle's own usually are, by a learned model of kind <c>axle-history</c>, or whose masses and spacings fit no usual vehicle, by one of kind <c>axle-signature</c>; the rulebook names which. A load that moved, a misread plate, a
/// record put together of two vehicles, a scale that is out of order, or a vehicle that is as it is: nobody is accused of anything. The warning ends with its case.
/// </summary>
internal static class AxleSignatureWarning
{
    public const string Kind = "axle-signature";

    /// <summary>Features that an explanation names, those furthest from what fits the others.</summary>
    private const int Named = 3;

    /// <summary>Scores a weighing by the model that the rulebook names. One that is usual makes nothing.</summary>
    /// <param name="last">The weighing before, with which a history begins: a vehicle that was weighed once has none.</param>
    public static void Judge(
        scoped in Turn turn, scoped in Message message, scoped in WeighedMass weighed, in KeptReading last, ref AxleHistory? history, ref OpenWarnings? warnings)
    {
        if (turn.Rules.Judges.AxleSignature is not { } rule || !weighed.Road.IsJudged || weighed.Weighing.GrossKg < rule.MinimumKg || rule.Judge() is not { } model)
        {
            return;
        }

        Span<float> vector = stackalloc float[ModelLimits.LearnedFeatures];
        vector = vector[..model.Features.Count];
        double threshold = rule.Threshold ?? model.Threshold;
        if (ReferenceEquals(model.Features, AxleHistoryFeatures.Set))
        {
            JudgeByHistory(turn, message, weighed, last, new Scoring(rule, model, threshold), vector, ref history, ref warnings);
            return;
        }

        if (!AxleSignatureFeatures.TryFill(weighed.Weighing, vector))
        {
            return;
        }

        double score = model.Score(vector);
        if (score >= threshold && IsDue(turn, message, ref warnings))
        {
            warnings!.Raise(turn, ActorKind.Vehicle, message, weighed.Weighing.Image, Find(weighed, rule, model, vector, score, threshold) with { Scores = ShadowScores.Beside(turn.Rules, LearnedKind.AxleSignature, score, threshold, vector) });
        }
    }

    public static void Describe(AxleHistory? history, Utf8JsonWriter json)
    {
        if (history is null)
        {
            return;
        }

        json.WriteStartObject("axleHistory");
        json.WriteNumber("weighings", history.Weighings);
        json.WriteNumber("late", history.Late);
        json.WriteStartArray("usualSharesPct");
        for (int i = 0; i < history.Axles; i++)
        {
            json.WriteNumberValue(Math.Round(history.Mean(i) * 100, 1, MidpointRounding.AwayFromZero));
        }

        json.WriteEndArray();
        json.WriteEndObject();
    }

    private readonly record struct Scoring(AnomalyRule Rule, LearnedModel Model, double Threshold);

    private static void JudgeByHistory(
        scoped in Turn turn, scoped in Message message, scoped in WeighedMass weighed, in KeptReading last, Scoring by, Span<float> vector, ref AxleHistory? history, ref OpenWarnings? warnings)
    {
        if (last.IsKept && !last.Precedes(message))
        {
            history?.Skip();
            return;
        }

        history ??= Begin(last, by.Rule);
        if (history is null)
        {
            return;
        }

        WeighReading weighing = weighed.Weighing;
        AxleDeparture departure = history.Look(weighing, weighed.AccuracyPct);
        double score = AxleHistoryFeatures.TryFill(departure, vector) ? by.Model.Score(vector) : -1;
        bool isUnusual = score >= by.Threshold;
        int axles = history.Axles;
        history.Learn(weighing, weighed.AccuracyPct, isUnusual);
        if (isUnusual && IsDue(turn, message, ref warnings))
        {
            warnings!.Raise(turn, ActorKind.Vehicle, message, weighing.Image, AxleHistoryText.Find(weighed, by.Rule, departure, axles, score, by.Threshold) with
            {
                Scores = ShadowScores.Beside(turn.Rules, LearnedKind.AxleSignature, score, by.Threshold, vector),
            });
        }
    }

    /// <summary>The history that begins with the weighing before; null where there was none, or none that is judged.</summary>
    private static AxleHistory? Begin(in KeptReading last, AnomalyRule rule)
    {
        if (!last.IsKept)
        {
            return null;
        }

        ByteReader reader = new(last.Body);
        WeighReading before = WeighReading.Read(ref reader);
        return before.GrossKg >= rule.MinimumKg ? AxleHistory.Begin(before) : null;
    }

    /// <summary>True where a weighing is to be told; else it was counted.</summary>
    private static bool IsDue(scoped in Turn turn, scoped in Message message, ref OpenWarnings? warnings)
    {
        warnings ??= new OpenWarnings();
        return warnings.IsToTell(Kind, warnings.Find(Kind)?.Count < GrainLimits.OverloadsToldAtOnce, turn.NowMs, GrainLimits.OverloadTellEveryS, message.Header.AtMs);
    }

    private static Finding Find(scoped in WeighedMass weighed, AnomalyRule rule, LearnedModel model, ReadOnlySpan<float> vector, double score, double threshold)
    {
        SortedDictionary<string, double> figures = new(StringComparer.Ordinal)
        {
            ["grossKg"] = weighed.Weighing.GrossKg,
            ["axles"] = weighed.Weighing.AxleCount,
            ["score"] = Math.Round(score, 4),
            ["threshold"] = Math.Round(threshold, 4),
        };
        StringBuilder en = new();
        StringBuilder zh = new();
        if (model.Scorer is PcaScorer components)
        {
            Name(components, model.Features, vector, figures, en, zh);
        }

        string station = Encoding.UTF8.GetString(weighed.Station);
        string lane = Encoding.UTF8.GetString(weighed.Weighing.Lane);
        string gross = FigureText.Whole(weighed.Weighing.GrossKg);
        string scored = FigureText.Measured(Math.Round(score, 3));
        string from = FigureText.Measured(Math.Round(threshold, 3));
        return new Finding(
            Kind,
            rule.Severity,
            rule.Confidence,
            rule.Model,
            new Explanation(
                $"The axles that station {station}{(lane.Length > 0 ? $", lane {lane}" : "")} weighed at {gross} kg gross fit no usual vehicle: score {scored}, unusual from {from} (learned model {rule.Model}). {en}Look whether plate, vehicle and scale are in order.",
                $"检测站{station}{(lane.Length > 0 ? $"{lane}车道" : "")}测得总质量{gross} kg，其轴荷与轴距不符合常见车型：得分{scored}，{from}起为异常（学习模型{rule.Model}）。{zh}请核对号牌、车辆与称重设备。"),
            figures,
            $"score below {from}",
            null);
    }

    /// <summary>The features that deviate most, by the deviations of the training, each with the value that would fit the others.</summary>
    private static void Name(PcaScorer components, FeatureSet features, ReadOnlySpan<float> vector, SortedDictionary<string, double> figures, StringBuilder en, StringBuilder zh)
    {
        Span<double> residuals = stackalloc double[ModelLimits.LearnedFeatures];
        components.Residuals(vector, residuals);
        Span<bool> named = stackalloc bool[ModelLimits.LearnedFeatures];
        named.Clear();
        for (int count = 0; count < Named; count++)
        {
            int most = -1;
            for (int i = 0; i < features.Count; i++)
            {
                if (!named[i] && (most < 0 || Deviation(components, residuals, i) > Deviation(components, residuals, most)))
                {
                    most = i;
                }
            }

            named[most] = true;
            Feature feature = features.Features[most];
            bool share = most < AxleSignatureFeatures.MostAxles;
            double value = vector[most];
            double fits = Math.Clamp(value - residuals[most], feature.Least, feature.Most);
            figures[feature.Name] = Math.Round(value, 4);
            string axle = FigureText.Whole(share ? most + 1 : most - AxleSignatureFeatures.MostAxles + 2);
            string its = share ? $"{FigureText.Measured(Math.Round(value * 100, 1))} %" : $"{FigureText.Measured(Math.Round(value, 2))} m";
            string fitting = share ? $"{FigureText.Measured(Math.Round(fits * 100, 1))} %" : $"{FigureText.Measured(Math.Round(fits, 2))} m";
            en.Append(share ? $"Axle {axle} carries {its} of it, and {fitting} would fit the rest. " : $"Axle {axle} stands {its} behind the one before, and {fitting} would fit the rest. ");
            zh.Append(share ? $"第{axle}轴占总质量{its}，与其余各轴相符的为{fitting}。" : $"第{axle}轴距前轴{its}，与其余相符的为{fitting}。");
        }
    }

    private static double Deviation(PcaScorer components, ReadOnlySpan<double> residuals, int feature) => Math.Abs(residuals[feature]) / components.Standardisation.Deviations[feature];
}
