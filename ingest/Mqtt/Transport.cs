using System.Net.Sockets;

namespace Streaming.Ingest.Mqtt;

/// <summary>
/// The bytes of one connection. Everything above speaks to <see cref="Stream"/> alone, so TLS and WebSocket are other streams over the same socket.
/// </summary>
internal sealed class Transport(Socket socket, Stream stream, string address) : IDisposable
{
    public Stream Stream { get; } = stream;

    /// <summary>Remote address and port.</summary>
    public string Address { get; } = address;

    /// <summary>Tells the peer that no more will come, while what it still sends can be read.</summary>
    public void FinishSending()
    {
        try
        {
            socket.Shutdown(SocketShutdown.Send);
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            // The peer was faster.
        }
    }

    /// <summary>Safe from any thread, any number of times: whoever waits on the stream gets an exception.</summary>
    public void Dispose()
    {
        Stream.Dispose();
        socket.Dispose();
    }
}
