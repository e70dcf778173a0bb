using System.Globalization;
using Streaming.Models;
using Streaming.Models.Learned.Features;
using Streaming.Models.Learned.Training;
using Streaming.Models.Readings;
using Streaming.Models.Tanks;

namespace Streaming.Tests.Learned;

/// <summary>What can be wrong with a made tank, for hours.</summary>
internal enum TankOff
{
    Nothing,

    /// <summary>Pressure is another from one reading to the next, and stays.</summary>
    Pressure,

    /// <summary>Pressure goes to another in two hours.</summary>
    PressureDrifts,

    /// <summary>Temperature is another, and the pressure stays where it was: a sensor, or a tank that is vented.</summary>
    TemperatureAlone,

    /// <summary>Temperature is another, and pressure follows it.</summary>
    Temperature,

    /// <summary>Gas rises.</summary>
    Gas,
}

/// <summary>
/// Tanks that do not exist, followed for days, drawn from a seed: what the shipped model of <c>tank-norm</c> is trained on. In halls and in the open, with days of other weather, sun, fillings and the pump's pressure, sensors good and bad; from the second day on,
/// in some, something is off for three hours. Sums, products and quotients alone, so that the rows are the same on every machine.
/// </summary>
internal sealed class MadeTanks
{
    private const long BeginMs = 1_795_161_600_000;
    private const double DayS = 86_400;
    private const double OffS = 3 * 3_600;
    private readonly Random random;
    private readonly double pressureKpa;
    private readonly double kpaPerC;
    private readonly double kpaPerPct;
    private readonly double pressureNoise;
    private readonly double temperatureNoiseC;
    private readonly double levelNoisePct;
    private readonly double swingC;
    private readonly double sunMostC;
    private readonly double[] weatherC;
    private readonly double movesADay;
    private readonly bool hasGas;
    private readonly double beginsS;
    private readonly double size;
    private double levelPct;
    private double sunC;
    private double sunTargetC;
    private double movingPctPerS;
    private double movesUntilS;
    private double pumpKpa;

    public MadeTanks(int seed, TankOff off = TankOff.Nothing)
    {
        random = new Random(seed);
        Off = off;
        bool outside = random.Next(2) == 0;
        pressureKpa = Between(20, 1_200);
        kpaPerC = random.Next(4) == 0 ? 0 : pressureKpa * Between(0.005, 0.03);
        kpaPerPct = pressureKpa * Between(0, 0.0015);
        pressureNoise = Between(0.001, 0.008);
        temperatureNoiseC = Between(0.05, 0.3);
        levelNoisePct = Between(0.1, 0.5);
        swingC = outside ? Between(3, 10) : Between(0, 2.5);
        sunMostC = outside ? Between(0, 5) : 0;
        weatherC = [.. Enumerable.Range(0, 6).Select(_ => (outside ? 3 : 0.5) * ((2 * random.NextDouble()) - 1))];
        movesADay = random.Next(5);
        hasGas = random.Next(3) > 0;
        levelPct = Between(30, 85);
        EveryS = random.Next(3) switch { 0 => 60, 1 => 300, _ => 600 };
        beginsS = Between(1.1, 2.3) * DayS;
        size = Between(0, 1) * (random.Next(2) == 0 ? -1 : 1);
    }

    public TankOff Off { get; }

    /// <summary>Seconds between two readings.</summary>
    public int EveryS { get; }

    /// <summary>The reading at a time since its beginning; times rise.</summary>
    public TankFigures At(double s, out bool isOff)
    {
        double hour = s % DayS / DayS;
        double part = s / DayS;
        int day = Math.Min((int)part, weatherC.Length - 2);
        double weather = weatherC[day] + ((weatherC[day + 1] - weatherC[day]) * (part - day));
        if (random.NextDouble() < EveryS / 7_200.0)
        {
            sunTargetC = hour is > 0.3 and < 0.75 ? Between(0, 1) * sunMostC : 0;
        }

        sunC += (sunTargetC - sunC) * Math.Min(1, EveryS / 1_200.0);
        Move(s);
        double warmerC = (swingC * (hour < 0.5 ? hour * 2 : 2 - (hour * 2))) + weather + sunC;
        double temperatureC = 18 + warmerC;
        double kpa = pressureKpa + (kpaPerC * warmerC) + (kpaPerPct * (levelPct - 60)) + (s < movesUntilS ? pumpKpa : 0);
        double ppm = 0.03;
        double sinceS = s - beginsS;
        isOff = Off != TankOff.Nothing && sinceS is >= 0 and < OffS;
        if (isOff)
        {
            double grown = Math.Min(1, sinceS / 7_200);
            double side = size < 0 ? -1 : 1;
            double byC = side * (3.5 + (10 * Math.Abs(size)));
            kpa += Off switch
            {
                TankOff.Pressure => pressureKpa * side * (0.05 + (0.2 * Math.Abs(size))),
                TankOff.PressureDrifts => pressureKpa * side * (0.05 + (0.2 * Math.Abs(size))) * grown,
                TankOff.Temperature => kpaPerC * byC,
                _ => 0,
            };
            temperatureC += Off is TankOff.Temperature or TankOff.TemperatureAlone ? byC : 0;
            ppm += Off == TankOff.Gas ? (0.3 + Math.Abs(size)) * grown : 0;
        }

        TankFigures figures = TankFigures.None with
        {
            TemperatureC = temperatureC + (temperatureNoiseC * Normal()),
            PressureKpa = kpa * (1 + (pressureNoise * Normal())),
            LevelPct = Math.Clamp(levelPct + (levelNoisePct * Normal()), 0, 100),
            GasPpm = hasGas || Off == TankOff.Gas ? Math.Max(0, ppm + (0.02 * Normal()) + (s < movesUntilS && random.Next(6) == 0 ? Between(0, 0.3) : 0)) : double.NaN,
        };
        if (random.Next(2_000) == 0)
        {
            figures.PressureKpa += pressureKpa * Between(-0.2, 0.2);
        }

        return figures;
    }

    /// <summary>The readings of a tank that are described, as training rows; those while something was off are labelled.</summary>
    public static IEnumerable<TrainingRow> Rows(int number, int seed, TankOff off, double days)
    {
        MadeTanks tank = new(seed, off);
        TankNorm norm = new();
        string name = string.Create(CultureInfo.InvariantCulture, $"made-{number:000}");
        float[] vector = new float[TankNormFeatures.Set.Count];
        for (double s = 0; s < days * DayS; s += tank.EveryS)
        {
            TankFigures figures = tank.At(s, out bool isOff);
            long atMs = BeginMs + (number * 3_600_000L) + (long)(s * 1000);
            if (TankNormFeatures.TryFill(norm.Look(figures, ModelLimits.RuleSeconds), vector))
            {
                yield return new TrainingRow(atMs, name, [.. vector], isOff);
            }

            norm.Learn(figures, atMs, 1, isOff);
        }
    }

    /// <summary>The rows that the shipped model was trained on and compared by: 800 tanks for three and a half days, something off for three hours in every other.</summary>
    public static TrainingSet Training() => new(TankNormFeatures.Set, Enumerable.Range(0, 800).SelectMany(i => Rows(i, 5_000 + i, i % 2 == 0 ? TankOff.Nothing : (TankOff)(1 + (i / 2 % 5)), 3.5)));

    private void Move(double s)
    {
        if (s < movesUntilS)
        {
            levelPct = Math.Clamp(levelPct + (movingPctPerS * EveryS), 5, 92);
        }
        else if (random.NextDouble() < EveryS * movesADay / DayS)
        {
            double lastsS = Between(900, 3_600);
            movingPctPerS = (levelPct > 50 ? -1 : 1) * Between(10, 40) / lastsS;
            pumpKpa = pressureKpa * Between(0.005, 0.05) * (movingPctPerS > 0 ? 1 : -1);
            movesUntilS = s + lastsS;
        }
    }

    private double Between(double least, double most) => least + ((most - least) * random.NextDouble());

    private double Normal() => TruckRows.Normal(random);
}
