namespace Streaming.Tests.Journal;

/// <summary>A clock that stands still until it is moved; its timers fire while it is being moved, on the mover's thread.</summary>
internal sealed class ManualTime(long nowMs) : TimeProvider
{
    private readonly List<ManualTimer> timers = [];

    public long NowMs { get; set; } = nowMs;

    public override long TimestampFrequency => 1000;

    public override DateTimeOffset GetUtcNow() => DateTimeOffset.FromUnixTimeMilliseconds(NowMs);

    public override long GetTimestamp() => NowMs;

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        ManualTimer timer = new(this, callback, state);
        timer.Change(dueTime, period);
        timers.Add(timer);
        return timer;
    }

    public void Advance(int ms)
    {
        for (int i = 0; i < ms; i++)
        {
            NowMs++;
            foreach (ManualTimer timer in timers.ToArray())
            {
                timer.FireIfDue();
            }
        }
    }

    private sealed class ManualTimer(ManualTime time, TimerCallback callback, object? state) : ITimer
    {
        private long dueMs = long.MaxValue;
        private long periodMs;

        public bool Change(TimeSpan dueTime, TimeSpan period)
        {
            dueMs = dueTime == Timeout.InfiniteTimeSpan ? long.MaxValue : time.NowMs + (long)dueTime.TotalMilliseconds;
            periodMs = period == Timeout.InfiniteTimeSpan ? 0 : (long)period.TotalMilliseconds;
            return true;
        }

        public void FireIfDue()
        {
            if (time.NowMs >= dueMs)
            {
                dueMs = periodMs > 0 ? time.NowMs + periodMs : long.MaxValue;
                callback(state);
            }
        }

        public void Dispose() => time.timers.Remove(this);

        public ValueTask DisposeAsync()
        {
            Dispose();
            return ValueTask.CompletedTask;
        }
    }
}
