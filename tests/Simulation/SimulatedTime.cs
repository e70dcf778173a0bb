namespace Streaming.Tests.Simulation;

/// <summary>
/// The clock of a simulated machine: it stands still until the simulation moves it, timers fire while it is being moved, and the wall clock can be set as an operator or a time server sets one, with no effect on how
/// much time has passed. One thread moves it and reads it.
/// </summary>
internal sealed class SimulatedTime(DateTimeOffset start) : TimeProvider
{
    private readonly PriorityQueue<SimulatedTimer, (long DueTicks, long Number)> timers = new();
    private long passedTicks;
    private long setTicks;
    private long timersMade;

    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    public override DateTimeOffset GetUtcNow() => start.AddTicks(passedTicks + setTicks);

    public override long GetTimestamp() => passedTicks;

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        SimulatedTimer timer = new(this, callback, state);
        timer.Change(dueTime, period);
        return timer;
    }

    /// <summary>Time passes.</summary>
    public void Advance(TimeSpan by)
    {
        long end = passedTicks + by.Ticks;
        while (timers.TryPeek(out SimulatedTimer? timer, out (long DueTicks, long Number) due) && due.DueTicks <= end)
        {
            timers.Dequeue();
            passedTicks = Math.Max(passedTicks, due.DueTicks);
            timer.FireIfDue(due.DueTicks);
        }

        passedTicks = end;
    }

    /// <summary>The wall clock is set ahead or back; no time passes.</summary>
    public void Jump(TimeSpan by) => setTicks += by.Ticks;

    private sealed class SimulatedTimer(SimulatedTime time, TimerCallback callback, object? state) : ITimer
    {
        private long dueTicks = long.MaxValue;
        private long periodTicks;

        public bool Change(TimeSpan dueTime, TimeSpan period)
        {
            periodTicks = period == Timeout.InfiniteTimeSpan ? 0 : period.Ticks;
            Due(dueTime == Timeout.InfiniteTimeSpan ? long.MaxValue : time.passedTicks + dueTime.Ticks);
            return true;
        }

        /// <summary>An entry of the queue from before the timer was changed or disposed is passed over.</summary>
        public void FireIfDue(long due)
        {
            if (due == dueTicks)
            {
                Due(periodTicks > 0 ? due + periodTicks : long.MaxValue);
                callback(state);
            }
        }

        public void Dispose() => dueTicks = long.MaxValue;

        public ValueTask DisposeAsync()
        {
            Dispose();
            return ValueTask.CompletedTask;
        }

        private void Due(long ticks)
        {
            dueTicks = ticks;
            if (ticks != long.MaxValue)
            {
                time.timers.Enqueue(this, (ticks, time.timersMade++));
            }
        }
    }
}
