using System.Reflection;
using System.Security.Cryptography;
using Microsoft.Net.Http.Headers;

namespace Streaming.Silo.Api;

/// <summary>
/// The console's files, carried in the assembly, so that they are there wherever the process is and never of another version. Whoever opens an address of the console itself, as of a vehicle, gets its first page, whose script
/// shows what the address names: so links can be shared, and pages be loaded again.
/// </summary>
/// <remarks>
/// What lies below <c>assets/</c> has a hash of its content in its name, so a browser never asks for it twice; everything else is asked for each time, and answered with 304 while it is the same. A file
/// <c>x.br</c> or <c>x.gz</c> beside <c>x</c> is that file compressed, and has no address of its own.
/// </remarks>
internal sealed class ConsoleFiles
{
    private const string Prefix = "console/";
    private const string FirstPage = "/";
    private const string Hashed = "/assets";

    /// <summary>Best first: the name of the encoding in HTTP, and the end of the file's name.</summary>
    private static readonly (string Coding, string Suffix)[] Codings = [("br", ".br"), ("gzip", ".gz")];

    /// <summary>Addresses that are not the console's: one below them that is not there is not a page.</summary>
    private static readonly string[] Others = ["/api", "/orleans", "/health", "/metrics", "/openapi", "/notice", MqttRoute.Path, Hashed];

    private readonly Dictionary<string, ConsoleFile> files = new(StringComparer.Ordinal);
    private readonly string policy;

    /// <param name="content">The files by their paths below the console, as <c>assets/main-4f2a.js</c>.</param>
    /// <param name="tiles">Origin of the tiles of the base map, as <c>https://tiles.example</c>; null for none.</param>
    public ConsoleFiles(IReadOnlyDictionary<string, byte[]> content, string? tiles = null)
    {
        string outside = tiles is null ? "" : $" {tiles}";
        policy = $"default-src 'self'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:{outside}; worker-src 'self' blob:; connect-src 'self'{outside}; object-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";
        foreach ((string name, byte[] bytes) in content)
        {
            if (Codings.Any(coding => name.EndsWith(coding.Suffix, StringComparison.Ordinal) && content.ContainsKey(name[..^coding.Suffix.Length])))
            {
                continue;
            }

            string path = "/" + name;
            string tag = Convert.ToHexStringLower(SHA256.HashData(bytes))[..16];
            Body[] bodies = [.. Codings.Where(coding => content.ContainsKey(name + coding.Suffix)).Select(coding => new Body(coding.Coding, content[name + coding.Suffix], $"\"{tag}-{coding.Coding}\"")), new Body("", bytes, $"\"{tag}\"")];
            files[path == "/index.html" ? FirstPage : path] = new ConsoleFile(ContentType(path), path.StartsWith(Hashed + "/", StringComparison.Ordinal), bodies);
        }
    }

    /// <summary>The console that this build carries.</summary>
    /// <param name="tiles">Origin of the tiles of the base map; null for none.</param>
    public static ConsoleFiles Carried(string? tiles = null)
    {
        Assembly assembly = typeof(ConsoleFiles).Assembly;
        Dictionary<string, byte[]> content = new(StringComparer.Ordinal);
        foreach (string name in assembly.GetManifestResourceNames().Where(name => name.StartsWith(Prefix, StringComparison.Ordinal)))
        {
            using Stream stream = assembly.GetManifestResourceStream(name)!;
            byte[] bytes = new byte[stream.Length];
            stream.ReadExactly(bytes);
            content[name[Prefix.Length..].Replace('\\', '/')] = bytes;
        }

        return new ConsoleFiles(content, tiles);
    }

    /// <summary>Whether it is a file of the console, or may have been one of another version.</summary>
    public bool Has(PathString path) => path.StartsWithSegments(Hashed, StringComparison.Ordinal) || (path.Value is { } value && files.ContainsKey(value));

    /// <summary>
    /// Whether an address that no route has is one of the console's pages. Where its last part has a dot it may be a district (<c>harbour.docks</c>) as well as a file that is not there; then only a browser that opens it as a page gets one.
    /// </summary>
    public bool IsPage(HttpRequest request) =>
        (HttpMethods.IsGet(request.Method) || HttpMethods.IsHead(request.Method)) && files.ContainsKey(FirstPage)
        && !Array.Exists(Others, other => request.Path.StartsWithSegments(other, StringComparison.OrdinalIgnoreCase))
        && (!(request.Path.Value ?? "").Split('/')[^1].Contains('.', StringComparison.Ordinal) || request.Headers.Accept.ToString().Contains("text/html", StringComparison.OrdinalIgnoreCase));

    public void Map(IEndpointRouteBuilder routes)
    {
        foreach ((string path, ConsoleFile file) in files)
        {
            routes.MapMethods(path, [HttpMethods.Get, HttpMethods.Head], (HttpContext context) => SendAsync(context, file)).NotAudited("the console's files").ExcludeFromDescription();
        }
    }

    /// <summary>Answers with the console's first page.</summary>
    public Task SendPageAsync(HttpContext context) => SendAsync(context, files[FirstPage]);

    private async Task SendAsync(HttpContext context, ConsoleFile file)
    {
        Body body = file.Bodies.First(each => each.Coding.Length == 0 || Takes(context.Request, each.Coding));
        IHeaderDictionary headers = context.Response.Headers;
        headers.CacheControl = file.IsHashed ? "public, max-age=31536000, immutable" : "no-cache";
        headers.ETag = body.Tag;
        headers.ContentSecurityPolicy = policy;
        headers["Referrer-Policy"] = "no-referrer";
        headers.XFrameOptions = "DENY";
        if (file.Bodies.Length > 1)
        {
            headers.Vary = HeaderNames.AcceptEncoding;
        }

        if (context.Request.Headers.IfNoneMatch.ToString().Contains(body.Tag, StringComparison.Ordinal))
        {
            context.Response.StatusCode = StatusCodes.Status304NotModified;
            return;
        }

        if (body.Coding.Length > 0)
        {
            headers.ContentEncoding = body.Coding;
        }

        context.Response.ContentType = file.ContentType;
        context.Response.ContentLength = body.Bytes.Length;
        if (HttpMethods.IsGet(context.Request.Method))
        {
            await context.Response.BodyWriter.WriteAsync(body.Bytes, context.RequestAborted).ConfigureAwait(false);
        }
    }

    /// <summary>RFC 9110, 12.5.3: named, and not with a weight of 0.</summary>
    public static bool Takes(HttpRequest request, string coding) =>
        StringWithQualityHeaderValue.TryParseList(request.Headers.AcceptEncoding, out IList<StringWithQualityHeaderValue>? taken)
        && taken.Any(value => value.Value.Equals(coding, StringComparison.OrdinalIgnoreCase) && value.Quality is null or > 0);

    private static string ContentType(string path) => Path.GetExtension(path) switch
    {
        ".html" => "text/html; charset=utf-8",
        ".css" => "text/css; charset=utf-8",
        ".js" or ".mjs" => "text/javascript; charset=utf-8",
        ".json" or ".map" => "application/json",
        ".webmanifest" => "application/manifest+json",
        ".svg" => "image/svg+xml",
        ".png" => "image/png",
        ".ico" => "image/x-icon",
        ".woff2" => "font/woff2",
        ".pbf" => "application/x-protobuf",
        ".txt" => "text/plain; charset=utf-8",
        ".mp3" => "audio/mpeg",
        ".ogg" => "audio/ogg",
        ".wav" => "audio/wav",
        _ => "application/octet-stream",
    };

    private sealed record ConsoleFile(string ContentType, bool IsHashed, Body[] Bodies);

    /// <summary>The file in one coding; the last of a file's is the file as it is.</summary>
    private sealed record Body(string Coding, byte[] Bytes, string Tag);
}
