using System.Net;
using System.Net.Sockets;

namespace Streaming.Silo.Notices;

/// <summary>
/// Which addresses a gateway may be at: public ones, and what its entry allows. A name is resolved by others, so whoever has a say in it could lead a request of ours to the city's own machines; the address is therefore
/// looked at when the connection is made, and that very address is connected to.
/// </summary>
internal static class OutsideAddress
{
    /// <summary>What is not public, by the special-purpose address registries of IANA (RFC 6890), and what carries an IPv4 address inside, which would need a look of its own.</summary>
    private static readonly IPNetwork[] NotPublic = [.. new[]
    {
        "0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12", "192.0.0.0/24", "192.0.2.0/24", "192.88.99.0/24", "192.168.0.0/16", "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24",
        "224.0.0.0/4", "240.0.0.0/4",
        "2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20",
    }.Select(text => IPNetwork.Parse(text))];

    /// <summary>The part of IPv6 that is public at all.</summary>
    private static readonly IPNetwork Global = IPNetwork.Parse("2000::/3");

    public static bool MayBe(IPAddress address, IReadOnlyList<IPNetwork> allowed)
    {
        IPAddress plain = address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address;
        if (allowed.Any(network => network.Contains(plain)))
        {
            return true;
        }

        return (plain.AddressFamily == AddressFamily.InterNetwork || Global.Contains(plain)) && !NotPublic.Any(network => network.Contains(plain));
    }

    /// <summary>Connects to an address that is public or allowed: looked at, and that very one connected to.</summary>
    /// <param name="context">Where to.</param>
    /// <param name="networks">What is allowed though it is not public.</param>
    /// <param name="named">Where that is said, for whoever reads why it was refused.</param>
    /// <param name="cancellation">Gives up.</param>
    /// <exception cref="AddressRefusedException">It has no such address.</exception>
    public static async ValueTask<Stream> ConnectAsync(SocketsHttpConnectionContext context, IReadOnlyList<IPNetwork> networks, string named, CancellationToken cancellation)
    {
        IPAddress[] all = await Dns.GetHostAddressesAsync(context.DnsEndPoint.Host, cancellation).ConfigureAwait(false);
        IPAddress[] addresses = [.. all.Where(address => MayBe(address, networks))];
        if (addresses.Length == 0)
        {
            throw new AddressRefusedException(all.Length == 0 ? $"{context.DnsEndPoint.Host} has no address" : $"{context.DnsEndPoint.Host} is at an address that is not public, and {named} does not have it");
        }

        Socket socket = new(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            await socket.ConnectAsync(addresses, context.DnsEndPoint.Port, cancellation).ConfigureAwait(false);
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }
}

/// <summary>A name leads to no address that may be connected to.</summary>
internal sealed class AddressRefusedException(string message) : IOException(message);
