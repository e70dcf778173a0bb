using Xunit;

namespace Streaming.Tests.Support;

/// <summary>A test against the Mosquitto command-line clients; skipped where they are not installed.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class MosquittoFactAttribute : FactAttribute
{
    public MosquittoFactAttribute()
    {
        if (Find("mosquitto_pub") is null || Find("mosquitto_sub") is null)
        {
            Skip = "mosquitto_pub and mosquitto_sub are not installed";
        }
    }

    /// <summary>Path of a tool; null where no directory of PATH has it.</summary>
    public static string? Find(string tool) =>
        (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator).Select(directory => Path.Combine(directory, tool)).FirstOrDefault(File.Exists);
}
