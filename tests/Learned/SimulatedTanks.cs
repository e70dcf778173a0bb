using Streaming.Models;
using Streaming.Models.Learned.Features;
using Streaming.Models.Learned.Training;
using Streaming.Models.Readings;
using Streaming.Models.Tanks;

namespace Streaming.Tests.Learned;

/// <summary>What can be wrong with a simulated tank.</summary>
internal enum TankTrouble
{
    None,

    /// <summary>Pressure rises, and the temperature does not.</summary>
    PressureAlone,

    /// <summary>Content goes, and gas comes.</summary>
    Leak,

    /// <summary>Toxic gas alone.</summary>
    Gas,

    /// <summary>A reaction: temperature and pressure run away, the pressure far faster than in the sun.</summary>
    Runaway,
}

/// <summary>
/// Telemetry of tanks as they might be, drawn from a seed: days with a warm noon, sun that breaks through, filling and emptying with what the pump does to the pressure, sensors with noise, hiccups, a little gas while a hose is on. The shipped model of
/// kind <c>tank-behaviour</c> was trained on it. Nothing but sums, products and quotients, so that the rows are the same on every machine.
/// </summary>
internal sealed class SimulatedTank
{
    public const long BeginMs = 1_767_225_600_000;
    private const double DayS = 86_400;
    private readonly Random random;
    private readonly double pressureKpa;
    private readonly double kpaPerC;
    private readonly double kpaPerPct;
    private readonly double noise;
    private readonly bool hasGas;
    private double levelPct;
    private double sunC;
    private double sunTargetC;
    private double movingPctPerS;
    private double movesUntilS;
    private double pumpKpa;
    private double troubleS = -1;

    public SimulatedTank(int seed)
    {
        random = new Random(seed);
        pressureKpa = Between(20, 900);
        kpaPerC = 2 + (pressureKpa * Between(0.015, 0.03));
        kpaPerPct = pressureKpa * Between(0, 0.0015);
        noise = Between(0.3, 1.5);
        levelPct = Between(30, 85);
        hasGas = random.Next(3) > 0;
        EveryS = random.Next(10, 91);
    }

    /// <summary>Seconds between two readings.</summary>
    public int EveryS { get; }

    public TankTrouble Trouble { get; set; }

    /// <summary>The reading at a time since its beginning; times rise.</summary>
    public TankFigures At(double s)
    {
        // Days are triangles: coldest at midnight, ten degrees warmer at noon. The sun takes minutes to warm a tank.
        double hour = s % DayS / DayS;
        double dayC = 10 * (hour < 0.5 ? hour * 2 : 2 - (hour * 2));
        if (random.NextDouble() < EveryS / 7_200.0)
        {
            sunTargetC = hour is > 0.3 and < 0.75 ? Between(0, 6) : 0;
        }

        sunC += (sunTargetC - sunC) * Math.Min(1, EveryS / 1_200.0);
        Move(s);
        bool moving = s < movesUntilS;
        double temperatureC = 18 + dayC + sunC;
        TankFigures figures = TankFigures.None with
        {
            TemperatureC = temperatureC + (0.12 * noise * Normal()),
            PressureKpa = pressureKpa + (kpaPerC * (dayC + sunC)) + (kpaPerPct * (levelPct - 60)) + (moving ? pumpKpa : 0) + (Math.Max(1, pressureKpa * 0.003) * noise * Normal()),
            LevelPct = Math.Clamp(levelPct + (0.15 * noise * Normal()), 0, 100),
            GasPpm = hasGas ? Math.Max(0, 0.03 + (0.02 * noise * Normal()) + (moving && random.Next(6) == 0 ? Between(0, 0.3) : 0)) : double.NaN,
            GasPctLel = hasGas ? Math.Max(0, 0.4 + (0.15 * noise * Normal()) + (moving && random.Next(6) == 0 ? Between(0, 2) : 0)) : double.NaN,
        };
        if (random.Next(4_000) == 0)
        {
            figures.PressureKpa += pressureKpa * Between(-0.1, 0.1);
        }

        return Troubled(figures, s);
    }

    /// <summary>The vectors of a tank that was followed for some days, as training rows; those of its trouble, which begins at the end of the first day, are labelled.</summary>
    public static IEnumerable<TrainingRow> Rows(int number, int seed, double days, TankTrouble trouble)
    {
        SimulatedTank tank = new(seed);
        TankBehaviour behaviour = new();
        long beginMs = BeginMs + (number * 3_600_000L);
        string name = string.Create(System.Globalization.CultureInfo.InvariantCulture, $"simulated-{number:000}");
        float[] vector = new float[TankBehaviourFeatures.Set.Count];
        for (double s = 0; s < days * DayS; s += tank.EveryS)
        {
            tank.Trouble = s >= DayS ? trouble : TankTrouble.None;
            long atMs = beginMs + (long)(s * 1000);
            if (TankBehaviourFeatures.TryFill(behaviour.Take(tank.At(s), atMs, ModelLimits.RuleSeconds), vector) && (trouble == TankTrouble.None || tank.Trouble != TankTrouble.None))
            {
                yield return new TrainingRow(atMs, name, [.. vector], trouble != TankTrouble.None);
            }
        }
    }

    /// <summary>The rows that the shipped model was trained on: 80 tanks in ordinary life, a day each after one of learning, and 20 more, in their first hour of trouble after it.</summary>
    public static TrainingSet Training() => new(
        TankBehaviourFeatures.Set,
        Enumerable.Range(0, 100).SelectMany(i => i % 5 == 4 ? Rows(i, i, 1.04, (TankTrouble)(1 + (i / 5 % 4))) : Rows(i, i, 2, TankTrouble.None)));

    private TankFigures Troubled(TankFigures figures, double s)
    {
        if (Trouble == TankTrouble.None)
        {
            troubleS = -1;
            return figures;
        }

        troubleS = troubleS < 0 ? s : troubleS;
        double minutes = (s - troubleS) / 60;
        switch (Trouble)
        {
            case TankTrouble.PressureAlone:
                figures.PressureKpa += Math.Max(2, pressureKpa * 0.01) * noise * minutes;
                break;
            case TankTrouble.Leak:
                figures.LevelPct = Math.Max(0, figures.LevelPct - (0.4 * minutes));
                figures.GasPctLel = 0.4 + minutes + (0.15 * noise * Normal());
                break;
            case TankTrouble.Gas:
                figures.GasPpm = 0.03 + (0.1 * noise * minutes) + (0.02 * noise * Normal());
                break;
            default:
                figures.TemperatureC += 0.3 * minutes;
                figures.PressureKpa += kpaPerC * 0.3 * minutes * (2 + (minutes / 5));
                break;
        }

        return figures;
    }

    /// <summary>Filled or emptied four times a day, at a rate that the pump keeps to.</summary>
    private void Move(double s)
    {
        if (s < movesUntilS)
        {
            levelPct = Math.Clamp(levelPct + (movingPctPerS * EveryS), 5, 92);
        }
        else if (random.NextDouble() < EveryS * 4 / DayS)
        {
            double lastsS = Between(900, 3_600);
            movingPctPerS = (levelPct > 50 ? -1 : 1) * Between(15, 40) / lastsS;
            pumpKpa = pressureKpa * Between(0.01, 0.06) * (movingPctPerS > 0 ? 1 : -1);
            movesUntilS = s + lastsS;
        }
    }

    private double Between(double least, double most) => least + ((most - least) * random.NextDouble());

    /// <summary>Near enough: twelve uniform numbers.</summary>
    private double Normal()
    {
        double sum = -6;
        for (int i = 0; i < 12; i++)
        {
            sum += random.NextDouble();
        }

        return sum;
    }
}
