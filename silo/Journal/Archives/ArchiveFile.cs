namespace Streaming.Silo.Journal.Archives;

/// <summary>A file that is being written from front to back, growing as it goes; its header is written last.</summary>
internal sealed class ArchiveFile : IDisposable
{
    private const int GrowBytes = 1024 * 1024;

    private readonly IDiskFile file;
    private readonly byte[] page = new byte[Pages.PageBytes];
    private long length;

    /// <summary>Makes the file anew; one that an earlier attempt left behind goes.</summary>
    public ArchiveFile(IDisk disk)
    {
        if (disk.List().Contains(ArchiveLayout.TemporaryName))
        {
            disk.Delete(ArchiveLayout.TemporaryName);
        }

        file = disk.Create(ArchiveLayout.TemporaryName, 0);
        Offset = ArchiveLayout.HeaderBytes;
    }

    /// <summary>Where the next bytes go.</summary>
    public long Offset { get; private set; }

    public void Append(ReadOnlySpan<byte> bytes)
    {
        if (bytes.IsEmpty)
        {
            return;
        }

        long end = Offset + bytes.Length;
        if (end > length)
        {
            length = Math.Max(end, length + GrowBytes);
            file.SetLength(length);
        }

        file.Write(Offset, bytes);

        // The disk begins at once, so that the sync at the end, which the journal's own syncs have to share the disk with, is short.
        file.BeginSync(Offset, bytes.Length);
        Offset = end;
    }

    public void AppendPages(ReadOnlySpan<byte> content)
    {
        for (int number = 0; content.Length > 0; number++)
        {
            int bytes = Math.Min(content.Length, Pages.ContentBytes);
            Append(page.AsSpan(0, Pages.Seal(page, content[..bytes], number)));
            content = content[bytes..];
        }
    }

    /// <summary>Writes the header and makes all of it durable.</summary>
    public void Complete(ArchiveHeader header)
    {
        Span<byte> bytes = stackalloc byte[ArchiveLayout.HeaderBytes];
        header.Write(bytes);
        file.SetLength(Offset);
        file.Write(0, bytes);
        file.Sync();
    }

    public void Dispose() => file.Dispose();
}
