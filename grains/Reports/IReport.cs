using Streaming.Grains.Turns;

namespace Streaming.Grains.Reports;

/// <summary>Something that was reported, by its id (<see cref="ActorKind.Report"/>).</summary>
public interface IReport : IActor;
