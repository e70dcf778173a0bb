using System.Net;
using System.Text.Json;
using Streaming.Grains.Messages;
using Streaming.Grains.Turns;
using Streaming.Tests.Views;
using Xunit;

namespace Streaming.Tests.Api;

/// <summary>What is taken of a report, who sees it, and who may split and merge.</summary>
public sealed class ReportRoutesTests : IAsyncLifetime
{
    private const string Stall = """{"text":"有人摆摊卖水果","channel":"hotline","district":"harbour","place":{"address":"人民路12号"},"reporter":{"name":"Zhang","contact":"13800000000"}}""";
    private ApiBench api = null!;

    public async Task InitializeAsync()
    {
        api = await ApiBench.StartAsync();
        api.Host.Applied = api.Apply;
        Show(Rows.Case());
    }

    public async Task DisposeAsync() => await api.DisposeAsync();

    [Fact]
    public async Task A_report_is_taken_with_its_kind_guessed_and_answered_with_its_case()
    {
        ApiBench.Answer answer = await api.PostAsync("/api/reports", Stall);
        Assert.Equal(HttpStatusCode.Created, answer.Status);
        Assert.Equal(("harbour-1", "street-stall"), (answer.Json.GetProperty("case").GetString(), answer.Json.GetProperty("kind").GetString()));
        ReportFiled filed = Filed();
        Assert.Equal((true, "Zhang", "admin", "harbour"), (filed.KindGuessed, filed.Reporter!.Name, filed.By, filed.Facts.District));
        Assert.Equal(("change", "report", filed.Facts.Id), (api.Host.Audits[0].Entry.Act, api.Host.Audits[0].Entry.SubjectKind, api.Host.Audits[0].Entry.Subject));
    }

    [Theory]
    [InlineData("""{"channel":"hotline","district":"harbour","place":{"address":"x"}}""", "text")]
    [InlineData("""{"text":" ","channel":"hotline","district":"harbour","place":{"address":"x"}}""", "text")]
    [InlineData("""{"text":"x","district":"harbour","place":{"address":"x"}}""", "channel")]
    [InlineData("""{"text":"x","channel":"a/b","district":"harbour","place":{"address":"x"}}""", "channel")]
    [InlineData("""{"text":"x","channel":"hotline","district":"harbour"}""", "place")]
    [InlineData("""{"text":"x","channel":"hotline","district":"harbour","place":{}}""", "place")]
    [InlineData("""{"text":"x","channel":"hotline","district":"harbour","place":{"latitude":23}}""", "place.latitude")]
    [InlineData("""{"text":"x","channel":"hotline","district":"harbour","place":{"latitude":230,"longitude":113}}""", "place.latitude")]
    [InlineData("""{"text":"x","channel":"hotline","district":"harbour","place":{"address":"x"},"kind":"Street Stall"}""", "kind")]
    [InlineData("""{"text":"x","channel":"hotline","district":"nowhere","place":{"address":"x"}}""", "district")]
    [InlineData("""{"text":"x","channel":"hotline","place":{"address":"x"}}""", "district")]
    [InlineData("""{"text":"x","channel":"hotline","district":"harbour","place":{"address":"x"},"at":"2090-01-01T00:00:00Z"}""", "at")]
    [InlineData("""{"text":"x","channel":"hotline","district":"harbour","place":{"address":"x"},"reference":""}""", "reference")]
    [InlineData("""{"text":"x","channel":"hotline","district":"harbour","place":{"address":"x"},"pictures":["AAAA"]}""", "pictures[0]")]
    [InlineData("""{"text":"x","channel":"hotline","district":"harbour","place":{"address":"x"},"colour":"red"}""", "colour")]
    public async Task What_is_wrong_is_named_by_its_field_and_nothing_is_journaled(string body, string field)
    {
        ApiBench.Answer answer = await api.PostAsync("/api/reports", body);
        Assert.Equal((HttpStatusCode.BadRequest, field), (answer.Status, answer.Json.GetProperty("field").GetString()));
        Assert.Empty(api.Host.Commands);
    }

    [Fact]
    public async Task A_reference_or_a_key_names_the_same_report_again()
    {
        string withReference = Stall.Replace("\"text\"", "\"reference\":\"H-2026-1\",\"text\"", StringComparison.Ordinal);
        await api.PostAsync("/api/reports", withReference);
        string first = Filed().Facts.Id;
        await api.PostAsync("/api/reports", withReference);
        Assert.Equal(first, Filed().Facts.Id);
        Assert.Equal(2, api.Host.Commands.Count);
        Assert.Single(api.Host.Commands.Select(command => JsonSerializer.Deserialize(command.Body, GrainsJson.Default.ReportFiled)!.Digest).Distinct());
        await api.PostAsync("/api/reports", withReference.Replace("hotline", "grid", StringComparison.Ordinal));
        Assert.NotEqual(first, Filed().Facts.Id);
        await api.PostAsync("/api/reports", Stall);
        await api.PostAsync("/api/reports", Stall);
        Assert.Equal(4, api.Host.Commands.Select(command => command.Key).Distinct().Count());
    }

    [Fact]
    public async Task The_district_is_that_of_the_nearest_device_or_of_the_token()
    {
        await api.PostAsync("/api/devices", """{"id":"C1","password":"p","topics":["v1/video/C1"],"kind":"video","district":"north","latitude":23.1,"longitude":113.3}""");
        api.Host.Commands.Clear();
        await api.PostAsync("/api/reports", """{"text":"着火了","channel":"app","place":{"latitude":23.101,"longitude":113.3}}""");
        Assert.Equal("north", Filed().Facts.District);
        string member = await api.TokenAsync("grid-1", "member", "streets", "harbour");
        await api.PostAsync("/api/reports", """{"text":"着火了","channel":"app","place":{"address":"人民路"}}""", member);
        Assert.Equal("harbour", Filed().Facts.District);
        Assert.Equal(HttpStatusCode.Forbidden, (await api.PostAsync("/api/reports", """{"text":"着火了","channel":"app","district":"north","place":{"address":"人民路"}}""", member)).Status);
        string reader = await api.TokenAsync("reader", "operator", null, "*");
        Assert.Equal(HttpStatusCode.Forbidden, (await api.PostAsync("/api/reports", Stall, reader)).Status);
    }

    [Fact]
    public async Task Pictures_are_kept_by_their_hash_before_the_report_is_journaled()
    {
        byte[] picture = [0xFF, 0xD8, 0xFF, 1, 2, 3];
        string sha256 = Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(picture));
        await api.PostAsync("/api/reports", Stall.Replace("\"text\"", $"\"pictures\":[\"{Convert.ToBase64String(picture)}\"],\"text\"", StringComparison.Ordinal));
        Assert.Equal(new ReportPicture(sha256, "image/jpeg"), Assert.Single(Filed().Facts.Pictures));
        using (Stream kept = api.Pictures.Open(sha256)!)
        {
            Assert.Equal(picture.Length, kept.Length);
        }

        Put(Rows.Report("r-9", picture: sha256));
        Assert.Equal(HttpStatusCode.OK, (await api.GetAsync("/api/reports/r-9/pictures/1")).Status);
        Assert.Equal(HttpStatusCode.NotFound, (await api.GetAsync("/api/reports/r-9/pictures/2")).Status);
    }

    [Fact]
    public async Task Who_reported_it_is_shown_to_those_who_work_on_the_case_alone()
    {
        Put(Rows.Report());
        string member = await api.TokenAsync("desk", "member", "transport", "harbour");
        string stranger = await api.TokenAsync("other", "member", "ecology", "harbour");
        string inspector = await api.TokenAsync("inspector", "inspector", null, "*");
        string filer = await api.TokenAsync("hotline-1", "member", "streets", "harbour");
        Assert.Contains("Zhang", (await api.GetAsync("/api/reports/r-1", member)).Text, StringComparison.Ordinal);
        Assert.Contains("Zhang", (await api.GetAsync("/api/reports/r-1", filer)).Text, StringComparison.Ordinal);
        ApiBench.Answer inspected = await api.GetAsync("/api/reports/r-1", inspector);
        Assert.Equal((HttpStatusCode.OK, false), (inspected.Status, inspected.Text.Contains("Zhang", StringComparison.Ordinal)));
        Assert.Equal(HttpStatusCode.NotFound, (await api.GetAsync("/api/reports/r-1", stranger)).Status);
        Assert.DoesNotContain("Zhang", (await api.GetAsync("/api/reports", member)).Text, StringComparison.Ordinal);
        Assert.Single((await api.GetAsync("/api/reports?case=harbour-1&kind=street-stall&channel=hotline&state=open", member)).Json.GetProperty("items").EnumerateArray());
        Assert.Empty((await api.GetAsync("/api/reports", stranger)).Json.GetProperty("items").EnumerateArray());
        Assert.Empty((await api.GetAsync("/api/reports?channel=grid", member)).Json.GetProperty("items").EnumerateArray());
    }

    [Fact]
    public async Task Splitting_and_merging_take_reason_rights_and_an_open_case()
    {
        Show(Rows.Case("harbour-2", lead: "ecology", departments: ["ecology", "transport"]));
        Show(Rows.Case("harbour-3", state: "closed"));
        string member = await api.TokenAsync("desk", "member", "transport", "harbour");
        Assert.Equal("reports", (await api.PostAsync("/api/cases/harbour-1/split", """{"reason":"x"}""", member)).Json.GetProperty("field").GetString());
        Assert.Equal("reason", (await api.PostAsync("/api/cases/harbour-1/split", """{"reports":["r-1"]}""", member)).Json.GetProperty("field").GetString());
        Assert.Equal("into", (await api.PostAsync("/api/cases/harbour-1/merge", """{"reason":"x"}""", member)).Json.GetProperty("field").GetString());
        Assert.Equal(HttpStatusCode.Forbidden, (await api.PostAsync("/api/cases/harbour-1/merge", """{"into":"harbour-2","reason":"x"}""", member)).Status);
        Assert.Equal(HttpStatusCode.Conflict, (await api.PostAsync("/api/cases/harbour-1/merge", """{"into":"harbour-3","reason":"x"}""", member)).Status);
        Assert.Equal(HttpStatusCode.NotFound, (await api.PostAsync("/api/cases/harbour-1/merge", """{"into":"harbour-9","reason":"x"}""", member)).Status);
        Assert.DoesNotContain(api.Host.Commands, command => command.Message is MessageKind.SplitCase or MessageKind.MergeCase);
        Put(Rows.Report(caseId: "harbour-7"));
        ApiBench.Answer split = await api.PostAsync("/api/cases/harbour-1/split", """{"reports":["r-1"],"reason":"two stalls"}""", member);
        Assert.Equal((HttpStatusCode.Created, "harbour-7"), (split.Status, split.Json.GetProperty("case").GetString()));
        CaseSplit command = JsonSerializer.Deserialize(api.Host.Commands[^1].Body, GrainsJson.Default.CaseSplit)!;
        Assert.Equal(("two stalls", "desk", "transport", false), (command.Reason, command.By, command.Department, command.Decides));
        Assert.Equal(HttpStatusCode.OK, (await api.PostAsync("/api/cases/harbour-1/merge", """{"into":"harbour-2","reason":"one street"}""")).Status);
        Assert.True(JsonSerializer.Deserialize(api.Host.Commands[^1].Body, GrainsJson.Default.CaseMerge)!.Decides);
    }

    [Fact]
    public async Task A_call_back_names_its_report()
    {
        await api.PostAsync("/api/cases/harbour-1/call-back", """{"outcome":"satisfied","report":"r-1"}""");
        Assert.Equal("r-1", JsonSerializer.Deserialize(api.Host.Commands[^1].Body, GrainsJson.Default.CaseAction)!.Report);
    }

    private void Show(CaseRow row)
    {
        api.Views.Journal.Show(View.Cases, row.Id, row);
        api.Host.Described[$"case:{row.Id}"] = System.Text.Encoding.UTF8.GetString(JsonSerializer.SerializeToUtf8Bytes(row, GrainsJson.Default.CaseRow));
        api.Apply();
    }

    private void Put(ReportRow row)
    {
        api.Views.Journal.Show(View.Reports, row.Id, row);
        api.Apply();
    }

    private ReportFiled Filed() => JsonSerializer.Deserialize(api.Host.Commands.Last(command => command.Message == MessageKind.FileReport).Body, GrainsJson.Default.ReportFiled)!;
}
