using Streaming.Ingest.City;

namespace Streaming.Silo.Bench.Quality.Scenarios;

/// <summary>
/// A weigh station that falls silent, is late, sends what does not fit, has a clock that is ahead, a calibration that has run out or a scale that has drifted, for hours. Near misses have the same to a degree that the rules let pass. Its plates
/// are not read, so that nothing is said of vehicles.
/// </summary>
internal sealed class SourceHealth : Scenario
{
    private const long EveryMs = 80_000;
    private const long Minute = 60_000;
    private const int Reports = 360;
    private const int Begins = 120;
    private const int Ends = 340;
    private const int SilentAfterS = 1_800;

    /// <summary>A combination of five axles whose front axle then carries 4.6 t, kg.</summary>
    private const double GrossKg = 20_000;

    /// <summary>In the order of <see cref="Fault"/>.</summary>
    private static readonly string[] Kinds = ["source-silence", "source-lateness", "source-rejects", "clock-off", "calibration-expired", "calibration-drift"];

    private enum Fault
    {
        Silence,
        Lateness,
        Rejects,
        Clock,
        Calibration,
        Drift,
    }

    public override string Kind => "source-health";

    /// <summary>Shares are those of windows of an hour, and it takes two.</summary>
    public override TimeSpan Slack => TimeSpan.FromHours(1.5);

    public override bool Matches(string warningKind) => Kinds.Contains(warningKind, StringComparer.Ordinal);

    protected override Truth PlayTruth(CityPlay city, Chance chance, int number)
    {
        Fault fault = (Fault)(number % Kinds.Length);
        return Play(city, chance, fault, isTrue: true, fault switch
        {
            Fault.Silence => chance.Between(1.3, 8),
            Fault.Lateness => chance.Between(0.65, 1),
            Fault.Rejects => chance.Between(0.16, 0.6),
            Fault.Clock => chance.Between(1.5, 8),
            Fault.Calibration => 0,
            _ => chance.Happens(0.5) ? chance.Between(0.65, 0.76) : chance.Between(1.3, 1.5),
        });
    }

    protected override void PlayNearMiss(CityPlay city, Chance chance, int number)
    {
        Fault fault = (Fault)(number % Kinds.Length);
        Play(city, chance, fault, isTrue: false, fault switch
        {
            Fault.Silence => chance.Between(0.3, 0.85),
            Fault.Lateness => chance.Between(0.1, 0.35),
            Fault.Rejects => chance.Between(0.01, 0.06),
            Fault.Clock => chance.Between(0.1, 0.85),
            Fault.Calibration => chance.Between(8, 200),
            _ => chance.Between(0.92, 1.08),
        });
    }

    /// <param name="degree">Of silence in times of what is allowed, of lateness and what does not fit as a share, of the clock in minutes ahead, of the calibration in days that it holds beyond, of the scale as what it makes of a mass.</param>
    private Truth Play(CityPlay city, Chance chance, Fault fault, bool isTrue, double degree)
    {
        string station = city.NewName("station-");
        CityTruckType type = city.City.Fleet.Types.First(each => each.Axles.Count == 5);
        long fromMs = CityPlay.Moment(chance, CityPlay.Days - 2);
        long beginsMs = fromMs + (Begins * EveryMs);
        city.Watch(station, fault == Fault.Silence ? SilentAfterS : null);

        // When the play is over nothing comes any more.
        city.Add(new Truth(Kind, fromMs + (Reports * EveryMs), long.MaxValue / 2, station) { IsApart = true });
        if (fault == Fault.Calibration)
        {
            city.Register("stations", null, ("id", station), ("calibrated", "2025-11-01"), ("calibrationDue", CityPayloads.Time(beginsMs + (long)(degree * CityPlay.DayMs))));
        }

        Truth truth = new(Kind, beginsMs, fromMs + (Ends * EveryMs), station) { Needed = fault is Fault.Silence or Fault.Calibration ? 0 : 20 };
        if (isTrue)
        {
            city.Add(truth);
        }

        int silentUntil = Begins + (int)(degree * SilentAfterS * 1000 / EveryMs);
        for (int i = 0; i < Reports; i++)
        {
            bool during = i >= Begins && i < Ends;
            if (fault == Fault.Silence && i >= Begins && i < silentUntil)
            {
                continue;
            }

            long atMs = fromMs + (i * EveryMs);
            Delivery delivery = (during ? fault : Fault.Silence) switch
            {
                Fault.Lateness when chance.Happens(degree) => city.WeighUnread(chance, station, type, GrossKg, atMs, heldMs: (long)(chance.Between(2, 9) * Minute)),
                Fault.Rejects when chance.Happens(degree) => city.SendBroken(chance, station, atMs),
                Fault.Clock => city.WeighUnread(chance, station, type, GrossKg, atMs, aheadMs: (long)(degree * Minute)),
                Fault.Drift => city.WeighUnread(chance, station, type, GrossKg * degree, atMs, shares: Noise.Shares(type, GrossKg)),
                _ => city.WeighUnread(chance, station, type, GrossKg, atMs),
            };
            truth.Show(during && delivery != Delivery.Lost);
        }

        return truth;
    }
}
