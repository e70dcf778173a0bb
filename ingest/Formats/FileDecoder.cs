using System.Globalization;
using System.Text;
using Streaming.Grains.Inputs;
using Streaming.Grains.Messages;
using Streaming.Grains.Turns;
using Streaming.Models.Encoding;

namespace Streaming.Ingest.Formats;

/// <summary>Formats of recorded files.</summary>
internal enum FileFormat
{
    /// <summary>
    /// Native JSON: a payload a line, or a topic, a space and a payload, as MQTT clients print what they receive; or the whole file is one payload.
    /// </summary>
    Native,

    /// <summary>Weigh records in fixed columns: <see cref="MonFile"/>.</summary>
    Mon,
}

/// <summary>How to decode a file.</summary>
/// <param name="Format">Its format.</param>
/// <param name="Topic">Topic of payloads that come without one.</param>
/// <param name="UtcOffset">For MON: what the file's clock was ahead of UTC.</param>
internal sealed record FileDecoderOptions(FileFormat Format, string Topic = "v1/wim/file/1", TimeSpan UtcOffset = default);

/// <summary>What was in a file.</summary>
internal readonly record struct FileSummary(int Readings, int Rejections);

/// <summary>
/// Shows what would become of a recorded file, reading by reading, through the same decoder that takes what devices send. Nothing is published or kept.
/// </summary>
internal static class FileDecoder
{
    private const int LineBytes = IngestLimits.PayloadBytes + 1024;

    /// <summary>Decodes the file and writes a line for each reading and each rejection, then one that adds them up.</summary>
    /// <param name="path">The file.</param>
    /// <param name="options">Its format.</param>
    /// <param name="time">The clock by which times are judged. A MON record is judged as if it had come in at its own time.</param>
    /// <param name="output">Gets the lines.</param>
    public static FileSummary Decode(string path, FileDecoderOptions options, TimeProvider time, TextWriter output)
    {
        Sink sink = new(output);
        if (options.Format == FileFormat.Mon)
        {
            foreach (MonLine line in MonFile.Read(path, options.UtcOffset))
            {
                if (line.Error is not null)
                {
                    sink.Reject(line.Error);
                    continue;
                }

                sink.Decode(line.Number, Encoding.UTF8.GetBytes($"v1/wim/{Sink.Source}/{line.Lane}"), line.Payload.Span, line.AtMs);
            }
        }
        else
        {
            DecodeNative(path, Encoding.UTF8.GetBytes(options.Topic), time.GetUtcNow().ToUnixTimeMilliseconds(), sink);
        }

        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{sink.Readings} readings, {sink.Rejections} rejected"));
        return new FileSummary(sink.Readings, sink.Rejections);
    }

    private static void DecodeNative(string path, byte[] topic, long nowMs, Sink sink)
    {
        using FileStream stream = File.OpenRead(path);
        if (TryReadWhole(stream, out byte[] payload))
        {
            sink.Decode(1, topic, payload, nowMs);
            return;
        }

        LineReader lines = new(stream, LineBytes);
        while (lines.TryRead(out ReadOnlyMemory<byte> line, out bool tooLong))
        {
            if (tooLong)
            {
                sink.Reject($"line {lines.Number}: TooLarge: at most {LineBytes} bytes a line expected");
                continue;
            }

            ReadOnlySpan<byte> text = line.Span.Trim((byte)' ');
            if (text.IsEmpty)
            {
                continue;
            }

            int space = text.StartsWith("v1/"u8) ? text.IndexOf((byte)' ') : -1;
            ReadOnlySpan<byte> ofLine = space < 0 ? topic : text[..space];
            sink.Decode(lines.Number, ofLine, space < 0 ? text : text[(space + 1)..], nowMs);
        }
    }

    /// <summary>True where the file is one JSON value, however many lines it has. Otherwise the stream is back at its beginning.</summary>
    private static bool TryReadWhole(FileStream stream, out byte[] payload)
    {
        payload = [];
        if (stream.Length > IngestLimits.PayloadBytes)
        {
            return false;
        }

        payload = new byte[stream.Length];
        stream.ReadExactly(payload);
        JsonCursor json = new(payload);
        bool isValue = json.SkipValue();
        json.SkipSpace();
        if (isValue && json.AtEnd)
        {
            return true;
        }

        stream.Position = 0;
        return false;
    }

    /// <summary>Where decoded lines go.</summary>
    private sealed class Sink(TextWriter output)
    {
        public const string Source = "file";

        private readonly SourceContext source = new(new SourceRegistration(Source, "file", [], "", null, ""));
        private readonly ByteWriter record = new(4096);

        public int Readings { get; private set; }

        public int Rejections { get; private set; }

        public void Reject(string line)
        {
            Rejections++;
            output.WriteLine(line);
        }

        public void Decode(int number, ReadOnlySpan<byte> topic, ReadOnlySpan<byte> payload, long nowMs)
        {
            record.Clear();
            PublishEncoder.Encode(record, source, topic, payload, nowMs);
            ReadOnlySpan<byte> bytes = record.Written;
            PublishRecord publish = PublishRecord.Read(Record.Next(ref bytes).Body);
            foreach (ReadingElement reading in publish.GetReadings())
            {
                Readings++;
                output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"line {number}: {ReadingLine.Of(reading)}"));
            }

            foreach (Rejection rejection in publish.GetRejections())
            {
                Reject(string.Create(CultureInfo.InvariantCulture, $"line {number}: rejected, {rejection.Reason}, bytes {rejection.Offset} to {rejection.Offset + rejection.Length}: {rejection.Detail}"));
            }
        }
    }
}
