using System.Diagnostics.CodeAnalysis;
using System.Reflection;
using System.Security.Cryptography;

namespace Streaming.Silo.Api;

/// <summary>The console's files, carried in the assembly, so that they are there wherever the process is and never of another version.</summary>
internal sealed class ConsoleFiles
{
    private const string Prefix = "console/";
    private const string Policy = "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

    private readonly Dictionary<string, ConsoleFile> files = new(StringComparer.Ordinal);

    public ConsoleFiles()
    {
        Assembly assembly = typeof(ConsoleFiles).Assembly;
        foreach (string name in assembly.GetManifestResourceNames())
        {
            if (!name.StartsWith(Prefix, StringComparison.Ordinal))
            {
                continue;
            }

            using Stream stream = assembly.GetManifestResourceStream(name)!;
            byte[] bytes = new byte[stream.Length];
            stream.ReadExactly(bytes);
            string path = "/" + name[Prefix.Length..].Replace('\\', '/');
            files[path == "/index.html" ? "/" : path] = new ConsoleFile(bytes, ContentType(path), $"\"{Convert.ToHexStringLower(SHA256.HashData(bytes))[..16]}\"");
        }
    }

    public bool Has(string? path) => path is not null && files.ContainsKey(path);

    public void Map(IEndpointRouteBuilder routes)
    {
        foreach ((string path, ConsoleFile file) in files)
        {
            routes.MapGet(path, (HttpContext context) => SendAsync(context, file)).NotAudited("the console's files").ExcludeFromDescription();
        }
    }

    private static async Task SendAsync(HttpContext context, ConsoleFile file)
    {
        IHeaderDictionary headers = context.Response.Headers;
        headers.CacheControl = "no-cache";
        headers.ETag = file.Tag;
        headers.ContentSecurityPolicy = Policy;
        headers["Referrer-Policy"] = "no-referrer";
        headers.XFrameOptions = "DENY";
        if (context.Request.Headers.IfNoneMatch == file.Tag)
        {
            context.Response.StatusCode = StatusCodes.Status304NotModified;
            return;
        }

        context.Response.ContentType = file.ContentType;
        context.Response.ContentLength = file.Bytes.Length;
        await context.Response.BodyWriter.WriteAsync(file.Bytes, context.RequestAborted).ConfigureAwait(false);
    }

    private static string ContentType([NotNull] string path) => Path.GetExtension(path) switch
    {
        ".html" => "text/html; charset=utf-8",
        ".css" => "text/css; charset=utf-8",
        ".js" => "text/javascript; charset=utf-8",
        ".svg" => "image/svg+xml",
        _ => "application/octet-stream",
    };

    private sealed record ConsoleFile(byte[] Bytes, string ContentType, string Tag);
}
