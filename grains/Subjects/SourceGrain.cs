using Orleans;
using Orleans.Placement;
using Orleans.Runtime;
using Streaming.Grains.Orleans;
using Streaming.Grains.Turns;

namespace Streaming.Grains.Subjects;

/// <summary>Asks the grain that hosts a <see cref="Source"/>.</summary>
public interface ISourceGrain : ISource, IActorGrain;

/// <summary>Hosts a <see cref="Source"/>.</summary>
[GrainType("source")]
[HashBasedPlacement]
[CollectionAgeLimit(Minutes = 60)]
internal sealed class SourceGrain([PersistentState(ActorGrain.StorageName, ActorGrain.StorageName)] IPersistentState<ActorRow> row, IGrainContext context)
    : ActorGrain(ActorKind.Source, row, context), ISourceGrain;
