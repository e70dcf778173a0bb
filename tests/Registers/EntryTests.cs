using System.Text.Json;
using Streaming.Determinism;
using Streaming.Grains.Messages;
using Streaming.Grains.Rules;
using Streaming.Grains.Turns;
using Streaming.Models.Registers;
using Streaming.Tests.Subjects;
using Xunit;
using static Streaming.Tests.Registers.Statements;

namespace Streaming.Tests.Registers;

public sealed class EntryTests
{
    private const string Truck = "粤H12345-yellow";
    private static readonly SourceRegistration Police = Source("police-vehicles", "vehicles");
    private static readonly SourceRegistration Transport = Source("transport-vehicles", "vehicles");

    private readonly SubjectStage stage = new(ActorKind.Entry, $"vehicles/{Truck}");

    [Fact]
    public void A_record_becomes_an_entry_and_its_vehicle_is_told()
    {
        stage.Play(Say(Police, """{"plate":"粤h12345","plateColor":"yellow","vehicleClass":"combination","axles":6,"driveAxles":"1","ratedLoadKg":"31000","homeProvince":"粤"}"""));

        EntryRow row = stage.Row;
        Assert.Equal(("vehicles", Truck, false), (row.Register, row.Key, row.Differs));
        EntrySpan span = Assert.Single(row.Spans);
        Assert.Null(span.From);
        Assert.Null(span.To);
        Assert.Equal((1, 31_000, "combination"), (span.Values["driveAxles"].GetInt32(), span.Values["ratedLoadKg"].GetInt32(), span.Values["vehicleClass"].GetString()));
        Assert.Equal("police-vehicles", span.Sources["axles"]);
        Assert.Equal(["homeProvince=粤", "source=police-vehicles"], row.Refs);
        (string vehicle, EntryChanged changed) = Assert.Single(stage.Entries);
        Assert.Equal((Truck, Register.Vehicles, Truck, "police-vehicles"), (vehicle, changed.Register, changed.Key, changed.By));
        Assert.Single(changed.Spans);
    }

    [Fact]
    public void The_same_words_again_change_nothing_that_anybody_sees()
    {
        const string Words = """{"plate":"粤H12345-yellow","axles":6}""";
        stage.Play(Say(Police, Words));
        stage.Play(Say(Police, Words, Noon + 1_000));

        Assert.Equal(0, stage.Effects);
    }

    [Fact]
    public void Where_two_sources_differ_the_later_word_counts_and_both_are_shown()
    {
        stage.Play(Say(Police, """{"plate":"粤H12345-yellow","axles":6,"driveAxles":1,"at":"2026-11-01"}"""));
        stage.Play(Say(Transport, """{"plate":"粤H12345-yellow","driveAxles":2,"at":"2026-11-02"}"""));

        EntrySpan span = Assert.Single(stage.Row.Spans);
        Assert.True(stage.Row.Differs);
        Assert.Equal((2, 6), (span.Values["driveAxles"].GetInt32(), span.Values["axles"].GetInt32()));
        Assert.Equal(("transport-vehicles", "police-vehicles"), (span.Sources["driveAxles"], span.Sources["axles"]));
        Assert.Equal(["police-vehicles"], Assert.Contains("driveAxles", (IDictionary<string, string[]>)span.Differs!));
    }

    [Fact]
    public void A_rule_of_precedence_says_whose_word_counts_for_which_field()
    {
        stage.Rules = new Rulebook { Version = 1, Registers = new RegisterRules { Precedence = [new RegisterPrecedence { Register = "vehicles", Fields = ["driveAxles"], Sources = ["police-vehicles"] }] } };
        stage.Play(Say(Police, """{"plate":"粤H12345-yellow","driveAxles":1,"homeProvince":"粤","at":"2026-11-01"}"""));
        stage.Play(Say(Transport, """{"plate":"粤H12345-yellow","driveAxles":2,"homeProvince":"桂","at":"2026-11-02"}"""));

        EntrySpan span = Assert.Single(stage.Row.Spans);
        Assert.Equal((1, "桂"), (span.Values["driveAxles"].GetInt32(), span.Values["homeProvince"].GetString()));
    }

    [Fact]
    public void What_is_said_again_counts_before_what_another_said_meanwhile()
    {
        stage.Play(Say(Police, """{"plate":"粤H12345-yellow","driveAxles":1,"at":"2026-11-01"}"""));
        stage.Play(Say(Transport, """{"plate":"粤H12345-yellow","driveAxles":2,"at":"2026-11-02"}"""));
        stage.Play(Say(Police, """{"plate":"粤H12345-yellow","driveAxles":1,"at":"2026-11-03"}"""));

        Assert.Equal(1, Assert.Single(stage.Row.Spans).Values["driveAxles"].GetInt32());
    }

    [Fact]
    public void A_span_holds_from_and_to_its_times_and_a_removal_ends_it()
    {
        stage.Play(Say(Police, """{"plate":"粤H12345-yellow","axles":5,"validFrom":"2025-01-01T00:00:00Z","validTo":"2026-01-01T00:00:00Z"}"""));
        stage.Play(Say(Police, """{"plate":"粤H12345-yellow","axles":6,"validFrom":"2026-01-01T00:00:00Z"}"""));
        Assert.Equal([5, 6], stage.Row.Spans.Select(span => span.Values["axles"].GetInt32()));

        stage.Play(Say(Police, """{"plate":"粤H12345-yellow","removed":true,"at":"2026-11-01T00:00:00Z"}"""));
        Assert.Equal(2, stage.Row.Spans.Length);
        Assert.Equal(new DateTimeOffset(2026, 11, 1, 0, 0, 0, TimeSpan.Zero), stage.Row.Spans[1].To);
        Assert.Empty(stage.Row.Resources);
        Assert.DoesNotContain("source=police-vehicles", stage.Row.Refs);
    }

    [Fact]
    public void A_permit_given_to_another_vehicle_is_taken_from_the_one_that_had_it()
    {
        SubjectStage permit = new(ActorKind.Entry, "permits/P1");
        SourceRegistration permits = Source("permits", "permits");
        permit.Play(Say(permits, """{"number":"P1","plate":"粤H1-yellow","grossKg":80000,"at":"2026-11-01"}"""));
        Assert.Equal(["粤H1-yellow"], permit.Entries.Select(each => each.Vehicle));
        permit.Play(Say(permits, """{"number":"P1","plate":"粤H2-yellow","grossKg":80000,"at":"2026-11-02"}"""));

        Assert.Equal([("粤H1-yellow", 0), ("粤H2-yellow", 1)], permit.Entries.Select(each => (each.Vehicle, each.Changed.Spans.Length)));
    }

    /// <summary>Statements of four sources with few different times and values, in a hundred orders.</summary>
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Statements_come_to_the_same_in_whatever_order_they_arrive(int seed)
    {
        Random random = new(seed);
        List<ScriptStep> steps = [];
        for (int i = 0; i < 40; i++)
        {
            string source = $"s{random.Next(4)}";
            bool removed = random.Next(6) == 0;
            string words = removed ? "\"removed\":true" : $"\"axles\":{random.Next(2, 6)}{(random.Next(2) == 0 ? "" : $",\"driveAxles\":{random.Next(1, 3)}")}";
            string from = random.Next(3) == 0 ? "" : $",\"validFrom\":\"2026-0{random.Next(1, 6)}-01\"";
            string to = removed || random.Next(2) == 0 ? "" : $",\"validTo\":\"2026-0{random.Next(6, 9)}-01\"";
            steps.Add(Say(Source(source, "vehicles"), $"{{\"plate\":\"粤H12345-yellow\",{words}{from}{to},\"at\":\"2026-10-{random.Next(10, 16)}\"}}"));
        }

        string? expected = null;
        for (int order = 0; order < 100; order++)
        {
            ScriptStep[] shuffled = [.. steps];
            random.Shuffle(shuffled);
            SubjectStage one = new(ActorKind.Entry, $"vehicles/{Truck}");
            foreach (ScriptStep step in shuffled)
            {
                one.Play(step);
                one.Reload();
            }

            JsonElement described = one.Described;
            string statements = described.GetProperty("statements").GetRawText();
            expected ??= statements;
            Assert.True(expected == statements, $"Seed {seed}, order {order}:\n{expected}\n{statements}");
        }
    }

    [Fact]
    public void What_can_grow_is_bounded()
    {
        for (int source = 0; source < 12; source++)
        {
            for (int month = 1; month <= 12; month++)
            {
                stage.Play(Say(Source($"s{source:00}", "vehicles"), $"{{\"plate\":\"粤H12345-yellow\",\"owner\":\"{new string('x', 128)}\",\"validFrom\":\"2026-{month:00}-01\"}}"));
            }
        }

        JsonElement described = stage.Described;
        Assert.Equal(64, described.GetProperty("statements").GetArrayLength());
        Assert.Equal(48, described.GetProperty("refused").GetInt32());
        Assert.True(stage.State.Length < 64 * 1024);
    }
}
