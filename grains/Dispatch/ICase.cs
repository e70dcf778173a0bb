using Streaming.Grains.Turns;

namespace Streaming.Grains.Dispatch;

/// <summary>One case, by its id (<see cref="ActorKind.Case"/>).</summary>
public interface ICase : IActor;
