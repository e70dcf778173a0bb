using Streaming.Silo.Host;
using Streaming.Silo.Journal;

namespace Streaming.Silo.Cli;

/// <summary><c>verify</c>: checks a journal, with its archives, the identities of past readings, and the records of cases.</summary>
internal static class Verify
{
    /// <summary>Name of the journal's directory within the data directory.</summary>
    public const string JournalDirectory = "journal";

    /// <summary>Name of the directory of the identities of past readings.</summary>
    private const string HistoryDirectory = "history";

    /// <summary>Takes the data directory, or the journal's own.</summary>
    public static int Run(string directory, TextWriter output, TextWriter error) =>
        OnJournal(directory, error, disk => Math.Max(JournalVerifier.Run(disk, output), Math.Max(RunHistory(Path.Combine(directory, HistoryDirectory), output), new Sealing.RecordsVerifier(directory, output).Run())));

    /// <summary>Opens the journal of a data directory, or the journal's own, for reading alone; where there is none, or it cannot be read, says so and returns 1.</summary>
    public static int OnJournal(string directory, TextWriter error, Func<IDisk, int> run)
    {
        string inner = Path.Combine(directory, JournalDirectory);
        try
        {
            using RealDisk disk = RealDisk.ForReading(Directory.Exists(inner) ? inner : directory);
            if (!disk.List().Any(name => JournalLayout.TryParseSegmentName(name, out _)))
            {
                error.WriteLine($"{directory} has no journal: a data directory with {JournalDirectory}/ in it, or that directory itself, was expected.");
                return 1;
            }

            return run(disk);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            error.WriteLine($"{directory} cannot be read: {failure.Message}");
            return 1;
        }
    }

    private static int RunHistory(string directory, TextWriter output)
    {
        if (!Directory.Exists(directory))
        {
            return 0;
        }

        using RealDisk disk = RealDisk.ForReading(directory);
        (int files, _, IReadOnlyList<string> damages) = HistoryFiles.Verify(disk, long.MaxValue);
        foreach (string damage in damages)
        {
            output.WriteLine($"DAMAGED: {damage}");
        }

        output.WriteLine(damages.Count == 0 ? $"The identities of past readings are sound: {files} files." : "Identities of past readings are damaged.");
        return damages.Count == 0 ? 0 : 1;
    }
}
