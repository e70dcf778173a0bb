using System.Buffers;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using MQTTnet;
using MQTTnet.Formatter;
using MQTTnet.Protocol;
using Streaming.Ingest.Brokers;

namespace Streaming.Ingest.MqttNet;

/// <summary>
/// One connection to a broker, from CONNECT to its end. The client is made anew for each: an acknowledgement that comes too late goes to the connection that it belongs to, which is gone, and never names a packet of the next.
/// </summary>
internal sealed class BrokerConnection(BrokerOptions broker, BrokerIntake intake, TimeProvider time)
{
    private static readonly MqttClientFactory Clients = new();

    /// <summary>Connects, subscribes, and takes what comes until the connection ends.</summary>
    /// <param name="subscribed">Called once the broker has granted everything; whether it still had the session.</param>
    /// <param name="stopping">Ends it in order: what is durable is acknowledged, and the broker keeps the session.</param>
    /// <returns>Why it ended.</returns>
    public async Task<string> RunAsync(Action<bool> subscribed, CancellationToken stopping)
    {
        TaskCompletionSource<string> ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
        using IMqttClient client = Clients.CreateMqttClient(new BoundedAdapter.Factory(intake));
        client.ApplicationMessageReceivedAsync += arrival =>
        {
            Take(arrival);
            return Task.CompletedTask;
        };
        client.DisconnectedAsync += disconnected =>
        {
            ended.TrySetResult(ReasonOf(disconnected));
            return Task.CompletedTask;
        };
        using CancellationTokenSource patience = new(TimeSpan.FromMilliseconds(BrokerLimits.ConnectTimeoutMs), time);
        bool opened = false;
        try
        {
            using CancellationTokenSource either = CancellationTokenSource.CreateLinkedTokenSource(patience.Token, stopping);
            (string? refusal, bool hadSession) = await OpenAsync(client, either.Token);
            if (refusal is not null)
            {
                return refusal;
            }

            opened = true;
            subscribed(hadSession);
            TaskCompletionSource stop = new(TaskCreationOptions.RunContinuationsAsynchronously);
            await using CancellationTokenRegistration registration = stopping.Register(stop.SetResult);
            await Task.WhenAny(ended.Task, intake.Failed, stop.Task);
            if (stop.Task.IsCompleted)
            {
                await intake.FinishAsync();
            }

            return intake.Failed.IsCompleted ? await intake.Failed : ended.Task.IsCompleted ? await ended.Task : "stopped";
        }
        catch (Exception) when (!opened && patience.IsCancellationRequested)
        {
            return $"no answer within {BrokerLimits.ConnectTimeoutMs / 1000} s";
        }
        catch (Exception failure)
        {
            // Whatever the library, the system or a certificate has against it is a reason to try again later, and is said.
            return Innermost(failure);
        }
        finally
        {
            await CloseAsync(client);
        }
    }

    /// <summary>Ends the connection with DISCONNECT where it can. Session Expiry is left as it was at CONNECT, so the broker keeps the session.</summary>
    private static async Task CloseAsync(IMqttClient client)
    {
        if (client.IsConnected)
        {
            await client.DisconnectAsync(new MqttClientDisconnectOptions()).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private async Task<(string? Refusal, bool HadSession)> OpenAsync(IMqttClient client, CancellationToken cancellation)
    {
        MqttClientConnectResult connected = await client.ConnectAsync(OptionsOf(), cancellation);
        if (connected.ResultCode != MqttClientConnectResultCode.Success)
        {
            return (Said($"the broker refuses the connection: {connected.ResultCode}", connected.ReasonString), false);
        }

        MqttClientSubscribeOptionsBuilder wanted = Clients.CreateSubscribeOptionsBuilder();
        foreach (string filter in BrokerTopics.FiltersOf(broker))
        {
            wanted.WithTopicFilter(each =>
            {
                each.WithTopic(filter).WithAtLeastOnceQoS();
                if (broker.IsVersion5)
                {
                    // A retained message is given once, and not with every reconnect.
                    each.WithRetainHandling(MqttRetainHandling.SendAtSubscribeIfNewSubscriptionOnly);
                }
            });
        }

        MqttClientSubscribeResult answer = await client.SubscribeAsync(wanted.Build(), cancellation);
        foreach (MqttClientSubscribeResultItem item in answer.Items)
        {
            if (item.ResultCode != MqttClientSubscribeResultCode.GrantedQoS1)
            {
                string problem = item.ResultCode == MqttClientSubscribeResultCode.GrantedQoS0 ? "with QoS 0 only, which may lose messages" : $"not: {item.ResultCode}";
                return (Said($"the broker grants {item.TopicFilter.Topic} {problem}", answer.ReasonString), false);
            }
        }

        return (null, connected.IsSessionPresent);
    }

    private MqttClientOptions OptionsOf()
    {
        MqttClientOptionsBuilder options = Clients.CreateClientOptionsBuilder()
            .WithTcpServer(broker.Host, broker.PortInForce)
            .WithProtocolVersion(broker.IsVersion5 ? MqttProtocolVersion.V500 : MqttProtocolVersion.V311)
            .WithClientId(broker.ClientId)
            .WithCleanSession(false)
            .WithKeepAlivePeriod(TimeSpan.FromSeconds(BrokerLimits.KeepAliveSeconds))
            .WithTimeout(TimeSpan.FromMilliseconds(BrokerLimits.ConnectTimeoutMs));
        if (broker.IsVersion5)
        {
            options.WithSessionExpiryInterval(broker.SessionExpirySeconds).WithReceiveMaximum((ushort)broker.ReceiveMaximum).WithMaximumPacketSize(BrokerLimits.PacketBytes);
        }

        if (broker.User is not null)
        {
            options.WithCredentials(broker.User, PasswordOf(broker));
        }

        if (broker.Tls is { } tls)
        {
            options.WithTlsOptions(wanted => Secure(wanted, tls));
        }

        return options.Build();
    }

    /// <exception cref="IOException">The file cannot be read.</exception>
    private static byte[]? PasswordOf(BrokerOptions broker)
    {
        if (broker.PasswordFile is not { } path)
        {
            return broker.Password is null ? null : Encoding.UTF8.GetBytes(broker.Password);
        }

        if (new FileInfo(path).Length > BrokerLimits.PasswordFileBytes)
        {
            throw new IOException($"{path} is larger than {BrokerLimits.PasswordFileBytes} bytes; a password alone was expected.");
        }

        // Editors and echo end a file with a line's end, which is no part of the password.
        return Encoding.UTF8.GetBytes(File.ReadAllText(path).TrimEnd('\r', '\n'));
    }

    /// <summary>The broker's certificate is checked always: against the authorities given, or else those of the machine. Revocation lists are not fetched: most plants' networks do not reach them.</summary>
    private static void Secure(MqttClientTlsOptionsBuilder options, BrokerTls tls)
    {
        options.UseTls().WithRevocationMode(X509RevocationMode.NoCheck);
        if (tls.ServerName is not null)
        {
            options.WithTargetHost(tls.ServerName);
        }

        if (tls.CaFile is not null)
        {
            X509Certificate2Collection authorities = [];
            authorities.ImportFromPemFile(tls.CaFile);
            options.WithTrustChain(authorities);
        }

        if (tls.CertificateFile is not null)
        {
            options.WithClientCertificates([X509Certificate2.CreateFromPemFile(tls.CertificateFile, tls.KeyFile)]);
        }
    }

    private void Take(MqttApplicationMessageReceivedEventArgs arrival)
    {
        arrival.AutoAcknowledge = false;
        MqttApplicationMessage message = arrival.ApplicationMessage;
        ReadOnlySequence<byte> payload = message.Payload;
        bool isAcknowledged = message.QualityOfServiceLevel != MqttQualityOfServiceLevel.AtMostOnce;
        intake.Take(message.Topic, payload.IsSingleSegment ? payload.FirstSpan : payload.ToArray(), isAcknowledged ? arrival.AcknowledgeAsync : null);
    }

    private static string ReasonOf(MqttClientDisconnectedEventArgs disconnected) =>
        disconnected.Exception is { } failure ? Innermost(failure)
        : disconnected.Reason == MqttClientDisconnectReason.NormalDisconnection ? "the broker closed the connection"
        : Said($"the broker ended the connection: {disconnected.Reason}", disconnected.ReasonString);

    private static string Said(string what, string? reason) => string.IsNullOrEmpty(reason) ? what : $"{what} ({reason})";

    private static string Innermost(Exception failure)
    {
        while (failure.InnerException is { } inner)
        {
            failure = inner;
        }

        return failure.Message;
    }
}
