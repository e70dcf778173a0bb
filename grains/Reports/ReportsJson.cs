using System.Text.Json.Serialization;
using Streaming.Grains.Messages;

namespace Streaming.Grains.Reports;

/// <summary>What a report keeps.</summary>
internal sealed class ReportState
{
    public required ReportFiled Filed { get; set; }

    public long FiledMs { get; set; }

    public string State { get; set; } = ReportStates.Filed;

    /// <summary>The case that it is in; null until its dispatcher has found or opened one.</summary>
    public string? Case { get; set; }

    public MergeReason? Reason { get; set; }

    /// <summary>How its case ended.</summary>
    public string? Outcome { get; set; }

    public CallBack? CalledBack { get; set; }

    /// <summary>Cases that it was in before, the newest last.</summary>
    public List<string> EarlierCases { get; set; } = [];
}

/// <summary>JSON of the states in this folder.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull, UseStringEnumConverter = true)]
[JsonSerializable(typeof(ReportState))]
internal sealed partial class ReportsJson : JsonSerializerContext;
