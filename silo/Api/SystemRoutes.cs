using Streaming.Grains.Rules;
using Streaming.Models.Learned;
using Streaming.Silo.Access;

namespace Streaming.Silo.Api;

/// <summary>Health, metrics and the rulebook in force.</summary>
internal sealed class SystemRoutes(ApiServices services, MetricsText metrics)
{
    public void Map(IEndpointRouteBuilder routes)
    {
        routes.MapGet("/health/live", () => Health("live")).WithSummary("200 while the process answers; names the host that runs the actors.").Produces<HealthAnswer>().NotAudited("health");
        routes.MapGet("/health/ready", Ready).WithSummary("200 while readings are accepted, with notes on what is not as it should be; else 503 with the reason.").Produces<HealthAnswer>().ProducesProblem(503).NotAudited("health");
        routes.MapGet("/metrics", (Delegate)Metrics).WithSummary("Metrics in Prometheus' text format.").Produces(200, contentType: "text/plain").ProducesProblem(403).NotAudited("figures");
        routes.MapGet("/api/me", (Delegate)Me).WithSummary("Who this token is: name, role, department, district, level (city, district or street).").NotAudited("the caller's own token");
        routes.MapGet("/api/rulebook", () => new RawJson(WithoutFiles(services.Rules()).ToWholeJson())).WithSummary("Limits, routing, workflows and model parameters in force, also those that no file names.").NotAudited("everybody's rules");
    }

    /// <summary>Everything but the text of uploaded models, which may be some MiB and says nothing to people.</summary>
    private static Rulebook WithoutFiles(Rulebook rules)
    {
        ModelDecisions models = rules.Decisions.Models;
        return models.Uploaded.Count == 0 ? rules : rules.With(rules.Decisions with { Models = models with { Uploaded = [.. models.Uploaded.Select(model => model with { File = "" })] } });
    }

    private IResult Ready() => services.Host.NotReady is { } reason ? Refusal.Unavailable(reason) : Health("ready", services.Host.Notes is { Count: > 0 } notes ? notes : null);

    private RawJson Health(string status, IReadOnlyList<string>? notes = null) => new(ApiJson.Bytes(new HealthAnswer(status, services.Host.Name, notes), ApiJson.Default.HealthAnswer));

    private static RawJson Me(HttpContext context)
    {
        Principal caller = Gate.Caller(context);
        return new RawJson(ApiJson.Bytes(new Me(caller.Name, Roles.Name(caller.Role), caller.Department, caller.District, caller.Scope.Level), ApiJson.Default.Me));
    }

    private IResult Metrics(HttpContext context) => Gate.Caller(context) is { Role: Role.Member } or { Scope.District: not null }
        ? Refusal.Forbidden("Metrics are of the whole city; operators and above of the whole city see them.")
        : Results.Text(metrics.Read(), "text/plain; version=0.0.4; charset=utf-8");
}
