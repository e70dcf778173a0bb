using System.Buffers;
using System.Net.WebSockets;
using Streaming.Ingest.Mqtt.Packets;

namespace Streaming.Ingest.Mqtt.Doors;

/// <summary>
/// A WebSocket as a stream of bytes. MQTT 5.0 section 6: packets may span frames and share them, so frames are not looked at beyond their type, which has to be binary.
/// </summary>
/// <remarks>
/// Cancelling a receive would abort the whole WebSocket, and a client that is told to go would not hear why. So a receive is never cancelled: a read that is cancelled leaves it behind in <see cref="receiving"/>,
/// and the next read goes on with it. It writes into a buffer of this stream alone, never into the reader's, which may be somebody else's by then. While nothing comes there is no buffer: the receive that waits
/// asks for zero bytes. One reader and one writer at a time, as for any stream.
/// </remarks>
internal sealed class MqttWebSocketStream(WebSocket socket) : Stream
{
    private Task<ValueWebSocketReceiveResult>? receiving;
    private byte[]? buffer;
    private int start;
    private int end;
    private bool ended;
    private WebSocketCloseStatus status = WebSocketCloseStatus.NormalClosure;

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => true;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    /// <summary>RFC 6455 section 5.5.1: sends the closing frame; what the peer still sends can be read.</summary>
    public Task FinishSendingAsync() => socket.CloseOutputAsync(status, null, CancellationToken.None);

    public override async ValueTask<int> ReadAsync(Memory<byte> destination, CancellationToken cancellationToken = default)
    {
        while (start == end && !ended)
        {
            await ReceiveAsync(cancellationToken);
        }

        int count = Math.Min(destination.Length, end - start);
        if (count > 0)
        {
            buffer.AsSpan(start, count).CopyTo(destination.Span);
            start += count;
            GiveBackWhereRead();
        }

        return count;
    }

    public override Task<int> ReadAsync(byte[] destination, int offset, int count, CancellationToken cancellationToken) => ReadAsync(destination.AsMemory(offset, count), cancellationToken).AsTask();

    public override async ValueTask WriteAsync(ReadOnlyMemory<byte> source, CancellationToken cancellationToken = default)
    {
        try
        {
            await socket.SendAsync(source, WebSocketMessageType.Binary, endOfMessage: true, cancellationToken);
        }
        catch (Exception e) when (e is WebSocketException or InvalidOperationException)
        {
            throw new IOException("The WebSocket is closed.", e);
        }
    }

    public override Task WriteAsync(byte[] source, int offset, int count, CancellationToken cancellationToken) => WriteAsync(source.AsMemory(offset, count), cancellationToken).AsTask();

    public override void Flush()
    {
    }

    public override int Read(byte[] destination, int offset, int count) => throw new NotSupportedException();

    public override void Write(byte[] source, int offset, int count) => throw new NotSupportedException();

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    /// <summary>Goes on with the receive that was left behind, or waits for something to come and receives that.</summary>
    /// <exception cref="TransportRefusedException">A frame was text, for the first time.</exception>
    private async ValueTask ReceiveAsync(CancellationToken cancellation)
    {
        // Frames without content may come faster than they are taken, and then nothing below ever waits.
        cancellation.ThrowIfCancellationRequested();
        receiving ??= BeginReceive();
        ValueWebSocketReceiveResult result;
        try
        {
            result = await receiving.WaitAsync(cancellation);
        }
        catch (WebSocketException e)
        {
            receiving = null;
            throw new IOException("The WebSocket is broken.", e);
        }

        // Behind a wait of zero bytes comes the receive that takes what is there.
        bool took = buffer is not null;
        receiving = null;
        ended = result.MessageType == WebSocketMessageType.Close;

        // Said once: what comes after it is only read to be thrown away, so that the peer gets to hear why it is sent away.
        if (result.MessageType == WebSocketMessageType.Text && status != WebSocketCloseStatus.InvalidMessageType)
        {
            status = WebSocketCloseStatus.InvalidMessageType;
            throw new TransportRefusedException(MqttRefusal.WebSocketTextFrame, MqttRefusal.WebSocketTextFrame.Describe());
        }

        if (took)
        {
            (start, end) = (0, result.Count);
            GiveBackWhereRead();
        }
        else if (!ended)
        {
            buffer = ArrayPool<byte>.Shared.Rent(MqttLimits.WebSocketReceiveBytes);
        }
    }

    private Task<ValueWebSocketReceiveResult> BeginReceive() => socket.ReceiveAsync(buffer is null ? Memory<byte>.Empty : buffer, CancellationToken.None).AsTask();

    /// <summary>Never while a receive is under way: it is the only one that writes into the buffer.</summary>
    private void GiveBackWhereRead()
    {
        if (start == end && buffer is not null)
        {
            ArrayPool<byte>.Shared.Return(buffer);
            buffer = null;
            start = end = 0;
        }
    }

    /// <summary>Whoever waits gets an exception. The buffer is left to the collector: a receive may be writing into it.</summary>
    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            socket.Abort();
            socket.Dispose();
        }

        base.Dispose(disposing);
    }
}
