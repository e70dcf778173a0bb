using System.Diagnostics;
using Streaming.Tests.Support;
using Xunit;

namespace Streaming.Tests.Orleans;

/// <summary>Asks again and again until something holds, with a limit that only a broken run reaches.</summary>
internal static class Eventually
{
    public static Task Holds(Func<bool> holds, string what) => Holds(() => ValueTask.FromResult(holds()), what);

    public static async Task Holds(Func<ValueTask<bool>> holds, string what)
    {
        long begun = Stopwatch.GetTimestamp();
        while (!await holds())
        {
            Assert.True(Stopwatch.GetElapsedTime(begun) < Waits.Longest, $"{Waits.Longest.TotalSeconds:F0} s went by, and it does not hold: {what}");
            await Task.Delay(TimeSpan.FromMilliseconds(10));
        }
    }
}
