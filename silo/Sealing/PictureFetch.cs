using System.Globalization;
using System.Net;
using System.Security.Cryptography;
using Streaming.Silo.Notices;

namespace Streaming.Silo.Sealing;

/// <summary>What came of one attempt at a picture: the picture, or why there is none and whether it is worth trying again.</summary>
internal readonly record struct Fetched(byte[]? Picture, string? Reason, bool Again)
{
    public static Fetched Of(byte[] picture) => new(picture, null, false);

    public static Fetched Never(string reason) => new(null, reason, false);

    public static Fetched Later(string reason) => new(null, reason, true);
}

/// <summary>
/// Fetches pictures that readings name: from listed hosts alone, at an address that is public or that the host's entry allows, looked at when the connection is made; without redirects, proxies and cookies; no larger than is taken; JPEG or PNG by their first bytes; and with the
/// hash that the reading names.
/// </summary>
internal sealed class PictureFetch : IDisposable
{
    private readonly PictureHosts hosts;
    private readonly TimeProvider time;
    private readonly Dictionary<PictureHost, HttpMessageInvoker> clients = [];

    public PictureFetch(PictureHosts hosts, TimeProvider time)
    {
        this.hosts = hosts;
        this.time = time;
        foreach (PictureHost host in hosts.All)
        {
            clients.Add(host, new HttpMessageInvoker(new SocketsHttpHandler
            {
                AllowAutoRedirect = false,
                UseCookies = false,
                UseProxy = false,
                AutomaticDecompression = DecompressionMethods.None,
                MaxConnectionsPerServer = EvidenceLimits.PicturesAtOnce,
                MaxResponseHeadersLength = EvidenceLimits.AnswerHeaderKib,
                PooledConnectionLifetime = EvidenceLimits.ConnectionLifetime,
                ConnectCallback = (context, cancellation) => OutsideAddress.ConnectAsync(context, host.Networks, "--pictures", cancellation),
            }));
        }
    }

    /// <summary>One attempt. Never throws but for the caller's cancellation.</summary>
    /// <param name="address">As the reading names it.</param>
    /// <param name="expected">Its hash as the reading names it; null where it names none.</param>
    /// <param name="cancellation">Gives up.</param>
    public async Task<Fetched> GetAsync(string address, string? expected, CancellationToken cancellation)
    {
        if (!Uri.TryCreate(address, UriKind.Absolute, out Uri? url) || (url.Scheme != Uri.UriSchemeHttps && url.Scheme != Uri.UriSchemeHttp) || url.UserInfo.Length > 0)
        {
            return Fetched.Never("its address is no http or https address");
        }

        if (hosts.Find(url.Host) is not { } host)
        {
            return Fetched.Never($"{url.Host} is not among the hosts that pictures are fetched from (--pictures)");
        }

        if (url.Scheme == Uri.UriSchemeHttp && host.Networks.Count == 0)
        {
            return Fetched.Never($"{url.Host} is asked over https alone, as no network of the city's own is named for it");
        }

        using CancellationTokenSource late = new(host.Timeout, time);
        using CancellationTokenSource either = CancellationTokenSource.CreateLinkedTokenSource(cancellation, late.Token);
        try
        {
            using HttpRequestMessage request = new(HttpMethod.Get, url);
            using HttpResponseMessage answer = await clients[host].SendAsync(request, either.Token).ConfigureAwait(false);
            int status = (int)answer.StatusCode;
            if (status != 200)
            {
                string said = string.Create(CultureInfo.InvariantCulture, $"{url.Host} answered {status}");
                return status is 408 or 425 or 429 or >= 500 or 404 ? Fetched.Later(said) : Fetched.Never(said);
            }

            byte[]? picture = await ReadAsync(answer, either.Token).ConfigureAwait(false);
            return picture is null ? Fetched.Never($"it has over {EvidenceLimits.PictureBytes} bytes") : Check(picture, expected);
        }
        catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
        {
            throw;
        }
        catch (OperationCanceledException)
        {
            return Fetched.Later(string.Create(CultureInfo.InvariantCulture, $"it did not come within {host.Timeout.TotalSeconds:0.#} s"));
        }
        catch (HttpRequestException failure) when (failure.InnerException is AddressRefusedException refused)
        {
            return Fetched.Never(refused.Message);
        }
        catch (Exception failure) when (failure is HttpRequestException or IOException)
        {
            return Fetched.Later($"{url.Host} was not reached");
        }
    }

    public void Dispose()
    {
        foreach (HttpMessageInvoker client in clients.Values)
        {
            client.Dispose();
        }
    }

    private static Fetched Check(byte[] picture, string? expected)
    {
        string sha256 = Convert.ToHexStringLower(SHA256.HashData(picture));
        return expected is not null && !string.Equals(sha256, expected, StringComparison.OrdinalIgnoreCase) ? Fetched.Never($"what is there has the SHA-256 {sha256}, and the reading names another: it is not the picture that was taken")
            : FileTypes.Of(picture) is not { } type || !FileTypes.IsPicture(type) ? Fetched.Never("what is there is neither JPEG nor PNG")
            : Fetched.Of(picture);
    }

    /// <summary>The body; null where it is too large, which is seen before all of it has come.</summary>
    private static async Task<byte[]?> ReadAsync(HttpResponseMessage answer, CancellationToken cancellation)
    {
        if (answer.Content.Headers.ContentLength > EvidenceLimits.PictureBytes)
        {
            return null;
        }

        await using Stream body = await answer.Content.ReadAsStreamAsync(cancellation).ConfigureAwait(false);
        using MemoryStream read = new();
        byte[] buffer = new byte[64 * 1024];
        int count;
        while ((count = await body.ReadAsync(buffer, cancellation).ConfigureAwait(false)) > 0)
        {
            read.Write(buffer, 0, count);
            if (read.Length > EvidenceLimits.PictureBytes)
            {
                return null;
            }
        }

        return read.ToArray();
    }
}
