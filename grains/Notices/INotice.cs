using Streaming.Grains.Turns;

namespace Streaming.Grains.Notices;

/// <summary>A notice to the subject of a case, by its id (<see cref="ActorKind.Notice"/>).</summary>
public interface INotice : IActor;
