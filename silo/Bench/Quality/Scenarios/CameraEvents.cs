namespace Streaming.Silo.Bench.Quality.Scenarios;

/// <summary>
/// Something that happens before a camera, which sees it again and again and is more or less sure. Near misses are what a camera takes for an event once, or often with little confidence, or twice with too long between; a few it is sure of and wrong.
/// </summary>
internal sealed class CameraEvents : Scenario
{
    public const string Name = "camera-events";

    private const int SureAndWrongEvery = 12;
    private static readonly string[] Events = ["smoke", "fire", "leak", "intrusion", "illegal-parking", "street-stall", "construction", "crowding"];

    public override string Kind => Name;

    public override bool Matches(string warningKind) => Events.Contains(warningKind, StringComparer.Ordinal);

    protected override Truth PlayTruth(CityPlay city, Chance chance, int number)
    {
        string place = city.NewName("place-");
        string what = Events[number % Events.Length];
        long fromMs = CityPlay.Moment(chance);
        int sightings = 4 + chance.Below(12);
        double sure = chance.Between(0.62, 0.9);
        Truth truth = city.Add(new Truth(Kind, fromMs, fromMs + (sightings * 20_000), place) { Needed = 3 });
        if (what == StayingStall.Event)
        {
            city.Add(new Truth(StayingStall.Name, fromMs, truth.ToMs, place) { IsApart = true });
        }

        for (int i = 0; i < sightings; i++)
        {
            truth.Show(city.SeeEvent(chance, place, what, sure + (0.07 * chance.Normal()), fromMs + (i * 20_000)) != Delivery.Lost);
        }

        return truth;
    }

    protected override void PlayNearMiss(CityPlay city, Chance chance, int number)
    {
        string place = city.NewName("place-");
        string what = chance.Of(Events);
        long fromMs = CityPlay.Moment(chance);
        city.Add(new Truth(StayingStall.Name, fromMs, fromMs + 3_600_000, place) { IsApart = true });
        switch (number % SureAndWrongEvery, number % 3)
        {
            case (0, _):
                city.SeeEvent(chance, place, what, chance.Between(0.86, 0.95), fromMs);
                break;
            case (_, 0):
                city.SeeEvent(chance, place, what, chance.Between(0.5, 0.84), fromMs);
                break;
            case (_, 1):
                for (int i = 0; i < 8; i++)
                {
                    city.SeeEvent(chance, place, what, chance.Between(0.25, 0.49), fromMs + (i * 20_000));
                }

                break;
            default:
                for (int i = 0; i < 3; i++)
                {
                    city.SeeEvent(chance, place, what, chance.Between(0.5, 0.84), fromMs + (i * 900_000));
                }

                break;
        }
    }
}
