using Orleans;
using Orleans.Placement;
using Orleans.Runtime;
using Streaming.Grains.Orleans;
using Streaming.Grains.Turns;

namespace Streaming.Grains.Webhooks;

/// <summary>Asks the grain that hosts a <see cref="Webhook"/>.</summary>
public interface IWebhookGrain : IWebhook, IActorGrain;

/// <summary>Hosts a <see cref="Webhook"/>.</summary>
[GrainType("webhook")]
[HashBasedPlacement]
[CollectionAgeLimit(Minutes = 30)]
internal sealed class WebhookGrain([PersistentState(ActorGrain.StorageName, ActorGrain.StorageName)] IPersistentState<ActorRow> row, IGrainContext context)
    : ActorGrain(ActorKind.Webhook, row, context), IWebhookGrain;
