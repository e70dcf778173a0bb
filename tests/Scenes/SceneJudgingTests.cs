using System.Text;
using Streaming.Determinism;
using Streaming.Grains;
using Streaming.Grains.Messages;
using Streaming.Grains.Rules;
using Streaming.Grains.Turns;
using Streaming.Models.Encoding;
using Streaming.Models.Readings;
using Streaming.Models.Scenes;
using Streaming.Tests.Subjects;
using Xunit;
using static Streaming.Determinism.Readings;

namespace Streaming.Tests.Scenes;

/// <summary>Scenes at a place and at an enterprise. Events are 70 % sure and more than five minutes apart, so that the shipped rules on single events say nothing of them.</summary>
public sealed class SceneJudgingTests
{
    /// <summary>Saturday, 2026-11-21, 20:00 in the city.</summary>
    private const long Evening = 1_795_262_400_000;
    private const long Minute = 60_000;
    private const int Sure = 700;

    private readonly SubjectStage stage = new(ActorKind.Place, "plaza-3") { Rules = Stall.InForce(Stall.Rule) };

    [Fact]
    public void A_scene_fires_at_its_threshold_and_says_why_in_both_languages()
    {
        Assert.Equal(0, stage.Play(At(0)).Effects);
        Assert.Equal(0, stage.Play(At(50)).Effects);
        stage.Reload();
        stage.Play(At(120, permille: 810));

        Warning shown = stage.Shown;
        Assert.Equal(("plaza-3/scene-stall-thrice", Stall.Kind, 1, 0.81), (shown.Id[..shown.Id.LastIndexOf('/')], shown.Kind, shown.Severity, shown.Confidence));
        Assert.Equal(("scene-stall-thrice/1", 7, "north", true), (shown.Model, shown.Rulebook, shown.District, shown.Live));
        Assert.Equal(["e0", "e50", "e120"], shown.Evidence.Readings.Select(cited => cited.Id));
        Assert.Equal(
            "A stall that stays: 3 events within 120 min, with up to 81 % confidence; asked are 3 within 120 min by the same camera, each with at least 60 % confidence. Camera S07 saw a street stall last.", shown.Explanation.En);
        Assert.Equal("占道经营滞留：120分钟内3次，最高置信度81 %；阈值为同一摄像头120分钟内3次，每次置信度不低于60 %。最近由摄像头S07发现占道经营。", shown.Explanation.Zh);
        Assert.Equal((3, 120, 81, 3, 120), (shown.Evidence.Figures["events"], shown.Evidence.Figures["spanMin"], shown.Evidence.Figures["confidencePct"], shown.Evidence.Figures["askedEvents"], shown.Evidence.Figures["askedWithinMin"]));
        Assert.Equal((WarningChange.Opened, "north"), (stage.Told.Change, stage.ToldDistrict));
        Assert.Equal(Stall.Kind, stage.Described.GetProperty("openWarnings")[0].GetProperty("kind").GetString());
    }

    [Fact]
    public void One_fewer_or_a_minute_too_late_or_one_per_mille_too_unsure_does_not_fire()
    {
        stage.Play(At(0));
        Assert.Equal(0, stage.Play(At(60)).Effects);
        Assert.Equal(0, stage.Play(At(66, permille: 599)).Effects);
        Assert.Equal(0, stage.Play(At(67, seen: VideoEvent.Crowding)).Effects);
        Assert.Equal(0, stage.Play(At(60)).Effects);
        Assert.Equal(0, stage.Play(At(120) with { AtMs = Evening + (120 * Minute) + 1, NowMs = Evening + (121 * Minute) }).Effects);
        stage.Play(At(180));
        Assert.Equal(Stall.Kind, stage.Shown.Kind);
    }

    [Fact]
    public void The_same_camera_is_asked_for_where_the_scene_says_so()
    {
        stage.Play(At(0));
        stage.Play(At(20, camera: "C08"));
        Assert.Equal(0, stage.Play(At(40)).Effects);
        Assert.Equal(0, stage.Play(At(60, camera: "C08")).Effects);

        SubjectStage any = new(ActorKind.Place, "plaza-3") { Rules = Stall.InForce(Stall.With(asked => asked with { SameCamera = false })) };
        any.Play(At(0)).Play(At(20, camera: "C08")).Play(At(40));
        Assert.Equal(["S07", "C08", "S07"], any.Shown.Evidence.Readings.Select(cited => cited.Source));
        Assert.DoesNotContain("same camera", any.Shown.Explanation.En, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(6, 22, "every", true)]
    [InlineData(6, 21, "every", false)]
    [InlineData(21, 6, "every", false)]
    [InlineData(20, 6, "every", true)]
    [InlineData(0, 24, "working", false)]
    [InlineData(0, 24, "off", true)]
    public void Only_what_is_seen_in_its_hours_and_on_its_days_counts(int from, int to, string days, bool fires)
    {
        stage.Rules = Stall.InForce(Stall.With(asked => asked with { FromHour = from, ToHour = to, Days = days }));
        stage.Play(At(0)).Play(At(59)).Play(At(119));
        Assert.Equal(fires, stage.Effects > 0);
    }

    [Fact]
    public void Another_district_and_another_kind_of_subject_are_not_meant()
    {
        stage.Rules = Stall.InForce(Stall.Rule with { Districts = ["harbour"] }, Stall.Rule with { Id = "other", Subjects = ["enterprise"] });
        stage.Play(At(0)).Play(At(10)).Play(At(20));
        Assert.Equal(0, stage.Effects);
        stage.Rules = Stall.InForce(Stall.Rule with { Districts = ["harbour", "north"] });
        stage.Play(At(30)).Play(At(40)).Play(At(50));
        Assert.Equal(Stall.Kind, stage.Shown.Kind);
    }

    [Theory]
    [InlineData(0, 50, 120)]
    [InlineData(0, 120, 50)]
    [InlineData(50, 0, 120)]
    [InlineData(50, 120, 0)]
    [InlineData(120, 0, 50)]
    [InlineData(120, 50, 0)]
    public void A_backlog_in_any_order_fires_once_and_says_when_it_is_late(int first, int second, int third)
    {
        long nowMs = Evening + (121 * Minute);
        stage.Play(At(first) with { NowMs = nowMs }).Play(At(second) with { NowMs = nowMs });
        Assert.Equal(0, stage.Effects);
        stage.Reload();
        stage.Play(At(third) with { NowMs = nowMs });
        Assert.Equal((Stall.Kind, third == 120), (stage.Shown.Kind, stage.Shown.Live));
        Assert.Equal(third != 120, stage.Shown.Explanation.En.Contains("no live alert", StringComparison.Ordinal));
        Assert.Equal(3, stage.Shown.Evidence.Figures["events"]);
    }

    [Fact]
    public void Further_events_join_the_open_warning()
    {
        stage.Play(At(0)).Play(At(10)).Play(At(20)).Play(At(30));
        Assert.Equal((WarningChange.Updated, 2, 4), (stage.Told.Change, stage.Shown.Count, stage.Shown.Evidence.Figures["events"]));
        stage.Play(At(30) with { Id = "again"u8.ToArray(), AtMs = Evening + (30 * Minute) + 1_000, NowMs = Evening + (30 * Minute) + 3_000 });
        Assert.DoesNotContain(stage.AllTold, told => told.Warning.Kind == Stall.Kind);
        stage.Play(At(40));
        Assert.Equal(4, stage.AllTold.Single(told => told.Warning.Kind == Stall.Kind).Warning.Count);
    }

    [Fact]
    public void Quiet_clears_it_and_what_came_before_counts_no_more()
    {
        stage.Rules = Stall.InForce(Stall.With(asked => asked with { ClearAfterMinutes = 45 }));
        stage.Play(At(0)).Play(At(10)).Play(At(20));
        Assert.Equal(Evening + (65 * Minute), stage.Reminders["scenes"]);
        stage.Play(At(60));
        stage.Remind("scenes");
        Assert.Equal((0, Evening + (105 * Minute)), (stage.Effects, stage.Reminders["scenes"]));
        stage.Reload();
        stage.Remind("scenes");
        Assert.Equal((false, WarningChange.Cleared), (stage.Shown.Open, stage.Told.Change));
        Assert.EndsWith("Nothing more was seen for 45 min.", stage.Shown.Explanation.En, StringComparison.Ordinal);
        Assert.EndsWith("45分钟内未再发现，自动解除。", stage.Shown.Explanation.Zh, StringComparison.Ordinal);
        string cleared = stage.Shown.Id;
        Assert.Empty(stage.Reminders);

        Assert.Equal(0, stage.Play(At(110)).Effects);
        Assert.Equal(0, stage.Play(At(120)).Effects);
        stage.Play(At(130));
        Assert.NotEqual(cleared, stage.Shown.Id);
    }

    [Fact]
    public void It_ends_with_its_case_and_what_that_was_about_counts_no_more()
    {
        stage.Play(At(0)).Play(At(10)).Play(At(20));
        string id = stage.Shown.Id;
        stage.Play(Closed(21, id + "0"));
        Assert.Equal(0, stage.Effects);
        stage.Play(Closed(22, id));
        Assert.False(stage.Shown.Open);
        Assert.Equal(0, stage.Play(At(30)).Effects);
        stage.Play(At(40)).Play(At(50));
        Assert.True(stage.Shown.Open);
    }

    [Fact]
    public void A_scene_that_is_withdrawn_ends_its_warning_with_the_next_reading()
    {
        stage.Play(At(0)).Play(At(10)).Play(At(20));
        stage.Rules = Stall.InForce();
        stage.Reload();
        stage.Play(At(30, seen: VideoEvent.Crowding));
        Assert.Equal((false, WarningChange.Cleared), (stage.Shown.Open, stage.Told.Change));
        Assert.EndsWith("The scene was withdrawn.", stage.Shown.Explanation.En, StringComparison.Ordinal);
        Assert.EndsWith("该场景已撤销。", stage.Shown.Explanation.Zh, StringComparison.Ordinal);
        Assert.False(stage.Described.TryGetProperty("scenes", out _));
    }

    [Fact]
    public void A_new_revision_judges_the_open_warning_anew_with_the_next_reading()
    {
        stage.Play(At(0)).Play(At(10)).Play(At(20));
        stage.Rules = Stall.InForce(Stall.With(asked => asked with { Times = 2, WithinMinutes = 10, Severity = 3 }, revision: 2));
        stage.Play(At(30, seen: VideoEvent.Crowding));
        Assert.Equal(("scene-stall-thrice/2", 3, 2), (stage.Shown.Model, stage.Shown.Severity, stage.Shown.Evidence.Figures["events"]));
        Assert.EndsWith(" Judged anew by revision 2 of the scene.", stage.Shown.Explanation.En, StringComparison.Ordinal);
        Assert.EndsWith("按该场景第2版重新判定。", stage.Shown.Explanation.Zh, StringComparison.Ordinal);
        Assert.Equal(0, stage.Play(At(31, seen: VideoEvent.Intrusion)).Effects);

        stage.Rules = Stall.InForce(Stall.With(asked => asked with { Times = 4 }, revision: 3));
        stage.Play(At(40, seen: VideoEvent.Crowding));
        Assert.False(stage.Shown.Open);
        Assert.EndsWith("By revision 3 of the scene it is none.", stage.Shown.Explanation.En, StringComparison.Ordinal);

        // What was seen is still there: the fourth makes it one.
        stage.Play(At(45));
        Assert.Equal(("scene-stall-thrice/3", true), (stage.Shown.Model, stage.Shown.Open));
    }

    [Fact]
    public void What_a_new_revision_takes_for_too_unsure_counts_no_more()
    {
        stage.Play(At(0)).Play(At(10));
        stage.Rules = Stall.InForce(Stall.With(asked => asked with { MinimumPermille = 750 }, revision: 2));
        Assert.Equal(0, stage.Play(At(20, permille: 800)).Effects);
        stage.Play(At(30, permille: 800)).Play(At(40, permille: 800));
        Assert.Equal(3, stage.Shown.Evidence.Figures["events"]);
    }

    [Fact]
    public void Two_scenes_at_one_place_are_two_warnings()
    {
        stage.Rules = Stall.InForce(Stall.Rule, Stall.With(asked => asked with { Times = 2 }) with { Id = "twice" });
        stage.Play(At(0)).Play(At(10));
        Assert.Equal("scene-twice", stage.Shown.Kind);
        stage.Play(At(20));
        Assert.Equal(["scene-stall-thrice", "scene-twice"], stage.AllTold.Select(told => told.Warning.Kind).Order(StringComparer.Ordinal));
    }

    [Fact]
    public void An_enterprise_that_smokes_again_and_again_is_a_scene()
    {
        SceneRule smoke = Stall.With(asked => asked with { Events = ["smoke", "fire"], Times = 3, ClearAfterMinutes = 60 }) with { Id = "smokes", Subjects = ["enterprise"] };
        SubjectStage enterprise = new(ActorKind.Enterprise, "E1") { Rules = Stall.InForce(Stall.Rule, smoke) };
        enterprise.Play(At(0, seen: VideoEvent.Smoke)).Play(At(10, seen: VideoEvent.Fire));
        enterprise.Reload();
        enterprise.Play(At(20, seen: VideoEvent.Smoke));
        Assert.Equal(("scene-smokes", "enterprise", "E1"), (enterprise.Shown.Kind, enterprise.Shown.SubjectKind, enterprise.Shown.Subject));
        enterprise.Reload();
        enterprise.Remind("scenes");
        Assert.False(enterprise.Shown.Open);
        enterprise.Play(At(90, seen: VideoEvent.Smoke)).Play(At(100, seen: VideoEvent.Smoke)).Play(At(110, seen: VideoEvent.Smoke));
        enterprise.Play(Tell(MessageKind.CaseClosed, Evening + (111 * Minute), new CaseClosed("north-1", "E1", ActorKind.Enterprise, "scene-smokes", enterprise.Shown.Id, "false-alarm"), GrainsJson.Default.CaseClosed));
        Assert.False(enterprise.Shown.Open);
        Assert.Equal(0, enterprise.Play(At(120, seen: VideoEvent.Smoke)).Effects);
    }

    [Fact]
    public void A_state_that_is_written_and_read_is_the_same_and_one_of_before_is_read()
    {
        stage.Rules = Stall.InForce(Stall.With(asked => asked with { ClearAfterMinutes = 45 }), Stall.Rule with { Id = "any", Thresholds = Stall.Rule.Thresholds with { SameCamera = false, Times = 9 } });
        stage.Play(At(0)).Play(At(10)).Play(At(20)).Play(At(25, camera: "C08"));
        byte[] before = stage.State;
        stage.Reload();
        Assert.Equal(before, stage.State);

        SubjectStage plain = new(ActorKind.Place, "plaza-3") { Rules = Stall.InForce() };
        plain.Play(At(0));
        byte[] newest = plain.State;
        byte[] first = [1, .. newest[1..^1]];
        Actor read = ActorFactory.Create(ActorKind.Place);
        ByteReader reader = new(first);
        read.Read(ref reader);
        Assert.True(reader.AtEnd);
        ByteWriter again = new();
        read.Write(again);
        Assert.Equal(newest, again.Written.ToArray());
    }

    [Fact]
    public void What_a_place_remembers_of_scenes_is_bounded()
    {
        SceneRule[] scenes = [.. Enumerable.Range(0, GrainLimits.Scenes).Select(number => Stall.With(asked => asked with { Times = 12 }) with { Id = $"s{number}{new string('x', 37)}" })];
        stage.Rules = Stall.InForce(scenes);
        string camera = new('C', 40);
        for (int i = 0; i < 40; i++)
        {
            stage.Play(At(i * 6, camera: $"{camera}{i % 4}", id: $"{i}{new string('i', 60)}"));
        }

        Assert.Equal(GrainLimits.SceneTracks, stage.Described.GetProperty("scenes").GetArrayLength());
        Assert.InRange(stage.State.Length, 1, 16 * 1024);
    }

    [Fact]
    public void No_more_than_a_few_scenes_are_open_at_one_place_and_a_further_one_opens_when_one_is_over()
    {
        SceneRule[] scenes = [.. Enumerable.Range(0, GrainLimits.SceneWarnings + 1).Select(number => Stall.With(asked => asked with { Times = 1 }) with { Id = $"s{number}" })];
        stage.Rules = Stall.InForce(scenes);
        stage.Play(At(0));
        Assert.Equal(GrainLimits.SceneWarnings, stage.AllTold.Count);
        stage.Rules = Stall.InForce(scenes[1..]);
        stage.Play(At(10));
        Assert.Contains(stage.AllTold, told => told.Change == WarningChange.Cleared && told.Warning.Kind == "scene-s0");
        Assert.Contains(stage.AllTold, told => told.Change == WarningChange.Opened && told.Warning.Kind == $"scene-s{GrainLimits.SceneWarnings}");
    }

    [Fact]
    public void A_place_without_scenes_in_force_remembers_nothing_of_them()
    {
        stage.Rules = Stall.InForce();
        stage.Play(At(0)).Play(At(10)).Play(At(20));
        Assert.Equal(0, stage.State[^1]);
        stage.Rules = Stall.InForce(Stall.Rule);
        Assert.Equal(0, stage.Play(At(30)).Effects);
    }

    private static ScriptStep At(int minute, VideoEvent seen = VideoEvent.StreetStall, int permille = Sure, string camera = "S07", string? id = null) =>
        Sight(id ?? $"e{minute}", Evening + (minute * Minute), seen, permille) with { Source = Encoding.UTF8.GetBytes(camera) };

    private static ScriptStep Closed(int minute, string warning) =>
        Tell(MessageKind.CaseClosed, Evening + (minute * Minute), new CaseClosed("north-1", "plaza-3", ActorKind.Place, Stall.Kind, warning, "corrected"), GrainsJson.Default.CaseClosed);
}
