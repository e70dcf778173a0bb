using System.Text.Json;
using Streaming.Determinism;
using Streaming.Grains.Messages;
using Streaming.Grains.Subjects;
using Streaming.Grains.Turns;
using Streaming.Models.Encoding;
using Streaming.Models.Readings;
using Streaming.Tests.Subjects;
using Xunit;
using static Streaming.Determinism.Readings;
using static Streaming.Tests.Registers.Statements;

namespace Streaming.Tests.Registers;

/// <summary>A truck's limit follows its registration and its permits; what was said before they were known is judged anew.</summary>
public sealed class RegisteredVehicleTests
{
    private const string Truck = "粤H12345-yellow";
    private const string Overload = "over-road-limit";
    private readonly SubjectStage truck = new(ActorKind.Vehicle, Truck);
    private readonly SubjectStage vehicles = new(ActorKind.Entry, $"vehicles/{Truck}");
    private long said = Noon;
    private readonly SubjectStage permits = new(ActorKind.Entry, "permits/P1");

    /// <summary>Art. 3: six axles 49,000 kg, 46,000 kg with a single drive axle.</summary>
    [Fact]
    public void A_single_drive_axle_in_the_register_lowers_the_limit_of_the_next_weighing()
    {
        Weighs("1", 48_000, 6);
        Assert.True(truck.ToldNobody);
        Registers("""{"plate":"粤H12345-yellow","vehicleClass":"combination","axles":6,"driveAxles":1}""");
        Assert.Equal(46_000, truck.Described.GetProperty("lastWeighing").GetProperty("limitKg").GetInt32());
        Assert.Equal(0, truck.Described.GetProperty("openWarnings").GetArrayLength());

        Weighs("2", 48_000, 6);
        Assert.Equal(46_000, truck.Shown.Evidence.Figures["limitKg"]);
        Assert.Contains("single drive axle (from the register)", truck.Shown.Explanation.En, StringComparison.Ordinal);
        Assert.Contains("No over-limit transport permit that was valid then is registered", truck.Shown.Explanation.En, StringComparison.Ordinal);
    }

    /// <summary>Art. 3: four axles rigid 31,000 kg, combination 36,000 kg.</summary>
    [Fact]
    public void A_wrong_warning_is_cleared_by_the_register_and_says_why()
    {
        Weighs("1", 34_000, 4, VehicleClass.Rigid);
        Assert.Equal(WarningChange.Opened, truck.Told.Change);
        truck.Reload();

        Registers("""{"plate":"粤H12345-yellow","vehicleClass":"combination","axles":4}""");

        Assert.Equal((WarningChange.Cleared, false), (truck.Told.Change, truck.Shown.Open));
        Assert.Contains("Judged anew, since police changed the entry vehicles/粤H12345-yellow: the limit is 36,000 kg (combination with 4 axles (body from the register)), and 34,000 kg is within it.", truck.Shown.Explanation.En, StringComparison.Ordinal);
        Assert.Contains("重新判定：限值为36,000 kg", truck.Shown.Explanation.Zh, StringComparison.Ordinal);
        Assert.Equal(0, truck.Described.GetProperty("openWarnings").GetArrayLength());
        Assert.Equal(0, truck.Described.GetProperty("lastWeighing").GetProperty("overKg").GetInt32());
    }

    [Fact]
    public void A_warning_that_still_holds_gets_the_new_limit_and_says_why()
    {
        Weighs("1", 60_000, 6);
        truck.Reload();
        Registers("""{"plate":"粤H12345-yellow","driveAxles":1}""");

        Assert.Equal((WarningChange.Updated, 46_000.0, 14_000.0, 1), (truck.Told.Change, truck.Shown.Evidence.Figures["limitKg"], truck.Shown.Evidence.Figures["overKg"], truck.Shown.Count));
        Assert.Contains("Judged anew", truck.Shown.Explanation.En, StringComparison.Ordinal);
        Assert.Single(truck.Shown.Evidence.Readings);
    }

    [Fact]
    public void The_warning_is_judged_by_the_weighing_it_rests_on_not_by_the_last_one()
    {
        Weighs("1", 34_000, 4, VehicleClass.Rigid);
        Weighs("2", 20_000, 4, VehicleClass.Rigid);
        truck.Reload();
        Registers("""{"plate":"粤H12345-yellow","ratedLoadKg":20000}""");
        Assert.Equal(1, truck.Described.GetProperty("openWarnings").GetArrayLength());

        Registers("""{"plate":"粤H12345-yellow","ratedLoadKg":20000,"vehicleClass":"combination"}""");
        Assert.Equal(0, truck.Described.GetProperty("openWarnings").GetArrayLength());
    }

    [Fact]
    public void A_vehicle_with_a_valid_permit_is_not_accused()
    {
        Permits("""{"number":"P1","plate":"粤H12345-yellow","grossKg":80000,"validFrom":"2026-11-01","validTo":"2026-12-01"}""");
        Weighs("1", 79_000, 6);

        Assert.True(truck.ToldNobody);
        JsonElement weighing = truck.Described.GetProperty("lastWeighing");
        Assert.Equal((80_000, 0, "over-limit transport permit (from the register)"), (weighing.GetProperty("limitKg").GetInt32(), weighing.GetProperty("overKg").GetInt32(), weighing.GetProperty("limitBasis").GetString()));

        Weighs("2", 81_000, 6);
        Assert.Equal(1_000, truck.Shown.Evidence.Figures["overKg"]);
        Assert.Contains("permit P1 allows 80,000 kg", truck.Shown.Explanation.En, StringComparison.Ordinal);
    }

    [Fact]
    public void A_permit_that_is_registered_late_clears_the_warning_of_the_time_it_was_valid_for()
    {
        Weighs("1", 60_000, 6);
        Permits("""{"number":"P1","plate":"粤H12345-yellow","grossKg":80000,"validFrom":"2026-11-01","validTo":"2026-12-01"}""");

        Assert.Equal(WarningChange.Cleared, truck.Told.Change);
        Assert.Contains("permits/P1", truck.Shown.Explanation.En, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("2026-01-01", "2026-11-01")]
    [InlineData("2026-12-01", "2027-01-01")]
    public void A_permit_of_another_time_permits_nothing(string from, string to)
    {
        Permits($$"""{"number":"P1","plate":"粤H12345-yellow","grossKg":80000,"validFrom":"{{from}}","validTo":"{{to}}"}""");
        Weighs("1", 60_000, 6);

        Assert.Equal(49_000, truck.Shown.Evidence.Figures["limitKg"]);
    }

    [Fact]
    public void A_revoked_permit_permits_nothing_from_then_on()
    {
        Permits("""{"number":"P1","plate":"粤H12345-yellow","grossKg":80000}""");
        Permits("""{"number":"P1","plate":"粤H12345-yellow","removed":true,"at":"2026-11-01"}""");
        Weighs("1", 60_000, 6);

        Assert.Equal(49_000, truck.Shown.Evidence.Figures["limitKg"]);
    }

    [Fact]
    public void A_vehicle_is_known_by_its_registration_alone_and_kept_as_long_as_that_holds()
    {
        Registers("""{"plate":"粤H12345-yellow","axles":6}""");
        truck.Reload();
        Assert.True(truck.Actor.Exists);
        Assert.Equal(6, truck.Described.GetProperty("registered")[0].GetProperty("axles").GetInt32());
        Assert.False(truck.Actor.IsExpired(1_000L * 86_400_000, truck.Rules));

        Registers("""{"plate":"粤H12345-yellow","removed":true,"validFrom":"1990-01-01"}""");
        Registers("""{"plate":"粤H12345-yellow","axles":6,"validTo":"1990-01-01"}""");
        Assert.True(truck.Actor.IsExpired(1_000L * 86_400_000, truck.Rules));
    }

    [Fact]
    public void A_closed_case_takes_the_weighing_with_it()
    {
        Weighs("1", 60_000, 6);
        truck.Play(Tell(MessageKind.CaseClosed, Noon + 1, new CaseClosed("north-1", Truck, ActorKind.Vehicle, Overload, $"{Truck}/over-road-limit/1", "penalty"), GrainsJson.Default.CaseClosed));
        Permits("""{"number":"P1","plate":"粤H12345-yellow","grossKg":80000}""");

        Assert.Equal(0, truck.Effects);
    }

    /// <summary>Messages of before they were binary are in journals.</summary>
    [Fact]
    public void A_message_of_before_says_what_one_of_now_says()
    {
        vehicles.Play(Say(Source("police", "vehicles"), """{"plate":"粤H12345-yellow","vehicleClass":"combination","axles":6,"driveAxles":1,"ratedLoadKg":31000,"curbKg":17000,"owner":"Zhang","validFrom":"2026-01-01"}"""));
        EntryChanged now = Assert.Single(vehicles.Entries).Changed;
        EntryChanged before = EntryChanged.Read("""
            {"register":"vehicles","key":"粤H12345-yellow","spans":[{"from":"2026-01-01T00:00:00+00:00","values":{"axles":6,"curbKg":17000,"driveAxles":1,"owner":"Zhang","plate":"粤H12345-yellow","ratedLoadKg":31000,"vehicleClass":"combination"},"sources":{"axles":"police"}}],"by":"police"}
            """u8);
        Assert.Equal((now.Register, now.Key, now.By), (before.Register, before.Key, before.By));
        VehicleRegistration[] read = [VehicleRegistration.With(null, now, Noon)!, VehicleRegistration.With(null, before, Noon)!];
        byte[][] kept = [.. read.Select(registration =>
        {
            ByteWriter writer = new();
            VehicleRegistration.Write(registration, writer);
            return writer.Written.ToArray();
        })];
        Assert.Equal(kept[0], kept[1]);
    }

    private void Weighs(string id, int grossKg, int axles, VehicleClass vehicleClass = VehicleClass.Unknown) => truck.Play(Weigh(id, Noon + (id[0] * 1_000), grossKg, axles, vehicleClass));

    private void Registers(string words) => TellOf(vehicles.Play(Say(Source("police", "vehicles"), words, said += 1_000)), truck);

    private void Permits(string words) => TellOf(permits.Play(Say(Source("transport", "permits"), words, said += 1_000)), truck);
}
