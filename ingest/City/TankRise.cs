namespace Streaming.Ingest.City;

/// <summary>A figure of a tank that rises past its limit, stays there and falls back.</summary>
internal sealed record TankRise(string Figure, double To, double Limit, double StartS, double RisingS, double HoldingS, string Warns)
{
    /// <summary>Until then the tank reports every other second.</summary>
    public double EndS => StartS + (2 * RisingS) + HoldingS;

    /// <summary>How far it has come, 0 to 1.</summary>
    public double Progress(double atS)
    {
        double sinceS = atS - StartS;
        double leftS = EndS - atS;
        return sinceS <= 0 || leftS <= 0 ? 0 : Math.Min(1, Math.Min(sinceS, leftS) / RisingS);
    }

    /// <summary>The tank's figures under this rise.</summary>
    public TankState Apply(in TankState tank, double atS) => Figure switch
    {
        "pressureKpa" => tank with { PressureKpa = Raise(tank.PressureKpa, atS) },
        "temperatureC" => tank with { TemperatureC = Raise(tank.TemperatureC, atS) },
        "gasPpm" => tank with { GasPpm = Raise(tank.GasPpm, atS) },
        "gasPctLel" => tank with { GasPctLel = Raise(tank.GasPctLel, atS) },
        _ => tank,
    };

    /// <summary>True where these figures, as they are sent, reach the limit.</summary>
    public bool IsOver(in TankState tank)
    {
        double value = Figure switch
        {
            "pressureKpa" => tank.PressureKpa,
            "temperatureC" => tank.TemperatureC,
            "gasPpm" => tank.GasPpm,
            _ => tank.GasPctLel,
        } ?? 0;
        return value >= Limit;
    }

    private double Raise(double? normal, double atS)
    {
        double from = normal ?? 0;
        return from + ((To - from) * Progress(atS));
    }
}
