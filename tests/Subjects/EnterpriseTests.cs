using System.Text;
using System.Text.Json;
using Streaming.Determinism;
using Streaming.Grains;
using Streaming.Grains.Messages;
using Streaming.Grains.Rules;
using Streaming.Grains.Subjects;
using Streaming.Grains.Turns;
using Streaming.Models.Encoding;
using Streaming.Models.Readings;
using Streaming.Models.Registers;
using Xunit;
using static Streaming.Determinism.Readings;

namespace Streaming.Tests.Subjects;

public sealed class EnterpriseTests
{
    private const string Key = "914403001922038216";
    private const long Noon = 1_795_262_400_000;
    private readonly SubjectStage stage = new(ActorKind.Enterprise, Key);

    [Fact]
    public void A_tank_is_kept_with_its_last_figures()
    {
        stage.Play(Plant("1", Noon, "T1", "UN1017", 690, 0.4));
        JsonElement unit = stage.Described.GetProperty("units")[0];

        Assert.Equal(0, stage.Effects);
        Assert.Equal(("T1", "UN1017"), (unit.GetProperty("unit").GetString(), unit.GetProperty("substance").GetString()));
        Assert.Equal(690, unit.GetProperty("last").GetProperty("pressureKpa").GetDouble());
        Assert.Equal(38_200.5, unit.GetProperty("last").GetProperty("massKg").GetDouble());
        Assert.False(unit.GetProperty("last").TryGetProperty("temperatureC", out _));
    }

    [Fact]
    public void Chlorine_in_the_air_is_warned_of_at_its_exposure_limit()
    {
        stage.Play(Plant("1", Noon, "T1", "UN1017", 690, 0.5));

        Assert.Equal(("gas-toxic", 3), (stage.Shown.Kind, stage.Shown.Severity));
        Assert.Equal((0.5, 0.5), (stage.Shown.Evidence.Figures["T1.gasPpm"], stage.Shown.Evidence.Figures["T1.limitPpm"]));
        Assert.Equal("GB/T 50493", stage.Shown.Evidence.LegalSource);
        Assert.Contains("Tank T1 (UN1017): toxic gas 0.5 ppm", stage.Shown.Explanation.En, StringComparison.Ordinal);
        Assert.Contains("储罐T1", stage.Shown.Explanation.Zh, StringComparison.Ordinal);
    }

    [Fact]
    public void Two_tanks_outside_one_limit_are_one_warning_that_clears_with_the_last()
    {
        stage.Play(Plant("a1", Noon, "T1", "UN1017", 1_200, 0));
        Assert.Equal(WarningChange.Opened, stage.Told.Change);
        stage.Play(Plant("b1", Noon + 1_000, "T2", "UN1017", 1_450, 0));
        Assert.Equal((WarningChange.Updated, 4, 2), (stage.Told.Change, stage.Shown.Severity, stage.Shown.Count));
        Assert.Equal((1_450.0, 1_200.0), (stage.Shown.Evidence.Figures["T2.pressureKpa"], stage.Shown.Evidence.Figures["T1.pressureKpa"]));
        Assert.Contains("Also outside its limits: Tank T1", stage.Shown.Explanation.En, StringComparison.Ordinal);

        Assert.Equal(0, stage.Play(Plant("b2", Noon + 2_000, "T2", "UN1017", 700, 0)).Effects);
        stage.Reload();
        stage.Play(Plant("a2", Noon + 3_000, "T1", "UN1017", 700, 0));
        Assert.Equal((WarningChange.Cleared, $"{Key}/tank-pressure/1"), (stage.Told.Change, stage.Told.Warning.Id));
    }

    [Fact]
    public void An_alarm_that_outlasts_its_case_opens_the_next_warning()
    {
        stage.Play(Plant("1", Noon, "T1", "UN1017", 1_200, 0));
        stage.Play(Tell(MessageKind.CaseClosed, Noon + 3_000, new CaseClosed("north-1", Key, ActorKind.Enterprise, "tank-pressure", $"{Key}/tank-pressure/1", "warning"), GrainsJson.Default.CaseClosed));
        Assert.False(stage.Shown.Open);
        stage.Play(Plant("2", Noon + 4_000, "T1", "UN1017", 1_190, 0));

        Assert.Equal((WarningChange.Opened, $"{Key}/tank-pressure/2"), (stage.Told.Change, stage.Told.Warning.Id));
    }

    [Fact]
    public void Tanks_beyond_the_state_are_rows_and_are_judged_alike()
    {
        for (int i = 0; i < GrainLimits.UnitsInState; i++)
        {
            stage.Play(Plant($"{i}", Noon + i, $"U{i}", "", 400, 0));
        }

        stage.Play(Plant("x1", Noon + 1_000, "X", "", 1_500, 0));
        Assert.Equal(WarningChange.Opened, stage.Told.Change);
        stage.Reload();
        stage.Play(Plant("y1", Noon + 2_000, "Y", "", 1_500, 0));
        Assert.Equal(WarningChange.Updated, stage.Told.Change);
        stage.Play(Plant("u1", Noon + 2_000, "U1", "", 1_500, 0));
        Assert.Equal(0, stage.Play(Plant("x1", Noon + 1_000, "X", "", 1_500, 0)).Effects);
        Assert.Equal(2, stage.Described.GetProperty("furtherUnits").GetInt32());
        Assert.Equal(GrainLimits.UnitsInState, stage.Described.GetProperty("units").GetArrayLength());

        Assert.Equal(0, stage.Play(Plant("x2", Noon + 3_000, "X", "", 400, 0)).Effects);
        Assert.Equal(0, stage.Play(Plant("u2", Noon + 3_000, "U1", "", 400, 0)).Effects);
        stage.Reload();
        stage.Play(Plant("y2", Noon + 4_000, "Y", "", 400, 0));
        Assert.Equal(WarningChange.Cleared, stage.Told.Change);
    }

    [Fact]
    public void An_array_of_3600_readings_of_one_tank_sent_again_changes_nothing()
    {
        for (int i = 0; i < 3_600; i++)
        {
            stage.Play(Plant($"{i}", Noon + (i * 1_000), "T1", "UN1017", 690, 0));
        }

        byte[] before = stage.State;
        int asked = 0;
        for (int i = 0; i < 3_600; i++)
        {
            ScriptStep step = Plant($"{i}", Noon + (i * 1_000), "T1", "UN1017", 690, 0);
            if (stage.Play(step).AsksHistory)
            {
                asked++;
                stage.Play(step with { SeenBefore = true });
            }
        }

        Assert.Equal(3_600 - GrainLimits.RecentReadings, asked);
        Assert.Equal(before, stage.State);
        Assert.Equal(3_600, stage.Described.GetProperty("units")[0].GetProperty("readings").GetInt32());
    }

    [Fact]
    public void The_ledger_sums_grams_by_substance_in_order_and_counts_a_line_once()
    {
        stage.Play(Ledger("1", Noon, LedgerAction.Ship, "UN1017", 18_000_000));
        stage.Play(Ledger("2", Noon - 1, LedgerAction.Ship, "UN1017", 7));
        stage.Play(Ledger("1", Noon, LedgerAction.Ship, "UN1017", 18_000_000));
        stage.Play(Ledger("3", Noon, LedgerAction.Produce, "UN1005", 5));
        JsonElement ledger = stage.Described.GetProperty("ledger");

        Assert.Equal(3, ledger.GetProperty("lines").GetInt32());
        Assert.Equal(["UN1005", "UN1017"], ledger.GetProperty("substances").EnumerateObject().Select(substance => substance.Name));
        Assert.Equal(18_000_007, ledger.GetProperty("substances").GetProperty("UN1017").GetProperty("shippedG").GetInt64());
    }

    [Fact]
    public void A_leak_seen_by_a_camera_is_a_danger_to_life()
    {
        stage.Play(Sight("1", Noon, VideoEvent.Leak, 910));
        Assert.Equal(("leak", 4, "enterprise"), (stage.Shown.Kind, stage.Shown.Severity, stage.Shown.SubjectKind));
    }

    [Fact]
    public void The_largest_state_stays_within_its_limit()
    {
        string unit = new('单', 20);
        string id = new('9', 62);
        for (int round = 0; round < 17; round++)
        {
            for (int i = 0; i < GrainLimits.UnitsInState; i++)
            {
                stage.Play(Full($"{i:00}", unit, id + round.ToString("00", null), Noon + (round * 7_200_000_000L)));
            }
        }

        for (int i = 0; i < GrainLimits.SubstancesInState + 5; i++)
        {
            stage.Play(Ledger($"{i}", Noon, LedgerAction.Ship, $"UN{i:0000}", long.MaxValue / 8));
        }

        for (int i = 0; i < 4; i++)
        {
            for (VideoEvent seen = VideoEvent.Smoke; seen <= VideoEvent.Crowding; seen++)
            {
                stage.Play(Pictured(Sight($"{id}{i}{(int)seen}"[2..], Noon + (20 * 7_200_000_000L) + (i * 61_000), seen, 950)));
            }
        }

        Assert.Equal(13, stage.Described.GetProperty("openWarnings").GetArrayLength());
        Assert.InRange(stage.State.Length, 40_000, GrainLimits.StateBytes);
        Fill(Noon + (30 * 7_200_000_000L));
        Assert.Equal(19, stage.Described.GetProperty("openWarnings").GetArrayLength());
        Assert.InRange(stage.State.Length, 45_000, GrainLimits.StateBytes);

        // Of ledgers that are off it was kept who found it, until their time is over.
        stage.Remind("balances");
        Assert.Equal(20, stage.Described.GetProperty("openWarnings").GetArrayLength());
        Assert.InRange(stage.State.Length, 45_000, GrainLimits.StateBytes);

        // As many scenes as there may ever be, one after another, each with a warning of its own.
        for (int first = 0; first < GrainLimits.ScenesEver; first += GrainLimits.SceneWarningsOfEnterprise)
        {
            stage.Rules = stage.Rules.With(new RulebookDecisions
            {
                Scenes = [.. Enumerable.Range(first, GrainLimits.SceneWarningsOfEnterprise).Select(number => new SceneRule
                {
                    Id = $"s{number:000}{new string('x', 20)}",
                    Name = new LocalName(new string('n', GrainLimits.SceneNameChars), new string('名', GrainLimits.SceneNameChars)),
                    Subjects = ["enterprise"],
                    Thresholds = new() { Events = ["smoke"], Times = 1 },
                    Revision = 1,
                })],
            });
            stage.Play(Pictured(Sight($"{id}{first}"[3..], Noon + (40 * 7_200_000_000L) + (first * 61_000), VideoEvent.Smoke, 950)));
        }

        Assert.Equal(20 + GrainLimits.SceneWarningsOfEnterprise, stage.Described.GetProperty("openWarnings").GetArrayLength());
        Assert.InRange(stage.State.Length, 45_000, GrainLimits.StateBytes);
    }

    /// <summary>Everything that goes wrong with substances over their life, under names as long as they may be.</summary>
    private void Fill(long atMs)
    {
        string name = new('9', 60);
        string receiver = new('8', 62);
        byte[] source = Encoding.UTF8.GetBytes(new string('s', 64));
        stage.Play(Registered(Register.Enterprises, Key, 8, 60));
        for (int i = 0; i < 8; i++)
        {
            stage.Play(Registered(Register.SubstancePermits, $"{name}{i:00}", 5, 1, $"UN{i:0000}"));
        }

        for (int i = 0; i < GrainLimits.SubstancesInState + 5; i++)
        {
            stage.Play(Ledger(name + $"a{i}", atMs + i, LedgerAction.Store, $"UN{i:0000}", 900_000_000_000) with { Source = source });
            stage.Play(Ledger(name + $"b{i}", atMs + 1_000 + i, LedgerAction.Store, $"UN{i:0000}", 123_456_789_012) with { Source = source });
            stage.Play(Ledger(name + $"c{i}", atMs + 2_000 + i, LedgerAction.Ship, $"UN{i:0000}", 12_345_678_901, receiver, name + $"{i:00}", new string('牌', 15)) with { Source = source });
        }

        for (int round = 0; round < 2; round++)
        {
            for (int i = 0; i < 12; i++)
            {
                ShipmentReceived answer = new(receiver, name + $"{i:00}", $"UN{i:0000}", round * (i % 2) * 1_234_567, DateTimeOffset.FromUnixTimeMilliseconds(atMs), true, true, (byte)PermitStanding.Expired, name, DateTimeOffset.FromUnixTimeMilliseconds(atMs));
                stage.Play(Tell(MessageKind.ShipmentReceived, atMs + 4_000, answer, GrainsJson.Default.ShipmentReceived));
            }
        }

        stage.Play(Stored("end", atMs + 7_200_000, "X", "UN1017", 9_000_000) with { Source = source });
    }

    private static ScriptStep Registered(Register register, string key, byte field, long value, string substance = "")
    {
        RegisterSchema schema = RegisterSchema.Of(register);
        ByteWriter fields = new();
        new RegisterValue(schema.Field(3), 0, Encoding.UTF8.GetBytes(substance)).Write(fields);
        new RegisterValue(schema.Field(field), value, default).Write(fields);
        ByteWriter body = new();
        new EntryChanged(register, key, [new HeldSpan(RegisterStatement.Always, RegisterStatement.Open, fields.Written.ToArray())], "bureau").Write(body);
        return new ScriptStep { Kind = MessageKind.EntryChanged, Body = body.Written.ToArray(), NowMs = Noon };
    }

    /// <summary>The event with a picture, under an address as long as is cited.</summary>
    private static ScriptStep Pictured(ScriptStep step)
    {
        ByteReader reader = new(step.Body);
        VideoReading video = VideoReading.Read(ref reader);
        video.Image = new ImageReference(Encoding.UTF8.GetBytes(new string('u', GrainLimits.CitedUrlBytes)), Encoding.UTF8.GetBytes(new string('a', 64)));
        ByteWriter writer = new();
        video.Write(writer);
        return step with { Body = writer.Written.ToArray(), Source = Encoding.UTF8.GetBytes(new string('s', 64)) };
    }

    /// <summary>A reading with every figure, all of them outside their limits, under names as long as they may be.</summary>
    private static ScriptStep Full(string number, string unit, string id, long atMs)
    {
        ByteWriter writer = new();
        new PlantReading
        {
            Unit = Encoding.UTF8.GetBytes(number + unit),
            Substance = "UN1017"u8,
            Tank = new TankFigures { PressureKpa = 9_999.125, TemperatureC = 99.5, LevelPct = 99.25, MassKg = 1, GasPpm = 99, GasPctLel = 88 },
        }.Write(writer);
        return Plant(id, atMs, "", "", 0, 0) with { Body = writer.Written.ToArray(), Source = Encoding.UTF8.GetBytes(new string('s', 64)) };
    }
}
