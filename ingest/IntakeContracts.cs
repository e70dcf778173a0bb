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
    ValueTask<Admission> AuthenticateAsync(string user, ReadOnlyMemory<byte> password, CancellationToken cancellation);
}

/// <summary>Either a device or a token, or neither and why.</summary>
public sealed record Admission(SourceRegistration? Device, TokenRegistration? Token, string? Refusal);

/// <summary>The numbered feeds of the departments, as far as they are durable.</summary>
public interface IFeeds
{
    /// <summary>Number of the newest item; 0 where there is none.</summary>
    long Last(string feed);

    /// <summary>The items after <paramref name="after"/>, oldest first, at most <paramref name="most"/>.</summary>
    ValueTask<IReadOnlyList<FeedItem>> ReadAsync(string feed, long after, int most, CancellationToken cancellation);

    /// <summary>Completes once the feed has an item after <paramref name="after"/>.</summary>
    Task WaitAsync(string feed, long after, CancellationToken cancellation);
}

/// <summary>One line of a feed.</summary>
/// <param name="Number">Its number, rising by one without a hole.</param>
/// <param name="District">District of the item: the topic it is published on.</param>
/// <param name="Json">An <see cref="Alert"/>, UTF-8.</param>
public readonly record struct FeedItem(long Number, string District, ReadOnlyMemory<byte> Json);

/// <summary>Persistent MQTT sessions. A change is durable when the call completes.</summary>
public interface ISessions
{
    ValueTask<SessionRow?> FindAsync(string key, CancellationToken cancellation);

    ValueTask SubscribeAsync(string key, SessionSubscribed subscription, CancellationToken cancellation);

    ValueTask AcknowledgeAsync(string key, SessionAcknowledged acknowledged, CancellationToken cancellation);

    ValueTask EndAsync(string key, CancellationToken cancellation);
}
