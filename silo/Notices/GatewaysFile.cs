using System.Net;
using System.Text;
using Streaming.Ingest;

namespace Streaming.Silo.Notices;

/// <summary>Reads the file that names the gateways, and says everything that is wrong with it at once. No problem cites a secret.</summary>
internal static class GatewaysFile
{
    /// <summary>What the file names; <see cref="Gateways.None"/> where there is none.</summary>
    /// <exception cref="InvalidDataException">The file is not valid; the message names every problem.</exception>
    public static Gateways Read(string? file, Func<string, string?> environment)
    {
        if (file is null)
        {
            return Gateways.None;
        }

        return Load(file, environment, out IReadOnlyList<string> problems) ?? throw new InvalidDataException($"The gateways are not valid:{string.Concat(problems.Select(problem => $"\n  {problem}"))}");
    }

    /// <summary>The gateways, or null with the problems: each names the place, what is there and what was expected.</summary>
    public static Gateways? Load(string path, Func<string, string?> environment, out IReadOnlyList<string> problems)
    {
        List<string> found = [];
        problems = found;
        GatewaysDocument? document = JsonFile.Read(path, NoticeLimits.FileBytes, GatewaysJson.Default.GatewaysDocument, "a file that names the gateways of notices was expected (deploy/gateways.json is one to begin with)", found);
        if (document is null)
        {
            return null;
        }

        string file = Path.GetFileName(path);
        Uri? publicUrl = Web(document.PublicUrl);
        Expect(publicUrl is { Query: "", Fragment: "" }, $"{file}: publicUrl is \"{document.PublicUrl}\"; an http or https address expected, where the outside reaches this silo.", found);
        Expect(document.Gateways.Count is >= 1 and <= NoticeLimits.Gateways, $"{file}: {document.Gateways.Count} gateways; 1 to {NoticeLimits.Gateways} expected.", found);
        foreach (IGrouping<string, GatewayOptions> same in document.Gateways.GroupBy(gateway => gateway.Name, StringComparer.Ordinal).Where(group => group.Count() > 1))
        {
            found.Add($"{file}: {same.Count()} gateways are named \"{same.Key}\"; each once expected.");
        }

        string folder = Path.GetDirectoryName(Path.GetFullPath(path))!;
        List<Gateway> gateways = [.. document.Gateways.Select(gateway => Make(gateway, $"{file}: {gateway.Name}", folder, environment, found)).OfType<Gateway>()];
        return found.Count == 0 ? new Gateways(publicUrl, gateways) : null;
    }

    private static Gateway? Make(GatewayOptions options, string where, string folder, Func<string, string?> environment, List<string> problems)
    {
        IReadOnlyList<string> allowed = options.AllowNetworks ?? [];
        bool isName = options.Name.Length is > 0 and <= NoticeLimits.NameChars && options.Name.All(character => char.IsAsciiLetterOrDigit(character) || character is '-' or '_' or '.');
        Expect(isName, $"{where}: name is \"{options.Name}\"; 1 to {NoticeLimits.NameChars} letters, digits, -, _ and . expected.", problems);
        Uri? url = Web(options.Url);
        Expect(url is { UserInfo: "" }, $"{where}: url is not an http or https address without a user in it.", problems);
        Expect(url?.Scheme != Uri.UriSchemeHttp || allowed.Count > 0, $"{where}: url is http, which others on the way can read; https expected, or allowNetworks with the city's own network that it is in.", problems);
        Expect(options.TimeoutSeconds is >= 1 and <= NoticeLimits.MostTimeoutSeconds, $"{where}: timeoutSeconds is {options.TimeoutSeconds}; 1 to {NoticeLimits.MostTimeoutSeconds} expected.", problems);
        Expect(allowed.Count <= NoticeLimits.Networks, $"{where}: {allowed.Count} networks; at most {NoticeLimits.Networks} expected.", problems);
        List<IPNetwork> networks = [];
        foreach (string text in allowed)
        {
            bool isNetwork = IPNetwork.TryParse(text, out IPNetwork network);
            Expect(isNetwork && network.PrefixLength > 0 && network.ToString() == text, $"{where}: allowNetworks has \"{text}\"; a network as 10.2.0.0/16 expected.", problems);
            networks.Add(network);
        }

        byte[]? secret = Secret(options, where, folder, environment, problems);
        return url is null || secret is null ? null : new Gateway(options.Name, url, secret, networks, TimeSpan.FromSeconds(Math.Clamp(options.TimeoutSeconds, 1, NoticeLimits.MostTimeoutSeconds)));
    }

    private static byte[]? Secret(GatewayOptions options, string where, string folder, Func<string, string?> environment, List<string> problems)
    {
        if (options.SecretFile is null == options.SecretVariable is null)
        {
            problems.Add($"{where}: of secretFile and secretVariable one is expected, that says where the secret of its signatures is.");
            return null;
        }

        string? text;
        string from = options.SecretVariable is null ? "secretFile" : "secretVariable";
        try
        {
            text = options.SecretVariable is { } variable ? environment(variable) : First(Path.GetFullPath(options.SecretFile!, folder));
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            problems.Add($"{where}: secretFile cannot be read: {failure.Message}");
            return null;
        }

        byte[] secret = Encoding.UTF8.GetBytes(text?.Trim() ?? "");
        if (secret.Length < NoticeLimits.SecretBytes)
        {
            problems.Add($"{where}: {from} holds {(secret.Length == 0 ? "nothing" : "a secret that can be guessed")}; at least {NoticeLimits.SecretBytes} characters expected.");
            return null;
        }

        return secret;
    }

    private static string First(string path)
    {
        if (new FileInfo(path) is { Exists: true, Length: > NoticeLimits.SecretFileBytes })
        {
            throw new IOException($"{path} has more than {NoticeLimits.SecretFileBytes} bytes.");
        }

        return File.ReadLines(path).FirstOrDefault() ?? "";
    }

    private static Uri? Web(string text) => Uri.TryCreate(text, UriKind.Absolute, out Uri? url) && (url.Scheme == Uri.UriSchemeHttps || url.Scheme == Uri.UriSchemeHttp) ? url : null;

    private static void Expect(bool holds, string problem, List<string> problems)
    {
        if (!holds)
        {
            problems.Add(problem);
        }
    }
}
