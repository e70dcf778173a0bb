using Streaming.Grains.Rules;
using Streaming.Models.Scenes;

namespace Streaming.Silo.Bench.Quality.Scenarios;

/// <summary>
/// A scene that a department drafted and that is in force: a street stall that one camera sees three times or more within two hours of the day. Near misses are seen twice, or at night, or three times over half a day, or with too little confidence.
/// </summary>
internal sealed class StayingStall : Scenario
{
    public const string Name = "scenes";

    /// <summary>What cameras call it.</summary>
    public const string Event = "street-stall";

    private const long Minute = 60_000;

    /// <summary>As it is once the centre has approved it.</summary>
    public static SceneRule Scene { get; } = new()
    {
        Id = "street-stall-thrice",
        Name = new LocalName("A street stall that stays", "占道经营滞留"),
        Department = "streets",
        Thresholds = new SceneThresholds { Events = [Event], MinimumPermille = 600, Times = 3, WithinMinutes = 120, SameCamera = true, FromHour = 6, ToHour = 23, Severity = 1, ClearAfterMinutes = 240 },
        Route = new SceneRoute { Lead = "streets", Workflow = "graduated" },
        Revision = 1,
        ApprovedBy = "centre",
        ApprovedMs = 1,
    };

    public override string Kind => Name;

    public override bool Matches(string warningKind) => warningKind.StartsWith(SceneRule.KindPrefix, StringComparison.Ordinal);

    protected override Truth PlayTruth(CityPlay city, Chance chance, int number)
    {
        int times = 3 + chance.Below(4);
        long fromMs = city.Local(chance.Below(CityPlay.Days - 1), chance.Between(6.5, 20));
        long everyMs = (long)(chance.Between(20, 100) * Minute / (times - 1));
        string place = city.NewName("corner-");
        Truth truth = city.Add(new Truth(Kind, fromMs, fromMs + (times * everyMs), place) { Needed = 3 });
        See(city, chance, place, fromMs, times, everyMs, 0.7, truth);
        return truth;
    }

    protected override void PlayNearMiss(CityPlay city, Chance chance, int number)
    {
        (double hour, int times, double minutes, double sure) = (number % 4) switch
        {
            0 => (chance.Between(6.5, 20), 2, 30.0, 0.7),
            1 => (chance.Between(23.2, 23.9), 5, 30.0, 0.7),
            2 => (chance.Between(6.5, 9), 3, chance.Between(90, 180), 0.7),
            _ => (chance.Between(6.5, 20), 6, 15.0, 0.45),
        };
        See(city, chance, city.NewName("corner-"), city.Local(chance.Below(CityPlay.Days - 1), hour), times, (long)(minutes * Minute), sure, null);
    }

    private static void See(CityPlay city, Chance chance, string place, long fromMs, int times, long everyMs, double sure, Truth? truth)
    {
        city.Add(new Truth(CameraEvents.Name, fromMs, fromMs + (times * everyMs), place) { IsApart = true });
        for (int i = 0; i < times; i++)
        {
            Delivery delivery = city.SeeEvent(chance, place, Event, sure + (0.05 * Math.Abs(chance.Normal())), fromMs + (i * everyMs));
            truth?.Show(delivery != Delivery.Lost);
        }
    }
}
