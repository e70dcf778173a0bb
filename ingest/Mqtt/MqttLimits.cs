using Streaming.Grains;

namespace Streaming.Ingest.Mqtt;

/// <summary>Every bound of the MQTT endpoint, in one place. Lengths are in bytes, times in milliseconds.</summary>
internal static class MqttLimits
{
    /// <summary>What a PUBLISH may have around its payload: fixed header, topic, packet identifier, properties.</summary>
    public const int PublishOverheadBytes = 16 * 1024;

    /// <summary>A whole packet, the fixed header included. Announced as Maximum Packet Size.</summary>
    public const int PacketBytes = IngestLimits.PayloadBytes + PublishOverheadBytes;

    /// <summary>A CONNECT with its will. Nobody is known yet, so it is far below <see cref="PacketBytes"/>.</summary>
    public const int ConnectBytes = 64 * 1024;

    /// <summary>A topic name or filter.</summary>
    public const int TopicBytes = 1024;

    /// <summary>A client identifier. The specification asks for 23 at least.</summary>
    public const int ClientIdBytes = 128;

    /// <summary>A user name: a device id or the name of a token.</summary>
    public const int UserNameBytes = 128;

    /// <summary>A password: generated secrets are 43 characters.</summary>
    public const int PasswordBytes = 1024;

    /// <summary>Properties of one packet.</summary>
    public const int Properties = 64;

    /// <summary>A reason string that is sent; longer ones are cut.</summary>
    public const int ReasonStringBytes = 256;

    /// <summary>
    /// QoS 1 publishes of one connection that may be unacknowledged, and QoS 2 publishes that may be without PUBCOMP; announced as Receive Maximum. A group commit should find thousands to commit, and a session
    /// keeps each QoS 2 identifier that is in use, in 8 KiB at most. Also the most acknowledgements of any kind that may wait for the journal before the connection is read on.
    /// </summary>
    public const int PublishesInFlight = GrainLimits.PublishesTaken;

    /// <summary>Topic aliases that one client may set. Announced as Topic Alias Maximum.</summary>
    public const int TopicAliases = 32;

    /// <summary>Topic aliases that we set for one client; a smaller Topic Alias Maximum of the client comes first. A department's alerts have one topic a district.</summary>
    public const int TopicAliasesSent = 32;

    /// <summary>The longest that a session outlives its connection, seconds: 30 days. A longer Session Expiry Interval is cut to it, and a 3.1.1 session that is not clean gets it.</summary>
    public const uint SessionExpirySeconds = 30 * 24 * 3600;

    /// <summary>Topics of which one connection remembers whether they are allowed. A power of two.</summary>
    public const int RememberedTopics = 16;

    /// <summary>Journal records are appended once this much has gathered; a single larger record goes alone.</summary>
    public const int BatchBytes = 256 * 1024;

    /// <summary>A batch buffer that has grown past this is dropped instead of kept for reuse.</summary>
    public const int PooledBatchBytes = 1024 * 1024;

    /// <summary>Batch buffers kept for reuse by all connections together.</summary>
    public const int PooledBatches = 64;

    /// <summary>First receive buffer of a connection that has been idle.</summary>
    public const int NarrowReceiveBytes = 4 * 1024;

    /// <summary>Receive buffer of a connection that fills the narrow one.</summary>
    public const int WideReceiveBytes = 64 * 1024;

    /// <summary>Packets larger than <see cref="WideReceiveBytes"/> that all connections together may be receiving; others wait to be read.</summary>
    public const int LargePacketsAtOnce = 64;

    /// <summary>Filters in one SUBSCRIBE or UNSUBSCRIBE.</summary>
    public const int FiltersPerPacket = 64;

    /// <summary>Subscriptions of one connection.</summary>
    public const int Subscriptions = 32;

    /// <summary>Alerts sent to one client and not yet acknowledged; a smaller Receive Maximum of the client comes first.</summary>
    public const int DeliveriesInFlight = GrainLimits.DeliveriesInFlight;

    /// <summary>Feed items read at once.</summary>
    public const int FeedItemsPerRead = 64;

    /// <summary>Pause before a feed item is asked for again that was announced and not there.</summary>
    public const int FeedRetryMs = 100;

    /// <summary>Deliveries are sent once this much has gathered.</summary>
    public const int DeliveryBytes = 64 * 1024;

    /// <summary>Pause before what is about to be sent is marked once more, after the journal has refused it: nothing is sent that a restart would not know of.</summary>
    public const int MarkRetryMs = 1000;

    /// <summary>Acknowledged deliveries after which that is stored without waiting for the next tick.</summary>
    public const int AcknowledgementsPerStore = 50;

    /// <summary>Persistent sessions that wait, disconnected, for their expiry. Beyond it a session simply lives longer.</summary>
    public const int SessionsAwaitingExpiry = 100_000;

    /// <summary>Sessions that are told at once, at the start, that their clients have gone.</summary>
    public const int SessionsLeftAtOnce = 256;

    /// <summary>Refusals of connections that are kept for people to look at.</summary>
    public const int RefusalsRemembered = 128;

    /// <summary>Keep alive that is imposed on an MQTT 5 client that asks for none or a longer one, seconds.</summary>
    public const int KeepAliveSeconds = 1800;

    /// <summary>How often time limits are looked at.</summary>
    public const int HeartbeatMs = 1000;

    /// <summary>From the connection's acceptance to the end of the handshake.</summary>
    public const int ConnectTimeoutMs = 10_000;

    /// <summary>From the first byte of a packet to its last.</summary>
    public const int PacketTimeoutMs = 30_000;

    /// <summary>A send that the peer does not take.</summary>
    public const int SendTimeoutMs = 30_000;

    /// <summary>From the decision to close to the socket's end: acknowledgements, DISCONNECT, and the peer's own close. It begins again with whatever the peer still sends.</summary>
    public const int CloseTimeoutMs = 5_000;

    /// <summary>How long a peer may go on sending so: a slow one works through thousands of acknowledgements before it comes to the DISCONNECT behind them.</summary>
    public const int LingerMs = 30_000;

    /// <summary>Bytes still read, and thrown away, so that the peer sees why it is disconnected.</summary>
    public const int LingerBytes = 4 * 1024 * 1024;

    /// <summary>Pause after the system refused to accept (out of file handles).</summary>
    public const int AcceptPauseMs = 100;

    /// <summary>Connections that the system queues for acceptance.</summary>
    public const int Backlog = 1024;

    /// <summary>TLS handshakes that compute at the same time; half the processors, so that readings keep theirs.</summary>
    public static readonly int TlsHandshakesAtOnce = Math.Max(1, Environment.ProcessorCount / 2);

    /// <summary>A file with certificates or a key.</summary>
    public const int CertificateFileBytes = 1024 * 1024;

    /// <summary>How often the files of the certificate are looked at.</summary>
    public const int CertificateCheckMs = 5_000;

    /// <summary>Days before its end from which the server speaks of its certificate.</summary>
    public const int CertificateWarningDays = 14;

    /// <summary>Names of a client's certificate that are looked at.</summary>
    public const int CertificateNames = 32;

    /// <summary>What is received of a WebSocket at once.</summary>
    public const int WebSocketReceiveBytes = 16 * 1024;

    /// <summary>Readings a second that a device may send for long where its registration does not say; hundreds of times what the busiest station weighs.</summary>
    public const int ReadingsPerSecond = 5_000;

    /// <summary>Bytes a second that a device may send for long where its registration does not say.</summary>
    public const int BytesPerSecond = 8 * 1024 * 1024;

    /// <summary>What may come at once, as so many seconds of the rate.</summary>
    public const int BurstSeconds = 30;

    /// <summary>How long a device may press against its rate before it is disconnected.</summary>
    public const int FloodMs = 5 * 60_000;

    /// <summary>The longest wait before a connection that sends too fast is looked at again.</summary>
    public const int PauseMs = 1_000;

    /// <summary>Over how long the rates that people see are smoothed.</summary>
    public const int RateSmoothingMs = 10_000;

    /// <summary>Users of whom rate and last refusal are remembered.</summary>
    public const int ClientsRemembered = 100_000;
}
