using Streaming.Grains.Turns;

namespace Streaming.Grains.Access;

/// <summary>One bearer token, by its name (<see cref="ActorKind.Token"/>).</summary>
public interface IToken : IActor;
