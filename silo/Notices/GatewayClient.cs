using System.Globalization;
using System.Net;
using System.Net.Http.Headers;

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
/// Posts notices to one gateway (<see cref="SignedPost"/>). Only 2xx is success; 408, 429 and 5xx are tried again, any other status is final, and so is an address that the gateway may not be at.
/// </summary>
internal sealed class GatewayClient(Gateway gateway, TimeProvider time) : IDisposable
{
    private readonly SignedPost post = new(gateway.Networks, NoticeLimits.SentAtOnce, "allowNetworks", time);

    /// <summary>One attempt. Never throws but for the caller's cancellation.</summary>
    public async Task<Sent> SendAsync(string key, byte[] body, CancellationToken cancellation)
    {
        PostAnswer answer = await post.SendAsync(gateway.Url, new MediaTypeHeaderValue("application/json", "utf-8"), gateway.Secret.ToArray(), key, body, gateway.Timeout, cancellation).ConfigureAwait(false);
        return answer.Status is { } status ? Judge(status) : answer.AddressRefused ? Sent.Failed(answer.Problem!) : Sent.Retry(answer.Problem!);
    }

    public void Dispose() => post.Dispose();

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
}

