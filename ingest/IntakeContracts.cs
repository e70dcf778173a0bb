using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Streaming.Grains.Messages;

namespace Streaming.Ingest;

/// <summary>Where the endpoint leaves what came in. The silo's journal implements it.</summary>
public interface IIntake
{
    /// <summary>
    /// Appends whole records (<see cref="Grains.Inputs.Record"/>), in order and without a gap. Waits while the silo is behind, which is what slows a flooding client down;
    /// answers with a refusal where nothing can be taken (disk full, shutting down): then nothing of the batch was appended.
    /// The bytes are copied before the call completes.
    /// </summary>
    ValueTask<Appended> AppendAsync(ReadOnlyMemory<byte> records, CancellationToken cancellation);

    /// <summary>Everything up to here has reached the disk.</summary>
    long DurablePosition { get; }

    /// <summary>Completes once <see cref="DurablePosition"/> is at or past <paramref name="position"/>. Only then may anything be acknowledged.</summary>
    ValueTask WaitDurableAsync(long position);
}

/// <summary>Outcome of an append.</summary>
/// <param name="LastPosition">Position of the batch's last record.</param>
/// <param name="Refusal">Why nothing was appended; null where it was.</param>
public readonly record struct Appended(long LastPosition, string? Refusal);

/// <summary>Who may connect.</summary>
public interface IAccess
{
    /// <summary>Checks a user name and password. Bounded in concurrency where the hash is slow.</summary>
    /// <param name="address">Where it comes from, by which repeated failures are counted; null where that is not known.</param>
    ValueTask<Admission> AuthenticateAsync(string user, ReadOnlyMemory<byte> password, IPAddress? address, CancellationToken cancellation);

    /// <summary>Who a certificate lets in without a password; null where it says nothing of anybody, so that a password decides.</summary>
    /// <param name="user">The user name that came with it; empty where none did. One that the certificate does not name is refused.</param>
    Admission? AdmitByCertificate(ClientCertificate certificate, string user);

    /// <summary>Whether there is a device or token of this name. Of others nothing is remembered.</summary>
    bool Knows(string user);

    /// <summary>A device as it is registered now; null where there is none.</summary>
    SourceRegistration? FindDevice(string id);

    /// <summary>False once what was admitted has been changed or removed. To be asked again when the connection can be found by its user, since a change ends only those that are found.</summary>
    bool IsCurrent(Admission admission);
}

/// <summary>Why nobody was let in.</summary>
public enum AdmissionRefusal : byte
{
    /// <summary>Unknown user or wrong password.</summary>
    Wrong = 0,

    /// <summary>Too many passwords are being checked; nothing was looked at.</summary>
    Busy = 1,

    /// <summary>Too many wrong passwords came from there; nothing was looked at.</summary>
    LockedOut = 2,
}

/// <summary>Either a device or a token, or neither and why.</summary>
public sealed record Admission(SourceRegistration? Device, TokenRegistration? Token, string? Refusal, AdmissionRefusal Kind = AdmissionRefusal.Wrong);

/// <summary>The numbered feeds of the departments, and the ways back of resources, as far as they are durable.</summary>
public interface IFeeds
{
    /// <summary>Number of the newest item; 0 where there is none.</summary>
    long Last(string feed);

    /// <summary>The items after <paramref name="after"/>, oldest first, at most <paramref name="most"/>.</summary>
    ValueTask<IReadOnlyList<FeedItem>> ReadAsync(string feed, long after, int most, CancellationToken cancellation);

    /// <summary>Completes once the feed has an item after <paramref name="after"/>.</summary>
    Task WaitAsync(string feed, long after, CancellationToken cancellation);

    /// <summary>How many wait for the next item of a feed.</summary>
    int WaitersOf(string feed);
}

/// <summary>One line of a feed.</summary>
/// <param name="Number">Its number, rising by one without a hole.</param>
/// <param name="District">District of the item: the topic it is published on.</param>
/// <param name="Json">An <see cref="Alert"/>, or of a resource's way back a <see cref="JoinedItem"/>, UTF-8.</param>
public readonly record struct FeedItem(long Number, string District, ReadOnlyMemory<byte> Json);

/// <summary>
/// Persistent MQTT sessions. A change is durable when the call completes. Packet identifiers are marked by records of <see cref="MessageKind.MarkSession"/> through <see cref="IIntake"/>, beside the publishes that they are about.
/// </summary>
public interface ISessions
{
    /// <summary>All sessions, as lists show them: asked for once, before the first client comes.</summary>
    ValueTask<IReadOnlyList<SessionRow>> AllAsync(CancellationToken cancellation);

    /// <summary>The session with everything that was durable when it was asked for; null where there is none.</summary>
    ValueTask<SessionRow?> FindAsync(string key, CancellationToken cancellation);

    /// <summary>The session is there from now on, or has another expiry.</summary>
    ValueTask OpenAsync(string key, SessionOpened opened, CancellationToken cancellation);

    /// <summary>Throws where the session may have no such subscription.</summary>
    ValueTask SubscribeAsync(string key, SessionSubscribed subscription, CancellationToken cancellation);

    ValueTask AcknowledgeAsync(string key, SessionAcknowledged acknowledged, CancellationToken cancellation);

    /// <summary>The client of a session that is tracked has gone: its will and its end are the session's from here on.</summary>
    ValueTask LeaveAsync(string key, SessionLeft left, CancellationToken cancellation);

    ValueTask EndAsync(string key, CancellationToken cancellation);
}

/// <summary>
/// Messages between clients: who is subscribed to what, and the queue of each session. A publish is a record of <see cref="MessageKind.PublishMessage"/> through <see cref="IIntake"/>.
/// </summary>
public interface IMessages
{
    /// <summary>Durable when the call completes: what is published from then on arrives. Throws where there may be no such subscription.</summary>
    ValueTask SubscribeAsync(TopicSubscribed subscribed, CancellationToken cancellation);

    ValueTask UnsubscribeAsync(TopicUnsubscribed ended, CancellationToken cancellation);

    /// <summary>Messages of a session's queue after <paramref name="after"/>, oldest first, at most <paramref name="most"/>.</summary>
    ValueTask<IReadOnlyList<MessageItem>> ReadAsync(string session, long after, int most, CancellationToken cancellation);

    /// <summary>Completes once the queue has a message after <paramref name="after"/>.</summary>
    Task WaitAsync(string session, long after, CancellationToken cancellation);
}

/// <summary>A message in a queue and its number there.</summary>
public readonly record struct MessageItem(long Number, QueuedMessage Message);

/// <summary>A certificate that a client has shown, and proved to hold the key of.</summary>
/// <param name="Fingerprint">SHA-256 over the certificate, 64 lower-case hexadecimal digits.</param>
/// <param name="Names">Common names, DNS names and URIs of its subject.</param>
/// <param name="Chains">True where it leads to a root of the city's own, is in force and may be used by clients; only then its names say anything.</param>
/// <param name="InForce">True between its first and its last moment.</param>
public sealed record ClientCertificate(string Fingerprint, IReadOnlyList<string> Names, bool Chains, bool InForce)
{
    /// <summary>What is needed of a certificate, so that nothing holds on to the certificate itself.</summary>
    internal static ClientCertificate From(X509Certificate2 shown, bool chains, DateTimeOffset now) =>
        new(Convert.ToHexStringLower(SHA256.HashData(shown.RawDataMemory.Span)), Mqtt.Doors.CertificateNames.Of(shown), chains, now >= shown.NotBefore && now <= shown.NotAfter);
}
