using System.Text;
using Streaming.Ingest.Formats;

namespace Streaming.Ingest.Brokers;

/// <summary>Reads the file that names the outside brokers, and says everything that is wrong with it at once. No problem cites a password.</summary>
internal static class BrokersFile
{
    /// <summary>The brokers, or null with the problems: each names the place, what is there and what was expected. Files that it names are taken relative to it.</summary>
    public static IReadOnlyList<BrokerOptions>? Load(string path, out IReadOnlyList<string> problems)
    {
        List<string> found = [];
        problems = found;
        BrokersDocument? document = JsonFile.Read(
            path, BrokerLimits.FileBytes, BrokersJson.Default.BrokersDocument, "a file that names the outside brokers was expected (deploy/brokers.json is one to begin with)", found);
        if (document is null)
        {
            return null;
        }

        string folder = Path.GetDirectoryName(Path.GetFullPath(path))!;
        BrokerOptions[] brokers = [.. document.Brokers.Select(broker => Rooted(broker, folder))];
        string file = Path.GetFileName(path);
        Expect(brokers.Length is >= 1 and <= BrokerLimits.Brokers, $"{file}: {brokers.Length} brokers; 1 to {BrokerLimits.Brokers} expected.", found);
        foreach (IGrouping<string, BrokerOptions> same in brokers.GroupBy(broker => broker.Name, StringComparer.Ordinal).Where(group => group.Count() > 1))
        {
            found.Add($"{file}: {same.Count()} brokers are named \"{same.Key}\"; each once expected.");
        }

        foreach (IGrouping<string, BrokerOptions> same in brokers.GroupBy(broker => $"{broker.ClientId} at {broker.Host}:{broker.PortInForce}", StringComparer.Ordinal).Where(group => group.Count() > 1))
        {
            found.Add($"{file}: {same.Count()} brokers are client {same.Key}; a broker lets in one client of an id and throws out the other.");
        }

        foreach (BrokerOptions broker in brokers)
        {
            Check(broker, $"{file}: {broker.Name}", found);
        }

        return found.Count == 0 ? brokers : null;
    }

    private static BrokerOptions Rooted(BrokerOptions broker, string folder) => broker with
    {
        PasswordFile = Rooted(broker.PasswordFile, folder),
        Tls = broker.Tls is null ? null : broker.Tls with { CaFile = Rooted(broker.Tls.CaFile, folder), CertificateFile = Rooted(broker.Tls.CertificateFile, folder), KeyFile = Rooted(broker.Tls.KeyFile, folder) },
    };

    private static string? Rooted(string? path, string folder) => path is null ? null : Path.GetFullPath(path, folder);

    private static void Check(BrokerOptions broker, string where, List<string> problems)
    {
        bool isName = broker.Name.Length is > 0 and <= BrokerLimits.NameCharacters && broker.Name.All(character => char.IsAsciiLetterOrDigit(character) || character is '-' or '_' or '.');
        Expect(isName, $"{where}: name is \"{broker.Name}\"; 1 to {BrokerLimits.NameCharacters} letters, digits, -, _ and . expected.", problems);
        Expect(broker.Host.Length > 0 && !broker.Host.Contains('/', StringComparison.Ordinal), $"{where}: host is \"{broker.Host}\"; a host name or address expected, without a scheme.", problems);
        Expect(broker.Port is null or (>= 1 and <= 65_535), $"{where}: port is {broker.Port}; 1 to 65535 expected.", problems);
        Expect(broker.Version is "5.0" or "3.1.1", $"{where}: version is \"{broker.Version}\"; 5.0 or 3.1.1 expected.", problems);
        int idBytes = Encoding.UTF8.GetByteCount(broker.ClientId);
        Expect(idBytes is > 0 and <= Mqtt.MqttLimits.ClientIdBytes, $"{where}: clientId is \"{broker.ClientId}\"; 1 to {Mqtt.MqttLimits.ClientIdBytes} bytes expected: the broker keeps what comes under it.", problems);
        Expect(broker.SessionExpirySeconds > 0, $"{where}: sessionExpirySeconds is 0, and nothing would be kept while the silo is away; 1 or more expected.", problems);
        Expect(broker.ReceiveMaximum is >= 1 and <= BrokerLimits.MostReceiveMaximum, $"{where}: receiveMaximum is {broker.ReceiveMaximum}; 1 to {BrokerLimits.MostReceiveMaximum} expected.", problems);
        bool isGroup = broker.ShareGroup is null || (broker.ShareGroup.Length > 0 && broker.ShareGroup.IndexOfAny(['/', '+', '#']) < 0);
        Expect(isGroup, $"{where}: shareGroup is \"{broker.ShareGroup}\"; a text without /, + and # expected.", problems);
        CheckIdentity(broker, where, problems);
        Expect(broker.Subscriptions.Count is >= 1 and <= BrokerLimits.Subscriptions, $"{where}: {broker.Subscriptions.Count} subscriptions; 1 to {BrokerLimits.Subscriptions} expected.", problems);
        for (int i = 0; i < broker.Subscriptions.Count; i++)
        {
            CheckSubscription(broker.Subscriptions[i], $"{where}: subscriptions[{i}]", problems);
        }
    }

    private static void CheckIdentity(BrokerOptions broker, string where, List<string> problems)
    {
        Expect(broker.Password is null || broker.PasswordFile is null, $"{where}: password and passwordFile are both there; one of them expected.", problems);
        Expect(broker.User is not null || (broker.Password is null && broker.PasswordFile is null), $"{where}: there is a password and no user; both expected.", problems);
        ExpectFile(broker.PasswordFile, "passwordFile", where, problems);
        if (broker.Tls is { } tls)
        {
            ExpectFile(tls.CaFile, "tls.caFile", where, problems);
            ExpectFile(tls.CertificateFile, "tls.certificateFile", where, problems);
            ExpectFile(tls.KeyFile, "tls.keyFile", where, problems);
            Expect((tls.CertificateFile is null) == (tls.KeyFile is null), $"{where}: of tls.certificateFile and tls.keyFile only one is there; both or neither expected.", problems);
        }
    }

    private static void CheckSubscription(BrokerSubscription subscription, string where, List<string> problems)
    {
        Expect(subscription.Format == "native", $"{where}: format is \"{subscription.Format}\"; native expected.", problems);
        if (TopicTemplate.Parse(subscription.From, out string wrong) is not { } from)
        {
            problems.Add($"{where}: from is \"{subscription.From}\": {wrong}.");
            return;
        }

        if (subscription.Source is { } source && from.ProblemOf(source) is { } sourceProblem)
        {
            problems.Add($"{where}: source is \"{source}\": {sourceProblem}.");
        }

        if (subscription.To is null)
        {
            Expect(subscription.From.StartsWith("v1/", StringComparison.Ordinal), $"{where}: from is \"{subscription.From}\" and there is no \"to\"; only topics under v1/ map to themselves.", problems);
        }
        else if (from.ProblemOf(subscription.To) is { } toProblem)
        {
            problems.Add($"{where}: to is \"{subscription.To}\": {toProblem}.");
        }
        else if (!TopicRoute.TryParse(Encoding.UTF8.GetBytes(from.Fill(subscription.To, [.. from.Names.Select(_ => "x")])), out _, out string expected))
        {
            problems.Add($"{where}: to is \"{subscription.To}\": {expected}.");
        }
    }

    private static void ExpectFile(string? path, string field, string where, List<string> problems) =>
        Expect(path is null || File.Exists(path), $"{where}: {field} is {path}, and there is no such file.", problems);

    private static void Expect(bool holds, string problem, List<string> problems)
    {
        if (!holds)
        {
            problems.Add(problem);
        }
    }
}
