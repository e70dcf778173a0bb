using Streaming.Silo.Journal;
using Streaming.Tests.Simulation;
using Xunit;
using static Streaming.Tests.Journal.JournalSetup;

namespace Streaming.Tests.Journal;

/// <summary>
/// Many lives of one journal, each ended by a loss of power or a kill at a random disk operation, recovery included. After each, everything that was durable is there,
/// exactly, in order; beyond that at most what was appended, in order.
/// </summary>
public sealed class JournalCrashTests
{
    private const int Lives = 6;

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Everything_durable_survives_exactly_and_in_order(int hundred)
    {
        int recovered = 0;
        int torn = 0;
        for (int seed = hundred * 100; seed < (hundred + 1) * 100; seed++)
        {
            try
            {
                Run(seed, ref recovered, ref torn);
            }
            catch (Exception exception)
            {
                throw new InvalidOperationException($"Seed {seed}: {exception.Message}", exception);
            }
        }

        // The test means something only if ends were in fact torn, and lives were in fact gone on from.
        Assert.True(torn > 20, $"Only {torn} torn ends in a hundred seeds.");
        Assert.True(recovered > 300, $"Only {recovered} recoveries in a hundred seeds.");
    }

    private static void Run(int seed, ref int recovered, ref int torn)
    {
        Random random = new(seed);
        SimulatedDisk disk = new(seed);
        JournalOptions options = Small with { RetentionBytes = random.Next(2) == 0 ? long.MaxValue : 3 * Small.SegmentBytes };
        ManualTime time = new(StartMs);
        List<long> written = [];
        long durable = 0;
        long first = 1;
        long number = 0;
        for (int life = 0; life < Lives; life++)
        {
            disk.DieAfter(random.Next(3) == 0 ? random.Next(12) : random.Next(400));
            ListLogger log = new();
            long durableBefore = durable;
            try
            {
                Live(disk, options, time, random, written, ref durable, ref first, ref number, log);
            }
            catch (Exception exception) when (exception is SimulatedCrashException or JournalFailedException { InnerException: SimulatedCrashException })
            {
                // That is how a life ends.
            }

            torn += log.Lines.Count(line => line.Contains("torn", StringComparison.Ordinal));
            recovered += durable > 0 ? 1 : 0;
            Assert.True(durable >= durableBefore);
            if (random.Next(4) == 0)
            {
                disk.Kill();
            }
            else
            {
                disk.Crash();
            }
        }

        SortedDictionary<long, long> last = ReadBack(disk, options, replayFrom: first);
        Check(last, written, first, durable);
        VerifyResult verified = JournalVerifier.Verify(disk);
        Assert.Empty(verified.Damages);
        Assert.Null(verified.OpenEnd);
        Assert.Equal(last.Count > 0 ? last.Keys.Max() : verified.Last, verified.Last);
    }

    private static void Live(
        SimulatedDisk disk, JournalOptions options, ManualTime time, Random random, List<long> written, ref long durable, ref long first, ref long number, ListLogger log)
    {
        using InputJournal journal = Open(disk, options, time, followers: 2, replayFrom: first, logger: log);
        JournalFollower eager = journal.Follow(first - 1, durableOnly: false);
        JournalFollower slow = journal.Follow(Math.Max(first - 1, durable), durableOnly: true);
        SortedDictionary<long, long> seen = [];
        while (journal.ReplayStep() != ReplayProgress.Done)
        {
            Take(eager, seen);
        }

        Take(eager, seen);
        Check(seen, written, first, durable);
        Assert.Equal(journal.RecoveredEnd, journal.End);
        Assert.True(journal.RecoveredEnd >= durable);

        // What was recovered is durable from now on; what was not is gone for good, and its positions are given anew.
        durable = journal.RecoveredEnd;
        written.RemoveRange((int)durable, written.Count - (int)durable);
        SortedDictionary<long, long> followed = [];
        SortedDictionary<long, long> followedDurable = [];
        Take(slow);
        for (int step = 0; step < 150; step++)
        {
            time.NowMs += random.Next(5);
            switch (random.Next(6))
            {
                case 0:
                    Take(eager, followed);
                    break;
                case 1:
                    Take(slow, followedDurable);
                    Assert.True(slow.Position <= journal.DurablePosition);
                    break;
                case 2 or 3:
                    journal.FlushStep();
                    durable = journal.DurablePosition;
                    break;
                case 4 when random.Next(10) == 0:
                    // The lists are at the slow follower's position and synced: what is before is needed by nobody.
                    Take(slow, followedDurable);
                    long keep = Math.Max(slow.Position, first);
                    try
                    {
                        journal.Retire(keep);
                    }
                    finally
                    {
                        first = Math.Max(first, keep);
                    }

                    break;
                default:
                    int count = random.Next(1, 8);
                    byte[] batch = Batch(number + 1, count, random.Next(4) == 0 ? random.Next(30, 3000) : random.Next(30, 200));
                    for (int i = 0; i < count; i++)
                    {
                        written.Add(++number);
                    }

                    Assert.Equal(written.Count, journal.AppendInternal(batch));
                    break;
            }
        }

        Take(eager, followed);
        foreach ((long position, long value) in followed.Concat(followedDurable))
        {
            Assert.Equal(written[(int)position - 1], value);
        }
    }

    /// <summary>Holds what was read against what was written: no hole, no change, nothing durable missing.</summary>
    private static void Check(SortedDictionary<long, long> seen, List<long> written, long first, long durable)
    {
        long expected = first;
        foreach ((long position, long value) in seen)
        {
            Assert.Equal(expected, position);
            Assert.True(position <= written.Count, $"Position {position} was never written.");
            Assert.Equal(written[(int)position - 1], value);
            expected++;
        }

        Assert.True(expected > durable, $"Positions {expected} to {durable} were durable and are gone.");
    }
}
