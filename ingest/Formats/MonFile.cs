using System.Buffers;
using System.Text;
using System.Text.Json;
using Streaming.Models.Readings;

namespace Streaming.Ingest.Formats;

/// <summary>One line of a MON file.</summary>
/// <param name="Number">Number of the line, from 1.</param>
/// <param name="Lane">Direction and lane, as <c>1-2</c>: the last level of the topic. Lanes are counted anew in each direction.</param>
/// <param name="AtMs">Time of the record, ms since 1970-01-01T00:00Z, shift included.</param>
/// <param name="Payload">The record as a native weigh record, UTF-8; empty where the line has an error.</param>
/// <param name="Error">Line, column, what was found and what was expected; null where the line is good.</param>
internal readonly record struct MonLine(int Number, string Lane, long AtMs, ReadOnlyMemory<byte> Payload, string? Error);

/// <summary>
/// Reads recorded weigh-in-motion traffic in fixed columns: head 9, day 2, month 2, year 4, hour 2, minute 2, ms of the minute 5, axles 2, groups 2, gross kg 6, km/h 3, length mm 5,
/// lane 1, direction 1, transverse mm 4, then for each axle kg 5 and the distance to the next axle in mm 5. Columns behind the last axle are filling.
/// </summary>
/// <remarks>
/// Such a file has no plates and its head field is not unique, so vehicle and reading are both named by the line: plate <c>MON000123</c>, a vehicle for every record, and an id of
/// the recorded time and the line, so that the same file replayed to the same station counts once.
/// </remarks>
internal static class MonFile
{
    private const int AxlesAt = 50;
    private const int AxleColumns = 10;

    /// <summary>Reads a file line by line; a line that does not fit is told and the next one read. Times of the file have no zone.</summary>
    /// <param name="path">The file.</param>
    /// <param name="utcOffset">What the file's clock was ahead of UTC.</param>
    /// <param name="shift">Added to every time, so that old traffic may be replayed as if it were today's.</param>
    public static IEnumerable<MonLine> Read(string path, TimeSpan utcOffset, TimeSpan shift = default)
    {
        using FileStream stream = File.OpenRead(path);
        foreach (MonLine line in Read(stream, utcOffset, shift))
        {
            yield return line;
        }
    }

    /// <inheritdoc cref="Read(string, TimeSpan, TimeSpan)"/>
    public static IEnumerable<MonLine> Read(Stream stream, TimeSpan utcOffset, TimeSpan shift = default)
    {
        LineReader lines = new(stream, IngestLimits.MonLineBytes);
        while (lines.TryRead(out ReadOnlyMemory<byte> line, out bool tooLong))
        {
            if (tooLong)
            {
                yield return Wrong(lines.Number, $"line {lines.Number}, column {IngestLimits.MonLineBytes + 1}: the line goes on; at most {IngestLimits.MonLineBytes} columns expected");
            }
            else if (line.Span.Trim((byte)' ').Length > 0)
            {
                yield return Parse(line.Span, lines.Number, utcOffset, shift);
            }
        }
    }

    /// <summary>The shift that makes the latest record of the file happen at <paramref name="end"/>: a reading from the future would be refused. Zero for a file without records.</summary>
    public static TimeSpan ShiftToEndAt(string path, TimeSpan utcOffset, DateTimeOffset end)
    {
        long latest = long.MinValue;
        foreach (MonLine line in Read(path, utcOffset))
        {
            latest = line.Error is null ? Math.Max(latest, line.AtMs) : latest;
        }

        return latest == long.MinValue ? TimeSpan.Zero : TimeSpan.FromMilliseconds(end.ToUnixTimeMilliseconds() - latest);
    }

    private static MonLine Parse(ReadOnlySpan<byte> line, int number, TimeSpan utcOffset, TimeSpan shift)
    {
        Columns columns = new(line, number);
        columns.Skip(9);
        int day = columns.Number(2, "day", 1, 31);
        int month = columns.Number(2, "month", 1, 12);
        int year = columns.Number(4, "year", 1900, 9998);
        int hour = columns.Number(2, "hour", 0, 23);
        int minute = columns.Number(2, "minute", 0, 59);
        int ms = columns.Number(5, "millisecond of the minute", 0, 59_999);
        int axles = columns.Number(2, "number of axles", 1, Axles.Capacity);
        columns.Number(2, "number of axle groups", 0, 99);
        int grossKg = columns.Number(6, "gross mass in kg", 1, 999_999);
        int speedKmh = columns.Number(3, "speed in km/h", 0, IngestLimits.SpeedTenthKmh / 10);
        columns.Number(5, "length in mm", 0, 99_999);
        int lane = columns.Number(1, "lane", 0, 9);
        int direction = columns.Number(1, "direction", 0, 9);
        columns.Skip(4);
        if (columns.Error is null && day > DateTime.DaysInMonth(year, month))
        {
            columns.Fail(9, $"{year:D4}-{month:D2} has no day {day}");
        }

        if (columns.Error is not null)
        {
            return Wrong(number, columns.Error);
        }

        DateTimeOffset recorded = new DateTimeOffset(year, month, day, hour, minute, 0, utcOffset).AddMilliseconds(ms);
        DateTimeOffset at = recorded + shift;
        ArrayBufferWriter<byte> payload = new(512);
        using (Utf8JsonWriter json = new(payload))
        {
            json.WriteStartObject();
            json.WriteString("id", FormattableString.Invariant($"MON{recorded.UtcDateTime:yyyyMMddHHmmssfff}-{number:D6}"));
            json.WriteString("at", FormattableString.Invariant($"{at.UtcDateTime:yyyy-MM-ddTHH:mm:ss.fffZ}"));
            json.WriteString("plate", FormattableString.Invariant($"MON{number:D6}"));
            json.WriteNumber("speedKmh", speedKmh);
            json.WriteNumber("grossKg", grossKg);
            WriteAxles(json, ref columns, axles);
            json.WriteEndObject();
        }

        return columns.Error is not null
            ? Wrong(number, columns.Error)
            : new MonLine(number, FormattableString.Invariant($"{direction}-{lane}"), at.ToUnixTimeMilliseconds(), payload.WrittenMemory, null);
    }

    private static void WriteAxles(Utf8JsonWriter json, ref Columns columns, int axles)
    {
        decimal offsetM = 0;
        json.WriteStartArray("axles");
        for (int axle = 0; axle < axles; axle++)
        {
            int massKg = columns.Number(5, "axle mass in kg", 0, 99_999);
            // The distance behind the last axle is to nothing.
            int spacingMm = axle == axles - 1 ? 0 : columns.Number(5, "distance to the next axle in mm", 1, 99_999);
            json.WriteStartObject();
            json.WriteNumber("massKg", massKg);
            json.WriteNumber("offsetM", offsetM);
            json.WriteEndObject();
            offsetM += spacingMm / 1000m;
        }

        json.WriteEndArray();
    }

    private static MonLine Wrong(int number, string error) => new(number, "", 0, default, error);

    /// <summary>Takes fixed columns of a line; after the first that does not fit, the rest is passed over.</summary>
    private ref struct Columns(ReadOnlySpan<byte> line, int number)
    {
        private readonly ReadOnlySpan<byte> line = line;
        private int column;

        public string? Error { get; private set; }

        public void Skip(int width) => column += width;

        /// <summary>A whole number, filled with spaces on the left.</summary>
        public int Number(int width, string name, int least, int most)
        {
            int start = column;
            column += width;
            if (Error is not null)
            {
                return 0;
            }

            if (column > line.Length)
            {
                Fail(start, $"the line ends at column {line.Length}; {name} of {width} columns expected");
                return 0;
            }

            ReadOnlySpan<byte> text = line.Slice(start, width).TrimStart((byte)' ');
            int value = 0;
            foreach (byte digit in text)
            {
                if (digit is < (byte)'0' or > (byte)'9')
                {
                    value = -1;
                    break;
                }

                value = (value * 10) + (digit - '0');
            }

            if (text.IsEmpty || value < least || value > most)
            {
                Fail(start, $"{name} is \"{Cited.Text(line.Slice(start, width))}\"; {least} to {most} expected");
            }

            return value;
        }

        public void Fail(int at, string error) => Error = FormattableString.Invariant($"line {number}, column {at + 1}: {error}");
    }
}
