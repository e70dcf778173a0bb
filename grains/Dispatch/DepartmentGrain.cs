using Orleans;
using Orleans.Placement;
using Orleans.Runtime;
using Streaming.Grains.Orleans;
using Streaming.Grains.Turns;

namespace Streaming.Grains.Dispatch;

/// <summary>Asks the grain that hosts a <see cref="Department"/>.</summary>
public interface IDepartmentGrain : IDepartment, IActorGrain;

/// <summary>Hosts a <see cref="Department"/>.</summary>
[GrainType("department")]
[HashBasedPlacement]
[CollectionAgeLimit(Minutes = 240)]
internal sealed class DepartmentGrain([PersistentState(ActorGrain.StorageName, ActorGrain.StorageName)] IPersistentState<ActorRow> row, IGrainContext context)
    : ActorGrain(ActorKind.Department, row, context), IDepartmentGrain;
