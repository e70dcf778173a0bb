using Streaming.Grains.Rules;

namespace Streaming.Grains.Turns;

/// <summary>What a turn sees besides its state and its message.</summary>
public readonly ref struct Turn
{
    /// <summary>The actor's own key.</summary>
    public required string Key { get; init; }

    /// <summary>Time of the input, milliseconds since 1970-01-01T00:00Z. Never runs backwards from one turn of an actor to its next.</summary>
    public required long NowMs { get; init; }

    /// <summary>Position of the input in the journal, from 1.</summary>
    public required long Position { get; init; }

    /// <summary>The rulebook in force at this position.</summary>
    public required Rulebook Rules { get; init; }

    /// <summary>What the turn asks for.</summary>
    public required Effects Effects { get; init; }

    /// <summary>The actor's keyed rows.</summary>
    public required IActorRows Rows { get; init; }
}

/// <summary>
/// What of an actor can grow without bound, as rows by key: read and written one by one, stored together with its state.
/// </summary>
public interface IActorRows
{
    /// <summary>The row's bytes, or null where there is none.</summary>
    byte[]? Find(string key);

    void Put(string key, byte[] value);

    void Remove(string key);
}
