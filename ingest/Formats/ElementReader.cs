using System.Globalization;
using Streaming.Grains.Inputs;
using Streaming.Models.Encoding;
using Streaming.Models.Readings;

namespace Streaming.Ingest.Formats;

/// <summary>
/// Reads the fields of one element (one JSON object) and keeps why it is refused. Methods that return false have set <see cref="Failed"/> or, in
/// <see cref="NextField"/>, met the object's end. A refusal cites field, value and expectation; only a refusal allocates.
/// </summary>
internal ref partial struct ElementReader(SourceContext source, long nowMs, byte[] texts)
{
    private readonly SourceContext source = source;
    private readonly long nowMs = nowMs;
    private readonly byte[] texts = texts;
    private JsonCursor json;
    private int textsUsed;
    private string parent = "";
    private int index = -1;

    /// <summary>Name of the register's field that is being read.</summary>
    private string column = "";

    public RejectReason Reason { get; private set; }

    public string Detail { get; private set; } = "";

    /// <summary>The source's own id of the reading; empty until its field was met.</summary>
    public ReadOnlySpan<byte> Id { get; private set; }

    /// <summary>Time of the reading, ms; only meaningful once its field was met.</summary>
    public long AtMs { get; private set; }

    public readonly SourceContext Source => source;

    public readonly bool Failed => Reason != 0 || json.IsBroken;

    /// <summary>Where the cursor stands: behind what was read.</summary>
    public readonly JsonCursor Cursor => json;

    /// <summary>Begins an element: an object, which <paramref name="at"/> points to.</summary>
    public void Start(JsonCursor at)
    {
        json = at;
        textsUsed = 0;
        parent = "";
        index = -1;
        Reason = 0;
        Detail = "";
        Id = default;
        AtMs = 0;
        json.TryTake((byte)'{');
    }

    /// <summary>
    /// Goes to the value of the object's next field among <paramref name="known"/>. Fields that are not known are skipped, and so is a field that is <c>null</c>: it counts as absent. A
    /// known field that comes twice is refused: two gross masses are no evidence of either.
    /// </summary>
    /// <param name="seen">Bits of the fields met so far; 0 before the first.</param>
    /// <param name="known">Bits of the fields that this object has.</param>
    public bool NextField(scoped ref ulong seen, ulong known, out Field field)
    {
        // Bit 0 belongs to no field: it says that the object has had a member.
        bool first = seen == 0;
        while (json.NextMember(ref first, out ReadOnlySpan<byte> name, out bool escaped))
        {
            seen |= 1;
            field = escaped ? ParseEscaped(name) : FieldNames.Parse(name);
            ulong bit = 1UL << (int)field;
            if ((known & bit) == 0)
            {
                if (!json.SkipValue())
                {
                    return false;
                }

                continue;
            }

            if (json.Current == 'n')
            {
                if (!json.ScanWord("null"u8))
                {
                    return false;
                }

                continue;
            }

            if ((seen & bit) != 0)
            {
                return Fail(RejectReason.Inconsistent, $"{Path(field)} is given twice; one value expected");
            }

            seen |= bit;
            return true;
        }

        field = Field.Unknown;
        return false;
    }

    /// <summary>Enters an object that is a field's value.</summary>
    public bool Enter(Field field)
    {
        if (!json.TryTake((byte)'{'))
        {
            return WrongType(field, "an object");
        }

        parent = FieldNames.Of(field);
        return true;
    }

    public void Leave() => parent = "";

    /// <summary>Enters an array that is a field's value.</summary>
    public bool EnterArray(Field field)
    {
        if (!json.TryTake((byte)'['))
        {
            return WrongType(field, "an array");
        }

        parent = FieldNames.Of(field);
        return true;
    }

    /// <summary>Goes to the array's next element and enters it; each must be an object.</summary>
    public bool NextObject(Field field, scoped ref bool first)
    {
        if (!json.NextElement(ref first))
        {
            return false;
        }

        index++;
        if (!json.TryTake((byte)'{'))
        {
            return Fail(RejectReason.WrongType, $"{FieldNames.Of(field)}[{index}] is {Found()}; an object expected");
        }

        return true;
    }

    public void LeaveArray()
    {
        parent = "";
        index = -1;
    }

    /// <summary>Reads a number as a whole multiple of a power of ten.</summary>
    /// <param name="field">The field.</param>
    /// <param name="decimals">Digits behind the decimal point that count: 3 for metres into millimetres.</param>
    /// <param name="least">Lowest value, in the result's unit.</param>
    /// <param name="most">Highest value, in the result's unit.</param>
    /// <param name="unit">The field's own unit, for the reason of a refusal.</param>
    /// <param name="value">The value, rounded half away from zero.</param>
    public bool ReadScaled(Field field, int decimals, long least, long most, string unit, out long value)
    {
        value = 0;
        int start = json.Position;
        if (!IsNumber(json.Current))
        {
            return WrongType(field, "a number");
        }

        if (!json.ScanNumber(out JsonNumber number))
        {
            return false;
        }

        value = number.Scaled(decimals);
        if (value >= least && value <= most && !(number.IsNegative && least == 0))
        {
            return true;
        }

        return OutOfRange(field, start, $"{Decimal(least, decimals)} to {Decimal(most, decimals)}{unit} expected");
    }

    /// <summary>Reads a number that is measured, not counted.</summary>
    public bool ReadDouble(Field field, double least, double most, string unit, out double value)
    {
        value = double.NaN;
        int start = json.Position;
        if (!IsNumber(json.Current))
        {
            return WrongType(field, "a number");
        }

        if (!json.ScanNumber(out JsonNumber number))
        {
            return false;
        }

        value = number.ToDouble();
        if (value >= least && value <= most)
        {
            return true;
        }

        return OutOfRange(field, start, string.Create(CultureInfo.InvariantCulture, $"{least} to {most}{unit} expected"));
    }

    public bool ReadBool(Field field, out bool value)
    {
        value = json.Current == 't';
        if (json.Current is not ((byte)'t' or (byte)'f'))
        {
            return WrongType(field, "true or false");
        }

        return json.ScanWord(value ? "true"u8 : "false"u8);
    }

    /// <summary>Reads a text of at most <paramref name="most"/> bytes, escapes undone.</summary>
    public bool ReadText(Field field, int most, out ReadOnlySpan<byte> text)
    {
        text = default;
        int start = json.Position;
        if (json.Current != '"')
        {
            return WrongType(field, "a text");
        }

        if (!json.ScanText(out ReadOnlySpan<byte> raw, out bool escaped))
        {
            return false;
        }

        if (!escaped)
        {
            text = raw;
        }
        else
        {
            // No escape is longer than six bytes a byte, so a longer text is too long in any case, and what is undone always has room.
            Span<byte> plain = texts.AsSpan(textsUsed);
            if (raw.Length > Math.Min(most * 6, plain.Length))
            {
                return OutOfRange(field, start, $"at most {most} bytes expected");
            }

            int length = JsonText.Unescape(raw, plain);
            if (length < 0)
            {
                return Fail(RejectReason.Malformed, $"{Path(field)} is {Cite(start)}; half a surrogate pair is no character");
            }

            text = plain[..length];
            textsUsed += length;
        }

        return text.Length <= most || OutOfRange(field, start, $"at most {most} bytes expected");
    }

    /// <summary>Refuses the element; returns false for its caller to return.</summary>
    public bool Fail(RejectReason reason, string detail)
    {
        Reason = reason;
        Detail = detail;
        return false;
    }

    /// <summary>Refuses the element because a field is absent.</summary>
    public bool Missing(Field field, string needed) => Fail(RejectReason.MissingField, $"{Path(field)} is missing; {needed}");

    /// <summary>Refuses a value that began at <paramref name="start"/> and was read.</summary>
    public bool OutOfRange(Field field, int start, string expected) => Fail(RejectReason.OutOfRange, $"{Path(field)} is {Cite(start)}; {expected}");

    /// <summary>Where the next value begins, or the last one ended.</summary>
    public readonly int Position => json.Position;

    /// <summary>A value met before, as a reason cites it.</summary>
    public readonly string Cite(int start, int end) => Cited.Text(json.Since(start)[..(end - start)]);

    /// <summary>The field as a reason names it: <c>axles[2].massKg</c>.</summary>
    public readonly string Path(Field field) =>
        field == Field.Column ? column : parent.Length == 0 ? FieldNames.Of(field) : index >= 0 ? $"{parent}[{index}].{FieldNames.Of(field)}" : $"{parent}.{FieldNames.Of(field)}";

    /// <summary>Room for a text made from others; valid until the next element.</summary>
    private Span<byte> Reserve(int count)
    {
        Span<byte> room = texts.AsSpan(textsUsed, count);
        textsUsed += count;
        return room;
    }

    private static bool IsNumber(byte first) => first is (byte)'-' or (>= (byte)'0' and <= (byte)'9');

    private static string Decimal(long value, int decimals)
    {
        decimal figure = value;
        for (int i = 0; i < decimals; i++)
        {
            figure /= 10;
        }

        return figure.ToString("0.######", CultureInfo.InvariantCulture);
    }

    private readonly string Cite(int start) => Cited.Text(json.Since(start));

    private readonly string Found()
    {
        JsonCursor value = json;
        int start = value.Position;
        return value.Current switch
        {
            (byte)'{' => "an object",
            (byte)'[' => "an array",
            _ => value.SkipValue() ? Cited.Text(value.Since(start)) : "damaged",
        };
    }

    private bool WrongType(Field field, string expected) => Fail(RejectReason.WrongType, $"{Path(field)} is {Found()}; {expected} expected");

    /// <summary>Field names of ours are ASCII, but nobody is forbidden to escape their letters.</summary>
    private static Field ParseEscaped(ReadOnlySpan<byte> name)
    {
        if (name.Length > IngestLimits.FieldNameBytes)
        {
            return Field.Unknown;
        }

        Span<byte> plain = stackalloc byte[IngestLimits.FieldNameBytes];
        int length = JsonText.Unescape(name, plain);
        return length < 0 ? Field.Unknown : FieldNames.Parse(plain[..length]);
    }
}

/// <summary>How a reason cites what a device sent.</summary>
internal static class Cited
{
    /// <summary>The bytes as text, cut after <see cref="IngestLimits.CitedBytes"/>; what is no character becomes one that says so, so that a reason is always one printable line.</summary>
    public static string Text(ReadOnlySpan<byte> bytes)
    {
        bool cut = bytes.Length > IngestLimits.CitedBytes;
        ReadOnlySpan<byte> head = cut ? bytes[..IngestLimits.CitedBytes] : bytes;
        while (cut && head.Length > 0 && bytes[head.Length] is >= 0x80 and < 0xC0)
        {
            head = head[..^1];
        }

        return string.Create(null, $"{Printable(System.Text.Encoding.UTF8.GetString(head))}{(cut ? "..." : "")}");
    }

    public static string Printable(string text)
    {
        foreach (char letter in text)
        {
            if (char.IsControl(letter))
            {
                return string.Concat(text.Select(each => char.IsControl(each) ? '\uFFFD' : each));
            }
        }

        return text;
    }
}
