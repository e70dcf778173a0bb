using Streaming.Silo.Journal;

namespace Streaming.Silo.Cli;

/// <summary><c>verify</c>: checks a journal.</summary>
internal static class Verify
{
    /// <summary>Name of the journal's directory within the data directory.</summary>
    public const string JournalDirectory = "journal";

    /// <summary>Takes the data directory, or the journal's own.</summary>
    public static int Run(string directory, TextWriter output, TextWriter error) => OnJournal(directory, error, disk => JournalVerifier.Run(disk, output));

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
}
