namespace Streaming.Ingest.Brokers;

/// <summary>
/// Topics at a broker, with names for the levels that are needed: <c>plant/+/wim/{station}/{lane}</c>. A level is a text, <c>+</c> (any), <c>{name}</c> (any, and it is not empty) or, as the last, <c>#</c> (any number).
/// </summary>
internal sealed class TopicTemplate
{
    private readonly string[] levels;

    private TopicTemplate(string[] levels)
    {
        this.levels = levels;
        Names = [.. levels.Where(IsNamed).Select(NameOf)];
        Filter = string.Join('/', levels.Select(level => IsNamed(level) ? "+" : level));
    }

    /// <summary>The names, in the order of their levels.</summary>
    public IReadOnlyList<string> Names { get; }

    /// <summary>The topic filter (MQTT 5.0 section 4.7) that it subscribes with.</summary>
    public string Filter { get; }

    /// <summary>Null where the text is none, with what is wrong.</summary>
    public static TopicTemplate? Parse(string text, out string problem)
    {
        string[] levels = text.Split('/');
        for (int i = 0; i < levels.Length; i++)
        {
            string level = levels[i];
            bool plain = level.IndexOfAny(['+', '#', '{', '}']) < 0;
            if (!plain && level != "+" && !(level == "#" && i == levels.Length - 1) && !(IsNamed(level) && NameOf(level).All(char.IsAsciiLetterOrDigit)))
            {
                problem = $"level \"{level}\" is neither a text, nor +, nor a name in braces, nor # at the end";
                return null;
            }
        }

        TopicTemplate template = new(levels);
        problem = text.Length == 0 ? "a topic is expected"
            : text.StartsWith('$') ? "it begins with $; a shared subscription is asked for by shareGroup"
            : template.Names.Distinct(StringComparer.Ordinal).Count() < template.Names.Count ? "a name stands there twice"
            : "";
        return problem.Length == 0 ? template : null;
    }

    /// <summary>Whether the topic is one of these, with the levels that have a name, in their order.</summary>
    public bool Matches(string topic, out string[] values)
    {
        values = [];
        string[] given = topic.Split('/');
        bool open = levels[^1] == "#";

        // "a/#" matches "a" as well: # includes the parent level.
        if (open ? given.Length < levels.Length - 1 : given.Length != levels.Length)
        {
            return false;
        }

        List<string> found = new(Names.Count);
        for (int i = 0; i < levels.Length; i++)
        {
            if (levels[i] == "#")
            {
                break;
            }

            if (IsNamed(levels[i]))
            {
                if (given[i].Length == 0)
                {
                    return false;
                }

                found.Add(given[i]);
            }
            else if (levels[i] != "+" && levels[i] != given[i])
            {
                return false;
            }
        }

        values = [.. found];
        return true;
    }

    /// <summary>Puts the levels that have a name into a text with those names in braces.</summary>
    public string Fill(string text, IReadOnlyList<string> values)
    {
        // Names are looked for from the left and what was put in is not looked at again: a device may be called {lane}.
        System.Text.StringBuilder filled = new(text.Length);
        int at = 0;
        while (at < text.Length)
        {
            int open = text.IndexOf('{', at);
            int close = open < 0 ? -1 : text.IndexOf('}', open);
            int name = close < 0 ? -1 : IndexOf(text[(open + 1)..close]);
            if (name < 0)
            {
                filled.Append(text, at, text.Length - at);
                break;
            }

            filled.Append(text, at, open - at).Append(values[name]);
            at = close + 1;
        }

        return filled.ToString();
    }

    /// <summary>What is wrong with a text that is to be filled; null where nothing is.</summary>
    public string? ProblemOf(string text)
    {
        int at = 0;
        while (true)
        {
            int brace = text.AsSpan(at).IndexOfAny('{', '}');
            if (brace < 0)
            {
                return text.Length == 0 ? "it is empty" : null;
            }

            int open = at + brace;
            int close = text.IndexOf('}', open);
            if (text[open] == '}' || close < 0)
            {
                return "its braces do not pair";
            }

            string name = text[(open + 1)..close];
            if (IndexOf(name) < 0)
            {
                return $"{{{name}}} is not a level of \"from\"";
            }

            at = close + 1;
        }
    }

    private static bool IsNamed(string level) => level.Length > 2 && level[0] == '{' && level[^1] == '}';

    private static string NameOf(string level) => level[1..^1];

    private int IndexOf(string name)
    {
        for (int i = 0; i < Names.Count; i++)
        {
            if (Names[i] == name)
            {
                return i;
            }
        }

        return -1;
    }
}
