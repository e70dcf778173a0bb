using System.Text.Json;
using Streaming.Determinism;
using Streaming.Grains.Messages;
using Streaming.Grains.Turns;
using Streaming.Models.Encoding;
using Streaming.Models.Readings;
using Streaming.Tests.Registers;
using Xunit;
using static Streaming.Determinism.Readings;
using static Streaming.Tests.Registers.Statements;

namespace Streaming.Tests.Subjects;

/// <summary>
/// Two places on one meridian, 0.36 degrees apart: 40.03 km. At 120 km/h, of which 80 % of the time count, with 300 m taken off, that is 953.5 s; the clocks may be 30 s apart, so 923.5 s between two readings are the bound.
/// </summary>
public sealed class ClonedPlateTests
{
    private const string Plate = "粤H12345-yellow";
    private const string Kind = "cloned-plate";
    private const int SouthE6 = 23_100_000;
    private const int NorthE6 = 23_460_000;
    private readonly SubjectStage truck = new(ActorKind.Vehicle, Plate);
    private int seen;

    [Fact]
    public void A_plate_that_is_twice_where_one_vehicle_cannot_be_warns_and_says_why()
    {
        See("C01", SouthE6, 0);
        See("C02", NorthE6, 600);
        Assert.True(truck.ToldNobody);
        See("C01", SouthE6, 1_200);
        Assert.True(truck.ToldNobody);
        See("C02", NorthE6, 1_800);

        Warning warning = truck.Shown;
        Assert.Equal((Kind, 3, "cloned-plate/1", WarningChange.Opened), (warning.Kind, warning.Severity, warning.Model, truck.Told.Change));
        Assert.Equal((40_030.0, 600.0, 953.5, 2.0), (Figure("distanceM"), Figure("betweenS"), Figure("leastS"), Figure("contradictions")));
        Assert.Contains($"The plate {Plate} was read by C01 and 600 s later by C02, 40.03 km away in a straight line: that takes 953.52 s at least (120 km/h, 80 % of the time counted).", warning.Explanation.En, StringComparison.Ordinal);
        Assert.Contains("Such contradictions within 24 h, no reading counted twice: 2. Both plates were read with at least 97 % confidence.", warning.Explanation.En, StringComparison.Ordinal);
        Assert.Contains("compare the pictures before acting", warning.Explanation.En, StringComparison.Ordinal);
        Assert.Contains($"号牌{Plate}在C01被识别，600秒后又在C02被识别，两地直线距离40.03 km，最短需953.52秒", warning.Explanation.Zh, StringComparison.Ordinal);
        Assert.Contains("疑似套牌：处理前须比对图像", warning.Explanation.Zh, StringComparison.Ordinal);

        // Each pair is right where both plates are: 0.97 × 0.97; wrong are both pairs together.
        Assert.Equal(1 - Math.Pow(1 - (0.97 * 0.97), 2), warning.Confidence, 4);
    }

    [Theory]
    [InlineData(923, true)]
    [InlineData(924, false)]
    public void Time_that_just_does_is_no_contradiction(int betweenS, bool warns)
    {
        for (int i = 0; i < 4; i++)
        {
            See(i % 2 == 0 ? "C01" : "C02", i % 2 == 0 ? SouthE6 : NorthE6, i * betweenS);
        }

        Assert.Equal(warns, Open);
    }

    /// <summary>What is before a misread and what is after it contradict it both; that is one reading's fault.</summary>
    [Fact]
    public void One_misread_plate_is_one_contradiction_however_often_the_true_one_passes()
    {
        See("C01", SouthE6, 0);
        See("C02", NorthE6, 60);
        for (int i = 2; i < 20; i++)
        {
            See(i % 2 == 0 ? "C01" : "C03", SouthE6 + (i % 2 * 10_000), i * 60);
        }

        Assert.False(Open);
    }

    [Fact]
    public void A_plate_read_without_confidence_contradicts_nothing()
    {
        for (int i = 0; i < 8; i++)
        {
            See(i % 2 == 0 ? "C01" : "C02", i % 2 == 0 ? SouthE6 : NorthE6, i * 60, i % 2 == 0 ? 990 : 849);
        }

        Assert.False(Open);
    }

    [Fact]
    public void Contradictions_on_different_days_do_not_add_up()
    {
        See("C01", SouthE6, 0);
        See("C02", NorthE6, 60);
        See("C01", SouthE6, 90_000);
        See("C02", NorthE6, 90_060);
        Assert.False(Open);
        See("C01", SouthE6, 100_000);
        See("C02", NorthE6, 100_060);
        Assert.True(Open);
    }

    [Fact]
    public void Passages_out_of_order_are_put_in_order_as_far_as_the_newest_two_and_older_ones_change_nothing()
    {
        See("C01", SouthE6, 1_000);
        See("C02", NorthE6, 3_000);
        See("C02", NorthE6, 1_060);
        Assert.False(Open);

        byte[] before = Plates();
        See("C02", NorthE6, 500);
        Assert.Equal(before, Plates());

        See("C01", SouthE6, 3_060);
        Assert.True(Open);
    }

    [Fact]
    public void A_distance_by_road_is_asked_for_where_a_detour_would_make_it_impossible_and_the_next_passage_tells()
    {
        SubjectStage distance = new(ActorKind.Entry, "distances/C01/C02");
        SourceRegistration source = Source("roads", "distances");
        distance.Play(Say(source, """{"from":"C01","to":"C02","distanceM":52000}""", Noon - 1_000));

        // 40 km in 1,000 s are possible along the straight line and 52 km of road are not: 1,240.8 s.
        foreach (int start in new[] { 0, 5_000 })
        {
            See("C01", SouthE6, start);
            See("C02", NorthE6, start + 1_000);
            (ActorKind actor, string key, DistanceAsked asked) = Assert.Single(truck.Tells<DistanceAsked>(MessageKind.AskDistance));
            Assert.Equal((ActorKind.Entry, "distances/C01/C02", Plate), (actor, key, asked.Vehicle));
            distance.Play(Tell(MessageKind.AskDistance, Noon + 10_000_000, asked, GrainsJson.Default.DistanceAsked));
            (ActorKind to, string vehicle, DistanceTold told) = Assert.Single(distance.Tells<DistanceTold>(MessageKind.DistanceTold));
            Assert.Equal((ActorKind.Vehicle, Plate, 52_000L), (to, vehicle, told.DistanceM));
            truck.Reload();
            truck.Play(Tell(MessageKind.DistanceTold, Noon + ((start + 1_003) * 1_000L), told, GrainsJson.Default.DistanceTold));
            Assert.False(Open);
        }

        See("C02", NorthE6, 6_100);
        Assert.Contains("52 km away by road", truck.Shown.Explanation.En, StringComparison.Ordinal);
        Assert.Contains("路网距离52 km", truck.Shown.Explanation.Zh, StringComparison.Ordinal);
    }

    [Fact]
    public void An_ordinary_pace_asks_nobody_and_a_distance_that_nobody_registered_has_no_answer()
    {
        See("C01", SouthE6, 0);
        See("C02", NorthE6, 1_800);
        Assert.Empty(truck.Tells<DistanceAsked>(MessageKind.AskDistance));

        SubjectStage unknown = new(ActorKind.Entry, "distances/C01/C02");
        unknown.Play(Tell(MessageKind.AskDistance, Noon, new DistanceAsked(Plate, "C01", "C02", Noon, Noon + 1), GrainsJson.Default.DistanceAsked));
        Assert.Equal(0, unknown.Effects);
        Assert.False(unknown.Actor.Exists);
    }

    [Fact]
    public void A_closed_case_has_dealt_with_what_was_found()
    {
        for (int i = 0; i < 4; i++)
        {
            See(i % 2 == 0 ? "C01" : "C02", i % 2 == 0 ? SouthE6 : NorthE6, i * 60);
        }

        truck.Play(Tell(MessageKind.CaseClosed, Noon + 1_000_000, new CaseClosed("north-1", Plate, ActorKind.Vehicle, Kind, truck.Shown.Id, "false-alarm"), GrainsJson.Default.CaseClosed));
        Assert.False(Open);
        See("C01", SouthE6, 2_000);
        See("C02", NorthE6, 2_060);
        Assert.False(Open);
    }

    [Fact]
    public void A_station_has_the_position_that_it_is_registered_with()
    {
        for (int i = 0; i < 4; i++)
        {
            GeoPosition position = new(i % 2 == 0 ? SouthE6 : NorthE6, 112_400_000);
            truck.Play(Weigh($"w{i}", Noon + (i * 60_000), 15_000, 2) with { Source = System.Text.Encoding.UTF8.GetBytes($"S0{i % 2}"), Position = position });
        }

        Assert.True(Open);
    }

    private bool Open => truck.Described.GetProperty("openWarnings").EnumerateArray().Any(warning => warning.GetProperty("kind").GetString() == Kind);

    private double Figure(string name) => truck.Shown.Evidence.Figures[name];

    /// <summary>The state but for what counts every reading.</summary>
    private byte[] Plates()
    {
        ByteWriter writer = new();
        Grains.Subjects.PlateWatch.Write(((Grains.Subjects.Vehicle)truck.Actor).Plates, writer);
        return writer.Written.ToArray();
    }

    private void See(string camera, int latitudeE6, int afterS, int permille = 970)
    {
        ByteWriter writer = new();
        new VideoReading { Event = VideoEvent.Vehicle, ConfidencePermille = 900, PlatePermille = permille, Position = new GeoPosition(latitudeE6, 112_400_000) }.Write(writer);
        long atMs = Noon + (afterS * 1_000L);
        truck.Play(new ScriptStep
        {
            Kind = MessageKind.Reading,
            ReadingKind = ReadingKind.Video,
            Body = writer.Written.ToArray(),
            NowMs = atMs + 2_000,
            AtMs = atMs,
            Id = System.Text.Encoding.UTF8.GetBytes($"v{++seen}"),
            Source = System.Text.Encoding.UTF8.GetBytes(camera),
            District = "north"u8.ToArray(),
        });
    }
}
