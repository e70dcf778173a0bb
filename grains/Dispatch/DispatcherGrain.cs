using Orleans;
using Orleans.Placement;
using Orleans.Runtime;
using Streaming.Grains.Orleans;
using Streaming.Grains.Turns;

namespace Streaming.Grains.Dispatch;

/// <summary>Asks the grain that hosts a <see cref="Dispatcher"/>.</summary>
public interface IDispatcherGrain : IDispatcher, IActorGrain;

/// <summary>Hosts a <see cref="Dispatcher"/>.</summary>
[GrainType("dispatcher")]
[HashBasedPlacement]
[CollectionAgeLimit(Minutes = 240)]
internal sealed class DispatcherGrain([PersistentState(ActorGrain.StorageName, ActorGrain.StorageName)] IPersistentState<ActorRow> row, IGrainContext context)
    : ActorGrain(ActorKind.Dispatcher, row, context), IDispatcherGrain;
