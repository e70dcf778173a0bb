using Orleans;
using Orleans.Placement;
using Orleans.Runtime;
using Streaming.Grains.Orleans;
using Streaming.Grains.Turns;

namespace Streaming.Grains.Subjects;

/// <summary>Asks the grain that hosts a <see cref="Enterprise"/>.</summary>
public interface IEnterpriseGrain : IEnterprise, IActorGrain;

/// <summary>Hosts a <see cref="Enterprise"/>.</summary>
[GrainType("enterprise")]
[HashBasedPlacement]
[CollectionAgeLimit(Minutes = 60)]
internal sealed class EnterpriseGrain([PersistentState(ActorGrain.StorageName, ActorGrain.StorageName)] IPersistentState<ActorRow> row, IGrainContext context)
    : ActorGrain(ActorKind.Enterprise, row, context), IEnterpriseGrain;
