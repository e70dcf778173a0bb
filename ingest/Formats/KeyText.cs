namespace Streaming.Ingest.Formats;

/// <summary>What may stand in the key of an actor: keys become topics, addresses of the API and lines of a log.</summary>
internal static class KeyText
{
    /// <summary>True where the text has no control character (C0, DEL or C1), no separator and no wildcard of a topic.</summary>
    public static bool IsKey(ReadOnlySpan<byte> text)
    {
        byte before = 0;
        foreach (byte current in text)
        {
            if (current is < 0x20 or 0x7F or (byte)'/' or (byte)'+' or (byte)'#' || (before == 0xC2 && current < 0xA0))
            {
                return false;
            }

            before = current;
        }

        return true;
    }

    /// <summary>True where the text has no control character.</summary>
    public static bool IsPrintable(ReadOnlySpan<byte> text)
    {
        byte before = 0;
        foreach (byte current in text)
        {
            if (current is < 0x20 or 0x7F || (before == 0xC2 && current < 0xA0))
            {
                return false;
            }

            before = current;
        }

        return true;
    }
}
