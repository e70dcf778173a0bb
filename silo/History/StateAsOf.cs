using System.Globalization;
using Streaming.Grains.Rules;
using Streaming.Grains.Turns;
using Streaming.Models.Wording;
using Streaming.Silo.Host;

namespace Streaming.Silo.History;

/// <summary>
/// What an actor was at a time in the past: the newest state kept from then or before (<see cref="IPastStates"/>), carried on by the actor's records up to then (<see cref="PastActor"/>).
/// </summary>
/// <remarks>
/// Why it is exact. A state kept reflects every input up to its position, its turn time is that of the newest of them, and record times never run backwards: so a state whose turn time is at or before T holds nothing later than T, and what it
/// does not hold lies behind its position. Nothing is missing in between where history is whole from there on, or where the store knows that the actor had no input until then (<see cref="PastState.Until"/>).
/// An actor of which no state that old is kept may have begun later, or its beginning may have been dropped. It did begin later where its records from the beginning of history on, run from nothing, give the oldest state that is kept.
/// </remarks>
/// <param name="history">The records.</param>
/// <param name="openStates">Opens the states kept; null where they are in a store that keeps none of earlier days, and then everything is run from the beginning.</param>
/// <param name="rulebooks">The rulebook in force at each position.</param>
internal sealed class StateAsOf(ISubjectHistory history, Func<IPastStates>? openStates, IRulebooks rulebooks)
{
    public PastAnswer At(ActorKind kind, string key, long timeMs, CancellationToken cancellation)
    {
        HistoryReach reach = history.Reach(kind);
        long through = history.PositionAt(timeMs);
        using IPastStates? states = openStates?.Invoke();
        PastState? kept = states?.At(kind, key, timeMs);
        if (kept is not null && kept.Until >= reach.Position)
        {
            return Carry(new PastActor(kind, key, kept, states, rulebooks), kind, key, through, ReachOf(states!, kind, key, reach), HostedActor.TimeOf(kept.Bytes), cancellation);
        }

        bool whole = reach.Position <= 1;
        PastState? oldest = whole ? null : states?.Oldest(kind, key, reach.Position);
        long reachesBackToMs = oldest is null ? reach.TimeMs : HostedActor.TimeOf(oldest.Bytes);
        if (timeMs < reach.TimeMs || kept is not null || (!whole && states is null))
        {
            return Refuse(PastRefusal.BeforeReach, reachesBackToMs, states is null && !whole
                ? "The states are kept in PostgreSQL, without copies of earlier days, and the journal no longer reaches to the beginning: only what is now can be shown."
                : $"It is not kept any more: of this one, history reaches back to {FigureText.Time(reachesBackToMs)}.");
        }

        PastActor actor = new(kind, key, null, states, rulebooks);
        if (oldest is not null && !BeganWithin(actor, kind, key, reach.Position, oldest, states!, cancellation))
        {
            return Refuse(PastRefusal.BeforeReach, reachesBackToMs, $"It is not kept any more: of this one, history reaches back to {FigureText.Time(reachesBackToMs)}.");
        }

        return Carry(new PastActor(kind, key, null, states, rulebooks), kind, key, through, reach.TimeMs, reach.TimeMs, cancellation);
    }

    /// <summary>Runs the records behind the actor's state and through a position.</summary>
    private PastAnswer Carry(PastActor actor, ActorKind kind, string key, long through, long reachesBackToMs, long begunMs, CancellationToken cancellation) =>
        TryCarry(actor, kind, key, actor.Position + 1, through, cancellation)
            ? new PastAnswer(actor.Describe(), Math.Min(actor.Position, through), reachesBackToMs, PastRefusal.None, "")
            : Refuse(PastRefusal.TooMany, reachesBackToMs, $"From the state kept at {FigureText.Time(begunMs)} to then there are more than {SiloLimits.FoldedRecords} records of this one. Ask for a time nearer to that, or for one on a later day.");

    private bool TryCarry(PastActor actor, ActorKind kind, string key, long from, long through, CancellationToken cancellation)
    {
        int taken = 0;
        foreach (SubjectRecord record in history.Read(kind, key, from, through, newestFirst: false, cancellation))
        {
            if (++taken > SiloLimits.FoldedRecords)
            {
                return false;
            }

            actor.Take(record);
        }

        return true;
    }

    private bool BeganWithin(PastActor actor, ActorKind kind, string key, long from, PastState oldest, IPastStates states, CancellationToken cancellation) =>
        TryCarry(actor, kind, key, from, oldest.Position, cancellation) && actor.IsSameAs(new PastActor(kind, key, oldest, states, rulebooks));

    /// <summary>From when on the actor's state can be told; from earlier where history is whole.</summary>
    private static long ReachOf(IPastStates states, ActorKind kind, string key, HistoryReach reach) =>
        reach.Position > 1 && states.Oldest(kind, key, reach.Position) is { } oldest ? HostedActor.TimeOf(oldest.Bytes) : reach.TimeMs;

    private static PastAnswer Refuse(PastRefusal why, long reachesBackToMs, string text) => new(null, 0, reachesBackToMs, why, text);
}

/// <summary>Why a past state is not shown.</summary>
internal enum PastRefusal
{
    None,

    /// <summary>What it would be made from is not kept any more.</summary>
    BeforeReach,

    /// <summary>It would take more records than one request may go through.</summary>
    TooMany,
}

/// <summary>An actor's past state, or why there is none to show.</summary>
/// <param name="Json">As the actor describes itself; null where nothing had happened to it then.</param>
/// <param name="Position">The actor's last record in it; 0 where there was none.</param>
/// <param name="ReachesBackToMs">How far back this actor's state can be told.</param>
/// <param name="Refusal">Why it is not shown; <see cref="PastRefusal.None"/> where it is.</param>
/// <param name="Text">The same in words.</param>
internal sealed record PastAnswer(byte[]? Json, long Position, long ReachesBackToMs, PastRefusal Refusal, string Text);
