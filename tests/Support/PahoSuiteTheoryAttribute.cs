using Xunit;

namespace Streaming.Tests.Support;

/// <summary>A test of the Eclipse Paho interoperability suite; skipped where the variable does not name the folder that has it, or Python is not installed.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class PahoSuiteTheoryAttribute : TheoryAttribute
{
    private const string Variable = "STREAMING_PAHO";

    public PahoSuiteTheoryAttribute()
    {
        if (Folder is null)
        {
            Skip = $"{Variable} does not name the folder 'interoperability' of the Eclipse Paho suite, or python3 is not installed";
        }
    }

    /// <summary>The folder <c>interoperability</c> of the suite; null where there is none.</summary>
    public static string? Folder =>
        Environment.GetEnvironmentVariable(Variable) is { Length: > 0 } folder && File.Exists(Path.Combine(folder, "client_test5.py")) && MosquittoFactAttribute.Find("python3") is not null ? folder : null;
}
