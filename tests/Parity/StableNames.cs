using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Streaming.Grains.Messages;

namespace Streaming.Tests.Parity;

/// <summary>
/// Names for cases that do not depend on their numbers: a dispatcher numbers cases in the order in which warnings reach it, and two subjects' warnings of one step may reach it in either order.
/// <c>harbour-12</c> becomes <c>粤H12345-yellow/over-road-limit#1</c>, the first case about that subject and kind; the work order <c>harbour-12-w3</c> the same with <c>-w3</c> behind it, since a case
/// numbers its work orders itself. Ids are replaced wherever they stand, in texts too.
/// </summary>
internal sealed partial class StableNames
{
    private readonly Dictionary<string, string> names = new(StringComparer.Ordinal);

    public StableNames(IEnumerable<JsonObject> cases)
    {
        foreach (IGrouping<string, CaseRow> same in cases.Select(row => row.Deserialize(GrainsJson.Default.CaseRow)!).GroupBy(row => $"{row.Subject}/{row.Kind}"))
        {
            int number = 0;
            foreach (CaseRow row in same.OrderBy(row => row.Opened).ThenBy(row => NumberOf(row.Id)))
            {
                names.Add(row.Id, $"{same.Key}#{++number}");
            }
        }
    }

    /// <summary>The number that an id ends in.</summary>
    public static int NumberOf(string id) => int.Parse(id.AsSpan(id.AsSpan().LastIndexOfAnyExceptInRange('0', '9') + 1), NumberStyles.None, CultureInfo.InvariantCulture);

    /// <summary>Replaces every id in the strings of a document.</summary>
    public void Replace(JsonNode? node)
    {
        switch (node)
        {
            case JsonObject value:
                foreach ((string name, JsonNode? member) in value.ToList())
                {
                    if (Renamed(member) is { } renamed)
                    {
                        value[name] = renamed;
                    }
                    else
                    {
                        Replace(member);
                    }
                }

                break;
            case JsonArray items:
                for (int i = 0; i < items.Count; i++)
                {
                    if (Renamed(items[i]) is { } renamed)
                    {
                        items[i] = renamed;
                    }
                    else
                    {
                        Replace(items[i]);
                    }
                }

                break;
        }
    }

    private string? Renamed(JsonNode? node)
    {
        if (node is not JsonValue value || !value.TryGetValue(out string? text))
        {
            return null;
        }

        string replaced = CaseId.Replace(text, match => names.GetValueOrDefault(match.Value, match.Value));
        return replaced == text ? null : replaced;
    }

    /// <summary>What may be a case's id; whether it is one, the list of cases says.</summary>
    [GeneratedRegex(@"(?<![\p{L}\p{Nd}-])[a-z]+(-[a-z]+)*-[0-9]+(?![0-9])", RegexOptions.CultureInvariant)]
    private static partial Regex CaseId { get; }
}
