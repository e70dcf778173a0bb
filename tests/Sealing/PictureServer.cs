using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Streaming.Tests.Sealing;

/// <summary>A camera's pictures over HTTP, on this machine.</summary>
internal sealed class PictureServer : IAsyncDisposable
{
    private readonly WebApplication app;
    private int asked;

    private PictureServer(WebApplication app) => this.app = app;

    public string Url { get; private set; } = "";

    public int Asked => Volatile.Read(ref asked);

    /// <summary>What it answers, by path.</summary>
    public Func<string, HttpResponse, Task> Answer { get; set; } = (_, response) =>
    {
        response.StatusCode = 404;
        return Task.CompletedTask;
    };

    public static async Task<PictureServer> StartAsync()
    {
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.UseKestrelCore().UseUrls("http://127.0.0.1:0");
        builder.Logging.ClearProviders();
        WebApplication app = builder.Build();
        PictureServer server = new(app);
        app.Run(async context =>
        {
            Interlocked.Increment(ref server.asked);
            await server.Answer(context.Request.Path.Value!, context.Response);
        });
        await app.StartAsync();
        server.Url = app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Single();
        return server;
    }

    public async ValueTask DisposeAsync() => await app.DisposeAsync();
}
