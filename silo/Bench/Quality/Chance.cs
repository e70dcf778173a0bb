using System.Text;
using Streaming.Ingest.City;
using Streaming.Models.Encoding;

namespace Streaming.Silo.Bench.Quality;

/// <summary>Random numbers of one part of the play. Each part has its own, so that another part more changes none of what was there before.</summary>
internal sealed class Chance(int seed, string part)
{
    private const int Draws = 12;

    private CityRandom random = new(StableHash.Combine(StableHash.Of(Encoding.UTF8.GetBytes(part)), (ulong)seed));

    /// <summary>0 to below 1.</summary>
    public double Share() => random.Share();

    /// <summary>True in this share of cases, 0 to 1.</summary>
    public bool Happens(double share) => random.Share() < share;

    public double Between(double low, double high) => random.Between(low, high);

    /// <summary>0 to <paramref name="count"/> - 1.</summary>
    public int Below(int count) => random.Below(count);

    public T Of<T>(IReadOnlyList<T> list) => list[random.Below(list.Count)];

    /// <summary>Index of an entry, each as likely as its weight.</summary>
    public int Weighted(ReadOnlySpan<double> weights) => random.Weighted(weights);

    /// <summary>
    /// Normal with mean 0 and deviation 1, as the sum of twelve even draws less six: no logarithm whose last bit differs from machine to machine. 95 % lie within ±1.95 instead of ±1.96, and none beyond ±6.
    /// </summary>
    public double Normal()
    {
        double sum = 0;
        for (int i = 0; i < Draws; i++)
        {
            sum += random.Share();
        }

        return sum - (Draws / 2);
    }
}
