using Microsoft.Extensions.Logging;
using Streaming.Grains.Rules;
using Streaming.Grains.Turns;
using Streaming.Silo.Journal;
using Streaming.Silo.Views;

namespace Streaming.Silo.Host;

/// <summary>What the world outside the process is to the host. The simulation gives others.</summary>
internal sealed record HostSeams(IDisk JournalDisk, IDisk HistoryDisk, IStateStore Store, IViewStore Views, TimeProvider Time, ILoggerFactory Logs)
{
    /// <summary>How actors are made; a test of what changed code does puts its own in.</summary>
    public ActorMaker Actors { get; init; } = ActorFactory.Create;
}

/// <summary>What the parts of one host share. Everything here may be used from any thread.</summary>
internal sealed class HostParts(HostSeams seams, HostOptions options, JournalOptions journalOptions, InputJournal journal)
{
    private volatile bool replayed;
    private volatile bool taking;
    private volatile bool stopping;

    public HostOptions Options { get; } = options;

    public JournalOptions JournalOptions { get; } = journalOptions;

    public InputJournal Journal { get; } = journal;

    public IStateStore Store { get; } = seams.Store;

    public IViewStore Views { get; } = seams.Views;

    public TimeProvider Time { get; } = seams.Time;

    /// <summary>Ms on a clock that nobody sets, for whatever is done so often or again after so long: were it the wall clock, one that is set back by an hour would hold it up for an hour.</summary>
    public long PassedMs => (long)Time.GetElapsedTime(0).TotalMilliseconds;

    public ActorMaker Actors { get; } = seams.Actors;

    public ILoggerFactory Logs { get; } = seams.Logs;

    public HistoryFiles History { get; } = new(seams.HistoryDisk, seams.Time.GetUtcNow().ToUnixTimeMilliseconds());

    public RulebookShelf Rulebooks { get; } = new();

    public PendingCommands Commands { get; } = new();

    /// <summary>Takes the rulebook of a record into force for whoever comes to it, and answers who decided it.</summary>
    public Rulebook TakeRulebook(long position, ReadOnlySpan<byte> json)
    {
        Rulebook taken = Rulebooks.Add(position, json);
        Commands.Take(position)?.TrySetResult(new CommandResult(null, position));
        return taken;
    }

    /// <summary>Where history begins, for each kind of actor; null where nobody says, and then no copy of a state is removed. Set before anything runs.</summary>
    public Func<ActorKind, long>? FirstKept { get; set; }

    /// <summary>Every block that was on the disk is in the chain; appends are allowed.</summary>
    public bool Replayed
    {
        get => replayed;
        set => replayed = value;
    }

    /// <summary>Recovery is over and inputs are taken.</summary>
    public bool Taking
    {
        get => taking;
        set => taking = value;
    }

    /// <summary>The process is about to end: what is unsaved is saved without waiting for more.</summary>
    public bool Stopping
    {
        get => stopping;
        set => stopping = value;
    }
}
