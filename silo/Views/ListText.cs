using System.Text;

namespace Streaming.Silo.Views;

/// <summary>
/// Text that rows are looked for by. Rows have it in capitals (of A to Z) and without spaces and the dots that people put into plates, and it is looked for as it stands in any of a row's lines. An index of pairs of signs (<c>case_grams</c>, <c>order_grams</c>: SQLite's FTS5, which keeps for each pair the rows that have it)
/// leaves those rows that may have it; whether they do, is then compared. Pairs and not threes, since two signs are what a plate begins with.
/// </summary>
internal static class ListText
{
    /// <summary>Pairs that are asked for: they leave few rows, and a text of sixty-four signs would ask for as many lists.</summary>
    private const int MostGrams = 12;

    /// <summary>What separates one pair from the next, and one line of a row from the next.</summary>
    private const char Space = ' ';

    /// <summary>As the words of rows have it; the same as the store's own statement (<see cref="ViewSchema.FactsOfCases"/>).</summary>
    public static string Fold(string text)
    {
        StringBuilder folded = new(text.Length);
        foreach (char sign in text)
        {
            if (!char.IsWhiteSpace(sign) && sign is not ('·' or '•' or '・'))
            {
                folded.Append(char.IsAsciiLetterLower(sign) ? char.ToUpperInvariant(sign) : sign);
            }
        }

        return folded.ToString();
    }

    /// <summary>The pairs of signs of each line, each once, as a document for the index. A pair is one word of it: signs that would end a word are written as others.</summary>
    public static string Grams(string words) => string.Join(Space, Pairs(words));

    /// <summary>What the index is asked for; null where a text has no pair.</summary>
    public static string? Match(string folded)
    {
        List<string> pairs = Pairs(folded);
        return pairs.Count == 0 ? null : string.Join(" AND ", pairs.Take(MostGrams).Select(pair => $"\"{pair}\""));
    }

    private static List<string> Pairs(string words)
    {
        List<string> pairs = [];
        HashSet<string> known = new(StringComparer.Ordinal);
        Rune? before = null;
        foreach (Rune sign in words.EnumerateRunes())
        {
            Rune? now = sign.Value < ' ' ? null : sign;
            if (before is { } first && now is { } second && $"{Sign(first)}{Sign(second)}" is { } pair && known.Add(pair))
            {
                pairs.Add(pair);
            }

            before = now;
        }

        return pairs;
    }

    /// <summary>The index takes letters and digits of ASCII, and everything beyond it, for parts of words.</summary>
    private static Rune Sign(Rune sign) => sign.IsAscii && !char.IsAsciiLetterOrDigit((char)sign.Value) ? new Rune(0xE000 + sign.Value) : sign;
}
