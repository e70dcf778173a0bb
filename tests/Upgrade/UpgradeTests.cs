using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using Microsoft.Data.Sqlite;
using Streaming.Grains.Messages;
using Streaming.Grains.Messaging;
using Streaming.Grains.Rules;
using Streaming.Grains.Turns;
using Streaming.Ingest.Formats;
using Streaming.Models.Encoding;
using Streaming.Models.Scenes;
using Streaming.Silo.Host;
using Streaming.Silo.Views;
using Streaming.Tests.EndToEnd;
using Streaming.Tests.Journal;
using Streaming.Tests.Parity;
using Xunit;

namespace Streaming.Tests.Upgrade;

/// <summary>
/// Data directories that earlier versions wrote start under this one, on every host: states, lists, cases, feeds, rulebook and identities are as recorded beside them, and what was to fall due does. <c>README.md</c> says what to do
/// where this fails, and how a version adds its sample.
/// </summary>
public sealed partial class UpgradeTests : IDisposable
{
    /// <summary>Names a new sample to be written.</summary>
    private const string RecordVariable = "STREAMING_UPGRADE_RECORD";

    /// <summary>The moment of the failure of power, and the same directory a while later.</summary>
    private const string Then = "then";

    private const string Later = "later";

    /// <summary>Steps of the parity script that a sample plays, and of those the ones whose consequences its end cuts off.</summary>
    private const int Steps = 500;

    private const int StepsCutOff = 6;

    private const string Gate = "gate/1";

    private const string Door = "door/1";

    private const string Permit = "permits/P-1";

    private const string Looker = "desk-1";

    /// <summary>A notice that waits for its channel and its subject when the power fails, and one that was answered.</summary>
    private const string Waiting = "north-900-n1";

    private const string Over = "north-900-n2";

    private const string Permitted = "粤Z9-yellow";
    private const string Laden = "粤B55555-yellow";

    private const string Asks = "asks";
    private const string Stall = "street-stall-thrice";
    private const string Report = "r-1";
    private const string Hook = "w-1";

    /// <summary>Actors that the script has not: a sample leaves messages with them, and words of registers.</summary>
    private static readonly (ActorKind Kind, string Key)[] Besides = [(ActorKind.Topics, Topics.City), (ActorKind.Session, Gate), (ActorKind.Session, Door), (ActorKind.Entry, Permit), (ActorKind.Vehicle, Permitted), (ActorKind.Vehicle, Laden), (ActorKind.Audit, Looker), (ActorKind.Source, Asks), (ActorKind.Notice, Waiting), (ActorKind.Notice, Over), (ActorKind.Scene, Stall), (ActorKind.Report, Report), (ActorKind.Webhook, Hook)];

    private static readonly string[] LaterFiles = ["cases", "workorders", "feeds"];

    private static readonly TimeSpan While = TimeSpan.FromDays(12);

    private readonly TemporaryDirectory directory = new();

    public static TheoryData<string, string> Samples
    {
        get
        {
            TheoryData<string, string> samples = [];
            foreach (string name in UpgradeSample.Names)
            {
                foreach (string host in ParityHosts.Names)
                {
                    samples.Add(name, host);
                }
            }

            return samples;
        }
    }

    public static TheoryData<string> SampleNames => [.. UpgradeSample.Names];

    public void Dispose() => directory.Dispose();

    [Fact]
    public async Task There_are_samples_and_a_new_one_is_written_on_request()
    {
        string? name = Environment.GetEnvironmentVariable(RecordVariable);
        if (name is not null)
        {
            await RecordAsync(UpgradeSample.Find(name));
        }

        Assert.True(UpgradeSample.Names.Count > 0 || name is not null, "The samples are gone: they may only grow.");
    }

    [Theory]
    [MemberData(nameof(Samples))]
    public async Task A_sample_starts_with_everything_that_was_in_it(string name, string host)
    {
        UpgradeSample sample = UpgradeSample.Find(name);
        ParityData data = sample.Open(directory.Path);
        await using ParityStage stage = await ParityStage.OpenAsync(data, ParityScript.Rulebook(sample.About.Rulebook), ParityHosts.Find(host));
        Same(sample, Then, Kept((await OutcomeAsync(stage, sample)).Files));

        // Identities: what was counted is not counted again.
        string vehicles = Weighings(await OutcomeAsync(stage, sample));
        ParityPlayer player = new(stage);
        await player.RepeatAsync(ParityScript.Read().Take(Steps - StepsCutOff).ToList());
        Assert.Equal(vehicles, Weighings(await OutcomeAsync(stage, sample)));
    }

    [Theory]
    [MemberData(nameof(Samples))]
    public async Task What_was_to_fall_due_in_a_sample_falls_due(string name, string host)
    {
        UpgradeSample sample = UpgradeSample.Find(name);
        ParityData data = sample.Open(directory.Path);
        await using ParityStage stage = await ParityStage.OpenAsync(data, ParityScript.Rulebook(sample.About.Rulebook), ParityHosts.Find(host));
        Same(sample, Later, await WaitAsync(stage, sample));
    }

    [Theory]
    [MemberData(nameof(SampleNames))]
    public async Task The_real_process_starts_on_a_sample_and_finds_it_sound(string name)
    {
        UpgradeSample sample = UpgradeSample.Find(name);
        string data = Path.Combine(directory.Path, "data");
        sample.Unpack(data);
        (int code, string report) = await SiloProcess.RunAsync("verify", data);
        Assert.True(code == 0, report);
        await using SiloProcess silo = new(data);
        await silo.StartAsync();
        int compared = 0;
        foreach (JsonElement recorded in sample.Golden(Then)["vehicles"].Select(line => JsonSerializer.Deserialize<JsonElement>(line)))
        {
            // The process goes by the real clock, by which a vehicle of the sample may have been forgotten long ago; one with an open warning never is.
            if (recorded.TryGetProperty("weighings", out JsonElement weighings) && recorded.TryGetProperty("openWarnings", out JsonElement open) && open.GetArrayLength() > 0)
            {
                string key = recorded.GetProperty("actor").GetString()!["vehicle:".Length..];
                Assert.Equal(weighings.GetInt32(), (await silo.GetAsync($"/api/vehicles/{Uri.EscapeDataString(key)}"))!.Value.GetProperty("weighings").GetInt32());
                compared++;
            }
        }

        Assert.True(compared > 0, "The sample has no vehicle with an open warning.");
    }

    [Theory]
    [MemberData(nameof(SampleNames))]
    public void A_sample_holds_every_kind_of_actor_reminders_and_what_was_not_finished(string name)
    {
        UpgradeSample sample = UpgradeSample.Find(name);
        sample.Unpack(directory.Path);
        HashSet<ActorKind> kinds = [];
        bool outbox = false;
        using (SqliteConnection connection = new(new SqliteConnectionStringBuilder { DataSource = Path.Combine(directory.Path, "state.db"), Pooling = false }.ToString()))
        {
            connection.Open();
            using SqliteCommand command = connection.CreateCommand();
            command.CommandText = "SELECT kind, key, position, state FROM actors";
            using SqliteDataReader reader = command.ExecuteReader();
            while (reader.Read())
            {
                ActorKind kind = (ActorKind)reader.GetInt64(0);
                kinds.Add(kind);
                HostedActor actor = new(kind, reader.GetString(1), ActorFactory.Create);
                actor.Load((byte[])reader.GetValue(3), reader.GetInt64(2));
                outbox |= actor.Outbox is { Count: > 0 };
            }
        }

        // A sample has every kind that its version knew; kinds are only ever added, so those are the lowest. The newest sample has them all.
        ActorKind last = name == UpgradeSample.Names[^1] ? Enum.GetValues<ActorKind>().Max() : kinds.Max();
        Assert.Equal(Enum.GetValues<ActorKind>().Where(kind => kind <= last).Order(), kinds.Order());
        Assert.Equal(sample.About.Host == "orleans", outbox);
        using SqliteStateStore states = new(Path.Combine(directory.Path, "state.db"));
        Assert.Contains(states.Reminders(), reminder => reminder.DueMs > sample.About.At.ToUnixTimeMilliseconds());
        Assert.True(states.Rulebooks().Count > 1, "The sample knows one rulebook only.");
        SortedDictionary<string, string[]> golden = sample.Golden(Then);
        Assert.Contains(golden["cases"], line => line.Contains("\"state\":\"open\"", StringComparison.Ordinal));
        Assert.NotEmpty(golden["quarantine"]);
        Assert.NotEmpty(Directory.GetFiles(Path.Combine(directory.Path, "history"), "*.idx"));
    }

    /// <summary>Plays the beginning of the parity script on the last host that this build has, and lets the power fail over its last steps.</summary>
    private async Task RecordAsync(UpgradeSample sample)
    {
        Assert.False(Directory.Exists(sample.Directory), $"{sample.Directory} is there. A sample is never written anew: choose another name.");
        string host = ParityHosts.Names[^1];
        List<Step> steps = [.. ParityScript.Read().Take(Steps)];
        ParityData data = new(directory.Path, steps[0].At, statesInMemory: false);
        ParityStage stage = await ParityStage.OpenAsync(data, ParityScript.Rulebook(), ParityHosts.Find(host));
        ParityPlayer player = new(stage);
        await player.PlayAsync(steps[..^StepsCutOff], Restarts.Never);
        await LeaveInFlightAsync(stage.Host);
        await player.PlayWithoutRestAsync(steps[^StepsCutOff..]);
        await stage.Host.CloseAsync(inOrder: false);
        sample.Write(data, new SampleAbout(host, steps[^1].At, steps.OfType<RulebookStep>().Last().Directory, [.. player.Actors.Concat(Besides).Select(actor => new SampleActor(actor.Kind.ToString(), actor.Key))]));

        using TemporaryDirectory read = new();
        await using ParityStage reading = await ParityStage.OpenAsync(sample.Open(read.Path), ParityScript.Rulebook(sample.About.Rulebook), ParityHosts.Find(ParityHosts.Standalone));
        sample.WriteGolden(Then, Kept((await OutcomeAsync(reading, sample)).Files));
        sample.WriteGolden(Later, await WaitAsync(reading, sample));
    }

    /// <summary>What the script has not: MQTT exchanges of a session that are not over when the power fails.</summary>
    private static async Task LeaveInFlightAsync(IParityHost host)
    {
        const string Key = "desk-1/phone";
        await host.CommandAsync(ActorKind.Session, Key, MessageKind.OpenSession, JsonSerializer.SerializeToUtf8Bytes(new SessionOpened(3600), GrainsJson.Default.SessionOpened));
        ByteWriter marks = new();
        SessionMarks.Write(marks, SessionMark.Taken, 7);
        SessionMarks.Write(marks, SessionMark.Taken, 9);
        SessionMarks.Write(marks, SessionMark.Released, 7);
        SessionMarks.WriteSent(marks, "v1/departments/transport/+/alerts", 2, [new SentItem(1, 10), new SentItem(2, 11), new SentItem(3, 12)]);
        SessionMarks.Write(marks, SessionMark.Received, 2);
        SessionMarks.Write(marks, SessionMark.Completed, 1);
        await host.CommandAsync(ActorKind.Session, Key, MessageKind.MarkSession, marks.Written.ToArray());
        await LeaveMessagesAsync(host);
        await LeaveEntryAsync(host);
        await LeaveLoadAsync(host);
        await LeaveAuditAsync(host);
        await LeaveNoticesAsync(host);
        await LeaveSceneAsync(host);
        await LeaveRequestsAsync(host);
        await LeaveReportsAsync(host);
    }

    /// <summary>Nor what people report, which opens a case, and what joins it; nor a department's webhook.</summary>
    private static async Task LeaveReportsAsync(IParityHost host)
    {
        DateTimeOffset at = new(2026, 9, 27, 0, 0, 0, TimeSpan.Zero);
        foreach ((string id, string text) in ((string, string)[])[(Report, "人民路12号夜里施工噪音很大"), ("r-2", "Loud construction noise at night, 12 Renmin Road")])
        {
            ReportFacts facts = new(id, "hotline", "harbour", "noise", text, new ReportPlace(null, "人民路12号", 23.1, 113.3), at, []);
            await host.CommandAsync(ActorKind.Report, id, MessageKind.FileReport, JsonSerializer.SerializeToUtf8Bytes(new ReportFiled(facts, false, null, new Reporter("Zhang", "138"), "desk", new string('a', 64)), GrainsJson.Default.ReportFiled));
            await host.SettleAsync();
        }

        WebhookRegistered hook = new("https://desk.example/hook", "streets", "harbour", [], 1, 0, "chief");
        await host.CommandAsync(ActorKind.Webhook, Hook, MessageKind.RegisterWebhook, JsonSerializer.SerializeToUtf8Bytes(hook, GrainsJson.Default.WebhookRegistered));
        await host.SettleAsync();
    }

    /// <summary>Nor scenes: a draft that was tried and is proposed.</summary>
    private static async Task LeaveSceneAsync(IParityHost host)
    {
        SceneRule rule = new()
        {
            Id = Stall,
            Name = new LocalName("A stall that stays", "占道滞留"),
            Department = "streets",
            Thresholds = new SceneThresholds { Events = ["street-stall"], Times = 3, WithinMinutes = 120 },
            Route = new SceneRoute { Lead = "streets", Workflow = "graduated" },
        };
        await host.CommandAsync(ActorKind.Scene, Stall, MessageKind.DraftScene, JsonSerializer.SerializeToUtf8Bytes(new SceneDrafted(rule, "li", null), GrainsJson.Default.SceneDrafted));
        await host.SettleAsync();
    }

    /// <summary>Nor what departments ask for: more time, which nobody has decided, and a rest, which was granted.</summary>
    private static async Task LeaveRequestsAsync(IParityHost host)
    {
        Page<byte[]> page = await host.Lists.ListAsync(new ViewQuery(View.WorkOrders) { Open = true, Limit = ViewLimits.PageRows }, CancellationToken.None);
        WorkOrderRow[] open = [.. page.Items.Select(row => JsonSerializer.Deserialize(row, GrainsJson.Default.WorkOrderRow)!).Where(row => row is { State: "issued", Role: "lead", Deadline: not null } && row.Department != Rulebook.CommandCentre)
            .DistinctBy(row => row.Case).OrderBy(row => row.Subject, StringComparer.Ordinal).ThenBy(row => row.Kind, StringComparer.Ordinal).Take(2)];
        Assert.Equal(2, open.Length);
        foreach ((WorkOrderRow order, string action) in open.Zip(["extend", "park"]))
        {
            WorkOrderAction asks = new(order.Id, action, "li", order.Department, "等鉴定", null, null) { Until = order.Deadline!.Value.AddDays(60), Key = "k1" };
            await ActAsync(order, asks);
            if (action == "park")
            {
                await ActAsync(order, new WorkOrderAction(order.Id, "approve", "chief", null, null, null, null) { Decides = true });
            }
        }

        async Task ActAsync(WorkOrderRow order, WorkOrderAction action)
        {
            Reply reply = (await host.CommandAsync(ActorKind.Case, order.Case, MessageKind.ActOnWorkOrder, JsonSerializer.SerializeToUtf8Bytes(action, GrainsJson.Default.WorkOrderAction))).Reply!;
            Assert.True(reply.Status == ReplyStatus.Done, reply.Text);
            await host.SettleAsync();
        }
    }

    /// <summary>Nor messages between clients: a session whose client has gone with a will and an end still to come, one that shares a subscription with it, what is retained and what waits.</summary>
    private static async Task LeaveMessagesAsync(IParityHost host)
    {
        SessionWill will = new("site/gone", 1, true, 7 * 86_400, 60, null, "gone"u8.ToArray());
        foreach ((string key, SessionWill? left) in new[] { (Gate, will), (Door, null) })
        {
            await host.CommandAsync(ActorKind.Session, key, MessageKind.OpenSession, JsonSerializer.SerializeToUtf8Bytes(new SessionOpened(10 * 86_400, left, Tracked: true), GrainsJson.Default.SessionOpened));
            foreach (string filter in new[] { "site/+", "$share/both/site/#" })
            {
                TopicSubscribed wanted = new(key, new TopicSubscription(filter, 1, Identifier: 3), 0);
                await host.CommandAsync(ActorKind.Topics, Topics.City, MessageKind.SubscribeTopic, JsonSerializer.SerializeToUtf8Bytes(wanted, GrainsJson.Default.TopicSubscribed));
            }
        }

        await host.CommandAsync(ActorKind.Session, Gate, MessageKind.LeaveSession, JsonSerializer.SerializeToUtf8Bytes(new SessionLeft(KeepsWill: true, 10 * 86_400), GrainsJson.Default.SessionLeft));
        for (int i = 0; i < 4; i++)
        {
            ByteWriter message = new();
            new PlainMessage("B01/b", $"site/{i}", 1, i == 0, null, default, "x"u8.ToArray()).Write(message);
            await host.CommandAsync(ActorKind.Topics, Topics.City, MessageKind.PublishMessage, message.Written.ToArray());
        }
    }

    /// <summary>Nor registers: a permit of which three sources speak, one of which is expected to and asked to be told what the others say, and the vehicle that has it.</summary>
    private static async Task LeaveEntryAsync(IParityHost host)
    {
        foreach ((string source, int grossKg) in new[] { (Asks, 75_000), ("transport", 80_000), ("police", 70_000) })
        {
            SourceRegistration speaks = new(source, "register", [$"v1/records/{source}"], "north", null, "", Register: "permits");
            if (source == Asks)
            {
                speaks = speaks with { Owner = "transport", Expected = new ResourceExpectation(PerDay: 10), Joined = true };
                await host.CommandAsync(ActorKind.Source, Asks, MessageKind.RegisterSource, JsonSerializer.SerializeToUtf8Bytes(speaks, GrainsJson.Default.SourceRegistration));
            }

            await PublishAsync(host, speaks, $"v1/records/{source}", $$"""{"number":"P-1","plate":"{{Permitted}}","grossKg":{{grossKg}},"validFrom":"2026-01-01"}""");
        }

        await host.SettleAsync();
    }

    /// <summary>Nor rated loads: a truck within the limit of the road and over its own, weighed twice, with a register that changed in between.</summary>
    private static async Task LeaveLoadAsync(IParityHost host)
    {
        SourceRegistration registry = new("registry", "register", ["v1/records/registry"], "north", null, "", Register: "vehicles");
        SourceRegistration station = new("S90", "wim", ["v1/wim/S90/+"], "north", 5, "");
        foreach ((int ratedLoadKg, int grossKg, string said) in new[] { (9_925, 17_000, "2026-11-20"), (10_500, 17_500, "2026-11-21") })
        {
            await PublishAsync(host, registry, "v1/records/registry", $$"""{"plate":"{{Laden}}","vehicleClass":"rigid","axles":2,"ratedLoadKg":{{ratedLoadKg}},"curbKg":5875,"at":"{{said}}"}""");
            await host.SettleAsync();
            await PublishAsync(
                host,
                station,
                "v1/wim/S90/1",
                $$"""{"id":"r{{grossKg}}","at":"2026-11-21T12:00:{{(grossKg - 17_000) / 50:D2}}Z","plate":"{{Laden[..^"-yellow".Length]}}","plateColor":"yellow","plateConfidence":0.97,"axles":[{"massKg":6000,"offsetM":0},{"massKg":{{grossKg - 6_000}},"offsetM":4.5}],"grossKg":{{grossKg}},"vehicleClass":"rigid"}""");
            await host.SettleAsync();
        }
    }

    private static async Task PublishAsync(IParityHost host, SourceRegistration source, string topic, string payload)
    {
        ByteWriter record = new();
        PublishEncoder.Encode(record, new SourceContext(source), Encoding.UTF8.GetBytes(topic), Encoding.UTF8.GetBytes(payload), 1_795_262_400_000);
        await host.AppendAsync(record.WrittenMemory);
    }

    /// <summary>Nor an audit: a look, a change that ended, and one of whose end nothing is known.</summary>
    private static async Task LeaveAuditAsync(IParityHost host)
    {
        AuditEntry look = new(Looker, "member", "transport", "*", "look", "GET", "/api/vehicles/{id}") { SubjectKind = "vehicle", Subject = Permitted, Status = 200, Reason = "查超限" };
        AuditEntry change = look with { Act = "change", Verb = "POST", Route = "/api/workorders/{id}/accept", Status = null };
        await AuditAsync(look);
        string begun = await AuditAsync(change);
        await AuditAsync(change with { Began = begun, Status = 200 });
        await AuditAsync(change);

        async Task<string> AuditAsync(AuditEntry entry) =>
            (await host.CommandAsync(ActorKind.Audit, Looker, MessageKind.RecordAudit, JsonSerializer.SerializeToUtf8Bytes(entry, GrainsJson.Default.AuditEntry))).Reply!.Text;
    }

    /// <summary>Nor notices. Their case is none of the script's, so what they tell it is heard by nobody.</summary>
    private static async Task LeaveNoticesAsync(IParityHost host)
    {
        DateTimeOffset since = new(2026, 9, 18, 3, 0, 0, TimeSpan.Zero);
        Warning warning = new(
            $"{Permitted}/over-road-limit/1", Permitted, "vehicle", "over-road-limit", 2, 0.97, "road-limit/1", 1, "north", since, since, 1, true, true, new Explanation("Over the limit.", "超限。"),
            new Evidence([new CitedReading("S07", "S07-1", since)], new SortedDictionary<string, double>(StringComparer.Ordinal) { ["grossKg"] = 60_000 }, "49,000 kg", null));
        foreach (string id in (string[])[Waiting, Over])
        {
            NoticeIssued issued = new(id, "north-900", "north", "north-900-w1", "transport", "notice", "li", new Explanation("Unload.", "请卸载。"), since.AddDays(80), warning);
            await host.CommandAsync(ActorKind.Notice, id, MessageKind.IssueNotice, JsonSerializer.SerializeToUtf8Bytes(issued, GrainsJson.Default.NoticeIssued));
        }

        NoticeAddressed addressed = new(new string('a', 64), ["webhook:sms", "mqtt"]);
        NoticeAttempted attempted = new("webhook:sms", 1, NoticeOutcomes.Retry, "the gateway answered 503", since.AddDays(79));
        NoticeAnswered answered = new("已整改", new string('b', 64), "image/jpeg");
        await host.CommandAsync(ActorKind.Notice, Waiting, MessageKind.AddressNotice, JsonSerializer.SerializeToUtf8Bytes(addressed, GrainsJson.Default.NoticeAddressed));
        await host.CommandAsync(ActorKind.Notice, Waiting, MessageKind.AttemptNotice, JsonSerializer.SerializeToUtf8Bytes(attempted, GrainsJson.Default.NoticeAttempted));
        await host.CommandAsync(ActorKind.Notice, Over, MessageKind.AnswerNotice, JsonSerializer.SerializeToUtf8Bytes(answered, GrainsJson.Default.NoticeAnswered));
        await host.SettleAsync();
    }

    private static Task<ParityOutcome> OutcomeAsync(ParityStage stage, UpgradeSample sample) => ParityOutcome.OfAsync(stage.Host, [.. sample.About.Actors.Select(actor => actor.Id)], [], ofEarlierBuild: true);

    /// <summary>Lines without what work orders allow, since that is worked out and not kept, and a later build may allow more; and without members of rows that were added after the first samples: an earlier build has not shown them.</summary>
    private static SortedDictionary<string, string[]> Kept(SortedDictionary<string, string[]> files) =>
        new(files.ToDictionary(file => file.Key, file => file.Value.Select(line => AddedPattern().Replace(line, "")).ToArray()), StringComparer.Ordinal);

    [GeneratedRegex(",\"allowed\":\\[[^\\]]*\\]|,\"(province|accepted|finished|finishedBy|parkedSince|closed)\":\"[^\"]*\"|,\"attached\":\\d+", RegexOptions.CultureInvariant)]
    private static partial Regex AddedPattern();

    private static async Task<SortedDictionary<string, string[]>> WaitAsync(ParityStage stage, UpgradeSample sample)
    {
        // Day by day, so that what falls due does so near its time, on every host at the same.
        for (int day = 1; day <= While.Days; day++)
        {
            await stage.Host.AdvanceAsync(sample.About.At.AddDays(day));
            await stage.Host.SettleAsync();
        }

        // What has not changed since stands with the earlier moment.
        SortedDictionary<string, string[]> files = Kept((await OutcomeAsync(stage, sample)).Files);
        SortedDictionary<string, string[]> then = Kept(sample.Golden(Then));
        return new SortedDictionary<string, string[]>(LaterFiles.ToDictionary(file => file, file => files[file].Except(then[file]).ToArray()), StringComparer.Ordinal);
    }

    /// <summary>How often each vehicle was weighed.</summary>
    private static string Weighings(ParityOutcome outcome)
    {
        StringBuilder all = new();
        foreach (JsonElement vehicle in outcome.Files["vehicles"].Select(line => JsonSerializer.Deserialize<JsonElement>(line)))
        {
            int weighings = vehicle.TryGetProperty("weighings", out JsonElement count) ? count.GetInt32() : 0;
            all.Append(CultureInfo.InvariantCulture, $"{vehicle.GetProperty("actor")} {weighings}\n");
        }

        return all.ToString();
    }

    private static void Same(UpgradeSample sample, string moment, SortedDictionary<string, string[]> files)
    {
        SortedDictionary<string, string[]> golden = Kept(sample.Golden(moment));
        Assert.Equal(golden.Keys, files.Keys);
        foreach ((string file, string[] lines) in golden)
        {
            for (int i = 0; i < Math.Max(lines.Length, files[file].Length); i++)
            {
                string recorded = i < lines.Length ? lines[i] : "(no line)";
                string now = i < files[file].Length ? files[file][i] : "(no line)";
                Assert.True(recorded == now, $"{sample.Directory}/{moment}/{file}.jsonl, line {i + 1}, is not what this version finds in the data. tests/Upgrade/README.md says what to do.\n  recorded: {recorded}\n  now:      {now}");
            }
        }
    }
}
