namespace Streaming.Grains.Turns;

/// <summary>The kinds of actor. Persisted: numbers are never reused.</summary>
public enum ActorKind : byte
{
    /// <summary>Plate and colour, as <c>粤H12345-yellow</c>; the plate alone where no colour is known.</summary>
    Vehicle = 1,

    /// <summary>Unified social credit code, or an id.</summary>
    Enterprise = 2,

    /// <summary>Address or parcel; for a camera without one, <c>camera:{id}</c>.</summary>
    Place = 3,

    /// <summary>A station, camera, feed or register: whatever publishes. Keeps its registration and its credentials.</summary>
    Source = 4,

    /// <summary>A district.</summary>
    Dispatcher = 5,

    /// <summary>A case id, <c>{district}-{number}</c>.</summary>
    Case = 6,

    /// <summary><c>{department}/{district}</c>; district <c>*</c> is the department's feed over the whole city.</summary>
    Department = 7,

    /// <summary>An MQTT client id behind its user, <c>{user}/{clientId}</c>.</summary>
    Session = 8,

    /// <summary>A bearer token's name.</summary>
    Token = 9,

    /// <summary>The topics of messages between clients: <c>city</c> has them, <c>relay-{number}</c> only hands messages on.</summary>
    Topics = 10,

    /// <summary>One entry of a register, <c>{register}/{key}</c>, as <c>vehicles/粤H12345-yellow</c>.</summary>
    Entry = 11,

    /// <summary>What one caller looked at and changed, by the name of its token.</summary>
    Audit = 12,

    /// <summary>A notice to the subject of a case, <c>{case}-n{number}</c>.</summary>
    Notice = 13,

    /// <summary>The id of a scene that a department drafted.</summary>
    Scene = 15,

    /// <summary>The id of a department's webhook.</summary>
    Webhook = 18,

    /// <summary>Something that a person or another system reported, by its id.</summary>
    Report = 17,
}

/// <summary>Names one actor.</summary>
/// <param name="Kind">What it is.</param>
/// <param name="Key">Its key, at most <see cref="GrainLimits.KeyBytes"/> bytes of UTF-8.</param>
public readonly record struct ActorId(ActorKind Kind, string Key)
{
    /// <summary>As shown in ids, logs and the API: <c>vehicle:粤H12345-yellow</c>.</summary>
    public override string ToString() => $"{Prefix(Kind)}:{Key}";

    public static string Prefix(ActorKind kind) => kind switch
    {
        ActorKind.Vehicle => "vehicle",
        ActorKind.Enterprise => "enterprise",
        ActorKind.Place => "place",
        ActorKind.Source => "source",
        ActorKind.Dispatcher => "dispatcher",
        ActorKind.Case => "case",
        ActorKind.Department => "department",
        ActorKind.Session => "session",
        ActorKind.Token => "token",
        ActorKind.Topics => "topics",
        ActorKind.Entry => "entry",
        ActorKind.Audit => "audit",
        ActorKind.Notice => "notice",
        ActorKind.Scene => "scene",
        ActorKind.Webhook => "webhook",
        ActorKind.Report => "report",
        _ => throw new InvalidDataException($"Unknown actor kind {(byte)kind}."),
    };
}
