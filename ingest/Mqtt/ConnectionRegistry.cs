using System.Collections.Concurrent;

namespace Streaming.Ingest.Mqtt;

/// <summary>All connections, and which of them has which client identifier. MQTT 5.0 section 3.1.4: one connection a client identifier; here, of one user.</summary>
internal sealed class ConnectionRegistry
{
    private readonly ConcurrentDictionary<long, MqttConnection> all = new();
    private readonly Lock gate = new();
    private readonly Dictionary<(string User, string ClientId), MqttConnection> byClient = [];
    private readonly Queue<RefusedConnection> refused = new();
    private int count;

    public int Count => Volatile.Read(ref count);

    public ICollection<MqttConnection> All => all.Values;

    /// <summary>False where there are <paramref name="most"/> already.</summary>
    public bool TryAdd(MqttConnection connection, int most)
    {
        if (Interlocked.Increment(ref count) > most)
        {
            Interlocked.Decrement(ref count);
            return false;
        }

        all[connection.Number] = connection;
        return true;
    }

    public void Remove(MqttConnection connection)
    {
        if (all.TryRemove(connection.Number, out _))
        {
            Interlocked.Decrement(ref count);
        }
    }

    /// <summary>The connection now has this client identifier; returns the one that had it. The caller closes that and waits until it has handed over.</summary>
    public MqttConnection? Enter(string user, string clientId, MqttConnection connection)
    {
        lock (gate)
        {
            byClient.TryGetValue((user, clientId), out MqttConnection? older);
            byClient[(user, clientId)] = connection;
            return older;
        }
    }

    /// <summary>The connection has handed over; a newer one under the same identifier stays.</summary>
    public void Leave(string user, string clientId, MqttConnection connection)
    {
        lock (gate)
        {
            if (byClient.TryGetValue((user, clientId), out MqttConnection? current) && current == connection)
            {
                byClient.Remove((user, clientId));
            }
        }
    }

    public void Remember(RefusedConnection refusal)
    {
        lock (gate)
        {
            if (refused.Count == MqttLimits.RefusalsRemembered)
            {
                refused.Dequeue();
            }

            refused.Enqueue(refusal);
        }
    }

    public IReadOnlyList<RefusedConnection> Refused()
    {
        lock (gate)
        {
            return [.. refused];
        }
    }
}
