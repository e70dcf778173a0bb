using System.Collections.Concurrent;
using System.Text;
using Streaming.Silo.Access;

namespace Streaming.Silo.Api;

/// <summary>What pages by themselves need, beside a token or a browser's session.</summary>
/// <param name="AdministratorsOnly">True for pages that are the administrators' alone.</param>
internal sealed record BrowserAccess(bool AdministratorsOnly);

/// <summary>Marks a route that takes the token itself, never a browser's session: what comes of it would otherwise outlive the session that it came from.</summary>
internal sealed record TokenOnly;

/// <summary>
/// Browsers that signed in on the console. Their cookie opens what the token opens that they signed in with, so that no script has to keep the token.
/// </summary>
/// <remarks>
/// A session is no right of its own: it has the rights that its token has at the time of the call, ends with it, and is at most <see cref="ApiLimits.BrowserSessionLifetime"/> old. It is kept under the hash of its id, with the hash of
/// its token, so that neither memory nor the file signs anybody in. The file is written before the browser is told, both when it signs in and when it signs out: a restart neither ends a session nor brings one back.
/// </remarks>
internal sealed class BrowserSessions
{
    private const string CookieName = "streaming-session";

    private readonly AccessBook access;
    private readonly TimeProvider time;
    private readonly string? file;

    /// <summary>Guards changes and the file; who only looks takes no lock.</summary>
    private readonly Lock gate = new();
    private readonly ConcurrentDictionary<string, BrowserSession> sessions = new(StringComparer.Ordinal);

    /// <param name="access">Whose tokens they are.</param>
    /// <param name="time">Clock of their age.</param>
    /// <param name="file">Where they are kept over a restart; null: in memory alone. A file that cannot be read signs everybody out.</param>
    public BrowserSessions(AccessBook access, TimeProvider time, string? file = null)
    {
        this.access = access;
        this.time = time;
        this.file = file;
        foreach (BrowserSession session in BrowserSessionFile.Read(file))
        {
            if (time.GetUtcNow() - session.Since < ApiLimits.BrowserSessionLifetime)
            {
                sessions[session.Key] = session;
            }
        }
    }

    /// <summary>Sessions kept, among them such as have ended and not been cleared away.</summary>
    public int Count => sessions.Count;

    /// <summary>Signs the browser in, in place of the session it may have; false where there is no room for one more.</summary>
    /// <exception cref="IOException">It cannot be kept.</exception>
    public bool Open(HttpContext context, Principal holder)
    {
        string id = Secrets.Generate();
        lock (gate)
        {
            if (Id(context.Request) is { } former)
            {
                sessions.TryRemove(Key(former), out _);
            }

            foreach ((string key, _) in sessions.Where(entry => Holder(entry.Value) is null).ToArray())
            {
                sessions.TryRemove(key, out _);
            }

            // One holder cannot take everybody's room: past the own share, the own oldest session goes.
            BrowserSession[] own = [.. sessions.Values.Where(session => session.TokenHash == holder.Hash).OrderBy(session => session.Since)];
            if (own.Length >= ApiLimits.BrowserSessionsOfOne)
            {
                sessions.TryRemove(own[0].Key, out _);
            }

            if (sessions.Count >= ApiLimits.BrowserSessions)
            {
                return false;
            }

            BrowserSession opened = new(Key(id), holder.Hash, time.GetUtcNow());
            sessions[opened.Key] = opened;
            try
            {
                Keep();
            }
            catch
            {
                sessions.TryRemove(opened.Key, out _);
                throw;
            }
        }

        context.Response.Cookies.Append(CookieName, id, Options(context.Request, ApiLimits.BrowserSessionLifetime));
        return true;
    }

    /// <summary>Whether the call carries a cookie of ours, in force or not.</summary>
    public static bool HasCookie(HttpRequest request) => request.Cookies.ContainsKey(CookieName);

    /// <summary>Who this browser signed in as, and the session; null where nobody did, or not any more.</summary>
    public (Principal Holder, BrowserSession Session)? Find(HttpRequest request) =>
        Id(request) is { } id && sessions.TryGetValue(Key(id), out BrowserSession? session) && Holder(session) is { } holder ? (holder, session) : null;

    /// <summary>False once the browser was signed out, its time is over, or its token is not in force any more: a stream that was opened with it ends.</summary>
    public bool IsCurrent(BrowserSession session) => sessions.ContainsKey(session.Key) && Holder(session) is not null;

    /// <summary>Signs the browser out.</summary>
    /// <exception cref="IOException">That cannot be kept; the session goes on.</exception>
    public void Close(HttpContext context)
    {
        if (Id(context.Request) is { } id)
        {
            lock (gate)
            {
                if (sessions.TryRemove(Key(id), out BrowserSession? closed))
                {
                    try
                    {
                        Keep();
                    }
                    catch
                    {
                        sessions[closed.Key] = closed;
                        throw;
                    }
                }
            }
        }

        Forget(context);
    }

    /// <summary>Has the browser throw its cookie away.</summary>
    public static void Forget(HttpContext context) => context.Response.Cookies.Delete(CookieName, Options(context.Request, null));

    /// <summary>
    /// Whether a call that changes something comes from a page of ours. A browser says so itself where the page came over a line that it trusts (Sec-Fetch-Site, which no script can set), and else names the page's
    /// origin on every such call; so one that does neither is not believed. The origin's scheme is not compared: a proxy that ends TLS speaks plain HTTP to us.
    /// </summary>
    public static bool IsFromOwnPage(HttpRequest request) => request.Headers["Sec-Fetch-Site"] switch
    {
        [{ } site] => site == "same-origin",
        _ => Origin(request) is { } page && string.Equals(page.Authority, request.Host.Value, StringComparison.OrdinalIgnoreCase),
    };

    private static Uri? Origin(HttpRequest request) =>
        request.Headers.Origin is [{ } origin] && Uri.TryCreate(origin, UriKind.Absolute, out Uri? page) && page.Scheme is "http" or "https" ? page : null;

    /// <summary>Over plain HTTP, as on one's own machine, a browser would not keep a cookie marked secure. Behind a proxy that ends TLS, the page's origin tells that it came over it.</summary>
    private static CookieOptions Options(HttpRequest request, TimeSpan? age) => new()
    {
        HttpOnly = true,
        SameSite = SameSiteMode.Strict,
        Secure = request.IsHttps || Origin(request)?.Scheme == Uri.UriSchemeHttps,
        Path = "/",
        MaxAge = age,
    };

    private static string? Id(HttpRequest request) => request.Cookies[CookieName] is { Length: > 0 and <= ApiLimits.BrowserSessionIdChars } id ? id : null;

    private static string Key(string id) => Secrets.HashGenerated(Encoding.UTF8.GetBytes(id));

    private Principal? Holder(BrowserSession session) => time.GetUtcNow() - session.Since < ApiLimits.BrowserSessionLifetime ? access.FindHash(session.TokenHash) : null;

    private void Keep() => BrowserSessionFile.Write(file, sessions.Values.OrderBy(session => session.Since));
}
