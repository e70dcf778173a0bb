using Orleans;
using Orleans.Placement;
using Orleans.Runtime;
using Streaming.Grains.Orleans;
using Streaming.Grains.Turns;

namespace Streaming.Grains.Subjects;

/// <summary>Asks the grain that hosts a <see cref="Vehicle"/>.</summary>
public interface IVehicleGrain : IVehicle, IActorGrain;

/// <summary>Hosts a <see cref="Vehicle"/>.</summary>
[GrainType("vehicle")]
[HashBasedPlacement]
[CollectionAgeLimit(Minutes = 15)]
internal sealed class VehicleGrain([PersistentState(ActorGrain.StorageName, ActorGrain.StorageName)] IPersistentState<ActorRow> row, IGrainContext context)
    : ActorGrain(ActorKind.Vehicle, row, context), IVehicleGrain;
