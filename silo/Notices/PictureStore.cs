using Streaming.Silo.Sealing;

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
/// Pictures that came with answers, in the data directory, each under its SHA-256. One is on the disk, with its name, before its answer is journaled: an answer that was acknowledged has its picture.
/// </summary>
/// <param name="directory">Made where it is missing.</param>
/// <param name="mostBytes">All pictures together.</param>
internal sealed class PictureStore(string directory, long mostBytes = NoticeLimits.PicturesBytes) : IDisposable
{
    private readonly HashedFiles files = new(directory, mostBytes);

    /// <summary>Keeps a picture; it is on the disk when this returns. One that is there already is not written again.</summary>
    /// <exception cref="IOException">The disk has failed, or is full.</exception>
    public (KeptPicture Picture, PictureRefusal Refusal) Keep(ReadOnlySpan<byte> picture) =>
        FileTypes.Of(picture) is not { } type || !FileTypes.IsPicture(type) ? (default, PictureRefusal.OtherType)
        : picture.Length > NoticeLimits.PictureBytes ? (default, PictureRefusal.TooLarge)
        : files.Keep(picture) is { } name ? (new KeptPicture(name, type), PictureRefusal.None)
        : (default, PictureRefusal.Full);

    /// <summary>Opens a picture; null where there is none.</summary>
    public Stream? Open(string sha256) => files.Open(sha256);

    public void Dispose() => files.Dispose();
}
