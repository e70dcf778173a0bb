using System.Text.Json;
using System.Text.Json.Serialization;
using Streaming.Grains.Messages;
using Streaming.Grains.Turns;
using Streaming.Models.Encoding;

namespace Streaming.Grains.Webhooks;

/// <summary>What can be done with a webhook.</summary>
public static class WebhookActions
{
    public const string Enable = "enable";
    public const string Disable = "disable";

    /// <summary>It ends for ever, with its dead letters.</summary>
    public const string Remove = "remove";

    /// <summary>Makes a new secret; the one before is good for nothing.</summary>
    public const string Secret = "secret";

    /// <summary>Dead letters are sent again.</summary>
    public const string Resend = "resend";
}

/// <summary>States of a webhook. Persisted and published: names are never reused.</summary>
public static class WebhookStates
{
    public const string Active = "active";

    /// <summary>Nothing is sent until somebody enables it; the feed keeps what comes.</summary>
    public const string Disabled = "disabled";

    public const string Removed = "removed";
}

/// <summary>What a webhook keeps.</summary>
internal sealed class WebhookState
{
    public required WebhookRegistered Registered { get; set; }

    public long CreatedMs { get; set; }

    public string State { get; set; } = WebhookStates.Active;

    public string? Reason { get; set; }

    public long Through { get; set; }

    public int SecretVersion { get; set; } = 1;

    public WebhookFailing? Failing { get; set; }

    /// <summary>Numbers of the dead letters that are kept, the oldest first.</summary>
    public List<long> Dead { get; set; } = [];

    public long DeadDropped { get; set; }

    /// <summary>Numbers of dead letters that are to be sent again.</summary>
    public List<long> Resend { get; set; } = [];
}

/// <summary>
/// A department's webhook: what it is told, and how far that is. The feed is its queue, so all it keeps of deliveries is the number up to which everything is done with, and the numbers of dead letters; those are rows of a list, with the item that could not be delivered.
/// </summary>
/// <remarks>
/// The number never goes back. Marks are told by the deliverer after what they say has happened; one that is told twice changes nothing. So a process that dies between a delivery and its mark delivers once more, under the same id, and loses nothing.
/// </remarks>
public sealed class Webhook : Actor
{
    private const byte StateVersion = 1;
    private WebhookState? state;

    public override bool Exists => state is not null;

    private WebhookState Now => state ?? throw new InvalidOperationException("The webhook has not been registered.");

    public override void Handle(scoped in Turn turn, scoped in Message message)
    {
        switch (message.Kind)
        {
            case MessageKind.RegisterWebhook:
                Register(turn, message.Read<WebhookRegistered>());
                break;
            case MessageKind.ActOnWebhook:
                Act(turn, message.Read<WebhookAction>());
                break;
            case MessageKind.MarkWebhook:
                Mark(turn, message.Read<WebhookMarked>());
                break;
            default:
                throw new InvalidDataException($"A webhook does not handle {message.Kind}.");
        }
    }

    public override void Write(ByteWriter writer) => StateJson.WriteOrForgotten(writer, StateVersion, state, WebhooksJson.Default.WebhookState);

    public override void Read(ref ByteReader reader) => state = StateJson.ReadOrForgotten(ref reader, StateVersion, WebhooksJson.Default.WebhookState);

    public override void Describe(Utf8JsonWriter json, string key) => JsonSerializer.Serialize(json, Row(key), GrainsJson.Default.WebhookRow);

    private void Register(scoped in Turn turn, WebhookRegistered registered)
    {
        if (state is not null)
        {
            bool same = Now.State != WebhookStates.Removed && registered.Url == Now.Registered.Url && registered.Department == Now.Registered.Department && registered.District == Now.Registered.District
                && registered.MinSeverity == Now.Registered.MinSeverity && registered.Types.SequenceEqual(Now.Registered.Types, StringComparer.Ordinal);
            turn.Effects.Reply(same ? ReplyStatus.Done : ReplyStatus.Conflict, same ? "Registered already." : $"Webhook {turn.Key} is another one; register this with another key.");
            return;
        }

        state = new WebhookState { Registered = registered, CreatedMs = turn.NowMs, Through = registered.After };
        Show(turn);
        turn.Effects.Reply(ReplyStatus.Done);
    }

    private void Act(scoped in Turn turn, WebhookAction action)
    {
        if (state is null || Now.State == WebhookStates.Removed)
        {
            turn.Effects.Reply(ReplyStatus.NotFound, $"There is no webhook '{turn.Key}'.");
            return;
        }

        switch (action.Action)
        {
            case WebhookActions.Enable:
                Now.State = WebhookStates.Active;
                Now.Reason = null;
                Now.Failing = null;
                break;
            case WebhookActions.Disable:
                Now.State = WebhookStates.Disabled;
                Now.Reason = $"disabled by {action.By}";
                break;
            case WebhookActions.Secret:
                Now.SecretVersion++;
                break;
            case WebhookActions.Resend when action.Number is { } number && !Now.Dead.Contains(number):
                turn.Effects.Reply(ReplyStatus.NotFound, $"Webhook {turn.Key} has no dead letter {number}.");
                return;
            case WebhookActions.Resend:
                Now.Resend.AddRange((action.Number is { } one ? [one] : Now.Dead).Where(dead => !Now.Resend.Contains(dead)).ToArray());
                break;
            case WebhookActions.Remove:
                Remove(turn);
                return;
            default:
                turn.Effects.Reply(ReplyStatus.Invalid, $"\"{action.Action}\" is no action.");
                return;
        }

        Show(turn);
        turn.Effects.Reply(ReplyStatus.Done);
    }

    /// <summary>Its dead letters are taken off the list by the list itself, with its row.</summary>
    private void Remove(scoped in Turn turn)
    {
        Now.State = WebhookStates.Removed;
        Now.Dead.Clear();
        Now.Resend.Clear();
        Now.Failing = null;
        turn.Effects.Hide(View.Webhooks, turn.Key);
        turn.Effects.Reply(ReplyStatus.Done);
    }

    private void Mark(scoped in Turn turn, WebhookMarked marked)
    {
        if (state is null || Now.State == WebhookStates.Removed)
        {
            turn.Effects.Reply(ReplyStatus.NotFound, $"There is no webhook '{turn.Key}'.");
            return;
        }

        if (marked.Dead is { } dead && marked.Through > Now.Through && !Now.Dead.Contains(dead.Number))
        {
            Now.Dead.Add(dead.Number);
            turn.Effects.Show(View.DeadLetters, DeadKey(turn.Key, dead.Number), dead);
            if (Now.Dead.Count > GrainLimits.DeadLetters)
            {
                turn.Effects.Hide(View.DeadLetters, DeadKey(turn.Key, Now.Dead[0]));
                Now.Resend.Remove(Now.Dead[0]);
                Now.Dead.RemoveAt(0);
                Now.DeadDropped++;
            }
        }

        if (marked.Resent is { } resent && Now.Dead.Remove(resent))
        {
            turn.Effects.Hide(View.DeadLetters, DeadKey(turn.Key, resent));
            Now.Resend.Remove(resent);
        }

        if (marked.NotResent is { } notResent)
        {
            Now.Resend.Remove(notResent);
            Now.Reason = marked.Reason;
        }
        else if (marked.Gone)
        {
            Now.State = WebhookStates.Disabled;
            Now.Reason = marked.Reason;
        }

        Now.Through = Math.Max(Now.Through, marked.Through);
        Now.Failing = marked.Failing;
        Show(turn);
        turn.Effects.Reply(ReplyStatus.Done);
    }

    private void Show(scoped in Turn turn) => turn.Effects.Show(View.Webhooks, turn.Key, Row(turn.Key));

    private WebhookRow Row(string id) => new(
        id,
        Now.Registered.Url,
        Now.Registered.Department,
        Now.Registered.District,
        Now.Registered.Types,
        Now.Registered.MinSeverity,
        Now.State,
        Now.Through,
        Now.SecretVersion,
        Now.Registered.By,
        DateTimeOffset.FromUnixTimeMilliseconds(Now.CreatedMs),
        Now.Dead.Count,
        Now.DeadDropped,
        [.. Now.Resend],
        Now.Failing,
        Now.Reason);

    private static string DeadKey(string id, long number) => $"{id}/{number}";
}

/// <summary>JSON of the states in this folder.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    UseStringEnumConverter = true)]
[JsonSerializable(typeof(WebhookState))]
internal sealed partial class WebhooksJson : JsonSerializerContext;
