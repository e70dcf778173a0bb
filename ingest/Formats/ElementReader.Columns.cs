using System.Text;
using System.Text.Unicode;
using Streaming.Grains.Inputs;
using Streaming.Grains.Turns;
using Streaming.Models.Encoding;
using Streaming.Models.Readings;
using Streaming.Models.Registers;

namespace Streaming.Ingest.Formats;

/// <summary>Fields that a register's schema names, and those that every record of a register may have.</summary>
internal ref partial struct ElementReader
{
    /// <summary>Bits of the fields that every record may have; those of columns stand above them.</summary>
    private const int OwnBits = 6;

    /// <summary>Time of arrival, ms.</summary>
    public readonly long NowMs => nowMs;

    /// <summary>
    /// Goes to the value of the next field that the register knows, as <see cref="NextField"/>; a text without a letter counts as absent, since tables have cells without a value.
    /// </summary>
    /// <param name="map">What the source's columns mean.</param>
    /// <param name="seen">Bits of the fields met so far; 0 before the first.</param>
    /// <param name="field">The field where it is one that every record may have; otherwise <see cref="Field.Column"/>.</param>
    /// <param name="found">The register's own field; null where it is one that every record may have.</param>
    public bool NextColumn(RegisterMap map, scoped ref ulong seen, out Field field, out RegisterField? found)
    {
        bool first = seen == 0;
        while (json.NextMember(ref first, out ReadOnlySpan<byte> name, out bool escaped))
        {
            seen |= 1;
            ReadOnlySpan<byte> known = map.Column(escaped ? Unescaped(name) : name);
            found = map.Schema.Find(known);
            field = found is not null ? Field.Column : Own(known);
            if (field == Field.Unknown || IsAbsent())
            {
                if (!json.SkipValue())
                {
                    return false;
                }

                continue;
            }

            column = found?.Name ?? "";
            ulong bit = 1UL << (found is not null ? OwnBits + found.Number - 1 : OwnBit(field));
            if ((seen & bit) != 0)
            {
                return Fail(RejectReason.Inconsistent, $"{Path(field)} is given twice; one value expected");
            }

            seen |= bit;
            return true;
        }

        field = Field.Unknown;
        found = null;
        return false;
    }

    /// <summary>Reads the value of a column and appends it as a statement has it, behind the field's number; <paramref name="isEmpty"/> where there was none after all.</summary>
    public bool ReadColumn(RegisterMap map, RegisterField field, ByteWriter output, out bool isEmpty)
    {
        isEmpty = false;
        switch (field.Kind)
        {
            case RegisterFieldKind.Number:
                if (!ReadNumber(field, out long number))
                {
                    return false;
                }

                output.WriteSigned(number);
                return true;
            case RegisterFieldKind.Time:
                if (!ReadMoment(Field.Column, map.OffsetMs, out long ms))
                {
                    return false;
                }

                output.WriteSigned(ms);
                return true;
            case RegisterFieldKind.Geometry:
                return ReadGeometry(field, output);
            case RegisterFieldKind.Words:
                return ReadWords(map, field, output, out isEmpty);
            default:
                int start = json.Position;
                if (!ReadText(Field.Column, field.Bytes, out ReadOnlySpan<byte> text))
                {
                    return false;
                }

                text = text.Trim((byte)' ');
                if (field.Kind == RegisterFieldKind.Word)
                {
                    text = map.Word(field, text);
                    if (!IsChoice(field, text))
                    {
                        return OutOfRange(Field.Column, start, $"{string.Join(", ", field.Choices)} expected");
                    }
                }
                else if (!KeyText.IsPrintable(text))
                {
                    return OutOfRange(Field.Column, start, "no control characters expected");
                }

                isEmpty = text.IsEmpty;
                output.WriteBytes(text);
                return true;
        }
    }

    /// <summary>Reads a time as RFC 3339, without an offset as well, or a day, which begins at its midnight.</summary>
    public bool ReadMoment(Field field, long offsetMs, out long ms)
    {
        ms = 0;
        int start = json.Position;
        if (!ReadText(field, IngestLimits.TimeBytes, out ReadOnlySpan<byte> text))
        {
            return false;
        }

        text = text.Trim((byte)' ');
        Span<byte> whole = stackalloc byte[IngestLimits.TimeBytes + 16];
        text.CopyTo(whole);
        int length = text.Length;
        if (length == 10)
        {
            "T00:00:00"u8.CopyTo(whole[length..]);
            length += 9;
        }

        bool parsed = Rfc3339.TryParse(whole[..length], out ms);
        if (!parsed && length >= 19)
        {
            // Without an offset it is the source's own time.
            whole[length] = (byte)'Z';
            parsed = Rfc3339.TryParse(whole[..(length + 1)], out ms);
            ms -= offsetMs;
        }

        if (parsed)
        {
            return ms is >= IngestLimits.EarliestMs and < IngestLimits.LatestMs || Fail(RejectReason.BadTime, $"{Path(field)} is {Cite(start)}; a time from 1900 to 2999 expected");
        }

        return Fail(RejectReason.BadTime, $"{Path(field)} is {Cite(start)}; a day as 2026-11-21 or a time as 2026-11-21T08:15:30Z expected");
    }

    /// <summary>Reads true or false, as words too.</summary>
    public bool ReadFlag(Field field, out bool value)
    {
        if (json.Current != '"')
        {
            return ReadBool(field, out value);
        }

        int start = json.Position;
        value = false;
        if (!ReadText(field, IngestLimits.WordBytes, out ReadOnlySpan<byte> word))
        {
            return false;
        }

        value = word.SequenceEqual("true"u8) || word.SequenceEqual("1"u8);
        return value || word.SequenceEqual("false"u8) || word.SequenceEqual("0"u8) || OutOfRange(field, start, "true or false expected");
    }

    /// <summary>Begins a statement about an entry. Its time is that of its arrival; where its source gave no id, it is named by its entry.</summary>
    public readonly int BeginEntry(ByteWriter output, scoped ReadOnlySpan<byte> key)
    {
        ReadOnlySpan<byte> id = Id.IsEmpty ? key[..Math.Min(key.Length, IngestLimits.IdBytes)] : Id;
        while (id.Length > 0 && id.Length < key.Length && Id.IsEmpty && (key[id.Length] & 0xC0) == 0x80)
        {
            id = id[..^1];
        }

        ReadingHeader header = new(nowMs, StableHash.Combine(source.SourceHash, StableHash.Of(id)), id);
        return ReadingElement.Begin(output, ReadingKind.Register, ActorKind.Entry, key, in header);
    }

    private static Field Own(ReadOnlySpan<byte> name) => FieldNames.Parse(name) switch
    {
        Field.Id => Field.Id,
        Field.At => Field.At,
        Field.ValidFrom => Field.ValidFrom,
        Field.ValidTo => Field.ValidTo,
        Field.Removed => Field.Removed,
        Field.PlateColor => Field.PlateColor,
        _ => Field.Unknown,
    };

    private static int OwnBit(Field field) => field switch { Field.Id => 1, Field.At => 2, Field.ValidFrom => 3, Field.ValidTo => 4, Field.Removed => 5, _ => 63 };

    private static bool IsChoice(RegisterField field, ReadOnlySpan<byte> word)
    {
        foreach (string choice in field.Choices)
        {
            if (Encoding.UTF8.GetByteCount(choice) == word.Length && Ascii.Equals(word, choice))
            {
                return true;
            }
        }

        return false;
    }

    private readonly bool IsAbsent()
    {
        JsonCursor ahead = json;
        return ahead.Current == 'n' || (ahead.Current == '"' && ahead.ScanText(out ReadOnlySpan<byte> text, out _) && text.Trim((byte)' ').IsEmpty);
    }

    private ReadOnlySpan<byte> Unescaped(ReadOnlySpan<byte> name)
    {
        if (name.Length > IngestLimits.FieldNameBytes)
        {
            return default;
        }

        Span<byte> plain = Reserve(name.Length);
        int length = JsonText.Unescape(name, plain);
        return length < 0 ? default : plain[..length];
    }

    private bool ReadNumber(RegisterField field, out long value)
    {
        if (json.Current != '"')
        {
            return ReadScaled(Field.Column, field.Decimals, field.Least, field.Most, field.Unit, out value);
        }

        value = 0;
        int start = json.Position;
        if (!ReadText(Field.Column, IngestLimits.WordBytes, out ReadOnlySpan<byte> text))
        {
            return false;
        }

        JsonCursor digits = new(text.Trim((byte)' '));
        if (!digits.ScanNumber(out JsonNumber number) || !digits.AtEnd)
        {
            return OutOfRange(Field.Column, start, "a number expected");
        }

        value = number.Scaled(field.Decimals);
        return (value >= field.Least && value <= field.Most && !(number.IsNegative && field.Least == 0))
            || OutOfRange(Field.Column, start, $"{Decimal(field.Least, field.Decimals)} to {Decimal(field.Most, field.Decimals)}{field.Unit} expected");
    }

    /// <summary>Several words: an array, or a text with commas, semicolons or 、 between. Kept in the schema's order, each once.</summary>
    private bool ReadWords(RegisterMap map, RegisterField field, ByteWriter output, out bool isEmpty)
    {
        ulong chosen = 0;
        isEmpty = false;
        int start = json.Position;
        if (json.Current == '[')
        {
            JsonCursor at = json;
            at.TryTake((byte)'[');
            json = at;
            bool first = true;
            while (json.NextElement(ref first))
            {
                if (!ReadText(Field.Column, field.Bytes, out ReadOnlySpan<byte> word))
                {
                    return false;
                }

                if (!Choose(map, field, word, ref chosen))
                {
                    return OutOfRange(Field.Column, start, $"some of {string.Join(", ", field.Choices)} expected");
                }
            }

            if (json.IsBroken)
            {
                return false;
            }
        }
        else
        {
            if (!ReadText(Field.Column, field.Bytes, out ReadOnlySpan<byte> text))
            {
                return false;
            }

            while (!text.IsEmpty)
            {
                int end = text.IndexOfAny((byte)',', (byte)';');
                int wide = text.IndexOf("、"u8);
                bool isWide = wide >= 0 && (end < 0 || wide < end);
                int cut = isWide ? wide : end;
                if (!Choose(map, field, cut < 0 ? text : text[..cut], ref chosen))
                {
                    return OutOfRange(Field.Column, start, $"some of {string.Join(", ", field.Choices)} expected");
                }

                text = cut < 0 ? default : text[(cut + (isWide ? 3 : 1))..];
            }
        }

        isEmpty = chosen == 0;
        string words = "";
        for (int i = 0; i < field.Choices.Count; i++)
        {
            words = (chosen & (1UL << i)) == 0 ? words : words.Length == 0 ? field.Choices[i] : $"{words},{field.Choices[i]}";
        }

        output.WriteText(words);
        return true;
    }

    private static bool Choose(RegisterMap map, RegisterField field, ReadOnlySpan<byte> word, ref ulong chosen)
    {
        word = map.Word(field, word.Trim((byte)' '));
        for (int i = 0; i < field.Choices.Count; i++)
        {
            if (Ascii.Equals(word, field.Choices[i]))
            {
                chosen |= 1UL << i;
                return true;
            }
        }

        return word.IsEmpty;
    }

    /// <summary>A geometry, as an object or as a text that holds one: <c>type</c> and <c>coordinates</c> of RFC 7946, section 3.1.</summary>
    private bool ReadGeometry(RegisterField field, ByteWriter output)
    {
        int start = json.Position;
        ReadOnlySpan<byte> geometry;
        if (json.Current == '"')
        {
            if (!ReadText(Field.Column, field.Bytes, out geometry))
            {
                return false;
            }
        }
        else
        {
            if (!json.SkipValue())
            {
                return false;
            }

            geometry = json.Since(start);
        }

        geometry = geometry.Trim(" \t\r\n"u8);
        if (geometry.Length > field.Bytes || !IsGeometry(geometry))
        {
            return OutOfRange(Field.Column, start, $"a GeoJSON Point, LineString, Polygon, MultiLineString or MultiPolygon of at most {field.Bytes} bytes expected");
        }

        output.WriteBytes(geometry);
        return true;
    }

    private static bool IsGeometry(ReadOnlySpan<byte> text)
    {
        // Nothing in a geometry needs an escape, and half a surrogate pair would be a text that nobody can read.
        JsonCursor at = new(text);
        if (!Utf8.IsValid(text) || text.Contains((byte)'\\') || !at.TryTake((byte)'{'))
        {
            return false;
        }

        bool first = true;
        bool typed = false;
        bool placed = false;
        while (at.NextMember(ref first, out ReadOnlySpan<byte> name, out _))
        {
            if (name.SequenceEqual("type"u8) && at.Current == '"')
            {
                typed = at.ScanText(out ReadOnlySpan<byte> type, out _)
                    && (type.SequenceEqual("Point"u8) || type.SequenceEqual("LineString"u8) || type.SequenceEqual("Polygon"u8) || type.SequenceEqual("MultiLineString"u8) || type.SequenceEqual("MultiPolygon"u8));
                if (!typed)
                {
                    return false;
                }

                continue;
            }

            placed |= name.SequenceEqual("coordinates"u8) && at.Current == '[';
            if (!at.SkipValue())
            {
                return false;
            }
        }

        return !at.IsBroken && at.AtEnd && typed && placed;
    }
}
