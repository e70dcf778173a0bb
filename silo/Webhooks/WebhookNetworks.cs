using System.Net;

namespace Streaming.Silo.Webhooks;

/// <summary>Reads which networks receivers may be in though they are not public.</summary>
internal static class WebhookNetworks
{
    /// <summary>Networks with commas between them, as <c>10.2.0.0/16,192.168.7.0/24</c>; what is wrong with them, or null.</summary>
    public static (IReadOnlyList<IPNetwork> Networks, string? Problem) Parse(string text)
    {
        string[] given = text.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
        if (given.Length > WebhookLimits.Networks)
        {
            return ([], $"{given.Length} networks; at most {WebhookLimits.Networks} expected.");
        }

        List<IPNetwork> networks = [];
        foreach (string each in given)
        {
            if (!IPNetwork.TryParse(each, out IPNetwork network) || network.PrefixLength == 0 || network.ToString() != each)
            {
                return ([], $"\"{each}\" is no network; one as 10.2.0.0/16 was expected, or several with commas between them.");
            }

            networks.Add(network);
        }

        return (networks, null);
    }
}
