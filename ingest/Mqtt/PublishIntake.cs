using System.Text;
using Streaming.Grains;
using Streaming.Grains.Inputs;
using Streaming.Grains.Messages;
using Streaming.Grains.Messaging;
using Streaming.Ingest.Formats;
using Streaming.Ingest.Mqtt.Packets;

namespace Streaming.Ingest.Mqtt;

/// <summary>
/// Takes the publishes of one connection: judges the topic, has the payload turned into a journal record, appends the records of one pass together and leaves the acknowledgements
/// with <see cref="PendingAcks"/>. Used by the receiving loop alone. A publish that is in order allocates nothing.
/// <para>
/// QoS 2: an identifier is taken from its PUBLISH to its PUBREL, and a PUBLISH under a taken one is the same again (MQTT 5.0 section 4.3.3). Where the session outlives the connection, what happened to
/// identifiers is one record in the same append, behind the publishes; PUBREC and PUBCOMP wait for both. A failure of power that leaves the publishes without their mark leaves them without PUBREC too: they come
/// again, and the ids of their readings tell. The other order would lose them.
/// </para>
/// </summary>
internal sealed class PublishIntake(AdmittedClient client, MqttContext context, PendingAcks acks)
{
    private readonly HashSet<ushort> taken = [];
    private readonly TopicPermissions? permissions = (client.Device?.Registration.Topics ?? client.Token?.Publishes) is { } topics ? new TopicPermissions(topics) : null;
    private byte[]?[]? aliases;
    private PublishBatch? batch;
    private readonly int payloadBytes = client.Device?.Registration.PayloadBytes ?? int.MaxValue;
    private long publishes;
    private long readings;

    /// <summary>Publishes taken since the connection began.</summary>
    public long Publishes => Volatile.Read(ref publishes);

    /// <summary>Readings that came since the connection began, those that were quarantined included.</summary>
    public long Readings => Volatile.Read(ref readings);

    /// <summary>What was refused or quarantined last; null where nothing was.</summary>
    public string? LastRefusal
    {
        get;
        private set
        {
            field = value;
            LastRefusalAt = context.Time.GetUtcNow();
        }
    }

    /// <summary>When <see cref="LastRefusal"/> was.</summary>
    public DateTimeOffset LastRefusalAt { get; private set; }

    /// <summary>Why the journal took nothing, once it did not.</summary>
    public string? IntakeRefusal { get; private set; }

    /// <summary>True once the gathered records are to be appended before more packets are looked at.</summary>
    public bool IsFull => batch is not null && (batch.Records.Length >= MqttLimits.BatchBytes || batch.AckCount >= MqttLimits.PublishesInFlight);

    /// <summary>The last record with marks of this session; nothing to wait for where there is none.</summary>
    public long MarkedUpTo { get; private set; } = PendingAcks.NothingToWaitFor;

    /// <summary>Takes up the identifiers of a session that are in use.</summary>
    public void Resume(SessionRow stored)
    {
        foreach (int id in stored.Taken ?? [])
        {
            taken.Add((ushort)id);
        }
    }

    /// <summary>MQTT 5.0 section 3.3.4: takes one PUBLISH into the batch. A refusal ends the connection; what was taken before it still counts.</summary>
    public MqttRefusal Take(FrameHeader header, ReadOnlySpan<byte> body)
    {
        MqttRefusal refusal = PublishPacket.Read(header, body, client.Version, out PublishPacket packet);
        if (refusal != MqttRefusal.None)
        {
            return refusal;
        }

        refusal = ResolveTopic(packet.Topic, packet.TopicAlias, out ReadOnlySpan<byte> topic);
        if (refusal != MqttRefusal.None)
        {
            return refusal;
        }

        batch ??= Rent();
        if (packet.Qos == 2 && taken.Contains(packet.PacketId))
        {
            Owe(PacketType.PubRec, packet.PacketId);
            return MqttRefusal.None;
        }

        // MQTT 5.0 section 3.3.4: Receive Maximum binds the client. A 3.1.1 client cannot know it; it is not read from while it is over it at QoS 1. At QoS 2 only its own PUBREL, which has to be read, helps.
        if ((packet.Qos == 1 && client.Version == MqttVersion.V5 && acks.InFlight + batch.EndingCount + taken.Count >= MqttLimits.PublishesInFlight)
            || (packet.Qos == 2 && acks.InFlight + batch.EndingCount + taken.Count >= MqttLimits.PublishesInFlight))
        {
            return MqttRefusal.ReceiveMaximumExceeded;
        }

        if (permissions is null)
        {
            return RefuseToken(packet.Qos, packet.PacketId);
        }

        refusal = permissions.Judge(topic, out bool allowed);
        if (refusal != MqttRefusal.None)
        {
            return refusal;
        }

        if (allowed && !TopicFilters.IsOwn(topic) && packet.Payload.Length <= Math.Min(payloadBytes, GrainLimits.MessageBytes))
        {
            batch.Forward(client.Key.Utf8, topic, packet.Qos, packet.Retain, packet.MessageExpirySeconds, packet.Properties, packet.Payload);
            TakeAsIs(packet.Qos, packet.PacketId);
            return MqttRefusal.None;
        }

        if (client.Device is null)
        {
            return allowed && !TopicFilters.IsOwn(topic) ? RefuseTooLarge(packet.Qos, packet.PacketId) : RefuseToken(packet.Qos, packet.PacketId);
        }

        EncodeOutcome outcome = !allowed ? Quarantine(client.Device, topic, packet.Payload)
            : packet.Payload.Length > payloadBytes || !TopicFilters.IsOwn(topic) ? QuarantineTooLarge(client.Device, topic, packet.Payload)
            : batch.Encode(client.Device, topic, packet.Payload);
        if (outcome.Rejected > 0)
        {
            LastRefusal = ReasonOf(outcome);
        }

        if (packet.Qos > 0)
        {
            byte code = CodeOf(outcome);
            Answer(packet.Qos, packet.PacketId, code, outcome.Rejected > 0 && client.WantsReasons ? LastRefusal : null);
            if (packet.Qos == 2 && (code < ReasonCode.FirstFailure || client.Version == MqttVersion.V311))
            {
                taken.Add(packet.PacketId);
                Mark(SessionMark.Taken, packet.PacketId);
            }
        }

        return MqttRefusal.None;
    }

    /// <summary>Acknowledges a message between clients, which is taken as it is.</summary>
    private void TakeAsIs(byte qos, ushort packetId)
    {
        if (qos == 0)
        {
            return;
        }

        Answer(qos, packetId, ReasonCode.Success, null);
        if (qos == 2)
        {
            taken.Add(packetId);
            Mark(SessionMark.Taken, packetId);
        }
    }

    /// <summary>MQTT 5.0 sections 3.6 and 4.3.3: the identifier is free again, and PUBCOMP says so. One that is not in use was freed before, and its PUBCOMP lost.</summary>
    public MqttRefusal TakeRelease(FrameHeader header, ReadOnlySpan<byte> body)
    {
        MqttRefusal refusal = AckPacket.Read(header, body, client.Version, out AckPacket packet);
        if (refusal != MqttRefusal.None)
        {
            return refusal;
        }

        batch ??= Rent();
        if (taken.Remove(packet.PacketId))
        {
            Mark(SessionMark.Released, packet.PacketId);
            Owe(PacketType.PubComp, packet.PacketId);
            batch.EndingCount++;
        }
        else
        {
            Owe(PacketType.PubComp, packet.PacketId, ReasonCode.PacketIdentifierNotFound);
        }

        return MqttRefusal.None;
    }

    /// <summary>
    /// MQTT 5.0 section 4.3.3: a delivery's PUBREC came, and PUBREL answers it once a restart would know: were the item sent again after its PUBREL, the client would take it for another.
    /// </summary>
    /// <param name="packetId">Its identifier.</param>
    /// <param name="isKnown">Whether anything is in flight under it.</param>
    /// <param name="isFirst">Whether it is the first PUBREC for it.</param>
    public void AnswerReceived(ushort packetId, bool isKnown, bool isFirst)
    {
        batch ??= Rent();
        if (isFirst)
        {
            Mark(SessionMark.Received, packetId);
        }

        Owe(PacketType.PubRel, packetId, isKnown ? ReasonCode.Success : ReasonCode.PacketIdentifierNotFound);
    }

    /// <summary>Takes a device's will on one of the city's own topics as a publish of its own. Any other is the session's.</summary>
    public void TakeWill(Will will)
    {
        if (client.Device is null || permissions!.Judge(will.Topic, out bool allowed) != MqttRefusal.None)
        {
            return;
        }

        batch ??= Rent();
        if (allowed)
        {
            batch.Encode(client.Device, will.Topic, will.Payload);
        }
        else
        {
            Quarantine(client.Device, will.Topic, will.Payload);
        }
    }

    /// <summary>Throws away what was gathered: its making failed halfway. Nothing of it is acknowledged.</summary>
    public void Discard() => batch = null;

    /// <summary>Appends what the pass gathered. While the journal is behind, this waits, the loop does not read, and so a flooding client is slowed down.</summary>
    public async ValueTask<MqttRefusal> CommitAsync(CancellationToken cancellation)
    {
        if (batch is null)
        {
            return MqttRefusal.None;
        }

        PublishBatch gathered = batch;
        batch = null;
        try
        {
            long position = PendingAcks.NothingToWaitFor;
            bool marked = gathered.Marks.Length > 0;
            if (marked)
            {
                client.Key.WriteMarks(gathered.Records, gathered.Marks.Written);
            }

            if (gathered.Records.Length > 0)
            {
                Appended appended = await context.Intake.AppendAsync(gathered.Records.WrittenMemory, cancellation);
                if (appended.Refusal is not null)
                {
                    IntakeRefusal = appended.Refusal;
                    LastRefusal = $"{nameof(MqttRefusal.IntakeRefused)}: {appended.Refusal}";
                    return MqttRefusal.IntakeRefused;
                }

                position = appended.LastPosition;
                MarkedUpTo = marked ? position : MarkedUpTo;
            }

            acks.Add(position, gathered.Acks.Written, gathered.AckCount, gathered.EndingCount);
            Volatile.Write(ref publishes, publishes + gathered.Publishes);
            Volatile.Write(ref readings, readings + gathered.Accepted + gathered.Rejected + gathered.Messages);
            context.Metrics.Count(gathered);
        }
        finally
        {
            context.Batches.Return(gathered);
        }

        return MqttRefusal.None;
    }

    /// <summary>Waits while as much is unacknowledged as a connection may have.</summary>
    public ValueTask WaitForRoomAsync(CancellationToken cancellation)
    {
        Task room = acks.WaitForRoomAsync();
        return room.IsCompleted ? ValueTask.CompletedTask : new ValueTask(room.WaitAsync(cancellation));
    }

    /// <summary>
    /// Reason code of an acknowledgement: success as long as anything of the payload was taken. "Quota exceeded" is for what is too large or too many, "Topic Name invalid" for a topic
    /// that does not exist, "Payload format invalid" for the rest. All of it is kept in quarantine, so the client need not keep it.
    /// </summary>
    public static byte CodeOf(EncodeOutcome outcome)
    {
        if (outcome.Accepted > 0 || outcome.Rejected == 0)
        {
            return ReasonCode.Success;
        }

        return outcome.FirstReason switch
        {
            RejectReason.TopicNotAllowed => ReasonCode.NotAuthorized,
            RejectReason.UnknownTopic => ReasonCode.TopicNameInvalid,
            RejectReason.TooLarge or RejectReason.TooMany => ReasonCode.QuotaExceeded,
            _ => ReasonCode.PayloadFormatInvalid,
        };
    }

    private static string ReasonOf(EncodeOutcome outcome)
    {
        string first = outcome.FirstReason is RejectReason reason ? $"{reason}: {outcome.FirstDetail}" : outcome.FirstDetail;
        return outcome.Accepted > 0 ? $"{outcome.Rejected} of {outcome.Accepted + outcome.Rejected} readings quarantined: {first}" : $"Quarantined: {first}";
    }

    private EncodeOutcome Quarantine(SourceContext device, ReadOnlySpan<byte> topic, ReadOnlySpan<byte> payload)
    {
        const string Detail = "The device's registration does not allow this topic.";
        EncodeOutcome outcome = batch!.Quarantine(device, topic, payload, RejectReason.TopicNotAllowed, Detail);
        return outcome with { FirstReason = RejectReason.TopicNotAllowed, FirstDetail = $"{Encoding.UTF8.GetString(topic[..Math.Min(topic.Length, 128)])}: {Detail}" };
    }

    private EncodeOutcome QuarantineTooLarge(SourceContext device, ReadOnlySpan<byte> topic, ReadOnlySpan<byte> payload)
    {
        string detail = TopicFilters.IsOwn(topic)
            ? $"The payload has {payload.Length} bytes and the device's registration allows {payloadBytes}. Split the array of readings."
            : $"The message has {payload.Length} bytes; at most {Math.Min(payloadBytes, GrainLimits.MessageBytes)} are handed on to other clients.";
        EncodeOutcome outcome = batch!.Quarantine(device, topic, payload, RejectReason.TooLarge, detail);
        return outcome with { FirstReason = RejectReason.TooLarge, FirstDetail = detail };
    }

    /// <summary>A token's message that is too large; nothing of it is kept, and at QoS 0 nobody is told.</summary>
    private MqttRefusal RefuseTooLarge(byte qos, ushort packetId)
    {
        LastRefusal = MqttRefusal.PacketTooLarge.ToString();
        if (client.Version == MqttVersion.V311)
        {
            return MqttRefusal.PacketTooLarge;
        }

        if (qos > 0)
        {
            Answer(qos, packetId, ReasonCode.QuotaExceeded, client.WantsReasons ? $"A message has at most {GrainLimits.MessageBytes} bytes." : null);
        }

        return MqttRefusal.None;
    }

    /// <summary>
    /// A token may publish messages on the topics it was given and nothing else; what it may not is not kept. MQTT 5 at QoS 1 or 2 is told so; otherwise the connection is closed, because the only other answer that 3.1.1 section 3.3.5 knows
    /// is to acknowledge what was thrown away.
    /// </summary>
    private MqttRefusal RefuseToken(byte qos, ushort packetId)
    {
        LastRefusal = MqttRefusal.NotAuthorized.ToString();
        if (client.Version == MqttVersion.V311 && context.Profile is { AcknowledgesWhatItDrops: true })
        {
            TakeAsIs(qos, packetId);
            return MqttRefusal.None;
        }

        if (qos == 0 || client.Version == MqttVersion.V311)
        {
            return MqttRefusal.NotAuthorized;
        }

        Answer(qos, packetId, ReasonCode.NotAuthorized, client.WantsReasons ? MqttRefusal.NotAuthorized.Describe() : null);
        return MqttRefusal.None;
    }

    /// <summary>PUBACK, which ends its exchange, or PUBREC, which does so where it is a failure (MQTT 5.0 section 4.3.3).</summary>
    private void Answer(byte qos, ushort packetId, byte code, string? reason)
    {
        Owe(qos == 1 ? PacketType.PubAck : PacketType.PubRec, packetId, code, reason);
        if (qos == 1 || (code >= ReasonCode.FirstFailure && client.Version == MqttVersion.V5))
        {
            batch!.EndingCount++;
        }
    }

    private void Owe(PacketType type, ushort packetId, byte code = ReasonCode.Success, string? reason = null)
    {
        MqttWriter.WriteAck(batch!.Acks, type, client.Version, packetId, code, reason);
        batch.AckCount++;
    }

    /// <summary>Kept in memory alone where the session ends with the connection.</summary>
    private void Mark(SessionMark mark, ushort packetId)
    {
        if (client.IsSessionKept)
        {
            SessionMarks.Write(batch!.Marks, mark, packetId);
        }
    }

    private PublishBatch Rent() => context.Batches.Rent(context.Time.GetUtcNow().ToUnixTimeMilliseconds());

    /// <summary>MQTT 5.0 section 3.3.2.3.4: an alias stands for a topic that was sent with it before.</summary>
    private MqttRefusal ResolveTopic(ReadOnlySpan<byte> given, ushort alias, out ReadOnlySpan<byte> topic)
    {
        topic = given;
        if (alias == 0)
        {
            return given.IsEmpty ? MqttRefusal.TopicNameInvalid : MqttRefusal.None;
        }

        if (alias > MqttLimits.TopicAliases)
        {
            return MqttRefusal.TopicAliasInvalid;
        }

        aliases ??= new byte[MqttLimits.TopicAliases + 1][];
        if (given.IsEmpty)
        {
            topic = aliases[alias];
            return topic.IsEmpty ? MqttRefusal.TopicAliasInvalid : MqttRefusal.None;
        }

        if (given.Length > MqttLimits.TopicBytes)
        {
            return MqttRefusal.TopicNameInvalid;
        }

        if (!given.SequenceEqual(aliases[alias]))
        {
            aliases[alias] = given.ToArray();
        }

        return MqttRefusal.None;
    }
}
