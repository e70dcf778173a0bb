using System.Text.Json;
using Streaming.Grains.Messages;
using Streaming.Grains.Turns;
using Streaming.Ingest;
using Streaming.Silo.Host;

namespace Streaming.Silo.Views;

/// <summary>
/// Persistent MQTT sessions: changes are commands to the session's actor, reading is from the list that it shows. A read waits for the lists to have the newest change made here,
/// so a client that reconnects at once finds what it was acknowledged.
/// </summary>
internal sealed class SessionBook(IActorHost host, ViewReader reader, ViewPosition position) : ISessions
{
    private long newest;

    public async ValueTask<SessionRow?> FindAsync(string key, CancellationToken cancellation)
    {
        await position.WaitAsync(Volatile.Read(ref newest), cancellation).ConfigureAwait(false);
        byte[]? json = await reader.FindAsync(View.Sessions, key, cancellation).ConfigureAwait(false);
        return json is null ? null : JsonSerializer.Deserialize(json, GrainsJson.Default.SessionRow);
    }

    public ValueTask SubscribeAsync(string key, SessionSubscribed subscription, CancellationToken cancellation) =>
        CommandAsync(key, MessageKind.SubscribeSession, JsonSerializer.SerializeToUtf8Bytes(subscription, GrainsJson.Default.SessionSubscribed), cancellation);

    public ValueTask AcknowledgeAsync(string key, SessionAcknowledged acknowledged, CancellationToken cancellation) =>
        CommandAsync(key, MessageKind.AcknowledgeSession, JsonSerializer.SerializeToUtf8Bytes(acknowledged, GrainsJson.Default.SessionAcknowledged), cancellation);

    public ValueTask EndAsync(string key, CancellationToken cancellation) => CommandAsync(key, MessageKind.EndSession, ReadOnlyMemory<byte>.Empty, cancellation);

    private async ValueTask CommandAsync(string key, MessageKind message, ReadOnlyMemory<byte> body, CancellationToken cancellation)
    {
        CommandResult result = await host.CommandAsync(ActorKind.Session, key, message, body, cancellation).ConfigureAwait(false);
        long seen = Volatile.Read(ref newest);
        while (result.Position > seen)
        {
            long before = Interlocked.CompareExchange(ref newest, result.Position, seen);
            if (before == seen)
            {
                break;
            }

            seen = before;
        }
    }
}
