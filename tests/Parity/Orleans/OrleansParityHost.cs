using System.Globalization;
using global::Orleans;
using global::Orleans.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Streaming.Grains.Messages;
using Streaming.Grains.Rules;
using Streaming.Grains.Turns;
using Streaming.Ingest;
using Streaming.Silo;
using Streaming.Silo.Host;
using Streaming.Silo.Orleans;
using Streaming.Silo.Views;

namespace Streaming.Tests.Parity.Orleans;

/// <summary>
/// A silo as the product configures one that stands alone, with threads and a state store of its own: nothing here says in which order things happen, only when nothing happens any more.
/// </summary>
/// <remarks>
/// The clocks sweep once a second of real time, as everywhere. A script has no use for that second, so what is due is swept as soon as it is; a sweep of their own in between does no harm, because it goes by the script's clock too
/// and a clock takes one sweep after the other.
/// </remarks>
internal sealed class OrleansParityHost : IParityHost
{
    /// <summary>So long may anything take: a machine may have a lot else to do.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(1);

    private readonly ParityData data;
    private readonly SqliteStateStore states;
    private readonly ParityRun run;
    private readonly IHost silo;
    private readonly IClockGrain[] clocks;
    private GrainTurns turns = null!;
    private bool closed;

    private OrleansParityHost(ParityData data, Rulebook rulebook)
    {
        this.data = data;
        states = new SqliteStateStore(data.StatesPath);
        run = new ParityRun(data, states, rulebook, ParityRun.Options with { Workers = 1 }, ParityRun.Journal, parts => turns = new GrainTurns(parts));
        HostApplicationBuilder builder = new(new HostApplicationBuilderSettings { DisableDefaults = true });
        builder.UseOrleans(alone => OrleansSilo.AddAlone(alone, turns, states));
        silo = builder.Build();
        IGrainFactory grains = silo.Services.GetRequiredService<IGrainFactory>();
        clocks = [.. Enumerable.Range(0, SiloLimits.Clocks).Select(number => grains.GetGrain<IClockGrain>(number))];
        turns.Attach(grains);
    }

    public ViewReader Lists => run.Lists;

    private DateTimeOffset Now => data.Time.GetUtcNow();

    public static async Task<IParityHost> OpenAsync(ParityData data, Rulebook rulebook)
    {
        OrleansParityHost host = new(data, rulebook);
        try
        {
            await host.StartAsync();
            return host;
        }
        catch
        {
            await host.DisposeAsync();
            throw;
        }
    }

    public async Task<Appended> AppendAsync(ReadOnlyMemory<byte> records)
    {
        Appended appended = await run.Host.AppendAsync(records, CancellationToken.None);
        if (appended.Refusal is null)
        {
            await run.Host.WaitDurableAsync(appended.LastPosition).AsTask().WaitAsync(Patience);
        }

        return appended;
    }

    public Task<CommandResult> CommandAsync(ActorKind kind, string key, MessageKind message, ReadOnlyMemory<byte> body) =>
        run.Host.CommandAsync(kind, key, message, body, CancellationToken.None).AsTask().WaitAsync(Patience);

    public Task<byte[]?> DescribeAsync(ActorKind kind, string key) => run.Host.DescribeAsync(kind, key, CancellationToken.None).AsTask().WaitAsync(Patience);

    public Task AdvanceAsync(DateTimeOffset to)
    {
        data.Advance(to);
        return Task.CompletedTask;
    }

    public async Task SettleAsync()
    {
        using CancellationTokenSource patience = new(Patience);
        while (!await IsSettledAsync())
        {
            Check(run.Host.NotReady is null, run.Host.NotReady ?? "");
            Check(!patience.IsCancellationRequested, "does not come to rest");
            await Task.Delay(Pause);
        }

        Check(run.Host.NotReady is null, run.Host.NotReady ?? "");
    }

    public async Task CloseAsync(bool inOrder)
    {
        if (inOrder)
        {
            await StopAsync();
            await EndAsync(CancellationToken.None);
        }
        else
        {
            // From here on grains can store nothing, and neither can journal and history.
            turns.Storage.Close(new IOException("The power is gone (simulated)."));
            data.Crash();
            await EndAsync(new CancellationToken(canceled: true));
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (!closed)
        {
            await EndAsync(new CancellationToken(canceled: true));
        }
    }

    private async Task StartAsync()
    {
        await silo.StartAsync().WaitAsync(Patience);
        run.Host.Start();
        await run.Host.Ready.WaitAsync(Patience);
        await run.Host.OpenAsync(CancellationToken.None).WaitAsync(Patience);
        await SettleAsync();
    }

    /// <summary>
    /// Every actor whose reminder is due is known by the stored state, which is written before the turn that sets or takes a reminder leads to anything. So where nothing is under way, the store says whether something is due; and
    /// where the journal did not grow while it was asked, nothing is under way still.
    /// </summary>
    private async Task<bool> IsSettledAsync()
    {
        long end = run.Host.Journal.End;
        if (!run.Host.AtRest || !run.IsShown)
        {
            return false;
        }

        if (states.Due(share: 0, shares: 1, Now.ToUnixTimeMilliseconds(), limit: 1).Count > 0)
        {
            await Task.WhenAll(clocks.Select(clock => clock.SweepAsync())).WaitAsync(Patience);
            return false;
        }

        return run.Host.Journal.End == end;
    }

    /// <summary>Stops in order. The clock moves a little meanwhile, in which nothing may fall due: it would at another time than without the restart.</summary>
    private async Task StopAsync()
    {
        long end = run.Host.Journal.End;
        using CancellationTokenSource patience = new(Patience);
        Task stop = run.Host.StopAsync();
        while (!stop.IsCompleted && turns.SafeFrom <= end)
        {
            Check(!patience.IsCancellationRequested, "does not store all states");
            await Task.Delay(Pause);
        }

        data.Time.Advance(ParityData.Pacing);
        await stop.WaitAsync(Patience);
        Check(run.Host.Journal.End == end, $"had something fall due in the {ParityData.Pacing.TotalMilliseconds} ms of a restart; keep them free in the script");
        Check(run.Host.TailRecords == 0, "did not store all states when it was stopped in order");
    }

    private async Task EndAsync(CancellationToken cancellation)
    {
        closed = true;
        try
        {
            await silo.StopAsync(cancellation).WaitAsync(Patience, CancellationToken.None);
        }
        catch (OperationCanceledException)
        {
            // A crash takes no time to let go of anything.
        }

        silo.Dispose();
        run.Dispose();
    }

    private void Check(bool holds, string otherwise)
    {
        if (!holds)
        {
            throw new InvalidOperationException(string.Create(CultureInfo.InvariantCulture, $"The Orleans host {otherwise} (at {Now:O}, journal position {run.Host.Journal.End})."));
        }
    }
}
