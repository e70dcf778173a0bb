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
            part.Add((ulong)i * 0x9E3779B97F4A7C15, ReadingHistory.Order(i, 0));
        }

        new HistoryFiles(disk).Save(part, worker: 0);
        Assert.Empty(HistoryFiles.Verify(disk, out int files));
        Assert.Equal(1, files);
        string name = Assert.Single(disk.List());
        byte[] sound = disk.Snapshot(name);
        for (int at = 0; at < sound.Length; at++)
        {
            byte[] flipped = [.. sound];
            flipped[at] ^= 4;
            disk.Plant(name, flipped);
            Assert.Equal(name, Assert.Single(HistoryFiles.Verify(disk, out _)).File);
        }

        disk.Plant(name, sound[..^8]);
        Assert.Single(HistoryFiles.Verify(disk, out _));
    }
}
