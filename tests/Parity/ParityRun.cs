using Microsoft.Extensions.Logging.Abstractions;
using Streaming.Grains.Rules;
using Streaming.Silo.Access;
using Streaming.Silo.Host;
using Streaming.Silo.Journal;
using Streaming.Silo.Views;

namespace Streaming.Tests.Parity;

/// <summary>One run of an actor host, with the projector and the lists that the product opens it with. The clock, the bounds and who runs the turns are the test's.</summary>
internal sealed class ParityRun : IDisposable
{
    private readonly Stack<IDisposable> opened = new();
    private readonly ViewPosition position = new();

    public ParityRun(ParityData data, IStateStore states, Rulebook rulebook, HostOptions options, JournalOptions journal, Func<HostParts, ITurns> makeTurns)
    {
        try
        {
            Keep(states);
            SqliteViewStore views = Keep(new SqliteViewStore(data.ListsPath));
            AccessBook access = Keep(new AccessBook(null));
            access.Load(views.Reader);
            FeedBook feeds = new(views.Reader, NullLogger<FeedBook>.Instance);
            HostSeams seams = new(data.JournalDisk, data.HistoryDisk, states, views, data.Time, NullLoggerFactory.Instance);
            Host = Keep(ActorHost.Open(seams, options, journal, rulebook, makeTurns, follower =>
                Keep(new Projector(views, follower, access, feeds, position, data.Time, NullLogger<Projector>.Instance))));
            Lists = views.Reader;
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    /// <summary>
    /// Small bounds, so that actors leave memory and come back, states are saved in many batches, and the identities of readings go into files.
    /// </summary>
    public static HostOptions Options { get; } = new() { StatesPerBatch = 8, StatesAtOnce = 3, TurnsPerSavedState = 2, HistoryPartReadings = 64, IdleSaveMs = 0, RecordsBetweenQueries = 4, ResidentActors = 30 };

    public static JournalOptions Journal { get; } = new() { SegmentBytes = 1024 * 1024, BufferBytes = 64 * 1024, BlockBytes = 256 * 1024 };

    public ActorHost Host { get; }

    public ViewReader Lists { get; }

    /// <summary>Everything that the journal holds is durable and in the lists.</summary>
    public bool IsShown => Host.DurablePosition == Host.Journal.End && position.Current >= Host.Journal.End;

    public void Dispose()
    {
        while (opened.TryPop(out IDisposable? part))
        {
            part.Dispose();
        }
    }

    private T Keep<T>(T part) where T : IDisposable
    {
        opened.Push(part);
        return part;
    }
}
