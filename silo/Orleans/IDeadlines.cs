using Streaming.Grains.Turns;

namespace Streaming.Silo.Orleans;

/// <summary>Which actors have a reminder that is due. It may name one too many: an actor that is due is asked for the reminders it really has.</summary>
internal interface IDeadlines
{
    /// <summary>Notes when the actor's earliest reminder is due; null where it has none.</summary>
    ValueTask SetAsync(ActorId actor, long? dueMs, CancellationToken cancellation);

    /// <summary>Actors that are due, of those whose partition modulo <paramref name="shares"/> is <paramref name="share"/>, the earliest first.</summary>
    ValueTask<IReadOnlyList<ActorId>> DueAsync(int share, int shares, long nowMs, int limit, CancellationToken cancellation);
}
