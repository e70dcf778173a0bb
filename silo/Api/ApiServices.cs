using Streaming.Ingest;
using Streaming.Silo.Access;
using Streaming.Silo.History;
using Streaming.Silo.Host;
using Streaming.Silo.Views;

namespace Streaming.Silo.Api;

/// <summary>What the HTTP interface speaks to.</summary>
internal sealed record ApiServices
{
    public required IActorHost Host { get; init; }

    public required AccessBook Access { get; init; }

    public required ViewReader Lists { get; init; }

    public required IFeeds Feeds { get; init; }

    public required ViewPosition Position { get; init; }

    public required CityFigures Figures { get; init; }

    /// <summary>The rulebook in force, UTF-8 JSON.</summary>
    public required Func<ReadOnlyMemory<byte>> Rulebook { get; init; }

    /// <summary>States as of then, and histories.</summary>
    public required SubjectPast Past { get; init; }

    public required TimeProvider Time { get; init; }

    /// <summary>Waits until the lists show everything up to a position; false where they are too far behind to wait for.</summary>
    public async ValueTask<bool> ShownAsync(long position, CancellationToken cancellation)
    {
        try
        {
            await Position.WaitAsync(position, cancellation).WaitAsync(ApiLimits.ListsWait, Time, cancellation).ConfigureAwait(false);
            return true;
        }
        catch (TimeoutException)
        {
            return false;
        }
    }
}
