using Streaming.Grains.Turns;

namespace Streaming.Grains.Dispatch;

/// <summary>One department in one district (<see cref="ActorKind.Department"/>).</summary>
public interface IDepartment : IActor;
