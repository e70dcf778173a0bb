using System.Net.Sockets;
using Streaming.Silo.Hosting;

namespace Streaming.Tests.Support;

/// <summary>
/// Ports for the servers that a test starts, kills and starts again on the same port. While such a server is down its port looks free, so no port is given twice in a run, and none that a silo draws for itself
/// (<see cref="FreePort"/>).
/// </summary>
internal static class TestPort
{
    private const int First = 10_000;
    private const int Count = FreePort.First - First;

    /// <summary>Runs side by side on one machine begin at different places.</summary>
    private static int last = Environment.ProcessId * 619 % Count;

    /// <exception cref="SocketException">None of the ports is free.</exception>
    public static int Next()
    {
        for (int tried = 1; ; tried++)
        {
            int port = First + (int)((uint)Interlocked.Increment(ref last) % Count);
            try
            {
                FreePort.Try(port);
                return port;
            }
            catch (SocketException) when (tried < Count)
            {
                // Another run's, or somebody else's.
            }
        }
    }
}
