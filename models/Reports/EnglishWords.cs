namespace Streaming.Models.Reports;

/// <summary>Words of ASCII letters and digits, in lower case; an apostrophe or a hyphen within a word belongs to it.</summary>
internal static class EnglishWords
{
    public static List<string> Of(string text)
    {
        List<string> words = [];
        int from = -1;
        for (int i = 0; i <= text.Length; i++)
        {
            bool inWord = i < text.Length && (char.IsAsciiLetterOrDigit(text[i]) || (text[i] is '\'' or '-' && from >= 0 && i + 1 < text.Length && char.IsAsciiLetterOrDigit(text[i + 1])));
            if (inWord && from < 0)
            {
                from = i;
            }
            else if (!inWord && from >= 0)
            {
                words.Add(text[from..i].ToLowerInvariant());
                from = -1;
            }
        }

        return words;
    }
}
