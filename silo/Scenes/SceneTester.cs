using Streaming.Grains.Messages;
using Streaming.Grains.Turns;
using Streaming.Silo.History;
using Streaming.Silo.Host;
using Streaming.Silo.Journal;

namespace Streaming.Silo.Scenes;

/// <summary>A back-test that is under way, as it is shown.</summary>
/// <param name="ReachedMs">Time of the record that it is at, ms; 0 before the first.</param>
internal sealed record RunningTrial(string Scene, int Revision, string By, long BegunMs, long FromMs, long ToMs, long ReachedMs);

/// <summary>
/// Runs back-tests of scenes beside the process, one at a time: on a thread of its own below the others' priority that rests as long as it works, over the sealed segments, the archives and the newest segment up to what was durable when it began. It opens the
/// journal's files for reading by itself, and writes to a directory of its own alone. What it found is told to the scene.
/// </summary>
internal sealed partial class SceneTester(string journalDirectory, IActorHost host, TimeProvider time, ILogger<SceneTester> logger) : IAsyncDisposable
{
    private readonly Lock gate = new();
    private readonly CancellationTokenSource stopping = new();
    private Trial? running;
    private (string Scene, string Why)? failed;

    private sealed class Trial(SceneTrialOrder order, SceneTrial run, long begunMs, CancellationTokenSource cancellation)
    {
        public SceneTrialOrder Order { get; } = order;

        public SceneTrial Run { get; } = run;

        public long BegunMs { get; } = begunMs;

        public CancellationTokenSource Cancellation { get; } = cancellation;

        public Task Done { get; set; } = Task.CompletedTask;

        public RunningTrial Shown => new(Order.Scene.Id, Order.Scene.Revision, Order.By, BegunMs, Order.FromMs, Order.ToMs, Run.ReachedMs);
    }

    /// <summary>The one under way; null where none is.</summary>
    public RunningTrial? Running
    {
        get
        {
            lock (gate)
            {
                return running?.Shown;
            }
        }
    }

    /// <summary>Why the last back-test of a scene came to nothing; null where it did not. Kept in memory: a restart forgets it.</summary>
    public string? FailureOf(string scene)
    {
        lock (gate)
        {
            return failed is { } last && last.Scene == scene ? last.Why : null;
        }
    }

    /// <summary>Begins one; the one under way where there is one already.</summary>
    public RunningTrial? TryBegin(SceneTrialOrder order)
    {
        lock (gate)
        {
            if (running is not null || stopping.IsCancellationRequested)
            {
                return running?.Shown;
            }

            failed = null;
            Trial trial = new(order, new SceneTrial(order), time.GetUtcNow().ToUnixTimeMilliseconds(), CancellationTokenSource.CreateLinkedTokenSource(stopping.Token));
            running = trial;
            TaskCompletionSource<SceneTest> found = new(TaskCreationOptions.RunContinuationsAsynchronously);
            Thread thread = new(() => Run(trial, found)) { IsBackground = true, Name = "scene back-test", Priority = ThreadPriority.BelowNormal };
            trial.Done = FinishAsync(trial, found.Task);
            thread.Start();
            return null;
        }
    }

    /// <summary>Gives the back-test of a scene up; false where none is under way.</summary>
    public bool Cancel(string scene)
    {
        lock (gate)
        {
            if (running?.Order.Scene.Id != scene)
            {
                return false;
            }

            running.Cancellation.Cancel();
            return true;
        }
    }

    public async ValueTask DisposeAsync()
    {
        await stopping.CancelAsync().ConfigureAwait(false);
        Task done;
        lock (gate)
        {
            done = running?.Done ?? Task.CompletedTask;
        }

        await done.ConfigureAwait(false);
        stopping.Dispose();
    }

    private void Run(Trial trial, TaskCompletionSource<SceneTest> found)
    {
        DirectoryInfo? scratch = null;
        try
        {
            scratch = Directory.CreateTempSubdirectory("streaming-scene-");
            using RealDisk disk = RealDisk.ForReading(journalDirectory);
            found.TrySetResult(trial.Run.Run(new RecordedJournal(disk), scratch.FullName, time, trial.Cancellation.Token));
        }
        catch (Exception failure)
        {
            found.TrySetException(failure);
        }
        finally
        {
            scratch?.Delete(recursive: true);
        }
    }

    /// <summary>Tells the scene what was found, and makes room for the next.</summary>
    private async Task FinishAsync(Trial trial, Task<SceneTest> found)
    {
        string scene = trial.Order.Scene.Id;
        string? why = null;
        try
        {
            SceneTest test = await found.ConfigureAwait(false);
            CommandResult told = await host.CommandAsync(ActorKind.Scene, scene, MessageKind.TestScene, System.Text.Json.JsonSerializer.SerializeToUtf8Bytes(new SceneTested(test), GrainsJson.Default.SceneTested), CancellationToken.None)
                .ConfigureAwait(false);
            why = told.Reply is { Status: not ReplyStatus.Done } refused ? refused.Text : null;
        }
        catch (OperationCanceledException)
        {
            why = "It was given up.";
        }
        catch (HostUnavailableException unavailable)
        {
            why = $"What it found could not be kept: {unavailable.Message}";
        }
        catch (Exception failure)
        {
            Log.Failed(logger, scene, failure);
            why = failure is JournalDamagedException or IOException ? failure.Message : "Something went wrong here, not in the scene; the log has it.";
        }

        lock (gate)
        {
            running = null;
            failed = why is null ? failed : (scene, why);
        }

        trial.Cancellation.Dispose();
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Error, "The back-test of the scene {Scene} failed.")]
        public static partial void Failed(ILogger logger, string scene, Exception failure);
    }
}
