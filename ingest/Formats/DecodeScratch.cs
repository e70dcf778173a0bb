using Streaming.Grains.Inputs;
using Streaming.Models.Encoding;

namespace Streaming.Ingest.Formats;

/// <summary>Where in <see cref="DecodeScratch.Elements"/> a decoded reading lies. Ordered by time, and among equal times as they came.</summary>
internal readonly record struct ElementSlot(long AtMs, int Number, int Offset, int Length) : IComparable<ElementSlot>
{
    public int CompareTo(ElementSlot other)
    {
        int byTime = AtMs.CompareTo(other.AtMs);
        return byTime != 0 ? byTime : Number.CompareTo(other.Number);
    }
}

/// <summary>
/// What decoding a payload needs besides the record it writes. One a thread, taken for the length of one call, so that nothing is allocated for a reading;
/// decoding neither waits nor calls back, so the same thread never takes it twice.
/// </summary>
internal sealed class DecodeScratch
{
    [ThreadStatic]
    private static DecodeScratch? ofThread;

    private ElementSlot[] slots = new ElementSlot[16];

    /// <summary>Decoded readings, in the order of the payload.</summary>
    public ByteWriter Elements { get; private set; } = new(4096);

    public List<Rejection> Rejections { get; private set; } = [];

    /// <summary>Texts of the current element whose escapes were undone, and its subject's key.</summary>
    public byte[] Texts { get; } = new byte[IngestLimits.ScratchTextBytes];

    public int Count { get; private set; }

    public ReadOnlySpan<ElementSlot> Slots => slots.AsSpan(0, Count);

    public static DecodeScratch Take()
    {
        DecodeScratch scratch = ofThread ??= new DecodeScratch();
        scratch.Count = 0;
        scratch.Elements.Clear();
        scratch.Rejections.Clear();
        return scratch;
    }

    public void Add(long atMs, int offset)
    {
        if (Count == slots.Length)
        {
            Array.Resize(ref slots, slots.Length * 2);
        }

        slots[Count] = new ElementSlot(atMs, Count, offset, Elements.Length - offset);
        Count++;
    }

    /// <summary>Forgets the readings decoded so far.</summary>
    public void Forget()
    {
        Count = 0;
        Elements.Clear();
    }

    /// <summary>Puts the readings in the order of their times. True where they were in it already, as they nearly always are.</summary>
    public bool Sort()
    {
        for (int i = 1; i < Count; i++)
        {
            if (slots[i].AtMs < slots[i - 1].AtMs)
            {
                slots.AsSpan(0, Count).Sort();
                return false;
            }
        }

        return true;
    }

    /// <summary>Gives back what a huge payload made grow.</summary>
    public void Release()
    {
        if (Elements.Length > IngestLimits.ScratchBytes)
        {
            Elements = new ByteWriter(4096);
        }

        if (Rejections.Count > 0)
        {
            Rejections = [];
        }
    }
}
