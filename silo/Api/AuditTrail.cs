using System.Collections.Concurrent;
using Streaming.Grains.Access;
using Streaming.Grains.Messages;
using Streaming.Grains.Turns;
using Streaming.Silo.Host;

namespace Streaming.Silo.Api;

/// <summary>Writes entries of the audit into the journal, those of each caller by an actor of its own.</summary>
/// <param name="host">Takes the entries.</param>
/// <param name="reasons">Looks that need a reason (<see cref="AuditLooks"/>).</param>
/// <param name="time">Clock of the pace of refused calls.</param>
/// <remarks>
/// Refused calls are paced for each token, so that one that goes on being refused does not fill the journal: past <see cref="ApiLimits.RefusalsAudited"/> at once, and one each <see cref="ApiLimits.RefusalAuditedEvery"/>, they are counted in memory and the
/// next entry of the same token says how many there were. A process that is killed forgets that number, and nothing else. Who has no token has no entry.
/// </remarks>
internal sealed class AuditTrail(IActorHost host, IReadOnlyList<string> reasons, TimeProvider time)
{
    /// <summary>By token; there are no more than tokens that were ever in force.</summary>
    private readonly ConcurrentDictionary<string, Pace> paces = new(StringComparer.Ordinal);

    /// <summary>Whether a look is not made without a reason.</summary>
    public bool NeedsReason(string look) => AuditLooks.Has(reasons, look);

    /// <summary>Takes a refused call's place in the journal, or counts it where there is none.</summary>
    public bool TryTakeRefusal(string who)
    {
        Pace pace = paces.GetOrAdd(who, static _ => new Pace());
        lock (pace)
        {
            double earned = pace.Since == 0 ? ApiLimits.RefusalsAudited : time.GetElapsedTime(pace.Since) / ApiLimits.RefusalAuditedEvery;
            pace.Left = Math.Min(ApiLimits.RefusalsAudited, pace.Left + earned);
            pace.Since = time.GetTimestamp();
            if (pace.Left < 1)
            {
                pace.Unrecorded++;
                return false;
            }

            pace.Left--;
            return true;
        }
    }

    /// <summary>Writes an entry and returns its key once it is durable.</summary>
    /// <exception cref="HostUnavailableException">It cannot be written now; the message says why.</exception>
    public async ValueTask<string> WriteAsync(AuditEntry entry)
    {
        long? unrecorded = TakeUnrecorded(entry.Who);
        try
        {
            byte[] body = ApiJson.Bytes(entry with { Unrecorded = unrecorded }, GrainsJson.Default.AuditEntry);
            return Audit.KeyOf(await host.RecordAsync(ActorKind.Audit, entry.Who, MessageKind.RecordAudit, body).ConfigureAwait(false));
        }
        catch when (unrecorded is { } count)
        {
            Pace pace = paces[entry.Who];
            lock (pace)
            {
                pace.Unrecorded += count;
            }

            throw;
        }
    }

    private long? TakeUnrecorded(string who)
    {
        if (!paces.TryGetValue(who, out Pace? pace))
        {
            return null;
        }

        lock (pace)
        {
            long count = pace.Unrecorded;
            pace.Unrecorded = 0;
            return count == 0 ? null : count;
        }
    }

    /// <summary>How fast one token may be refused with entries; used under its own lock.</summary>
    private sealed class Pace
    {
        public double Left { get; set; }

        /// <summary>When <see cref="Left"/> was reckoned last; 0 where it never was.</summary>
        public long Since { get; set; }

        public long Unrecorded { get; set; }
    }
}
