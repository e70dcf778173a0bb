using System.Text.RegularExpressions;
using Streaming.Determinism;
using Streaming.Grains.Rules;

namespace Streaming.Tests.Rules;

/// <summary>The rulebook of <c>deploy/city</c>, as it is shipped.</summary>
internal static class CityRules
{
    public static string Directory => ShippedCity.Directory;

    public static Rulebook Shipped => ShippedCity.Rules;

    /// <summary>The shipped files, to be changed and loaded again.</summary>
    public static Dictionary<string, string> Files() =>
        System.IO.Directory.GetFiles(Directory, "*.json").ToDictionary(path => Path.GetFileName(path), File.ReadAllText);

    /// <summary>The shipped rulebook without the times to accept and without warnings before a deadline: of a work order that nobody touches nothing is heard until its deadline.</summary>
    public static Rulebook DeadlinesOnly { get; } = WithoutEarlyWarnings();

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

    private static Rulebook WithoutEarlyWarnings()
    {
        Dictionary<string, string> files = Files();
        files["workflows.json"] = Regex.Replace(files["workflows.json"], @"""acceptWithin"": \{[^}]*\},|, ""warnBeforeHours"": \d+", "");
        return Rulebook.Load(files, out IReadOnlyList<RulebookProblem> problems) ?? throw new InvalidOperationException(string.Join(" ", problems));
    }
}
