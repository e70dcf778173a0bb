using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;

namespace Streaming.Silo.Hosting;

/// <summary>
/// A TCP port that nobody listens on. Between looking and listening anybody may take it, so it is drawn from below the range that systems give outgoing connections of their own accord
/// (Linux from 32768, others from 49152): what remains is another program that draws the same number in the same moment.
/// </summary>
internal static class FreePort
{
    /// <summary>The lowest port drawn.</summary>
    public const int First = 15_000;

    private const int Behind = 32_000;
    private const int Attempts = 100;

    /// <exception cref="SocketException">None of the ports tried was free.</exception>
    public static int Find()
    {
        for (int attempt = 1; ; attempt++)
        {
            int port = RandomNumberGenerator.GetInt32(First, Behind);
            try
            {
                Try(port);
                return port;
            }
            catch (SocketException) when (attempt < Attempts)
            {
                // Somebody listens there.
            }
        }
    }

    /// <summary>Listens for a moment.</summary>
    /// <exception cref="SocketException">Somebody listens there.</exception>
    public static void Try(int port)
    {
        using TcpListener probe = new(IPAddress.Any, port) { ExclusiveAddressUse = true };
        probe.Start();
    }
}
