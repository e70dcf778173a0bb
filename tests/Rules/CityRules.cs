using Streaming.Grains.Rules;

namespace Streaming.Tests.Rules;

/// <summary>The rulebook of <c>deploy/city</c>, as it is shipped.</summary>
internal static class CityRules
{
    public static string Directory { get; } = FindDirectory();

    public static Rulebook Shipped { get; } = Load();

    /// <summary>The shipped files, to be changed and loaded again.</summary>
    public static Dictionary<string, string> Files() =>
        System.IO.Directory.GetFiles(Directory, "*.json").ToDictionary(path => Path.GetFileName(path), File.ReadAllText);

    /// <summary>The shipped files with one replacement in one of them.</summary>
    public static Dictionary<string, string> Files(string file, string find, string replace)
    {
        Dictionary<string, string> files = Files();
        int at = files[file].IndexOf(find, StringComparison.Ordinal);
        files[file] = at < 0
            ? throw new InvalidOperationException($"{file} does not contain {find}.")
            : files[file][..at] + replace + files[file][(at + find.Length)..];
        return files;
    }

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
