using System.Text;
using System.Text.Json.Nodes;
using Streaming.Models;
using Streaming.Models.Learned;
using Streaming.Models.Learned.Training;
using Xunit;

namespace Streaming.Tests.Learned;

public sealed class ModelFileTests
{
    private static readonly byte[] Logistic = Written(new BaselineTrainer(), MadeRows.Overloads(300));
    private static readonly byte[] Pca = Written(new BaselinePcaTrainer(), MadeRows.Signatures(300));

    [Fact]
    public void A_file_reads_back_to_the_same_bytes_and_the_same_scores()
    {
        foreach (byte[] file in new[] { Logistic, Pca, Trees() })
        {
            LearnedModel model = Read(file);
            Assert.Equal(file, ModelFile.Write(model));
            Assert.Null(model.Verify());
        }

        LearnedModel read = Read(Logistic);
        IScorer trained = new BaselineTrainer().Train(MadeRows.Overloads(300).Split(Comparison.LaterShare).Earlier).Scorer;
        Assert.All(MadeRows.Anywhere(read.Features, 1_000, 7), vector => Assert.Equal(trained.Score(vector), read.Score(vector)));
    }

    [Fact]
    public void A_golden_row_that_scores_otherwise_is_named()
    {
        LearnedModel model = Read(Changed(Logistic, file => file["golden"]![3]!["score"] = (file["golden"]![3]!["score"]!.GetValue<double>() / 2) + 0.0002));
        Assert.StartsWith("Golden row 3 scores ", model.Verify(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("version", "2", "is streaming-model version 2; streaming-model version 1 expected")]
    [InlineData("format", "\"other\"", "is other version 1")]
    [InlineData("kind", "\"over-the-moon\"", "$.kind is \"over-the-moon\"; over-road-limit or over-rated-load or axle-signature or tank-behaviour or axle-history or tank-norm expected")]
    [InlineData("algorithm", "\"oracle\"", "$.algorithm is \"oracle\"; logistic, trees or pca expected")]
    [InlineData("threshold", "1.5", "$.threshold must be a number from 0 to 1")]
    [InlineData("threshold", "null", "$.threshold must be a number")]
    [InlineData("features.version", "9", "$.features.version is 9; this build has version 2")]
    [InlineData("features.names.0", "\"shoeSize\"", "$.features.names[0] is \"shoeSize\", which is no feature of over-road-limit")]
    [InlineData("features.names.0", "\"hour\"", "$.features.names must be, in this order: overPct")]
    [InlineData("parameters.weights.2", "1e999", "$.parameters.weights[2] must be a number from -1000000000 to 1000000000")]
    [InlineData("parameters.weights", "[1]", "$.parameters.weights must be a list of 14")]
    [InlineData("parameters.deviations.4", "0", "$.parameters.deviations[4] is below 0.000001")]
    [InlineData("parameters.more", "1", "$.parameters has \"more\", which is not known there")]
    [InlineData("parameters", "[]", "$.parameters must be an object")]
    [InlineData("card.date", "\"2026-11-20T08:00:00\"", "$.card.date must be a time with its offset")]
    [InlineData("card.dataSha256", "\"abc\"", "$.card.dataSha256 must be 64 hexadecimal digits")]
    [InlineData("card.metrics.precision", "1", "$.card.metrics.precision does not follow from the counts")]
    [InlineData("card.metrics.trueNegatives", "7", "$.card.metrics is of ")]
    [InlineData("card.trained.positives", "100000", "$.card.trained.positives must be a whole number from 0 to 210")]
    [InlineData("golden.1.vector", "[1,2]", "$.golden[1].vector must be a list of 14")]
    [InlineData("golden.1.vector.0", "1e39", "$.golden[1].vector[0] must be a finite number")]
    [InlineData("golden", "[]", "$.golden must be a list of 1 to 1000")]
    [InlineData("golden", null, "$.golden is missing")]
    public void What_is_wrong_in_a_file_is_said_with_its_place(string place, string? value, string problem)
    {
        Assert.Null(ModelFile.Read(Set(Logistic, place, value), out IReadOnlyList<string> problems));
        Assert.Contains(problem, string.Join('\n', problems), StringComparison.Ordinal);
        Assert.InRange(problems.Count, 1, ModelLimits.LearnedProblems);
    }

    [Theory]
    [InlineData("left.0", "0", "reaches split 0 twice")]
    [InlineData("right.1", "1", "reaches split 1 twice")]
    [InlineData("left.1", "-1", "reaches leaf 0 twice")]
    [InlineData("right.0", "-2", "has parts that nothing leads to")]
    [InlineData("left.0", "2", "has a child 2, which is neither")]
    [InlineData("left.0", "-4", "has a child -4, which is neither")]
    [InlineData("left.0", "-2147483648", "has a child -2147483648, which is neither")]
    [InlineData("feature.1", "14", "splits by feature 14, and there are 14")]
    [InlineData("feature.1", "-1", "splits by feature -1")]
    [InlineData("leaf", "[1,2]", "one leaf more, expected")]
    [InlineData("threshold.0", "1.5e300", "must be a finite number")]
    public void No_tree_can_lead_in_a_circle_or_out_of_its_lists(string place, string value, string problem)
    {
        Assert.Null(ModelFile.Read(Set(Trees(), $"parameters.trees.0.{place}", value), out IReadOnlyList<string> problems));
        string said = Assert.Single(problems);
        Assert.StartsWith("$.parameters.trees[0]", said, StringComparison.Ordinal);
        Assert.Contains(problem, said, StringComparison.Ordinal);
    }

    [Fact]
    public void What_nothing_leads_to_is_refused()
    {
        // Splits 1 and 2 lead to each other, and no path comes to them.
        DecisionTree tree = new(1, [0, 0, 0], [1, 1, 1], [~0, 2, ~2], [~1, ~3, 1], [1, 2, 3, 4]);
        Assert.Equal("has parts that nothing leads to", tree.Problem(1));
    }

    [Fact]
    public void Every_truncation_is_refused_and_none_throws()
    {
        for (int length = 0; length < Logistic.Length - 1; length++)
        {
            Assert.Null(ModelFile.Read(Logistic.AsMemory(0, length), out IReadOnlyList<string> problems));
            Assert.NotEmpty(problems);
        }
    }

    [Fact]
    public void A_flipped_byte_is_refused_or_reads_as_a_sound_model()
    {
        byte[] file = Pca;
        Random random = new(5);
        for (int i = 0; i < 3_000; i++)
        {
            byte[] flipped = [.. file];
            flipped[random.Next(file.Length)] ^= (byte)(1 << random.Next(8));
            LearnedModel? model = ModelFile.Read(flipped, out IReadOnlyList<string> problems);
            Assert.Equal(model is null, problems.Count > 0);
            Assert.True(model is null || model.Scorer.Score(new float[model.Features.Count]) is >= 0 and <= 1);
        }
    }

    [Fact]
    public void A_text_that_is_half_a_pair_of_surrogates_is_refused()
    {
        byte[] file = Encoding.UTF8.GetBytes(Encoding.UTF8.GetString(Logistic).Replace("baseline-logistic", "\\ud800", StringComparison.Ordinal));
        Assert.Null(ModelFile.Read(file, out IReadOnlyList<string> problems));
        Assert.StartsWith("The file is not JSON", Assert.Single(problems), StringComparison.Ordinal);
    }

    [Fact]
    public void A_file_that_is_too_large_is_not_looked_at()
    {
        Assert.Null(ModelFile.Read(new byte[ModelLimits.LearnedFileBytes + 1], out IReadOnlyList<string> problems));
        Assert.Contains("at most 8388608 expected", Assert.Single(problems), StringComparison.Ordinal);
    }

    private static LearnedModel Read(byte[] file)
    {
        LearnedModel? model = ModelFile.Read(file, out IReadOnlyList<string> problems);
        Assert.True(model is not null, string.Join('\n', problems));
        return model;
    }

    private static byte[] Written(ITrainer trainer, TrainingSet rows)
    {
        Comparison? comparison = Comparison.Run(rows, [trainer], out string? problem);
        Assert.True(comparison is not null, problem);
        return ModelFile.Write(comparison.Models[0].Model);
    }

    private static byte[] Trees()
    {
        LearnedModel model = Read(Logistic);
        TreeScorer scorer = new(14, [new(1, [0, 1], [10, 5.5f], [~0, ~1], [1, ~2], [-1, 2, 0.5])], 0, -1, 0);
        return ModelFile.Write(new LearnedModel(model.Features, scorer, 0.5, model.Card, [.. model.Golden.Select(row => new GoldenRow(row.Vector, scorer.Score([.. row.Vector])))]));
    }

    private static byte[] Changed(byte[] file, Action<JsonNode> change)
    {
        JsonNode root = JsonNode.Parse(file)!;
        change(root);
        return Encoding.UTF8.GetBytes(root.ToJsonString());
    }

    private static byte[] Set(byte[] file, string place, string? value) => Changed(file, root =>
    {
        string[] path = place.Split('.');
        JsonNode at = root;
        foreach (string step in path[..^1])
        {
            at = at is JsonArray list ? list[int.Parse(step)]! : at[step]!;
        }

        if (value is null)
        {
            at.AsObject().Remove(path[^1]);
        }
        else if (at is JsonArray list)
        {
            list[int.Parse(path[^1])] = JsonNode.Parse(value);
        }
        else
        {
            at[path[^1]] = JsonNode.Parse(value);
        }
    });
}
