using Streaming.Models.Readings;

namespace Streaming.Models.Tanks;

/// <summary>A figure of a tank that has limits. Persisted as the place of its band: numbers are never reused.</summary>
public enum TankFigure : byte
{
    Pressure = 0,
    Temperature = 1,
    Level = 2,
    ToxicGas = 3,
    CombustibleGas = 4,
}

/// <summary>Where a figure stands between its limits. Persisted: numbers are never reused.</summary>
public enum TankBand : byte
{
    Normal = 0,
    Low = 1,
    LowLow = 2,
    High = 3,
    HighHigh = 4,
}

/// <summary>What a figure is called: in warnings, in evidence, and in either language.</summary>
public static class TankFigureNames
{
    /// <summary>Figures there are.</summary>
    public const int Count = 5;

    /// <summary>The value in a reading; <see cref="double.NaN"/> where it was not measured.</summary>
    public static double Value(this TankFigure figure, in TankFigures figures) => figure switch
    {
        TankFigure.Pressure => figures.PressureKpa,
        TankFigure.Temperature => figures.TemperatureC,
        TankFigure.Level => figures.LevelPct,
        TankFigure.ToxicGas => figures.GasPpm,
        TankFigure.CombustibleGas => figures.GasPctLel,
        _ => double.NaN,
    };

    /// <summary>Kind of the warning on it.</summary>
    public static string Kind(this TankFigure figure) => figure switch
    {
        TankFigure.Pressure => "tank-pressure",
        TankFigure.Temperature => "tank-temperature",
        TankFigure.Level => "tank-level",
        TankFigure.ToxicGas => "gas-toxic",
        _ => "gas-combustible",
    };

    /// <summary>Kind of the warning that its limit is reached soon.</summary>
    public static string ForecastKind(this TankFigure figure) => figure switch
    {
        TankFigure.Pressure => "tank-pressure-forecast",
        TankFigure.Temperature => "tank-temperature-forecast",
        TankFigure.Level => "tank-level-forecast",
        TankFigure.ToxicGas => "gas-toxic-forecast",
        _ => "gas-combustible-forecast",
    };

    /// <summary>Name of its rate of change in evidence, the unit last.</summary>
    public static string RateField(this TankFigure figure) => figure switch
    {
        TankFigure.Pressure => "rateKpaPerMin",
        TankFigure.Temperature => "rateCPerMin",
        TankFigure.Level => "ratePctPerMin",
        TankFigure.ToxicGas => "ratePpmPerMin",
        _ => "ratePctLelPerMin",
    };

    /// <summary>Name in evidence and API, the unit last.</summary>
    public static string Field(this TankFigure figure) => figure switch
    {
        TankFigure.Pressure => "pressureKpa",
        TankFigure.Temperature => "temperatureC",
        TankFigure.Level => "levelPct",
        TankFigure.ToxicGas => "gasPpm",
        _ => "gasPctLel",
    };

    /// <summary>Name of its limit in evidence, the unit last.</summary>
    public static string LimitField(this TankFigure figure) => figure switch
    {
        TankFigure.Pressure => "limitKpa",
        TankFigure.Temperature => "limitC",
        TankFigure.Level => "limitPct",
        TankFigure.ToxicGas => "limitPpm",
        _ => "limitPctLel",
    };

    /// <summary>Unit as printed behind a figure.</summary>
    public static string Unit(this TankFigure figure) => figure switch
    {
        TankFigure.Pressure => "kPa",
        TankFigure.Temperature => "°C",
        TankFigure.Level => "%",
        TankFigure.ToxicGas => "ppm",
        _ => "% LEL",
    };

    public static string English(this TankFigure figure) => figure switch
    {
        TankFigure.Pressure => "pressure",
        TankFigure.Temperature => "temperature",
        TankFigure.Level => "level",
        TankFigure.ToxicGas => "toxic gas",
        _ => "combustible gas",
    };

    public static string Chinese(this TankFigure figure) => figure switch
    {
        TankFigure.Pressure => "压力",
        TankFigure.Temperature => "温度",
        TankFigure.Level => "液位",
        TankFigure.ToxicGas => "有毒气体浓度",
        _ => "可燃气体浓度",
    };

    /// <summary>Name of a band in the API and in English.</summary>
    public static string English(this TankBand band) => band switch
    {
        TankBand.Low => "low",
        TankBand.LowLow => "low-low",
        TankBand.High => "high",
        TankBand.HighHigh => "high-high",
        _ => "normal",
    };

    public static string Chinese(this TankBand band) => band switch
    {
        TankBand.Low => "低",
        TankBand.LowLow => "低低",
        TankBand.High => "高",
        TankBand.HighHigh => "高高",
        _ => "正常",
    };
}
