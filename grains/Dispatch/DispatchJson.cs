using System.Text.Json.Serialization;
using Streaming.Grains.Messages;
using Streaming.Grains.Rules;

namespace Streaming.Grains.Dispatch;

/// <summary>JSON of the states in this folder.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    UseStringEnumConverter = true)]
[JsonSerializable(typeof(DispatcherState))]
[JsonSerializable(typeof(CaseState))]
[JsonSerializable(typeof(DepartmentState))]
[JsonSerializable(typeof(Warning))]
[JsonSerializable(typeof(Workflow))]
[JsonSerializable(typeof(StormCase))]
[JsonSerializable(typeof(StormGroupRow))]
[JsonSerializable(typeof(StormMember))]
[JsonSerializable(typeof(HeldWarning))]
[JsonSerializable(typeof(CaseStorm))]
[JsonSerializable(typeof(List<CaseReportRef>))]
[JsonSerializable(typeof(List<CaseSubject>))]
[JsonSerializable(typeof(CaseText))]
[JsonSerializable(typeof(EvidenceRow))]
internal sealed partial class DispatchJson : JsonSerializerContext;
