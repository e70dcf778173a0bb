using Streaming.Grains.Turns;

namespace Streaming.Silo.History;

/// <summary>
/// What the journal still holds about one actor: every input that it was given, every reading about it and every warning that it showed, each as the whole journal record that it came in.
/// A record may concern several actors (an array of readings), so whoever reads picks what is the actor's. Only durable records are given.
/// </summary>
internal interface ISubjectHistory
{
    /// <summary>How far back everything about actors of a kind is kept without a gap.</summary>
    HistoryReach Reach(ActorKind kind);

    /// <summary>
    /// The records that concern the actor, from position <paramref name="from"/> to <paramref name="through"/>, both included; the oldest first, or the newest first where <paramref name="newestFirst"/>.
    /// Read as the caller goes on, so that a page costs a page. Throws <see cref="Journal.JournalDamagedException"/> where a file cannot be read as it was written.
    /// </summary>
    IEnumerable<SubjectRecord> Read(ActorKind kind, string key, long from, long through, bool newestFirst, CancellationToken cancellation);

    /// <summary>The position of the last record that came in at or before a time, ms since 1970; 0 where none did.</summary>
    long PositionAt(long timeMs);
}

/// <summary>From where on history is whole.</summary>
/// <param name="Position">The first position from which nothing is missing; 1 where nothing ever was dropped.</param>
/// <param name="TimeMs">Time of that record, ms since 1970.</param>
internal readonly record struct HistoryReach(long Position, long TimeMs);

/// <summary>A whole journal record (<see cref="Grains.Inputs.Record"/>) and its position.</summary>
internal readonly record struct SubjectRecord(long Position, ReadOnlyMemory<byte> Bytes);
