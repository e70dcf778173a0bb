using Orleans;
using Orleans.Placement;
using Orleans.Runtime;
using Streaming.Grains.Orleans;
using Streaming.Grains.Turns;

namespace Streaming.Grains.Access;

/// <summary>Asks the grain that hosts a <see cref="Token"/>.</summary>
public interface ITokenGrain : IToken, IActorGrain;

/// <summary>Hosts a <see cref="Token"/>.</summary>
[GrainType("token")]
[HashBasedPlacement]
[CollectionAgeLimit(Minutes = 15)]
internal sealed class TokenGrain([PersistentState(ActorGrain.StorageName, ActorGrain.StorageName)] IPersistentState<ActorRow> row, IGrainContext context)
    : ActorGrain(ActorKind.Token, row, context), ITokenGrain;
