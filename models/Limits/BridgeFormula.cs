namespace Streaming.Models.Limits;

/// <summary>
/// The federal bridge formula of the United States: W = 500 · (L·N/(N−1) + 12·N + 36), W in lb to the nearest 500, L in feet between the outer of N consecutive axles. In whole numbers throughout: a foot is
/// 3,048 tenths of a millimetre, so that both a tape in feet and a scale in mm are exact. osowloads.com; wideloadshipping.com; FHWA, Bridge Formula Weights.
/// </summary>
public static class BridgeFormula
{
    /// <summary>Tenths of a millimetre in a foot, exact by definition.</summary>
    public const int FootTenthMm = 3_048;

    /// <summary>Tenths of a millimetre in an inch, exact by definition.</summary>
    public const int InchTenthMm = 254;

    private const int StepLb = 500;

    /// <summary>
    /// Mass that the formula allows, lb, before any cap. The law says "nearest" and not which way halves go; they go down, as in the published tables (3 axles over 9 ft: 42,750 is listed as 42,500).
    /// </summary>
    /// <param name="axles">Axles in the group, 2 to 64.</param>
    /// <param name="lengthTenthMm">Distance between the outer ones, tenths of a mm; 0 to 10,000,000.</param>
    public static int FormulaLb(int axles, int lengthTenthMm)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(axles, 2);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(axles, 64);
        ArgumentOutOfRangeException.ThrowIfNegative(lengthTenthMm);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(lengthTenthMm, 10_000_000);

        // The sum in brackets is numerator / denominator; to the nearest whole with halves down is the ceiling of it less one half.
        long denominator = (long)FootTenthMm * (axles - 1);
        long numerator = ((long)lengthTenthMm * axles) + (((12L * axles) + 36) * denominator);
        long nearest = ((2 * numerator) - denominator + (2 * denominator) - 1) / (2 * denominator);
        return (int)(nearest * StepLb);
    }

    /// <summary>The whole kg below a mass in lb (0 to 2,000,000): a mass in whole kg is over the one exactly where it is over the other. A pound is 0.45359237 kg, exact by definition.</summary>
    public static int FloorKg(int lb) => (int)(lb * 45_359_237L / 100_000_000);
}
