namespace Streaming.Silo.Host;

/// <summary>
/// A part of the host that works in steps: it does what there is to do now, never waits, and says whether it did anything. In production each has a thread
/// of its own (<see cref="StepThread"/>); the simulation takes steps in an order drawn from its seed.
/// </summary>
internal interface IStep
{
    string Name { get; }

    /// <summary>True where there will never be anything to do again: its thread ends.</summary>
    bool Finished => false;

    /// <summary>Does some work; false where there was none.</summary>
    bool Step();
}
