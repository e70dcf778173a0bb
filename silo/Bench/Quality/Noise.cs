using Streaming.Ingest.City;

namespace Streaming.Silo.Bench.Quality;

/// <summary>How wrong devices and lines are in the city that is played. The shares are assumptions, the same for all kinds; the error of a station is that of its accuracy class.</summary>
internal static class Noise
{
    /// <summary>Share of messages that never arrive.</summary>
    public const double LostShare = 0.01;

    /// <summary>Share of messages that arrive late, by <see cref="LateFromMs"/> to <see cref="LateToMs"/>.</summary>
    public const double LateShare = 0.02;

    public const long LateFromMs = 11 * 60_000;

    public const long LateToMs = 4 * 3_600_000;

    /// <summary>Share of messages that arrive twice, the second time after seconds or hours.</summary>
    public const double DuplicateShare = 0.02;

    /// <summary>Share of plates of which one sign is read as another.</summary>
    public const double MisreadShare = 0.01;

    /// <summary>Share of plates that are not read at all.</summary>
    public const double UnreadShare = 0.005;

    /// <summary>Share of plates that are read right with little confidence.</summary>
    public const double DimShare = 0.03;

    /// <summary>Share of weigh records whose class of vehicle is not known.</summary>
    public const double ClassUnknownShare = 0.03;

    /// <summary>Two deviations, within which a station of a class keeps 95 % of its records.</summary>
    public const double ClassDeviations = 1.96;

    /// <summary>How much worse a station weighs an axle than the vehicle: COST 323 gives class A(5) ±8 % for a single axle.</summary>
    public const double AxleFactor = 1.6;

    private const string Signs = "0123456789ABCDEFGHJKLMNPQRSTUVWXYZ";

    /// <summary>How an axle mass and with it the gross mass comes out at a station: all axles share the error of the vehicle, and each has one of its own.</summary>
    /// <param name="accuracyPct">Of the station: ± percent of the gross mass that 95 % of its records keep to.</param>
    /// <param name="shares">Of the true gross mass on each axle; they add up to 1.</param>
    public static int[] Weigh(Chance chance, double accuracyPct, double grossKg, ReadOnlySpan<double> shares)
    {
        double deviation = accuracyPct / 100 / ClassDeviations;
        double measuredKg = grossKg * (1 + (deviation * chance.Normal()));
        double[] axles = new double[shares.Length];
        double sum = 0;
        for (int i = 0; i < shares.Length; i++)
        {
            axles[i] = shares[i] * Math.Max(0.2, 1 + (deviation * AxleFactor * chance.Normal()));
            sum += axles[i];
        }

        return [.. axles.Select(axle => (int)Math.Round(measuredKg * axle / sum))];
    }

    /// <summary>How a plate is read: mostly right; now and then one sign is another, or nothing is legible.</summary>
    public static (string Text, double Confidence, bool Right) Read(Chance chance, string plate)
    {
        double draw = chance.Share();
        if (draw < UnreadShare)
        {
            return ("", chance.Between(0.05, 0.3), false);
        }

        if (draw < UnreadShare + MisreadShare)
        {
            return (Misread(chance, plate), chance.Between(0.3, 0.8), false);
        }

        return (plate, draw < UnreadShare + MisreadShare + DimShare ? chance.Between(0.4, 0.85) : chance.Between(0.88, 0.995), true);
    }

    /// <summary>The plate with one sign behind the province and its letter replaced.</summary>
    public static string Misread(Chance chance, string plate)
    {
        char[] signs = plate.ToCharArray();
        int place = 2 + chance.Below(signs.Length - 2);
        char before = signs[place];
        while (signs[place] == before)
        {
            signs[place] = Signs[chance.Below(Signs.Length)];
        }

        return new string(signs);
    }

    /// <summary>The axles' shares of a type of truck; what a lighter load takes off, it takes off the axles behind the first more than off the first.</summary>
    /// <param name="type">The type, whose shares are those of a full truck.</param>
    /// <param name="grossKg">What it weighs.</param>
    public static double[] Shares(CityTruckType type, double grossKg)
    {
        const double FrontEmptyExtra = 0.10;
        double empty = Math.Clamp((type.LimitKg - grossKg) / (type.LimitKg - type.EmptyKg), 0, 1);
        double front = type.Axles[0].Share + (FrontEmptyExtra * empty);
        double behind = (1 - front) / (1 - type.Axles[0].Share);
        return [.. type.Axles.Select((axle, i) => i == 0 ? front : axle.Share * behind)];
    }
}

/// <summary>What became of a message.</summary>
internal enum Delivery
{
    Lost,

    /// <summary>It arrived after others that were taken after it.</summary>
    Late,

    InTime,
}
