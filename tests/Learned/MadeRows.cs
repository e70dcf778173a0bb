using Streaming.Models.Learned;
using Streaming.Models.Learned.Features;
using Streaming.Models.Learned.Training;

namespace Streaming.Tests.Learned;

/// <summary>Rows with a truth that can be learned, drawn from a seed.</summary>
internal static class MadeRows
{
    public const long BeginMs = 1_795_161_600_000;
    private const long MinuteMs = 60_000;

    /// <summary>Overloads that the department finds true the surer the more they are over, the better the station and the plate; a third of the chance hangs on a product that is not linear.</summary>
    public static TrainingSet Overloads(int count, int seed = 1) => new(OverloadFeatures.RoadLimit, Enumerable.Range(0, count).Select(Overload(new Random(seed))));

    /// <summary>Signatures of trucks with two to six axles; one in twenty is put together of two.</summary>
    public static TrainingSet Signatures(int count, int seed = 1) => new(AxleSignatureFeatures.Set, Enumerable.Range(0, count).Select(Signature(new Random(seed))));

    private static Func<int, TrainingRow> Overload(Random random) => i =>
    {
        float over = (float)(random.NextDouble() * 60);
        float accuracy = 2 + (8 * random.Next(0, 2));
        float plate = (float)(0.5 + (random.NextDouble() / 2));
        float hour = (float)(i % 24);
        float speed = (float)(20 + (random.NextDouble() * 80));
        double sum = (over / accuracy) - 3 + (6 * (plate - 0.75)) - (speed > 80 && accuracy > 5 ? 3 : 0);
        float[] vector = [over, accuracy, over / accuracy, random.Next(2, 7), speed, (float)(random.NextDouble() * 20), plate, (float)(random.NextDouble() * 5), (float)(20 + (random.NextDouble() * 30)), hour, Math.Abs(hour - 12), 24, 0, over / accuracy];
        return new TrainingRow(BeginMs + (i * MinuteMs), $"S{i % 3:00}", vector, random.NextDouble() < 1 / (1 + Math.Exp(-sum)));
    };

    private static Func<int, TrainingRow> Signature(Random random) => i =>
    {
        int axles = random.Next(2, 7);
        bool odd = random.Next(0, 20) == 0;
        float[] vector = new float[AxleSignatureFeatures.Set.Count];
        double[] masses = [.. Enumerable.Range(0, axles).Select(axle => (axle == 0 ? 6 : 9) + (random.NextDouble() * 0.6))];
        if (odd)
        {
            Array.Reverse(masses);
            masses[0] *= 2;
        }

        for (int axle = 0; axle < axles; axle++)
        {
            vector[axle] = (float)(masses[axle] / masses.Sum());
            if (axle > 0)
            {
                vector[AxleSignatureFeatures.MostAxles + axle - 1] = (float)((axle == 1 ? 3.5 : 1.35) + (random.NextDouble() * 0.2) + (odd ? 5 : 0));
            }
        }

        return new TrainingRow(BeginMs + (i * MinuteMs), $"S{i % 3:00}", vector, odd);
    };

    /// <summary>Vectors from all over the ranges of a set, the ends too.</summary>
    public static IEnumerable<float[]> Anywhere(FeatureSet features, int count, int seed)
    {
        Random random = new(seed);
        for (int i = 0; i < count; i++)
        {
            yield return [.. features.Features.Select(feature => random.Next(0, 20) switch
            {
                0 => feature.Least,
                1 => feature.Most,
                _ => (float)(feature.Least + (random.NextDouble() * (feature.Most - feature.Least))),
            })];
        }
    }
}
