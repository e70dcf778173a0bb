using System.Text;
using Streaming.Silo.History;
using Streaming.Tests.Parity;
using Xunit;
using Xunit.Abstractions;

namespace Streaming.Tests.History;

/// <summary>The state as of a past moment is what was shown at that moment.</summary>
public sealed class StateAsOfTests(ITestOutputHelper output) : IDisposable
{
    private readonly string directory = Directory.CreateTempSubdirectory("past").FullName;

    public void Dispose() => Directory.Delete(directory, recursive: true);

    [Theory]
    [InlineData(1)]
    public async Task The_state_as_of_1000_random_moments_is_what_was_shown_then(int seed)
    {
        ParityData data = new(directory, new DateTimeOffset(2026, 9, 18, 20, 0, 0, TimeSpan.Zero), statesInMemory: false);
        CityLife life = new(data, seed);
        await life.LiveAsync(1_000, TimeSpan.FromMinutes(9), ParityHosts.Find(ParityHosts.Standalone));
        using Past past = new(data);
        past.Check(life.Moments);
        output.WriteLine($"{life.Restarts} restarts, {past.Run.Host.Journal.End} records, {life.Moments.Count(moment => moment.Json is null)} moments at which nothing was known");
        Assert.True(life.Restarts > 20);
        Assert.True(past.Run.Host.Journal.Figures.Archives > 1, "nothing was read from an archive");
        Assert.InRange(life.Moments.Count(moment => moment.Json is null), 1, 300);
    }

    [Fact]
    public async Task Where_the_beginning_was_dropped_the_state_is_what_was_shown_or_is_refused()
    {
        ParityData data = new(directory, new DateTimeOffset(2026, 9, 18, 20, 0, 0, TimeSpan.Zero), statesInMemory: false);
        CityLife life = new(data, 3);
        await life.LiveAsync(600, TimeSpan.FromMinutes(15), ParityHosts.Find(ParityHosts.Standalone));
        using Past past = new(data);
        long beginsMs = life.Moments[200].At.ToUnixTimeMilliseconds();
        long begins = past.History.PositionAt(beginsMs) + 1;
        CutHistory cut = new(past.History, begins, beginsMs + 1);

        // What pruning removes is of no use to what is reached.
        past.Prune(begins);
        int refusedWithin = 0;
        int shownBefore = 0;
        foreach (Shown shown in life.Moments)
        {
            PastAnswer answer = past.Of(cut).At(shown.Kind, shown.Key, shown.At.ToUnixTimeMilliseconds(), CancellationToken.None);
            if (answer.Refusal == PastRefusal.None)
            {
                shownBefore += shown.At.ToUnixTimeMilliseconds() < beginsMs ? 1 : 0;
                Assert.Equal((shown.At, shown.Key, shown.Json), (shown.At, shown.Key, answer.Json is null ? null : Encoding.UTF8.GetString(answer.Json)));
            }
            else
            {
                Assert.Equal(PastRefusal.BeforeReach, answer.Refusal);
                Assert.True(answer.ReachesBackToMs > shown.At.ToUnixTimeMilliseconds(), $"{shown.Kind} {shown.Key} as of {shown.At:O} is refused, though it is said to be told from {answer.ReachesBackToMs}");
                refusedWithin += shown.At.ToUnixTimeMilliseconds() > beginsMs ? 1 : 0;
            }
        }

        output.WriteLine($"history begins at {begins}: {refusedWithin} refused behind its beginning, {shownBefore} shown before it");

        // Of those that were active since, at most the rest of the day on which history begins is refused.
        Assert.InRange(refusedWithin, 0, 80);
        Assert.True(shownBefore < 100);
    }
}
