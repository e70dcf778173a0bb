using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Streaming.Ingest.Mqtt.Doors;

namespace Streaming.Tests.Mqtt;

/// <summary>An authority made for one test, and what it issues, as files.</summary>
internal sealed class TestCertificates : IDisposable
{
    public const string ServerUse = "1.3.6.1.5.5.7.3.1";
    public const string ClientUse = "1.3.6.1.5.5.7.3.2";

    private static readonly DateTimeOffset Now = TimeProvider.System.GetUtcNow();
    private readonly ECDsa rootKey = ECDsa.Create(ECCurve.NamedCurves.nistP256);
    private readonly X509Certificate2 root;
    private int serial;

    public TestCertificates()
    {
        CertificateRequest request = new("CN=Authority", rootKey, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.KeyCertSign, true));
        request.CertificateExtensions.Add(new X509SubjectKeyIdentifierExtension(request.PublicKey, false));
        root = request.CreateSelfSigned(Now.AddYears(-5), Now.AddYears(5));
        Root = Write("root.pem", root.ExportCertificatePem());
        WriteServer("server", "first");
    }

    public string Directory { get; } = System.IO.Directory.CreateTempSubdirectory("streaming-tls-").FullName;

    /// <summary>The authority's certificate.</summary>
    public string Root { get; }

    public string ServerCertificate => Path.Combine(Directory, "server.pem");

    public string ServerKey => Path.Combine(Directory, "server.key");

    public TlsOptions Options => new() { Port = 0, CertificateFile = ServerCertificate, KeyFile = ServerKey, ClientAuthorityFile = Root };

    /// <summary>A server's certificate for this machine in <c>{file}.pem</c> and <c>{file}.key</c>, told from others by its subject.</summary>
    public X509Certificate2 WriteServer(string file, string subject)
    {
        using X509Certificate2 made = Issue($"CN={subject}", ServerUse);
        Write($"{file}.pem", made.ExportCertificatePem());
        Write($"{file}.key", made.GetECDsaPrivateKey()!.ExportPkcs8PrivateKeyPem());
        return made;
    }

    /// <summary>A certificate of the authority.</summary>
    public X509Certificate2 Issue(string subject, string use, Action<SubjectAlternativeNameBuilder>? names = null, DateTimeOffset? until = null)
    {
        using ECDsa key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        CertificateRequest request = Request(subject, key, use, names);
        byte[] number = BitConverter.GetBytes(++serial + 1_000_000);
        using X509Certificate2 made = request.Create(root, Now.AddYears(-2), until ?? Now.AddYears(2), number);
        return made.CopyWithPrivateKey(key);
    }

    /// <summary>A certificate of nobody's authority.</summary>
    public static X509Certificate2 SelfSigned(string subject, DateTimeOffset? until = null)
    {
        using ECDsa key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        return Request(subject, key, ClientUse, null).CreateSelfSigned(Now.AddYears(-2), until ?? Now.AddYears(2));
    }

    public string Write(string file, string content)
    {
        string path = Path.Combine(Directory, file);
        File.WriteAllText(path, content);
        return path;
    }

    public static string FingerprintOf(X509Certificate2 certificate) => Convert.ToHexStringLower(SHA256.HashData(certificate.RawDataMemory.Span));

    public void Dispose()
    {
        root.Dispose();
        rootKey.Dispose();
        System.IO.Directory.Delete(Directory, true);
    }

    private static CertificateRequest Request(string subject, ECDsa key, string use, Action<SubjectAlternativeNameBuilder>? names)
    {
        CertificateRequest request = new(subject, key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new Oid(use)], false));
        SubjectAlternativeNameBuilder alternatives = new();
        if (use == ServerUse)
        {
            alternatives.AddIpAddress(IPAddress.Loopback);
            alternatives.AddDnsName("localhost");
        }

        names?.Invoke(alternatives);
        if (use == ServerUse || names is not null)
        {
            request.CertificateExtensions.Add(alternatives.Build());
        }

        return request;
    }
}
