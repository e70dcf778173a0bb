using Streaming.Grains.Messages;
using Streaming.Grains.Turns;
using Streaming.Models.Driving;
using Streaming.Models.Encoding;
using Streaming.Models.Readings;

namespace Streaming.Grains.Subjects;

/// <summary>What the watches over a truck on the road are given with one reading, beside the reading itself.</summary>
internal readonly ref struct TripView
{
    private const long DayMinutes = 24 * 60;

    public TripView(scoped in Turn turn, long atMs, VehicleRegistration? registration, WaybillWatch? waybills)
    {
        AtMs = atMs;
        Registration = registration;
        OnWaybill = waybills?.CoversAt(atMs, turn.Rules.Waybills) == true;
        long minute = ((atMs / 60_000) + turn.Rules.Calendar.UtcOffsetMinutes) % DayMinutes;
        Minute = (int)(minute < 0 ? minute + DayMinutes : minute);
        IsHazmat = registration?.HazmatAt(atMs) ?? true;
        Whom = (IsHazmat ? 1u : 0) | (registration?.BuildAt(atMs).Class is { } built and not VehicleClass.Unknown ? 1u << (int)built : 0);
    }

    public long AtMs { get; }

    public VehicleRegistration? Registration { get; }

    /// <summary>True where a registered waybill covers the time.</summary>
    public bool OnWaybill { get; }

    /// <summary>Minute of the local day.</summary>
    public int Minute { get; }

    /// <summary>False where the register says that it is not licensed for dangerous goods. Who reports as a truck of dangerous goods is one otherwise.</summary>
    public bool IsHazmat { get; }

    /// <summary>Whom of zones it is: <see cref="ZoneReference.For"/>.</summary>
    public uint Whom { get; }

    /// <summary>True where a tank has something in it; an unknown content is none.</summary>
    public static bool IsLoaded(scoped in TruckReading truck, double fromPct) => truck.Tank.LevelPct >= fromPct || (double.IsNaN(truck.Tank.LevelPct) && truck.Tank.MassKg > 0);
}

/// <summary>
/// A truck on the road, by its telemetry in the order of time: closed zones, speed, driving time, the terminal's alarms, stops, silence. Each watch is made when it has something to remember, and a reading that gives no reason for anything allocates nothing.
/// </summary>
internal sealed class TripWatch
{
    private ZoneWatch? zone;
    private SpeedWatch? speed;
    private DrivingTimeWatch? driving;
    private AlarmWatch? alarms;
    private StopWatch? stop;
    private SilenceWatch? silence;

    /// <summary>Takes in a reading that is the truck's newest.</summary>
    public static void Hear(scoped in Turn turn, scoped in Message message, scoped in TruckReading truck, VehicleRegistration? registration, WaybillWatch? waybills, ref TripWatch? watch, ref OpenWarnings? warnings)
    {
        VehicleRules rules = turn.Rules.Vehicles;
        if (watch is null && !rules.JudgesTelemetry)
        {
            return;
        }

        watch ??= new TripWatch();
        scoped TripView view = new(turn, message.Header.AtMs, registration, waybills);
        ZoneWatch.Hear(turn, message, truck, view, ref watch.zone, ref warnings);
        SpeedWatch.Hear(turn, message, truck, view, ref watch.speed, ref warnings);
        uint risen = AlarmWatch.Hear(turn, message, truck, ref watch.alarms, ref warnings);
        DrivingTimeWatch.Hear(turn, message, truck, risen, ref watch.driving, ref warnings);
        StopWatch.Hear(turn, message, truck, view, ref watch.stop, ref warnings);
        SilenceWatch.Hear(turn, message, truck, view, ref watch.silence, ref warnings);
    }

    /// <summary>The time for a next reading is over.</summary>
    /// <param name="turn">The turn.</param>
    /// <param name="last">The truck's newest reading.</param>
    /// <param name="warnings">The vehicle's warnings.</param>
    public void Remind(scoped in Turn turn, scoped in KeptReading last, ref OpenWarnings? warnings) => silence?.Remind(turn, last, ref warnings);

    /// <summary>A register has changed: what a permit or licence now allows is cleared.</summary>
    public void Reconsider(scoped in Turn turn, EntryChanged changed, VehicleRegistration? registration, OpenWarnings? warnings) => zone?.Reconsider(turn, changed, registration, warnings);

    public static void Write(TripWatch? watch, ByteWriter writer)
    {
        writer.WriteBool(watch is not null);
        if (watch is null)
        {
            return;
        }

        ZoneWatch.Write(watch.zone, writer);
        SpeedWatch.Write(watch.speed, writer);
        DrivingTimeWatch.Write(watch.driving, writer);
        AlarmWatch.Write(watch.alarms, writer);
        StopWatch.Write(watch.stop, writer);
        SilenceWatch.Write(watch.silence, writer);
    }

    public static TripWatch? Read(scoped ref ByteReader reader) => !reader.ReadBool() ? null : new TripWatch
    {
        zone = ZoneWatch.Read(ref reader),
        speed = SpeedWatch.Read(ref reader),
        driving = DrivingTimeWatch.Read(ref reader),
        alarms = AlarmWatch.Read(ref reader),
        stop = StopWatch.Read(ref reader),
        silence = SilenceWatch.Read(ref reader),
    };
}
