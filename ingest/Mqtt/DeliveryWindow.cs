using Streaming.Grains.Messages;

namespace Streaming.Ingest.Mqtt;

/// <summary>An item on its way to the client. Guarded by the lock of <see cref="FeedDeliveries"/>.</summary>
internal sealed class DeliveryInFlight(ushort packetId, string? filter, string feed, long number, byte qos)
{
    public ushort PacketId { get; } = packetId;

    /// <summary>The subscription that it is sent for; null where that had ended.</summary>
    public string? Filter { get; } = filter;

    public string Feed { get; } = feed;

    public long Number { get; } = number;

    public byte Qos { get; } = qos;

    /// <summary>PUBREC has come.</summary>
    public bool IsReceived { get; set; }

    /// <summary>It was sent on this connection, or its PUBREL is owed; it then counts against the client's Receive Maximum.</summary>
    public bool IsSent { get; set; }
}

/// <summary>
/// What is in flight to one client, by packet identifier, and the room there is for more: as much as the client's Receive Maximum and our own limit leave, over QoS 1 and 2 (MQTT 5.0 section 4.9). Guarded by the
/// lock of <see cref="FeedDeliveries"/>.
/// </summary>
internal sealed class DeliveryWindow(int most)
{
    private readonly Dictionary<ushort, DeliveryInFlight> byId = [];
    private TaskCompletionSource? room;
    private ushort lastPacketId;
    private int sent;

    public bool HasRoom => sent < most;

    public DeliveryInFlight? Find(ushort packetId) => byId.GetValueOrDefault(packetId);

    /// <summary>Gives an item the next identifier that is not in use. There is room; it is far smaller than the number of identifiers.</summary>
    public DeliveryInFlight Add(FeedDelivery delivery, long number, byte qos)
    {
        do
        {
            lastPacketId = lastPacketId == ushort.MaxValue ? (ushort)1 : (ushort)(lastPacketId + 1);
        }
        while (byId.ContainsKey(lastPacketId));

        DeliveryInFlight added = new(lastPacketId, delivery.Filter, delivery.Feed, number, qos);
        byId.Add(added.PacketId, added);
        MarkSent(added);
        return added;
    }

    /// <summary>Takes up what was in flight when the session's last connection ended. It is to be sent again, where only PUBREL is not owed.</summary>
    public DeliveryInFlight Resume(SessionDelivery stored)
    {
        DeliveryInFlight resumed = new((ushort)stored.Id, stored.Filter, stored.Feed, stored.Number, (byte)stored.Qos) { IsReceived = stored.Received };
        byId.Add(resumed.PacketId, resumed);
        lastPacketId = resumed.PacketId;
        if (resumed.IsReceived)
        {
            MarkSent(resumed);
        }

        return resumed;
    }

    public void MarkSent(DeliveryInFlight delivery)
    {
        if (!delivery.IsSent)
        {
            delivery.IsSent = true;
            sent++;
        }
    }

    /// <summary>The exchange is over: the identifier is free.</summary>
    public void Remove(DeliveryInFlight delivery)
    {
        byId.Remove(delivery.PacketId);
        if (delivery.IsSent)
        {
            sent--;
        }

        if (HasRoom && room is not null)
        {
            room.TrySetResult();
            room = null;
        }
    }

    /// <summary>Completes once there may be room. Several may wait; who finds none waits again.</summary>
    public Task WaitForRoomAsync() =>
        HasRoom ? Task.CompletedTask : (room ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)).Task;
}
