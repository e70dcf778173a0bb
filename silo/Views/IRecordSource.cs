namespace Streaming.Silo.Views;

/// <summary>What the projector reads: the journal's records in order, as far as they are durable. The journal's follower implements it, and tests do.</summary>
internal interface IRecordSource
{
    /// <summary>
    /// The next run of whole records (<see cref="Grains.Inputs.Record"/>), without waiting; false where nothing more is durable yet. The bytes are valid until the next call.
    /// </summary>
    /// <param name="records">The records, one behind the other.</param>
    /// <param name="firstPosition">Position of the first of them.</param>
    /// <param name="count">How many there are.</param>
    bool TryRead(out ReadOnlySpan<byte> records, out long firstPosition, out int count);
}
