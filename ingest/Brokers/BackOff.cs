namespace Streaming.Ingest.Brokers;

/// <summary>Pauses between attempts: each twice as long as the one before, up to a bound, and of each a random half, so that silos that lost a broker together do not come back together.</summary>
/// <param name="seed">The same seed gives the same pauses; two clients should not have the same.</param>
internal sealed class BackOff(ulong seed)
{
    private City.CityRandom random = new(seed);
    private int ceilingMs = BrokerLimits.FirstPauseMs;

    /// <summary>The next pause: from half of the bound that it has come to up to all of it.</summary>
    public TimeSpan Next()
    {
        TimeSpan pause = TimeSpan.FromMilliseconds(random.Between(ceilingMs / 2.0, ceilingMs));
        ceilingMs = Math.Min(ceilingMs * 2, BrokerLimits.LongestPauseMs);
        return pause;
    }

    /// <summary>An attempt held: the next pause is the first again.</summary>
    public void Reset() => ceilingMs = BrokerLimits.FirstPauseMs;
}
