using Orleans;
using Orleans.Placement;
using Orleans.Runtime;
using Streaming.Grains.Orleans;
using Streaming.Grains.Turns;

namespace Streaming.Grains.Dispatch;

/// <summary>Asks the grain that hosts a <see cref="Case"/>.</summary>
public interface ICaseGrain : ICase, IActorGrain;

/// <summary>Hosts a <see cref="Case"/>.</summary>
[GrainType("case")]
[HashBasedPlacement]
[CollectionAgeLimit(Minutes = 30)]
internal sealed class CaseGrain([PersistentState(ActorGrain.StorageName, ActorGrain.StorageName)] IPersistentState<ActorRow> row, IGrainContext context)
    : ActorGrain(ActorKind.Case, row, context), ICaseGrain;
