using Streaming.Grains.Messages;
using Streaming.Grains.Turns;
using Streaming.Models.Driving;
using Streaming.Models.Encoding;
using Streaming.Models.Readings;
using Streaming.Models.Wording;

namespace Streaming.Grains.Subjects;

/// <summary>
/// Whether a driver drives for too long without a rest: by the time at speed that telemetry adds up, and by the terminal's own alarms of fatigue and of the day's driving, which count when they rise. A warning is cleared by a rest that is long
/// enough or another driver; where the terminal said so too, once its alarms are off as well.
/// </summary>
internal sealed class DrivingTimeWatch
{
    public const string Kind = "driving-time";
    private const string Model = "driving-time/1";
    private const uint TerminalBits = DrivingTimeRules.Fatigue | DrivingTimeRules.Daily;

    private DrivingClock clock;

    /// <summary>The terminal's alarms that the open warning rests on, and whether it rests on the time that was added up.</summary>
    private uint said;
    private bool counted;

    public static void Hear(scoped in Turn turn, scoped in Message message, scoped in TruckReading truck, uint risen, ref DrivingTimeWatch? watch, ref OpenWarnings? warnings)
    {
        if (turn.Rules.Vehicles.DrivingTime is { } rules)
        {
            (watch ??= new DrivingTimeWatch()).Take(turn, message, truck, rules.ByTerminal ? risen & TerminalBits : 0, rules, ref warnings);
        }
    }

    private void Take(scoped in Turn turn, scoped in Message message, scoped in TruckReading truck, uint risen, DrivingTimeRules rules, ref OpenWarnings? warnings)
    {
        long atMs = message.Header.AtMs;
        Relief relief = clock.Advance(rules, atMs, truck.SpeedTenthKmh, truck.Driver.Length > 0 ? StableHash.Of(truck.Driver) : 0);
        if ((said != 0 || counted) && warnings?.Find(Kind) is null)
        {
            (said, counted) = (0, false);
        }

        bool rested = false;
        if (relief != Relief.None && counted)
        {
            (counted, rested) = (false, true);
        }

        uint before = said;
        said = truck.SaysAlarms ? said & truck.AlarmBits : said;
        said |= risen;
        bool over = clock.DrivenMs > rules.MostS * 1000L;
        if (!over && risen == 0)
        {
            if ((rested || before != 0) && said == 0 && !counted)
            {
                Clear(turn, atMs, rested ? relief : Relief.None, rules, warnings);
            }

            return;
        }

        bool anew = risen != 0 || (over && !counted);
        counted |= over;
        warnings ??= new OpenWarnings();
        if (!warnings.IsToTell(Kind, anew, turn.NowMs, rules.UpdateEveryS, atMs))
        {
            return;
        }

        warnings.Raise(turn, ActorKind.Vehicle, message, default, Find(rules));
    }

    private static void Clear(scoped in Turn turn, long atMs, Relief relief, DrivingTimeRules rules, OpenWarnings? warnings)
    {
        string minutes = FigureText.Measured(rules.RestS / 60.0);
        warnings?.Clear(turn, ActorKind.Vehicle, Kind, atMs, relief switch
        {
            Relief.Rest => new Explanation($"Cleared: nothing says that the truck drove in the last {minutes} min, which counts as a rest.", $"已解除：最近{minutes}分钟内无行驶记录，视为已休息。"),
            Relief.Driver => new Explanation("Cleared: another driver has taken over.", "已解除：已更换驾驶人。"),
            _ => new Explanation("Cleared: the terminal's alarm is off.", "已解除：终端报警已消除。"),
        });
    }

    private Finding Find(DrivingTimeRules rules)
    {
        string driven = FigureText.Measured(Math.Round(clock.DrivenMs / 3_600_000.0, 2, MidpointRounding.AwayFromZero));
        string most = FigureText.Measured(rules.MostS / 3600.0), rest = FigureText.Measured(rules.RestS / 60.0);
        SortedDictionary<string, double> figures = new(StringComparer.Ordinal) { ["drivenMin"] = Math.Round(clock.DrivenMs / 60_000.0, 1, MidpointRounding.AwayFromZero), ["limitMin"] = rules.MostS / 60.0, ["restMin"] = rules.RestS / 60.0 };
        string en = "", zh = "";
        if (counted)
        {
            string since = FigureText.Time(clock.SinceMs);
            en = $"The truck was driven for {driven} h since {since} without a rest of {rest} min; {most} h are allowed ({rules.LegalSource}). What counts is the time at speed: shorter rests and times without telemetry are not in it.";
            zh = $"车辆自{since}起已行驶{driven}小时，期间未休息满{rest}分钟，限值为{most}小时（{rules.LegalSource}）。仅计行驶时间，短暂停车及无数据时段不计入。";
        }

        if (said != 0)
        {
            figures["terminalAlarms"] = said;
            bool fatigue = (said & DrivingTimeRules.Fatigue) != 0;
            en += (en.Length > 0 ? " " : "") + $"The terminal itself reports {(fatigue ? "a tired driver" : "that the day's driving time is over")} (JT/T 808, alarm {(fatigue ? 2 : 18)})"
                + (counted ? "." : $"; by its telemetry the truck was driven for {driven} h without a rest of {rest} min ({rules.LegalSource}).");
            zh += $"车载终端自行上报{(fatigue ? "疲劳驾驶" : "当天累计驾驶超时")}（JT/T 808报警位{(fatigue ? 2 : 18)}）" + (counted ? "。" : $"；按遥测数据，车辆连续行驶{driven}小时，期间未休息满{rest}分钟（{rules.LegalSource}）。");
        }

        return new Finding(
            Kind, rules.Severity, counted ? rules.Confidence : rules.TerminalConfidence, Model, new Explanation(en, zh), figures, $"{most} h without a rest of {rest} min", rules.LegalSource);
    }

    public static void Write(DrivingTimeWatch? watch, ByteWriter writer)
    {
        writer.WriteBool(watch is not null);
        if (watch is not null)
        {
            watch.clock.Write(writer);
            writer.WriteUInt32(watch.said);
            writer.WriteBool(watch.counted);
        }
    }

    public static DrivingTimeWatch? Read(scoped ref ByteReader reader) =>
        !reader.ReadBool() ? null : new DrivingTimeWatch { clock = DrivingClock.Read(ref reader), said = (uint)reader.ReadInt32(), counted = reader.ReadBool() };
}
