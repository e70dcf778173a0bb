#pragma warning disable RS0030 // A turn neither waits nor runs beside itself; whoever hosts its actor does.
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Orleans;
using Orleans.Runtime;
using Orleans.Storage;
using Streaming.Grains.Inputs;
using Streaming.Grains.Messages;
using Streaming.Grains.Rules;
using Streaming.Grains.Turns;
using Streaming.Models.Encoding;

namespace Streaming.Grains.Orleans;

/// <summary>
/// Hosts one deterministic actor, unchanged. Its inputs are records that are durable in the journal; its state is what the turns on them made of it.
/// </summary>
/// <remarks>
/// Why nothing is lost or doubled. The state holds the position applied, and inputs at or below it are dropped. A turn that asks for nothing is stored some time later: if the activation is lost before, the journal's follower
/// finds the grain behind and gives it the inputs again. A turn that asks for something is stored at once together with what it asked for (the outbox), and only then is that in the answer; until the follower confirms that it is
/// durable in the journal, it is in every answer to a batch that begins at or before its cause. So an effect cannot get lost with an answer, and the follower drops those it has.
/// Two activations may exist for a moment. Both apply the same inputs to the same state; the storage takes the write of the first and refuses that of the other, which was made from an older version, and the refused one
/// is deactivated by the runtime. Nothing that it asked for has left it.
/// </remarks>
public abstract partial class ActorGrain : Grain, IActorGrain
{
    /// <summary>Name of the grain storage, and of the state in it.</summary>
    public const string StorageName = "actors";

    /// <summary>Keyed rows are states of the same grain whose names begin so.</summary>
    public const string RowPrefix = "row/";

    private static readonly IActorRows NoRows = new RowsNotDeclared();

    [ThreadStatic]
    private static Scratch? scratchOfThread;

    private readonly IPersistentState<ActorRow> row;
    private readonly IRulebooks rulebooks;
    private readonly ActorMaker make;
    private readonly ILogger logger;
    private readonly ActorKind kind;
    private HostedActor actor = null!;
    private GrainRows? rows;
    private ulong hash;
    private bool unstored;
    private bool unstoredEffects;
    private string? failure;
    private long failedAt;
    private int storedDay;
    private long unstoredSince;

    /// <summary>The state in memory holds a part of a record: it is never stored, and the activation goes.</summary>
    private bool abandoned;

    protected ActorGrain(ActorKind kind, IPersistentState<ActorRow> row, IGrainContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        this.kind = kind;
        this.row = row;
        rulebooks = context.ActivationServices.GetRequiredService<IRulebooks>();
        make = context.ActivationServices.GetRequiredService<ActorMaker>();
        logger = context.ActivationServices.GetRequiredService<ILogger<ActorGrain>>();
    }

    public override Task OnActivateAsync(CancellationToken cancellationToken)
    {
        string key = this.GetPrimaryKeyString();
        hash = Partition.HashOf(kind, key);
        actor = new HostedActor(kind, key, make);
        if (row.RecordExists)
        {
            try
            {
                actor.Load(row.State.Bytes, row.State.Position);
                storedDay = HostedActor.DayOf(actor.TimeMs);
            }
#pragma warning disable CA1031 // Whatever it threw, the state cannot be used; asking again would not change that.
            catch (Exception error)
#pragma warning restore CA1031
            {
                Fail(row.State.Position, "its stored state cannot be read", error);
            }

            row.State.Bytes = [];
        }

        if (actor.Actor.HasRows)
        {
            rows = new GrainRows(actor, this.GetGrainId(), ServiceProvider.GetRequiredKeyedService<IGrainStorage>(StorageName));
        }

        return Task.CompletedTask;
    }

    /// <summary>Stores what is not stored yet. Where that fails, the follower gives the inputs again.</summary>
    public override async Task OnDeactivateAsync(DeactivationReason reason, CancellationToken cancellationToken)
    {
        if (failure is null && !abandoned && unstored)
        {
            try
            {
                await StoreAsync();
            }
#pragma warning disable CA1031 // Whatever it is: the activation goes, and its inputs are in the journal.
            catch (Exception error)
#pragma warning restore CA1031
            {
                Log.NotStored(logger, kind, actor.Key, error.Message);
            }
        }
    }

    public ValueTask<byte[]?> DescribeAsync(CancellationToken cancellation = default)
    {
        if (failure is not null)
        {
            throw new InvalidOperationException(failure);
        }

        return ValueTask.FromResult(actor.Describe());
    }

    public async ValueTask<Look> LookAsync(long after, CancellationToken cancellation = default) =>
        failure is null && actor.Position < after ? new Look(true, null) : new Look(false, await DescribeAsync(cancellation));

    public ValueTask<DueReminder[]> DueAsync(long nowMs) =>
        ValueTask.FromResult<DueReminder[]>([.. actor.Reminders.Where(reminder => reminder.DueMs <= nowMs).Select(reminder => new DueReminder(reminder.Name, reminder.DueMs))]);

    public ValueTask<Applied> ApplyAsync(InputBatch batch)
    {
        ArgumentNullException.ThrowIfNull(batch);
        if (failure is not null)
        {
            return Answer(new AppliedMore { Failure = failure, FailedAt = failedAt });
        }

        if (abandoned)
        {
            throw new OrleansException($"{kind} {actor.Key} is being let go.");
        }

        if (batch.After > actor.Position)
        {
            return Answer(new AppliedMore { Behind = true });
        }

        actor.Outbox?.RemoveAll(entry => entry.Cause.Position <= batch.Confirmed);
        Progress progress = new() { Before = actor.Position };
        string? missing = Run(batch, progress);
        return missing is null && !MustStore(batch) ? Answer(progress, batch) : FinishAsync(batch, progress, missing);
    }

    /// <summary>The part of a batch that has to wait for something: for rows, and for the state to be stored.</summary>
    private async ValueTask<Applied> FinishAsync(InputBatch batch, Progress progress, string? missing)
    {
        while (missing is not null)
        {
            try
            {
                await rows!.LoadAsync(missing);
            }
            catch
            {
                // Readings of one record share its position, and some of them have been applied: that cannot be told from all. The activation is given up as if it had been lost, and its successor gets the inputs again.
                abandoned = true;
                DeactivateOnIdle();
                throw;
            }

            missing = Run(batch, progress);
        }

        if (failure is null && MustStore(batch))
        {
            await StoreAsync();
        }

        return await Answer(progress, batch);
    }

    private bool MustStore(InputBatch batch) => failure is null && (unstoredEffects || (batch.Store && unstored));

    private ValueTask<Applied> Answer(AppliedMore? more) => ValueTask.FromResult(new Applied(actor.Position, more));

    private ValueTask<Applied> Answer(Progress progress, InputBatch batch)
    {
        if (failure is not null)
        {
            return Answer(new AppliedMore { Failure = failure, FailedAt = failedAt });
        }

        if (actor.Outbox is not { Count: > 0 } && progress.Answers is null)
        {
            return Answer(null);
        }

        // Also what an earlier call asked for whose answer may have been lost: the follower knows what it has.
        byte[] effects = [.. (actor.Outbox ?? []).Where(entry => batch.First != 0 && entry.Cause.Position >= batch.First).SelectMany(entry => entry.Record)];
        return Answer(new AppliedMore { Effects = effects, Answers = [.. progress.Answers ?? []] });
    }

    /// <summary>Runs the turns of a batch from where it was broken off. Returns the row that has to be read before it can go on; null where the batch is done, or the actor has failed.</summary>
    private string? Run(InputBatch batch, Progress progress)
    {
        Scratch scratch = scratchOfThread ??= new Scratch();
        ReadOnlySpan<byte> entries = batch.Inputs.Span[progress.Offset..];
        while (entries.Length > 0)
        {
            InputEntry input = InputEntry.Next(ref entries);
            if (input.Position > progress.Before)
            {
                try
                {
                    RunTurn(input, scratch, progress);
                }
                catch (RowMissingException missing)
                {
                    rows!.Discard();
                    actor.PutBack(scratch.Before.Written);
                    if (input.Kind == MessageKind.Reminded)
                    {
                        (string name, long dueMs) = ReminderRecord.Read(input.Content);
                        actor.GiveBackReminder(name, dueMs);
                    }

                    return missing.Key;
                }
#pragma warning disable CA1031 // A turn that throws is a bug, whatever it threw; its actor stops with the state it had, and the rest of the city goes on.
                catch (Exception error)
#pragma warning restore CA1031
                {
                    Fail(input.Position, "it failed", error);
                    return null;
                }
            }

            progress.Offset = batch.Inputs.Length - entries.Length;
        }

        return null;
    }

    private void RunTurn(scoped in InputEntry entry, Scratch scratch, Progress progress)
    {
        ActorInput input = entry.InputOf(kind);
        if (rows is not null)
        {
            scratch.Before.Clear();
            actor.Actor.Write(scratch.Before);
        }

        Rulebook rules = rulebooks.At(entry.Position) ?? throw new InvalidDataException($"Record {entry.Position} comes before any rulebook.");
        if (actor.TryRun(input, entry.Position, entry.TimeMs, rules, scratch.Effects, rows ?? NoRows))
        {
            // A reminder that was taken is a change to be stored, whatever its turn asked for.
            unstoredEffects |= input.Kind == MessageKind.Reminded;
            rows?.Keep();
            Collect(entry, input, scratch);
            if (scratch.Effects.Answer is { } reply)
            {
                (progress.Answers ??= []).Add(new CommandAnswer(entry.Position, (byte)reply.Status, reply.Text, reply.Allowed, reply.Made));
            }
        }

        // A reminder that was moved or forgotten meanwhile counts all the same, as with any input that changes nothing.
        Advance(entry.Position);
    }

    private void Fail(long position, string what, Exception error)
    {
        failedAt = position;
        failure = $"{kind} {actor.Key} stopped at position {position}: {what} ({error.GetType().Name}: {error.Message}). What is stored of it is kept; a mended version takes up there.";
        Log.Stopped(logger, error, kind, actor.Key, position);
        DeactivateOnIdle();
    }

    private void Advance(long position)
    {
        actor.Position = position;
        unstoredSince = unstored ? unstoredSince : position;
        unstored = true;
    }

    /// <summary>Puts what the turn asked for into the outbox.</summary>
    private void Collect(scoped in InputEntry entry, scoped in ActorInput input, Scratch scratch)
    {
        Effects effects = scratch.Effects;
        unstoredEffects |= effects.Reminders.Count + effects.Items.Count > 0;
        if (effects.Items.Count > 0 && entry.Depth >= GrainLimits.ChainDepth)
        {
            throw new InvalidOperationException($"A chain of turns is longer than {GrainLimits.ChainDepth}: two actors tell each other without end.");
        }

        for (int i = 0; i < effects.Items.Count; i++)
        {
            Cause cause = Cause.Of(entry.Position, input.Element, i, Partition.Of(hash));
            scratch.Record.Clear();
            EffectRecord.Write(scratch.Record, effects.Items[i], effects.Payload, cause, (byte)(entry.Depth + 1), input.Reading, input.Origin);
            (actor.Outbox ??= []).Add(new OutboxEntry(cause, scratch.Record.Written.ToArray()));
        }
    }

    private async Task StoreAsync()
    {
        if (!actor.Actor.Exists && !row.RecordExists && actor.Outbox is not { Count: > 0 } && actor.UnsettledRows is null && actor.Reminders.Count == 0)
        {
            // Nothing has happened to it: it was asked for something that it is not there for, and leaves no trace.
            unstored = unstoredEffects = false;
            return;
        }

        row.State.Position = actor.Position;
        row.State.NextDueMs = actor.NextDueMs;
        try
        {
            row.State.Bytes = actor.Save((scratchOfThread ??= new Scratch()).Record);
        }
#pragma warning disable CA1031 // Like a turn that throws: the actor stops with what is stored, the rest goes on.
        catch (Exception error)
#pragma warning restore CA1031
        {
            Fail(actor.Position, "its state cannot be saved", error);
            return;
        }

        row.State.ChangedRows = actor.UnsettledRows;
        row.State.WroteRows = false;
        row.State.CopyBefore = row.RecordExists && storedDay < HostedActor.DayOf(actor.TimeMs);
        row.State.FirstSince = unstoredSince;
        await row.WriteStateAsync();
        storedDay = HostedActor.DayOf(actor.TimeMs);

        // What a crash would leave behind here is in the stored state and is found there; the bytes themselves are not needed a second time.
        row.State.Bytes = [];
        row.State.ChangedRows = null;
        unstored = unstoredEffects = false;
        if (row.State.WroteRows)
        {
            rows?.Settled();
        }
        else if (rows is not null)
        {
            await rows.SettleAsync();
        }
    }

    /// <summary>How far a batch is.</summary>
    private sealed class Progress
    {
        public int Offset { get; set; }

        /// <summary>The position applied when the batch came: a record may hold several readings of one subject, so it does not rise within a batch.</summary>
        public required long Before { get; init; }

        public List<CommandAnswer>? Answers { get; set; }
    }

    /// <summary>Buffers of a thread, in use within one turn only.</summary>
    private sealed class Scratch
    {
        public Effects Effects { get; } = new();

        public ByteWriter Record { get; } = new(4096);

        public ByteWriter Before { get; } = new(4096);
    }

    private sealed class RowsNotDeclared : IActorRows
    {
        public byte[]? Find(string key) => throw NotDeclared();

        public void Put(string key, byte[] value) => throw NotDeclared();

        public void Remove(string key) => throw NotDeclared();

        private static InvalidOperationException NotDeclared() => new($"An actor that uses keyed rows has to say so ({nameof(Actor.HasRows)}).");
    }

    private static partial class Log
    {
        [LoggerMessage(Level = LogLevel.Critical, Message = "{Kind} {Key} stopped at position {Position}")]
        public static partial void Stopped(ILogger logger, Exception failure, ActorKind kind, string key, long position);

        [LoggerMessage(Level = LogLevel.Warning, Message = "{Kind} {Key} could not be stored when it was let go ({Reason}); it gets its inputs again")]
        public static partial void NotStored(ILogger logger, ActorKind kind, string key, string reason);
    }
}
