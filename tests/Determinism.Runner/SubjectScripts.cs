using System.Text;
using Streaming.Grains.Messages;
using Streaming.Grains.Rules;
using Streaming.Grains.Turns;
using Streaming.Models.Driving;
using Streaming.Models.Encoding;
using Streaming.Models.Evasion;
using Streaming.Models.Learned;
using Streaming.Models.Limits;
using Streaming.Models.Readings;
using Streaming.Models.Registers;
using Streaming.Models.Sources;
using Streaming.Models.Tanks;
using Streaming.Models.Vehicles;
using static Streaming.Determinism.Readings;

namespace Streaming.Determinism;

/// <summary>Scripts of the subjects: each leads its actor through everything that it can do.</summary>
internal static class SubjectScripts
{
    private const long Noon = 1_795_262_400_000;
    private const long Day = 86_400_000;
    private const string Truck = "粤H12345-yellow";

    public static IEnumerable<ActorScript> All =>
    [
        new("vehicle", ActorKind.Vehicle, Truck, Vehicle()),
        new("vehicle, forgotten and back", ActorKind.Vehicle, Truck, Forgotten()),
        new("vehicle, evading and over its axles' limits", ActorKind.Vehicle, Truck, Evading()),
        new("vehicle, judged by learned models with others in shadow", ActorKind.Vehicle, Truck, Learned()),
        new("vehicle, heading for its limits", ActorKind.Vehicle, Truck, Heading()),
        new("vehicle, with waybills, unloading", ActorKind.Vehicle, Truck, Waybills()),
        new("vehicle, on the road", ActorKind.Vehicle, Truck, OnTheRoad()),
        new("vehicle, beside its own axles and its tank's own day", ActorKind.Vehicle, Truck, OwnPast()),
        new("enterprise", ActorKind.Enterprise, "914403001922038216", Enterprise()),
        new("enterprise, substances from where they come in to where they go", ActorKind.Enterprise, "İ-914", Substances()),
        new("enterprise, told by others what it was sent", ActorKind.Enterprise, "ı-915", Told()),
        new("enterprise, stopped, with waste and trucks that were overloaded", ActorKind.Enterprise, "İ-914", Stopped()),
        new("entry of a vehicle, asked whose it is", ActorKind.Entry, $"vehicles/{Truck}", Traced()),
        new("place", ActorKind.Place, "camera:C07", Place()),
        new("source", ActorKind.Source, "S07", Source()),
        new("source, as a resource", ActorKind.Source, "S07", Resource()),
        new("source, warned of", ActorKind.Source, "İ07", Warned()),
        new("entry", ActorKind.Entry, "permits/P-1", Entry()),
    ];

    private static byte[] Seen(int latitudeE6, int longitudeE6)
    {
        ByteWriter writer = new();
        new VideoReading { Event = VideoEvent.Vehicle, ConfidencePermille = 900, PlatePermille = 960, Position = new GeoPosition(latitudeE6, longitudeE6) }.Write(writer);
        return writer.Written.ToArray();
    }

    private static List<ScriptStep> Vehicle()
    {
        List<ScriptStep> steps =
        [
            Weigh("w1", Noon, 17_320, 2),
            Weigh("w1", Noon, 17_320, 2),
            Weigh("w2", Noon + 60_000, 60_000, 6, VehicleClass.Combination),
            Weigh("w3", Noon + 120_000, 52_340, 6) with { District = "harbour"u8.ToArray(), Source = "S09"u8.ToArray(), AccuracyHundredthPct = 250 },
            Weigh("w3b", Noon + 121_000, 53_340, 6) with { CalibrationDueMs = Noon + 120_500 },
            Weigh("w4", Noon + 30_000, 49_001, 6),
            Weigh("w5", Noon - 3_600_000, 61_234, 6) with { NowMs = Noon + 130_000 },
            Weigh("w6", Noon + 140_000, 12_000, 0),
            Weigh("w7", Noon + 150_000, 40_000, 3, platePermille: 300),
            Sight("v1", Noon + 160_000, VideoEvent.Vehicle, 910, "33/1203"),
            Sight("v2", Noon + 170_000, VideoEvent.Vehicle, 200),
            Sight("v3", Noon + 180_000, VideoEvent.Smoke, 600),
            Sight("v4", Noon + 181_000, VideoEvent.Smoke, 640),
            Tell(MessageKind.CaseClosed, Noon + 200_000, new CaseClosed("north-1", Truck, ActorKind.Vehicle, "over-road-limit", $"{Truck}/over-road-limit/1", "penalty"), GrainsJson.Default.CaseClosed),
            Weigh("w8", Noon + 210_000, 49_980, 6) with { Rules = new Rulebook { Version = 2, RoadLimits = new RoadLimits { Severity1UpToPct = 1.5 } } },
        ];
        for (int i = 0; i < 20; i++)
        {
            steps.Add(Weigh($"many{i}", Noon + 300_000 + (i * 977 % 20 * 1000), 20_000 + i, 3, VehicleClass.Rigid));
        }

        for (int i = 0; i < 6; i++)
        {
            // Now here, now 40 km away; now and then a little too fast for the straight line's detour.
            steps.Add(Sight($"clone{i}", Noon + 330_000 + (i * 1_000), VideoEvent.Vehicle, 900) with { Source = Encoding.UTF8.GetBytes($"C0{i % 2}"), Body = Seen(23_100_000 + (i % 2 * 360_000), 112_400_000) });
        }

        steps.Add(Sight("fast1", Noon + 340_000, VideoEvent.Vehicle, 900) with { Source = "C05"u8.ToArray(), Body = Seen(23_100_000, 112_400_000) });
        steps.Add(Sight("fast2", Noon + 340_000 + 1_000_000, VideoEvent.Vehicle, 900) with { Source = "C06"u8.ToArray(), Body = Seen(23_460_000, 112_400_000) });
        steps.Add(Tell(MessageKind.DistanceTold, Noon + 1_342_500, new DistanceTold("C05", "C06", Noon + 340_000, Noon + 1_340_000, 80_000), GrainsJson.Default.DistanceTold));
        steps.Add(Weigh("over", Noon + 390_000, 52_000, 6));
        steps.Add(Registered(Noon + 391_000, "vehicles", Truck, """{"driveAxles":1,"vehicleClass":"combination","ratedLoadKg":31000,"curbKg":15000,"axles":6}"""));
        steps.Add(Weigh("laden", Noon + 391_500, 50_000, 6));
        steps.Add(Registered(Noon + 391_600, "vehicles", Truck, """{"driveAxles":2,"vehicleClass":"combination","ratedLoadKg":35000,"curbKg":14000,"axles":6}"""));
        steps.Add(Registered(Noon + 392_000, "permits", "İ-1", """{"grossKg":80000}"""));
        steps.Add(Weigh("permitted", Noon + 393_000, 79_000, 6));
        steps.Add(Registered(Noon + 394_000, "permits", "İ-1", null));
        steps.Add(Weigh("old", Noon + 1, 31_415, 4));
        steps.Add(Weigh("old", Noon + 1, 31_415, 4) with { SeenBefore = false });
        steps.Add(Weigh("old", Noon + 1, 31_415, 4) with { SeenBefore = true });
        double[] pressures = [820, 1_399.9, 1_400, 1_390.5, 1_605.25, 1_551, 1_349, double.NaN];
        for (int i = 0; i < pressures.Length; i++)
        {
            steps.Add(Telemetry($"t{i}", Noon + 400_000 + (i * 40_000), pressures[i], 31.2 + i, i is 2 or 3 ? ValveState.Open : ValveState.Closed, i == 3 ? 20 : 712));
        }

        return steps;
    }

    /// <summary>Heading for a limit, past it and back, with a late reading, a hiccup and a gap.</summary>
    private static List<ScriptStep> Heading()
    {
        List<ScriptStep> steps = [];
        for (int i = 0; i < 90; i++)
        {
            double pressureKpa = i < 40 ? 1_150 + (6.5 * i) : i < 60 ? 1_410 - (9 * (i - 40)) : 1_230 + (i % 3 / 7.0);
            TankFigures tank = TankFigures.None with { PressureKpa = i == 17 ? 100 : pressureKpa, TemperatureC = 30 + (i / 9.0), LevelPct = 60 + (i / 3.0), GasPctLel = i % 5 / 3.0 };
            steps.Add(Drive($"h{i}", Noon + (i * 30_000) + (i > 70 ? 3_600_000 : 0), tank, 500));
        }

        steps.Add(Drive("late", Noon + 15_000, TankFigures.None with { PressureKpa = 5_000 }, 500));
        return steps;
    }

    /// <summary>On waybills that come late, are corrected and withdrawn; unloaded here and there; a tank whose gas rises.</summary>
    private static List<ScriptStep> Waybills()
    {
        Rulebook rules = new() { Version = 3, Waybills = new WaybillRules { Enabled = true, UnloadSiteIsKey = true }, TankAnomalies = new TankAnomalies { Model = "tank-behaviour/d8162768749b", LearningS = 600 } };
        List<ScriptStep> steps = [Sight("p1", Noon, VideoEvent.Vehicle, 980, "33/1203") with { Rules = rules }];
        steps.Add(Reminded(Noon + 1_900_000, "waybill"));
        steps.Add(Waybill(Noon + 1_950_000, "W-ı", "UN1017", Noon - 3_600_000, Noon + 36_000_000));
        steps.Add(Waybill(Noon + 1_960_000, "W-ı", "UN1203", Noon - 3_600_000, Noon + 36_000_000));
        steps.Add(Sight("p2", Noon + 2_000_000, VideoEvent.Vehicle, 700, "265/1017"));
        steps.Add(Sight("p3", Noon + 2_010_000, VideoEvent.Vehicle, 720, "265/1017"));
        steps.Add(Sight("p4", Noon + 1_000, VideoEvent.Vehicle, 990, "265/1017"));
        for (int i = 0; i < 160; i++)
        {
            double levelPct = i < 100 ? 80 - (i % 3 / 5.0) : Math.Max(20, 80 - (2 * (i - 100)));
            TankFigures tank = TankFigures.None with { PressureKpa = 500 + (i % 5), TemperatureC = 25 + (i % 7 / 10.0), LevelPct = levelPct, GasPctLel = i < 60 || i > 90 ? 0.3 : 0.3 + ((i - 60) / 2.0), Valve = i is > 40 and < 46 ? ValveState.Open : ValveState.Closed };
            (string? site, SiteUses uses) = i < 30 ? (null, SiteUses.None) : i < 120 ? ("", SiteUses.None) : i < 130 ? ("İ-1", SiteUses.Load) : ("U2", SiteUses.Unload);
            steps.Add(Drive($"d{i}", Noon + 2_100_000 + (i * 30_000), tank, i < 40 ? 600 : 0, site, uses, waybill: i < 80 ? "W-ı" : "W-2", position: new GeoPosition(23_100_000 + i, 112_400_001)));
        }

        steps.Add(Reminded(Noon + 9_000_000, "waybill"));
        steps.Add(Tell(MessageKind.CaseClosed, Noon + 9_100_000, new CaseClosed("north-1", Truck, ActorKind.Vehicle, "unloading-outside-site", $"{Truck}/unloading-outside-site/1", "penalty"), GrainsJson.Default.CaseClosed));
        steps.Add(Drive("after", Noon + 9_200_000, TankFigures.None with { LevelPct = 20 }, 0, ""));
        steps.Add(Waybill(Noon + 9_300_000, "W-ı", null, 0, 0));
        for (int i = 0; i < 6; i++)
        {
            steps.Add(Waybill(Noon + 9_400_000 + i, $"W-{i}", "UN1005", Noon + (i * 7 % 5 * Day), Noon + (i * 7 % 5 * Day) + 3_600_000));
        }

        return steps;
    }

    /// <summary>In closed zones, too fast, for too long, with alarms, standing, silent; found overloaded again and again; its permit and licence run out and are renewed.</summary>
    private static List<ScriptStep> OnTheRoad()
    {
        Rulebook rules = new()
        {
            Version = 3,
            Outcomes = [new OutcomeCode("penalty", new LocalName("Penalty", "处罚"), true, true)],
            Vehicles = new VehicleRules
            {
                ForbiddenZones = new ForbiddenZoneRules(),
                Speed = new SpeedRules(),
                DrivingTime = new DrivingTimeRules { MostS = 3_600 },
                Routes = new RouteRules(),
                Stops = new StopRules { AfterS = 900 },
                Silence = new SilenceRules { AfterS = 600 },
                TerminalAlarms = new TerminalAlarmRules(),
                RepeatOffences = new RepeatOffenceRules(),
                ExpiredPermits = new ExpiredPermitRules(),
            },
            ClonedPlates = new ClonedPlates { Looks = new PlateLooks() },
        };
        List<ScriptStep> steps = [Held(Noon, Register.Vehicles, Truck, Noon - (11 * Day), (2, "tanker"), (14, "yes")) with { Rules = rules }];
        for (int i = 0; i < 150; i++)
        {
            RoadZone[]? zones = i % 40 < 5 ? [new RoadZone("Z-ı", ZoneRule.Hours, 0, 1, 1_200, 1_260), new RoadZone("Zı", For: 1u << (int)VehicleClass.Tanker)] : i % 7 == 0 ? null : [new RoadZone("S", ZoneRule.Slow, 40)];
            uint? alarms = i % 3 == 0 ? null : i is > 20 and < 30 ? 1u << 23 : i is > 60 and < 70 ? (1u << 2) | (1u << 18) : i is > 90 and < 95 ? 0x9000_0001u : 0;
            steps.Add(OnRoad($"r{i}", Noon + 10_000 + (i * 60_000L), i is > 100 and < 130 ? i % 3 * 10 : 500 + (i % 11 * 40), zones, (RoadKind)(i / 10 % 7), i % 9 == 0 ? 50 : 0, alarms, 60 - (i / 140 * 60), i % 5 == 0 ? null : "", i < 80 ? "İ" : "I"));
        }

        steps.Add(OnRoad("old", Noon + 20_000, 900, [new RoadZone("Z-ı")], alarmBits: uint.MaxValue));
        steps.Add(OnRoad("last", Noon + 10_000_000, 500));
        for (int i = 0; i < 3; i++)
        {
            steps.Add(Reminded(Noon + 10_700_000 + (i * 700_000L), "telemetry-silence"));
        }

        steps.Add(OnRoad("back", Noon + 13_000_000, 500, [new RoadZone("Zı", For: 8)]));
        steps.Add(OnRoad("back2", Noon + 13_060_000, 500, [new RoadZone("Zı", For: 8)]));
        steps.Add(Held(Noon + 13_100_000, Register.Permits, "P-ı", Noon + (4 * Day), (3, 80_000L), (10, "Zı")));
        steps.Add(Held(Noon + 13_200_000, Register.Vehicles, Truck, RegisterStatement.Open, (2, "tanker"), (14, "yes")));
        for (int i = 1; i <= 6; i++)
        {
            steps.Add(Weigh($"w{i}", Noon + (i * 7 * Day), 70_000 + (i * 3_000), 6, VehicleClass.Combination));
            steps.Add(Tell(MessageKind.CaseClosed, Noon + (((i * 7) + 1) * Day), new CaseClosed($"north-{i}", Truck, ActorKind.Vehicle, "over-road-limit", $"{Truck}/over-road-limit/{i}", "penalty"), GrainsJson.Default.CaseClosed));
        }

        for (int i = 0; i < 5; i++)
        {
            steps.Add(Sight($"car{i}", Noon + (50 * Day) + (i * 3_600_000L), VideoEvent.Vehicle, 900, vehicleClass: VehicleClass.Car) with { Source = Encoding.UTF8.GetBytes($"C{i % 2}") });
        }

        steps.Add(Held(Noon + (51 * Day), Register.Vehicles, Truck, RegisterStatement.Open, (2, "car")));
        steps.Add(Held(Noon + (60 * Day), Register.Permits, "P-ı", RegisterStatement.Open, (3, 80_000L)));
        return steps;
    }

    /// <summary>Axles that change with the load, late, with others behind them and for good; a tank that is elsewhere for a day.</summary>
    private static List<ScriptStep> OwnPast()
    {
        Rulebook rules = new()
        {
            Version = 4,
            Learned = new LearnedRules { AxleSignature = new AnomalyRule { Model = TrainedModels.Shipped.All.First(model => model.Name.StartsWith("axle-history/", StringComparison.Ordinal)).Name } },
            TankAnomalies = new TankAnomalies { Model = TrainedModels.Shipped.All.First(model => model.Name.StartsWith("tank-norm/", StringComparison.Ordinal)).Name, LearningS = 600 },
        };
        List<ScriptStep> steps = [];
        for (int i = 0; i < 26; i++)
        {
            int load = i * 7 % 5 * 1_111;
            int moved = i is 9 or > 12 ? 4_321 : 0;
            (int, int)[] axles = [(3_500 + (load / 5) + moved, 0), (3_400 + (load / 5), 1_950 + (i % 3)), (3_001 + load - (moved / 2), 5_450), (2_999 + load - (moved / 3), 6_800)];
            steps.Add(WeighAxles($"o{i}", Noon + (i * 3_600_000L), i == 11 ? [.. axles, (3_100, 13_200), (2_900, 17_900)] : axles, VehicleClass.Rigid) with { Rules = i == 0 ? rules : null });
        }

        steps.Add(WeighAxles("olate", Noon + 1_800_000, [(9_000, 0), (3_400, 1_950), (3_000, 5_450), (3_000, 6_800)], VehicleClass.Rigid) with { NowMs = Noon + (26 * 3_600_000L) });
        for (int i = 0; i < 190; i++)
        {
            TankFigures tank = TankFigures.None with
            {
                PressureKpa = (i < 80 ? 700 : i < 165 ? 800 : 805) + (i * 31 % 7 / 3.0),
                TemperatureC = 20 + (i * 17 % 11 / 7.0),
                LevelPct = i < 40 ? 60 : 48.5,
                GasPpm = i % 4 / 90.0,
            };
            steps.Add(Drive($"n{i}", Noon + (30 * 3_600_000L) + (i * 1_200_000L), tank, 500, substance: i < 185 ? "UN1017" : "UN1005"));
        }

        return steps;
    }

    /// <summary>A waybill as its entry tells the vehicle of it; withdrawn where there is no substance.</summary>
    private static ScriptStep Waybill(long nowMs, string number, string? substance, long departureMs, long arrivalMs)
    {
        RegisterSchema schema = RegisterSchema.Of(Register.Waybills);
        ByteWriter fields = new();
        new RegisterValue(schema.Field(2), 0, Encoding.UTF8.GetBytes(Truck)).Write(fields);
        new RegisterValue(schema.Field(4), 0, Encoding.UTF8.GetBytes(substance ?? "")).Write(fields);
        new RegisterValue(schema.Field(10), 0, "U1"u8).Write(fields);
        new RegisterValue(schema.Field(11), departureMs, default).Write(fields);
        new RegisterValue(schema.Field(12), arrivalMs, default).Write(fields);
        ByteWriter body = new();
        new EntryChanged(Register.Waybills, number, substance is null ? [] : [new HeldSpan(RegisterStatement.Always, RegisterStatement.Open, fields.Written.ToArray())], "İ").Write(body);
        return new ScriptStep { Kind = MessageKind.EntryChanged, Body = body.Written.ToArray(), NowMs = nowMs };
    }

    /// <summary>Seen twice, warned of, asked too early, forgotten; then back, with readings from before and after.</summary>
    private static List<ScriptStep> Forgotten() =>
    [
        Weigh("w1", Noon, 17_320, 2),
        Weigh("w2", Noon + 60_000, 60_000, 6, VehicleClass.Combination),
        Expire(Noon + (401 * Day)),
        Tell(MessageKind.CaseClosed, Noon + 200_000, new CaseClosed("north-1", Truck, ActorKind.Vehicle, "over-road-limit", $"{Truck}/over-road-limit/1", "penalty"), GrainsJson.Default.CaseClosed),
        Expire(Noon + (402 * Day)),
        Expire(Noon + (900 * Day)),
        Expire(Noon + (901 * Day)),
        Weigh("w1", Noon, 17_320, 2) with { NowMs = Noon + (902 * Day) },
        Weigh("w1", Noon, 17_320, 2) with { NowMs = Noon + (902 * Day), SeenBefore = true },
        Weigh("w3", Noon + (902 * Day), 61_000, 6, VehicleClass.Combination),
        Weigh("w2", Noon + 60_000, 60_000, 6, VehicleClass.Combination) with { NowMs = Noon + (902 * Day) + 1 },
    ];

    /// <summary>Overloads of both kinds, by models that were decided on: judged, in shadow, promoted between two readings, late, judged anew.</summary>
    private static List<ScriptStep> Learned()
    {
        Rulebook InForce(int version, string? road, string? rated, string? shadow) => new Rulebook { Version = version }.With(new RulebookDecisions
        {
            Models = new ModelDecisions
            {
                Kinds =
                [
                    new KindModels { Kind = "over-road-limit", Judge = Chosen(road), Shadow = Chosen(shadow) },
                    new KindModels { Kind = "over-rated-load", Judge = Chosen(rated) },
                ],
            },
        });
        ChosenModel? Chosen(string? kind) => kind is null ? null : new ChosenModel { Model = TrainedModels.Shipped.All.First(model => model.Name.StartsWith(kind, StringComparison.Ordinal)).Name, AtMs = Noon, By = "İ", Reason = "as found" };
        Rulebook shadowed = InForce(2, null, "over-rated-load", "over-road-limit");
        Rulebook promoted = InForce(3, "over-road-limit", "over-rated-load", null);
        return
        [
            Registered(Noon - 1_000, "vehicles", Truck, """{"vehicleClass":"combination","axles":6,"ratedLoadKg":20000,"curbKg":15000}"""),
            Weigh("l1", Noon, 60_000, 6, VehicleClass.Combination) with { Rules = shadowed },
            Weigh("l2", Noon + 720_000, 49_500, 6, VehicleClass.Combination, platePermille: 640),
            Weigh("l3", Noon + 780_000, 61_000, 6, VehicleClass.Combination) with { Rules = promoted },
            Weigh("late", Noon + 60_000, 62_000, 6, VehicleClass.Combination) with { NowMs = Noon + 800_000 },
            Registered(Noon + 810_000, "vehicles", Truck, """{"vehicleClass":"combination","axles":6,"driveAxles":1,"ratedLoadKg":21000,"curbKg":15000}"""),
            Tell(MessageKind.CaseClosed, Noon + 820_000, new CaseClosed("north-1", Truck, ActorKind.Vehicle, "over-road-limit", $"{Truck}/over-road-limit/1", "false-alarm"), GrainsJson.Default.CaseClosed),
            Weigh("l4", Noon + 5_000_000, 47_000, 6, VehicleClass.Combination),
        ];
    }

    /// <summary>Every way of evasion, what clears it and what does not; axles over their limits, with and without a permit.</summary>
    private static List<ScriptStep> Evading()
    {
        Rulebook rules = new()
        {
            Version = 2,
            RoadLimits = new RoadLimits { Profile = "eu", StationClasses = [new() { Station = "S07", Class = "B+(7)" }] },
            Learned = new LearnedRules { AxleSignature = new AnomalyRule { Model = "axle-signature/e148bd796a84" } },
            Evasion = new EvasionRules
            {
                Straddling = new(),
                Speed = new(),
                Disagreement = new(),
                AxleCount = new(),
                Watches = [new() { Camera = "S07", Station = "S07", WithinS = 120 }, new() { Camera = "S07", Station = "İ", WithinS = 60 }],
            },
        };
        (int, int)[] four = [(4_000, 0), (5_000, 1_900), (6_000, 5_400), (5_000, 6_750)];
        (int, int)[] six = [(3_500, 0), (3_500, 1_900), (3_500, 5_400), (3_500, 6_750), (3_500, 8_100), (3_000, 9_450)];
        List<ScriptStep> steps =
        [
            WeighAxles("e1", Noon, four) with { Rules = rules },
            WeighAxles("e2", Noon + 60_000, four, leftRightPermille: 451),
            WeighAxles("e3", Noon + 120_000, six, station: "İ"),
            Tell(MessageKind.CaseClosed, Noon + 130_000, new CaseClosed("north-1", Truck, ActorKind.Vehicle, "evasion", $"{Truck}/evasion/1", "penalty"), GrainsJson.Default.CaseClosed),
            WeighAxles("e4", Noon + 600_000, [(8_000, 0), (19_201, 5_000)], VehicleClass.Rigid, station: "S09"),
            AtSite("t1", Noon + 400_000, SiteUses.Load) with { NowMs = Noon + 700_000 },
            AtSite("t2", Noon + 700_000, SiteUses.Unload),
            WeighAxles("late", Noon + 30_000, four, speedTenthKmh: 90) with { NowMs = Noon + 720_000 },
            Registered(Noon + 800_000, "vehicles", Truck, """{"vehicleClass":"rigid","axles":4}"""),
            WeighAxles("e5", Noon + 900_000, six),
            Registered(Noon + 910_000, "vehicles", Truck, """{"vehicleClass":"rigid","axles":6}"""),
            Sight("v1", Noon + 1_000_000, VideoEvent.Vehicle, 900, vehicleClass: VehicleClass.Rigid),
            Sight("v2", Noon + 1_010_000, VideoEvent.Vehicle, 900, vehicleClass: VehicleClass.Rigid),
            Reminded(Noon + 1_060_000, "evasion"),
            Reminded(Noon + 1_120_000, "evasion"),
            Sight("v3", Noon + 1_200_000, VideoEvent.Vehicle, 900),
            WeighAxles("e6", Noon + 1_210_000, six),
            WeighAxles("e7", Noon + 1_050_000, six) with { NowMs = Noon + 1_300_000 },
            Registered(Noon + 1_310_000, "permits", "İ-1", """{"grossKg":80000}"""),
            WeighAxles("e8", Noon + 1_400_000, [(8_000, 0), (19_201, 5_000)], VehicleClass.Rigid),
            Registered(Noon + 1_410_000, "permits", "İ-1", null),
            Reminded(Noon + 1_500_000, "what another version asked for"),
            WeighAxles("many in one", Noon + 1_600_000, [(5_000, 0), (5_000, 12_000), (5_000, 24_000), (5_000, 36_000)]),
        ];
        for (int i = 0; i < 12; i++)
        {
            steps.Add(AtSite($"s{i}", Noon + 2_000_000 + (i * 7 % 12 * 600_000), SiteUses.Load) with { NowMs = Noon + 9_500_000 });
            steps.Add(Sight($"c{i}", Noon + 9_600_000 + (i * 130_000), VideoEvent.Vehicle, 900, vehicleClass: VehicleClass.Tanker));
        }

        return steps;
    }

    /// <summary>What a register says of it, for ever; null for nothing any more.</summary>
    private static ScriptStep Registered(long nowMs, string register, string key, string? values)
    {
        string spans = values is null ? "" : $$"""{"sources":{},"values":{{values}} }""";
        byte[] asBefore = Encoding.UTF8.GetBytes($$"""{"register":"{{register}}","key":"{{key}}","spans":[{{spans}}],"by":"police"}""");
        ByteWriter body = new();
        EntryChanged.Read(asBefore).Write(body);
        return new ScriptStep { Kind = MessageKind.EntryChanged, Body = register == "permits" ? asBefore : body.Written.ToArray(), NowMs = nowMs };
    }

    /// <summary>Statements of several sources that overlap, contradict and end one another.</summary>
    private static List<ScriptStep> Entry()
    {
        List<ScriptStep> steps = [];
        string[] sources = ["İ", "i", "I", "ı"];
        for (int i = 0; i < 24; i++)
        {
            steps.Add(Statement(sources[i * 7 % 4], i % 3 != 0, Noon + (i * 5 % 24 * 1000), i % 5 == 0 ? long.MinValue : Noon + (i * 11 % 9 * Day), i % 6 == 0 ? long.MaxValue : Noon + ((10 + (i * 3 % 7)) * Day), i % 11 == 10, Truck, 40_000 + (i % 3 * 1_000)) with
            {
                Rules = i == 12 ? new Rulebook { Version = 2, Registers = new RegisterRules { Precedence = [new RegisterPrecedence { Register = "permits", Sources = ["ı", "İ"] }] } } : null,
            });
        }

        steps.Add(Statement("İ", false, Noon + Day, Noon, Noon + Day, false, "粤H2-blue", 55_000));
        steps.Add(Expire(Noon + (10 * Day)));
        steps.Add(Expire(Noon + (900 * Day)));
        return steps;
    }

    private static ScriptStep Statement(string source, bool joined, long saidMs, long fromMs, long toMs, bool removed, string plate, int grossKg)
    {
        RegisterSchema schema = RegisterSchema.Of(Register.Permits);
        ByteWriter fields = new();
        new RegisterValue(schema.Field(1), 0, "P-1"u8).Write(fields);
        new RegisterValue(schema.Field(2), 0, System.Text.Encoding.UTF8.GetBytes(plate)).Write(fields);
        new RegisterValue(schema.Field(3), grossKg, default).Write(fields);
        ByteWriter body = new();
        new RegisterStatement { Register = Register.Permits, SaidMs = saidMs, FromMs = fromMs, ToMs = toMs, Removed = removed, Joined = joined, Fields = fields.Written }.Write(body);
        return new ScriptStep
        {
            Kind = MessageKind.Reading,
            ReadingKind = ReadingKind.Register,
            Body = body.Written.ToArray(),
            NowMs = Noon,
            AtMs = Noon,
            Id = "P-1"u8.ToArray(),
            Source = System.Text.Encoding.UTF8.GetBytes(source),
            District = "north"u8.ToArray(),
        };
    }

    private static List<ScriptStep> Enterprise()
    {
        List<ScriptStep> steps = [];
        double[] pressures = [690, 1_100, 1_099.5, 1_050, 1_401.125, 900];
        for (int i = 0; i < pressures.Length; i++)
        {
            steps.Add(Plant($"a{i}", Noon + (i * 61_000), "T1", "UN1017", pressures[i], 0.4 + (i / 10.0)));
            steps.Add(Plant($"b{i}", Noon + (i * 61_000), "T2-ı", "UN1017", pressures[^(i + 1)], 0.1));
        }

        steps.Add(Plant("a0", Noon, "T1", "UN1017", 690, 0.4));
        steps.Add(Plant("late", Noon - 5_000, "T1", "UN1017", 5_000, 9));

        // More tanks than the state takes: the last ones are keyed rows, alarmed and back.
        for (int i = 0; i < 70; i++)
        {
            steps.Add(Plant($"many{i}", Noon + 500_000 + i, $"U{i:00}", "", i % 23 == 0 ? 1_500 : 400, double.NaN));
        }

        for (int i = 69; i >= 0; i--)
        {
            steps.Add(Plant($"back{i}", Noon + 600_000 + i, $"U{i:00}", "", 300, double.NaN));
        }

        // One of the state and one of the rows heading for their limits, together and back.
        for (int i = 0; i < 60; i++)
        {
            double pressureKpa = i < 30 ? 800 + (8.25 * i) : 1_047.5;
            steps.Add(Tank($"ta{i}", Noon + 650_000 + (i * 30_000), "T1", TankFigures.None with { PressureKpa = pressureKpa - 3, TemperatureC = 21.5 }));
            steps.Add(Tank($"tb{i}", Noon + 650_000 + (i * 30_000), "U69", TankFigures.None with { PressureKpa = pressureKpa }));
        }

        for (int i = 0; i < 40; i++)
        {
            steps.Add(Ledger($"l{i}", Noon + 700_000 + i, (LedgerAction)(1 + (i % 7)), $"UN{1000 + (i * 7 % 37)}", 18_000_000 + i));
        }

        steps.Add(Ledger("l3", Noon + 700_003, LedgerAction.Ship, "UN1017", 1));
        steps.Add(Sight("f1", Noon + 800_000, VideoEvent.Fire, 970));
        steps.Add(Sight("f2", Noon + 801_000, VideoEvent.Leak, 700));
        steps.Add(Sight("f3", Noon + 802_000, VideoEvent.Leak, 750));
        return steps;
    }

    /// <summary>Registered, stocked, over its permits, off its books, with shipments that are lost, short and found; cases that close, and registers that change.</summary>
    private static List<ScriptStep> Substances()
    {
        const string key = "İ-914";
        const string other = "ı-915";
        List<ScriptStep> steps =
        [
            Registered(Noon, Register.Enterprises, key, (1, key), (8, 60L)),
            Registered(Noon + 1, Register.SubstancePermits, "P-ı", (1, "P-ı"), (2, key), (3, "un1017"), (5, 20_000_000L)),
            Registered(Noon + 2, Register.SubstancePermits, "P-I", (1, "P-I"), (2, key), (3, "Iod ı"), (5, 5_000L)),
            Registered(Noon + 3, Register.Tanks, $"{key}/T1", (1, key), (2, "T1"), (3, "UN1017"), (4, 50_000_000L)),
        ];
        for (int i = 0; i < 130; i++)
        {
            long atMs = Noon + 10_000 + (i * 37 % 131 * 60_000L);
            LedgerAction action = i % 13 == 0 ? LedgerAction.Store : (LedgerAction)(1 + (i % 5));
            steps.Add(Ledger($"l{i}", atMs, action, i % 7 == 0 ? "Iod ı" : i % 11 == 0 ? "i" : "UN1017", 900_000 + (i * 12_345L), other, $"W-{i % 17}", "粤İ7-yellow") with { NowMs = Noon + 20_000_000 });
        }

        long later = Noon + 30_000_000;
        for (int i = 0; i < 24; i++)
        {
            steps.Add(Stored($"s{i}", later + (i * 3_600_000L), "T1", i == 20 ? "UN1005" : "UN1017", 9_000.125 + (i % 6 * 3_000)));
            steps.Add(Received(later + (i * 3_600_000L), other, $"W-{i % 17}", "UN1017", i % 4 == 0 ? 0 : 1_000_000 + (i * 40_000), i % 3 != 0, i > 12, (byte)(i % 5)));
        }

        steps.Add(Reminded(later + (20 * Day), "shipments"));
        steps.Add(Received(later + (20 * Day), other, "W-3", "UN1017", 0, true, true, 3));
        steps.Add(Received(later + (20 * Day), other, "W-3", "UN1017", 7, true, false, 1));
        steps.Add(Reminded(later + (20 * Day), "what another version asked for"));
        foreach (string kind in (string[])["enterprise-balance", "shipment-lost", "shipment-short", "counterparty-no-permit", "storage-over-permit", "no-substance-permit", "major-hazard"])
        {
            steps.Add(Tell(MessageKind.CaseClosed, later + (21 * Day), new CaseClosed("north-1", key, ActorKind.Enterprise, kind, $"{key}/{kind}/1", "penalty"), GrainsJson.Default.CaseClosed));
        }

        steps.Add(Ledger("end", later + (22 * Day), LedgerAction.Store, "UN1017", 5));
        steps.Add(Stored("end", later + (22 * Day), "T1", "UN1017", 99_000));
        steps.Add(Registered(later + (22 * Day), Register.SubstancePermits, "P-ı"));
        steps.Add(Registered(later + (22 * Day), Register.Enterprises, key, (1, key), (8, 0L), (12, 1L)));
        return steps;
    }

    /// <summary>Unknown at first; then with receipts before and after it is told of what was sent.</summary>
    private static List<ScriptStep> Told() =>
    [
        Sent(Noon, "İ-914", "W-1", 5_000),
        Ledger("r1", Noon + 1_000, LedgerAction.Receive, "UN1017", 4_000, "", "W-1"),
        Sent(Noon + 2_000, "İ-914", "W-1", 5_000),
        Sent(Noon + 3_000, "i-914", "W-1", 6_000),
        Registered(Noon + 4_000, Register.SubstancePermits, "P-1", (1, "P-1"), (2, "ı-915"), (3, "UN1017")),
        Ledger("r2", Noon + 5_000, LedgerAction.Receive, "UN1017", 1_000, "İ-914", "W-1"),
        Sent(Noon + 6_000, "İ-914", "W-2", 5_000),
        Registered(Noon + 7_000, Register.SubstancePermits, "P-1"),
        Expire(Noon + (2_000 * Day)),
    ];

    /// <summary>Ordered to stop by case and register, at work nonetheless; waste that comes of age; permits that run out; trucks that are found, and taken back.</summary>
    private static List<ScriptStep> Stopped()
    {
        const string key = "İ-914";
        List<ScriptStep> steps =
        [
            Registered(Noon, Register.SubstancePermits, "P-ı", Noon - Day, Noon + (40 * Day), (1, "P-ı"), (2, key), (3, "UN1017"), (5, 90_000_000L)),
            Tank("t0", Noon, "T1", TankFigures.None with { LevelPct = 50, MassKg = 9_000 }),
            Tell(MessageKind.OutcomeDecided, Noon + 5_000, new OutcomeDecided("north-1", "production-stopped"), GrainsJson.Default.OutcomeDecided),
            Tell(MessageKind.OutcomeDecided, Noon + 6_000, new OutcomeDecided("north-1", "production-stopped"), GrainsJson.Default.OutcomeDecided),
        ];
        for (int i = 0; i < 40; i++)
        {
            long atMs = Noon + (i * 7 % 40 * 3_600_000L);
            steps.Add(Ledger($"l{i}", atMs, (LedgerAction)(1 + (i % 7)), "UN1017", 1_000 + i) with { NowMs = Noon + (40 * 3_600_000L) });
            steps.Add(Waste($"w{i}", atMs - (330 * Day), (LedgerAction)(1 + (i % 7)), i % 3 == 0 ? "HW-ı" : "HW-İ", 100_000 + (i * 7)) with { NowMs = Noon + (40 * 3_600_000L), SeenBefore = false });
            steps.Add(Tank($"t{i}", Noon + (40 * 3_600_000L) + i, i % 2 == 0 ? "T1" : "ı", TankFigures.None with { LevelPct = 50 + (i * 3), MassKg = 9_000 + (i * 300) }));
            steps.Add(Tell(MessageKind.OverloadTraced, Noon + (41 * 3_600_000L) + i, new Overload($"粤H{i}-yellow", $"粤H{i % 20}/over-road-limit/{i}", DateTimeOffset.FromUnixTimeMilliseconds(Noon + (i * 11 % 40 * Day)), i % 6 == 5, "S07", $"{i}", "north", i / 3.0, i % 8 == 7 ? 0.5 : 0.99, i % 2 == 0 ? "W-1" : null), GrainsJson.Default.Overload));
        }

        steps.Add(Sight("c1", Noon + (42 * 3_600_000L), VideoEvent.Smoke, 990));
        steps.Add(Tell(MessageKind.OverloadTraced, Noon + (43 * 3_600_000L), new Overload("粤H38-yellow", "粤H18/over-road-limit/38", DateTimeOffset.FromUnixTimeMilliseconds(Noon), true), GrainsJson.Default.Overload));
        steps.Add(Reminded(Noon + (10 * Day), "permits"));
        steps.Add(Reminded(Noon + (40 * Day), "permits"));
        steps.Add(Reminded(Noon + (41 * Day), "waste"));
        steps.Add(Registered(Noon + (41 * Day) + 1, Register.Enterprises, key, Noon + (30 * Day), RegisterStatement.Open, (1, key), (13, "no")));
        steps.Add(Ledger("released", Noon + (41 * Day) + 2, LedgerAction.Produce, "UN1017", 5));
        steps.Add(Registered(Noon + (42 * Day), Register.Enterprises, key, RegisterStatement.Always, RegisterStatement.Open, (1, key), (13, "yes")));
        steps.Add(Ledger("stopped", Noon + (42 * Day) + 1, LedgerAction.Use, "UN1017", 5));
        foreach (string kind in (string[])["activity-while-stopped", "waste-kept-too-long", "source-control", "expired-permit"])
        {
            steps.Add(Tell(MessageKind.CaseClosed, Noon + (43 * Day), new CaseClosed(kind[0] == 'a' ? "north-1" : "north-2", key, ActorKind.Enterprise, kind, $"{key}/{kind}/1", kind[0] == 'w' ? "production-stopped" : "corrected"), GrainsJson.Default.CaseClosed));
        }

        steps.Add(Ledger("after", Noon + (46 * Day), LedgerAction.Produce, "UN1017", 7));
        return steps;
    }

    /// <summary>A vehicle whose operator changes, found overloaded before and after, and taken back.</summary>
    private static List<ScriptStep> Traced()
    {
        List<ScriptStep> steps = [Found(Noon, Noon, false)];
        foreach ((string enterprise, long fromMs) in new[] { ("İ-914", Noon - Day), ("ı-915", Noon + Day) })
        {
            RegisterSchema schema = RegisterSchema.Of(Register.Vehicles);
            ByteWriter fields = new();
            new RegisterValue(schema.Field(1), 0, Encoding.UTF8.GetBytes(Truck)).Write(fields);
            new RegisterValue(schema.Field(12), 0, Encoding.UTF8.GetBytes(enterprise)).Write(fields);
            ByteWriter body = new();
            new RegisterStatement { Register = Register.Vehicles, SaidMs = Noon, FromMs = fromMs, ToMs = RegisterStatement.Open, Fields = fields.Written }.Write(body);
            steps.Add(new ScriptStep { Kind = MessageKind.Reading, ReadingKind = ReadingKind.Register, Body = body.Written.ToArray(), NowMs = Noon + 1, AtMs = Noon, Id = "v"u8.ToArray(), Source = "police"u8.ToArray(), District = "north"u8.ToArray() });
        }

        steps.Add(Found(Noon + 2, Noon, false));
        steps.Add(Found(Noon + (2 * Day), Noon + (2 * Day), false));
        steps.Add(Found(Noon + (3 * Day), Noon + (3 * Day), true));
        return steps;
    }

    private static ScriptStep Found(long nowMs, long atMs, bool withdrawn) =>
        Tell(MessageKind.OverloadFound, nowMs, new Overload(Truck, $"{Truck}/over-road-limit/1", DateTimeOffset.FromUnixTimeMilliseconds(atMs), withdrawn, "S07", "w1", "north", 22.5, 0.99), GrainsJson.Default.Overload);

    private static ScriptStep Sent(long nowMs, string shipper, string waybill, long grams) =>
        Tell(MessageKind.ShipmentSent, nowMs, new ShipmentSent(shipper, waybill, "UN1017", grams, DateTimeOffset.FromUnixTimeMilliseconds(nowMs), false), GrainsJson.Default.ShipmentSent);

    private static ScriptStep Received(long nowMs, string receiver, string waybill, string substance, long grams, bool reports, bool due, byte permit) => Tell(
        MessageKind.ShipmentReceived,
        nowMs,
        new ShipmentReceived(receiver, waybill, substance, grams, grams > 0 ? DateTimeOffset.FromUnixTimeMilliseconds(nowMs) : null, reports, due, permit, permit > 2 ? "P-İ" : null, permit > 2 ? DateTimeOffset.FromUnixTimeMilliseconds(Noon) : null),
        GrainsJson.Default.ShipmentReceived);

    /// <summary>What a register says, for ever; nothing any more where no field is given.</summary>
    private static ScriptStep Registered(long nowMs, Register register, string key, params (int Field, object Value)[] values) =>
        Registered(nowMs, register, key, RegisterStatement.Always, RegisterStatement.Open, values);

    /// <summary>An entry that holds until a time; over where it has no values.</summary>
    private static ScriptStep Held(long nowMs, Register register, string key, long toMs, params (int Field, object Value)[] values) =>
        Registered(nowMs, register, key, RegisterStatement.Always, toMs, values);

    private static ScriptStep Registered(long nowMs, Register register, string key, long fromMs, long toMs, params (int Field, object Value)[] values)
    {
        RegisterSchema schema = RegisterSchema.Of(register);
        ByteWriter fields = new();
        foreach ((int field, object value) in values)
        {
            new RegisterValue(schema.Field((byte)field), value is long number ? number : 0, value is string text ? Encoding.UTF8.GetBytes(text) : []).Write(fields);
        }

        ByteWriter body = new();
        new EntryChanged(register, key, values.Length > 0 ? [new HeldSpan(fromMs, toMs, fields.Written.ToArray())] : [], "İ").Write(body);
        return new ScriptStep { Kind = MessageKind.EntryChanged, Body = body.Written.ToArray(), NowMs = nowMs };
    }

    private static ScriptStep Expire(long nowMs) => new() { Kind = MessageKind.Expire, Body = [], NowMs = nowMs };

    private static List<ScriptStep> Place() =>
    [
        Sight("e1", Noon, VideoEvent.Smoke, 600),
        Sight("e2", Noon + 10_000, VideoEvent.Smoke, 655),
        Sight("e2", Noon + 10_000, VideoEvent.Smoke, 655),
        Sight("e3", Noon + 12_000, VideoEvent.Smoke, 990),
        Sight("e4", Noon + 13_000, VideoEvent.Smoke, 990),
        Sight("e5", Noon + 14_000, VideoEvent.IllegalParking, 900),
        Sight("e6", Noon + 15_000, VideoEvent.Crowding, 100),
        Sight("e7", Noon - 1_000_000, VideoEvent.Fire, 930) with { NowMs = Noon + 16_000 },
        Tell(MessageKind.CaseClosed, Noon + 20_000, new CaseClosed("north-2", "camera:C07", ActorKind.Place, "smoke", "camera:C07/smoke/1", "false-alarm"), GrainsJson.Default.CaseClosed),
        Sight("e8", Noon + 30_000, VideoEvent.Smoke, 860),
        Expire(Noon + (500 * Day)),
        Tell(MessageKind.CaseClosed, Noon + (501 * Day), new CaseClosed("north-3", "camera:C07", ActorKind.Place, "smoke", "camera:C07/smoke/2", "false-alarm"), GrainsJson.Default.CaseClosed),
        Tell(MessageKind.CaseClosed, Noon + (501 * Day), new CaseClosed("north-4", "camera:C07", ActorKind.Place, "fire", "camera:C07/fire/1", "false-alarm"), GrainsJson.Default.CaseClosed),
        Expire(Noon + (1_000 * Day)),
        Sight("e9", Noon + (1_001 * Day), VideoEvent.Fire, 990),
    ];

    private static List<ScriptStep> Source() =>
    [
        Tell(MessageKind.RegisterSource, Noon, new SourceRegistration("S07", "wim", ["v1/wim/S07/+"], "harbour", 5, "sha256:00", Latitude: 23.1, Longitude: 112.4, Owner: "交通局"), GrainsJson.Default.SourceRegistration),
        Tell(MessageKind.RegisterSource, Noon + 1, new SourceRegistration("S08", "wim", [], "harbour", null, "sha256:00"), GrainsJson.Default.SourceRegistration),
        Published(Noon + 2, 3_600, 2),
        Status("s1", Noon + 3, true),
        Status("s2", Noon - 3, false),
        Weigh("u1", Noon + 4, 20_000, 2),
        Weigh("u1", Noon + 4, 20_000, 2),
        Published(Noon + 5, 1, 0),
    ];

    /// <summary>Late, rejected, of a clock that is off, silent, adrift and with a calibration that has run out; each mended, or its case closed.</summary>
    private static List<ScriptStep> Warned()
    {
        SourceRegistration registered = new("İ07", "wim", ["v1/wim/İ07/+"], "harbour", null, "", Expected: new ResourceExpectation(SilentAfterS: 900), AccuracyClass: "B+(7)");
        Rulebook rules = new() { Version = 4, Sources = new SourceRules { Drift = new DriftRule { Trucks = 40 } } };
        List<ScriptStep> steps = [Tell(MessageKind.RegisterSource, Noon, registered, GrainsJson.Default.SourceRegistration) with { Rules = rules }];
        for (int i = 0; i < 60; i++)
        {
            Published published = new(40, i is > 20 and < 30 ? 30 : 0);
            published.CountLate(i is > 5 and < 15 ? 4 : 0, 40);
            published.CountReason(Grains.Inputs.RejectReason.BadTime, i is > 25 and < 30 ? 20 : 0);
            published.CountReason(Grains.Inputs.RejectReason.Malformed, i is > 20 and < 30 ? 10 : 0);
            published.CountAhead(i is > 35 and < 40 ? 39 : 0);
            for (int truck = 0; truck < 20; truck++)
            {
                published.CountSteering(5, i is > 40 and < 52 ? 6_000 + truck : 5_001 - truck);
            }

            steps.Add(Published(Noon + (i * 1_801_000L), published));
            steps.Add(i % 9 == 8 ? Reminded(Noon + (i * 1_801_000L) + 900_000, "silence") : Reminded(Noon + (i * 1_801_000L) + 1, "again"));
            if (i == 20)
            {
                steps.Add(Registered(Noon + (i * 1_801_000L) + 900_001, Register.Stations, "İ07", (1, "İ07"), (8, Noon - Day), (9, Noon + Day), (11, "jjg907 5")));
            }
        }

        foreach (string kind in (string[])["source-silence", "source-lateness", "source-rejects", "clock-off", "calibration-drift"])
        {
            steps.Add(Tell(MessageKind.CaseClosed, Noon + (2 * Day), new CaseClosed("harbour-1", "İ07", ActorKind.Source, kind, $"İ07/{kind}/1", "corrected"), GrainsJson.Default.CaseClosed));
        }

        steps.Add(Reminded(Noon + (2 * Day), "calibration"));
        steps.Add(Tell(MessageKind.CaseClosed, Noon + (2 * Day) + 1, new CaseClosed("harbour-2", "İ07", ActorKind.Source, "calibration-expired", "İ07/calibration-expired/1", "corrected"), GrainsJson.Default.CaseClosed));
        steps.Add(Reminded(Noon + (3 * Day), "again"));
        steps.Add(Registered(Noon + (3 * Day) + 1, Register.Stations, "İ07", (1, "İ07"), (8, Noon + (3 * Day)), (9, Noon + (300 * Day)), (7, 250L)));
        steps.Add(Registered(Noon + (3 * Day) + 2, Register.Stations, "İ07"));
        steps.Add(Tell(MessageKind.RegisterSource, Noon + (4 * Day), registered with { Disabled = true, Station = new RegisteredStation(1, null) }, GrainsJson.Default.SourceRegistration));
        return steps;
    }

    /// <summary>Measured, silent, heard again, told what was joined, looked at too late, changed and disabled.</summary>
    private static List<ScriptStep> Resource()
    {
        SourceRegistration registered = new("S07", "register", ["v1/records/S07"], "harbour", null, "", Owner: "İstanbul", Register: "vehicles", Expected: new ResourceExpectation(PerMinute: 7), Joined: true);
        List<ScriptStep> steps = [Tell(MessageKind.RegisterSource, Noon, registered, GrainsJson.Default.SourceRegistration), new() { Kind = MessageKind.ShowResource, Body = [], NowMs = Noon }];
        for (int i = 0; i < 40; i++)
        {
            Published published = new(i % 5, i % 3);
            published.CountLate(i % LatenessBands.Bands, i % 5);
            published.CountReason((Grains.Inputs.RejectReason)(i * 7 % 40), i % 3);
            steps.Add(Published(Noon + (i * 47L * 60_000), published));
            steps.Add(Reminded(Noon + (i * 47L * 60_000) + 1, i % 2 == 0 ? "row" : "silence"));
        }

        long end = Noon + (40 * 47L * 60_000);
        steps.Add(Reminded(end + 300_000, "silence"));
        steps.Add(Reminded(end + Day, "silence"));
        steps.Add(Reminded(end + Day + 300_000, "silence"));
        steps.Add(Reminded(end + Day + 300_000, "what another version asked for"));
        ByField<System.Text.Json.JsonElement> values = System.Text.Json.JsonSerializer.Deserialize<ByField<System.Text.Json.JsonElement>>("""{"ı":1,"i":2.5,"I":"İ"}""")!;
        EntrySpan span = new(null, DateTimeOffset.FromUnixTimeMilliseconds(end), values, new() { ["ı"] = "İ", ["i"] = "I" });
        steps.Add(Tell(MessageKind.EntryJoined, end + Day, new EntryJoined("vehicles", Truck, "İ", ["I", "i", "ı"], [span]), GrainsJson.Default.EntryJoined));
        steps.Add(Tell(MessageKind.RegisterSource, end + (2 * Day), registered with { Disabled = true, Joined = null }, GrainsJson.Default.SourceRegistration));
        steps.Add(Tell(MessageKind.EntryJoined, end + (2 * Day), new EntryJoined("vehicles", Truck, "İ", ["I"], [span]), GrainsJson.Default.EntryJoined));
        steps.Add(Published(end + (40 * Day), 1, 0));
        return steps;
    }

    private static ScriptStep Reminded(long nowMs, string name) => new() { Kind = MessageKind.Reminded, Body = System.Text.Encoding.UTF8.GetBytes(name), NowMs = nowMs };
}
