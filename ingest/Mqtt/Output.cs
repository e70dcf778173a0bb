using System.Net.Sockets;

namespace Streaming.Ingest.Mqtt;

/// <summary>
/// Sends whole packets, one sender at a time: replies, acknowledgements and deliveries come from different loops. Nothing is queued here; a sender waits until its bytes are
/// taken, so a peer that does not read holds up only what is meant for it.
/// </summary>
internal sealed class Output(Stream stream, MqttContext context)
{
    private readonly SemaphoreSlim turn = new(1, 1);
    private long sendingSinceMs = -1;
    private volatile bool broken;

    /// <summary>When the send that is under way began; -1 while none is.</summary>
    public long SendingSinceMs => Volatile.Read(ref sendingSinceMs);

    /// <summary>Sends; false where the peer is gone. A send given up halfway leaves half a packet behind, so nothing is sent after it.</summary>
    public async ValueTask<bool> SendAsync(ReadOnlyMemory<byte> packets, CancellationToken cancellation = default)
    {
        if (broken)
        {
            return false;
        }

        await turn.WaitAsync(cancellation);
        try
        {
            if (broken)
            {
                return false;
            }

            Volatile.Write(ref sendingSinceMs, context.NowMs);
            await stream.WriteAsync(packets, cancellation);
            return true;
        }
        catch (Exception e) when (e is IOException or SocketException or ObjectDisposedException)
        {
            broken = true;
            return false;
        }
        catch (OperationCanceledException)
        {
            broken = true;
            throw;
        }
        finally
        {
            Volatile.Write(ref sendingSinceMs, -1);
            turn.Release();
        }
    }
}
