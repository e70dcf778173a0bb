using System.Net;
using System.Net.WebSockets;
using Streaming.Ingest.Mqtt;

namespace Streaming.Silo.Api;

/// <summary>
/// The door of MQTT over WebSocket. It needs no bearer token, because a CONNECT behind it says who comes. A browser may use it from our own pages only: what it could do there with a stolen password it could do
/// elsewhere, but a foreign page could also make its visitors' browsers guess at passwords from inside the city's network.
/// </summary>
internal sealed class MqttRoute(ApiServices services)
{
    public const string Path = "/mqtt";

    private const string Subprotocol = "mqtt";

    /// <summary>MQTT has a keep alive of its own.</summary>
    public static readonly WebSocketOptions Options = new() { KeepAliveInterval = TimeSpan.Zero };

    public void Map(IEndpointRouteBuilder routes) => routes.Map(Path, (Delegate)OpenAsync).NotAudited("MQTT").ExcludeFromDescription();

    private async Task OpenAsync(HttpContext context)
    {
        if (Refuse(context) is { } refusal)
        {
            await refusal.ExecuteAsync(context).ConfigureAwait(false);
            return;
        }

        using WebSocket socket = await context.WebSockets.AcceptWebSocketAsync(new WebSocketAcceptContext { SubProtocol = Subprotocol, DangerousEnableCompression = false }).ConfigureAwait(false);
        IPEndPoint? remote = context.Connection.RemoteIpAddress is { } address ? new IPEndPoint(address, context.Connection.RemotePort) : null;
        await services.Mqtt.ServeAsync(socket, remote).ConfigureAwait(false);
    }

    private Refusal? Refuse(HttpContext context)
    {
        if (!context.WebSockets.IsWebSocketRequest)
        {
            context.Response.Headers.Upgrade = "websocket";
            return new Refusal(StatusCodes.Status426UpgradeRequired, "MQTT is spoken here over WebSocket, with the subprotocol 'mqtt'.");
        }

        if (context.Request.Headers.Origin.Count > 0 && !BrowserSessions.IsFromOwnPage(context.Request))
        {
            return Refusal.Forbidden("A page of another origin may not connect from a browser.");
        }

        if (!context.WebSockets.WebSocketRequestedProtocols.Contains(Subprotocol))
        {
            return Refusal.Invalid("Ask for the subprotocol 'mqtt'.");
        }

        return services.Mqtt.IsFull ? Refusal.Unavailable("There are as many MQTT connections as are taken.")
            : services.Mqtt.IsOpen ? null
            : Refusal.Unavailable("The MQTT endpoint is not open yet.");
    }
}
