using Orleans;
using Orleans.Placement;
using Orleans.Runtime;
using Streaming.Grains.Orleans;
using Streaming.Grains.Turns;

namespace Streaming.Grains.Messaging;

/// <summary>Asks the grain that hosts <see cref="Topics"/>.</summary>
public interface ITopicsGrain : ITopics, IActorGrain;

/// <summary>Hosts <see cref="Topics"/>.</summary>
[GrainType("topics")]
[HashBasedPlacement]
[CollectionAgeLimit(Minutes = 240)]
internal sealed class TopicsGrain([PersistentState(ActorGrain.StorageName, ActorGrain.StorageName)] IPersistentState<ActorRow> row, IGrainContext context)
    : ActorGrain(ActorKind.Topics, row, context), ITopicsGrain;
