using System.Globalization;
using System.Text.Json;

namespace Streaming.Grains.Rules;

/// <summary>
/// Reads one JSON object of a rulebook and notes every problem instead of stopping at the first. Fields that nobody asked for are problems too:
/// a mistyped name would otherwise silently leave a limit at its default. A field <c>note</c> is for people and is allowed in every object.
/// </summary>
internal sealed class RuleReader(string file, string path, JsonElement element, List<RulebookProblem> problems)
{
    public const string NoteField = "note";
    private readonly List<string> known = [NoteField];

    public string File => file;

    public string Path => path;

    public string PathOf(string name) => $"{path}.{name}";

    public bool Has(string name) => element.TryGetProperty(name, out JsonElement value) && value.ValueKind != JsonValueKind.Null;

    public void Problem(string name, string found, string expected, string advice) =>
        problems.Add(new RulebookProblem(file, name.Length == 0 ? path : PathOf(name), found, expected, advice));

    /// <summary>How many problems were noted so far, by any reader of the same file.</summary>
    public int ProblemCount => problems.Count;

    /// <summary>The field's raw value; null where it is absent.</summary>
    public JsonElement? Element(string name) => TryGet(name, out JsonElement value) ? value : null;

    /// <summary>A text of 1 to <see cref="GrainLimits.RuleTextChars"/> characters; empty (with a problem noted) where it is not.</summary>
    public string Text(string name) => OptionalText(name) ?? Missing(name, "a text", "");

    public string? OptionalText(string name)
    {
        if (!TryGet(name, out JsonElement value))
        {
            return null;
        }

        string? text = value.ValueKind == JsonValueKind.String ? value.GetString() : null;
        if (text is null || text.Length is 0 or > GrainLimits.RuleTextChars)
        {
            Problem(name, Describe(value), $"a text of 1 to {GrainLimits.RuleTextChars} characters", "Put it in quotes.");
            return "";
        }

        return text;
    }

    /// <summary>An id: lower-case letters, digits and hyphens, so that it is safe in topics, keys and addresses.</summary>
    public string Id(string name)
    {
        string id = Text(name);
        if (id.Length > 0 && !IsId(id))
        {
            Problem(name, $"\"{id}\"", $"an id of at most {GrainLimits.RuleIdChars} lower-case letters, digits and hyphens that begins with a letter", "Choose another id; the name for people goes into the name field.");
        }

        return id;
    }

    /// <summary>The id of a district, or of a street of one: <c>harbour.pier</c>.</summary>
    public string DistrictId(string name)
    {
        string id = Text(name);
        if (id.Length > 0 && !(DistrictPath.IsWellFormed(id) && Array.TrueForAll(id.Split(DistrictPath.Separator), IsId)))
        {
            Problem(name, $"\"{id}\"", "an id, as \"harbour\", or for a street the district's and its own, as \"harbour.pier\"", "Choose another id; the name for people goes into the name field.");
        }

        return id;
    }

    /// <summary>A whole number within a range.</summary>
    public int Number(string name, int least, int most) => OptionalNumber(name, least, most) ?? Missing(name, $"a whole number from {least} to {most}", least);

    public int? OptionalNumber(string name, int least, int most)
    {
        if (!TryGet(name, out JsonElement value))
        {
            return null;
        }

        if (value.ValueKind == JsonValueKind.Number && value.TryGetInt32(out int number) && number >= least && number <= most)
        {
            return number;
        }

        Problem(name, Describe(value), $"a whole number from {least} to {most}", "Correct the number; it goes without quotes.");
        return least;
    }

    /// <summary>A number within a range, in the unit that the field's name ends in.</summary>
    public double Figure(string name, double least, double most) => OptionalFigure(name, least, most) ?? Missing(name, Range(least, most), least);

    public double? OptionalFigure(string name, double least, double most)
    {
        if (!TryGet(name, out JsonElement value))
        {
            return null;
        }

        if (value.ValueKind == JsonValueKind.Number && value.TryGetDouble(out double figure) && figure >= least && figure <= most)
        {
            return figure;
        }

        Problem(name, Describe(value), Range(least, most), "Correct the number; it goes without quotes, in the unit that the field's name ends in.");
        return least;
    }

    public bool Flag(string name, bool otherwise)
    {
        if (!TryGet(name, out JsonElement value))
        {
            return otherwise;
        }

        if (value.ValueKind is JsonValueKind.True or JsonValueKind.False)
        {
            return value.GetBoolean();
        }

        Problem(name, Describe(value), "true or false", "Write it without quotes.");
        return otherwise;
    }

    /// <summary>One of a few words; the first of them (with a problem noted) where it is not.</summary>
    public string Choice(string name, params string[] words)
    {
        string expected = "one of " + string.Join(", ", words);
        if (!TryGet(name, out JsonElement value))
        {
            return Missing(name, expected, words[0]);
        }

        string? word = value.ValueKind == JsonValueKind.String ? value.GetString() : null;
        if (word is not null && Array.IndexOf(words, word) >= 0)
        {
            return word;
        }

        Problem(name, Describe(value), expected, "Use one of these words.");
        return words[0];
    }

    /// <summary>A day, as <c>2026-02-17</c>.</summary>
    public DateOnly Day(string name)
    {
        string text = Text(name);
        return text.Length == 0 ? default : ParseDay(name, text);
    }

    /// <summary>A moment in UTC.</summary>
    public DateTimeOffset Instant(string name)
    {
        string text = Text(name);
        if (!DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out DateTimeOffset moment) && text.Length > 0)
        {
            Problem(name, $"\"{text}\"", "a moment as 2026-02-17T08:00:00Z", "Write it in UTC.");
        }

        return moment;
    }

    /// <summary>A list of days; empty where the field is absent.</summary>
    public DateOnly[] Days(string name) => [.. Texts(name, required: false).Select((text, i) => ParseDay($"{name}[{i}]", text))];

    /// <summary>A list of texts; empty where an optional field is absent.</summary>
    public string[] Texts(string name, bool required = true)
    {
        List<string> texts = [];
        int i = 0;
        foreach (JsonElement item in Items(name, required, "a list of texts"))
        {
            if (item.ValueKind == JsonValueKind.String && item.GetString() is { Length: > 0 and <= GrainLimits.RuleTextChars } text)
            {
                if (texts.Contains(text))
                {
                    Problem($"{name}[{i}]", $"\"{text}\" again", "each text once", "Remove the repetition.");
                }

                texts.Add(text);
            }
            else
            {
                Problem($"{name}[{i}]", Describe(item), $"a text of 1 to {GrainLimits.RuleTextChars} characters", "Put it in quotes.");
            }

            i++;
        }

        return [.. texts];
    }

    /// <summary>An object; where it is absent or something else, an empty one that has every further problem noted already.</summary>
    public RuleReader Object(string name)
    {
        if (!TryGet(name, out JsonElement value))
        {
            Missing(name, "an object", 0);
            return Silent(name);
        }

        if (value.ValueKind == JsonValueKind.Object)
        {
            return new RuleReader(file, PathOf(name), value, problems);
        }

        Problem(name, Describe(value), "an object", "Write { ... }.");
        return Silent(name);
    }

    public RuleReader? OptionalObject(string name)
    {
        if (Has(name))
        {
            return Object(name);
        }

        Know(name);
        return null;
    }

    /// <summary>A list of objects; those that are something else are noted and left out.</summary>
    public List<RuleReader> Objects(string name, bool required = true)
    {
        List<RuleReader> objects = [];
        int i = 0;
        foreach (JsonElement item in Items(name, required, "a list of objects"))
        {
            if (item.ValueKind == JsonValueKind.Object)
            {
                objects.Add(new RuleReader(file, $"{path}.{name}[{i}]", item, problems));
            }
            else
            {
                Problem($"{name}[{i}]", Describe(item), "an object", "Write { ... }.");
            }

            i++;
        }

        return objects;
    }

    /// <summary>To be called last: what was not asked for is unknown.</summary>
    public void Done()
    {
        foreach (JsonProperty property in element.EnumerateObject())
        {
            if (!known.Contains(property.Name))
            {
                Unknown(property.Name, property.Name, [.. known.Where(name => name != NoteField)]);
            }
        }
    }

    /// <summary>Notes an unknown field, with the field that was probably meant.</summary>
    public void Unknown(string where, string name, string[] fields)
    {
        string? near = fields.Where(field => Distance(field, name) <= 2).MinBy(field => Distance(field, name));
        Problem(
            where,
            "an unknown field",
            "one of " + string.Join(", ", fields),
            near is null ? $"Remove it, or keep a remark for people in a field \"{NoteField}\"." : $"Did you mean \"{near}\"?");
    }

    /// <summary>A value as an error message shows it.</summary>
    public static string Describe(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Object => "an object",
        JsonValueKind.Array => "a list",
        JsonValueKind.Null => "null",
        _ when value.GetRawText() is { Length: > 60 } raw => raw[..57] + "...",
        _ => value.GetRawText(),
    };

    /// <summary>True for lower-case letters, digits and hyphens that begin with a letter.</summary>
    public static bool IsId(string id) =>
        id.Length > 0 && id.Length <= GrainLimits.RuleIdChars && char.IsAsciiLetterLower(id[0]) && id.All(letter => char.IsAsciiLetterLower(letter) || char.IsAsciiDigit(letter) || letter == '-');

    private static string Range(double least, double most) =>
        string.Create(CultureInfo.InvariantCulture, $"a number from {least} to {most}");

    /// <summary>Edit distance, for "did you mean".</summary>
    private static int Distance(string left, string right)
    {
        int[] row = [.. Enumerable.Range(0, right.Length + 1)];
        for (int i = 1; i <= left.Length; i++)
        {
            int diagonal = row[0];
            row[0] = i;
            for (int j = 1; j <= right.Length; j++)
            {
                int above = row[j];
                row[j] = Math.Min(Math.Min(row[j] + 1, row[j - 1] + 1), diagonal + (left[i - 1] == right[j - 1] ? 0 : 1));
                diagonal = above;
            }
        }

        return row[right.Length];
    }

    private DateOnly ParseDay(string name, string text)
    {
        if (DateOnly.TryParseExact(text, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out DateOnly day))
        {
            return day;
        }

        Problem(name, $"\"{text}\"", "a day as 2026-02-17", "Write year, month and day with hyphens.");
        return default;
    }

    private List<JsonElement> Items(string name, bool required, string expected)
    {
        if (!TryGet(name, out JsonElement value))
        {
            if (required)
            {
                Missing(name, expected, 0);
            }

            return [];
        }

        if (value.ValueKind != JsonValueKind.Array)
        {
            Problem(name, Describe(value), expected, "Write [ ... ].");
            return [];
        }

        if (value.GetArrayLength() > GrainLimits.RuleListItems)
        {
            Problem(name, $"{value.GetArrayLength()} items", $"at most {GrainLimits.RuleListItems}", "Shorten the list.");
            return [];
        }

        return [.. value.EnumerateArray()];
    }

    /// <summary>A reader whose problems nobody sees: that the object itself is wrong was said already.</summary>
    private RuleReader Silent(string name) => new(file, PathOf(name), JsonDocument.Parse("{}").RootElement, []);

    private bool TryGet(string name, out JsonElement value)
    {
        Know(name);
        return element.TryGetProperty(name, out value) && value.ValueKind != JsonValueKind.Null;
    }

    private void Know(string name)
    {
        if (!known.Contains(name))
        {
            known.Add(name);
        }
    }

    private T Missing<T>(string name, string expected, T otherwise)
    {
        Problem(name, "nothing", expected, "Add the field.");
        return otherwise;
    }
}
