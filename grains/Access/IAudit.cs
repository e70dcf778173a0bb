using Streaming.Grains.Turns;

namespace Streaming.Grains.Access;

/// <summary>What one caller looked at and changed, by the name of its token (<see cref="ActorKind.Audit"/>).</summary>
public interface IAudit : IActor;
