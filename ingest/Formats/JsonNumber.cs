using System.Globalization;

namespace Streaming.Ingest.Formats;

/// <summary>A number of a JSON text: mantissa times a power of ten. Figures become whole grams, millimetres or tenths from it without passing through binary fractions.</summary>
internal readonly ref struct JsonNumber(ulong mantissa, int exponent, bool negative, ReadOnlySpan<byte> text)
{
    /// <summary>Decimal digits that always fit into the mantissa.</summary>
    public const int Digits = 19;

    /// <summary>An exponent beyond this is as good as this one: the number is 0 or out of every range.</summary>
    public const int ExponentBound = 100_000;

    /// <summary>Whole numbers up to here are exact in a double.</summary>
    private const ulong ExactMantissa = 1UL << 53;

    private static readonly double[] ExactPowers =
    [
        1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22,
    ];

    private static readonly ulong[] Powers =
    [
        1, 10, 100, 1_000, 10_000, 100_000, 1_000_000, 10_000_000, 100_000_000, 1_000_000_000, 10_000_000_000, 100_000_000_000, 1_000_000_000_000, 10_000_000_000_000,
        100_000_000_000_000, 1_000_000_000_000_000, 10_000_000_000_000_000, 100_000_000_000_000_000, 1_000_000_000_000_000_000, 10_000_000_000_000_000_000,
    ];

    private readonly ReadOnlySpan<byte> text = text;

    /// <summary>True for every number below zero, however little.</summary>
    public bool IsNegative => negative && mantissa != 0;

    /// <summary>The number times ten to the power of <paramref name="decimals"/>, rounded half away from zero; the largest of its sign where it does not fit.</summary>
    public long Scaled(int decimals)
    {
        int shift = exponent + decimals;
        ulong size;
        if (mantissa == 0 || shift == 0)
        {
            size = mantissa;
        }
        else if (shift > 0)
        {
            size = shift < Powers.Length && Math.BigMul(mantissa, Powers[shift], out ulong product) == 0 ? product : ulong.MaxValue;
        }
        else if (-shift >= Powers.Length)
        {
            size = 0;
        }
        else
        {
            ulong power = Powers[-shift];
            ulong rest = mantissa % power;
            size = (mantissa / power) + (rest >= power - rest ? 1UL : 0UL);
        }

        long clamped = (long)Math.Min(size, long.MaxValue);
        return negative ? -clamped : clamped;
    }

    /// <summary>
    /// The nearest double. Exact operands and a single division or multiplication give the correctly rounded result (Clinger, "How to read floating point
    /// numbers accurately", 1990); what lies outside takes the library's slower way. Infinite where it is too large.
    /// </summary>
    public double ToDouble()
    {
        double size;
        if (mantissa <= ExactMantissa && exponent is >= -22 and <= 22 && text.Length <= Digits)
        {
            size = exponent < 0 ? mantissa / ExactPowers[-exponent] : mantissa * ExactPowers[exponent];
            return negative ? -size : size;
        }

        return double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out size) ? size : double.NaN;
    }
}
