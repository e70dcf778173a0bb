using System.Net;
using System.Text.Json;
using Streaming.Grains.Messages;
using Streaming.Grains.Turns;
using Xunit;

namespace Streaming.Tests.Api;

public sealed class RegisterRoutesTests
{
    [Fact]
    public async Task The_schemas_say_which_fields_name_an_entry_and_which_are_about_persons()
    {
        await using ApiBench api = await ApiBench.StartAsync();
        JsonElement vehicles = (await api.GetAsync("/api/registers")).Json.GetProperty("items")[0];

        Assert.Equal("vehicles", vehicles.GetProperty("register").GetString());
        Assert.Equal("plate", vehicles.GetProperty("key")[0].GetString());
        Assert.True(vehicles.GetProperty("fields").EnumerateArray().Single(field => field.GetProperty("name").GetString() == "owner").GetProperty("personal").GetBoolean());
    }

    [Fact]
    public async Task Entries_are_found_by_what_they_refer_to_and_by_their_key()
    {
        await using ApiBench api = await ApiBench.StartAsync();
        Show(api, "waybills", "W1", """{"number":"W1","plate":"粤H1-yellow","substance":"UN1017","driver":"Zhang"}""", "plate=粤H1-yellow", "substance=UN1017", "driver=Zhang", "source=transport");
        Show(api, "waybills", "W2", """{"number":"W2","plate":"粤H1-yellow","substance":"UN1203"}""", "plate=粤H1-yellow", "substance=UN1203", "source=transport");
        Show(api, "vehicles", "粤H1-yellow", """{"plate":"粤H1-yellow"}""", "source=police");

        Assert.Equal(["W2", "W1"], await KeysAsync(api, "/api/registers/waybills?plate=%E7%B2%A4H1-yellow"));
        Assert.Equal(["W1"], await KeysAsync(api, "/api/registers/waybills?plate=%E7%B2%A4H1-yellow&substance=UN1017"));
        Assert.Equal(["粤H1-yellow"], await KeysAsync(api, "/api/registers/vehicles"));
        Assert.Equal("W1", (await api.GetAsync("/api/registers/waybills/W1")).Json.GetProperty("key").GetString());
        Assert.Equal(HttpStatusCode.NotFound, (await api.GetAsync("/api/registers/waybills/W9")).Status);
        Assert.Equal(HttpStatusCode.NotFound, (await api.GetAsync("/api/registers/nothing")).Status);
        Assert.Equal(HttpStatusCode.BadRequest, (await api.GetAsync("/api/registers/waybills?colour=red")).Status);
    }

    [Fact]
    public async Task What_is_about_persons_is_not_there_for_those_who_do_not_supervise()
    {
        await using ApiBench api = await ApiBench.StartAsync();
        string member = await api.TokenAsync("m", "member", "transport");
        string inspector = await api.TokenAsync("i", "inspector");
        Show(api, "waybills", "W1", """{"number":"W1","plate":"粤H1-yellow","driver":"Zhang"}""", "plate=粤H1-yellow", "driver=Zhang", "source=transport");
        Show(api, "drivers", "D1", """{"number":"D1","name":"Zhang"}""", "source=transport");

        string seen = (await api.GetAsync("/api/registers/waybills", member)).Json.GetRawText() + (await api.GetAsync("/api/registers/waybills/W1", member)).Json.GetRawText();
        Assert.Contains("粤H1-yellow", seen, StringComparison.Ordinal);
        Assert.DoesNotContain("Zhang", seen, StringComparison.Ordinal);
        Assert.DoesNotContain("driver", seen, StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.BadRequest, (await api.GetAsync("/api/registers/waybills?driver=Zhang", member)).Status);
        Assert.Equal(HttpStatusCode.Forbidden, (await api.GetAsync("/api/registers/drivers", member)).Status);
        Assert.Equal(HttpStatusCode.Forbidden, (await api.GetAsync("/api/registers/drivers/D1", member)).Status);
        Assert.Contains("Zhang", (await api.GetAsync("/api/registers/waybills?driver=Zhang", inspector)).Json.GetRawText(), StringComparison.Ordinal);
        Assert.Contains("Zhang", (await api.GetAsync("/api/registers/drivers/D1", inspector)).Json.GetRawText(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_district_s_operator_sees_its_own_entries_and_those_of_none()
    {
        await using ApiBench api = await ApiBench.StartAsync();
        string operates = await api.TokenAsync("o", "operator", null, "harbour");
        Show(api, "enterprises", "E1", """{"creditCode":"E1"}""", "district=harbour");
        Show(api, "enterprises", "E2", """{"creditCode":"E2"}""", "district=north");
        Show(api, "enterprises", "E3", """{"creditCode":"E3"}""");

        Assert.Equal(["E3", "E1"], await KeysAsync(api, "/api/registers/enterprises", operates));
        Assert.Equal(["E1"], await KeysAsync(api, "/api/registers/enterprises?district=harbour", operates));
        Assert.Equal(HttpStatusCode.Forbidden, (await api.GetAsync("/api/registers/enterprises?district=north", operates)).Status);
        Assert.Equal(HttpStatusCode.NotFound, (await api.GetAsync("/api/registers/enterprises/E2", operates)).Status);
        Assert.Equal(["E3", "E2", "E1"], await KeysAsync(api, "/api/registers/enterprises"));
    }

    [Fact]
    public async Task Only_administrators_and_the_owning_department_load_a_table()
    {
        await using ApiBench api = await ApiBench.StartAsync();
        Assert.Equal(HttpStatusCode.Created, (await api.PostAsync("/api/devices", """{"id":"police","topics":["v1/records/police"],"kind":"register","district":"harbour","owner":"traffic-police","register":"vehicles"}""")).Status);
        string owner = await api.TokenAsync("p", "member", "traffic-police");
        string other = await api.TokenAsync("t", "member", "transport");
        const string Line = """{"plate":"粤H1-yellow","axles":6}""";

        Assert.Equal(HttpStatusCode.Forbidden, (await api.PostAsync("/api/registers/vehicles/records?source=police", Line, other)).Status);
        Assert.Equal(HttpStatusCode.BadRequest, (await api.PostAsync("/api/registers/permits/records?source=police", Line)).Status);
        Assert.Equal(HttpStatusCode.BadRequest, (await api.PostAsync("/api/registers/vehicles/records?source=nobody", Line)).Status);
        ApiBench.Answer loaded = await api.PostAsync("/api/registers/vehicles/records?source=police", Line, owner);
        Assert.Equal((HttpStatusCode.OK, 1), (loaded.Status, loaded.Json.GetProperty("taken").GetInt32()));
        Assert.StartsWith("v1/records/police/1-", Assert.Single(api.Intake.Arrived).Topic, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_source_with_a_register_that_there_is_not_is_refused()
    {
        await using ApiBench api = await ApiBench.StartAsync();
        ApiBench.Answer answer = await api.PostAsync("/api/devices", """{"id":"x","topics":["v1/records/x"],"kind":"register","district":"harbour","register":"lorries"}""");

        Assert.Equal(HttpStatusCode.BadRequest, answer.Status);
        Assert.Contains("There is no register 'lorries'", answer.Json.GetProperty("detail").GetString(), StringComparison.Ordinal);
    }

    private static void Show(ApiBench api, string register, string key, string values, params string[] refs)
    {
        EntrySpan span = new(null, null, JsonSerializer.Deserialize<ByField<JsonElement>>(values)!, []);
        string? district = refs.FirstOrDefault(each => each.StartsWith("district=", StringComparison.Ordinal))?[9..];
        api.Views.Journal.Show(View.Registers, $"{register}/{key}", new EntryRow(register, key, [span], refs, district, ["transport"], false, DateTimeOffset.UnixEpoch));
        api.Apply();
    }

    private static async Task<string[]> KeysAsync(ApiBench api, string path, string token = ApiBench.Administrator) =>
        [.. (await api.GetAsync(path, token)).Json.GetProperty("items").EnumerateArray().Select(item => item.GetProperty("key").GetString()!)];
}
