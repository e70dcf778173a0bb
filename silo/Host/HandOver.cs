using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;

namespace Streaming.Silo.Host;

/// <summary>
/// What many threads hand to one, in order. The one may look at the first before it takes it, and what was taken is let go; <see cref="ConcurrentQueue{T}"/> keeps in memory all that is taken after
/// a first look, until others take its place.
/// </summary>
internal sealed class HandOver<T>
{
    private readonly Lock gate = new();
    private readonly Queue<T> waiting = new();
    private volatile int count;

    public void Enqueue(T item)
    {
        lock (gate)
        {
            waiting.Enqueue(item);
            count = waiting.Count;
        }
    }

    /// <summary>The first, which stays. Costs nothing worth mentioning where there is none.</summary>
    public bool TryPeek([MaybeNullWhen(false)] out T item)
    {
        item = default;
        if (count == 0)
        {
            return false;
        }

        lock (gate)
        {
            return waiting.TryPeek(out item);
        }
    }

    public bool TryDequeue([MaybeNullWhen(false)] out T item)
    {
        lock (gate)
        {
            bool any = waiting.TryDequeue(out item);
            count = waiting.Count;
            return any;
        }
    }
}
