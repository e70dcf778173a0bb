using System.Globalization;
using Streaming.Models;
using Streaming.Models.Learned;
using Streaming.Models.Learned.Training;
using Streaming.Silo.Cli;
using Streaming.Silo.Journal;

namespace Streaming.Silo.Training;

/// <summary><c>train</c>: models from labelled rows. It reads and writes files, the models do the rest.</summary>
internal static class TrainVerb
{
    /// <summary>Rows that were made of closed cases, in the directory of the training files.</summary>
    public const string HandledCasesFile = "handled-cases.jsonl";

    private const string Pattern = "*.jsonl";

    /// <summary>The kinds that there is something to learn of, as a sentence has them.</summary>
    public static string Kinds { get; } = string.Join(" or ", FeatureSet.All.Select(set => set.Kind));

    public static bool IsKind(string kind) => FeatureSet.Of(kind) is not null;

    /// <summary>Returns 1 where a line was left out, a kind could not be trained, or a file could not be written.</summary>
    public static int Run(TrainOptions options, TextWriter output, TextWriter error, CancellationToken cancellation) => Run(options, Trainers.All, output, error, cancellation);

    /// <summary>The same with trainers of the caller's choice.</summary>
    public static int Run(TrainOptions options, IReadOnlyList<ITrainer> trainers, TextWriter output, TextWriter error, CancellationToken cancellation)
    {
        try
        {
            int made = options.CasesOf is { } data ? MakeRows(data, options, output, error, cancellation) : 0;
            return made != 0 ? made : Train(options, trainers, output, error, cancellation);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            error.WriteLine(failure.Message);
            return 1;
        }
    }

    /// <summary>Puts the rows of closed cases beside the other training files, in place of those made before.</summary>
    private static int MakeRows(string data, TrainOptions options, TextWriter output, TextWriter error, CancellationToken cancellation) => Verify.OnJournal(data, error, disk =>
    {
        HandledCases cases;
        try
        {
            cases = HandledCases.Of(disk, cancellation);
        }
        catch (JournalDamagedException damage)
        {
            error.WriteLine(damage.Message);
            return 1;
        }

        string path = Path.Combine(options.Directory, HandledCasesFile);
        string part = path + ".part";
        using (FileStream stream = File.Create(part))
        {
            cases.Write(stream);
        }

        File.Move(part, path, overwrite: true);
        if (!options.Json)
        {
            output.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"{cases.Rows.Count} rows of closed cases ({cases.Rows.Count(row => row.Label)} found true); {cases.Unlabelled} cases with an outcome that says nothing of the warning, {cases.WithoutReading} whose reading is not kept or not over a limit: {path}"));
        }

        return 0;
    });

    private static int Train(TrainOptions options, IReadOnlyList<ITrainer> trainers, TextWriter output, TextWriter error, CancellationToken cancellation)
    {
        string[] files = Directory.GetFiles(options.Directory, Pattern);
        Array.Sort(files, StringComparer.Ordinal);
        if (files.Length == 0)
        {
            error.WriteLine($"{options.Directory} has no {Pattern}: files with a labelled row a line were expected. models/README.md says what a row is.");
            return 1;
        }

        TrainingReader reader = new(options.Kind);
        foreach (string file in files)
        {
            cancellation.ThrowIfCancellationRequested();
            using FileStream stream = File.OpenRead(file);
            reader.Read(Path.GetFileName(file), stream);
        }

        SayLeftOut(reader, error);
        List<Comparison> comparisons = [];
        bool wrong = reader.LinesLeftOut > 0;
        TrainingSet[] sets = [.. FeatureSet.All.Select(reader.Of).OfType<TrainingSet>()];
        if (sets.Length == 0)
        {
            error.WriteLine($"{options.Directory} has no row of {options.Kind ?? Kinds}.");
            return 1;
        }

        foreach (TrainingSet rows in sets)
        {
            cancellation.ThrowIfCancellationRequested();
            if (Comparison.Run(rows, trainers, out string? problem, options.Data) is { } comparison)
            {
                comparisons.Add(comparison);
            }
            else
            {
                error.WriteLine(problem);
                wrong = true;
            }
        }

        List<WrittenModel> written = [];
        foreach (ComparedModel compared in comparisons.SelectMany(comparison => comparison.Models))
        {
            wrong |= !TryWrite(compared.Model, options.OutDirectory, written, error);
        }

        if (options.Json)
        {
            output.WriteLine(TrainReport.Json(reader, comparisons, written));
        }
        else
        {
            TrainReport.Print(output, comparisons, written);
        }

        return wrong ? 1 : 0;
    }

    private static void SayLeftOut(TrainingReader reader, TextWriter error)
    {
        foreach (string problem in reader.Problems)
        {
            error.WriteLine(problem);
        }

        if (reader.LinesLeftOut > 0)
        {
            error.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{reader.LinesLeftOut} lines are left out{(reader.LinesLeftOut > reader.Problems.Count ? ", the first of which are named above" : "")}."));
        }
    }

    /// <summary>Writes one model, after it was read back and checked: a file that a silo would refuse is worse than none.</summary>
    private static bool TryWrite(LearnedModel model, string? directory, List<WrittenModel> written, TextWriter error)
    {
        byte[] bytes = ModelFile.Write(model);
        LearnedModel? readBack = ModelFile.Read(bytes, out IReadOnlyList<string> problems);
        string? problem = readBack is null ? string.Join(" ", problems) : readBack.Verify();
        if (problem is not null)
        {
            error.WriteLine($"{model.Card.Trainer} of {model.Features.Kind} makes no sound file, and none is written: {problem}");
            return false;
        }

        if (directory is null)
        {
            return true;
        }

        Directory.CreateDirectory(directory);
        string path = Path.Combine(directory, $"{model.Features.Kind}.{model.Card.Trainer}{ModelFile.Extension}");

        // A silo that reads the directory meanwhile sees the old file or the new one, never a part.
        string part = path + ".part";
        File.WriteAllBytes(part, bytes);
        File.Move(part, path, overwrite: true);
        written.Add(new WrittenModel(model, path));
        return true;
    }
}

/// <summary>A model and the file that it went to.</summary>
internal sealed record WrittenModel(LearnedModel Model, string Path);
