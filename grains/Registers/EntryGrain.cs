using Orleans;
using Orleans.Placement;
using Orleans.Runtime;
using Streaming.Grains.Orleans;
using Streaming.Grains.Turns;

namespace Streaming.Grains.Registers;

/// <summary>Asks the grain that hosts an <see cref="Entry"/>.</summary>
public interface IEntryGrain : IEntry, IActorGrain;

/// <summary>Hosts an <see cref="Entry"/>.</summary>
[GrainType("entry")]
[HashBasedPlacement]
[CollectionAgeLimit(Minutes = 15)]
internal sealed class EntryGrain([PersistentState(ActorGrain.StorageName, ActorGrain.StorageName)] IPersistentState<ActorRow> row, IGrainContext context)
    : ActorGrain(ActorKind.Entry, row, context), IEntryGrain;
