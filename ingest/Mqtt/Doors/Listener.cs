using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.Logging;

namespace Streaming.Ingest.Mqtt.Doors;

/// <summary>A port that is listened on.</summary>
internal sealed partial class Listener(Action<Socket> accepted, TimeProvider time, ILogger logger, CancellationToken stopping)
{
    private Socket? socket;
    private Task accepting = Task.CompletedTask;

    /// <summary>The port listened on, once started.</summary>
    public int Port => ((IPEndPoint)socket!.LocalEndPoint!).Port;

    /// <summary>Begins to listen. Throws <see cref="SocketException"/> where the address is taken.</summary>
    /// <param name="only">Address to listen on; null for every address of the machine, IPv4 and IPv6.</param>
    public void Start(IPAddress? only, int port)
    {
        IPAddress address = only ?? (Socket.OSSupportsIPv6 ? IPAddress.IPv6Any : IPAddress.Any);
        socket = new Socket(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            if (only is null && address.AddressFamily == AddressFamily.InterNetworkV6)
            {
                socket.DualMode = true;
            }

            socket.Bind(new IPEndPoint(address, port));
            socket.Listen(MqttLimits.Backlog);
        }
        catch
        {
            socket.Dispose();
            throw;
        }

        accepting = AcceptAsync(socket);
        Log.Listening(logger, socket.LocalEndPoint!);
    }

    /// <summary>Takes no more. To be called once the token has been cancelled.</summary>
    public Task StopAsync()
    {
        socket?.Dispose();
        return accepting;
    }

    private async Task AcceptAsync(Socket listening)
    {
        while (!stopping.IsCancellationRequested)
        {
            try
            {
                accepted(await listening.AcceptAsync(stopping));
            }
            catch (Exception e) when (stopping.IsCancellationRequested && e is OperationCanceledException or ObjectDisposedException or SocketException)
            {
                return;
            }
            catch (SocketException e)
            {
                // Out of file handles, or the peer was gone before it was accepted. The former lasts: waiting a moment keeps it from filling log and core.
                Log.AcceptFailed(logger, e);
                await Task.Delay(TimeSpan.FromMilliseconds(MqttLimits.AcceptPauseMs), time, stopping).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }

    private static partial class Log
    {
        [LoggerMessage(Level = LogLevel.Information, Message = "MQTT listens on {Address}")]
        public static partial void Listening(ILogger logger, EndPoint address);

        [LoggerMessage(Level = LogLevel.Warning, Message = "A connection could not be accepted")]
        public static partial void AcceptFailed(ILogger logger, Exception e);
    }
}
