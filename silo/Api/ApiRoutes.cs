namespace Streaming.Silo.Api;

/// <summary>The whole HTTP interface.</summary>
internal static class ApiRoutes
{
    /// <summary>What the interface needs of the container, before the application is built.</summary>
    public static void AddServices(IServiceCollection services) => services.AddOpenApi("v1", options => options
        .AddDocumentTransformer((document, _, _) =>
        {
            document.Info.Title = "Streaming";
            document.Info.Description = "Every call carries 'Authorization: Bearer TOKEN', or the cookie of POST /api/session, except /health/* and /notice/*, which a subject has the link of. Errors are RFC 9457 problem details whose 'detail' says what to do. Calls with x-audited 'look' or 'change' are audited, with the reason that they give.";
            return Task.CompletedTask;
        })
        .AddOperationTransformer((operation, context, _) => AuditDescription.AddAsync(operation, context)));

    /// <summary>Puts the gate before everything and maps every address.</summary>
    public static void Map(WebApplication app, ApiServices services)
    {
        ILoggerFactory loggers = app.Services.GetRequiredService<ILoggerFactory>();
        ApiMetrics metrics = new(services.Access);
        MetricsText text = new();
        app.Lifetime.ApplicationStopped.Register(() =>
        {
            text.Dispose();
            metrics.Dispose();
        });

        BrowserSessions sessions = new(services.Access, services.Time, services.SessionsFile);
        AuditTrail trail = new(services.Host, services.ReasonsNeeded, services.Time);
        Gate gate = new(services.Access, services.Console, sessions, trail, loggers.CreateLogger<Gate>());
        app.Use(gate.InvokeAsync);
        app.UseWebSockets(MqttRoute.Options);
        services.Console.Map(app);
        new SystemRoutes(services, text).Map(app);
        new SessionRoutes(sessions).Map(app);
        new DeviceRoutes(services).Map(app);
        new DelegationRoutes(services).Map(app);
        new ConnectionRoutes(services).Map(app);
        new MqttRoute(services).Map(app);
        new SubjectRoutes(services).Map(app);
        new ListRoutes(services).Map(app);
        new RulebookRoutes(services).Map(app);
        QuarantineRoutes quarantine = new(services);
        app.Lifetime.ApplicationStopped.Register(quarantine.Dispose);
        quarantine.Map(app);
        new MapRoutes(services).Map(app);
        new SearchRoutes(services).Map(app);
        new LoadRoutes(services).Map(app);
        new RegisterRoutes(services).Map(app);
        new CatalogueRoutes(services).Map(app);
        new CaseRoutes(services).Map(app);
        new WorkOrderRoutes(services).Map(app);
        RoutingRuleRoutes routingRules = new(services);
        routingRules.Map(app);
        new RoutingRuleOffers(services, routingRules).Map(app);
        ScoreboardRoutes scoreboard = new(services);
        app.Lifetime.ApplicationStopped.Register(scoreboard.Dispose);
        scoreboard.Map(app);
        new SilenceRoutes(services).Map(app);
        WebhookRoutes webhooks = new(services);
        app.Lifetime.ApplicationStopped.Register(webhooks.Dispose);
        webhooks.Map(app);
        new ReportRoutes(services).Map(app);
        new EvidenceRoutes(services).Map(app);
        new NoticeRoutes(services).Map(app);
        new ModelRoutes(services).Map(app);
        new NoticePage(services, loggers.CreateLogger<NoticePage>()).Map(app);
        SceneRoutes scenes = new(services);
        app.Lifetime.ApplicationStopped.Register(scenes.Dispose);
        scenes.Map(app);
        new LiveRoutes(services, metrics, app.Lifetime).Map(app);
        new AuditRoutes(services).Map(app);
        app.MapOpenApi("/openapi/{documentName}.json").NotAudited("the interface's description");
    }

    /// <summary>Pages for administrators show figures of the process, but for one of the dashboard of Orleans, which shows any actor's state.</summary>
    private static AuditedAs Pages { get; } = new(AuditAct.Look)
    {
        Look = static _ => AuditLooks.States,
        Applies = static request => request.Path.Value?.EndsWith("/GrainState", StringComparison.OrdinalIgnoreCase) == true,
        SubjectKind = static _ => "actor",
        Subject = static request => ListQuery.Value(request.Query, "grainId"),
    };

    /// <summary>
    /// Maps pages that only an administrator may see, by bearer token or in a browser that an administrator signed in with. To be called after <see cref="Map"/>, before the application starts.
    /// </summary>
    /// <param name="prefix">Address that they lie below, as <c>/orleans</c>.</param>
    /// <param name="map">Maps them; whatever it maps is guarded, files and fallbacks included.</param>
    public static void MapForAdministrators(IEndpointRouteBuilder routes, string prefix, Action<RouteGroupBuilder> map)
    {
        RouteGroupBuilder group = routes.MapGroup(prefix).WithMetadata(new BrowserAccess(AdministratorsOnly: true)).AuditedAs(Pages).ExcludeFromDescription();
        map(group);
    }
}
