using Streaming.Grains.Turns;

namespace Streaming.Grains.Dispatch;

/// <summary>One district's dispatcher (<see cref="ActorKind.Dispatcher"/>).</summary>
public interface IDispatcher : IActor;
