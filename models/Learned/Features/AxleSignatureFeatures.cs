using Streaming.Models.Readings;

namespace Streaming.Models.Learned.Features;

/// <summary>How a vehicle stands on its axles: the share of the gross mass on each, and the spacings. A vehicle with another's plate, or a record put together of two vehicles, stands out by it.</summary>
public static class AxleSignatureFeatures
{
    /// <summary>Axles that a signature has; a vehicle with more is not described.</summary>
    public const int MostAxles = 6;

    /// <summary>Shares from 0 to 1, front first, then the distance of each axle behind the one before, m. An axle that is not there has a share and a spacing of 0.</summary>
    public static FeatureSet Set { get; } = new("axle-signature", 1, LearningTask.Anomaly,
    [
        .. Enumerable.Range(1, MostAxles).Select(axle => new Feature(string.Create(System.Globalization.CultureInfo.InvariantCulture, $"share{axle}"), 0, 1, 0)),
        .. Enumerable.Range(2, MostAxles - 1).Select(axle => new Feature(string.Create(System.Globalization.CultureInfo.InvariantCulture, $"spacing{axle}M"), 0, 30, 0)),
    ]);

    /// <summary>Writes the vector of a weighing. False, and nothing written, where it has fewer than two axles or more than <see cref="MostAxles"/>, or an axle's mass or place is missing.</summary>
    /// <param name="reading">The weighing.</param>
    /// <param name="vector">As long as <see cref="Set"/>.</param>
    public static bool TryFill(in WeighReading reading, Span<float> vector)
    {
        if (reading.AxleCount is < 2 or > MostAxles || reading.GrossKg <= 0)
        {
            return false;
        }

        for (int i = 0; i < reading.AxleCount; i++)
        {
            if (reading.Axles[i].MassKg <= 0 || (i > 0 && reading.Axles[i].OffsetMm <= reading.Axles[i - 1].OffsetMm))
            {
                return false;
            }
        }

        vector[..Set.Count].Clear();
        for (int i = 0; i < reading.AxleCount; i++)
        {
            vector[i] = Set.Features[i].Of((double)reading.Axles[i].MassKg / reading.GrossKg);
            if (i > 0)
            {
                int place = MostAxles + i - 1;
                vector[place] = Set.Features[place].Of((reading.Axles[i].OffsetMm - reading.Axles[i - 1].OffsetMm) / 1000.0);
            }
        }

        return true;
    }
}
