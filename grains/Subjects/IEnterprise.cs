using Streaming.Grains.Turns;

namespace Streaming.Grains.Subjects;

/// <summary>One enterprise, by its unified social credit code or id (<see cref="ActorKind.Enterprise"/>).</summary>
public interface IEnterprise : IActor;
