using Orleans;
using Orleans.Placement;
using Orleans.Runtime;
using Streaming.Grains.Orleans;
using Streaming.Grains.Turns;

namespace Streaming.Grains.Subjects;

/// <summary>Asks the grain that hosts a <see cref="Place"/>.</summary>
public interface IPlaceGrain : IPlace, IActorGrain;

/// <summary>Hosts a <see cref="Place"/>.</summary>
[GrainType("place")]
[HashBasedPlacement]
[CollectionAgeLimit(Minutes = 30)]
internal sealed class PlaceGrain([PersistentState(ActorGrain.StorageName, ActorGrain.StorageName)] IPersistentState<ActorRow> row, IGrainContext context)
    : ActorGrain(ActorKind.Place, row, context), IPlaceGrain;
