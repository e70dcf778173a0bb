namespace Streaming.Grains.Rules;

/// <summary>The versions of the rulebook by the position of the record that set them.</summary>
public interface IRulebooks
{
    /// <summary>The one in force at a position; null before the first.</summary>
    Rulebook? At(long position);
}
