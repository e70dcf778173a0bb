using Streaming.Grains.Turns;

namespace Streaming.Silo.Orleans;

/// <summary>When which actor has to be reminded, kept beside the grains so that an actor need not be in memory to be due. An actor has at most one deadline: its earliest.</summary>
internal interface IDeadlines
{
    /// <summary>
    /// Sets, or replaces, the actor's deadline; null removes it. It is durable when the task ends well. When the task fails or is cancelled it may or may not have been
    /// kept; to set it again does no harm.
    /// </summary>
    /// <param name="actor">Whose deadline it is.</param>
    /// <param name="dueMs">Unix time in ms.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    ValueTask SetAsync(ActorId actor, long? dueMs, CancellationToken cancellationToken);

    /// <summary>The actors whose deadline has come, the longest overdue first. They stay due until their deadline is set anew or removed.</summary>
    /// <param name="share">Only actors whose partition, modulo <paramref name="shares"/>, is this.</param>
    /// <param name="shares">Into how many shares the partitions are dealt, 1 or more.</param>
    /// <param name="nowMs">Unix time in ms; a deadline at this very time is due.</param>
    /// <param name="limit">The most actors to return, 1 to <see cref="PostgresLimits.DuePerSweep"/>.</param>
    /// <param name="cancellationToken">Ends the asking.</param>
    ValueTask<IReadOnlyList<ActorId>> DueAsync(int share, int shares, long nowMs, int limit, CancellationToken cancellationToken);
}
