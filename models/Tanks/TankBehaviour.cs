using System.Runtime.CompilerServices;
using Streaming.Models.Encoding;
using Streaming.Models.Learned.Features;
using Streaming.Models.Readings;
using Streaming.Models.Statistics;

namespace Streaming.Models.Tanks;

/// <summary>
/// How a tank usually behaves, learned from its own readings, and how far the newest is from that, in standard deviations: the change of each figure against its own mean of the last minutes, and the change of pressure that the change of
/// temperature does not explain. No limit is needed for it. Constant size; one reading after the other by rising time.
/// </summary>
/// <remarks>
/// Deviations are robust: a reading counts as two of them at most, so that what is unusual does not soon become usual. The figures of the settings are part of what <see cref="TankBehaviourFeatures"/> means: another value is another version of
/// that set. None is verified.
/// </remarks>
public sealed class TankBehaviour
{
    /// <summary>Time constant of the means that changes are measured against, s.</summary>
    private const double FastS = 300;

    /// <summary>Time constant of the deviations, s: six hours.</summary>
    private const double SlowS = 21_600;

    /// <summary>After a gap longer than this the means begin anew, s; the deviations stay.</summary>
    private const double RestartAfterS = 3_600;

    /// <summary>A reading counts as so many deviations at most. With three, a tank that is filled a tenth of its time would take filling for its noise.</summary>
    private const double Clip = 2;

    /// <summary>While the content is this many deviations off, a pump runs, and what the pressure does has its reason in that.</summary>
    private const double PumpDeviations = 3;

    /// <summary>How long after that it still has, s: the means take their time.</summary>
    private const double AfterPumpS = 1_200;

    /// <summary>Readings until a tank can be known, however long they take.</summary>
    public const int LearningReadings = 60;

    /// <summary>Keeps the slope of pressure by temperature at 0 until the temperature has moved, in squares of degrees.</summary>
    private const double SlopeRidge = 1;

    /// <summary>The slope is learned from readings whose temperature is so many deviations off.</summary>
    private const double SlopeDeviations = 2.5;

    /// <summary>Time constant of the longer mean of the content, s.</summary>
    private const double LongS = 1_800;

    private const int Channels = 5;
    private const int Pressure = 0;
    private const int Temperature = 1;
    private const int Content = 2;
    private const int ToxicGas = 3;
    private const int CombustibleGas = 4;

    private Sums means;
    private Sums variances;
    private byte known;
    private bool contentIsMass;
    private ushort readings;
    private float learnedS;
    private float sincePumpS = (float)AfterPumpS;
    private long newestMs;
    private float temperatureSquares;
    private float products;
    private float residualVariance;
    private float residual1;
    private float residual2;
    private float longContent;

    [InlineArray(Channels)]
    private struct Sums
    {
        private float first;
    }

    /// <summary>Takes in a reading no older than those before.</summary>
    /// <param name="figures">What was measured.</param>
    /// <param name="atMs">When, ms since 1970.</param>
    /// <param name="learningS">How long a tank is listened to before anything is said of it, s.</param>
    /// <returns>How far it is from usual; nothing of it where the tank is not known yet, or was not heard for long.</returns>
    public TankDeviations Take(in TankFigures figures, long atMs, int learningS)
    {
        double sinceS = readings == 0 ? 0 : (atMs - newestMs) / 1000.0;
        bool restarts = sinceS > RestartAfterS;
        bool judged = readings >= LearningReadings && learnedS >= learningS && !restarts;
        double towards = 1 - Logistic.ExpOfNegative(-sinceS / FastS);
        double learns = Math.Max(1 - Logistic.ExpOfNegative(-Math.Min(sinceS, RestartAfterS) / SlowS), 1.0 / (readings + 2));
        newestMs = atMs;
        readings = (ushort)Math.Min(ushort.MaxValue, readings + 1);
        learnedS = (float)Math.Min(1e9, learnedS + (restarts ? 0 : sinceS));

        bool isMass = double.IsNaN(figures.LevelPct);
        if (isMass != contentIsMass)
        {
            contentIsMass = isMass;
            known &= unchecked((byte)~(1 << Content));
        }

        Span<double> changes = stackalloc double[Channels];
        Span<double> deviations = stackalloc double[Channels];
        Follow(Pressure, figures.PressureKpa, 1, restarts, towards, learns, changes, deviations);
        Follow(Temperature, figures.TemperatureC, 0.2, restarts, towards, learns, changes, deviations);
        Follow(Content, isMass ? figures.MassKg : figures.LevelPct, isMass ? Math.Abs(figures.MassKg) * 0.003 : 0.3, restarts, towards, learns, changes, deviations);
        Follow(ToxicGas, figures.GasPpm, 0.05, restarts, towards, learns, changes, deviations);
        Follow(CombustibleGas, figures.GasPctLel, 0.3, restarts, towards, learns, changes, deviations);
        sincePumpS = Math.Abs(deviations[Content]) >= PumpDeviations ? 0 : (float)Math.Min(AfterPumpS, sincePumpS + sinceS);
        bool pumps = sincePumpS < AfterPumpS;
        double content = isMass ? figures.MassKg : figures.LevelPct;
        double longChange = LongChange(content, sinceS, changes[Content], deviations[Content]);
        double residual = Residual(changes, deviations[Temperature], learns, pumps, out double expected);
        double lasting = Lasting(pumps ? 0 : residual);
        return judged
            ? new TankDeviations(lasting, deviations[Pressure], expected, deviations[Temperature], deviations[Content], longChange, Math.Max(0, Math.Max(deviations[ToxicGas], deviations[CombustibleGas])))
            : default;
    }

    public static void Write(TankBehaviour? behaviour, ByteWriter writer)
    {
        writer.WriteVar(behaviour?.readings ?? 0u);
        if (behaviour is not { readings: > 0 })
        {
            return;
        }

        writer.WriteInt64(behaviour.newestMs);
        writer.WriteByte(behaviour.known);
        writer.WriteBool(behaviour.contentIsMass);
        Single(writer, behaviour.learnedS);
        Single(writer, behaviour.sincePumpS);
        Single(writer, behaviour.temperatureSquares);
        Single(writer, behaviour.products);
        Single(writer, behaviour.residualVariance);
        Single(writer, behaviour.residual1);
        Single(writer, behaviour.residual2);
        Single(writer, behaviour.longContent);
        for (int i = 0; i < Channels; i++)
        {
            // Of a figure that the tank does not have there is nothing.
            if ((behaviour.known & (1 << i)) != 0)
            {
                Single(writer, behaviour.means[i]);
                Single(writer, behaviour.variances[i]);
            }
        }
    }

    /// <summary>Null where nothing was taken in.</summary>
    public static TankBehaviour? Read(scoped ref ByteReader reader)
    {
        ushort readings = (ushort)reader.ReadVar();
        if (readings == 0)
        {
            return null;
        }

        TankBehaviour read = new()
        {
            readings = readings,
            newestMs = reader.ReadInt64(),
            known = reader.ReadByte(),
            contentIsMass = reader.ReadBool(),
            learnedS = Single(ref reader),
            sincePumpS = Single(ref reader),
            temperatureSquares = Single(ref reader),
            products = Single(ref reader),
            residualVariance = Single(ref reader),
            residual1 = Single(ref reader),
            residual2 = Single(ref reader),
            longContent = Single(ref reader),
        };
        for (int i = 0; i < Channels; i++)
        {
            if ((read.known & (1 << i)) != 0)
            {
                read.means[i] = Single(ref reader);
                read.variances[i] = Single(ref reader);
            }
        }

        return read;
    }

    private static void Single(ByteWriter writer, float value) => writer.WriteInt32(BitConverter.SingleToInt32Bits(value));

    private static float Single(scoped ref ByteReader reader) => BitConverter.Int32BitsToSingle(reader.ReadInt32());

    private void Follow(int channel, double value, double resolution, bool restarts, double towards, double learns, Span<double> changes, Span<double> deviations)
    {
        changes[channel] = double.NaN;
        if (double.IsNaN(value))
        {
            return;
        }

        if ((known & (1 << channel)) == 0)
        {
            known |= (byte)(1 << channel);
            means[channel] = (float)value;
            variances[channel] = (float)(resolution * resolution);
            return;
        }

        if (restarts)
        {
            means[channel] = (float)value;
            return;
        }

        double change = value - means[channel];
        double deviation = Math.Max(resolution, Math.Sqrt(variances[channel]));
        changes[channel] = change;
        deviations[channel] = change / deviation;
        means[channel] = (float)(means[channel] + (towards * change));
        double counted = Math.Min(Math.Abs(change), Clip * deviation);
        variances[channel] = (float)(variances[channel] + (learns * ((counted * counted) - variances[channel])));
    }

    /// <summary>Change of the content against its mean of half an hour, in the deviations of its short changes.</summary>
    private double LongChange(double content, double sinceS, double change, double deviation)
    {
        if (double.IsNaN(content))
        {
            return 0;
        }

        if (double.IsNaN(change) || deviation == 0)
        {
            longContent = double.IsNaN(change) ? (float)content : longContent;
            return 0;
        }

        double away = content - longContent;
        longContent = (float)(longContent + ((1 - Logistic.ExpOfNegative(-sinceS / LongS)) * away));
        return away * (deviation / change);
    }

    /// <summary>The least of a residual and the two before it, where all lie on one side: a sensor's hiccup does not last, nor does the moment between a pump's start and the first of the content.</summary>
    private double Lasting(double residual)
    {
        bool oneSide = (residual > 0 && residual1 > 0 && residual2 > 0) || (residual < 0 && residual1 < 0 && residual2 < 0);
        double least = Math.Min(Math.Abs(residual), Math.Min(Math.Abs(residual1), Math.Abs(residual2)));
        residual2 = residual1;
        residual1 = (float)residual;
        return oneSide ? (residual > 0 ? least : -least) : 0;
    }

    /// <summary>What of the pressure's change its temperature's does not explain, in standard deviations of that.</summary>
    /// <param name="changes">Of all channels; NaN for what was not measured.</param>
    /// <param name="temperatureDeviations">The change of temperature, in its deviations.</param>
    /// <param name="learns">Weight of this reading, 0 to 1.</param>
    /// <param name="pumps">True while a pump runs: that teaches nothing about pressure and temperature.</param>
    /// <param name="expected">What the temperature explains, in standard deviations of the pressure's changes.</param>
    private double Residual(ReadOnlySpan<double> changes, double temperatureDeviations, double learns, bool pumps, out double expected)
    {
        expected = 0;
        double pressure = changes[Pressure];
        double temperature = changes[Temperature];
        if (double.IsNaN(pressure) || double.IsNaN(temperature))
        {
            return double.IsNaN(pressure) ? 0 : pressure / Math.Max(1, Math.Sqrt(variances[Pressure]));
        }

        double explained = products / (temperatureSquares + SlopeRidge) * temperature;
        expected = explained / Math.Max(1, Math.Sqrt(variances[Pressure]));
        double residual = pressure - explained;
        double deviation = Math.Max(1, Math.Sqrt(residualVariance));
        if (pumps)
        {
            return residual / deviation;
        }

        double counted = Math.Min(Math.Abs(residual), Clip * deviation);
        residualVariance = (float)(residualVariance + (learns * ((counted * counted) - residualVariance)));
        if (Math.Abs(temperatureDeviations) >= SlopeDeviations)
        {
            // At rest there is noise alone, which would flatten the slope.
            double keeps = 1 - learns;
            temperatureSquares = (float)((keeps * temperatureSquares) + (temperature * temperature));
            products = (float)((keeps * products) + (temperature * pressure));
        }

        return residual / deviation;
    }
}

/// <summary>How far a reading is from what is usual for its tank, in standard deviations; 0 for what was not measured.</summary>
/// <param name="PressureAtRest">The change of pressure that the temperature does not explain, while no pump runs, if it lasts for three readings; 0 otherwise.</param>
/// <param name="Pressure">Change of pressure against its mean of the last minutes.</param>
/// <param name="PressureExpected">What of it the temperature explains.</param>
/// <param name="Temperature">Change of temperature.</param>
/// <param name="Content">Change of the filling level, or of the mass where no level is measured.</param>
/// <param name="ContentLong">The same against its mean of half an hour.</param>
/// <param name="Gas">Gas above its mean, toxic or combustible, whichever is further.</param>
public readonly record struct TankDeviations(double PressureAtRest, double Pressure, double PressureExpected, double Temperature, double Content, double ContentLong, double Gas)
{
    /// <summary>The greatest of them, either side of 0.</summary>
    public double Greatest => Math.Max(
        Math.Max(Math.Abs(PressureAtRest), Math.Max(Math.Abs(Pressure), Math.Abs(Temperature))),
        Math.Max(Math.Abs(Content), Gas));

    /// <summary>By place in <see cref="TankBehaviourFeatures.Set"/>.</summary>
    public double this[int place] => place switch
    {
        0 => PressureAtRest,
        1 => Pressure,
        2 => PressureExpected,
        3 => Temperature,
        4 => Content,
        5 => ContentLong,
        _ => Gas,
    };
}
