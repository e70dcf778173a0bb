using System.IO.Compression;
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

        long bytes = 0;
        foreach (string name in typeof(ActorHost).Assembly.GetManifestResourceNames().Where(name => name.StartsWith("console/", StringComparison.Ordinal) && name.EndsWith(".js", StringComparison.Ordinal)))
        {
            using Stream script = typeof(ActorHost).Assembly.GetManifestResourceStream(name)!;
            using MemoryStream compressed = new();
            using (GZipStream gzip = new(compressed, CompressionLevel.Optimal, leaveOpen: true))
            {
                script.CopyTo(gzip);
            }

            bytes += compressed.Length;
        }

        Assert.InRange(bytes, 1, 600 * 1024);
    }
}
