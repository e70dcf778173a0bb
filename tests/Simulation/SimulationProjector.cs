using Streaming.Grains.Inputs;
using Streaming.Grains.Turns;
using Streaming.Models.Encoding;
using Streaming.Silo.Host;
using Streaming.Silo.Journal;
using Streaming.Silo.Views;
using Xunit;
using Record = Streaming.Grains.Inputs.Record;

namespace Streaming.Tests.Simulation;

/// <summary>The lists of the simulation: rows as they were shown, in the order of the journal. It also checks what the real projector relies on: positions without a gap.</summary>
internal sealed class SimulationProjector(JournalFollower follower, MemoryViewStore store) : IStep
{
    private long position = store.Position;
    private ViewBatch? refused;

    public string Name => "projector";

    public bool Step()
    {
        if (refused is not null)
        {
            return Apply(refused);
        }

        if (!follower.TryRead(out ReadOnlySpan<byte> records, out long first, out int count))
        {
            return false;
        }

        Assert.Equal(position + 1, first);
        ViewBatch batch = new() { Position = first + count - 1 };
        for (long at = first; records.Length > 0; at++)
        {
            Record record = Record.Next(ref records);
            if (record.Kind == InputKind.Shown)
            {
                ByteReader body = new(record.Body);
                Cause.Read(ref body);
                View view = (View)body.ReadByte();
                batch.Changes.Add(new ViewChange(view, body.ReadText(), body.AtEnd ? null : body.Rest.ToArray(), at));
            }
        }

        return Apply(batch);
    }

    /// <summary>What the store refuses is kept and tried again.</summary>
    private bool Apply(ViewBatch batch)
    {
        try
        {
            store.Apply(batch);
        }
        catch (IOException)
        {
            refused = batch;
            return false;
        }

        refused = null;
        position = batch.Position;
        return true;
    }
}
