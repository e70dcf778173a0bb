using System.Globalization;
using Streaming.Grains.Messages;
using Streaming.Grains.Turns;
using Streaming.Silo.Bench.Quality;

namespace Streaming.Silo.Bench.Reports;

/// <summary>Something that was reported, or warned of, and which event it is of.</summary>
/// <param name="FiledMs">When it came in, ms since 1970.</param>
/// <param name="Event">Number of the event.</param>
/// <param name="Report">The report; null for a camera's warning.</param>
/// <param name="Warning">The warning; null for a report.</param>
internal sealed record MadeItem(long FiledMs, int Event, ReportFacts? Report, Warning? Warning)
{
    public string Id => Report?.Id ?? Warning!.Id;

    public string Text => Report?.Text ?? Warning!.Kind;
}

/// <summary>
/// Events of a made district and what people say of them. Beside most events there is one that is easily taken for it: one of its kind near by, the same said of another place, the same place on another day, something else at the same place.
/// </summary>
internal sealed class ReportPlay
{
    public const string District = "central";
    private const long StartMs = 1_795_262_400_000;
    private const long Minute = 60_000;
    private const double MetresPerDegree = 111_195;
    private const double East = 0.92; // Cosine of the latitude.
    private const double HouseM = 8; // From one house number to the next.
    private static readonly string[] Cameras = ["fire", "smoke", "street-stall", "illegal-parking"];

    private static readonly (string Zh, string En)[] Roads =
    [
        ("人民路", "Renmin Road"), ("解放北路", "Jiefang North Road"), ("中山路", "Zhongshan Road"), ("建设大道", "Jianshe Avenue"), ("海滨路", "Haibin Road"), ("新华街", "Xinhua Street"), ("东风路", "Dongfeng Road"), ("港口大道", "Gangkou Avenue"),
        ("长江路", "Changjiang Road"), ("学府街", "Xuefu Street"), ("体育东路", "Tiyu East Road"), ("文明路", "Wenming Road"), ("和平街", "Heping Street"), ("光明路", "Guangming Road"), ("花城大道", "Huacheng Avenue"), ("工业路", "Gongye Road"),
    ];

    private readonly Wording wording;
    private readonly Chance chance;
    private readonly List<MadeItem> items = [];
    private int events;
    private int numbered;

    private sealed record MadeEvent(int Number, int Kind, int Detail, int Road, int House, double North, double EastM, int Landmark, long FromMs, int LastsMin);

    private ReportPlay(int seed, Wording wording)
    {
        this.wording = wording;
        chance = new Chance(seed, $"reports {wording.Name}");
    }

    /// <summary>Everything, in the order in which it comes in.</summary>
    public static IReadOnlyList<MadeItem> Make(int seed, int truths, Wording wording)
    {
        ReportPlay play = new(seed, wording);
        for (int i = 0; i < truths; i++)
        {
            play.Play();
        }

        return [.. play.items.OrderBy(item => item.FiledMs).ThenBy(item => item.Id, StringComparer.Ordinal)];
    }

    private void Play()
    {
        int kind = chance.Below(wording.Kinds.Length);
        int road = chance.Below(Roads.Length);
        int house = 2 + chance.Below(180);
        int details = wording.Kinds[kind].Details.Length;
        MadeEvent one = At(kind, details == 0 ? -1 : chance.Below(details), road, house, StartMs + ((long)chance.Below(5 * 24 * 60) * Minute));
        Tell(one);
        switch (chance.Below(6))
        {
            case 0:
                // One of its kind near by: something else of the kind, or farther down the road the very same.
                bool other = details > 1 && chance.Happens(0.8);
                int along = (other ? 8 : 16) + chance.Below(other ? 14 : 10);
                Tell(At(kind, details == 0 ? -1 : other ? (one.Detail + 1 + chance.Below(details - 1)) % details : one.Detail, road, house + along, one.FromMs + ((chance.Below(80) - 40) * Minute)));
                break;
            case 1:
                // The same said of another place.
                Tell(At(kind, one.Detail, (road + 1 + chance.Below(Roads.Length - 1)) % Roads.Length, 2 + chance.Below(180), one.FromMs + (chance.Below(30) * Minute)));
                break;
            case 2:
                // The same place on another day.
                Tell(one with { Number = ++events, FromMs = one.FromMs + ((20 * 60) + chance.Below(600)) * Minute });
                break;
            case 3:
                // Something else at the same place. Fire and smoke there are one event, and so are not played.
                int another = (kind + 2 + chance.Below(wording.Kinds.Length - 3)) % wording.Kinds.Length;
                if (!(kind < 2 && another < 2))
                {
                    int its = wording.Kinds[another].Details.Length;
                    Tell(At(another, its == 0 ? -1 : chance.Below(its), road, house, one.FromMs + (chance.Below(40) * Minute)));
                }

                break;
            default:
                break;
        }
    }

    private MadeEvent At(int kind, int detail, int road, int house, long fromMs)
    {
        // Roads lie side by side, 1.5 km apart, so that an address is one place.
        double north = road * 1500;
        int lasts = wording.Kinds[kind].Kind is "fire" or "smoke" ? 50 : 110;
        return new MadeEvent(++events, kind, detail, road, house, north, house * HouseM, chance.Below(wording.Landmarks.Length), fromMs, lasts);
    }

    private void Tell(MadeEvent of)
    {
        int reports = 1 + chance.Weighted([4, 4, 3, 2, 1, 1]);
        for (int i = 0; i < reports; i++)
        {
            Tell(of, chance.Happens(0.5));
        }

        string kind = wording.Kinds[of.Kind].Kind;
        if (Cameras.Contains(kind) && chance.Happens(0.15))
        {
            Warn(of, kind);
        }
    }

    private void Tell(MadeEvent of, bool chinese)
    {
        KindWording kind = wording.Kinds[of.Kind];
        bool located = chance.Happens(0.85);
        bool byHouse = !located || chance.Happens(0.6);
        int house = of.House + (chance.Happens(0.25) ? chance.Below(5) - 2 : 0);
        (string roadZh, string roadEn) = Roads[of.Road];
        (string landmarkZh, string landmarkEn) = wording.Landmarks[of.Landmark];
        string at = byHouse ? chance.Of(chinese ? wording.AtChinese : wording.AtEnglish) : chance.Of(chinese ? wording.ByChinese : wording.ByEnglish);
        at = at.Replace("{r}", chinese ? roadZh : roadEn, StringComparison.Ordinal).Replace("{n}", house.ToString(CultureInfo.InvariantCulture), StringComparison.Ordinal).Replace("{l}", chinese ? landmarkZh : landmarkEn, StringComparison.Ordinal);
        bool says = of.Detail >= 0 && chance.Happens(0.75);
        string detail = says ? (chinese ? kind.Details[of.Detail].Zh : kind.Details[of.Detail].En) : chinese ? kind.AnyChinese : kind.AnyEnglish;
        string text = chance.Of(chinese ? kind.Chinese : kind.English).Replace("{at}", at, StringComparison.Ordinal).Replace("{d}", detail, StringComparison.Ordinal);
        long atMs = of.FromMs + (chance.Below(of.LastsMin) * Minute);
        long filedMs = atMs + ((chance.Happens(0.05) ? 60 + chance.Below(90) : chance.Below(15)) * Minute);
        (double latitude, double longitude) = Position(of, 20);
        string id = string.Create(CultureInfo.InvariantCulture, $"r-{++numbered:000000}");
        items.Add(new MadeItem(
            filedMs,
            of.Number,
            new ReportFacts(id, chance.Of(["hotline", "grid", "app"]), District, Models.Reports.ReportText.Of(text).Kind, text, located ? new ReportPlace(null, null, latitude, longitude) : new ReportPlace(null, at), DateTimeOffset.FromUnixTimeMilliseconds(atMs), []),
            null));
    }

    private void Warn(MadeEvent of, string kind)
    {
        long atMs = of.FromMs + (chance.Below(of.LastsMin) * Minute);
        (double latitude, double longitude) = Position(of, 30);
        string place = string.Create(CultureInfo.InvariantCulture, $"camera:C{++numbered:0000}");
        DateTimeOffset at = DateTimeOffset.FromUnixTimeMilliseconds(atMs);
        items.Add(new MadeItem(
            atMs,
            of.Number,
            null,
            new Warning(
                $"{place}/{kind}/1", place, "place", kind, 2, 0.9, "video-events/1", 1, District, at, at, 1, true, true, new Explanation(kind, kind),
                new Evidence([], new SortedDictionary<string, double>(StringComparer.Ordinal) { ["latitudeDeg"] = latitude, ["longitudeDeg"] = longitude }, null, null))));
    }

    /// <summary>Where somebody says it is: so many metres off, as the deviation to either side.</summary>
    private (double Latitude, double Longitude) Position(MadeEvent of, double offM) =>
        (23.1 + ((of.North + (chance.Normal() * offM)) / MetresPerDegree), 113.2 + ((of.EastM + (chance.Normal() * offM)) / (MetresPerDegree * East)));
}
