using System.Text.Json;
using Streaming.Grains.Messages;
using Streaming.Grains.Turns;
using Streaming.Models.Encoding;
using Streaming.Models.Readings;
using Streaming.Models.Tanks;
using Streaming.Models.Wording;

namespace Streaming.Grains.Subjects;

/// <summary>What a tank truck reports of itself. Only vehicles that do have one.</summary>
internal sealed class TruckTelemetry
{
    private const string ValveKind = "valve-open-in-transit";
    private const string ValveModel = "valve-in-transit/1";

    private TankStream tank = new();

    /// <summary>The valve was open at speed, and has neither been shut nor has the truck stopped since.</summary>
    private bool valveOpen;

    private UnloadingWatch? unloading;

    /// <summary>The newest reading.</summary>
    public ref readonly KeptReading Last => ref tank.Last;

    /// <summary>Takes in one reading; false where it changed nothing (repeated, or history is asked).</summary>
    public bool Handle(scoped in Turn turn, scoped in Message message, ref OpenWarnings? warnings, ref WaybillWatch? waybills)
    {
        switch (tank.Recognise(turn, message))
        {
            case Recognition.Repeated:
                return false;
            case Recognition.Unknown:
                turn.Effects.LookUp();
                return false;
        }

        ByteReader reader = new(message.Body);
        TruckReading truck = TruckReading.Read(ref reader);
        if (tank.Accept(turn, message, truck.Substance))
        {
            TankWarnings.Judge(turn, message, ActorKind.Vehicle, "", tank, truck.Tank, ref warnings, null);
            TankForecastWarnings.Judge(turn, message, ActorKind.Vehicle, "", tank, truck.Tank, ref warnings, null);
            TankAnomalyWarnings.Judge(turn, message, ActorKind.Vehicle, "", tank, truck.Tank, ref warnings, null);
            JudgeValve(turn, message, truck, ref warnings);
            unloading ??= new UnloadingWatch();
            bool unloaded = unloading.Handle(turn, message, truck, ref warnings);
            WaybillWatch.Hear(turn, message, truck, unloaded, ref waybills, ref warnings);
        }

        return true;
    }

    private void JudgeValve(scoped in Turn turn, scoped in Message message, scoped in TruckReading truck, ref OpenWarnings? warnings)
    {
        TankLimits limits = turn.Rules.TankLimits;
        bool moving = truck.SpeedTenthKmh > limits.ValveOpenAboveKmh * 10;
        bool standing = truck.SpeedTenthKmh >= 0 && truck.SpeedTenthKmh <= limits.ValveStandingKmh * 10;
        if (valveOpen && (truck.Tank.Valve == ValveState.Closed || standing))
        {
            valveOpen = false;
            warnings?.Clear(turn, ActorKind.Vehicle, ValveKind, message.Header.AtMs, standing
                ? new Explanation("Cleared: the truck is standing.", "已解除：车辆已停驶。")
                : new Explanation("Cleared: the valve is shut.", "已解除：阀门已关闭。"));
            return;
        }

        if (truck.Tank.Valve != ValveState.Open || !moving)
        {
            return;
        }

        bool changed = !valveOpen;
        valveOpen = true;
        warnings ??= new OpenWarnings();
        if (!warnings.IsToTell(ValveKind, changed, turn.NowMs, limits.UpdateEveryS, message.Header.AtMs))
        {
            return;
        }

        string speed = FigureText.Measured(truck.SpeedTenthKmh / 10.0);
        warnings.Raise(turn, ActorKind.Vehicle, message, default, new Finding(
            ValveKind,
            limits.ValveOpenSeverity,
            limits.Confidence,
            ValveModel,
            new Explanation(
                $"The tank's valve is open at {speed} km/h. Closures of a tank are to be shut in transit ({limits.ValveLegalSource}).",
                $"车速{speed} km/h时罐体阀门处于开启状态。运输途中罐体关闭装置应当处于关闭状态（{limits.ValveLegalSource}）。"),
            new SortedDictionary<string, double>(StringComparer.Ordinal) { ["speedKmh"] = truck.SpeedTenthKmh / 10.0, ["limitKmh"] = limits.ValveOpenAboveKmh },
            "valve shut in transit",
            limits.ValveLegalSource));
    }

    public void Describe(Utf8JsonWriter json)
    {
        if (!tank.Last.IsKept)
        {
            return;
        }

        ByteReader reader = new(tank.Last.Body);
        TruckReading truck = TruckReading.Read(ref reader);
        json.WriteStartObject("telemetry");
        ReadingJson.Head(json, tank.Last);
        ReadingJson.Position(json, truck.Position);
        ReadingJson.Speed(json, truck.SpeedTenthKmh);
        json.WriteStartObject("tank");
        ReadingJson.Tank(json, truck.Tank);
        json.WriteEndObject();
        ReadingJson.Bands(json, tank);
        ReadingJson.Text(json, "substance", tank.Substance);
        ReadingJson.Text(json, "driver", truck.Driver);
        ReadingJson.Text(json, "waybill", truck.Waybill);
        json.WriteNumber("readings", tank.Readings);
        json.WriteNumber("late", tank.Late);
        json.WriteEndObject();
    }

    public static void Write(TruckTelemetry? telemetry, ByteWriter writer)
    {
        writer.WriteBool(telemetry is not null);
        if (telemetry is not null)
        {
            telemetry.tank.Write(writer);
            writer.WriteBool(telemetry.valveOpen);
        }
    }

    /// <summary>What a state of before version 4 did not have.</summary>
    public static void WriteWatches(TruckTelemetry? telemetry, ByteWriter writer)
    {
        TankWatch.Write(telemetry?.tank.Watch, writer);
        UnloadingWatch.Write(telemetry?.unloading, writer);
    }

    public static void ReadWatches(TruckTelemetry? telemetry, scoped ref ByteReader reader)
    {
        if (TankWatch.Read(ref reader) is { } watch)
        {
            telemetry!.tank.Watch = watch;
        }

        if (UnloadingWatch.Read(ref reader) is { } unloading)
        {
            telemetry!.unloading = unloading;
        }
    }

    /// <summary>What a state of before version 5 did not have.</summary>
    public static void WriteNorm(TruckTelemetry? telemetry, ByteWriter writer) => TankNorm.Write(telemetry?.tank.Watch?.Norm, writer);

    public static void ReadNorm(TruckTelemetry? telemetry, scoped ref ByteReader reader)
    {
        if (TankNorm.Read(ref reader) is { } norm)
        {
            telemetry!.tank.Watch!.Norm = norm;
        }
    }

    public static TruckTelemetry? Read(scoped ref ByteReader reader) =>
        reader.ReadBool() ? new TruckTelemetry { tank = TankStream.Read(ref reader), valveOpen = reader.ReadBool() } : null;
}
