using Streaming.Grains.Turns;
using Streaming.Ingest.Formats;
using Streaming.Models.Encoding;
using Streaming.Models.Readings;
using Xunit;

namespace Streaming.Tests.Formats;

/// <summary>The examples that integrators are given, one of each kind.</summary>
public sealed class ExampleTests
{
    [Fact]
    public void Weigh_record_goes_to_its_vehicle_with_every_figure()
    {
        DecodedReading reading = Payloads.Decode(Payloads.WeighTopic, Payloads.Weigh).Only;
        Assert.Equal((ActorKind.Vehicle, "粤H12345-yellow"), (reading.SubjectKind, reading.Key));
        Assert.Equal("S07-000123", reading.Id);
        Assert.Equal(StableHash.Combine(StableHash.Of("S07"u8), StableHash.Of("S07-000123"u8)), reading.IdHash);
        Assert.Equal(Payloads.AtMs, reading.AtMs);

        WeighReading weigh = reading.Weigh;
        Assert.Equal("2", Payloads.Text(weigh.Lane));
        Assert.Equal(60_000, weigh.GrossKg);
        Assert.Equal(6, weigh.AxleCount);
        Assert.Equal([6800, 10900, 10800, 10600, 10500, 10400], Enumerable.Range(0, 6).Select(i => reading.Weigh.Axles[i].MassKg));
        Assert.Equal([0, 3500, 4850, 11200, 12500, 13800], Enumerable.Range(0, 6).Select(i => reading.Weigh.Axles[i].OffsetMm));
        Assert.Equal(VehicleClass.Combination, weigh.VehicleClass);
        Assert.Equal(635, weigh.SpeedTenthKmh);
        Assert.Equal(970, weigh.PlatePermille);
        Assert.Equal(1020, weigh.LeftRightPermille);
        Assert.Equal("...", Payloads.Text(weigh.Image.Url));
        Assert.Equal("", Payloads.Text(weigh.Image.Sha256));
    }

    [Fact]
    public void Picture_hash_of_64_digits_is_kept_and_any_other_counts_as_absent()
    {
        string payload = $$$"""{"id":"1","at":"2026-11-21T08:15:30Z","grossKg":9000,"image":{"sha256":"{{{Payloads.Sha256}}}","url":"https://p/1.jpg"}}""";
        WeighReading good = Payloads.Decode(Payloads.WeighTopic, payload).Only.Weigh;
        Assert.Equal(Payloads.Sha256, Payloads.Text(good.Image.Sha256));
        Assert.Equal("https://p/1.jpg", Payloads.Text(good.Image.Url));

        WeighReading other = Payloads.Decode(Payloads.WeighTopic, payload.Replace("9f86", "xyz-", StringComparison.Ordinal)).Only.Weigh;
        Assert.True(other.Image.Sha256.IsEmpty);
        Assert.Equal("https://p/1.jpg", Payloads.Text(other.Image.Url));
    }

    [Fact]
    public void Gross_mass_alone_is_a_weigh_record_and_what_is_absent_says_so()
    {
        DecodedReading reading = Payloads.Decode(Payloads.WeighTopic, """{"id":"1","at":"2026-11-21T08:15:30Z","plate":"粤H12345","grossKg":17900.4}""").Only;
        Assert.Equal((ActorKind.Vehicle, "粤H12345"), (reading.SubjectKind, reading.Key));
        WeighReading weigh = reading.Weigh;
        Assert.Equal(17_900, weigh.GrossKg);
        Assert.Equal(0, weigh.AxleCount);
        Assert.Equal(VehicleClass.Unknown, weigh.VehicleClass);
        Assert.Equal(-1, weigh.SpeedTenthKmh);
        Assert.Equal(1000, weigh.PlatePermille);
        Assert.Equal(-1, weigh.LeftRightPermille);
        Assert.True(weigh.Image.Url.IsEmpty);
    }

    [Fact]
    public void Axles_alone_add_up_to_the_gross_mass()
    {
        const string Payload = """{"id":"1","at":"2026-11-21T08:15:30Z","axles":[{"massKg":596,"offsetM":0},{"massKg":699,"offsetM":2.907}]}""";
        Assert.Equal(1295, Payloads.Decode(Payloads.WeighTopic, Payload).Only.Weigh.GrossKg);
    }

    [Fact]
    public void Camera_sees_a_tanker()
    {
        const string Payload = """
            {"id":"C07-9","at":"2026-11-21T16:15:30.5+08:00","event":"vehicle","plate":"粤A88888","plateColor":"yellow","vehicleClass":"tanker","hazardPlate":"33/1203","confidence":0.91,
             "position":{"lat":23.1,"lon":112.4},"image":{"url":"https://p/9.jpg","sha256":""}}
            """;
        DecodedReading reading = Payloads.Decode("v1/video/C07", Payload).Only;
        Assert.Equal((ActorKind.Vehicle, "粤A88888-yellow"), (reading.SubjectKind, reading.Key));
        Assert.Equal(new DateTimeOffset(2026, 11, 21, 8, 15, 30, 500, TimeSpan.Zero).ToUnixTimeMilliseconds(), reading.AtMs);
        VideoReading video = reading.Video;
        Assert.Equal(VideoEvent.Vehicle, video.Event);
        Assert.Equal(VehicleClass.Tanker, video.VehicleClass);
        Assert.Equal("33/1203", Payloads.Text(video.HazardPlate));
        Assert.Equal("粤A88888-yellow", Payloads.Text(video.Plate));
        Assert.Equal(910, video.ConfidencePermille);
        Assert.Equal(new GeoPosition(23_100_000, 112_400_000), video.Position);
        Assert.Equal("https://p/9.jpg", Payloads.Text(video.Image.Url));
    }

    [Theory]
    [InlineData("smoke", VideoEvent.Smoke)]
    [InlineData("fire", VideoEvent.Fire)]
    [InlineData("leak", VideoEvent.Leak)]
    [InlineData("intrusion", VideoEvent.Intrusion)]
    [InlineData("illegal-parking", VideoEvent.IllegalParking)]
    [InlineData("street-stall", VideoEvent.StreetStall)]
    [InlineData("construction", VideoEvent.Construction)]
    [InlineData("crowding", VideoEvent.Crowding)]
    public void Scene_goes_to_the_enterprise_or_place_that_the_camera_watches(string word, VideoEvent expected)
    {
        string payload = $$"""{"id":"1","at":"2026-11-21T08:15:30Z","event":"{{word}}","confidence":0.3}""";
        SourceContext atPlant = new(Payloads.Registration with { Id = "C07", Enterprise = "91440300MA5", Place = "gate" });
        SourceContext atPlace = new(Payloads.Registration with { Id = "C07", Place = "market-3" });
        SourceContext alone = new(Payloads.Registration with { Id = "C07" });
        DecodedReading plant = Payloads.Decode("v1/video/C07", payload, atPlant).Only;
        DecodedReading place = Payloads.Decode("v1/video/C07", payload, atPlace).Only;
        DecodedReading camera = Payloads.Decode("v1/video/C07", payload, alone).Only;
        Assert.Equal((ActorKind.Enterprise, "91440300MA5"), (plant.SubjectKind, plant.Key));
        Assert.Equal((ActorKind.Place, "market-3"), (place.SubjectKind, place.Key));
        Assert.Equal((ActorKind.Place, "camera:C07"), (camera.SubjectKind, camera.Key));
        Assert.Equal(expected, camera.Video.Event);
        Assert.Equal(300, camera.Video.ConfidencePermille);
        Assert.False(camera.Video.Position.IsKnown);
    }

    [Fact]
    public void Tank_truck_reports_under_the_plate_of_its_topic()
    {
        const string Payload = """
            {"id":"t-1","at":"2026-11-21T08:15:30Z","position":{"lat":-23.1000004,"lon":112.4000006},"speedKmh":71,"substance":"un1017",
             "tank":{"pressureKpa":820,"temperatureC":31.2,"levelPct":62,"valve":"closed"},"driver":"王伟","waybill":"W-1"}
            """;
        DecodedReading reading = Payloads.Decode("v1/hazmat/vehicle/粤h12345-YELLOW", Payload).Only;
        Assert.Equal((ActorKind.Vehicle, "粤H12345-yellow"), (reading.SubjectKind, reading.Key));
        TruckReading truck = reading.Truck;
        Assert.Equal(new GeoPosition(-23_100_000, 112_400_001), truck.Position);
        Assert.Equal(710, truck.SpeedTenthKmh);
        Assert.Equal(820, truck.Tank.PressureKpa);
        Assert.Equal(31.2, truck.Tank.TemperatureC);
        Assert.Equal(62, truck.Tank.LevelPct);
        Assert.Equal(ValveState.Closed, truck.Tank.Valve);
        Assert.True(double.IsNaN(truck.Tank.MassKg) && double.IsNaN(truck.Tank.GasPpm) && double.IsNaN(truck.Tank.GasPctLel));
        Assert.Equal("UN1017", Payloads.Text(truck.Substance));
        Assert.Equal("王伟", Payloads.Text(truck.Driver));
        Assert.Equal("W-1", Payloads.Text(truck.Waybill));
    }

    /// <summary>JT/T 808, alarm word: bit 0 the button, bit 31 a door.</summary>
    [Theory]
    [InlineData("0", 0u)]
    [InlineData("2147483649", 0x8000_0001u)]
    [InlineData("4294967295", uint.MaxValue)]
    public void A_terminals_alarms_are_one_number(string given, uint bits)
    {
        TruckReading truck = Payloads.Decode("v1/hazmat/vehicle/A1", $$"""{"id":"t-1","at":"2026-11-21T08:15:30Z","alarmBits":{{given}}}""").Only.Truck;
        Assert.True(truck.SaysAlarms);
        Assert.Equal((bits, SiteLookUp.None, false), (truck.AlarmBits, truck.Site.LookUp, truck.Around.IsKnown));
        Assert.False(Payloads.Decode("v1/hazmat/vehicle/A1", """{"id":"t-2","at":"2026-11-21T08:15:30Z","speedKmh":1}""").Only.Truck.SaysAlarms);
        Assert.Contains("0 to 4294967295 expected", Payloads.Decode("v1/hazmat/vehicle/A1", """{"id":"t-3","at":"2026-11-21T08:15:30Z","alarmBits":4294967296}""").OnlyRejection.Detail, StringComparison.Ordinal);
    }

    [Fact]
    public void Plant_tank_reports_to_its_enterprise()
    {
        const string Payload = """{"id":"p-1","at":"2026-11-21T08:15:30Z","substance":"UN1017","pressureKpa":690,"temperatureC":24.8,"massKg":38200,"gasPpm":0.4,"gasPctLel":12.5,"levelPct":40,"valve":"open"}""";
        DecodedReading reading = Payloads.Decode("v1/hazmat/plant/91440300MA5/T-3", Payload).Only;
        Assert.Equal((ActorKind.Enterprise, "91440300MA5"), (reading.SubjectKind, reading.Key));
        PlantReading plant = reading.Plant;
        Assert.Equal("T-3", Payloads.Text(plant.Unit));
        Assert.Equal("UN1017", Payloads.Text(plant.Substance));
        Assert.Equal((690, 24.8, 40, 38200, 0.4, 12.5), (plant.Tank.PressureKpa, plant.Tank.TemperatureC, plant.Tank.LevelPct, plant.Tank.MassKg, plant.Tank.GasPpm, plant.Tank.GasPctLel));
        Assert.Equal(ValveState.Open, plant.Tank.Valve);
    }

    [Theory]
    [InlineData("produce", LedgerAction.Produce)]
    [InlineData("purchase", LedgerAction.Purchase)]
    [InlineData("use", LedgerAction.Use)]
    [InlineData("ship", LedgerAction.Ship)]
    [InlineData("receive", LedgerAction.Receive)]
    [InlineData("store", LedgerAction.Store)]
    [InlineData("dispose", LedgerAction.Dispose)]
    public void Ledger_line_counts_in_grams(string word, LedgerAction expected)
    {
        string payload = $$"""{"id":"l-1","at":"2026-11-21T08:15:30Z","action":"{{word}}","substance":"UN1017","massKg":18000.0015,"counterparty":"91440101X","plate":"粤h12345-yellow","waybill":"W-1"}""";
        DecodedReading reading = Payloads.Decode("v1/ledger/91440300MA5", payload).Only;
        Assert.Equal((ActorKind.Enterprise, "91440300MA5"), (reading.SubjectKind, reading.Key));
        LedgerReading ledger = reading.Ledger;
        Assert.Equal(expected, ledger.Action);
        Assert.Equal(18_000_002, ledger.MassGrams);
        Assert.Equal("UN1017", Payloads.Text(ledger.Substance));
        Assert.Equal("91440101X", Payloads.Text(ledger.Counterparty));
        Assert.Equal("粤H12345-yellow", Payloads.Text(ledger.Plate));
        Assert.Equal("W-1", Payloads.Text(ledger.Waybill));
        Assert.False(ledger.IsWaste);
    }

    [Theory]
    [InlineData("true", true)]
    [InlineData("false", false)]
    public void A_ledger_line_says_whether_it_is_about_waste(string waste, bool expected)
    {
        string payload = $$"""{"id":"l-1","at":"2026-11-21T08:15:30Z","action":"dispose","substance":"HW08","massKg":18,"waste":{{waste}}}""";
        Assert.Equal(expected, Payloads.Decode("v1/ledger/91440300MA5", payload).Only.Ledger.IsWaste);
    }

    [Theory]
    [InlineData("""{"id":"s-1","at":"2026-11-21T08:15:30Z","online":true}""", true)]
    [InlineData("""{"id":"s-1","at":"2026-11-21T08:15:30Z","online":false}""", false)]
    public void Status_goes_to_the_source_of_the_topic(string payload, bool online)
    {
        DecodedReading reading = Payloads.Decode("v1/status/S08", payload).Only;
        Assert.Equal((ActorKind.Source, "S08"), (reading.SubjectKind, reading.Key));
        Assert.Equal(online, reading.Status.Online);
    }

    [Theory]
    [InlineData("online", true)]
    [InlineData(" offline\r\n", false)]
    public void Bare_status_word_takes_time_and_id_from_its_arrival(string payload, bool online)
    {
        DecodedReading reading = Payloads.Decode("v1/status/S07", payload).Only;
        Assert.Equal((ActorKind.Source, "S07"), (reading.SubjectKind, reading.Key));
        Assert.Equal(Payloads.NowMs, reading.AtMs);
        Assert.Equal($"{payload.Trim()}-{Payloads.NowMs}", reading.Id);
        Assert.Equal(online, reading.Status.Online);
        Assert.Equal(Payloads.Decode("v1/status/S07", payload).Record, Payloads.Decode("v1/status/S07", payload).Record);
    }

    [Fact]
    public void Only_status_takes_bare_words()
    {
        Assert.Empty(Payloads.Decode(Payloads.WeighTopic, "online").Readings);
    }
}
