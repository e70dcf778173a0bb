using System.Globalization;

namespace Streaming.Models.Wording;

/// <summary>
/// Figures as explanations print them. Explanations are part of an actor's state, so a figure reads the same whatever culture the process runs under.
/// </summary>
public static class FigureText
{
    /// <summary>A whole number with groups of three: <c>60,000</c>.</summary>
    public static string Whole(long value) => value.ToString("#,0", CultureInfo.InvariantCulture);

    /// <summary>A measured figure, rounded to three decimals: <c>1,250.5</c>.</summary>
    public static string Measured(double value) => value.ToString("#,0.###", CultureInfo.InvariantCulture);

    /// <summary>Hundredths of a percent with two decimals and no sign: <c>22.45</c>.</summary>
    public static string HundredthPct(long value) => (value / 100.0).ToString("0.00", CultureInfo.InvariantCulture);

    /// <summary>A time, ms since 1970, in UTC to the millisecond: <c>2026-11-21T08:15:30.123Z</c>.</summary>
    public static string Time(long ms) => DateTimeOffset.FromUnixTimeMilliseconds(ms).ToString("yyyy-MM-ddTHH:mm:ss.fffZ", CultureInfo.InvariantCulture);

    /// <summary>A probability, 0 to 1, as percent with at most two decimals: <c>97.5</c>.</summary>
    public static string Probability(double value) => (value * 100).ToString("0.##", CultureInfo.InvariantCulture);
}
