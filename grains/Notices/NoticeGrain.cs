using Orleans;
using Orleans.Placement;
using Orleans.Runtime;
using Streaming.Grains.Orleans;
using Streaming.Grains.Turns;

namespace Streaming.Grains.Notices;

/// <summary>Asks the grain that hosts a <see cref="Notice"/>.</summary>
public interface INoticeGrain : INotice, IActorGrain;

/// <summary>Hosts a <see cref="Notice"/>.</summary>
[GrainType("notice")]
[HashBasedPlacement]
[CollectionAgeLimit(Minutes = 30)]
internal sealed class NoticeGrain([PersistentState(ActorGrain.StorageName, ActorGrain.StorageName)] IPersistentState<ActorRow> row, IGrainContext context)
    : ActorGrain(ActorKind.Notice, row, context), INoticeGrain;
