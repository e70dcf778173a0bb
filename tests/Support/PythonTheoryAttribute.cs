using Xunit;

namespace Streaming.Tests.Support;

/// <summary>A test that a program in Python has a part in; skipped where Python is not installed. Its standard library is all that is asked for.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class PythonTheoryAttribute : TheoryAttribute
{
    public PythonTheoryAttribute() => Skip = Python is null ? "python3 is not installed" : null;

    public static string? Python { get; } = MosquittoFactAttribute.Find("python3");
}
