using System.Buffers;
using System.Runtime.CompilerServices;

namespace Streaming.Ingest.Mqtt;

/// <summary>
/// What has come in and is not consumed yet, in one piece: a decoder reads a payload of two megabytes as one span. An idle connection has no buffer at all (a read of zero
/// bytes waits for data first), one that sends now and then a narrow one, and one that fills the narrow one a wide one. Used by the receiving loop alone.
/// </summary>
internal sealed class ReceiveBuffer(Stream stream)
{
    private byte[]? buffer;
    private int start;
    private int end;
    private bool wide;
    private long total;

    public ReadOnlySpan<byte> Unread => buffer is null ? default : buffer.AsSpan(start, end - start);

    public bool IsEmpty => start == end;

    /// <summary>Bytes received since the connection began.</summary>
    public long Total => Volatile.Read(ref total);

    public void Consume(int count) => start += count;

    /// <summary>Waits for more bytes; false where the peer has finished sending. Every run of packets waits here, so what a wait needs is used again.</summary>
    /// <param name="packetBytes">Length of the packet that has begun, as far as it is known; at most what the endpoint takes.</param>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    public async ValueTask<bool> FillAsync(int packetBytes, CancellationToken cancellation)
    {
        if (IsEmpty)
        {
            Release();
            _ = await stream.ReadAsync(Memory<byte>.Empty, cancellation);
        }

        MakeRoom(packetBytes);
        int room = buffer!.Length - end;
        int count = await stream.ReadAsync(buffer.AsMemory(end), cancellation);
        end += count;
        Volatile.Write(ref total, total + count);
        wide = count == room || (wide && count > MqttLimits.NarrowReceiveBytes);
        return count > 0;
    }

    /// <summary>Gives the buffer back. Whatever is unread is gone.</summary>
    public void Release()
    {
        start = end = 0;
        if (buffer is not null)
        {
            ArrayPool<byte>.Shared.Return(buffer);
            buffer = null;
        }
    }

    private void MakeRoom(int packetBytes)
    {
        int unread = end - start;
        int wanted = Math.Max(packetBytes, wide ? MqttLimits.WideReceiveBytes : MqttLimits.NarrowReceiveBytes);
        if (buffer is null)
        {
            buffer = ArrayPool<byte>.Shared.Rent(wanted);
        }
        else if (buffer.Length < wanted)
        {
            byte[] larger = ArrayPool<byte>.Shared.Rent(wanted);
            buffer.AsSpan(start, unread).CopyTo(larger);
            ArrayPool<byte>.Shared.Return(buffer);
            buffer = larger;
            start = 0;
            end = unread;
        }
        else if (start > 0)
        {
            // What is left is less than one packet: moving it is cheaper than a packet in two pieces.
            buffer.AsSpan(start, unread).CopyTo(buffer);
            start = 0;
            end = unread;
        }
    }
}
