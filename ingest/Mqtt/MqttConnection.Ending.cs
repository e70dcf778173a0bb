using System.Text;
using Streaming.Ingest.Mqtt.Packets;
using Streaming.Models.Encoding;

namespace Streaming.Ingest.Mqtt;

/// <summary>From the decision to end to the socket's close.</summary>
internal sealed partial class MqttConnection
{
    private async Task EndAsync(MqttRefusal why)
    {
        Volatile.Write(ref endingSinceMs, context.NowMs);
        if (why != MqttRefusal.None)
        {
            context.Metrics.Refuse(why);
            string detail = publishes?.IntakeRefusal ?? fault ?? why.Describe();
            context.Registry.Remember(new RefusedConnection(context.Time.GetUtcNow(), client?.ClientId, client?.User, transport.Address, why, detail));
            Log.Refused(logger, client?.User, client?.ClientId, transport.Address, why, detail);
        }

        try
        {
            await HandOverAsync(why);
        }
        finally
        {
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

        if (!admitted || client is null)
        {
            return;
        }

        if (endsSession)
        {
            await context.Sessions.EndAsync(AdmittedClient.KeyOf(client.User, client.ClientId), CancellationToken.None);
        }
        else if (client.SessionKey is not null && sessionExpirySeconds != uint.MaxValue)
        {
            context.Expiries.Schedule(client.SessionKey, context.NowMs + (sessionExpirySeconds * 1000L));
        }

        // MQTT 5.0 section 3.1.2.5. While the server stops, a will would only say that the server stopped.
        if (client.Will is not null && why != MqttRefusal.ServerShuttingDown)
        {
            publishes!.TakeWill(client.Will);
            if (await publishes.CommitAsync(CancellationToken.None) != MqttRefusal.None)
            {
                Log.WillLost(logger, client.User, Encoding.UTF8.GetString(client.Will.Topic), publishes.IntakeRefusal);
            }
        }
    }

    /// <summary>MQTT 5.0 section 4.13: sends what is still to be acknowledged, then the reason, and listens until the peer has closed.</summary>
    private async Task TellPeerAsync(MqttRefusal why)
    {
        if (why is MqttRefusal.None or MqttRefusal.ConnectTimeout or MqttRefusal.FirstPacketNotConnect or MqttRefusal.SendTimeout)
        {
            return;
        }

        if (admitted)
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

        // Closing a socket with bytes unread resets the connection, and the peer may lose what we have just sent.
        transport.FinishSending();
        byte[] thrownAway = new byte[MqttLimits.NarrowReceiveBytes];
        int most = MqttLimits.LingerBytes;
        while (most > 0)
        {
            int count = await transport.Stream.ReadAsync(thrownAway);
            if (count == 0)
            {
                return;
            }

            most -= count;
        }
    }
}
