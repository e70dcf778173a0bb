using System.Globalization;
using System.Text;
using System.Text.Json;
using Streaming.Models.Learned;
using Streaming.Models.Learned.Training;
using Streaming.Silo.Cli;
using Streaming.Silo.Training;
using Streaming.Tests.Learned;
using Xunit;

namespace Streaming.Tests.Training;

public sealed class TrainVerbTests : IDisposable
{
    private readonly string directory = Directory.CreateTempSubdirectory("train").FullName;
    private readonly StringWriter output = new();
    private readonly StringWriter error = new();

    private string Out => Path.Combine(directory, "models");

    public void Dispose() => Directory.Delete(directory, recursive: true);

    [Fact]
    public void Every_trainer_of_the_build_writes_a_file_that_is_sound_and_the_best_is_named()
    {
        Write("a.jsonl", MadeRows.Overloads(400));
        Write("b.jsonl", MadeRows.Signatures(400));
        Assert.Equal(0, Run(null));
        Assert.Equal("", error.ToString());
        string[] files = [.. Directory.GetFiles(Out).Order(StringComparer.Ordinal)];
        Assert.Equal(Trainers.All.Count, files.Length);
        Assert.Contains(Path.Combine(Out, "over-road-limit.baseline-logistic.model.json"), files);
        Assert.Contains(Path.Combine(Out, "axle-signature.baseline-pca.model.json"), files);
        foreach (string file in files)
        {
            LearnedModel? model = ModelFile.Read(File.ReadAllBytes(file), out IReadOnlyList<string> problems);
            Assert.True(model is not null, string.Join('\n', problems));
            Assert.Null(model.Verify());
            Assert.Contains($"written: {file}", output.ToString(), StringComparison.Ordinal);
        }

        Assert.Contains("over-road-limit: trained on 280 rows,", output.ToString(), StringComparison.Ordinal);
        Assert.Contains("Best by Brier score: ", output.ToString(), StringComparison.Ordinal);
        Assert.Contains("Best by AUC: ", output.ToString(), StringComparison.Ordinal);
        Assert.All(Trainers.All, trainer => Assert.Contains($"\n{trainer.Name} ", output.ToString(), StringComparison.Ordinal));
    }

    [Fact]
    public void The_same_rows_in_other_files_and_another_order_give_the_same_models()
    {
        TrainingSet rows = MadeRows.Overloads(300);
        Write("a.jsonl", rows);
        Assert.Equal(0, Run("over-road-limit"));
        byte[] first = File.ReadAllBytes(Path.Combine(Out, "over-road-limit.baseline-logistic.model.json"));
        File.Delete(Path.Combine(directory, "a.jsonl"));
        WriteLines("x.jsonl", rows, rows.Rows.Take(100).Reverse());
        WriteLines("b.jsonl", rows, rows.Rows.Skip(100));
        Assert.Equal(0, Run("over-road-limit"));
        Assert.Equal(first, File.ReadAllBytes(Path.Combine(Out, "over-road-limit.baseline-logistic.model.json")));
        Assert.Empty(Directory.GetFiles(Out, "*.part"));
    }

    [Fact]
    public void One_JSON_line_has_stations_and_calibration_too()
    {
        Write("a.jsonl", MadeRows.Overloads(300));
        Assert.Equal(0, Run("over-road-limit", json: true));
        JsonElement kind = Assert.Single(JsonDocument.Parse(Assert.Single(output.ToString().Split('\n', StringSplitOptions.RemoveEmptyEntries))).RootElement.GetProperty("kinds").EnumerateArray());
        JsonElement trainer = kind.GetProperty("trainers")[0];
        Assert.Equal("baseline-logistic", trainer.GetProperty("trainer").GetString());
        Assert.Equal(3, trainer.GetProperty("stations").GetArrayLength());
        Assert.Equal(10, trainer.GetProperty("calibration").GetArrayLength());
        Assert.Equal("Brier score", kind.GetProperty("bestBy").GetString());
    }

    [Fact]
    public void Without_a_place_to_write_to_nothing_is_written()
    {
        Write("a.jsonl", MadeRows.Overloads(300));
        Assert.Equal(0, TrainVerb.Run(new TrainOptions(directory, null, null, false), output, error, CancellationToken.None));
        Assert.Equal([Path.Combine(directory, "a.jsonl")], Directory.GetFileSystemEntries(directory));
        Assert.DoesNotContain("written", output.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void A_directory_without_training_files_says_what_was_expected()
    {
        Assert.Equal(1, Run(null));
        Assert.Contains($"{directory} has no *.jsonl: files with a labelled row a line were expected.", error.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void A_directory_without_rows_of_the_kind_says_so()
    {
        Write("a.jsonl", MadeRows.Overloads(100));
        Assert.Equal(1, Run("axle-signature"));
        Assert.Contains("has no row of axle-signature.", error.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void Labels_of_one_class_teach_nothing()
    {
        TrainingSet rows = MadeRows.Overloads(100);
        Write("a.jsonl", new TrainingSet(rows.Features, rows.Rows.Select(row => row with { Label = true })));
        Assert.Equal(1, Run(null));
        Assert.Contains("All 70 earlier rows of over-road-limit are labelled true, so there is nothing to tell apart.", error.ToString(), StringComparison.Ordinal);
        Assert.False(Directory.Exists(Out));
    }

    [Fact]
    public void Too_few_rows_are_refused()
    {
        Write("a.jsonl", MadeRows.Overloads(49));
        Assert.Equal(1, Run(null));
        Assert.Contains("over-road-limit has 49 rows; at least 50 expected.", error.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void Lines_that_are_not_right_are_named_and_the_rest_is_trained_on()
    {
        Write("a.jsonl", MadeRows.Overloads(300));
        File.AppendAllText(Path.Combine(directory, "a.jsonl"), "{\"kind\":7}\n");
        Assert.Equal(1, Run(null));
        Assert.Contains("a.jsonl:301: $.kind must be a text", error.ToString(), StringComparison.Ordinal);
        Assert.Contains("1 lines are left out.", error.ToString(), StringComparison.Ordinal);
        Assert.True(File.Exists(Path.Combine(Out, "over-road-limit.baseline-logistic.model.json")));
    }

    [Fact]
    public void A_place_that_cannot_be_written_to_is_said_without_a_stack()
    {
        Write("a.jsonl", MadeRows.Overloads(100));
        File.WriteAllText(Out, "a file, not a directory");
        Assert.Equal(1, Run(null));
        Assert.Contains(Out, error.ToString(), StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", error.ToString(), StringComparison.Ordinal);
    }

    private int Run(string? kind, bool json = false) => TrainVerb.Run(new TrainOptions(directory, kind, Out, json), output, error, CancellationToken.None);

    private void Write(string name, TrainingSet rows) => WriteLines(name, rows, rows.Rows);

    private void WriteLines(string name, TrainingSet set, IEnumerable<TrainingRow> rows)
    {
        StringBuilder text = new();
        foreach (TrainingRow row in rows)
        {
            string features = string.Join(',', set.Features.Features.Select((feature, i) => string.Create(CultureInfo.InvariantCulture, $"\"{feature.Name}\":{row.Vector[i]}")));
            string at = DateTimeOffset.FromUnixTimeMilliseconds(row.AtMs).ToString("yyyy-MM-ddTHH:mm:ssZ", CultureInfo.InvariantCulture);
            text.Append($$"""{"kind":"{{set.Features.Kind}}","at":"{{at}}","source":"{{row.Source}}","features":{{{features}}},"label":{{(row.Label ? "true" : "false")}}}""").Append('\n');
        }

        File.WriteAllText(Path.Combine(directory, name), text.ToString());
    }
}
