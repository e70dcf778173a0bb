namespace Streaming.Ingest.Brokers;

/// <summary>Every bound of the subscriptions to outside brokers. Lengths are in bytes, times in milliseconds unless the name says otherwise.</summary>
internal static class BrokerLimits
{
    /// <summary>The file that names the brokers.</summary>
    public const int FileBytes = 1024 * 1024;

    /// <summary>Brokers in it.</summary>
    public const int Brokers = 32;

    /// <summary>Subscriptions of one broker.</summary>
    public const int Subscriptions = 256;

    /// <summary>A broker's name: it stands in metrics, in notes and in the name of the source that its quarantined messages are kept under.</summary>
    public const int NameCharacters = 32;

    /// <summary>A file that holds a password.</summary>
    public const int PasswordFileBytes = 4 * 1024;

    /// <summary>A message as a whole, announced as Maximum Packet Size. A broker throws away what is larger, so it is far above what a payload may have: what is merely too large is quarantined with a reason.</summary>
    public const int PacketBytes = 16 * 1024 * 1024;

    /// <summary>Messages that a broker may have sent and not seen acknowledged, where the configuration says nothing else. Announced as Receive Maximum.</summary>
    public const int ReceiveMaximum = 4096;

    /// <summary>The most that a configuration may ask for: packet identifiers have sixteen bits.</summary>
    public const int MostReceiveMaximum = 65_535;

    /// <summary>How long a broker keeps the session of a silo that is away, seconds, where the configuration says nothing else: a week.</summary>
    public const uint SessionExpirySeconds = 7 * 24 * 60 * 60;

    /// <summary>Keep alive, seconds: a broker that is cut off is noticed within one and a half of it.</summary>
    public const int KeepAliveSeconds = 30;

    /// <summary>Received and not yet appended. Past it nothing more is read from the broker: this is what a journal that is behind looks like to it.</summary>
    public const int BacklogBytes = 4 * 1024 * 1024;

    /// <summary>What a received message takes beside topic and payload, for the account of the backlog.</summary>
    public const int MessageOverheadBytes = 256;

    /// <summary>Appended batches that wait for the disk or for their acknowledgements to be sent.</summary>
    public const int BatchesInFlight = 64;

    /// <summary>Topics of which a connection remembers what they map to.</summary>
    public const int RememberedTopics = 4096;

    /// <summary>From the first byte to the answer to SUBSCRIBE.</summary>
    public const int ConnectTimeoutMs = 15_000;

    /// <summary>What a connection that is being ended gets to acknowledge what is durable.</summary>
    public const int CloseTimeoutMs = 5_000;

    /// <summary>Pause before the second attempt to connect; it doubles with each further one.</summary>
    public const int FirstPauseMs = 500;

    /// <summary>The longest pause between two attempts.</summary>
    public const int LongestPauseMs = 60_000;

    /// <summary>A connection that held for so long counts as a success: the next pause is the first again. One that is closed sooner, as by a broker that lets in and throws out, does not.</summary>
    public const int SteadyMs = 30_000;
}
