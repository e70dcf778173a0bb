using System.Buffers.Text;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Streaming.Silo.Access;

namespace Streaming.Silo.Notices;

/// <summary>
/// Makes the secrets of notices' links: HMAC-SHA256 of the notice's id and time of issue, with a key of 256 random bits that is kept in the data directory and nowhere else. So the same notice has the same link however often it
/// is sent and whoever restarts in between, and journal and lists, which many read and which are copied, have its SHA-256 alone.
/// </summary>
internal sealed class LinkKey
{
    private const string FileName = "notice-key";
    private readonly byte[] key;

    private LinkKey(byte[] key) => this.key = key;

    /// <summary>Reads the key, or makes it; it is on the disk before any link is made with it.</summary>
    /// <exception cref="InvalidDataException">The file is damaged, or cannot be made.</exception>
    public static LinkKey Open(string directory)
    {
        string path = Path.Combine(directory, FileName);
        try
        {
            if (!File.Exists(path))
            {
                Make(path);
            }

            string text = File.ReadAllText(path).Trim();
            return Base64Url.IsValid(text, out int bytes) && bytes == AccessLimits.SecretBytes
                ? new LinkKey(Base64Url.DecodeFromChars(text))
                : throw new InvalidDataException($"{path} is not readable. Restore it from a copy of the directory; without it the links of notices that are on their way lead nowhere. To begin with a new key, remove the file.");
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            throw new InvalidDataException($"{path} cannot be read or made: {failure.Message} See that the disk is not full and that this user may write the data directory.", failure);
        }
    }

    /// <summary>The secret in a notice's link: 43 characters of the URL-safe base 64 alphabet.</summary>
    /// <param name="notice">The notice's id.</param>
    /// <param name="issued">When it was issued.</param>
    public string Secret(string notice, DateTimeOffset issued) =>
        Base64Url.EncodeToString(HMACSHA256.HashData(key, Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"notice-link/1\n{notice}\n{issued.ToUnixTimeMilliseconds()}"))));

    /// <summary>The secret that a webhook's requests are signed with: made as a link's is, and so kept nowhere.</summary>
    /// <param name="webhook">The webhook's id.</param>
    /// <param name="version">How often its secret was made.</param>
    public string WebhookSecret(string webhook, int version) =>
        "whsec_" + Base64Url.EncodeToString(HMACSHA256.HashData(key, Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"webhook/1\n{webhook}\n{version}"))));

    /// <summary>By what a link's notice is found; null for a text that no link has.</summary>
    public static string? HashOf(string secret) =>
        secret.Length == Base64Url.GetEncodedLength(SHA256.HashSizeInBytes) && Base64Url.IsValid(secret) ? Convert.ToHexStringLower(SHA256.HashData(Encoding.ASCII.GetBytes(secret))) : null;

    private static void Make(string path)
    {
        string temporary = path + ".new";
        FileStreamOptions options = new() { Mode = FileMode.Create, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        }

        using (FileStream file = new(temporary, options))
        {
            file.Write(Encoding.ASCII.GetBytes(Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(AccessLimits.SecretBytes)) + "\n"));
            file.Flush(flushToDisk: true);
        }

        File.Move(temporary, path);
        Journal.NativeFiles.SyncDirectory(Path.GetDirectoryName(path)!);
    }
}
