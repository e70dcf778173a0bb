using Streaming.Grains.Turns;
using Streaming.Models.Encoding;

namespace Streaming.Grains.Inputs;

/// <summary>
/// What a turn asks for, as journal records named by their cause:
/// <code>
/// Told     = cause | addressed message
/// Shown    = cause | u8 view | key | JSON (none: the row goes)
/// LookedUp = cause | u8 seen before | origin | reading
/// </code>
/// </summary>
public static class EffectRecord
{
    private const int CauseBytes = 13;
    private const int AnswerOffset = Record.HeaderBytes + CauseBytes;

    /// <summary>
    /// Writes one effect of a turn. A look-up is written as not seen; whoever has the history says what is true (<see cref="Answer"/>) before it is appended.
    /// </summary>
    /// <param name="writer">Gets the record.</param>
    /// <param name="effect">What is asked for.</param>
    /// <param name="payload">The bytes that the effect's range points into.</param>
    /// <param name="cause">Names the effect.</param>
    /// <param name="depth">Of the record; one more than the input's.</param>
    /// <param name="reading">For a look-up: the reading of the turn.</param>
    /// <param name="origin">For a look-up: who published it.</param>
    /// <returns>Where the record begins.</returns>
    public static int Write(ByteWriter writer, in Effect effect, ReadOnlySpan<byte> payload, Cause cause, byte depth, scoped in ReadingElement reading, scoped in Origin origin)
    {
        int start = effect.Kind switch
        {
            EffectKind.Tell => Record.Begin(writer, InputKind.Told, Partition.Of(effect.TargetKind, effect.Key), depth),
            EffectKind.Show => Record.Begin(writer, InputKind.Shown, 0, depth),
            _ => Record.Begin(writer, InputKind.LookedUp, cause.Partition, depth),
        };
        cause.Write(writer);
        switch (effect.Kind)
        {
            case EffectKind.Tell:
                writer.WriteByte((byte)effect.TargetKind);
                writer.WriteByte((byte)effect.Message);
                writer.WriteText(effect.Key);
                writer.WriteRaw(payload.Slice(effect.Offset, effect.Length));
                break;
            case EffectKind.Show:
                writer.WriteByte((byte)effect.View);
                writer.WriteText(effect.Key);
                writer.WriteRaw(payload.Slice(effect.Offset, effect.Length));
                break;
            default:
                writer.WriteBool(false);
                origin.Write(writer);
                writer.WriteByte(reading.Partition);
                writer.WriteByte((byte)reading.Kind);
                writer.WriteByte((byte)reading.SubjectKind);
                writer.WriteBytes(reading.Key);
                reading.Header.Write(writer);
                writer.WriteRaw(reading.Body);
                break;
        }

        Record.End(writer, start);
        return start;
    }

    /// <summary>The cause of a whole effect record.</summary>
    public static Cause CauseOf(ReadOnlySpan<byte> record)
    {
        ByteReader reader = new(record[Record.HeaderBytes..]);
        return Cause.Read(ref reader);
    }

    /// <summary>Says, in a look-up's record, whether history holds an earlier reading of the same identity.</summary>
    public static void Answer(Span<byte> record, bool seenBefore) => record[AnswerOffset] = seenBefore ? (byte)1 : (byte)0;
}
