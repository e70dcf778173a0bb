using System.Text;

namespace Streaming.Ingest.Formats;

/// <summary>Texts with escapes (RFC 8259, section 7).</summary>
internal static class JsonText
{
    /// <summary>
    /// Undoes the escapes of a text that <see cref="JsonCursor.ScanText"/> has checked, into <paramref name="plain"/>, which must be as long as the text. Returns the length;
    /// -1 where a surrogate stands alone, which is no character.
    /// </summary>
    public static int Unescape(ReadOnlySpan<byte> text, Span<byte> plain)
    {
        int written = 0;
        while (!text.IsEmpty)
        {
            int next = text.IndexOf((byte)'\\');
            ReadOnlySpan<byte> before = next < 0 ? text : text[..next];
            before.CopyTo(plain[written..]);
            written += before.Length;
            text = text[before.Length..];
            if (text.IsEmpty)
            {
                break;
            }

            if (text[1] != 'u')
            {
                plain[written++] = text[1] switch
                {
                    (byte)'b' => (byte)'\b',
                    (byte)'f' => (byte)'\f',
                    (byte)'n' => (byte)'\n',
                    (byte)'r' => (byte)'\r',
                    (byte)'t' => (byte)'\t',
                    _ => text[1],
                };
                text = text[2..];
            }
            else if (TryTakeCharacter(ref text, out Rune character))
            {
                written += character.EncodeToUtf8(plain[written..]);
            }
            else
            {
                return -1;
            }
        }

        return written;
    }

    /// <summary>Takes <c>\uXXXX</c>, and the second half of a pair of surrogates with it.</summary>
    private static bool TryTakeCharacter(ref ReadOnlySpan<byte> text, out Rune character)
    {
        char first = (char)Hex(text);
        text = text[6..];
        if (!char.IsHighSurrogate(first))
        {
            return Rune.TryCreate(first, out character);
        }

        character = default;
        if (text.Length < 6 || text[0] != '\\' || text[1] != 'u')
        {
            return false;
        }

        char second = (char)Hex(text);
        text = text[6..];
        return Rune.TryCreate(first, second, out character);
    }

    private static int Hex(ReadOnlySpan<byte> escape)
    {
        int value = 0;
        for (int i = 2; i < 6; i++)
        {
            int digit = escape[i];
            value = (value << 4) | (digit <= '9' ? digit - '0' : (digit | 0x20) - 'a' + 10);
        }

        return value;
    }
}
