using Streaming.Grains.Dispatch;
using Streaming.Grains.Subjects;
using Streaming.Grains.Turns;

namespace Streaming.Silo.Host;

/// <summary>An actor as the API speaks to it: a name and the host that knows how to ask. Cheap to make, and good for as long as the host runs.</summary>
internal sealed class ActorReference(IActorHost host, ActorKind kind, string key) : IVehicle, IEnterprise, IPlace, ISource, ICase, IDepartment
{
    public ValueTask<byte[]?> DescribeAsync(CancellationToken cancellation = default) => host.DescribeAsync(kind, key, cancellation);
}
