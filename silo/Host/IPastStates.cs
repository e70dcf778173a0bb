using Streaming.Grains.Turns;

namespace Streaming.Silo.Host;

/// <summary>The states that a store has of an actor, now's and the copies of earlier ones, as they are at one moment: what is committed meanwhile is not seen. For one caller, and for a short while.</summary>
internal interface IPastStates : IDisposable
{
    /// <summary>The newest state whose turn time is at or before a time, ms; null where there is none.</summary>
    PastState? At(ActorKind kind, string key, long timeMs);

    /// <summary>The oldest state that nothing is missing behind where history begins at a position (<see cref="PastState.Until"/>); null where there is none.</summary>
    PastState? Oldest(ActorKind kind, string key, long historyBegins);

    /// <summary>A keyed row as it was with a state that <see cref="At"/> or <see cref="Oldest"/> gave; null where there was none.</summary>
    byte[]? Row(ActorKind kind, string key, string name, PastState state);
}

/// <summary>One state that an actor had.</summary>
/// <param name="Position">The last input that it reflects.</param>
/// <param name="Until">No input of the actor lies behind <see cref="Position"/> and before here.</param>
/// <param name="Bytes">As <see cref="HostedActor.Save"/> wrote it.</param>
/// <param name="IsCopy">False for the state that the store has now.</param>
internal sealed record PastState(long Position, long Until, byte[] Bytes, bool IsCopy);
