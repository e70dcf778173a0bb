using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Security.Cryptography;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.Data.Sqlite;
using Streaming.Silo.Host;
using Streaming.Silo.Sealing;
using Streaming.Tests.Rules;
using Streaming.Tests.Sealing;
using Streaming.Tests.Support;
using Xunit;

namespace Streaming.Tests.EndToEnd;

/// <summary>A case from its weighing to its end through the real process, killed on the way; and its dossier, which a program that shares no code with this one checks, and refuses where a byte of it was changed.</summary>
public sealed class DossierProcessTests : IDisposable
{
    private const string Truck = "粤H12345-yellow";
    private const string Case = "harbour-1";
    private static readonly string[] Records = ["v1/records/police"];
    private static readonly byte[] Picture = [0xFF, 0xD8, 0xFF, .. "a truck on a scale"u8];
    private static readonly byte[] Attached = [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A, .. "an empty truck"u8];
    private static readonly JsonSerializerOptions Plain = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private readonly string settings = Directory.CreateTempSubdirectory("streaming-dossier-").FullName;

    public static TheoryData<string> HostNames => [.. Hosts.BuiltIn.Select(Hosts.Name)];

    public void Dispose() => Directory.Delete(settings, recursive: true);

    [PythonTheory]
    [MemberData(nameof(HostNames))]
    public async Task A_dossier_is_checked_by_a_program_of_its_own_and_refused_where_a_byte_was_changed(string host)
    {
        await using PictureServer camera = await PictureServer.StartAsync();
        camera.Answer = (_, response) => response.Body.WriteAsync(Picture).AsTask();
        await using SiloProcess silo = new();
        string[] options = ["--bind", "127.0.0.1", "--host", host, "--pictures", PicturesFile()];
        await silo.StartAsync(options);
        await OverloadAsync(silo, camera.Url + "/1.jpg");
        List<JsonElement> copies = await CopiesAsync(silo, 3);
        Assert.All(copies, copy => Assert.Equal("kept", copy.GetProperty("state").GetString()));
        string member = await silo.IssueTokenAsync("desk", "member", "transport");
        string stranger = await silo.IssueTokenAsync("others", "member", "ecology");

        // Picture, handling and record in one call, as from a telephone.
        using (HttpResponseMessage done = await CompleteWithPictureAsync(silo, member))
        {
            Assert.True(done.StatusCode == HttpStatusCode.OK, await done.Content.ReadAsStringAsync());
        }

        string before = await HeadAsync(silo);
        silo.Kill();
        await silo.StartAsync(options);
        Assert.Equal(before, await HeadAsync(silo));
        await WorkToTheEndAsync(silo);

        JsonElement dossier = await DossierAsync(silo, "?include=pictures");
        string file = Path.Combine(settings, "dossier.json");
        await File.WriteAllTextAsync(file, dossier.GetRawText());
        await HoldsAsync(file);
        Assert.Equal("closed", dossier.GetProperty("case").GetProperty("state").GetString());
        string[] what = [.. dossier.GetProperty("record").GetProperty("entries").EnumerateArray().Select(each => each.GetProperty("entry").GetProperty("what").GetString()!)];
        Assert.Equal(("opened", "closed"), (what[0], what.Last(each => !each.StartsWith("copy-", StringComparison.Ordinal))));
        Assert.Contains(dossier.GetProperty("audit").EnumerateArray(), look => look.GetProperty("who").GetString() == "admin" && look.GetProperty("act").GetString() == "look");
        byte[][] files = [.. dossier.GetProperty("files").EnumerateArray().Select(each => each.GetProperty("data").GetBytesFromBase64())];
        Assert.Contains(files, data => data.AsSpan().SequenceEqual(Picture));
        Assert.Contains(files, data => data.AsSpan().SequenceEqual(Attached));
        Assert.Contains(files, data => Encoding.UTF8.GetString(data).Contains("\"grossKg\":60000,\"vehicleClass\"", StringComparison.Ordinal));

        // One byte, at some two hundred places of the file; and one character in each part, named by the product's own check as well.
        (int code, string said) = await PythonAsync("flip_dossier.py", file, "220");
        Assert.True(code == 0, said);
        await RefusesAsync(dossier);

        await IsSignedWithEachAlertAsync(silo, member, dossier);
        await IsNotThereForOthersAsync(silo, stranger, dossier);
        await IsAPageAsync(silo);
        await ErasesAsync(silo);
        await silo.TerminateAsync();
        await VerifiesAsync(silo.Data);
    }

    [PythonTheory]
    [InlineData("over-road-limit", "axlesLimitKg", 19_000)]
    [InlineData("over-rated-load", "limitKg", 45_000)]
    public async Task A_decision_about_axles_or_a_registered_load_is_made_again_by_a_program_of_its_own(string kind, string limit, int kg)
    {
        await using SiloProcess silo = new();

        // A city by the law of the Union, where axles have limits of their own.
        string city = Directory.CreateDirectory(Path.Combine(settings, "city")).FullName;
        foreach ((string name, string text) in CityRules.Files())
        {
            JsonNode rules = JsonNode.Parse(text)!;
            if (name == "limits.json")
            {
                rules["roadLimits"] = new JsonObject { ["profile"] = "eu" };
            }

            await File.WriteAllTextAsync(Path.Combine(city, name), rules.ToJsonString());
        }

        await silo.StartAsync("--bind", "127.0.0.1", "--city", city);
        await RegisterAsync(silo, $"plate,vehicleClass,axles,driveAxles,ratedLoadKg,curbKg\n{Truck},combination,6,2,30000,15000\n");

        // 48 t on six axles: a load of 33 t where 30 t is registered, and 24 t on the two axles behind the front, 1.3 m apart.
        await WeighAsync(silo, "粤H12345", "S07-1", axles: [(5_000, 0), (12_000, 3.3), (12_000, 4.6), (6_500, 9), (6_500, 10.31), (6_000, 11.62)]);
        string id = (await silo.ListUntilAsync($"/api/cases?kind={kind}", 1))[0].GetProperty("id").GetString()!;
        await CopiesAsync(silo, 2, id);
        JsonElement dossier = (await silo.GetAsync($"/api/cases/{id}/dossier"))!.Value;
        Assert.Equal(kg, dossier.GetProperty("decisions")[0].GetProperty("figures").GetProperty(limit).GetInt32());
        string file = Path.Combine(settings, "dossier.json");
        await File.WriteAllTextAsync(file, dossier.GetRawText());
        await HoldsAsync(file);
    }

    [Fact]
    public async Task A_picture_that_cannot_be_had_is_said_so_and_is_tried_again_within_bounds()
    {
        await using PictureServer camera = await PictureServer.StartAsync();
        camera.Answer = (_, response) => response.Body.WriteAsync("\u00ff\u00d8 no picture"u8.ToArray()).AsTask();
        await using SiloProcess silo = new();
        await silo.StartAsync("--bind", "127.0.0.1", "--pictures", PicturesFile());
        await OverloadAsync(silo, camera.Url + "/1.jpg");
        JsonElement other = (await CopiesAsync(silo, 3)).Single(copy => copy.GetProperty("kind").GetString() == "picture");
        Assert.Equal("failed", other.GetProperty("state").GetString());
        Assert.Contains("the reading names another", other.GetProperty("reason").GetString(), StringComparison.Ordinal);

        // Of another truck, on a host that nobody listed: not asked at all.
        await WeighAsync(silo, "粤H54321", "S07-2", "http://unlisted.example/1.jpg");
        await silo.ListUntilAsync("/api/cases", 2);
        JsonElement unlisted = (await CopiesAsync(silo, 3, "harbour-2")).Single(copy => copy.GetProperty("kind").GetString() == "picture");
        Assert.Contains("not among the hosts", unlisted.GetProperty("reason").GetString(), StringComparison.Ordinal);
        Assert.Equal(1, camera.Asked);
        JsonElement dossier = await DossierAsync(silo, "");
        Assert.Contains("copy-failed", dossier.GetProperty("record").GetRawText(), StringComparison.Ordinal);
        Assert.Empty(DossierVerifier.Check(Encoding.UTF8.GetBytes(dossier.GetRawText()), out _));
    }

    private string PicturesFile()
    {
        string file = Path.Combine(settings, "pictures.json");
        File.WriteAllText(file, """{"hosts":[{"host":"127.0.0.1","allowNetworks":["127.0.0.0/8"]}]}""");
        return file;
    }

    private static async Task OverloadAsync(SiloProcess silo, string picture)
    {
        // A tractor with one drive axle: 46 t, which neither the weighing nor its axles say.
        await RegisterAsync(silo, $"plate,vehicleClass,axles,driveAxles,phone\n{Truck},combination,6,1,13800000000\n");
        await WeighAsync(silo, "粤H12345", "S07-1", picture);
        await silo.ListUntilAsync("/api/cases", 1);
        await silo.ListUntilAsync("/api/workorders?department=transport", 1);
    }

    private static async Task RegisterAsync(SiloProcess silo, string vehicles)
    {
        await silo.RegisterStationAsync("S07");
        using (HttpResponseMessage registered = await silo.Http.PostAsJsonAsync("/api/devices", new { id = "police", password = "p", kind = "register", district = "harbour", topics = Records, register = "vehicles" }))
        {
            Assert.True(registered.IsSuccessStatusCode, await registered.Content.ReadAsStringAsync());
        }

        await silo.LoadTableAsync("vehicles", "police", vehicles, "");
        await silo.ListUntilAsync("/api/registers/vehicles?source=police", 1);
    }

    private static async Task WeighAsync(SiloProcess silo, string plate, string id, string picture = "", (int Kg, double M)[]? axles = null)
    {
        axles ??= [.. Enumerable.Range(0, 6).Select(i => (10_000, i == 0 ? 0 : i + 0.5))];
        string each = string.Join(',', axles.Select(axle => string.Create(CultureInfo.InvariantCulture, $"{{\"massKg\":{axle.Kg},\"offsetM\":{axle.M}}}")));
        string image = picture.Length == 0 ? "" : $",\"image\":{{\"url\":\"{picture}\",\"sha256\":\"{Convert.ToHexStringLower(SHA256.HashData(Picture))}\"}}";
        string weighing = string.Create(
            CultureInfo.InvariantCulture,
            $"{{\"id\":\"{id}\",\"at\":\"{DateTimeOffset.UtcNow:yyyy-MM-ddTHH:mm:ssZ}\",\"plate\":\"{plate}\",\"plateColor\":\"yellow\",\"axles\":[{each}],\"grossKg\":{axles.Sum(axle => axle.Kg)},\"vehicleClass\":\"combination\"{image}}}");
        using CancellationTokenSource patience = new(silo.Patience);
        await new StationClient(silo.MqttPort, "S07", [Encoding.UTF8.GetBytes(weighing)]).RunAsync(patience.Token);
    }

    /// <summary>The case's copies, once so many are there and none is still wanted.</summary>
    private static async Task<List<JsonElement>> CopiesAsync(SiloProcess silo, int count, string id = Case)
    {
        using CancellationTokenSource patience = new(silo.Patience);
        while (true)
        {
            List<JsonElement> copies = [.. (await silo.GetAsync($"/api/cases/{id}/evidence"))!.Value.GetProperty("items").EnumerateArray()];
            if (copies.Count >= count && copies.All(copy => copy.GetProperty("state").GetString() != "wanted"))
            {
                return copies;
            }

            await Task.Delay(50, patience.Token);
        }
    }

    private static async Task<string> HeadAsync(SiloProcess silo) => (await silo.GetAsync($"/api/cases/{Case}"))!.Value.GetProperty("chain").GetRawText();

    private static async Task<HttpResponseMessage> CompleteWithPictureAsync(SiloProcess silo, string token)
    {
        using MultipartFormDataContent form = new() { { new StringContent("confirmed"), "outcome" }, { new StringContent("现场核实 <script>alert(1)</script> 13800000000"), "note" }, { new ByteArrayContent(Attached), "file", "张三.png" } };
        using HttpRequestMessage request = new(HttpMethod.Post, "/api/workorders/harbour-1-w1/complete") { Content = form };
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);
        return await silo.Http.SendAsync(request);
    }

    private static async Task WorkToTheEndAsync(SiloProcess silo)
    {
        string[] outcomes = ["confirmed", "penalty", "notified"];
        for (int step = 0; step < 8; step++)
        {
            JsonElement now = (await silo.GetAsync($"/api/cases/{Case}"))!.Value;
            if (now.GetProperty("state").GetString() == "closed")
            {
                return;
            }

            JsonElement lead = now.GetProperty("workOrders").EnumerateArray().Last(order => order.GetProperty("role").GetString() == "lead");
            foreach (string outcome in outcomes)
            {
                using HttpResponseMessage answer = await silo.Http.PostAsJsonAsync($"/api/workorders/{lead.GetProperty("id").GetString()}/complete", new { outcome, note = $"step {step}" });
                if (answer.IsSuccessStatusCode)
                {
                    break;
                }
            }
        }

        Assert.Fail("The case does not come to its end.");
    }

    private static async Task<JsonElement> DossierAsync(SiloProcess silo, string query) => (await silo.GetAsync($"/api/cases/{Case}/dossier{query}"))!.Value;

    private static async Task HoldsAsync(string file)
    {
        (int code, string said) = await PythonAsync("check_dossier.py", file);
        Assert.True(code == 0 && said.StartsWith("HOLDS", StringComparison.Ordinal), said);
        (int own, string printed) = await SiloProcess.RunAsync("verify", "--dossier", file);
        Assert.True(own == 0 && printed.Contains("The dossier holds", StringComparison.Ordinal), printed);
    }

    private async Task RefusesAsync(JsonElement dossier)
    {
        string changed = Path.Combine(settings, "changed.json");
        foreach (string path in new[]
        {
            "format", "madeBy", "case.lead", "record.head", "record.signature", "record.entries.0.hash", "record.entries.1.entry.by", "record.entries.2.entry.what", "decisions.0.legalSource", "decisions.0.warning", "copies.0.sha256", "audit.0.who", "included.0",
            "keys.0.publicKey", "seal.sha256", "seal.signature", "files.0.data", "files.1.sha256",
        })
        {
            JsonNode copy = JsonNode.Parse(dossier.GetRawText())!;
            JsonNode at = copy;
            string[] steps = path.Split('.');
            foreach (string step in steps[..^1])
            {
                at = int.TryParse(step, out int index) ? at[index]! : at[step]!;
            }

            bool isIndex = int.TryParse(steps[^1], out int last);
            string text = (isIndex ? at[last] : at[steps[^1]])!.GetValue<string>();
            char letter = text[text.Length / 2];
            string other = text[..(text.Length / 2)] + (letter == 'a' ? 'b' : letter == '0' ? '1' : letter is >= '1' and <= '9' ? '0' : 'a') + text[((text.Length / 2) + 1)..];
            if (isIndex)
            {
                at[last] = other;
            }
            else
            {
                at[steps[^1]] = other;
            }

            string json = copy.ToJsonString(Plain);
            Assert.True(DossierVerifier.Check(Encoding.UTF8.GetBytes(json), out _).Count > 0, $"A changed {path} passes.");
            await File.WriteAllTextAsync(changed, json);
            (int code, string said) = await PythonAsync("check_dossier.py", changed);
            Assert.True(code == 1 && said.Contains("REFUSED", StringComparison.Ordinal), $"{path}: {said}");
        }

        // Laid out anew it is the same dossier.
        await File.WriteAllTextAsync(changed, JsonNode.Parse(dossier.GetRawText())!.ToJsonString(new JsonSerializerOptions { WriteIndented = true }));
        await HoldsAsync(changed);
    }

    /// <summary>What left with an alert holds the record to what it was then.</summary>
    private static async Task IsSignedWithEachAlertAsync(SiloProcess silo, string member, JsonElement dossier)
    {
        using CancellationTokenSource patience = new(silo.Patience);
        FeedFollower follower = new(silo, "transport", member);
        Task following = follower.RunAsync(patience.Token);
        while (follower.Count == 0)
        {
            await Task.Delay(25, patience.Token);
        }

        await patience.CancelAsync();
        await following;
        JsonElement alert = follower.Parse(0);
        JsonElement chain = alert.GetProperty("chain");
        long entries = chain.GetProperty("entries").GetInt64();
        string head = chain.GetProperty("head").GetString()!;
        Assert.Equal(head, dossier.GetProperty("record").GetProperty("entries")[(int)entries - 1].GetProperty("hash").GetString());
        JsonElement key = (await silo.GetAsync("/api/evidence/keys"))!.Value.GetProperty("items")[0];
        Assert.Equal(key.GetProperty("id").GetString(), alert.GetProperty("signature").GetProperty("key").GetString());
        Assert.True(EvidenceKeys.Verify(key.GetProperty("publicKey").GetString()!, EvidenceKeys.HeadStatement(Case, entries, head), alert.GetProperty("signature").GetProperty("value").GetString()!));
    }

    private static async Task IsNotThereForOthersAsync(SiloProcess silo, string stranger, JsonElement dossier)
    {
        string hash = dossier.GetProperty("included")[0].GetString()!;
        foreach (string path in new[] { "dossier", "evidence", $"evidence/{hash}" })
        {
            Assert.Equal((HttpStatusCode.NotFound, $"There is no case '{Case}'."), await AskAsync(silo, stranger, $"/api/cases/{Case}/{path}"));
            Assert.Equal((HttpStatusCode.NotFound, "There is no case 'harbour-99'."), await AskAsync(silo, stranger, $"/api/cases/harbour-99/{path}"));
        }

        Assert.True((await silo.Http.GetByteArrayAsync(new Uri($"/api/cases/{Case}/evidence/{hash}", UriKind.Relative))).Length > 0);
        Assert.Equal(HttpStatusCode.NotFound, (await AskAsync(silo, SiloProcess.AdministratorToken, $"/api/cases/{Case}/evidence/{new string('a', 64)}")).Status);
    }

    private static async Task<(HttpStatusCode Status, string? Detail)> AskAsync(SiloProcess silo, string token, string path)
    {
        using HttpRequestMessage request = new(HttpMethod.Get, path);
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);
        using HttpResponseMessage answer = await silo.Http.SendAsync(request);
        return (answer.StatusCode, JsonSerializer.Deserialize<JsonElement>(await answer.Content.ReadAsStringAsync()).GetProperty("detail").GetString());
    }

    private static async Task IsAPageAsync(SiloProcess silo)
    {
        using HttpRequestMessage request = new(HttpMethod.Get, $"/api/cases/{Case}/dossier?include=pictures");
        request.Headers.Accept.ParseAdd("text/html");
        using HttpResponseMessage answer = await silo.Http.SendAsync(request);
        string page = await answer.Content.ReadAsStringAsync();
        Assert.Equal("text/html", answer.Content.Headers.ContentType!.MediaType);
        Assert.Contains("default-src 'none'", answer.Headers.GetValues("Content-Security-Policy").Single(), StringComparison.Ordinal);
        Assert.Contains(WebUtility.HtmlEncode(Truck), page, StringComparison.Ordinal);
        Assert.Contains("Dossier of case harbour-1", page, StringComparison.Ordinal);
        Assert.Contains("办理记录", page, StringComparison.Ordinal);
        Assert.Contains($"data:image/jpeg;base64,{Convert.ToBase64String(Picture)}", page, StringComparison.Ordinal);
        Assert.Contains("&lt;script&gt;", page, StringComparison.Ordinal);
        Assert.DoesNotContain("<script", page, StringComparison.Ordinal);
        Assert.Contains("@media print", page, StringComparison.Ordinal);
    }

    private async Task ErasesAsync(SiloProcess silo)
    {
        JsonElement record = (await DossierAsync(silo, "")).GetProperty("record");
        long number = record.GetProperty("entries").EnumerateArray().First(each => each.TryGetProperty("text", out JsonElement text) && text.GetRawText().Contains("13800000000", StringComparison.Ordinal)).GetProperty("entry").GetProperty("number").GetInt64();
        string path = $"/api/cases/{Case}/record/{number}/erase";
        using (HttpResponseMessage without = await silo.Http.PostAsJsonAsync(path, new { }))
        {
            Assert.Equal(HttpStatusCode.BadRequest, without.StatusCode);
        }

        using (HttpResponseMessage erased = await silo.Http.PostAsJsonAsync(path, new { reason = "当事人要求" }))
        {
            Assert.True(erased.StatusCode == HttpStatusCode.OK, await erased.Content.ReadAsStringAsync());
        }

        using (HttpResponseMessage again = await silo.Http.PostAsJsonAsync(path, new { reason = "当事人要求" }))
        {
            Assert.Equal(HttpStatusCode.Conflict, again.StatusCode);
        }

        JsonElement dossier = await DossierAsync(silo, "");
        Assert.DoesNotContain("13800000000", dossier.GetRawText(), StringComparison.Ordinal);
        string file = Path.Combine(settings, "erased.json");
        await File.WriteAllTextAsync(file, dossier.GetRawText());
        await HoldsAsync(file);
    }

    /// <summary>The whole data directory holds; and an entry, a word and a copy that are changed are each named.</summary>
    private static async Task VerifiesAsync(string data)
    {
        (int code, string said) = await SiloProcess.RunAsync("verify", data);
        Assert.True(code == 0 && said.Contains("The records of cases are sound: 1 cases", StringComparison.Ordinal), said);
        using (SqliteConnection lists = new($"Data Source={Path.Combine(data, "views.db")};Pooling=False"))
        {
            lists.Open();
            using SqliteCommand change = lists.CreateCommand();
            change.CommandText = "UPDATE case_records SET json = replace(json, '\"what\":\"issued\"', '\"what\":\"issueD\"') WHERE seq = (SELECT min(seq) FROM case_records); UPDATE case_texts SET json = replace(json, 'step 1', 'step 9')";
            Assert.True(change.ExecuteNonQuery() > 1);
        }

        string copy = Directory.EnumerateFiles(Path.Combine(data, "evidence")).First(file => Path.GetFileName(file).Length == 64);
        await File.AppendAllTextAsync(copy, "x");
        (code, said) = await SiloProcess.RunAsync("verify", data);
        Assert.Equal(1, code);
        Assert.Contains("DAMAGED: case harbour-1, entry 3: its hash", said, StringComparison.Ordinal);
        Assert.Contains("what was written in it was changed", said, StringComparison.Ordinal);
        Assert.Contains($"DAMAGED: {Path.Combine("evidence", Path.GetFileName(copy))}", said, StringComparison.Ordinal);
    }

    private static async Task<(int Code, string Said)> PythonAsync(string script, params string[] arguments)
    {
        ProcessStartInfo start = new(PythonTheoryAttribute.Python!, [Path.Combine(AppContext.BaseDirectory, "Sealing", script), .. arguments]) { RedirectStandardOutput = true, RedirectStandardError = true };
        start.Environment["PYTHONDONTWRITEBYTECODE"] = "1";
        start.Environment["PYTHONUTF8"] = "1";
        using Process process = Process.Start(start)!;
        using CancellationTokenSource patience = new(TimeSpan.FromMinutes(3));
        Task<string> output = process.StandardOutput.ReadToEndAsync(patience.Token);
        Task<string> error = process.StandardError.ReadToEndAsync(patience.Token);
        await process.WaitForExitAsync(patience.Token);
        return (process.ExitCode, await output + await error);
    }
}
