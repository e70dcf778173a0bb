using System.Collections.Concurrent;
using System.Reactive.Concurrency;
using System.Reactive.Linq;
using Microsoft.Extensions.Logging;
using Streaming.Grains.Turns;
using Streaming.Silo.Supervision;

namespace Streaming.Silo.Views;

/// <summary>What stations weighed on a day, and how much of it was over the limit of the road.</summary>
internal sealed record WeighedDay(long Weighed, long Over);

/// <summary>What was weighed today so far, and on the whole day a week ago.</summary>
internal sealed record OverloadFigures(WeighedDay Today, WeighedDay WeekAgo);

/// <summary>
/// The city in numbers, counted anew while warnings or cases change, at most twice a second and only while somebody watches: everyone who watches shares one count.
/// </summary>
internal sealed partial class CityFigures
{
    private const int DaysOfWeek = 7;

    private readonly ConcurrentDictionary<string, (long At, long Today, OverloadFigures Figures)> overloads = new(StringComparer.Ordinal);
    private readonly TimeProvider time;
    private readonly ViewReader reader;
    private readonly ILogger<CityFigures> logger;

    public CityFigures(ViewReader reader, IObservable<ViewBatch> applied, IScheduler scheduler, ILogger<CityFigures> logger, TimeProvider time)
    {
        this.time = time;
        this.reader = reader;
        this.logger = logger;
        Live = applied
            .Where(batch => batch.Changes.Exists(change => change.View is View.Warnings or View.Cases))
            .Sample(ViewLimits.FiguresEvery, scheduler)
            .Select(_ => Observable.FromAsync(CountAsync))
            .Concat()
            .Where(figures => figures is not null)
            .Select(figures => figures!)
            .Publish()
            .RefCount();
    }

    /// <summary>Figures after a change, newest last. Ask <see cref="NowAsync"/> for the first.</summary>
    public IObservable<IReadOnlyList<DistrictFigures>> Live { get; }

    public ValueTask<IReadOnlyList<DistrictFigures>> NowAsync(CancellationToken cancellation) => reader.CountAsync(cancellation);

    /// <summary>
    /// What was weighed today and over the limit, and on the same weekday of the week before, of a district with its streets. Stations are counted by whole days of the city's calendar, so the week before is the whole day. Counted at most every ten seconds for
    /// each district: everyone who asks shares one count.
    /// </summary>
    /// <param name="district">The district; null for the whole city.</param>
    /// <param name="today">The day, days since 1970 in the city's time.</param>
    /// <param name="cancellation">Gives up waiting.</param>
    public async ValueTask<OverloadFigures> OverloadsAsync(string? district, long today, CancellationToken cancellation)
    {
        if (overloads.TryGetValue(district ?? "", out (long At, long Today, OverloadFigures Figures) known) && known.Today == today && time.GetElapsedTime(known.At) < ViewLimits.OverloadsEvery)
        {
            return known.Figures;
        }

        long at = time.GetTimestamp();
        OverloadFigures figures = new(
            Sum(await reader.StationDaysAsync(today, today, district, cancellation).ConfigureAwait(false)),
            Sum(await reader.StationDaysAsync(today - DaysOfWeek, today - DaysOfWeek, district, cancellation).ConfigureAwait(false)));
        if (overloads.Count >= ViewLimits.OverloadsKept)
        {
            overloads.Clear();
        }

        overloads[district ?? ""] = (at, today, figures);
        return figures;
    }

    private static WeighedDay Sum(IReadOnlyList<StationDay> days) => new(days.Sum(day => day.Weighings), days.Sum(day => day.Over));

    private async Task<IReadOnlyList<DistrictFigures>?> CountAsync(CancellationToken cancellation)
    {
        try
        {
            return await reader.CountAsync(cancellation).ConfigureAwait(false);
        }
        catch (Exception error) when (error is Microsoft.Data.Sqlite.SqliteException or ObjectDisposedException)
        {
            // The next change counts again; whoever watches keeps the figures they have.
            Log.NotCounted(logger, error);
            return null;
        }
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Warning, "The city's figures could not be counted; the last ones stand until the next change.")]
        public static partial void NotCounted(ILogger logger, Exception error);
    }
}
