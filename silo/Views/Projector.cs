using System.Reactive.Subjects;
using System.Text;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Logging;
using Streaming.Grains.Inputs;
using Streaming.Grains.Turns;
using Streaming.Models.Encoding;
using Streaming.Silo.Access;
using Streaming.Silo.Host;
using Streaming.Silo.Maps;
using Streaming.Silo.Supervision;

namespace Streaming.Silo.Views;

/// <summary>
/// Follows the journal and keeps the lists: rows that turns showed, payloads that were quarantined, the feeds and the access book. Run by one thread, which calls <see cref="Step"/> when records became durable, and at least
/// once a second besides, so that a failed transaction is tried again.
/// </summary>
/// <remarks>
/// Order of a step: the store's transaction, then access book and feeds, then the position. A crash between them loses nothing, because everything in memory is read from the store at the start; and whoever waits for a
/// position finds all of it. While records are waiting, one transaction takes many runs; when there is nothing more, it is committed at once, so that an alert does not wait for company.
/// </remarks>
internal sealed partial class Projector : IStep, IDisposable
{
    private readonly IViewStore store;
    private readonly IRecordSource source;
    private readonly AccessBook access;
    private readonly FeedBook feeds;
    private readonly ViewPosition position;
    private readonly ViewMetrics metrics;
    private readonly TimeProvider time;
    private readonly ILogger<Projector> logger;
    private readonly Subject<ViewBatch> applied = new();
    private readonly Dictionary<(View, string), int> coalesced = [];
    private readonly ScoreInputs scores = new();
    private readonly Traffic? traffic;
    private readonly PlateBook? plates;
    private ViewBatch batch = new();
    private long batchBytes;
    private long readPosition;
    private long storedAt;
    private readonly ViewRetention retention;
    private long? failedAt;
    private long? trimmedAt;
    private long newestMs;

    public Projector(
        IViewStore store, IRecordSource source, AccessBook access, FeedBook feeds, ViewPosition position, TimeProvider time, ILogger<Projector> logger, ViewRetention? retention = null, Traffic? traffic = null, PlateBook? plates = null)
    {
        this.traffic = traffic;
        this.plates = plates;
        this.retention = retention ?? new ViewRetention();
        this.store = store;
        this.source = source;
        this.access = access;
        this.feeds = feeds;
        this.position = position;
        this.time = time;
        this.logger = logger;
        metrics = new ViewMetrics(position);
        readPosition = store.Position;
        storedAt = time.GetTimestamp();
        position.Reach(store.Position);
    }

    public string Name => "projector";

    /// <summary>Every batch once it is in the lists, on the projector's thread: whoever subscribes must not hold it up.</summary>
    public IObservable<ViewBatch> Applied => applied;

    /// <summary>Why the lists do not move on (as a full disk); null while they do.</summary>
    public string? Trouble { get; private set; }

    /// <summary>
    /// Applies what there is to read, up to one transaction. False where there was nothing to do, or where a failed transaction waits to be tried again: then the caller may sleep until more is durable.
    /// Throws where the journal and the lists contradict one another, and where the lists' file is damaged; the process must stop then.
    /// </summary>
    public bool Step()
    {
        if (failedAt is { } failed)
        {
            return time.GetElapsedTime(failed) >= ViewLimits.RetryAfter && Commit();
        }

        bool read = false;
        long begun = time.GetTimestamp();
        while (source.TryRead(out ReadOnlySpan<byte> records, out long first, out int count))
        {
            read = true;
            Collect(records, first, count);
            if (batch.Changes.Count + batch.Quarantine.Count >= ViewLimits.ChangesPerBatch || batchBytes >= ViewLimits.BytesPerBatch || time.GetElapsedTime(begun) >= ViewLimits.CollectFor)
            {
                break;
            }
        }

        // Counts of weighings alone are stored with the position: they wait for nobody.
        bool changed = batch.Changes.Count + batch.Quarantine.Count + scores.Count > 0;
        bool positionDue = readPosition > store.Position && time.GetElapsedTime(storedAt) >= ViewLimits.PositionEvery;
        if (changed || positionDue)
        {
            return Commit();
        }

        Trim();

        // Nothing to show up to here; storing that can wait, because reading these records again changes nothing.
        position.Reach(readPosition);
        return read;
    }

    public void Dispose()
    {
        applied.Dispose();
        metrics.Dispose();
    }

    private bool Commit()
    {
        batch.Position = readPosition;
        batch.Scores.AddRange(scores.Take());
        try
        {
            store.Apply(batch);
        }
        catch (SqliteException error) when (ViewStoreException.IsPassing(error))
        {
            failedAt = time.GetTimestamp();
            if (Trouble is null)
            {
                Log.Stuck(logger, readPosition, error);
            }

            Trouble = $"The lists cannot be written ({error.Message}). {SqliteTrouble.WhatToDo(error, "views.db of the data directory")} Work resumes by itself.";
            metrics.Failed();
            return false;
        }

        if (Trouble is not null)
        {
            Log.Resumed(logger, readPosition);
        }

        ViewBatch done = batch;
        Trouble = null;
        failedAt = null;
        storedAt = time.GetTimestamp();
        batch = new ViewBatch();
        batchBytes = 0;
        coalesced.Clear();
        access.Apply(done);
        feeds.Apply(done);
        plates?.Apply(done);
        position.Reach(done.Position);
        metrics.Applied(done);
        applied.OnNext(done);
        Trim();
        return true;
    }

    /// <summary>Now and then, and only as far as the lists have come: so what is kept depends on the journal, not on when somebody looked.</summary>
    private void Trim()
    {
        if (newestMs == 0 || (trimmedAt is { } last && time.GetElapsedTime(last) < ViewLimits.TrimEvery))
        {
            return;
        }

        trimmedAt = time.GetTimestamp();
        try
        {
            store.Trim(retention, newestMs);
        }
        catch (SqliteException error) when (ViewStoreException.IsPassing(error))
        {
            // What is too old stays a little longer.
            Log.NotTrimmed(logger, error);
        }
    }

    private void Collect(ReadOnlySpan<byte> records, long first, int count)
    {
        if (first > readPosition + 1)
        {
            throw new InvalidDataException(
                $"The lists are at position {readPosition}, but the journal goes on at {first}: what lies between is in neither. Restore a views.db that is at {first - 1} or later, from the same backup as the journal.");
        }

        long at = first;
        while (records.Length > 0)
        {
            Record record = Record.Next(ref records);
            if (at > readPosition)
            {
                Collect(record, at);
            }

            at++;
        }

        if (at - first != count)
        {
            throw new InvalidDataException($"A run of records from position {first} holds {at - first} records; its block says {count}.");
        }

        readPosition = Math.Max(readPosition, at - 1);
    }

    /// <summary>What comes in, for the map and the search: vehicles alone, and each reading is looked at once.</summary>
    private void See(scoped in PublishRecord publish, long timeMs)
    {
        if (publish.Readings == 0 || traffic is null || plates is null)
        {
            return;
        }

        traffic.Count(publish.Readings);
        foreach (ReadingElement reading in publish.GetReadings())
        {
            if (reading.SubjectKind == ActorKind.Vehicle)
            {
                plates.Collect(reading.Key, timeMs, batch);
                traffic.Collect(reading);
            }
        }
    }

    private void Collect(in Record record, long at)
    {
        newestMs = Math.Max(newestMs, record.TimeMs);
        scores.Collect(record, at);
        if (record.Kind == InputKind.Shown)
        {
            ByteReader reader = new(record.Body);
            _ = Cause.Read(ref reader);
            View view = (View)reader.ReadByte();
            string key = reader.ReadText();
            byte[]? json = reader.AtEnd ? null : reader.Rest.ToArray();
            batchBytes += key.Length + (json?.Length ?? 0);
            Add(new ViewChange(view, key, json, at, record.TimeMs));
            if (view == View.Registers && json is not null)
            {
                plates?.Collect(key, record.TimeMs, batch);
            }
        }
        else if (record.Kind == InputKind.Publish)
        {
            PublishRecord publish = PublishRecord.Read(record.Body);
            See(publish, record.TimeMs);
            if (publish.Rejections > 0)
            {
                Quarantine(publish, record.TimeMs, at);
            }
        }
    }

    /// <summary>A row shown many times within a batch is written once, as it was last, in the place where it was first shown.</summary>
    private void Add(in ViewChange change)
    {
        if (change.View != View.Feed && coalesced.TryGetValue((change.View, change.Key), out int index) && change.Json is not null && batch.Changes[index].Json is not null)
        {
            batch.Changes[index] = batch.Changes[index] with { Json = change.Json, TimeMs = change.TimeMs };
            return;
        }

        if (change.View != View.Feed)
        {
            coalesced[(change.View, change.Key)] = batch.Changes.Count;
        }

        batch.Changes.Add(change);
    }

    private void Quarantine(in PublishRecord publish, long timeMs, long at)
    {
        string source = Encoding.UTF8.GetString(publish.Origin.Source);
        string district = Encoding.UTF8.GetString(publish.Origin.District);
        string topic = Encoding.UTF8.GetString(publish.Topic);
        int element = 0;
        foreach (Rejection rejection in publish.GetRejections())
        {
            string detail = rejection.Detail;
            if (element == ViewLimits.QuarantineRowsPerRecord - 1 && publish.Rejections > ViewLimits.QuarantineRowsPerRecord)
            {
                detail = $"{detail} ({publish.Rejections - ViewLimits.QuarantineRowsPerRecord} more elements of this payload were rejected and are not listed.)";
            }

            int offset = Math.Clamp(rejection.Offset, 0, publish.Raw.Length);
            int length = Math.Clamp(rejection.Length, 0, Math.Min(publish.Raw.Length - offset, ViewLimits.QuarantinePayloadBytes));
            byte[] payload = publish.Raw.Slice(offset, length).ToArray();
            batchBytes += payload.Length + detail.Length;
            batch.Quarantine.Add(new QuarantineRow(at, element, source, district, topic, timeMs, rejection.Reason, detail, payload));
            element++;
            if (element == ViewLimits.QuarantineRowsPerRecord)
            {
                break;
            }
        }
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Error, "The lists cannot be written at position {Position}; trying again every second. Nothing is lost: the journal has it.")]
        public static partial void Stuck(ILogger logger, long position, Exception error);

        [LoggerMessage(3, LogLevel.Warning, "The lists could not be trimmed; trying again.")]
        public static partial void NotTrimmed(ILogger logger, Exception error);

        [LoggerMessage(2, LogLevel.Information, "The lists are written again, position {Position}.")]
        public static partial void Resumed(ILogger logger, long position);
    }
}
