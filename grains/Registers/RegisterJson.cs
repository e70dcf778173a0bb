using System.Globalization;
using System.Text;
using System.Text.Json;
using Streaming.Models.Encoding;
using Streaming.Models.Registers;
using Streaming.Models.Wording;

namespace Streaming.Grains.Registers;

/// <summary>How the values of a register look in the API and wherever people read them.</summary>
public static class RegisterJson
{
    /// <summary>A value: a number in its field's unit, a time as RFC 3339, words as an array, a geometry as it came, anything else as a text.</summary>
    public static void WriteValue(Utf8JsonWriter json, scoped in RegisterValue value)
    {
        switch (value.Field.Kind)
        {
            case RegisterFieldKind.Number when value.Field.Decimals == 0:
                json.WriteNumberValue(value.Number);
                break;
            case RegisterFieldKind.Number:
                json.WriteRawValue(Decimal(value.Number, value.Field.Decimals), skipInputValidation: true);
                break;
            case RegisterFieldKind.Time:
                json.WriteStringValue(FigureText.Time(value.Number));
                break;
            case RegisterFieldKind.Geometry:
                json.WriteRawValue(value.Bytes, skipInputValidation: true);
                break;
            case RegisterFieldKind.Words:
                json.WriteStartArray();
                foreach (string word in Encoding.UTF8.GetString(value.Bytes).Split(','))
                {
                    json.WriteStringValue(word);
                }

                json.WriteEndArray();
                break;
            default:
                json.WriteStringValue(value.Bytes);
                break;
        }
    }

    /// <summary>Values by the names of their fields, as an object.</summary>
    public static void WriteValues(Utf8JsonWriter json, RegisterSchema schema, ReadOnlySpan<byte> fields)
    {
        json.WriteStartObject();
        foreach (RegisterValue value in new RegisterValues(schema, fields))
        {
            json.WritePropertyName(value.Field.Name);
            WriteValue(json, value);
        }

        json.WriteEndObject();
    }

    /// <summary><c>from</c> and <c>to</c>, each where there is one.</summary>
    public static void WriteSpan(Utf8JsonWriter json, long fromMs, long toMs)
    {
        if (fromMs != RegisterStatement.Always)
        {
            json.WriteString("from", DateTimeOffset.FromUnixTimeMilliseconds(fromMs));
        }

        if (toMs != RegisterStatement.Open)
        {
            json.WriteString("to", DateTimeOffset.FromUnixTimeMilliseconds(toMs));
        }
    }

    /// <summary>What a subject was told of an entry, as people may read it who need not know whom it concerns: values that are about persons are left out, and so is a key that is.</summary>
    public static byte[] WithoutPersons(Messages.EntryChanged changed)
    {
        RegisterSchema schema = RegisterSchema.Of(changed.Register);
        return Bytes(json =>
        {
            json.WriteStartObject();
            json.WriteString("register", schema.Name);
            if (!schema.IsAboutPersons)
            {
                json.WriteString("key", changed.Key);
            }

            json.WriteString("by", changed.By);
            json.WriteStartArray("spans");
            foreach (Messages.HeldSpan span in changed.Spans)
            {
                json.WriteStartObject();
                WriteSpan(json, span.FromMs, span.ToMs);
                json.WriteStartObject("values");
                foreach (RegisterValue value in new RegisterValues(schema, span.Fields))
                {
                    if (!value.Field.IsPersonal)
                    {
                        json.WritePropertyName(value.Field.Name);
                        WriteValue(json, value);
                    }
                }

                json.WriteEndObject();
                json.WriteEndObject();
            }

            json.WriteEndArray();
            json.WriteEndObject();
        }).ToArray();
    }

    /// <summary>A statement as one line of JSON.</summary>
    public static string Text(scoped in RegisterStatement said)
    {
        ByteWriter bytes = new(256);
        using (Utf8JsonWriter json = new(bytes, Messages.GrainsJson.WriterOptions))
        {
            json.WriteStartObject();
            WriteSpan(json, said.FromMs, said.ToMs);
            if (said.Removed)
            {
                json.WriteBoolean("removed", true);
            }

            json.WritePropertyName("values");
            WriteValues(json, RegisterSchema.Of(said.Register), said.Fields);
            json.WriteEndObject();
        }

        return Encoding.UTF8.GetString(bytes.Written);
    }

    /// <summary>What holds for a span, as <see cref="Messages.EntrySpan"/> is written: fields by name, ordinal.</summary>
    internal static void WriteSpan(Utf8JsonWriter json, Span span)
    {
        SpanValue[] values = [.. span.Values];
        Array.Sort(values, static (one, other) => string.CompareOrdinal(one.Field.Name, other.Field.Name));
        json.WriteStartObject();
        WriteSpan(json, span.FromMs, span.ToMs);
        json.WriteStartObject("values");
        foreach (SpanValue value in values)
        {
            json.WritePropertyName(value.Field.Name);
            WriteValue(json, new RegisterValue(value.Field, value.Number, value.Bytes));
        }

        json.WriteEndObject();
        json.WriteStartObject("sources");
        foreach (SpanValue value in values)
        {
            json.WriteString(value.Field.Name, value.Source);
        }

        json.WriteEndObject();
        if (Array.Exists(values, value => value.Others.Count > 0))
        {
            json.WriteStartObject("differs");
            foreach (SpanValue value in values.Where(value => value.Others.Count > 0))
            {
                WriteTexts(json, value.Field.Name, value.Others);
            }

            json.WriteEndObject();
        }

        json.WriteEndObject();
    }

    internal static void WriteTexts(Utf8JsonWriter json, string name, IEnumerable<string> texts)
    {
        json.WriteStartArray(name);
        foreach (string text in texts)
        {
            json.WriteStringValue(text);
        }

        json.WriteEndArray();
    }

    internal static ReadOnlySpan<byte> Bytes(Action<Utf8JsonWriter> write)
    {
        ByteWriter bytes = new(1024);
        using (Utf8JsonWriter json = new(bytes, Messages.GrainsJson.WriterOptions))
        {
            write(json);
        }

        return bytes.Written;
    }

    /// <summary>A whole number of a power of ten as the shortest decimal: 12345 with two decimals is 123.45.</summary>
    private static string Decimal(long number, int decimals)
    {
        decimal value = number;
        for (int i = 0; i < decimals; i++)
        {
            value /= 10;
        }

        return value.ToString("0.######", CultureInfo.InvariantCulture);
    }
}
