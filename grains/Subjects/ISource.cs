using Streaming.Grains.Turns;

namespace Streaming.Grains.Subjects;

/// <summary>One station, camera, feed or register (<see cref="ActorKind.Source"/>).</summary>
public interface ISource : IActor;
