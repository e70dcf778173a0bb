using System.Net;
using System.Text.Json;
using System.Text.Json.Serialization;
using Streaming.Ingest;
using Streaming.Silo.Notices;

namespace Streaming.Silo.Sealing;

/// <summary>What the file of <c>--pictures</c> holds.</summary>
/// <param name="Hosts">The hosts that pictures are fetched from; from any other none is.</param>
internal sealed record PicturesDocument(IReadOnlyList<PictureHostOptions> Hosts);

/// <summary>One host of pictures.</summary>
/// <param name="Host">Its name, or address, as readings' addresses have it.</param>
/// <param name="TimeoutSeconds">From the first byte to the last, s.</param>
internal sealed record PictureHostOptions(string Host, int TimeoutSeconds = EvidenceLimits.TimeoutSeconds)
{
    /// <summary>Networks that it may be in though they are not public, as <c>10.2.0.0/16</c>. In one of these it may be asked without encryption.</summary>
    public IReadOnlyList<string>? AllowNetworks { get; init; }
}

/// <summary>A host of pictures as it is used.</summary>
internal sealed record PictureHost(string Host, IReadOnlyList<IPNetwork> Networks, TimeSpan Timeout);

/// <summary>The hosts that pictures are fetched from.</summary>
internal sealed class PictureHosts(IReadOnlyList<PictureHost> hosts)
{
    public static PictureHosts None { get; } = new([]);

    public IReadOnlyList<PictureHost> All => hosts;

    public PictureHost? Find(string host) => hosts.FirstOrDefault(each => string.Equals(each.Host, host, StringComparison.OrdinalIgnoreCase));

    /// <summary>What the file names; none where there is no file.</summary>
    /// <exception cref="InvalidDataException">The file is not valid; the message names every problem.</exception>
    public static PictureHosts Read(string? file)
    {
        if (file is null)
        {
            return None;
        }

        List<string> problems = [];
        PicturesDocument? document = JsonFile.Read(file, EvidenceLimits.HostsFileBytes, PicturesJson.Default.PicturesDocument, "a file that names the hosts of pictures was expected (deploy/pictures.json is one to begin with)", problems);
        List<PictureHost> hosts = [];
        string name = Path.GetFileName(file);
        Expect(document is null || document.Hosts.Count is >= 1 and <= EvidenceLimits.Hosts, $"{name}: {document?.Hosts.Count} hosts; 1 to {EvidenceLimits.Hosts} expected.", problems);
        foreach (PictureHostOptions options in document?.Hosts ?? [])
        {
            string where = $"{name}: {options.Host}";
            Expect(Uri.CheckHostName(options.Host) != UriHostNameType.Unknown, $"{where}: host is \"{options.Host}\"; the name or address of a host expected, without a port.", problems);
            Expect(options.TimeoutSeconds is >= 1 and <= NoticeLimits.MostTimeoutSeconds, $"{where}: timeoutSeconds is {options.TimeoutSeconds}; 1 to {NoticeLimits.MostTimeoutSeconds} expected.", problems);
            Expect(options.AllowNetworks is not { Count: > NoticeLimits.Networks }, $"{where}: {options.AllowNetworks?.Count} networks; at most {NoticeLimits.Networks} expected.", problems);
            Expect(hosts.All(each => !string.Equals(each.Host, options.Host, StringComparison.OrdinalIgnoreCase)), $"{where}: the host is there twice.", problems);
            List<IPNetwork> networks = [];
            foreach (string text in options.AllowNetworks ?? [])
            {
                bool isNetwork = IPNetwork.TryParse(text, out IPNetwork network);
                Expect(isNetwork && network.PrefixLength > 0 && network.ToString() == text, $"{where}: allowNetworks has \"{text}\"; a network as 10.2.0.0/16 expected.", problems);
                networks.Add(network);
            }

            hosts.Add(new PictureHost(options.Host, networks, TimeSpan.FromSeconds(Math.Clamp(options.TimeoutSeconds, 1, NoticeLimits.MostTimeoutSeconds))));
        }

        return problems.Count == 0 ? new PictureHosts(hosts) : throw new InvalidDataException($"The hosts of pictures are not valid:{string.Concat(problems.Select(problem => $"\n  {problem}"))}");
    }

    private static void Expect(bool holds, string problem, List<string> problems)
    {
        if (!holds)
        {
            problems.Add(problem);
        }
    }
}

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
    RespectNullableAnnotations = true,
    RespectRequiredConstructorParameters = true,
    ReadCommentHandling = JsonCommentHandling.Skip,
    AllowTrailingCommas = true)]
[JsonSerializable(typeof(PicturesDocument))]
internal sealed partial class PicturesJson : JsonSerializerContext;
