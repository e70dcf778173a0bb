using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text;

namespace Streaming.Silo.Notices;

/// <summary>What came of one request.</summary>
/// <param name="Status">The answer's status; null where none came.</param>
/// <param name="Problem">Why none came; null where one did.</param>
/// <param name="AddressRefused">True where the receiver is at an address that it may not be at, so nothing was sent.</param>
internal readonly record struct PostAnswer(HttpStatusCode? Status, string? Problem, bool AddressRefused);

/// <summary>
/// Posts signed JSON to receivers outside. A request has <c>Idempotency-Key</c>, by which the receiver knows one that is sent again, <c>Streaming-Timestamp</c> (s since 1970), and <c>Streaming-Signature: v1={hex}</c>: HMAC-SHA256 with the
/// receiver's secret over <c>{key}.{timestamp}.{body}</c>. Redirects are not followed, proxies not used, no body is read, and the address is checked at the moment of connecting.
/// </summary>
internal sealed class SignedPost : IDisposable
{
    public const string KeyHeader = "Idempotency-Key";
    public const string TimeHeader = "Streaming-Timestamp";
    public const string SignatureHeader = "Streaming-Signature";

    private readonly IReadOnlyList<IPNetwork> networks;
    private readonly string named;
    private readonly TimeProvider time;
    private readonly HttpMessageInvoker http;

    public SignedPost(IReadOnlyList<IPNetwork> networks, int connections, string named, TimeProvider time)
    {
        this.networks = networks;
        this.named = named;
        this.time = time;
        http = new HttpMessageInvoker(new SocketsHttpHandler
        {
            AllowAutoRedirect = false,
            UseCookies = false,
            UseProxy = false,
            AutomaticDecompression = DecompressionMethods.None,
            MaxConnectionsPerServer = connections,
            MaxResponseHeadersLength = NoticeLimits.AnswerHeaderKib,
            MaxResponseDrainSize = NoticeLimits.AnswerDrainBytes,
            PooledConnectionLifetime = NoticeLimits.ConnectionLifetime,
            ConnectCallback = (context, cancellation) => OutsideAddress.ConnectAsync(context, networks, named, cancellation),
        });
    }

    /// <summary>One attempt. Never throws but for the caller's cancellation.</summary>
    public async Task<PostAnswer> SendAsync(Uri url, MediaTypeHeaderValue type, byte[] secret, string key, byte[] body, TimeSpan timeout, CancellationToken cancellation)
    {
        using CancellationTokenSource late = new(timeout, time);
        using CancellationTokenSource either = CancellationTokenSource.CreateLinkedTokenSource(cancellation, late.Token);
        try
        {
            using HttpRequestMessage request = new(HttpMethod.Post, url) { Content = new ByteArrayContent(body) };
            string at = time.GetUtcNow().ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture);
            request.Content.Headers.ContentType = type;
            request.Headers.Add(KeyHeader, key);
            request.Headers.Add(TimeHeader, at);
            request.Headers.Add(SignatureHeader, Sign(secret, key, at, body));
            using HttpResponseMessage answer = await http.SendAsync(request, either.Token).ConfigureAwait(false);
            return new PostAnswer(answer.StatusCode, null, false);
        }
        catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
        {
            throw;
        }
        catch (OperationCanceledException)
        {
            return new PostAnswer(null, string.Create(CultureInfo.InvariantCulture, $"no answer within {timeout.TotalSeconds:0.#} s"), false);
        }
        catch (HttpRequestException failure) when (failure.InnerException is AddressRefusedException refused)
        {
            return new PostAnswer(null, refused.Message, true);
        }
        catch (Exception failure) when (failure is HttpRequestException or IOException)
        {
            return new PostAnswer(null, failure is HttpRequestException { HttpRequestError: var error and not HttpRequestError.Unknown } ? $"not reached ({error})" : "not reached", false);
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
}
