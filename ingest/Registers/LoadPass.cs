using System.Text;
using System.Text.Json;
using Streaming.Grains.Inputs;
using Streaming.Grains.Messages;
using Streaming.Ingest.Formats;
using Streaming.Models.Encoding;
using Streaming.Models.Registers;

namespace Streaming.Ingest.Registers;

/// <summary>Goes through a table once.</summary>
internal sealed class LoadPass(SourceRegistration source, IIntake? intake, TimeProvider time, LoadProgress? progress)
{
    private readonly SourceContext context = new(source);
    private readonly ByteWriter payload = new(IngestLimits.LoadBytes);
    private readonly ByteWriter record = new(IngestLimits.LoadBytes);
    private readonly List<(int Offset, long Line)> offsets = [];
    private readonly List<LoadProblem> problems = [];
    private readonly HashSet<string> keys = new(StringComparer.Ordinal);
    private long records;
    private long taken;
    private long refused;
    private long removed;
    private long known;
    private long position;
    private bool isAnother;
    private bool isCutOff;

    /// <summary>The part that was sent last. What the columns mean is in the hash of every part: a table whose meaning has changed is another one.</summary>
    private LoadChunk last = new(0, 0, StableHash.Of(JsonSerializer.SerializeToUtf8Bytes(source.Mapping ?? new RegisterMapping(), GrainsJson.Default.RegisterMapping)));

    /// <summary>Null where the table is another than the one of which the journal has the beginning; nothing was taken then.</summary>
    public async Task<LoadOutcome?> RunAsync(Stream table, TableFormat format, Func<CancellationToken, IAsyncEnumerable<string>>? spokenOf, CancellationToken cancellation)
    {
        RegisterSchema schema = context.Records?.Schema ?? throw new InvalidOperationException($"The source {source.Id} is registered with no register.");
        TableReader reader = new(table, format);
        string? stopped = await reader.ReadColumnsAsync(cancellation).ConfigureAwait(false) ? Unnamed(schema, reader) : "The table has no first line that names its columns.";
        while (stopped is null && !isAnother && await reader.ReadAsync(cancellation).ConfigureAwait(false))
        {
            if (records == IngestLimits.LoadRecords)
            {
                stopped = $"The table has more than {IngestLimits.LoadRecords} records; load the rest by itself, without 'full'.";
                break;
            }

            Add(reader.Element, reader.Line);
            if (offsets.Count == IngestLimits.LoadRecordsAtOnce || payload.Length > IngestLimits.LoadBytes)
            {
                stopped = await SendPartAsync(spokenOf is not null, cancellation).ConfigureAwait(false);
            }
        }

        stopped ??= await SendPartAsync(spokenOf is not null, cancellation).ConfigureAwait(false);
        if (isAnother || last.Number < progress?.Chunks)
        {
            return null;
        }

        if (spokenOf is not null && stopped is null)
        {
            stopped = await RemoveAsync(schema, spokenOf, cancellation).ConfigureAwait(false);
        }

        if (position > 0)
        {
            await intake!.WaitDurableAsync(position).ConfigureAwait(false);
        }

        return new LoadOutcome(source.Id, schema.Name, intake is null, records, taken, refused, removed, known, problems, stopped) { Position = position, IsCutOff = isCutOff };
    }

    /// <summary>A table without the columns that name its entries would be refused record by record.</summary>
    private string? Unnamed(RegisterSchema schema, TableReader reader)
    {
        if (reader.Columns is not { } columns)
        {
            return null;
        }

        foreach (RegisterField field in schema.Key)
        {
            if (!columns.Any(column => context.Records!.Column(Encoding.UTF8.GetBytes(column)).SequenceEqual(Encoding.UTF8.GetBytes(field.Name))))
            {
                return $"The table has no column '{field.Name}', which names an entry of the register {schema.Name}; its columns are {string.Join(", ", columns)}. Rename one, or give the source a mapping.";
            }
        }

        return null;
    }

    private void Add(ReadOnlySpan<byte> element, long line)
    {
        payload.WriteByte(offsets.Count == 0 ? (byte)'[' : (byte)',');
        offsets.Add((payload.Length, line));
        payload.WriteRaw(element);
        records++;
    }

    /// <summary>Sends what was added as the next part of the table; why it could not be, or null.</summary>
    private async ValueTask<string?> SendPartAsync(bool remembers, CancellationToken cancellation)
    {
        if (offsets.Count == 0 || isAnother)
        {
            return null;
        }

        last = new LoadChunk(last.Number + 1, last.Hash, StableHash.Combine(last.Hash, StableHash.Of(payload.Written)));
        bool isKnown = last.Number <= progress?.Chunks;
        isAnother = isKnown && ((last.Number == 1 && last.Hash != progress!.First) || (last.Number == progress!.Chunks && last.Hash != progress.Hash));
        known += isKnown ? offsets.Count : 0;
        return await SendAsync(last.Topic(source.Id), remembers, isKnown ? null : intake, cancellation).ConfigureAwait(false);
    }

    private async ValueTask<string?> SendAsync(string topic, bool remembers, IIntake? to, CancellationToken cancellation)
    {
        if (offsets.Count == 0)
        {
            return null;
        }

        payload.WriteByte((byte)']');
        record.Clear();
        Encode(topic, remembers);
        payload.Clear();
        offsets.Clear();
        if (to is null)
        {
            return null;
        }

        Appended appended = await to.AppendAsync(record.WrittenMemory, cancellation).ConfigureAwait(false);
        isCutOff = appended.Refusal is not null;
        position = isCutOff ? position : appended.LastPosition;
        return appended.Refusal;
    }

    private void Encode(string topic, bool remembers)
    {
        EncodeOutcome outcome = PublishEncoder.Encode(record, context, Encoding.UTF8.GetBytes(topic), payload.Written, time.GetUtcNow().ToUnixTimeMilliseconds());
        taken += outcome.Accepted;
        refused += outcome.Rejected;
        ReadOnlySpan<byte> rest = record.Written;
        PublishRecord publish = PublishRecord.Read(Record.Next(ref rest).Body);
        foreach (Rejection rejection in publish.GetRejections())
        {
            if (problems.Count < IngestLimits.LoadProblems)
            {
                string first = rejection.Detail.Split(' ', 2)[0];
                string? field = context.Records!.Schema.Fields.FirstOrDefault(each => each.Name == first)?.Name ?? (Array.IndexOf(RegisterDecoder.OwnNames, first) >= 0 ? first : null);
                problems.Add(new LoadProblem(LineAt(rejection.Offset), field, JsonNamingPolicy.KebabCaseLower.ConvertName(rejection.Reason.ToString()), rejection.Detail));
            }
        }

        if (remembers)
        {
            PublishRecord.ReadingEnumerator readings = publish.GetReadings();
            while (readings.MoveNext())
            {
                keys.Add(Encoding.UTF8.GetString(readings.Current.Key));
            }
        }
    }

    private long LineAt(int offset)
    {
        long line = 0;
        foreach ((int begins, long at) in offsets)
        {
            line = begins <= offset ? at : line;
        }

        return line;
    }

    private async ValueTask<string?> RemoveAsync(RegisterSchema schema, Func<CancellationToken, IAsyncEnumerable<string>> spokenOf, CancellationToken cancellation)
    {
        if (refused > 0)
        {
            return "Entries that the table does not have were not removed, because some of its records were refused and may be those.";
        }

        string topic = $"v1/records/{source.Id}";
        long before = taken;
        long shown = records;
        await foreach (string key in spokenOf(cancellation).ConfigureAwait(false))
        {
            if (keys.Contains($"{schema.Name}/{key}"))
            {
                continue;
            }

            string[] parts = key.Split('/');
            Add(Encoding.UTF8.GetBytes($"{{{string.Join(',', schema.Key.Select((field, i) => $"\"{field.Name}\":{JsonSerializer.Serialize(parts[i])}"))},\"removed\":true}}"), 0);
            if (offsets.Count == IngestLimits.LoadRecordsAtOnce && await SendAsync(topic, false, intake, cancellation).ConfigureAwait(false) is { } refusal)
            {
                return refusal;
            }
        }

        string? last = await SendAsync(topic, false, intake, cancellation).ConfigureAwait(false);
        removed = taken - before;
        (taken, records) = (before, shown);
        return last;
    }
}
