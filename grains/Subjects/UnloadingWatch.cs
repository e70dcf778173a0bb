using System.Text;
using Streaming.Grains.Messages;
using Streaming.Grains.Turns;
using Streaming.Models.Encoding;
using Streaming.Models.Readings;
using Streaming.Models.Statistics;
using Streaming.Models.Tanks;
using Streaming.Models.Wording;

namespace Streaming.Grains.Subjects;

/// <summary>
/// Whether a truck's tank is emptied where that is not permitted: its level falls by more than noise and cooling account for, or its valve is open while it stands, and it is at no registered site for unloading. Where nobody could tell where it
/// was nothing is concluded. A warning of an open valve clears when the valve is shut and the level stays, or at a proper site; a level that has fallen stays fallen, so that warning ends with its case.
/// </summary>
internal sealed class UnloadingWatch
{
    public const string Kind = "unloading-outside-site";
    private const string Model = "unloading/1";

    /// <summary>What the level is compared with: the highest it was, coming down slowly; percent. NaN while no level was heard.</summary>
    private double restPct = double.NaN;

    /// <summary>The temperature that it belongs to; NaN where none was measured.</summary>
    private double restC = double.NaN;
    private double previousPct = double.NaN;
    private double beforePct = double.NaN;
    private long restMs;
    private byte falls;
    private byte opens;

    /// <summary>True where the level may have fallen elsewhere than outside: at a proper site, where nobody could tell, or while nothing was heard.</summary>
    private bool doubtful;

    /// <summary>True where the reading before was outside.</summary>
    private bool wasOutside;

    /// <summary>True while a warning is open because of this watch, and whether the level fell in it.</summary>
    private bool warned;
    private bool fell;

    /// <summary>The level that the fall began at, percent.</summary>
    private double fromPct;

    /// <summary>Since when the valve is shut and the level stays, ms; 0 while that is not so.</summary>
    private long stableMs;

    /// <summary>Takes in a reading that is the truck's newest.</summary>
    /// <returns>True where it was found that the tank was emptied at a site where that is permitted: once for each fall.</returns>
    public bool Handle(scoped in Turn turn, scoped in Message message, scoped in TruckReading truck, ref OpenWarnings? warnings)
    {
        UnloadingRules rules = turn.Rules.Unloading;
        if (warned && warnings?.Find(Kind) is null)
        {
            // Its case was closed: from here on it is a new matter.
            warned = false;
            Rest(truck.Tank.LevelPct, truck.Tank.TemperatureC, message.Header.AtMs);
        }

        bool standing = truck.SpeedTenthKmh >= 0 && truck.SpeedTenthKmh <= turn.Rules.TankLimits.ValveStandingKmh * 10;
        bool outside = truck.Site.LookUp == SiteLookUp.Nowhere || (truck.Site.LookUp == SiteLookUp.AtSite && !UnloadingRules.Permits(truck.Site.Uses));
        bool proper = truck.Site.LookUp == SiteLookUp.AtSite && !outside;
        bool fallen = HasFallen(truck, message.Header.AtMs, standing, outside, rules);
        wasOutside = outside;
        bool open = truck.Tank.Valve == ValveState.Open && standing && outside && !(truck.Tank.LevelPct < rules.EmptyBelowPct);
        opens = open ? (byte)Math.Min(byte.MaxValue, opens + 1) : (byte)0;
        bool told = fallen && !doubtful;
        if (outside && (told || opens >= rules.Readings))
        {
            if (told)
            {
                fromPct = fell && warned ? fromPct : restPct;
                fell = true;
            }
            else if (!warned)
            {
                fell = false;
            }

            Tell(turn, message, truck, standing, opens >= rules.Readings, told, ref warnings);
            warned = true;
            stableMs = 0;
        }
        else if (warned)
        {
            Settle(turn, message, truck, proper, rules, warnings);
        }

        if (fallen || (truck.Site.LookUp == SiteLookUp.None && falls > 0))
        {
            // Told, or permitted, or nobody knows where it happened: in each case it is over.
            Rest(truck.Tank.LevelPct, truck.Tank.TemperatureC, message.Header.AtMs);
        }

        return fallen && proper;
    }

    /// <summary>True where it is sure that the level has fallen; <see cref="doubtful"/> then says whether it is known where.</summary>
    private bool HasFallen(scoped in TruckReading truck, long atMs, bool standing, bool outside, UnloadingRules rules)
    {
        double level = truck.Tank.LevelPct;
        if (double.IsNaN(level))
        {
            return false;
        }

        if (double.IsNaN(restPct))
        {
            Rest(level, truck.Tank.TemperatureC, atMs);
            return false;
        }

        // Of the last three the one in the middle: a wave in the tank, or a hiccup of the sensor, raises nothing and lowers nothing.
        double middle = Middle(level, previousPct, beforePct);
        (beforePct, previousPct) = (previousPct, level);
        if (double.IsNaN(middle))
        {
            return false;
        }

        if (middle >= restPct)
        {
            (restPct, restC) = (middle, double.IsNaN(truck.Tank.TemperatureC) ? restC : truck.Tank.TemperatureC);
        }

        double cooledC = double.IsNaN(restC) || double.IsNaN(truck.Tank.TemperatureC) ? 0 : restC - truck.Tank.TemperatureC;
        double allowed = (standing ? rules.DropPct : rules.MovingDropPct) + rules.Shrinkage(restPct, cooledC);
        falls = restPct - level > allowed ? (byte)Math.Min(byte.MaxValue, falls + 1) : (byte)0;
        if (falls == 1)
        {
            doubtful = !wasOutside || atMs - restMs > rules.GapS * 1000L;
        }

        doubtful |= !outside;
        if (falls >= rules.Readings)
        {
            return true;
        }

        if (falls == 0)
        {
            double follows = 1 - Logistic.ExpOfNegative(-Math.Max(0, atMs - restMs) / 1000.0 / rules.FollowsS);
            restPct += follows * (middle - restPct);
            double nowC = truck.Tank.TemperatureC;
            restC = double.IsNaN(restC) ? nowC : restC + (double.IsNaN(nowC) ? 0 : follows * (nowC - restC));
        }

        restMs = atMs;
        return false;
    }

    private void Rest(double levelPct, double temperatureC, long atMs)
    {
        restPct = previousPct = beforePct = double.IsNaN(levelPct) ? previousPct : levelPct;
        (restC, restMs, falls) = (temperatureC, atMs, 0);
    }

    private static double Middle(double first, double second, double third) =>
        Math.Max(Math.Min(first, second), Math.Min(Math.Max(first, second), third));

    /// <summary>Ends a warning that only an open valve gave reason for.</summary>
    private void Settle(scoped in Turn turn, scoped in Message message, scoped in TruckReading truck, bool proper, UnloadingRules rules, OpenWarnings? warnings)
    {
        bool stable = truck.Tank.Valve == ValveState.Closed && falls == 0;
        stableMs = !stable ? 0 : stableMs == 0 ? message.Header.AtMs : stableMs;
        if (fell || (!proper && !(stable && message.Header.AtMs - stableMs >= rules.StableS * 1000L)))
        {
            return;
        }

        warned = false;
        warnings?.Clear(turn, ActorKind.Vehicle, Kind, message.Header.AtMs, proper
            ? new Explanation($"Cleared: the truck is at site {Encoding.UTF8.GetString(truck.Site.Id)}, where unloading is permitted, and its level had not fallen.", $"已解除：车辆位于允许卸货的场所{Encoding.UTF8.GetString(truck.Site.Id)}，此前液位未下降。")
            : new Explanation($"Cleared: the valve has been shut for {FigureText.Whole(rules.StableS)} s and the level did not fall.", $"已解除：阀门关闭已满{FigureText.Whole(rules.StableS)}秒，液位未下降。"));
    }

    private void Tell(scoped in Turn turn, scoped in Message message, scoped in TruckReading truck, bool standing, bool valve, bool fallen, ref OpenWarnings? warnings)
    {
        warnings ??= new OpenWarnings();
        UnloadingRules rules = turn.Rules.Unloading;
        if (!warnings.IsToTell(Kind, fallen || !warned, turn.NowMs, rules.UpdateEveryS, message.Header.AtMs))
        {
            return;
        }

        SortedDictionary<string, double> figures = new(StringComparer.Ordinal) { ["permittedDropPct"] = standing ? rules.DropPct : rules.MovingDropPct };
        if (!double.IsNaN(truck.Tank.LevelPct))
        {
            figures["levelPct"] = truck.Tank.LevelPct;
        }

        if (fell)
        {
            figures["fromLevelPct"] = Rounded(fromPct);
            figures["dropPct"] = Rounded(fromPct - previousPct);
        }

        if (truck.SpeedTenthKmh >= 0)
        {
            figures["speedKmh"] = truck.SpeedTenthKmh / 10.0;
        }

        if (truck.Position.IsKnown)
        {
            figures["latitudeDeg"] = truck.Position.LatitudeE6 / 1e6;
            figures["longitudeDeg"] = truck.Position.LongitudeE6 / 1e6;
        }

        warnings.Raise(turn, ActorKind.Vehicle, message, default, new Finding(
            Kind, rules.Severity, rules.Confidence, Model, Explain(truck, standing, valve, rules), figures, "unloading only at a registered unloading site", rules.LegalSource));
    }

    private Explanation Explain(scoped in TruckReading truck, bool standing, bool valve, UnloadingRules rules)
    {
        string site = Encoding.UTF8.GetString(truck.Site.Id);
        bool at = truck.Site.LookUp == SiteLookUp.AtSite;
        string en = at ? $"The truck is at site {site}, where unloading is not permitted" : "The truck is at no registered site";
        string zh = at ? $"车辆位于不允许卸货的场所{site}" : "车辆不在任何已登记场所内";
        en += standing ? ", and stands." : ".";
        zh += standing ? "且已停驶。" : "。";
        if (fell)
        {
            string from = FigureText.Measured(Rounded(fromPct)), to = FigureText.Measured(previousPct), by = FigureText.Measured(Rounded(fromPct - previousPct));
            en += $" Its tank's level fell from {from} % to {to} %, by {by} %, which noise and cooling do not account for. That does not un-happen: the warning ends with its case.";
            zh += $"罐体液位由{from} %降至{to} %，下降{by} %，超出噪声和降温所能解释的范围。液位下降不会自行恢复，本警告随案件办结而结束。";
        }

        if (valve)
        {
            en += " Its valve is open.";
            zh += "阀门处于开启状态。";
        }

        return new Explanation(en + $" Unloading is permitted at registered unloading sites alone ({rules.LegalSource}).", zh + $"仅可在已登记的卸货场所卸货（{rules.LegalSource}）。");
    }

    private static double Rounded(double value) => Math.Round(value, 2, MidpointRounding.AwayFromZero);

    public static void Write(UnloadingWatch? watch, ByteWriter writer)
    {
        writer.WriteBool(watch is not null);
        if (watch is null)
        {
            return;
        }

        writer.WriteDouble(watch.restPct);
        writer.WriteDouble(watch.restC);
        writer.WriteDouble(watch.previousPct);
        writer.WriteDouble(watch.beforePct);
        writer.WriteInt64(watch.restMs);
        writer.WriteByte(watch.falls);
        writer.WriteByte(watch.opens);
        writer.WriteByte((byte)((watch.warned ? 1 : 0) | (watch.fell ? 2 : 0) | (watch.doubtful ? 4 : 0) | (watch.wasOutside ? 8 : 0)));
        writer.WriteDouble(watch.fromPct);
        writer.WriteInt64(watch.stableMs);
    }

    public static UnloadingWatch? Read(scoped ref ByteReader reader)
    {
        if (!reader.ReadBool())
        {
            return null;
        }

        UnloadingWatch watch = new()
        {
            restPct = reader.ReadDouble(),
            restC = reader.ReadDouble(),
            previousPct = reader.ReadDouble(),
            beforePct = reader.ReadDouble(),
            restMs = reader.ReadInt64(),
            falls = reader.ReadByte(),
            opens = reader.ReadByte(),
        };
        byte flags = reader.ReadByte();
        (watch.warned, watch.fell, watch.doubtful, watch.wasOutside) = ((flags & 1) != 0, (flags & 2) != 0, (flags & 4) != 0, (flags & 8) != 0);
        watch.fromPct = reader.ReadDouble();
        watch.stableMs = reader.ReadInt64();
        return watch;
    }
}
