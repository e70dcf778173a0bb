using Streaming.Grains.Inputs;
using Streaming.Grains.Turns;
using Streaming.Models.Encoding;

namespace Streaming.Silo.Host;

/// <summary>
/// When which actor of one worker has to be reminded. The truth is in the actors' own lists; this is an index over them that may name one too many: an actor that is due is asked for the
/// reminders it really has. A reminder becomes a journal record, once per run, and its turn takes it off the actor's list, so after a crash
/// it either fired already or fires again, and never twice.
/// An actor is looked at when its earliest reminder is due and indexed anew then, so reminders that are set and moved over and over leave nothing behind.
/// </summary>
internal sealed class ReminderClock(TimeProvider time)
{
    private readonly PriorityQueue<(ActorKind Kind, string Key), long> due = new();
    private readonly HashSet<(ActorKind Kind, string Key, string Name, long DueMs)> firing = [];

    /// <summary>The one entry of an actor that counts; a later one that stands in the queue still is passed over.</summary>
    private readonly Dictionary<(ActorKind Kind, string Key), long> earliest = [];

    public void Add(ActorKind kind, string key, long dueMs)
    {
        if (!earliest.TryGetValue((kind, key), out long known) || dueMs < known)
        {
            earliest[(kind, key)] = dueMs;
            due.Enqueue((kind, key), dueMs);
        }
    }

    /// <summary>Takes the next actor that is due.</summary>
    public bool TryTake(out ActorKind kind, out string key)
    {
        long now = time.GetUtcNow().ToUnixTimeMilliseconds();
        while (due.TryPeek(out (ActorKind Kind, string Key) actor, out long dueMs) && dueMs <= now)
        {
            due.Dequeue();
            if (earliest.TryGetValue(actor, out long counts) && counts == dueMs)
            {
                earliest.Remove(actor);
                (kind, key) = actor;
                return true;
            }
        }

        (kind, key) = (default, "");
        return false;
    }

    /// <summary>Writes a record for each reminder of the actor that is due and not under way.</summary>
    public void Fire(ActorCell cell, ByteWriter records)
    {
        long now = time.GetUtcNow().ToUnixTimeMilliseconds();
        long? next = null;
        foreach (Reminder reminder in cell.Reminders)
        {
            if (reminder.DueMs > now)
            {
                next = Math.Min(next ?? long.MaxValue, reminder.DueMs);
            }
            else if (firing.Add((cell.Kind, cell.Key, reminder.Name, reminder.DueMs)))
            {
                ReminderRecord.Write(records, cell.Kind, cell.KeyUtf8, reminder);
            }
        }

        if (next is { } later)
        {
            // A stored actor is indexed by its earliest reminder alone; naming it twice does no harm.
            Add(cell.Kind, cell.Key, later);
        }
    }

    public void Fired(ActorKind kind, string key, string name, long dueMs) => firing.Remove((kind, key, name, dueMs));
}
