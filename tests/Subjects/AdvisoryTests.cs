using Streaming.Determinism;
using Streaming.Grains.Messages;
using Streaming.Grains.Turns;
using Streaming.Models.Encoding;
using Streaming.Models.Readings;
using Xunit;
using static Streaming.Determinism.Readings;

namespace Streaming.Tests.Subjects;

/// <summary>A truck that is over its limit by the word of a station whose calibration had run out.</summary>
public sealed class AdvisoryTests
{
    private const long Noon = 1_795_262_400_000;
    private const string Truck = "粤H12345-yellow";
    private readonly SubjectStage truck = new(ActorKind.Vehicle, Truck);

    [Theory]
    [InlineData(0, 2, false)]
    [InlineData(1, 2, false)]
    [InlineData(-1, 1, true)]
    public void A_warning_is_advisory_from_the_moment_on_at_which_the_calibration_ran_out(long leftMs, int severity, bool advisory)
    {
        truck.Play(Weigh("1", Noon, 60_000, 6, VehicleClass.Combination) with { CalibrationDueMs = leftMs == 0 ? 0 : Noon + leftMs });
        Warning warning = truck.Shown;
        Assert.Equal(("over-road-limit", severity, advisory), (warning.Kind, warning.Severity, warning.Evidence.Figures.ContainsKey("advisory")));
        Assert.Equal(advisory, warning.Explanation.En.EndsWith("Advisory: the station's calibration had run out by then, so its accuracy is not vouched for; weigh again before acting.", StringComparison.Ordinal));
        Assert.Equal(advisory, warning.Explanation.Zh.EndsWith("仅供参考：称重时该站检定有效期已届满，准确度无保证，处理前须复称。", StringComparison.Ordinal));
    }

    [Fact]
    public void It_stays_advisory_when_a_register_has_it_judged_anew()
    {
        truck.Play(Weigh("1", Noon, 60_000, 6, VehicleClass.Combination) with { CalibrationDueMs = Noon - 1 });
        truck.Reload();
        SubjectStage entry = new(ActorKind.Entry, $"vehicles/{Truck}");
        entry.Play(Registers.Statements.Say(Registers.Statements.Source("police", "vehicles"), """{"plate":"粤H12345","plateColor":"yellow","vehicleClass":"combination","driveAxles":1}""", Noon));
        Registers.Statements.TellOf(entry, truck);
        Assert.Equal((1, 46_000.0, 1.0), (truck.Shown.Severity, truck.Shown.Evidence.Figures["limitKg"], truck.Shown.Evidence.Figures["advisory"]));
    }

    [Fact]
    public void A_calibrated_station_makes_it_an_accusation_again()
    {
        truck.Play(Weigh("1", Noon, 60_000, 6, VehicleClass.Combination) with { CalibrationDueMs = Noon - 1 });
        truck.Play(Weigh("2", Noon + 60_000, 60_000, 6, VehicleClass.Combination) with { CalibrationDueMs = Noon + 90_000 });
        Assert.Equal((2, false), (truck.Shown.Severity, truck.Shown.Evidence.Figures.ContainsKey("advisory")));
    }

    [Fact]
    public void Records_without_a_calibration_are_as_before_and_those_with_one_keep_it()
    {
        ByteWriter before = new(), after = new();
        new Origin { Source = "S07"u8, District = "north"u8, AccuracyHundredthPct = 500, Position = new GeoPosition(23_000_000, 112_000_000) }.Write(before);
        new Origin { Source = "S07"u8, District = "north"u8, AccuracyHundredthPct = 500, Position = new GeoPosition(23_000_000, 112_000_000), CalibrationDueMs = Noon }.Write(after);
        ByteReader old = new(before.Written), read = new(after.Written);
        Origin without = Origin.Read(ref old);
        Origin with = Origin.Read(ref read);
        Assert.True(old.AtEnd && read.AtEnd);
        Assert.Equal((500, 0L, 23_000_000), (without.AccuracyHundredthPct, without.CalibrationDueMs, without.Position.LatitudeE6));
        Assert.Equal((500, Noon, 23_000_000), (with.AccuracyHundredthPct, with.CalibrationDueMs, with.Position.LatitudeE6));
    }
}
