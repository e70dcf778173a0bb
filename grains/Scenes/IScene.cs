using Streaming.Grains.Turns;

namespace Streaming.Grains.Scenes;

/// <summary>A scene that a department drafted, by its id (<see cref="ActorKind.Scene"/>).</summary>
public interface IScene : IActor;
