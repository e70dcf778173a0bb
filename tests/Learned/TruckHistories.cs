using Streaming.Models.Learned.Features;
using Streaming.Models.Learned.Training;
using Streaming.Models.Readings;
using Streaming.Models.Vehicles;

namespace Streaming.Tests.Learned;

/// <summary>
/// Trucks that do not exist, weighed again and again, drawn from a seed: what the shipped model of <c>axle-history</c> is trained on. Types as in <see cref="TruckRows"/>, each truck with axles, a way to be loaded and distances of its own; stations of ±2, 5
/// and 10 %. Now and then something is so that ought to be looked into (labelled), and as often something that is not: a load far to the front or the back, a trailer.
/// </summary>
internal sealed class TruckHistories
{
    private const long BeginMs = 1_795_161_600_000;
    private const int Weighings = 24;

    /// <summary>Weighings of a truck before something happens to it.</summary>
    private const int Before = 6;

    private static readonly double[] Accuracies = [2, 5, 5, 10];
    private readonly Random random;
    private readonly double[] emptyKg;
    private readonly double[] loadShares;
    private readonly double[] spacingsM;
    private readonly double mostLoadKg;
    private readonly double unsteady;
    private readonly bool isCombination;

    private TruckHistories(Random random)
    {
        this.random = random;
        TruckRows.TruckType type = TruckRows.Draw(random);
        emptyKg = [.. type.Axles.Select(axle => axle.EmptyKg * Between(0.92, 1.08))];
        double[] rests = [.. type.Axles.Select(axle => axle.LoadShare * Between(0.8, 1.2))];
        loadShares = [.. rests.Select(rest => rest / rests.Sum())];
        spacingsM = [.. type.Axles.Select(axle => axle.SpacingM + (axle.SpreadM * TruckRows.Clipped(random)))];
        mostLoadKg = type.MostLoadKg;
        unsteady = Between(0, 0.02);
        isCombination = spacingsM.Skip(1).Any(spacing => spacing > 5.2) && spacingsM.Length > 3;
    }

    /// <summary>What the shipped model was trained on and compared by.</summary>
    public static TrainingSet Training(int trucks = 6_000, int seed = 1) => new(AxleHistoryFeatures.Set, Enumerable.Range(0, trucks).SelectMany(i => Rows(i, unchecked((seed * 1_000_003) + i))));

    /// <summary>The weighings of one truck that are described.</summary>
    public static IEnumerable<TrainingRow> Rows(int number, int seed)
    {
        TruckHistories truck = new(new Random(seed));
        AxleHistory? history = null;
        float[] vector = new float[AxleHistoryFeatures.Set.Count];
        for (int i = 0; i < Weighings; i++)
        {
            if (truck.Weigh(i >= Before, ref history, vector, out bool odd))
            {
                yield return new TrainingRow(BeginMs + ((number + i) * 3_600_000L), $"made-{number % 8}", [.. vector], odd);
            }
        }
    }

    /// <summary>Weighs it once more; true where that is described.</summary>
    private bool Weigh(bool any, ref AxleHistory? history, float[] vector, out bool odd)
    {
        double accuracyPct = Accuracies[random.Next(Accuracies.Length)];
        int what = any ? random.Next(24) : 0;
        WeighReading reading = Reading(Happens(what, out odd), accuracyPct, random, Class(what));
        if (history is null)
        {
            history = AxleHistory.Begin(reading);
            return false;
        }

        bool described = AxleHistoryFeatures.TryFill(history.Look(reading, accuracyPct), vector);
        history.Learn(reading, accuracyPct, odd);
        return described;
    }

    private (double Kg, double SpacingM)[] Happens(int what, out bool odd)
    {
        odd = what is >= 1 and <= 4;
        (double Kg, double SpacingM)[] axles = Loaded(what is 5 or 6 ? Between(0.03, 0.05) * Sign() : 0);
        int which = random.Next(axles.Length);
        double grossKg = axles.Sum(axle => axle.Kg);
        switch (what)
        {
            case 1:
                // The load has moved to one axle, or away from it.
                double moves = Between(0.07, 0.22) * (random.Next(3) == 0 ? -1 : 1);
                double share = Math.Clamp((axles[which].Kg / grossKg) + moves, 0.04, 0.9);
                double others = grossKg - axles[which].Kg;
                return [.. axles.Select((axle, i) => (i == which ? share * grossKg : axle.Kg / others * (1 - share) * grossKg, axle.SpacingM))];
            case 2:
                // A scale weighs one axle wrong.
                double factor = random.Next(3) == 0 ? Between(0.3, 0.6) : Between(1.5, 2.3);
                return [.. axles.Select((axle, i) => (i == which ? axle.Kg * factor : axle.Kg, axle.SpacingM))];
            case 3:
                // The vehicle behind is in the same record.
                (double Kg, double SpacingM)[] behind = new TruckHistories(random).Loaded(0);
                return [.. axles, (behind[0].Kg, Between(4, 12)), .. behind[1..Math.Min(behind.Length, 2 + random.Next(2))]];
            case 4:
                // Another vehicle has the plate.
                (double Kg, double SpacingM)[] other = new TruckHistories(random).Loaded(0);
                odd = other.Length == axles.Length;
                return odd ? other : axles;
            case 7 when !isCombination:
                // A trailer with a drawbar.
                double trailerKg = Between(1_500, 6_500);
                return [.. axles, (trailerKg, Between(3.5, 6.5)), (trailerKg * Between(0.9, 1.1), Between(1.3, 5))];
            default:
                return axles;
        }
    }

    /// <summary>What the record calls it: what a truck with a trailer is called is not always right.</summary>
    private VehicleClass Class(int what) => random.Next(33) == 0 ? VehicleClass.Unknown
        : isCombination || (what == 7 && random.Next(8) > 0) ? VehicleClass.Combination : VehicleClass.Rigid;

    /// <summary>The axles at some load, a part of it to the front.</summary>
    private (double Kg, double SpacingM)[] Loaded(double toFront)
    {
        double load = random.Next(4) == 0 ? 0.05 * random.NextDouble() : 0.3 + (0.8 * random.NextDouble());
        double loadKg = load * mostLoadKg;
        double[] kg = [.. emptyKg.Select((empty, i) => empty + (loadKg * loadShares[i]))];
        double movesKg = kg.Sum() * (toFront + (unsteady * TruckRows.Clipped(random) / 2)) * Math.Min(1, 3 * load);
        double behindKg = kg.Skip(1).Sum();
        movesKg = Math.Clamp(movesKg, -0.5 * kg[0], 0.5 * behindKg);
        return [.. kg.Select((mass, i) => (i == 0 ? mass + movesKg : mass - (movesKg * mass / behindKg), spacingsM[i]))];
    }

    /// <summary>As a station weighs it: each axle 1.6 times worse than the vehicle, distances by the speed that it measures.</summary>
    private static WeighReading Reading((double Kg, double SpacingM)[] axles, double accuracyPct, Random random, VehicleClass body)
    {
        double deviation = accuracyPct / 100 / 1.96 * 1.6;
        double stretch = 1 + (0.01 * TruckRows.Clipped(random));
        WeighReading reading = new() { AxleCount = Math.Min(axles.Length, Axles.Capacity), VehicleClass = body };
        double offsetM = 0;
        for (int i = 0; i < reading.AxleCount; i++)
        {
            offsetM += i == 0 ? 0 : Math.Max(0.5, axles[i].SpacingM) * stretch;
            int massKg = (int)Math.Round(axles[i].Kg * Math.Max(0.2, 1 + (deviation * TruckRows.Normal(random))));
            reading.Axles[i] = new Axle { MassKg = massKg, OffsetMm = (int)Math.Round(offsetM * 1000) };
            reading.GrossKg += massKg;
        }

        return reading;
    }

    private int Sign() => random.Next(2) == 0 ? -1 : 1;

    private double Between(double least, double most) => least + ((most - least) * random.NextDouble());
}
