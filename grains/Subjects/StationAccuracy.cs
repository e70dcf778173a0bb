using Streaming.Grains.Turns;

namespace Streaming.Grains.Subjects;

/// <summary>How well a station weighed, by what was registered as the reading came in.</summary>
/// <param name="HundredthPct">± percent of the gross mass, in hundredths; 0 where none was registered.</param>
/// <param name="IsExpired">True where its calibration had run out when the vehicle was weighed: what follows is advisory.</param>
internal readonly record struct StationAccuracy(int HundredthPct, bool IsExpired)
{
    /// <summary>Beside the accuracy as it stands in states. No accuracy comes near it, so a state of before reads as one of a station that is calibrated.</summary>
    private const uint Expired = 1 << 20;

    /// <summary>As one number of a state.</summary>
    public uint Number => (uint)HundredthPct | (IsExpired ? Expired : 0);

    public static StationAccuracy OfNumber(ulong number) => new((int)(number & ~(ulong)Expired), (number & Expired) != 0);

    /// <summary>That of the station of a reading, at the time of the reading.</summary>
    public static StationAccuracy Of(scoped in Message message) =>
        new(message.Origin.AccuracyHundredthPct, message.Origin.CalibrationDueMs != 0 && message.Header.AtMs >= message.Origin.CalibrationDueMs);
}
