using Streaming.Silo.Host;
using Xunit;

namespace Streaming.Tests.Console;

/// <summary>What a browser has to fetch.</summary>
public sealed class WeightTests
{
    [Fact]
    public void All_scripts_together_are_at_most_600_KiB_compressed_map_included()
    {
        if (!Browsers.HasConsole)
        {
            // Nothing is served, so nothing is too big.
            return;
        }

        // As a browser gets them over TLS or from its own machine: with brotli, which the build has compressed.
        long bytes = 0;
        int scripts = 0;
        foreach (string name in typeof(ActorHost).Assembly.GetManifestResourceNames().Where(name => name.StartsWith("console/", StringComparison.Ordinal) && name.EndsWith(".js", StringComparison.Ordinal)))
        {
            using Stream? sent = typeof(ActorHost).Assembly.GetManifestResourceStream($"{name}.br");
            Assert.True(sent is not null, $"{name} is not compressed");
            bytes += sent.Length;
            scripts++;
        }

        Assert.NotEqual(0, scripts);
        Assert.InRange(bytes, 1, 600 * 1024);
    }
}
