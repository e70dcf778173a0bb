using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Streaming.Silo.Bench;

/// <summary>A socket on which CONNECT was sent and accepted: MQTT 3.1.1.</summary>
internal static class LoadConnection
{
    /// <summary>With a clean session.</summary>
    public static async Task<Socket> OpenAsync(int port, string user, string password, CancellationToken cancellation) =>
        (await OpenAsync(port, user, password, keepsSession: false, cancellation).ConfigureAwait(false)).Socket;

    /// <summary>Says as well whether the server had a session of this client.</summary>
    public static async Task<(Socket Socket, bool SessionPresent)> OpenAsync(int port, string user, string password, bool keepsSession, CancellationToken cancellation)
    {
        Socket socket = new(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            await socket.ConnectAsync(new IPEndPoint(IPAddress.Loopback, port), cancellation).ConfigureAwait(false);
            return (socket, await HandshakeAsync(socket, user, password, keepsSession, cancellation).ConfigureAwait(false));
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    private static async Task<bool> HandshakeAsync(Socket socket, string user, string password, bool keepsSession, CancellationToken cancellation)
    {
        byte[] id = Encoding.UTF8.GetBytes(user);
        byte[] secret = Encoding.UTF8.GetBytes(password);
        int remaining = 10 + 2 + id.Length + 2 + id.Length + 2 + secret.Length;
        byte[] connect =
        [
            0x10, (byte)((remaining & 0x7F) | (remaining > 127 ? 0x80 : 0)), .. remaining > 127 ? [(byte)(remaining >> 7)] : Array.Empty<byte>(),
            0, 4, .. "MQTT"u8, 4, (byte)(keepsSession ? 0xC0 : 0xC2), 0, 0,
            (byte)(id.Length >> 8), (byte)id.Length, .. id,
            (byte)(id.Length >> 8), (byte)id.Length, .. id,
            (byte)(secret.Length >> 8), (byte)secret.Length, .. secret,
        ];
        await socket.SendAsync(connect, cancellation).ConfigureAwait(false);
        byte[] answer = new byte[4];
        for (int read = 0; read < 4;)
        {
            int count = await socket.ReceiveAsync(answer.AsMemory(read), cancellation).ConfigureAwait(false);
            read += count > 0 ? count : throw new InvalidOperationException("The server closed the connection instead of answering CONNECT.");
        }

        if (answer[0] != 0x20 || answer[3] != 0)
        {
            throw new InvalidOperationException($"CONNECT was refused with code {answer[3]}.");
        }

        return (answer[2] & 1) != 0;
    }
}
