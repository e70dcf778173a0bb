using System.Globalization;
using Orleans;
using Orleans.Runtime;
using Orleans.Storage;
using Streaming.Grains.Orleans;
using Streaming.Grains.Turns;

namespace Streaming.Silo.Orleans;

/// <summary>
/// Grain storage in PostgreSQL: Orleans' own provider behind names that are safe for it, with the deadlines beside the states.
/// </summary>
/// <remarks>
/// Names. The provider finds a state by its name and the grain's key, without the kind of grain, and takes some keys for numbers; <c>vehicle:粤H12345-yellow</c> is neither shared nor a number.
/// Deadlines. State and deadline are two writes. The deadline is set before the state where it is earlier than the one known, and again after it, so that a crash between the two leaves a row too many, for which the grain is asked
/// in vain, and never one too few. Where the write is refused because another activation's came first, the deadline is set to what that one stored.
/// </remarks>
internal sealed class ClusterStorage(IGrainStorage provider, IDeadlines deadlines) : IGrainStorage
{
    public async Task ReadStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState)
    {
        await provider.ReadStateAsync(stateName, NameOf(grainId), grainState);
        if (grainState.State is ActorRow row)
        {
            row.KnownDueMs = row.NextDueMs;
        }
    }

    public async Task WriteStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState)
    {
        if (grainState.State is not ActorRow row)
        {
            await provider.WriteStateAsync(stateName, NameOf(grainId), grainState);
            return;
        }

        ActorId actor = new(ActorGrains.KindOf(grainId.Type), grainId.Key.ToString()!);
        bool changes = row.NextDueMs != row.KnownDueMs;
        if (changes && row.NextDueMs is { } due && due < (row.KnownDueMs ?? long.MaxValue))
        {
            await deadlines.SetAsync(actor, due, CancellationToken.None);
        }

        try
        {
            await provider.WriteStateAsync(stateName, NameOf(grainId), grainState);
        }
        catch (InconsistentStateException)
        {
            GrainState<ActorRow> stored = new(new ActorRow());
            await provider.ReadStateAsync(stateName, NameOf(grainId), stored);
            await deadlines.SetAsync(actor, stored.State?.NextDueMs, CancellationToken.None);
            throw;
        }

        if (changes)
        {
            await deadlines.SetAsync(actor, row.NextDueMs, CancellationToken.None);
            row.KnownDueMs = row.NextDueMs;
        }
    }

    public Task ClearStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState) => provider.ClearStateAsync(stateName, NameOf(grainId), grainState);

    private static GrainId NameOf(GrainId id) => GrainId.Create("actor", string.Create(CultureInfo.InvariantCulture, $"{id.Type}:{id.Key}"));
}
