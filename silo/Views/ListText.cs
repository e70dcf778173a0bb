using System.Text;

namespace Streaming.Silo.Views;

/// <summary>
/// Text that rows are looked for by. Rows have it in capitals (of A to Z) and without spaces and the dots that people put into plates, and it is looked for as it stands in any of a row's lines. An index (<c>case_grams</c>, <c>order_grams</c>: SQLite's FTS5) keeps for each pair of signs the rows that have it; it leaves those that may have
/// the text, and whether they do, is then compared. Pairs and not threes, since two signs are what a plate begins with. The index has a row's kind, area and department too, so that a text of other districts' rows is told apart within it, without a look at each of them.
/// </summary>
internal static class ListText
{
    /// <summary>Pairs of a text that are considered, from its beginning and from its end: plates begin, and numbers of cases end, with what tells them apart.</summary>
    private const int PairsOfEachEnd = 3;

    /// <summary>Signs that have no meaning in Unicode begin there.</summary>
    private const int Beyond = 0xE000;

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

    /// <summary>A row's document for the index: the pairs of signs of each line, and what else it has. Each is one word of it: signs that would end a word are written as others.</summary>
    public static string Grams(string words, string? kind, string? area, string? department) => string.Join(Space, [.. Pairs(words), .. Facets(kind, area, department)]);

    /// <summary>The pairs by which a text is looked for.</summary>
    public static IReadOnlyList<string> Sought(string folded)
    {
        List<string> pairs = Pairs(folded);
        return pairs.Count <= 2 * PairsOfEachEnd ? pairs : [.. pairs[..PairsOfEachEnd], .. pairs[^PairsOfEachEnd..]];
    }

    /// <summary>What the index is asked for.</summary>
    public static string Match(IEnumerable<string> words) => string.Join(" AND ", words.Select(word => $"\"{word}\""));

    /// <summary>Words for a kind, an area and a department, those that are given.</summary>
    public static IEnumerable<string> Facets(string? kind, string? area, string? department)
    {
        foreach ((char what, string? value) in ((char, string?)[])[('k', kind), ('a', area), ('d', department)])
        {
            if (value is not null)
            {
                // Longer than a pair, so that it is none.
                yield return string.Concat([$"{what}{(char)Beyond}{(char)Beyond}", .. value.EnumerateRunes().Select(sign => Sign(sign).ToString())]);
            }
        }
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
    private static Rune Sign(Rune sign) => sign.IsAscii && !char.IsAsciiLetterOrDigit((char)sign.Value) ? new Rune(Beyond + sign.Value) : sign;
}
