namespace Streaming.Models.Tanks;

/// <summary>The limits of one figure of a tank, in that figure's unit. A limit that is null is not watched.</summary>
public sealed record TankThresholds
{
    public double? LowLow { get; init; }

    public double? Low { get; init; }

    public double? High { get; init; }

    public double? HighHigh { get; init; }

    /// <summary>
    /// How far a figure has to come back inside a limit, in its own unit, before it counts as inside again. Without it a figure that trembles on its limit would open a warning with every reading.
    /// </summary>
    public double Hysteresis { get; init; }

    /// <summary>Severity of the low band, 1 to 4. Not verified, like the next three.</summary>
    public int LowSeverity { get; init; } = 2;

    public int LowLowSeverity { get; init; } = 3;

    public int HighSeverity { get; init; } = 3;

    public int HighHighSeverity { get; init; } = 4;

    /// <summary>Where the limits come from, as evidence cites it; null where they are the operator's own.</summary>
    public string? LegalSource { get; init; }

    /// <summary>
    /// The band after a reading. Reaching a limit enters its band at once; leaving it takes a value at least <see cref="Hysteresis"/> inside the limit. A value that was not measured changes nothing.
    /// </summary>
    public TankBand Next(TankBand current, double value)
    {
        if (double.IsNaN(value))
        {
            return current;
        }

        if (value >= HighHigh || (current == TankBand.HighHigh && value > HighHigh - Hysteresis))
        {
            return TankBand.HighHigh;
        }

        if (value >= High || (current is TankBand.High or TankBand.HighHigh && value > High - Hysteresis))
        {
            return TankBand.High;
        }

        if (value <= LowLow || (current == TankBand.LowLow && value < LowLow + Hysteresis))
        {
            return TankBand.LowLow;
        }

        if (value <= Low || (current is TankBand.Low or TankBand.LowLow && value < Low + Hysteresis))
        {
            return TankBand.Low;
        }

        return TankBand.Normal;
    }

    /// <summary>The limit that a band begins at; <see cref="double.NaN"/> for the normal one.</summary>
    public double Limit(TankBand band) => band switch
    {
        TankBand.Low => Low,
        TankBand.LowLow => LowLow,
        TankBand.High => High,
        TankBand.HighHigh => HighHigh,
        _ => null,
    } ?? double.NaN;

    /// <summary>Severity 1 to 4 of a band other than the normal one.</summary>
    public int Severity(TankBand band) => band switch
    {
        TankBand.Low => LowSeverity,
        TankBand.LowLow => LowLowSeverity,
        TankBand.High => HighSeverity,
        _ => HighHighSeverity,
    };

    /// <summary>What is wrong with it, one sentence each.</summary>
    /// <param name="where">Path of this section in the rulebook, as <c>tankLimits.default.pressureKpa</c>.</param>
    public IEnumerable<string> Problems(string where)
    {
        if (LowLow is null && Low is null && High is null && HighHigh is null)
        {
            yield return $"{where} has no limit: give at least one of lowLow, low, high and highHigh, or leave it out.";
        }

        double previous = double.NegativeInfinity;
        foreach ((string name, double? limit) in new[] { ("lowLow", LowLow), ("low", Low), ("high", High), ("highHigh", HighHigh) })
        {
            if (limit is not { } value)
            {
                continue;
            }

            if (!double.IsFinite(value) || value <= previous)
            {
                yield return $"{where}.{name} is {value}; lowLow, low, high and highHigh must be finite and rise in that order.";
            }

            previous = value;
        }

        if (Hysteresis < 0 || !double.IsFinite(Hysteresis))
        {
            yield return $"{where}.hysteresis is {Hysteresis}; it must be 0 or more.";
        }

        double? lowest = High ?? HighHigh;
        double? highest = Low ?? LowLow;
        if (lowest - Hysteresis <= highest + Hysteresis)
        {
            yield return $"{where}.hysteresis is {Hysteresis}: coming back inside the high limits would already be outside the low ones.";
        }

        foreach ((string name, int severity) in new[] { ("lowSeverity", LowSeverity), ("lowLowSeverity", LowLowSeverity), ("highSeverity", HighSeverity), ("highHighSeverity", HighHighSeverity) })
        {
            if (severity is < 1 or > 4)
            {
                yield return $"{where}.{name} is {severity}; severities are 1 to 4.";
            }
        }
    }
}
