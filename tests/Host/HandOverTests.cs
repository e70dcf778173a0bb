using System.Runtime.CompilerServices;
using Streaming.Silo.Host;
using Streaming.Tests.Support;
using Xunit;

namespace Streaming.Tests.Host;

/// <summary>What threads hand to one another: in order, nothing lost, nothing kept.</summary>
public sealed class HandOverTests
{
    [Fact]
    public void What_was_looked_at_and_taken_is_let_go()
    {
        HandOver<object> queue = new();
        WeakReference[] taken = [.. Enumerable.Range(0, 100).Select(_ => Through(queue))];
        GC.Collect(GC.MaxGeneration, GCCollectionMode.Forced, blocking: true);
        Assert.DoesNotContain(taken, item => item.IsAlive);
        GC.KeepAlive(queue);
    }

    [Fact]
    public void A_look_takes_nothing()
    {
        HandOver<int> queue = new();
        Assert.False(queue.TryPeek(out _));
        Assert.False(queue.TryDequeue(out _));
        queue.Enqueue(1);
        queue.Enqueue(2);
        Assert.True(queue.TryPeek(out int first));
        Assert.True(queue.TryPeek(out int again));
        Assert.True(queue.TryDequeue(out int taken));
        Assert.True(queue.TryPeek(out int next));
        Assert.Equal((1, 1, 1, 2), (first, again, taken, next));
    }

    [Fact]
    public async Task Many_writers_lose_nothing_and_each_keeps_its_order()
    {
        const int Writers = 4;
        const int Each = 20_000;
        HandOver<(int Writer, int Number)> queue = new();
        Task[] writing = [.. Enumerable.Range(0, Writers).Select(writer => Task.Run(() =>
        {
            for (int number = 0; number < Each; number++)
            {
                queue.Enqueue((writer, number));
            }
        }))];
        int[] next = new int[Writers];
        Task reading = Task.Run(() =>
        {
            for (int left = Writers * Each; left > 0;)
            {
                if (queue.TryPeek(out (int Writer, int Number) first))
                {
                    Assert.True(queue.TryDequeue(out (int Writer, int Number) item));
                    Assert.Equal(first, item);
                    Assert.Equal(next[item.Writer]++, item.Number);
                    left--;
                }
            }
        });
        await Task.WhenAll([.. writing, reading]).WaitAsync(Waits.Longest);
        Assert.False(queue.TryPeek(out _));
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static WeakReference Through(HandOver<object> queue)
    {
        object item = new();
        queue.Enqueue(item);
        Assert.True(queue.TryPeek(out _));
        Assert.True(queue.TryDequeue(out _));
        return new WeakReference(item);
    }
}
