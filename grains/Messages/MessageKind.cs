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

    /// <summary>Command to a session: <see cref="SessionSubscribed"/>.</summary>
    SubscribeSession = 40,

    /// <summary>Command to a session: <see cref="SessionAcknowledged"/>.</summary>
    AcknowledgeSession = 41,

    /// <summary>Command to a session: no body; a clean start forgets it.</summary>
    EndSession = 42,
}
