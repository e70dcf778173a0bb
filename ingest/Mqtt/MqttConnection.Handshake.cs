using Streaming.Grains;
using Streaming.Grains.Messages;
using Streaming.Ingest.Formats;
using Streaming.Ingest.Mqtt.Packets;
using Streaming.Models.Encoding;

namespace Streaming.Ingest.Mqtt;

/// <summary>From the first byte to the CONNACK.</summary>
internal sealed partial class MqttConnection
{
    /// <summary>MQTT 5.0 section 3.1.4. A refusal has been answered when this returns.</summary>
    private async ValueTask<MqttRefusal> HandshakeAsync()
    {
        (MqttRefusal refusal, MqttVersion? version, ConnectPacket? connect) = await ReceiveConnectAsync();
        if (refusal == MqttRefusal.None)
        {
            refusal = await AdmitAsync(connect!);
        }

        if (refusal == MqttRefusal.None)
        {
            refusal = await OpenSessionAsync(connect!);
        }

        if (refusal != MqttRefusal.None && version is not null && Closing == MqttRefusal.None)
        {
            ByteWriter reply = new();
            if (MqttWriter.WriteConnectRefused(reply, version.Value, refusal))
            {
                await output.SendAsync(reply.WrittenMemory, stopping.Token);
            }
        }

        return refusal;
    }

    /// <summary>The first packet: judged by its first byte, then by its length, before anything is kept for it.</summary>
    private async ValueTask<(MqttRefusal Refusal, MqttVersion? Version, ConnectPacket? Packet)> ReceiveConnectAsync()
    {
        int needed = 0;
        while (await received.FillAsync(needed, stopping.Token))
        {
            ReadOnlySpan<byte> unread = received.Unread;
            if (unread[0] != (byte)PacketType.Connect << 4)
            {
                return (MqttRefusal.FirstPacketNotConnect, null, null);
            }

            MqttRefusal refusal = FrameHeader.Read(unread, MqttLimits.ConnectBytes, out FrameHeader header);
            if (refusal != MqttRefusal.None)
            {
                return (refusal, null, null);
            }

            if (!header.IsComplete || unread.Length < header.TotalBytes)
            {
                needed = header.TotalBytes;
                continue;
            }

            refusal = ConnectPacket.Read(header, unread.Slice(header.HeaderBytes, header.Remaining), out MqttVersion? version, out ConnectPacket? packet);
            received.Consume(header.TotalBytes);
            return (refusal, version, packet);
        }

        throw new IOException("The peer closed before its CONNECT was complete.");
    }

    /// <summary>Who it is. Which of user name and password was wrong is logged, and not told.</summary>
    private async ValueTask<MqttRefusal> AdmitAsync(ConnectPacket connect)
    {
        if (string.IsNullOrEmpty(connect.UserName) || connect.Password is null)
        {
            return MqttRefusal.CredentialsMissing;
        }

        Admission admission;
        try
        {
            admission = await context.Access.AuthenticateAsync(connect.UserName, connect.Password, stopping.Token);
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            Log.AdmissionFailed(logger, connect.UserName, transport.Address, e);
            return MqttRefusal.ServerUnavailable;
        }

        if (admission.Device is null && admission.Token is null)
        {
            fault = $"User {connect.UserName}: {admission.Refusal}";
            return MqttRefusal.CredentialsWrong;
        }

        if (admission.Device is null && connect.Will is not null)
        {
            return MqttRefusal.WillNotAllowed;
        }

        if (connect.ClientId.Length == 0 && connect.Version == MqttVersion.V311 && !connect.CleanStart)
        {
            return MqttRefusal.ClientIdNotValid;
        }

        // A device has no subscriptions and nothing else that could outlive its connection.
        sessionExpirySeconds = admission.Device is null ? connect.SessionExpirySeconds : 0;
        string clientId = connect.ClientId.Length > 0 ? connect.ClientId : context.AssignClientId();
        if (sessionExpirySeconds > 0 && System.Text.Encoding.UTF8.GetByteCount(AdmittedClient.KeyOf(connect.UserName, clientId)) > GrainLimits.KeyBytes)
        {
            return MqttRefusal.ClientIdNotValid;
        }

        int keepAlive = KeepAliveOf(connect);
        client = new AdmittedClient
        {
            Version = connect.Version,
            ClientId = clientId,
            User = connect.UserName,
            Device = admission.Device is null ? null : new SourceContext(admission.Device) { Rules = context.Rules },
            Token = admission.Device is null ? admission.Token : null,
            Will = connect.Will,
            KeepAliveMs = keepAlive * 1000,
            ReceiveMaximum = connect.ReceiveMaximum,
            MaximumPacketBytes = connect.MaximumPacketBytes,
            WantsReasons = connect.WantsReasons && AdmittedClient.HasRoomForReasons(connect.MaximumPacketBytes),
            SessionExpirySeconds = sessionExpirySeconds,
        };
        return MqttRefusal.None;
    }

    /// <summary>MQTT 5.0 sections 3.1.2.4, 3.1.4 and 3.2: takes over from an older connection, finds or forgets the session, and says so.</summary>
    private async ValueTask<MqttRefusal> OpenSessionAsync(ConnectPacket connect)
    {
        MqttConnection? older = context.Registry.Enter(client!.User, client.ClientId, this);
        entered = true;
        if (older is not null)
        {
            older.Close(MqttRefusal.SessionTakenOver);
            await older.HandedOver.WaitAsync(stopping.Token);
        }

        SessionRow? session = null;
        if (client.Token is not null)
        {
            try
            {
                session = await FindSessionAsync(connect.CleanStart);
            }
            catch (Exception e) when (e is not OperationCanceledException)
            {
                Log.AdmissionFailed(logger, client.User, transport.Address, e);
                return MqttRefusal.ServerUnavailable;
            }
        }

        acks = new PendingAcks(context.Intake, output, context.Metrics, Fail);
        publishes = new PublishIntake(client, context, acks);
        deliveries = new FeedDeliveries(client, context, output, logger, Fail, stopping.Token);
        ByteWriter reply = new();
        MqttWriter.WriteConnAck(reply, client.Version, session is not null, new ConnAckProperties
        {
            AssignedClientId = connect.ClientId.Length == 0 ? client.ClientId : null,
            ServerKeepAliveSeconds = client.KeepAliveMs == connect.KeepAliveSeconds * 1000 ? null : (ushort)(client.KeepAliveMs / 1000),
            SessionExpirySeconds = client.SessionExpirySeconds == connect.SessionExpirySeconds ? null : client.SessionExpirySeconds,
        });
        await output.SendAsync(reply.WrittenMemory, stopping.Token);
        Volatile.Write(ref admitted, true);
        Log.Connected(logger, client.Version, client.ClientId, client.User, transport.Address);
        if (session is not null)
        {
            await deliveries.ResumeAsync(session);
        }

        return MqttRefusal.None;
    }

    /// <summary>The stored session to go on with; null where there is none or the client starts clean, which ends it.</summary>
    private async ValueTask<SessionRow?> FindSessionAsync(bool cleanStart)
    {
        string key = AdmittedClient.KeyOf(client!.User, client.ClientId);
        if (System.Text.Encoding.UTF8.GetByteCount(key) > GrainLimits.KeyBytes)
        {
            return null;
        }

        await context.Expiries.CancelAsync(key, stopping.Token);
        SessionRow? session = await context.Sessions.FindAsync(key, stopping.Token);
        if (session is not null && cleanStart)
        {
            await context.Sessions.EndAsync(key, stopping.Token);
            return null;
        }

        // A client that resumes a session without asking for it to last ends it when it disconnects.
        endsSession = session is not null && client.SessionKey is null;
        return session;
    }

    /// <summary>MQTT 5.0 section 3.2.2.3.14: seconds. Only MQTT 5 can be told of a shorter one than it asked for.</summary>
    private static int KeepAliveOf(ConnectPacket connect) =>
        connect.Version == MqttVersion.V5 && (connect.KeepAliveSeconds == 0 || connect.KeepAliveSeconds > MqttLimits.KeepAliveSeconds)
            ? MqttLimits.KeepAliveSeconds
            : connect.KeepAliveSeconds;
}
