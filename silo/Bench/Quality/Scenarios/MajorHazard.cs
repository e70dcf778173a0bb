using Streaming.Models.Limits;

namespace Streaming.Silo.Bench.Quality.Scenarios;

/// <summary>A site registered as a major hazard of the least grade whose chlorine grows into the next. Near misses end 1 to 20 % below it, or are registered as what they are.</summary>
internal sealed class MajorHazard : Scenario
{
    private const string Substance = "UN1017";
    private const int People = 60;
    private const int Registered = 4;

    public override string Kind => "major-hazard";

    protected override Truth PlayTruth(CityPlay city, Chance chance, int number)
    {
        long fromMs = CityPlay.Moment(chance);
        double boundKg = BoundKg(city.Rulebook.MajorHazards);
        double beginsKg = boundKg * chance.Between(0.6, 0.9);
        double endsKg = boundKg * chance.Between(1.04, 1.7);
        string enterprise = Site(city, Registered);
        Truth truth = city.Add(new Truth(Kind, StoredMass.ReachesMs(fromMs, beginsKg, endsKg, boundKg), StoredMass.EndsMs(fromMs), enterprise) { Needed = 4 });
        StoredMass.Fill(city, chance, enterprise, Substance, beginsKg, endsKg, fromMs, truth);
        return truth;
    }

    protected override void PlayNearMiss(CityPlay city, Chance chance, int number)
    {
        double boundKg = BoundKg(city.Rulebook.MajorHazards);
        string enterprise = Site(city, number % 2 == 0 ? Registered : Registered - 1);
        StoredMass.Fill(city, chance, enterprise, Substance, boundKg * 0.5, boundKg * (number % 2 == 0 ? chance.Between(0.8, 0.99) : chance.Between(1.1, 1.7)), CityPlay.Moment(chance), null);
    }

    private static string Site(CityPlay city, int registered)
    {
        string enterprise = city.NewName("9144120H");
        city.Register("enterprises", null, ("creditCode", enterprise), ("name", enterprise), ("peopleWithin500M", People), ("majorHazardLevel", registered));
        return enterprise;
    }

    /// <summary>The mass from which R = α·βq/Q is that of the grade above the registered one.</summary>
    private static double BoundKg(MajorHazardRules rules)
    {
        HazardSubstance chlorine = rules.Substances[Substance];
        return (double)(rules.LevelFrom(Registered - 1) * chlorine.ThresholdTonnes!.Value / (rules.Alpha(People) * chlorine.Beta)) * 1000;
    }
}
