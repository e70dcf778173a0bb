using System.Net;
using System.Net.Sockets;

namespace Streaming.Silo.Access;

/// <summary>
/// Who has presented too many wrong passwords and has to wait. Counted are a user at an address, and an address over all users; each failure past the first few doubles the wait.
/// </summary>
/// <remarks>
/// A user is never locked out as such: whoever wanted a station silent would only have to guess at its password from anywhere. So failures at one address are no other address's concern, and how fast a password
/// can be guessed from many addresses at once is bounded by the few slow hashes that are computed at the same time. A generated secret that is right is let in whatever is locked: it cannot be guessed and costs
/// nothing to check, so there is nothing that a lock would protect. (<see cref="AccessBook"/> therefore asks here before a slow check only.)
/// <para>
/// While a user is locked at an address its attempts are not counted for the address: one misconfigured device does not lock out those that share a gateway with it. Both tables are bounded; when one is full, what
/// waits for nothing any more goes first, then what failed longest ago.
/// </para>
/// </remarks>
internal sealed class Lockouts(TimeProvider time)
{
    private readonly Lock gate = new();
    private readonly Dictionary<(string User, string Address), Failures> users = [];
    private readonly Dictionary<string, Failures> addresses = new(StringComparer.Ordinal);
    private readonly long started = time.GetTimestamp();

    /// <summary>Entries in both tables.</summary>
    public int Count
    {
        get
        {
            lock (gate)
            {
                return users.Count + addresses.Count;
            }
        }
    }

    private long NowMs => (long)time.GetElapsedTime(started).TotalMilliseconds;

    /// <summary>How long this user has to wait at this address; zero where it need not.</summary>
    public TimeSpan WaitOf(string user, IPAddress? address)
    {
        string place = PlaceOf(address);
        lock (gate)
        {
            long now = NowMs;
            long until = Math.Max(UntilOf(users.GetValueOrDefault((user, place))), UntilOf(addresses.GetValueOrDefault(place)));
            return until > now ? TimeSpan.FromMilliseconds(until - now) : TimeSpan.Zero;
        }
    }

    /// <summary>A wrong password was presented.</summary>
    public void Fail(string user, IPAddress? address)
    {
        string place = PlaceOf(address);
        lock (gate)
        {
            long now = NowMs;
            Add(users, (user, place), AccessLimits.FailuresOfUser, AccessLimits.LockedUsers, now);
            Add(addresses, place, AccessLimits.FailuresOfAddress, AccessLimits.LockedAddresses, now);
        }
    }

    /// <summary>The right password was presented: the user starts anew there, and the address is believed a little more.</summary>
    public void Succeed(string user, IPAddress? address)
    {
        string place = PlaceOf(address);
        lock (gate)
        {
            if (users.Count == 0 && addresses.Count == 0)
            {
                return;
            }

            // Not forgotten as a whole: whoever holds one password that works could guess on at the others for ever.
            if (users.Remove((user, place), out Failures? own) && addresses.TryGetValue(place, out Failures? all) && (all.Count -= own.Count) <= 0)
            {
                addresses.Remove(place);
            }
        }
    }

    /// <summary>An IPv6 subscriber has a whole /64 of addresses to come from.</summary>
    private static string PlaceOf(IPAddress? address)
    {
        if (address is null)
        {
            return "";
        }

        if (address.IsIPv4MappedToIPv6)
        {
            address = address.MapToIPv4();
        }

        return address.AddressFamily == AddressFamily.InterNetworkV6 ? Convert.ToHexString(address.GetAddressBytes(), 0, 8) : address.ToString();
    }

    private static long UntilOf(Failures? failures) => failures?.UntilMs ?? 0;

    private static void Add<TKey>(Dictionary<TKey, Failures> table, TKey key, int free, int most, long now)
        where TKey : notnull
    {
        if (table.TryGetValue(key, out Failures? failures) && now - failures.LastMs > AccessLimits.FailuresForgottenMs)
        {
            table.Remove(key);
            failures = null;
        }

        if (failures is null)
        {
            if (table.Count >= most)
            {
                MakeRoom(table, now);
            }

            table[key] = failures = new Failures();
        }

        failures.Count++;
        failures.LastMs = now;
        if (failures.Count >= free)
        {
            failures.UntilMs = now + Math.Min(AccessLimits.LongestLockMs, AccessLimits.ShortestLockMs << Math.Min(failures.Count - free, 20));
        }
    }

    private static void MakeRoom<TKey>(Dictionary<TKey, Failures> table, long now)
        where TKey : notnull
    {
        foreach ((TKey key, Failures each) in table)
        {
            if (each.UntilMs <= now && now - each.LastMs > AccessLimits.FailuresForgottenMs)
            {
                table.Remove(key);
            }
        }

        // A sixteenth at once, so that a full table is not gone through for each further failure.
        int excess = table.Count - (table.Count / 16 * 15);
        if (table.Count > 0 && excess > 0)
        {
            foreach (TKey key in table.OrderBy(entry => entry.Value.LastMs).Take(excess).Select(entry => entry.Key).ToList())
            {
                table.Remove(key);
            }
        }
    }

    private sealed class Failures
    {
        public int Count { get; set; }

        public long LastMs { get; set; }

        public long UntilMs { get; set; }
    }
}
