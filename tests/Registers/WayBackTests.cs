using System.Text;
using System.Text.Json;
using Streaming.Determinism;
using Streaming.Grains.Messages;
using Streaming.Grains.Registers;
using Streaming.Grains.Turns;
using Streaming.Tests.Subjects;
using Xunit;
using static Streaming.Tests.Registers.Statements;

namespace Streaming.Tests.Registers;

/// <summary>Whom an entry tells what others say, and what a reader may see of it.</summary>
public sealed class WayBackTests
{
    private const string Truck = "粤H12345-yellow";
    private static readonly SourceRegistration Asks = Source("police", "vehicles") with { Joined = true };
    private static readonly SourceRegistration Transport = Source("transport", "vehicles");

    private readonly SubjectStage stage = new(ActorKind.Entry, $"vehicles/{Truck}");

    [Fact]
    public void A_source_that_asked_hears_what_another_says_of_its_entry()
    {
        stage.Play(Say(Asks, """{"plate":"粤H12345-yellow","axles":6,"driveAxles":1,"at":"2026-11-01"}"""));
        Assert.Empty(stage.WaysBack);
        stage.Reload();
        stage.Play(Say(Transport, """{"plate":"粤H12345-yellow","driveAxles":2,"ratedLoadKg":30000,"at":"2026-11-02"}"""));

        (string source, EntryJoined joined) = Assert.Single(stage.WaysBack);
        Assert.Equal(("police", "vehicles", Truck, "transport"), (source, joined.Register, joined.Key, joined.By));
        Assert.Equal(["driveAxles", "plate", "ratedLoadKg"], joined.Changed);
        EntrySpan span = Assert.Single(joined.Spans);
        Assert.Equal((2, "transport", "police"), (span.Values["driveAxles"].GetInt32(), span.Sources["driveAxles"], span.Sources["axles"]));
        Assert.Equal(["police"], span.Differs!["driveAxles"]);
    }

    [Fact]
    public void Nobody_hears_the_own_word_or_what_changes_nothing_or_without_having_asked()
    {
        stage.Play(Say(Asks, """{"plate":"粤H12345-yellow","axles":6,"at":"2026-11-02"}"""));
        stage.Play(Say(Transport, """{"plate":"粤H12345-yellow","axles":6,"at":"2026-11-01"}"""));
        Assert.Empty(stage.WaysBack);
        stage.Play(Say(Asks, """{"plate":"粤H12345-yellow","axles":5,"at":"2026-11-03"}"""));
        Assert.Empty(stage.WaysBack);
        stage.Play(Say(Transport, """{"plate":"粤H12345-yellow","axles":6,"at":"2026-11-01"}"""));
        Assert.Empty(stage.WaysBack);
    }

    [Fact]
    public void Who_asks_no_longer_or_speaks_no_longer_of_the_entry_is_told_nothing()
    {
        stage.Play(Say(Asks, """{"plate":"粤H12345-yellow","axles":6,"at":"2026-11-01"}"""));
        stage.Play(Say(Asks with { Joined = null }, """{"plate":"粤H12345-yellow","axles":6,"at":"2026-11-02"}"""));
        stage.Play(Say(Transport, """{"plate":"粤H12345-yellow","axles":5,"at":"2026-11-03"}"""));
        Assert.Empty(stage.WaysBack);

        stage.Play(Say(Asks, """{"plate":"粤H12345-yellow","axles":6,"at":"2026-11-04"}"""));
        stage.Play(Say(Transport, """{"plate":"粤H12345-yellow","axles":4,"at":"2026-11-05"}"""));
        Assert.Single(stage.WaysBack);
        stage.Play(Say(Asks, """{"plate":"粤H12345-yellow","removed":true,"at":"2026-11-06"}"""));
        stage.Play(Say(Transport, """{"plate":"粤H12345-yellow","axles":3,"at":"2026-11-07"}"""));
        Assert.Empty(stage.WaysBack);
    }

    [Fact]
    public void An_entry_of_which_as_many_speak_as_may_tells_each_other_one_once()
    {
        for (int i = 0; i < Grains.GrainLimits.SourcesPerEntry; i++)
        {
            stage.Play(Say(Source($"s{i}", "vehicles") with { Joined = true }, $$"""{"plate":"粤H12345-yellow","axles":{{i + 2}},"at":"2026-11-0{{i + 1}}"}"""));
        }

        Assert.Equal(["s0", "s1", "s2", "s3", "s4", "s5", "s6"], stage.WaysBack.Select(each => each.Source));
    }

    [Fact]
    public void A_reader_sees_of_an_item_what_the_register_would_show_it()
    {
        EntrySpan span = new(null, null, Values("""{"plate":"粤H1-yellow","owner":"Zhang","axles":6}"""), new() { ["owner"] = "police", ["axles"] = "transport" }, new() { ["owner"] = ["transport"] });
        byte[] item = Json(new JoinedItem(7, JoinedItem.Joined, "police", "harbour", DateTimeOffset.UnixEpoch, "vehicles", "粤H1-yellow", "transport", ["axles", "owner"], [span]));

        Assert.Contains("Zhang", Read(item, seesPersons: true, null), StringComparison.Ordinal);
        string masked = Read(item, seesPersons: false, "north");
        Assert.DoesNotContain("Zhang", masked, StringComparison.Ordinal);
        Assert.DoesNotContain("owner", masked, StringComparison.Ordinal);
        Assert.Contains("\"axles\":6", masked, StringComparison.Ordinal);
        Assert.Contains("\"number\":7", masked, StringComparison.Ordinal);

        byte[] elsewhere = Json(new JoinedItem(8, JoinedItem.Joined, "eco", "harbour", DateTimeOffset.UnixEpoch, "enterprises", "E1", "fire", ["name"], [span with { Values = Values("""{"creditCode":"E1","district":"north.quay"}""") }]));
        Assert.Contains("E1", Read(elsewhere, seesPersons: true, "north"), StringComparison.Ordinal);
        Assert.Contains("E1", Read(elsewhere, seesPersons: true, "north.quay"), StringComparison.Ordinal);
        Assert.DoesNotContain("E1", Read(elsewhere, seesPersons: true, "north.market"), StringComparison.Ordinal);
        string withheld = Read(elsewhere, seesPersons: true, "harbour");
        Assert.DoesNotContain("E1", withheld, StringComparison.Ordinal);
        Assert.Contains("\"number\":8,\"type\":\"withheld\"", withheld, StringComparison.Ordinal);

        // Told while the source was one of a register about persons, and read by who sees none of them since it is another's.
        byte[] person = Json(new JoinedItem(9, JoinedItem.Joined, "police", "harbour", DateTimeOffset.UnixEpoch, "drivers", "D1", "transport", ["name"], [span with { Values = Values("{\"number\":\"D1\"}") }]));
        Assert.DoesNotContain("D1", Read(person, seesPersons: false, null), StringComparison.Ordinal);
        Assert.Contains("D1", Read(person, seesPersons: true, "harbour"), StringComparison.Ordinal);
    }

    private static ByField<JsonElement> Values(string json) => JsonSerializer.Deserialize<ByField<JsonElement>>(json)!;

    private static byte[] Json(JoinedItem item) => JsonSerializer.SerializeToUtf8Bytes(item, GrainsJson.Default.JoinedItem);

    private static string Read(byte[] item, bool seesPersons, string? district) => System.Text.RegularExpressions.Regex.Unescape(Encoding.UTF8.GetString(JoinedView.Read(item, seesPersons, district).Span));
}
