namespace Streaming.Silo.Bench.Quality.Scenarios;

/// <summary>An enterprise with permits that stores what none of them is for, or one that begins only later. Near misses have one that is valid, among others.</summary>
internal sealed class UnpermittedSubstance : Scenario
{
    public const string Name = "no-substance-permit";

    private const string Permitted = "UN1203";
    private const string Stored = "UN1230";

    public override string Kind => Name;

    protected override Truth PlayTruth(CityPlay city, Chance chance, int number)
    {
        string enterprise = city.NewName("9144120F");
        long fromMs = CityPlay.Moment(chance);
        StoredMass.Permit(city, enterprise, Permitted, null);
        if (number % 2 == 0)
        {
            StoredMass.Permit(city, enterprise, Stored, null, from: "2027-01-01");
        }

        Truth truth = city.Add(new Truth(Kind, fromMs, StoredMass.EndsMs(fromMs), enterprise) { Needed = 2 });
        StoredMass.Fill(city, chance, enterprise, Stored, 10_000, 20_000, fromMs, truth);
        return truth;
    }

    protected override void PlayNearMiss(CityPlay city, Chance chance, int number)
    {
        string enterprise = city.NewName("9144120F");
        StoredMass.Permit(city, enterprise, Permitted, null);
        StoredMass.Permit(city, enterprise, Stored, number % 2 == 0 ? 30_000 : null);
        StoredMass.Fill(city, chance, enterprise, Stored, 10_000, 20_000, CityPlay.Moment(chance), null);
    }
}
