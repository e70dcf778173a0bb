using Xunit;

namespace Streaming.Tests.Simulation;

/// <summary>
/// The whole silo under seeded virtual time with crashes, torn and lost writes, repeats and backlogs. <c>STREAMING_SEEDS</c> (a count, or
/// <c>from-to</c>) runs more seeds than a test run has time for.
/// </summary>
public sealed class SimulationTests
{
    [Fact]
    public void Nothing_is_lost_doubled_or_late_over_crashes_with_torn_writes()
    {
        (int from, int to) = Seeds();
        int crashes = 0;
        int archives = 0;
        for (int seed = from; seed < to; seed++)
        {
            SimulatedSilo silo = new(seed);
            silo.Run(actions: 250);
            silo.Check();
            silo.CheckJournal();
            silo.CheckDeadlines();
            silo.CheckJournal();
            silo.CheckReplay();
            crashes += silo.Crashes;
            archives += silo.Archives;
        }

        Assert.True(archives > to - from, $"Only {archives} archives in {to - from} seeds: nothing is read from them.");
        Assert.True(crashes > to - from, $"Only {crashes} crashes in {to - from} seeds: the simulation does not do its work.");
    }

    private static (int From, int To) Seeds()
    {
        string[] range = (Environment.GetEnvironmentVariable("STREAMING_SEEDS") ?? "40").Split('-');
        return range.Length == 2
            ? (int.Parse(range[0], System.Globalization.CultureInfo.InvariantCulture), int.Parse(range[1], System.Globalization.CultureInfo.InvariantCulture))
            : (0, int.Parse(range[0], System.Globalization.CultureInfo.InvariantCulture));
    }
}
