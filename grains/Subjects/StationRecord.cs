using System.Text;
using Streaming.Grains.Messages;
using Streaming.Models.Encoding;
using Streaming.Models.Limits;
using Streaming.Models.Registers;

namespace Streaming.Grains.Subjects;

/// <summary>What the register of stations says of a source for a span of time. Times are ms since 1970, 0 where not said; the accuracy is hundredths of ± percent, 0 where not said.</summary>
internal readonly record struct StationSpan(long FromMs, long ToMs, long CalibratedMs, long DueMs, int AccuracyHundredthPct)
{
    public bool IsExpired(long nowMs) => DueMs != 0 && DueMs <= nowMs;

    public void Write(ByteWriter writer)
    {
        writer.WriteInt64(FromMs);
        writer.WriteInt64(ToMs);
        writer.WriteSigned(CalibratedMs);
        writer.WriteSigned(DueMs);
        writer.WriteVar((uint)AccuracyHundredthPct);
    }

    public static StationSpan Read(scoped ref ByteReader reader) => new(reader.ReadInt64(), reader.ReadInt64(), reader.ReadSigned(), reader.ReadSigned(), (int)reader.ReadVar());
}

/// <summary>
/// What the register of stations says of a source. It goes by turn time: what holds now is what readings are recorded with, and a reminder stands for the next moment at which that changes or a calibration runs out.
/// </summary>
internal sealed class StationRecord
{
    private StationSpan[] spans = [];

    /// <summary>What holds at a time; all zeros where nothing is said.</summary>
    public StationSpan At(long ms)
    {
        foreach (StationSpan span in spans)
        {
            if (span.FromMs <= ms && ms < span.ToMs)
            {
                return span;
            }
        }

        return default;
    }

    /// <summary>The next moment after a time at which something else holds, or a calibration runs out; null where there is none.</summary>
    public long? NextMs(long ms)
    {
        long next = long.MaxValue;
        foreach (StationSpan span in spans)
        {
            foreach (long edge in (ReadOnlySpan<long>)[span.FromMs, span.ToMs, Math.Min(span.DueMs, span.ToMs)])
            {
                next = edge > ms && edge < next ? edge : next;
            }
        }

        return next < RegisterStatement.Open ? next : null;
    }

    /// <summary>What an entry says; null where it says nothing any more.</summary>
    public static StationRecord? Of(EntryChanged changed)
    {
        StationSpan[] all = [.. changed.Spans.Select(Span)];
        return all.Length == 0 ? null : new StationRecord { spans = all.Length > GrainLimits.SitesPerEnterprise ? all[^GrainLimits.SitesPerEnterprise..] : all };
    }

    public static void Write(StationRecord? station, ByteWriter writer)
    {
        writer.WriteVar((uint)(station?.spans.Length ?? 0));
        foreach (StationSpan span in station?.spans ?? [])
        {
            span.Write(writer);
        }
    }

    public static StationRecord? Read(scoped ref ByteReader reader)
    {
        int count = (int)reader.ReadVar();
        if (count == 0)
        {
            return null;
        }

        StationRecord read = new() { spans = new StationSpan[count] };
        for (int i = 0; i < count; i++)
        {
            read.spans[i] = StationSpan.Read(ref reader);
        }

        return read;
    }

    /// <summary>A percentage goes before a class: it is the station's own.</summary>
    private static StationSpan Span(HeldSpan held)
    {
        StationSpan span = new(held.FromMs, held.ToMs, 0, 0, 0);
        int byClass = 0;
        foreach (RegisterValue value in new RegisterValues(RegisterSchema.Of(Register.Stations), held.Fields))
        {
            switch (value.Field.Name)
            {
                case "calibrated":
                    span = span with { CalibratedMs = value.Number };
                    break;
                case "calibrationDue":
                    span = span with { DueMs = value.Number };
                    break;
                case "accuracyPct":
                    span = span with { AccuracyHundredthPct = (int)value.Number };
                    break;
                case "accuracyClass":
                    byClass = AccuracyClass.TryParse(Encoding.UTF8.GetString(value.Bytes), out AccuracyClass found) ? (int)Math.Round(found.GrossPct * 100) : 0;
                    break;
            }
        }

        return span.AccuracyHundredthPct == 0 ? span with { AccuracyHundredthPct = byClass } : span;
    }
}
