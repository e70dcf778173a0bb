using Streaming.Grains.Turns;

namespace Streaming.Grains.Subjects;

/// <summary>One vehicle, by plate and colour (<see cref="ActorKind.Vehicle"/>).</summary>
public interface IVehicle : IActor;
