using System.Globalization;
using System.Text.Json;
using Streaming.Grains.Messages;
using Streaming.Grains.Turns;
using Streaming.Ingest.Mqtt;
using Streaming.Ingest.Mqtt.Packets;
using Streaming.Silo.Access;
using Streaming.Silo.Host;
using ConnectionInfo = Streaming.Ingest.Mqtt.ConnectionInfo;

namespace Streaming.Silo.Api;

/// <summary>Who of the devices and tokens is connected over MQTT, what was refused to them, and cutting them off.</summary>
internal sealed class ConnectionRoutes(ApiServices services)
{
    public void Map(IEndpointRouteBuilder routes)
    {
        routes.MapGet("/api/devices/{id}/connections", (Delegate)OfDevice).WithSummary("A device's MQTT connections: address, transport, versions, session, rates; and what was refused to it last, also where it is not connected.")
            .Produces<ConnectionsAnswer>().ProducesProblem(403).ProducesProblem(404).NotAudited("MQTT connections, not whereabouts");
        routes.MapDelete("/api/devices/{id}/connections", (Delegate)EndOfDeviceAsync).WithSummary("Ends a device's MQTT connections now; it may come back. To keep it out, disable it.")
            .Produces<ConnectionsEnded>().ProducesProblem(403).ProducesProblem(404).AuditedAsChange("device", "id");
        routes.MapPost("/api/devices/{id}/disable", (HttpContext context, string id) => SetDisabledAsync(context, id, true)).WithSummary("Cuts a device off at once and keeps it out until it is enabled or registered anew.")
            .Produces(StatusCodes.Status204NoContent).ProducesProblem(403).ProducesProblem(404).AuditedAsChange("device", "id");
        routes.MapPost("/api/devices/{id}/enable", (HttpContext context, string id) => SetDisabledAsync(context, id, false)).WithSummary("Lets a device in again that was disabled.")
            .Produces(StatusCodes.Status204NoContent).ProducesProblem(403).ProducesProblem(404).AuditedAsChange("device", "id");
        routes.MapGet("/api/tokens/{name}/connections", (Delegate)OfToken).WithSummary("A token's MQTT connections, as for a device.")
            .Produces<ConnectionsAnswer>().ProducesProblem(403).ProducesProblem(404).NotAudited("MQTT connections, not whereabouts");
        routes.MapDelete("/api/tokens/{name}/connections", (Delegate)EndOfTokenAsync).WithSummary("Ends a token's MQTT connections now; it may come back. To keep it out, replace it.")
            .Produces<ConnectionsEnded>().ProducesProblem(403).ProducesProblem(404).AuditedAsChange("token", "name");
    }

    private IResult OfDevice(HttpContext context, string id)
    {
        Principal caller = Gate.Caller(context);
        if (caller.Role == Role.Member)
        {
            return Refusal.Forbidden("A department's member does not see the devices; operators and above do.");
        }

        // What a caller may not see is not there for it.
        return services.Access.FindDevice(id) is { } device && caller.Scope.HasDistrict(device.District)
            ? Answer(id, device.Disabled == true)
            : NoDevice(id);
    }

    private IResult OfToken(HttpContext context, string name) =>
        Gate.Caller(context).Role != Role.Administrator ? Refusal.Forbidden("Only an administrator sees the connections of tokens.")
        : services.Access.Knows(name) && services.Access.FindDevice(name) is null ? Answer(name, null)
        : Refusal.NotFound($"There is no token '{name}'.");

    private async Task<IResult> EndOfDeviceAsync(HttpContext context, string id)
    {
        Principal caller = Gate.Caller(context);
        return caller.Role != Role.Administrator ? Refusal.Forbidden("Only an administrator ends connections.")
            : services.Access.FindDevice(id) is null ? NoDevice(id)
            : await EndAsync(context, id).ConfigureAwait(false);
    }

    private async Task<IResult> EndOfTokenAsync(HttpContext context, string name)
    {
        Principal caller = Gate.Caller(context);
        return caller.Role != Role.Administrator ? Refusal.Forbidden("Only an administrator ends connections.")
            : services.Access.Knows(name) && services.Access.FindDevice(name) is null ? await EndAsync(context, name).ConfigureAwait(false)
            : Refusal.NotFound($"There is no token '{name}'.");
    }

    private async Task<RawJson> EndAsync(HttpContext context, string user)
    {
        AuditedCall call = AuditedCall.Of(context);
        await call.BeginAsync().ConfigureAwait(false);
        int ended = services.Mqtt.Disconnect(user);
        call.What = string.Create(CultureInfo.InvariantCulture, $"{ended} connections ended");
        return new RawJson(ApiJson.Bytes(new ConnectionsEnded(ended), ApiJson.Default.ConnectionsEnded));
    }

    /// <summary>A change of the registration, and so in the journal; it ends the connections as every change does, before the answer. A registration that is replaced at the same moment may be undone by it.</summary>
    private async Task<IResult> SetDisabledAsync(HttpContext context, string id, bool disabled)
    {
        Principal caller = Gate.Caller(context);
        if (caller.Role != Role.Administrator)
        {
            return Refusal.Forbidden("Only an administrator cuts devices off and lets them in again.");
        }

        if (services.Access.FindDevice(id) is not { } device)
        {
            return NoDevice(id);
        }

        if (device.Disabled == true != disabled)
        {
            SourceRegistration changed = device with { Disabled = disabled ? true : null };
            if (await services.RegisterAsync(context, ActorKind.Source, id, MessageKind.RegisterSource, ApiJson.Bytes(changed, GrainsJson.Default.SourceRegistration)).ConfigureAwait(false) is { } refusal)
            {
                return refusal;
            }
        }

        return Results.NoContent();
    }

    private RawJson Answer(string user, bool? disabled)
    {
        ConnectionRow[] rows = [.. services.Mqtt.ConnectionsOf(user).OrderBy(each => each.Since).Select(Row)];
        RefusalRow? last = services.Mqtt.LastRefusalOf(user) is { } refusal ? new RefusalRow(refusal.At, refusal.Refusal, refusal.Detail, refusal.Address, refusal.ClientId) : null;
        return new RawJson(ApiJson.Bytes(new ConnectionsAnswer(user, disabled, rows, last), ApiJson.Default.ConnectionsAnswer));
    }

    private static ConnectionRow Row(ConnectionInfo info) => new(
        info.ClientId,
        info.Address,
        info.Transport switch
        {
            TransportKind.Tcp => "tcp",
            TransportKind.Tls => "tls",
            _ => "websocket",
        },
        info.TlsVersion,
        info.Certificate,
        info.Version switch
        {
            MqttVersion.V311 => "3.1.1",
            MqttVersion.V5 => "5.0",
            _ => null,
        },
        info.SessionExpirySeconds,
        info.KeepAliveSeconds,
        info.Since,
        info.Publishes,
        info.InFlight,
        info.Subscriptions,
        Math.Round(info.ReadingsPerSecond, 1),
        Math.Round(info.BytesPerSecond, 1),
        info.LastRefusal is { } detail && info.LastRefusalAt is { } at ? new RefusalRow(at, "Publish", detail, null, null) : null);

    private static Refusal NoDevice(string id) => Refusal.NotFound($"There is no device '{id}'. GET /api/devices lists them.");
}
