using System.Globalization;
using System.Text;
using System.Text.Json;
using Streaming.Determinism;
using Streaming.Grains;
using Streaming.Grains.Inputs;
using Streaming.Grains.Messages;
using Streaming.Grains.Turns;
using Streaming.Ingest.Formats;
using Streaming.Models.Encoding;
using Xunit;
using static Streaming.Determinism.Readings;
using Record = Streaming.Grains.Inputs.Record;

namespace Streaming.Tests.Subjects;

/// <summary>What a source measures of itself, from decoded payloads, and when it finds itself silent.</summary>
public sealed class SourceQualityTests
{
    private const long Noon = 1_795_262_400_000;
    private const long Minute = 60_000;
    private const long Hour = 60 * Minute;
    private const long Day = 24 * Hour;

    private static readonly SourceRegistration Registration = new("S07", "wim", ["v1/wim/S07/+"], "harbour", 5, "", Owner: "transport");
    private readonly SubjectStage stage = new(ActorKind.Source, "S07");
    private int made;

    [Fact]
    public void Volume_timeliness_and_rejects_are_what_came_late_and_repeated_included()
    {
        Register(new ResourceExpectation(PerMinute: 2));

        // One reading in each band, and one from a clock that is ahead.
        long[] lateMs = [-5_000, 0, 999, 1_000, 9_999, 10_000, 59_999, 60_000, 599_999, 600_000, 3_599_999, 3_600_000, 2 * Day];
        Publish(Noon + 1_000, string.Join(',', lateMs.Select(late => Weighing(Noon + 1_000 - late))));

        // The same once more, as after a lost PUBACK: it was delivered again, and only the vehicle knows that it had it.
        string again = Weighing(Noon + 2_000);
        Publish(Noon + 2_000, again);
        Publish(Noon + 3_000, again);

        // Of four one fits; the next is no JSON at all.
        Publish(Noon + Hour, $$"""{{Weighing(Noon + Hour)}},{"id":"a"},{"id":"b","at":"2026-11-21T00:00:00Z","plate":7},3""");
        Publish(Noon + Hour, "{{", array: false);

        stage.Reload();
        JsonElement state = stage.Described;
        Assert.Equal((5, 16, 4), (state.GetProperty("publishes").GetInt32(), state.GetProperty("accepted").GetInt32(), state.GetProperty("rejected").GetInt32()));
        JsonElement quality = state.GetProperty("quality");
        Assert.Equal([3 + 2, 2 + 1, 2, 2, 2, 2], Numbers(quality.GetProperty("late")));
        Assert.Equal(4, quality.GetProperty("rejectedBy").EnumerateObject().Sum(reason => reason.Value.GetInt32()));
        Assert.Equal(1, quality.GetProperty("rejectedBy").GetProperty("malformed").GetInt32());
        Assert.Equal(
            [(Noon, 3, 15, 0), (Noon + Hour, 2, 1, 4)],
            quality.GetProperty("hours").EnumerateArray().Select(hour => (Ms(hour.GetProperty("from")), hour.GetProperty("publishes").GetInt32(), hour.GetProperty("accepted").GetInt32(), hour.GetProperty("rejected").GetInt32())));
        Assert.Equal((5, 16), (quality.GetProperty("days")[0].GetProperty("publishes").GetInt32(), quality.GetProperty("days")[0].GetProperty("accepted").GetInt32()));
    }

    [Fact]
    public void Hours_and_days_that_are_over_go_and_nothing_of_them_stays()
    {
        Register(null);
        for (int hour = 0; hour < 30; hour++)
        {
            Publish(Noon + (hour * Hour), Weighing(Noon + (hour * Hour)));
        }

        JsonElement quality = stage.Described.GetProperty("quality");
        Assert.Equal(GrainLimits.MeteredHours, quality.GetProperty("hours").GetArrayLength());
        Assert.Equal(Noon + (6 * Hour), Ms(quality.GetProperty("hours")[0].GetProperty("from")));
        Assert.Equal([12, 18], quality.GetProperty("days").EnumerateArray().Select(day => day.GetProperty("accepted").GetInt32()));

        // Away for a month: one hour, one day.
        Publish(Noon + (40 * Day), Weighing(Noon + (40 * Day)));
        stage.Reload();
        quality = stage.Described.GetProperty("quality");
        Assert.Equal((1, 1), (quality.GetProperty("hours").GetArrayLength(), quality.GetProperty("days").GetArrayLength()));
    }

    [Fact]
    public void A_row_says_what_was_expected_of_the_time_that_was_measured()
    {
        Register(new ResourceExpectation(PerMinute: 2));
        Assert.Equal((ResourceStates.Never, null, 0L), (stage.Resource!.State, stage.Resource.LastSeen, stage.Resource.Expected24H));
        Publish(Noon + (30 * Minute), Weighing(Noon), Weighing(Noon + 1));
        Assert.Equal((ResourceStates.Live, 2L, 60L), (stage.Resource!.State, stage.Resource.Accepted24H, stage.Resource.Expected24H));

        // Later it is the whole window: 23 hours and as much of this one as has passed.
        Publish(Noon + (3 * Day), Weighing(Noon));
        Assert.Equal((1L, 23 * 120L), (stage.Resource!.Accepted24H, stage.Resource.Expected24H));
    }

    [Fact]
    public void A_source_that_publishes_all_the_time_shows_a_row_every_five_minutes_and_its_last_figures_once_it_stops()
    {
        Register(null);
        int rows = 0;
        for (long at = Noon; at < Noon + Hour; at += 8_000)
        {
            while (stage.Reminders.TryGetValue("row", out long dueMs) && dueMs <= at)
            {
                stage.Remind("row");
                rows += stage.Resource is null ? 0 : 1;
            }

            Publish(at, Weighing(at));
            rows += stage.Resource is null ? 0 : 1;
        }

        Assert.InRange(rows, 11, 13);
        stage.Remind("row");
        Assert.Equal(450, stage.Resource!.Accepted);
        Assert.Empty(stage.Reminders);
    }

    [Fact]
    public void Silence_is_found_when_it_is_due_and_ends_with_the_next_publish()
    {
        Register(new ResourceExpectation(PerMinute: 1, SilentAfterS: 60));
        Assert.DoesNotContain("silence", stage.Reminders.Keys);
        Publish(Noon, Weighing(Noon));
        Publish(Noon + 40_000, Weighing(Noon));
        Assert.Equal(Noon + Minute, stage.Reminders["silence"]);

        // It came too early, since something came meanwhile: the look is set to when it would be, and nothing is shown.
        stage.Remind("silence");
        Assert.Null(stage.Resource);
        Assert.Equal(Noon + 100_000, stage.Reminders["silence"]);
        stage.Reload();
        stage.Remind("silence");
        Assert.Equal((ResourceStates.Silent, Noon + 40_000), (stage.Resource!.State, stage.Resource.LastSeen!.Value.ToUnixTimeMilliseconds()));
        Assert.DoesNotContain("silence", stage.Reminders.Keys);
        Assert.Equal("silent", stage.Described.GetProperty("state").GetString());

        Publish(Noon + (5 * Minute), Weighing(Noon));
        Assert.Equal(ResourceStates.Live, stage.Resource!.State);
        Assert.Equal(Noon + (6 * Minute), stage.Reminders["silence"]);
    }

    [Fact]
    public void Nobody_is_silent_because_nobody_listened()
    {
        Register(new ResourceExpectation(PerDay: 10_000_000));
        Publish(Noon, Weighing(Noon));
        Assert.Equal(Noon + GrainLimits.SilenceDerivedMs, stage.Reminders["silence"]);

        // The process comes back two hours later: a source gets its time once more, and is silent when it does not use it.
        stage.Remind("silence", Noon + (2 * Hour));
        Assert.Null(stage.Resource);
        stage.Remind("silence");
        Assert.Equal(ResourceStates.Silent, stage.Resource!.State);
        Assert.Equal(Noon + (2 * Hour) + GrainLimits.SilenceDerivedMs, stage.Resource.AsOf.ToUnixTimeMilliseconds());
    }

    [Fact]
    public void Another_expectation_and_a_disabling_are_followed_at_once()
    {
        Register(null);
        Publish(Noon, Weighing(Noon));
        stage.Play(Registered(Registration with { Expected = new ResourceExpectation(SilentAfterS: 60) }, Noon + (2 * Minute)));
        Assert.Equal(ResourceStates.Silent, stage.Resource!.State);
        stage.Play(Registered(Registration with { Expected = new ResourceExpectation(SilentAfterS: 600) }, Noon + (2 * Minute)));
        Assert.Equal((ResourceStates.Live, Noon + (10 * Minute)), (stage.Resource!.State, stage.Reminders["silence"]));
        stage.Play(Registered(Registration with { Expected = new ResourceExpectation(SilentAfterS: 600), Disabled = true }, Noon + (3 * Minute)));
        Assert.Equal(ResourceStates.Disabled, stage.Resource!.State);
        Assert.DoesNotContain("silence", stage.Reminders.Keys);
    }

    [Theory]
    [InlineData(null, 1, null, 3 * 24 * 3_600)]
    [InlineData(6, null, null, 300)]
    [InlineData(null, 24, null, 3 * 3_600)]
    [InlineData(6, null, 45, 45)]
    public void The_threshold_is_three_readings_time_or_as_given(int? perMinute, int? perDay, int? given, int seconds) =>
        Assert.Equal(seconds * 1000L, new ResourceExpectation(perMinute, perDay, given).SilentAfterMs());

    [Fact]
    public void A_source_of_an_earlier_version_is_entered_once()
    {
        ScriptStep take = new() { Kind = MessageKind.ShowResource, Body = [], NowMs = Noon };
        stage.Play(take);
        Assert.Equal(ReplyStatus.NotFound, stage.Answer!.Status);
        Register(new ResourceExpectation(SilentAfterS: 60));
        stage.Play(take);
        Assert.Equal((ReplyStatus.Done, null), (stage.Answer!.Status, stage.Resource));
    }

    [Fact]
    public void What_is_joined_is_numbered_without_a_hole_and_only_where_it_was_asked_for()
    {
        EntryJoined joined = new("vehicles", "粤H1-yellow", "transport", ["axles"], []);
        stage.Play(Tell(MessageKind.EntryJoined, Noon, joined, GrainsJson.Default.EntryJoined));
        Assert.Empty(stage.Joined);
        stage.Play(Registered(Registration with { Register = "vehicles", Joined = true }, Noon));
        for (int number = 1; number <= 3; number++)
        {
            stage.Play(Tell(MessageKind.EntryJoined, Noon + number, joined, GrainsJson.Default.EntryJoined));
            stage.Reload();
            (string key, JoinedItem item) = Assert.Single(stage.Joined);
            Assert.Equal(($"$resources/S07/{number}", (long)number, "transport", "harbour"), (key, item.Number, item.By, item.District));
        }

        stage.Play(Registered(Registration, Noon + Minute));
        stage.Play(Tell(MessageKind.EntryJoined, Noon + Minute, joined, GrainsJson.Default.EntryJoined));
        Assert.Empty(stage.Joined);
    }

    private void Register(ResourceExpectation? expected) => stage.Play(Registered(Registration with { Expected = expected }, Noon));

    private static ScriptStep Registered(SourceRegistration registration, long nowMs) => Tell(MessageKind.RegisterSource, nowMs, registration, GrainsJson.Default.SourceRegistration);

    private string Weighing(long atMs) => string.Create(
        CultureInfo.InvariantCulture,
        $$"""{"id":"{{++made}}","at":"{{DateTimeOffset.FromUnixTimeMilliseconds(atMs):yyyy-MM-ddTHH:mm:ss.fffZ}}","plate":"粤H12345","plateColor":"yellow","axles":[{"massKg":4000,"offsetM":0},{"massKg":5000,"offsetM":4}]}""");

    private void Publish(long nowMs, params string[] readings) => Publish(nowMs, string.Join(',', readings), array: true);

    /// <summary>Decodes as the endpoint does, and plays what the source is told of the record.</summary>
    private void Publish(long nowMs, string payload, bool array)
    {
        ByteWriter records = new();
        PublishEncoder.Encode(records, new SourceContext(Registration), "v1/wim/S07/1"u8, Encoding.UTF8.GetBytes(array ? $"[{payload}]" : payload), nowMs);
        byte[] bytes = records.Written.ToArray();
        Record.Stamp(bytes, nowMs);
        ReadOnlySpan<byte> rest = bytes;
        Record record = Record.Next(ref rest);
        ByteWriter body = new();
        RecordInputs inputs = new(record, body);
        Assert.True(inputs.MoveNext());
        stage.Play(new ScriptStep { Kind = MessageKind.Published, Body = inputs.Current.Body.ToArray(), NowMs = nowMs });
    }

    private static int[] Numbers(JsonElement array) => [.. array.EnumerateArray().Select(number => number.GetInt32())];

    private static long Ms(JsonElement time) => time.GetDateTimeOffset().ToUnixTimeMilliseconds();
}
