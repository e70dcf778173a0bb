using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Streaming.Grains.Turns;
using Streaming.Ingest;
using Streaming.Ingest.Mqtt;
using Streaming.Silo.Views;

namespace Streaming.Tests.Parity;

/// <summary>
/// What a played script left: the lists and the documents of all actors, one line a row, by golden file. Numbers of cases become names, numbers of feed items and journal positions go, and lines stand in an
/// order that does not depend on when a row was first shown; nothing else is changed.
/// </summary>
internal sealed class ParityOutcome
{
    /// <summary>How the feed of a department over the whole city ends.</summary>
    private const string WholeCity = "/*";

    private readonly SortedDictionary<string, List<(string Order, JsonObject Line)>> files = new(StringComparer.Ordinal);

    /// <summary>Lines by file, in order.</summary>
    public SortedDictionary<string, string[]> Files { get; } = new(StringComparer.Ordinal);

    public static Task<ParityOutcome> OfAsync(IParityHost host, ParityPlayer player) => OfAsync(host, player.Actors, player.Answers);

    /// <param name="host">At rest.</param>
    /// <param name="actors">Actors to look at, besides those that the lists name.</param>
    /// <param name="answers">How commands were answered.</param>
    /// <param name="ofEarlierBuild">The rows were shown by an earlier build: what a work order allows is worked out, and this one may allow more.</param>
    public static async Task<ParityOutcome> OfAsync(IParityHost host, IReadOnlyCollection<(ActorKind Kind, string Key)> actors, IReadOnlyList<JsonObject> answers, bool ofEarlierBuild = false)
    {
        ParityOutcome outcome = new();
        List<JsonObject> cases = await RowsAsync(host.Lists, View.Cases);
        StableNames names = new(cases);
        await outcome.AddListsAsync(host.Lists);
        List<string> feeds = await outcome.AddFeedsAsync(host.Lists);
        await outcome.AddWaysBackAsync(host.Lists);
        await outcome.AddCasesAsync(host, cases, ofEarlierBuild);
        await outcome.AddQuarantineAsync(host.Lists);
        await outcome.AddActorsAsync(host, actors, feeds, [.. cases.Select(row => Text(row, "district")).Distinct(StringComparer.Ordinal)]);
        for (int i = 0; i < answers.Count; i++)
        {
            outcome.Add("answers", Padded(i), answers[i]);
        }

        outcome.Finish(names);
        return outcome;
    }

    private async Task AddListsAsync(ViewReader lists)
    {
        foreach (JsonObject warning in await RowsAsync(lists, View.Warnings))
        {
            Add("warnings", $"{Text(warning, "subjectKind")} {Text(warning, "subject")} {Text(warning, "kind")} {Padded(StableNames.NumberOf(Text(warning, "id")))}", warning);
        }

        foreach (JsonObject order in await RowsAsync(lists, View.WorkOrders))
        {
            Add("workorders", $"{Text(order, "subject")} {Text(order, "kind")} {Text(order, "issued")} {Padded(StableNames.NumberOf(Text(order, "id")))}", order);
        }

        foreach (JsonObject entry in await RowsAsync(lists, View.Audit))
        {
            Add("audit", Text(entry, "id"), entry);
        }
    }

    /// <summary>
    /// A feed's items in its own order for each subject and kind. Between two of them the order is a race of the hosts: each case tells its departments by itself, and one reading may open two cases
    /// of one subject (a tank's pressure and its temperature). What the feed over the whole city says as the district's does is not written out again.
    /// </summary>
    private async Task<List<string>> AddFeedsAsync(ViewReader lists)
    {
        List<string> feeds = [];
        HashSet<string> ofDistricts = [];

        // The feeds over the whole city last.
        foreach ((string feed, long last) in lists.LastOfFeeds().Where(feed => ResourceFeeds.ResourceOf(feed.Key) is null).OrderBy(feed => feed.Key.EndsWith(WholeCity, StringComparison.Ordinal)))
        {
            feeds.Add(feed);
            bool wholeCity = feed.EndsWith(WholeCity, StringComparison.Ordinal);
            Dictionary<string, JsonNode> evidence = [];
            long number = 0;
            while (number < last)
            {
                foreach (FeedItem item in await lists.FeedAsync(feed, number, ViewLimits.PageRows, CancellationToken.None))
                {
                    if (item.Number != ++number)
                    {
                        throw new InvalidOperationException($"Feed {feed} goes on with {item.Number} where {number} belongs.");
                    }

                    JsonObject alert = JsonNode.Parse(item.Json.Span)!.AsObject();
                    alert.Remove("number");

                    // Hashes are over ids of cases and positions of the journal, which are the host's.
                    alert.Remove("chain");
                    string order = $"{feed} {Text(alert, "subject")} {Text(alert, "kind")} {Padded(number)}";
                    string text = alert.ToJsonString(GoldenFiles.Json);
                    if (wholeCity && ofDistricts.Contains(text))
                    {
                        alert = new JsonObject { ["type"] = Text(alert, "type"), ["workOrder"] = Text(alert, "workOrder"), ["at"] = Text(alert, "at"), ["asIn"] = $"{Text(alert, "department")}/{Text(alert, "district")}" };
                    }
                    else
                    {
                        ofDistricts.Add(text);
                        Shorten(alert, evidence);
                    }

                    alert.Insert(0, "feed", feed);
                    Add("feeds", order, alert);
                }
            }
        }

        return feeds;
    }

    /// <summary>Ways back of resources, each in its own order for each entry: between entries it is a race, as in departments' feeds.</summary>
    private async Task AddWaysBackAsync(ViewReader lists)
    {
        foreach ((string feed, long last) in lists.LastOfFeeds().Where(feed => ResourceFeeds.ResourceOf(feed.Key) is not null))
        {
            IReadOnlyList<FeedItem> items = await lists.FeedAsync(feed, 0, ViewLimits.PageRows, CancellationToken.None);
            if (!items.Select(item => item.Number).SequenceEqual(Enumerable.Range(1, (int)last).Select(number => (long)number)))
            {
                throw new InvalidOperationException($"Feed {feed} has a hole.");
            }

            foreach (FeedItem item in items)
            {
                JsonObject joined = JsonNode.Parse(item.Json.Span)!.AsObject();
                joined.Remove("number");
                Add("joined", $"{feed} {Text(joined, "register")} {Text(joined, "key")} {Padded(item.Number)}", joined);
            }
        }
    }

    /// <summary>Most lines about a case cite what the line before cites; said once, the file is shorter and nothing is lost.</summary>
    private static void Shorten(JsonObject alert, Dictionary<string, JsonNode> evidence)
    {
        string id = Text(alert, "case");
        JsonNode cited = alert["evidence"]!;
        if (evidence.TryGetValue(id, out JsonNode? before) && JsonNode.DeepEquals(before, cited))
        {
            alert["evidence"] = "as before";
            return;
        }

        evidence[id] = cited.DeepClone();
    }

    /// <summary>The list's row and, apart, the case's whole history: of that, a row has the end.</summary>
    private async Task AddCasesAsync(IParityHost host, List<JsonObject> cases, bool ofEarlierBuild)
    {
        foreach (JsonObject row in cases)
        {
            string id = Text(row, "id");
            string order = $"{Text(row, "subject")} {Text(row, "kind")} {Text(row, "opened")}";
            JsonObject document = JsonNode.Parse(await host.DescribeAsync(ActorKind.Case, id) ?? throw new InvalidOperationException($"Case {id} is in the list and unknown to its actor."))!.AsObject();
            int number = 0;
            foreach (JsonNode? entry in document["history"]!.AsArray())
            {
                JsonObject line = entry!.DeepClone().AsObject();
                line.Insert(0, "case", id);
                Add("histories", $"{order} {Padded(++number)}", line);
            }

            document["history"] = row["history"]!.DeepClone();
            if (ofEarlierBuild)
            {
                // Members that this build added are not in the rows that the earlier one has shown.
                Keep(document, row);
                foreach ((JsonNode? now, JsonNode? then) in document["workOrders"]!.AsArray().Zip(row["workOrders"]!.AsArray()))
                {
                    Keep(now!.AsObject(), then!.AsObject());
                    now["allowed"] = then["allowed"]!.DeepClone();
                }
            }

            if (!JsonNode.DeepEquals(document, row))
            {
                throw new InvalidOperationException($"Case {id} is not in the list as it is:\n{row.ToJsonString(GoldenFiles.Json)}\n{document.ToJsonString(GoldenFiles.Json)}");
            }

            row.Remove("chain");
            Add("cases", order, row);
        }
    }

    private static void Keep(JsonObject now, JsonObject then)
    {
        foreach (string added in now.Select(member => member.Key).Where(name => !then.ContainsKey(name)).ToArray())
        {
            now.Remove(added);
        }
    }

    private async Task AddQuarantineAsync(ViewReader lists)
    {
        long? after = null;
        do
        {
            Page<QuarantineItem> page = await lists.QuarantineAsync(null, null, after, ViewLimits.QuarantinePageRows, CancellationToken.None);
            foreach (QuarantineItem item in page.Items)
            {
                JsonObject line = new()
                {
                    ["source"] = item.Source,
                    ["topic"] = item.Topic,
                    ["time"] = DateTimeOffset.FromUnixTimeMilliseconds(item.TimeMs),
                    ["reason"] = item.Reason.ToString(),
                    ["detail"] = item.Detail,
                    ["payload"] = System.Text.Encoding.UTF8.GetString(item.Payload),
                };
                Add("quarantine", Padded(item.Seq), line);
            }

            after = page.Next;
        }
        while (after is not null);
    }

    private async Task AddActorsAsync(IParityHost host, IEnumerable<(ActorKind Kind, string Key)> published, List<string> feeds, IEnumerable<string> districts)
    {
        foreach ((ActorKind kind, string key) in published.Concat(feeds.Select(feed => (ActorKind.Department, feed))).Concat(districts.Select(district => (ActorKind.Dispatcher, district))))
        {
            string file = kind switch
            {
                ActorKind.Vehicle => "vehicles",
                ActorKind.Enterprise => "enterprises",
                ActorKind.Place => "places",
                ActorKind.Source => "sources",
                ActorKind.Department or ActorKind.Dispatcher => "departments",
                ActorKind.Session or ActorKind.Token or ActorKind.Topics or ActorKind.Audit => "access",
                ActorKind.Entry => "registers",
                ActorKind.Notice => "notices",
                ActorKind.Scene => "scenes",
                ActorKind.Webhook => "webhooks",
                ActorKind.Report => "reports",
                _ => throw new InvalidOperationException($"There is no golden file for {kind} {key}."),
            };
            byte[]? document = await host.DescribeAsync(kind, key);
            JsonObject line = document is null ? new JsonObject { ["absent"] = true } : JsonNode.Parse(document)!.AsObject();
            line.Insert(0, "actor", $"{ActorId.Prefix(kind)}:{key}");
            Add(file, $"{ActorId.Prefix(kind)} {key}", line);
        }
    }

    private void Add(string file, string order, JsonObject line)
    {
        if (!files.TryGetValue(file, out List<(string Order, JsonObject Line)>? lines))
        {
            files.Add(file, lines = []);
        }

        lines.Add((order, line));
    }

    private void Finish(StableNames names)
    {
        foreach ((string file, List<(string Order, JsonObject Line)> lines) in files)
        {
            lines.Sort(static (one, other) => string.CompareOrdinal(one.Order, other.Order));
            Files.Add(file, [.. lines.Select(line =>
            {
                names.Replace(line.Line);
                return line.Line.ToJsonString(GoldenFiles.Json);
            })]);
        }
    }

    private static async Task<List<JsonObject>> RowsAsync(ViewReader lists, View view)
    {
        List<JsonObject> rows = [];
        long? after = null;
        do
        {
            Page<byte[]> page = await lists.ListAsync(new ViewQuery(view) { After = after, Limit = ViewLimits.PageRows }, CancellationToken.None);
            rows.AddRange(page.Items.Select(row => JsonNode.Parse(row)!.AsObject()));
            after = page.Next;
        }
        while (after is not null);
        return rows;
    }

    private static string Text(JsonObject row, string name) => row[name]?.GetValue<string>() ?? throw new InvalidOperationException($"A row has no {name}: {row.ToJsonString(GoldenFiles.Json)}");

    private static string Padded(long number) => number.ToString("D9", CultureInfo.InvariantCulture);
}
