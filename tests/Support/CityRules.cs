using Streaming.Grains.Rules;

namespace Streaming.Tests.Support;

/// <summary>The rulebook of the demo city, as the repository ships it.</summary>
internal static class CityRules
{
    private static readonly Lazy<Rulebook> Loaded = new(() =>
        Rulebook.Load(Directory, out IReadOnlyList<RulebookProblem> problems)
        ?? throw new InvalidDataException($"deploy/city is not valid: {string.Join("; ", problems)}"));

    public static string Directory
    {
        get
        {
            for (DirectoryInfo? folder = new(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
            {
                string city = Path.Combine(folder.FullName, "deploy", "city");
                if (System.IO.Directory.Exists(city))
                {
                    return city;
                }
            }

            throw new DirectoryNotFoundException("deploy/city was not found above the tests.");
        }
    }

    public static Rulebook Load() => Loaded.Value;
}
