using Streaming.Models.Encoding;
using Streaming.Models.Learned.Features;
using Streaming.Models.Readings;
using Streaming.Models.Statistics;

namespace Streaming.Models.Tanks;

/// <summary>
/// What is usual for one tank over about a day: its temperature, its content, its gas, and its pressure as it follows temperature and content. Where <see cref="TankBehaviour"/> notices that a tank moves, this notices that it is elsewhere and stays there.
/// Constant size; one reading after the other by rising time.
/// </summary>
/// <remarks>
/// The pressure is a regression on temperature and content, with slopes that are held to 0 as long as neither has moved; then a reading at another temperature or filling may be off by what such slopes usually are, and is not unusual. A reading that is
/// judged unusual teaches nothing, so that what is wrong does not become usual; after <see cref="AcceptS"/> of nothing else it does, for then the tank is used otherwise. The figures here are part of what <see cref="TankNormFeatures"/> means: another value is
/// another version of that set. None is verified.
/// </remarks>
public sealed class TankNorm
{
    /// <summary>Readings until a tank can be known, however long they take.</summary>
    public const int LearningReadings = 60;

    /// <summary>What has been unusual for so long, with hardly a break, is what the tank is like from now on, s: a day. No swing of the day lasts so long, and every shift has had the warning before it.</summary>
    public const int AcceptS = 86_400;

    /// <summary>After a silence longer than this the tank is learned anew, s: two days.</summary>
    private const double ForgetAfterS = 172_800;

    /// <summary>Time constant of what is usual, s: a day.</summary>
    private const double SlowS = 86_400;

    /// <summary>Time constant of the mean that a movement of the content is measured against, s: half an hour.</summary>
    private const double MovesS = 1_800;

    /// <summary>A reading teaches as if it were so many deviations off at most.</summary>
    private const double Clip = 3;

    /// <summary>A usual reading takes back so many times its time of what was unusual: one among many does not begin the day anew.</summary>
    private const double UsualTakesBack = 10;

    /// <summary>Readings that a regression counts, at most: those minutes apart say the same again.</summary>
    private const double MostKnown = 100;

    /// <summary>Deviation of the slopes from tank to tank: of the pressure by degree and by percent of content.</summary>
    private const double SlopeByDegree = 0.02;
    private const double SlopeByPercent = 0.001;

    /// <summary>What sensors tell apart: share of the pressure, kPa, °C, percent of content, ppm, percent of the lower explosive limit.</summary>
    private const double PressureResolution = 0.002;
    private const double LeastPressureKpa = 1;
    private const double TemperatureResolutionC = 0.2;
    private const double ContentResolutionPct = 0.3;
    private const double ToxicResolutionPpm = 0.05;
    private const double CombustibleResolutionPct = 0.3;

    private const byte KnowsPressure = 1;
    private const byte KnowsTemperature = 2;
    private const byte KnowsContent = 4;
    private const byte KnowsToxic = 8;
    private const byte KnowsCombustible = 16;

    private long newestMs;
    private uint substance;
    private int readings;
    private byte known;
    private float learnedS;
    private float unusualS;
    private float pressure;
    private float pressureVariance;
    private float temperature;
    private float temperatureVariance;
    private float content;
    private float contentVariance;
    private float contentOfLate;
    private float fullKg;
    private float together;
    private float pressureByTemperature;
    private float pressureByContent;
    private float toxic;
    private float toxicVariance;
    private float combustible;
    private float combustibleVariance;

    /// <summary>Readings taken in since it was begun.</summary>
    public int Readings => readings;

    /// <summary>For how long it has been unusual, s.</summary>
    public double UnusualS => unusualS;

    /// <summary>True where it is of another substance, or nothing was heard for long: then the tank is to be learned anew.</summary>
    /// <param name="substanceHash">Of what the tank holds.</param>
    /// <param name="atMs">Time of a reading, ms since 1970.</param>
    public bool IsOutdated(uint substanceHash, long atMs) => readings > 0 && (substance != substanceHash || (atMs - newestMs) / 1000.0 > ForgetAfterS);

    /// <summary>How a reading differs from what is usual. Changes nothing; nothing is said of a tank that is not known yet.</summary>
    /// <param name="figures">What was measured.</param>
    /// <param name="learningS">How long a tank is listened to before anything is said of it, s.</param>
    public TankDeparture Look(in TankFigures figures, int learningS)
    {
        if (readings < LearningReadings || learnedS < learningS)
        {
            return default;
        }

        double warmer = Away(KnowsTemperature, figures.TemperatureC, temperature);
        double fuller = Away(KnowsContent, Content(figures), content);
        double off = Away(KnowsPressure, figures.PressureKpa, pressure);
        double explained = Explained(warmer, fuller, out double uncertainty);
        double residual = double.IsNaN(off) ? 0 : off - explained;
        double usual = Math.Max(LeastPressureKpa, Math.Abs(pressure) + Math.Abs(explained));
        return new TankDeparture
        {
            PressureKpa = residual,
            PressureUsualKpa = pressure + explained,
            PressureSd = residual / Math.Sqrt(PressureVariance * (1 + uncertainty)),
            PressurePct = residual / usual * 100,
            TemperatureUsualC = temperature,
            TemperatureC = Known(warmer),
            TemperatureSd = Known(warmer) / Deviation(temperatureVariance, TemperatureResolutionC),
            ContentPct = Known(fuller),
            ContentMovesPct = (known & KnowsContent) != 0 && !double.IsNaN(fuller) ? Content(figures) - contentOfLate : 0,
            GasSd = Math.Max(
                0,
                Math.Max(
                    Known(Away(KnowsToxic, figures.GasPpm, toxic)) / Deviation(toxicVariance, ToxicResolutionPpm),
                    Known(Away(KnowsCombustible, figures.GasPctLel, combustible)) / Deviation(combustibleVariance, CombustibleResolutionPct))),
        };
    }

    /// <summary>Takes a reading into what is usual, or not: what is unusual teaches nothing until <see cref="AcceptS"/> are over.</summary>
    /// <param name="figures">What was measured.</param>
    /// <param name="atMs">When, no earlier than those before, ms since 1970.</param>
    /// <param name="substanceHash">Of what the tank holds.</param>
    /// <param name="isUnusual">What was said of it.</param>
    public void Learn(in TankFigures figures, long atMs, uint substanceHash, bool isUnusual)
    {
        double sinceS = readings == 0 ? 0 : Math.Min(ForgetAfterS, (atMs - newestMs) / 1000.0);
        newestMs = atMs;
        substance = substanceHash;
        FollowContent(figures, sinceS);
        unusualS = (float)(isUnusual ? unusualS + sinceS : Math.Max(0, unusualS - (UsualTakesBack * sinceS)));
        if (isUnusual && unusualS < AcceptS)
        {
            return;
        }

        if (isUnusual)
        {
            // The means go where the tank is; how much it swings about them, and what follows what, stays.
            double warmerNow = Away(KnowsTemperature, figures.TemperatureC, temperature);
            double fullerNow = Away(KnowsContent, Content(figures), content);
            Shift(figures, Known(warmerNow), Known(fullerNow));
            unusualS = 0;
            return;
        }

        double weight = Math.Max(1 - Logistic.ExpOfNegative(-sinceS / SlowS), 1.0 / (readings + 2));
        readings += readings < int.MaxValue ? 1 : 0;
        learnedS = (float)Math.Min(1e9, learnedS + sinceS);
        Take(figures, weight);
    }

    public static void Write(TankNorm? norm, ByteWriter writer)
    {
        writer.WriteBool(norm is not null);
        if (norm is null)
        {
            return;
        }

        writer.WriteInt64(norm.newestMs);
        writer.WriteUInt32(norm.substance);
        writer.WriteVar((uint)norm.readings);
        writer.WriteByte(norm.known);
        Singles(writer, norm.learnedS, norm.unusualS);
        Singles(writer, norm.pressure, norm.pressureVariance, norm.temperature, norm.temperatureVariance);
        Singles(writer, norm.content, norm.contentVariance, norm.contentOfLate, norm.fullKg);
        Singles(writer, norm.together, norm.pressureByTemperature, norm.pressureByContent);
        Singles(writer, norm.toxic, norm.toxicVariance, norm.combustible, norm.combustibleVariance);
    }

    public static TankNorm? Read(scoped ref ByteReader reader)
    {
        if (!reader.ReadBool())
        {
            return null;
        }

        TankNorm norm = new() { newestMs = reader.ReadInt64(), substance = reader.ReadUInt32(), readings = (int)reader.ReadVar(), known = reader.ReadByte() };
        (norm.learnedS, norm.unusualS) = (Single(ref reader), Single(ref reader));
        (norm.pressure, norm.pressureVariance, norm.temperature, norm.temperatureVariance) = (Single(ref reader), Single(ref reader), Single(ref reader), Single(ref reader));
        (norm.content, norm.contentVariance, norm.contentOfLate, norm.fullKg) = (Single(ref reader), Single(ref reader), Single(ref reader), Single(ref reader));
        (norm.together, norm.pressureByTemperature, norm.pressureByContent) = (Single(ref reader), Single(ref reader), Single(ref reader));
        (norm.toxic, norm.toxicVariance, norm.combustible, norm.combustibleVariance) = (Single(ref reader), Single(ref reader), Single(ref reader), Single(ref reader));
        return norm;
    }

    private static void Singles(ByteWriter writer, params ReadOnlySpan<float> values)
    {
        foreach (float value in values)
        {
            writer.WriteInt32(BitConverter.SingleToInt32Bits(value));
        }
    }

    private static float Single(scoped ref ByteReader reader) => BitConverter.Int32BitsToSingle(reader.ReadInt32());

    private double PressureVariance => Math.Max(pressureVariance, Math.Max(LeastPressureKpa, PressureResolution * Math.Abs(pressure)) * Math.Max(LeastPressureKpa, PressureResolution * Math.Abs(pressure)));

    private static double Deviation(double variance, double resolution) => Math.Max(resolution, Math.Sqrt(variance));

    private static double Known(double value) => double.IsNaN(value) ? 0 : value;

    private double Away(byte what, double value, double mean) => (known & what) == 0 ? double.NaN : value - mean;

    /// <summary>Percent: of the tank where its level is measured, else of the mass that it was first heard with.</summary>
    private double Content(in TankFigures figures) => !double.IsNaN(figures.LevelPct) ? figures.LevelPct : fullKg > 0 ? figures.MassKg / fullKg * 100 : double.NaN;

    private void FollowContent(in TankFigures figures, double sinceS)
    {
        if (fullKg == 0 && double.IsNaN(figures.LevelPct) && figures.MassKg > 0)
        {
            fullKg = (float)figures.MassKg;
        }

        double now = Content(figures);
        if (!double.IsNaN(now))
        {
            contentOfLate = (float)((known & KnowsContent) == 0 ? now : contentOfLate + ((1 - Logistic.ExpOfNegative(-sinceS / MovesS)) * (now - contentOfLate)));
        }
    }

    /// <summary>What temperature and content explain of the pressure, kPa.</summary>
    /// <param name="warmer">Than usual, °C; not a number for not measured.</param>
    /// <param name="fuller">Than usual, percent.</param>
    /// <param name="uncertainty">Variance of that, by the variance of the pressure.</param>
    private double Explained(double warmer, double fuller, out double uncertainty)
    {
        (warmer, fuller) = (Known(warmer), Known(fuller));
        double count = Math.Clamp(readings, 1, MostKnown);
        double variance = PressureVariance;
        double bySlope = SlopeByDegree * Math.Max(LeastPressureKpa, Math.Abs(pressure));
        double byContent = SlopeByPercent * Math.Max(LeastPressureKpa, Math.Abs(pressure));

        // Two unknowns, normal equations with a prior on the diagonal: their determinant is above 0.
        double a = (count * temperatureVariance) + (variance / (bySlope * bySlope));
        double d = (count * contentVariance) + (variance / (byContent * byContent));
        double b = count * together;
        double determinant = (a * d) - (b * b);
        if (!(determinant > 0))
        {
            uncertainty = 0;
            return 0;
        }

        double slope = ((count * pressureByTemperature * d) - (count * pressureByContent * b)) / determinant;
        double slopeOfContent = ((count * pressureByContent * a) - (count * pressureByTemperature * b)) / determinant;
        uncertainty = (1 / count) + (((d * warmer * warmer) - (2 * b * warmer * fuller) + (a * fuller * fuller)) / determinant);
        return (slope * warmer) + (slopeOfContent * fuller);
    }

    private void Shift(in TankFigures figures, double warmer, double fuller)
    {
        pressure = (known & KnowsPressure) != 0 && !double.IsNaN(figures.PressureKpa) ? (float)figures.PressureKpa : pressure;
        temperature = (float)(temperature + warmer);
        content = (float)(content + fuller);
        toxic = (known & KnowsToxic) != 0 && !double.IsNaN(figures.GasPpm) ? (float)figures.GasPpm : toxic;
        combustible = (known & KnowsCombustible) != 0 && !double.IsNaN(figures.GasPctLel) ? (float)figures.GasPctLel : combustible;
    }

    private void Take(in TankFigures figures, double weight)
    {
        Follow(KnowsToxic, figures.GasPpm, ToxicResolutionPpm, weight, ref toxic, ref toxicVariance);
        Follow(KnowsCombustible, figures.GasPctLel, CombustibleResolutionPct, weight, ref combustible, ref combustibleVariance);

        // What is far off counts less, and for all that is learned from it alike: clipped alone, a filling would have too much of the pressure's change for its own.
        double warmer = Begin(KnowsTemperature, figures.TemperatureC, TemperatureResolutionC, ref temperature, ref temperatureVariance);
        double fuller = Begin(KnowsContent, Content(figures), ContentResolutionPct, ref content, ref contentVariance);
        double keeps = 1 - weight;
        double counts = weight * Math.Min(Counts(warmer, Deviation(temperatureVariance, TemperatureResolutionC)), Counts(fuller, Deviation(contentVariance, ContentResolutionPct)));
        TakePressure(figures, warmer, fuller, weight, counts);
        if (!double.IsNaN(figures.TemperatureC))
        {
            temperature = (float)(temperature + (counts * warmer));
            temperatureVariance = (float)(keeps * (temperatureVariance + (counts * warmer * warmer)));
        }

        if (!double.IsNaN(Content(figures)))
        {
            content = (float)(content + (counts * fuller));
            contentVariance = (float)(keeps * (contentVariance + (counts * fuller * fuller)));
        }

        together = (float)(keeps * (together + (counts * warmer * fuller)));
    }

    private void TakePressure(in TankFigures figures, double warmer, double fuller, double weight, double counts)
    {
        if (double.IsNaN(figures.PressureKpa))
        {
            return;
        }

        if ((known & KnowsPressure) == 0)
        {
            known |= KnowsPressure;
            pressure = (float)figures.PressureKpa;
            pressureVariance = (float)PressureVariance;
            return;
        }

        double off = figures.PressureKpa - pressure;
        double residual = off - Explained(warmer, fuller, out double uncertainty);
        double deviation = Math.Sqrt(PressureVariance * (1 + uncertainty));
        double counted = Math.Clamp(residual, -Clip * deviation, Clip * deviation);
        off += counted - residual;
        pressure = (float)(pressure + (counts * off));
        pressureByTemperature = (float)((1 - weight) * (pressureByTemperature + (counts * off * warmer)));
        pressureByContent = (float)((1 - weight) * (pressureByContent + (counts * off * fuller)));
        pressureVariance = (float)(pressureVariance + (weight * ((counted * counted / (1 + uncertainty)) - pressureVariance)));
    }

    /// <summary>How much of a reading counts that is so far off, 0 to 1.</summary>
    private static double Counts(double off, double deviation) => Math.Abs(off) <= Clip * deviation ? 1 : Clip * deviation / Math.Abs(off);

    /// <summary>How far a value is from its mean, which begins with the first; 0 where there is none.</summary>
    private double Begin(byte what, double value, double resolution, ref float mean, ref float variance)
    {
        if (double.IsNaN(value))
        {
            return 0;
        }

        if ((known & what) == 0)
        {
            known |= what;
            (mean, variance) = ((float)value, (float)(resolution * resolution));
        }

        return value - mean;
    }

    /// <summary>Takes a gas into mean and variance.</summary>
    private void Follow(byte what, double value, double resolution, double weight, ref float mean, ref float variance)
    {
        double off = Begin(what, value, resolution, ref mean, ref variance);
        if (double.IsNaN(value))
        {
            return;
        }

        double most = Clip * Deviation(variance, resolution);
        off = Math.Clamp(off, -most, most);
        mean = (float)(mean + (weight * off));
        variance = (float)((1 - weight) * (variance + (weight * off * off)));
    }
}

/// <summary>How a reading differs from what is usual for its tank; 0 for what was not measured or is not known.</summary>
public record struct TankDeparture
{
    /// <summary>Pressure beyond what temperature and content explain, kPa.</summary>
    public double PressureKpa { get; init; }

    /// <summary>The pressure that would be usual now, kPa.</summary>
    public double PressureUsualKpa { get; init; }

    /// <summary>The same difference in standard deviations of the tank's own.</summary>
    public double PressureSd { get; init; }

    /// <summary>And in percent of the usual pressure.</summary>
    public double PressurePct { get; init; }

    /// <summary>The usual temperature, °C.</summary>
    public double TemperatureUsualC { get; init; }

    /// <summary>Temperature above it, °C.</summary>
    public double TemperatureC { get; init; }

    /// <summary>And in the tank's own standard deviations.</summary>
    public double TemperatureSd { get; init; }

    /// <summary>Content above what is usual, percent of the tank; of the mass that it was first heard with where no level is measured.</summary>
    public double ContentPct { get; init; }

    /// <summary>What the content has moved by in about half an hour, percent.</summary>
    public double ContentMovesPct { get; init; }

    /// <summary>Gas above its mean, toxic or combustible, whichever is further, in standard deviations.</summary>
    public double GasSd { get; init; }
}
