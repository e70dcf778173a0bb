namespace Streaming.Determinism;

/// <summary>Every script there is. An actor's scripts stand in a file of their own and are added here; a kind of actor without one fails the proof.</summary>
public static class ActorScripts
{
    public static IEnumerable<ActorScript> All =>
    [
        .. SubjectScripts.All,
        .. DispatchScripts.All,
        .. AccessScripts.All,
        .. NoticeScripts.All,
        .. SceneScripts.All,
        .. DeliveryScripts.All,
        .. ReportScripts.All,
    ];
}
