using System.Text;

namespace Streaming.Ingest.Formats;

/// <summary>
/// The key of a vehicle: its plate, trimmed and in capitals, then a hyphen and the plate's colour in small letters where that is known
/// (<c>粤H12345-yellow</c>). Only ASCII letters have a case here: a culture's rules would differ from machine to machine.
/// </summary>
internal static class PlateKey
{
    /// <summary>What <see cref="ColorOf"/> knows, for the reason of a refusal.</summary>
    public const string Colors = "blue, yellow, green, yellow-green, white, black, red or unknown";

    /// <summary>
    /// Writes the plate as a key into <paramref name="key"/> (at least as long as the plate) and returns its length: 0 where there is no plate, -1 where it holds what a key
    /// may not. A colour that the plate ends in stays a colour.
    /// </summary>
    public static int Write(ReadOnlySpan<byte> plate, Span<byte> key)
    {
        plate = plate.Trim((byte)' ');
        if (!KeyText.IsKey(plate))
        {
            return -1;
        }

        int hyphen = -1;
        for (int i = 0; i < plate.Length; i++)
        {
            byte current = plate[i];
            key[i] = current is >= (byte)'a' and <= (byte)'z' ? (byte)(current - 0x20) : current;
            hyphen = current == (byte)'-' ? i : hyphen;
        }

        if (hyphen > 0)
        {
            int suffix = Suffix(key[..plate.Length], hyphen);
            for (int i = suffix; i < plate.Length; i++)
            {
                key[i] = key[i] is >= (byte)'A' and <= (byte)'Z' ? (byte)(key[i] + 0x20) : key[i];
            }
        }

        return plate.Length;
    }

    /// <summary>The colour that a key ends in, as <c>yellow</c>; empty where it has none.</summary>
    public static ReadOnlySpan<byte> SuffixOf(ReadOnlySpan<byte> key)
    {
        int hyphen = key.LastIndexOf((byte)'-');
        if (hyphen <= 0)
        {
            return default;
        }

        int suffix = Suffix(key, hyphen);
        return suffix == key.Length ? default : key[(suffix + 1)..];
    }

    /// <summary>The colour's own spelling. False where the word is no colour; empty where it says that the colour is not known.</summary>
    public static bool ColorOf(ReadOnlySpan<byte> word, out ReadOnlySpan<byte> color)
    {
        word = word.Trim((byte)' ');
        color = word.Length switch
        {
            3 => "red"u8,
            4 => "blue"u8,
            5 when (word[0] | 0x20) == 'g' => "green"u8,
            5 when (word[0] | 0x20) == 'w' => "white"u8,
            5 => "black"u8,
            6 => "yellow"u8,
            12 => "yellow-green"u8,
            _ => default,
        };
        if (!color.IsEmpty && Ascii.EqualsIgnoreCase(word, color))
        {
            return true;
        }

        color = default;
        return word.IsEmpty || Ascii.EqualsIgnoreCase(word, "unknown"u8);
    }

    /// <summary>Where the suffix begins, hyphen included; the key's length where it ends in no colour.</summary>
    private static int Suffix(ReadOnlySpan<byte> key, int hyphen)
    {
        if (!ColorOf(key[(hyphen + 1)..], out ReadOnlySpan<byte> color) || color.IsEmpty)
        {
            return key.Length;
        }

        ReadOnlySpan<byte> before = key[..hyphen];
        bool twoColors = color.SequenceEqual("green"u8) && before.Length > 7 && Ascii.EqualsIgnoreCase(before[^7..], "-yellow"u8);
        return twoColors ? hyphen - 7 : hyphen;
    }
}
