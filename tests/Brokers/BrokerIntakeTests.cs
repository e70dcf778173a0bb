using Streaming.Grains.Inputs;
using Streaming.Grains.Messages;
using Streaming.Ingest;
using Streaming.Ingest.Brokers;
using Streaming.Ingest.Mqtt;
using Streaming.Tests.Mqtt;
using Streaming.Tests.Support;
using Xunit;

namespace Streaming.Tests.Brokers;

/// <summary>From a broker's messages to the journal and back to their acknowledgements, without a broker.</summary>
public sealed class BrokerIntakeTests : IAsyncDisposable
{
    private static readonly BrokerOptions Broker = new("plant", "localhost", "silo", [
        new("plant/+/wim/{station}/{lane}") { To = "v1/wim/{station}/{lane}", Source = "{station}" },
        new("v1/wim/{station}/{lane}"),
        new("gate/{id}") { To = "v1/wim/{id}/1", Source = "S07" }]);

    private readonly FakeIntake journal = new();
    private readonly Dictionary<string, SourceRegistration> devices = new() { ["S07"] = Device("S07") };
    private readonly BrokerMetrics metrics = new("plant", () => true, () => 0, () => 1);
    private readonly Lock gate = new();
    private readonly List<int> acknowledged = [];
    private readonly BrokerIntake intake;

    public BrokerIntakeTests() =>
        intake = new BrokerIntake(journal, new BrokerTopics(Broker, devices.GetValueOrDefault, FixedReadingRules.Shipped), new PublishBatchPool(), metrics, new SteppedTime());

    public async ValueTask DisposeAsync()
    {
        journal.CatchUp();
        await intake.DisposeAsync();
        metrics.Dispose();
    }

    [Fact]
    public async Task A_message_is_acknowledged_only_once_the_journal_is_durable_up_to_it_and_in_the_order_of_arrival()
    {
        journal.IsDurableAtOnce = false;
        for (int i = 0; i < 100; i++)
        {
            Take("plant/9/wim/S07/2", i);
        }

        await journal.WaitForAsync(100);
        Assert.Empty(Acknowledged());
        Assert.Equal(100, intake.InFlight);
        long first = journal.Arrived[0].Position;
        for (int next = 0; next < 100; next += 10)
        {
            journal.MakeDurable(first + next);
            Assert.True(Acknowledged().Count <= next + 1, $"{Acknowledged().Count} acknowledged, {next + 1} durable");
        }

        journal.MakeDurable(first + 99);
        await EndpointUnderTest.UntilAsync(() => Acknowledged().Count == 100);
        Assert.Equal(Enumerable.Range(0, 100), Acknowledged());
        Assert.Equal(0, intake.InFlight);
    }

    [Fact]
    public async Task What_arrives_while_the_journal_is_behind_is_appended_together_and_nothing_more_is_read_past_the_bound()
    {
        journal.FallBehind();
        Take("plant/9/wim/S07/2", 0);
        Assert.True(intake.WaitForRoomAsync().IsCompleted);
        int taken = 1;
        while (intake.WaitForRoomAsync().IsCompleted)
        {
            Take("plant/9/wim/S07/2", taken++);
        }

        Assert.InRange(taken, 1000, BrokerLimits.BacklogBytes / BrokerLimits.MessageOverheadBytes);
        Task room = intake.WaitForRoomAsync();
        journal.CatchUp();
        await room.WaitAsync(Waits.Longest);
        await EndpointUnderTest.UntilAsync(() => Acknowledged().Count == taken);
        Assert.Equal(taken, journal.Arrived.Sum(each => each.Readings));
        Assert.InRange(journal.Appends, 1, 3);
    }

    [Fact]
    public async Task Where_the_journal_takes_nothing_nothing_is_acknowledged_and_the_connection_has_to_end()
    {
        journal.Refusal = "the disk is full";
        Take("plant/9/wim/S07/2", 0);
        Assert.Equal("the journal takes nothing: the disk is full", await intake.Failed.WaitAsync(Waits.Longest));
        journal.Refusal = null;
        await intake.DisposeAsync();
        Assert.Empty(Acknowledged());
        Assert.Empty(journal.Arrived);
    }

    [Fact]
    public async Task The_mapping_says_whose_a_message_is_and_on_which_topic_of_ours()
    {
        Take("plant/9/wim/S07/2", 0);
        Take("v1/wim/S07/3", 1);
        Take("gate/S07", 2);
        IReadOnlyList<Arrived> arrived = await journal.WaitForAsync(3);
        Assert.Equal([("v1/wim/S07/2", 1), ("v1/wim/S07/3", 1), ("v1/wim/S07/1", 1)], arrived.Select(each => (each.Topic, each.Readings)));
        Assert.All(arrived, each => Assert.Equal("S07", each.Source));
    }

    [Fact]
    public async Task What_is_of_no_device_or_of_no_topic_is_quarantined_under_the_brokers_name_and_acknowledged()
    {
        Take("plant/9/wim/S99/2", 0);
        Take("elsewhere", 1);
        Take("v1/wim/S07/lane/2", 2);
        Take("gate/S99", 3);
        IReadOnlyList<Arrived> arrived = await journal.WaitForAsync(4);
        await EndpointUnderTest.UntilAsync(() => Acknowledged().Count == 4);
        Assert.Equal(
            [("broker:plant", "v1/wim/S99/2", RejectReason.UnknownSource), ("broker:plant", "elsewhere", RejectReason.UnknownTopic), ("broker:plant", "v1/wim/S07/lane/2", RejectReason.UnknownTopic), ("S07", "v1/wim/S99/1", RejectReason.TopicNotAllowed)],
            arrived.Select(each => (each.Source, each.Topic, each.Rejection!.Value)));
        Assert.All(arrived, each => Assert.Contains("\"id\"", each.Payload, StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_device_counts_from_its_registration_on_and_by_the_newest()
    {
        Take("plant/9/wim/S08/2", 0);
        await journal.WaitForAsync(1);
        devices["S08"] = Device("S08");
        Take("plant/9/wim/S08/2", 1);
        await journal.WaitForAsync(2);
        devices["S08"] = Device("S08") with { Topics = ["v1/wim/S08/7"] };
        Take("plant/9/wim/S08/2", 2);
        await journal.WaitForAsync(3);
        devices.Remove("S08");
        Take("plant/9/wim/S08/2", 3);
        IReadOnlyList<Arrived> arrived = await journal.WaitForAsync(4);
        Assert.Equal([RejectReason.UnknownSource, null, RejectReason.TopicNotAllowed, RejectReason.UnknownSource], arrived.Select(each => each.Rejection));
    }

    [Fact]
    public async Task A_message_of_QoS_0_is_taken_and_nothing_is_sent_back()
    {
        intake.Take("plant/9/wim/S07/2", EndpointUnderTest.Weighing(0), null);
        await journal.WaitForAsync(1);
        Assert.Equal(0, intake.InFlight);
    }

    [Fact]
    public async Task Finishing_waits_for_what_was_taken_and_takes_nothing_more()
    {
        journal.IsDurableAtOnce = false;
        Take("plant/9/wim/S07/2", 0);
        long position = (await journal.WaitForAsync(1))[0].Position;
        Task finish = intake.FinishAsync();
        Take("plant/9/wim/S07/2", 1);
        Assert.False(finish.IsCompleted);
        journal.MakeDurable(position);
        await finish.WaitAsync(Waits.Longest);
        Assert.Equal([0], Acknowledged());
        Assert.Single(journal.Arrived);
    }

    [Fact]
    public async Task A_topic_of_any_length_is_quarantined_whole_characters_of_it()
    {
        Take(string.Concat(Enumerable.Repeat("粤", 20_000)), 0);
        Arrived arrived = Assert.Single(await journal.WaitForAsync(1));
        Assert.Equal(string.Concat(Enumerable.Repeat("粤", MqttLimits.TopicBytes / 3)), arrived.Topic);
    }

    private static SourceRegistration Device(string id) => new(id, "wim", [$"v1/wim/{id}/+"], "harbour", 5, "");

    private IReadOnlyList<int> Acknowledged()
    {
        lock (gate)
        {
            return [.. acknowledged];
        }
    }

    private void Take(string topic, int number)
    {
        byte[] payload = EndpointUnderTest.Weighing(number);
        intake.Announce(topic, payload.Length);
        intake.Take(topic, payload, _ =>
        {
            lock (gate)
            {
                acknowledged.Add(number);
            }

            return Task.CompletedTask;
        });
    }
}
