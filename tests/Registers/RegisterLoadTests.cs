using System.Text;
using Streaming.Grains.Inputs;
using Streaming.Grains.Messages;
using Streaming.Ingest.Registers;
using Streaming.Tests.Mqtt;
using Xunit;
using static Streaming.Tests.Registers.Statements;

namespace Streaming.Tests.Registers;

public sealed class RegisterLoadTests
{
    private FakeIntake intake = new();

    [Fact]
    public async Task A_table_with_quotes_line_breaks_and_a_mark_at_its_beginning_is_taken_row_by_row()
    {
        LoadOutcome outcome = await LoadAsync(
            "\uFEFFplate,plateColor,owner,axles\r\n"
            + "粤H1,yellow,\"Smith, \"\"Bob\"\"\nand sons\",6\r\n"
            + "\r\n"
            + "粤H2,blue,,2\r\n"
            + "粤H3,,x,3");

        Assert.Equal((3, 2, 1), (outcome.Records, outcome.Taken, outcome.Refused));
        LoadProblem problem = Assert.Single(outcome.Problems);
        Assert.Equal((2, "owner", "out-of-range"), (problem.Line, problem.Field, problem.Reason));
        Assert.Equal(["vehicles/粤H2-blue", "vehicles/粤H3"], Keys());
    }

    [Theory]
    [InlineData("plate;axles\n粤H1;6\n")]
    [InlineData("plate\taxles\n粤H1\t6\n")]
    [InlineData("plate,axles\n粤H1,6")]
    public async Task Commas_semicolons_and_tabs_are_told_apart(string table)
    {
        LoadOutcome outcome = await LoadAsync(table);

        Assert.Equal((1, 1, 0), (outcome.Records, outcome.Taken, outcome.Refused));
    }

    [Fact]
    public async Task Every_broken_record_is_named_by_its_line_and_the_others_are_taken()
    {
        StringBuilder table = new("plate,axles\n");
        for (int i = 0; i < 2_000; i++)
        {
            table.Append(System.Globalization.CultureInfo.InvariantCulture, $"粤H{i:0000},{(i % 20 == 7 ? "many" : "6")}\n");
        }

        LoadOutcome outcome = await LoadAsync(table.ToString());

        Assert.Equal((2_000, 1_900, 100), (outcome.Records, outcome.Taken, outcome.Refused));
        Assert.Equal(Enumerable.Range(0, 2_000).Where(i => i % 20 == 7).Select(i => (long)i + 2), outcome.Problems.Select(problem => problem.Line));
        Assert.All(outcome.Problems, problem => Assert.Equal(("axles", "axles is \"many\"; a number expected"), (problem.Field, problem.Detail)));
        Assert.Equal((1_900, 100), (intake.Arrived.Sum(each => each.Readings), intake.Arrived.Count(each => each.Rejection is not null) * 5));
    }

    [Fact]
    public async Task Lines_of_json_are_taken_and_what_is_none_is_refused_by_line()
    {
        LoadOutcome outcome = await LoadAsync(
            """
            {"plate":"粤H1","axles":6}
            {"plate":"粤H2","axles":
            [1]
            {}
            {"plate":"粤H3"}
            """,
            TableFormat.JsonLines);

        Assert.Equal((5, 2, 3), (outcome.Records, outcome.Taken, outcome.Refused));
        Assert.Equal([2L, 3, 4], outcome.Problems.Select(problem => problem.Line));
        Assert.Contains("line 2 is no JSON object", outcome.Problems[0].Detail, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_line_longer_than_any_record_is_refused_and_the_next_is_taken()
    {
        LoadOutcome outcome = await LoadAsync($"plate,axles\n粤H1,{new string('6', 300_000)}\n粤H2,6\n");

        Assert.Equal((2, 1, 1), (outcome.Records, outcome.Taken, outcome.Refused));
        Assert.Equal(2, outcome.Problems[0].Line);
        Assert.Equal(["vehicles/粤H2"], Keys());
    }

    [Theory]
    [InlineData("粤H1,6", "\"粤H1\",6")]
    [InlineData(" 粤H1\u3000,\t6 \r", "\" 粤H1\u3000\",\" 6\"")]
    [InlineData("粤H1", "\"粤H1\",")]
    [InlineData("粤H1,6,", "\"粤H1\",6, ")]
    public async Task A_row_says_the_same_with_quotes_and_without(string plain, string quoted)
    {
        LoadOutcome outcome = await LoadAsync($"plate,axles\n{plain}\n");
        LoadChunk[] said = Chunks();
        intake = new FakeIntake();
        LoadOutcome other = await LoadAsync($"plate,axles\n{quoted}\n");

        Assert.Equal((1, 1, 0), (outcome.Records, outcome.Taken, outcome.Refused));
        Assert.Equal((1, 1, 0), (other.Records, other.Taken, other.Refused));
        Assert.Equal(said, Chunks());
        Assert.Equal(["vehicles/粤H1"], Keys());
    }

    [Theory]
    [InlineData("", "no first line")]
    [InlineData("axles\n6\n", "no column 'plate'")]
    public async Task A_table_that_names_no_entries_is_refused_whole(string table, string expected)
    {
        LoadOutcome outcome = await LoadAsync(table);

        Assert.Contains(expected, outcome.Stopped, StringComparison.Ordinal);
        Assert.Empty(intake.Arrived);
    }

    [Fact]
    public async Task Trying_a_table_out_says_the_same_and_changes_nothing()
    {
        const string Table = "plate,axles\n粤H1,6\n粤H2,99\n";
        LoadOutcome tried = await new RegisterLoad(Source("police", "vehicles"), null, TimeProvider.System).RunAsync(Bytes(Table), TableFormat.Csv, null, default);
        LoadOutcome real = await LoadAsync(Table);

        Assert.Equal((true, 2, 1, 1), (tried.DryRun, tried.Records, tried.Taken, tried.Refused));
        Assert.Equal(real.Problems, tried.Problems);
        Assert.Single(intake.Arrived);
    }

    [Fact]
    public async Task A_whole_table_removes_what_it_does_not_have()
    {
        LoadOutcome outcome = await LoadAsync("plate,axles\n粤H1,6\n", known: ["粤H1", "粤H2-yellow", "粤H3"]);

        Assert.Equal((1, 1, 2), (outcome.Records, outcome.Taken, outcome.Removed));
        Assert.Equal(["vehicles/粤H1", "vehicles/粤H2-yellow", "vehicles/粤H3"], Keys());
    }

    [Fact]
    public async Task A_whole_table_with_problems_removes_nothing_and_says_so()
    {
        LoadOutcome outcome = await LoadAsync("plate,axles\n粤H1,6\n粤H2,99\n", known: ["粤H1", "粤H2"]);

        Assert.Equal(0, outcome.Removed);
        Assert.Contains("were not removed", outcome.Stopped, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_load_that_was_cut_off_takes_what_is_missing_and_tells_of_the_whole()
    {
        string table = Table(750, "6");
        LoadOutcome whole = await LoadAsync(table);
        LoadChunk[] chunks = Chunks();
        intake = new FakeIntake();
        for (int had = 1; had <= chunks.Length; had++)
        {
            LoadOutcome resumed = await LoadAsync(table, progress: new LoadProgress((uint)had, chunks[0].Hash, chunks[had - 1].Hash));

            Assert.Equal((whole.Records, whole.Taken, whole.Refused, Math.Min(750, had * 100)), (resumed.Records, resumed.Taken, resumed.Refused, resumed.Known));
            Assert.Equal(whole.Problems, resumed.Problems);
            Assert.Equal(chunks[had..], Chunks());
            intake = new FakeIntake();
        }
    }

    [Theory]
    [InlineData(750, "5", 8)]
    [InlineData(750, "5", 1)]
    [InlineData(300, "6", 8)]
    [InlineData(50, "6", 8)]
    public async Task Another_table_than_the_one_that_was_cut_off_is_taken_whole(int records, string last, int had)
    {
        await LoadAsync(Table(750, "6"));
        LoadChunk[] chunks = Chunks();
        intake = new FakeIntake();
        LoadOutcome outcome = await LoadAsync(Table(records, last), progress: new LoadProgress((uint)had, had == 1 ? 1 : chunks[0].Hash, chunks[had - 1].Hash));

        Assert.Equal((records, 0), (outcome.Records, outcome.Known));
        Assert.Equal(records, Keys().Count);
    }

    [Fact]
    public async Task A_table_whose_columns_now_mean_something_else_is_another_one()
    {
        string table = Table(200, "6");
        await LoadAsync(table);
        LoadChunk[] chunks = Chunks();
        SourceRegistration mapped = Source("police", "vehicles") with { Mapping = new RegisterMapping([new MappedName("axles", "tyres")]) };
        LoadOutcome outcome = await new RegisterLoad(mapped, intake, TimeProvider.System, new LoadProgress(2, chunks[0].Hash, chunks[1].Hash)).RunAsync(Bytes(table), TableFormat.Csv, null, default);

        Assert.Equal(0, outcome.Known);
    }

    [Theory]
    [InlineData("v1/records/police/12-00000000000000ff-0123456789abcdef", 12, 0xFF, 0x0123456789ABCDEF)]
    [InlineData("v1/records/police/0-00000000000000ff-0123456789abcdef", 0, 0, 0)]
    [InlineData("v1/records/police/-00000000000000ff-0123456789abcdef", 0, 0, 0)]
    [InlineData("v1/records/police/+1-00000000000000ff-0123456789abcdef", 0, 0, 0)]
    [InlineData("v1/records/police/99999999999-00000000000000ff-0123456789abcdef", 0, 0, 0)]
    [InlineData("v1/records/police/12-00000000000000FF-0123456789abcdef", 0, 0, 0)]
    [InlineData("v1/records/police/12-0000000000000000x0123456789abcdef0", 0, 0, 0)]
    [InlineData("v1/records/police", 0, 0, 0)]
    [InlineData("v1/records/", 0, 0, 0)]
    [InlineData("v1/wim/S07/12-00000000000000ff-0123456789abcdef", 0, 0, 0)]
    public void A_part_of_a_table_stands_in_the_topic(string topic, int number, ulong before, ulong hash)
    {
        LoadChunk? expected = number == 0 ? null : new LoadChunk((uint)number, before, hash);

        Assert.Equal(expected, LoadChunk.OfTopic(Encoding.UTF8.GetBytes(topic)));
        Assert.Equal(expected is null ? null : topic, expected?.Topic("police"));
    }

    private static string Table(int records, string last) =>
        $"plate,axles\n{string.Concat(Enumerable.Range(0, records).Select(i => string.Create(System.Globalization.CultureInfo.InvariantCulture, $"粤H{i:0000},{(i == records - 1 ? last : "6")}\n")))}";

    private LoadChunk[] Chunks() => [.. intake.Journal.Select(bytes =>
    {
        ReadOnlySpan<byte> rest = bytes;
        return LoadChunk.OfTopic(PublishRecord.Read(Grains.Inputs.Record.Next(ref rest).Body).Topic)!.Value;
    })];

    private static MemoryStream Bytes(string text) => new(Encoding.UTF8.GetBytes(text));

    private Task<LoadOutcome> LoadAsync(string table, TableFormat format = TableFormat.Csv, string[]? known = null, LoadProgress? progress = null) =>
        new RegisterLoad(Source("police", "vehicles"), intake, TimeProvider.System, progress).RunAsync(Bytes(table), format, known is null ? null : _ => known.ToAsyncEnumerable(), default);

    private List<string> Keys()
    {
        List<string> keys = [];
        foreach (byte[] bytes in intake.Journal)
        {
            ReadOnlySpan<byte> rest = bytes;
            PublishRecord.ReadingEnumerator readings = PublishRecord.Read(Grains.Inputs.Record.Next(ref rest).Body).GetReadings();
            while (readings.MoveNext())
            {
                keys.Add(Encoding.UTF8.GetString(readings.Current.Key));
            }
        }

        return keys;
    }
}
