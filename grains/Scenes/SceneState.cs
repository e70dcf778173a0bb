using System.Text.Json.Serialization;
using Streaming.Grains.Messages;
using Streaming.Grains.Rules;

namespace Streaming.Grains.Scenes;

/// <summary>Everything a scene knows of itself.</summary>
internal sealed class SceneState
{
    /// <summary>The newest revision.</summary>
    public required SceneRule Rule { get; set; }

    /// <summary>One of <see cref="SceneStates"/>.</summary>
    public string State { get; set; } = SceneStates.Draft;

    public long Version { get; set; }

    /// <summary>The revision in force; null where none is.</summary>
    public SceneRule? InForce { get; set; }

    public int Rulebook { get; set; }

    public SceneTest? Test { get; set; }

    public string? Note { get; set; }

    public List<SceneStep> History { get; set; } = [];
}

/// <summary>JSON of the states in this folder.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull, UseStringEnumConverter = true)]
[JsonSerializable(typeof(SceneState))]
internal sealed partial class ScenesJson : JsonSerializerContext;
