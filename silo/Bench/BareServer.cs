using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using Streaming.Grains.Messages;
using Streaming.Ingest.Formats;
using Streaming.Models.Encoding;

namespace Streaming.Silo.Bench;

/// <summary>
/// What ingest is measured against: the same sockets and packets, every payload through the same JSON decoder, and a PUBACK, with
/// nothing kept. It understands just what the load sends.
/// </summary>
internal sealed class BareServer : IDisposable
{
    private readonly Socket listener = new(SocketType.Stream, ProtocolType.Tcp);

    public BareServer()
    {
        listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        listener.Listen(256);
        _ = AcceptAsync();
    }

    public int Port => ((IPEndPoint)listener.LocalEndPoint!).Port;

    public void Dispose() => listener.Dispose();

    private static async Task ServeAsync(Socket socket)
    {
        using Socket owned = socket;
        socket.NoDelay = true;
        byte[] buffer = new byte[128 * 1024];
        byte[] acks = new byte[16 * 1024];
        SourceContext source = new(new SourceRegistration("bare", "wim", [], "harbour", 5, ""));
        ByteWriter decoded = new();
        int filled = 0;
        while (true)
        {
            int count = await socket.ReceiveAsync(buffer.AsMemory(filled)).ConfigureAwait(false);
            if (count == 0)
            {
                return;
            }

            filled += count;
            int used = Handle(buffer.AsSpan(0, filled), source, decoded, acks, out int ackBytes);
            buffer.AsSpan(used, filled - used).CopyTo(buffer);
            filled -= used;
            if (ackBytes > 0)
            {
                await socket.SendAsync(acks.AsMemory(0, ackBytes)).ConfigureAwait(false);
            }
        }
    }

    private static int Handle(ReadOnlySpan<byte> bytes, SourceContext source, ByteWriter decoded, Span<byte> acks, out int ackBytes)
    {
        int used = 0;
        ackBytes = 0;
        while (TryPacket(bytes[used..], out byte type, out int header, out int length))
        {
            ReadOnlySpan<byte> packet = bytes.Slice(used + header, length);
            used += header + length;
            if (type == 0x10)
            {
                "\x20\x02\x00\x00"u8.CopyTo(acks[ackBytes..]);
            }
            else
            {
                int topic = BinaryPrimitives.ReadUInt16BigEndian(packet);
                decoded.Clear();
                EncodeOutcome outcome = PublishEncoder.Encode(decoded, source, packet.Slice(2, topic), packet[(4 + topic)..], TimeProvider.System.GetUtcNow().ToUnixTimeMilliseconds());
                if (outcome.Accepted == 0 || outcome.Rejected > 0)
                {
                    throw new InvalidDataException($"The load sent what does not decode: {outcome.FirstDetail}");
                }

                acks[ackBytes] = 0x40;
                acks[ackBytes + 1] = 2;
                packet.Slice(2 + topic, 2).CopyTo(acks[(ackBytes + 2)..]);
            }

            ackBytes += 4;
        }

        return used;
    }

    private static bool TryPacket(ReadOnlySpan<byte> bytes, out byte type, out int header, out int length)
    {
        (type, header, length) = (0, 1, 0);
        for (int shift = 0; header < bytes.Length && shift < 28; shift += 7)
        {
            byte next = bytes[header++];
            length |= (next & 0x7F) << shift;
            if (next < 0x80)
            {
                type = (byte)(bytes[0] & 0xF0);
                return bytes.Length >= header + length;
            }
        }

        return false;
    }


    private async Task AcceptAsync()
    {
        try
        {
            while (true)
            {
                _ = ServeAsync(await listener.AcceptAsync().ConfigureAwait(false));
            }
        }
        catch (Exception closed) when (closed is ObjectDisposedException or SocketException)
        {
            // The bench is over.
        }
    }
}
