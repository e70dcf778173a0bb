using System.Net;
using System.Net.Http.Headers;
using System.Text;
using Streaming.Grains;
using Streaming.Grains.Messages;
using Streaming.Grains.Turns;
using Streaming.Silo.Access;
using Streaming.Silo.Notices;
using Streaming.Tests.Views;
using Xunit;

namespace Streaming.Tests.Api;

/// <summary>The page that a notice's link leads to, and what departments see of notices.</summary>
public sealed class NoticePageTests : IAsyncLifetime
{
    private const string Id = "harbour-1-n1";
    private ApiBench api = null!;
    private string path = "";

    private NoticeRow Open => Rows.Notice(open: true, link: api.Links.HashOf(Id, Rows.At));

    public async Task InitializeAsync()
    {
        api = await ApiBench.StartAsync();
        api.Views.Journal.Show(View.Cases, "harbour-1", Rows.Case());
        api.Views.Journal.Show(View.Notices, Id, Open);
        api.Apply();
        path = api.Links.Of(Id, Rows.At);
    }

    public async Task DisposeAsync() => await api.DisposeAsync();

    [Fact]
    public async Task The_page_needs_no_token_shows_the_evidence_and_loads_nothing()
    {
        using HttpResponseMessage answer = await api.Client.GetAsync(path);
        string html = await answer.Content.ReadAsStringAsync();
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        Assert.All(["粤H12345-yellow", "60,000", "49,000 kg", "Art. 3", "请卸载。", "over-road-limit", "S07"], text => Assert.Contains(WebUtility.HtmlEncode(text), html, StringComparison.Ordinal));
        Assert.Equal(("no-store", "nosniff", "DENY"), (answer.Headers.CacheControl!.ToString(), answer.Headers.GetValues("X-Content-Type-Options").Single(), answer.Headers.GetValues("X-Frame-Options").Single()));
        Assert.Equal("no-referrer", answer.Headers.GetValues("Referrer-Policy").Single());
        string policy = answer.Headers.GetValues("Content-Security-Policy").Single();
        Assert.StartsWith("default-src 'none'; style-src 'sha256-", policy, StringComparison.Ordinal);
        string style = html[(html.IndexOf("<style>", StringComparison.Ordinal) + 7)..html.IndexOf("</style>", StringComparison.Ordinal)];
        Assert.Contains($"'sha256-{Convert.ToBase64String(System.Security.Cryptography.SHA256.HashData(Encoding.UTF8.GetBytes(style)))}'", policy, StringComparison.Ordinal);
        Assert.False(answer.Headers.Contains("Set-Cookie"));
        Assert.DoesNotContain("<script", html, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain("src=", html, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain("style=", html, StringComparison.OrdinalIgnoreCase);
        Assert.Contains(api.Host.Commands, command => command is { Kind: ActorKind.Notice, Key: Id, Message: MessageKind.OpenNotice });
    }

    [Fact]
    public async Task What_records_and_people_say_is_text_and_nothing_else()
    {
        const string evil = "<img src=x onerror=alert(1)>\"'&";
        api.Views.Journal.Show(View.Notices, Id, Open with { Subject = evil, Text = new Explanation(evil, evil), Warning = Rows.Warning() with { Explanation = new Explanation(evil, evil) } });
        api.Apply();
        string html = await api.Client.GetStringAsync(path);
        Assert.DoesNotContain("<img", html, StringComparison.Ordinal);
        Assert.Contains(WebUtility.HtmlEncode(evil), html, StringComparison.Ordinal);
        using HttpResponseMessage thanks = await AnswerAsync(evil, null);
        Assert.DoesNotContain("<img", await thanks.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_answer_has_its_picture_on_the_disk_before_it_is_journaled_and_is_told_who_has_it()
    {
        byte[] picture = Jpeg(1000);
        string sha256 = Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(picture));
        using HttpResponseMessage answer = await AnswerAsync("已卸载\r\n两吨", picture);
        string html = await answer.Content.ReadAsStringAsync();
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        Assert.Contains(sha256, html, StringComparison.Ordinal);
        Assert.Contains(WebUtility.HtmlEncode(api.Host.Rules.DepartmentName("transport").Zh), html, StringComparison.Ordinal);
        string body = api.Host.Commands.Last(command => command.Message == MessageKind.AnswerNotice).Body;
        Assert.Contains($"\"pictureSha256\":\"{sha256}\"", body, StringComparison.Ordinal);
        Assert.Contains("已卸载\\n两吨", body, StringComparison.Ordinal);
        using Stream kept = api.Pictures.Open(sha256)!;
        Assert.Equal(picture.Length, kept.Length);
    }

    [Fact]
    public async Task Pictures_are_bounded_and_only_what_their_bytes_say()
    {
        await RefusedAsync("2", Encoding.UTF8.GetBytes("<svg xmlns='x' onload='alert(1)'/>"), "JPEG 或 PNG");
        await RefusedAsync("2", Jpeg(NoticeLimits.PictureBytes + 1), "5 MiB");
        await RefusedAsync(new string('x', GrainLimits.NoteChars + 1), null, "1000");
        using (MultipartFormDataContent two = Form("x", Jpeg(10)))
        {
            two.Add(new ByteArrayContent(Jpeg(11)), "picture", "b.jpg");
            using HttpResponseMessage answer = await api.Client.PostAsync(path, two);
            Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
        }

        using (HttpResponseMessage answer = await api.Client.PostAsync(path, new StringContent("{}", Encoding.UTF8, "application/json")))
        {
            Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
        }

        using (HttpResponseMessage answer = await PostQuietlyAsync(new ByteArrayContent(new byte[(int)NoticeLimits.AnswerBytes + 1000])))
        {
            Assert.True((int)answer.StatusCode is 400 or 413, $"{answer.StatusCode}");
        }

        Assert.DoesNotContain(api.Host.Commands, command => command.Message == MessageKind.AnswerNotice);
        using HttpResponseMessage whole = await AnswerAsync(null, Jpeg(NoticeLimits.PictureBytes));
        Assert.Equal(HttpStatusCode.OK, whole.StatusCode);
    }

    [Fact]
    public async Task A_link_that_is_over_is_answered_like_one_that_never_was()
    {
        string never = "/notice/" + Secrets.Generate();
        (HttpStatusCode Status, string Html, string Headers) unknown = await OverAsync(never);
        foreach (NoticeRow over in (NoticeRow[])[Open with { Open = false, State = "answered" }, Open with { Until = Rows.At.AddDays(-1) }])
        {
            // Whoever comes often is told to wait, with any link; that is another test's.
            ((ManualTime)api.Views.Time).Advance(TimeSpan.FromMilliseconds(AccessLimits.FailuresForgottenMs + 1));
            api.Views.Journal.Show(View.Notices, Id, over);
            api.Apply();
            Assert.Equal(unknown, await OverAsync(path));
            using HttpResponseMessage answer = await AnswerAsync("late", Jpeg(10));
            Assert.Equal((unknown.Status, unknown.Html), (answer.StatusCode, await answer.Content.ReadAsStringAsync()));
        }

        Assert.Equal(unknown, await OverAsync("/notice/short"));
        Assert.DoesNotContain(api.Host.Commands, command => command.Kind == ActorKind.Notice);
    }

    [Fact]
    public async Task Guesses_are_slowed_down_and_who_has_a_link_is_let_in_all_the_same()
    {
        HttpStatusCode last = HttpStatusCode.OK;
        for (int i = 0; i <= AccessLimits.FailuresOfUser; i++)
        {
            last = (await OverAsync("/notice/" + Secrets.Generate())).Status;
        }

        Assert.Equal(HttpStatusCode.TooManyRequests, last);
        using HttpResponseMessage right = await api.Client.GetAsync(path);
        Assert.Equal(HttpStatusCode.OK, right.StatusCode);
    }

    [Theory]
    [InlineData("/notice")]
    [InlineData("/notice/")]
    [InlineData("/notice/x/api/cases")]
    [InlineData("/notice/%2e%2e/api/cases")]
    [InlineData("/notice/x/../../api/cases")]
    [InlineData("/noticesx/abc.txt")]
    public async Task Nothing_else_is_behind_the_pages_address(string address)
    {
        using HttpRequestMessage request = new(HttpMethod.Get, new Uri(api.Client.BaseAddress + address[1..], new UriCreationOptions { DangerousDisablePathAndQueryCanonicalization = true }));
        using HttpResponseMessage answer = await api.Client.SendAsync(request);
        Assert.Equal(HttpStatusCode.Unauthorized, answer.StatusCode);
    }

    [Fact]
    public async Task The_link_is_for_those_who_may_act_and_hash_and_errands_for_nobody()
    {
        api.Views.Journal.Show(View.Cases, "harbour-1", Rows.Case(departments: ["transport", "streets"]));
        api.Views.Journal.Show(View.Notices, Id, Open with { Errands = [new NoticeErrand("webhook:sms", 5)] });
        api.Apply();
        string transport = await api.TokenAsync("a", "member", "transport");
        string streets = await api.TokenAsync("b", "member", "streets");
        string inspector = await api.TokenAsync("c", "inspector");
        string north = await api.TokenAsync("d", "member", "transport", "north");
        Assert.Equal(path, (await api.GetAsync($"/api/notices/{Id}", transport)).Json.GetProperty("link").GetString());
        foreach (string other in (string[])[streets, inspector])
        {
            ApiBench.Answer answer = await api.GetAsync($"/api/notices/{Id}", other);
            Assert.Equal((HttpStatusCode.OK, false), (answer.Status, answer.Json.TryGetProperty("link", out _)));
        }

        Assert.Equal(HttpStatusCode.NotFound, (await api.GetAsync($"/api/notices/{Id}", north)).Status);
        foreach (string address in (string[])[$"/api/notices/{Id}", "/api/notices?case=harbour-1&state=issued&subject=粤H12345-yellow&open=true"])
        {
            string text = (await api.GetAsync(address, transport)).Text;
            Assert.Contains(Id, text, StringComparison.Ordinal);
            Assert.DoesNotContain("linkSha256", text, StringComparison.Ordinal);
            Assert.DoesNotContain("errands", text, StringComparison.Ordinal);
        }

        Assert.Equal(HttpStatusCode.BadRequest, (await api.GetAsync("/api/notices?sate=issued")).Status);
        api.Views.Journal.Show(View.Notices, Id, Open with { Open = false });
        api.Apply();
        Assert.False((await api.GetAsync($"/api/notices/{Id}", transport)).Json.TryGetProperty("link", out _));
    }

    private static byte[] Jpeg(int bytes)
    {
        byte[] picture = new byte[bytes];
        ((byte[])[0xFF, 0xD8, 0xFF, 0xE0]).CopyTo(picture, 0);
        return picture;
    }

    private static MultipartFormDataContent Form(string? note, byte[]? picture)
    {
        MultipartFormDataContent form = new() { { new StringContent(note ?? ""), "note" } };

        // A browser sends an empty file where none was chosen. What a file is called, and calls itself, is not to be believed.
        ByteArrayContent file = new(picture ?? []);
        file.Headers.ContentType = new MediaTypeHeaderValue("text/html");
        file.Headers.TryAddWithoutValidation("Content-Disposition", $"form-data; name=\"picture\"; filename=\"{(picture is null ? "" : "../../a.html")}\"");
        form.Add(file);
        return form;
    }

    private async Task<HttpResponseMessage> AnswerAsync(string? note, byte[]? picture)
    {
        using MultipartFormDataContent form = Form(note, picture);
        return await api.Client.PostAsync(path, form);
    }

    private async Task<HttpResponseMessage> PostQuietlyAsync(HttpContent content)
    {
        content.Headers.ContentType = MediaTypeHeaderValue.Parse("multipart/form-data; boundary=x");
        try
        {
            return await api.Client.PostAsync(path, content);
        }
        catch (HttpRequestException)
        {
            // The server may close the connection before all of it was sent.
            return new HttpResponseMessage(HttpStatusCode.RequestEntityTooLarge);
        }
    }

    private async Task RefusedAsync(string note, byte[]? picture, string says)
    {
        using HttpResponseMessage answer = await AnswerAsync(note, picture);
        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
        string html = await answer.Content.ReadAsStringAsync();
        Assert.Contains("class=\"wrong\"", html, StringComparison.Ordinal);
        Assert.Contains(says, html, StringComparison.Ordinal);
    }

    private async Task<(HttpStatusCode Status, string Html, string Headers)> OverAsync(string address)
    {
        using HttpResponseMessage answer = await api.Client.GetAsync(address);
        string headers = string.Join('\n', answer.Headers.Where(header => header.Key != "Date").Select(header => $"{header.Key}: {string.Join(',', header.Value)}"));
        return (answer.StatusCode, await answer.Content.ReadAsStringAsync(), headers);
    }
}
