using System.Buffers.Binary;
using Streaming.Models.Readings;

namespace Streaming.Silo.Registers;

/// <summary>Reads the hours of a zone as its register has them, <c>07:00-09:00,17:00-19:00</c>: local time, up to <c>24:00</c>.</summary>
internal static class ZoneHours
{
    private const int MinutesPerDay = 24 * 60;

    /// <summary>The hours as <see cref="ZoneReference.Hours"/> has them; empty for none, null where they cannot be read or are too many.</summary>
    public static byte[]? Read(string? text)
    {
        if (string.IsNullOrWhiteSpace(text))
        {
            return [];
        }

        string[] spans = text.Split(',', '，', ';', '；');
        if (spans.Length > Surroundings.HourSpans)
        {
            return null;
        }

        byte[] hours = new byte[spans.Length * 4];
        for (int i = 0; i < spans.Length; i++)
        {
            string[] ends = spans[i].Split('-', '–', '~');
            if (ends.Length != 2 || Minute(ends[0]) is not { } from || Minute(ends[1]) is not { } to || from == to)
            {
                return null;
            }

            BinaryPrimitives.WriteUInt16LittleEndian(hours.AsSpan(i * 4), (ushort)(from % MinutesPerDay));
            BinaryPrimitives.WriteUInt16LittleEndian(hours.AsSpan((i * 4) + 2), (ushort)to);
        }

        return hours;
    }

    private static int? Minute(string text)
    {
        string[] parts = text.Trim().Split(':', '：');
        return parts.Length == 2 && Number(parts[0]) is { } hour && Number(parts[1]) is { } minute && minute < 60 && (hour * 60) + minute <= MinutesPerDay ? (hour * 60) + minute : null;
    }

    private static int? Number(string digits) =>
        digits.Length is 1 or 2 && int.TryParse(digits, System.Globalization.NumberStyles.None, System.Globalization.CultureInfo.InvariantCulture, out int number) ? number : null;
}
