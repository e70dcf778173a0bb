using Streaming.Grains.Inputs;
using Streaming.Grains.Messages;
using Streaming.Grains.Rules;
using Streaming.Grains.Turns;
using Streaming.Models.Encoding;

namespace Streaming.Silo.Host;

/// <summary>
/// Walks slowly over the stored states and has those forgotten of which nothing was heard for long: it journals <see cref="MessageKind.Expire"/> to them, and the actor's turn decides. A state that is blank afterwards is taken out of the
/// store by a later pass. Stepped by the store's thread, under either host.
/// </summary>
/// <remarks>
/// Why a row may go. A blank row says what no row says but for one thing: its position, at or below which inputs are not applied again. That is needed only by a replay, and a replay begins at
/// <see cref="IStateStore.ReplayFrom"/>. So a blank row whose position lies before the stored one is removed, and whatever is replayed after a crash comes behind it. Inputs that come meanwhile are saved with a later position, and then
/// the removal, which names the position it saw, finds nothing to remove; the other way round the new state is put where none is.
/// Whether a row was removed already can therefore be seen by nobody, so replays agree whenever passes took place: what they agree on is the journaled message.
/// What the actor counted before is still recognised when it is sent again: the memory of one that begins anew asks history about whatever it might have counted (<see cref="Grains.Subjects.RecentReadings"/>).
/// </remarks>
internal sealed class ExpirySweep(HostParts parts)
{
    private WalkedRow? behind;
    private long? steppedAt;
    private long? passBegan;

    /// <summary>Looks at the next few states, where it is time; returns the rows to remove, null where there are none.</summary>
    public StateBatch? Step()
    {
        long now = parts.Time.GetTimestamp();
        bool behindhand = parts.Journal.End - parts.Store.ReplayFrom > parts.Options.TailRecords / 2;
        if (!parts.Taking || parts.Stopping || behindhand || parts.Journal.Refusal is not null || Within(steppedAt, now, parts.Options.SweepEveryMs) || parts.Rulebooks.Newest is not { } rules)
        {
            return null;
        }

        steppedAt = now;
        if (behind is null)
        {
            if (Within(passBegan, now, parts.Options.SweepPassMs))
            {
                return null;
            }

            passBegan = now;
        }

        long nowMs = parts.Time.GetUtcNow().ToUnixTimeMilliseconds();
        long replayFrom = parts.Store.ReplayFrom;
        IReadOnlyList<WalkedRow> rows = parts.Store.Walk(behind, parts.Options.SweepRows, SiloLimits.SweepBytes);
        behind = rows.Count > 0 ? rows[^1] with { Bytes = [] } : null;
        StateBatch? removed = null;
        ByteWriter messages = new(256);
        foreach (WalkedRow row in rows)
        {
            switch (Judge(row, nowMs, rules))
            {
                case Fate.Expires:
                    Write(messages, row);
                    break;
                case Fate.Blank when row.Position < replayFrom:
                    removed ??= new StateBatch { UnsavedSince = row.Position, NeedsDurable = 0, Saved = static () => { } };
                    removed.Actors.Add(new StateRow(row.Hash, row.Kind, row.Key, row.Position, null, null) { Replaces = row.Position });
                    break;
            }
        }

        if (messages.Length > 0)
        {
            parts.Journal.AppendInternal(messages.Written);
        }

        return removed;
    }

    private bool Within(long? since, long now, long ms) => since is { } began && parts.Time.GetElapsedTime(began, now).TotalMilliseconds < ms;

    private enum Fate
    {
        Stays,
        Expires,
        Blank,
    }

    private Fate Judge(in WalkedRow row, long nowMs, Rulebook rules)
    {
        // What registrations and rules name is bounded by them; what strangers make is not.
        if (row.Kind is not (ActorKind.Vehicle or ActorKind.Place or ActorKind.Case or ActorKind.Session))
        {
            return Fate.Stays;
        }

        HostedActor actor = new(row.Kind, row.Key, parts.Actors);
        try
        {
            actor.Load(row.Bytes, row.Position);
        }
#pragma warning disable CA1031 // A state that cannot be read stops its actor when it is needed, with words on it; the sweep leaves it alone.
        catch (Exception)
#pragma warning restore CA1031
        {
            return Fate.Stays;
        }

        return actor.IsBlank ? Fate.Blank : actor.IsExpired(nowMs, rules) ? Fate.Expires : Fate.Stays;
    }

    private static void Write(ByteWriter messages, in WalkedRow row)
    {
        byte[] key = System.Text.Encoding.UTF8.GetBytes(row.Key);
        int start = Record.Begin(messages, InputKind.Command, Partition.Of(row.Kind, key));
        AddressedRecord.Write(messages, row.Kind, MessageKind.Expire, key, []);
        Record.End(messages, start);
    }
}
