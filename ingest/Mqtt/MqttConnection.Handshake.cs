using Streaming.Grains;
using Streaming.Grains.Messages;
using Streaming.Grains.Messaging;
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
        await transport.OpenAsync(stopping.Token);
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

    /// <summary>Who it is, and what is agreed with it.</summary>
    private async ValueTask<MqttRefusal> AdmitAsync(ConnectPacket connect)
    {
        (MqttRefusal refusal, string user, Admission admission, fault) = await IdentifyAsync(connect);
        if (refusal != MqttRefusal.None)
        {
            return refusal;
        }

        if (admission.Device is null && connect.Will is { } own && TopicFilters.IsOwn(own.Topic))
        {
            return MqttRefusal.WillNotAllowed;
        }

        if (connect.ClientId.Length == 0 && connect.Version == MqttVersion.V311 && !connect.CleanStart)
        {
            return MqttRefusal.ClientIdNotValid;
        }

        sessionExpirySeconds = Math.Min(connect.SessionExpirySeconds, MqttLimits.SessionExpirySeconds);
        string clientId = connect.ClientId.Length > 0 ? connect.ClientId : context.AssignClientId();
        bool keepsWill = connect.Will is { } left && !TopicFilters.IsOwn(left.Topic);
        if (keepsWill && !MayLeave(connect.Will!, admission))
        {
            return MqttRefusal.WillNotAllowed;
        }

        SessionKey key = new(user, clientId);
        if ((sessionExpirySeconds > 0 || keepsWill) && !key.Fits)
        {
            return MqttRefusal.ClientIdNotValid;
        }

        int keepAlive = KeepAliveOf(connect, context.Profile?.KeepAliveSeconds ?? MqttLimits.KeepAliveSeconds);
        client = new AdmittedClient
        {
            Version = connect.Version,
            ClientId = clientId,
            User = user,
            Key = key,
            Device = admission.Device is null ? null : new SourceContext(admission.Device) { Rules = context.Rules },
            Token = admission.Device is null ? admission.Token : null,
            Will = connect.Will,
            IsWillKept = keepsWill,
            KeepAliveMs = keepAlive * 1000,
            ReceiveMaximum = connect.ReceiveMaximum,
            MaximumPacketBytes = connect.MaximumPacketBytes,
            TopicAliasMaximum = connect.TopicAliasMaximum,
            WantsReasons = connect.WantsReasons && context.Profile?.SendsReasons != false && AdmittedClient.HasRoomForReasons(connect.MaximumPacketBytes),
            SessionExpirySeconds = sessionExpirySeconds,
        };

        // From here on a change of the registration finds this connection; one that came before did not.
        return (context.Profile is { } profile && admission.Token == profile.Anonymous) || context.Access.IsCurrent(admission) ? MqttRefusal.None : MqttRefusal.ServerUnavailable;
    }

    /// <summary>A will outside <c>v1/</c>, which the session keeps: on a topic that the user may publish on, and no larger than a state has room for.</summary>
    private static bool MayLeave(Will will, Admission admission)
    {
        IReadOnlyList<string> filters = admission.Device?.Topics ?? admission.Token!.Publishes ?? [];
        return will.Payload.Length + will.Properties.Length <= GrainLimits.WillBytes
            && new TopicPermissions(filters).Judge(will.Topic, out bool allowed) == MqttRefusal.None && allowed;
    }

    private static SessionWill Kept(Will will)
    {
        ByteWriter properties = new(16);
        PropertySet.CopyForwarded(will.Properties, properties);
        return new SessionWill(
            System.Text.Encoding.UTF8.GetString(will.Topic), will.Qos, will.Retain, will.DelaySeconds, will.MessageExpirySeconds, properties.Length == 0 ? null : properties.Written.ToArray(), will.Payload);
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

        SessionRow? session;
        try
        {
            session = await FindSessionAsync(connect.CleanStart);
            bool tracked = session?.Topics is not null || client.IsWillKept;
            bool changes = tracked || session?.Left == true || (client.SessionExpirySeconds > 0 && session?.ExpirySeconds != client.SessionExpirySeconds);

            // A session that is taken up and ends with this connection is kept up to date until then: should this process be killed, the next connection finds it.
            // Whatever becomes of this connection, the session has to hear from here on that its client has gone.
            client = client with { IsTracked = tracked, IsSessionKept = session is not null || client.SessionExpirySeconds > 0 };
            if (changes)
            {
                SessionWill? will = client.IsWillKept ? Kept(client.Will!) : null;
                await context.Sessions.OpenAsync(client.Key.Text, new SessionOpened(client.SessionExpirySeconds, will, tracked), stopping.Token);
            }
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            Log.AdmissionFailed(logger, client.User, transport.Address, e);
            return MqttRefusal.ServerUnavailable;
        }

        acks = new PendingAcks(context.Intake, output, context.Metrics, Fail);
        publishes = new PublishIntake(client, context, acks);
        rate = context.Clients.Enter(client, context.NowMs);
        if (session is not null)
        {
            publishes.Resume(session);
        }

        ByteWriter reply = new();
        MqttWriter.WriteConnAck(reply, client.Version, session is not null, new ConnAckProperties
        {
            AssignedClientId = connect.ClientId.Length == 0 ? client.ClientId : null,
            ServerKeepAliveSeconds = client.KeepAliveMs == connect.KeepAliveSeconds * 1000 ? null : (ushort)(client.KeepAliveMs / 1000),
            SessionExpirySeconds = client.SessionExpirySeconds == connect.SessionExpirySeconds ? null : client.SessionExpirySeconds,
        });

        // The answer is ours to send from here on, so its sending is timed and the client's CONNECT no more: a client that has its answer is not late.
        Volatile.Write(ref handshakeSinceMs, -1);
        await output.SendAsync(reply.WrittenMemory, stopping.Token);
        admitted = true;
        Log.Connected(logger, client.Version, client.ClientId, client.User, transport.Address);
        if (session is not null && FeedDeliveries.AreIn(session))
        {
            await Deliveries.ResumeAsync(session);
        }

        return MqttRefusal.None;
    }

    /// <summary>The stored session to go on with; null where there is none or the client starts clean, which ends it. So does one that was to end with its connection and outlived it, since the process did not.</summary>
    private async ValueTask<SessionRow?> FindSessionAsync(bool cleanStart)
    {
        if (!client!.Key.Fits)
        {
            return null;
        }

        string key = client.Key.Text;
        await context.Expiries.CancelAsync(key, stopping.Token);
        SessionRow? session = await context.Sessions.FindAsync(key, stopping.Token);
        if (session is not null && (cleanStart || session.ExpirySeconds == 0))
        {
            await context.Sessions.EndAsync(key, stopping.Token);
            return null;
        }

        // A client that resumes a session without asking for it to last ends it when it disconnects.
        endsSession = session is not null && client.SessionExpirySeconds == 0;
        return session;
    }

    /// <summary>MQTT 5.0 section 3.2.2.3.14: seconds. Only MQTT 5 can be told of a shorter one than it asked for.</summary>
    private static int KeepAliveOf(ConnectPacket connect, int most) =>
        connect.Version == MqttVersion.V5 && (connect.KeepAliveSeconds == 0 || connect.KeepAliveSeconds > most) ? most : connect.KeepAliveSeconds;
}
