using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Streaming.Grains.Messages;
using Streaming.Grains.Rules;
using Streaming.Grains.Turns;
using Streaming.Silo.Host;
using Streaming.Tests.Rules;
using Streaming.Tests.Views;
using ManualTime = Streaming.Tests.Views.ManualTime;

namespace Streaming.Tests.Webhooks;

/// <summary>Runs webhooks as a host does: one turn at a time, each durable and on the lists at once.</summary>
internal sealed class WebhookHost(ViewBench views, ManualTime time) : IActorHost
{
    private readonly Lock gate = new();
    private readonly Dictionary<string, HostedActor> webhooks = new(StringComparer.Ordinal);
    private readonly Effects effects = new();
    private readonly StringBuilder journaled = new();

    public string Name => "test";

    public string? NotReady => null;

    /// <summary>Marks are lost with the process: nothing is told any more.</summary>
    public bool Killed { get; set; }

    public string Journaled
    {
        get
        {
            lock (gate)
            {
                return journaled.ToString();
            }
        }
    }

    public Reply? Send<T>(string id, MessageKind kind, T body) => Handle(id, kind, JsonSerializer.SerializeToUtf8Bytes(body, (JsonTypeInfo<T>)GrainsJson.Default.GetTypeInfo(typeof(T))!)).Reply;

    /// <summary>Puts an item into a feed.</summary>
    public void Alert(long number, Func<Alert, Alert>? change = null)
    {
        lock (gate)
        {
            Alert alert = Rows.Alert(number, "transport", "*", $"harbour-{number}") with { At = time.GetUtcNow(), Severity = 2 };
            views.Journal.Show(View.Feed, $"transport/*/{number}", change?.Invoke(alert) ?? alert);
            views.Run();
        }
    }

    public WebhookRow Row(string id)
    {
        lock (gate)
        {
            using MemoryStream stream = new();
            using (Utf8JsonWriter json = new(stream))
            {
                webhooks[id].Actor.Describe(json, id);
            }

            return JsonSerializer.Deserialize(stream.ToArray(), GrainsJson.Default.WebhookRow)!;
        }
    }

    public ValueTask<CommandResult> CommandAsync(ActorKind kind, string key, MessageKind message, ReadOnlyMemory<byte> body, CancellationToken cancellation) =>
        Killed ? ValueTask.FromException<CommandResult>(new HostUnavailableException("killed")) : ValueTask.FromResult(Handle(key, message, body.ToArray()));

    public ValueTask<long> RecordAsync(ActorKind kind, string key, MessageKind message, ReadOnlyMemory<byte> body) => throw new NotSupportedException();

    public ValueTask<Decided> DecideAsync(Func<Rulebook, RulebookDecisions> decide, CancellationToken cancellation) => throw new NotSupportedException();

    public ValueTask<byte[]?> DescribeAsync(ActorKind kind, string key, CancellationToken cancellation) => throw new NotSupportedException("The deliverer reads lists.");

    private CommandResult Handle(string id, MessageKind kind, byte[] body)
    {
        lock (gate)
        {
            if (!webhooks.TryGetValue(id, out HostedActor? webhook))
            {
                webhooks.Add(id, webhook = new HostedActor(ActorKind.Webhook, id, ActorFactory.Create));
            }

            webhook.Run(new Message { Kind = kind, Body = body }, views.Journal.Last + 1, time.GetUtcNow().ToUnixTimeMilliseconds(), CityRules.Shipped, effects, null!);
            journaled.Append(Encoding.UTF8.GetString(body)).Append(Encoding.UTF8.GetString(effects.Payload));
            foreach (Effect effect in effects.Items.Where(effect => effect.Kind == EffectKind.Show))
            {
                views.Journal.ShowRaw(effect.View, effect.Key, Encoding.UTF8.GetString(effects.Payload.Slice(effect.Offset, effect.Length)));
            }

            CommandResult result = new(effects.Answer, views.Journal.Last);
            views.Run();
            return result;
        }
    }
}
