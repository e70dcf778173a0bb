using System.Text;
using Streaming.Grains.Messages;
using Streaming.Grains.Turns;
using Streaming.Models.Driving;
using Streaming.Models.Encoding;
using Streaming.Models.Readings;
using Streaming.Models.Wording;

namespace Streaming.Grains.Subjects;

/// <summary>
/// Whether a truck of dangerous goods falls silent on its way: it moved when it was last heard of, with a load or on a registered waybill, and at no registered site. One reminder waits for it and is not moved by further readings; where it comes
/// early it is set to when silence would begin. One that comes late says that the process did not run: the truck gets its time once more. Cleared by the next reading.
/// </summary>
internal sealed class SilenceWatch
{
    public const string Kind = "telemetry-silence";
    public const string Reminder = "telemetry-silence";
    private const string Model = "telemetry-silence/1";

    /// <summary>When the newest reading came in, by the turn's time, ms.</summary>
    private long heardMs;

    /// <summary>When the reminder is due, ms; 0 while there is none.</summary>
    private long dueMs;

    private bool underWay;
    private bool warned;

    /// <summary>District of the source that was heard last, UTF-8.</summary>
    private byte[] district = [];

    public static void Hear(scoped in Turn turn, scoped in Message message, scoped in TruckReading truck, scoped in TripView view, ref SilenceWatch? watch, ref OpenWarnings? warnings)
    {
        SilenceRules? rules = turn.Rules.Vehicles.Silence;
        bool underWay = rules is not null && view.IsHazmat && truck.SpeedTenthKmh > rules.MovingAboveKmh * 10 && truck.Site.LookUp != SiteLookUp.AtSite
            && (TripView.IsLoaded(truck, rules.LoadedFromPct) || view.OnWaybill);
        if (watch is null && !underWay)
        {
            return;
        }

        (watch ??= new SilenceWatch()).Take(turn, message, underWay, rules, warnings);
    }

    private void Take(scoped in Turn turn, scoped in Message message, bool isUnderWay, SilenceRules? rules, OpenWarnings? warnings)
    {
        if (warned)
        {
            warned = false;
            string minutes = FigureText.Whole(Math.Max(0, turn.NowMs - heardMs) / 60_000);
            warnings?.Clear(turn, ActorKind.Vehicle, Kind, message.Header.AtMs, new Explanation($"Cleared: the truck is heard of again, after {minutes} min.", $"已解除：{minutes}分钟后恢复上报。"));
        }

        (heardMs, underWay) = (turn.NowMs, isUnderWay);
        if (!message.Origin.District.SequenceEqual(district))
        {
            district = message.Origin.District.ToArray();
        }

        if (underWay && dueMs == 0)
        {
            Wait(turn, heardMs + (rules!.AfterS * 1000L));
        }
    }

    private void Wait(scoped in Turn turn, long untilMs)
    {
        dueMs = untilMs;
        turn.Effects.RemindAt(Reminder, untilMs);
    }

    /// <summary>The reminder has come.</summary>
    public void Remind(scoped in Turn turn, scoped in KeptReading last, ref OpenWarnings? warnings)
    {
        long lateMs = turn.NowMs - dueMs;
        dueMs = 0;
        if (!underWay || turn.Rules.Vehicles.Silence is not { } rules || !last.IsKept)
        {
            return;
        }

        long endMs = heardMs + (rules.AfterS * 1000L);
        if (turn.NowMs < endMs)
        {
            Wait(turn, endMs);
            return;
        }

        if (lateMs > GrainLimits.SilenceLateMs)
        {
            heardMs = turn.NowMs;
            Wait(turn, turn.NowMs + (rules.AfterS * 1000L));
            return;
        }

        underWay = false;
        warned = true;
        warnings ??= new OpenWarnings();
        warnings.Raise(turn, ActorKind.Vehicle, new CitedReading(Encoding.UTF8.GetString(last.Source), Encoding.UTF8.GetString(last.Id), DateTimeOffset.FromUnixTimeMilliseconds(last.AtMs)), Encoding.UTF8.GetString(district), endMs, Find(last, rules));
    }

    private Finding Find(scoped in KeptReading last, SilenceRules rules)
    {
        ByteReader reader = new(last.Body);
        TruckReading truck = TruckReading.Read(ref reader);
        string at = FigureText.Time(last.AtMs), speed = FigureText.Measured(truck.SpeedTenthKmh / 10.0), most = FigureText.Measured(rules.AfterS / 60.0);
        SortedDictionary<string, double> figures = new(StringComparer.Ordinal) { ["silentMin"] = rules.AfterS / 60.0, ["speedKmh"] = truck.SpeedTenthKmh / 10.0 };
        if (truck.Position.IsKnown)
        {
            figures["latitudeDeg"] = truck.Position.LatitudeE6 / 1e6;
            figures["longitudeDeg"] = truck.Position.LongitudeE6 / 1e6;
        }

        return new Finding(
            Kind,
            rules.Severity,
            rules.Confidence,
            Model,
            new Explanation(
                $"The truck drove at {speed} km/h with dangerous goods when it was last heard of, at {at}; since then nothing came for {most} min ({rules.LegalSource}). The network may be the cause as well as the truck.",
                $"车辆载有危险货物，最后一次上报时间{at}，车速{speed} km/h；此后{most}分钟无任何数据（{rules.LegalSource}）。原因可能在车辆，也可能在网络。"),
            figures,
            $"a reading within {most} min",
            rules.LegalSource);
    }

    public static void Write(SilenceWatch? watch, ByteWriter writer)
    {
        writer.WriteBool(watch is not null);
        if (watch is not null)
        {
            writer.WriteInt64(watch.heardMs);
            writer.WriteInt64(watch.dueMs);
            writer.WriteByte((byte)((watch.underWay ? 1 : 0) | (watch.warned ? 2 : 0)));
            writer.WriteBytes(watch.district);
        }
    }

    public static SilenceWatch? Read(scoped ref ByteReader reader)
    {
        if (!reader.ReadBool())
        {
            return null;
        }

        SilenceWatch watch = new() { heardMs = reader.ReadInt64(), dueMs = reader.ReadInt64() };
        byte flags = reader.ReadByte();
        (watch.underWay, watch.warned) = ((flags & 1) != 0, (flags & 2) != 0);
        byte[] district = reader.ReadBytes().ToArray();
        watch.district = district;
        return watch;
    }
}
