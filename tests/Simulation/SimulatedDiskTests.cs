using Streaming.Silo.Journal;
using Xunit;

namespace Streaming.Tests.Simulation;

public sealed class SimulatedDiskTests
{
    [Fact]
    public void What_was_synced_survives_every_crash_and_what_was_not_is_sometimes_lost_sometimes_kept_and_sometimes_torn()
    {
        HashSet<string> outcomes = [];
        for (int seed = 0; seed < 200; seed++)
        {
            SimulatedDisk disk = new(seed);
            IDiskFile file = disk.Create("a", 2048);
            disk.SyncDirectory();
            file.Write(0, new byte[] { 1, 2, 3, 4 });
            file.Sync();
            file.Write(4, new byte[] { 5, 6, 7, 8 });
            disk.Crash();
            byte[] bytes = disk.Snapshot("a");
            Assert.Equal([1, 2, 3, 4], bytes[..4]);
            outcomes.Add(Convert.ToHexString(bytes.AsSpan(4, 4)));
            Assert.Throws<InvalidOperationException>(() => file.Sync());
        }

        Assert.Contains("05060708", outcomes);
        Assert.Contains("00000000", outcomes);
        Assert.True(outcomes.Count > 2);
    }

    [Fact]
    public void Names_that_were_not_synced_may_vanish_or_come_back()
    {
        HashSet<string> outcomes = [];
        for (int seed = 0; seed < 100; seed++)
        {
            SimulatedDisk disk = new(seed);
            disk.Create("old", 512).Dispose();
            disk.SyncDirectory();
            disk.Delete("old");
            disk.Create("new", 512).Dispose();
            disk.Rename("new", "renamed");
            disk.Crash();
            outcomes.Add(string.Join(",", disk.List()));
        }

        Assert.Contains("old", outcomes);
        Assert.Contains("renamed", outcomes);
        Assert.Contains("new,old", outcomes);
    }

    [Fact]
    public void The_same_seed_gives_the_same_crash()
    {
        string Run(int seed)
        {
            SimulatedDisk disk = new(seed);
            IDiskFile file = disk.Create("a", 8192);
            disk.SyncDirectory();
            file.Write(100, [.. Enumerable.Range(0, 8000).Select(i => (byte)(i | 1))]);
            disk.Crash();
            return Convert.ToHexString(disk.Snapshot("a"));
        }

        Assert.Equal(Run(7), Run(7));
        Assert.NotEqual(Run(7), Run(8));
    }

    [Fact]
    public void A_failed_sync_loses_what_it_covered_even_if_a_later_one_succeeds_unless_it_is_written_again()
    {
        SimulatedDisk disk = new(1);
        IDiskFile file = disk.Create("a", 1024);
        disk.SyncDirectory();
        file.Write(0, new byte[] { 1 });
        file.Write(600, new byte[] { 2 });
        disk.FailSyncs = true;
        Assert.Throws<IOException>(file.Sync);
        disk.FailSyncs = false;
        file.Write(600, new byte[] { 2 });
        file.Sync();
        disk.Crash();
        byte[] bytes = disk.Snapshot("a");
        Assert.Equal((0, 2), (bytes[0], bytes[600]));
    }

    [Fact]
    public void A_full_disk_and_a_death_at_a_chosen_operation_can_be_had()
    {
        SimulatedDisk disk = new(1) { CapacityBytes = 1000 };
        disk.Create("a", 600).Dispose();
        Assert.Throws<IOException>(() => disk.Create("b", 600));
        Assert.Equal(["a"], disk.List());
        disk.DieAfter(1);
        disk.SyncDirectory();
        Assert.Throws<SimulatedCrashException>(() => disk.Delete("a"));
    }
}
