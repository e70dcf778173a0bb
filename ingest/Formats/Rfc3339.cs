namespace Streaming.Ingest.Formats;

/// <summary>
/// Times as RFC 3339 writes them: <c>2026-11-21T08:15:30.123Z</c>. By hand, because the library's parsers want text instead of bytes, ask a culture, and
/// take forms that RFC 3339 does not have.
/// </summary>
internal static class Rfc3339
{
    private const int DaysTo1970 = 719_468;
    private const int DaysPerEra = 146_097;

    /// <summary>
    /// Milliseconds since 1970-01-01T00:00Z, cut off, not rounded. One to nine digits of fraction; <c>Z</c> or an offset of hours and minutes; <c>t</c>, <c>z</c> and a space for
    /// the <c>T</c> are taken as the RFC's section 5.6 allows. A leap second counts as the first second of the next minute.
    /// </summary>
    public static bool TryParse(ReadOnlySpan<byte> text, out long ms)
    {
        ms = 0;
        if (text.Length < 20 || text[4] != '-' || text[7] != '-' || text[10] is not ((byte)'T' or (byte)'t' or (byte)' ') || text[13] != ':' || text[16] != ':')
        {
            return false;
        }

        int year = (Two(text, 0) * 100) + Two(text, 2);
        int month = Two(text, 5);
        int day = Two(text, 8);
        int hour = Two(text, 11);
        int minute = Two(text, 14);
        int second = Two(text, 17);
        // A pair that is no number is far below zero, whatever it is added to.
        if (year < 0 || month is < 1 or > 12 || day < 1 || day > DaysIn(year, month) || (uint)hour > 23 || (uint)minute > 59 || (uint)second > 60 || (second == 60 && minute != 59))
        {
            return false;
        }

        int at = 19;
        int fractionMs = 0;
        if (text[at] == '.')
        {
            int digits = 0;
            for (at++; at < text.Length && text[at] is >= (byte)'0' and <= (byte)'9'; at++)
            {
                if (digits < 3)
                {
                    fractionMs = (fractionMs * 10) + (text[at] - '0');
                }

                digits++;
            }

            if (digits is 0 or > 9)
            {
                return false;
            }

            fractionMs *= digits switch { 1 => 100, 2 => 10, _ => 1 };
        }

        if (!TryOffset(text[at..], out int offsetMinutes))
        {
            return false;
        }

        long minutes = (((Days(year, month, day) * 24) + hour) * 60) + minute - offsetMinutes;
        ms = (((minutes * 60) + second) * 1000) + fractionMs;
        return true;
    }

    private static bool TryOffset(ReadOnlySpan<byte> text, out int minutes)
    {
        minutes = 0;
        if (text.Length == 1)
        {
            return text[0] is (byte)'Z' or (byte)'z';
        }

        if (text.Length != 6 || text[0] is not ((byte)'+' or (byte)'-') || text[3] != ':')
        {
            return false;
        }

        int hours = Two(text, 1);
        int rest = Two(text, 4);
        if ((uint)hours > 23 || (uint)rest > 59)
        {
            return false;
        }

        minutes = (hours * 60) + rest;
        minutes = text[0] == '-' ? -minutes : minutes;
        return true;
    }

    /// <summary>Two digits; far below zero where one is no digit.</summary>
    private static int Two(ReadOnlySpan<byte> text, int at)
    {
        uint tens = text[at] - (uint)'0';
        uint ones = text[at + 1] - (uint)'0';
        return tens <= 9 && ones <= 9 ? (int)((tens * 10) + ones) : -100_000;
    }

    private static int DaysIn(int year, int month) => month switch
    {
        2 => year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) ? 29 : 28,
        4 or 6 or 9 or 11 => 30,
        _ => 31,
    };

    /// <summary>Days since 1970-01-01 of the proleptic Gregorian calendar. The year is counted from March, so that the leap day comes last, within eras of 400 years.</summary>
    private static long Days(int year, int month, int day)
    {
        int shifted = month <= 2 ? year - 1 : year;
        int era = (shifted >= 0 ? shifted : shifted - 399) / 400;
        int yearOfEra = shifted - (era * 400);
        int dayOfYear = (((153 * (month + (month > 2 ? -3 : 9))) + 2) / 5) + day - 1;
        int dayOfEra = (yearOfEra * 365) + (yearOfEra / 4) - (yearOfEra / 100) + dayOfYear;
        return ((long)era * DaysPerEra) + dayOfEra - DaysTo1970;
    }
}
