using System.Globalization;

namespace Streaming.Silo.Cli;

/// <summary>How many files, connections included, this process may have open.</summary>
internal static class OpenFileLimit
{
    private const string Limits = "/proc/self/limits";

    /// <summary>Whether the system has such a limit at all.</summary>
    public static bool Exists => File.Exists(Limits);

    /// <summary>The limit; null where there is none.</summary>
    public static int? Most
    {
        get
        {
            // "Max open files            1024                 524288               files": soft, then hard. The runtime raises the soft limit to the hard one.
            string? line = Exists ? File.ReadLines(Limits).FirstOrDefault(text => text.StartsWith("Max open files", StringComparison.Ordinal)) : null;
            string[] words = line?.Split(' ', StringSplitOptions.RemoveEmptyEntries) ?? [];
            return words.Length >= 5 && int.TryParse(words[4], NumberStyles.None, CultureInfo.InvariantCulture, out int most) ? most : null;
        }
    }
}
