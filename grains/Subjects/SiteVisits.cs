using Streaming.Models.Encoding;

namespace Streaming.Grains.Subjects;

/// <summary>
/// When a truck said that it was at a registered loading or unloading place: the newest spans of ten minutes in which it did, whatever order its readings came in.
/// </summary>
internal struct SiteVisits
{
    private const long SpanMs = 600_000;

    /// <summary>Numbers of spans, rising.</summary>
    private long[]? spans;

    private byte count;

    public readonly bool IsEmpty => count == 0;

    /// <summary>Takes a time in. Of more spans than there is room for the newest stay, whatever order they came in.</summary>
    public void Add(long atMs)
    {
        long span = Span(atMs);
        int place = count;
        while (place > 0 && spans![place - 1] >= span)
        {
            place--;
        }

        if (place < count && spans![place] == span)
        {
            return;
        }

        spans ??= new long[GrainLimits.SiteVisits];
        if (count == spans.Length)
        {
            if (place == 0)
            {
                return;
            }

            Array.Copy(spans, 1, spans, 0, place - 1);
            spans[place - 1] = span;
            return;
        }

        Array.Copy(spans, place, spans, place + 1, count - place);
        spans[place] = span;
        count++;
    }

    /// <summary>True where it was at one between two times, or within ten minutes of either: in the driver's favour.</summary>
    public readonly bool AnyWithin(long fromMs, long toMs)
    {
        for (int i = 0; i < count; i++)
        {
            if (spans![i] >= Span(fromMs) && spans[i] <= Span(toMs))
            {
                return true;
            }
        }

        return false;
    }

    public readonly void Write(ByteWriter writer)
    {
        writer.WriteByte(count);
        for (int i = 0; i < count; i++)
        {
            writer.WriteSigned(spans![i]);
        }
    }

    public static SiteVisits Read(scoped ref ByteReader reader)
    {
        SiteVisits read = new() { count = reader.ReadByte() };
        read.spans = read.count > 0 ? new long[Math.Max((int)read.count, GrainLimits.SiteVisits)] : null;
        for (int i = 0; i < read.count; i++)
        {
            read.spans![i] = reader.ReadSigned();
        }

        return read;
    }

    private static long Span(long atMs) => (atMs / SpanMs) - (atMs % SpanMs < 0 ? 1 : 0);
}
