using Streaming.Grains.Turns;

namespace Streaming.Silo.Host;

/// <summary>
/// Who waits for the answer to which command. Appending and registering happen under one lock, and a worker that meets a command asks under the same lock, so an
/// answer cannot come before somebody waits for it.
/// </summary>
internal sealed class PendingCommands
{
    private readonly Lock gate = new();
    private readonly Dictionary<long, TaskCompletionSource<CommandResult>> waiting = [];

    public Task<CommandResult> Add(Func<long> append)
    {
        TaskCompletionSource<CommandResult> answer = new(TaskCreationOptions.RunContinuationsAsynchronously);
        lock (gate)
        {
            waiting.Add(append(), answer);
        }

        return answer.Task;
    }

    public TaskCompletionSource<CommandResult>? Take(long position)
    {
        lock (gate)
        {
            return waiting.Remove(position, out TaskCompletionSource<CommandResult>? answer) ? answer : null;
        }
    }

    public void FailAll(Exception failure)
    {
        lock (gate)
        {
            foreach (TaskCompletionSource<CommandResult> answer in waiting.Values)
            {
                answer.TrySetException(failure);
            }

            waiting.Clear();
        }
    }
}
