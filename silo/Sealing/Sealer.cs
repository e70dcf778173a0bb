using System.Text;
using System.Text.Json;
using Streaming.Grains.Inputs;
using Streaming.Grains.Messages;
using Streaming.Grains.Subjects;
using Streaming.Grains.Turns;
using Streaming.Models.Registers;
using Streaming.Silo.Api;
using Streaming.Silo.History;
using Streaming.Silo.Host;
using Streaming.Silo.Journal;
using Streaming.Silo.Views;

namespace Streaming.Silo.Sealing;

/// <summary>What the sealer works with.</summary>
internal sealed record SealerParts
{
    public required IActorHost Host { get; init; }

    public required ViewReader Lists { get; init; }

    public required ViewPosition Position { get; init; }

    public required ISubjectHistory History { get; init; }

    public required HashedFiles Files { get; init; }

    public required PictureFetch Pictures { get; init; }

    public required TimeProvider Time { get; init; }
}

/// <summary>
/// Makes the copies that cases want: of readings as they stand in the journal, of the pictures that they name, of what the registers say of a vehicle. What is to be done stands in the lists; what became of it is told to the case, and journaled so.
/// So what a case cites outlives the journal's retention.
/// </summary>
/// <remarks>
/// One loop is for pictures, which take as long as their hosts do; the other for what is at hand, within a bounded share of a core and with one command for all that a case has due. Rows are of durable records only, and a copy is on the disk before its case hears of it. What a process was doing when it died is due again after the start; a copy that was made twice is one file, and told twice it counts once.
/// </remarks>
internal sealed partial class Sealer(SealerParts parts, ILogger<Sealer> logger) : IAsyncDisposable
{
    private readonly CancellationTokenSource stopping = new();
    private Task loops = Task.CompletedTask;
    private TaskCompletionSource changed = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public void Start() => loops = Task.WhenAll(Task.Run(() => RunAsync(pictures: true)), Task.Run(() => RunAsync(pictures: false)));

    /// <summary>Takes in an applied batch: wakes the loop where a copy is wanted. On the projector's thread.</summary>
    public void Apply(ViewBatch batch)
    {
        foreach (ViewChange change in batch.Changes)
        {
            if (change.View == View.Evidence)
            {
                Interlocked.Exchange(ref changed, new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)).TrySetResult();
                return;
            }
        }
    }

    public async ValueTask DisposeAsync()
    {
        await stopping.CancelAsync().ConfigureAwait(false);
        await loops.ConfigureAwait(false);
        stopping.Dispose();
    }

    private async Task RunAsync(bool pictures)
    {
        while (!stopping.IsCancellationRequested)
        {
            try
            {
                // Taken before the look: what changes after it completes this one.
                Task woken = Volatile.Read(ref changed).Task;
                IReadOnlyList<byte[]> due = await parts.Lists.EvidenceDueAsync(pictures, NowMs, pictures ? EvidenceLimits.PicturesAtOnce : EvidenceLimits.CopiesARound, stopping.Token).ConfigureAwait(false);
                if (due.Count > 0)
                {
                    EvidenceRow[] wanted = [.. due.Select(row => JsonSerializer.Deserialize(row, GrainsJson.Default.EvidenceRow)!)];
                    await (pictures ? Task.WhenAll(wanted.Select(FetchAsync)) : CopyAsync(wanted)).ConfigureAwait(false);
                    continue;
                }

                await WaitAsync(woken, await parts.Lists.NextEvidenceAsync(pictures, stopping.Token).ConfigureAwait(false)).ConfigureAwait(false);
            }
            catch (OperationCanceledException) when (stopping.IsCancellationRequested)
            {
                return;
            }
            catch (Exception failure)
            {
                // The lists or the store are in trouble, or there is a bug: either way the copies wait, and everybody else goes on.
                Log.Failed(logger, failure);
                await PauseAsync().ConfigureAwait(false);
            }
        }
    }

    private async Task FetchAsync(EvidenceRow wanted) => await TellAsync(wanted.Case, [await DoAsync(wanted).ConfigureAwait(false)]).ConfigureAwait(false);

    /// <summary>One round: the copies one after the other, then all cases at once, each with what is its own; then a rest where copying would take more than its share.</summary>
    private async Task CopyAsync(EvidenceRow[] wanted)
    {
        long begun = parts.Time.GetTimestamp();
        List<EvidenceRow> items = new(wanted.Length);
        foreach (EvidenceRow each in wanted)
        {
            items.Add(await DoAsync(each).ConfigureAwait(false));
        }

        TimeSpan took = parts.Time.GetElapsedTime(begun);
        await Task.WhenAll(items.GroupBy(item => item.Case, StringComparer.Ordinal).SelectMany(own => own.Chunk(EvidenceLimits.CopiesTold), (own, told) => TellAsync(own.Key, told))).ConfigureAwait(false);
        TimeSpan rest = (took / EvidenceLimits.CopyingShare) - parts.Time.GetElapsedTime(begun);
        if (wanted.Length == EvidenceLimits.CopiesARound && rest > TimeSpan.Zero)
        {
            await Task.Delay(rest, parts.Time, stopping.Token).ConfigureAwait(false);
        }
    }

    private async Task<EvidenceRow> DoAsync(EvidenceRow wanted)
    {
        EvidenceRow item;
        try
        {
            item = wanted.Kind switch
            {
                EvidenceKinds.Reading => await CopyReadingAsync(wanted).ConfigureAwait(false),
                EvidenceKinds.Picture => await CopyPictureAsync(wanted).ConfigureAwait(false),
                EvidenceKinds.Register => await CopyRegisterAsync(wanted).ConfigureAwait(false),
                _ => Failed(wanted, $"nobody knows how to copy a {wanted.Kind}"),
            };
        }
        catch (Exception failure) when (failure is IOException or JournalDamagedException)
        {
            Log.NotKept(logger, wanted.Id, failure);
            item = Again(wanted, "the disk failed");
        }

        if (item.State == EvidenceStates.Failed)
        {
            Log.NotHad(logger, item.Id, item.Reason ?? "");
        }

        return item;
    }

    /// <summary>The reading as it came: the payload of its PUBLISH, and what was read from it.</summary>
    private async Task<EvidenceRow> CopyReadingAsync(EvidenceRow wanted)
    {
        (EvidenceRow? found, byte[] payload, byte[] decoded) = await Task.Run(() => Find(wanted), stopping.Token).ConfigureAwait(false);
        if (found is null)
        {
            return Failed(wanted, "the journal has no such reading any more");
        }

        if (payload.Length > EvidenceLimits.PayloadBytes)
        {
            return Failed(wanted, $"its payload has {payload.Length} bytes; at most {EvidenceLimits.PayloadBytes} are copied");
        }

        string? read = parts.Files.Keep(decoded);
        string? raw = payload.Length == 0 ? null : parts.Files.Keep(payload);
        return read is null || (raw is null && payload.Length > 0)
            ? Failed(wanted, "there is no room for more copies")
            : Kept(found with { DecodedSha256 = read, Sha256 = raw, Bytes = payload.Length, Type = raw is null ? null : "application/octet-stream", Reason = raw is null ? "the payload is not kept any more; what was read from it is" : null });
    }

    /// <summary>Goes through the subject's records, newest first, from where the case wanted it.</summary>
    private (EvidenceRow? Found, byte[] Payload, byte[] Decoded) Find(EvidenceRow wanted)
    {
        ActorKind kind = wanted.SubjectKind switch
        {
            "vehicle" => ActorKind.Vehicle,
            "enterprise" => ActorKind.Enterprise,
            "place" => ActorKind.Place,
            _ => ActorKind.Source,
        };
        byte[] source = Encoding.UTF8.GetBytes(wanted.Source ?? "");
        byte[] id = Encoding.UTF8.GetBytes(wanted.Reading ?? "");
        long atMs = wanted.At?.ToUnixTimeMilliseconds() ?? 0;
        int looked = 0;
        foreach (SubjectRecord each in parts.History.Read(kind, wanted.Subject ?? "", 1, wanted.Before ?? long.MaxValue, newestFirst: true, stopping.Token))
        {
            ReadOnlySpan<byte> bytes = each.Bytes.Span;
            Record record = Record.Next(ref bytes);
            if (++looked > EvidenceLimits.RecordsLooked || record.TimeMs < atMs - Grains.GrainLimits.ClockAheadMs)
            {
                break;
            }

            if (record.Kind != InputKind.Publish)
            {
                continue;
            }

            PublishRecord publish = PublishRecord.Read(record.Body);
            if (!publish.Origin.Source.SequenceEqual(source))
            {
                continue;
            }

            foreach (ReadingElement reading in publish.GetReadings())
            {
                if (reading.Header.AtMs == atMs && reading.Header.Id.SequenceEqual(id))
                {
                    return (wanted with { Position = each.Position, Topic = Encoding.UTF8.GetString(publish.Topic), Received = DateTimeOffset.FromUnixTimeMilliseconds(record.TimeMs) }, publish.Raw.ToArray(), Decoded(wanted, publish.Origin, reading));
                }
            }
        }

        return (null, [], []);
    }

    private static byte[] Decoded(EvidenceRow wanted, scoped in Origin origin, scoped in ReadingElement reading)
    {
        List<ReadingFigure> figures = ReadingFigures.Of(reading);
        string kind = ReadingFigures.KindOf(reading.Kind);
        int accuracy = origin.AccuracyHundredthPct;
        return ApiJson.Write(json =>
        {
            json.WriteStartObject();
            json.WriteString("kind", kind);
            json.WriteString("source", wanted.Source);
            json.WriteString("id", wanted.Reading);
            json.WriteNumber("atMs", wanted.At!.Value.ToUnixTimeMilliseconds());
            json.WriteString("subject", wanted.Subject);
            if (accuracy > 0)
            {
                json.WriteNumber("stationAccuracyPct", accuracy / 100.0);
            }

            json.WriteStartObject("figures");
            foreach (ReadingFigure figure in figures)
            {
                figure.Write(json);
            }

            json.WriteEndObject();
            json.WriteEndObject();
        });
    }

    private async Task<EvidenceRow> CopyPictureAsync(EvidenceRow wanted)
    {
        Fetched fetched = await parts.Pictures.GetAsync(wanted.Url ?? "", wanted.Expected, stopping.Token).ConfigureAwait(false);
        if (fetched.Picture is not { } picture)
        {
            return fetched.Again ? Again(wanted, fetched.Reason!) : Failed(wanted, fetched.Reason!);
        }

        return parts.Files.Keep(picture) is { } sha256
            ? Kept(wanted with { Sha256 = sha256, Type = FileTypes.Of(picture), Bytes = picture.Length, Received = parts.Time.GetUtcNow(), Reason = wanted.Expected is null ? "the reading names no hash, so nothing vouches for it" : null })
            : Failed(wanted, "there is no room for more copies");
    }

    /// <summary>What the registers say of the vehicle as the case opens, without what is about persons.</summary>
    private async Task<EvidenceRow> CopyRegisterAsync(EvidenceRow wanted)
    {
        List<byte[]> entries = [];
        if (await parts.Lists.FindAsync(View.Registers, $"vehicles/{wanted.Subject}", stopping.Token).ConfigureAwait(false) is { } vehicle)
        {
            entries.Add(RegisterView.WithoutPersons(RegisterSchema.Of(Register.Vehicles)).Mask(vehicle));
        }

        Page<byte[]> permits = await parts.Lists.ListAsync(new ViewQuery(View.Registers) { Register = "permits", Refs = [$"plate={wanted.Subject}"], Limit = EvidenceLimits.RegisterEntries }, stopping.Token).ConfigureAwait(false);
        entries.AddRange(permits.Items.Select(RegisterView.WithoutPersons(RegisterSchema.Of(Register.Permits)).Mask));
        DateTimeOffset now = parts.Time.GetUtcNow();
        byte[] document = ApiJson.Write(json =>
        {
            json.WriteStartObject();
            json.WriteString("subject", wanted.Subject);
            json.WriteNumber("asOfMs", now.ToUnixTimeMilliseconds());
            json.WriteStartArray("entries");
            foreach (byte[] entry in entries)
            {
                json.WriteRawValue(entry, skipInputValidation: true);
            }

            json.WriteEndArray();
            json.WriteEndObject();
        });
        return parts.Files.Keep(document) is { } sha256 ? Kept(wanted with { Sha256 = sha256, Type = "application/json", Bytes = document.Length, Received = now }) : Failed(wanted, "there is no room for more copies");
    }

    private static EvidenceRow Kept(EvidenceRow item) => item with { State = EvidenceStates.Kept, Attempts = (item.Attempts ?? 0) + 1 };

    private static EvidenceRow Failed(EvidenceRow item, string reason) =>
        item with { State = EvidenceStates.Failed, Attempts = (item.Attempts ?? 0) + 1, Reason = reason.Length > EvidenceLimits.ReasonChars ? reason[..EvidenceLimits.ReasonChars] : reason };

    /// <summary>Later, unless it was tried often enough.</summary>
    private EvidenceRow Again(EvidenceRow item, string reason)
    {
        int attempts = (item.Attempts ?? 0) + 1;
        return attempts >= EvidenceLimits.Attempts
            ? Failed(item, $"{reason}, at {attempts} attempts")
            : item with { Attempts = attempts, Reason = reason, DueMs = (parts.Time.GetUtcNow() + EvidenceLimits.PauseAfter(attempts)).ToUnixTimeMilliseconds() };
    }

    /// <summary>Tells the case until the journal has it, and waits for the lists to show it.</summary>
    private async Task TellAsync(string caseId, EvidenceRow[] items)
    {
        byte[] body = JsonSerializer.SerializeToUtf8Bytes(new EvidenceSealed(items), GrainsJson.Default.EvidenceSealed);
        while (true)
        {
            try
            {
                CommandResult result = await parts.Host.CommandAsync(ActorKind.Case, caseId, MessageKind.SealEvidence, body, stopping.Token).ConfigureAwait(false);
                await parts.Position.WaitAsync(result.Position, stopping.Token).ConfigureAwait(false);
                return;
            }
            catch (Exception failure) when (failure is HostUnavailableException or JournalFailedException)
            {
                await Task.Delay(EvidenceLimits.TroublePause, parts.Time, stopping.Token).ConfigureAwait(false);
            }
        }
    }

    private async Task WaitAsync(Task woken, long? nextMs)
    {
        if (nextMs is not { } next)
        {
            await woken.WaitAsync(stopping.Token).ConfigureAwait(false);
            return;
        }

        TimeSpan sleep = TimeSpan.FromMilliseconds(Math.Clamp(next - NowMs, 1, (long)EvidenceLimits.LongestSleep.TotalMilliseconds));
        using CancellationTokenSource either = CancellationTokenSource.CreateLinkedTokenSource(stopping.Token);
        await Task.WhenAny(woken, Task.Delay(sleep, parts.Time, either.Token)).ConfigureAwait(false);
        await either.CancelAsync().ConfigureAwait(false);
    }

    private async Task PauseAsync()
    {
        try
        {
            await Task.Delay(EvidenceLimits.TroublePause, parts.Time, stopping.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            // It ends; whoever called looks at that next.
        }
    }

    private long NowMs => parts.Time.GetUtcNow().ToUnixTimeMilliseconds();

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Error, "Copies for cases wait.")]
        public static partial void Failed(ILogger logger, Exception failure);

        [LoggerMessage(2, LogLevel.Error, "Copy {Item} could not be kept.")]
        public static partial void NotKept(ILogger logger, string item, Exception failure);

        [LoggerMessage(3, LogLevel.Warning, "Copy {Item} cannot be had: {Reason}")]
        public static partial void NotHad(ILogger logger, string item, string reason);
    }
}
