namespace Streaming.Silo.Cli;

/// <summary>The families of packages that a build may have to leave out.</summary>
internal static class Families
{
    private const string OrleansPurpose = "running the actors as grains, with clustering, its streams and its dashboard,";

    /// <summary>Each, what it is for, and whether this build has it.</summary>
    public static IReadOnlyList<(string Name, string Purpose, bool BuiltIn)> All { get; } =
    [
#if ORLEANS
        ("Orleans", OrleansPurpose, true),
#else
        ("Orleans", OrleansPurpose, false),
#endif
#if MQTTNET
        ("MQTTnet", "subscribing to outside brokers", true),
#else
        ("MQTTnet", "subscribing to outside brokers", false),
#endif
#if MLNET
        ("ML.NET", "training", true),
#else
        ("ML.NET", "training", false),
#endif
    ];
}
