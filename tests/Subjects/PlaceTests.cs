using Streaming.Grains.Messages;
using Streaming.Grains.Turns;
using Streaming.Models.Readings;
using Xunit;
using static Streaming.Determinism.Readings;

namespace Streaming.Tests.Subjects;

public sealed class PlaceTests
{
    private const long Noon = 1_795_262_400_000;
    private readonly SubjectStage stage = new(ActorKind.Place, "camera:C07");

    [Theory]
    [InlineData(VideoEvent.Smoke, "smoke", 3)]
    [InlineData(VideoEvent.Fire, "fire", 4)]
    [InlineData(VideoEvent.Leak, "leak", 4)]
    [InlineData(VideoEvent.Intrusion, "intrusion", 2)]
    [InlineData(VideoEvent.IllegalParking, "illegal-parking", 1)]
    [InlineData(VideoEvent.StreetStall, "street-stall", 1)]
    [InlineData(VideoEvent.Construction, "construction", 2)]
    [InlineData(VideoEvent.Crowding, "crowding", 2)]
    public void A_sure_event_opens_a_warning_of_its_kind(VideoEvent seen, string kind, int severity)
    {
        stage.Play(Sight("1", Noon, seen, 850));

        Assert.Equal(($"camera:C07/{kind}/1", kind, severity), (stage.Shown.Id, stage.Shown.Kind, stage.Shown.Severity));
        Assert.Equal((0.85, "video-events/1", "place"), (stage.Shown.Confidence, stage.Shown.Model, stage.Shown.SubjectKind));
        Assert.Contains("85 % confidence", stage.Shown.Explanation.En, StringComparison.Ordinal);
        Assert.Contains("置信度85 %", stage.Shown.Explanation.Zh, StringComparison.Ordinal);
    }

    [Fact]
    public void A_vehicle_seen_is_no_event_to_warn_of()
    {
        Assert.Equal(0, stage.Play(Sight("1", Noon, VideoEvent.Vehicle, 990)).Effects);
        Assert.True(stage.Actor.Exists);
    }

    [Fact]
    public void An_unsure_event_waits_for_a_second_within_five_minutes()
    {
        Assert.Equal(0, stage.Play(Sight("1", Noon, VideoEvent.Smoke, 600)).Effects);
        Assert.Equal(0, stage.Play(Sight("2", Noon + 300_001, VideoEvent.Smoke, 640)).Effects);
        stage.Reload();
        stage.Play(Sight("3", Noon + 600_001, VideoEvent.Smoke, 610));

        Assert.Equal(0.64, stage.Shown.Confidence);
        Assert.Contains("2 times within 300 s", stage.Shown.Explanation.En, StringComparison.Ordinal);
    }

    [Fact]
    public void Too_unsure_an_event_and_one_seen_twice_confirm_nothing()
    {
        stage.Play(Sight("1", Noon, VideoEvent.Smoke, 600));
        Assert.Equal(0, stage.Play(Sight("1", Noon, VideoEvent.Smoke, 600)).Effects);
        Assert.Equal(0, stage.Play(Sight("2", Noon + 1, VideoEvent.Smoke, 499)).Effects);
        Assert.Equal(0, stage.Play(Sight("3", Noon + 2, VideoEvent.Fire, 600)).Effects);
        Assert.Equal(2, stage.Described.GetProperty("events").GetProperty("smoke").GetInt32());
    }

    [Fact]
    public void Further_events_join_the_open_warning()
    {
        stage.Play(Sight("1", Noon, VideoEvent.Fire, 900));
        Assert.Equal(0, stage.Play(Sight("2", Noon + 1_000, VideoEvent.Fire, 700)).Effects);
        stage.Play(Sight("3", Noon + 2_000, VideoEvent.Fire, 960));
        Assert.Equal((WarningChange.Updated, 0.96, 3), (stage.Told.Change, stage.Shown.Confidence, stage.Shown.Count));
        stage.Play(Sight("4", Noon + 62_000, VideoEvent.Fire, 700));
        Assert.Equal((WarningChange.Updated, 0.96, 4), (stage.Told.Change, stage.Shown.Confidence, stage.Shown.Count));
        Assert.Equal("camera:C07/fire/1", stage.Shown.Id);
    }

    [Fact]
    public void The_warning_ends_with_its_case()
    {
        stage.Play(Sight("1", Noon, VideoEvent.Fire, 900));
        stage.Play(Tell(MessageKind.CaseClosed, Noon + 1, new CaseClosed("north-1", "camera:C07", ActorKind.Place, "fire", "camera:C07/fire/1", "false-alarm"), GrainsJson.Default.CaseClosed));
        Assert.False(stage.Shown.Open);
        stage.Play(Sight("2", Noon + 60_000, VideoEvent.Fire, 900));
        Assert.Equal("camera:C07/fire/2", stage.Shown.Id);
    }
}
