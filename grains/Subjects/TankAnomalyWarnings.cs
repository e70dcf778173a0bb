using System.Text;
using Streaming.Grains.Messages;
using Streaming.Grains.Turns;
using Streaming.Models.Learned;
using Streaming.Models.Learned.Features;
using Streaming.Models.Readings;
using Streaming.Models.Tanks;
using Streaming.Models.Wording;

namespace Streaming.Grains.Subjects;

/// <summary>
/// Says that a tank moves as tanks in ordinary life do not: the learned model of kind <c>tank-behaviour</c>. One warning for all tanks of a subject; it takes several unusual readings among the newest ones, and ends when the last tank is
/// usual again. Scoring allocates nothing.
/// </summary>
internal static class TankAnomalyWarnings
{
    public const string Kind = "tank-anomaly";

    /// <summary>Features that an explanation names.</summary>
    private const int FeaturesNamed = 3;

    /// <summary>Takes in a reading that is the tank's newest.</summary>
    /// <returns>1 where the tank is unusual from now on, -1 where it is not any more, otherwise 0.</returns>
    public static int Judge(scoped in Turn turn, scoped in Message message, ActorKind subject, string unit, TankStream stream, in TankFigures figures, ref OpenWarnings? warnings, IOtherTanks? others)
    {
        TankAnomalies rules = turn.Rules.Judges.Tanks;
        TankWatch watch = stream.Watch ??= new TankWatch();
        TankDeviations deviations = watch.Learn(figures, message.Header.AtMs, rules.LearningS);
        LearnedModel? model = rules.Judge();
        double threshold = rules.Threshold ?? model?.Threshold ?? 1;
        Span<float> vector = stackalloc float[Models.ModelLimits.LearnedFeatures];
        vector = vector[..TankBehaviourFeatures.Set.Count];
        double score = model is not null && TankBehaviourFeatures.TryFill(deviations, vector) ? model.Score(vector) : -1;
        bool isUnusual = score >= threshold;
        int count = watch.Note(isUnusual, message.Header.AtMs, rules.Window, out double lastsS);
        bool before = watch.IsAnomalous;
        watch.IsAnomalous = model is not null && (before ? count > rules.Clear : count >= rules.Open && lastsS >= rules.LeastS);
        if (watch.IsAnomalous && isUnusual)
        {
            Tell(turn, message, subject, unit, stream, new Unusual(deviations, score, threshold, count, model!), !before, ref warnings, others);
        }
        else if (before && !watch.IsAnomalous && others?.AnyAnomalous(unit) != true)
        {
            string name = unit.Length > 0 ? $" of tank {unit}" : "";
            warnings?.Clear(turn, subject, Kind, message.Header.AtMs, new Explanation(
                $"Cleared: of the last {FigureText.Whole(rules.Window)} readings{name} no more than {FigureText.Whole(rules.Clear)} were unusual.",
                $"已解除：{unit}最近{FigureText.Whole(rules.Window)}个读数中异常的不超过{FigureText.Whole(rules.Clear)}个。"));
        }

        return (watch.IsAnomalous ? 1 : 0) - (before ? 1 : 0);
    }

    private readonly record struct Unusual(TankDeviations Deviations, double Score, double Threshold, int Count, LearnedModel Model);

    private static void Tell(
        scoped in Turn turn, scoped in Message message, ActorKind subject, string unit, TankStream stream, in Unusual unusual, bool first, ref OpenWarnings? warnings, IOtherTanks? others)
    {
        warnings ??= new OpenWarnings();
        TankAnomalies rules = turn.Rules.Judges.Tanks;
        if (!first && !warnings.IsDue(Kind, turn.NowMs, rules.UpdateEveryS))
        {
            warnings.Count(Kind, message.Header.AtMs);
            return;
        }

        string prefix = unit.Length > 0 ? $"{unit}." : "";
        FeatureSet features = unusual.Model.Features;
        SortedDictionary<string, double> figures = new(StringComparer.Ordinal)
        {
            [prefix + "score"] = Rounded(unusual.Score),
            [prefix + "unusualReadings"] = unusual.Count,
            ["threshold"] = Rounded(unusual.Threshold),
            ["windowReadings"] = rules.Window,
        };
        for (int i = 0; i < features.Count; i++)
        {
            figures[prefix + features.Features[i].Name] = Rounded(unusual.Deviations[i]);
        }

        Span<float> vector = stackalloc float[features.Count];
        TankBehaviourFeatures.TryFill(unusual.Deviations, vector);
        warnings.Raise(turn, subject, message, default, new Finding(
            Kind,
            rules.Severity,
            rules.Confidence,
            $"{features.Kind}/{FigureText.Whole(features.Version)} ({unusual.Model.Card.Trainer})",
            Explain(unit, stream, unusual, rules, Encoding.UTF8.GetString(message.Origin.Source), others?.Anomalous(unit, GrainLimits.TanksExplained) ?? []),
            figures,
            $"score below {FigureText.Measured(Rounded(unusual.Threshold))}",
            null)
        {
            Scores = ShadowScores.Beside(turn.Rules, LearnedKind.TankAnomaly, unusual.Score, unusual.Threshold, vector),
        });
    }

    private static Explanation Explain(string unit, TankStream stream, in Unusual unusual, TankAnomalies rules, string source, List<string> also)
    {
        TankDeviations deviations = unusual.Deviations;
        int[] most = [.. Enumerable.Range(0, unusual.Model.Features.Count).Where(i => Math.Abs(deviations[i]) >= TankBehaviourFeatures.LeastDeviation).OrderByDescending(i => Math.Abs(deviations[i])).ThenBy(i => i).Take(FeaturesNamed)];
        string content = Encoding.UTF8.GetString(stream.Substance);
        string score = FigureText.Measured(Rounded(unusual.Score));
        string threshold = FigureText.Measured(Rounded(unusual.Threshold));
        string en = $"Tank{(unit.Length > 0 ? $" {unit}" : "")}{(content.Length > 0 ? $" ({content})" : "")} behaves unusually: {FigureText.Whole(unusual.Count)} of its last {FigureText.Whole(rules.Window)} readings (reported by {source}). "
            + $"The newest scores {score}, where {threshold} and more is unusual. Furthest from this tank's own past: {string.Join("; ", most.Select(i => $"{TankBehaviourFeatures.English(i)} {Signed(deviations[i])} standard deviations"))}."
            + (also.Count > 0 ? $" Also unusual: {string.Join(", ", also)}." : "")
            + " A learned model says so; no limit is broken by that alone.";
        string zh = $"储罐{unit}{(content.Length > 0 ? $"（{content}）" : "")}行为异常：最近{FigureText.Whole(rules.Window)}个读数中有{FigureText.Whole(unusual.Count)}个异常（由{source}上报）。"
            + $"最新读数得分{score}，达到{threshold}即为异常。与该罐自身历史偏离最大的是：{string.Join("；", most.Select(i => $"{TankBehaviourFeatures.Chinese(i)}{Signed(deviations[i])}个标准差"))}。"
            + (also.Count > 0 ? $"同时异常：{string.Join("、", also)}。" : "")
            + "该结论由学习模型给出，并不表示已超出限值。";
        return new Explanation(en, zh);
    }

    private static string Signed(double deviations) => (deviations > 0 ? "+" : "") + FigureText.Measured(Math.Round(deviations, 1, MidpointRounding.AwayFromZero));

    private static double Rounded(double value) => Math.Round(value, 4, MidpointRounding.AwayFromZero);
}
