using Orleans;
using Orleans.Runtime;
using Streaming.Grains.Orleans;
using Streaming.Grains.Turns;

namespace Streaming.Silo.Orleans;

/// <summary>Sweeps the deadlines of its share of the partitions.</summary>
internal interface IClockGrain : IGrainWithIntegerKey
{
    /// <summary>Begins to sweep, or goes on.</summary>
    Task StartAsync(int shares);

    /// <summary>Sweeps now and returns how many reminders were due.</summary>
    Task<int> SweepAsync();

    /// <summary>Sweeps no more until it is started again.</summary>
    Task StopAsync();
}

/// <summary>
/// One of a few clocks. Every second it looks which actors are due, asks each for the reminders it really has, and has them journaled; the reminder's turn takes it off the actor's list, so a deadline that is found twice
/// does nothing the second time. A reminder of Orleans wakes the clock where its activation was lost. What fell due while nothing ran is found by the first sweep.
/// </summary>
[GrainType("clock")]
internal sealed partial class ClockGrain(IDeadlines deadlines, IDeadlineSink sink, ILogger<ClockGrain> logger) : Grain, IClockGrain, IRemindable
{
    private const string KeepAlive = "keep-alive";
    private static readonly TimeSpan SweepEvery = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan KeepAliveEvery = TimeSpan.FromMinutes(1);
    private IGrainTimer? timer;
    private int shares;

    public async Task StartAsync(int shares)
    {
        this.shares = shares;
        timer ??= this.RegisterGrainTimer(SweepOnceAsync, new GrainTimerCreationOptions { DueTime = TimeSpan.Zero, Period = SweepEvery, KeepAlive = true });
        await this.RegisterOrUpdateReminder(KeepAlive, KeepAliveEvery, KeepAliveEvery);
    }

    public async Task<int> SweepAsync()
    {
        int fired = 0;
        long now = sink.NowMs;
        foreach (ActorId actor in await deadlines.DueAsync((int)this.GetPrimaryKeyLong(), shares, now, SiloLimits.DeadlinesPerSweep, CancellationToken.None))
        {
            try
            {
                DueReminder[] due = await ActorGrains.Find(GrainFactory, actor.Kind, actor.Key).DueAsync(now);
                sink.Fire(actor, due);
                fired += due.Length;
            }
#pragma warning disable CA1031 // One actor that does not answer must not hold up the deadlines of all behind it; it is asked again by the next sweep.
            catch (Exception error)
#pragma warning restore CA1031
            {
                Log.NotAsked(logger, error, this.GetPrimaryKeyLong(), actor);
            }
        }

        return fired;
    }

    public async Task StopAsync()
    {
        timer?.Dispose();
        timer = null;
        if (await this.GetReminder(KeepAlive) is { } reminder)
        {
            await this.UnregisterReminder(reminder);
        }
    }

    /// <summary>The reminder has woken a clock that had been lost.</summary>
    public Task ReceiveReminder(string reminderName, TickStatus status) => timer is null ? StartAsync(SiloLimits.Clocks) : Task.CompletedTask;

    private async Task SweepOnceAsync(CancellationToken cancellation)
    {
        try
        {
            await SweepAsync();
        }
#pragma warning disable CA1031 // The next sweep is a second away, and finds the same deadlines.
        catch (Exception error)
#pragma warning restore CA1031
        {
            Log.SweepFailed(logger, error, this.GetPrimaryKeyLong());
        }
    }

    private static partial class Log
    {
        [LoggerMessage(Level = LogLevel.Warning, Message = "Clock {Clock} could not sweep; it tries again in a second")]
        public static partial void SweepFailed(ILogger logger, Exception error, long clock);

        [LoggerMessage(Level = LogLevel.Warning, Message = "Clock {Clock} got no answer from {Actor}; it asks again in a second")]
        public static partial void NotAsked(ILogger logger, Exception error, long clock, ActorId actor);
    }
}

/// <summary>Starts and stops the clocks of a silo.</summary>
internal sealed class ClockKeeper(IGrainFactory grains)
{
    public Task StartAsync(CancellationToken cancellation) => Task.WhenAll(Clocks().Select(clock => clock.StartAsync(SiloLimits.Clocks))).WaitAsync(cancellation);

    public Task StopAsync() => Task.WhenAll(Clocks().Select(clock => clock.StopAsync()));

    private IEnumerable<IClockGrain> Clocks() => Enumerable.Range(0, SiloLimits.Clocks).Select(number => grains.GetGrain<IClockGrain>(number));
}
