using Streaming.Grains.Messages;
using Streaming.Grains.Turns;
using Streaming.Models.Driving;
using Streaming.Models.Encoding;
using Streaming.Models.Readings;
using Streaming.Models.Wording;

namespace Streaming.Grains.Subjects;

/// <summary>
/// Whether a truck stands with dangerous goods outside every registered place for too long. Where nobody could tell where it is, or nothing was heard for a while, the time begins anew. Cleared when it drives on, is at a registered place, or has
/// nothing on it any more.
/// </summary>
internal sealed class StopWatch
{
    public const string Kind = "hazmat-stop";
    private const string Model = "hazmat-stop/1";

    private long sinceMs;
    private long lastMs;
    private bool warned;

    public static void Hear(scoped in Turn turn, scoped in Message message, scoped in TruckReading truck, scoped in TripView view, ref StopWatch? watch, ref OpenWarnings? warnings)
    {
        if (turn.Rules.Vehicles.Stops is not { } rules || truck.SpeedTenthKmh < 0)
        {
            return;
        }

        bool loaded = view.IsHazmat && TripView.IsLoaded(truck, rules.LoadedFromPct);
        bool outside = truck.Site.LookUp == SiteLookUp.Nowhere;
        if (truck.SpeedTenthKmh > rules.MovingAboveKmh * 10 || !outside || !loaded)
        {
            if (watch?.warned == true && !(truck.Site.LookUp == SiteLookUp.None && truck.SpeedTenthKmh <= rules.MovingAboveKmh * 10 && loaded))
            {
                watch.Clear(turn, message.Header.AtMs, truck, loaded, warnings);
            }

            watch = watch?.warned == true ? watch : null;
            return;
        }

        if (watch is null && truck.SpeedTenthKmh > rules.StandingKmh * 10)
        {
            return;
        }

        watch ??= new StopWatch { sinceMs = message.Header.AtMs, lastMs = message.Header.AtMs };
        watch.Stand(turn, message, truck, rules, ref warnings);
    }

    private void Stand(scoped in Turn turn, scoped in Message message, scoped in TruckReading truck, StopRules rules, ref OpenWarnings? warnings)
    {
        long atMs = message.Header.AtMs;
        sinceMs = atMs - lastMs > rules.GapS * 1000L ? atMs : sinceMs;
        lastMs = atMs;
        if (atMs - sinceMs < rules.AfterS * 1000L)
        {
            return;
        }

        warnings ??= new OpenWarnings();
        if (!warnings.IsToTell(Kind, !warned, turn.NowMs, rules.UpdateEveryS, atMs))
        {
            return;
        }

        warned = true;
        string since = FigureText.Time(sinceMs), stood = FigureText.Whole((atMs - sinceMs) / 60_000), most = FigureText.Measured(rules.AfterS / 60.0);
        SortedDictionary<string, double> figures = new(StringComparer.Ordinal) { ["standingMin"] = Math.Round((atMs - sinceMs) / 60_000.0, 1, MidpointRounding.AwayFromZero), ["limitMin"] = rules.AfterS / 60.0 };
        if (!double.IsNaN(truck.Tank.LevelPct))
        {
            figures["levelPct"] = truck.Tank.LevelPct;
        }

        if (truck.Position.IsKnown)
        {
            figures["latitudeDeg"] = truck.Position.LatitudeE6 / 1e6;
            figures["longitudeDeg"] = truck.Position.LongitudeE6 / 1e6;
        }

        warnings.Raise(turn, ActorKind.Vehicle, message, default, new Finding(
            Kind,
            rules.Severity,
            rules.Confidence,
            Model,
            new Explanation(
                $"The truck has stood with dangerous goods at no registered place since {since}, {stood} min; {most} min are allowed ({rules.LegalSource}). Nothing says why: it may have broken down.",
                $"车辆自{since}起载有危险货物停于已登记场所之外，已{stood}分钟，限值{most}分钟（{rules.LegalSource}）。原因不明，可能为车辆故障。"),
            figures,
            $"{most} min outside registered places",
            rules.LegalSource));
    }

    private void Clear(scoped in Turn turn, long atMs, scoped in TruckReading truck, bool loaded, OpenWarnings? warnings)
    {
        warned = false;
        warnings?.Clear(turn, ActorKind.Vehicle, Kind, atMs, !loaded ? new Explanation("Cleared: there are no dangerous goods on the truck any more.", "已解除：车辆已无危险货物。")
            : truck.Site.LookUp == SiteLookUp.AtSite ? new Explanation($"Cleared: the truck is at the registered place {System.Text.Encoding.UTF8.GetString(truck.Site.Id)}.", $"已解除：车辆位于已登记场所{System.Text.Encoding.UTF8.GetString(truck.Site.Id)}。")
            : new Explanation("Cleared: the truck has driven on.", "已解除：车辆已驶离。"));
    }

    public static void Write(StopWatch? watch, ByteWriter writer)
    {
        writer.WriteBool(watch is not null);
        if (watch is not null)
        {
            writer.WriteInt64(watch.sinceMs);
            writer.WriteInt64(watch.lastMs);
            writer.WriteBool(watch.warned);
        }
    }

    public static StopWatch? Read(scoped ref ByteReader reader) => !reader.ReadBool() ? null : new StopWatch { sinceMs = reader.ReadInt64(), lastMs = reader.ReadInt64(), warned = reader.ReadBool() };
}
