using System.Globalization;
using System.Text;
using Streaming.Determinism;
using Streaming.Grains;
using Streaming.Grains.Inputs;
using Streaming.Grains.Messages;
using Streaming.Grains.Rules;
using Streaming.Grains.Turns;
using Streaming.Ingest.Formats;
using Streaming.Models.Encoding;
using Streaming.Models.Sources;
using Streaming.Tests.Registers;
using Xunit;
using static Streaming.Determinism.Readings;
using Record = Streaming.Grains.Inputs.Record;

namespace Streaming.Tests.Subjects;

/// <summary>What a source itself is warned of: silence, lateness, rejects, its clock, its calibration and its drift. Every change of a warning is kept.</summary>
public sealed class SourceWarningTests
{
    private const long Noon = 1_795_262_400_000;
    private const long Minute = 60_000;
    private const long Hour = 60 * Minute;
    private const long Day = 24 * Hour;
    private const string Silence = "source-silence";
    private const string Expired = "calibration-expired";
    private const string Adrift = "calibration-drift";

    private static readonly SourceRegistration Registration = new("S07", "wim", ["v1/wim/S07/+"], "harbour", 5, "", Owner: "transport");
    private readonly SubjectStage stage = new(ActorKind.Source, "S07");
    private readonly SubjectStage entry = new(ActorKind.Entry, "stations/S07");
    private readonly List<WarningChanged> told = [];
    private int made;

    private string Open => string.Join(' ', told.GroupBy(change => change.Warning.Kind).Where(changes => changes.Last().Change != WarningChange.Cleared).Select(changes => changes.Key).Order(StringComparer.Ordinal));

    [Fact]
    public void A_source_that_falls_silent_is_warned_of_and_cleared_once_it_has_been_heard_for_as_long()
    {
        Register(Registration with { Expected = new ResourceExpectation(SilentAfterS: 600) });
        Deliver(Noon, Weighing(Noon));
        Remind("silence");
        Warning warning = Assert.Single(told).Warning;

        Assert.Equal((Silence, "S07", "source", "harbour", 2, true), (warning.Kind, warning.Subject, warning.SubjectKind, warning.District, warning.Severity, warning.Live));
        Assert.Equal((600.0, 600.0), (warning.Evidence.Figures["silentS"], warning.Evidence.Figures["limitS"]));
        Assert.Empty(warning.Evidence.Readings);
        Assert.Equal("Nothing has come from S07 since 2026-11-21T12:00:00.000Z; after 600 s it counts as silent. What passes there is not seen.", warning.Explanation.En);
        Assert.Equal("S07自2026-11-21T12:00:00.000Z起无数据，超过600秒即视为失联。其间情况无法掌握。", warning.Explanation.Zh);

        // Heard once, and silent again: one warning all the while.
        stage.Reload();
        Deliver(Noon + (20 * Minute), Weighing(Noon));
        Assert.Equal(Silence, Open);
        Remind("silence");
        Assert.Single(told);

        // Heard, and still heard when the time is over.
        Deliver(Noon + (40 * Minute), Weighing(Noon));
        Deliver(Noon + (48 * Minute), Weighing(Noon));
        Remind("silence");
        Assert.Equal(("", 2), (Open, told.Count));
        Assert.Contains("Cleared: it has been heard again for 600 s without such a gap.", told[^1].Warning.Explanation.En, StringComparison.Ordinal);
        Assert.Contains("已解除：已恢复并持续600秒无中断。", told[^1].Warning.Explanation.Zh, StringComparison.Ordinal);
    }

    [Fact]
    public void Nobody_is_warned_of_where_nothing_is_expected_nor_when_the_process_did_not_run()
    {
        Register(Registration);
        Deliver(Noon, Weighing(Noon));
        Assert.DoesNotContain("silence", stage.Reminders.Keys);
        Register(Registration with { Expected = new ResourceExpectation(SilentAfterS: 600) }, Noon + Minute);
        Remind("silence", Noon + (3 * Hour));
        Assert.Empty(told);
        Remind("silence");
        Assert.Equal(Silence, Open);

        // Nothing is expected any more.
        Register(Registration, Noon + (4 * Hour));
        Assert.Equal("", Open);
    }

    [Fact]
    public void A_source_that_is_still_silent_a_day_after_its_case_was_closed_is_warned_of_again()
    {
        Register(Registration with { Expected = new ResourceExpectation(SilentAfterS: 600) });
        Deliver(Noon, Weighing(Noon));
        Remind("silence");
        Close(Silence, Noon + Hour);
        Assert.Equal(Noon + Hour + Day, stage.Reminders["again"]);
        stage.Reload();
        Remind("again");
        Assert.Equal(("S07/source-silence/2", WarningChange.Opened), (told[^1].Warning.Id, told[^1].Change));
        Assert.Equal(2, told.Count);
    }

    /// <summary>50 % of the readings of two windows, one after another, open; 10 % clear.</summary>
    [Theory]
    [InlineData(20, "source-lateness")]
    [InlineData(19, "")]
    public void Two_windows_with_half_of_the_readings_late_open(int lateOf40, string open)
    {
        Register(Registration);
        Window(Noon, 40 - lateOf40, lateOf40);
        Window(Noon + Hour, 40 - lateOf40, lateOf40);
        Assert.Equal("", Open);
        stage.Reload();
        Window(Noon + (2 * Hour), 40 - lateOf40, lateOf40);
        Assert.Equal(open, Open);
        if (open.Length == 0)
        {
            return;
        }

        Assert.Contains("Of 40 readings from S07 within 60 min, 20 (50 %) came in a minute or more after they were taken; the limit is 50 %.", told[^1].Warning.Explanation.En, StringComparison.Ordinal);
        Assert.Contains("有20条（50 %）在采集一分钟或更久后才到达，限值为50 %", told[^1].Warning.Explanation.Zh, StringComparison.Ordinal);

        // 5 of 40 are 12.5 %: not yet back. 4 of 40 are.
        Window(Noon + (3 * Hour), 35, 5);
        Assert.Equal(open, Open);
        Window(Noon + (4 * Hour), 36, 4);
        Assert.Equal("", Open);
    }

    [Fact]
    public void The_backlog_of_a_station_that_was_offline_is_no_lateness()
    {
        Register(Registration);
        Window(Noon, 0, 200);
        Window(Noon + Hour, 40, 0);
        Window(Noon + (2 * Hour), 40, 0);
        Window(Noon + (3 * Hour), 0, 200);
        Window(Noon + (4 * Hour), 40, 0);
        Assert.Empty(told);
    }

    [Fact]
    public void Too_few_readings_say_nothing_and_a_window_waits_for_them()
    {
        Register(Registration);
        for (int hour = 0; hour < 20; hour++)
        {
            Deliver(Noon + (hour * Hour), Weighing(Noon + (hour * Hour) - (2 * Minute)));
        }

        Assert.Empty(told);
    }

    /// <summary>10 % of rejected ones open. Ones of a bad time are the clock's: 4 of 40 is 10 % of either.</summary>
    [Theory]
    [InlineData("{\"id\":\"x\"}", 4, "source-rejects")]
    [InlineData("{\"id\":\"x\"}", 3, "")]
    [InlineData("2099", 4, "clock-off")]
    [InlineData("2099", 3, "")]
    [InlineData("ahead", 4, "clock-off")]
    [InlineData("59 s ahead", 40, "")]
    public void Rejects_and_a_clock_that_is_off_are_told_apart(string what, int of40, string open)
    {
        Register(Registration);
        for (int window = 0; window < 3; window++)
        {
            long nowMs = Noon + (window * Hour);
            IEnumerable<string> wrong = Enumerable.Range(0, of40).Select(_ => what switch
            {
                "2099" => Weighing(4_070_908_800_000),
                "ahead" => Weighing(nowMs + 61_000),
                "59 s ahead" => Weighing(nowMs + 59_000),
                _ => what,
            });
            Deliver(nowMs, [.. wrong, .. Enumerable.Range(0, 40 - of40).Select(_ => Weighing(nowMs))]);
        }

        Assert.Equal(open, Open);
        if (open.Length > 0)
        {
            Assert.Contains("4 (10 %)", told[^1].Warning.Explanation.En, StringComparison.Ordinal);
            Close(open, Noon + (3 * Hour));
            Deliver(Noon + (3 * Hour) + 1, Weighing(Noon + (3 * Hour)));
            Assert.Single(told);
        }
    }

    [Fact]
    public void A_record_of_a_register_is_not_late_for_being_old()
    {
        Register(Registration with { Register = "vehicles" });
        Window(Noon, 0, 100);
        Window(Noon + Hour, 0, 100);
        Window(Noon + (2 * Hour), 0, 100);
        Assert.Empty(told);
    }

    [Fact]
    public void A_calibration_that_runs_out_is_warned_of_on_the_day_and_a_new_one_clears()
    {
        Register(Registration with { AccuracyPct = null });
        Say("""{"id":"S07","accuracyClass":"JJG 907 5","calibrated":"2025-11-22T00:00:00Z","calibrationDue":"2026-11-22T00:00:00Z"}""", Noon);
        Assert.Empty(told);
        Assert.Equal(new RegisteredStation(5, DateTimeOffset.Parse("2026-11-22T00:00:00Z", CultureInfo.InvariantCulture)), Device!.Station);
        Assert.Equal((500, Noon + (12 * Hour)), (new SourceContext(Device!).AccuracyHundredthPct, new SourceContext(Device!).CalibrationDueMs));

        stage.Reload();
        Remind("calibration");
        Warning warning = Assert.Single(told).Warning;
        Assert.Equal((Expired, 2, "计量法 Art. 9"), (warning.Kind, warning.Severity, warning.Evidence.LegalSource));
        Assert.Contains("The calibration of station S07 ran out at 2026-11-22T00:00:00.000Z by the register of stations. It was last calibrated at 2025-11-22T00:00:00.000Z.", warning.Explanation.En, StringComparison.Ordinal);
        Assert.Contains("S07的检定有效期已于2026-11-22T00:00:00.000Z届满", warning.Explanation.Zh, StringComparison.Ordinal);

        Say("""{"id":"S07","at":"2026-11-23T00:00:00Z","calibrated":"2026-11-23T00:00:00Z","calibrationDue":"2027-11-23T00:00:00Z"}""", Noon + (2 * Day));
        Assert.Equal(("", WarningChange.Cleared), (Open, told[^1].Change));
        Assert.Contains("valid until 2027-11-23", told[^1].Warning.Explanation.En, StringComparison.Ordinal);
    }

    [Fact]
    public void A_register_that_was_loaded_before_the_device_holds_and_its_own_percentage_goes_first()
    {
        Say("""{"id":"S07","accuracyPct":10,"calibrationDue":"2026-11-20T00:00:00Z"}""", Noon);
        Assert.Empty(told);
        Register(Registration);
        Assert.Equal(Expired, Open);
        Assert.Equal(500, new SourceContext(Device!).AccuracyHundredthPct);
        Assert.Equal(700, new SourceContext(Device! with { AccuracyPct = null, AccuracyClass = "COST 323 B+(7)" }).AccuracyHundredthPct);
        Assert.Equal(1_000, new SourceContext(Device! with { AccuracyPct = null }).AccuracyHundredthPct);

        // What was shown comes back with a registration that is changed, and is no part of it; cut off, nobody is warned of.
        Register(Device! with { Disabled = true }, Noon + Minute);
        Assert.Equal("", Open);
        entry.Play(Statements.Say(Statements.Source("bureau", "stations"), """{"id":"S07","removed":true,"at":"2026-11-21T13:00:00Z"}""", Noon + Hour));
        Learn();
        Register(Registration, Noon + (2 * Hour));
        Assert.Null(Device!.Station);
    }

    [Fact]
    public void A_drift_takes_two_means_outside_the_band_and_clears_within_it()
    {
        Register(Registration);
        stage.Rules = new Rulebook { Version = 1, Sources = new SourceRules { Drift = new DriftRule() } };

        // 12 kip are 5,443.1 kg: 5,443 is in order, and 5,444 is not. Other trucks, cars' axles and what is over ten minutes late say nothing.
        Weigh(100, 5_443);
        Weigh(100, 9_000, axles: 6);
        Weigh(100, 9_000, vehicleClass: "rigid");
        Weigh(100, 1_000);
        Weigh(100, 9_000, lateMs: 11 * Minute);
        Assert.Empty(told);
        Weigh(50, 5_444);
        Assert.Empty(told);
        stage.Reload();
        Weigh(50, 5_444);
        Warning warning = Assert.Single(told).Warning;
        Assert.Equal((Adrift, 1, 5_444.0, 50.0), (warning.Kind, warning.Severity, warning.Evidence.Figures["meanKg"], warning.Evidence.Figures["trucks"]));
        Assert.Contains("The front axles of the last 50 combinations of 5 axles at station S07 weighed 5,444 kg on average; in order are 3,855 – 5,443 kg.", warning.Explanation.En, StringComparison.Ordinal);
        Assert.Contains("S07最近50辆5轴列车的转向轴平均为5,444 kg，正常范围为3,855 – 5,443 kg", warning.Explanation.Zh, StringComparison.Ordinal);

        Weigh(50, 5_400);
        Assert.Equal(Adrift, Open);
        Weigh(50, 5_340);
        Assert.Equal("", Open);
        Weigh(50, 3_855);
        Weigh(50, 3_855);
        Assert.Equal(Adrift, Open);
        Say("""{"id":"S07","calibrated":"2026-11-20T00:00:00Z"}""", Noon);
        Assert.Equal(Adrift, Open);
        Say("""{"id":"S07","at":"2026-11-21T13:00:00Z","calibrated":"2026-11-21T12:30:00Z"}""", Noon + Hour);
        Assert.Equal("", Open);
    }

    [Fact]
    public void Without_a_band_no_drift_is_looked_for()
    {
        Register(Registration);
        Weigh(200, 9_000);
        Assert.Empty(told);
    }

    private SourceRegistration? Device { get; set; }

    private void Register(SourceRegistration registration, long nowMs = Noon) => Play(Tell(MessageKind.RegisterSource, nowMs, registration, GrainsJson.Default.SourceRegistration));

    private void Remind(string name, long? nowMs = null)
    {
        stage.Remind(name, nowMs);
        told.AddRange(stage.AllTold);
    }

    private void Close(string kind, long nowMs) =>
        Play(Tell(MessageKind.CaseClosed, nowMs, new CaseClosed("harbour-1", "S07", ActorKind.Source, kind, told.Last(change => change.Warning.Kind == kind).Warning.Id, "corrected"), GrainsJson.Default.CaseClosed));

    private void Say(string payload, long nowMs)
    {
        entry.Play(Statements.Say(Statements.Source("bureau", "stations"), payload, nowMs));
        Learn();
    }

    private void Learn()
    {
        foreach ((ActorKind kind, string key, ScriptStep step) in entry.Sent)
        {
            Assert.Equal((ActorKind.Source, "S07"), (kind, key));
            Play(step);
        }
    }

    private void Play(ScriptStep step)
    {
        stage.Play(step);
        told.AddRange(stage.AllTold);
        Device = stage.DeviceShown ?? Device;
    }

    /// <summary>One publish of so many readings in time, and so many two minutes late.</summary>
    private void Window(long nowMs, int inTime, int late) =>
        Deliver(nowMs, [.. Enumerable.Range(0, inTime).Select(_ => Weighing(nowMs)), .. Enumerable.Range(0, late).Select(_ => Weighing(nowMs - (2 * Minute)))]);

    private void Weigh(int trucks, int frontKg, int axles = 5, string vehicleClass = "combination", long lateMs = 0)
    {
        for (int i = 0; i < trucks; i++)
        {
            Deliver(Noon, Weighing(Noon - lateMs, frontKg, axles, vehicleClass));
        }
    }

    private string Weighing(long atMs, int frontKg = 4_000, int axles = 2, string vehicleClass = "rigid")
    {
        string others = string.Concat(Enumerable.Range(1, axles - 1).Select(axle => string.Create(CultureInfo.InvariantCulture, $$""",{"massKg":7000,"offsetM":{{axle * 3}}}""")));
        return string.Create(
            CultureInfo.InvariantCulture,
            $$"""{"id":"{{++made}}","at":"{{DateTimeOffset.FromUnixTimeMilliseconds(atMs):yyyy-MM-ddTHH:mm:ss.fffZ}}","plate":"粤H12345","plateColor":"yellow","vehicleClass":"{{vehicleClass}}","axles":[{"massKg":{{frontKg}},"offsetM":0}{{others}}]}""");
    }

    /// <summary>Decodes as the endpoint does, and plays what the source is told of the record.</summary>
    private void Deliver(long nowMs, params string[] readings)
    {
        ByteWriter records = new();
        PublishEncoder.Encode(records, new SourceContext(Registration), "v1/wim/S07/1"u8, Encoding.UTF8.GetBytes($"[{string.Join(',', readings)}]"), nowMs);
        byte[] bytes = records.Written.ToArray();
        Record.Stamp(bytes, nowMs);
        ReadOnlySpan<byte> rest = bytes;
        Record record = Record.Next(ref rest);
        RecordInputs inputs = new(record, new ByteWriter());
        Assert.True(inputs.MoveNext());
        Play(new ScriptStep { Kind = MessageKind.Published, Body = inputs.Current.Body.ToArray(), NowMs = nowMs });
    }
}
