using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;

namespace Streaming.Ingest.Mqtt.Doors;

/// <summary>
/// What one reading of the files gave: the certificate to show and the roots to judge by. Never changed; a later reading makes another one. It is not disposed either: handshakes that began with it may
/// still be under way, and the collector frees the handles once the last of them is over.
/// </summary>
internal sealed class TlsMaterial
{
    private readonly SslStreamCertificateContext certificate;
    private readonly X509ChainPolicy judging;

    private TlsMaterial(SslStreamCertificateContext certificate, X509ChainPolicy judging, byte[] digest)
    {
        this.certificate = certificate;
        this.judging = judging;
        Digest = digest;
    }

    /// <summary>SHA-256 over the files, by which a changed file is noticed. Times and sizes are not asked: a link that is turned to another file, as mounted secrets are, may keep both.</summary>
    public byte[] Digest { get; }

    /// <summary>Last moment at which clients take the certificate.</summary>
    public DateTimeOffset NotAfter => certificate.TargetCertificate.NotAfter;

    /// <summary>First moment at which clients take the certificate.</summary>
    public DateTimeOffset NotBefore => certificate.TargetCertificate.NotBefore;

    /// <summary>The files' bytes and their digest.</summary>
    public static Files Read(TlsOptions options)
    {
        byte[] certificate = ReadFile(options.CertificateFile);
        byte[] key = options.KeyFile is null ? [] : ReadFile(options.KeyFile);
        byte[] authority = options.ClientAuthorityFile is null ? [] : ReadFile(options.ClientAuthorityFile);
        byte[] digest = SHA256.HashData([.. SHA256.HashData(certificate), .. SHA256.HashData(key), .. SHA256.HashData(authority)]);
        return new Files(certificate, key, authority, digest);
    }

    /// <summary>Makes sense of the files.</summary>
    /// <exception cref="InvalidDataException">They do not make sense; the message says which and why.</exception>
    public static TlsMaterial Load(TlsOptions options, Files files)
    {
        (X509Certificate2 own, X509Certificate2Collection others) = IsPkcs12(options.CertificateFile) ? LoadPkcs12(options, files) : LoadPem(options, files);
        if (!own.HasPrivateKey)
        {
            throw new InvalidDataException($"{options.CertificateFile} holds no private key of its certificate. Give the key with --tls-key.");
        }

        X509ChainPolicy judging = new()
        {
            TrustMode = X509ChainTrustMode.CustomRootTrust,
            RevocationMode = X509RevocationMode.NoCheck,

            // A certificate says where its issuer's may be fetched: a stranger would choose what this server connects to.
            DisableCertificateDownloads = true,
        };
        if (options.ClientAuthorityFile is { } file)
        {
            AddAuthorities(judging, file, files.Authority);
        }

        return new TlsMaterial(SslStreamCertificateContext.Create(own, others, offline: true), judging, files.Digest);
    }

    /// <summary>Options of one handshake.</summary>
    /// <param name="judge">Is told the client's certificate and whether it chains to our roots and may be used by a client; says whether the handshake goes on.</param>
    public SslServerAuthenticationOptions ForHandshake(Func<X509Certificate2, bool, bool> judge) => new()
    {
        ServerCertificateContext = certificate,
        EnabledSslProtocols = SslProtocols.Tls12 | SslProtocols.Tls13,
        ClientCertificateRequired = true,
        CertificateChainPolicy = judging,

        // A resumed handshake would not prove the client's certificate again, and a root that was taken away would go on to be believed.
        AllowTlsResume = false,
        AllowRenegotiation = false,
        RemoteCertificateValidationCallback = (_, client, _, errors) => client is not X509Certificate2 shown || judge(shown, errors == SslPolicyErrors.None),
    };

    /// <summary>Contents of the files.</summary>
    public sealed record Files(byte[] Certificate, byte[] Key, byte[] Authority, byte[] Digest);

    private static bool IsPkcs12(string file) => Path.GetExtension(file).ToUpperInvariant() is ".P12" or ".PFX";

    private static byte[] ReadFile(string file)
    {
        try
        {
            using FileStream stream = new(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
            if (stream.Length > MqttLimits.CertificateFileBytes)
            {
                throw new InvalidDataException($"{file} is larger than {MqttLimits.CertificateFileBytes} bytes; that is no certificate.");
            }

            byte[] content = new byte[stream.Length];
            stream.ReadExactly(content);
            return content;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new InvalidDataException($"{file} cannot be read: {e.Message}", e);
        }
    }

    private static (X509Certificate2 Own, X509Certificate2Collection Others) LoadPem(TlsOptions options, Files files)
    {
        try
        {
            string text = Encoding.UTF8.GetString(files.Certificate);
            string key = options.KeyFile is null ? text : Encoding.UTF8.GetString(files.Key);
            X509Certificate2 own = options.Password is null ? X509Certificate2.CreateFromPem(text, key) : X509Certificate2.CreateFromEncryptedPem(text, key, options.Password);
            X509Certificate2Collection others = [];
            others.ImportFromPem(text);
            return (own, others);
        }
        catch (Exception e) when (e is CryptographicException or ArgumentException)
        {
            throw new InvalidDataException($"{options.CertificateFile} and {options.KeyFile ?? "the key in it"} are not a certificate and its private key as PEM: {e.Message}", e);
        }
    }

    private static (X509Certificate2 Own, X509Certificate2Collection Others) LoadPkcs12(TlsOptions options, Files files)
    {
        try
        {
            X509Certificate2Collection all = X509CertificateLoader.LoadPkcs12Collection(files.Certificate, options.Password);
            X509Certificate2 own = all.FirstOrDefault(each => each.HasPrivateKey) ?? throw new InvalidDataException($"{options.CertificateFile} holds no certificate with its private key.");
            return (own, all);
        }
        catch (CryptographicException e)
        {
            throw new InvalidDataException($"{options.CertificateFile} is not PKCS#12, or its password is another one: {e.Message}", e);
        }
    }

    /// <summary>Only what is issued by itself is a root; the rest helps to find the way there.</summary>
    private static void AddAuthorities(X509ChainPolicy judging, string file, byte[] content)
    {
        try
        {
            X509Certificate2Collection authorities = [];
            authorities.ImportFromPem(Encoding.UTF8.GetString(content));
            foreach (X509Certificate2 authority in authorities)
            {
                bool root = authority.SubjectName.RawData.AsSpan().SequenceEqual(authority.IssuerName.RawData);
                (root ? judging.CustomTrustStore : judging.ExtraStore).Add(authority);
            }
        }
        catch (CryptographicException e)
        {
            throw new InvalidDataException($"{file} does not hold certificates as PEM: {e.Message}", e);
        }

        if (judging.CustomTrustStore.Count == 0)
        {
            throw new InvalidDataException($"{file} holds no root certificate, one that is issued by itself; no device's certificate could lead there.");
        }
    }
}
