using System.Text;
using Streaming.Grains.Messages;
using Streaming.Grains.Rules;
using Streaming.Grains.Turns;
using Streaming.Models.Readings;
using Streaming.Models.Scenes;
using static Streaming.Determinism.Readings;

namespace Streaming.Determinism;

/// <summary>Scripts of scenes: how a place and an enterprise judge by them, and the life of one.</summary>
internal static class SceneScripts
{
    private const long Noon = 1_795_262_400_000;
    private const long Minute = 60_000;

    private static readonly SceneRule Stall = new()
    {
        Id = "stall-i",
        Name = new LocalName("A stall that stays, İ", "占道经营滞留"),
        Department = "streets",
        Thresholds = new SceneThresholds { Events = ["street-stall", "illegal-parking"], Times = 3, WithinMinutes = 120, SameCamera = true, FromHour = 20, ToHour = 6, ClearAfterMinutes = 30 },
        Route = new SceneRoute { Lead = "streets", Workflow = "graduated" },
        Revision = 1,
        ApprovedBy = "chief",
        ApprovedMs = Noon,
    };

    public static IEnumerable<ActorScript> All =>
    [
        new("place, scenes", ActorKind.Place, "plaza-ı", Place()),
        new("enterprise, scenes", ActorKind.Enterprise, "E-i", Enterprise()),
        new("scene", ActorKind.Scene, "stall-i", Life()),
    ];

    private static List<ScriptStep> Place() =>
    [
        See("1", 0) with { Rules = InForce(Stall, Stall with { Id = "any", Thresholds = Stall.Thresholds with { SameCamera = false, Times = 4, ClearAfterMinutes = 0, Days = SceneThresholds.DaysOff } }) },
        See("2", 20, camera: "C08"),
        See("3", 40),
        See("3", 40),
        See("4", 30),
        See("5", -10) with { NowMs = Noon + (41 * Minute) },
        new ScriptStep { Kind = MessageKind.Reminded, Body = "scenes"u8.ToArray(), NowMs = Noon + (70 * Minute) },
        See("6", 75),
        See("7", 80),
        See("8", 85),
        See("9", 86, VideoEvent.Smoke) with { Rules = InForce(Stall with { Revision = 2, Thresholds = Stall.Thresholds with { Times = 2 } }) },
        See("10", 87, VideoEvent.Smoke) with { Rules = InForce(Stall with { Revision = 3, Thresholds = Stall.Thresholds with { Times = 9 } }) },
        See("11", 90) with { Rules = InForce(Stall with { Revision = 4, Thresholds = Stall.Thresholds with { Times = 1 } }) },
        See("12", 91) with { Rules = InForce() },
    ];

    private static List<ScriptStep> Enterprise() =>
    [
        See("1", 0) with { Rules = InForce(Stall with { Subjects = ["enterprise", "place"] }) },
        See("2", 10),
        See("3", 20),
        new ScriptStep { Kind = MessageKind.Reminded, Body = "scenes"u8.ToArray(), NowMs = Noon + (50 * Minute) },
        See("4", 60),
    ];

    private static List<ScriptStep> Life()
    {
        DateTimeOffset at = DateTimeOffset.FromUnixTimeMilliseconds(Noon);
        SceneTest found = new(
            1, "李", at, 1, at, at, null, 1_000, 12, 3, 30, false, [new SceneCount("north", 3)], [new SceneCount("2026-11-21", 3)], 1, [new SceneCount("place:plaza-ı", 3)],
            [new SceneExample("plaza-ı", "place", "north", at, new Explanation("İ", "次"), [new CitedReading("S07", "1", at, null, null)])], null, 15);
        return
        [
            Tell(MessageKind.ActOnScene, Noon, new SceneAction(SceneActions.Propose, "i", null), GrainsJson.Default.SceneAction) with { Rules = InForce() },
            Tell(MessageKind.DraftScene, Noon, new SceneDrafted(Stall, "ı", null), GrainsJson.Default.SceneDrafted),
            Tell(MessageKind.ActOnScene, Noon, new SceneAction(SceneActions.Propose, "i", 1), GrainsJson.Default.SceneAction),
            Tell(MessageKind.TestScene, Noon + 1, new SceneTested(found), GrainsJson.Default.SceneTested),
            Tell(MessageKind.ActOnScene, Noon + 2, new SceneAction(SceneActions.Propose, "i", 2), GrainsJson.Default.SceneAction),
            Tell(MessageKind.ActOnScene, Noon + 3, new SceneAction(SceneActions.Return, "I", 3, "夜间太多，1,5"), GrainsJson.Default.SceneAction),
            Tell(MessageKind.DraftScene, Noon + 4, new SceneDrafted(Stall with { Districts = ["north"] }, "İ", 4), GrainsJson.Default.SceneDrafted),
            Tell(MessageKind.TestScene, Noon + 5, new SceneTested(found with { Revision = 2 }), GrainsJson.Default.SceneTested),
            Tell(MessageKind.ActOnScene, Noon + 6, new SceneAction(SceneActions.Propose, "i", 6), GrainsJson.Default.SceneAction),
            Tell(MessageKind.ActOnScene, Noon + 7, new SceneAction(SceneActions.Approve, "I", 7, Rulebook: 2), GrainsJson.Default.SceneAction) with { Rules = InForce(Stall with { Districts = ["north"], Revision = 2 }) },
            Tell(MessageKind.ActOnScene, Noon + 8, new SceneAction(SceneActions.Withdraw, "I", 8, "done"), GrainsJson.Default.SceneAction) with { Rules = InForce() },
            Tell(MessageKind.DraftScene, Noon + 9, new SceneDrafted(Stall, "i", 9), GrainsJson.Default.SceneDrafted),
        ];
    }

    private static Rulebook InForce(params SceneRule[] scenes) => ShippedCity.Rules.With(new RulebookDecisions { Scenes = scenes }).WithVersion(3);

    private static ScriptStep See(string id, int minute, VideoEvent seen = VideoEvent.StreetStall, string camera = "C07") => Sight(id, Noon + (minute * Minute), seen, 700) with { Source = Encoding.UTF8.GetBytes(camera) };
}
