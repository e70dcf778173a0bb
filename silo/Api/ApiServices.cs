using Streaming.Grains.Messages;
using Streaming.Grains.Rules;
using Streaming.Grains.Turns;
using Streaming.Ingest;
using Streaming.Ingest.Mqtt;
using Streaming.Silo.Access;
using Streaming.Silo.Catalogue;
using Streaming.Silo.History;
using Streaming.Silo.Host;
using Streaming.Silo.Maps;
using Streaming.Silo.Notices;
using Streaming.Silo.Registers;
using Streaming.Silo.Scenes;
using Streaming.Silo.Sealing;
using Streaming.Silo.Views;

namespace Streaming.Silo.Api;

/// <summary>What the HTTP interface speaks to.</summary>
internal sealed record ApiServices
{
    public required IActorHost Host { get; init; }

    public required TableLoads Loads { get; init; }

    public required AccessBook Access { get; init; }

    public required ViewReader Lists { get; init; }

    public required IFeeds Feeds { get; init; }

    public required ViewPosition Position { get; init; }

    public required CityFigures Figures { get; init; }

    /// <summary>The rulebook in force.</summary>
    public required Func<Rulebook> Rules { get; init; }

    /// <summary>The last position that is durable.</summary>
    public required Func<long> DurablePosition { get; init; }

    /// <summary>Back-tests of scenes.</summary>
    public required SceneTester Scenes { get; init; }

    /// <summary>States as of then, and histories.</summary>
    public required SubjectPast Past { get; init; }

    /// <summary>The MQTT endpoint; it may not be open yet.</summary>
    public required MqttEndpoint Mqtt { get; init; }

    /// <summary>Links of notices to subjects.</summary>
    public required NoticeLinks Links { get; init; }

    /// <summary>Makes the secrets of webhooks.</summary>
    public required LinkKey Webhooks { get; init; }

    /// <summary>Networks that receivers of webhooks may be in though they are not public.</summary>
    public IReadOnlyList<System.Net.IPNetwork> WebhookNetworks { get; init; } = [];

    /// <summary>Pictures that came with answers.</summary>
    public required PictureStore Pictures { get; init; }

    /// <summary>Keys that heads of chains and dossiers are signed with.</summary>
    public required EvidenceKeys Keys { get; init; }

    /// <summary>Copies of what cases cite, and what people attached.</summary>
    public required HashedFiles Copies { get; init; }

    public required TimeProvider Time { get; init; }

    /// <summary>Looks that are not made without a reason (<see cref="AuditLooks"/>).</summary>
    public IReadOnlyList<string> ReasonsNeeded { get; init; } = [];

    /// <summary>What stands where.</summary>
    public required MapAnswers Map { get; init; }

    /// <summary>What is on the map, by name and place.</summary>
    public required MapBook MapBook { get; init; }

    /// <summary>The vehicles that are known.</summary>
    public required PlateBook Plates { get; init; }

    /// <summary>What comes in just now.</summary>
    public required Traffic Traffic { get; init; }

    /// <summary>The base map.</summary>
    public CityMap CityMap { get; init; } = CityMap.None;

    /// <summary>The console's files.</summary>
    public ConsoleFiles Console { get; init; } = ConsoleFiles.Carried();

    /// <summary>Where browsers' sessions are kept over a restart; null: in memory alone.</summary>
    public string? SessionsFile { get; init; }

    /// <summary>Where what is published goes.</summary>
    public required IIntake Intake { get; init; }

    /// <summary>What is asked of readings.</summary>
    public IReadingRules ReadingRules { get; init; } = FixedReadingRules.Shipped;

    /// <summary>Who looked at what resources said.</summary>
    public required ResourceLookUps LookUps { get; init; }

    /// <summary>Tells a device or token what it is registered as, and waits until the lists and the access book show it: so who was just registered can sign in at once, and who lost something cannot use it any more. Why not, or null.</summary>
    public async Task<Refusal?> RegisterAsync(HttpContext context, ActorKind kind, string key, MessageKind message, byte[] body)
    {
        (CommandResult result, Refusal? refusal) = await CommandAsync(context, kind, key, message, body).ConfigureAwait(false);
        if (refusal is null)
        {
            await ShownAsync(result.Position, context.RequestAborted).ConfigureAwait(false);
        }

        return refusal;
    }

    /// <summary>Sends an actor a command that the audit has the beginning of. Why it was not done, or null.</summary>
    public async Task<(CommandResult Result, Refusal? Refusal)> CommandAsync(HttpContext context, ActorKind kind, string key, MessageKind message, byte[] body)
    {
        if (Host.NotReady is { } reason)
        {
            return (default, Refusal.Unavailable(reason));
        }

        await AuditedCall.Of(context).BeginAsync().ConfigureAwait(false);
        CommandResult result = await Host.CommandAsync(kind, key, message, body, context.RequestAborted).ConfigureAwait(false);
        return (result, Replies.Refusal(result.Reply));
    }

    /// <summary>Waits until the lists show everything up to a position; false where they are too far behind to wait for.</summary>
    public ValueTask<bool> ShownAsync(long position, CancellationToken cancellation) => Position.TryWaitAsync(position, Time, cancellation);
}
