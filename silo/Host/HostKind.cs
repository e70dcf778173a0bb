namespace Streaming.Silo.Host;

/// <summary>What runs the actors.</summary>
internal enum HostKind
{
    /// <summary>Worker threads of this process; there in every build.</summary>
    Standalone,

    /// <summary>The grains of an Orleans silo; there where its packages are.</summary>
    Orleans,
}

/// <summary>The hosts by name, and which of them this build has. Nothing else asks whether Orleans is built in.</summary>
internal static class Hosts
{
    /// <summary>What runs the actors unless somebody says otherwise.</summary>
#if ORLEANS
    public const HostKind Default = HostKind.Orleans;
#else
    public const HostKind Default = HostKind.Standalone;
#endif

    /// <summary>The hosts of this build, the default first.</summary>
    public static IReadOnlyList<HostKind> BuiltIn { get; } = Default == HostKind.Standalone ? [HostKind.Standalone] : [Default, HostKind.Standalone];

    /// <summary>As the options, <c>/health</c> and <c>doctor</c> name it.</summary>
    public static string Name(HostKind host) => host == HostKind.Orleans ? "orleans" : "standalone";

    /// <summary>A host by its name, and what is wrong with it where it cannot be had.</summary>
    public static (HostKind Host, string? Problem) Parse(string name)
    {
        HostKind? named = name switch { "standalone" => HostKind.Standalone, "orleans" => HostKind.Orleans, _ => null };
        if (named is not { } host)
        {
            return (Default, $"{string.Join(" or ", BuiltIn.Select(Name))} expected.");
        }

        return BuiltIn.Contains(host)
            ? (host, null)
            : (Default, "this build leaves Orleans out: the package source did not hold it, or it was switched off. Use standalone, which runs the same actors, or build where Orleans restores (README.md, \"Where Orleans stands\").");
    }
}
