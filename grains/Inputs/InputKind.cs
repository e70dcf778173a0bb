namespace Streaming.Grains.Inputs;

/// <summary>What a journal record is. Persisted: numbers are never reused.</summary>
public enum InputKind : byte
{
    /// <summary>One PUBLISH: its decoded readings, what of it was quarantined, and its raw bytes.</summary>
    Publish = 1,

    /// <summary>A command from outside to one actor.</summary>
    Command = 2,

    /// <summary>A reminder that fell due.</summary>
    Reminder = 3,

    /// <summary>A new version of the rulebook: JSON.</summary>
    Rules = 4,

    /// <summary>An effect: a message from one actor to another.</summary>
    Told = 5,

    /// <summary>An effect: a row of a list.</summary>
    Shown = 6,

    /// <summary>An effect: history's answer on a reading, with the reading.</summary>
    LookedUp = 7,
}
