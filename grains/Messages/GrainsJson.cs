using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using Streaming.Grains.Turns;

namespace Streaming.Grains.Messages;

/// <summary>
/// JSON of messages, rows and states: camel case, absent instead of null, Chinese as itself. Source-generated, so that nothing depends on reflection order.
/// </summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    UseStringEnumConverter = true)]
[JsonSerializable(typeof(SourceRegistration))]
[JsonSerializable(typeof(TokenRegistration))]
[JsonSerializable(typeof(Warning))]
[JsonSerializable(typeof(WarningChanged))]
[JsonSerializable(typeof(CaseOpened))]
[JsonSerializable(typeof(CaseClosed))]
[JsonSerializable(typeof(ShipmentSent))]
[JsonSerializable(typeof(ShipmentReceived))]
[JsonSerializable(typeof(OutcomeDecided))]
[JsonSerializable(typeof(Overload))]
[JsonSerializable(typeof(Alert))]
[JsonSerializable(typeof(WorkOrderAction))]
[JsonSerializable(typeof(CaseAction))]
[JsonSerializable(typeof(CaseReopened))]
[JsonSerializable(typeof(WorkOrderRow))]
[JsonSerializable(typeof(CaseRow))]
[JsonSerializable(typeof(SessionOpened))]
[JsonSerializable(typeof(SessionSubscribed))]
[JsonSerializable(typeof(SessionAcknowledged))]
[JsonSerializable(typeof(SessionRow))]
[JsonSerializable(typeof(QueuedMessage))]
[JsonSerializable(typeof(TopicSubscription))]
[JsonSerializable(typeof(TopicSubscribed))]
[JsonSerializable(typeof(TopicUnsubscribed))]
[JsonSerializable(typeof(SubscriberEnded))]
[JsonSerializable(typeof(SubscriberMoved))]
[JsonSerializable(typeof(SessionLeft))]
[JsonSerializable(typeof(EntryRow))]
[JsonSerializable(typeof(EntrySpan))]
[JsonSerializable(typeof(DistanceAsked))]
[JsonSerializable(typeof(DistanceTold))]
[JsonSerializable(typeof(AuditEntry))]
[JsonSerializable(typeof(NoticeIssued))]
[JsonSerializable(typeof(NoticeAddressed))]
[JsonSerializable(typeof(NoticeAttempted))]
[JsonSerializable(typeof(NoticeAnswered))]
[JsonSerializable(typeof(NoticeWithdrawn))]
[JsonSerializable(typeof(NoticeChanged))]
[JsonSerializable(typeof(NoticeRow))]
[JsonSerializable(typeof(ResourceRow))]
[JsonSerializable(typeof(EntryJoined))]
[JsonSerializable(typeof(JoinedItem))]
[JsonSerializable(typeof(SceneDrafted))]
[JsonSerializable(typeof(SceneTested))]
[JsonSerializable(typeof(SceneTest))]
[JsonSerializable(typeof(SceneAction))]
[JsonSerializable(typeof(SceneRow))]
[JsonSerializable(typeof(ReportFiled))]
[JsonSerializable(typeof(ReportToPlace))]
[JsonSerializable(typeof(ReportJoined))]
[JsonSerializable(typeof(ReportChanged))]
[JsonSerializable(typeof(CaseSplit))]
[JsonSerializable(typeof(CaseMerge))]
[JsonSerializable(typeof(CaseMerged))]
[JsonSerializable(typeof(ReportsToTell))]
[JsonSerializable(typeof(ReportSplitOff))]
[JsonSerializable(typeof(MergeUndone))]
[JsonSerializable(typeof(ReportRow))]
[JsonSerializable(typeof(Reply))]
[JsonSerializable(typeof(ModelScore[]))]
[JsonSerializable(typeof(WarningGrouped))]
[JsonSerializable(typeof(WarningHandling))]
[JsonSerializable(typeof(WebhookRegistered))]
[JsonSerializable(typeof(WebhookAction))]
[JsonSerializable(typeof(WebhookMarked))]
[JsonSerializable(typeof(WebhookRow))]
[JsonSerializable(typeof(DeadLetter))]
[JsonSerializable(typeof(CaseText))]
[JsonSerializable(typeof(EraseText))]
[JsonSerializable(typeof(EvidenceRow))]
[JsonSerializable(typeof(EvidenceSealed))]
public sealed partial class GrainsJson : JsonSerializerContext
{
    /// <summary>Writer settings of everything persisted or shown: compact, and only what JSON itself demands is escaped.</summary>
    public static JsonWriterOptions WriterOptions { get; } = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, SkipValidation = true };
}
