namespace Streaming.Silo.Bench.Quality.Scenarios;

/// <summary>Waste that came in a year before a day of the play and is not all gone by then. Near misses got rid of all of it, or it comes of age later.</summary>
internal sealed class KeptWaste : Scenario
{
    private const string Substance = "UN3077";
    private const double MassKg = 8_000;

    public override string Kind => "waste-kept-too-long";

    protected override Truth PlayTruth(CityPlay city, Chance chance, int number)
    {
        string enterprise = city.NewName("9144120W");
        long dueMs = CityPlay.Moment(chance);
        long fromMs = dueMs - (city.Rulebook.Enterprises.Waste.Days * CityPlay.DayMs);
        Truth truth = city.Add(new Truth(Kind, dueMs, dueMs + CityPlay.DayMs, enterprise));
        truth.Show(city.Enter(chance, enterprise, "produce", Substance, MassKg, fromMs, isWaste: true) != Delivery.Lost);
        if (number % 2 == 0)
        {
            city.Enter(chance, enterprise, "dispose", Substance, MassKg * chance.Between(0.2, 0.9), dueMs - (long)(chance.Between(2, 200) * CityPlay.DayMs), isWaste: true);
        }

        return truth;
    }

    protected override void PlayNearMiss(CityPlay city, Chance chance, int number)
    {
        string enterprise = city.NewName("9144120W");
        long dueMs = CityPlay.Moment(chance) + (number % 2 * 20 * CityPlay.DayMs);
        city.Enter(chance, enterprise, "produce", Substance, MassKg, dueMs - (city.Rulebook.Enterprises.Waste.Days * CityPlay.DayMs), isWaste: true);
        if (number % 2 == 0)
        {
            city.Enter(chance, enterprise, "dispose", Substance, MassKg, dueMs - (long)(chance.Between(2, 200) * CityPlay.DayMs), isWaste: true);
        }
    }
}
