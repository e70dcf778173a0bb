using Streaming.Grains.Turns;
using Streaming.Silo.History;

namespace Streaming.Tests.History;

/// <summary>A history whose beginning was dropped: it has nothing before a position, and says so.</summary>
internal sealed class CutHistory(ISubjectHistory whole, long begins, long beginsMs) : ISubjectHistory
{
    public HistoryReach Reach(ActorKind kind) => new(begins, beginsMs);

    public IEnumerable<SubjectRecord> Read(ActorKind kind, string key, long from, long through, bool newestFirst, CancellationToken cancellation) =>
        whole.Read(kind, key, Math.Max(from, begins), through, newestFirst, cancellation);

    public long PositionAt(long timeMs) => whole.PositionAt(timeMs);
}
