using System.Text.Json;

namespace Streaming.Silo.Api;

/// <summary>A place where two rulebooks say different things.</summary>
/// <param name="Path">As <c>$.routing[overload].lead</c>: items of a list that have an id, a code or a name are known by it.</param>
/// <param name="From">What is said now; null where nothing is.</param>
/// <param name="To">What would be said; null where nothing would be.</param>
internal readonly record struct RulebookChange(string Path, JsonElement? From, JsonElement? To);

/// <summary>Compares two rulebooks in their canonical form, and finds the smallest parts that differ.</summary>
internal static class RulebookDifference
{
    private static readonly string[] Keys = ["id", "code", "name", "kind"];

    /// <summary>The differences, in the order in which they stand; at most so many.</summary>
    public static IReadOnlyList<RulebookChange> Of(JsonElement from, JsonElement to, int most)
    {
        List<RulebookChange> changes = [];
        Compare("$", from, to, changes, most);
        return changes;
    }

    private static void Compare(string path, JsonElement? from, JsonElement? to, List<RulebookChange> changes, int most)
    {
        if (changes.Count >= most)
        {
            return;
        }

        if (from is { ValueKind: JsonValueKind.Object } left && to is { ValueKind: JsonValueKind.Object } right)
        {
            Members(path, Named(left), Named(right), changes, most, name => $"{path}.{name}");
        }
        else if (from is { ValueKind: JsonValueKind.Array } before && to is { ValueKind: JsonValueKind.Array } after)
        {
            string? key = Array.Find(Keys, each => IsKey(before, each) && IsKey(after, each));
            Members(path, Items(before, key), Items(after, key), changes, most, item => $"{path}[{item}]");
        }
        else if (from is null || to is null || !JsonElement.DeepEquals(from.Value, to.Value))
        {
            changes.Add(new RulebookChange(path, from, to));
        }
    }

    /// <summary>In the order of the second, with what only the first has behind it.</summary>
    private static void Members(string path, List<(string Name, JsonElement Value)> from, List<(string Name, JsonElement Value)> to, List<RulebookChange> changes, int most, Func<string, string> place)
    {
        Dictionary<string, JsonElement> before = from.ToDictionary(each => each.Name, each => each.Value, StringComparer.Ordinal);
        foreach ((string name, JsonElement value) in to)
        {
            Compare(place(name), before.Remove(name, out JsonElement known) ? known : null, value, changes, most);
        }

        foreach ((string name, JsonElement value) in from.Where(each => before.ContainsKey(each.Name)))
        {
            Compare(place(name), value, null, changes, most);
        }

        // In a list of rules the first that fits counts, so the same rules in another order are another rulebook.
        string[] kept = [.. to.Select(each => each.Name).Where(name => from.Exists(each => each.Name == name))];
        string[] order = [.. from.Select(each => each.Name).Where(name => to.Exists(each => each.Name == name))];
        if (path != "$" && !kept.SequenceEqual(order, StringComparer.Ordinal) && changes.Count < most)
        {
            changes.Add(new RulebookChange($"{path} (order)", Names(order), Names(kept)));
        }
    }

    private static JsonElement Names(string[] names) => JsonSerializer.SerializeToElement(names, ApiJson.Default.StringArray);

    private static List<(string Name, JsonElement Value)> Named(JsonElement of) => [.. of.EnumerateObject().Select(member => (member.Name, member.Value))];

    private static List<(string Name, JsonElement Value)> Items(JsonElement list, string? key) =>
        [.. list.EnumerateArray().Select((item, index) => (key is null ? index.ToString(System.Globalization.CultureInfo.InvariantCulture) : item.GetProperty(key).GetString()!, item))];

    /// <summary>Whether every item has this text, and each another one.</summary>
    private static bool IsKey(JsonElement list, string key)
    {
        HashSet<string> seen = new(StringComparer.Ordinal);
        return list.EnumerateArray().All(item => item.ValueKind == JsonValueKind.Object && item.TryGetProperty(key, out JsonElement value) && value.ValueKind == JsonValueKind.String && seen.Add(value.GetString()!));
    }
}
