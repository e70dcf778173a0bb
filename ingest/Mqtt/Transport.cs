using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Net.WebSockets;
using Streaming.Ingest.Mqtt.Doors;

namespace Streaming.Ingest.Mqtt;

/// <summary>What lies under a connection.</summary>
internal enum TransportKind : byte
{
    Tcp = 1,
    Tls = 2,
    WebSocket = 3,
}

/// <summary>
/// The bytes of one connection. Everything above speaks to <see cref="Stream"/> alone, so TLS and WebSocket are other streams.
/// </summary>
internal sealed class Transport : IDisposable
{
    private readonly Socket? socket;
    private readonly TlsDoor? door;
    private readonly HandshakeStream? paced;

    /// <summary>A connection in the clear.</summary>
    public Transport(Socket socket)
    {
        this.socket = socket;
        Kind = TransportKind.Tcp;
        Stream = new NetworkStream(socket, ownsSocket: false);
        Remote = socket.RemoteEndPoint as IPEndPoint;
    }

    /// <summary>An encrypted connection; nothing can be read of it before <see cref="OpenAsync"/>.</summary>
    public Transport(Socket socket, TlsDoor door)
        : this(socket)
    {
        this.door = door;
        Kind = TransportKind.Tls;
        (Stream, paced) = door.Wrap(Stream);
    }

    /// <summary>A stream that is open, of bytes that come over something else than a socket of the endpoint's own.</summary>
    public Transport(Stream stream, TransportKind kind, IPEndPoint? remote)
    {
        Kind = kind;
        Stream = stream;
        Remote = remote;
    }

    public Stream Stream { get; }

    public TransportKind Kind { get; }

    /// <summary>True where bytes of MQTT can be read and sent.</summary>
    public bool IsOpen => Stream is not SslStream { IsAuthenticated: false };

    /// <summary>Remote address and port; null where the peer was gone before it could be asked for.</summary>
    public IPEndPoint? Remote { get; }

    /// <summary>Remote address and port, for people.</summary>
    public string Address => Remote?.ToString() ?? "";

    /// <summary>The version of TLS, as <c>1.3</c>; null in the clear, and before <see cref="OpenAsync"/>.</summary>
    public string? TlsVersion { get; private set; }

    /// <summary>The certificate that the client has shown; null where it showed none.</summary>
    public ClientCertificate? Certificate { get; private set; }

    /// <summary>Does what comes before the first byte of MQTT.</summary>
    /// <exception cref="TransportRefusedException">The peer does not speak what is spoken here.</exception>
    public async ValueTask OpenAsync(CancellationToken cancellation)
    {
        if (door is not null && Stream is SslStream secured)
        {
            Certificate = await door.OpenAsync(secured, paced!, cancellation);
            TlsVersion = secured.SslProtocol == System.Security.Authentication.SslProtocols.Tls13 ? "1.3" : "1.2";
        }
    }

    /// <summary>Tells the peer that no more will come, while what it still sends can be read.</summary>
    public async ValueTask FinishSendingAsync()
    {
        try
        {
            switch (Stream)
            {
                case SslStream { IsAuthenticated: true } secured:
                    await secured.ShutdownAsync();
                    break;
                case MqttWebSocketStream frames:
                    await frames.FinishSendingAsync();
                    break;
            }

            socket?.Shutdown(SocketShutdown.Send);
        }
        catch (Exception e) when (e is SocketException or IOException or ObjectDisposedException or InvalidOperationException or WebSocketException)
        {
            // The peer was faster.
        }
    }

    /// <summary>Safe from any thread, any number of times: whoever waits on the stream gets an exception.</summary>
    public void Dispose()
    {
        Stream.Dispose();
        socket?.Dispose();
    }
}
