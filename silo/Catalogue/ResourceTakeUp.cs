using Streaming.Grains.Messages;
using Streaming.Grains.Turns;
using Streaming.Silo.Host;
using Streaming.Silo.Views;

namespace Streaming.Silo.Catalogue;

/// <summary>
/// Has devices that were registered by a version without a catalogue show their rows: once, beside the start, some at a time. A list that is behind only has it ask one too many, which changes nothing.
/// </summary>
internal sealed partial class ResourceTakeUp(IActorHost host, ViewReader lists, ILogger<ResourceTakeUp> logger) : IAsyncDisposable
{
    private readonly CancellationTokenSource ending = new();
    private Task running = Task.CompletedTask;

    public void Start() => running = Task.Run(RunAsync);

    public async ValueTask DisposeAsync()
    {
        await ending.CancelAsync().ConfigureAwait(false);
        await running.ConfigureAwait(false);
        ending.Dispose();
    }

    private async Task RunAsync()
    {
        try
        {
            IReadOnlyList<string> unlisted = lists.DevicesWithoutResource();
            foreach (string[] some in unlisted.Chunk(SiloLimits.TakenUpAtOnce))
            {
                await Task.WhenAll(some.Select(device => host.CommandAsync(ActorKind.Source, device, MessageKind.ShowResource, ReadOnlyMemory<byte>.Empty, ending.Token).AsTask())).ConfigureAwait(false);
            }
        }
        catch (OperationCanceledException)
        {
            // The next start goes on.
        }
        catch (Exception failure) when (failure is not OutOfMemoryException)
        {
            // The catalogue has fewer rows than it might; that is no reason to end.
            Log.NotTakenUp(logger, failure);
        }
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Warning, "Devices that an earlier version registered could not all be entered in the catalogue; the next start tries again.")]
        public static partial void NotTakenUp(ILogger logger, Exception failure);
    }
}
