using System.Globalization;
using System.Text.Json;
using Streaming.Models.Learned.Training;

namespace Streaming.Models.Learned;

/// <summary>Reads the document of a model file, and says of everything that is wrong where it stands and what was expected.</summary>
internal sealed class ModelFileReader
{
    private readonly JsonFields fields = new(ModelLimits.LearnedProblems);

    public IReadOnlyList<string> Problems => fields.Problems;

    public LearnedModel? Read(JsonElement root)
    {
        const string Path = "$";
        if (!fields.IsObject(root, Path))
        {
            return null;
        }

        // Another format or version is said alone: every other complaint would follow from it.
        string format = fields.Text(root, Path, "format");
        int version = fields.Whole(root, Path, "version", 0, int.MaxValue);
        if (Problems.Count > 0)
        {
            return null;
        }

        if (format != ModelFile.FormatName || version != ModelFile.FormatVersion)
        {
            fields.Add($"The file is {format} version {version}; {ModelFile.FormatName} version {ModelFile.FormatVersion} expected.");
            return null;
        }

        fields.Only(root, Path, "format", "version", "kind", "algorithm", "threshold", "features", "parameters", "card", "golden");
        if (Features(root) is not { } features)
        {
            return null;
        }

        double threshold = fields.Number(root, Path, "threshold", 0, 1);
        string algorithm = fields.Text(root, Path, "algorithm");
        IScorer? scorer = fields.Member(root, Path, "parameters") is { } parameters ? Scorer(parameters, algorithm, features.Count) : null;
        ModelCard? card = fields.Member(root, Path, "card") is { } cardElement ? Card(cardElement) : null;
        List<GoldenRow> golden = Golden(root, features);
        return Problems.Count > 0 || scorer is null || card is null ? null : new LearnedModel(features, scorer, threshold, card, golden);
    }

    private FeatureSet? Features(JsonElement root)
    {
        const string Path = "$.features";
        string kind = fields.Text(root, "$", "kind");
        if (fields.Member(root, "$", "features") is not { } element || !fields.IsObject(element, Path) || Problems.Count > 0)
        {
            return null;
        }

        if (FeatureSet.Of(kind) is not { } known)
        {
            fields.Add($"$.kind is \"{Cited(kind)}\"; {string.Join(" or ", FeatureSet.All.Select(set => set.Kind))} expected.");
            return null;
        }

        fields.Only(element, Path, "version", "names");
        int version = fields.Whole(element, Path, "version", 1, int.MaxValue);
        if (Problems.Count == 0 && version != known.Version)
        {
            fields.Add($"{Path}.version is {version}; this build has version {known.Version} of the features of {kind}. Train the model again.");
            return null;
        }

        string[] names = fields.Texts(element, Path, "names", ModelLimits.LearnedFeatures);
        for (int i = 0; i < names.Length; i++)
        {
            if (known.IndexOf(names[i]) < 0)
            {
                fields.Add($"{Path}.names[{i}] is \"{Cited(names[i])}\", which is no feature of {kind}.");
            }
        }

        if (Problems.Count == 0 && !names.SequenceEqual(known.Features.Select(feature => feature.Name)))
        {
            fields.Add($"{Path}.names must be, in this order: {string.Join(", ", known.Features.Select(feature => feature.Name))}.");
        }

        return Problems.Count == 0 ? known : null;
    }

    private IScorer? Scorer(JsonElement parameters, string algorithm, int count)
    {
        const string Path = "$.parameters";
        if (!fields.IsObject(parameters, Path))
        {
            return null;
        }

        switch (algorithm)
        {
            case LogisticScorer.AlgorithmName:
                fields.Only(parameters, Path, "means", "deviations", "weights", "bias");
                Standardisation? standardisation = Standardised(parameters, Path, count);
                double[] weights = fields.Parameters(parameters, Path, "weights", count, count);
                double bias = fields.Parameter(parameters, Path, "bias");
                return standardisation is null || Problems.Count > 0 ? null : new LogisticScorer(standardisation, weights, bias);
            case TreeScorer.AlgorithmName:
                fields.Only(parameters, Path, "bias", "slope", "offset", "trees");
                return Trees(parameters, Path, count);
            case PcaScorer.AlgorithmName:
                fields.Only(parameters, Path, "means", "deviations", "centre", "components");
                return Pca(parameters, Path, count);
            default:
                fields.Add($"$.algorithm is \"{Cited(algorithm)}\"; {LogisticScorer.AlgorithmName}, {TreeScorer.AlgorithmName} or {PcaScorer.AlgorithmName} expected.");
                return null;
        }
    }

    private TreeScorer? Trees(JsonElement parameters, string path, int count)
    {
        double bias = fields.Parameter(parameters, path, "bias");
        double slope = fields.Parameter(parameters, path, "slope");
        double offset = fields.Parameter(parameters, path, "offset");
        List<DecisionTree> trees = [];
        foreach (JsonElement element in fields.Items(parameters, path, "trees", 1, ModelLimits.LearnedTrees))
        {
            string its = $"{path}.trees[{trees.Count}]";
            if (!fields.IsObject(element, its))
            {
                return null;
            }

            fields.Only(element, its, "weight", "feature", "threshold", "left", "right", "leaf");
            DecisionTree tree = new(
                fields.Parameter(element, its, "weight"),
                fields.Wholes(element, its, "feature", ModelLimits.LearnedSplits),
                fields.Singles(element, its, "threshold", 0, ModelLimits.LearnedSplits),
                fields.Wholes(element, its, "left", ModelLimits.LearnedSplits),
                fields.Wholes(element, its, "right", ModelLimits.LearnedSplits),
                fields.Parameters(element, its, "leaf", 1, ModelLimits.LearnedSplits + 1));
            if (Problems.Count > 0)
            {
                return null;
            }

            if (tree.Problem(count) is { } problem)
            {
                fields.Add($"{its} {problem}.");
                return null;
            }

            trees.Add(tree);
        }

        return Problems.Count > 0 ? null : new TreeScorer(count, trees, bias, slope, offset);
    }

    private PcaScorer? Pca(JsonElement parameters, string path, int count)
    {
        Standardisation? standardisation = Standardised(parameters, path, count);
        double[] centre = fields.Parameters(parameters, path, "centre", count, count);
        List<double[]> components = [];
        foreach (JsonElement element in fields.Items(parameters, path, "components", 1, count))
        {
            components.Add(fields.Parameters(element, $"{path}.components[{components.Count}]", count, count));
        }

        return standardisation is null || Problems.Count > 0 ? null : new PcaScorer(standardisation, centre, components);
    }

    private Standardisation? Standardised(JsonElement parameters, string path, int count)
    {
        double[] means = fields.Parameters(parameters, path, "means", count, count);
        double[] deviations = fields.Parameters(parameters, path, "deviations", count, count);
        int wrong = Array.FindIndex(deviations, deviation => deviation < ModelLimits.LearnedLeastDeviation);
        if (wrong >= 0)
        {
            fields.Add(string.Create(CultureInfo.InvariantCulture, $"{path}.deviations[{wrong}] is below {ModelLimits.LearnedLeastDeviation:0.######}."));
        }

        return Problems.Count > 0 ? null : new Standardisation(means, deviations);
    }

    private ModelCard? Card(JsonElement card)
    {
        const string Path = "$.card";
        if (!fields.IsObject(card, Path))
        {
            return null;
        }

        fields.Only(card, Path, "trainer", "trainerDetail", "date", "dataSha256", "data", "trained", "compared", "metrics");
        string trainer = fields.Text(card, Path, "trainer");
        string detail = fields.Text(card, Path, "trainerDetail");
        long dateMs = fields.Time(card, Path, "date");
        string hash = fields.Text(card, Path, "dataSha256");
        string? data = card.TryGetProperty("data", out _) ? fields.Text(card, Path, "data") : null;
        if (Problems.Count == 0 && (hash.Length != 64 || !hash.All(char.IsAsciiHexDigitLower)))
        {
            fields.Add($"{Path}.dataSha256 must be 64 hexadecimal digits, letters small.");
        }

        CardRows trained = Rows(card, Path, "trained");
        CardRows compared = Rows(card, Path, "compared");
        Metrics? metrics = fields.Member(card, Path, "metrics") is { } element ? ReadMetrics(element, $"{Path}.metrics") : null;
        if (metrics is not null && Problems.Count == 0 && (metrics.Rows != compared.Rows || metrics.Positives != compared.Positives))
        {
            fields.Add($"{Path}.metrics is of {metrics.Rows} rows with {metrics.Positives} positives, and {Path}.compared names {compared.Rows} with {compared.Positives}.");
        }

        return metrics is null || Problems.Count > 0
            ? null
            : new ModelCard { Trainer = trainer, TrainerDetail = detail, DateMs = dateMs, DataSha256 = hash, Data = data, Trained = trained, Compared = compared, Metrics = metrics };
    }

    private CardRows Rows(JsonElement card, string path, string name)
    {
        string its = $"{path}.{name}";
        if (fields.Member(card, path, name) is not { } element || !fields.IsObject(element, its))
        {
            return default;
        }

        fields.Only(element, its, "rows", "positives", "from", "to");
        int rows = fields.Whole(element, its, "rows", 0, ModelLimits.TrainingRows);
        return new CardRows(rows, fields.Whole(element, its, "positives", 0, rows), fields.Time(element, its, "from"), fields.Time(element, its, "to"));
    }

    private Metrics? ReadMetrics(JsonElement element, string path)
    {
        if (!fields.IsObject(element, path))
        {
            return null;
        }

        fields.Only(element, path, "truePositives", "falsePositives", "falseNegatives", "trueNegatives", "precision", "recall", "auc", "brier", "calibration");
        List<CalibrationBin> bins = [];
        foreach (JsonElement bin in fields.Items(element, path, "calibration", 0, Metrics.Bins))
        {
            string its = $"{path}.calibration[{bins.Count}]";
            if (!fields.IsObject(bin, its))
            {
                return null;
            }

            fields.Only(bin, its, "rows", "positives", "meanScore");
            int rows = fields.Whole(bin, its, "rows", 0, ModelLimits.TrainingRows);
            bins.Add(new CalibrationBin(rows, fields.Whole(bin, its, "positives", 0, rows), fields.Number(bin, its, "meanScore", 0, 1)));
        }

        Metrics metrics = new()
        {
            TruePositives = fields.Whole(element, path, "truePositives", 0, ModelLimits.TrainingRows),
            FalsePositives = fields.Whole(element, path, "falsePositives", 0, ModelLimits.TrainingRows),
            FalseNegatives = fields.Whole(element, path, "falseNegatives", 0, ModelLimits.TrainingRows),
            TrueNegatives = fields.Whole(element, path, "trueNegatives", 0, ModelLimits.TrainingRows),
            Auc = fields.OptionalNumber(element, path, "auc", 0, 1),
            Brier = fields.OptionalNumber(element, path, "brier", 0, 1),
            Calibration = bins,
        };

        // Both follow from the counts. A card that somebody improved by hand is found out here.
        Agree(element, path, "precision", metrics.Precision);
        Agree(element, path, "recall", metrics.Recall);
        return metrics;
    }

    private void Agree(JsonElement element, string path, string name, double? expected)
    {
        double? stated = fields.OptionalNumber(element, path, name, 0, 1);
        if (Problems.Count == 0 && (stated is null != expected is null || Math.Abs((stated ?? 0) - (expected ?? 0)) > 1e-9))
        {
            fields.Add($"{path}.{name} does not follow from the counts beside it.");
        }
    }

    private List<GoldenRow> Golden(JsonElement root, FeatureSet features)
    {
        List<GoldenRow> golden = [];
        foreach (JsonElement element in fields.Items(root, "$", "golden", 1, ModelLimits.LearnedGoldenRows))
        {
            string path = $"$.golden[{golden.Count}]";
            if (!fields.IsObject(element, path))
            {
                break;
            }

            fields.Only(element, path, "vector", "score");
            golden.Add(new GoldenRow(fields.Singles(element, path, "vector", features.Count, features.Count), fields.Number(element, path, "score", 0, 1)));
        }

        return golden;
    }

    private static string Cited(string text) => text.Length <= 40 ? text : $"{text[..40]}...";
}
