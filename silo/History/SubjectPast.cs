using Streaming.Grains.Rules;
using Streaming.Grains.Turns;
using Streaming.Silo.Host;

namespace Streaming.Silo.History;

/// <summary>
/// What the API asks of the past: states as of then, and pages of a subject's history. Reading the journal takes a thread as long as it takes, so few look at a time, and the rest wait or are told to come again.
/// </summary>
/// <param name="history">The records.</param>
/// <param name="states">States as of then.</param>
/// <param name="rulebooks">The rulebook in force at each position.</param>
/// <param name="whole">Waits until all that has been taken so far is in the history: a record that is not on disk yet may bear a time that is asked for.</param>
internal sealed class SubjectPast(ISubjectHistory history, StateAsOf states, IRulebooks rulebooks, Func<ValueTask> whole) : IDisposable
{
    private readonly SemaphoreSlim looks = new(SiloLimits.LooksAtThePast);

    /// <summary>The past of a running host.</summary>
    /// <param name="history">The records: whichever implementation of them there is.</param>
    /// <param name="openStates">As <see cref="StateAsOf"/> has it.</param>
    /// <param name="host">The host.</param>
    public static SubjectPast Over(ISubjectHistory history, Func<IPastStates>? openStates, ActorHost host) =>
        new(history, new StateAsOf(history, openStates, host.Rulebooks), host.Rulebooks, () => host.WaitDurableAsync(host.Journal.End));

    public HistoryReach Reach(ActorKind kind) => history.Reach(kind);

    /// <summary>Waits until the history holds all that was taken before the call; false where the disk does not take it.</summary>
    public async ValueTask<bool> WholeAsync(TimeProvider time, CancellationToken cancellation)
    {
        try
        {
            await whole().AsTask().WaitAsync(SiloLimits.LookWait, time, cancellation).ConfigureAwait(false);
            return true;
        }
        catch (TimeoutException)
        {
            return false;
        }
    }

    public Task<PastAnswer?> StateAsync(ActorKind kind, string key, long timeMs, CancellationToken cancellation) =>
        LookAsync(() => states.At(kind, key, timeMs, cancellation), cancellation);

    public Task<SubjectPage?> PageAsync(SubjectQuery query, CancellationToken cancellation) => LookAsync(() => Page(query, cancellation), cancellation);

    public void Dispose() => looks.Dispose();

    private async Task<T?> LookAsync<T>(Func<T> look, CancellationToken cancellation) where T : class
    {
        if (!await looks.WaitAsync(SiloLimits.LookWait, cancellation).ConfigureAwait(false))
        {
            return null;
        }

        try
        {
            return await Task.Run(look, cancellation).ConfigureAwait(false);
        }
        finally
        {
            looks.Release();
        }
    }

    /// <summary>
    /// Goes through records in the order in which they came in. A reading may have come in at any time after it was taken, so going forward begins where the range does and ends with history, and going backward ends where the range begins.
    /// </summary>
    private SubjectPage Page(SubjectQuery query, CancellationToken cancellation)
    {
        // A device's clock may be fast by as much as is tolerated, so a reading may have come in before it was taken.
        long earliest = query.FromMs is { } fromMs ? history.PositionAt(fromMs - Ingest.IngestLimits.FutureMs - 1) + 1 : 1;
        long from = Math.Max(earliest, query.NewestFirst ? 1 : query.Cursor?.Position ?? 1);
        long through = query.NewestFirst ? query.Cursor?.Position ?? long.MaxValue : long.MaxValue;
        SubjectEntries lines = new(query.Kind, query.Key, rulebooks);
        List<SubjectEntry> found = [];
        int examined = 0;
        foreach (SubjectRecord record in history.Read(query.Kind, query.Key, from, through, query.NewestFirst, cancellation))
        {
            if (examined++ == query.MostRecords)
            {
                return new SubjectPage(found, new SubjectCursor(record.Position, 0));
            }

            List<SubjectEntry> entries = lines.Of(record);
            if (query.NewestFirst)
            {
                entries.Reverse();
            }

            int passed = query.Cursor is { } cursor && cursor.Position == record.Position ? cursor.Entry : 0;
            for (int i = passed; i < entries.Count; i++)
            {
                if (!query.Wants(entries[i]))
                {
                    continue;
                }

                if (found.Count == query.MostEntries)
                {
                    return new SubjectPage(found, new SubjectCursor(record.Position, i));
                }

                found.Add(entries[i]);
            }
        }

        return new SubjectPage(found, null);
    }
}

/// <summary>What is asked of a subject's history.</summary>
/// <param name="Kind">The subject.</param>
/// <param name="Key">Its key.</param>
internal sealed record SubjectQuery(ActorKind Kind, string Key)
{
    /// <summary>Lines at or after this time, ms; null for all.</summary>
    public long? FromMs { get; init; }

    /// <summary>Lines before this time, ms; null for all.</summary>
    public long? ToMs { get; init; }

    /// <summary>Kinds of lines; null for all.</summary>
    public IReadOnlyCollection<string>? Kinds { get; init; }

    public bool NewestFirst { get; init; }

    /// <summary>Where an earlier page ended; null to begin.</summary>
    public SubjectCursor? Cursor { get; init; }

    public required int MostEntries { get; init; }

    public required int MostRecords { get; init; }

    public bool Wants(SubjectEntry entry) =>
        (FromMs is not { } from || entry.TimeMs >= from) && (ToMs is not { } to || entry.TimeMs < to) && (Kinds is null || Kinds.Contains(entry.Kind));
}

/// <summary>The first line that a page did not hold: its record, and its number among the record's lines.</summary>
internal readonly record struct SubjectCursor(long Position, int Entry);

/// <summary>Lines of a history, and where to go on; null where that was all.</summary>
internal sealed record SubjectPage(IReadOnlyList<SubjectEntry> Entries, SubjectCursor? Next);
