using System.Buffers;
using System.Globalization;
using System.Text;

namespace Streaming.Silo.Api;

/// <summary>Tables as CSV: RFC 4180, a header row, UTF-8.</summary>
/// <remarks>A text that a spreadsheet would take for a formula gets an apostrophe before it. Numbers are written by us and stay what they are, also below zero.</remarks>
internal static class CsvText
{
    public const string ContentType = "text/csv; charset=utf-8; header=present";

    /// <summary>Spreadsheets take a cell that begins so for a formula, and some skip what is white before it.</summary>
    public static string Safe(string? text) => text is null or "" ? "" : text.TrimStart() is ['=' or '+' or '-' or '@', ..] || text[0] is '\t' or '\r' or '\n' ? "'" + text : text;

    public static string Number(long value) => value.ToString(CultureInfo.InvariantCulture);

    public static string Number(double? value) => value is { } number ? number.ToString("R", CultureInfo.InvariantCulture) : "";

    /// <summary>RFC 4180 section 2: lines end with CRLF; a field with a comma, a quote or a line break stands in quotes, its quotes doubled.</summary>
    public static void WriteLine(IBufferWriter<byte> body, IEnumerable<string> cells)
    {
        StringBuilder line = new();
        string between = "";
        foreach (string cell in cells)
        {
            line.Append(between);
            between = ",";
            if (cell.AsSpan().IndexOfAny(",\"\r\n") < 0)
            {
                line.Append(cell);
            }
            else
            {
                line.Append('"').Append(cell.Replace("\"", "\"\"", StringComparison.Ordinal)).Append('"');
            }
        }

        body.Write(Encoding.UTF8.GetBytes(line.Append("\r\n").ToString()));
    }
}
