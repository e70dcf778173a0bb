using System.Globalization;
using System.Text;

namespace Streaming.Models.Reports;

/// <summary>
/// What a report's words say, in a form that two of them can be compared in whatever their language: concepts (<see cref="Concept"/>), names and numbers, and the words themselves (pairs of Chinese characters, stems of English
/// words). Every list is sorted by ordinal and without repeats. Nothing of it depends on culture.
/// </summary>
public sealed class ReportText
{
    /// <summary>Kind of a report whose words name none.</summary>
    public const string AnyKind = "report";

    private static readonly string[] RoadEnds = ["大道", "公路", "路", "街", "巷", "道"];

    private static readonly string[] EnglishRoads = ["road", "rd", "street", "st", "avenue", "ave", "lane", "boulevard", "blvd", "lu", "jie", "dadao", "highway"];

    /// <summary>Characters that do not belong to a road's name though they stand before it.</summary>
    private const string Before = "在到于的和与近有位区市镇县号旁口从是往至去我们你这那个条就正向沿经由靠对面边侧上下里外了把被将着过，。、；：！？,.;:!? （）()“”\"'-";

    /// <summary>Words that say nothing of what happened.</summary>
    private static readonly string[] Stopwords =
        ["a", "an", "and", "are", "as", "at", "be", "been", "by", "for", "from", "has", "have", "he", "her", "here", "his", "i", "in", "is", "it", "its", "my", "near", "next", "no", "number", "of", "off", "on", "or", "our", "out", "please", "right", "she", "so", "some", "someone", "that", "the", "their", "there", "they", "this", "to", "us", "was", "we", "were", "which", "with", "you", "very", "just", "now", "outside", "front", "opposite", "by", "somebody", "people"];

    private readonly SortedSet<int> concepts = [];
    private readonly SortedSet<string> stems = new(StringComparer.Ordinal);
    private readonly SortedSet<string> pairs = new(StringComparer.Ordinal);
    private readonly SortedSet<string> plates = new(StringComparer.Ordinal);
    private readonly SortedSet<string> roads = new(StringComparer.Ordinal);
    private readonly SortedSet<int> houses = [];
    private readonly SortedSet<string> numbers = new(StringComparer.Ordinal);

    private ReportText()
    {
    }

    /// <summary>Indices of the concepts in <see cref="ConceptLexicon.All"/>.</summary>
    internal IReadOnlyCollection<int> ConceptIndices => concepts;

    /// <summary>Names of the concepts.</summary>
    public IEnumerable<string> Concepts => concepts.Select(index => ConceptLexicon.All[index].Id);

    /// <summary>Stems of its English words.</summary>
    public IReadOnlyCollection<string> Stems => stems;

    /// <summary>Pairs of neighbouring Chinese characters.</summary>
    public IReadOnlyCollection<string> Pairs => pairs;

    /// <summary>Plates of vehicles, without the province, which who writes English leaves out.</summary>
    public IReadOnlyCollection<string> Plates => plates;

    /// <summary>Roads, in one spelling (<see cref="RoadName"/>).</summary>
    public IReadOnlyCollection<string> Roads => roads;

    /// <summary>House numbers.</summary>
    public IReadOnlyCollection<int> Houses => houses;

    /// <summary>Other numbers of two digits or more.</summary>
    public IReadOnlyCollection<string> Numbers => numbers;

    /// <summary>The kind of event that its words name, the gravest first; <see cref="AnyKind"/> where they name none.</summary>
    public string Kind => concepts.Count > 0 && concepts.Min is var first && ConceptLexicon.All[first].Part == ConceptPart.What ? ConceptLexicon.All[first].Group : AnyKind;

    /// <summary>Every kind that words can name.</summary>
    public static IReadOnlyList<string> Kinds { get; } = [.. ConceptLexicon.All.Where(concept => concept.Part == ConceptPart.What).Select(concept => concept.Group)];

    /// <summary>Reads a report's text, and its address where it gives one apart.</summary>
    public static ReportText Of(string text, string? address = null)
    {
        ReportText read = new();
        read.Take(Plain(text));
        if (!string.IsNullOrEmpty(address))
        {
            read.Take(Plain(address), placeOnly: true);
        }

        return read;
    }

    /// <summary>Forms of ASCII for the whole width of a character, and other quotes, as ASCII; letters in lower case but for plates, which are found before.</summary>
    private static string Plain(string text)
    {
        StringBuilder plain = new(text.Length);
        foreach (char c in text)
        {
            plain.Append(c switch
            {
                >= '\uFF01' and <= '\uFF5E' => (char)(c - 0xFEE0),
                '\u3000' => ' ',
                '\u2018' or '\u2019' => '\'',
                '\u2010' or '\u2011' or '\u2013' => '-',
                _ => c,
            });
        }

        return plain.ToString();
    }

    private void Take(string text, bool placeOnly = false)
    {
        TakePlates(text);
        TakeRoads(text);
        List<string> words = EnglishWords.Of(text);
        TakeAddress(words);
        if (!placeOnly)
        {
            TakeChinese(text.ToLowerInvariant());
            TakeEnglish(words);
        }
    }

    private static bool IsHan(char c) => c is >= '\u4E00' and <= '\u9FFF';

    /// <summary>A letter and five or six letters and digits, three of them digits or more, with or without the province before it (GA 36).</summary>
    private void TakePlates(string text)
    {
        string joined = text.Replace("·", "", StringComparison.Ordinal).Replace("•", "", StringComparison.Ordinal);
        int from = -1;
        for (int i = 0; i <= joined.Length; i++)
        {
            bool inRun = i < joined.Length && char.IsAsciiLetterOrDigit(joined[i]);
            if (inRun && from < 0)
            {
                from = i;
            }
            else if (!inRun && from >= 0)
            {
                string run = joined[from..i].ToUpperInvariant();
                if (run.Length is 6 or 7 && char.IsAsciiLetterUpper(run[0]) && run.Count(char.IsAsciiDigit) >= 3 && run[1..].Any(char.IsAsciiDigit))
                {
                    plates.Add(run);
                }

                from = -1;
            }
        }
    }

    private void TakeRoads(string text)
    {
        for (int i = 0; i < text.Length; i++)
        {
            string? end = Array.Find(RoadEnds, candidate => string.CompareOrdinal(text, i, candidate, 0, candidate.Length) == 0);
            if (end is not null)
            {
                int from = i;
                while (from > 0 && i - from < 4 && IsHan(text[from - 1]) && !Before.Contains(text[from - 1], StringComparison.Ordinal))
                {
                    from--;
                }

                // 人行道, 车道, 通道, 马路, 道路, 一路 and the like are no names.
                string name = text[from..i];
                if (name.Length is >= 2 and <= 4 && !NoName(name, end))
                {
                    roads.Add(RoadName.OfChinese(name));
                }

                i += end.Length - 1;
            }
            else if (text[i] == '号' && !Follows(text, i + 1, "线", "楼", "桥", "口", "机", "车", "院") && (!Follows(text, i + 1, "门") || Follows(text, i + 1, "门口")) && HouseBefore(text, i) is { } house)
            {
                houses.Add(house);
            }
        }
    }

    private static bool NoName(string name, string end) =>
        (end == "道" && (name.EndsWith('行') || name.EndsWith('车') || name.EndsWith('通') || name.EndsWith('盲') || name.EndsWith('便') || name.EndsWith('河') || name.EndsWith('街') || name.EndsWith('管') || name.EndsWith('味') || name.EndsWith('知')))
        || (end is "路" or "街" or "巷" && (name.EndsWith('马') || name.EndsWith('道') || name.EndsWith('一') || name.EndsWith('走') || name.EndsWith('挡') || name.EndsWith('堵') || name.EndsWith('电') || name.EndsWith('铁') || name.EndsWith('线') || name.EndsWith('整') || name.EndsWith('条')));

    private static bool Follows(string text, int at, params ReadOnlySpan<string> words)
    {
        foreach (string word in words)
        {
            if (string.CompareOrdinal(text, at, word, 0, word.Length) == 0)
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>The number that stands before 号, in digits or in Chinese up to 999; null where there is none.</summary>
    private static int? HouseBefore(string text, int end)
    {
        int from = end;
        while (from > 0 && char.IsAsciiDigit(text[from - 1]))
        {
            from--;
        }

        if (from < end)
        {
            return end - from <= 5 ? int.Parse(text.AsSpan(from, end - from), NumberStyles.None, CultureInfo.InvariantCulture) : null;
        }

        while (from > 0 && end - from < 5 && "零一二三四五六七八九十百两".Contains(text[from - 1], StringComparison.Ordinal))
        {
            from--;
        }

        int total = 0;
        int digit = 0;
        for (int i = from; i < end; i++)
        {
            switch (text[i])
            {
                case '百':
                    total += Math.Max(digit, 1) * 100;
                    digit = 0;
                    break;
                case '十':
                    total += Math.Max(digit, 1) * 10;
                    digit = 0;
                    break;
                case '两':
                    digit = 2;
                    break;
                default:
                    digit = "零一二三四五六七八九".IndexOf(text[i], StringComparison.Ordinal);
                    break;
            }
        }

        return from == end ? null : total + digit;
    }

    /// <summary>"12 Renmin North Road", "No. 12 Renmin Rd", "Renmin Bei Lu 12".</summary>
    private void TakeAddress(List<string> words)
    {
        for (int i = 0; i < words.Count; i++)
        {
            if (Array.IndexOf(EnglishRoads, words[i]) >= 0 && i > 0)
            {
                int from = i;
                while (from > 0 && i - from < 3 && words[from - 1].All(c => char.IsAsciiLetterLower(c) || c is '\'' or '-') && Array.IndexOf(Stopwords, words[from - 1]) < 0 && !IsOrdinary(words[from - 1]))
                {
                    from--;
                }

                if (from < i)
                {
                    roads.Add(RoadName.OfEnglish(words[from..i]));
                    House(words, from - 1);
                    House(words, i + 1);
                }
            }
            else if (words[i] is "no" or "number" && i + 1 < words.Count)
            {
                House(words, i + 1);
            }
        }
    }

    private void House(List<string> words, int at)
    {
        if (at >= 0 && at < words.Count && words[at].Length <= 5 && int.TryParse(words[at], NumberStyles.None, CultureInfo.InvariantCulture, out int number))
        {
            houses.Add(number);
        }
    }

    /// <summary>A word of another meaning before "road", as in "the main road".</summary>
    private static bool IsOrdinary(string word) => word is "main" or "side" or "whole" or "across" or "along" or "down" or "into" or "over" or "all" or "middle" or "busy" or "narrow" or "same" or "onto" or "entire" or "up" or "under" or "blocking" or "block" or "around" or "dark" or "wet" or "open" or "back" or "service"
        or "smoke" or "fire" or "stall" or "selling" or "between" or "about" or "toward" or "towards" or "behind" or "beside" or "inside" or "where" or "when" or "can't" or "cannot" or "crossing" or "corner" or "junction" or "gate";

    /// <summary>The longest term at each place counts, and the terms within it do not.</summary>
    private void TakeChinese(string text)
    {
        for (int i = 0; i < text.Length; i++)
        {
            if (IsHan(text[i]) && i + 1 < text.Length && IsHan(text[i + 1]))
            {
                pairs.Add(text.Substring(i, 2));
            }
        }

        int at = 0;
        while (at < text.Length)
        {
            int length = Math.Min(ConceptLexicon.LongestChinese, text.Length - at);
            while (length > 0 && ConceptLexicon.OfChinese(text.Substring(at, length)).Length == 0)
            {
                length--;
            }

            if (length > 0)
            {
                concepts.UnionWith(ConceptLexicon.OfChinese(text.Substring(at, length)));
            }

            at += Math.Max(1, length);
        }
    }

    private void TakeEnglish(List<string> words)
    {
        List<string> all = [.. words.Select(LightStem.Of)];
        for (int i = 0; i < words.Count; i++)
        {
            if (words[i].All(char.IsAsciiDigit))
            {
                if (words[i].Length >= 2)
                {
                    numbers.Add(words[i]);
                }
            }
            else if (Array.IndexOf(Stopwords, words[i]) < 0 && words[i].Length > 1)
            {
                stems.Add(all[i]);
            }
        }

        int at = 0;
        while (at < all.Count)
        {
            int length = Math.Min(ConceptLexicon.LongestEnglish, all.Count - at);
            while (length > 0 && ConceptLexicon.OfEnglish(string.Join(' ', all.GetRange(at, length))).Length == 0)
            {
                length--;
            }

            if (length > 0)
            {
                concepts.UnionWith(ConceptLexicon.OfEnglish(string.Join(' ', all.GetRange(at, length))));
            }

            at += Math.Max(1, length);
        }
    }
}
