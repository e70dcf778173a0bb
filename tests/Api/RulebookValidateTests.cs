using System.Net;
using System.Text.Json;
using System.Text.Json.Nodes;
using Streaming.Ingest.City;
using Xunit;

namespace Streaming.Tests.Api;

/// <summary>A file of the rulebook, tried against what is in force.</summary>
public sealed class RulebookValidateTests : IAsyncLifetime
{
    private ApiBench api = null!;

    public async Task InitializeAsync() => api = await ApiBench.StartAsync();

    public async Task DisposeAsync() => await api.DisposeAsync();

    [Theory]
    [InlineData("districts.json")]
    [InlineData("departments.json")]
    [InlineData("workflows.json")]
    [InlineData("routing.json")]
    [InlineData("calendar.json")]
    [InlineData("limits.json")]
    public async Task A_file_as_it_is_in_force_changes_nothing(string file)
    {
        JsonElement answer = await TryAsync(file, await ShippedAsync(file));
        Assert.True(answer.GetProperty("valid").GetBoolean(), answer.GetRawText());
        Assert.Empty(answer.GetProperty("changes").EnumerateArray());
    }

    [Fact]
    public async Task What_would_change_is_named_by_its_place_and_both_values()
    {
        JsonNode routing = JsonNode.Parse(await ShippedAsync("routing.json"))!;
        JsonArray rules = routing["rules"]!.AsArray();
        string first = rules[0]!["name"]!.GetValue<string>();
        string last = rules[^1]!["name"]!.GetValue<string>();
        string lead = rules[0]!["lead"]!.GetValue<string>();
        string other = Streaming.Determinism.ShippedCity.Rules.Departments.First(department => department.Id != lead).Id;
        rules[0]!["lead"] = other;
        rules.RemoveAt(rules.Count - 1);
        JsonElement answer = await TryAsync("routing.json", routing.ToJsonString());
        Assert.True(answer.GetProperty("valid").GetBoolean(), answer.GetRawText());
        JsonElement[] changes = [.. answer.GetProperty("changes").EnumerateArray()];
        JsonElement changed = Assert.Single(changes, change => change.GetProperty("path").GetString()!.EndsWith($"[{first}].lead", StringComparison.Ordinal));
        Assert.Equal((lead, other), (changed.GetProperty("from").GetString(), changed.GetProperty("to").GetString()));
        JsonElement removed = Assert.Single(changes, change => change.GetProperty("path").GetString()!.EndsWith($"[{last}]", StringComparison.Ordinal));
        Assert.Equal((JsonValueKind.Object, JsonValueKind.Null), (removed.GetProperty("from").ValueKind, removed.GetProperty("to").ValueKind));
        Assert.Equal(2, changes.Length);

        // Nothing of it is in force.
        Assert.Contains(last, (await api.GetAsync("/api/rulebook")).Text, StringComparison.Ordinal);
        Assert.Empty(api.Host.Entries);
    }

    [Fact]
    public async Task Rules_in_another_order_are_a_change()
    {
        JsonNode routing = JsonNode.Parse(await ShippedAsync("routing.json"))!;
        JsonArray rules = routing["rules"]!.AsArray();
        JsonNode first = rules[0]!;
        rules.RemoveAt(0);
        rules.Add(first);
        JsonElement change = Assert.Single((await TryAsync("routing.json", routing.ToJsonString())).GetProperty("changes").EnumerateArray());
        Assert.EndsWith("(order)", change.GetProperty("path").GetString(), StringComparison.Ordinal);
        Assert.Equal(first["name"]!.GetValue<string>(), change.GetProperty("to").EnumerateArray().Last().GetString());
    }

    [Theory]
    [InlineData("routing.json", "{", "JSON")]
    [InlineData("routing.json", "[]", "object")]
    [InlineData("routing.json", """{"rules":[],"extra":1}""", "extra")]
    [InlineData("departments.json", """{"departments":[{"id":"transport","name":{"en":"T","zh":"交"}}]}""", "police")]
    public async Task What_is_wrong_is_named_with_its_place_also_between_the_file_and_the_rest(string file, string text, string says)
    {
        JsonElement answer = await TryAsync(file, text);
        Assert.False(answer.GetProperty("valid").GetBoolean());
        Assert.Contains(says, answer.GetProperty("problems").GetRawText(), StringComparison.Ordinal);
        Assert.All(answer.GetProperty("problems").EnumerateArray(), problem => Assert.StartsWith("$", problem.GetProperty("path").GetString(), StringComparison.Ordinal));
        Assert.Empty(answer.GetProperty("changes").EnumerateArray());
    }

    [Theory]
    [InlineData("""{"file":"stations.json","text":"{}"}""", "file")]
    [InlineData("""{"file":"routing.json"}""", "text")]
    [InlineData("""{"text":"{}"}""", "file")]
    public async Task A_file_that_there_is_not_is_refused(string body, string field)
    {
        ApiBench.Answer answer = await api.PostAsync("/api/rulebook/validate", body);
        Assert.Equal((HttpStatusCode.BadRequest, field), (answer.Status, answer.Field));
    }

    private static Task<string> ShippedAsync(string file) => File.ReadAllTextAsync(Path.Combine(CityFiles.ShippedDirectory, file));

    private async Task<JsonElement> TryAsync(string file, string text)
    {
        ApiBench.Answer answer = await api.PostAsync("/api/rulebook/validate", JsonSerializer.Serialize(new { file, text }));
        Assert.True(answer.Status == HttpStatusCode.OK, answer.Text);
        return answer.Json;
    }
}
