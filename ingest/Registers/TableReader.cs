using System.Buffers;
using System.Text;
using System.Text.Json;
using System.Text.Unicode;
using Streaming.Grains.Messages;
using Streaming.Ingest.Formats;
using Streaming.Models.Encoding;

namespace Streaming.Ingest.Registers;

/// <summary>How a table of records is written.</summary>
public enum TableFormat
{
    /// <summary>A JSON object in each line.</summary>
    JsonLines,

    /// <summary>Values with commas, semicolons or tabs between (RFC 4180), the columns' names in the first line.</summary>
    Csv,
}

/// <summary>
/// Reads a table record by record and gives each as a JSON object, with the number of its line in it, whatever it was written as: one decoder knows the fields. What is too long or no object becomes a text, which the decoder refuses
/// with its line; so nothing of a table is passed over in silence.
/// </summary>
internal sealed class TableReader(Stream stream, TableFormat format)
{
    private const byte Quote = (byte)'"';
    private readonly ByteWriter element = new(1024);
    private byte[] buffer = new byte[64 * 1024];
    private int start;
    private int end;
    private bool atEnd;
    private long lines;
    private byte delimiter;
    private string[]? columns;
    private JsonEncodedText[]? names;
    private Utf8JsonWriter? plain;

    /// <summary>Line on which the record begins, from 1.</summary>
    public long Line { get; private set; }

    /// <summary>The record as JSON; valid until the next is read.</summary>
    public ReadOnlySpan<byte> Element => element.Written;

    /// <summary>The columns of a table with a first line that names them; null for others.</summary>
    public IReadOnlyList<string>? Columns => columns;

    /// <summary>Reads the first line of a table whose columns it names. False where there is none.</summary>
    public async ValueTask<bool> ReadColumnsAsync(CancellationToken cancellation)
    {
        if (format != TableFormat.Csv)
        {
            return true;
        }

        (int from, int length, bool whole) = await NextAsync(cancellation).ConfigureAwait(false);
        if (length <= 0 || !whole)
        {
            return false;
        }

        ReadOnlySpan<byte> head = buffer.AsSpan(from, length);
        head = head.StartsWith("\uFEFF"u8) ? head[3..] : head;
        delimiter = (byte)",;\t".MaxBy(each => Count(buffer, from, length, (byte)each));
        columns = [.. Cells(head.ToArray()).Select(cell => cell.Trim())];
        return Array.Exists(columns, column => column.Length > 0);
    }

    /// <summary>Goes to the next record that is not empty. False at the end.</summary>
    public async ValueTask<bool> ReadAsync(CancellationToken cancellation)
    {
        while (true)
        {
            long line = lines + 1;
            (int from, int length, bool whole) = await NextAsync(cancellation).ConfigureAwait(false);
            if (length < 0)
            {
                return false;
            }

            ReadOnlyMemory<byte> record = buffer.AsMemory(from, length);
            if (line == 1 && record.Span.StartsWith("\uFEFF"u8))
            {
                record = record[3..];
            }

            if (record.Span.Trim(" \t\r"u8).IsEmpty)
            {
                continue;
            }

            Line = line;
            element.Clear();
            if (!whole)
            {
                Text($"line {line} is longer than {IngestLimits.ReadingBytes} bytes", record.Span);
            }
            else if (!Utf8.IsValid(record.Span))
            {
                Text($"line {line} is not UTF-8", record.Span);
            }
            else if (format == TableFormat.Csv)
            {
                Row(record);
            }
            else
            {
                Object(record.Span.Trim(" \t\r"u8));
            }

            return true;
        }
    }

    private static int Count(byte[] bytes, int from, int length, byte wanted) => bytes.AsSpan(from, length).Count(wanted);

    /// <summary>An object keeps its own text, and gets its line in front.</summary>
    private void Object(ReadOnlySpan<byte> record)
    {
        JsonCursor at = new(record);
        if (record[0] != (byte)'{' || !at.SkipValue() || !at.AtEnd)
        {
            Text($"line {Line} is no JSON object", record);
            return;
        }

        element.WriteRaw("{\"line\":"u8);
        element.WriteRaw(Encoding.ASCII.GetBytes(Line.ToString(System.Globalization.CultureInfo.InvariantCulture)));
        ReadOnlySpan<byte> members = record[1..];
        element.WriteRaw(members.TrimStart(" \t"u8).StartsWith("}"u8) ? ""u8 : ","u8);
        element.WriteRaw(members);
    }

    private void Row(ReadOnlyMemory<byte> record)
    {
        if (TryPlainRow(record.Span.TrimEnd((byte)'\r')))
        {
            return;
        }

        List<string> cells = Cells(record.Span.TrimEnd((byte)'\r').ToArray());
        if (cells.Count > columns!.Length && cells.Skip(columns.Length).Any(cell => cell.Trim().Length > 0))
        {
            Text($"line {Line} has {cells.Count} values; the first line names {columns.Length} columns", record.Span);
            return;
        }

        using Utf8JsonWriter json = new(element, GrainsJson.WriterOptions);
        json.WriteStartObject();
        json.WriteNumber("line", Line);
        for (int i = 0; i < Math.Min(cells.Count, columns.Length); i++)
        {
            if (columns[i].Length > 0 && cells[i].Trim().Length > 0)
            {
                json.WriteString(columns[i], cells[i].Trim());
            }
        }

        json.WriteEndObject();
    }

    /// <summary>A row without quotes and without too many values, as nearly every one is: its values go into the object as they stand, and no text is made of them. False, and nothing is written, for any other.</summary>
    private bool TryPlainRow(ReadOnlySpan<byte> record)
    {
        if (record.Contains(Quote) || record.Count(delimiter) >= columns!.Length || !Utf8.IsValid(record))
        {
            return false;
        }

        names ??= [.. columns.Select(column => JsonEncodedText.Encode(column, GrainsJson.WriterOptions.Encoder))];
        plain ??= new Utf8JsonWriter(element, GrainsJson.WriterOptions);
        plain.Reset();
        plain.WriteStartObject();
        plain.WriteNumber("line", Line);
        int column = 0;
        foreach (Range range in record.Split(delimiter))
        {
            ReadOnlySpan<byte> cell = Trimmed(record[range]);
            if (columns[column].Length > 0 && cell.Length > 0)
            {
                plain.WriteString(names[column], cell);
            }

            column++;
        }

        plain.WriteEndObject();
        plain.Flush();
        return true;
    }

    /// <summary>Without white space at either end, of whatever script.</summary>
    private static ReadOnlySpan<byte> Trimmed(ReadOnlySpan<byte> cell)
    {
        while (Rune.DecodeFromUtf8(cell, out Rune first, out int length) == OperationStatus.Done && Rune.IsWhiteSpace(first))
        {
            cell = cell[length..];
        }

        while (Rune.DecodeLastFromUtf8(cell, out Rune last, out int length) == OperationStatus.Done && Rune.IsWhiteSpace(last))
        {
            cell = cell[..^length];
        }

        return cell;
    }

    /// <summary>What is no record, as a text that says why.</summary>
    private void Text(string why, ReadOnlySpan<byte> record)
    {
        using Utf8JsonWriter json = new(element, GrainsJson.WriterOptions);
        json.WriteStringValue($"{why}: {Cited.Text(record)}");
    }

    private List<string> Cells(byte[] record)
    {
        List<string> cells = [];
        int at = 0;
        while (at <= record.Length)
        {
            if (at < record.Length && record[at] == Quote)
            {
                StringBuilder cell = new();
                int from = ++at;
                while (at < record.Length)
                {
                    if (record[at] != Quote)
                    {
                        at++;
                        continue;
                    }

                    cell.Append(Encoding.UTF8.GetString(record, from, at - from));
                    at++;
                    if (at == record.Length || record[at] != Quote)
                    {
                        from = at;
                        break;
                    }

                    cell.Append('"');
                    from = ++at;
                }

                int rest = Array.IndexOf(record, delimiter, at);
                rest = rest < 0 ? record.Length : rest;
                cell.Append(Encoding.UTF8.GetString(record, from, rest - from));
                cells.Add(cell.ToString());
                at = rest + 1;
            }
            else
            {
                int rest = Array.IndexOf(record, delimiter, Math.Min(at, record.Length));
                rest = rest < 0 ? record.Length : rest;
                cells.Add(Encoding.UTF8.GetString(record, at, rest - at));
                at = rest + 1;
            }
        }

        return cells;
    }

    /// <summary>
    /// Goes to the next record: up to a line's end that is in no quotes. Length -1 at the table's end; not whole where it is longer than a record may be, then what is given is its head, and its rest is passed over.
    /// </summary>
    private async ValueTask<(int From, int Length, bool Whole)> NextAsync(CancellationToken cancellation)
    {
        int at = start;
        bool quoted = false;
        while (true)
        {
            for (; at < end; at++)
            {
                int skipped = buffer.AsSpan(at, end - at).IndexOfAny((byte)'\n', Quote);
                if (skipped < 0)
                {
                    at = end;
                    break;
                }

                at += skipped;
                byte current = buffer[at];
                if (format == TableFormat.Csv && current == Quote)
                {
                    quoted = !quoted;
                }
                else if (current == (byte)'\n')
                {
                    lines++;
                    if (!quoted)
                    {
                        int from = start;
                        start = at + 1;
                        return (from, at - from, true);
                    }
                }
            }

            if (end - start > IngestLimits.ReadingBytes)
            {
                return await PassOverAsync(cancellation).ConfigureAwait(false);
            }

            if (atEnd)
            {
                int from = start;
                int length = end - start;
                start = end;
                lines += length > 0 ? 1 : 0;
                return (from, length > 0 ? length : -1, true);
            }

            int moved = start;
            await FillAsync(cancellation).ConfigureAwait(false);
            at -= moved;
        }
    }

    /// <summary>Gives the head of a record that is too long and goes behind its line.</summary>
    private async ValueTask<(int From, int Length, bool Whole)> PassOverAsync(CancellationToken cancellation)
    {
        byte[] head = buffer[start..(start + IngestLimits.CitedBytes)];
        start += IngestLimits.CitedBytes;
        while (true)
        {
            int feed = Array.IndexOf(buffer, (byte)'\n', start, end - start);
            if (feed >= 0 || atEnd)
            {
                lines++;
                start = feed >= 0 ? feed + 1 : end;
                break;
            }

            start = end;
            await FillAsync(cancellation).ConfigureAwait(false);
        }

        // What was read of the next record stays behind the head.
        byte[] rest = buffer[start..end];
        buffer = new byte[Math.Max(buffer.Length, head.Length + rest.Length)];
        head.CopyTo(buffer, 0);
        rest.CopyTo(buffer, head.Length);
        start = head.Length;
        end = head.Length + rest.Length;
        return (0, head.Length, false);
    }

    private async ValueTask FillAsync(CancellationToken cancellation)
    {
        if (start > 0)
        {
            buffer.AsSpan(start, end - start).CopyTo(buffer);
            end -= start;
            start = 0;
        }

        if (end == buffer.Length)
        {
            Array.Resize(ref buffer, buffer.Length * 2);
        }

        int read = await stream.ReadAsync(buffer.AsMemory(end), cancellation).ConfigureAwait(false);
        atEnd = read == 0;
        end += read;
    }
}
