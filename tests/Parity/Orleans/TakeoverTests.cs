using Xunit;

namespace Streaming.Tests.Parity.Orleans;

/// <summary>Either host takes over a data directory where the other crashed, and the city does not notice.</summary>
public sealed class TakeoverTests
{
    private const int StepsBetweenCrashes = 11;

    [Fact]
    public async Task Hosts_that_crash_and_take_over_from_one_another_again_and_again_give_the_same() =>
        ParityTests.Same(await ParityTests.PlayAsync(new Restarts(StepsBetweenCrashes, Ending.Crash), "orleans", ParityHosts.Standalone));
}
