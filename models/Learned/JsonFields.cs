using System.Globalization;
using System.Text.Json;

namespace Streaming.Models.Learned;

/// <summary>Reads members of JSON objects, and collects what is wrong with them as sentences. What is wrong reads as 0, empty or null: a caller looks at <see cref="Problems"/> before it believes anything.</summary>
/// <remarks>A text with bytes that are not UTF-8, or with half of a surrogate pair, passes as JSON and cannot become a string: then reading throws <see cref="InvalidOperationException"/>.</remarks>
/// <param name="most">Problems to collect; the rest is dropped.</param>
internal sealed class JsonFields(int most)
{
    private readonly List<string> problems = [];

    public IReadOnlyList<string> Problems => problems;

    public void Add(string problem)
    {
        if (problems.Count < most)
        {
            problems.Add(problem);
        }
    }

    public bool IsObject(JsonElement element, string path)
    {
        if (element.ValueKind == JsonValueKind.Object)
        {
            return true;
        }

        Add($"{path} must be an object.");
        return false;
    }

    /// <summary>Complains of every member that is not one of these: a word nobody reads is a mistake or of another version.</summary>
    public void Only(JsonElement element, string path, params ReadOnlySpan<string> names)
    {
        foreach (JsonProperty property in element.EnumerateObject())
        {
            bool known = false;
            foreach (string name in names)
            {
                known |= property.NameEquals(name);
            }

            if (!known)
            {
                Add($"{path} has \"{(property.Name.Length <= 40 ? property.Name : property.Name[..40] + "...")}\", which is not known there.");
            }
        }
    }

    public JsonElement? Member(JsonElement element, string path, string name)
    {
        if (element.TryGetProperty(name, out JsonElement value))
        {
            return value;
        }

        Add($"{path}.{name} is missing.");
        return null;
    }

    public string Text(JsonElement element, string path, string name) => Member(element, path, name) is { } value ? Text(value, $"{path}.{name}") : "";

    public long Time(JsonElement element, string path, string name)
    {
        long ms = 0;
        if (Member(element, path, name) is { } value && !JsonTime.TryRead(value, out ms))
        {
            Add($"{path}.{name} must be a time with its offset, as 2026-11-20T08:00:00Z.");
        }

        return ms;
    }

    public int Whole(JsonElement element, string path, string name, int least, int greatest) => Member(element, path, name) is { } value ? Whole(value, $"{path}.{name}", least, greatest) : 0;

    public double Number(JsonElement element, string path, string name, double least, double greatest) =>
        Member(element, path, name) is { } value ? Number(value, $"{path}.{name}", least, greatest) : 0;

    /// <summary>A number that may be null; the member itself has to be there.</summary>
    public double? OptionalNumber(JsonElement element, string path, string name, double least, double greatest) =>
        Member(element, path, name) is not { ValueKind: not JsonValueKind.Null } value ? null : Number(value, $"{path}.{name}", least, greatest);

    public JsonElement[] Items(JsonElement element, string path, string name, int least, int greatest) =>
        Member(element, path, name) is { } value ? Items(value, $"{path}.{name}", least, greatest) : [];

    /// <summary>A parameter of a model: bounded, so that no sum or product of a score can leave the numbers.</summary>
    public double Parameter(JsonElement element, string path, string name) => Number(element, path, name, -ModelLimits.LearnedParameter, ModelLimits.LearnedParameter);

    public double[] Parameters(JsonElement element, string path, string name, int least, int greatest) =>
        Member(element, path, name) is { } value ? Parameters(value, $"{path}.{name}", least, greatest) : [];

    public double[] Parameters(JsonElement array, string path, int least, int greatest) =>
        [.. Items(array, path, least, greatest).Select((item, i) => Number(item, $"{path}[{i}]", -ModelLimits.LearnedParameter, ModelLimits.LearnedParameter))];

    /// <summary>Numbers that fit single precision.</summary>
    public float[] Singles(JsonElement element, string path, string name, int least, int greatest) =>
        [.. Items(element, path, name, least, greatest).Select((item, i) => (float)Number(item, $"{path}.{name}[{i}]", float.MinValue, float.MaxValue))];

    public int[] Wholes(JsonElement element, string path, string name, int greatest) =>
        [.. Items(element, path, name, 0, greatest).Select((item, i) => Whole(item, $"{path}.{name}[{i}]", int.MinValue, int.MaxValue))];

    public string[] Texts(JsonElement element, string path, string name, int greatest) => [.. Items(element, path, name, 1, greatest).Select((item, i) => Text(item, $"{path}.{name}[{i}]"))];

    private string Text(JsonElement value, string path)
    {
        if (value.ValueKind == JsonValueKind.String && value.GetString() is { Length: > 0 and <= ModelLimits.LearnedTextCharacters } text)
        {
            return text;
        }

        Add($"{path} must be a text of 1 to {ModelLimits.LearnedTextCharacters} characters.");
        return "";
    }

    private int Whole(JsonElement value, string path, int least, int greatest)
    {
        if (value.ValueKind == JsonValueKind.Number && value.TryGetInt32(out int whole) && whole >= least && whole <= greatest)
        {
            return whole;
        }

        Add(string.Create(CultureInfo.InvariantCulture, $"{path} must be a whole number from {least} to {greatest}."));
        return 0;
    }

    private double Number(JsonElement value, string path, double least, double greatest)
    {
        // A number too great for its type reads as infinity, which no range holds.
        if (value.ValueKind == JsonValueKind.Number && value.TryGetDouble(out double number) && double.IsFinite(number) && number >= least && number <= greatest)
        {
            return number;
        }

        bool bounded = least > float.MinValue;
        Add(bounded ? string.Create(CultureInfo.InvariantCulture, $"{path} must be a number from {least} to {greatest}.") : $"{path} must be a finite number.");
        return 0;
    }

    private JsonElement[] Items(JsonElement value, string path, int least, int greatest)
    {
        if (value.ValueKind == JsonValueKind.Array && value.GetArrayLength() >= least && value.GetArrayLength() <= greatest)
        {
            return [.. value.EnumerateArray()];
        }

        Add(least == greatest ? $"{path} must be a list of {least}." : $"{path} must be a list of {least} to {greatest}.");
        return [];
    }
}
