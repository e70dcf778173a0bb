using Streaming.Grains.Turns;
using Streaming.Silo.Host;

namespace Streaming.Silo.Orleans;

/// <summary>The deadlines of the embedded store: each stored state carries when its earliest reminder is due, written in one transaction with it, so there is nothing to keep beside it.</summary>
internal sealed class SqliteDeadlines(SqliteStateStore store) : IDeadlines
{
    public ValueTask SetAsync(ActorId actor, long? dueMs, CancellationToken cancellation) => ValueTask.CompletedTask;

    public ValueTask<IReadOnlyList<ActorId>> DueAsync(int share, int shares, long nowMs, int limit, CancellationToken cancellation) => ValueTask.FromResult(store.Due(share, shares, nowMs, limit));
}
