using Streaming.Grains.Messages;
using Streaming.Grains.Rules;
using Streaming.Grains.Turns;
using Streaming.Ingest;
using Streaming.Silo.Host;
using Streaming.Silo.Journal;
using Streaming.Silo.Views;
using Streaming.Tests.Simulation;
using Streaming.Tests.Support;

namespace Streaming.Tests.Parity;

/// <summary>In which order the parts of a standalone host take their steps.</summary>
/// <param name="Workers">Workers that share the partitions.</param>
/// <param name="Seed">Of the order; null for one after another.</param>
internal readonly record struct StandaloneOrder(int Workers, int? Seed);

/// <summary>The standalone host, its parts stepped by the test instead of by threads: a run is the same every time, and at rest means that no part finds anything to do.</summary>
internal sealed class StandaloneParityHost : IParityHost
{
    /// <summary>Rounds in which no part found anything to do before the host counts as settled: a part may find something once another was stepped.</summary>
    private const int QuietRounds = 3;

    private const int MostRounds = 100_000;

    private readonly ParityData data;
    private readonly StandaloneOrder order;
    private readonly Random? random;
    private readonly ParityRun run;
    private readonly IStep[] steps;

    private StandaloneParityHost(ParityData data, Rulebook rulebook, StandaloneOrder order)
    {
        this.data = data;
        this.order = order;
        random = order.Seed is { } seed ? new Random(seed) : null;
        run = new ParityRun(data, data.OpenStates(), rulebook, ParityRun.Options with { Workers = order.Workers }, ParityRun.Journal with { InlineContinuations = true }, parts => new WorkerTurns(parts));
        steps = [.. run.Host.Steps];
    }

    public ViewReader Lists => run.Lists;

    public static async Task<IParityHost> OpenAsync(ParityData data, Rulebook rulebook, StandaloneOrder order)
    {
        StandaloneParityHost host = new(data, rulebook, order);
        await host.SettleAsync();
        return host;
    }

    public async Task<Appended> AppendAsync(ReadOnlyMemory<byte> records)
    {
        Appended appended = await RunAsync(run.Host.AppendAsync(records, CancellationToken.None).AsTask());
        if (appended.Refusal is null)
        {
            Task durable = run.Host.WaitDurableAsync(appended.LastPosition).AsTask();
            await RunAsync(durable);
        }

        return appended;
    }

    public Task<CommandResult> CommandAsync(ActorKind kind, string key, MessageKind message, ReadOnlyMemory<byte> body) =>
        RunAsync(run.Host.CommandAsync(kind, key, message, body, CancellationToken.None).AsTask());

    public Task<byte[]?> DescribeAsync(ActorKind kind, string key) => RunAsync(run.Host.DescribeAsync(kind, key, CancellationToken.None).AsTask());

    public Task AdvanceAsync(DateTimeOffset to)
    {
        data.Advance(to);
        return Task.CompletedTask;
    }

    public Task SettleAsync()
    {
        Rest();
        Check(run.Host.NotReady is null, run.Host.NotReady ?? "");
        Check(run.IsShown, "has something that is in the journal and not in the lists");
        return Task.CompletedTask;
    }

    public async Task CloseAsync(bool inOrder)
    {
        if (inOrder)
        {
            await StopAsync();
        }
        else
        {
            data.Crash();
        }

        run.Dispose();
    }

    public ValueTask DisposeAsync()
    {
        run.Dispose();
        return ValueTask.CompletedTask;
    }

    /// <summary>Stops in order. The clock moves a little meanwhile, in which nothing may fall due: it would at another time than without the restart.</summary>
    private async Task StopAsync()
    {
        long end = run.Host.Journal.End;
        Task stop = run.Host.StopAsync();
        Rest();
        data.Time.Advance(ParityData.Pacing);
        await RunAsync(stop);
        Check(run.Host.Journal.End == end, $"had something fall due in the {ParityData.Pacing.TotalMilliseconds} ms of a restart; keep them free in the script");
    }

    private void Rest()
    {
        int rounds = 0;
        for (int quiet = 0; quiet < QuietRounds; quiet = Round() ? 0 : quiet + 1)
        {
            Check(++rounds < MostRounds, "does not come to rest");
        }
    }

    private bool Round()
    {
        if (random is null)
        {
            return StepAll(steps);
        }

        for (int some = random.Next(12); some > 0; some--)
        {
            steps[random.Next(steps.Length)].Step();
        }

        random.Shuffle(steps);
        return StepAll(steps);
    }

    private static bool StepAll(IStep[] parts)
    {
        bool worked = false;
        foreach (IStep part in parts)
        {
            worked |= part.Step();
        }

        return worked;
    }

    private async Task<T> RunAsync<T>(Task<T> task)
    {
        await RunAsync((Task)task);
        return await task;
    }

    /// <summary>Steps the parts until something asked of the host is answered; what waits for it goes on by the thread pool, hence the yield.</summary>
    private async Task RunAsync(Task task)
    {
        while (!task.IsCompleted)
        {
            if (!Round())
            {
                await Task.Yield();
            }
        }

        await task;
    }

    private void Check(bool holds, string otherwise)
    {
        if (!holds)
        {
            throw new InvalidOperationException($"The standalone host {otherwise} (at {data.Time.GetUtcNow():O}, journal position {run.Host.Journal.End}, {order}).");
        }
    }
}
