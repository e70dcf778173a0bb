using Streaming.Silo.Access;

namespace Streaming.Silo.Api;

/// <summary>Health, metrics and the rulebook in force.</summary>
internal sealed class SystemRoutes(ApiServices services, MetricsText metrics)
{
    public void Map(IEndpointRouteBuilder routes)
    {
        routes.MapGet("/health/live", () => Health("live")).WithSummary("200 while the process answers; names the host that runs the actors.").Produces<HealthAnswer>();
        routes.MapGet("/health/ready", Ready).WithSummary("200 while readings are accepted; else 503 with the reason.").Produces<HealthAnswer>().ProducesProblem(503);
        routes.MapGet("/metrics", (Delegate)Metrics).WithSummary("Metrics in Prometheus' text format.").Produces(200, contentType: "text/plain").ProducesProblem(403);
        routes.MapGet("/api/me", (Delegate)Me).WithSummary("Who this token is: name, role, department, district.");
        routes.MapGet("/api/rulebook", () => new RawJson(services.Rulebook())).WithSummary("Limits, routing, workflows and model parameters in force.");
    }

    private IResult Ready() => services.Host.NotReady is { } reason ? Refusal.Unavailable(reason) : Health("ready");

    private RawJson Health(string status) => new(ApiJson.Bytes(new HealthAnswer(status, services.Host.Name, services.Host.Trouble), ApiJson.Default.HealthAnswer));

    private static RawJson Me(HttpContext context)
    {
        Principal caller = Gate.Caller(context);
        return new RawJson(ApiJson.Bytes(new Me(caller.Name, Roles.Name(caller.Role), caller.Department, caller.District), ApiJson.Default.Me));
    }

    private IResult Metrics(HttpContext context) => Gate.Caller(context).Role == Role.Member
        ? Refusal.Forbidden("Metrics are for operators and above.")
        : Results.Text(metrics.Read(), "text/plain; version=0.0.4; charset=utf-8");
}
