using System.Text;
using Streaming.Grains.Access;
using Streaming.Grains.Rules;

namespace Streaming.Silo.Api;

/// <summary>Checks texts that come in. Each answers what is wrong, or null.</summary>
internal static class Validation
{
    /// <summary>The first field that is wrong; null where none is.</summary>
    public static Refusal? First(params (string Field, string? Wrong)[] checks)
    {
        (string field, string? wrong) = checks.FirstOrDefault(check => check.Wrong is not null);
        return wrong is null ? null : Refusal.Invalid(wrong, field);
    }

    /// <summary>A name that becomes part of topics, feeds and ids: no slash, wildcard, star, blank or control character.</summary>
    public static string? Name(string? text, string what)
    {
        if (string.IsNullOrEmpty(text))
        {
            return $"{what} is missing.";
        }

        if (!IsWellFormed(text) || Encoding.UTF8.GetByteCount(text) > ApiLimits.NameBytes)
        {
            return $"{what} is longer than {ApiLimits.NameBytes} bytes of UTF-8 or not valid text.";
        }

        foreach (char c in text)
        {
            if (c is '/' or '+' or '#' or '*' || char.IsControl(c) || char.IsWhiteSpace(c))
            {
                return $"{what} '{Printable(text)}' may not contain blanks, control characters or any of / + # *.";
            }
        }

        return text[0] == '$' ? $"{what} may not begin with $, which MQTT keeps for itself." : null;
    }

    /// <summary>A district, a street of one (<see cref="DistrictPath"/>), or <c>*</c> for the whole city.</summary>
    public static string? DistrictOrCity(string? text) => text == TokenScope.WholeCity ? null : District(text);

    /// <summary>A district, or a street of one.</summary>
    public static string? District(string? text) =>
        Name(text, "The district") ?? (DistrictPath.IsWellFormed(text!) ? null : $"The district '{text}' is neither a district, as 'harbour', nor a street of one, as 'harbour.pier'.");

    /// <summary>An optional short text.</summary>
    public static string? Text(string? text, string what, int most)
    {
        if (text is null)
        {
            return null;
        }

        return text.Length > most || !IsWellFormed(text) || text.Any(c => char.IsControl(c) && c is not ('\n' or '\r' or '\t'))
            ? $"{what} is longer than {most} characters or contains control characters."
            : null;
    }

    /// <summary>
    /// A topic filter by MQTT 5.0, 4.7.1: <c>+</c> stands alone in its level, <c>#</c> stands alone in the last level, no NUL, not empty.
    /// </summary>
    public static string? TopicFilter(string? filter)
    {
        if (string.IsNullOrEmpty(filter))
        {
            return "A topic filter is empty.";
        }

        if (!IsWellFormed(filter) || Encoding.UTF8.GetByteCount(filter) > ApiLimits.TopicBytes || filter.Any(char.IsControl))
        {
            return $"A topic filter is longer than {ApiLimits.TopicBytes} bytes or contains control characters.";
        }

        string[] levels = filter.Split('/');
        for (int i = 0; i < levels.Length; i++)
        {
            if (levels[i].Contains('#') && (levels[i] != "#" || i != levels.Length - 1))
            {
                return $"In the topic filter '{filter}', # must be the whole last level, as in 'v1/wim/#'.";
            }

            if (levels[i].Contains('+') && levels[i] != "+")
            {
                return $"In the topic filter '{filter}', + must be a whole level, as in 'v1/wim/S07/+'.";
            }
        }

        return null;
    }

    private static string Printable(string text) => new([.. text.Select(c => char.IsControl(c) ? '?' : c)]);

    /// <summary>No half of a surrogate pair, which UTF-8 cannot carry.</summary>
    private static bool IsWellFormed(string text)
    {
        for (int i = 0; i < text.Length; i++)
        {
            if (char.IsHighSurrogate(text[i]) && i + 1 < text.Length && char.IsLowSurrogate(text[i + 1]))
            {
                i++;
            }
            else if (char.IsSurrogate(text[i]))
            {
                return false;
            }
        }

        return true;
    }
}
