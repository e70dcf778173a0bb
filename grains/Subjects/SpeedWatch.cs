using System.Text;
using Streaming.Grains.Messages;
using Streaming.Grains.Turns;
using Streaming.Models.Driving;
using Streaming.Models.Encoding;
using Streaming.Models.Readings;
using Streaming.Models.Wording;

namespace Streaming.Grains.Subjects;

/// <summary>Whether a truck of dangerous goods drives faster than it may, by several readings in a row. Cleared once it is below the limit by the hysteresis.</summary>
internal sealed class SpeedWatch
{
    public const string Kind = "speed";
    private const string Model = "speed/1";

    /// <summary>Readings in a row over the limit, when the first and the last of them were, and the fastest.</summary>
    private byte over;
    private long sinceMs;
    private long lastMs;
    private int fastestTenthKmh;

    public static void Hear(scoped in Turn turn, scoped in Message message, scoped in TruckReading truck, scoped in TripView view, ref SpeedWatch? watch, ref OpenWarnings? warnings)
    {
        if (turn.Rules.Vehicles.Speed is not { } rules || truck.SpeedTenthKmh < 0 || !view.IsHazmat)
        {
            return;
        }

        int limitKmh = rules.LimitKmh(truck.Around, view.Minute, view.Whom, out SpeedBasis basis);
        double speedKmh = truck.SpeedTenthKmh / 10.0;
        if (speedKmh <= limitKmh + rules.ToleranceKmh)
        {
            if (watch is null)
            {
                return;
            }

            watch.over = 0;
            if (speedKmh <= limitKmh - rules.HysteresisKmh)
            {
                watch = null;
                warnings?.Clear(turn, ActorKind.Vehicle, Kind, message.Header.AtMs, new Explanation(
                    $"Cleared: the truck drives at {FigureText.Measured(speedKmh)} km/h, within {FigureText.Whole(limitKmh)} km/h.", $"已解除：车速{FigureText.Measured(speedKmh)} km/h，未超过{FigureText.Whole(limitKmh)} km/h。"));
            }

            return;
        }

        (watch ??= new SpeedWatch()).Exceed(turn, message, truck, rules, limitKmh, basis, ref warnings);
    }

    private void Exceed(scoped in Turn turn, scoped in Message message, scoped in TruckReading truck, SpeedRules rules, int limitKmh, SpeedBasis basis, ref OpenWarnings? warnings)
    {
        long atMs = message.Header.AtMs;
        if (over == 0 || atMs - lastMs > rules.WithinS * 1000L)
        {
            (over, sinceMs, fastestTenthKmh) = (0, atMs, 0);
        }

        over = (byte)Math.Min(byte.MaxValue, over + 1);
        lastMs = atMs;
        fastestTenthKmh = Math.Max(fastestTenthKmh, truck.SpeedTenthKmh);
        if (over < rules.Readings || atMs - sinceMs < rules.ForS * 1000L)
        {
            return;
        }

        warnings ??= new OpenWarnings();
        double speedKmh = truck.SpeedTenthKmh / 10.0;
        double overPct = Math.Round((speedKmh - limitKmh) * 100 / limitKmh, 1, MidpointRounding.AwayFromZero);
        int severity = overPct > rules.GraveFromPct ? Math.Max(rules.Severity, rules.GraveSeverity) : rules.Severity;
        if (!warnings.IsToTell(Kind, severity > warnings.Find(Kind)?.Severity, turn.NowMs, rules.UpdateEveryS, atMs))
        {
            return;
        }

        (string en, string zh) = Words(truck, basis);
        string speed = FigureText.Measured(speedKmh), limit = FigureText.Whole(limitKmh), fastest = FigureText.Measured(fastestTenthKmh / 10.0), forS = FigureText.Measured((atMs - sinceMs) / 1000.0), readings = FigureText.Whole(over);
        warnings.Raise(turn, ActorKind.Vehicle, message, default, new Finding(
            Kind,
            severity,
            rules.Confidence,
            Model,
            new Explanation(
                $"The truck of dangerous goods drives at {speed} km/h, {FigureText.Measured(overPct)} % over the limit of {limit} km/h {en} ({rules.LegalSource}). It was over the limit in {readings} readings in a row, for {forS} s; the fastest was {fastest} km/h, by the truck's own receiver.",
                $"危险货物运输车辆车速{speed} km/h，超过限速{limit} km/h（{zh}）{FigureText.Measured(overPct)} %（{rules.LegalSource}）。连续{readings}条读数超速，持续{forS}秒，最高{fastest} km/h（车载卫星定位）。"),
            new SortedDictionary<string, double>(StringComparer.Ordinal) { ["speedKmh"] = speedKmh, ["limitKmh"] = limitKmh, ["overPct"] = overPct, ["fastestKmh"] = fastestTenthKmh / 10.0, ["forS"] = (atMs - sinceMs) / 1000.0 },
            $"{limit} km/h",
            rules.LegalSource));
    }

    private static (string En, string Zh) Words(scoped in TruckReading truck, SpeedBasis basis)
    {
        string road = Encoding.UTF8.GetString(truck.Around.RoadId);
        return basis switch
        {
            SpeedBasis.Expressway => ($"on the expressway {road}", $"高速公路{road}"),
            SpeedBasis.OtherRoad => ($"on the road {road}, which is no expressway", $"非高速公路{road}"),
            SpeedBasis.Posted => ($"posted on the road {road}", $"道路{road}标明限速"),
            SpeedBasis.Zone => ("of the zone that it is in", "所在区域限速"),
            _ => ("of expressways, as it is not known which road it is on", "所在道路未知，按高速公路限速"),
        };
    }

    public static void Write(SpeedWatch? watch, ByteWriter writer)
    {
        writer.WriteBool(watch is not null);
        if (watch is not null)
        {
            writer.WriteByte(watch.over);
            writer.WriteInt64(watch.sinceMs);
            writer.WriteInt64(watch.lastMs);
            writer.WriteVar((uint)watch.fastestTenthKmh);
        }
    }

    public static SpeedWatch? Read(scoped ref ByteReader reader) => !reader.ReadBool() ? null : new SpeedWatch
    {
        over = reader.ReadByte(),
        sinceMs = reader.ReadInt64(),
        lastMs = reader.ReadInt64(),
        fastestTenthKmh = (int)reader.ReadVar(),
    };
}
