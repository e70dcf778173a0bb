namespace Streaming.Grains.Messages;

/// <summary>What a message to an actor is. Persisted: numbers are never reused.</summary>
public enum MessageKind : byte
{
    None = 0,

    /// <summary>A reading of the subject.</summary>
    Reading = 1,

    /// <summary>To the source, once per PUBLISH: how many readings it brought and how many were quarantined. Body: <see cref="Published"/> in binary.</summary>
    Published = 2,

    /// <summary>A reminder fell due. Body: its name, UTF-8.</summary>
    Reminded = 3,

    /// <summary>
    /// The host found that nothing happened to the actor for long: it is forgotten if it still finds so itself (<see cref="Turns.Actor.IsExpired"/>). No body. It never reaches <see cref="Turns.Actor.Handle"/>.
    /// </summary>
    Expire = 4,

    /// <summary>Command to a source: <see cref="SourceRegistration"/>.</summary>
    RegisterSource = 10,

    /// <summary>Command to a token: <see cref="TokenRegistration"/>.</summary>
    IssueToken = 11,

    /// <summary>Subject to dispatcher: <see cref="WarningChanged"/>, opened, updated or cleared.</summary>
    WarningChanged = 20,

    /// <summary>Dispatcher to case: <see cref="CaseOpened"/>.</summary>
    CaseOpened = 21,

    /// <summary>Dispatcher to an open case: <see cref="WarningChanged"/>.</summary>
    WarningJoined = 22,

    /// <summary>Case to dispatcher and subject: <see cref="CaseClosed"/>.</summary>
    CaseClosed = 23,

    /// <summary>Case to department: <see cref="Alert"/>, to be numbered and shown in its feed.</summary>
    AlertIssued = 30,

    /// <summary>Command to a case: <see cref="WorkOrderAction"/>.</summary>
    ActOnWorkOrder = 31,

    /// <summary>Command on a case that is closed (<see cref="CaseAction"/>).</summary>
    ActOnCase = 32,

    /// <summary>A case tells its dispatcher that it is open again (<see cref="Messages.CaseReopened"/>).</summary>
    CaseReopened = 33,

    /// <summary>Command to a session: <see cref="SessionSubscribed"/>.</summary>
    SubscribeSession = 40,

    /// <summary>Command to a session: <see cref="SessionAcknowledged"/>.</summary>
    AcknowledgeSession = 41,

    /// <summary>Command to a session: no body; a clean start forgets it.</summary>
    EndSession = 42,

    /// <summary>Command to a session: <see cref="SessionOpened"/>.</summary>
    OpenSession = 43,

    /// <summary>To a session, without an answer: <see cref="SessionMarks"/> in binary.</summary>
    MarkSession = 44,

    /// <summary>Command to a session: <see cref="SessionLeft"/>.</summary>
    LeaveSession = 45,

    /// <summary>Topics to a session: <see cref="Messaging.MessageDelivery"/> in binary.</summary>
    DeliverMessages = 46,

    /// <summary>Topics to a session: <see cref="TopicSubscription"/> that it now has.</summary>
    KeepSubscription = 47,

    /// <summary>Topics to a session: <see cref="TopicUnsubscribed"/> that it had.</summary>
    DropSubscription = 48,

    /// <summary>To topics, without an answer: <see cref="Messaging.PlainMessage"/> in binary.</summary>
    PublishMessage = 50,

    /// <summary>Command to topics: <see cref="TopicSubscribed"/>.</summary>
    SubscribeTopic = 51,

    /// <summary>Command to topics: <see cref="TopicUnsubscribed"/>.</summary>
    UnsubscribeTopic = 52,

    /// <summary>Session to topics: <see cref="SubscriberEnded"/>.</summary>
    ForgetSubscriber = 53,

    /// <summary>Topics to a relay: a message and the sessions that it is for, in binary.</summary>
    RelayMessage = 54,

    /// <summary>Session to topics: <see cref="SubscriberMoved"/>.</summary>
    MoveSubscriber = 55,

    /// <summary>Entry of a register to the subject that it is about: <see cref="EntryChanged"/>, in binary.</summary>
    EntryChanged = 60,

    /// <summary>To a source that was registered by a version without a catalogue: it shows its row and waits for its silence. No body.</summary>
    ShowResource = 61,

    /// <summary>Entry of a register to a source that speaks of it and asked for it: <see cref="EntryJoined"/>.</summary>
    EntryJoined = 62,

    /// <summary>Vehicle to the entry of a distance by road: <see cref="DistanceAsked"/>. One that is not registered does not answer.</summary>
    AskDistance = 65,

    /// <summary>Entry of a distance by road to the vehicle that asked: <see cref="DistanceTold"/>.</summary>
    DistanceTold = 66,

    /// <summary>Command to the audit of a caller: <see cref="AuditEntry"/>.</summary>
    RecordAudit = 70,

    /// <summary>Case to notice: <see cref="NoticeIssued"/>.</summary>
    IssueNotice = 80,

    /// <summary>Command to a notice: <see cref="NoticeAddressed"/>.</summary>
    AddressNotice = 81,

    /// <summary>Command to a notice: <see cref="NoticeAttempted"/>.</summary>
    AttemptNotice = 82,

    /// <summary>Command to a notice: no body; its link was opened.</summary>
    OpenNotice = 83,

    /// <summary>Command to a notice: <see cref="NoticeAnswered"/>.</summary>
    AnswerNotice = 84,

    /// <summary>Case to notice: <see cref="NoticeWithdrawn"/>.</summary>
    WithdrawNotice = 85,

    /// <summary>Notice to case: <see cref="NoticeChanged"/>.</summary>
    NoticeChanged = 86,

    /// <summary>Enterprise to the enterprise that it sent something to: <see cref="Messages.ShipmentSent"/>.</summary>
    ShipmentSent = 90,

    /// <summary>Enterprise to the enterprise that sent it something: <see cref="Messages.ShipmentReceived"/>.</summary>
    ShipmentReceived = 91,

    /// <summary>Case to an enterprise: <see cref="Messages.OutcomeDecided"/>, where a stage ends with an order to stop production.</summary>
    OutcomeDecided = 100,

    /// <summary>Vehicle to the entry of its waybill, or its own: <see cref="Messages.Overload"/>.</summary>
    OverloadFound = 101,

    /// <summary>Entry of a waybill or vehicle to the enterprise that loaded it, or whose it is: <see cref="Messages.Overload"/>.</summary>
    OverloadTraced = 102,

    /// <summary>Command to a scene: <see cref="SceneDrafted"/>.</summary>
    DraftScene = 110,

    /// <summary>Command to a scene: <see cref="SceneTested"/>.</summary>
    TestScene = 111,

    /// <summary>Command to a scene: <see cref="SceneAction"/>.</summary>
    ActOnScene = 112,

    /// <summary>Dispatcher to an open case: <see cref="Messages.WarningGrouped"/>.</summary>
    WarningGrouped = 130,

    /// <summary>Command to a dispatcher: silences were changed; it looks at what it holds back. No body.</summary>
    LookAtHeld = 131,

    /// <summary>Command to a webhook: <see cref="WebhookRegistered"/>.</summary>
    RegisterWebhook = 132,

    /// <summary>Command to a webhook: <see cref="WebhookAction"/>.</summary>
    ActOnWebhook = 133,

    /// <summary>Command to a webhook: <see cref="WebhookMarked"/>.</summary>
    MarkWebhook = 134,

    /// <summary>Command to a report: <see cref="ReportFiled"/>.</summary>
    FileReport = 120,

    /// <summary>Report to the dispatcher of its district: <see cref="ReportToPlace"/>.</summary>
    PlaceReport = 121,

    /// <summary>Dispatcher to an open case: <see cref="Messages.ReportJoined"/>.</summary>
    ReportJoined = 122,

    /// <summary>Dispatcher or case to a report: <see cref="Messages.ReportChanged"/>.</summary>
    ReportChanged = 123,

    /// <summary>Command to a case: <see cref="CaseSplit"/>.</summary>
    SplitCase = 124,

    /// <summary>Command to a case: <see cref="CaseMerge"/>.</summary>
    MergeCase = 125,

    /// <summary>Case to the case that it was merged into: <see cref="Messages.CaseMerged"/>.</summary>
    CaseMerged = 126,

    /// <summary>Case to itself: what its reports have to be told, some at a time. Body: <see cref="Messages.ReportsToTell"/>.</summary>
    TellReports = 127,

    /// <summary>Case, or dispatcher, to a report that was split off: <see cref="ReportSplitOff"/>.</summary>
    SplitOffReport = 128,

    /// <summary>Case to the case that was to be merged into it, and could not: <see cref="MergeUndone"/>.</summary>
    UndoMerge = 129,

    /// <summary>Command to a case: <see cref="Messages.EvidenceSealed"/>.</summary>
    SealEvidence = 150,

    /// <summary>Command to a case: <see cref="Messages.EraseText"/>.</summary>
    EraseText = 151,
}
