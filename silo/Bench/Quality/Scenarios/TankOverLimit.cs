using Streaming.Models.Tanks;

namespace Streaming.Silo.Bench.Quality.Scenarios;

/// <summary>
/// A figure of a tank that rises over its limit, stays there and falls back. Near misses come near the limit and turn, or have one reading that is nothing but a fault of the sensor: such a one cannot be told from the truth by a limit alone, so some
/// warnings of it have to be false.
/// </summary>
internal sealed class TankOverLimit : Scenario
{
    private const int GlitchEvery = 12;
    private static readonly TankFigure[] OfTruck = [TankFigure.Pressure, TankFigure.Temperature];
    private static readonly TankFigure[] OfPlant = [TankFigure.Pressure, TankFigure.Temperature, TankFigure.Level, TankFigure.ToxicGas, TankFigure.CombustibleGas];

    public override string Kind => "tank-limits";

    public override bool Matches(string warningKind) => OfPlant.Any(figure => figure.Kind() == warningKind);

    protected override Truth PlayTruth(CityPlay city, Chance chance, int number)
    {
        (PlayedTank tank, TankFigure figure, TankThresholds limits) = Draw(city, chance, number);
        double high = limits.High!.Value;
        double peak = Math.Min(high * chance.Between(1.06, 1.25), figure == TankFigure.Level ? 99 : double.MaxValue);
        Course course = new(CityPlay.Moment(chance), tank.Usual(figure), peak, chance);
        Truth truth = city.Add(new Truth(Kind, course.Reaches(high), course.LeavesMs(high - limits.Hysteresis), tank.Subject));
        Tolerate(city, course, tank.Subject);
        for (long atMs = course.FromMs; atMs <= course.ToMs; atMs += PlayedTank.EveryMs)
        {
            double value = course.At(atMs);
            Delivery delivery = tank.Report(city, chance, tank.Measure(chance, figure, value, high), atMs);
            truth.Show(value >= high && delivery == Delivery.InTime);
        }

        return truth;
    }

    protected override void PlayNearMiss(CityPlay city, Chance chance, int number)
    {
        (PlayedTank tank, TankFigure figure, TankThresholds limits) = Draw(city, chance, number);
        double high = limits.High!.Value;
        bool glitches = number % GlitchEvery == 0;
        double peak = Math.Max(tank.Usual(figure), high - ((glitches ? 20 : chance.Between(3, 8)) * PlayedTank.NoiseOf(figure, high)));
        Course course = new(CityPlay.Moment(chance), tank.Usual(figure), peak, chance);
        Tolerate(city, course, tank.Subject);
        long glitchMs = glitches ? course.FromMs + (course.Steps(0.5) * PlayedTank.EveryMs) : 0;
        for (long atMs = course.FromMs; atMs <= course.ToMs; atMs += PlayedTank.EveryMs)
        {
            double value = atMs == glitchMs ? high * 1.08 : course.At(atMs);
            tank.Report(city, chance, tank.Measure(chance, figure, value, high), atMs);
        }
    }

    /// <summary>Of a figure on its way to a limit a forecast may be made, and it may be called unusual.</summary>
    private static void Tolerate(CityPlay city, Course course, string subject)
    {
        city.Add(new Truth(TankForecast.Name, course.FromMs, course.ToMs, subject) { Wanted = false });
        city.Add(new Truth(TankAnomaly.Name, course.FromMs, course.ToMs, subject) { Wanted = false });
    }

    private static (PlayedTank Tank, TankFigure Figure, TankThresholds Limits) Draw(CityPlay city, Chance chance, int number)
    {
        while (true)
        {
            PlayedTank tank = number % 2 == 0 ? PlayedTank.OnTruck(city, chance) : PlayedTank.InPlant(city, chance);
            TankFigure figure = chance.Of(tank.IsTruck ? OfTruck : OfPlant);
            if (city.Rulebook.TankLimits.Of($"{tank.Subject}/{tank.Unit}", tank.Substance).Of(figure) is { High: not null } limits)
            {
                return (tank, figure, limits);
            }
        }
    }

    /// <summary>A value that stays for a while, rises evenly, stays again, falls evenly, stays.</summary>
    internal sealed class Course
    {
        private readonly double usual;
        private readonly double peak;
        private readonly long riseMs;
        private readonly long topMs;
        private readonly long fallMs;
        private readonly long restMs;

        public Course(long fromMs, double usual, double peak, Chance chance)
        {
            (FromMs, this.usual, this.peak) = (fromMs, usual, peak);
            riseMs = fromMs + (PlayedTank.EveryMs * 20);
            topMs = riseMs + (PlayedTank.EveryMs * (20 + chance.Below(40)));
            fallMs = topMs + (PlayedTank.EveryMs * (10 + chance.Below(30)));
            restMs = fallMs + (PlayedTank.EveryMs * (10 + chance.Below(20)));
            ToMs = restMs + (PlayedTank.EveryMs * 15);
        }

        public long FromMs { get; }

        public long ToMs { get; }

        /// <summary>How many reports a part of it takes.</summary>
        public long Steps(double part) => (long)((ToMs - FromMs) / PlayedTank.EveryMs * part);

        public double At(long ms) =>
            ms <= riseMs ? usual
            : ms <= topMs ? usual + ((peak - usual) * (ms - riseMs) / (topMs - riseMs))
            : ms <= fallMs ? peak
            : ms <= restMs ? peak - ((peak - usual) * (ms - fallMs) / (restMs - fallMs))
            : usual;

        /// <summary>When it reaches a value on its way up, ms.</summary>
        public long Reaches(double value) => riseMs + (long)((topMs - riseMs) * (value - usual) / (peak - usual));

        /// <summary>When it comes back to a value, ms.</summary>
        public long LeavesMs(double value) => fallMs + (long)((restMs - fallMs) * (peak - value) / (peak - usual));
    }
}
