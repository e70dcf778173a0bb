using System.Net.Sockets;
using System.Text;
using Streaming.Ingest.Mqtt.Packets;

namespace Streaming.Ingest.Mqtt.Client;

/// <summary>What the client receives.</summary>
internal sealed partial class MqttPublisher
{
    private async ValueTask ReceiveConnAckAsync(CancellationToken cancellation)
    {
        while (true)
        {
            if (!await received.FillAsync(0, cancellation))
            {
                throw new MqttDisconnectedException("The server closed the connection instead of answering CONNECT.", 0);
            }

            ReadOnlySpan<byte> unread = received.Unread;
            Check(FrameHeader.Read(unread, MqttLimits.PacketBytes, out FrameHeader header));
            if (!header.IsComplete || unread.Length < header.TotalBytes)
            {
                continue;
            }

            if (header.Type != PacketType.ConnAck)
            {
                throw new MqttDisconnectedException($"The server answered CONNECT with {header.Type}.", ReasonCode.ProtocolError);
            }

            Check(ConnAckPacket.Read(unread.Slice(header.HeaderBytes, header.Remaining), version, out ConnAckPacket? packet));
            received.Consume(header.TotalBytes);
            if (packet!.Code != 0)
            {
                throw new MqttDisconnectedException($"The server refused the connection with code 0x{packet.Code:X2}: {packet.Reason}", packet.Code);
            }

            Accepted = packet;
            return;
        }
    }

    private void Begin()
    {
        window = new SemaphoreSlim(Math.Clamp(options.Window, 1, Math.Min((int)Accepted.ReceiveMaximum, ushort.MaxValue - 1)));
        int keepAlive = Accepted.ServerKeepAliveSeconds ?? options.KeepAliveSeconds;
        receiving = Task.Run(ReceiveAsync);
        if (keepAlive > 0)
        {
            TimeSpan period = TimeSpan.FromSeconds(keepAlive / 2.0);
            pings = options.Time.CreateTimer(_ => Ping(), null, period, period);
        }
    }

    private void Ping()
    {
        lock (gate)
        {
            MqttWriter.WritePingReq(filling);
            BeginSending();
        }
    }

    private async Task ReceiveAsync()
    {
        try
        {
            while (true)
            {
                int packetBytes = await TakePacketsAsync();
                if (!await received.FillAsync(packetBytes, CancellationToken.None))
                {
                    Fail(new MqttDisconnectedException("The server closed the connection.", 0));
                    return;
                }
            }
        }
        catch (MqttDisconnectedException e)
        {
            Fail(e);
        }
        catch (Exception e) when (e is IOException or SocketException or ObjectDisposedException or OperationCanceledException)
        {
            Fail(new MqttDisconnectedException($"The connection ended: {e.Message}", 0, e));
        }
        finally
        {
            received.Release();
        }
    }

    /// <summary>Takes all complete packets; returns the length of the one that has begun, 0 where it is not known.</summary>
    private async ValueTask<int> TakePacketsAsync()
    {
        while (true)
        {
            int acks = TakePackets(out int packetBytes, out MqttMessage? message);
            if (acks > 0)
            {
                CountAcks(acks);
            }

            if (message is null)
            {
                return packetBytes;
            }

            await messages.Writer.WriteAsync(message, ended.Token);
            if (options.AcknowledgesDeliveries)
            {
                Acknowledge(message);
            }
        }
    }

    private int TakePackets(out int packetBytes, out MqttMessage? message)
    {
        int acks = 0;
        message = null;
        while (true)
        {
            ReadOnlySpan<byte> unread = received.Unread;
            Check(FrameHeader.Read(unread, MqttLimits.PacketBytes, out FrameHeader header));
            packetBytes = header.TotalBytes;
            if (!header.IsComplete || unread.Length < header.TotalBytes)
            {
                return acks;
            }

            ReadOnlySpan<byte> body = unread.Slice(header.HeaderBytes, header.Remaining);
            switch (header.Type)
            {
                case PacketType.PubAck:
                    TakeAck(header, body, acknowledged + acks);
                    acks++;
                    break;
                case PacketType.Publish:
                    Check(PublishPacket.ReadFromServer(header, body, version, out PublishPacket publish));
                    message = new MqttMessage(
                        Encoding.UTF8.GetString(publish.Topic), publish.Payload.ToArray(), publish.Qos, publish.Dup, publish.Retain, publish.PacketId);
                    break;
                case PacketType.SubAck or PacketType.UnsubAck:
                    PropertyScope scope = header.Type == PacketType.SubAck ? PropertyScope.SubAck : PropertyScope.UnsubAck;
                    Check(ServerPackets.ReadFilterAck(body, version, scope, out ushort packetId, out byte[] codes));
                    lock (gate)
                    {
                        if (filterAcks.Remove(packetId, out TaskCompletionSource<byte[]>? reply))
                        {
                            reply.TrySetResult(codes);
                        }
                    }

                    break;
                case PacketType.PingResp:
                    break;
                case PacketType.Disconnect:
                    byte code = body.IsEmpty ? ReasonCode.Success : body[0];
                    Check(ServerPackets.ReadReason(body.Length > 1 ? body[1..] : default, PropertyScope.Disconnect, out string? reason));
                    throw new MqttDisconnectedException($"The server disconnected with code 0x{code:X2}: {reason}", code);
                default:
                    throw new MqttDisconnectedException($"The server sent {header.Type}, which a server does not send here.", ReasonCode.ProtocolError);
            }

            received.Consume(header.TotalBytes);
            if (message is not null)
            {
                return acks;
            }
        }
    }

    private void TakeAck(FrameHeader header, ReadOnlySpan<byte> body, long sequence)
    {
        Check(AckPacket.Read(header, body, version, out AckPacket ack));
        if (options.ChecksOrder && ack.PacketId != PacketIdOf(sequence))
        {
            throw new MqttDisconnectedException(
                $"Publish {sequence} has identifier {PacketIdOf(sequence)}, and the next acknowledgement is for {ack.PacketId}.", ReasonCode.ProtocolError);
        }

        string? reason = null;
        if (body.Length > 3)
        {
            Check(ServerPackets.ReadReason(body[3..], PropertyScope.PubAck, out reason));
            LastReason = reason ?? LastReason;
        }

        if (ack.Reason >= 0x80)
        {
            Interlocked.Increment(ref refusedPublishes);
        }

        lock (gate)
        {
            if (answers.TryPeek(out (long Sequence, TaskCompletionSource<MqttAnswer> Answer) first) && first.Sequence == sequence)
            {
                answers.Dequeue();
                first.Answer.TrySetResult(new MqttAnswer(ack.Reason, reason));
            }
        }
    }

    private void CountAcks(int count)
    {
        lock (gate)
        {
            Volatile.Write(ref acknowledged, acknowledged + count);
            for (int i = waiting.Count - 1; i >= 0; i--)
            {
                if (waiting[i].Total <= acknowledged)
                {
                    waiting[i].Reached.TrySetResult();
                    waiting.RemoveAt(i);
                }
            }
        }

        if (!raw)
        {
            window.Release(count);
        }
    }

    private static void Check(MqttRefusal refusal)
    {
        if (refusal != MqttRefusal.None)
        {
            throw new MqttDisconnectedException($"The server sent a bad packet: {refusal}", refusal.Code());
        }
    }
}
