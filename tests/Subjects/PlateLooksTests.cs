using System.Text;
using Streaming.Determinism;
using Streaming.Grains.Messages;
using Streaming.Grains.Rules;
using Streaming.Grains.Turns;
using Streaming.Models.Encoding;
using Streaming.Models.Readings;
using Streaming.Models.Vehicles;
using Streaming.Tests.Registers;
using Xunit;
using static Streaming.Determinism.Readings;
using static Streaming.Tests.Registers.Statements;

namespace Streaming.Tests.Subjects;

/// <summary>Something else under a plate than what it is registered for, and plates that may have been misread.</summary>
public sealed class PlateLooksTests
{
    private const string Plate = "粤H12345-yellow";
    private const string Kind = "cloned-plate";
    private static readonly Rulebook Rules = new() { Version = 1, ClonedPlates = new ClonedPlates { Looks = new PlateLooks() } };
    private readonly SubjectStage truck = new(ActorKind.Vehicle, Plate) { Rules = Rules };
    private readonly SubjectStage entry = new(ActorKind.Entry, $"vehicles/{Plate}");
    private int number;

    [Fact]
    public void A_car_under_a_trucks_plate_is_warned_of_when_several_devices_saw_it_three_times()
    {
        Registers("rigid", 4);
        Sees("C1", VehicleClass.Car);
        Sees("C1", VehicleClass.Rigid);
        Sees("C2", VehicleClass.Car);
        Assert.True(truck.ToldNobody);
        truck.Reload();
        Sees("C1", VehicleClass.Car);
        Warning warning = truck.Shown;
        Assert.Equal((Kind, "cloned-plate-looks/1", 2, 3.0), (warning.Kind, warning.Model, warning.Severity, warning.Evidence.Figures["contradictions"]));
        Assert.Contains($"Under the plate {Plate} a car was seen at", warning.Explanation.En, StringComparison.Ordinal);
        Assert.Contains("it is registered for a rigid.", warning.Explanation.En, StringComparison.Ordinal);
        Assert.Contains("所见为小客车，登记为单体货车", warning.Explanation.Zh, StringComparison.Ordinal);
    }

    [Fact]
    public void One_camera_alone_or_goods_vehicles_taken_for_one_another_or_a_plate_read_badly_accuse_nobody()
    {
        Registers("combination", 6);
        for (int i = 0; i < 6; i++)
        {
            Sees("C1", VehicleClass.Car);
            Sees($"C{i}", VehicleClass.Tanker);
            Sees($"C{i}", VehicleClass.Rigid);
            Sees($"C{i}", VehicleClass.Other);
            Sees($"C{i}", VehicleClass.Car, platePermille: 840);
            Sees($"C{i}", VehicleClass.Car, permille: 840);
        }

        Assert.Empty(Open());
    }

    [Fact]
    public void Without_a_register_or_the_section_nothing_is_compared()
    {
        SubjectStage old = new(ActorKind.Vehicle, Plate);
        TellOf(entry.Play(Say(Source("police", "vehicles"), $$"""{"plate":"{{Plate}}","vehicleClass":"rigid","axles":4}""")), old);
        for (int i = 0; i < 6; i++)
        {
            Sees($"C{i}", VehicleClass.Car);
            old.Play(Sight($"o{i}", Noon + 600_000 + (i * 1_000), VideoEvent.Vehicle, 900, vehicleClass: VehicleClass.Car) with { Source = Encoding.UTF8.GetBytes($"C{i}") });
        }

        Assert.Empty(Open());
        Assert.True(old.ToldNobody);
    }

    /// <summary>One axle may be lifted; axles that raise the limit are evasion's matter.</summary>
    [Theory]
    [InlineData(4, 2, true)]
    [InlineData(4, 3, false)]
    [InlineData(2, 4, false)]
    [InlineData(2, 3, false)]
    public void Axles_differ_by_two_or_more_of_a_registered_rigid_truck(int registered, int weighed, bool warns)
    {
        Registers("rigid", registered);
        for (int i = 0; i < 4; i++)
        {
            truck.Play(Weigh($"w{i}", Noon + 600_000 + (i * 60_000), 9_000, weighed, VehicleClass.Rigid) with { Source = Encoding.UTF8.GetBytes($"S{i}") });
        }

        Assert.Equal(warns ? [Kind] : [], Open());
        if (warns)
        {
            Assert.Equal((2.0, 4.0), (truck.Shown.Evidence.Figures["axles"], truck.Shown.Evidence.Figures["registeredAxles"]));
            Assert.Contains("a vehicle of 2 axles was seen", truck.Shown.Explanation.En, StringComparison.Ordinal);
            Assert.Contains("2轴车辆", truck.Shown.Explanation.Zh, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void A_register_that_is_corrected_clears_the_warning_and_a_closed_case_begins_anew()
    {
        Registers("rigid", 4);
        Sees("C1", VehicleClass.Bus);
        Sees("C2", VehicleClass.Bus);
        Sees("C1", VehicleClass.Bus);
        truck.Reload();
        Registers("bus", 3);
        Assert.Equal(WarningChange.Cleared, truck.Told.Change);
        Assert.Contains("what was seen is what is registered", truck.Shown.Explanation.En, StringComparison.Ordinal);

        Sees("C1", VehicleClass.Car);
        Sees("C2", VehicleClass.Car);
        Sees("C1", VehicleClass.Car);
        string id = truck.Described.GetProperty("openWarnings")[0].GetProperty("id").GetString()!;
        truck.Play(Tell(MessageKind.CaseClosed, Noon + 130_000, new CaseClosed("north-1", Plate, ActorKind.Vehicle, Kind, id, "penalty"), GrainsJson.Default.CaseClosed));
        Sees("C1", VehicleClass.Car);
        Sees("C2", VehicleClass.Car);
        Assert.Empty(Open());
        Sees("C1", VehicleClass.Car);
        Assert.Equal([Kind], Open());
    }

    /// <summary>40 km in a minute, over and over: but each time another plate was plausible there.</summary>
    [Theory]
    [InlineData("粤H12346-yellow", false)]
    [InlineData("", true)]
    public void A_plate_that_may_have_been_anothers_contradicts_nothing(string likely, bool warns)
    {
        for (int i = 0; i < 6; i++)
        {
            ByteWriter body = new();
            new VideoReading { Event = VideoEvent.Vehicle, ConfidencePermille = 900, PlatePermille = 900, Position = new GeoPosition(23_100_000 + (i % 2 * 360_000), 112_400_000), LikelyPlate = i % 2 == 1 ? Encoding.UTF8.GetBytes(likely) : default }.Write(body);
            truck.Play(Sight($"m{i}", Noon + (i * 60_000), VideoEvent.Vehicle, 900) with { Source = Encoding.UTF8.GetBytes($"C{i % 2}"), Body = body.Written.ToArray() });
        }

        Assert.Equal(warns ? [Kind] : [], Open());
        Assert.Equal(6, truck.Described.GetProperty("sightings").GetInt32());
    }

    private void Registers(string body, int axles) => TellOf(entry.Play(Say(Source("police", "vehicles"), $$"""{"plate":"{{Plate}}","vehicleClass":"{{body}}","axles":{{axles}},"at":"2026-11-1{{number++ % 10}}"}""")), truck);

    private void Sees(string camera, VehicleClass body, int permille = 900, int platePermille = 900)
    {
        number++;
        truck.Play(Sight($"s{number}", Noon + (number * 60_000), VideoEvent.Vehicle, permille, platePermille: platePermille, vehicleClass: body) with { Source = Encoding.UTF8.GetBytes(camera) });
    }

    private string[] Open() => [.. truck.Described.GetProperty("openWarnings").EnumerateArray().Select(warning => warning.GetProperty("kind").GetString()!)];
}
