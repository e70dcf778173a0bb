using Orleans;
using Orleans.Placement;
using Orleans.Runtime;
using Streaming.Grains.Orleans;
using Streaming.Grains.Turns;

namespace Streaming.Grains.Access;

/// <summary>Asks the grain that hosts an <see cref="Audit"/>.</summary>
public interface IAuditGrain : IAudit, IActorGrain;

/// <summary>Hosts an <see cref="Audit"/>.</summary>
[GrainType("audit")]
[HashBasedPlacement]
[CollectionAgeLimit(Minutes = 15)]
internal sealed class AuditGrain([PersistentState(ActorGrain.StorageName, ActorGrain.StorageName)] IPersistentState<ActorRow> row, IGrainContext context)
    : ActorGrain(ActorKind.Audit, row, context), IAuditGrain;
