namespace Streaming.Silo.Journal;

/// <summary>
/// The directory that the journal lives in. The real one is <c>RealDisk</c>; the simulation replaces it by one that loses and tears what was not synced.
/// </summary>
internal interface IDisk
{
    /// <summary>File names, in ordinal order.</summary>
    IReadOnlyList<string> List();

    /// <summary>Creates a file with space for <paramref name="bytes"/> bytes already allocated. Throws <see cref="IOException"/> where there is no room, and leaves no file behind.</summary>
    IDiskFile Create(string name, long bytes);

    IDiskFile Open(string name);

    void Rename(string from, string to);

    /// <summary>Gives a file another's name, whose file goes at the same moment where there is one: whatever happens, there is the one or the other under that name.</summary>
    void Replace(string from, string to);

    void Delete(string name);

    /// <summary>Makes creations, renames and deletions so far durable.</summary>
    void SyncDirectory();
}

/// <summary>One file of an <see cref="IDisk"/>. Writes are durable once <see cref="Sync"/> returned; before that any part of them may be lost or torn.</summary>
internal interface IDiskFile : IDisposable
{
    long Length { get; }

    void Write(long offset, ReadOnlySpan<byte> bytes);

    /// <summary>Reads up to the span's length; returns how many bytes there were.</summary>
    int Read(long offset, Span<byte> bytes);

    void Sync();

    /// <summary>Lets the disk begin with what was written to a part of the file, without waiting for it. It promises nothing: only <see cref="Sync"/> does.</summary>
    void BeginSync(long offset, long bytes)
    {
    }

    void SetLength(long bytes);
}
