namespace Streaming.Models.Reports;

/// <summary>
/// The stem of an English word, lightly: plural, past and -ing go, so that "stalls", "stalled" and "stalling" are one. It need not be a word. Rules in the manner of the S-stemmer (Harman 1991) with -ed and -ing; ASCII letters
/// only, so that it depends on no culture.
/// </summary>
internal static class LightStem
{
    /// <summary>The stem of a word in lower case.</summary>
    public static string Of(string word)
    {
        if (word is "parked" or "parking")
        {
            // What is parked is in no park.
            return "parking";
        }

        string stem = word;
        if (stem.Length > 4 && stem.EndsWith("ies", StringComparison.Ordinal))
        {
            stem = stem[..^3] + "y";
        }
        else if (stem.Length > 4 && (stem.EndsWith("sses", StringComparison.Ordinal) || stem.EndsWith("xes", StringComparison.Ordinal) || stem.EndsWith("ches", StringComparison.Ordinal) || stem.EndsWith("shes", StringComparison.Ordinal)))
        {
            stem = stem[..^2];
        }
        else if (stem.Length > 3 && stem[^1] == 's' && stem[^2] is not ('s' or 'u' or 'i'))
        {
            stem = stem[..^1];
        }

        if (stem.Length > 5 && stem.EndsWith("ing", StringComparison.Ordinal))
        {
            stem = Undouble(stem[..^3]);
        }
        else if (stem.Length > 4 && stem.EndsWith("ed", StringComparison.Ordinal) && stem[^3] != 'e')
        {
            stem = Undouble(stem[..^2]);
        }

        return stem.Length > 3 && stem[^1] == 'e' ? stem[..^1] : stem;
    }

    /// <summary>"dripp" of "dripping" is "drip"; "spill" of "spilling" stays.</summary>
    private static string Undouble(string stem) =>
        stem.Length > 3 && stem[^1] == stem[^2] && stem[^1] is not ('l' or 's' or 'z' or 'e' or 'o') ? stem[..^1] : stem;
}
