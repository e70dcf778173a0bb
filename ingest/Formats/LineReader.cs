namespace Streaming.Ingest.Formats;

/// <summary>Reads lines of bytes from a stream, of bounded length, whatever the stream holds. Ends of lines are LF or CR LF; the last may be missing.</summary>
internal sealed class LineReader(Stream stream, int mostBytes)
{
    private readonly byte[] buffer = new byte[mostBytes + 2];
    private int begin;
    private int end;
    private bool ended;

    /// <summary>Number of the line read last, from 1.</summary>
    public int Number { get; private set; }

    /// <summary>
    /// Reads the next line. <paramref name="tooLong"/> tells that only its head is returned; the rest of it has been skipped. The bytes are valid until the next call.
    /// </summary>
    public bool TryRead(out ReadOnlyMemory<byte> line, out bool tooLong)
    {
        tooLong = false;
        int scanned = 0;
        while (true)
        {
            int newline = buffer.AsSpan(begin + scanned, end - begin - scanned).IndexOf((byte)'\n');
            if (newline >= 0)
            {
                int length = scanned + newline;
                return Found(length, begin + length + 1, out line, out tooLong);
            }

            scanned = end - begin;
            if (scanned == buffer.Length)
            {
                // The line stays where it is for the caller; what belongs to it behind that is dropped on the next call.
                tooLong = true;
                Number++;
                line = buffer.AsMemory(0, mostBytes);
                SkipLine();
                return true;
            }

            if (ended)
            {
                return scanned == 0 ? None(out line) : Found(scanned, end, out line, out tooLong);
            }

            Fill();
        }
    }

    private static bool None(out ReadOnlyMemory<byte> line)
    {
        line = default;
        return false;
    }

    private bool Found(int length, int next, out ReadOnlyMemory<byte> line, out bool tooLong)
    {
        Number++;
        line = buffer.AsMemory(begin, length);
        if (line.Length > 0 && line.Span[^1] == '\r')
        {
            line = line[..^1];
        }

        tooLong = line.Length > mostBytes;
        line = tooLong ? line[..mostBytes] : line;
        begin = next;
        return true;
    }

    private void Fill()
    {
        if (begin > 0)
        {
            buffer.AsSpan(begin, end - begin).CopyTo(buffer);
            end -= begin;
            begin = 0;
        }

        int read = stream.Read(buffer, end, buffer.Length - end);
        ended = read == 0;
        end += read;
    }

    /// <summary>Goes behind the end of a line that is longer than the buffer, byte by byte so that the buffer keeps its head. Rare, and bounded by the file.</summary>
    private void SkipLine()
    {
        begin = 0;
        end = 0;
        int next;
        do
        {
            next = stream.ReadByte();
        }
        while (next is >= 0 and not '\n');
        ended = next < 0;
    }
}
