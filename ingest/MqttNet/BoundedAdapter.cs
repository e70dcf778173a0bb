using System.Net;
using System.Security.Cryptography.X509Certificates;
using MQTTnet;
using MQTTnet.Adapter;
using MQTTnet.Diagnostics.Logger;
using MQTTnet.Diagnostics.PacketInspection;
using MQTTnet.Formatter;
using MQTTnet.Implementations;
using MQTTnet.Packets;
using Streaming.Ingest.Brokers;

namespace Streaming.Ingest.MqttNet;

/// <summary>
/// MQTTnet reads from the socket into a queue without a bound, and what is sent with QoS 0 is bounded by nothing else. So before each packet this waits until the intake has room: the rest waits in the socket and at the broker.
/// </summary>
internal sealed class BoundedAdapter(IMqttChannelAdapter inner, BrokerIntake intake) : IMqttChannelAdapter
{
    public long BytesReceived => inner.BytesReceived;

    public long BytesSent => inner.BytesSent;

    public X509Certificate2? ClientCertificate => inner.ClientCertificate;

    public EndPoint? RemoteEndPoint => inner.RemoteEndPoint;

    public EndPoint? LocalEndPoint => inner.LocalEndPoint;

    public bool IsSecureConnection => inner.IsSecureConnection;

    public MqttPacketFormatterAdapter PacketFormatterAdapter => inner.PacketFormatterAdapter;

    public Task ConnectAsync(CancellationToken cancellationToken) => inner.ConnectAsync(cancellationToken);

    public Task DisconnectAsync(CancellationToken cancellationToken) => inner.DisconnectAsync(cancellationToken);

    public async Task<MqttPacket> ReceivePacketAsync(CancellationToken cancellationToken)
    {
        await intake.WaitForRoomAsync().WaitAsync(cancellationToken);
        MqttPacket packet = await inner.ReceivePacketAsync(cancellationToken);
        if (packet is MqttPublishPacket publish)
        {
            intake.Announce(publish.Topic, publish.Payload.Length);
        }

        return packet;
    }

    public void ResetStatistics() => inner.ResetStatistics();

    public Task SendPacketAsync(MqttPacket packet, CancellationToken cancellationToken) => inner.SendPacketAsync(packet, cancellationToken);

    public void Dispose() => inner.Dispose();

    /// <summary>Makes them around what MQTTnet makes.</summary>
    public sealed class Factory(BrokerIntake intake) : IMqttClientAdapterFactory
    {
        private readonly MqttClientAdapterFactory inner = new();

        public IMqttChannelAdapter CreateClientAdapter(MqttClientOptions options, MqttPacketInspector packetInspector, IMqttNetLogger logger) =>
            new BoundedAdapter(inner.CreateClientAdapter(options, packetInspector, logger), intake);
    }
}
