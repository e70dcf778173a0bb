using Streaming.Grains.Inputs;
using Streaming.Grains.Turns;

namespace Streaming.Silo.History;

/// <summary>A back-test of a part of the inputs alone, as those of one kind of reading: what it asks about needs no others, and costs accordingly less.</summary>
internal abstract class BackTestScope
{
    /// <summary>True where this input is run.</summary>
    public abstract bool Runs(scoped in ActorInput input);

    /// <summary>A row that a turn showed.</summary>
    public abstract void Shown(View view, ReadOnlySpan<byte> row);
}
