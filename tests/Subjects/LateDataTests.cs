using System.Text.Json;
using Streaming.Determinism;
using Streaming.Grains.Messages;
using Streaming.Grains.Rules;
using Streaming.Grains.Turns;
using Streaming.Models.Readings;
using Xunit;
using static Streaming.Determinism.Readings;

namespace Streaming.Tests.Subjects;

/// <summary>
/// The rule for late and repeated readings, for every statistic (the table in <c>grains/README.md</c>): counts, sums and extremes come out the same in whatever order a backlog comes in, and what goes by the order of time skips
/// late readings and counts them. Each delivery is drawn from a seed: permuted, with repeats, in arrays that are sorted by time.
/// </summary>
public sealed class LateDataTests
{
    private const long Noon = 1_795_262_400_000;
    private const int Seeds = 60;

    [Fact]
    public void Weighings_and_sightings_count_the_same_in_any_order()
    {
        List<ScriptStep> backlog = [];
        for (int i = 0; i < 60; i++)
        {
            long atMs = Noon + (i * 7_919L % 61 * 1_000);
            backlog.Add(i % 4 == 3 ? Sight($"v{i}", atMs, VideoEvent.Vehicle, 900) : Weigh($"w{i}", atMs, i % 5 == 0 ? 50_000 + (i * 100) : 20_000, 6, VehicleClass.Combination));
        }

        Check(ActorKind.Vehicle, "粤H12345-yellow", backlog, state => new
        {
            Weighings = state.GetProperty("weighings").GetInt64(),
            Sightings = state.GetProperty("sightings").GetInt64(),
            LastSeen = state.GetProperty("lastSeen").GetString(),
            LastWeighing = state.GetProperty("lastWeighing").GetRawText(),
            LastSighting = state.GetProperty("lastSighting").GetRawText(),
            Warning = Warning(state),
        });
    }

    [Fact]
    public void Ledger_sums_are_the_same_in_any_order()
    {
        List<ScriptStep> backlog = [];
        for (int i = 0; i < 80; i++)
        {
            backlog.Add(Ledger($"l{i}", Noon + (i * 31L % 80 * 60_000), (LedgerAction)(1 + (i % 7)), $"UN{1000 + (i % 9)}", 1_000_001 * (i + 1)));
        }

        Check(ActorKind.Enterprise, "914403001922038216", backlog, state => new { LastSeen = state.GetProperty("lastSeen").GetString(), Ledger = state.GetProperty("ledger").GetRawText() });
    }

    [Fact]
    public void Events_of_a_camera_count_and_are_confirmed_in_any_order()
    {
        List<ScriptStep> backlog = [];
        for (int i = 0; i < 30; i++)
        {
            // Unsure ones an hour apart, which confirm nothing, and two that are five minutes apart at most.
            backlog.Add(Sight($"e{i}", Noon + (i % 5 * 3_600_000L), VideoEvent.IllegalParking, 300));
        }

        backlog.Add(Sight("s1", Noon, VideoEvent.Smoke, 600));
        backlog.Add(Sight("s2", Noon + 3_600_000, VideoEvent.Smoke, 620));
        backlog.Add(Sight("s3", Noon + 3_890_000, VideoEvent.Smoke, 640));
        backlog.Add(Sight("s4", Noon + 9_000_000, VideoEvent.Smoke, 610));
        Check(ActorKind.Place, "camera:C07", backlog, state => new
        {
            LastSeen = state.GetProperty("lastSeen").GetString(),
            Events = state.GetProperty("events").GetRawText(),
            LastEvent = state.GetProperty("lastEvent").GetRawText(),
            Kinds = string.Join(",", state.GetProperty("openWarnings").EnumerateArray().Select(warning => warning.GetProperty("kind").GetString())),
        });
    }

    [Fact]
    public void What_a_source_could_not_name_counts_the_same_in_any_order()
    {
        List<ScriptStep> backlog = [.. Enumerable.Range(0, 50).Select(i => Weigh($"u{i}", Noon + (i * 17L % 50 * 1_000), 20_000, 2))];
        Check(ActorKind.Source, "S07", backlog, state => new { Unidentified = state.GetProperty("unidentified").GetInt64(), Last = state.GetProperty("lastUnidentified").GetString() });
    }

    [Fact]
    public void The_newest_word_of_a_source_holds_in_any_order()
    {
        List<ScriptStep> backlog = [.. Enumerable.Range(0, 20).Select(i => Status($"s{i}", Noon + (i * 1_000), i % 3 == 0))];
        Check(ActorKind.Source, "S07", backlog, state => new { Online = state.GetProperty("online").GetBoolean(), At = state.GetProperty("statusAt").GetString() });
    }

    /// <summary>Bands with hysteresis and the valve go by the order of time: a late reading is counted as late and moves nothing, so the outcome is that of those which were the newest when they came.</summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Bands_and_valve_skip_late_readings_and_count_them(bool plant)
    {
        ActorKind kind = plant ? ActorKind.Enterprise : ActorKind.Vehicle;
        double[] pressures = [820, 1_410, 1_390, 1_640, 1_560, 1_340, 1_420, 900];
        for (int seed = 0; seed < Seeds; seed++)
        {
            List<ScriptStep> backlog = [.. Enumerable.Range(0, 40).Select(i => plant
                ? Plant($"t{i}", Noon + (i * 1_000), "T1", "UN1005", pressures[(i + seed) % 8], 0.1)
                : Telemetry($"t{i}", Noon + (i * 1_000), pressures[(i + seed) % 8], 20, i % 6 == 0 ? ValveState.Open : ValveState.Closed, 700))];
            List<ScriptStep> delivered = Deliver(backlog, new Random(seed));
            SubjectStage stage = Play(kind, "x", delivered);

            List<ScriptStep> newest = [];
            HashSet<string> seen = [];
            int late = 0;
            foreach (ScriptStep step in delivered)
            {
                if (!seen.Add(System.Text.Encoding.UTF8.GetString(step.Id)))
                {
                    continue;
                }

                if (newest.Count > 0 && step.AtMs < newest[^1].AtMs)
                {
                    late++;
                }
                else
                {
                    newest.Add(step);
                }
            }

            JsonElement expected = Stream(Play(kind, "x", newest).Described, plant);
            JsonElement found = Stream(stage.Described, plant);
            foreach (JsonProperty property in expected.EnumerateObject().Where(property => property.Name is not ("readings" or "late")))
            {
                Assert.True(property.Value.GetRawText() == found.GetProperty(property.Name).GetRawText(), $"seed {seed}: {property.Name}");
            }

            Assert.True((40, late) == (found.GetProperty("readings").GetInt32(), found.GetProperty("late").GetInt32()), $"seed {seed}");
            Assert.True(Warning(Play(kind, "x", newest).Described) == Warning(stage.Described), $"seed {seed}");
        }
    }

    public static TheoryData<string> Kinds => ["overload", "truck", "plant", "valve", "gas", "fire", "smoke"];

    /// <summary>Over ten minutes late: told without an alert, and the warning says so in both languages; in time, it is live and says nothing of it.</summary>
    [Theory]
    [MemberData(nameof(Kinds))]
    public void Over_ten_minutes_late_no_warning_is_live_and_it_says_so(string kind)
    {
        ScriptStep[] steps = kind switch
        {
            "overload" => [Weigh("1", Noon, 60_000, 6, VehicleClass.Combination)],
            "truck" => [Telemetry("1", Noon, 1_700, 20, ValveState.Closed, 0)],
            "valve" => [Telemetry("1", Noon, 800, 20, ValveState.Open, 700)],
            "plant" => [Plant("1", Noon, "T1", "UN1005", 1_600, 0.1)],
            "gas" => [Plant("1", Noon, "T1", "UN1017", 400, 5)],
            "fire" => [Sight("1", Noon, VideoEvent.Fire, 990)],
            _ => [Sight("1", Noon, VideoEvent.Smoke, 600), Sight("2", Noon + 1_000, VideoEvent.Smoke, 600)],
        };
        ActorKind actor = kind switch { "overload" or "truck" or "valve" => ActorKind.Vehicle, "plant" or "gas" => ActorKind.Enterprise, _ => ActorKind.Place };
        foreach ((long lateMs, bool live) in new[] { (600_000L, true), (600_001L, false) })
        {
            SubjectStage stage = new(actor, "x") { Rules = Streaming.Determinism.ShippedCity.Rules };
            foreach (ScriptStep step in steps)
            {
                stage.Play(step with { NowMs = step.AtMs + lateMs });
            }

            Assert.Equal((live, live), (stage.Shown.Live, stage.Told.Warning.Live));
            Assert.Equal(!live, stage.Shown.Explanation.En.Contains("no live alert", StringComparison.Ordinal));
            Assert.Equal(!live, stage.Shown.Explanation.Zh.Contains("不作实时告警", StringComparison.Ordinal));

            // The last word on it comes late as well, however much in order the subject is by then.
            if (actor != ActorKind.Place && kind != "overload")
            {
                ScriptStep back = actor == ActorKind.Vehicle
                    ? Telemetry("9", Noon + 2_000, 300, 20, ValveState.Closed, 0)
                    : Plant("9", Noon + 2_000, "T1", kind == "gas" ? "UN1017" : "UN1005", 300, 0);
                stage.Play(back with { NowMs = back.AtMs + lateMs });
                Assert.Equal((WarningChange.Cleared, live), (stage.Told.Change, stage.Told.Warning.Live));
            }
        }
    }

    [Theory]
    [InlineData(599, false)]
    [InlineData(600, true)]
    public void A_plate_below_the_limit_is_no_vehicles_whoever_read_it(int permille, bool counts)
    {
        foreach (ScriptStep step in new[] { Weigh("1", Noon, 20_000, 2, platePermille: permille), Sight("1", Noon, VideoEvent.Vehicle, 990, platePermille: permille), Sight("1", Noon, VideoEvent.Fire, 990, platePermille: permille) })
        {
            SubjectStage stranger = new SubjectStage(ActorKind.Vehicle, "x").Play(step);
            Assert.Equal(counts, stranger.Actor.Exists);
            Assert.True(counts || stranger.Effects == 0);

            SubjectStage known = new SubjectStage(ActorKind.Vehicle, "x").Play(Weigh("0", Noon - 1, 20_000, 2)).Play(step).Play(step);
            Assert.Equal(counts ? 0 : 1, known.Described.GetProperty("uncertainPlates").GetInt32());
            Assert.Equal(counts ? 2 : 1, known.Described.GetProperty("weighings").GetInt32() + known.Described.GetProperty("sightings").GetInt32());
        }
    }

    [Fact]
    public void A_closed_case_is_forgotten_after_400_days()
    {
        ActorScript script = ActorScripts.All.Single(script => script.Name == "case, overload off-site");
        SubjectStage stage = new(ActorKind.Case, script.Key);
        List<bool> exists = [];
        foreach (ScriptStep step in script.Steps)
        {
            stage.Rules = step.Rules ?? stage.Rules;
            stage.Play(step);
            stage.Reload();
            exists.Add(stage.Actor.Exists);
        }

        Assert.Equal([true, false, false], exists[^3..]);
        Assert.Equal(ReplyStatus.NotFound, stage.Answer?.Status);
    }

    [Fact]
    public void A_subject_that_comes_back_uses_no_number_of_a_warning_twice()
    {
        const long Day = 86_400_000;
        SubjectStage stage = new(ActorKind.Vehicle, "x");
        HashSet<string> ids = [];
        for (int life = 0; life < 4; life++)
        {
            long now = Noon + (life * 450 * Day);
            for (int i = 0; i < 3; i++)
            {
                stage.Play(Weigh($"{life}-{i}", now + i, 60_000, 6, VehicleClass.Combination));
                Assert.True(ids.Add(stage.Shown.Id), stage.Shown.Id);
                stage.Play(Tell(MessageKind.CaseClosed, now + i, new CaseClosed("c", "x", ActorKind.Vehicle, stage.Shown.Kind, stage.Shown.Id, "penalty"), GrainsJson.Default.CaseClosed));
            }

            ScriptStep expire = new() { Kind = MessageKind.Expire, Body = [], NowMs = now + (399 * Day) };
            Assert.True(stage.Play(expire).Actor.Exists);
            Assert.False(stage.Play(expire with { NowMs = now + (401 * Day) }).Actor.Exists);
        }

        Assert.Contains("x/over-road-limit/1", ids);
    }

    private static void Check<T>(ActorKind kind, string key, List<ScriptStep> backlog, Func<JsonElement, T> outcome)
    {
        T expected = outcome(Play(kind, key, [.. backlog.OrderBy(step => step.AtMs)]).Described);
        for (int seed = 0; seed < Seeds; seed++)
        {
            T found = outcome(Play(kind, key, Deliver(backlog, new Random(seed))).Described);
            Assert.True(Equals(expected, found), $"seed {seed}: sorted by time {expected}, delivered {found}");
        }
    }

    /// <summary>Plays a delivery that comes in at one time; what a memory cannot tell is answered as history would.</summary>
    private static SubjectStage Play(ActorKind kind, string key, List<ScriptStep> steps)
    {
        SubjectStage stage = new(kind, key) { Rules = Streaming.Determinism.ShippedCity.Rules };
        HashSet<string> given = [];
        foreach (ScriptStep step in steps)
        {
            ScriptStep now = step with { NowMs = Noon + 86_000_000 };
            stage.Play(now);
            bool seen = !given.Add(System.Text.Encoding.UTF8.GetString(step.Id));
            if (stage.AsksHistory)
            {
                stage.Play(now with { SeenBefore = seen });
            }
        }

        return stage;
    }

    /// <summary>The backlog in arrays of drawn sizes, each sorted by time as decoding does, permuted and with repeats.</summary>
    private static List<ScriptStep> Deliver(List<ScriptStep> backlog, Random random)
    {
        List<ScriptStep> all = [.. backlog, .. backlog.Where(_ => random.Next(3) == 0)];
        for (int i = all.Count - 1; i > 0; i--)
        {
            int other = random.Next(i + 1);
            (all[i], all[other]) = (all[other], all[i]);
        }

        List<ScriptStep> delivered = [];
        for (int next = 0; next < all.Count;)
        {
            int size = Math.Min(random.Next(1, 20), all.Count - next);
            delivered.AddRange(all.GetRange(next, size).OrderBy(step => step.AtMs));
            next += size;
        }

        return delivered;
    }

    private static JsonElement Stream(JsonElement state, bool plant) => plant ? state.GetProperty("units")[0] : state.GetProperty("telemetry");

    /// <summary>What of an open warning must not depend on the order; its explanation and figures are of a reading that was told, and tells are paced.</summary>
    private static string Warning(JsonElement state) => string.Join(
        ";",
        state.GetProperty("openWarnings").EnumerateArray().Select(warning =>
            $"{warning.GetProperty("kind")} {warning.GetProperty("count")} {warning.GetProperty("since")} {warning.GetProperty("updated")} {warning.GetProperty("severity")}"));
}
