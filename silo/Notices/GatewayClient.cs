using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text;

namespace Streaming.Silo.Notices;

/// <summary>What became of one attempt on a channel.</summary>
/// <param name="Outcome">One of <see cref="Grains.Messages.NoticeOutcomes"/>.</param>
/// <param name="Reason">Why it was not taken; null where it was.</param>
internal readonly record struct Sent(string Outcome, string? Reason)
{
    public static Sent Delivered { get; } = new(Grains.Messages.NoticeOutcomes.Delivered, null);

    public static Sent Retry(string reason) => new(Grains.Messages.NoticeOutcomes.Retry, reason);

    public static Sent Failed(string reason) => new(Grains.Messages.NoticeOutcomes.Failed, reason);
}

/// <summary>
/// Posts notices to one gateway. A request has <c>Idempotency-Key</c>, by which the gateway knows one that is sent again, <c>Streaming-Timestamp</c> (s since 1970), and <c>Streaming-Signature: v1={hex}</c>: HMAC-SHA256 with the gateway's
/// secret over <c>{key}.{timestamp}.{body}</c>. Only 2xx is success; 408, 429 and 5xx are tried again, any other status is final. Redirects are not followed, proxies not used, no body is read, and the address is checked at the
/// moment of connecting.
/// </summary>
internal sealed class GatewayClient : IDisposable
{
    public const string KeyHeader = "Idempotency-Key";
    public const string TimeHeader = "Streaming-Timestamp";
    public const string SignatureHeader = "Streaming-Signature";

    private readonly Gateway gateway;
    private readonly TimeProvider time;
    private readonly HttpMessageInvoker http;

    public GatewayClient(Gateway gateway, TimeProvider time)
    {
        this.gateway = gateway;
        this.time = time;
        http = new HttpMessageInvoker(new SocketsHttpHandler
        {
            AllowAutoRedirect = false,
            UseCookies = false,
            UseProxy = false,
            AutomaticDecompression = DecompressionMethods.None,
            MaxConnectionsPerServer = NoticeLimits.SentAtOnce,
            MaxResponseHeadersLength = NoticeLimits.AnswerHeaderKib,
            MaxResponseDrainSize = NoticeLimits.AnswerDrainBytes,
            PooledConnectionLifetime = NoticeLimits.ConnectionLifetime,
            ConnectCallback = (context, cancellation) => ConnectAsync(context, gateway.Networks, cancellation),
        });
    }

    /// <summary>One attempt. Never throws but for the caller's cancellation.</summary>
    public async Task<Sent> SendAsync(string key, byte[] body, CancellationToken cancellation)
    {
        using CancellationTokenSource late = new(gateway.Timeout, time);
        using CancellationTokenSource either = CancellationTokenSource.CreateLinkedTokenSource(cancellation, late.Token);
        try
        {
            using HttpRequestMessage request = new(HttpMethod.Post, gateway.Url) { Content = new ByteArrayContent(body) };
            string at = time.GetUtcNow().ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture);
            request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/json", "utf-8");
            request.Headers.Add(KeyHeader, key);
            request.Headers.Add(TimeHeader, at);
            request.Headers.Add(SignatureHeader, Sign(gateway.Secret, key, at, body));
            using HttpResponseMessage answer = await http.SendAsync(request, either.Token).ConfigureAwait(false);
            return Judge(answer.StatusCode);
        }
        catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
        {
            throw;
        }
        catch (OperationCanceledException)
        {
            return Sent.Retry(string.Create(CultureInfo.InvariantCulture, $"no answer within {gateway.Timeout.TotalSeconds:0.#} s"));
        }
        catch (HttpRequestException failure) when (failure.InnerException is AddressRefusedException refused)
        {
            return Sent.Failed(refused.Message);
        }
        catch (Exception failure) when (failure is HttpRequestException or IOException)
        {
            return Sent.Retry(failure is HttpRequestException { HttpRequestError: var error and not HttpRequestError.Unknown } ? $"not reached ({error})" : "not reached");
        }
    }

    /// <summary>What stands in the signature's header.</summary>
    public static string Sign(ReadOnlySpan<byte> secret, string key, string timestamp, ReadOnlySpan<byte> body)
    {
        byte[] head = Encoding.UTF8.GetBytes($"{key}.{timestamp}.");
        byte[] signed = [.. head, .. body];
        return "v1=" + Convert.ToHexStringLower(HMACSHA256.HashData(secret, signed));
    }

    public void Dispose() => http.Dispose();

    private static Sent Judge(HttpStatusCode status)
    {
        int code = (int)status;
        return code switch
        {
            >= 200 and < 300 => Sent.Delivered,
            408 or 429 or >= 500 => Sent.Retry(string.Create(CultureInfo.InvariantCulture, $"the gateway answered {code}")),
            >= 300 and < 400 => Sent.Failed(string.Create(CultureInfo.InvariantCulture, $"the gateway answered {code}, and redirects are not followed")),
            _ => Sent.Failed(string.Create(CultureInfo.InvariantCulture, $"the gateway answered {code}")),
        };
    }

    /// <summary>Connects to an address that is public or allowed: looked at, and that very one connected to.</summary>
    /// <exception cref="AddressRefusedException">It has no such address.</exception>
    internal static async ValueTask<Stream> ConnectAsync(SocketsHttpConnectionContext context, IReadOnlyList<IPNetwork> networks, CancellationToken cancellation)
    {
        IPAddress[] all = await Dns.GetHostAddressesAsync(context.DnsEndPoint.Host, cancellation).ConfigureAwait(false);
        IPAddress[] addresses = [.. all.Where(address => OutsideAddress.MayBe(address, networks))];
        if (addresses.Length == 0)
        {
            throw new AddressRefusedException(all.Length == 0 ? $"{context.DnsEndPoint.Host} has no address" : $"{context.DnsEndPoint.Host} is at an address that is not public, and allowNetworks does not have it");
        }

        Socket socket = new(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            await socket.ConnectAsync(addresses, context.DnsEndPoint.Port, cancellation).ConfigureAwait(false);
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }
}

/// <summary>A host is at an address that is not connected to.</summary>
internal sealed class AddressRefusedException(string message) : IOException(message);
