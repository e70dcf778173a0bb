using System.Collections.Concurrent;
using System.Collections.Immutable;
using System.Globalization;
using Orleans;
using Orleans.Runtime;
using Orleans.Storage;
using Streaming.Grains.Inputs;
using Streaming.Grains.Orleans;
using Streaming.Grains.Turns;
using Streaming.Silo.Host;

namespace Streaming.Silo.Orleans;

/// <summary>
/// Grain storage on the embedded store, the one that the standalone host uses, in the same form. Writes that come while one transaction is being synced go into the next together, so that thousands of grains share a sync.
/// A write replaces the version that the grain had read or written, and no other: the version is the position applied.
/// </summary>
/// <remarks>Reads and writes come from any thread. What waits is guarded by <c>gate</c>; the store's own thread takes it as a whole (<see cref="Gather"/>) and completes the writes once they are durable.</remarks>
internal sealed class ActorStorage(HostParts parts) : IGrainStorage, IDisposable
{
    private readonly Lock gate = new();
    private readonly ConcurrentBag<IStateReader> readers = [];
    private List<(StateRow Row, IReadOnlyDictionary<string, byte[]?>? Rows, TaskCompletionSource Written)> actors = [];
    private List<(KeyedRow Row, TaskCompletionSource Written)> rows = [];
    private Exception? closed;

    /// <summary>Called after a write came in: the store's thread has something to do.</summary>
    public event Action? Arrived;

    public Task ReadStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState)
    {
        (ActorKind kind, string key) = NameOf(grainId);
        if (!readers.TryTake(out IStateReader? reader))
        {
            reader = parts.Store.OpenReader();
        }

        try
        {
            if (stateName.StartsWith(ActorGrain.RowPrefix, StringComparison.Ordinal))
            {
                byte[]? value = reader.LoadRow(kind, key, stateName[ActorGrain.RowPrefix.Length..]);
                grainState.State = (T)(object)new ActorKeyedRow { Value = value ?? [] };
                grainState.RecordExists = value is not null;
                grainState.ETag = "";
            }
            else
            {
                StoredActor? stored = reader.Load(kind, key);
                grainState.State = (T)(object)new ActorRow { Position = stored?.Position ?? 0, Bytes = stored?.Bytes ?? [] };
                grainState.RecordExists = stored is not null;
                grainState.ETag = stored?.Position.ToString(CultureInfo.InvariantCulture);
            }
        }
        finally
        {
            readers.Add(reader);
        }

        return Task.CompletedTask;
    }

    public async Task WriteStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState)
    {
        (ActorKind kind, string key) = NameOf(grainId);
        TaskCompletionSource written = new(TaskCreationOptions.RunContinuationsAsynchronously);
        switch (grainState.State)
        {
            case ActorRow row:
                long replaces = grainState.ETag is { Length: > 0 } version ? long.Parse(version, CultureInfo.InvariantCulture) : StateRow.Absent;
                long position = row.Position;
                Add(new StateRow(Partition.HashOf(kind, key), kind, key, position, row.NextDueMs, row.Bytes) { Replaces = replaces, CopyBefore = row.CopyBefore, FirstSince = row.FirstSince }, row.ChangedRows, written);
                await written.Task;
                row.WroteRows = true;
                grainState.ETag = position.ToString(CultureInfo.InvariantCulture);
                break;
            case ActorKeyedRow row:
                Add(new KeyedRow(kind, key, stateName[ActorGrain.RowPrefix.Length..], row.Value), written);
                await written.Task;
                break;
            default:
                throw new NotSupportedException($"This storage keeps actors and their rows, not {typeof(T)}.");
        }

        grainState.RecordExists = true;
    }

    public async Task ClearStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState)
    {
        if (!stateName.StartsWith(ActorGrain.RowPrefix, StringComparison.Ordinal))
        {
            throw new NotSupportedException("An actor's state is not cleared.");
        }

        (ActorKind kind, string key) = NameOf(grainId);
        TaskCompletionSource written = new(TaskCreationOptions.RunContinuationsAsynchronously);
        Add(new KeyedRow(kind, key, stateName[ActorGrain.RowPrefix.Length..], null), written);
        await written.Task;
        grainState.State = (T)(object)new ActorKeyedRow();
        grainState.RecordExists = false;
    }

    /// <summary>Called by the store's thread: everything that waits, as one batch in the store's order; null where nothing does.</summary>
    public StateBatch? Gather()
    {
        List<(StateRow Row, IReadOnlyDictionary<string, byte[]?>? Rows, TaskCompletionSource Written)> takenActors;
        List<(KeyedRow Row, TaskCompletionSource Written)> takenRows;
        lock (gate)
        {
            if (actors.Count + rows.Count == 0)
            {
                return null;
            }

            (takenActors, actors) = (actors, []);
            (takenRows, rows) = (rows, []);
        }

        takenActors.Sort(static (left, right) => left.Row.Hash.CompareTo(right.Row.Hash));

        // Grains are given what is durable, so the batch needs nothing further; it says how far the journal was when it was made.
        StateBatch? batch = null;
        batch = new StateBatch { UnsavedSince = 0, NeedsDurable = parts.Journal.DurablePosition, Saved = () => Complete(batch!, takenActors, takenRows) };
        for (int i = 0; i < takenActors.Count; i++)
        {
            StateRow actor = takenActors[i].Row;
            batch.Actors.Add(actor);
            foreach ((string name, byte[]? value) in takenActors[i].Rows ?? ImmutableDictionary<string, byte[]?>.Empty)
            {
                batch.Rows.Add(new KeyedRow(actor.Kind, actor.Key, name, value) { With = i });
            }
        }

        batch.Rows.AddRange(takenRows.Select(taken => taken.Row));
        return batch;
    }

    /// <summary>The store's thread has ended: what waits, and what comes now, fails. The journal has it.</summary>
    public void Close(Exception why)
    {
        List<TaskCompletionSource> waiting;
        lock (gate)
        {
            closed = why;
            waiting = [.. actors.Select(waits => waits.Written), .. rows.Select(waits => waits.Written)];
            actors = [];
            rows = [];
        }

        foreach (TaskCompletionSource each in waiting)
        {
            each.TrySetException(why);
        }
    }

    public void Dispose()
    {
        while (readers.TryTake(out IStateReader? reader))
        {
            reader.Dispose();
        }
    }

    private static void Complete(StateBatch batch, List<(StateRow Row, IReadOnlyDictionary<string, byte[]?>? Rows, TaskCompletionSource Written)> actors, List<(KeyedRow Row, TaskCompletionSource Written)> rows)
    {
        foreach (int refused in batch.Refused)
        {
            StateRow row = actors[refused].Row;
            actors[refused].Written.TrySetException(new InconsistentStateException($"{row.Kind} {row.Key}: another activation has stored a later version than {row.Replaces}, from which position {row.Position} was made."));
        }

        foreach ((_, _, TaskCompletionSource written) in actors)
        {
            written.TrySetResult();
        }

        foreach ((_, TaskCompletionSource written) in rows)
        {
            written.TrySetResult();
        }
    }

    private void Add(in StateRow row, IReadOnlyDictionary<string, byte[]?>? changedRows, TaskCompletionSource written)
    {
        lock (gate)
        {
            ThrowIfClosed();
            actors.Add((row, changedRows, written));
        }

        Arrived?.Invoke();
    }

    private void Add(in KeyedRow row, TaskCompletionSource written)
    {
        lock (gate)
        {
            ThrowIfClosed();
            rows.Add((row, written));
        }

        Arrived?.Invoke();
    }

    private void ThrowIfClosed()
    {
        if (closed is not null)
        {
            throw new OrleansException("The store is closed.", closed);
        }
    }

    private static (ActorKind Kind, string Key) NameOf(GrainId id) => (ActorGrains.KindOf(id.Type), id.Key.ToString()!);
}
