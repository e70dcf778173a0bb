using Streaming.Grains.Orleans;
using Streaming.Grains.Turns;

namespace Streaming.Silo.Orleans;

/// <summary>Where the clocks bring what is due: each reminder becomes a record of the journal.</summary>
internal interface IDeadlineSink
{
    /// <summary>Now, ms since 1970: the time that reminders are measured by.</summary>
    long NowMs { get; }

    void Fire(ActorId actor, IReadOnlyList<DueReminder> due);
}
