using Streaming.Determinism;
using Streaming.Grains.Inputs;
using Streaming.Grains.Messages;
using Streaming.Grains.Turns;
using Streaming.Ingest.Formats;
using Streaming.Models.Registers;
using Streaming.Tests.Subjects;
using Xunit;
using static Streaming.Tests.Registers.Statements;

namespace Streaming.Tests.Registers;

public sealed class RegisterDecodingTests
{
    private const string Damage = "0129-:,.\"\\{}[]eTZx粤 ";

    [Theory]
    [InlineData("""{"axles":6}""", RejectReason.MissingField, "plate is missing; it names the entry of the register vehicles")]
    [InlineData("""{"plate":"粤H1","axles":17}""", RejectReason.OutOfRange, "axles is 17; 1 to 16 expected")]
    [InlineData("""{"plate":"粤H1","axles":"six"}""", RejectReason.OutOfRange, "axles is \"six\"; a number expected")]
    [InlineData("""{"plate":"粤H1","axles":true}""", RejectReason.WrongType, "axles is true; a number expected")]
    [InlineData("""{"plate":"粤H1","vehicleClass":"lorry"}""", RejectReason.OutOfRange, "vehicleClass is \"lorry\"; rigid, combination, tanker, car, bus, other expected")]
    [InlineData("""{"plate":"粤H1","axles":6,"axles":5}""", RejectReason.Inconsistent, "axles is given twice; one value expected")]
    [InlineData("""{"plate":"粤H1","validFrom":"tomorrow"}""", RejectReason.BadTime, "validFrom is \"tomorrow\"; a day as 2026-11-21 or a time as 2026-11-21T08:15:30Z expected")]
    [InlineData("""{"plate":"粤H1","validFrom":"2026-02-01","validTo":"2026-01-01"}""", RejectReason.Inconsistent, "validTo is not after validFrom")]
    [InlineData("""{"plate":"粤H1","at":"2099-01-01"}""", RejectReason.BadTime, "at is over 10 minutes ahead of its arrival")]
    [InlineData("""{"plate":"粤H1","validFrom":"0000-01-01"}""", RejectReason.BadTime, "a time from 1900 to 2999 expected")]
    [InlineData("""{"plate":"粤H1","validTo":"9999-12-31T23:59:59-23:59"}""", RejectReason.BadTime, "a time from 1900 to 2999 expected")]
    [InlineData("""{"plate":"粤/1","axles":6}""", RejectReason.OutOfRange, "a plate without '/'")]
    public void A_bad_field_is_named_with_its_value_and_what_was_expected(string payload, RejectReason reason, string detail)
    {
        (EncodeOutcome outcome, _, List<Rejection> rejections) = Decode(Source("r", "vehicles"), payload);

        Assert.Equal((0, 1), (outcome.Accepted, outcome.Rejected));
        Assert.Equal(reason, rejections[0].Reason);
        Assert.Contains(detail, rejections[0].Detail, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{"type":"Point","coordinates":[1,2],"name":"\ud800"}""")]
    [InlineData("""{"type":"Point","coordinates":7}""")]
    [InlineData("""{"type":"Circle","coordinates":[1,2]}""")]
    [InlineData("""{"type":"Point"}""")]
    [InlineData("\"no geometry\"")]
    [InlineData("[1,2]")]
    public void What_is_no_geometry_is_refused(string geometry)
    {
        (EncodeOutcome outcome, _, _) = Decode(Source("r", "roads"), $"{{\"id\":\"R1\",\"geometry\":{geometry}}}");

        Assert.Equal((0, 1), (outcome.Accepted, outcome.Rejected));
        Assert.Contains("a GeoJSON Point", outcome.FirstDetail, StringComparison.Ordinal);
    }

    /// <summary>Whatever of a record is damaged, it is refused or it is a statement that an entry takes.</summary>
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void No_damaged_record_breaks_an_entry(int seed)
    {
        Random random = new(seed);
        for (int i = 0; i < 3_000; i++)
        {
            RegisterSchema schema = RegisterSchema.All[random.Next(RegisterSchema.All.Count)];
            string sound = $"{{{string.Join(',', schema.Fields.Select(field => $"\"{field.Name}\":{Sample(field)}"))},\"validFrom\":\"2026-01-01\",\"validTo\":\"2026-12-01T00:00:00+08:00\",\"at\":\"2026-11-01\"}}";
            char[] damaged = sound.ToCharArray();
            for (int damage = random.Next(1, 4); damage > 0; damage--)
            {
                damaged[random.Next(damaged.Length)] = Damage[random.Next(Damage.Length)];
            }

            (_, List<(string Key, ScriptStep Step)> steps, _) = Decode(Source("r", schema.Name), new string(damaged));
            foreach ((string key, ScriptStep step) in steps)
            {
                SubjectStage stage = new(ActorKind.Entry, key);
                stage.Play(step);
                stage.Reload();
                Assert.NotEmpty(stage.DescribedText);
            }
        }
    }

    [Fact]
    public void A_bad_record_does_not_sink_the_others()
    {
        (EncodeOutcome outcome, List<(string Key, ScriptStep Step)> steps, List<Rejection> rejections) =
            Decode(Source("r", "vehicles"), """[{"plate":"粤H1"},{"plate":"粤H2","axles":99},{"plate":"粤H3"}]""");

        Assert.Equal((2, 1), (outcome.Accepted, outcome.Rejected));
        Assert.Equal(["vehicles/粤H1", "vehicles/粤H3"], steps.Select(step => step.Key));
        Assert.StartsWith("axles is 99", rejections[0].Detail, StringComparison.Ordinal);
    }

    [Fact]
    public void A_department_s_own_columns_and_words_are_taken_by_its_mapping()
    {
        RegisterMapping mapping = new(
            [new("号牌", "plate"), new("颜色", "plateColor"), new("车型", "vehicleClass"), new("驱动轴", "driveAxles"), new("有效期自", "validFrom")],
            [new("vehicleClass", "半挂汽车列车", "combination")],
            480);
        SubjectStage stage = new(ActorKind.Entry, "vehicles/粤H12345-yellow");
        stage.Play(Say(Source("police", "vehicles", mapping), """{"号牌":"粤H12345","颜色":"yellow","车型":"半挂汽车列车","驱动轴":"2","有效期自":"2026-01-01","unknown":1,"axles":""}"""));

        EntrySpan span = Assert.Single(stage.Row.Spans);
        Assert.Equal(("combination", 2, 2), (span.Values["vehicleClass"].GetString(), span.Values["driveAxles"].GetInt32(), span.Values.Count - 1));
        Assert.Equal(new DateTimeOffset(2025, 12, 31, 16, 0, 0, TimeSpan.Zero), span.From);
    }

    [Theory]
    [InlineData("nothing", null, null, "There is no register 'nothing'")]
    [InlineData("vehicles", "colour", null, "which the register vehicles does not have")]
    [InlineData("vehicles", null, "lorry", "'lorry'")]
    public void A_mapping_that_cannot_hold_is_refused_by_name(string register, string? field, string? means, string expected)
    {
        RegisterMapping mapping = new(field is null ? null : [new("x", field)], means is null ? null : [new("vehicleClass", "x", means)]);

        Assert.Contains(expected, RegisterMap.Problem(register, mapping), StringComparison.Ordinal);
    }

    [Fact]
    public void Records_come_from_a_source_that_is_registered_for_them_and_on_its_own_topic()
    {
        SourceRegistration station = new("S07", "wim", ["v1/#"], "north", null, "");
        (_, _, List<Rejection> none) = Decode(station, """{"plate":"粤H1"}""");
        (_, _, List<Rejection> others) = Decode(Source("r", "vehicles"), """{"plate":"粤H1"}""", topic: "v1/records/q");

        Assert.Contains("is registered with no register", none[0].Detail, StringComparison.Ordinal);
        Assert.Contains("v1/records/r expected", others[0].Detail, StringComparison.Ordinal);
    }

    [Fact]
    public void Every_register_takes_a_record_with_all_its_fields_and_shows_them_as_they_were()
    {
        foreach (RegisterSchema schema in RegisterSchema.All)
        {
            List<string> members = [];
            foreach (RegisterField field in schema.Fields)
            {
                members.Add($"\"{field.Name}\":{Sample(field)}");
            }

            (EncodeOutcome outcome, List<(string Key, ScriptStep Step)> steps, _) = Decode(Source("r", schema.Name), $"{{{string.Join(',', members)}}}");
            Assert.True(outcome.Accepted == 1, $"{schema.Name}: {outcome.FirstDetail}");
            SubjectStage stage = new(ActorKind.Entry, steps[0].Key);
            stage.Play(steps[0].Step);
            EntrySpan span = Assert.Single(stage.Row.Spans);
            Assert.Equal(schema.Fields.Select(field => field.Name).Order(StringComparer.Ordinal), span.Values.Keys);
            foreach (RegisterField field in schema.Fields)
            {
                Assert.Equal(Sample(field), span.Values[field.Name].GetRawText());
            }
        }
    }

    /// <summary>Schemas are read by for ever: a number, name or kind that changes makes old statements say something else.</summary>
    [Fact]
    public void No_field_changes_its_number_name_or_kind()
    {
        string[] now = [.. RegisterSchema.All.SelectMany(schema => schema.Fields.Select(field => $"{(byte)schema.Register} {schema.Name} {field.Number} {field.Name} {(byte)field.Kind} {field.Decimals}"))];
        string[] frozen = File.ReadAllLines(Path.Combine(AppContext.BaseDirectory, "Registers", "schemas.golden"));

        // A register may get further fields, which stand behind its own and before the next register's.
        Assert.NotEmpty(frozen);
        Assert.Equal(frozen, now.Where(frozen.Contains));
    }

    private static string Sample(RegisterField field) => field.Kind switch
    {
        RegisterFieldKind.Number => Math.Max(field.Least, 1) / (decimal)Math.Pow(10, field.Decimals) is var value && value == Math.Floor(value) ? $"{value:0}" : value.ToString("0.######", System.Globalization.CultureInfo.InvariantCulture),
        RegisterFieldKind.Word => $"\"{field.Choices[0]}\"",
        RegisterFieldKind.Words => $"[\"{field.Choices[0]}\",\"{field.Choices[^1]}\"]",
        RegisterFieldKind.Time => "\"2026-11-21T08:15:30.123Z\"",
        RegisterFieldKind.Geometry => """{"type":"Point","coordinates":[112.4,23.1]}""",
        RegisterFieldKind.Plate => "\"粤H12345-yellow\"",
        _ => $"\"{field.Name}-1\"",
    };
}
