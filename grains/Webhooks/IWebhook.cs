using Streaming.Grains.Turns;

namespace Streaming.Grains.Webhooks;

/// <summary>A webhook of a department, by its id (<see cref="ActorKind.Webhook"/>).</summary>
public interface IWebhook : IActor;
