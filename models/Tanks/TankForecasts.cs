using Streaming.Models.Statistics;

namespace Streaming.Models.Tanks;

/// <summary>What a trend says of a limit that is not reached yet.</summary>
public enum ForecastOutcome : byte
{
    /// <summary>It is not heading for a limit, or will not be there for long.</summary>
    None,

    /// <summary>Too little was heard since the line began to say anything: what was said before stays.</summary>
    Unsure,

    /// <summary>The limit is near in time.</summary>
    Expected,
}

/// <summary>A limit that is reached soon.</summary>
/// <param name="Outcome">Whether there is such a limit.</param>
/// <param name="Limit">The limit, in the figure's unit.</param>
/// <param name="Band">The band that begins at it.</param>
/// <param name="InMin">When the line is there, minutes from the newest reading; 0 where it is there already.</param>
/// <param name="Probability">Probability that the line is there within the horizon, from the error of its slope.</param>
public readonly record struct TankForecast(ForecastOutcome Outcome, double Limit, TankBand Band, double InMin, double Probability);

/// <summary>
/// When a tank's figure is said to be heading for its limit: "at this rate the high limit is reached in 12 minutes". The limits are those of <see cref="TankLimits"/>. No figure here was verified: all are configuration.
/// </summary>
public sealed record TankForecasts
{
    /// <summary>A reading this old counts 1/e of a new one, s.</summary>
    public int TimeConstantS { get; init; } = 600;

    /// <summary>Readings that a line needs before anything is said.</summary>
    public int LeastReadings { get; init; } = 8;

    /// <summary>Time that they have to cover, s.</summary>
    public int LeastSpanS { get; init; } = 180;

    /// <summary>After a gap longer than this the line begins anew, s.</summary>
    public int RestartAfterS { get; init; } = 900;

    /// <summary>A limit that is further away than this is not spoken of, minutes.</summary>
    public double HorizonMin { get; init; } = 30;

    /// <summary>The same for the filling level, minutes: a tank that is being filled heads for its limit as a matter of course and stops short of it.</summary>
    public double LevelHorizonMin { get; init; } = 2;

    /// <summary>
    /// A limit that is nearer than so many standard deviations of the readings from their line is spoken of too, where it is within <see cref="HorizonMin"/>: of a level that creeps, two minutes are less than its sensor's scatter, and a single reading
    /// would be over the limit before anything was said. 0 for not at all, as rulebooks from before there was this were judged.
    /// </summary>
    public double NearDeviations { get; init; }

    /// <summary>A forecast is taken back when the limit is further away than the horizon by this factor.</summary>
    public double ClearFactor { get; init; } = 1.5;

    /// <summary>Standard errors that a slope has to have; noise reaches that many in one of millions of lines.</summary>
    public double LeastSlopeErrors { get; init; } = 5;

    /// <summary>Standard errors below which a slope that was spoken of counts as gone.</summary>
    public double ClearSlopeErrors { get; init; } = 2.5;

    /// <summary>Scatter of a sensor at least, in percent of the figure's greatest limit: a figure that creeps by less than what is measured has no slope.</summary>
    public double ResolutionPct { get; init; } = 0.2;

    /// <summary>Severity, 1 to 4.</summary>
    public int Severity { get; init; } = 2;

    /// <summary>A forecast that lasts is told anew at most this often, s of turn time.</summary>
    public int UpdateEveryS { get; init; } = 120;

    /// <summary>How a trend of a figure with these limits takes readings in.</summary>
    public TrendSettings Settings(TankThresholds thresholds)
    {
        double greatest = Math.Max(Math.Max(Size(thresholds.LowLow), Size(thresholds.Low)), Math.Max(Size(thresholds.High), Size(thresholds.HighHigh)));
        return new TrendSettings(TimeConstantS, RestartAfterS, Math.Max(1e-6, greatest * ResolutionPct / 100));
    }

    /// <summary>How far ahead is looked for a figure, minutes.</summary>
    public double Horizon(TankFigure figure, in TrendFit fit)
    {
        double horizon = figure == TankFigure.Level ? LevelHorizonMin : HorizonMin;
        double nearMin = NearDeviations * fit.Deviation / Math.Abs(fit.SlopePerS) / 60;
        return Math.Max(horizon, Math.Min(nearMin, HorizonMin));
    }

    /// <summary>What the line says.</summary>
    /// <param name="figure">The figure.</param>
    /// <param name="open">True where its limit was spoken of already: then it takes more to take that back.</param>
    /// <param name="fit">The line.</param>
    /// <param name="thresholds">The figure's limits.</param>
    /// <param name="band">Where the figure stands; outside its limits there is nothing left to foresee.</param>
    public TankForecast Judge(TankFigure figure, bool open, in TrendFit fit, TankThresholds thresholds, TankBand band)
    {
        if (band != TankBand.Normal)
        {
            return default;
        }

        if (fit.Readings < LeastReadings || fit.SpanS < LeastSpanS)
        {
            return new TankForecast(ForecastOutcome.Unsure, double.NaN, TankBand.Normal, double.NaN, 0);
        }

        bool rises = fit.SlopePerS > 0;
        TankBand next = rises
            ? thresholds.High is null ? TankBand.HighHigh : TankBand.High
            : thresholds.Low is null ? TankBand.LowLow : TankBand.Low;
        double limit = thresholds.Limit(next);
        if (double.IsNaN(limit) || fit.Errors < (open ? ClearSlopeErrors : LeastSlopeErrors))
        {
            return default;
        }

        double away = rises ? limit - fit.Level : fit.Level - limit;
        double slope = Math.Abs(fit.SlopePerS);
        double inMin = Math.Max(0, away / slope / 60);
        double horizon = Horizon(figure, fit);
        if (inMin > (open ? horizon * ClearFactor : horizon))
        {
            return default;
        }

        double needed = away / (horizon * 60);
        return new TankForecast(ForecastOutcome.Expected, limit, next, inMin, NormalDistribution.Below((slope - needed) / fit.ErrorPerS));
    }

    /// <summary>What is wrong with this section of a rulebook, one sentence each; empty where nothing is.</summary>
    public IEnumerable<string> Problems()
    {
        foreach ((string name, int value, int least, int most) in new[]
        {
            ("timeConstantS", TimeConstantS, 1, ModelLimits.RuleSeconds), ("leastReadings", LeastReadings, 3, 200), ("leastSpanS", LeastSpanS, 0, ModelLimits.RuleSeconds),
            ("restartAfterS", RestartAfterS, 1, ModelLimits.RuleSeconds), ("severity", Severity, 1, 4), ("updateEveryS", UpdateEveryS, 0, ModelLimits.RuleSeconds),
        })
        {
            if (value < least || value > most)
            {
                yield return $"tankForecasts.{name} is {value}; it must be {least} to {most}.";
            }
        }

        foreach ((string name, double value, double least, double most) in new[]
        {
            ("horizonMin", HorizonMin, 0, 1440), ("levelHorizonMin", LevelHorizonMin, 0, 1440), ("nearDeviations", NearDeviations, 0, 10), ("clearFactor", ClearFactor, 1, 10),
            ("leastSlopeErrors", LeastSlopeErrors, 1, 100), ("resolutionPct", ResolutionPct, 0, 100), ("clearSlopeErrors", ClearSlopeErrors, 0, LeastSlopeErrors),
        })
        {
            if (!(value >= least && value <= most))
            {
                yield return $"tankForecasts.{name} is {value}; it must be {least} to {most}.";
            }
        }
    }

    private static double Size(double? limit) => Math.Abs(limit ?? 0);
}
