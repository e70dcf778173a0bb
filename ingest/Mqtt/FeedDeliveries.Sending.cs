using Streaming.Grains.Messages;
using Streaming.Ingest.Mqtt.Packets;
using Streaming.Models.Encoding;

namespace Streaming.Ingest.Mqtt;

/// <summary>What goes out: first once more what was in flight, then each feed from where it had come to.</summary>
internal sealed partial class FeedDeliveries
{
    /// <summary>
    /// MQTT 5.0 section 4.4: what was in flight goes out again under its identifiers and in its order, PUBREL where PUBREC had come, as fast as the client's window allows. New items wait for the end of this.
    /// </summary>
    private async Task ResendAsync(List<DeliveryInFlight> again)
    {
        Sender sender = new();
        try
        {
            foreach (DeliveryInFlight delivery in again)
            {
                if (!await ResendAsync(delivery, sender))
                {
                    return;
                }
            }

            await SendAsync(sender);
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
            // The connection ends; the rest goes out on the next.
        }
        catch (Exception e)
        {
            failed(e);
        }
    }

    private async ValueTask<bool> ResendAsync(DeliveryInFlight delivery, Sender sender)
    {
        if (IsReceived(delivery))
        {
            MqttWriter.WriteAck(sender.Packets, PacketType.PubRel, client.Version, delivery.PacketId);
            return true;
        }

        IDeliverySource source = delivery.Feed == SessionQueue.Name
            ? new QueueSource(context.Messages, client.Key.Text)
            : Open(delivery.Feed);
        IReadOnlyList<DeliveryItem> items = await source.ReadAsync(delivery.Number - 1, 1, stopping);
        DeliveryItem? item = items.Count > 0 && (items[0].Message is null || items[0].Number == delivery.Number) ? items[0] : null;
        byte[]? properties = item is null ? null : PropertiesOf(item, delivery.Filter is null ? 0 : IdentifierOf(delivery.Filter), isAgain: true);
        if (properties is null || IsTooLarge(delivery.Qos, item!, properties))
        {
            lock (gate)
            {
                if (window.Find(delivery.PacketId) == delivery)
                {
                    Complete(delivery);
                }
            }

            return true;
        }

        while (true)
        {
            Task room;
            lock (gate)
            {
                if (window.Find(delivery.PacketId) != delivery || delivery.IsReceived)
                {
                    // The client's answer from before it reconnected came meanwhile, and was seen to.
                    return true;
                }

                if (window.HasRoom)
                {
                    window.MarkSent(delivery);
                    break;
                }

                room = window.WaitForRoomAsync();
            }

            if (!await SendAsync(sender))
            {
                return false;
            }

            await room.WaitAsync(stopping);
        }

        Write(sender, delivery.Qos, dup: true, delivery.PacketId, item!, properties);
        return sender.Packets.Length < MqttLimits.DeliveryBytes || await SendAsync(sender);
    }

    private async Task DeliverAsync(FeedDelivery delivery)
    {
        CancellationToken cancellation = delivery.Cancellation.Token;
        Sender sender = new();
        long after = delivery.From;
        try
        {
            await resent.WaitAsync(cancellation);
            while (true)
            {
                await delivery.Source.WaitAsync(after, cancellation);
                IReadOnlyList<DeliveryItem> items = await delivery.Source.ReadAsync(after, MqttLimits.FeedItemsPerRead, cancellation);
                if (items.Count == 0)
                {
                    // The feed has spoken of an item that cannot be read yet. It will be; asking at once again would only keep a core busy.
                    await Task.Delay(TimeSpan.FromMilliseconds(MqttLimits.FeedRetryMs), context.Time, cancellation);
                }

                int next = 0;
                while (next < items.Count)
                {
                    int count = await DeliverRunAsync(delivery, items, next, sender, cancellation);
                    if (count < 0)
                    {
                        return;
                    }

                    next += count;
                    after = next > 0 ? items[next - 1].Number : after;
                }

                context.Metrics.Delivered.Add(items.Count);

                if (!await SendAsync(sender))
                {
                    return;
                }
            }
        }
        catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
        {
            // Unsubscribed, or the connection ends.
        }
        catch (Exception e)
        {
            failed(e);
        }
    }

    /// <summary>
    /// Sends the next items, as many as have room in the window; returns how many, 0 after waiting for room, -1 where the peer is gone. Where the session lasts, one record gives the whole run its identifiers before
    /// any of it is sent: a restart then knows under which identifier each item may have reached the client. From there on the run is sent even if the subscription ends, since the identifiers are in use.
    /// </summary>
    private async ValueTask<int> DeliverRunAsync(FeedDelivery delivery, IReadOnlyList<DeliveryItem> items, int first, Sender sender, CancellationToken cancellation)
    {
        cancellation.ThrowIfCancellationRequested();
        List<(DeliveryInFlight Delivery, byte[] Properties)> run = [];
        Task? room = null;
        lock (gate)
        {
            for (int i = first; i < items.Count && window.HasRoom && QosOf(delivery, items[i]) is > 0 and byte qos; i++)
            {
                byte[]? properties = PropertiesOf(items[i], delivery.Identifier);
                if (properties is null || IsTooLarge(qos, items[i], properties))
                {
                    break;
                }

                run.Add((window.Add(delivery, items[i].Number, qos), properties));
            }

            if (run.Count == 0 && QosOf(delivery, items[first]) > 0 && !window.HasRoom)
            {
                room = window.WaitForRoomAsync();
            }
        }

        if (room is not null)
        {
            if (!await SendAsync(sender))
            {
                return -1;
            }

            await room.WaitAsync(cancellation);
            return 0;
        }

        if (run.Count == 0)
        {
            return await DeliverOneAsync(delivery, items[first], sender) ? 1 : -1;
        }

        if (client.IsSessionKept)
        {
            await MarkSentAsync(delivery, run.ConvertAll(each => each.Delivery));
        }

        lock (gate)
        {
            delivery.Passed = run[^1].Delivery.Number;
        }

        for (int i = 0; i < run.Count; i++)
        {
            Write(sender, run[i].Delivery.Qos, dup: false, run[i].Delivery.PacketId, items[first + i], run[i].Properties);
            if (sender.Packets.Length >= MqttLimits.DeliveryBytes && !await SendAsync(sender))
            {
                return -1;
            }
        }

        return run.Count;
    }

    /// <summary>
    /// An item without an identifier: at QoS 0; or one that is not sent, because it has expired (MQTT 5.0 section 3.3.2.3.3) or is too large for the client (section 3.1.2.11.4), and counts as if it had been.
    /// </summary>
    private async ValueTask<bool> DeliverOneAsync(FeedDelivery delivery, DeliveryItem item, Sender sender)
    {
        byte qos;
        byte[]? properties;
        lock (gate)
        {
            qos = QosOf(delivery, item);
            properties = PropertiesOf(item, delivery.Identifier);
        }

        if (qos == 0 && properties is not null && !IsTooLarge(qos, item, properties))
        {
            Write(sender, 0, dup: false, 0, item, properties);
            if (!await SendAsync(sender))
            {
                return false;
            }
        }

        lock (gate)
        {
            delivery.Passed = item.Number;
        }

        return true;
    }

    private void Write(Sender sender, byte qos, bool dup, ushort packetId, DeliveryItem item, byte[] properties)
    {
        SentAlias? alias = null;
        bool known;
        lock (gate)
        {
            if (client.TopicAliasMaximum > 0)
            {
                alias = aliases.Find(item.Topic, item.Utf8.Length);
            }

            // What this loop has written goes out in its order, so its own packets may rely on one before them.
            known = alias is not null && (alias.IsSent || sender.Introduced.Contains(alias));
        }

        // The first packet is longer by the alias; where that is just too much for the client, it goes without.
        if (alias is not null && !known && MqttWriter.PublishBytes(client.Version, qos, item.Utf8.Length, item.Payload.Length, properties.Length, withAlias: true) > client.MaximumPacketBytes)
        {
            alias = null;
        }

        MqttWriter.WritePublish(
            sender.Packets, client.Version, qos, dup, item.Message is { Retain: true }, packetId, known ? [] : item.Utf8, item.Payload.Span, properties, alias?.Number ?? 0);
        if (alias is not null && !known)
        {
            sender.Introduced.Add(alias);
        }
    }

    /// <summary>Given up only with the whole connection, not with the subscription: half a packet would spoil the connection for the others.</summary>
    private async ValueTask<bool> SendAsync(Sender sender)
    {
        if (sender.Packets.Length == 0)
        {
            return true;
        }

        bool sent = await output.SendAsync(sender.Packets.WrittenMemory, stopping);
        sender.Packets.Clear();
        if (sent && sender.Introduced.Count > 0)
        {
            lock (gate)
            {
                sender.Introduced.ForEach(alias => alias.IsSent = true);
            }
        }

        sender.Introduced.Clear();
        return sent;
    }

    private bool IsTooLarge(byte qos, DeliveryItem item, byte[] properties) =>
        MqttWriter.PublishBytes(client.Version, qos, item.Utf8.Length, item.Payload.Length, properties.Length, withAlias: false) > client.MaximumPacketBytes;

    private static byte QosOf(FeedDelivery delivery, DeliveryItem item) => (byte)(item.Message?.Qos ?? delivery.Qos);

    /// <summary>
    /// MQTT 5.0 section 3.3.2.3: the properties of a packet but for the alias, none in 3.1.1; null where the message has expired. One that is sent again may have reached the client before, so its exchange is brought to its end.
    /// </summary>
    private byte[]? PropertiesOf(DeliveryItem item, int identifier, bool isAgain = false)
    {
        long? left = item.Message?.ExpiresMs - context.Time.GetUtcNow().ToUnixTimeMilliseconds();
        if (left <= 0 && !isAgain)
        {
            return null;
        }

        if (client.Version != MqttVersion.V5 || (item.Message is null && item.Feed is null && identifier == 0))
        {
            return [];
        }

        ByteWriter properties = new(16);
        if (item.Feed is { } feed)
        {
            properties.WriteRaw(AlertProperties.Of(feed, item.Number, item.Payload.Span));
        }

        if (left is { } ms)
        {
            MqttWriter.WriteMessageExpiry(properties, (uint)Math.Clamp((ms + 999) / 1000, 0, uint.MaxValue));
        }

        properties.WriteRaw(item.Message?.Properties ?? []);
        MqttWriter.WriteSubscriptionIdentifier(properties, identifier);
        foreach (int each in item.Message?.Identifiers ?? [])
        {
            MqttWriter.WriteSubscriptionIdentifier(properties, each);
        }

        return properties.Written.ToArray();
    }

    private bool IsReceived(DeliveryInFlight delivery)
    {
        lock (gate)
        {
            return delivery.IsReceived;
        }
    }

    private int IdentifierOf(string filter)
    {
        lock (gate)
        {
            return byFilter.TryGetValue(filter, out FeedDelivery? delivery) ? delivery.Identifier : 0;
        }
    }

    /// <summary>What one loop has written and not sent.</summary>
    private sealed class Sender
    {
        public ByteWriter Packets { get; } = new();

        /// <summary>Aliases that go out with their topics among these packets.</summary>
        public List<SentAlias> Introduced { get; } = [];
    }
}
