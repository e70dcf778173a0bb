using System.Buffers.Binary;

namespace Streaming.Silo.Journal.Archives;

/// <summary>
/// A run of bytes in pages with a checksum each, so that a small part of it is read and checked by itself: 4,092 bytes, then the CRC-32C of them, which begins with the
/// page's number instead of with 0. The last page is as short as what is left.
/// </summary>
internal static class Pages
{
    public const int ContentBytes = 4092;

    public const int PageBytes = ContentBytes + 4;

    /// <summary>Bytes in the file that a run takes.</summary>
    public static long FileBytes(long contentBytes) => contentBytes + (4 * ((contentBytes + ContentBytes - 1) / ContentBytes));

    /// <summary>The page <paramref name="number"/> of a run: its content goes in front of its checksum, both into <paramref name="page"/>, whose used length is returned.</summary>
    public static int Seal(Span<byte> page, ReadOnlySpan<byte> content, int number)
    {
        content.CopyTo(page);
        BinaryPrimitives.WriteUInt32LittleEndian(page[content.Length..], Crc32C.Append((uint)number, content));
        return content.Length + 4;
    }

    /// <summary>
    /// Reads the pages that hold <paramref name="count"/> bytes from <paramref name="from"/> of a run of <paramref name="contentBytes"/> that begins at <paramref name="offset"/> of the file.
    /// Returns the bytes asked for, within <paramref name="buffer"/>, or false where a checksum does not match, with the page's offset.
    /// </summary>
    public static bool TryRead(IDiskFile file, long offset, long contentBytes, long from, int count, ref byte[] buffer, out ReadOnlySpan<byte> bytes, out long damagedAt)
    {
        bytes = default;
        damagedAt = 0;
        long first = from / ContentBytes;
        long last = (from + Math.Max(count, 1) - 1) / ContentBytes;
        long begin = first * PageBytes;
        int length = (int)(Math.Min((last + 1) * PageBytes, FileBytes(contentBytes)) - begin);
        if (buffer.Length < length)
        {
            buffer = GC.AllocateUninitializedArray<byte>(Math.Max(length, 4 * PageBytes));
        }

        Span<byte> pages = buffer.AsSpan(0, length);
        int read = file.Read(offset + begin, pages);
        int kept = 0;
        for (long page = first; page <= last; page++)
        {
            int at = (int)((page - first) * PageBytes);
            int content = (int)Math.Min(ContentBytes, contentBytes - (page * ContentBytes));
            if (at + content + 4 > read || Crc32C.Append((uint)page, pages.Slice(at, content)) != BinaryPrimitives.ReadUInt32LittleEndian(pages[(at + content)..]))
            {
                damagedAt = offset + begin + at;
                return false;
            }

            pages.Slice(at, content).CopyTo(pages[kept..]);
            kept += content;
        }

        bytes = pages.Slice((int)(from - (first * ContentBytes)), count);
        return true;
    }
}
