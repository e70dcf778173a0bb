using Streaming.Ingest.Mqtt.Packets;

namespace Streaming.Ingest.Mqtt;

/// <summary>Who the client is: by its certificate where that names a device, else by user name and password.</summary>
internal sealed partial class MqttConnection
{
    private static readonly Admission Nobody = new(null, null, null);

    /// <summary>Which of user name and password was wrong is logged, and not told.</summary>
    private async ValueTask<(MqttRefusal Refusal, string User, Admission Admission, string? Fault)> IdentifyAsync(ConnectPacket connect)
    {
        string user = connect.UserName ?? "";
        if (transport.Certificate is { } certificate && context.Access.AdmitByCertificate(certificate, user) is { } byCertificate)
        {
            named = byCertificate.Device?.Id ?? (user.Length > 0 ? user : null);
            return byCertificate.Device is { } device
                ? (device.Disabled == true ? MqttRefusal.Disabled : MqttRefusal.None, device.Id, byCertificate, device.Disabled == true ? $"User {device.Id} by its certificate" : null)
                : (MqttRefusal.CertificateDiffers, user, Nobody, $"User {user}: {byCertificate.Refusal}");
        }

        named = user.Length > 0 ? user : null;
        if (user.Length == 0 && context.Profile is { } profile)
        {
            return (MqttRefusal.None, profile.Anonymous.Name, new Admission(null, profile.Anonymous, null), null);
        }

        if (user.Length == 0 || connect.Password is null)
        {
            return (MqttRefusal.CredentialsMissing, user, Nobody, transport.Certificate is { } shown ? Unknown(shown) : null);
        }

        Admission admission;
        try
        {
            admission = await context.Access.AuthenticateAsync(user, connect.Password, transport.Remote?.Address, stopping.Token);
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            Log.AdmissionFailed(logger, user, transport.Address, e);
            return (MqttRefusal.ServerUnavailable, user, Nobody, null);
        }

        if (admission.Device is null && admission.Token is null)
        {
            MqttRefusal refusal = admission.Kind switch
            {
                AdmissionRefusal.Busy => MqttRefusal.SignInsBusy,
                AdmissionRefusal.LockedOut => MqttRefusal.LockedOut,
                _ => MqttRefusal.CredentialsWrong,
            };
            return (refusal, user, admission, $"User {user}: {admission.Refusal}");
        }

        return admission.Device is { Disabled: true } ? (MqttRefusal.Disabled, user, admission, $"User {user}") : (MqttRefusal.None, user, admission, null);
    }

    private static string Unknown(ClientCertificate shown) =>
        $"The certificate {shown.Fingerprint} lets nobody in: {(shown.InForce ? shown.Chains ? "it names no registered device" : "it is neither registered with a device nor issued by a known authority" : "it is not in force")}; and no user name with a password came.";
}
