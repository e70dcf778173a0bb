namespace Streaming.Silo.Webhooks;

/// <summary>Every bound of webhooks outside turns, in one place. All figures are configuration.</summary>
internal static class WebhookLimits
{
    /// <summary>Webhooks of the city.</summary>
    public const int Webhooks = 200;

    /// <summary>Requests that are on their way at a time, of all webhooks together; each webhook has one.</summary>
    public const int SentAtOnce = 64;

    /// <summary>An address, characters.</summary>
    public const int UrlChars = 500;

    /// <summary>Networks that receivers may be in though they are not public.</summary>
    public const int Networks = 16;

    /// <summary>Items that are read of a feed at a time.</summary>
    public const int ItemsRead = 32;

    /// <summary>Items that the filter leaves out before that is marked by itself.</summary>
    public const int LeftOutUnmarked = 1_000;

    /// <summary>From the first byte to the answer's status.</summary>
    public static readonly TimeSpan Timeout = TimeSpan.FromSeconds(10);

    /// <summary>An item is tried for so long before it is a dead letter.</summary>
    public static readonly TimeSpan GiveUpAfter = TimeSpan.FromHours(24);

    /// <summary>Pause before the second attempt; it doubles with each further one.</summary>
    public static readonly TimeSpan FirstPause = TimeSpan.FromSeconds(2);

    /// <summary>The longest pause between two attempts.</summary>
    public static readonly TimeSpan LongestPause = TimeSpan.FromMinutes(15);

    /// <summary>Deliveries are marked at least so often; what was not marked is delivered again after a kill.</summary>
    public static readonly TimeSpan MarkEvery = TimeSpan.FromSeconds(1);

    /// <summary>How long is waited before the journal or the lists are asked again after they could not be used.</summary>
    public static readonly TimeSpan TroublePause = TimeSpan.FromSeconds(1);

    /// <summary>The pause after an attempt, from 1, shifted by up to a quarter either way, so that receivers which failed together do not come back together.</summary>
    /// <param name="attempt">How many failed so far.</param>
    /// <param name="shift">0 to 999, by chance.</param>
    public static TimeSpan PauseAfter(int attempt, int shift)
    {
        long ticks = Math.Min(LongestPause.Ticks, FirstPause.Ticks << Math.Min(attempt - 1, 20));
        return TimeSpan.FromTicks(ticks - (ticks / 4) + (ticks / 2000 * shift));
    }
}
