using Streaming.Ingest.Mqtt;
using Streaming.Ingest.Mqtt.Client;
using Streaming.Ingest.Mqtt.Packets;
using Streaming.Tests.Support;
using Xunit;

namespace Streaming.Tests.Mqtt;

public sealed class HandshakeTests
{
    [Theory]
    [InlineData(MqttVersion.V311)]
    [InlineData(MqttVersion.V5)]
    internal async Task A_device_and_a_token_are_admitted(MqttVersion version)
    {
        await using EndpointUnderTest test = await EndpointUnderTest.StartAsync();
        MqttPublisher device = await test.ConnectAsync("S07", version);
        MqttPublisher token = await test.ConnectAsync("t1", version);

        Assert.False(device.Accepted.SessionPresent);
        Assert.Equal(0, token.Accepted.Code);
        Assert.Equal(
            [("client-S07", "S07", version), ("client-t1", "t1", version)],
            test.Endpoint.Connections.OrderBy(each => each.User).Select(each => (each.ClientId!, each.User!, each.Version!.Value)));
    }

    [Theory]
    [InlineData(MqttVersion.V311, "S07", "wrong", 4)]
    [InlineData(MqttVersion.V311, "nobody", "p", 4)]
    [InlineData(MqttVersion.V311, null, "", 5)]
    [InlineData(MqttVersion.V5, "S07", "wrong", 0x86)]
    [InlineData(MqttVersion.V5, "nobody", "p", 0x86)]
    [InlineData(MqttVersion.V5, null, "", 0x87)]
    internal async Task Nobody_is_admitted_without_the_right_password(MqttVersion version, string? user, string password, byte code)
    {
        await using EndpointUnderTest test = await EndpointUnderTest.StartAsync();
        RawPeer peer = await test.OpenAsync();
        await peer.SendAsync(RawPeer.Connect(version, user, password));
        byte[] reply = await peer.ReadPacketAsync();

        Assert.Equal((0x20, 0, code), (reply[0], reply[2], reply[3]));
        Assert.Empty(await peer.ReadToEndAsync());
        await peer.DisposeAsync();
        Assert.Equal(1, test.RefusalsOf(user is null ? MqttRefusal.CredentialsMissing : MqttRefusal.CredentialsWrong));
    }

    [Fact]
    public async Task The_answer_does_not_say_whether_the_user_exists()
    {
        await using EndpointUnderTest test = await EndpointUnderTest.StartAsync();
        List<byte[]> answers = [];
        foreach (string user in new[] { "S07", "nobody" })
        {
            RawPeer peer = await test.OpenAsync();
            await peer.SendAsync(RawPeer.Connect(MqttVersion.V5, user, "wrong"));
            answers.Add(await peer.ReadToEndAsync());
        }

        Assert.NotEmpty(answers[0]);
        Assert.Equal(answers[0], answers[1]);
    }

    [Theory]
    [InlineData(MqttVersion.V311, 3)]
    [InlineData(MqttVersion.V5, 0x88)]
    internal async Task A_store_that_is_down_is_no_wrong_password(MqttVersion version, byte code)
    {
        await using EndpointUnderTest test = await EndpointUnderTest.StartAsync();
        test.Access.IsDown = true;
        RawPeer peer = await test.OpenAsync();
        await peer.SendAsync(RawPeer.Connect(version, "S07", "p"));

        Assert.Equal(code, (await peer.ReadPacketAsync())[3]);
    }

    [Fact]
    public async Task What_is_offered_is_announced_to_MQTT_5()
    {
        await using EndpointUnderTest test = await EndpointUnderTest.StartAsync();
        MqttPublisher device = await test.ConnectAsync("S07", options: new MqttPublisherOptions { SessionExpirySeconds = 60, KeepAliveSeconds = 0 });

        Assert.Equal(MqttLimits.PublishesInFlight, device.Accepted.ReceiveMaximum);
        Assert.Equal((uint)MqttLimits.PacketBytes, device.Accepted.MaximumPacketBytes);
        Assert.Null(device.Accepted.SessionExpirySeconds);
        Assert.Equal((ushort)MqttLimits.KeepAliveSeconds, device.Accepted.ServerKeepAliveSeconds);
        Assert.Null(device.Accepted.AssignedClientId);
    }

    [Theory]
    [InlineData("S07")]
    [InlineData("t1")]
    public async Task A_session_is_there_from_the_CONNACK_on_and_no_longer_than_is_kept(string user)
    {
        await using EndpointUnderTest test = await EndpointUnderTest.StartAsync();
        MqttPublisherOptions lasting = new() { CleanStart = false, SessionExpirySeconds = uint.MaxValue };
        MqttPublisher first = await test.ConnectAsync(user, options: lasting);
        MqttPublisher second = await test.ConnectAsync(user, options: lasting);
        MqttPublisher old = await test.ConnectAsync(user, MqttVersion.V311, options: lasting);

        Assert.False(first.Accepted.SessionPresent);
        Assert.Equal(MqttLimits.SessionExpirySeconds, first.Accepted.SessionExpirySeconds);
        Assert.True(second.Accepted.SessionPresent);
        Assert.True(old.Accepted.SessionPresent);
        Assert.Equal(MqttLimits.SessionExpirySeconds, test.Sessions[$"{user}/client-{user}"]!.ExpirySeconds);
        Assert.Single(test.Intake.Journal);
    }

    [Fact]
    public async Task A_client_without_an_identifier_is_given_one_of_its_own()
    {
        await using EndpointUnderTest test = await EndpointUnderTest.StartAsync();
        MqttPublisher first = await test.ConnectAsync("S07", clientId: "");
        MqttPublisher second = await test.ConnectAsync("S07", clientId: "");
        MqttPublisher old = await test.ConnectAsync("S07", MqttVersion.V311, "");

        Assert.NotNull(first.Accepted.AssignedClientId);
        Assert.NotEqual(first.Accepted.AssignedClientId, second.Accepted.AssignedClientId);
        Assert.Null(first.Failure);
        Assert.Null(old.Failure);
        Assert.Equal(3, test.Endpoint.Connections.Count);
    }

    [Fact]
    public async Task A_3_1_1_client_without_an_identifier_cannot_keep_a_session()
    {
        await using EndpointUnderTest test = await EndpointUnderTest.StartAsync();
        RawPeer peer = await test.OpenAsync();
        await peer.SendAsync(RawPeer.Connect(MqttVersion.V311, "t1", "t", clientId: "", clean: false));

        Assert.Equal([0x20, 2, 0, 2], await peer.ReadPacketAsync());
    }

    [Theory]
    [InlineData(MqttVersion.V311, 2)]
    [InlineData(MqttVersion.V5, 0x85)]
    internal async Task A_client_identifier_that_is_too_long_is_refused(MqttVersion version, byte code)
    {
        await using EndpointUnderTest test = await EndpointUnderTest.StartAsync();
        RawPeer peer = await test.OpenAsync();
        await peer.SendAsync(RawPeer.Connect(version, "S07", "p", clientId: new string('x', MqttLimits.ClientIdBytes + 1)));

        Assert.Equal(code, (await peer.ReadPacketAsync())[3]);
    }

    [Theory]
    [InlineData(MqttVersion.V311)]
    [InlineData(MqttVersion.V5)]
    internal async Task A_newer_connection_of_the_same_client_takes_over(MqttVersion version)
    {
        await using EndpointUnderTest test = await EndpointUnderTest.StartAsync();
        MqttPublisher older = await test.ConnectAsync("S07", version, "station");
        MqttPublisher newer = await test.ConnectAsync("S07", version, "station");
        await older.Ended.WaitAsync(Waits.Longest);
        MqttAnswer answer = await newer.PublishAndWaitAsync(EndpointUnderTest.Lane, EndpointUnderTest.Weighing(1));

        Assert.Equal(version == MqttVersion.V5 ? ReasonCode.SessionTakenOver : 0, older.Failure!.Code);
        Assert.True(answer.IsSuccess);
        Assert.Equal(1, test.RefusalsOf(MqttRefusal.SessionTakenOver));
    }

    [Fact]
    public async Task The_same_identifier_of_another_user_is_another_client()
    {
        await using EndpointUnderTest test = await EndpointUnderTest.StartAsync();
        MqttPublisher station = await test.ConnectAsync("S07", clientId: "same");
        MqttPublisher camera = await test.ConnectAsync("C07", clientId: "same");
        await station.PublishAndWaitAsync(EndpointUnderTest.Lane, EndpointUnderTest.Weighing(1));

        Assert.Null(camera.Failure);
        Assert.Equal(2, test.Endpoint.Connections.Count);
    }

    [Fact]
    public async Task A_take_over_does_not_wait_for_a_peer_that_is_dead()
    {
        await using EndpointUnderTest test = await EndpointUnderTest.StartAsync();
        RawPeer dead = await test.OpenAsync();
        await dead.SendAsync(RawPeer.Connect(MqttVersion.V5, "S07", "p", clientId: "station"));
        await dead.ReadPacketAsync();

        // The dead peer neither reads nor closes, and the clock stands still: nothing but the hand-over can let the newer one in.
        MqttPublisher newer = await test.ConnectAsync("S07", clientId: "station");

        Assert.Equal(0, newer.Accepted.Code);
    }

    [Theory]
    [InlineData(new byte[] { 0x30, 5, 0, 1, 0x61, 0x7B, 0x7D })]
    [InlineData(new byte[] { 0xC0, 0 })]
    [InlineData(new byte[] { 0x00, 0 })]
    [InlineData(new byte[] { 0x47, 0x45, 0x54, 0x20, 0x2F })]
    [InlineData(new byte[] { 0x16, 0x03, 0x01, 0x02 })]
    public async Task Whoever_does_not_begin_with_CONNECT_is_closed(byte[] first)
    {
        await using EndpointUnderTest test = await EndpointUnderTest.StartAsync();
        RawPeer peer = await test.OpenAsync();
        await peer.SendAsync(first);

        Assert.Empty(await peer.ReadToEndAsync());
        Assert.Equal(1, test.RefusalsOf(MqttRefusal.FirstPacketNotConnect));
    }

    [Fact]
    public async Task A_CONNECT_larger_than_is_taken_is_closed_from_its_length_alone()
    {
        await using EndpointUnderTest test = await EndpointUnderTest.StartAsync();
        RawPeer peer = await test.OpenAsync();
        await peer.SendAsync([0x10, 0xFF, 0xFF, 0xFF, 0x7F]);

        Assert.Empty(await peer.ReadToEndAsync());
        Assert.Equal(1, test.RefusalsOf(MqttRefusal.PacketTooLarge));
    }

    [Fact]
    public async Task A_second_CONNECT_ends_the_connection()
    {
        await using EndpointUnderTest test = await EndpointUnderTest.StartAsync();
        RawPeer peer = await test.OpenConnectedAsync("S07", MqttVersion.V5);
        await peer.SendAsync(RawPeer.Connect(MqttVersion.V5, "S07", "p"));
        byte[] reply = await peer.ReadPacketAsync();

        Assert.Equal((0xE0, ReasonCode.ProtocolError), (reply[0], reply[2]));
    }

    [Fact]
    public async Task A_CONNECT_that_comes_byte_by_byte_is_admitted_and_one_that_never_ends_is_closed()
    {
        await using EndpointUnderTest test = await EndpointUnderTest.StartAsync();
        byte[] connect = RawPeer.Connect(MqttVersion.V5, "S07", "p");
        RawPeer slow = await test.OpenAsync();
        foreach (byte each in connect)
        {
            await slow.SendAsync([each]);
        }

        Assert.Equal(0, (await slow.ReadPacketAsync())[3]);

        RawPeer halfOpen = await test.OpenAsync();
        RawPeer silent = await test.OpenAsync();
        await halfOpen.SendAsync(connect[..^1]);
        Task<byte[]> end = halfOpen.ReadToEndAsync();
        Task<byte[]> silentEnd = silent.ReadToEndAsync();
        await EndpointUnderTest.UntilAsync(() => test.Endpoint.Connections.Count == 3);
        test.Time.Advance(TimeSpan.FromMilliseconds(MqttLimits.ConnectTimeoutMs));
        Assert.Equal(0, test.RefusalsOf(MqttRefusal.ConnectTimeout));
        test.Time.Advance(TimeSpan.FromMilliseconds(MqttLimits.HeartbeatMs));
        Assert.Empty(await end);
        Assert.Empty(await silentEnd);
        Assert.Equal(2, test.RefusalsOf(MqttRefusal.ConnectTimeout));
        await EndpointUnderTest.UntilAsync(() => test.Endpoint.Connections.Count == 1);
    }

    [Fact]
    public async Task One_connection_more_than_is_taken_is_closed_and_the_others_live()
    {
        await using EndpointUnderTest test = await EndpointUnderTest.StartAsync(maxConnections: 2);
        MqttPublisher first = await test.ConnectAsync("S07", clientId: "1");
        await test.ConnectAsync("S07", clientId: "2");
        await Assert.ThrowsAsync<MqttDisconnectedException>(() => test.ConnectAsync("S07", clientId: "3"));

        Assert.True((await first.PublishAndWaitAsync(EndpointUnderTest.Lane, EndpointUnderTest.Weighing(1))).IsSuccess);
        Assert.Equal(1, test.RefusalsOf(MqttRefusal.TooManyConnections));
    }

    [Fact]
    public async Task A_user_whose_registration_goes_is_disconnected()
    {
        await using EndpointUnderTest test = await EndpointUnderTest.StartAsync();
        MqttPublisher station = await test.ConnectAsync("S07");
        MqttPublisher camera = await test.ConnectAsync("C07");
        test.Endpoint.Disconnect("S07");
        await station.Ended.WaitAsync(Waits.Longest);

        Assert.Equal(ReasonCode.AdministrativeAction, station.Failure!.Code);
        Assert.Null(camera.Failure);
    }

    [Fact]
    public async Task Everybody_is_told_when_the_server_stops()
    {
        EndpointUnderTest test = await EndpointUnderTest.StartAsync();
        MqttPublisher station = await test.ConnectAsync("S07");
        await test.Endpoint.StopAsync().WaitAsync(Waits.Longest);
        await station.Ended.WaitAsync(Waits.Longest);

        Assert.Equal(ReasonCode.ServerShuttingDown, station.Failure!.Code);
        await test.DisposeAsync();
    }
}
