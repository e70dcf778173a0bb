using System.Text;
using System.Text.Json;
using Streaming.Models.Encoding;
using Streaming.Models.Registers;

namespace Streaming.Grains.Messages;

/// <summary>What holds of an entry from one moment to another, for whoever judges by it.</summary>
/// <param name="FromMs">The first moment; <see cref="RegisterStatement.Always"/> for as far back as anything is said.</param>
/// <param name="ToMs">The first moment that it does not hold for any more; <see cref="RegisterStatement.Open"/> for no end.</param>
/// <param name="Fields">As <see cref="RegisterStatement.Fields"/>.</param>
public sealed record HeldSpan(long FromMs, long ToMs, byte[] Fields);

/// <summary>
/// Body of <see cref="MessageKind.EntryChanged"/>: everything that holds of the entry now. Binary, since a load of a register is one for each of its vehicles. Layout:
/// <code>
/// u8 register | text key | text by | var count, so many of: i64 from, ms | i64 to, ms | bytes fields
/// </code>
/// </summary>
/// <param name="Register">The register.</param>
/// <param name="Key">The entry's key within it.</param>
/// <param name="Spans">In rising order; none where nothing is said any more.</param>
/// <param name="By">The source whose word changed it.</param>
public sealed record EntryChanged(Register Register, string Key, HeldSpan[] Spans, string By)
{
    public void Write(ByteWriter writer)
    {
        writer.WriteByte((byte)Register);
        writer.WriteText(Key);
        writer.WriteText(By);
        writer.WriteVar((uint)Spans.Length);
        foreach (HeldSpan span in Spans)
        {
            writer.WriteInt64(span.FromMs);
            writer.WriteInt64(span.ToMs);
            writer.WriteBytes(span.Fields);
        }
    }

    public static EntryChanged Read(ReadOnlySpan<byte> body)
    {
        if (body is [(byte)'{', ..])
        {
            return ReadJson(body);
        }

        ByteReader reader = new(body);
        Register register = (Register)reader.ReadByte();
        string key = reader.ReadText();
        string by = reader.ReadText();
        HeldSpan[] spans = new HeldSpan[reader.ReadVar()];
        for (int i = 0; i < spans.Length; i++)
        {
            spans[i] = new HeldSpan(reader.ReadInt64(), reader.ReadInt64(), reader.ReadBytes().ToArray());
        }

        return new EntryChanged(register, key, spans, by);
    }

    /// <summary>As it was before it was binary: of the values those that a vehicle judges by, which are words and whole numbers.</summary>
    private static EntryChanged ReadJson(ReadOnlySpan<byte> body)
    {
        Utf8JsonReader reader = new(body);
        JsonElement json = JsonElement.ParseValue(ref reader);
        RegisterSchema schema = RegisterSchema.Find(json.GetProperty("register").GetString()!)!;
        List<HeldSpan> spans = [];
        foreach (JsonElement span in json.GetProperty("spans").EnumerateArray())
        {
            ByteWriter fields = new();
            JsonElement values = span.GetProperty("values");
            foreach (RegisterField field in schema.Fields.OrderBy(field => field.Number))
            {
                if (values.TryGetProperty(field.Name, out JsonElement value) && field is { Kind: RegisterFieldKind.Number, Decimals: 0 } or { Kind: RegisterFieldKind.Word })
                {
                    new RegisterValue(field, field.IsNumeric ? value.GetInt64() : 0, field.IsNumeric ? default : Encoding.UTF8.GetBytes(value.GetString()!)).Write(fields);
                }
            }

            spans.Add(new HeldSpan(Ms(span, "from") ?? RegisterStatement.Always, Ms(span, "to") ?? RegisterStatement.Open, fields.Written.ToArray()));
        }

        return new EntryChanged(schema.Register, json.GetProperty("key").GetString()!, [.. spans], json.GetProperty("by").GetString()!);
    }

    private static long? Ms(JsonElement span, string name) => span.TryGetProperty(name, out JsonElement time) ? time.GetDateTimeOffset().ToUnixTimeMilliseconds() : null;
}
