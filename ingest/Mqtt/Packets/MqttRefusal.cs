namespace Streaming.Ingest.Mqtt.Packets;

/// <summary>Everything for which a packet or a connection is refused or ended. The name is what logs, metrics and the list of connections show.</summary>
internal enum MqttRefusal : byte
{
    /// <summary>Nothing is refused.</summary>
    None = 0,

    /// <summary>Remaining Length takes more than four bytes.</summary>
    RemainingLengthMalformed,

    /// <summary>The packet is larger than is taken.</summary>
    PacketTooLarge,

    /// <summary>A field reaches past the end of its packet.</summary>
    Truncated,

    /// <summary>The packet goes on after its last field.</summary>
    TrailingBytes,

    /// <summary>A variable byte integer of more than four bytes, or not in its shortest form.</summary>
    VariableIntegerMalformed,

    /// <summary>Text is not well-formed UTF-8.</summary>
    TextNotUtf8,

    /// <summary>Text contains U+0000.</summary>
    TextHasNul,

    /// <summary>Flags of the fixed header are not what the packet type demands.</summary>
    FlagsReserved,

    /// <summary>A packet identifier of 0.</summary>
    PacketIdZero,

    /// <summary>A property that MQTT 5.0 does not know.</summary>
    PropertyUnknown,

    /// <summary>A property that the packet may not have.</summary>
    PropertyNotAllowed,

    /// <summary>A property that may be there once is there twice.</summary>
    PropertyRepeated,

    /// <summary>A property's value is outside its range.</summary>
    PropertyOutOfRange,

    /// <summary>More properties than are taken.</summary>
    TooManyProperties,

    /// <summary>The first packet is not CONNECT.</summary>
    FirstPacketNotConnect,

    /// <summary>A second CONNECT.</summary>
    SecondConnect,

    /// <summary>A packet that a client does not send, or an acknowledgement that belongs to another QoS or step.</summary>
    PacketUnexpected,

    /// <summary>The protocol is not MQTT.</summary>
    ProtocolUnknown,

    /// <summary>An MQTT version other than 3.1.1 and 5.0.</summary>
    VersionNotSupported,

    /// <summary>CONNECT flags contradict one another or set the reserved bit.</summary>
    ConnectFlagsInvalid,

    /// <summary>The client identifier is too long, or missing where a session is to be kept.</summary>
    ClientIdNotValid,

    /// <summary>An MQTT 5 authentication method other than user name and password.</summary>
    AuthenticationMethodNotSupported,

    /// <summary>No user name or no password.</summary>
    CredentialsMissing,

    /// <summary>User name or password is wrong.</summary>
    CredentialsWrong,

    /// <summary>A token, which may not publish, brought a will.</summary>
    WillNotAllowed,

    /// <summary>Credentials or sessions cannot be looked up at present.</summary>
    ServerUnavailable,

    /// <summary>More connections than are taken.</summary>
    TooManyConnections,

    /// <summary>The handshake took too long.</summary>
    ConnectTimeout,

    /// <summary>Nothing was received for one and a half times the keep alive.</summary>
    KeepAliveTimeout,

    /// <summary>A packet was begun and not finished in time.</summary>
    PacketTimeout,

    /// <summary>The client does not take what is sent to it.</summary>
    SendTimeout,

    /// <summary>The same user connected with the same client identifier.</summary>
    SessionTakenOver,

    /// <summary>The server stops.</summary>
    ServerShuttingDown,

    /// <summary>An administrator, or a change of the registration, ended the connection.</summary>
    AdministrativeAction,

    /// <summary>QoS 3.</summary>
    QosInvalid,

    /// <summary>DUP set on a QoS 0 publish.</summary>
    DupWithoutQos,

    /// <summary>A topic name that is empty, too long or has wildcards.</summary>
    TopicNameInvalid,

    /// <summary>A topic alias that is 0, above the maximum, or unknown.</summary>
    TopicAliasInvalid,

    /// <summary>A topic filter that is empty, too long or misuses wildcards.</summary>
    TopicFilterInvalid,

    /// <summary>SUBSCRIBE or UNSUBSCRIBE without a filter.</summary>
    FiltersMissing,

    /// <summary>More filters or subscriptions than are taken.</summary>
    TooManySubscriptions,

    /// <summary>Subscription options with reserved bits or values.</summary>
    SubscriptionOptionsInvalid,

    /// <summary>A shared subscription to a feed.</summary>
    SharedSubscriptionNotSupported,

    /// <summary>A topic that this user may not publish on or subscribe to.</summary>
    NotAuthorized,

    /// <summary>More publishes in flight than Receive Maximum allows.</summary>
    ReceiveMaximumExceeded,

    /// <summary>A reason code that the packet may not have.</summary>
    ReasonCodeInvalid,

    /// <summary>DISCONNECT asks for a session that CONNECT did not.</summary>
    SessionExpiryNotAllowed,

    /// <summary>The journal takes nothing at present.</summary>
    IntakeRefused,

    /// <summary>A fault of ours; the log has it.</summary>
    InternalError,

    /// <summary>The peer at the encrypted door does not speak TLS, or none that is spoken here.</summary>
    TlsHandshakeFailed,

    /// <summary>A WebSocket frame was text; MQTT is binary.</summary>
    WebSocketTextFrame,

    /// <summary>The client's certificate names somebody else than its user name, or not exactly one device.</summary>
    CertificateDiffers,

    /// <summary>An administrator has cut the device off.</summary>
    Disabled,

    /// <summary>Too many passwords are being checked.</summary>
    SignInsBusy,

    /// <summary>Too many wrong passwords; none is looked at for a while.</summary>
    LockedOut,

    /// <summary>More readings a second than the device may send, for long.</summary>
    MessageRateTooHigh,

    /// <summary>More bytes a second than the device may send, for long.</summary>
    ByteRateTooHigh,
}
