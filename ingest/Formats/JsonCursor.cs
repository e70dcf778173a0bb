using System.Buffers.Binary;
using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Streaming.Ingest.Formats;

/// <summary>
/// Walks JSON (RFC 8259) straight from its bytes. It exists beside the library's reader because that one takes longer for the bare tokens of a weigh record than is to be
/// spent on the whole record, and throws where the JSON is damaged, which a hostile client could make it do hundreds of thousands of times a second.
/// What it takes, the library's reader takes too; the tests compare the two on damaged input. It does not check that texts are valid UTF-8: its caller does, once for a payload.
/// </summary>
/// <remarks>Every method that returns false has either met an end (of an object) or broken off: then <see cref="IsBroken"/> is set, <see cref="Position"/> is where, and nothing further may be read.</remarks>
internal ref struct JsonCursor(ReadOnlySpan<byte> bytes)
{
    private const ulong EveryByte = 0x0101010101010101;
    private const ulong HighBits = 0x8080808080808080;

    private readonly ReadOnlySpan<byte> bytes = bytes;

    /// <summary>What stands at <see cref="Position"/> is read next.</summary>
    public int Position { get; private set; }

    public bool IsBroken { get; private set; }

    /// <summary>What was expected where the JSON is broken.</summary>
    public string Expected { get; private set; } = "";

    /// <summary>The byte that is read next; 0 at the end, which no JSON begins with.</summary>
    public readonly byte Current
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => (uint)Position < (uint)bytes.Length ? bytes[Position] : (byte)0;
    }

    public readonly bool AtEnd => Position >= bytes.Length;

    public readonly ReadOnlySpan<byte> Since(int start) => bytes[start..Position];

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void SkipSpace()
    {
        if (Current <= 0x20)
        {
            SkipSpaces();
        }
    }

    /// <summary>Takes the byte if it is next.</summary>
    public bool TryTake(byte expected)
    {
        if (Current != expected)
        {
            return false;
        }

        Position++;
        return true;
    }

    /// <summary>
    /// Goes to the value of an object's next member. False at the object's end, which is taken, and where the JSON is broken.
    /// The opening brace must have been taken; <paramref name="first"/> is true until the first call.
    /// </summary>
    public bool NextMember(scoped ref bool first, out ReadOnlySpan<byte> name, out bool escaped)
    {
        name = default;
        escaped = false;
        SkipSpace();
        if (TryTake((byte)'}'))
        {
            return false;
        }

        if (!first)
        {
            if (!TryTake((byte)','))
            {
                return Break("',' or '}'");
            }

            SkipSpace();
        }

        first = false;
        if (Current != '"')
        {
            return Break("a field name in quotes");
        }

        return ScanText(out name, out escaped) && TakeColon();
    }

    /// <summary>Goes to an array's next element; as <see cref="NextMember"/>.</summary>
    public bool NextElement(scoped ref bool first)
    {
        SkipSpace();
        if (TryTake((byte)']'))
        {
            return false;
        }

        if (!first)
        {
            if (!TryTake((byte)','))
            {
                return Break("',' or ']'");
            }

            SkipSpace();
            if (Current == ']')
            {
                return Break("a value");
            }
        }

        first = false;
        return true;
    }

    /// <summary>Takes a text and returns what stands between its quotes, escapes checked but not undone.</summary>
    public bool ScanText(out ReadOnlySpan<byte> text, out bool escaped)
    {
        escaped = false;
        text = default;
        int start = Position + 1;
        int at = start;
        while (true)
        {
            at = FindSpecial(at);
            if (at >= bytes.Length)
            {
                Position = bytes.Length;
                return Break("'\"' at the end of a text");
            }

            byte special = bytes[at];
            if (special == '"')
            {
                text = bytes[start..at];
                Position = at + 1;
                return true;
            }

            int length = special == '\\' ? EscapeLength(at) : 0;
            if (length == 0)
            {
                Position = at;
                return Break(special == '\\' ? "one of JSON's escapes" : "no control character within a text");
            }

            escaped = true;
            at += length;
        }
    }

    /// <summary>Takes a number. It is exact up to 19 digits; what follows only moves the exponent.</summary>
    public bool ScanNumber(out JsonNumber number)
    {
        number = default;
        int start = Position;
        int at = start;
        bool negative = at < bytes.Length && bytes[at] == '-';
        at += negative ? 1 : 0;
        ulong mantissa = 0;
        int significant = 0;
        int exponent = 0;
        int whole = at;
        for (; at < bytes.Length && (uint)(bytes[at] - '0') <= 9; at++)
        {
            Digit(bytes[at] - (uint)'0', 1, ref mantissa, ref significant, ref exponent);
        }

        if (at == whole || (at - whole > 1 && bytes[whole] == '0'))
        {
            Position = whole;
            return Break(at == whole ? "a value" : "a number without leading zeros");
        }

        if (at < bytes.Length && bytes[at] == '.')
        {
            int point = at++;
            for (; at < bytes.Length && (uint)(bytes[at] - '0') <= 9; at++)
            {
                Digit(bytes[at] - (uint)'0', 0, ref mantissa, ref significant, ref exponent);
            }

            if (at == point + 1)
            {
                Position = at;
                return Break("a digit behind the decimal point");
            }
        }

        if (at < bytes.Length && (bytes[at] | 0x20) == 'e')
        {
            at++;
            bool down = at < bytes.Length && bytes[at] == '-';
            at += at < bytes.Length && bytes[at] is (byte)'+' or (byte)'-' ? 1 : 0;
            int power = 0;
            int digits = at;
            for (; at < bytes.Length && (uint)(bytes[at] - '0') <= 9; at++)
            {
                power = Math.Min((power * 10) + (bytes[at] - '0'), JsonNumber.ExponentBound);
            }

            if (at == digits)
            {
                Position = at;
                return Break("a digit in the exponent");
            }

            exponent += down ? -power : power;
        }

        Position = at;
        number = new JsonNumber(mantissa, exponent, negative, bytes[start..at]);
        return true;
    }

    /// <summary>Takes <c>true</c>, <c>false</c> or <c>null</c>.</summary>
    public bool ScanWord(ReadOnlySpan<byte> word)
    {
        if (!bytes[Position..].StartsWith(word))
        {
            return Break("a value");
        }

        Position += word.Length;
        return true;
    }

    /// <summary>Takes a value of any kind, nested at most <see cref="IngestLimits.JsonDepth"/> deep.</summary>
    public bool SkipValue()
    {
        int depth = 0;
        uint objects = 0;
        while (true)
        {
            SkipSpace();
            byte opening = Current;
            if (opening is (byte)'{' or (byte)'[')
            {
                if (depth == IngestLimits.JsonDepth)
                {
                    return Break("no deeper nesting");
                }

                Position++;
                depth++;
                objects = (objects << 1) | (opening == '{' ? 1u : 0u);
                SkipSpace();
                if (Current != Closing(objects))
                {
                    if (opening == '{' && !TakeName())
                    {
                        return false;
                    }

                    continue;
                }
            }
            else if (!SkipScalar(opening))
            {
                return false;
            }

            while (true)
            {
                if (depth == 0)
                {
                    return true;
                }

                SkipSpace();
                if (TryTake((byte)','))
                {
                    SkipSpace();
                    if ((objects & 1) == 1 && !TakeName())
                    {
                        return false;
                    }

                    break;
                }

                if (!TryTake(Closing(objects)))
                {
                    return Break((objects & 1) == 1 ? "',' or '}'" : "',' or ']'");
                }

                depth--;
                objects >>= 1;
            }
        }
    }

    private static byte Closing(uint objects) => (objects & 1) == 1 ? (byte)'}' : (byte)']';

    private bool SkipScalar(byte opening) => opening switch
    {
        (byte)'"' => ScanText(out _, out _),
        (byte)'t' => ScanWord("true"u8),
        (byte)'f' => ScanWord("false"u8),
        (byte)'n' => ScanWord("null"u8),
        _ => ScanNumber(out _),
    };

    private bool TakeName()
    {
        if (Current != '"')
        {
            return Break("a field name in quotes");
        }

        return ScanText(out _, out _) && TakeColon();
    }

    private bool TakeColon()
    {
        SkipSpace();
        if (!TryTake((byte)':'))
        {
            return Break("':' behind a field name");
        }

        SkipSpace();
        return true;
    }

    private void SkipSpaces()
    {
        while (Current is (byte)' ' or (byte)'\n' or (byte)'\r' or (byte)'\t')
        {
            Position++;
        }
    }

    /// <summary>Length of the escape at a backslash; 0 where it is none.</summary>
    private readonly int EscapeLength(int at)
    {
        if (at + 1 >= bytes.Length)
        {
            return 0;
        }

        if (bytes[at + 1] != 'u')
        {
            return bytes[at + 1] is (byte)'"' or (byte)'\\' or (byte)'/' or (byte)'b' or (byte)'f' or (byte)'n' or (byte)'r' or (byte)'t' ? 2 : 0;
        }

        if (at + 6 > bytes.Length)
        {
            return 0;
        }

        for (int i = at + 2; i < at + 6; i++)
        {
            if (!char.IsAsciiHexDigit((char)bytes[i]))
            {
                return 0;
            }
        }

        return 6;
    }

    /// <summary>
    /// The next quote, backslash or control character at or behind <paramref name="at"/>, eight bytes at a time: field names and most texts are shorter than a vector. The tests of a
    /// byte within a word may raise false flags, but only above a true one, and only the lowest flag is looked at. The loop's own condition keeps each read within the payload.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private readonly int FindSpecial(int at)
    {
        ref byte origin = ref MemoryMarshal.GetReference(bytes);
        while (at <= bytes.Length - 8)
        {
            ulong word = Unsafe.ReadUnaligned<ulong>(ref Unsafe.Add(ref origin, at));
            word = BitConverter.IsLittleEndian ? word : BinaryPrimitives.ReverseEndianness(word);
            ulong quote = word ^ (EveryByte * '"');
            ulong backslash = word ^ (EveryByte * '\\');
            ulong flags = (((quote - EveryByte) & ~quote) | ((backslash - EveryByte) & ~backslash) | ((word - (EveryByte * 0x20)) & ~word)) & HighBits;
            if (flags != 0)
            {
                return at + (BitOperations.TrailingZeroCount(flags) >> 3);
            }

            at += 8;
        }

        while (at < bytes.Length && bytes[at] is not ((byte)'"' or (byte)'\\' or < 0x20))
        {
            at++;
        }

        return at;
    }

    /// <summary>Adds a digit as long as it fits; behind that a whole digit raises the exponent and one of the fraction is dropped.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Digit(uint digit, int whole, ref ulong mantissa, ref int significant, ref int exponent)
    {
        if (significant < JsonNumber.Digits)
        {
            mantissa = (mantissa * 10) + digit;
            significant += mantissa == 0 ? 0 : 1;
            exponent -= 1 - whole;
        }
        else
        {
            exponent += whole;
        }
    }

    private bool Break(string expected)
    {
        IsBroken = true;
        Expected = expected;
        return false;
    }
}
