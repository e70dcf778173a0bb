namespace Streaming.Silo.Api;

/// <summary>What a route does, to the audit.</summary>
internal enum AuditAct
{
    /// <summary>Nothing that has to be known later.</summary>
    None,

    /// <summary>It shows where a vehicle is or was, or what concerns persons.</summary>
    Look,

    /// <summary>It changes something.</summary>
    Change,
}

/// <summary>
/// What a route says of itself, and every route has to: <see cref="Gate"/> lets no call through to one that says nothing. Said by <see cref="Auditing"/>, which also makes the route keep to it.
/// </summary>
/// <param name="Act">What it does.</param>
internal sealed record AuditedAs(AuditAct Act)
{
    /// <summary>Why it is not audited, where it is not.</summary>
    public string Because { get; init; } = "";

    /// <summary>Of a look: one of <see cref="AuditLooks.Names"/>, by which a reason may be required.</summary>
    public Func<HttpRequest, string> Look { get; init; } = static _ => "";

    /// <summary>Whether this call of the route is one; others of it are not audited.</summary>
    public Func<HttpRequest, bool> Applies { get; init; } = static _ => true;

    /// <summary>What kind of thing it is about.</summary>
    public Func<HttpRequest, string?> SubjectKind { get; init; } = static _ => null;

    /// <summary>What it is about, by its id alone.</summary>
    public Func<HttpRequest, string?> Subject { get; init; } = static _ => null;
}

/// <summary>Makes routes say what they do, and keep to it.</summary>
internal static class Auditing
{
    /// <summary>The route neither changes anything nor shows whereabouts.</summary>
    /// <param name="because">Why, in a few words: for whoever reads the interface's description.</param>
    public static T NotAudited<T>(this T route, string because)
        where T : IEndpointConventionBuilder => route.WithMetadata(new AuditedAs(AuditAct.None) { Because = because });

    /// <summary>The route changes the one thing that its parameter names; or none that its address names, and then whoever begins the change says what it is about.</summary>
    public static T AuditedAsChange<T>(this T route, string subjectKind, string? parameter = null)
        where T : IEndpointConventionBuilder => route.AuditedAs(new AuditedAs(AuditAct.Change) { SubjectKind = _ => subjectKind, Subject = request => parameter is null ? null : Value(request, parameter) });

    /// <summary>The route does what <paramref name="declared"/> says.</summary>
    public static T AuditedAs<T>(this T route, AuditedAs declared)
        where T : IEndpointConventionBuilder
    {
        route.WithMetadata(declared);
        return route.AddEndpointFilter<T, AuditFilter>();
    }

    /// <summary>A parameter of the route's address. The server leaves an encoded slash in a path as it is; it belongs to the id.</summary>
    public static string? Value(HttpRequest request, string parameter) => (request.RouteValues[parameter] as string)?.Replace("%2F", "/", StringComparison.OrdinalIgnoreCase);
}

/// <summary>Looks by the names under which a reason may be required for them.</summary>
internal static class AuditLooks
{
    /// <summary>Behind the name of what is shown: as it was, and its history.</summary>
    public const string Past = "-past";

    public const string Vehicles = "vehicles";
    public const string Enterprises = "enterprises";
    public const string Places = "places";
    public const string Cases = "cases";
    public const string Registers = "registers";
    public const string Lists = "lists";
    public const string Audit = "audit";
    public const string States = "states";
    public const string Persons = "persons";
    public const string Map = "map";

    public static readonly IReadOnlyList<string> Names =
        [Vehicles, Vehicles + Past, Enterprises, Enterprises + Past, Places, Places + Past, Cases, Cases + Past, Registers, Lists, Audit, States, Persons, Map];

    /// <summary>Names with commas between them; what is wrong with them, or null.</summary>
    public static (IReadOnlyList<string> Names, string? Problem) Parse(string text)
    {
        string[] given = text.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
        return given.FirstOrDefault(name => !Names.Contains(name)) is { } unknown
            ? ([], $"there is no look '{unknown}'; there are {string.Join(", ", Names)}.")
            : (given, null);
    }

    /// <summary>Whether a look is among those; where what is shown is named, its past is meant too.</summary>
    public static bool Has(IReadOnlyList<string> names, string look) => names.Contains(look) || (look.EndsWith(Past, StringComparison.Ordinal) && names.Contains(look[..^Past.Length]));
}
