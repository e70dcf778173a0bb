using Microsoft.Extensions.Logging.Abstractions;
using Streaming.Grains.Rules;
using Streaming.Silo.Access;
using Streaming.Silo.Host;
using Streaming.Silo.Journal;
using Streaming.Silo.Views;

namespace Streaming.Tests.Parity;

/// <summary>
/// One run of an actor host, with the projector and the lists that the product opens it with. The clock, the bounds and who runs the turns are the test's, and so is what journal, history and states are kept on:
/// what is played here is which record leads to which, and memory spares a thousand syncs.
/// </summary>
internal sealed class ParityRun : IDisposable
{
    private readonly Stack<IDisposable> opened = new();
    private readonly ViewPosition position = new();

    public ParityRun(string directory, IDisk journalDisk, IDisk historyDisk, IStateStore states, TimeProvider time, Rulebook rulebook, HostOptions options, JournalOptions journal, Func<HostParts, ITurns> makeTurns)
    {
        Directory.CreateDirectory(directory);
        try
        {
            SqliteViewStore views = Keep(new SqliteViewStore(Path.Combine(directory, "views.db")));
            AccessBook access = Keep(new AccessBook(null));
            access.Load(views.Reader);
            FeedBook feeds = new(views.Reader, NullLogger<FeedBook>.Instance);
            HostSeams seams = new(journalDisk, historyDisk, states, views, time, NullLoggerFactory.Instance);
            Host = Keep(ActorHost.Open(seams, options, journal, rulebook, makeTurns, follower =>
                Keep(new Projector(views, follower, access, feeds, position, time, NullLogger<Projector>.Instance))));
            Lists = views.Reader;
        }
        catch
        {
            Dispose();
            throw;
        }
    }

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
