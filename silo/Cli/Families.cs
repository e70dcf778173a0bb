namespace Streaming.Silo.Cli;

/// <summary>The families of packages that a build may have to leave out.</summary>
internal static class Families
{
    /// <summary>Each, what it is for, and whether this build has it.</summary>
    public static IReadOnlyList<(string Name, string Purpose, bool BuiltIn)> All { get; } =
    [
#if ORLEANS
        ("Orleans", "clustering", true),
#else
        ("Orleans", "clustering", false),
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
