using System.Text;
using Streaming.Grains.Messages;
using Streaming.Grains.Turns;
using Streaming.Models.Readings;
using Streaming.Models.Tanks;
using Streaming.Models.Wording;

namespace Streaming.Grains.Subjects;

/// <summary>A tank with a figure outside its limits, as an explanation names it.</summary>
internal readonly record struct AlarmedTank(string Unit, string Substance, double Value, TankBand Band, double Limit);

/// <summary>The other tanks of the subject: one warning per kind covers them all, since a subject has one open case per kind.</summary>
internal interface IOtherTanks
{
    /// <summary>True where a tank other than <paramref name="unit"/> has this figure outside its limits.</summary>
    bool AnyAlarmed(TankFigure figure, string unit);

    /// <summary>Tanks other than <paramref name="unit"/> with this figure outside its limits, by name, as far as they are at hand; at most <paramref name="most"/>.</summary>
    List<AlarmedTank> Alarmed(TankFigure figure, string unit, TankLimits limits, string subject, int most);

    /// <summary>True where a tank other than <paramref name="unit"/> is expected to reach the limit of this figure.</summary>
    bool AnyExpected(TankFigure figure, string unit);

    /// <summary>Names of such tanks, as far as they are at hand; at most <paramref name="most"/>.</summary>
    List<string> Expected(TankFigure figure, string unit, int most);

    /// <summary>True where a tank other than <paramref name="unit"/> is said to behave unusually.</summary>
    bool AnyAnomalous(string unit);

    /// <summary>Names of such tanks, as far as they are at hand; at most <paramref name="most"/>.</summary>
    List<string> Anomalous(string unit, int most);
}

/// <summary>Judges a tank's telemetry by its limits. It goes for trucks and plants alike.</summary>
internal static class TankWarnings
{
    private const string Model = "tank-limits/1";

    /// <summary>Moves the bands of a tank by a reading that is its newest, and opens, updates or clears the warnings of the subject.</summary>
    /// <returns>Which figures went outside their limits, one bit each in the low byte, and which came back, in the byte above.</returns>
    public static int Judge(scoped in Turn turn, scoped in Message message, ActorKind subject, string unit, TankStream stream, in TankFigures figures, ref OpenWarnings? warnings, IOtherTanks? others)
    {
        TankLimits limits = turn.Rules.TankLimits;
        TankProfile profile = stream.Profile(limits, turn.Key, unit);
        int moved = 0;
        for (int i = 0; i < TankFigureNames.Count; i++)
        {
            TankFigure figure = (TankFigure)i;
            TankThresholds? thresholds = profile.Of(figure);
            if (thresholds is null && stream.Band(figure) == TankBand.Normal)
            {
                continue;
            }

            double value = figure.Value(figures);
            TankBand before = stream.Move(figure, value, thresholds);
            TankBand band = stream.Band(figure);
            if (band != TankBand.Normal && !double.IsNaN(value))
            {
                moved |= before == TankBand.Normal ? 1 << i : 0;
                Alarm(turn, message, subject, unit, stream, figure, value, thresholds!, before != band, ref warnings, others);
            }
            else if (band == TankBand.Normal && before != TankBand.Normal)
            {
                moved |= 0x100 << i;
                if (others?.AnyAlarmed(figure, unit) != true)
                {
                    warnings?.Clear(turn, subject, figure.Kind(), message.Header.AtMs, Back(figure, unit, thresholds is null ? double.NaN : value));
                }
            }
        }

        return moved;
    }

    private static void Alarm(
        scoped in Turn turn, scoped in Message message, ActorKind subject, string unit, TankStream stream, TankFigure figure, double value, TankThresholds thresholds, bool changed,
        ref OpenWarnings? warnings, IOtherTanks? others)
    {
        warnings ??= new OpenWarnings();
        TankLimits limits = turn.Rules.TankLimits;
        if (!warnings.IsToTell(figure.Kind(), changed, turn.NowMs, limits.UpdateEveryS, message.Header.AtMs))
        {
            return;
        }

        TankBand band = stream.Band(figure);
        AlarmedTank tank = new(unit, Encoding.UTF8.GetString(stream.Substance), value, band, thresholds.Limit(band));
        List<AlarmedTank> also = others?.Alarmed(figure, unit, limits, turn.Key, GrainLimits.TanksExplained) ?? [];
        SortedDictionary<string, double> figures = new(StringComparer.Ordinal);
        foreach (AlarmedTank alarmed in also.Prepend(tank))
        {
            // A truck has one tank; the figures of a plant carry the tank's name in front.
            string prefix = alarmed.Unit.Length > 0 ? $"{alarmed.Unit}." : "";
            figures[prefix + figure.Field()] = alarmed.Value;
            figures[prefix + figure.LimitField()] = alarmed.Limit;
        }

        warnings.Raise(turn, subject, message, default, new Finding(
            figure.Kind(),
            thresholds.Severity(band),
            limits.Confidence,
            Model,
            Explain(figure, tank, also, thresholds, message.Origin.Source),
            figures,
            $"{figure.English()} {band.English()} {FigureText.Measured(tank.Limit)} {figure.Unit()}",
            thresholds.LegalSource));
    }

    private static Explanation Explain(TankFigure figure, AlarmedTank tank, List<AlarmedTank> also, TankThresholds thresholds, ReadOnlySpan<byte> source)
    {
        string by = Encoding.UTF8.GetString(source);
        StringBuilder en = new(), zh = new();
        en.Append(English(figure, tank)).Append(" (reported by ").Append(by).Append(").");
        zh.Append(Chinese(figure, tank)).Append("（由").Append(by).Append("上报）。");
        if (also.Count > 0)
        {
            en.Append(" Also outside its limits: ").AppendJoin("; ", also.Select(other => English(figure, other))).Append('.');
            zh.Append("同时超出限值：").AppendJoin("；", also.Select(other => Chinese(figure, other))).Append('。');
        }

        en.Append(thresholds.LegalSource is null ? " The limit is the city's setting for this tank." : $" Limit by {thresholds.LegalSource}, as the city has set it.");
        zh.Append(thresholds.LegalSource is null ? "限值为本市对该罐的设定。" : $"限值依据{thresholds.LegalSource}，按本市设定。");
        return new Explanation(en.ToString(), zh.ToString());
    }

    private static string English(TankFigure figure, AlarmedTank tank)
    {
        string name = tank.Unit.Length > 0 ? $"Tank {tank.Unit}" : "Tank";
        string content = tank.Substance.Length > 0 ? $" ({tank.Substance})" : "";
        string limit = double.IsNaN(tank.Limit) ? "" : $" of {FigureText.Measured(tank.Limit)} {figure.Unit()}";
        return $"{name}{content}: {figure.English()} {FigureText.Measured(tank.Value)} {figure.Unit()}, {tank.Band.English()} limit{limit}";
    }

    private static string Chinese(TankFigure figure, AlarmedTank tank)
    {
        string content = tank.Substance.Length > 0 ? $"（{tank.Substance}）" : "";
        string limit = double.IsNaN(tank.Limit) ? "" : $"{FigureText.Measured(tank.Limit)} {figure.Unit()}";
        return $"储罐{tank.Unit}{content}：{figure.Chinese()}{FigureText.Measured(tank.Value)} {figure.Unit()}，{tank.Band.Chinese()}限{limit}";
    }

    private static Explanation Back(TankFigure figure, string unit, double value)
    {
        string name = unit.Length > 0 ? $" of tank {unit}" : "";
        return double.IsNaN(value)
            ? new Explanation($"Cleared: the {figure.English()}{name} has no limit any more.", $"已解除：{unit}{figure.Chinese()}不再设限。")
            : new Explanation(
                $"Cleared: {figure.English()}{name} is back at {FigureText.Measured(value)} {figure.Unit()}.",
                $"已解除：{unit}{figure.Chinese()}恢复至{FigureText.Measured(value)} {figure.Unit()}。");
    }
}
