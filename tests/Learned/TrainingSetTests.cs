using System.Text;
using Streaming.Models;
using Streaming.Models.Learned;
using Streaming.Models.Learned.Features;
using Streaming.Models.Learned.Training;
using Xunit;

namespace Streaming.Tests.Learned;

public sealed class TrainingSetTests
{
    private const string Line = """{"kind":"over-road-limit","at":"2026-11-20T16:00:00+08:00","source":"S07","features":{"overPct":12.5,"axles":6},"label":true}""";

    [Fact]
    public void A_line_is_a_row_and_what_it_does_not_say_is_absent()
    {
        TrainingRow row = Assert.Single(Read(Line).Of(OverloadFeatures.RoadLimit)!.Rows);
        Assert.Equal((1_795_161_600_000, "S07", true), (row.AtMs, row.Source, row.Label));
        Assert.Equal([12.5f, 10, 0, 6, 40, 0, 1, 0, 50, 12, 6, 24, 0, 0], row.Vector);
    }

    [Theory]
    [InlineData("over-road-limit", "over-the-moon", "$.kind is \"over-the-moon\"")]
    [InlineData("+08:00", "", "$.at must be a time with its offset")]
    [InlineData("12.5", "NaN", "not a JSON object")]
    [InlineData("12.5", "1e999", "$.features.overPct must be a number from 0 to 300")]
    [InlineData("12.5", "-1", "$.features.overPct must be a number from 0 to 300")]
    [InlineData("overPct", "overPercent", "\"overPercent\", which is no feature of over-road-limit; there are overPct, accuracyPct")]
    [InlineData("true", "1", "$.label must be true or false")]
    [InlineData("\"source\":\"S07\",", "", "$.source is missing")]
    [InlineData("\"source\"", "\"station\"", "$ has \"station\", which is not known there")]
    [InlineData("}", "", "not a JSON object")]
    public void A_line_that_is_not_right_is_left_out_and_named(string what, string by, string problem)
    {
        TrainingReader reader = Read($"{Line}\n\n{Line.Replace(what, by, StringComparison.Ordinal)}\n{Line}");
        Assert.Equal(2, reader.Of(OverloadFeatures.RoadLimit)!.Rows.Count);
        Assert.Equal(1, reader.LinesLeftOut);
        string said = Assert.Single(reader.Problems);
        Assert.StartsWith("rows.jsonl:3: ", said, StringComparison.Ordinal);
        Assert.Contains(problem, said, StringComparison.Ordinal);
    }

    [Fact]
    public void A_line_without_an_end_is_read_and_one_without_measure_is_left_out_once()
    {
        string tooLong = new('x', (3 * ModelLimits.TrainingLineBytes) + 5);
        TrainingReader reader = Read($"{Line}\r\n{tooLong}\n{Line}\n{tooLong}");
        Assert.Equal(2, reader.Of(OverloadFeatures.RoadLimit)!.Rows.Count);
        Assert.Equal(["rows.jsonl:2: The line has more than 65536 bytes.", "rows.jsonl:4: The line has more than 65536 bytes."], reader.Problems);
    }

    [Fact]
    public void Only_the_first_problems_are_kept_and_all_are_counted()
    {
        TrainingReader reader = Read(string.Concat(Enumerable.Repeat("{}\n", 100)));
        Assert.Equal((100, ModelLimits.LearnedProblems), (reader.LinesLeftOut, reader.Problems.Count));
    }

    [Fact]
    public void The_order_of_the_file_makes_no_difference()
    {
        TrainingSet rows = MadeRows.Overloads(200);
        TrainingSet reversed = new(rows.Features, rows.Rows.Reverse());
        Assert.Equal(rows.Sha256(), reversed.Sha256());
        Assert.Equal(rows.Rows, reversed.Rows);
        Assert.NotEqual(rows.Sha256(), new TrainingSet(rows.Features, rows.Rows.Skip(1)).Sha256());
    }

    [Fact]
    public void The_later_rows_are_later_and_rows_of_one_time_stay_together()
    {
        (TrainingSet earlier, TrainingSet later) = MadeRows.Overloads(100).Split(0.3);
        Assert.Equal((70, 30), (earlier.Rows.Count, later.Rows.Count));
        Assert.True(earlier.Rows[^1].AtMs < later.Rows[0].AtMs);

        FeatureSet features = OverloadFeatures.RoadLimit;
        TrainingSet tied = new(features, Enumerable.Range(0, 10).Select(i => new TrainingRow(i < 5 ? i : 5, "S", new float[features.Count], false)));
        (earlier, later) = tied.Split(0.3);
        Assert.Equal((10, 0), (earlier.Rows.Count, later.Rows.Count));
    }

    private static TrainingReader Read(string text)
    {
        TrainingReader reader = new(null);
        using MemoryStream stream = new(Encoding.UTF8.GetBytes(text));
        reader.Read("rows.jsonl", stream);
        return reader;
    }
}
