using System.Text;
using Streaming.Grains.Messages;
using Streaming.Grains.Turns;
using Streaming.Models.Encoding;
using Streaming.Models.Learned;
using Streaming.Models.Learned.Features;
using Streaming.Models.Readings;
using Streaming.Models.Tanks;
using Streaming.Models.Wording;

namespace Streaming.Grains.Subjects;

/// <summary>
/// Says that a tank is not as it usually is: elsewhere than in the last day, by a learned model of kind <c>tank-norm</c>, or moving as tanks in ordinary life do not, by one of kind <c>tank-behaviour</c>; the rulebook names which. One warning for all tanks of
/// a subject; it takes several unusual readings among the newest ones, and ends when the last tank is usual again. Scoring allocates nothing.
/// </summary>
internal static class TankAnomalyWarnings
{
    public const string Kind = "tank-anomaly";

    /// <summary>Takes in a reading that is the tank's newest.</summary>
    /// <returns>1 where the tank is unusual from now on, -1 where it is not any more, otherwise 0.</returns>
    public static int Judge(scoped in Turn turn, scoped in Message message, ActorKind subject, string unit, TankStream stream, in TankFigures figures, ref OpenWarnings? warnings, IOtherTanks? others)
    {
        TankAnomalies rules = turn.Rules.Judges.Tanks;
        TankWatch watch = stream.Watch ??= new TankWatch();
        LearnedModel? model = rules.Find();
        double threshold = rules.Threshold ?? model?.Threshold ?? 1;
        Span<float> vector = stackalloc float[Models.ModelLimits.LearnedFeatures];
        Unusual reading = model is null ? default
            : ReferenceEquals(model.Features, TankNormFeatures.Set) ? OfNorm(rules, model, watch, stream, message.Header.AtMs, figures, threshold, vector)
            : OfBehaviour(rules, model, watch, message.Header.AtMs, figures, vector);
        bool isUnusual = rules.Enabled && reading.Score >= threshold;
        int count = watch.Note(isUnusual, message.Header.AtMs, rules.Window, out double lastsS);
        bool before = watch.IsAnomalous;
        watch.IsAnomalous = model is not null && rules.Enabled && (before ? count > rules.Clear : count >= rules.Open && lastsS >= rules.LeastS);
        if (watch.IsAnomalous && isUnusual)
        {
            Tell(turn, message, subject, unit, stream, reading with { Threshold = threshold, Count = count }, !before, ref warnings, others);
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

    /// <summary>A reading beside the tank's own last day. What is unusual teaches nothing.</summary>
    private static Unusual OfNorm(TankAnomalies rules, LearnedModel model, TankWatch watch, TankStream stream, long atMs, in TankFigures figures, double threshold, Span<float> vector)
    {
        uint substance = unchecked((uint)StableHash.Of(stream.Substance));
        if (watch.Norm is not { } norm || norm.IsOutdated(substance, atMs))
        {
            watch.Norm = norm = new TankNorm();
        }

        TankDeparture departure = norm.Look(figures, rules.LearningS);
        vector = vector[..TankNormFeatures.Set.Count];
        double score = TankNormFeatures.TryFill(departure, vector) ? model.Score(vector) : -1;
        norm.Learn(figures, atMs, substance, rules.Enabled && score >= threshold);
        return new Unusual { Model = model, Score = score, Departure = departure, Figures = figures };
    }

    private static Unusual OfBehaviour(TankAnomalies rules, LearnedModel model, TankWatch watch, long atMs, in TankFigures figures, Span<float> vector)
    {
        TankDeviations deviations = watch.Learn(figures, atMs, rules.LearningS);
        vector = vector[..TankBehaviourFeatures.Set.Count];
        return new Unusual { Model = model, Score = TankBehaviourFeatures.TryFill(deviations, vector) ? model.Score(vector) : -1, Deviations = deviations };
    }

    private static void Tell(
        scoped in Turn turn, scoped in Message message, ActorKind subject, string unit, TankStream stream, in Unusual unusual, bool first, ref OpenWarnings? warnings, IOtherTanks? others)
    {
        warnings ??= new OpenWarnings();
        TankAnomalies rules = turn.Rules.Judges.Tanks;
        if (!warnings.IsToTell(Kind, first, turn.NowMs, rules.UpdateEveryS, message.Header.AtMs))
        {
            return;
        }

        string prefix = unit.Length > 0 ? $"{unit}." : "";
        FeatureSet features = unusual.Model.Features;
        SortedDictionary<string, double> figures = new(StringComparer.Ordinal)
        {
            [prefix + "score"] = TankAnomalyText.Rounded(unusual.Score),
            [prefix + "unusualReadings"] = unusual.Count,
            ["threshold"] = TankAnomalyText.Rounded(unusual.Threshold),
            ["windowReadings"] = rules.Window,
        };
        TankAnomalyText.AddFigures(unusual, prefix, figures);
        Span<float> vector = stackalloc float[features.Count];
        _ = unusual.IsOfNorm ? TankNormFeatures.TryFill(unusual.Departure, vector) : TankBehaviourFeatures.TryFill(unusual.Deviations, vector);
        warnings.Raise(turn, subject, message, default, new Finding(
            Kind,
            rules.Severity,
            rules.Confidence,
            unusual.IsOfNorm ? rules.Model : $"{features.Kind}/{FigureText.Whole(features.Version)} ({unusual.Model.Card.Trainer})",
            TankAnomalyText.Explain(unit, stream, unusual, rules, Encoding.UTF8.GetString(message.Origin.Source), others?.Anomalous(unit, GrainLimits.TanksExplained) ?? []),
            figures,
            $"score below {FigureText.Measured(TankAnomalyText.Rounded(unusual.Threshold))}",
            null)
        {
            Scores = ShadowScores.Beside(turn.Rules, LearnedKind.TankAnomaly, unusual.Score, unusual.Threshold, vector),
        });
    }
}

/// <summary>A reading that was scored, and by what. Where no model judges, all of it is empty.</summary>
internal readonly record struct Unusual
{
    public LearnedModel Model { get; init; }

    public double Score { get; init; }

    public double Threshold { get; init; }

    /// <summary>Unusual ones among the newest readings.</summary>
    public int Count { get; init; }

    public TankFigures Figures { get; init; }

    /// <summary>From the tank's own last day, where the model goes by that.</summary>
    public TankDeparture Departure { get; init; }

    /// <summary>From how the tank moves, where the model goes by that.</summary>
    public TankDeviations Deviations { get; init; }

    public bool IsOfNorm => ReferenceEquals(Model.Features, TankNormFeatures.Set);
}
