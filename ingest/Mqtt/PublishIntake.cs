using System.Text;
using Streaming.Grains.Inputs;
using Streaming.Ingest.Formats;
using Streaming.Ingest.Mqtt.Packets;

namespace Streaming.Ingest.Mqtt;

/// <summary>
/// Takes the publishes of one connection: judges the topic, has the payload turned into a journal record, appends the records of one pass together and leaves the acknowledgements
/// with <see cref="PendingAcks"/>. Used by the receiving loop alone. A publish that is in order allocates nothing.
/// </summary>
internal sealed class PublishIntake(AdmittedClient client, MqttContext context, PendingAcks acks)
{
    private readonly TopicPermissions? permissions = client.Device is null ? null : new TopicPermissions(client.Device.Registration.Topics);
    private byte[]?[]? aliases;
    private PublishBatch? batch;
    private long publishes;

    /// <summary>Publishes taken since the connection began.</summary>
    public long Publishes => Volatile.Read(ref publishes);

    /// <summary>What was refused or quarantined last; null where nothing was.</summary>
    public string? LastRefusal { get; private set; }

    /// <summary>Why the journal took nothing, once it did not.</summary>
    public string? IntakeRefusal { get; private set; }

    /// <summary>True once the gathered records are to be appended before more packets are looked at.</summary>
    public bool IsFull => batch is not null && batch.Records.Length >= MqttLimits.BatchBytes;

    /// <summary>MQTT 5.0 section 3.3.4: takes one PUBLISH into the batch. A refusal ends the connection; what was taken before it still counts.</summary>
    public MqttRefusal Take(FrameHeader header, ReadOnlySpan<byte> body)
    {
        MqttRefusal refusal = PublishPacket.Read(header, body, client.Version, out PublishPacket packet);
        if (refusal != MqttRefusal.None)
        {
            return refusal;
        }

        if (packet.Qos == 2)
        {
            return MqttRefusal.QosNotSupported;
        }

        refusal = ResolveTopic(packet.Topic, packet.TopicAlias, out ReadOnlySpan<byte> topic);
        if (refusal != MqttRefusal.None)
        {
            return refusal;
        }

        batch ??= context.Batches.Rent(context.Time.GetUtcNow().ToUnixTimeMilliseconds());

        // MQTT 5.0 section 3.3.4: Receive Maximum binds the client. A 3.1.1 client cannot know it; it is not read from while it is over it.
        if (packet.Qos == 1 && client.Version == MqttVersion.V5 && acks.InFlight + batch.AckCount >= MqttLimits.PublishesInFlight)
        {
            return MqttRefusal.ReceiveMaximumExceeded;
        }

        if (client.Device is null)
        {
            return RefuseToken(packet.Qos, packet.PacketId);
        }

        refusal = permissions!.Judge(topic, out bool allowed);
        if (refusal != MqttRefusal.None)
        {
            return refusal;
        }

        EncodeOutcome outcome = allowed
            ? PublishEncoder.Encode(batch.Records, client.Device, topic, packet.Payload, batch.NowMs)
            : Quarantine(client.Device, topic, packet.Payload);
        batch.Publishes++;
        batch.PayloadBytes += packet.Payload.Length;
        batch.Accepted += outcome.Accepted;
        batch.Rejected += outcome.Rejected;
        if (outcome.Rejected > 0)
        {
            LastRefusal = ReasonOf(outcome);
        }

        if (packet.Qos == 1)
        {
            string? reason = outcome.Rejected > 0 && client.WantsReasons ? LastRefusal : null;
            MqttWriter.WritePubAck(batch.Acks, client.Version, packet.PacketId, CodeOf(outcome), reason);
            batch.AckCount++;
        }

        return MqttRefusal.None;
    }

    /// <summary>Takes the client's will as a publish of its own.</summary>
    public void TakeWill(Will will)
    {
        if (client.Device is null || permissions!.Judge(will.Topic, out bool allowed) != MqttRefusal.None)
        {
            return;
        }

        batch ??= context.Batches.Rent(context.Time.GetUtcNow().ToUnixTimeMilliseconds());
        EncodeOutcome outcome = allowed
            ? PublishEncoder.Encode(batch.Records, client.Device, will.Topic, will.Payload, batch.NowMs)
            : Quarantine(client.Device, will.Topic, will.Payload);
        batch.Publishes++;
        batch.PayloadBytes += will.Payload.Length;
        batch.Accepted += outcome.Accepted;
        batch.Rejected += outcome.Rejected;
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
            }

            acks.Add(position, gathered.Acks.Written, gathered.AckCount);
            Volatile.Write(ref publishes, publishes + gathered.Publishes);
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
        EncodeOutcome outcome = PublishEncoder.Quarantine(batch!.Records, device, topic, payload, RejectReason.TopicNotAllowed, Detail);
        return outcome with { FirstReason = RejectReason.TopicNotAllowed, FirstDetail = $"{Encoding.UTF8.GetString(topic[..Math.Min(topic.Length, 128)])}: {Detail}" };
    }

    /// <summary>
    /// A token may not publish, and nothing of it is kept. MQTT 5 at QoS 1 is told so; otherwise the connection is closed, because the only other answer that 3.1.1 section 3.3.5 knows
    /// is to acknowledge what was thrown away.
    /// </summary>
    private MqttRefusal RefuseToken(byte qos, ushort packetId)
    {
        LastRefusal = MqttRefusal.NotAuthorized.ToString();
        if (qos == 0 || client.Version == MqttVersion.V311)
        {
            return MqttRefusal.NotAuthorized;
        }

        MqttWriter.WritePubAck(batch!.Acks, client.Version, packetId, ReasonCode.NotAuthorized, client.WantsReasons ? MqttRefusal.NotAuthorized.Describe() : null);
        batch.AckCount++;
        return MqttRefusal.None;
    }

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
