using System.Collections.Concurrent;
using Streaming.Grains.Inputs;
using Streaming.Grains.Turns;
using Streaming.Models.Encoding;
using Streaming.Silo.Journal;

namespace Streaming.Silo.Host;

/// <summary>
/// Reads the states that waiting records will need before the workers come to them, on a thread of its own, so that an actor that is not in memory holds up nobody else. It follows the journal like a
/// worker; what it finds in a run of records that is not resident it loads in the store's order, and leaves here, for the worker that owns it to take. It works only while workers have to load
/// at all: over a city that fits into memory it passes the records over unread.
/// </summary>
/// <remarks>
/// Why a state taken from here is the newest. The store's row of an actor changes only while the actor is resident: a state is written from memory, and the cell stays until the store has it. Every table
/// counts, by a part of the hash, how often it let cells go (<see cref="ActorTable.LetGoCount"/>). That count is noted first, then the table is looked at, then the store is read. A worker takes a state only where
/// its table does not hold the actor and the count is still the same. Then the actor was not resident in between: had it been, it would still be, since nothing was let go. So nothing was written to its row since
/// the count was noted, and whatever was written before was written before the cell was let go, which the read saw.
/// A look into the table of another thread may miss a cell that has just been added: then a state is read in vain, and never taken. Nothing overtakes: a state is only read here; turns run where they always do, in the order of the journal.
/// </remarks>
internal sealed class ReadAhead(HostParts parts) : IStep, IDisposable
{
    /// <summary>Records over which it is decided whether workers have to load at all, and the share of them that has to.</summary>
    private const long LookEvery = 8_192;
    private const long OneLoadIn = 128;

    private readonly JournalFollower follower = parts.Journal.Follow(parts.Store.ReplayFrom - 1, durableOnly: false);
    private readonly IStateReader reader = parts.Store.OpenReader();
    private readonly ConcurrentDictionary<ulong, (ActorCell Cell, uint LetGo)> cells = new();
    private readonly Queue<(long Through, ulong[] Hashes)> windows = new();
    private readonly List<Wanted> wanted = [];
    private readonly HashSet<ulong> wantedHashes = [];
    private Worker[] workers = [];
    private bool needed = true;
    private long records;
    private long loadsBefore;

    private readonly record struct Wanted(ulong Hash, ActorKind Kind, byte[] Key, uint LetGo);

    public string Name => "read ahead";

    /// <summary>States that lie ready.</summary>
    public int Count => cells.Count;

    /// <summary>Whom it works for; before the first step.</summary>
    public void Serve(Worker[] owners) => workers = owners;

    /// <summary>Takes what was read for an actor that is not resident; null where there is nothing, or what there is may be old. Called by the worker that owns the actor.</summary>
    public ActorCell? Take(ActorKind kind, ReadOnlySpan<byte> key, ulong hash, uint letGo) =>
        cells.TryRemove(hash, out (ActorCell Cell, uint LetGo) ahead) && ahead.LetGo == letGo && ahead.Cell.Kind == kind && key.SequenceEqual(ahead.Cell.KeyUtf8) ? ahead.Cell : null;

    public bool Step()
    {
        long handled = workers.Min(worker => worker.Handled);
        Forget(handled);
        if (windows.Sum(window => window.Hashes.Length) >= parts.Options.StatesAhead)
        {
            // The workers take these first; the follower's place in the journal waits with them, within the journal's bound.
            return false;
        }

        if (!follower.TryRead(out ReadOnlySpan<byte> run, out long first, out int count))
        {
            return false;
        }

        Look(count);
        if (needed && first + count - 1 > handled)
        {
            Read(run, first + count - 1);
        }

        return true;
    }

    /// <summary>After the last step.</summary>
    public void Dispose() => reader.Dispose();

    /// <summary>What the workers have passed, they have taken or will never take.</summary>
    private void Forget(long handled)
    {
        while (windows.TryPeek(out (long Through, ulong[] Hashes) window) && window.Through <= handled)
        {
            windows.Dequeue();
            foreach (ulong hash in window.Hashes)
            {
                cells.TryRemove(hash, out _);
            }
        }
    }

    private void Look(int count)
    {
        records += count;
        if (records >= LookEvery)
        {
            long loads = workers.Sum(worker => worker.Loads);
            needed = (loads - loadsBefore) * OneLoadIn >= records;
            (records, loadsBefore) = (0, loads);
        }
    }

    private void Read(ReadOnlySpan<byte> run, long through)
    {
        wanted.Clear();
        wantedHashes.Clear();
        while (run.Length > 0 && wanted.Count < parts.Options.StatesAhead)
        {
            Collect(Record.Next(ref run));
        }

        if (wanted.Count == 0)
        {
            return;
        }

        wanted.Sort(static (left, right) => left.Hash.CompareTo(right.Hash));
        windows.Enqueue((through, [.. wanted.Select(actor => actor.Hash)]));
        try
        {
            using IDisposable? together = reader.Together();
            foreach (Wanted actor in wanted)
            {
                cells[actor.Hash] = (Load(actor), actor.LetGo);
            }
        }
#pragma warning disable CA1031 // Whatever it is, the worker meets it when it loads the actor itself, and says so; reading ahead is a convenience.
        catch (Exception)
#pragma warning restore CA1031
        {
        }
    }

    private ActorCell Load(in Wanted actor)
    {
        string key = System.Text.Encoding.UTF8.GetString(actor.Key);
        ActorCell cell = new(actor.Kind, key, actor.Key, actor.Hash, Partition.Of(actor.Hash), parts.Actors);
        if (reader.Load(actor.Kind, key) is { } stored)
        {
            cell.Load(stored);
        }

        return cell;
    }

    /// <summary>The actors that a record is for. Sources are few and resident, and an answer of history comes right after its question.</summary>
    private void Collect(scoped in Record record)
    {
        switch (record.Kind)
        {
            case InputKind.Publish:
                PublishRecord publish = PublishRecord.Read(record.Body);
                PublishRecord.ReadingEnumerator readings = publish.GetReadings();
                while (readings.MoveNext())
                {
                    ReadingElement reading = readings.Current;
                    Want(reading.SubjectKind, reading.Key);
                }

                break;
            case InputKind.Command:
            case InputKind.Reminder:
                ByteReader body = new(record.Body);
                Want(AddressedRecord.Read(ref body));
                break;
            case InputKind.Told:
                ByteReader told = new(record.Body);
                _ = Cause.Read(ref told);
                Want(AddressedRecord.Read(ref told));
                break;
        }
    }

    private void Want(scoped in AddressedRecord addressed) => Want(addressed.ActorKind, addressed.Key);

    private void Want(ActorKind kind, ReadOnlySpan<byte> key)
    {
        ulong hash = Partition.HashOf(kind, key);
        ActorTable table = workers[Partition.Of(hash) % workers.Length].Actors;
        uint letGo = table.LetGoCount(hash);
        if (table.Find(kind, key, hash) is null && !cells.ContainsKey(hash) && wantedHashes.Add(hash))
        {
            wanted.Add(new Wanted(hash, kind, key.ToArray(), letGo));
        }
    }
}
