namespace Streaming.Grains.Rules;

/// <summary>
/// Limits, routing, workflows, calendars and model parameters of a city, as one immutable version. Changed only by a journaled message:
/// inputs before it are judged by the old version, later ones by the new.
/// </summary>
public sealed partial class Rulebook
{
    /// <summary>Number of this version, from 1.</summary>
    public int Version { get; init; }
}
