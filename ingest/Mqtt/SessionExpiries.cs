using Microsoft.Extensions.Logging;

namespace Streaming.Ingest.Mqtt;

/// <summary>
/// Ends persistent sessions whose client stayed away for longer than its Session Expiry Interval (MQTT 5.0 section 3.1.2.11.2). When each left is kept in memory: a restart counts from its own beginning, so a session
/// may live longer than was agreed, never shorter.
/// </summary>
internal sealed partial class SessionExpiries(ISessions sessions, ILogger logger)
{
    private readonly Lock gate = new();
    private readonly Dictionary<string, Waiting> waiting = [];

    private sealed record Waiting(long DueMs, Task? Ending);

    /// <summary>The client has disconnected; its session is to end at <paramref name="dueMs"/>.</summary>
    public void Schedule(string key, long dueMs)
    {
        lock (gate)
        {
            if (waiting.Count < MqttLimits.SessionsAwaitingExpiry)
            {
                waiting[key] = new Waiting(dueMs, null);
            }
        }
    }

    /// <summary>The client is back. Where its session is just being ended, waits until it has, so that it is not found half gone.</summary>
    public async ValueTask CancelAsync(string key, CancellationToken cancellation)
    {
        Task? ending;
        lock (gate)
        {
            if (!waiting.Remove(key, out Waiting? entry))
            {
                return;
            }

            ending = entry.Ending;
        }

        if (ending is not null)
        {
            await ending.WaitAsync(cancellation);
        }
    }

    public void OnHeartbeat(long nowMs)
    {
        lock (gate)
        {
            if (waiting.Count == 0)
            {
                return;
            }

            foreach ((string key, Waiting entry) in waiting.Where(pair => pair.Value.DueMs <= nowMs && pair.Value.Ending is null).ToList())
            {
                waiting[key] = entry with { Ending = EndAsync(key) };
            }
        }
    }

    private async Task EndAsync(string key)
    {
        // Leaves the lock of the caller before anything can be waited for.
        await Task.CompletedTask.ConfigureAwait(ConfigureAwaitOptions.ForceYielding);
        try
        {
            await sessions.EndAsync(key, CancellationToken.None);
        }
        catch (Exception e)
        {
            Log.ExpiryFailed(logger, key, e);
        }

        lock (gate)
        {
            if (waiting.TryGetValue(key, out Waiting? entry) && entry.Ending is not null)
            {
                waiting.Remove(key);
            }
        }
    }

    private static partial class Log
    {
        [LoggerMessage(Level = LogLevel.Warning, Message = "The expired MQTT session {Key} could not be ended; it is kept until its client comes back.")]
        public static partial void ExpiryFailed(ILogger logger, string key, Exception e);
    }
}
