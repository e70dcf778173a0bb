using System.Security.Cryptography;
using Streaming.Silo.Journal;

namespace Streaming.Silo.Notices;

/// <summary>Why a picture was not kept.</summary>
internal enum PictureRefusal
{
    None,

    /// <summary>It is neither JPEG nor PNG.</summary>
    OtherType,

    /// <summary>It is larger than <see cref="NoticeLimits.PictureBytes"/>.</summary>
    TooLarge,

    /// <summary>There is no room for more.</summary>
    Full,
}

/// <summary>A picture that is on the disk.</summary>
internal readonly record struct KeptPicture(string Sha256, string Type);

/// <summary>
/// Pictures that came with answers, in the data directory, each under its SHA-256. One is on the disk, with its name, before its answer is journaled: an answer that was acknowledged has its picture. One whose answer was then refused, or
/// which was kept when the process died, stays: it is found again when it is sent again.
/// </summary>
internal sealed class PictureStore : IDisposable
{
    private const string Part = "part";
    private readonly Lock gate = new();
    private readonly RealDisk disk;
    private readonly string directory;
    private readonly HashSet<string> names;
    private readonly long mostBytes;
    private long bytes;

    /// <param name="directory">Made where it is missing.</param>
    /// <param name="mostBytes">All pictures together.</param>
    public PictureStore(string directory, long mostBytes = NoticeLimits.PicturesBytes)
    {
        this.directory = directory;
        this.mostBytes = mostBytes;
        disk = new RealDisk(directory);
        if (disk.List().Contains(Part))
        {
            disk.Delete(Part);
        }

        names = [.. disk.List()];
        bytes = names.Sum(name => new FileInfo(Path.Combine(directory, name)).Length);
    }

    /// <summary>Keeps a picture; it is on the disk when this returns. One that is there already is not written again.</summary>
    /// <exception cref="IOException">The disk has failed, or is full.</exception>
    public (KeptPicture Picture, PictureRefusal Refusal) Keep(ReadOnlySpan<byte> picture)
    {
        if (TypeOf(picture) is not { } type)
        {
            return (default, PictureRefusal.OtherType);
        }

        if (picture.Length > NoticeLimits.PictureBytes)
        {
            return (default, PictureRefusal.TooLarge);
        }

        string name = Convert.ToHexStringLower(SHA256.HashData(picture));
        lock (gate)
        {
            if (names.Contains(name))
            {
                return (new KeptPicture(name, type), PictureRefusal.None);
            }

            if (bytes + picture.Length > mostBytes)
            {
                return (default, PictureRefusal.Full);
            }

            try
            {
                using IDiskFile file = disk.Create(Part, picture.Length);
                file.Write(0, picture);
                file.Sync();
            }
            catch
            {
                Forget();
                throw;
            }

            disk.Rename(Part, name);
            disk.SyncDirectory();
            names.Add(name);
            bytes += picture.Length;
            return (new KeptPicture(name, type), PictureRefusal.None);
        }
    }

    /// <summary>Opens a picture; null where there is none.</summary>
    public Stream? Open(string sha256)
    {
        lock (gate)
        {
            return names.Contains(sha256) ? new FileStream(Path.Combine(directory, sha256), FileMode.Open, FileAccess.Read, FileShare.Read, bufferSize: 0, useAsync: true) : null;
        }
    }

    public void Dispose() => disk.Dispose();

    /// <summary>What the first bytes say that it is: the sender's word for it is not asked. PNG: ISO/IEC 15948, 5.2; JPEG: ITU-T T.81, B.1.1.3, SOI and the next marker.</summary>
    private static string? TypeOf(ReadOnlySpan<byte> picture) =>
        picture.StartsWith((ReadOnlySpan<byte>)[0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]) ? "image/png"
        : picture.StartsWith((ReadOnlySpan<byte>)[0xFF, 0xD8, 0xFF]) ? "image/jpeg"
        : null;

    private void Forget()
    {
        try
        {
            disk.Delete(Part);
        }
        catch (IOException)
        {
            // What made the picture fail is what is reported; the next start takes the rest away.
        }
    }
}
