using System.Security.Cryptography;
using Streaming.Silo.Journal;

namespace Streaming.Silo.Sealing;

/// <summary>
/// Files in a directory, each under its SHA-256. One is on the disk, with its name, before anything that speaks of it is journaled. What nothing speaks of in the end, as where the process died between, stays: it is found again when it is kept again. Bounded together; nothing is removed by itself.
/// The directory itself is the list of them: a name in memory for each would come to gigabytes long before the bound does.
/// </summary>
internal sealed class HashedFiles : IDisposable
{
    private const string Part = "part";
    private readonly Lock gate = new();
    private readonly RealDisk disk;
    private readonly string directory;
    private readonly long mostBytes;
    private long bytes;

    /// <param name="directory">Made where it is missing.</param>
    /// <param name="mostBytes">All files together.</param>
    public HashedFiles(string directory, long mostBytes)
    {
        this.directory = directory;
        this.mostBytes = mostBytes;
        disk = new RealDisk(directory);
        if (File.Exists(PathOf(Part)))
        {
            disk.Delete(Part);
        }

        bytes = new DirectoryInfo(directory).EnumerateFiles().Sum(file => file.Length);
    }

    /// <summary>Keeps a file; it is on the disk when this returns. One that is there already is not written again. Null where there is no room for it.</summary>
    /// <exception cref="IOException">The disk has failed, or is full.</exception>
    public string? Keep(ReadOnlySpan<byte> file)
    {
        string name = Convert.ToHexStringLower(SHA256.HashData(file));
        lock (gate)
        {
            if (File.Exists(PathOf(name)))
            {
                return name;
            }

            if (bytes + file.Length > mostBytes)
            {
                return null;
            }

            try
            {
                using IDiskFile part = disk.Create(Part, file.Length);
                part.Write(0, file);
                part.Sync();
            }
            catch
            {
                Forget();
                throw;
            }

            disk.Rename(Part, name);
            disk.SyncDirectory();
            bytes += file.Length;
            return name;
        }
    }

    /// <summary>Opens a file; null where there is none. Under its name it is whole: it got it when its bytes were on the disk.</summary>
    /// <param name="sha256">64 lower-case hexadecimal digits; nothing else is a name of a file here.</param>
    public Stream? Open(string sha256)
    {
        if (sha256.Length != SHA256.HashSizeInBytes * 2 || !sha256.All(char.IsAsciiHexDigitLower))
        {
            return null;
        }

        try
        {
            return new FileStream(PathOf(sha256), FileMode.Open, FileAccess.Read, FileShare.Read, bufferSize: 0, useAsync: true);
        }
        catch (FileNotFoundException)
        {
            return null;
        }
    }

    /// <summary>A whole file; null where there is none.</summary>
    public async ValueTask<byte[]?> ReadAsync(string sha256, CancellationToken cancellation)
    {
        await using Stream? file = Open(sha256);
        if (file is null)
        {
            return null;
        }

        byte[] read = new byte[file.Length];
        await file.ReadExactlyAsync(read, cancellation).ConfigureAwait(false);
        return read;
    }

    public void Dispose() => disk.Dispose();

    private string PathOf(string name) => Path.Combine(directory, name);

    private void Forget()
    {
        try
        {
            disk.Delete(Part);
        }
        catch (IOException)
        {
            // What made the file fail is what is reported; the next start takes the rest away.
        }
    }
}
