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

    /// <summary>What follows 路 where it is part of another word: a street lamp, the road's surface, somebody who passes.</summary>
    private static readonly string[] NotAfterRoad = ["灯", "面", "人", "过", "况", "障", "由", "政", "费", "基", "牌"];

    /// <summary>What a report begins with, and no road does.</summary>
    private static readonly string[] Asking = ["投诉", "反映", "举报", "发现", "看见", "麻烦", "请问", "报告", "求助", "咨询", "关于", "住在", "家住", "途经", "经过", "靠近", "路过"];

    /// <summary>Words of Chinese that say how something stands to an address or a landmark, and nothing of what happened.</summary>
    private static readonly string[] Beside = ["附近", "旁边", "对面", "门口", "门前", "楼下", "路边", "路口", "隔壁", "周边", "靠近", "一带", "处", "旁", "边", "前", "内", "外"];

    /// <summary>Characters that carry grammar, courtesy or emphasis: a pair with one of them says nothing of what happened.</summary>
    private const string Empty = "的了在有个是很太这那一不就都也和与我你他她它们吗啊呢吧请您好把被给对从到为以上下里又还再没要来去说着过多大小些么";

    /// <summary>Words that say nothing of what happened.</summary>
    private static readonly string[] Stopwords =
        ["a", "an", "and", "are", "as", "at", "be", "been", "by", "for", "from", "has", "have", "he", "her", "here", "his", "i", "in", "is", "it", "its", "my", "near", "next", "no", "number", "of", "off", "on", "or", "our", "out", "please", "right", "she", "so", "some", "someone", "that", "the", "their", "there", "they", "this", "to", "us", "was", "we", "were", "which", "with", "you", "very", "just", "now", "outside", "front", "opposite", "by", "somebody", "people"];

    private readonly SortedSet<int> concepts = [];
    private readonly SortedSet<int> landmarks = [];
    private readonly SortedSet<string> stems = new(StringComparer.Ordinal);
    private readonly SortedSet<string> pairs = new(StringComparer.Ordinal);
    private readonly SortedSet<string> plates = new(StringComparer.Ordinal);
    private readonly SortedSet<string> roads = new(StringComparer.Ordinal);
    private readonly SortedSet<int> houses = [];
    private readonly SortedSet<string> numbers = new(StringComparer.Ordinal);

    private ReportText()
    {
    }

    /// <summary>Indices of the concepts in <see cref="ConceptLexicon.All"/>, landmarks left out.</summary>
    internal IReadOnlyCollection<int> ConceptIndices => concepts;

    /// <summary>Indices of the landmarks that it is said to be at.</summary>
    internal IReadOnlyCollection<int> Landmarks => landmarks;

    /// <summary>Names of the concepts, landmarks last.</summary>
    public IEnumerable<string> Concepts => concepts.Concat(landmarks).Select(index => ConceptLexicon.All[index].Id);

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

    /// <summary>Kinds of event that its words hint at without naming one, sorted: goods at a stall's, gravel at a spill's. Empty for none.</summary>
    public IReadOnlyList<string> Hints { get; private set; } = [];

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

        read.Hints = [.. read.concepts.Select(index => ConceptLexicon.HintOf(ConceptLexicon.All[index])).OfType<string>().Distinct().Order(StringComparer.Ordinal)];

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

    /// <summary>Where it is said to be is taken off first: it is compared as a place, and two who name one address have not yet said the same of it.</summary>
    private void Take(string text, bool placeOnly = false)
    {
        TakePlates(text);
        bool[] ofPlace = new bool[text.Length];
        TakeRoads(text, ofPlace);
        List<string> words = EnglishWords.Of(text);
        bool[] wordOfPlace = new bool[words.Count];
        TakeAddress(words, wordOfPlace);
        TakeChinese(text.ToLowerInvariant(), ofPlace, placeOnly);
        TakeEnglish(words, wordOfPlace, placeOnly);
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

    private void TakeRoads(string text, bool[] ofPlace)
    {
        for (int i = 0; i < text.Length; i++)
        {
            string? end = Array.Find(RoadEnds, candidate => string.CompareOrdinal(text, i, candidate, 0, candidate.Length) == 0);
            if (end is not null)
            {
                int from = i;
                while (from > 0 && i - from < 6 && IsHan(text[from - 1]) && !Before.Contains(text[from - 1], StringComparison.Ordinal))
                {
                    from--;
                }

                from = Math.Max(AfterAsking(text, from, i), i - 4);

                // 人行道, 车道, 通道, 马路, 道路, 一路 and the like are no names.
                string name = text[from..i];
                if (name.Length is >= 2 and <= 4 && !NoName(name, end) && !Follows(text, i + end.Length, NotAfterRoad))
                {
                    roads.Add(RoadName.OfChinese(name));
                    ofPlace.AsSpan(from, name.Length + end.Length).Fill(true);
                }

                i += end.Length - 1;
            }
            else if (text[i] == '号' && (!Follows(text, i + 1, "线", "楼", "桥", "口", "机", "车", "院") || Follows(text, i + 1, "楼下", "楼上", "楼前", "楼旁")) && (!Follows(text, i + 1, "门") || Follows(text, i + 1, "门口")) && HouseBefore(text, i, out int from) is { } house)
            {
                houses.Add(house);
                ofPlace.AsSpan(from, i + 1 - from).Fill(true);
            }
        }
    }

    /// <summary>Behind what is said before an address, as 投诉人民路.</summary>
    private static int AfterAsking(string text, int from, int end)
    {
        foreach (string word in Asking)
        {
            if (end - from >= word.Length + 2 && string.CompareOrdinal(text, from, word, 0, word.Length) == 0)
            {
                return from + word.Length;
            }
        }

        return from;
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
    private static int? HouseBefore(string text, int end, out int from)
    {
        from = end;
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
    private void TakeAddress(List<string> words, bool[] ofPlace)
    {
        for (int i = 0; i < words.Count; i++)
        {
            if (Array.IndexOf(EnglishRoads, words[i]) >= 0 && i > 0)
            {
                int from = i;
                while (from > 0 && i - from < 3 && words[from - 1].All(c => char.IsAsciiLetterLower(c) || c is '\'' or '-') && Array.IndexOf(Stopwords, words[from - 1]) < 0 && !IsOrdinary(words[from - 1]) && !SaysWhat(words[from - 1]))
                {
                    from--;
                }

                if (from < i)
                {
                    roads.Add(RoadName.OfEnglish(words[from..i]));
                    ofPlace.AsSpan(from, i + 1 - from).Fill(true);
                    House(words, from - 1, ofPlace);
                    House(words, i + 1, ofPlace);
                }
            }
            else if (words[i] is "no" or "number" && i + 1 < words.Count)
            {
                House(words, i + 1, ofPlace);
            }
        }
    }

    /// <summary>A word of the lexicon that is no landmark: a road is named after a park now and then, and after no manhole.</summary>
    private static bool SaysWhat(string word) => Array.Exists(ConceptLexicon.OfEnglish(LightStem.Of(word)), index => ConceptLexicon.All[index].Part != ConceptPart.Landmark);

    private void House(List<string> words, int at, bool[] ofPlace)
    {
        if (at >= 0 && at < words.Count && words[at].Length <= 5 && int.TryParse(words[at], NumberStyles.None, CultureInfo.InvariantCulture, out int number))
        {
            houses.Add(number);
            ofPlace[at] = true;
        }
    }

    /// <summary>A word of another meaning before "road", as in "the main road".</summary>
    private static bool IsOrdinary(string word) => word is "main" or "side" or "whole" or "across" or "along" or "down" or "into" or "over" or "all" or "middle" or "busy" or "narrow" or "same" or "onto" or "entire" or "up" or "under" or "blocking" or "block" or "around" or "dark" or "wet" or "open" or "back" or "service"
        or "smoke" or "fire" or "stall" or "selling" or "between" or "about" or "toward" or "towards" or "behind" or "beside" or "inside" or "where" or "when" or "can't" or "cannot" or "crossing" or "corner" or "junction" or "gate";

    /// <summary>The longest term at each place counts, and the terms within it do not.</summary>
    private void TakeChinese(string text, bool[] ofPlace, bool placeOnly)
    {
        int at = 0;
        while (at < text.Length)
        {
            int length = ofPlace[at] ? 0 : Math.Min(ConceptLexicon.LongestChinese, text.Length - at);
            while (length > 0 && (ofPlace[at + length - 1] || ConceptLexicon.OfChinese(text.Substring(at, length)).Length == 0))
            {
                length--;
            }

            if (length > 0 && Add(ConceptLexicon.OfChinese(text.Substring(at, length)), placeOnly))
            {
                ofPlace.AsSpan(at, length).Fill(true);
            }

            at += Math.Max(1, length);
            if (at < text.Length && ofPlace[at - 1] && !ofPlace[at] && Array.Find(Beside, word => string.CompareOrdinal(text, at, word, 0, word.Length) == 0) is { } beside)
            {
                ofPlace.AsSpan(at, beside.Length).Fill(true);
                at += beside.Length;
            }
        }

        for (int i = 0; i + 1 < text.Length && !placeOnly; i++)
        {
            if (IsTold(i) && IsTold(i + 1))
            {
                pairs.Add(text.Substring(i, 2));
            }
        }

        bool IsTold(int i) => IsHan(text[i]) && !ofPlace[i] && !Empty.Contains(text[i], StringComparison.Ordinal);
    }

    private void TakeEnglish(List<string> words, bool[] ofPlace, bool placeOnly)
    {
        List<string> all = [.. words.Select(LightStem.Of)];
        int at = 0;
        while (at < all.Count)
        {
            int length = ofPlace[at] ? 0 : Math.Min(ConceptLexicon.LongestEnglish, all.Count - at);
            while (length > 0 && (ofPlace[at + length - 1] || ConceptLexicon.OfEnglish(string.Join(' ', all.GetRange(at, length))).Length == 0))
            {
                length--;
            }

            if (length > 0 && Add(ConceptLexicon.OfEnglish(string.Join(' ', all.GetRange(at, length))), placeOnly))
            {
                ofPlace.AsSpan(at, length).Fill(true);
            }

            at += Math.Max(1, length);
        }

        for (int i = 0; i < words.Count && !placeOnly; i++)
        {
            if (ofPlace[i])
            {
                continue;
            }

            if (words[i].All(char.IsAsciiDigit))
            {
                // A house number in Chinese stands among the words here too.
                if (words[i].Length >= 2 && !(words[i].Length <= 5 && houses.Contains(int.Parse(words[i], NumberStyles.None, CultureInfo.InvariantCulture))))
                {
                    numbers.Add(words[i]);
                }
            }
            else if (Array.IndexOf(Stopwords, words[i]) < 0 && words[i].Length > 1)
            {
                stems.Add(all[i]);
            }
        }
    }

    /// <summary>True where the term says where it is and nothing else.</summary>
    private bool Add(int[] found, bool placeOnly)
    {
        bool ofPlace = true;
        foreach (int index in found)
        {
            if (ConceptLexicon.All[index].Part == ConceptPart.Landmark)
            {
                landmarks.Add(index);
            }
            else if (!placeOnly)
            {
                concepts.Add(index);
                ofPlace = false;
            }
        }

        return ofPlace;
    }
}
