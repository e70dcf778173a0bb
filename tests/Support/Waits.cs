namespace Streaming.Tests.Support;

/// <summary>Waits of a test for what is to come.</summary>
internal static class Waits
{
    /// <summary>How long one may take: a machine may have a lot else to do, and only a broken run waits this long.</summary>
    public static readonly TimeSpan Longest = TimeSpan.FromSeconds(60);
}
