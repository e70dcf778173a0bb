using System.Text;
using Streaming.Grains.Messages;
using Streaming.Ingest.Mqtt.Packets;
using Streaming.Models.Encoding;

namespace Streaming.Ingest.Mqtt;

/// <summary>From the decision to end to the socket's close.</summary>
internal sealed partial class MqttConnection
{
    private async Task EndAsync(MqttRefusal why)
    {
        Volatile.Write(ref endingSinceMs, context.NowMs);
        string detail = publishes?.IntakeRefusal ?? fault ?? why.Describe();
        RememberRefusal(why, detail);
        if (why != MqttRefusal.None)
        {
            context.Metrics.Refuse(why);
            context.Registry.Remember(new RefusedConnection(context.Time.GetUtcNow(), client?.ClientId, client?.User, transport.Address, why, detail));
            Log.Refused(logger, client?.User, client?.ClientId, transport.Address, why, detail);
        }

        try
        {
            await HandOverAsync(why);
        }
        finally
        {
            if (rate is not null)
            {
                context.Clients.Leave(client!.User, context.NowMs);
            }

            if (entered)
            {
                context.Registry.Leave(client!.User, client.ClientId, this);
            }

            handedOver.TrySetResult();
        }

        await TellPeerAsync(why);
    }

    /// <summary>Stores what is to be kept and publishes the will.</summary>
    private async Task HandOverAsync(MqttRefusal why)
    {
        await stopping.CancelAsync();
        if (deliveries is not null)
        {
            await deliveries.EndAsync();
        }

        if (!entered || client is null)
        {
            return;
        }

        // A successor must find every identifier that this connection has marked: what it was not told of it would take a second time.
        if (publishes is not null)
        {
            await context.Intake.WaitDurableAsync(publishes.MarkedUpTo);
        }

        string key = client.Key.Text;
        if (client.IsTracked || deliveries?.IsTracked == true)
        {
            // While the server stops, a will would only say that the server stopped. A client that was never told that it is connected leaves none.
            bool keepsWill = admitted && client is { IsWillKept: true, Will: not null } && why != MqttRefusal.ServerShuttingDown;
            await context.Sessions.LeaveAsync(key, new SessionLeft(keepsWill, endsSession || !client.IsSessionKept ? 0 : sessionExpirySeconds), CancellationToken.None);
        }
        else if (endsSession)
        {
            await context.Sessions.EndAsync(key, CancellationToken.None);
        }
        else if (client.IsSessionKept && sessionExpirySeconds != uint.MaxValue)
        {
            context.Expiries.Schedule(key, context.NowMs + (sessionExpirySeconds * 1000L));
        }

        // MQTT 5.0 section 3.1.2.5. While the server stops, a will would only say that the server stopped.
        if (admitted && client is { Will: not null, IsWillKept: false } && why != MqttRefusal.ServerShuttingDown)
        {
            publishes!.TakeWill(client.Will);
            if (await publishes.CommitAsync(CancellationToken.None) != MqttRefusal.None)
            {
                Log.WillLost(logger, client.User, Encoding.UTF8.GetString(client.Will.Topic), publishes.IntakeRefusal);
            }
        }
    }

    /// <summary>MQTT 5.0 section 4.13: sends what is still to be acknowledged, then the reason where there is one, and listens until the peer has closed.</summary>
    private async Task TellPeerAsync(MqttRefusal why)
    {
        if (!transport.IsOpen || why is MqttRefusal.ConnectTimeout or MqttRefusal.FirstPacketNotConnect or MqttRefusal.SendTimeout)
        {
            return;
        }

        if (admitted && why != MqttRefusal.None)
        {
            await acks!.WaitEmptyAsync().WaitAsync(TimeSpan.FromMilliseconds(MqttLimits.CloseTimeoutMs), context.Time);
            if (client!.Version == MqttVersion.V5)
            {
                string reason = why == MqttRefusal.IntakeRefused ? $"{why.Describe()} ({publishes!.IntakeRefusal})" : why.Describe();
                ByteWriter packet = new();
                MqttWriter.WriteDisconnect(packet, why.Code(), AdmittedClient.HasRoomForReasons(client.MaximumPacketBytes) ? reason : null);
                await output.SendAsync(packet.WrittenMemory);
            }
        }

        // Closing a socket with bytes unread resets the connection, and the peer may lose what we have just sent. A client that leaves by TLS sends its
        // own close after its DISCONNECT (RFC 8446 section 6.1), so this is for whoever leaves as well.
        await transport.FinishSendingAsync();
        byte[] thrownAway = new byte[MqttLimits.NarrowReceiveBytes];
        int most = MqttLimits.LingerBytes;
        long began = Volatile.Read(ref endingSinceMs);
        while (most > 0)
        {
            int count = await transport.Stream.ReadAsync(thrownAway);
            if (count == 0)
            {
                return;
            }

            most -= count;
            Volatile.Write(ref endingSinceMs, Math.Min(context.NowMs, began + MqttLimits.LingerMs - MqttLimits.CloseTimeoutMs));
        }
    }
}
