namespace Streaming.Tests.Mqtt;

/// <summary>A clock that stands still until the test moves it, with timers that fire on the thread that moves it.</summary>
internal sealed class SteppedTime : TimeProvider
{
    private readonly Lock gate = new();
    private readonly List<SteppedTimer> timers = [];
    private long ticks = new DateTimeOffset(2026, 11, 21, 0, 20, 0, TimeSpan.Zero).UtcTicks;

    /// <summary>Timers that are set.</summary>
    public int Timers
    {
        get
        {
            lock (gate)
            {
                return timers.Count(timer => timer.IsSet);
            }
        }
    }

    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    public override DateTimeOffset GetUtcNow() => new(Volatile.Read(ref ticks), TimeSpan.Zero);

    public override long GetTimestamp() => Volatile.Read(ref ticks);

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        SteppedTimer timer = new(this, callback, state);
        timer.Change(dueTime, period);
        return timer;
    }

    /// <summary>Moves the clock in steps of at most a second, so that a periodic timer sees each of its periods.</summary>
    public void Advance(TimeSpan by)
    {
        long end = Volatile.Read(ref ticks) + by.Ticks;
        while (Volatile.Read(ref ticks) < end)
        {
            SteppedTimer[] due;
            lock (gate)
            {
                ticks = Math.Min(end, ticks + TimeSpan.TicksPerSecond);
                due = [.. timers.Where(timer => timer.TakeDue(ticks))];
            }

            foreach (SteppedTimer timer in due)
            {
                timer.Fire();
            }
        }
    }

    private sealed class SteppedTimer(SteppedTime time, TimerCallback callback, object? state) : ITimer
    {
        private long due = long.MaxValue;
        private long period;

        public bool Change(TimeSpan dueTime, TimeSpan period)
        {
            lock (time.gate)
            {
                time.timers.Remove(this);
                this.period = period == Timeout.InfiniteTimeSpan ? 0 : period.Ticks;
                if (dueTime != Timeout.InfiniteTimeSpan)
                {
                    due = time.ticks + dueTime.Ticks;
                    time.timers.Add(this);
                }
            }

            return true;
        }

        public bool IsSet => due != long.MaxValue;

        public bool TakeDue(long now)
        {
            if (now < due)
            {
                return false;
            }

            due = period > 0 ? now + period : long.MaxValue;
            return true;
        }

        public void Fire() => callback(state);

        public void Dispose()
        {
            lock (time.gate)
            {
                time.timers.Remove(this);
            }
        }

        public ValueTask DisposeAsync()
        {
            Dispose();
            return ValueTask.CompletedTask;
        }
    }
}
