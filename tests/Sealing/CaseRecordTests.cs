using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Streaming.Grains;
using Streaming.Grains.Dispatch;
using Streaming.Grains.Messages;
using Streaming.Grains.Turns;
using Streaming.Models.Encoding;
using Streaming.Tests.Dispatch;
using Streaming.Tests.Rules;
using Xunit;

namespace Streaming.Tests.Sealing;

/// <summary>The record of a case under its chain, as its actor writes it: checked here by the words of FORMAT.md, not by the product's own check.</summary>
public class CaseRecordTests
{
    private const string Case = "harbour-1";
    private static readonly DateTimeOffset Start = new(2026, 3, 3, 2, 0, 0, TimeSpan.Zero);
    private readonly Scene scene = new(CityRules.Shipped, Start);

    [Fact]
    public void Every_entry_hangs_on_the_one_before_and_the_case_and_its_alerts_name_the_head()
    {
        Open();
        Act("accept", null);
        Act("complete", "seen it", "confirmed");
        List<Entry> entries = Record();
        Assert.Equal(["opened", "stage", "issued"], entries.Take(3).Select(entry => entry.What));
        Assert.Contains(entries, entry => entry is { What: "accepted", By: "li" });
        CaseRow row = scene.Row<CaseRow>(View.Cases, Case)!;
        Assert.Equal((entries.Count, entries[^1].Hash), ((int)row.Chain!.Entries, row.Chain.Head));
        foreach (Alert alert in scene.Feed("transport", "harbour").Concat(scene.Feed("police", "harbour")))
        {
            Assert.Equal(entries[(int)alert.Chain!.Entries - 1].Hash, alert.Chain.Head);
        }

        // The opening seals the warning whole, and what it was judged by.
        JsonElement opened = entries[0].Json;
        Assert.Equal(60_000, opened.GetProperty("warning").GetProperty("evidence").GetProperty("figures").GetProperty("grossKg").GetDouble());
        Assert.Equal(CityRules.Shipped.ContentHash, opened.GetProperty("rule").GetProperty("rulebookSha256").GetString());
        Assert.Equal(49_000, opened.GetProperty("rule").GetProperty("parameters").GetProperty("roadLimits").GetProperty("rows").EnumerateArray().Last().GetProperty("combinationKg").GetInt32());
    }

    [Fact]
    public void The_same_messages_make_the_same_chain_and_another_word_makes_another()
    {
        string first = Play("a");
        Assert.Equal(first, Play("a"));
        Assert.NotEqual(first, Play("b"));

        static string Play(string note)
        {
            CaseRecordTests test = new();
            test.Open();
            test.Act("comment", note);
            test.scene.AdvanceTo(Start.AddDays(30));
            return test.scene.Row<CaseRow>(View.Cases, Case)!.Chain!.Head;
        }
    }

    [Fact]
    public void Two_cases_with_the_same_words_have_different_chains()
    {
        Open();
        scene.Send(ActorKind.Dispatcher, "north", MessageKind.WarningChanged, Warnings.Overload(Start, district: "north").Opened());
        Assert.NotEqual(Record()[0].Hash, Record("north-1")[0].Hash);
    }

    [Fact]
    public void A_thousand_entries_leave_the_state_small_and_every_one_is_in_the_record()
    {
        Open();
        for (int i = 0; i < 1_000; i++)
        {
            Act("comment", $"{i} {new string('证', 200)}");
        }

        List<Entry> entries = Record();
        Assert.Equal(1_000, entries.Count(entry => entry.What == "comment"));
        Assert.True(scene.StateOf(ActorKind.Case, Case).Length < GrainLimits.StateBytes);
        Assert.Equal(1_000, scene.Rows<CaseText>(View.CaseTexts).Length);
    }

    [Fact]
    public void Each_warning_that_joins_is_sealed_and_a_flood_is_counted_from_some_thousand_on()
    {
        Open();
        for (int i = 2; i <= (GrainLimits.WarningsSealed * 2) + 10; i++)
        {
            scene.Send(ActorKind.Dispatcher, "harbour", MessageKind.WarningChanged, Warnings.Overload(Start, count: i).Updated());
        }

        List<Entry> entries = Record();
        Assert.Equal(GrainLimits.WarningsSealed + 1, entries.Count(entry => entry.Json.TryGetProperty("warning", out _)));
        Assert.Single(entries, entry => entry.Json.TryGetProperty("rule", out _));
        Assert.Single(entries, entry => entry.What == "copies-end");
        Assert.InRange(scene.Rows<EvidenceRow>(View.Evidence).Length, GrainLimits.CopiesPerCase, GrainLimits.CopiesPerCase + 1);
        Assert.True(scene.StateOf(ActorKind.Case, Case).Length < 8 * 1024);
    }

    [Fact]
    public void What_is_cited_is_wanted_once_and_what_became_of_it_is_in_the_record_once()
    {
        Open();
        EvidenceRow[] wanted = scene.Rows<EvidenceRow>(View.Evidence);
        Assert.Equal(["register", "reading", "picture"], wanted.OrderBy(item => item.Number).Select(item => item.Kind));
        Assert.All(wanted, item => Assert.Equal("wanted", item.State));
        scene.Send(ActorKind.Dispatcher, "harbour", MessageKind.WarningChanged, Warnings.Overload(Start).Updated());
        Assert.Equal(3, scene.Rows<EvidenceRow>(View.Evidence).Length);

        EvidenceRow picture = wanted.Single(item => item.Kind == "picture");
        Assert.Equal(("https://pictures.example/1.jpg", new string('a', 64)), (picture.Url, picture.Expected));
        Seal(picture with { Attempts = 1, DueMs = 5, Reason = "it did not come" });
        Assert.DoesNotContain(Record(), entry => entry.What == "copy-failed");
        for (int i = 0; i < 2; i++)
        {
            Seal(picture with { State = "failed", Reason = "it is another picture" });
        }

        Entry failed = Assert.Single(Record(), entry => entry.What == "copy-failed");
        Assert.Equal("it is another picture", failed.Json.GetProperty("item").GetProperty("reason").GetString());
        Assert.Null(scene.Row<EvidenceRow>(View.Evidence, picture.Id)!.DueMs);
    }

    [Fact]
    public void What_a_case_opens_with_is_copied_at_once_and_what_joins_later_together_when_the_next_minute_is_over()
    {
        Open();
        scene.AdvanceTo(Start.AddSeconds(90));
        for (int i = 2; i <= 5; i++)
        {
            scene.Send(ActorKind.Dispatcher, "harbour", MessageKind.WarningChanged, Warnings.Overload(Start, count: i).Updated());
        }

        EvidenceRow[] wanted = [.. scene.Rows<EvidenceRow>(View.Evidence).OrderBy(item => item.Number)];
        Assert.Equal(Enumerable.Repeat(Start.ToUnixTimeMilliseconds(), 3), wanted.Take(3).Select(item => item.DueMs!.Value));
        Assert.Equal(Start.AddSeconds(90).ToUnixTimeMilliseconds(), wanted[3].DueMs);
        Assert.True(wanted.Length > 5);
        Assert.All(wanted.Skip(4), item => Assert.Equal(Start.AddSeconds(120).ToUnixTimeMilliseconds(), item.DueMs));
    }

    [Fact]
    public void A_case_is_told_of_its_copies_together_and_hears_of_one_alone_as_journals_of_before_have_it()
    {
        Open();
        EvidenceRow[] wanted = [.. scene.Rows<EvidenceRow>(View.Evidence).OrderBy(item => item.Number)];
        scene.Send(ActorKind.Case, Case, MessageKind.SealEvidence, new EvidenceSealed([wanted[0] with { State = "kept", Sha256 = new string('b', 64) }, wanted[1] with { State = "failed", Reason = "it is gone" }, wanted[1] with { State = "kept" }]));
        scene.Send(ActorKind.Case, Case, MessageKind.SealEvidence, Encoding.UTF8.GetBytes($$"""{"item":{{JsonSerializer.Serialize(wanted[2] with { State = "kept", Sha256 = new string('c', 64) }, GrainsJson.Default.EvidenceRow)}}}"""));

        Assert.Equal(["copy-kept", "copy-failed", "copy-kept"], Record().Where(entry => entry.What.StartsWith("copy-", StringComparison.Ordinal)).Select(entry => entry.What));
        Assert.Equal(["kept", "failed", "kept"], scene.Rows<EvidenceRow>(View.Evidence).OrderBy(item => item.Number).Select(item => item.State));
    }

    [Fact]
    public void What_a_person_wrote_can_be_erased_and_its_hash_and_the_chain_stay()
    {
        const string secret = "当事人电话 13800000000";
        Open();
        Act("complete", secret, "confirmed", salt: "00112233445566778899aabbccddeeff");
        Entry completed = Record().Single(entry => entry.What == "completed");
        Assert.DoesNotContain("13800000000", completed.Json.GetRawText(), StringComparison.Ordinal);
        string hash = completed.Json.GetProperty("textSha256").GetString()!;
        CaseText text = scene.Row<CaseText>(View.CaseTexts, $"{Case}/{completed.Number}")!;
        Assert.Equal(hash, Sha($$"""{"case":"harbour-1","note":"confirmed: {{secret}}","number":{{completed.Number}},"salt":"00112233445566778899aabbccddeeff"}"""));
        Assert.Contains(secret, text.Note, StringComparison.Ordinal);

        Assert.Equal(ReplyStatus.Done, scene.Send(ActorKind.Case, Case, MessageKind.EraseText, new EraseText(completed.Number, "chief", "asked for by the person"))!.Status);
        Assert.Null(scene.Row<CaseText>(View.CaseTexts, $"{Case}/{completed.Number}"));
        Assert.DoesNotContain("13800000000", Encoding.UTF8.GetString(scene.StateOf(ActorKind.Case, Case)), StringComparison.Ordinal);
        Assert.Null(scene.Row<WorkOrderRow>(View.WorkOrders, "harbour-1-w1")!.Note);
        Assert.Equal("confirmed", scene.Row<WorkOrderRow>(View.WorkOrders, "harbour-1-w1")!.Outcome);
        List<Entry> after = Record();
        Assert.Equal(hash, after[(int)completed.Number - 1].Json.GetProperty("textSha256").GetString());
        Assert.Equal((completed.Number, "chief", "asked for by the person"), (after[^1].Json.GetProperty("erased").GetInt64(), after[^1].By, after[^1].Json.GetProperty("note").GetString()));
        Assert.Equal(ReplyStatus.NotFound, scene.Send(ActorKind.Case, Case, MessageKind.EraseText, new EraseText(after.Count + 1, "chief", "x"))!.Status);
        Assert.Equal(ReplyStatus.Invalid, scene.Send(ActorKind.Case, Case, MessageKind.EraseText, new EraseText(1, "chief", " "))!.Status);
    }

    [Fact]
    public void Files_that_come_with_an_action_are_in_its_entry_and_bounded()
    {
        Open();
        Attachment picture = new(new string('b', 64), "image/jpeg", 5, "王五.jpg");
        Assert.Equal(ReplyStatus.Done, Act("comment", null, files: [picture]).Status);
        Entry entry = Record().Single(each => each.What == "comment");
        JsonElement file = Assert.Single(entry.Json.GetProperty("attachments").EnumerateArray());
        Assert.Equal(picture.Sha256, file.GetProperty("sha256").GetString());
        Assert.DoesNotContain("王五", entry.Json.GetRawText(), StringComparison.Ordinal);
        EvidenceRow kept = scene.Rows<EvidenceRow>(View.Evidence).Single(item => item.Kind == "attachment");
        Assert.Equal(("kept", entry.Number), (kept.State, kept.Entry));
        Assert.Equal(ReplyStatus.Invalid, Act("comment", null, files: [.. Enumerable.Repeat(picture, GrainLimits.FilesPerAction + 1)]).Status);
        for (int i = 1; i < GrainLimits.FilesPerCase; i++)
        {
            Assert.Equal(ReplyStatus.Done, Act("comment", null, files: [picture with { Sha256 = $"{i:x64}" }]).Status);
        }

        Assert.Equal(ReplyStatus.Invalid, Act("comment", null, files: [picture]).Status);
    }

    [Fact]
    public void A_case_of_before_there_were_chains_goes_on_under_one_and_says_so()
    {
        Open();
        byte[] state = scene.StateOf(ActorKind.Case, Case);
        ByteReader reader = new(state);
        _ = reader.ReadByte();
        string json = Encoding.UTF8.GetString(reader.ReadBytes());
        string[] later = ["chainEntries", "chainHead", "sealedRulebook", "lastItem", "wanted", "readingsWanted", "copiesFull", "files"];
        using JsonDocument document = JsonDocument.Parse(json);
        byte[] before = JsonSerializer.SerializeToUtf8Bytes(document.RootElement.EnumerateObject().Where(member => !later.Contains(member.Name)).ToDictionary(member => member.Name, member => member.Value));
        ByteWriter writer = new();
        writer.WriteByte(3);
        writer.WriteBytes(before);
        Actor old = ActorFactory.Create(ActorKind.Case);
        ByteReader again = new(writer.Written);
        old.Read(ref again);
        Effects effects = new();
        old.Handle(
            new Turn { Key = Case, NowMs = Start.ToUnixTimeMilliseconds(), Position = 99, Rules = CityRules.Shipped, Effects = effects, Rows = new NoRows() },
            new Message { Kind = MessageKind.ActOnWorkOrder, Body = JsonSerializer.SerializeToUtf8Bytes(new WorkOrderAction("harbour-1-w1", "accept", "li", null, null, null, null), GrainsJson.Default.WorkOrderAction) });
        Effect sheet = effects.Items.Single(effect => effect.View == View.CaseRecords);
        using JsonDocument shown = JsonDocument.Parse(effects.Payload.Slice(sheet.Offset, sheet.Length).ToArray());
        Assert.Equal(["chain-begins", "accepted"], shown.RootElement.GetProperty("entries").EnumerateArray().Select(entry => entry.GetProperty("entry").GetProperty("what").GetString()!));
    }

    [Fact]
    public void Numbers_that_are_persisted_stay() =>
        Assert.Equal((150, 151, 152, 150, 151), ((int)View.CaseRecords, (int)View.CaseTexts, (int)View.Evidence, (int)MessageKind.SealEvidence, (int)MessageKind.EraseText));

    private void Open() => scene.Send(ActorKind.Dispatcher, "harbour", MessageKind.WarningChanged, Warnings.Overload(Start).Opened());

    private Reply Act(string action, string? note, string? outcome = null, string? salt = null, Attachment[]? files = null) =>
        scene.Send(ActorKind.Case, Case, MessageKind.ActOnWorkOrder, new WorkOrderAction("harbour-1-w1", action, "li", null, note, outcome, null) { Salt = salt, Attachments = files })!;

    private void Seal(EvidenceRow item) => scene.Send(ActorKind.Case, Case, MessageKind.SealEvidence, new EvidenceSealed([item]));

    /// <summary>The record in order, each hash worked out anew.</summary>
    private List<Entry> Record(string id = Case)
    {
        List<Entry> entries = [];
        byte[] head = SHA256.HashData(Encoding.UTF8.GetBytes($"streaming-case-chain/1\n{id}"));
        foreach (JsonElement each in scene.Documents(View.CaseRecords).Where(sheet => sheet.GetProperty("case").GetString() == id).SelectMany(sheet => sheet.GetProperty("entries").EnumerateArray()))
        {
            // The rows have the canonical form itself.
            JsonElement entry = each.GetProperty("entry");
            head = SHA256.HashData([.. head, .. Encoding.UTF8.GetBytes(entry.GetRawText())]);
            Assert.Equal(Convert.ToHexStringLower(head), each.GetProperty("hash").GetString());
            entries.Add(new Entry(entry.GetProperty("number").GetInt64(), entry.GetProperty("what").GetString()!, entry.GetProperty("by").GetString()!, each.GetProperty("hash").GetString()!, entry));
            Assert.Equal(entries.Count, entries[^1].Number);
        }

        return entries;
    }

    private static string Sha(string text) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)));

    private sealed record Entry(long Number, string What, string By, string Hash, JsonElement Json);

    private sealed class NoRows : IActorRows
    {
        public byte[]? Find(string key) => throw new InvalidOperationException("A case reads no rows.");

        public void Put(string key, byte[] value) => throw new InvalidOperationException("A case writes no rows.");

        public void Remove(string key) => throw new InvalidOperationException("A case removes no rows.");
    }
}
