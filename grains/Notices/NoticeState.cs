using System.Text.Json.Serialization;
using Streaming.Grains.Messages;

namespace Streaming.Grains.Notices;

/// <summary>A channel as its notice keeps it.</summary>
internal sealed class Channel
{
    public string Name { get; set; } = "";

    /// <summary>Waiting, delivered, failed or dropped, of <see cref="NoticeStates"/>.</summary>
    public string State { get; set; } = NoticeStates.Waiting;

    public int Attempts { get; set; }

    public string? Reason { get; set; }

    public long SinceMs { get; set; }

    /// <summary>When it is tried next; null where it is not.</summary>
    public long? NextMs { get; set; }
}

/// <summary>Everything a notice knows.</summary>
internal sealed class NoticeState
{
    public required NoticeIssued Issued { get; set; }

    public long IssuedMs { get; set; }

    /// <summary>Null until it is addressed.</summary>
    public string? LinkSha256 { get; set; }

    public List<Channel> Channels { get; set; } = [];

    public long? OpenedMs { get; set; }

    /// <summary>Answered, expired or withdrawn; null while it is open.</summary>
    public string? End { get; set; }

    public long? EndedMs { get; set; }

    public NoticeAnswered? Answer { get; set; }

    [JsonIgnore]
    public bool IsAddressed => LinkSha256 is not null;

    [JsonIgnore]
    public bool IsOpen => End is null;
}

/// <summary>JSON of the states in this folder.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    UseStringEnumConverter = true)]
[JsonSerializable(typeof(NoticeState))]
internal sealed partial class NoticesJson : JsonSerializerContext;
