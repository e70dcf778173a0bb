using Streaming.Grains.Messages;
using Streaming.Grains.Turns;
using Streaming.Models.Driving;
using Streaming.Models.Encoding;
using Streaming.Models.Readings;

namespace Streaming.Grains.Subjects;

/// <summary>
/// The alarms of a truck's terminal, as JT/T 808 numbers them. Most stay set until they are cleared, and some clear by being acknowledged, so what counts is that one rises. A button that was pressed or a collision does not un-happen when its bit
/// goes off: such a warning ends with its case. Being off the route ends where the terminal says so, unless the warning rests on something else too.
/// </summary>
internal sealed class AlarmWatch
{
    public const string TerminalKind = "terminal-alarm";
    public const string RouteKind = "route-deviation";
    private const string TerminalModel = "terminal-alarm/1";
    private const string RouteModel = "route-deviation/1";

    private static readonly (int Bit, string En, string Zh)[] Names =
    [
        (0, "the emergency button was pressed", "紧急报警按钮已触发"),
        (20, "an area was entered or left", "进出区域"),
        (21, "a route was entered or left", "进出路线"),
        (22, "the time on a segment of the route is too short or too long", "路段行驶时间不足或过长"),
        (23, "the truck is off its route", "路线偏离"),
        (28, "the truck was moved unlawfully", "车辆非法位移"),
        (29, "a collision", "碰撞"),
        (30, "a rollover", "侧翻"),
        (31, "a door was opened unlawfully", "非法开门"),
    ];

    private uint set;

    /// <summary>What the open warnings rest on.</summary>
    private uint warned;
    private uint routed;

    /// <summary>Takes in the alarms of a reading, where it says any.</summary>
    /// <returns>Those that were not set before.</returns>
    public static uint Hear(scoped in Turn turn, scoped in Message message, scoped in TruckReading truck, ref AlarmWatch? watch, ref OpenWarnings? warnings)
    {
        if (!truck.SaysAlarms || (watch is null && truck.AlarmBits == 0))
        {
            return 0;
        }

        watch ??= new AlarmWatch();
        uint risen = truck.AlarmBits & ~watch.set;
        uint fallen = watch.set & ~truck.AlarmBits;
        watch.set = truck.AlarmBits;
        if (risen != 0 && turn.Rules.Vehicles.TerminalAlarms is { } rules)
        {
            watch.Raise(turn, message, risen, rules, ref warnings);
        }

        if (turn.Rules.Vehicles.Routes is { } routes)
        {
            watch.Follow(turn, message, risen & RouteRules.Bits, fallen, routes, ref warnings);
        }

        if (watch.set == 0 && watch.routed == 0)
        {
            watch = null;
        }

        return risen;
    }

    private void Raise(scoped in Turn turn, scoped in Message message, uint risen, TerminalAlarmRules rules, ref OpenWarnings? warnings)
    {
        int severity = 0;
        uint judged = 0;
        for (int bit = 0; bit < 32; bit++)
        {
            if ((risen & (1u << bit)) != 0 && rules.SeverityOf(bit) > 0)
            {
                judged |= 1u << bit;
                severity = Math.Max(severity, rules.SeverityOf(bit));
            }
        }

        if (judged == 0)
        {
            return;
        }

        warnings ??= new OpenWarnings();
        warned = (warnings.Find(TerminalKind) is null ? 0 : warned) | judged;
        (string en, string zh) = Words(warned);
        warnings.Raise(turn, ActorKind.Vehicle, message, default, new Finding(
            TerminalKind,
            severity,
            rules.Confidence,
            TerminalModel,
            new Explanation($"The truck's terminal reports: {en} ({rules.LegalSource}). That an alarm goes off again does not say that nothing happened: the warning ends with its case.", $"车载终端报警：{zh}（{rules.LegalSource}）。报警位消除不代表未发生，本警告随案件办结而结束。"),
            Figures(message, warned),
            null,
            rules.LegalSource));
    }

    private void Follow(scoped in Turn turn, scoped in Message message, uint risen, uint fallen, RouteRules rules, ref OpenWarnings? warnings)
    {
        routed = warnings?.Find(RouteKind) is null ? 0 : routed;
        if (risen != 0)
        {
            warnings ??= new OpenWarnings();
            routed |= risen;
            (string en, string zh) = Words(routed);
            warnings.Raise(turn, ActorKind.Vehicle, message, default, new Finding(
                RouteKind,
                (risen & RouteRules.OffRoute) != 0 ? rules.OffRouteSeverity : rules.Severity,
                rules.Confidence,
                RouteModel,
                new Explanation(
                    $"The truck's terminal reports: {en}. It goes by the route and areas that are set in the terminal; whether those are the approved ones is to be looked up ({rules.LegalSource}).",
                    $"车载终端报警：{zh}。依据为终端内设定的路线和区域，是否为批准路线须另行核实（{rules.LegalSource}）。"),
                Figures(message, routed),
                "the route set in the terminal",
                rules.LegalSource));
        }
        else if (routed == RouteRules.OffRoute && (fallen & RouteRules.OffRoute) != 0)
        {
            routed = 0;
            warnings?.Clear(turn, ActorKind.Vehicle, RouteKind, message.Header.AtMs, new Explanation("Cleared: the terminal reports the truck back on its route.", "已解除：终端上报车辆已回到路线。"));
        }
    }

    private static SortedDictionary<string, double> Figures(scoped in Message message, uint bits)
    {
        ByteReader reader = new(message.Body);
        TruckReading truck = TruckReading.Read(ref reader);
        SortedDictionary<string, double> figures = new(StringComparer.Ordinal) { ["alarmBits"] = bits };
        if (truck.SpeedTenthKmh >= 0)
        {
            figures["speedKmh"] = truck.SpeedTenthKmh / 10.0;
        }

        if (truck.Position.IsKnown)
        {
            figures["latitudeDeg"] = truck.Position.LatitudeE6 / 1e6;
            figures["longitudeDeg"] = truck.Position.LongitudeE6 / 1e6;
        }

        return figures;
    }

    private static (string En, string Zh) Words(uint bits)
    {
        string en = "", zh = "";
        foreach ((int bit, string nameEn, string nameZh) in Names)
        {
            if ((bits & (1u << bit)) != 0)
            {
                en += (en.Length > 0 ? "; " : "") + nameEn;
                zh += (zh.Length > 0 ? "；" : "") + nameZh;
            }
        }

        return (en, zh);
    }

    public static void Write(AlarmWatch? watch, ByteWriter writer)
    {
        writer.WriteBool(watch is not null);
        if (watch is not null)
        {
            writer.WriteUInt32(watch.set);
            writer.WriteUInt32(watch.warned);
            writer.WriteUInt32(watch.routed);
        }
    }

    public static AlarmWatch? Read(scoped ref ByteReader reader) =>
        !reader.ReadBool() ? null : new AlarmWatch { set = (uint)reader.ReadInt32(), warned = (uint)reader.ReadInt32(), routed = (uint)reader.ReadInt32() };
}
