using Streaming.Grains.Turns;

namespace Streaming.Grains.Messaging;

/// <summary>The topics of messages between clients (<see cref="ActorKind.Topics"/>).</summary>
public interface ITopics : IActor;
