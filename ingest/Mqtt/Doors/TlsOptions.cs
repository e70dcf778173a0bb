namespace Streaming.Ingest.Mqtt.Doors;

/// <summary>Where the encrypted door stands and what it shows.</summary>
internal sealed record TlsOptions
{
    /// <summary>TCP port, 0 to 65535; 0 lets the system choose.</summary>
    public required int Port { get; init; }

    /// <summary>The certificate with its intermediates as PEM, or with its key as PKCS#12 where the name ends in <c>.p12</c> or <c>.pfx</c>.</summary>
    public required string CertificateFile { get; init; }

    /// <summary>The private key as PEM; null where the certificate's file holds it.</summary>
    public string? KeyFile { get; init; }

    /// <summary>Password of the key; null where it has none.</summary>
    public string? Password { get; init; }

    /// <summary>PEM with the roots, and intermediates if need be, by which the certificates of devices are judged; null where none are known by their issuer.</summary>
    public string? ClientAuthorityFile { get; init; }
}
