using System.Security.Cryptography;

namespace Streaming.Silo.Hosting;

/// <summary>
/// The file <c>identity</c> of a data directory: the journal's name, made at the first start, and where the states built from it are kept. States hold positions of this journal and of no other, so states elsewhere would be
/// taken for ones that have inputs which they never had.
/// </summary>
internal sealed record DataIdentity(string Journal, string StatesIn)
{
    public const string Embedded = "embedded";
    public const string PostgreSql = "postgresql";
    private const string FileName = "identity";

    /// <summary>Reads the file, or makes it.</summary>
    /// <exception cref="InvalidDataException">The states are kept elsewhere than asked for.</exception>
    public static DataIdentity Open(string directory, string statesIn)
    {
        string path = Path.Combine(directory, FileName);
        if (!File.Exists(path))
        {
            // A directory from before this file was written has its states beside its journal.
            string journalDirectory = Path.Combine(directory, "journal");
            string found = Directory.Exists(journalDirectory) && Directory.EnumerateFiles(journalDirectory, "journal-*.seg").Any() ? Embedded : statesIn;
            Make(path, found);
        }

        string[] lines = File.ReadAllLines(path);
        if (lines is not [{ Length: > 0 } journal, Embedded or PostgreSql, ..])
        {
            throw new InvalidDataException($"{path} is not readable. Restore it from a copy of the directory; its first line names the journal, its second says where the states are ({Embedded} or {PostgreSql}).");
        }

        return lines[1] == statesIn
            ? new DataIdentity(journal, statesIn)
            : throw new InvalidDataException(lines[1] == Embedded
                ? $"The states of {directory} are kept in its state.db. Start it without --cluster; a cluster begins with a data directory of its own."
                : $"The states of {directory} are kept in PostgreSQL. Start it with --cluster and the connection string of that database.");
    }

    private static void Make(string path, string statesIn)
    {
        try
        {
            string temporary = path + ".new";
            File.WriteAllText(temporary, $"{Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(16))}\n{statesIn}\n");
            File.Move(temporary, path);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            throw new InvalidDataException($"{path} cannot be written: {failure.Message} See that the disk is not full and that this user may write the data directory.", failure);
        }
    }
}
