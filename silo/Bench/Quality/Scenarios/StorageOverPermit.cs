namespace Streaming.Silo.Bench.Quality.Scenarios;

/// <summary>A tank that is filled to 4 to 25 % more than the enterprise may store. Near misses stop at 90 to 99.3 % of it.</summary>
internal sealed class StorageOverPermit : Scenario
{
    private const string Substance = "UN1230";
    private const double PermittedKg = 60_000;

    public override string Kind => "storage-over-permit";

    protected override Truth PlayTruth(CityPlay city, Chance chance, int number)
    {
        string enterprise = city.NewName("9144120E");
        long fromMs = CityPlay.Moment(chance);
        double beginsKg = PermittedKg * chance.Between(0.5, 0.9);
        double endsKg = PermittedKg * chance.Between(1.04, 1.25);
        StoredMass.Permit(city, enterprise, Substance, PermittedKg);
        Truth truth = city.Add(new Truth(Kind, StoredMass.ReachesMs(fromMs, beginsKg, endsKg, PermittedKg), StoredMass.EndsMs(fromMs), enterprise) { Needed = 4 });
        StoredMass.Fill(city, chance, enterprise, Substance, beginsKg, endsKg, fromMs, truth);
        return truth;
    }

    protected override void PlayNearMiss(CityPlay city, Chance chance, int number)
    {
        string enterprise = city.NewName("9144120E");
        StoredMass.Permit(city, enterprise, Substance, PermittedKg);
        StoredMass.Fill(city, chance, enterprise, Substance, PermittedKg * 0.6, PermittedKg * chance.Between(0.9, 0.993), CityPlay.Moment(chance), null);
    }
}
