using Streaming.Grains.Turns;

namespace Streaming.Grains.Access;

/// <summary>One MQTT session, by user and client id (<see cref="ActorKind.Session"/>).</summary>
public interface ISession : IActor;
