using System.Net;

namespace Streaming.Silo.Access;

/// <summary>Somebody who tried to sign in under a name that nobody is registered with.</summary>
internal sealed record Stranger(string Name, long Count, DateTimeOffset First, DateTimeOffset Last, string? Address);

/// <summary>
/// Who tried to sign in under names that nobody is registered with: the newest names, and of the others how many there were. In memory alone, as whoever wants to could otherwise have a record written with every guess; a restart forgets it.
/// A name costs its inventor the slow check of a password that comes before it gets here.
/// </summary>
internal sealed class StrangerBook
{
    private readonly Lock gate = new();
    private readonly Dictionary<string, LinkedListNode<Stranger>> byName = new(StringComparer.Ordinal);

    /// <summary>Newest first.</summary>
    private readonly LinkedList<Stranger> newest = new();
    private long dropped;

    /// <summary>Names that were pushed out by newer ones.</summary>
    public long Dropped
    {
        get
        {
            lock (gate)
            {
                return dropped;
            }
        }
    }

    public void Add(string name, IPAddress? address, DateTimeOffset now)
    {
        string kept = name.Length <= AccessLimits.StrangerNameChars ? name : name[..AccessLimits.StrangerNameChars];
        lock (gate)
        {
            Stranger seen = new(kept, 1, now, now, address?.ToString());
            if (byName.Remove(kept, out LinkedListNode<Stranger>? known))
            {
                newest.Remove(known);
                seen = seen with { Count = known.Value.Count + 1, First = known.Value.First };
            }
            else if (newest.Count == AccessLimits.Strangers)
            {
                byName.Remove(newest.Last!.Value.Name);
                newest.RemoveLast();
                dropped++;
            }

            byName.Add(kept, newest.AddFirst(seen));
        }
    }

    /// <summary>Newest first.</summary>
    public IReadOnlyList<Stranger> Newest(int most)
    {
        lock (gate)
        {
            return [.. newest.Take(most)];
        }
    }
}
