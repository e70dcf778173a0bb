using Streaming.Models.Readings;

namespace Streaming.Ingest;

/// <summary>
/// What the silo asks of readings at the moment they are decoded. Both figures may change at any time, and each decoding takes them as they stand. What was decoded by an earlier value stays as it was: the record says whose a
/// reading is, and an actor judges the plate once more by the rulebook in force at its turn.
/// </summary>
public interface IReadingRules
{
    /// <summary>A plate read with less confidence, 0 to 1000 per mille, makes no vehicle: the reading stays with its source.</summary>
    int LeastPlatePermille { get; }

    /// <summary>
    /// Of readings up to this time, ms since 1970, nobody can tell any more whether they were counted before, so they are quarantined; 0 or less where every identity is kept. It only rises.
    /// </summary>
    long IdentitiesSinceMs { get; }

    /// <summary>
    /// The registered site that a truck is at, as the register stands when its reading comes in. The answer is recorded with the reading and stays what it was.
    /// </summary>
    /// <param name="position">Where it is.</param>
    /// <param name="atMs">When it was there, ms since 1970.</param>
    SiteReference SiteAt(GeoPosition position, long atMs) => default;

    /// <summary>The registered road and zones of a position, as their registers stand when its reading comes in; recorded likewise.</summary>
    /// <param name="position">Where it is.</param>
    /// <param name="atMs">When it was there, ms since 1970.</param>
    Surroundings AroundAt(GeoPosition position, long atMs) => default;

    /// <summary>The plate that one which was read badly may have been: one sign other, and plausible where it was read; recorded likewise. Empty where there is none.</summary>
    /// <param name="key">The plate as the key of its vehicle, UTF-8.</param>
    /// <param name="permille">How sure the device was of it.</param>
    /// <param name="position">Where it was read.</param>
    /// <param name="atMs">When, ms since 1970.</param>
    ReadOnlySpan<byte> LikelyPlate(scoped ReadOnlySpan<byte> key, int permille, GeoPosition position, long atMs) => default;
}

/// <summary>Rules that stay as they are: those of tools, which decode without a silo.</summary>
public sealed record FixedReadingRules : IReadingRules
{
    /// <summary>The shipped limit, and every identity kept.</summary>
    public static FixedReadingRules Shipped { get; } = new();

    public int LeastPlatePermille { get; init; } = IngestLimits.PlatePermille;

    public long IdentitiesSinceMs { get; init; } = long.MinValue;
}
