using System.Reactive.Concurrency;
using System.Reactive.Linq;
using Microsoft.Extensions.Logging;
using Streaming.Grains.Turns;

namespace Streaming.Silo.Views;

/// <summary>
/// The city in numbers, counted anew while warnings or cases change, at most twice a second and only while somebody watches: everyone who watches shares one count.
/// </summary>
internal sealed partial class CityFigures
{
    private readonly ViewReader reader;
    private readonly ILogger<CityFigures> logger;

    public CityFigures(ViewReader reader, IObservable<ViewBatch> applied, IScheduler scheduler, ILogger<CityFigures> logger)
    {
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
