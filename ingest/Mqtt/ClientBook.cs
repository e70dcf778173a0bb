using Streaming.Ingest.Mqtt.Packets;

namespace Streaming.Ingest.Mqtt;

/// <summary>The last thing that was refused to somebody.</summary>
/// <param name="Refusal">Its name, as in <see cref="MqttRefusal"/>; <c>Publish</c> where a publish was quarantined or refused and the connection went on.</param>
/// <param name="Detail">What was wrong, for people.</param>
internal sealed record LastRefusal(DateTimeOffset At, string Refusal, string Detail, string Address, string? ClientId);

/// <summary>
/// What is known of each user beyond its connections: how fast it may send, and what was refused to it last. Only of users that exist; a stranger's inventions leave nothing here. Bounded: those who were away for longest are forgotten first.
/// </summary>
internal sealed class ClientBook
{
    private readonly Lock gate = new();
    private readonly Dictionary<string, Page> pages = new(StringComparer.Ordinal);

    /// <summary>A connection of this user begins; its rate is the same for all of them.</summary>
    public SendingRate Enter(AdmittedClient client, long nowMs)
    {
        SendingRate rate;
        lock (gate)
        {
            Page page = Of(client.User, nowMs);
            page.Connections++;
            rate = page.Rate ??= new SendingRate(nowMs);
        }

        rate.Allow(client.Device?.Registration);
        return rate;
    }

    /// <summary>The connection has ended.</summary>
    public void Leave(string user, long nowMs)
    {
        lock (gate)
        {
            Page page = Of(user, nowMs);
            page.Connections = Math.Max(0, page.Connections - 1);
        }
    }

    public void Remember(string user, LastRefusal refusal, long nowMs)
    {
        lock (gate)
        {
            Of(user, nowMs).LastRefusal = refusal;
        }
    }

    public LastRefusal? LastRefusalOf(string user)
    {
        lock (gate)
        {
            return pages.GetValueOrDefault(user)?.LastRefusal;
        }
    }

    private Page Of(string user, long nowMs)
    {
        if (!pages.TryGetValue(user, out Page? page))
        {
            if (pages.Count >= MqttLimits.ClientsRemembered)
            {
                // A sixteenth at once, so that a full book is not gone through for each further user. Those connected stay: there are at most as many as connections.
                foreach (string key in pages.Where(entry => entry.Value.Connections == 0).OrderBy(entry => entry.Value.LastMs).Take(MqttLimits.ClientsRemembered / 16).Select(entry => entry.Key).ToList())
                {
                    pages.Remove(key);
                }
            }

            pages[user] = page = new Page();
        }

        page.LastMs = nowMs;
        return page;
    }

    private sealed class Page
    {
        public int Connections { get; set; }

        public long LastMs { get; set; }

        public SendingRate? Rate { get; set; }

        public LastRefusal? LastRefusal { get; set; }
    }
}
