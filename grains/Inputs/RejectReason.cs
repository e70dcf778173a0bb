namespace Streaming.Grains.Inputs;

/// <summary>Why a payload, or one element of it, was quarantined. Persisted: numbers are never reused.</summary>
public enum RejectReason : byte
{
    /// <summary>Not UTF-8 JSON.</summary>
    Malformed = 1,

    /// <summary>JSON, but neither an object nor an array of objects.</summary>
    NotAReading = 2,

    /// <summary>A field that the kind of reading needs is absent.</summary>
    MissingField = 3,

    /// <summary>A field has another JSON type than it must have.</summary>
    WrongType = 4,

    /// <summary>A number or text outside its range.</summary>
    OutOfRange = 5,

    /// <summary>Fields contradict one another.</summary>
    Inconsistent = 6,

    /// <summary>The time does not parse, lies in the future, or lies before what is kept.</summary>
    BadTime = 7,

    /// <summary>One reading, or a payload that is not an array of readings, is too large; only its head is kept.</summary>
    TooLarge = 8,

    /// <summary>The device may not publish on this topic.</summary>
    TopicNotAllowed = 9,

    /// <summary>No such topic.</summary>
    UnknownTopic = 10,

    /// <summary>More readings in one payload than are taken.</summary>
    TooMany = 11,

    /// <summary>It came through a broker, and no device is registered under the name that the broker's topic gives.</summary>
    UnknownSource = 12,
}
