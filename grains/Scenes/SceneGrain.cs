using Orleans;
using Orleans.Placement;
using Orleans.Runtime;
using Streaming.Grains.Orleans;
using Streaming.Grains.Turns;

namespace Streaming.Grains.Scenes;

/// <summary>Asks the grain that hosts a <see cref="Scene"/>.</summary>
public interface ISceneGrain : IScene, IActorGrain;

/// <summary>Hosts a <see cref="Scene"/>.</summary>
[GrainType("scene")]
[HashBasedPlacement]
[CollectionAgeLimit(Minutes = 30)]
internal sealed class SceneGrain([PersistentState(ActorGrain.StorageName, ActorGrain.StorageName)] IPersistentState<ActorRow> row, IGrainContext context)
    : ActorGrain(ActorKind.Scene, row, context), ISceneGrain;
