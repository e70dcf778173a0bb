namespace Streaming.Silo.Api;

/// <summary>The whole HTTP interface.</summary>
internal static class ApiRoutes
{
    /// <summary>What the interface needs of the container, before the application is built.</summary>
    public static void AddServices(IServiceCollection services) => services.AddOpenApi("v1", options => options.AddDocumentTransformer((document, _, _) =>
    {
        document.Info.Title = "Streaming";
        document.Info.Description = "Every call carries 'Authorization: Bearer TOKEN', except /health/*. Errors are RFC 9457 problem details whose 'detail' says what to do.";
        return Task.CompletedTask;
    }));

    /// <summary>Puts the gate before everything and maps every address.</summary>
    public static void Map(WebApplication app, ApiServices services)
    {
        ILoggerFactory loggers = app.Services.GetRequiredService<ILoggerFactory>();
        ConsoleFiles console = new();
        ApiMetrics metrics = new(services.Access);
        MetricsText text = new();
        app.Lifetime.ApplicationStopped.Register(() =>
        {
            text.Dispose();
            metrics.Dispose();
        });

        BrowserSessions sessions = new(services.Access, services.Time);
        Gate gate = new(services.Access, console, sessions, loggers.CreateLogger<Gate>());
        app.Use(gate.InvokeAsync);
        console.Map(app);
        new SystemRoutes(services, text).Map(app);
        new SessionRoutes(sessions, loggers.CreateLogger<SessionRoutes>()).Map(app);
        new DeviceRoutes(services, loggers.CreateLogger<DeviceRoutes>()).Map(app);
        new SubjectRoutes(services, loggers.CreateLogger<SubjectRoutes>()).Map(app);
        new ListRoutes(services).Map(app);
        new WorkOrderRoutes(services, loggers.CreateLogger<WorkOrderRoutes>()).Map(app);
        new LiveRoutes(services, metrics, app.Lifetime).Map(app);
        app.MapOpenApi("/openapi/{documentName}.json");
    }

    /// <summary>
    /// Maps pages that only an administrator may see, by bearer token or in a browser that an administrator signed in with. To be called after <see cref="Map"/>, before the application starts.
    /// </summary>
    /// <param name="prefix">Address that they lie below, as <c>/orleans</c>.</param>
    /// <param name="map">Maps them; whatever it maps is guarded, files and fallbacks included.</param>
    public static void MapForAdministrators(IEndpointRouteBuilder routes, string prefix, Action<RouteGroupBuilder> map)
    {
        RouteGroupBuilder group = routes.MapGroup(prefix).WithMetadata(new BrowserAccess(AdministratorsOnly: true)).ExcludeFromDescription();
        map(group);
    }
}
