using Streaming.Silo.Host;
using Streaming.Tests.Support;
using Xunit;

namespace Streaming.Tests.Console;

/// <summary>A test with a real browser; skipped where no Chromium is installed, or where the console was left out of the build.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class ConsoleFactAttribute : FactAttribute
{
    public ConsoleFactAttribute() => Skip = Browsers.Missing;
}

/// <inheritdoc cref="ConsoleFactAttribute"/>
[AttributeUsage(AttributeTargets.Method)]
public sealed class ConsoleTheoryAttribute : TheoryAttribute
{
    public ConsoleTheoryAttribute() => Skip = Browsers.Missing;
}

/// <summary>The browser of this machine.</summary>
internal static class Browsers
{
    /// <summary>The installed Chromium; null where there is none.</summary>
    public static string? Chromium { get; } = new[] { "chromium", "chromium-browser", "google-chrome" }.Select(MosquittoFactAttribute.Find).FirstOrDefault(found => found is not null);

    /// <summary>True where the build has the console.</summary>
    public static bool HasConsole { get; } = Array.IndexOf(typeof(ActorHost).Assembly.GetManifestResourceNames(), "console/index.html") >= 0;

    /// <summary>Why no test with a browser can run here; null where one can.</summary>
    public static string? Missing { get; } = !HasConsole ? "the console is not in this build (Node.js or its packages were missing)" : Chromium is null ? "no Chromium is installed" : null;
}
