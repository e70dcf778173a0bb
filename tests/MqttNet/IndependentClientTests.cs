using System.Buffers;
using System.Text;
using System.Threading.Channels;
using MQTTnet;
using MQTTnet.Exceptions;
using MQTTnet.Formatter;
using MQTTnet.Protocol;
using Streaming.Grains.Inputs;
using Streaming.Tests.Mqtt;
using Streaming.Tests.Support;
using Xunit;

namespace Streaming.Tests.MqttNet;

/// <summary>MQTTnet as a client of our own endpoint: written by others, against the specification and not against this code.</summary>
public sealed class IndependentClientTests
{
    private const string Alerts = "v1/departments/transport/+/alerts";

    private static readonly MqttClientFactory Clients = new();

    public static TheoryData<MqttProtocolVersion> Versions => [MqttProtocolVersion.V311, MqttProtocolVersion.V500];

    [Theory]
    [MemberData(nameof(Versions))]
    public async Task It_connects_and_publishes_with_QoS_0_and_1(MqttProtocolVersion version)
    {
        await using EndpointUnderTest test = await EndpointUnderTest.StartAsync();
        using IMqttClient client = Clients.CreateMqttClient();
        MqttClientConnectResult connected = await client.ConnectAsync(Options(test, "S07", "p", version).Build());
        Assert.Equal(MqttClientConnectResultCode.Success, connected.ResultCode);
        Assert.False(connected.IsSessionPresent);
        MqttClientPublishResult once = await client.PublishAsync(Message(MqttQualityOfServiceLevel.AtLeastOnce, 1));
        Assert.True(once.IsSuccess);
        Assert.Equal(MqttClientPublishReasonCode.Success, once.ReasonCode);
        await client.PublishAsync(Message(MqttQualityOfServiceLevel.AtMostOnce, 2));
        Assert.Equal([1, 1], (await test.Intake.WaitForAsync(2)).Select(each => each.Readings));
        await client.PingAsync();
        await client.DisconnectAsync();
        await EndpointUnderTest.UntilAsync(() => test.Endpoint.Connections.Count == 0);
    }

    [Theory]
    [MemberData(nameof(Versions))]
    public async Task Many_are_on_their_way_at_once_and_each_is_acknowledged(MqttProtocolVersion version)
    {
        await using EndpointUnderTest test = await EndpointUnderTest.StartAsync();
        using IMqttClient client = Clients.CreateMqttClient();
        await client.ConnectAsync(Options(test, "S07", "p", version).Build());
        MqttClientPublishResult[] results = await Task.WhenAll(Enumerable.Range(0, 2000).Select(i => client.PublishAsync(Message(MqttQualityOfServiceLevel.AtLeastOnce, i)))).WaitAsync(Waits.Longest);
        Assert.All(results, result => Assert.True(result.IsSuccess));
        Assert.Equal(2000, test.Intake.Arrived.Sum(each => each.Readings));
    }

    [Fact]
    public async Task It_is_told_the_limits_of_the_endpoint()
    {
        await using EndpointUnderTest test = await EndpointUnderTest.StartAsync();
        using IMqttClient client = Clients.CreateMqttClient();
        MqttClientConnectResult connected = await client.ConnectAsync(Options(test, "S07", "p", MqttProtocolVersion.V500).WithClientId("").Build());
        Assert.NotEmpty(connected.AssignedClientIdentifier);
        Assert.Equal((uint)Ingest.Mqtt.MqttLimits.PacketBytes, connected.MaximumPacketSize);
        Assert.Equal((ushort)Ingest.Mqtt.MqttLimits.PublishesInFlight, connected.ReceiveMaximum);
        Assert.Equal((ushort)Ingest.Mqtt.MqttLimits.TopicAliases, connected.TopicAliasMaximum);
    }

    [Fact]
    public async Task What_is_quarantined_or_not_its_own_gets_a_reason_code_with_a_text()
    {
        await using EndpointUnderTest test = await EndpointUnderTest.StartAsync();
        using IMqttClient client = Clients.CreateMqttClient();
        await client.ConnectAsync(Options(test, "S07", "p", MqttProtocolVersion.V500).WithRequestProblemInformation().Build());
        MqttClientPublishResult foreign = await client.PublishAsync(Message(MqttQualityOfServiceLevel.AtLeastOnce, 1, "v1/wim/S08/2"));
        Assert.Equal(MqttClientPublishReasonCode.NotAuthorized, foreign.ReasonCode);
        Assert.Contains("does not allow this topic", foreign.ReasonString, StringComparison.Ordinal);
        MqttClientPublishResult nothing = await client.PublishAsync(new MqttApplicationMessageBuilder().WithTopic("v1/wim/S07/2").WithPayload("hello").WithQualityOfServiceLevel(MqttQualityOfServiceLevel.AtLeastOnce).Build());
        Assert.Equal(MqttClientPublishReasonCode.PayloadFormatInvalid, nothing.ReasonCode);
        Assert.Equal([RejectReason.TopicNotAllowed, RejectReason.Malformed], test.Intake.Arrived.Select(each => each.Rejection));
        Assert.True((await client.PublishAsync(Message(MqttQualityOfServiceLevel.AtLeastOnce, 2))).IsSuccess);
    }

    [Theory]
    [MemberData(nameof(Versions))]
    public async Task A_wrong_password_is_refused_with_its_code(MqttProtocolVersion version)
    {
        await using EndpointUnderTest test = await EndpointUnderTest.StartAsync();
        using IMqttClient client = Clients.CreateMqttClient();
        MqttClientConnectResult refused = await client.ConnectAsync(Options(test, "S07", "wrong", version).Build());
        Assert.Equal(MqttClientConnectResultCode.BadUserNameOrPassword, refused.ResultCode);
        Assert.False(client.IsConnected);
        await Assert.ThrowsAsync<MqttClientNotConnectedException>(() => client.PublishAsync(Message(MqttQualityOfServiceLevel.AtLeastOnce, 1)));
    }

    [Theory]
    [MemberData(nameof(Versions))]
    public async Task A_department_is_sent_its_alerts_and_after_an_absence_what_it_missed(MqttProtocolVersion version)
    {
        await using EndpointUnderTest test = await EndpointUnderTest.StartAsync();
        using (IMqttClient client = Clients.CreateMqttClient())
        {
            ChannelReader<string> alerts = Received(client);
            await client.ConnectAsync(Lasting(test, version).Build());
            MqttClientSubscribeResult granted = await client.SubscribeAsync(Alerts, MqttQualityOfServiceLevel.AtLeastOnce);
            Assert.Equal(MqttClientSubscribeResultCode.GrantedQoS1, Assert.Single(granted.Items).ResultCode);
            test.Feeds.Add("transport/*", "harbour", "\"一\"");
            test.Feeds.Add("transport/*", "harbour", "\"二\"");
            Assert.Equal("v1/departments/transport/harbour/alerts \"一\"", await NextAsync(alerts));
            Assert.Equal("v1/departments/transport/harbour/alerts \"二\"", await NextAsync(alerts));
            await client.DisconnectAsync();
        }

        await EndpointUnderTest.UntilAsync(() => test.Endpoint.Connections.Count == 0);
        test.Feeds.Add("transport/*", "harbour", "\"三\"");
        using IMqttClient again = Clients.CreateMqttClient();
        ChannelReader<string> rest = Received(again);
        MqttClientConnectResult resumed = await again.ConnectAsync(Lasting(test, version).Build());
        Assert.True(resumed.IsSessionPresent);

        // An acknowledgement that was under way at the end may come too late, and then the alert comes once more; none is left out.
        string next;
        do
        {
            next = await NextAsync(rest);
        }
        while (next.EndsWith("\"二\"", StringComparison.Ordinal));
        Assert.Equal("v1/departments/transport/harbour/alerts \"三\"", next);
    }

    [Fact]
    public async Task A_filter_that_a_token_may_not_see_is_refused_in_the_SUBACK()
    {
        await using EndpointUnderTest test = await EndpointUnderTest.StartAsync();
        using IMqttClient client = Clients.CreateMqttClient();
        await client.ConnectAsync(Options(test, "t2", "t", MqttProtocolVersion.V500).Build());
        MqttClientSubscribeResult answer = await client.SubscribeAsync("v1/departments/police/+/alerts", MqttQualityOfServiceLevel.AtLeastOnce);
        Assert.Equal(MqttClientSubscribeResultCode.NotAuthorized, Assert.Single(answer.Items).ResultCode);
    }

    private static MqttClientOptionsBuilder Options(EndpointUnderTest test, string user, string password, MqttProtocolVersion version) => Clients.CreateClientOptionsBuilder()
        .WithTcpServer("127.0.0.1", test.Port).WithProtocolVersion(version).WithClientId($"client-{user}").WithCredentials(user, password).WithTimeout(Waits.Longest);

    /// <summary>Of a department's client whose session outlives its connection.</summary>
    private static MqttClientOptionsBuilder Lasting(EndpointUnderTest test, MqttProtocolVersion version)
    {
        MqttClientOptionsBuilder options = Options(test, "t1", "t", version).WithCleanSession(false);
        return version == MqttProtocolVersion.V500 ? options.WithSessionExpiryInterval(3600) : options;
    }

    private static MqttApplicationMessage Message(MqttQualityOfServiceLevel qos, int number, string topic = "v1/wim/S07/2") =>
        new MqttApplicationMessageBuilder().WithTopic(topic).WithPayload(EndpointUnderTest.Weighing(number)).WithQualityOfServiceLevel(qos).Build();

    private static ChannelReader<string> Received(IMqttClient client)
    {
        Channel<string> received = Channel.CreateBounded<string>(100);
        client.ApplicationMessageReceivedAsync += async arrival =>
            await received.Writer.WriteAsync($"{arrival.ApplicationMessage.Topic} {Encoding.UTF8.GetString(arrival.ApplicationMessage.Payload.ToArray())}");
        return received.Reader;
    }

    private static Task<string> NextAsync(ChannelReader<string> received) => received.ReadAsync().AsTask().WaitAsync(Waits.Longest);
}
