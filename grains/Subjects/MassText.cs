using Streaming.Models.Wording;

namespace Streaming.Grains.Subjects;

/// <summary>Masses of goods as explanations print them, and a list of what else is concerned.</summary>
internal static class MassText
{
    /// <summary>Grams as kg with at most three decimals: <c>18,000.5</c>.</summary>
    public static string Kg(long grams) => FigureText.Measured(grams / 1000.0);

    /// <summary>A sum's term: <c> + 5 kg produced</c>, nothing where it is 0.</summary>
    public static string Term(char sign, long grams, string what) => grams == 0 ? "" : $" {sign} {what} {Kg(grams)} kg";

    /// <summary>So many more than are named, in English.</summary>
    public static string MoreEn(long more) => more > 0 ? $" And {FigureText.Whole(more)} more." : "";

    /// <summary>So many more than are named, in Chinese.</summary>
    public static string MoreZh(long more) => more > 0 ? $"另有{FigureText.Whole(more)}项。" : "";
}
