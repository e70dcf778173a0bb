using Streaming.Ingest.Brokers;
using Xunit;

namespace Streaming.Tests.Brokers;

public sealed class BackOffTests
{
    [Fact]
    public void Pauses_double_up_to_a_bound_and_begin_again_after_a_success()
    {
        BackOff pauses = new(7);
        double ceiling = BrokerLimits.FirstPauseMs;
        for (int i = 0; i < 20; i++)
        {
            Assert.InRange(pauses.Next().TotalMilliseconds, ceiling / 2, ceiling);
            ceiling = Math.Min(2 * ceiling, BrokerLimits.LongestPauseMs);
        }

        pauses.Reset();
        Assert.InRange(pauses.Next().TotalMilliseconds, BrokerLimits.FirstPauseMs / 2.0, BrokerLimits.FirstPauseMs);
    }

    [Fact]
    public void The_same_seed_gives_the_same_pauses_and_another_gives_others()
    {
        BackOff one = new(1);
        BackOff same = new(1);
        BackOff other = new(2);
        TimeSpan[] pauses = [.. Enumerable.Range(0, 5).Select(_ => one.Next())];
        Assert.Equal(pauses, Enumerable.Range(0, 5).Select(_ => same.Next()));
        Assert.NotEqual(pauses, Enumerable.Range(0, 5).Select(_ => other.Next()));
    }
}
