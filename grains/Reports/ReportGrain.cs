using Orleans;
using Orleans.Placement;
using Orleans.Runtime;
using Streaming.Grains.Orleans;
using Streaming.Grains.Turns;

namespace Streaming.Grains.Reports;

/// <summary>Asks the grain that hosts a <see cref="Report"/>.</summary>
public interface IReportGrain : IReport, IActorGrain;

/// <summary>Hosts a <see cref="Report"/>.</summary>
[GrainType("report")]
[HashBasedPlacement]
[CollectionAgeLimit(Minutes = 30)]
internal sealed class ReportGrain([PersistentState(ActorGrain.StorageName, ActorGrain.StorageName)] IPersistentState<ActorRow> row, IGrainContext context)
    : ActorGrain(ActorKind.Report, row, context), IReportGrain;
