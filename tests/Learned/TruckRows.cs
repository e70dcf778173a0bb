using Streaming.Models.Learned.Features;
using Streaming.Models.Learned.Training;

namespace Streaming.Tests.Learned;

/// <summary>
/// Axle signatures of trucks that do not exist, drawn from a seed: what the shipped model of <c>axle-signature</c> is trained on. Masses of empty axles, where a load rests and how far axles stand apart are of common types, rigid and combinations of
/// two to six axles, empty or laden; none of it is measured. Recorded traffic only showed which types were missing: rows of it are not ours to ship, and golden rows are rows.
/// </summary>
internal static class TruckRows
{
    /// <summary>Every so many rows one is no usual truck.</summary>
    private const int OddEvery = 20;

    private const long BeginMs = 1_795_161_600_000;

    /// <param name="EmptyKg">Of the empty axle.</param>
    /// <param name="LoadShare">Of the load.</param>
    /// <param name="SpacingM">Behind the axle before.</param>
    /// <param name="SpreadM">Deviation of it from truck to truck.</param>
    internal sealed record AxleOf(double EmptyKg, double LoadShare, double SpacingM, double SpreadM);

    internal sealed record TruckType(int Weight, double MostLoadKg, AxleOf[] Axles);

    internal static readonly TruckType[] Types =
    [
        new(26, 11_800, [new(3_000, 0.25, 0, 0), new(3_200, 0.75, 4.7, 0.6)]),
        new(12, 14_800, [new(4_200, 0.16, 0, 0), new(3_000, 0.42, 4.3, 0.5), new(3_000, 0.42, 1.35, 0.04)]),
        new(5, 14_800, [new(4_600, 0.16, 0, 0), new(3_200, 0.42, 6.0, 0.3), new(2_900, 0.42, 1.35, 0.06)]),
        new(14, 18_200, [new(3_400, 0.15, 0, 0), new(3_400, 0.15, 1.95, 0.12), new(3_000, 0.35, 3.5, 0.6), new(3_000, 0.35, 1.35, 0.04)]),
        new(4, 16_500, [new(4_500, 0.10, 0, 0), new(3_300, 0.50, 3.6, 0.2), new(2_700, 0.40, 7.0, 1.2)]),
        new(8, 22_500, [new(4_700, 0.08, 0, 0), new(3_400, 0.40, 3.6, 0.2), new(2_700, 0.26, 6.3, 0.8), new(2_700, 0.26, 1.3, 0.05)]),
        new(10, 28_400, [new(5_000, 0.06, 0, 0), new(3_500, 0.31, 3.6, 0.2), new(2_050, 0.21, 5.8, 0.7), new(2_050, 0.21, 1.31, 0.04), new(2_050, 0.21, 1.31, 0.04)]),
        new(6, 27_000, [new(5_200, 0.06, 0, 0), new(2_500, 0.2, 3.5, 0.2), new(2_500, 0.2, 1.33, 0.04), new(2_300, 0.27, 6.2, 0.9), new(2_300, 0.27, 1.28, 0.05)]),
        new(26, 33_200, [new(5_200, 0.06, 0, 0), new(2_300, 0.18, 3.3, 0.2), new(2_300, 0.18, 1.35, 0.04), new(2_000, 0.193, 6.0, 0.8), new(2_000, 0.193, 1.31, 0.04), new(2_000, 0.194, 1.31, 0.04)]),
    ];

    /// <summary>So many rows, a minute apart, of four made stations.</summary>
    public static TrainingSet All(int count, int seed = 1)
    {
        Random random = new(seed);
        return new TrainingSet(AxleSignatureFeatures.Set, Enumerable.Range(0, count).Select(i =>
        {
            bool odd = i % OddEvery == OddEvery - 1;
            return new TrainingRow(BeginMs + (i * 60_000L), $"made-{i % 4}", Vector(odd ? Odd(random) : Usual(random)), odd);
        }).ToArray());
    }

    /// <summary>A type, each as often as it is met.</summary>
    internal static TruckType Draw(Random random)
    {
        int at = random.Next(Types.Sum(type => type.Weight));
        TruckType drawn = Types[0];
        foreach (TruckType type in Types)
        {
            drawn = type;
            if ((at -= type.Weight) < 0)
            {
                break;
            }
        }

        return drawn;
    }

    private static (double Kg, double SpacingM)[] Usual(Random random)
    {
        TruckType drawn = Draw(random);
        double load = random.Next(4) == 0 ? 0.05 * random.NextDouble() : 0.3 + (0.8 * random.NextDouble());
        return [.. drawn.Axles.Select((axle, i) => ((axle.EmptyKg + (load * drawn.MostLoadKg * axle.LoadShare)) * (1 + (0.05 * Normal(random))), i == 0 ? 0 : axle.SpacingM + (axle.SpreadM * Clipped(random))))];
    }

    /// <summary>What ought to be noticed: masses back to front, two vehicles in one record, an axle that carries twice its share, a truck without its first axle.</summary>
    private static (double Kg, double SpacingM)[] Odd(Random random)
    {
        while (true)
        {
            (double Kg, double SpacingM)[] truck = Usual(random);
            (double Kg, double SpacingM)[] other = Usual(random);
            int which = random.Next(truck.Length);
            (double, double)[] odd = random.Next(4) switch
            {
                0 => [.. truck.Select((axle, i) => (truck[^(i + 1)].Kg, axle.SpacingM))],
                1 => [.. truck, (other[0].Kg, 4 + (8 * random.NextDouble())), .. other[1..]],
                2 => [.. truck.Select((axle, i) => (i == which ? axle.Kg * 2.2 : axle.Kg, axle.SpacingM))],
                _ => [(truck[1].Kg, 0), .. truck[2..]],
            };
            if (odd.Length is >= 2 and <= AxleSignatureFeatures.MostAxles)
            {
                return odd;
            }
        }
    }

    private static float[] Vector((double Kg, double SpacingM)[] axles)
    {
        float[] vector = new float[AxleSignatureFeatures.Set.Count];
        double grossKg = axles.Sum(axle => axle.Kg);
        for (int i = 0; i < axles.Length; i++)
        {
            vector[i] = (float)(axles[i].Kg / grossKg);
            if (i > 0)
            {
                vector[AxleSignatureFeatures.MostAxles + i - 1] = (float)axles[i].SpacingM;
            }
        }

        return vector;
    }

    /// <summary>A sum of twelve, so that nothing hangs on a logarithm's last bit.</summary>
    internal static double Normal(Random random) => Enumerable.Range(0, 12).Sum(_ => random.NextDouble()) - 6;

    internal static double Clipped(Random random) => Math.Clamp(Normal(random), -2.5, 2.5);
}
