using Streaming.Grains.Turns;

namespace Streaming.Grains.Subjects;

/// <summary>One place, by address or parcel (<see cref="ActorKind.Place"/>).</summary>
public interface IPlace : IActor;
