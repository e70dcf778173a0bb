using Orleans;
using Orleans.Runtime;
using Streaming.Grains.Access;
using Streaming.Grains.Dispatch;
using Streaming.Grains.Messaging;
using Streaming.Grains.Notices;
using Streaming.Grains.Orleans;
using Streaming.Grains.Registers;
using Streaming.Grains.Reports;
using Streaming.Grains.Scenes;
using Streaming.Grains.Subjects;
using Streaming.Grains.Turns;

namespace Streaming.Silo.Orleans;

/// <summary>Which grain hosts which kind of actor.</summary>
internal static class ActorGrains
{
    private static readonly Dictionary<string, ActorKind> Kinds = Enum.GetValues<ActorKind>().ToDictionary(ActorId.Prefix, StringComparer.Ordinal);

    public static IActorGrain Find(IGrainFactory grains, ActorKind kind, string key) => kind switch
    {
        ActorKind.Vehicle => grains.GetGrain<IVehicleGrain>(key),
        ActorKind.Enterprise => grains.GetGrain<IEnterpriseGrain>(key),
        ActorKind.Place => grains.GetGrain<IPlaceGrain>(key),
        ActorKind.Source => grains.GetGrain<ISourceGrain>(key),
        ActorKind.Dispatcher => grains.GetGrain<IDispatcherGrain>(key),
        ActorKind.Case => grains.GetGrain<ICaseGrain>(key),
        ActorKind.Department => grains.GetGrain<IDepartmentGrain>(key),
        ActorKind.Session => grains.GetGrain<ISessionGrain>(key),
        ActorKind.Token => grains.GetGrain<ITokenGrain>(key),
        ActorKind.Topics => grains.GetGrain<ITopicsGrain>(key),
        ActorKind.Entry => grains.GetGrain<IEntryGrain>(key),
        ActorKind.Audit => grains.GetGrain<IAuditGrain>(key),
        ActorKind.Notice => grains.GetGrain<INoticeGrain>(key),
        ActorKind.Scene => grains.GetGrain<ISceneGrain>(key),
        ActorKind.Webhook => grains.GetGrain<Streaming.Grains.Webhooks.IWebhookGrain>(key),
        ActorKind.Report => grains.GetGrain<IReportGrain>(key),
        _ => throw new InvalidDataException($"No grain for actor kind {(byte)kind}."),
    };

    public static ActorKind KindOf(GrainType type) => Kinds[type.ToString()!];
}
