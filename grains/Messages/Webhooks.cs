namespace Streaming.Grains.Messages;

/// <summary>Command to a webhook: what a department wants to be told of, and where.</summary>
/// <param name="Url">An http or https address without a user in it.</param>
/// <param name="Department">Whose feed it gets.</param>
/// <param name="District">The feed's district; <c>*</c> for the whole city.</param>
/// <param name="Types">Types of alerts; empty for all.</param>
/// <param name="MinSeverity">Alerts of at least this severity, 1 to 4.</param>
/// <param name="After">The number in the feed behind which it begins.</param>
/// <param name="By">Name of the token that registered it.</param>
public sealed record WebhookRegistered(string Url, string Department, string District, string[] Types, int MinSeverity, long After, string By);

/// <summary>Command to a webhook.</summary>
/// <param name="Action">One of <see cref="Webhooks.WebhookActions"/>.</param>
/// <param name="By">Name of the token.</param>
/// <param name="Number">Of <c>resend</c>: the number of the dead letter; null for all.</param>
public sealed record WebhookAction(string Action, string By, long? Number = null);

/// <summary>To a webhook: how far its deliveries are. Marks of one webhook come in the order in which things happened, and may be told twice.</summary>
/// <param name="Through">Everything in the feed up to this number is delivered, left out by its filter, or a dead letter.</param>
/// <param name="Failing">The item behind that, where it was tried and not taken; null where none is.</param>
/// <param name="Dead">The item that was given up with this mark; null where none was.</param>
/// <param name="Resent">Number of the dead letter that was taken after all; null where none was.</param>
/// <param name="NotResent">Number of the dead letter that was sent again and not taken, and <paramref name="Reason"/>; null where none was.</param>
/// <param name="Gone">True where the receiver said that it is gone for ever (410).</param>
/// <param name="Reason">Why.</param>
public sealed record WebhookMarked(long Through, WebhookFailing? Failing = null, DeadLetter? Dead = null, long? Resent = null, long? NotResent = null, bool Gone = false, string? Reason = null);

/// <summary>An item that was tried and not taken, and is tried again.</summary>
/// <param name="Number">Its number in the feed.</param>
/// <param name="Since">When the first attempt failed since which none succeeded.</param>
/// <param name="Attempts">Attempts since then.</param>
/// <param name="Next">When the next one is made.</param>
public sealed record WebhookFailing(long Number, DateTimeOffset Since, int Attempts, DateTimeOffset Next, string Reason);

/// <summary>A row of the list of dead letters: what could not be delivered in time.</summary>
/// <param name="Number">Its number in the feed.</param>
/// <param name="At">When it was given up.</param>
/// <param name="Attempts">Attempts of the webhook since the last one that succeeded.</param>
/// <param name="Item">What was to be delivered.</param>
public sealed record DeadLetter(string Webhook, long Number, DateTimeOffset At, int Attempts, string Reason, Alert Item);

/// <summary>A row of the list of webhooks. Its secret is nowhere in it.</summary>
/// <param name="State">One of <see cref="Webhooks.WebhookStates"/>.</param>
/// <param name="Through">Everything in the feed up to this number is done with.</param>
/// <param name="SecretVersion">How often its secret was made.</param>
/// <param name="DeadLetters">Dead letters that are kept.</param>
/// <param name="DeadLettersDropped">Those that were dropped because there were too many; the feed has them as long as it keeps anything.</param>
/// <param name="Resend">Dead letters that are to be sent again now.</param>
public sealed record WebhookRow(
    string Id,
    string Url,
    string Department,
    string District,
    string[] Types,
    int MinSeverity,
    string State,
    long Through,
    int SecretVersion,
    string By,
    DateTimeOffset Created,
    int DeadLetters,
    long DeadLettersDropped,
    long[] Resend,
    WebhookFailing? Failing = null,
    string? Reason = null);
