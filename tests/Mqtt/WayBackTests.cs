using System.Text;
using System.Text.Json;
using Streaming.Grains.Messages;
using Streaming.Ingest.Mqtt;
using Streaming.Ingest.Mqtt.Client;
using Streaming.Ingest.Mqtt.Packets;
using Streaming.Tests.Support;
using Streaming.Tests.Views;
using Xunit;

namespace Streaming.Tests.Mqtt;

/// <summary>Ways back of resources over MQTT: who hears them, in which form, and on which topic.</summary>
public sealed class WayBackTests
{
    private const string Filter = "v1/resources/S07/joined";
    private const string Feed = "$resources/S07";

    [Theory]
    [InlineData("S07", Filter, 1)]
    [InlineData("S07", "v1/resources/S07/+", 1)]
    [InlineData("S07", "v1/resources/S07/#", 1)]
    [InlineData("S07", "v1/resources/C07/joined", ReasonCode.NotAuthorized)]
    [InlineData("S07", "v1/resources/+/joined", ReasonCode.NotAuthorized)]
    [InlineData("S07", "v1/resources/S07", ReasonCode.NotAuthorized)]
    [InlineData("S07", "v1/resources/S07/joined/more", ReasonCode.NotAuthorized)]
    [InlineData("C07", Filter, ReasonCode.NotAuthorized)]
    [InlineData("t1", Filter, 1)]
    [InlineData("t2", Filter, 1)]
    [InlineData("t3", Filter, ReasonCode.NotAuthorized)]
    [InlineData("t4", Filter, ReasonCode.NotAuthorized)]
    [InlineData("admin", Filter, 1)]
    [InlineData("admin", "v1/resources/#", ReasonCode.NotAuthorized)]
    [InlineData("admin", "v1/resources/nobody/joined", ReasonCode.NotAuthorized)]
    [InlineData("admin", "v1/departments/$resources/S07/alerts", ReasonCode.NotAuthorized)]
    public async Task A_way_back_is_heard_by_the_resource_and_those_who_see_it(string user, string filter, byte answer)
    {
        await using EndpointUnderTest test = await StartAsync();
        test.Access.AddToken("t3", "t", "member", "transport", "north");
        test.Access.AddToken("t4", "t", "member", "police", "*");
        Assert.Equal(answer, await (await test.ConnectAsync(user)).SubscribeAsync(filter, 1));
    }

    [Fact]
    public async Task Items_come_in_order_without_what_the_reader_does_not_see_and_the_place_outlives_the_connection()
    {
        await using EndpointUnderTest test = await StartAsync();
        MqttPublisherOptions persistent = new() { CleanStart = false, SessionExpirySeconds = 3600 };
        MqttPublisher device = await test.ConnectAsync("S07", options: persistent);
        MqttPublisher administrator = await test.ConnectAsync("admin");
        Assert.Equal(1, await device.SubscribeAsync(Filter, 1));
        await administrator.SubscribeAsync(Filter, 1);
        Show(test, 1, 5);
        for (int number = 1; number <= 5; number++)
        {
            (string topic, string text) = await ReadAsync(device);
            Assert.Equal((Filter, number), (topic, Number(text)));
            Assert.DoesNotContain("Zhang", text, StringComparison.Ordinal);
            Assert.Contains("Zhang", (await ReadAsync(administrator)).Text, StringComparison.Ordinal);
        }

        await device.DisposeAsync();
        Show(test, 6, 10);
        device = await test.ConnectAsync("S07", options: persistent);
        List<int> numbers = [];
        while (numbers.LastOrDefault() < 10)
        {
            numbers.Add(Number((await ReadAsync(device)).Text));
        }

        // What was not known to be acknowledged comes once more, under its number.
        Assert.Equal(Enumerable.Range(6, 5), numbers.Where(number => number > 5).Distinct());
    }

    [Fact]
    public async Task Once_the_resource_is_anothers_nothing_more_of_it_comes()
    {
        await using EndpointUnderTest test = await StartAsync();
        MqttPublisher member = await test.ConnectAsync("t1");
        await member.SubscribeAsync(Filter, 1);
        await member.SubscribeAsync("v1/departments/transport/+/alerts", 1);
        Show(test, 1, 1);
        Assert.Equal(1, Number((await ReadAsync(member)).Text));
        test.Access.AddDevice(Registration with { Owner = "police" }, "p");
        Show(test, 2, 3);

        // An alert that was written after them comes, and they do not.
        test.Feeds.Add("transport/*", "harbour", "\"alert\"");
        Assert.Equal("\"alert\"", (await ReadAsync(member)).Text);
    }

    private static SourceRegistration Registration => new("S07", "register", ["v1/records/S07"], "harbour", null, "", Owner: "transport", Register: "vehicles", Joined: true);

    private static async Task<EndpointUnderTest> StartAsync()
    {
        EndpointUnderTest test = await EndpointUnderTest.StartAsync();
        test.Access.AddDevice(Registration, "p");
        return test;
    }

    private static void Show(EndpointUnderTest test, int from, int to)
    {
        for (int number = from; number <= to; number++)
        {
            test.Feeds.Add(Feed, "harbour", Encoding.UTF8.GetString(JsonSerializer.SerializeToUtf8Bytes(Rows.Joined(number, "S07"), GrainsJson.Default.JoinedItem)));
        }
    }

    private static int Number(string text) => JsonSerializer.Deserialize<JsonElement>(text).GetProperty("number").GetInt32();

    private static async Task<(string Topic, string Text)> ReadAsync(MqttPublisher client)
    {
        using CancellationTokenSource patience = new(Waits.Longest);
        MqttMessage message = await client.Messages.ReadAsync(patience.Token);
        return (message.Topic, Encoding.UTF8.GetString(message.Payload));
    }
}
