using Streaming.Silo.Host;
using Streaming.Tests.Simulation;
using Xunit;

namespace Streaming.Tests.Host;

public sealed class HistoryFilesTests
{
    [Fact]
    public void A_flipped_byte_anywhere_is_found_by_verify()
    {
        SimulatedDisk disk = new(1);
        HistoryPart part = new(100);
        for (int i = 1; i <= 40; i++)
        {
            part.Add((ulong)i * 0x9E3779B97F4A7C15, ReadingHistory.Order(i, 0), i);
        }

        new HistoryFiles(disk, nowMs: 0).Save(part, worker: 0);
        (int files, int looked, IReadOnlyList<string> damages) = HistoryFiles.Verify(disk, long.MaxValue);
        Assert.Equal((1, 1), (files, looked));
        Assert.Empty(damages);
        string name = Assert.Single(disk.List());
        byte[] sound = disk.Snapshot(name);
        for (int at = 0; at < sound.Length; at++)
        {
            byte[] flipped = [.. sound];
            flipped[at] ^= 4;
            disk.Plant(name, flipped);
            Assert.Contains(name, Assert.Single(HistoryFiles.Verify(disk, long.MaxValue).Damages), StringComparison.Ordinal);
        }

        disk.Plant(name, sound[..^8]);
        Assert.Single(HistoryFiles.Verify(disk, long.MaxValue).Damages);
    }
}
