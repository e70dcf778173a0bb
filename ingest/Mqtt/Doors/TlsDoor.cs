using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using Microsoft.Extensions.Logging;

namespace Streaming.Ingest.Mqtt.Doors;

/// <summary>
/// The encrypted door: TLS 1.2 and 1.3 with the certificate as its files have it now. The files are looked at again from time to time; what does not make sense is not taken, and the last that did stays in use.
/// </summary>
/// <remarks>
/// Handshakes cost the processor more than thousands of readings. They share a few permits, held while one computes and given back while it waits for its peer (<see cref="HandshakeStream"/>): so a storm of
/// reconnects leaves the readings their share, and peers that say nothing hold up nobody.
/// <para>
/// <see cref="material"/> is replaced as a whole by the heartbeat. A handshake that read the older one finishes with it, which is what it would have done had it begun a moment earlier.
/// </para>
/// </remarks>
internal sealed partial class TlsDoor
{
    private readonly TlsOptions options;
    private readonly TimeProvider time;
    private readonly ILogger logger;
    private readonly SemaphoreSlim computing = new(MqttLimits.TlsHandshakesAtOnce, MqttLimits.TlsHandshakesAtOnce);
    private volatile TlsMaterial material;
    private volatile string? trouble;
    private long lookedAtMs;

    /// <exception cref="InvalidDataException">The files do not make sense; the message says which and why.</exception>
    public TlsDoor(TlsOptions options, TimeProvider time, ILogger logger)
    {
        this.options = options;
        this.time = time;
        this.logger = logger;
        material = TlsMaterial.Load(options, TlsMaterial.Read(options));
    }

    /// <summary>What an operator should see to: a new file that was not taken, a certificate that is about to expire. Null where there is nothing.</summary>
    public string? Note
    {
        get
        {
            DateTimeOffset now = time.GetUtcNow();
            string? dates = now > material.NotAfter ? $"The certificate of the encrypted MQTT port expired at {material.NotAfter.UtcDateTime:yyyy-MM-ddTHH:mm:ssZ}; devices will not trust it. Replace {options.CertificateFile}; no restart is needed."
                : now < material.NotBefore ? $"The certificate of the encrypted MQTT port is valid from {material.NotBefore.UtcDateTime:yyyy-MM-ddTHH:mm:ssZ} only; devices will not trust it before that."
                : now > material.NotAfter.AddDays(-MqttLimits.CertificateWarningDays) ? $"The certificate of the encrypted MQTT port expires at {material.NotAfter.UtcDateTime:yyyy-MM-ddTHH:mm:ssZ}. Replace {options.CertificateFile}; no restart is needed."
                : null;
            return trouble is null || dates is null ? trouble ?? dates : $"{trouble} {dates}";
        }
    }

    /// <summary>Looks whether the files have changed, every <see cref="MqttLimits.CertificateCheckMs"/>.</summary>
    public void OnHeartbeat(long nowMs)
    {
        if (nowMs - lookedAtMs < MqttLimits.CertificateCheckMs)
        {
            return;
        }

        lookedAtMs = nowMs;
        try
        {
            TlsMaterial.Files files = TlsMaterial.Read(options);
            if (!files.Digest.AsSpan().SequenceEqual(material.Digest))
            {
                material = TlsMaterial.Load(options, files);
                Log.Reloaded(logger, options.CertificateFile, material.NotAfter);
            }

            trouble = null;
        }
        catch (InvalidDataException e)
        {
            // Said once a fault, not once a look. Files that are replaced one after the other may be met between the two; the next look finds them whole.
            if (trouble?.Contains(e.Message, StringComparison.Ordinal) != true)
            {
                Log.NotReloaded(logger, e.Message);
            }

            trouble = $"The certificate of the encrypted MQTT port was changed and cannot be used, so the earlier one still is: {e.Message}";
        }
    }

    /// <summary>The stream to speak TLS over, before its handshake.</summary>
    public (SslStream Secured, HandshakeStream Paced) Wrap(Stream raw)
    {
        HandshakeStream paced = new(raw, computing);
        return (new SslStream(paced, leaveInnerStreamOpen: false), paced);
    }

    /// <summary>RFC 8446 section 2. Returns the client's certificate, where it has shown one.</summary>
    /// <exception cref="TransportRefusedException">The peer does not speak TLS, or not as it is spoken here.</exception>
    public async ValueTask<ClientCertificate?> OpenAsync(SslStream secured, HandshakeStream paced, CancellationToken cancellation)
    {
        (X509Certificate2 Shown, bool Chains)? client = null;
        try
        {
            SslServerAuthenticationOptions handshake = material.ForHandshake((shown, chains) =>
            {
                // Any certificate is let through here: whom it stands for is decided at CONNECT, where a client can be told what is wrong with it.
                client = (shown, chains);
                return true;
            });
            await secured.AuthenticateAsServerAsync(handshake, cancellation);
        }
        catch (AuthenticationException e)
        {
            throw new TransportRefusedException(Packets.MqttRefusal.TlsHandshakeFailed, e.InnerException?.Message ?? e.Message);
        }
        finally
        {
            paced.Finish();
        }

        return client is { } known ? ClientCertificate.From(known.Shown, known.Chains, time.GetUtcNow()) : null;
    }

    private static partial class Log
    {
        [LoggerMessage(Level = LogLevel.Information, Message = "The certificate in {File} is in use now; it expires at {NotAfter}")]
        public static partial void Reloaded(ILogger logger, string file, DateTimeOffset notAfter);

        [LoggerMessage(Level = LogLevel.Warning, Message = "The certificate of the encrypted MQTT port was changed and cannot be used, so the earlier one still is: {Problem}")]
        public static partial void NotReloaded(ILogger logger, string problem);
    }
}
