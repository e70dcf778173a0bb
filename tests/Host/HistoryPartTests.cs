using Streaming.Silo.Host;
using Xunit;

namespace Streaming.Tests.Host;

public sealed class HistoryPartTests
{
    [Theory]
    [InlineData(0, false)]
    [InlineData(1, false)]
    [InlineData(50_000, false)]
    [InlineData(50_000, true)]
    public void A_part_is_copied_in_order_of_identity_with_each_order_beside_its_identity(int count, bool crowded)
    {
        Random random = new(count);
        HistoryPart part = new(1024);
        List<(ulong Identity, long Order)> added = [];
        for (int i = 0; i < count; i++)
        {
            // Crowded: hashes that begin alike, and some that are equal.
            ulong identity = crowded ? (ulong)random.Next(20_000) : (ulong)random.NextInt64(long.MinValue, long.MaxValue);
            part.Add(identity, ReadingHistory.Order(i + 1, 1), i);
            added.Add((identity, ReadingHistory.Order(i + 1, 1)));
        }

        ulong[] keys = new ulong[count + 3];
        long[] values = new long[count + 3];
        part.CopySorted(keys, values, new int[HistoryPart.Places + 1]);
        List<(ulong Identity, long Order)> copied = [.. keys.Zip(values).Take(count)];
        Assert.Equal(added.Order(), copied.Order());
        Assert.Equal(copied.Select(entry => entry.Identity).Order(), copied.Select(entry => entry.Identity));
    }
}
