using Streaming.Grains.Turns;

namespace Streaming.Grains.Registers;

/// <summary>One entry of a register, by register and key (<see cref="ActorKind.Entry"/>).</summary>
public interface IEntry : IActor;
