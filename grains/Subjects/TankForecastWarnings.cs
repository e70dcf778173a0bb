using System.Text;
using Streaming.Grains.Messages;
using Streaming.Grains.Turns;
using Streaming.Models.Readings;
using Streaming.Models.Statistics;
using Streaming.Models.Tanks;
using Streaming.Models.Wording;

namespace Streaming.Grains.Subjects;

/// <summary>
/// Says that a tank's figure reaches its limit soon, if it goes on as it does. One warning for each figure of a subject, over all of its tanks; it ends when the last of them has stopped, turned, slowed down, or is outside its limit: then
/// the limit's own warning is there.
/// </summary>
internal static class TankForecastWarnings
{
    private const string Model = "tank-forecast/2";

    /// <summary>Follows the figures of a reading that is the tank's newest, after its bands were moved.</summary>
    /// <returns>Which figures are expected at their limit from now on, one bit each in the low byte, and which not any more, in the byte above.</returns>
    public static int Judge(scoped in Turn turn, scoped in Message message, ActorKind subject, string unit, TankStream stream, in TankFigures figures, ref OpenWarnings? warnings, IOtherTanks? others)
    {
        TankProfile profile = stream.Profile(turn.Rules.TankLimits, turn.Key, unit);
        TankForecasts rules = turn.Rules.TankForecasts;
        TankWatch watch = stream.Watch ??= new TankWatch();
        TrendDecay decay = default;
        int moved = 0;
        for (int i = 0; i < TankFigureNames.Count; i++)
        {
            TankFigure figure = (TankFigure)i;
            double value = figure.Value(figures);
            bool before = watch.IsExpected(figure);
            TankForecast forecast = default;
            TrendFit fit = default;
            if (profile.Of(figure) is { } thresholds)
            {
                if (double.IsNaN(value))
                {
                    continue;
                }

                fit = watch.Follow(figure, value, message.Header.AtMs, rules.Settings(thresholds), ref decay);
                forecast = rules.Judge(figure, before, fit, thresholds, stream.Band(figure));
                if (forecast.Outcome == ForecastOutcome.Unsure)
                {
                    continue;
                }
            }
            else
            {
                watch.Leave(figure);
            }

            bool now = forecast.Outcome == ForecastOutcome.Expected;
            if (now)
            {
                moved |= before ? 0 : 1 << i;
                watch.Expect(figure, true);
                Tell(turn, message, subject, new Heading(unit, stream, figure, value, fit, forecast), !before, ref warnings, others);
            }
            else if (before)
            {
                moved |= 0x100 << i;
                watch.Expect(figure, false);
                if (others?.AnyExpected(figure, unit) != true)
                {
                    warnings?.Clear(turn, subject, figure.ForecastKind(), message.Header.AtMs, Back(figure, unit, stream.Band(figure), value));
                }
            }
        }

        return moved;
    }

    private readonly record struct Heading(string Unit, TankStream Stream, TankFigure Figure, double Value, TrendFit Fit, TankForecast Forecast);

    private static void Tell(scoped in Turn turn, scoped in Message message, ActorKind subject, in Heading heading, bool first, ref OpenWarnings? warnings, IOtherTanks? others)
    {
        warnings ??= new OpenWarnings();
        TankForecasts rules = turn.Rules.TankForecasts;
        TankFigure figure = heading.Figure;
        if (!warnings.IsToTell(figure.ForecastKind(), first, turn.NowMs, rules.UpdateEveryS, message.Header.AtMs))
        {
            return;
        }

        double perMin = heading.Fit.SlopePerS * 60;
        double inMin = heading.Forecast.InMin;
        double horizonMin = Rounded(rules.Horizon(figure, heading.Fit));
        string prefix = heading.Unit.Length > 0 ? $"{heading.Unit}." : "";
        SortedDictionary<string, double> figures = new(StringComparer.Ordinal)
        {
            [prefix + figure.Field()] = heading.Value,
            [prefix + figure.LimitField()] = heading.Forecast.Limit,
            [prefix + figure.RateField()] = Rounded(perMin),
            [prefix + "limitInMin"] = Rounded(inMin),
            ["horizonMin"] = horizonMin,
        };
        TankThresholds? thresholds = heading.Stream.Profile(turn.Rules.TankLimits, turn.Key, heading.Unit).Of(figure);
        warnings.Raise(turn, subject, message, default, new Finding(
            figure.ForecastKind(),
            rules.Severity,
            Math.Min(turn.Rules.TankLimits.Confidence, heading.Forecast.Probability),
            Model,
            Explain(heading, Encoding.UTF8.GetString(message.Origin.Source), others?.Expected(figure, heading.Unit, GrainLimits.TanksExplained) ?? []),
            figures,
            $"{figure.English()} {heading.Forecast.Band.English()} {FigureText.Measured(heading.Forecast.Limit)} {figure.Unit()} not reached within {FigureText.Measured(horizonMin)} min",
            thresholds?.LegalSource));
    }

    private static Explanation Explain(in Heading heading, string source, List<string> also)
    {
        TankFigure figure = heading.Figure;
        TankForecast forecast = heading.Forecast;
        TrendFit fit = heading.Fit;
        string unit = figure.Unit();
        string content = Encoding.UTF8.GetString(heading.Stream.Substance);
        string value = $"{FigureText.Measured(heading.Value)} {unit}";
        string rate = $"{FigureText.Measured(Rounded(Math.Abs(fit.SlopePerS) * 60))} {unit}";
        string limit = $"{FigureText.Measured(forecast.Limit)} {unit}";
        string minutes = FigureText.Measured(Math.Round(forecast.InMin, 1, MidpointRounding.AwayFromZero));
        string span = FigureText.Whole((long)(fit.SpanS / 60));
        string errors = FigureText.Measured(Math.Round(fit.Errors, 1, MidpointRounding.AwayFromZero));
        bool rises = fit.SlopePerS > 0;
        string en = $"Tank{(heading.Unit.Length > 0 ? $" {heading.Unit}" : "")}{(content.Length > 0 ? $" ({content})" : "")}: {figure.English()} {value}, {(rises ? "rising" : "falling")} by {rate} a minute (reported by {source}). "
            + $"At this rate the {forecast.Band.English()} limit of {limit} is reached in {minutes} min. The line goes through the readings of the last {span} min; its slope is {errors} times its standard error."
            + (also.Count > 0 ? $" Also heading for their limits: {string.Join(", ", also)}." : "")
            + " The limit itself is not reached yet.";
        string zh = $"储罐{heading.Unit}{(content.Length > 0 ? $"（{content}）" : "")}：{figure.Chinese()}{value}，每分钟{(rises ? "上升" : "下降")}{rate}（由{source}上报）。"
            + $"按此速度，{minutes}分钟后达到{forecast.Band.Chinese()}限{limit}。趋势线取最近{span}分钟的读数，斜率为其标准误的{errors}倍。"
            + (also.Count > 0 ? $"同时趋近限值：{string.Join("、", also)}。" : "")
            + "目前尚未达到限值。";
        return new Explanation(en, zh);
    }

    private static Explanation Back(TankFigure figure, string unit, TankBand band, double value)
    {
        string name = unit.Length > 0 ? $" of tank {unit}" : "";
        string at = double.IsNaN(value) ? "" : $"{FigureText.Measured(value)} {figure.Unit()}";
        return double.IsNaN(value)
            ? new Explanation($"Cleared: the {figure.English()}{name} has no limit any more.", $"已解除：{unit}{figure.Chinese()}不再设限。")
            : band != TankBand.Normal
                ? new Explanation($"Ended: {figure.English()}{name} has reached its {band.English()} limit at {at}; the warning of the limit goes on from here.", $"已结束：{unit}{figure.Chinese()}为{at}，已达到{band.Chinese()}限，转由限值警告继续。")
                : new Explanation($"Cleared: {figure.English()}{name} is at {at} and not heading for its limit any more.", $"已解除：{unit}{figure.Chinese()}为{at}，不再趋近限值。");
    }

    /// <summary>To three significant places at least, for rates of a few hundredths.</summary>
    private static double Rounded(double value) => Math.Round(value, Math.Abs(value) < 1 ? 5 : 2, MidpointRounding.AwayFromZero);
}
