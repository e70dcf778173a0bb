using Streaming.Grains;
using Streaming.Grains.Inputs;
using Streaming.Grains.Messages;
using Streaming.Grains.Rules;
using Streaming.Grains.Turns;
using Streaming.Models.Encoding;
using Streaming.Silo.Host;
using Streaming.Silo.Journal;

namespace Streaming.Silo.History;

/// <summary>
/// What would have happened under another rulebook: runs the recorded inputs from outside (publishes, commands) through the actors in memory, with the reminders as they fall due under the new rules, and holds the warnings and cases against those recorded.
/// It touches nothing but a directory of its own.
/// </summary>
/// <remarks>
/// Records are given one after another, all of them: what is from outside is run, what turns once asked for is taken for what happened then. What a turn asks for now is handled before the next record, by the same turns and in the same form as in a host.
/// A host handles what turns ask for a little later, between other records; where two inputs of one subject come at the same moment, that can shift a case from one warning to the next.
/// Memory: <see cref="SiloLimits.BackTestActors"/> actors, past which states and rows go to a store in the directory; the identities of readings in parts that go there too; and the warnings that are in one run and not, or not yet, in the other, which
/// are settled oldest first past <see cref="SiloLimits.BackTestUnmatched"/>.
/// </remarks>
internal sealed class BackTest : IDisposable
{
    private Rulebook rules;
    private readonly IPastStates? begun;
    private readonly long fromMs;
    private readonly int mostActors;
    private readonly BackTestScope? scope;
    private readonly SqliteStateStore store;
    private readonly RealDisk identities;
    private readonly HistoryFiles files;
    private readonly ReadingHistory history;
    private readonly BackTestRows reader;
    private readonly Effects effects = new();
    private readonly ByteWriter scratch = new(64);
    private readonly ByteWriter outgoing = new(4096);
    private readonly ByteWriter saving = new(4096);
    private readonly Queue<byte[]> asked = new();
    private readonly PriorityQueue<(ActorKind Kind, string Key), (long DueMs, ulong Hash)> due = new();
    private readonly BackTestComparison comparison = new();
    private ActorTable actors = new();
    private List<ActorCell> resident = [];
    private long fromPosition;
    private long firstRun;
    private long lastRun;
    private long lastMs = long.MinValue;

    /// <summary>The last record of the range; and of those behind it, the ones that the range led to.</summary>
    private long lastPosition;
    private readonly HashSet<long> ledBehind = [];
    private long spilledThrough = 1;

    /// <param name="rules">The rulebook to be tried.</param>
    /// <param name="directory">A directory of its own, empty.</param>
    /// <param name="fromMs">Records before this time, ms, are passed over.</param>
    /// <param name="begun">The states as they were then; null to begin with none.</param>
    /// <param name="mostActors">Actors kept in memory.</param>
    /// <param name="scope">What of the inputs is run, where it is not all, and who hears of the warnings instead of a comparison with what happened. Null for all.</param>
    public BackTest(Rulebook rules, string directory, long fromMs = long.MinValue, IPastStates? begun = null, int mostActors = SiloLimits.BackTestActors, BackTestScope? scope = null)
    {
        this.scope = scope;
        this.rules = rules;
        this.begun = begun;
        this.fromMs = fromMs;
        this.mostActors = mostActors;
        store = new SqliteStateStore(Path.Combine(directory, "state.db"));
        identities = new RealDisk(Path.Combine(directory, "identities"));
        files = new HistoryFiles(identities, nowMs: 0);
        history = new ReadingHistory(files, SiloLimits.BackTestIdentities);
        reader = new BackTestRows(store.OpenReader(), begun, fromMs - 1);
    }

    /// <summary>Records from outside that were run.</summary>
    public long Inputs { get; private set; }

    /// <summary>Commands that are refused: what they were about does not exist, or is in another state. Which of them were refused then too is not recorded.</summary>
    public long CommandsRefused { get; private set; }

    /// <summary>Actors whose state as of the beginning was not to be had exactly: they began with an older one or with none, and warm up.</summary>
    public long WarmedUp { get; private set; }

    /// <summary>Actors that began with their state as of the beginning.</summary>
    public long BegunAsOfThen { get; private set; }

    /// <summary>How often states were put into the store to make room.</summary>
    public int Spills { get; private set; }

    /// <summary>Takes the next record of the journal.</summary>
    /// <param name="position">Its position.</param>
    /// <param name="bytes">The whole record.</param>
    /// <param name="run">False for a record behind the range: it may still say what inputs of the range led to then.</param>
    public void Take(long position, ReadOnlySpan<byte> bytes, bool run = true)
    {
        ReadOnlySpan<byte> rest = bytes;
        Record record = Record.Next(ref rest);
        if (record.Kind == InputKind.Rules && run && scope is null)
        {
            // The files are tried; what people decided since is in force from its record on, as it was then. Within a scope it is a decision that is tried, from the beginning.
            rules = rules.With(Rulebook.Parse(record.Body).Decisions);
        }

        if (record.TimeMs < fromMs)
        {
            return;
        }

        fromPosition = fromPosition == 0 ? position : fromPosition;
        switch (record.Kind)
        {
            case InputKind.Publish or InputKind.Command when run:
                firstRun = firstRun == 0 ? position : firstRun;
                lastRun = position;
                FallDue(record.TimeMs);
                Inputs++;
                Run(bytes, position, record.TimeMs);
                MakeRoom();
                break;
            case InputKind.Shown or InputKind.Told when scope is null:
                NoteThen(record, position, run);
                break;
        }

        if (run)
        {
            lastMs = record.TimeMs;
            lastPosition = position;
        }
    }

    /// <summary>What differs, once the last record was given.</summary>
    public IReadOnlyList<BackTestKind> Finish()
    {
        FallDue(lastMs);
        return comparison.Finish();
    }

    public void Dispose()
    {
        reader.Dispose();
        identities.Dispose();
        store.Dispose();
    }

    /// <summary>Runs the reminders due by a time, each at its own.</summary>
    private void FallDue(long timeMs)
    {
        while (due.TryPeek(out (ActorKind Kind, string Key) actor, out (long DueMs, ulong Hash) when) && when.DueMs <= timeMs)
        {
            due.Dequeue();
            byte[] key = System.Text.Encoding.UTF8.GetBytes(actor.Key);
            ActorCell cell = Resident(actor.Kind, key, when.Hash);
            foreach (Reminder reminder in cell.Reminders.Where(reminder => reminder.DueMs <= when.DueMs).OrderBy(reminder => reminder.DueMs).ThenBy(reminder => reminder.Name, StringComparer.Ordinal).ToList())
            {
                outgoing.Clear();
                ReminderRecord.Write(outgoing, actor.Kind, key, reminder);
                Run(outgoing.Written.ToArray(), lastRun, when.DueMs);
            }
        }
    }

    /// <summary>Runs a record's turns, and then what they ask for, in the order in which it was asked.</summary>
    private void Run(ReadOnlySpan<byte> record, long position, long timeMs)
    {
        RunOne(record, position, timeMs);
        while (asked.TryDequeue(out byte[]? next))
        {
            RunOne(next, position, timeMs);
        }
    }

    private void RunOne(ReadOnlySpan<byte> bytes, long position, long timeMs)
    {
        Record record = Record.Next(ref bytes);
        RecordInputs inputs = new(record, scratch);
        while (inputs.MoveNext())
        {
            ActorInput input = inputs.Current;
            if (scope?.Runs(input) == false)
            {
                continue;
            }

            ulong hash = Partition.HashOf(input.ActorKind, input.Key);
            ActorCell cell = Resident(input.ActorKind, input.Key, hash);
            IActorRows rows = cell.Actor.HasRows ? cell.Rows ??= new RowCache(cell, reader) : NoRows.Instance;
            cell.UnsavedSince = position;
            bool ran = cell.TryRun(input, position, timeMs, rules, effects, rows);
            cell.Position = position;
            ulong identity = 0;
            if (input.Kind == MessageKind.Reading)
            {
                identity = ReadingHistory.Identity(hash, input.Reading.Header.IdHash);
            }

            if (ran)
            {
                Collect(cell, input, record.Depth, position, timeMs, identity);
            }

            if (input is { Kind: MessageKind.Reading, SeenBefore: null })
            {
                history.Add(identity, ReadingHistory.Order(position, input.Element), input.Reading.Header.AtMs);
            }
        }
    }

    private void Collect(ActorCell cell, scoped in ActorInput input, byte depth, long position, long timeMs, ulong identity)
    {
        foreach (ReminderChange change in effects.Reminders)
        {
            if (change.DueMs is { } dueMs)
            {
                due.Enqueue((cell.Kind, cell.Key), (dueMs, cell.Hash));
            }
        }

        CommandsRefused += effects.Answer is { } answer && answer.Status != ReplyStatus.Done ? 1 : 0;
        if (effects.Items.Count > 0 && depth >= GrainLimits.ChainDepth)
        {
            throw new InvalidOperationException($"A chain of turns is longer than {GrainLimits.ChainDepth} at position {position}: two actors tell each other without end.");
        }

        for (int i = 0; i < effects.Items.Count; i++)
        {
            Effect effect = effects.Items[i];
            if (effect.Kind == EffectKind.Show)
            {
                if (scope is not null)
                {
                    scope.Shown(effect.View, effects.Payload.Slice(effect.Offset, effect.Length));
                    continue;
                }

                comparison.Shown(effect.View, effects.Payload.Slice(effect.Offset, effect.Length), position, timeMs, now: true);
                continue;
            }

            if (effect is { Kind: EffectKind.Tell, Message: MessageKind.CaseOpened })
            {
                comparison.CaseOpened(effects.Payload.Slice(effect.Offset, effect.Length), position, timeMs, now: true);
            }

            outgoing.Clear();
            EffectRecord.Write(outgoing, effect, effects.Payload, Cause.Of(position, input.Element, i, cell.Partition), (byte)(depth + 1), input.Reading, input.Origin);
            if (effect.Kind == EffectKind.LookUp)
            {
                EffectRecord.Answer(outgoing.At(0, outgoing.Length), history.Contains(identity, ReadingHistory.Order(position, input.Element)));
            }

            asked.Enqueue(outgoing.Written.ToArray());
        }
    }

    /// <summary>What turns asked for when it happened, as far as inputs of the range led to it.</summary>
    private void NoteThen(scoped in Record record, long position, bool run)
    {
        ByteReader body = new(record.Body);
        Cause cause = Cause.Read(ref body);
        bool led = cause.Position >= firstRun && (run || cause.Position <= lastPosition || ledBehind.Contains(cause.Position));
        if (firstRun == 0 || !led)
        {
            return;
        }

        if (!run)
        {
            // What it leads to in turn was led to by the range as well.
            ledBehind.Add(position);
        }

        if (record.Kind == InputKind.Shown)
        {
            View view = (View)body.ReadByte();
            _ = body.ReadBytes();
            comparison.Shown(view, body.Rest, position, record.TimeMs, now: false);
            return;
        }

        AddressedRecord told = AddressedRecord.Read(ref body);
        if (told.Message == MessageKind.CaseOpened)
        {
            comparison.CaseOpened(told.Body, position, record.TimeMs, now: false);
        }
    }

    private ActorCell Resident(ActorKind kind, ReadOnlySpan<byte> key, ulong hash)
    {
        if (actors.Find(kind, key, hash) is { } found)
        {
            return found;
        }

        ActorCell cell = new(kind, System.Text.Encoding.UTF8.GetString(key), key.ToArray(), hash, Partition.Of(hash), ActorFactory.Create);
        if (reader.Load(kind, cell.Key) is { } spilled)
        {
            cell.Load(spilled);
        }
        else if (begun is not null || fromMs > long.MinValue)
        {
            Begin(cell);
        }

        actors.Add(cell);
        resident.Add(cell);
        return cell;
    }

    /// <summary>Gives an actor that is met for the first time its state as of the beginning, as well as that can be told.</summary>
    private void Begin(ActorCell cell)
    {
        PastState? state = begun?.At(cell.Kind, cell.Key, fromMs - 1);
        if (state is not null)
        {
            cell.Load(state.Bytes, state.Position);
            foreach ((string name, byte[]? row) in cell.UnsettledRows ?? [])
            {
                (cell.Rows ??= new RowCache(cell, reader)).Change(name, row);
            }

            cell.UnsettledRows = null;
            foreach (Reminder reminder in cell.Reminders)
            {
                due.Enqueue((cell.Kind, cell.Key), (Math.Max(reminder.DueMs, fromMs), cell.Hash));
            }
        }

        bool exact = state is not null ? state.Until >= fromPosition : begun is not null && begun.Oldest(cell.Kind, cell.Key, 0) is null;
        BegunAsOfThen += exact ? 1 : 0;
        WarmedUp += exact ? 0 : 1;
    }

    private void MakeRoom()
    {
        if (history.Full)
        {
            files.Save(history.Seal(), 0);
            history.Saved();
        }

        if (resident.Count <= mostActors)
        {
            return;
        }

        StateBatch batch = new() { UnsavedSince = 0, NeedsDurable = 0, Saved = static () => { } };
        resident.Sort(static (left, right) => left.Hash.CompareTo(right.Hash));
        foreach (ActorCell cell in resident.Where(cell => cell.UnsavedSince > 0 && (cell.Actor.Exists || cell.Rows is not null)))
        {
            batch.Actors.Add(new StateRow(cell.Hash, cell.Kind, cell.Key, cell.Position, null, cell.Save(saving)));
            cell.Rows?.MoveTo(batch);
        }

        for (int i = 0; i < batch.Rows.Count; i++)
        {
            batch.Rows[i] = BackTestRows.Kept(batch.Rows[i]);
        }

        store.Commit([batch], spilledThrough++);
        actors = new ActorTable();
        resident = [];
        Spills++;
    }

    private sealed class NoRows : IActorRows
    {
        public static NoRows Instance { get; } = new();

        public byte[]? Find(string key) => throw NotDeclared();

        public void Put(string key, byte[] value) => throw NotDeclared();

        public void Remove(string key) => throw NotDeclared();

        private static InvalidOperationException NotDeclared() => new($"An actor that uses keyed rows has to say so ({nameof(Actor.HasRows)}).");
    }
}
