using System.Text;
using Streaming.Silo.Access;

namespace Streaming.Silo.Api;

/// <summary>Marks routes that a browser may call with the cookie of its session; all others take a bearer token only.</summary>
/// <param name="AdministratorsOnly">True for pages that are the administrators' alone.</param>
internal sealed record BrowserAccess(bool AdministratorsOnly);

/// <summary>
/// Who signed in on the console and may visit pages that a browser loads by itself, where no script can add a bearer token. Held in memory alone: a restart signs everybody out.
/// </summary>
/// <remarks>
/// A session is no right of its own: it ends with the token that it was opened with, is at most <see cref="ApiLimits.BrowserSessionLifetime"/> old, and opens only what <see cref="BrowserAccess"/>
/// marks. It is kept under the hash of its id, so that what lies in memory signs nobody in.
/// </remarks>
internal sealed class BrowserSessions(AccessBook access, TimeProvider time)
{
    private const string CookieName = "streaming-session";

    private readonly Lock gate = new();
    private readonly Dictionary<string, Session> sessions = new(StringComparer.Ordinal);

    /// <summary>Sessions kept, among them such as have ended and not been cleared away.</summary>
    public int Count
    {
        get
        {
            lock (gate)
            {
                return sessions.Count;
            }
        }
    }

    /// <summary>Signs the browser in, in place of the session it may have; false where there is no room for one more.</summary>
    public bool Open(HttpContext context, Principal holder)
    {
        Forget(context.Request);
        string id = Secrets.Generate();
        lock (gate)
        {
            foreach ((string key, _) in sessions.Where(entry => !IsInForce(entry.Value)).ToArray())
            {
                sessions.Remove(key);
            }

            // One holder cannot take everybody's room: past the own share, the own oldest session goes.
            KeyValuePair<string, Session>[] own = [.. sessions.Where(entry => entry.Value.Holder.Hash == holder.Hash).OrderBy(entry => entry.Value.Since)];
            if (own.Length >= ApiLimits.BrowserSessionsOfOne)
            {
                sessions.Remove(own[0].Key);
            }

            if (sessions.Count >= ApiLimits.BrowserSessions)
            {
                return false;
            }

            sessions[Key(id)] = new Session(holder, time.GetUtcNow());
        }

        // Over plain HTTP, as on one's own machine, a browser would not keep a cookie marked secure.
        context.Response.Cookies.Append(CookieName, id, new CookieOptions { HttpOnly = true, SameSite = SameSiteMode.Strict, Secure = context.Request.IsHttps, Path = "/" });
        return true;
    }

    /// <summary>Who this browser signed in as; null where nobody did, or not any more.</summary>
    public Principal? Find(HttpRequest request)
    {
        if (Id(request) is not { } id)
        {
            return null;
        }

        lock (gate)
        {
            return sessions.TryGetValue(Key(id), out Session? session) && IsInForce(session) ? session.Holder : null;
        }
    }

    /// <summary>Signs the browser out.</summary>
    public void Close(HttpContext context)
    {
        Forget(context.Request);
        context.Response.Cookies.Delete(CookieName, new CookieOptions { HttpOnly = true, SameSite = SameSiteMode.Strict, Secure = context.Request.IsHttps, Path = "/" });
    }

    /// <summary>
    /// Whether a call that changes something comes from a page of ours. Browsers name the page's origin on every such call, so one that does not name it is not believed. The scheme is
    /// not compared: a proxy that ends TLS speaks plain HTTP to us.
    /// </summary>
    public static bool IsFromOwnPage(HttpRequest request) =>
        request.Headers.Origin is [{ } origin] && Uri.TryCreate(origin, UriKind.Absolute, out Uri? page) && page.Scheme is "http" or "https"
        && string.Equals(page.Authority, request.Host.Value, StringComparison.OrdinalIgnoreCase);

    private void Forget(HttpRequest request)
    {
        if (Id(request) is { } id)
        {
            lock (gate)
            {
                sessions.Remove(Key(id));
            }
        }
    }

    private static string? Id(HttpRequest request) => request.Cookies[CookieName] is { Length: > 0 and <= ApiLimits.BrowserSessionIdChars } id ? id : null;

    private static string Key(string id) => Secrets.HashGenerated(Encoding.UTF8.GetBytes(id));

    private bool IsInForce(Session session) => time.GetUtcNow() - session.Since < ApiLimits.BrowserSessionLifetime && access.IsCurrent(session.Holder);

    private sealed record Session(Principal Holder, DateTimeOffset Since);
}
