using Orleans;
using Orleans.Placement;
using Orleans.Runtime;
using Streaming.Grains.Orleans;
using Streaming.Grains.Turns;

namespace Streaming.Grains.Access;

/// <summary>Asks the grain that hosts a <see cref="Session"/>.</summary>
public interface ISessionGrain : ISession, IActorGrain;

/// <summary>Hosts a <see cref="Session"/>.</summary>
[GrainType("session")]
[HashBasedPlacement]
[CollectionAgeLimit(Minutes = 15)]
internal sealed class SessionGrain([PersistentState(ActorGrain.StorageName, ActorGrain.StorageName)] IPersistentState<ActorRow> row, IGrainContext context)
    : ActorGrain(ActorKind.Session, row, context), ISessionGrain;
