using System.Text.Json;
using Streaming.Grains.Messages;
using Streaming.Grains.Turns;
using Xunit;
using static Streaming.Determinism.Readings;

namespace Streaming.Tests.Subjects;

public sealed class SourceTests
{
    private const long Noon = 1_795_262_400_000;
    private static readonly SourceRegistration Registration = new("S07", "wim", ["v1/wim/S07/+"], "harbour", 5, "sha256:ffee");
    private readonly SubjectStage stage = new(ActorKind.Source, "S07");

    [Fact]
    public void A_registration_is_kept_shown_and_answered_and_its_secret_stays_inside()
    {
        stage.Play(Tell(MessageKind.RegisterSource, Noon, Registration, GrainsJson.Default.SourceRegistration));
        Assert.Equal(ReplyStatus.Done, stage.Answer!.Status);
        Assert.Equal(2, stage.Effects);
        Assert.Equal(("S07", "wim", ResourceStates.Never), (stage.Resource!.Id, stage.Resource.Kind, stage.Resource.State));

        stage.Reload();
        JsonElement described = stage.Described;
        Assert.Equal(("S07", "wim", "harbour", 5.0), (described.GetProperty("id").GetString(), described.GetProperty("kind").GetString(), described.GetProperty("district").GetString(), described.GetProperty("accuracyPct").GetDouble()));
        Assert.Equal("v1/wim/S07/+", described.GetProperty("topics")[0].GetString());
        Assert.DoesNotContain("ffee", stage.DescribedText, StringComparison.Ordinal);
        Assert.Equal((0, 0), (described.GetProperty("accepted").GetInt32(), described.GetProperty("rejected").GetInt32()));
        Assert.False(described.TryGetProperty("lastSeen", out _));
    }

    [Fact]
    public void A_registration_of_another_source_is_refused()
    {
        stage.Play(Tell(MessageKind.RegisterSource, Noon, Registration with { Id = "S08" }, GrainsJson.Default.SourceRegistration));
        Assert.Equal(ReplyStatus.Invalid, stage.Answer!.Status);
        Assert.Equal(0, stage.Effects);
        Assert.False(stage.Actor.Exists);
    }

    [Fact]
    public void What_it_publishes_is_counted()
    {
        stage.Play(Published(Noon, 3_600, 2));
        stage.Play(Published(Noon + 1_000, 1, 0));

        Assert.Equal(0, stage.Effects);
        Assert.Equal((3_601, 2), (stage.Described.GetProperty("accepted").GetInt32(), stage.Described.GetProperty("rejected").GetInt32()));
        Assert.Equal(DateTimeOffset.FromUnixTimeMilliseconds(Noon + 1_000), stage.Described.GetProperty("lastSeen").GetDateTimeOffset());
    }

    [Fact]
    public void The_newest_status_holds()
    {
        stage.Play(Status("1", Noon, true));
        stage.Play(Status("2", Noon - 1, false));
        Assert.True(stage.Described.GetProperty("online").GetBoolean());
        stage.Play(Status("3", Noon + 1, false));
        Assert.False(stage.Described.GetProperty("online").GetBoolean());
    }

    [Fact]
    public void Readings_without_a_legible_plate_are_counted_once_each()
    {
        for (int i = 0; i < 40; i++)
        {
            stage.Play(Weigh($"{i / 2}", Noon + (i / 2), 90_000, 6));
        }

        Assert.Equal(0, stage.Effects);
        Assert.Equal(20, stage.Described.GetProperty("unidentified").GetInt32());
        Assert.True(stage.Play(Weigh("0", Noon, 90_000, 6)).AsksHistory);
    }
}
