using System.Diagnostics;
using Xunit;

namespace Streaming.Tests.Support;

/// <summary>A test that watches a process's system calls, or has them fail, by strace. Skipped, visibly, where strace is not installed or tracing is not permitted.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class StraceFactAttribute : FactAttribute
{
    public StraceFactAttribute() => Skip = Strace.Unavailable;
}

/// <summary>The same for a theory.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class StraceTheoryAttribute : TheoryAttribute
{
    public StraceTheoryAttribute() => Skip = Strace.Unavailable;
}

/// <summary>Whether strace can be used here.</summary>
internal static class Strace
{
    /// <summary>Why not; null where it can.</summary>
    public static string? Unavailable { get; } = Probe();

    private static string? Probe()
    {
        if (MosquittoFactAttribute.Find("strace") is not { } program)
        {
            return "strace is not installed";
        }

        ProcessStartInfo start = new(program, ["-f", "-qq", "-e", "trace=none", "-e", "inject=fdatasync:error=EIO", "true"]) { RedirectStandardError = true };
        using Process run = Process.Start(start)!;
        string said = run.StandardError.ReadToEnd();
        run.WaitForExit();
        return run.ExitCode == 0 ? null : $"strace may not trace here: {said.Trim()}";
    }
}
