using System.Data.Common;

namespace Streaming.Silo.Cli;

/// <summary>The connection string of <c>--cluster</c>: looked at before anything is opened with it, and shown without its secrets.</summary>
internal static class ClusterText
{
    /// <summary>What may be shown. A list of what may not would miss the next driver's word for a password.</summary>
    private static readonly HashSet<string> Shown = new(StringComparer.OrdinalIgnoreCase) { "Host", "Server", "Port", "Database", "DB", "Username", "User Name", "User Id", "User", "UID", "SSL Mode", "Search Path" };

    /// <summary>What is wrong with it, without citing it; null where nothing is.</summary>
    public static string? Problem(string text) =>
        Read(text) is { } parts && (parts.ContainsKey("Host") || parts.ContainsKey("Server"))
            ? null
            : "is not a connection string of PostgreSQL; expected as \"Host=db;Database=streaming;Username=streaming;Password=...\".";

    /// <summary>Where it leads to, and how many of its settings are kept back.</summary>
    public static string Show(string text)
    {
        string[] keys = Read(text)?.Keys.Cast<string>().ToArray() ?? [];
        string shown = string.Join(';', keys.Where(Shown.Contains).Select(key => $"{key}={Read(text)![key]}"));
        int hidden = keys.Count(key => !Shown.Contains(key));
        return hidden == 0 ? shown : $"{shown} ({hidden} more, not shown)";
    }

    private static DbConnectionStringBuilder? Read(string text)
    {
        try
        {
            return new DbConnectionStringBuilder { ConnectionString = text };
        }
        catch (ArgumentException)
        {
            return null;
        }
    }
}
