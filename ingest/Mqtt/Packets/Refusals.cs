namespace Streaming.Ingest.Mqtt.Packets;

/// <summary>What a refusal is on the wire, and what people are told.</summary>
internal static class Refusals
{
    /// <summary>Reason code of an MQTT 5 CONNACK, DISCONNECT, PUBACK or SUBACK.</summary>
    public static byte Code(this MqttRefusal refusal) => refusal switch
    {
        MqttRefusal.None => ReasonCode.Success,
        MqttRefusal.PacketTooLarge => ReasonCode.PacketTooLarge,
        MqttRefusal.PacketIdZero or MqttRefusal.PropertyNotAllowed or MqttRefusal.PropertyRepeated or MqttRefusal.PropertyOutOfRange
            or MqttRefusal.FirstPacketNotConnect or MqttRefusal.SecondConnect or MqttRefusal.PacketUnexpected or MqttRefusal.FiltersMissing
            or MqttRefusal.SubscriptionOptionsInvalid or MqttRefusal.ReasonCodeInvalid or MqttRefusal.SessionExpiryNotAllowed => ReasonCode.ProtocolError,
        MqttRefusal.TooManyProperties or MqttRefusal.PacketTimeout or MqttRefusal.SendTimeout or MqttRefusal.ConnectTimeout => ReasonCode.ImplementationSpecificError,
        MqttRefusal.ProtocolUnknown or MqttRefusal.VersionNotSupported => ReasonCode.UnsupportedProtocolVersion,
        MqttRefusal.ClientIdNotValid => ReasonCode.ClientIdentifierNotValid,
        MqttRefusal.AuthenticationMethodNotSupported => ReasonCode.BadAuthenticationMethod,
        MqttRefusal.CredentialsMissing or MqttRefusal.WillNotAllowed or MqttRefusal.NotAuthorized or MqttRefusal.CertificateDiffers => ReasonCode.NotAuthorized,
        MqttRefusal.CredentialsWrong => ReasonCode.BadUserNameOrPassword,
        MqttRefusal.ServerUnavailable => ReasonCode.ServerUnavailable,
        MqttRefusal.TooManyConnections or MqttRefusal.SignInsBusy => ReasonCode.ServerBusy,
        MqttRefusal.Disabled => ReasonCode.Banned,
        MqttRefusal.MessageRateTooHigh => ReasonCode.MessageRateTooHigh,
        MqttRefusal.KeepAliveTimeout => ReasonCode.KeepAliveTimeout,
        MqttRefusal.SessionTakenOver => ReasonCode.SessionTakenOver,
        MqttRefusal.ServerShuttingDown => ReasonCode.ServerShuttingDown,
        MqttRefusal.AdministrativeAction => ReasonCode.AdministrativeAction,
        MqttRefusal.TopicNameInvalid => ReasonCode.TopicNameInvalid,
        MqttRefusal.TopicAliasInvalid => ReasonCode.TopicAliasInvalid,
        MqttRefusal.TopicFilterInvalid => ReasonCode.TopicFilterInvalid,
        MqttRefusal.TooManySubscriptions or MqttRefusal.IntakeRefused or MqttRefusal.LockedOut or MqttRefusal.ByteRateTooHigh => ReasonCode.QuotaExceeded,
        MqttRefusal.SharedSubscriptionNotSupported => ReasonCode.SharedSubscriptionsNotSupported,
        MqttRefusal.ReceiveMaximumExceeded => ReasonCode.ReceiveMaximumExceeded,
        MqttRefusal.InternalError => ReasonCode.UnspecifiedError,
        _ => ReasonCode.MalformedPacket,
    };

    /// <summary>MQTT 3.1.1 section 3.2.2.3: return code of a CONNACK; null where the connection is closed without one.</summary>
    public static byte? ReturnCode311(this MqttRefusal refusal) => refusal switch
    {
        MqttRefusal.VersionNotSupported => 1,
        MqttRefusal.ClientIdNotValid => 2,
        MqttRefusal.ServerUnavailable or MqttRefusal.SignInsBusy => 3,
        MqttRefusal.CredentialsWrong => 4,
        MqttRefusal.CredentialsMissing or MqttRefusal.WillNotAllowed or MqttRefusal.NotAuthorized or MqttRefusal.CertificateDiffers or MqttRefusal.Disabled or MqttRefusal.LockedOut => 5,
        _ => null,
    };

    /// <summary>What was wrong and what was expected, for the MQTT 5 reason string. It never says which of user name and password was wrong.</summary>
    public static string Describe(this MqttRefusal refusal) => refusal switch
    {
        MqttRefusal.None => "",
        MqttRefusal.RemainingLengthMalformed => "Remaining Length takes more than four bytes.",
        MqttRefusal.PacketTooLarge => $"The packet is too large: {MqttLimits.PacketBytes} bytes are taken, {MqttLimits.ConnectBytes} for CONNECT. Split the array of readings.",
        MqttRefusal.Truncated => "A field reaches past the end of its packet.",
        MqttRefusal.TrailingBytes => "The packet goes on after its last field.",
        MqttRefusal.VariableIntegerMalformed => "A variable byte integer is longer than it may be.",
        MqttRefusal.TextNotUtf8 => "A text is not well-formed UTF-8.",
        MqttRefusal.TextHasNul => "A text contains U+0000.",
        MqttRefusal.FlagsReserved => "Reserved flags of the fixed header are set.",
        MqttRefusal.PacketIdZero => "The packet identifier is 0.",
        MqttRefusal.PropertyUnknown => "A property is not known to MQTT 5.0.",
        MqttRefusal.PropertyNotAllowed => "A property may not be in this packet.",
        MqttRefusal.PropertyRepeated => "A property is given twice.",
        MqttRefusal.PropertyOutOfRange => "A property's value is outside its range.",
        MqttRefusal.TooManyProperties => $"The packet has more than {MqttLimits.Properties} properties.",
        MqttRefusal.FirstPacketNotConnect => "The first packet is not CONNECT.",
        MqttRefusal.SecondConnect => "CONNECT came a second time.",
        MqttRefusal.PacketUnexpected => "A client does not send this packet here.",
        MqttRefusal.ProtocolUnknown => "The protocol name is not MQTT.",
        MqttRefusal.VersionNotSupported => "MQTT 3.1.1 and 5.0 are spoken here.",
        MqttRefusal.ConnectFlagsInvalid => "The CONNECT flags contradict one another.",
        MqttRefusal.ClientIdNotValid => $"The client identifier is missing or longer than {MqttLimits.ClientIdBytes} bytes.",
        MqttRefusal.AuthenticationMethodNotSupported => "Use user name and password.",
        MqttRefusal.CredentialsMissing => "User name and password are needed: a device's id and secret, or a token's name and the token.",
        MqttRefusal.CredentialsWrong => "User name or password is wrong.",
        MqttRefusal.WillNotAllowed => $"The will is on a topic that this user may not publish on, or, outside v1/, larger than {Grains.GrainLimits.WillBytes} bytes.",
        MqttRefusal.ServerUnavailable => "The server cannot look this up at present. Try again.",
        MqttRefusal.TooManyConnections => "The server has as many connections as it takes.",
        MqttRefusal.ConnectTimeout => "CONNECT did not come in time.",
        MqttRefusal.KeepAliveTimeout => "Nothing was received for one and a half times the keep alive.",
        MqttRefusal.PacketTimeout => "A packet was begun and not finished in time.",
        MqttRefusal.SendTimeout => "The client does not read what is sent to it.",
        MqttRefusal.SessionTakenOver => "The same user connected with the same client identifier.",
        MqttRefusal.ServerShuttingDown => "The server stops.",
        MqttRefusal.AdministrativeAction => "The connection was ended by an administrator.",
        MqttRefusal.QosInvalid => "QoS is 0, 1 or 2.",
        MqttRefusal.DupWithoutQos => "DUP is set on a QoS 0 publish.",
        MqttRefusal.TopicNameInvalid => $"A topic name has 1 to {MqttLimits.TopicBytes} bytes and no wildcard.",
        MqttRefusal.TopicAliasInvalid => $"A topic alias is 1 to {MqttLimits.TopicAliases} and is set before it is used.",
        MqttRefusal.TopicFilterInvalid => $"A topic filter has 1 to {MqttLimits.TopicBytes} bytes; + fills a level, # the last one.",
        MqttRefusal.FiltersMissing => "No topic filter is given.",
        MqttRefusal.TooManySubscriptions => $"A connection has at most {MqttLimits.Subscriptions} subscriptions, and a packet {MqttLimits.FiltersPerPacket} filters.",
        MqttRefusal.SubscriptionOptionsInvalid => "Subscription options have reserved bits or values.",
        MqttRefusal.SharedSubscriptionNotSupported => "A department's feed is not shared; subscribe to it without $share.",
        MqttRefusal.NotAuthorized => "This user may not do this on this topic.",
        MqttRefusal.ReceiveMaximumExceeded => $"More than {MqttLimits.PublishesInFlight} publishes are in flight; at QoS 2 one is until its PUBCOMP.",
        MqttRefusal.ReasonCodeInvalid => "The reason code may not be in this packet.",
        MqttRefusal.SessionExpiryNotAllowed => "A Session Expiry Interval was 0 in CONNECT and may not be raised in DISCONNECT.",
        MqttRefusal.IntakeRefused => "Readings cannot be taken at present; what was not acknowledged is to be sent again.",
        MqttRefusal.TlsHandshakeFailed => "This port speaks TLS 1.2 and 1.3.",
        MqttRefusal.WebSocketTextFrame => "MQTT over WebSocket takes binary frames only.",
        MqttRefusal.CertificateDiffers => "The certificate names another device than the user name, or not exactly one.",
        MqttRefusal.Disabled => "An administrator has cut this device off.",
        MqttRefusal.SignInsBusy => "Too many passwords are being checked. Try again in a few seconds.",
        MqttRefusal.LockedOut => "Too many wrong passwords from this address. Try again later.",
        MqttRefusal.MessageRateTooHigh => "More readings a second came for long than the device's registration allows.",
        MqttRefusal.ByteRateTooHigh => "More bytes a second came for long than the device's registration allows.",
        MqttRefusal.InternalError => "The server failed on this connection; its log says how.",
        _ => throw new ArgumentOutOfRangeException(nameof(refusal), refusal, "A refusal without a description."),
    };
}
