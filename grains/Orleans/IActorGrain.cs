using Orleans;
using Orleans.Concurrency;
using Streaming.Grains.Turns;

namespace Streaming.Grains.Orleans;

/// <summary>
/// What the journal's follower asks of every grain. An actor's inputs come in the order of the journal, in batches, one call at a time; a call that was not answered is made again.
/// </summary>
public interface IActorGrain : IActor, IGrainWithStringKey
{
    /// <summary>
    /// Applies the inputs of a batch that are behind the position applied and drops the others. What their turns asked for is stored with the state before it is in the answer, so an answer that was lost
    /// is given again, and nothing is asked for twice.
    /// </summary>
    [ResponseTimeout("00:00:30")]
    ValueTask<Applied> ApplyAsync(InputBatch batch);

    /// <summary>The state as JSON, where everything up to a position is applied to it; an activation that lost some of that shows nothing and says so.</summary>
    ValueTask<Look> LookAsync(long after, CancellationToken cancellation = default);

    /// <summary>The reminders that stand and are due, for the clock.</summary>
    [AlwaysInterleave]
    [ResponseTimeout("00:00:02")]
    ValueTask<DueReminder[]> DueAsync(long nowMs);
}
