namespace Streaming.Silo.Journal;

internal static class JournalVerifier
{
    public static VerifyResult Verify(IDisk disk) => throw new NotImplementedException();

    /// <summary>Verifies and prints a short report. Returns the exit code: 0 where nothing is damaged, 1 where something is.</summary>
    public static int Run(IDisk disk, TextWriter output) => throw new NotImplementedException();
}

internal sealed record VerifyResult;
