using Streaming.Grains.Inputs;
using Streaming.Grains.Turns;
using Streaming.Silo.Supervision;

namespace Streaming.Silo.Views;

/// <summary>
/// Where the lists that people read are kept. They follow from the journal; the store keeps up to which position it has applied it,
/// in the same transaction, so a crash costs a little work again and never a row.
/// </summary>
internal interface IViewStore : IDisposable
{
    /// <summary>Everything up to here is in the lists.</summary>
    long Position { get; }

    /// <summary>Applies all of it or, on an exception, nothing.</summary>
    void Apply(ViewBatch batch);

    /// <summary>
    /// Takes off some of what is over for longer than it is kept, by the time of the records that showed it last. <paramref name="nowMs"/> is the time of the newest record applied, so that what is kept follows from the journal.
    /// Bounded work; called again and again.
    /// </summary>
    void Trim(ViewRetention retention, long nowMs);

    /// <summary>The position that survives even a loss of power; journal segments up to here are not needed for the lists.</summary>
    long SyncedPosition();
}

/// <summary>What a run of journal records changes in the lists.</summary>
internal sealed class ViewBatch
{
    public List<ViewChange> Changes { get; } = [];

    public List<QuarantineRow> Quarantine { get; } = [];

    /// <summary>Vehicles that were seen for the first time on a day.</summary>
    public List<PlateSeen> Plates { get; } = [];

    /// <summary>What the scoreboard goes by, in order and before any of it was overtaken.</summary>
    public List<ScoreInput> Scores { get; set; } = [];

    /// <summary>Position of the last record covered.</summary>
    public long Position { get; set; }
}

/// <summary>A row put, or with no JSON, taken off, and the time of the record that did it.</summary>
internal readonly record struct ViewChange(View View, string Key, byte[]? Json, long Position, long TimeMs = 0);

/// <summary>A payload, or an element of one, that did not fit.</summary>
internal sealed record QuarantineRow(long Position, int Element, string Source, string District, string Topic, long TimeMs, RejectReason Reason, string Detail, byte[] Payload);
