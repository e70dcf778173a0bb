using System.Security.Cryptography;
using System.Text;

namespace Streaming.Silo.Sealing;

/// <summary>A key by which signatures are checked.</summary>
/// <param name="Id">The first 16 hexadecimal digits of the SHA-256 of <paramref name="PublicKey"/>.</param>
/// <param name="PublicKey">SubjectPublicKeyInfo, DER, base 64.</param>
/// <param name="Since">When it was made.</param>
/// <param name="Current">It signs now.</param>
internal sealed record EvidenceKey(string Id, string PublicKey, DateTimeOffset Since, bool Current);

/// <summary>A signature, and the key that made it.</summary>
/// <param name="Key">Id of the key.</param>
/// <param name="Value">ECDSA with SHA-256, DER, base 64.</param>
internal sealed record EvidenceSignature(string Key, string Value);

/// <summary>
/// Signs heads of chains and dossiers: ECDSA on P-256 with SHA-256. The key is made at the first start and kept in the data directory, for its owner alone; a new one may take its place, and the public half of every one that ever signed stays.
/// </summary>
/// <remarks>
/// A turn signs nothing: the signature has randomness in it. Nothing that is signed depends on the key, so a head that was signed by an old key is as good as before. Whoever has the whole data directory can sign; against that stands what left it earlier, with each alert.
/// </remarks>
internal sealed class EvidenceKeys : IDisposable
{
    private const string FileName = "evidence-key";
    private const string PublicDirectory = "evidence-public-keys";
    private const string Suffix = ".pem";

    private readonly Lock gate = new();
    private readonly string directory;
    private readonly TimeProvider time;
    private ECDsa current;
    private string currentId;

    private EvidenceKeys(string directory, TimeProvider time, ECDsa current)
    {
        this.directory = directory;
        this.time = time;
        this.current = current;
        currentId = IdOf(current);
    }

    /// <summary>Reads the key, or makes it; it is on the disk before anything is signed with it.</summary>
    /// <exception cref="InvalidDataException">A file is damaged, or cannot be made.</exception>
    public static EvidenceKeys Open(string directory, TimeProvider time)
    {
        string path = Path.Combine(directory, FileName);
        try
        {
            Directory.CreateDirectory(Path.Combine(directory, PublicDirectory));
            if (!File.Exists(path))
            {
                Make(directory, time).Dispose();
            }

            ECDsa key = ECDsa.Create();
            key.ImportFromPem(File.ReadAllText(path));
            EvidenceKeys keys = new(directory, time, key);
            return keys.All().Any(known => known.Current)
                ? keys
                : throw new InvalidDataException($"{path} has no public key in {PublicDirectory}/. Restore both from a copy of the directory.");
        }
        catch (Exception failure) when (failure is CryptographicException or ArgumentException)
        {
            throw new InvalidDataException($"{path} is not readable. Restore it from a copy of the directory; to begin with a new key, remove the file. What was signed is checked with the public keys, which stay.", failure);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            throw new InvalidDataException($"{path} cannot be read or made: {failure.Message} See that the disk is not full and that this user may write the data directory.", failure);
        }
    }

    /// <summary>What is signed of a chain.</summary>
    public static byte[] HeadStatement(string caseId, long entries, string head) => Encoding.UTF8.GetBytes(string.Create(System.Globalization.CultureInfo.InvariantCulture, $"streaming-case-head/1\n{caseId}\n{entries}\n{head}\n"));

    /// <summary>What is signed of a dossier.</summary>
    public static byte[] DossierStatement(string caseId, string sha256) => Encoding.UTF8.GetBytes($"streaming-dossier/1\n{caseId}\n{sha256}\n");

    public EvidenceSignature Sign(ReadOnlySpan<byte> statement)
    {
        lock (gate)
        {
            return new EvidenceSignature(currentId, Convert.ToBase64String(current.SignData(statement, HashAlgorithmName.SHA256, DSASignatureFormat.Rfc3279DerSequence)));
        }
    }

    /// <summary>Whether a signature is of a statement by a key.</summary>
    public static bool Verify(string publicKey, ReadOnlySpan<byte> statement, string signature)
    {
        try
        {
            using ECDsa key = ECDsa.Create();
            key.ImportSubjectPublicKeyInfo(Convert.FromBase64String(publicKey), out _);
            byte[] bytes = Convert.FromBase64String(signature);
            return Convert.ToBase64String(bytes) == signature && key.VerifyData(statement, bytes, HashAlgorithmName.SHA256, DSASignatureFormat.Rfc3279DerSequence);
        }
        catch (Exception failure) when (failure is CryptographicException or FormatException)
        {
            return false;
        }
    }

    /// <summary>Id of a public key; null where it is none.</summary>
    public static string? IdOf(string publicKey)
    {
        try
        {
            return Convert.ToHexStringLower(SHA256.HashData(Convert.FromBase64String(publicKey)))[..16];
        }
        catch (FormatException)
        {
            return null;
        }
    }

    /// <summary>Every key that ever signed, the oldest first.</summary>
    public IReadOnlyList<EvidenceKey> All()
    {
        string signing = Volatile.Read(ref currentId);
        List<EvidenceKey> keys = [];
        foreach (string file in Directory.EnumerateFiles(Path.Combine(directory, PublicDirectory), "*" + Suffix).Order(StringComparer.Ordinal))
        {
            using ECDsa key = ECDsa.Create();
            key.ImportFromPem(File.ReadAllText(file));
            string id = IdOf(key);
            long ms = long.Parse(Path.GetFileName(file).Split('-')[0], System.Globalization.CultureInfo.InvariantCulture);
            keys.Add(new EvidenceKey(id, Convert.ToBase64String(key.ExportSubjectPublicKeyInfo()), DateTimeOffset.FromUnixTimeMilliseconds(ms), id == signing));
        }

        return keys;
    }

    /// <summary>A new key signs from now on; the old private one is gone.</summary>
    /// <exception cref="IOException">It cannot be written; the old one goes on signing.</exception>
    public EvidenceKey Rotate()
    {
        lock (gate)
        {
            ECDsa made = Make(directory, time);
            current.Dispose();
            current = made;
            Volatile.Write(ref currentId, IdOf(made));
        }

        return All().First(key => key.Current);
    }

    public void Dispose()
    {
        lock (gate)
        {
            current.Dispose();
        }
    }

    private static string IdOf(ECDsa key) => IdOf(Convert.ToBase64String(key.ExportSubjectPublicKeyInfo()))!;

    /// <summary>The public half is on the disk before the private one takes its place, so that nothing is ever signed by a key that nobody knows.</summary>
    private static ECDsa Make(string directory, TimeProvider time)
    {
        ECDsa key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        string open = Path.Combine(directory, PublicDirectory);
        Write(Path.Combine(open, $"{time.GetUtcNow().ToUnixTimeMilliseconds():D15}-{IdOf(key)}{Suffix}"), key.ExportSubjectPublicKeyInfoPem(), ownerAlone: false);
        Journal.NativeFiles.SyncDirectory(open);
        Write(Path.Combine(directory, FileName), key.ExportPkcs8PrivateKeyPem(), ownerAlone: true);
        Journal.NativeFiles.SyncDirectory(directory);
        return key;
    }

    private static void Write(string path, string pem, bool ownerAlone)
    {
        string temporary = path + ".new";
        FileStreamOptions options = new() { Mode = FileMode.Create, Access = FileAccess.Write };
        if (ownerAlone && !OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        }

        using (FileStream file = new(temporary, options))
        {
            file.Write(Encoding.ASCII.GetBytes(pem + "\n"));
            file.Flush(flushToDisk: true);
        }

        File.Move(temporary, path, overwrite: true);
    }
}
