using Streaming.Grains.Rules;

namespace Streaming.Determinism;

/// <summary>The rulebook of <c>deploy/city</c>, found above wherever the tests were built.</summary>
public static class ShippedCity
{
    public static string Directory { get; } = FindDirectory();

    /// <summary>As version 1.</summary>
    public static Rulebook Rules { get; } = Load();

    private static Rulebook Load()
    {
        Rulebook? rulebook = Rulebook.Load(Directory, out IReadOnlyList<RulebookProblem> problems);
        return rulebook?.WithVersion(1) ?? throw new InvalidOperationException(string.Join(Environment.NewLine, problems));
    }

    private static string FindDirectory()
    {
        for (DirectoryInfo? directory = new(AppContext.BaseDirectory); directory is not null; directory = directory.Parent)
        {
            string candidate = Path.Combine(directory.FullName, "deploy", "city");
            if (System.IO.Directory.Exists(candidate) && File.Exists(Path.Combine(directory.FullName, "Streaming.sln")))
            {
                return candidate;
            }
        }

        throw new DirectoryNotFoundException("deploy/city was not found above " + AppContext.BaseDirectory);
    }
}
