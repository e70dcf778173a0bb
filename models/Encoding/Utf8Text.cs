namespace Streaming.Models.Encoding;

/// <summary>Text of a rulebook beside the bytes of a reading.</summary>
public static class Utf8Text
{
    /// <summary>True where the bytes are this text. Allocates nothing.</summary>
    public static bool Is(ReadOnlySpan<byte> utf8, ReadOnlySpan<char> text)
    {
        while (!text.IsEmpty)
        {
            if (System.Text.Rune.DecodeFromUtf8(utf8, out System.Text.Rune left, out int bytes) != System.Buffers.OperationStatus.Done
                || System.Text.Rune.DecodeFromUtf16(text, out System.Text.Rune right, out int chars) != System.Buffers.OperationStatus.Done
                || left != right)
            {
                return false;
            }

            utf8 = utf8[bytes..];
            text = text[chars..];
        }

        return utf8.IsEmpty;
    }
}
