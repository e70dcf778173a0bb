using Streaming.Ingest.City;

namespace Streaming.Silo.Bench.Quality.Scenarios;

/// <summary>
/// An enterprise whose tank and ledger part: mass goes and no line says where, or a receipt is entered that did not come in whole. Before, it receives, uses, ships and takes stock every morning, in order. Near misses have lines that come hours late, and what meters and
/// evaporation make of a tank.
/// </summary>
internal sealed class EnterpriseBalance : Scenario
{
    private const long EveryMs = 30 * 60_000;
    private const int ADay = 48;
    private const int Reports = 4 * ADay;
    private const int GoesAt = 2 * ADay;
    private const int GoesFor = 6;
    private const double FullKg = 60_000;
    private const double LotKg = 15_000;
    private const double MeterDeviation = 0.002;

    public override string Kind => "enterprise-balance";

    /// <summary>A balance may be struck once a day.</summary>
    public override TimeSpan Slack => TimeSpan.FromHours(24);

    public override double NearMisses => 0.5;

    public override bool Matches(string warningKind) => warningKind.Contains("balance", StringComparison.Ordinal);

    protected override Truth PlayTruth(CityPlay city, Chance chance, int number)
    {
        string enterprise = city.NewName("9144120B");
        long beginsMs = CityPlay.StartMs + (GoesAt * EveryMs);
        Truth truth = city.Add(new Truth(Kind, beginsMs, beginsMs + ((GoesFor + 12) * EveryMs), enterprise) { Needed = 8 });
        Play(city, chance, enterprise, FullKg * chance.Between(0.08, 0.2), number % 2 == 0, lateLines: false, truth);
        return truth;
    }

    protected override void PlayNearMiss(CityPlay city, Chance chance, int number) => Play(city, chance, city.NewName("9144120B"), FullKg * 0.002, false, lateLines: number % 2 == 0, null);

    /// <param name="goneKg">What the tank lacks in the end.</param>
    /// <param name="overstated">True where it was entered as received, false where it went unsaid.</param>
    private void Play(CityPlay city, Chance chance, string enterprise, double goneKg, bool overstated, bool lateLines, Truth? truth)
    {
        const string Substance = "UN1230";
        city.Add(new Truth(TankAnomaly.Name, CityPlay.StartMs, CityPlay.StartMs + (Reports * EveryMs), enterprise) { Wanted = false });
        double massKg = FullKg;
        for (int i = 0; i < Reports; i++)
        {
            long atMs = CityPlay.StartMs + (i * EveryMs);
            long heldMs = lateLines ? (long)(chance.Between(1, 6) * 3_600_000) : 0;
            if (i % ADay == 0)
            {
                // Stock is taken every morning, by the meter of the tank.
                city.Enter(chance, enterprise, "store", Substance, massKg * (1 + (MeterDeviation * chance.Normal())), atMs);
            }
            else if (i % ADay == 10)
            {
                bool cheats = overstated && i > GoesAt && i < GoesAt + ADay;
                massKg += LotKg - (cheats ? goneKg : 0);
                city.Enter(chance, enterprise, "receive", Substance, LotKg, atMs, "9144120S000001", heldMs: heldMs);
            }
            else if (i % ADay == 30)
            {
                massKg -= LotKg * 0.6;
                city.Enter(chance, enterprise, "ship", Substance, LotKg * 0.6, atMs, "9144120S000002", heldMs: heldMs);
            }
            else if (i % 8 == 4)
            {
                massKg -= LotKg * 0.4 / 6;
                city.Enter(chance, enterprise, "use", Substance, LotKg * 0.4 / 6, atMs, heldMs: heldMs);
            }

            massKg -= !overstated && i >= GoesAt && i < GoesAt + GoesFor ? goneKg / GoesFor : 0;
            TankState tank = new(5, 25 + (0.2 * chance.Normal()), Math.Clamp(massKg / FullKg * 60, 0, 85), massKg * (1 + (MeterDeviation * chance.Normal())), null, null);
            Delivery delivery = city.Telemeter(chance, enterprise, "T1", Substance, tank, atMs + 30_000);
            truth?.Show(i >= GoesAt + GoesFor && delivery == Delivery.InTime);
        }
    }
}
