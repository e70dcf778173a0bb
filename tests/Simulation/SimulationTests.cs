using System.Diagnostics;
using System.Globalization;
using Streaming.Silo.Journal;
using Xunit;
using Xunit.Abstractions;

namespace Streaming.Tests.Simulation;

/// <summary>
/// The whole silo under seeded virtual time: crashes, torn and lost writes, full, slow and failing disks, stores that refuse, clocks that are set, repeats and backlogs. <c>STREAMING_SEEDS</c> (a count, or
/// <c>from-to</c>, the last not included) runs more seeds than a test run has time for.
/// </summary>
public sealed class SimulationTests(ITestOutputHelper output)
{
    private const int Actions = 250;

    /// <summary>So many seeds at most until a flaw has to be noticed.</summary>
    private const int SeedsForFlaw = 12;

    [Fact]
    public async Task Nothing_is_lost_doubled_or_late_over_crashes_with_torn_writes_and_disks_in_trouble()
    {
        (int from, int to) = Seeds();
        int crashes = 0;
        int ends = 0;
        int refusals = 0;
        Stopwatch took = Stopwatch.StartNew();

        // Off the test runner's context, so that whatever waits goes on within the step that it waited for: one thread, one order of events.
        await Task.Run(() =>
        {
            for (int seed = from; seed < to; seed++)
            {
                SimulatedSilo silo = Play(seed, Flaw.None);
                crashes += silo.Crashes;
                ends += silo.Ends;
                refusals += silo.Refusals;
            }
        });
        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"Seeds {from} to {to - 1}: {crashes} crashes, {ends} ends by a failing or full disk, {refusals} refusals; {(to - from) / took.Elapsed.TotalMinutes:F0} seeds a minute."));
        Assert.True(crashes > to - from, $"Only {crashes} crashes in {to - from} seeds: the simulation does not do its work.");
        Assert.True(to - from < 20 || (ends > 0 && refusals > 0), $"{ends} ends and {refusals} refusals in {to - from} seeds: the disks are in no trouble.");
    }

    [Theory]
    [InlineData(Flaw.SyncsDoNothing)]
    [InlineData(Flaw.OneSegmentIsNotSynced)]
    [InlineData(Flaw.HistoryIsNotSynced)]
    [InlineData(Flaw.NamesAreNotSynced)]
    [InlineData(Flaw.AcknowledgesBeforeDurable)]
    internal async Task A_silo_or_machine_with_a_flaw_is_caught_within_a_few_seeds(Flaw flaw)
    {
        string? caught = await Task.Run(() => Enumerable.Range(0, SeedsForFlaw).Select(seed => Catch(seed, flaw)).FirstOrDefault(what => what is not null));
        Assert.True(caught is not null, $"{flaw}: {SeedsForFlaw} seeds went by and nothing was noticed.");
        output.WriteLine(caught);
    }

    [Fact]
    public async Task A_seed_replays_exactly() => await Task.Run(() =>
    {
        for (int seed = 0; seed < 3; seed++)
        {
            Assert.Equal(Play(seed, Flaw.None).Fingerprint(), Play(seed, Flaw.None).Fingerprint());
        }
    });

    /// <summary>Regression: with the clock set back after a failure, saving was tried again only once the clock had caught up, be it an hour later.</summary>
    [Fact]
    public async Task A_clock_that_is_set_back_does_not_hold_up_the_saving_of_states() => await Task.Run(() => Play(1561, Flaw.None));

    private static SimulatedSilo Play(int seed, Flaw flaw)
    {
        SimulatedSilo silo = new(seed, flaw);
        try
        {
            silo.Run(Actions);
            silo.Check();
            silo.CheckDeadlines();
            silo.CheckReplay();
            return silo;
        }
        catch (Exception failure) when (failure is not PromiseBrokenException)
        {
            throw new InvalidOperationException($"Seed {seed}: {failure.Message}", failure);
        }
    }

    /// <summary>How the flaw showed: a broken promise, or files at a start that are not what they must be.</summary>
    private static string? Catch(int seed, Flaw flaw)
    {
        try
        {
            Play(seed, flaw);
            return null;
        }
        catch (PromiseBrokenException broken)
        {
            return broken.Message;
        }
        catch (InvalidOperationException refused) when (refused.InnerException is JournalDamagedException or InvalidDataException)
        {
            return refused.Message;
        }
    }

    private static (int From, int To) Seeds()
    {
        string[] range = (Environment.GetEnvironmentVariable("STREAMING_SEEDS") ?? "40").Split('-');
        return range.Length == 2
            ? (int.Parse(range[0], CultureInfo.InvariantCulture), int.Parse(range[1], CultureInfo.InvariantCulture))
            : (0, int.Parse(range[0], CultureInfo.InvariantCulture));
    }
}
