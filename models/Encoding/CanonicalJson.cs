using System.Security.Cryptography;
using System.Text.Json;

namespace Streaming.Models.Encoding;

/// <summary>
/// One form for each JSON document, so that whoever hashes it anew gets the same bytes: no white space, members of an object by the code points of their names, numbers as they were written, and in texts only what JSON demands is escaped
/// (<c>\" \\ \b \t \n \f \r</c>, other characters below U+0020 as <c>\u00xx</c> in lower case). The form is part of what evidence rests on: <c>silo/Sealing/FORMAT.md</c>.
/// </summary>
public static class CanonicalJson
{
    /// <summary>The canonical form of a document.</summary>
    /// <exception cref="JsonException">It is no JSON, or an object in it has a member twice.</exception>
    public static byte[] Of(ReadOnlySpan<byte> json)
    {
        Utf8JsonReader reader = new(json);
        using JsonDocument document = JsonDocument.ParseValue(ref reader);
        return Of(document.RootElement);
    }

    /// <summary>The canonical form of a value.</summary>
    /// <exception cref="JsonException">An object in it has a member twice.</exception>
    public static byte[] Of(JsonElement value)
    {
        ByteWriter writer = new(1024);
        Write(writer, value);
        return writer.Written.ToArray();
    }

    /// <summary>SHA-256 of the canonical form, 64 lower-case hexadecimal digits.</summary>
    public static string HashOf(JsonElement value) => Convert.ToHexStringLower(SHA256.HashData(Of(value)));

    private static void Write(ByteWriter writer, JsonElement value)
    {
        switch (value.ValueKind)
        {
            case JsonValueKind.Object:
                WriteObject(writer, value);
                break;
            case JsonValueKind.Array:
                writer.WriteByte((byte)'[');
                bool next = false;
                foreach (JsonElement item in value.EnumerateArray())
                {
                    Separate(writer, ref next);
                    Write(writer, item);
                }

                writer.WriteByte((byte)']');
                break;
            case JsonValueKind.String:
                WriteText(writer, System.Text.Encoding.UTF8.GetBytes(value.GetString()!));
                break;
            default:
                writer.WriteRaw(System.Text.Encoding.UTF8.GetBytes(value.GetRawText()));
                break;
        }
    }

    private static void WriteObject(ByteWriter writer, JsonElement value)
    {
        // UTF-8 sorts as code points do.
        List<(byte[] Name, JsonElement Value)> members = [];
        foreach (JsonProperty member in value.EnumerateObject())
        {
            members.Add((System.Text.Encoding.UTF8.GetBytes(member.Name), member.Value));
        }

        members.Sort(static (one, other) => one.Name.AsSpan().SequenceCompareTo(other.Name));
        writer.WriteByte((byte)'{');
        bool next = false;
        for (int i = 0; i < members.Count; i++)
        {
            if (i > 0 && members[i].Name.AsSpan().SequenceEqual(members[i - 1].Name))
            {
                throw new JsonException($"The member \"{System.Text.Encoding.UTF8.GetString(members[i].Name)}\" is there twice.");
            }

            Separate(writer, ref next);
            WriteText(writer, members[i].Name);
            writer.WriteByte((byte)':');
            Write(writer, members[i].Value);
        }

        writer.WriteByte((byte)'}');
    }

    private static void Separate(ByteWriter writer, ref bool next)
    {
        if (next)
        {
            writer.WriteByte((byte)',');
        }

        next = true;
    }

    private static void WriteText(ByteWriter writer, ReadOnlySpan<byte> utf8)
    {
        writer.WriteByte((byte)'"');
        foreach (byte each in utf8)
        {
            switch (each)
            {
                case (byte)'"':
                    writer.WriteRaw("\\\""u8);
                    break;
                case (byte)'\\':
                    writer.WriteRaw("\\\\"u8);
                    break;
                case (byte)'\b':
                    writer.WriteRaw("\\b"u8);
                    break;
                case (byte)'\t':
                    writer.WriteRaw("\\t"u8);
                    break;
                case (byte)'\n':
                    writer.WriteRaw("\\n"u8);
                    break;
                case (byte)'\f':
                    writer.WriteRaw("\\f"u8);
                    break;
                case (byte)'\r':
                    writer.WriteRaw("\\r"u8);
                    break;
                case < 0x20:
                    writer.WriteRaw("\\u00"u8);
                    writer.WriteByte((byte)(each < 0x10 ? '0' : '1'));
                    writer.WriteByte((byte)"0123456789abcdef"[each & 0xF]);
                    break;
                default:
                    writer.WriteByte(each);
                    break;
            }
        }

        writer.WriteByte((byte)'"');
    }
}
